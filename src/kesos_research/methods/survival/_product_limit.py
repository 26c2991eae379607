"""Product-limit curves: steps, Greenwood's variance, sums over clusters, areas and quantiles.

Notation: Y_j at risk and d_j events at the distinct time t_j; S(t) = Π_{t_j ≤ t} (1 − d_j/Y_j).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]

_BLOCK = 2_000_000
"""Cells of clusters × times that are held at once."""
_TIE = 1e-9


@dataclass(frozen=True)
class Steps:
    """t, Y, d, S: (m,), at every time at which somebody had the event or was last seen."""

    t: Array
    Y: Array
    d: Array
    S: Array

    @property
    def h(self) -> Array:
        return self.d / self.Y

    @property
    def left(self) -> Array:
        """Y − d where somebody is left, else infinite: nothing varies once all had the event."""
        return np.where(self.d < self.Y, self.Y - self.d, np.inf)


def steps(time: Array, event: Mask) -> Steps:
    t, at = np.unique(time, return_inverse=True)
    d = np.bincount(at, event, len(t)).astype(float)
    Y = len(time) - np.concatenate([[0.0], np.cumsum(np.bincount(at, minlength=len(t)))[:-1]])
    return Steps(t, Y, d, np.cumprod(1 - d / Y).astype(float))


def greenwood(s: Steps) -> Array:
    """Variance of log S at each time: Σ d/(Y(Y − d))."""
    return np.cumsum(s.d / (s.Y * s.left))


def martingale(s: Steps, time: Array, event: Mask, cluster: Codes) -> Iterator[Array]:
    """Σ over the rows of each cluster of dN_i(t_j) − h_j Y_i(t_j), in blocks of clusters: (c, m)."""
    names, own = np.unique(cluster, return_inverse=True)
    at, m = np.searchsorted(s.t, time), len(s.t)
    size = max(1, _BLOCK // m)
    order = np.argsort(own, kind="stable")
    for first in range(0, len(names), size):
        inside = order[np.searchsorted(own[order], first) : np.searchsorted(own[order], first + size)]
        count = min(size, len(names) - first)
        cell = (own[inside] - first) * m + at[inside]
        ends = np.bincount(cell, minlength=count * m).reshape(count, m)
        N = np.bincount(cell, event[inside], count * m).reshape(count, m)
        risk = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
        yield N - s.h * risk


def clustered(s: Steps, time: Array, event: Mask, cluster: Codes) -> Array:
    """Variance of log S at each time from the sums of clusters (infinitesimal jackknife)."""
    return sum(
        (((M / s.left).cumsum(axis=1) ** 2).sum(axis=0) for M in martingale(s, time, event, cluster)), np.zeros(1)
    )


def bands(S: Array, var: Array, conf: str, z: float) -> tuple[Array, Array]:
    """Interval of S, from the variance of log S and a critical value, on the scale of `conf`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        e = z * np.sqrt(var)
        if conf == "log":
            low, high = S * np.exp(-e), np.minimum(S * np.exp(e), 1.0)
        elif conf == "log-log":
            log = np.log(S)
            low, high = S ** np.exp(-e / log), S ** np.exp(e / log)
            low, high = np.where(S == 1, 1.0, low), np.where(S == 1, 1.0, high)
        else:
            low, high = np.maximum(S - e * S, 0.0), np.minimum(S + e * S, 1.0)
    return np.where(S > 0, low, np.nan), np.where(S > 0, high, np.nan)


def quantile(t: Array, S: Array, share: float = 0.5) -> float:
    """The first time at which no more than `share` are left; the middle of a flat part that is at it."""
    under = np.flatnonzero(share + _TIE > S)
    if not len(under):
        return float("nan")
    first = under[0]
    lower = np.flatnonzero(S[first] - _TIE > S)
    if abs(S[first] - share) < _TIE and len(lower):
        return float((t[first] + t[lower[0]]) / 2)
    return float(t[first])


def areas(s: Steps, horizon: float) -> tuple[float, Array]:
    """Area under S to the horizon, and the area from each t_j to it: (m,)."""
    inside = s.t < horizon
    edges = np.concatenate([[0.0], s.t[inside], [horizon]])
    pieces = np.diff(edges) * np.concatenate([[1.0], s.S[inside]])
    rest = np.zeros(len(s.t))
    rest[inside] = pieces[1:][::-1].cumsum()[::-1]
    return float(pieces.sum()), rest


def area_variance(s: Steps, rest: Array) -> float:
    """Σ A_j² d/(Y(Y − d)), A_j the area from t_j on."""
    return float((rest**2 * s.d / (s.Y * s.left)).sum())


def area_clustered(s: Steps, rest: Array, time: Array, event: Mask, cluster: Codes) -> float:
    return float(sum(((M / s.left) @ rest) @ ((M / s.left) @ rest) for M in martingale(s, time, event, cluster)))


def at(t: Array, values: Array, when: float, before: float) -> float:
    """The value of a step function at a time."""
    place = int(np.searchsorted(t, when, side="right"))
    return float(values[place - 1]) if place else before


@dataclass(frozen=True)
class Incidence:
    """F: cumulative incidence of one of two events; var: its variance, (m,)."""

    steps: Steps
    F: Array
    var: Array


def incidence(time: Array, event: Mask, other: Mask, cluster: Codes) -> Incidence:
    """Aalen–Johansen: F(t) = Σ S(t_j−) d1_j/Y_j; variance from ∂F/∂w of each cluster."""
    s = steps(time, event | other)
    d1 = np.bincount(np.searchsorted(s.t, time), event, len(s.t)).astype(float)
    before = np.concatenate([[1.0], s.S[:-1]])
    step = before * d1 / s.Y
    own = Steps(s.t, s.Y, d1, s.S)
    var = np.zeros(len(s.t))
    parts = zip(martingale(own, time, event, cluster), martingale(s, time, event | other, cluster), strict=True)
    for M1, M in parts:
        log_S = -(M / s.left).cumsum(axis=1)
        lagged = np.concatenate([np.zeros((len(M), 1)), log_S[:, :-1]], axis=1)
        var += ((before * M1 / s.Y + step * lagged).cumsum(axis=1) ** 2).sum(axis=0)
    return Incidence(s, np.cumsum(step), var)
