"""Covariance of estimates from their influence, and bands that hold all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special, stats

from kesos_research.methods.staggered._panel import Array, Codes, Rows

_CHUNK = 100_000
"""How many random numbers are held at once: as many as fit a processor's own memory."""
SPREADS = 1_000
"""Draws of each cohort's variances; those of several cohorts meet at random."""
_TABLE = np.sinh(np.linspace(0.0, 12.0, 1000))
"""Ratios between which the normal's scale is interpolated."""


def clustered(psi: Array, cluster: Codes) -> Array:
    """Influence of each cluster on the estimates: (G, K); their sum of squares is the variance."""
    z = np.zeros((int(cluster.max()) + 1, psi.shape[1]))
    np.add.at(z, cluster, psi / len(psi))
    return z


def cohorts(rows: Rows) -> Array:
    """When each cluster starts: (G,), that of the first of its units."""
    at = np.full(rows.n_clusters, np.inf)
    np.minimum.at(at, rows.cluster, rows.g)
    return at


def welch(z: Array, cohort: Array) -> Array:
    """Welch and Satterthwaite's degrees of freedom: each cohort's part of the variance has its clusters less one.

    z: (G, K) influence of clusters; cohort: (G,) when each starts. A cohort of one cluster counts as of two.
    """
    _labels, home, size = np.unique(cohort, return_inverse=True, return_counts=True)
    parts = np.zeros((len(size), z.shape[1]))
    np.add.at(parts, home, z**2)
    total = parts.sum(axis=0)
    below = (parts**2 / np.maximum(size - 1, 1)[:, None]).sum(axis=0)
    return np.divide(total**2, below, out=np.full(z.shape[1], len(z) - 1.0), where=below > 0)


