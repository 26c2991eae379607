"""Covariance of estimates from their influence, and bands that hold all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.methods.staggered._panel import Array, Codes

_CHUNK = 4_000_000
"""How many random signs are held at once."""


def clustered(psi: Array, cluster: Codes) -> Array:
    """Influence of each cluster on the estimates: (G, K); their sum of squares is the variance."""
    z = np.zeros((int(cluster.max()) + 1, psi.shape[1]))
    np.add.at(z, cluster, psi / len(psi))
    return z


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


def critical(parts: Sequence[Array], *, level: float, draws: int, seed: int) -> list[float]:
    """The sup-t critical value of each part: (G, K) influence of clusters, by random signs of the clusters.

    Clusters are put in the order of their influence first, so that names and row order change nothing.
    """
    z = np.column_stack(list(parts))
    se = np.sqrt((z**2).sum(axis=0))
    moving = se > 1e-12 * max(1e-300, float(se.max(initial=0.0)))
    t = np.divide(z, se, out=np.zeros_like(z), where=moving)
    t = t[np.lexsort(np.round(t, 10).T[::-1])]
    ends = np.cumsum([0, *(part.shape[1] for part in parts)])
    rng, step = np.random.default_rng(seed), max(1, _CHUNK // len(t))
    highest, total = np.empty((len(parts), draws)), t.sum(axis=0)
    for start in range(0, draws, step):
        stop = min(start + step, draws)
        moved = np.abs(2 * (_bits(rng, stop - start, len(t)) @ t) - total)
        for i, (a, b) in enumerate(pairwise(ends)):
            highest[i, start:stop] = moved[:, a:b].max(axis=1, initial=0.0)
    return [float(c) if c > 0 else float("nan") for c in np.quantile(highest, level, axis=1)]


def _bits(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """0 and 1 with even chances: (rows, columns)."""
    bits = np.unpackbits(np.frombuffer(rng.bytes((rows * columns + 7) // 8), np.uint8), count=rows * columns)
    return bits.reshape(rows, columns).astype(float)


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
