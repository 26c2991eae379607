"""Inequality in arrays: each measure in every domain, with the influence of each row on it.

Gini and concentration are functions of sums over pairs of rows, Σ_i Σ_j w_i w_j h_{higher of i, j}; their influence is
the derivative with respect to w_i (Langel & Tillé 2013, J. R. Statist. Soc. A 176(2), 521–540). Where a quantile or a
line is estimated, the density at it comes from a Gaussian kernel of bandwidth σ N^(−1/5), as in Osier (2009), Survey
Research Methods 3(3), 167–195, whose linearisations of shares and lines are used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._linearize import runs
from kesos_research.methods._quantiles import Ordered, quantile

Array = NDArray[np.float64]

_ROOT_2PI = float(np.sqrt(2 * np.pi))


def concentration(ordered: Ordered, h: Array, *, linear: bool = True) -> tuple[Array, Array]:
    """Concentration index of h: (n,) over the order; the Gini index where h is what was ordered: (D,), z: (n,).

    Rows with equal rank share their mean rank.
    """
    hs = h[ordered.order]
    wh = ordered.w * hs
    cum_h = ordered.within(wh)
    middle, middle_h = ordered.cum - ordered.w / 2, cum_h - wh / 2
    ties = runs(ordered.x)  # a run may cross domains only where the next begins
    ties = np.union1d(ties, ordered.start[ordered.size > 0])
    if len(ties) < len(hs):
        lengths = np.diff(np.append(ties, len(hs)))
        own, own_h = np.add.reduceat(ordered.w, ties), np.add.reduceat(wh, ties)
        before, before_h = ordered.cum[ties] - ordered.w[ties], cum_h[ties] - wh[ties]
        middle, middle_h = np.repeat(before + own / 2, lengths), np.repeat(before_h + own_h / 2, lengths)
    T, N = _last(ordered, cum_h), ordered.W
    A = 2 * _last(ordered, ordered.within(wh * middle))
    with np.errstate(divide="ignore", invalid="ignore"):
        C = A / (N * T) - 1
        if not linear:
            return C, np.empty(0)
        z = 2 * (hs * middle + ordered.per_row(T) - middle_h) * ordered.per_row(1 / (N * T))
        z -= ordered.per_row((C + 1) / N) + hs * ordered.per_row((C + 1) / T)
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
    missing = p * ordered.W - _sum(ordered, w * below)
    T = _sum(ordered, w * y)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = _sum(ordered, w * y * below) + missing * _sum(ordered, w * y * equal) / _sum(ordered, w * equal)
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
        return _sum(ordered, k if v is None else k * v) / (h * (ordered.W if v is None else 1.0))


def bandwidths(ordered: Ordered) -> Array:
    """σ N^(−1/5) of each domain: (D,)."""
    N, x, w = ordered.W, ordered.x, ordered.w
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sum(ordered, w * x) / N
        return np.sqrt(_sum(ordered, w * (x - ordered.per_row(mean)) ** 2) / N) / N**0.2


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
    return _sum(ordered, ordered.w * x * inside), x * inside + (-slope if upper else slope)


def share_ratio(ordered: Ordered, low: float, high: float) -> tuple[Array, Array]:
    """What the units above the high quantile have over what those up to the low one have: (D,), z: (n,)."""
    h = bandwidths(ordered)
    top, z_top = share_total(ordered, high, h, upper=True)
    bottom, z_bottom = share_total(ordered, low, h, upper=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
        z = (z_top - ordered.per_row(ratio) * z_bottom) / ordered.per_row(bottom)
    return ratio, ordered.back(z)


def _sum(ordered: Ordered, v: Array) -> Array:
    out = np.zeros(len(ordered.size))
    full = ordered.size > 0
    out[full] = np.add.reduceat(v, ordered.start[full])
    return out


def _last(ordered: Ordered, cumulative: Array) -> Array:
    out = np.zeros(len(ordered.size))
    full = ordered.size > 0
    out[full] = cumulative[(ordered.start + ordered.size - 1)[full]]
    return out
