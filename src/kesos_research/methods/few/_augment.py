"""Ridge correction of synthetic controls.

Notation of Ben-Michael, Feller & Rothstein (2021): X: (J, T₀) outcomes of the donors before, centred; γ weights of the
synthetic control; left = x_i − X'γ what it misses. The corrected weights are γ + X(X'X + λI)⁻¹left, so that the effect
becomes that of the synthetic control minus left'η, with η the ridge coefficients of the outcome after on those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._placebo import Fit, Synthetics
from kesos_research.methods._simplex import minimise

Array = NDArray[np.float64]
Sets = NDArray[np.intp]

_GRID = 21
_RANGE = 1e-8
"""Values of λ looked at, from the largest squared singular value down to this share of it."""
_CHUNK = 500


@dataclass(frozen=True)
class Augmented:
    """Synthetic controls and the ridge λ that corrects each of them."""

    base: Synthetics
    ridge: float

    def weights(self, i: int) -> tuple[NDArray[np.intp], Array, Array]:
        """Donors of unit i, their corrected weights, and those on the simplex."""
        pool = self._pool(i)
        simplex = np.zeros(len(self.base.Y))
        fit = self.base.fit(i)
        simplex[list(fit.donors)] = fit.weights
        X = self._before(pool)
        X = X - X.mean(axis=0)
        more = X @ np.linalg.solve(X.T @ X + self.ridge * np.eye(X.shape[1]), self._left(i, fit))
        return pool, simplex[pool] + more, simplex[pool]

    def gaps(self, i: int) -> Array:
        """Observed minus corrected synthetic in every period: (T,)."""
        pool, w, _simplex = self.weights(i)
        return self.base.Y[i] - w @ self.base.Y[pool]

    def effect(self, i: int) -> float:
        return float(self.gaps(i)[~self.base.before].mean())

    def pooled_sets(self, sets: Sets) -> Array:
        """Mean effects of sets whose members do not donate to each other: (B, k) to (B,)."""
        T = np.zeros(len(sets))
        for first in range(0, len(sets), _CHUNK):
            part = sets[first : first + _CHUNK]
            eta = self._coefficients(part)
            for b, members in enumerate(part.tolist()):
                fits = self.base.apart(tuple(members))
                total = sum(f.effect - self._left(i, f) @ eta[b] for i, f in zip(members, fits, strict=True))
                T[first + b] = total / len(members)
        return T

    def _coefficients(self, sets: Sets) -> Array:
        """η of each set's donors, from sums over all comparison units less those over the set: (B, T₀)."""
        free = ~self.base.treated
        Z, a = self._before(slice(None)), self.base.Y[:, ~self.base.before].mean(axis=1)
        Z, a = Z - Z[free].mean(axis=0), a - a[free].mean()
        inside = free[sets][..., None] * Z[sets]
        out = free[sets] * a[sets]
        m = free.sum() - free[sets].sum(axis=1)
        z_bar, a_bar = -inside.sum(axis=1) / m[:, None], -out.sum(axis=1) / m
        G = Z[free].T @ Z[free] - np.einsum("bki,bkj->bij", inside, inside)
        G -= m[:, None, None] * np.einsum("bi,bj->bij", z_bar, z_bar)
        r = Z[free].T @ a[free] - np.einsum("bki,bk->bi", inside, out) - (m * a_bar)[:, None] * z_bar
        return np.linalg.solve(G + self.ridge * np.eye(G.shape[1]), r[..., None])[..., 0]

    def _left(self, i: int, fit: Fit) -> Array:
        Y = self.base.Y[:, self.base.before]
        return Y[i] - fit.weights @ Y[list(fit.donors)]

    def _before(self, rows: NDArray[np.intp] | slice) -> Array:
        return self.base.Y[rows][:, self.base.before]

    def _pool(self, i: int) -> NDArray[np.intp]:
        free = ~self.base.treated
        free[i] = False
        return np.flatnonzero(free)


def cross_validate(base: Synthetics, units: Sets) -> tuple[Array, Array, Array]:
    """λ: (L,), and mean and standard error over periods of the squared miss of a period that was left out: (L,)."""
    free = np.flatnonzero(~base.treated)
    Y = base.Y[:, base.before]
    X = Y[free] - Y[free].mean(axis=0)
    largest = float(np.linalg.svd(X, compute_uv=False)[0] ** 2)
    grid = largest * np.geomspace(1.0, _RANGE, _GRID)
    T = Y.shape[1]
    misses = np.array([[_miss(Y, free, int(i), t, penalty=base.penalty, grid=grid) for t in range(T)] for i in units])
    by_period = (misses**2).mean(axis=0)
    return grid, by_period.mean(axis=0), by_period.std(axis=0, ddof=1) / np.sqrt(T)


def _miss(Y: Array, free: Sets, i: int, t: int, *, penalty: float, grid: Array) -> Array:
    """What is missed in period t when it was left out, at each λ: (L,)."""
    kept = np.delete(np.arange(Y.shape[1]), t)
    X, x = Y[free][:, kept], Y[i, kept]
    points = (X - x) / np.sqrt(len(kept))
    w = minimise(points, penalty * np.einsum("ij,ij->i", points, points)).w
    left = x - w @ X
    U, s, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    more = (s / (s**2 + grid[:, None]) * (Vt @ left)) @ U.T
    return Y[i, t] - (w + more) @ Y[free, t]
