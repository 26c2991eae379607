"""Bounds on an effect when outcomes are missing: trimming (Lee 2009), and the worst case (Horowitz and Manski 2000).

Notation: S seen, s₁, s₀ shares seen; H the arm with more seen, p = s_low/s_H the share of its seen that is kept. The
mean of its largest p is θ = ξ + E(Y − ξ)₊/p with ξ the quantile it is cut at, whose change moves θ by nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """A number and the influence of each row on it: (n,)."""

    value: float
    z: Array

    def __sub__(self, other: Part) -> Part:
        return Part(self.value - other.value, self.z - other.z)

    def __mul__(self, factor: float) -> Part:
        return Part(self.value * factor, self.z * factor)


def mean(y: Array, inside: Mask, w: Array) -> Part:
    """Mean of y over the rows inside."""
    total = w[inside].sum()
    value = float(w[inside] @ y[inside] / total)
    return Part(value, np.where(inside, (y - value) / total, 0.0))


def trimmed(y: Array, inside: Mask, w: Array, p: Part, *, largest: bool) -> Part:
    """Mean of the largest (or smallest) share p of the rows inside; p is estimated."""
    sign = 1.0 if largest else -1.0
    v, weight = sign * y[inside], w[inside] / w[inside].sum()
    share = min(p.value, 1.0)
    order = np.argsort(-v, kind="stable")
    at = int(np.searchsorted(np.cumsum(weight[order]), share * (1 - 1e-12)))
    xi = float(v[order[min(at, len(order) - 1)]])
    above = np.maximum(v - xi, 0.0)
    m = float(weight @ above)
    value = xi + m / share
    z = np.zeros(len(y))
    z[inside] = (above - m) / (share * w[inside].sum())
    return Part(sign * value, sign * (z + (xi - value) / share * p.z))


def lee(y: Array, A: Mask, S: Mask, w: Array) -> tuple[Part, Part, float]:
    """Lower and upper bound, and the share of the arm with more seen that is trimmed."""
    seen1, seen0 = mean(S.astype(float), A, w), mean(S.astype(float), ~A, w)
    more, fewer, arm = (seen1, seen0, A) if seen1.value >= seen0.value else (seen0, seen1, ~A)
    ratio = fewer.value / more.value
    p = Part(ratio, (fewer.z - ratio * more.z) / more.value)
    low, high = (trimmed(y, arm & S, w, p, largest=largest) for largest in (False, True))
    other = mean(y, ~arm & S, w)
    bounds = (low - other, high - other) if arm is A else (other - high, other - low)
    return (*bounds, 1 - ratio)


def worst(y: Array, A: Mask, S: Mask, w: Array, ends: tuple[float, float]) -> tuple[Part, Part]:
    """Bounds when the unseen could have had any outcome between the two ends."""
    filled = [np.where(S, y, end) for end in ends]
    return mean(filled[0], A, w) - mean(filled[1], ~A, w), mean(filled[1], A, w) - mean(filled[0], ~A, w)


def imbens_manski(
    bounds: tuple[float, float], errors: tuple[float, float], level: float, df: float
) -> tuple[float, float]:
    """An interval that holds the effect itself, wherever it lies between the bounds, in `level` of samples.

    c solves F(c + width/max(errors)) − F(−c) = level, with F of Student's t where the sampled units are few.
    """
    width, error = bounds[1] - bounds[0], max(errors)
    if error <= 0:
        return bounds
    F, most = stats.t(df).cdf, float(stats.t.ppf((1 + level) / 2, df)) + 1

    def excess(c: float) -> float:
        return float(F(c + width / error) - F(-c)) - level

    c = float(optimize.root_scalar(excess, bracket=(0.0, most)).root)
    return bounds[0] - c * errors[0], bounds[1] + c * errors[1]
