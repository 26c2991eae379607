"""Inequality in arrays: each measure in every domain, with the influence of each row on it.

Gini and concentration are functions of sums over pairs of rows, Σ_i Σ_j w_i w_j h_{higher of i, j}; their influence is
the derivative with respect to w_i (Langel & Tillé 2013, J. R. Statist. Soc. A 176(2), 521–540). Where a quantile or a
line is estimated, the density at it comes from a Gaussian kernel of bandwidth σ N^(−1/5), as in Osier (2009), Survey
Research Methods 3(3), 167–195, whose linearisations of shares and lines are used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._quantiles import Ordered, quantile, within

Array = NDArray[np.float64]

_ROOT_2PI = float(np.sqrt(2 * np.pi))


def concentration(ordered: Ordered, h: Array, *, linear: bool = True) -> tuple[Array, Array]:
    """Concentration index of h: (n,) over the order; the Gini index where h is what was ordered: (D,), z: (n,).

    Rows of equal rank are one step, which shares its middle rank.
    """
    hs = h[ordered.order]
    full = ordered.size > 0
    new = np.append(True, ordered.x[1:] != ordered.x[:-1])
    new[ordered.start[full]] = True
    first = np.flatnonzero(new)
    steps = np.zeros(len(full), np.intp)
    steps[full] = np.add.reduceat(new, ordered.start[full], dtype=np.intp)
    start = np.cumsum(steps) - steps
    w, wh = np.add.reduceat(ordered.w, first), np.add.reduceat(ordered.w * hs, first)
    middle, middle_h = within(w, start, steps) - w / 2, within(wh, start, steps) - wh / 2
    sums = np.zeros((3, len(full)))
    sums[:, full] = np.add.reduceat(np.stack([w, wh, wh * middle]), start[full], axis=-1)
    N, T, A = sums[0], sums[1], 2 * sums[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        C = A / (N * T) - 1
        if not linear:
            return C, np.empty(0)
        factor, slope, level = (np.repeat(v, steps) for v in (2 / (N * T), (C + 1) / T, 2 / N - (C + 1) / N))
        lengths = np.diff(np.append(first, len(hs)))
        z = hs * np.repeat(middle * factor - slope, lengths) + np.repeat(level - middle_h * factor, lengths)
    return C, ordered.back(z)


def shares(ordered: Ordered, p: float, h: Array | None = None) -> tuple[Array, Array]:
    """Lorenz curve at p with its influence, or the concentration curve of h: (n,) over the order: L: (D,), z: (n,).

    The row in which p falls counts with the part that is needed. Those at the quantile have the quantile itself,
    or for h its kernel mean.
    """
    q = quantile(ordered, p)
    x, w = ordered.x, ordered.w
    y = x if h is None else h[ordered.order]
    at = ordered.per_row(q)
    below, equal = x < at, x == at
    missing = p * ordered.W - ordered.sums(w * below)
    T = ordered.sums(w * y)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = ordered.sums(w * y * below) + missing * ordered.sums(w * y * equal) / ordered.sums(w * equal)
        L = part / T
        if h is None:
            level = q
        else:
            width = bandwidths(ordered)
            level = density(ordered, q, width, y) / (density(ordered, q, width) * ordered.W)
        m = ordered.per_row(level)
        z = ((y - m) * (x <= at) + p * m - y * ordered.per_row(L)) / ordered.per_row(T)
    return L, ordered.back(z)


def density(ordered: Ordered, at: Array, h: Array, v: Array | None = None) -> Array:
    """Gaussian-kernel estimate at a point of each domain, (D,): of the density, or Σ w v K/h where v is given."""
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (ordered.per_row(at) - ordered.x) / ordered.per_row(h)
        k = ordered.w * np.exp(-u * u / 2) / _ROOT_2PI
        return ordered.sums(k if v is None else k * v) / (h * (ordered.W if v is None else 1.0))


def bandwidths(ordered: Ordered) -> Array:
    """σ N^(−1/5) of each domain: (D,)."""
    N, x, w = ordered.W, ordered.x, ordered.w
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = ordered.sums(w * x) / N
        return np.sqrt(ordered.sums(w * (x - ordered.per_row(mean)) ** 2) / N) / N**0.2


def quantile_influence(ordered: Ordered, p: float, h: Array) -> tuple[Array, Array]:
    """The p-quantile and its influence −(1(x ≤ q) − p)/(N f(q)): (D,), z: (n,) in sorted order."""
    q = quantile(ordered, p)
    with np.errstate(divide="ignore", invalid="ignore"):
        f = density(ordered, q, h)
        z = -((ordered.x <= ordered.per_row(q)) - p) / ordered.per_row(ordered.W * f)
    return q, z


def share_total(ordered: Ordered, p: float, h: Array, *, upper: bool) -> tuple[Array, Array]:
    """What the units at or below (above) the p-quantile have together: (D,), z: (n,) in sorted order."""
    q, zq = quantile_influence(ordered, p, h)
    x = ordered.x
    inside = x > ordered.per_row(q) if upper else x <= ordered.per_row(q)
    slope = ordered.per_row(density(ordered, q, h, x)) * zq
    return ordered.sums(ordered.w * x * inside), x * inside + (-slope if upper else slope)


def share_ratio(ordered: Ordered, low: float, high: float) -> tuple[Array, Array]:
    """What the units above the high quantile have over what those up to the low one have: (D,), z: (n,)."""
    h = bandwidths(ordered)
    top, z_top = share_total(ordered, high, h, upper=True)
    bottom, z_bottom = share_total(ordered, low, h, upper=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
        z = (z_top - ordered.per_row(ratio) * z_bottom) / ordered.per_row(bottom)
    return ratio, ordered.back(z)
