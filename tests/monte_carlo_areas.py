"""Worlds of areas made by the area-level model, and how often intervals cover the truth.

Every function is fixed by its arguments; seeds were set before the first look.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from kesos_research.methods import _fay_herriot

PATTERN = np.array([2.0, 0.6, 0.5, 0.4, 0.2])
"""Sampling variances of groups of areas, as in the simulations of Datta, Rao and Smith (2005)."""


def coverage(m: int, p: int, sigma2: float, method: str, *, reps: int, seed: int = 19790601) -> dict[str, float]:
    """Shares of areas covered by `ours` and by the `naive` interval, which takes σ² and β as known; `zero`: of σ̂²."""
    rng = np.random.default_rng([seed, m, p, round(100 * sigma2)])
    D = np.resize(PATTERN, m)
    X = np.column_stack([np.ones(m), rng.normal(size=(m, p - 1))])
    truth = X.sum(axis=1) + np.sqrt(sigma2) * rng.normal(size=(reps, m))
    Y = truth + np.sqrt(D) * rng.normal(size=(reps, m))
    fits = _fay_herriot.fit(_fay_herriot.Areas(X, D), Y, method, start=np.array([sigma2]), close=1e-8)
    found = _fay_herriot.predict(fits, X, D, Y)
    off = np.abs(found.mean - truth)
    t = stats.t.ppf(0.975, m - p)
    z = stats.norm.ppf(0.975)
    return {
        "ours": float((off <= t * np.sqrt(found.mse)).mean()),
        "naive": float((off <= z * np.sqrt(found.g1)).mean()),
        "zero": float((fits.sigma2 == 0).mean()),
        "median_weight": float(np.median(found.gamma)),
    }
