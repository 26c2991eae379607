"""How many units: formulas of numbers, without a population behind them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHI2 = 3.841
"""Krejcie and Morgan's χ² of one degree of freedom at .95, rounded as in their table."""
_MOST = 2**52


@dataclass(frozen=True)
class Groups:
    """Two groups of `ratio` : 1. Of each outcome either the standard deviation `sd` or the share `base` in the first
    group is given; `deff` multiplies variances; degrees of freedom count `take` units as one (clusters), 1 without."""

    sd: float | None
    base: float | None
    ratio: float
    deff: float
    take: float


def normal(level: float) -> float:
    """The two-sided critical value of the normal distribution."""
    from scipy import stats

    return float(stats.norm.ppf((1 + level) / 2))


def simple(variance: float, margin: float, z: float) -> float:
    """Units of a simple random sample from a very large population: z² S²/d² (Cochran 1977, §4.4)."""
    return z**2 * variance / margin**2


def finite(n0: float, population: float) -> float:
    """The same from N units: n0/(1 + (n0 − 1)/N)."""
    return n0 if math.isinf(population) else n0 / (1 + (n0 - 1) / population)


def krejcie_morgan(population: float, share: float = 0.5, margin: float = 0.05) -> float:
    """s = χ²NP(1 − P)/(d²(N − 1) + χ²P(1 − P)), not rounded."""
    if math.isinf(population):
        return CHI2 * share * (1 - share) / margin**2
    top = CHI2 * population * share * (1 - share)
    return top / (margin**2 * (population - 1) + CHI2 * share * (1 - share))


def slovin(population: float, margin: float) -> float:
    """N/(1 + Ne²)."""
    return 1 / margin**2 if math.isinf(population) else population / (1 + population * margin**2)


def design_effect(size: float, icc: float) -> float:
    """1 + (m − 1)ρ for clusters from each of which m units are taken (Kish 1965, §5.4)."""
    return 1 + (size - 1) * icc


def up(n: float) -> int:
    """The next whole number; a rounding error above a whole number is that number."""
    return math.ceil(n - 1e-9 * max(1.0, n))


def power(n: float, effect: float, level: float, groups: Groups) -> float:
    """Of a two-sided test with n units in the first group and `ratio` n in the second.

    Means: of t with non-central t; shares: of the pooled z test.
    """
    return (
        _power_of_means(n, effect, level, groups) if groups.base is None else _power_of_shares(n, effect, level, groups)
    )


def units(effect: float, level: float, wanted: float, groups: Groups) -> float:
    """The fewest whole units of the first group that give the power; infinite where none do."""
    low, high = 1, 2
    while power(high, effect, level, groups) < wanted:
        low, high = high, 2 * high
        if high > _MOST:
            return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle, effect, level, groups) >= wanted else (middle, high)
    return high


def smallest_effect(n: float, level: float, wanted: float, groups: Groups) -> float:
    """The smallest effect above 0 that is found with the power; NaN where no possible effect is."""
    top = 1 - groups.base if groups.base is not None else None
    high = top if top is not None else groups.sd or 1.0
    while top is None and power(n, high, level, groups) < wanted:
        high *= 2
        if high > 1e6 * (groups.sd or 1.0):
            return math.nan
    if power(n, high, level, groups) < wanted:
        return math.nan
    return _crossing(lambda d: power(n, d, level, groups) - wanted, high)


def bounded(weights: Array, n: int, least: Array, most: Array) -> Array:
    """Whole numbers that add up to n, as nearly as possible in proportion to the weights, each within its bounds."""
    shares = _within(weights, float(n), least, most)
    whole = np.floor(shares + 1e-9)
    whole = np.clip(whole, least, most)
    left = n - int(whole.sum())
    # largest remainders first, then the larger weight, then the earlier
    order = np.lexsort((np.arange(len(weights)), -weights, -(shares - whole)))
    room = [i for i in order if whole[i] < most[i]]
    for i in room[:left]:
        whole[i] += 1
    return whole


def _within(weights: Array, n: float, least: Array, most: Array) -> Array:
    """c·weights with those beyond a bound set to it, and c such that the sum is n."""
    low, high = 0.0, 1.0
    while np.clip(high * weights, least, most).sum() < n and high < 1e300:
        high *= 2
    for _round in range(200):
        c = (low + high) / 2
        low, high = (c, high) if np.clip(c * weights, least, most).sum() < n else (low, c)
    return np.clip(high * weights, least, most)


def _power_of_means(n: float, effect: float, level: float, groups: Groups) -> float:
    from scipy import special, stats

    if groups.sd is None:
        raise ValueError("means need a standard deviation")
    other = n * groups.ratio
    df = (n + other) / groups.take - 2
    if df <= 0:
        return 0.0
    away = abs(effect) / (groups.sd * math.sqrt(groups.deff * (1 / n + 1 / other)))
    t = float(stats.t.ppf((1 + level) / 2, df))
    upper = 1 - float(special.nctdtr(df, away, t))
    lower = float(special.nctdtr(df, away, -t))
    return upper + (lower if np.isfinite(lower) else 0.0)


def _power_of_shares(n: float, effect: float, level: float, groups: Groups) -> float:
    from scipy import stats

    if groups.base is None:
        raise ValueError("shares need a base")
    p1, p2, k = groups.base, groups.base + effect, groups.ratio
    pooled = (p1 + k * p2) / (1 + k)
    null = math.sqrt(groups.deff * pooled * (1 - pooled) * (1 / n + 1 / (k * n)))
    true = math.sqrt(groups.deff * (p1 * (1 - p1) / n + p2 * (1 - p2) / (k * n)))
    z = normal(level)
    if true == 0:
        return float(abs(effect) > z * null)
    return float(stats.norm.sf((z * null - effect) / true) + stats.norm.cdf((-z * null - effect) / true))


def _crossing(f: Callable[[float], float], high: float) -> float:
    """Where a rising function crosses 0 between 0 and `high`."""
    low = 0.0
    for _round in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return high