def sup(
    parts: Sequence[tuple[Array, float | Array]], cohort: Array, *, draws: int, seed: int, plain: bool = True
) -> list[Array]:
    """The largest of the studentised estimates of each part in draws where nothing is there: (draws,), put in order.

    parts: (G, K) influence of clusters, and the degrees of freedom of the columns. Each cohort's mean is drawn as
    normal and its covariance as Wishart of its clusters less one, so that errors are as uncertain as those of so few
    clusters are; ratios are then taken to the normal's scale by Student's t. `plain` influence has not been enlarged
    for small cohorts, so that its variance is short by one cluster in each. Clusters are put in the order of their
    influence first, so that names and row order change nothing.
    """
    z = np.column_stack([part for part, _df in parts])
    df = np.concatenate([np.broadcast_to(df, part.shape[1]) for part, df in parts])
    ends = np.cumsum([0, *(part.shape[1] for part, _df in parts)])
    se = np.sqrt((z**2).sum(axis=0))
    moving = se > 1e-12 * max(1e-300, float(se.max(initial=0.0)))
    t = np.divide(z, se, out=np.zeros_like(z), where=moving)
    order = np.lexsort(np.round(t, 10).T[::-1])
    made = [_cohort(t[order][cohort[order] == g], plain=plain) for g in np.unique(cohort)]
    scale = normal(_TABLE[None, :], df[:, None])
    rng, step = np.random.default_rng(seed), max(1, _CHUNK // (z.shape[1] * max(_widest(made), 1)))
    spreads = [_spreads(one, rng, SPREADS) for one in made]
    highest = np.empty((len(parts), draws))
    for start in range(0, draws, step):
        stop = min(start + step, draws)
        moved, spread = np.zeros((len(df), stop - start)), np.zeros((len(df), stop - start))
        for one, each in zip(made, spreads, strict=True):
            _draw(one, each, rng, moved, spread)
        ratio = np.abs(np.divide(moved, np.sqrt(spread), out=np.zeros_like(moved), where=spread > 0))
        u = np.stack([np.interp(x, _TABLE, at) for x, at in zip(ratio, scale, strict=True)])
        for i, (a, b) in enumerate(pairwise(ends)):
            highest[i, start:stop] = u[a:b].max(axis=0, initial=0.0)
    return [np.sort(row) for row in highest]


@dataclass(frozen=True)
class _Cohort:
    """Where it says something: at; mean: (k,) its common influence times √n; L: (r, k), L'L the rest of its variance.

    df: n − 1; stretch: of a draw over its estimated spread.
    """

    at: Codes
    mean: Array
    L: Array
    df: int
    stretch: float


def _cohort(z: Array, *, plain: bool) -> _Cohort:
    n, at = len(z), np.flatnonzero(z.any(axis=0))
    z = z[:, at]
    mean = z.mean(axis=0)
    _U, s, V = np.linalg.svd(z - mean, full_matrices=False)
    r = min(n - 1, int((s > 1e-10).sum()))
    return _Cohort(at, np.sqrt(n) * mean, s[:r, None] * V[:r], n - 1, np.sqrt(n / (n - 1)) if plain and n > 1 else 1.0)


def _widest(made: Sequence[_Cohort]) -> int:
    return max(len(one.L) for one in made)


def _draw(one: _Cohort, spreads: Array, rng: np.random.Generator, moved: Array, spread: Array) -> None:
    """Adds the cohort's part to estimates and variances: (K, D); spreads: (k, S), of which one goes to each draw."""
    steps = rng.standard_normal((1 + len(one.L), moved.shape[1]))
    moved[one.at] += np.column_stack([one.mean, one.stretch * one.L.T]) @ steps
    spread[one.at] += spreads[:, rng.integers(0, spreads.shape[1], moved.shape[1])]


def _spreads(one: _Cohort, rng: np.random.Generator, draws: int) -> Array:
    """Variances of the cohort's part, as uncertain as so few clusters leave them: (k, S)."""
    r = len(one.L)
    i, j = np.tril_indices(r)
    products = one.L[i] * one.L[j] * np.where(i == j, 1.0, 2.0)[:, None]
    return (one.mean**2)[:, None] + (products.T / max(one.df, 1)) @ _wishart(rng, one.df, r, draws)


def _wishart(rng: np.random.Generator, df: int, r: int, draws: int) -> Array:
    """The lower triangle of W ~ Wishart(df, I) of order r, row by row: (r(r + 1)/2, D). Bartlett's W = AA'."""
    A = np.zeros((r, r, draws))
    below = np.tril_indices(r, -1)
    A[below] = rng.standard_normal((len(below[0]), draws))
    A[np.arange(r), np.arange(r)] = np.sqrt(rng.chisquare(df - np.arange(r)[:, None], (r, draws)))
    lower = [np.einsum("kd,kd->d", A[i, : j + 1], A[j, : j + 1]) for i in range(r) for j in range(i + 1)]
    return np.array(lower).reshape(-1, draws)


def normal(t: Array, df: float | Array) -> Array:
    """Student's t as the normal that is as far in its tail."""
    return np.asarray(-special.ndtri(np.maximum(special.stdtr(df, -np.abs(t)), 1e-300)), float)


def critical(highest: Array, level: float) -> float:
    """The sup-t critical value on the normal's scale, never less than that of a single interval."""
    if not highest[-1] > 0:
        return float("nan")
    return max(float(np.quantile(highest, level)), float(stats.norm.ppf((1 + level) / 2)))


@dataclass(frozen=True)
class Largest:
    """The largest of n studentised estimates, on the normal's scale, and how often draws are as far out."""

    n: int
    sup: float
    p: float


def largest(theta: Array, se: Array, df: float | Array, highest: Array) -> Largest:
    """Are all nought? By the largest, against draws of `sup`."""
    moving = se > 0
    if not moving.any():
        return Largest(0, float("nan"), float("nan"))
    x = float(normal(theta[moving] / se[moving], np.broadcast_to(df, len(se))[moving]).max())
    beyond = len(highest) - int(np.searchsorted(highest, x * (1 - 1e-12)))
    return Largest(int(moving.sum()), x, (1 + beyond) / (1 + len(highest)))


def interval(estimate: float, se: float, df: float, level: float) -> dict[str, float]:
    """Student's t: interval and p-value against nought."""
    if not (np.isfinite(se) and se > 0):
        return dict.fromkeys(("std_error", "conf_low", "conf_high", "p_value"), float("nan")) | {"df": df}
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    return {
        "std_error": se,
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
        "p_value": float(2 * stats.t.sf(abs(estimate) / se, df)),
        "df": df,
    }


def frame(
    at: dict[str, Array], theta: Array, se: Array, *, df: float | Array, level: float, crit: float
) -> pd.DataFrame:
    """Estimates with intervals of each and the band of all, beside what they are of."""
    reach = stats.t.ppf((1 + level) / 2, df) * se
    se, wide = np.where(se > 0, se, np.nan), widened(crit, df)
    return pd.DataFrame(
        {
            **at,
            "estimate": theta,
            "std_error": se,
            "conf_low": theta - np.where(np.isnan(se), np.nan, reach),
            "conf_high": theta + np.where(np.isnan(se), np.nan, reach),
            "band_low": theta - wide * se,
            "band_high": theta + wide * se,
        }
    )


def widened(crit: float, df: float | Array) -> Array:
    """The critical value for Student's t: never less than that of a single interval."""
    return np.asarray(stats.t.isf(stats.norm.sf(crit), df), float)


def covariance_frame(at: Array, V: Array) -> pd.DataFrame:
    """The covariance of estimates in rows: event_time, other, covariance."""
    i, j = np.meshgrid(np.arange(len(at)), np.arange(len(at)), indexing="ij")
    return pd.DataFrame({"event_time": at[i.ravel()], "other": at[j.ravel()], "covariance": V[i.ravel(), j.ravel()]})
