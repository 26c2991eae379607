"""A ratio of two estimates and what is known of it.

Notation: C, E the estimates of cost and effect; c, e, k their variances and covariance; ρ = C/E. A value ρ is not
rejected where (C − ρE)² ≤ q² (c − 2ρk + ρ²e), q the critical value: a quadratic in ρ with a = E² − q²e.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Two estimates with their joint variance; df of their errors, infinite for normal."""

    C: float
    E: float
    c: float
    e: float
    k: float
    df: float = np.inf

    @property
    def law(self) -> object:
        return stats.t(self.df) if np.isfinite(self.df) else stats.norm()


@dataclass(frozen=True)
class Fieller:
    """kind: "bounded" is [low, high], "outside" all but (low, high), "whole" everything."""

    kind: str
    low: float
    high: float


def fieller(pair: Pair, q: float) -> Fieller:
    """The values of the ratio that are not rejected at critical value q."""
    a = pair.E**2 - q**2 * pair.e
    b = pair.C * pair.E - q**2 * pair.k
    d = pair.C**2 - q**2 * pair.c
    root = b**2 - a * d
    if a > 0:
        half = np.sqrt(max(root, 0.0))
        return Fieller("bounded", (b - half) / a, (b + half) / a)
    if root > 0 and a < 0:
        half = np.sqrt(root)
        return Fieller("outside", (b + half) / a, (b - half) / a)
    return Fieller("whole", -np.inf, np.inf)


def acceptable(pair: Pair, thresholds: Array) -> Array:
    """P(λE − C > 0) for each λ, with the errors' own law."""
    mean = thresholds * pair.E - pair.C
    var = thresholds**2 * pair.e - 2 * thresholds * pair.k + pair.c
    error = np.sqrt(np.maximum(var, 0.0))
    z = np.divide(mean, error, out=np.where(mean > 0, np.inf, np.where(mean < 0, -np.inf, 0.0)), where=error > 0)
    return pair.law.cdf(z)  # type: ignore[attr-defined]


def plane(pair: Pair, draws: int, rng: np.random.Generator) -> Array:
    """Draws of cost and effect: (draws, 2)."""
    z = rng.standard_normal((draws, 2))
    if np.isfinite(pair.df):
        z *= np.sqrt(pair.df / rng.chisquare(pair.df, draws))[:, None]
    E = np.sqrt(pair.e) * z[:, 0]
    slope = pair.k / pair.e if pair.e > 0 else 0.0
    C = slope * E + np.sqrt(max(pair.c - slope**2 * pair.e, 0.0)) * z[:, 1]
    return np.column_stack([pair.C + C, pair.E + E])
