"""The chance that a normal vector stays inside a box, and how it changes with the mean."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy import stats

from kesos_research.methods.staggered._panel import Array


def inside(mu: Array, V: Array, reach: Array) -> float:
    """P(|X_j| ≤ reach_j for all j) of X ~ N(mu, V); a lattice rule with fixed points, good to some 1e-5."""
    if len(mu) == 1:
        s = float(np.sqrt(V[0, 0]))
        return float(stats.norm.cdf((reach[0] - mu[0]) / s) - stats.norm.cdf((-reach[0] - mu[0]) / s))
    law: Any = cast(Any, stats.multivariate_normal)(mean=mu, cov=V, allow_singular=True, seed=np.random.default_rng(0))
    law.maxpts, law.abseps, law.releps = 200_000 * len(mu), 1e-6, 1e-6
    return float(np.clip(law.cdf(reach, lower_limit=-reach), 0.0, 1.0))


def shift(mu: Array, V: Array, reach: Array) -> Array:
    """E[X | inside] − mu: (J,), from the derivative of log P(inside) by the mean, which is V⁻¹ times it."""
    J = len(mu)
    slope = np.zeros(J)
    for j in range(J):
        for end, sign in ((-reach[j], 1.0), (reach[j], -1.0)):
            density = float(stats.norm.pdf(end, mu[j], np.sqrt(V[j, j])))
            slope[j] += sign * density * _given(mu, V, reach, j, end)
    return V @ slope / inside(mu, V, reach)


def _given(mu: Array, V: Array, reach: Array, j: int, value: float) -> float:
    """P(the others are inside | X_j = value)."""
    rest = np.arange(len(mu)) != j
    if not rest.any():
        return 1.0
    b = V[rest, j] / V[j, j]
    return inside(mu[rest] + b * (value - mu[j]), V[np.ix_(rest, rest)] - np.outer(b, V[rest, j]), reach[rest])
