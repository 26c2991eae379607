"""Values that hang together as declared: a Gaussian copula with given rank correlations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from kesos_research.data.spread import Spread
from kesos_research.estimates import Check

_TERMS = 80
_POINTS = 8001
_REACH = 8.0
_MOST = 0.9995


class Copula:
    """Shares of several columns, each even between 0 and 1, correlated as declared.

    Parameters
    ----------
    pairs
        Spearman's correlations as ``(column, column, value)``; of all other pairs it is zero.
    spreads
        The law of each column named: where values are tied (choices, counts) the correlation of the normals is chosen
        so that the tied ranks have the declared one.

    Attributes
    ----------
    names
        Columns it speaks of.
    notices
        What could not be had as declared.

    References
    ----------
    Nelsen (2006), An Introduction to Copulas, 5.1.2: rho = 6/pi arcsin(r/2) of continuous margins. With ties: Mehler's
    expansion of the bivariate normal in Hermite polynomials. Higham (2002), Computing the nearest correlation matrix,
    IMA Journal of Numerical Analysis 22: 329-343.
    """

    def __init__(self, pairs: Sequence[tuple[str, str, float]], spreads: Mapping[str, Spread]) -> None:
        self.names = tuple(dict.fromkeys(name for a, b, _value in pairs for name in (a, b)))
        self.notices: tuple[Check, ...] = ()
        at = {name: i for i, name in enumerate(self.names)}
        wanted = np.eye(len(self.names))
        for a, b, rho in pairs:
            wanted[at[a], at[b]] = wanted[at[b], at[a]] = self._normal(a, b, rho, spreads)
        matrix = nearest(wanted)
        change = float(np.abs(matrix - wanted).max()) if pairs else 0.0
        if change > 1e-6:
            self.notices += (
                Check(
                    "synthesize.correlations",
                    "warn",
                    "These correlations cannot all hold; the nearest that can are used (largest change {change}).",
                    {"change": change},
                ),
            )
        values, vectors = np.linalg.eigh(matrix) if pairs else (np.ones(0), np.eye(0))
        self._root = vectors * np.sqrt(np.maximum(values, 0))

    def draw(self, n: int, random: np.random.Generator) -> dict[str, np.ndarray]:
        """Shares of `n` rows for each column."""
        from scipy.special import ndtr

        shares = ndtr(random.normal(size=(n, len(self.names))) @ self._root.T)
        return {name: shares[:, i] for i, name in enumerate(self.names)}

    def _normal(self, a: str, b: str, rho: float, spreads: Mapping[str, Spread]) -> float:
        """The correlation of the normals behind two columns."""
        if not (_tied(spreads[a]) or _tied(spreads[b])):
            return 2 * math.sin(math.pi * rho / 6)
        terms = hermite(spreads[a]) * hermite(spreads[b])
        powers = np.arange(1, len(terms) + 1)

        def reached(r: float) -> float:
            return float(terms @ r**powers)

        low, high = -_MOST, _MOST
        end = high if rho > 0 else low
        if abs(reached(end)) < abs(rho):
            self.notices += (
                Check(
                    "synthesize.correlation",
                    "warn",
                    "{a} and {b} have so many equal values that their rank correlation is at most {most}, not {rho}.",
                    {"a": a, "b": b, "most": reached(end), "rho": rho},
                ),
            )
            return end
        for _step in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if reached(middle) < rho else (low, middle)
        return (low + high) / 2


def _tied(spread: Spread) -> bool:
    return spread.codes is not None or spread.whole


def hermite(spread: Spread) -> np.ndarray:
    """Hermite coefficients of a column's standardised mid-ranks, a function of the normal behind it; shape (terms,)."""
    from scipy.special import ndtr

    z = np.linspace(-_REACH, _REACH, _POINTS)
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    values = spread.values(ndtr(z))
    # values rise with z, so equal ones stand together
    group = np.concatenate([[0], np.cumsum(values[1:] != values[:-1])]).astype(np.int64)
    share = np.bincount(group, weight)
    rank = (np.bincount(group, weight * ndtr(z)) / np.maximum(share, 1e-300))[group]
    rank = rank - weight @ rank
    sd = math.sqrt(weight @ rank**2)
    if sd < 1e-9:
        return np.zeros(_TERMS)
    rank /= sd
    before, now, found = np.ones_like(z), z.copy(), np.empty(_TERMS)
    for k in range(1, _TERMS + 1):
        found[k - 1] = weight @ (rank * now)
        before, now = now, (z * now - math.sqrt(k) * before) / math.sqrt(k + 1)
    return found


def nearest(matrix: np.ndarray) -> np.ndarray:
    """The correlation matrix nearest to a symmetric matrix with ones on its diagonal (Higham's projections)."""
    if not len(matrix) or np.linalg.eigvalsh(matrix).min() >= 0:
        return matrix
    y, correction = matrix.copy(), np.zeros_like(matrix)
    for _step in range(200):
        r = y - correction
        values, vectors = np.linalg.eigh(r)
        x = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = x - r
        y = x.copy()
        np.fill_diagonal(y, 1.0)
        if np.abs(y - x).max() < 1e-10:
            break
    values, vectors = np.linalg.eigh(y)
    x = (vectors * np.maximum(values, 0)) @ vectors.T
    scale = np.sqrt(np.diag(x))
    return x / np.outer(scale, scale)
