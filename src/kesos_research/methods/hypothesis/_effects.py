"""Effect sizes and their intervals, from numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Interval = tuple[float, float]

_ROUNDS = 200


def z_of(level: float) -> float:
    from scipy import special

    return float(special.ndtri((1 + level) / 2))


def average_d(x: Array, y: Array, level: float) -> tuple[float, Interval]:
    """d with the root of the mean of both variances, and its interval without equal variances (Bonett 2008)."""
    vx, vy, nx, ny = x.var(ddof=1), y.var(ddof=1), len(x) - 1, len(y) - 1
    s2 = (vx + vy) / 2
    if s2 == 0:
        return math.nan, (math.nan, math.nan)
    d = float((x.mean() - y.mean()) / math.sqrt(s2))
    variance = d**2 * (vx**2 / nx + vy**2 / ny) / (8 * s2**2) + (vx / nx + vy / ny) / s2
    reach = z_of(level) * math.sqrt(variance)
    return d, (d - reach, d + reach)


def single_d(x: Array, level: float) -> tuple[float, Interval]:
    """Mean over standard deviation, and its exact interval for normal values (non-central t)."""
    n = len(x)
    if x.std(ddof=1) == 0:
        return math.nan, (math.nan, math.nan)
    d = float(x.mean() / x.std(ddof=1))
    low, high = noncentral_t(d * math.sqrt(n), n - 1, level)
    return d, (low / math.sqrt(n), high / math.sqrt(n))


def noncentral_t(t: float, df: float, level: float) -> Interval:
    """Non-centralities at which t lies at either end of the middle `level`."""
    from scipy import special

    tail = (1 - level) / 2
    width = 8 + 8 * abs(t) / math.sqrt(2 * df) + 4

    def at(probability: float) -> float:
        return _falling(lambda c: float(special.nctdtr(df, c, t)) - probability, t - width, t + width)

    return at(1 - tail), at(tail)


def noncentral(cdf: Callable[[float], float], level: float) -> Interval:
    """Non-centralities ≥ 0 at which a statistic of squares lies at either end; `cdf` falls with them."""
    tail = (1 - level) / 2
    high = 1.0
    while cdf(high) > tail and high < 1e9:
        high *= 2

    def at(probability: float) -> float:
        return 0.0 if cdf(0.0) <= probability else _falling(lambda c: cdf(c) - probability, 0.0, high)

    return at(1 - tail), at(tail)


def noncentral_chi2(x: float, df: float, level: float) -> Interval:
    from scipy import special

    return noncentral(lambda c: float(special.chndtr(x, df, c) if c > 0 else special.chdtr(df, x)), level)


def noncentral_f(x: float, df1: float, df2: float, level: float) -> Interval:
    from scipy import special

    return noncentral(lambda c: float(special.ncfdtr(df1, df2, c, x) if c > 0 else special.fdtr(df1, df2, x)), level)


def cramers_v(chi2: float, n: float, shape: tuple[int, int], level: float) -> tuple[float, Interval]:
    """√(χ²/(n(k − 1))) with k the fewer of rows and columns; the interval from the non-central χ²."""
    k = min(shape) - 1
    low, high = noncentral_chi2(chi2, (shape[0] - 1) * (shape[1] - 1), level)
    return math.sqrt(chi2 / (n * k)), (math.sqrt(low / (n * k)), min(1.0, math.sqrt(high / (n * k))))


def odds_ratio(table: Array, level: float) -> tuple[float, Interval]:
    """ad/bc and Woolf's interval; half a unit is added to each cell where one is empty (Haldane)."""
    cells = table + 0.5 if (table == 0).any() else table
    (a, b), (c, d) = cells
    log, error = math.log(a * d / (b * c)), math.sqrt((1 / cells).sum())
    reach = z_of(level) * error
    return math.exp(log), (math.exp(log - reach), math.exp(log + reach))


def superiority(x: Array, y: Array, level: float) -> tuple[float, Interval, float]:
    """P(X > Y) + ½P(X = Y), its interval on the log-odds scale, and its variance (DeLong et al. 1988)."""
    nx, ny = len(x), len(y)
    both = np.concatenate([x, y])
    ranks, own_x, own_y = (_midranks(v) for v in (both, x, y))
    px, py = (ranks[:nx] - own_x) / ny, 1 - (ranks[nx:] - own_y) / nx
    theta = float(px.mean())
    variance = float(px.var(ddof=1) / nx + py.var(ddof=1) / ny)
    if not 0 < theta < 1 or variance == 0:
        # nothing overlaps: the rule of three on the smaller sample
        reach = 1 - (1 - level) ** (1 / min(nx, ny))
        return theta, (max(0.0, theta - reach), min(1.0, theta + reach)), variance
    middle, error = math.log(theta / (1 - theta)), math.sqrt(variance) / (theta * (1 - theta))
    reach = z_of(level) * error
    return theta, (1 / (1 + math.exp(reach - middle)), 1 / (1 + math.exp(-reach - middle))), variance


def fisher_z(r: float, error: float, level: float) -> Interval:
    """tanh(atanh r ± z·error)."""
    if abs(r) >= 1:
        return r, r
    reach = z_of(level) * error
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)


def share_interval(k: int, n: int, level: float) -> Interval:
    """Clopper and Pearson's exact interval of a share."""
    from scipy import special

    tail = (1 - level) / 2
    low = float(special.betaincinv(k, n - k + 1, tail)) if k > 0 else 0.0
    high = float(special.betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return low, high


def _midranks(values: Array) -> Array:
    from scipy import stats

    return np.asarray(stats.rankdata(values), float)


def _falling(f: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses 0."""
    for _round in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return (low + high) / 2
