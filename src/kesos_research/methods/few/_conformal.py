"""Conformal tests of an effect by shifting residuals in time.

Notation of Chernozhukov, Wüthrich & Zhu (2021): the null effect τ is taken off, the synthetic control is fitted to all
T periods under the null, and its residuals û: (T,) are shifted around the circle; S is the size of their mean over the
periods that stand where treatment was. p(τ) is the share of shifts whose S is at least that observed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._simplex import minimise

Array = NDArray[np.float64]

_SAME = 1e-9
_DOUBLINGS = 24
"""A bound farther than 2²⁴ residual spreads is none."""
_GRID = 24
_HALVINGS = 16


@dataclass
class Series:
    """y: (T,) one series, Y: (J, T) its donors, the last `after` of T periods treated, λ the price of distance."""

    y: Array
    Y: Array
    after: int
    penalty: float
    _near: Array | None = None

    def p_value(self, tau: float) -> float:
        """Of the null that the effect is τ in each period after."""
        S = self._shifted(self._residuals(tau))
        size = float(np.abs(self.y).max()) + abs(tau)
        return float((S[0] - _SAME * size <= S).mean())

    @property
    def shifts(self) -> int:
        return len(self.y)

    def interval(self, centre: float, alpha: float) -> tuple[float, float]:
        """The outermost effects found that are not rejected; infinite where none is."""
        if 1 / self.shifts > alpha + _SAME:
            return -np.inf, np.inf
        if self.p_value(centre) <= alpha + _SAME:
            return np.nan, np.nan
        step = max(float(np.std(self._residuals(centre))), _SAME * float(np.abs(self.y).max()), 1e-300)

        def kept(tau: float) -> bool:
            return self.p_value(tau) > alpha + _SAME

        return _edge(kept, centre, -step), _edge(kept, centre, step)

    def _residuals(self, tau: float) -> Array:
        y = self.y.copy()
        y[-self.after :] -= tau
        X = (self.Y - y) / np.sqrt(len(y))
        solved = minimise(X, self.penalty * np.einsum("ij,ij->i", X, X), self._near)
        self._near = solved.w
        return y - solved.w @ self.Y

    def _shifted(self, u: Array) -> Array:
        """S of each shift: (T,), the one that happened first."""
        return np.array([abs(float(np.roll(u, s)[-self.after :].mean())) for s in range(len(u))])


def _edge(kept: Callable[[float], bool], centre: float, step: float) -> float:
    """The outermost kept point on one side: doubled outwards, looked at on a grid, then halved."""
    reach = step
    for _doubling in range(_DOUBLINGS):
        if not kept(centre + reach):
            break
        reach *= 2
    else:
        return float(np.sign(step) * np.inf)
    at = centre + reach * np.arange(1, _GRID + 1) / _GRID
    inside = [i for i, tau in enumerate(at.tolist()) if kept(tau)]
    last = inside[-1] if inside else -1
    low, high = (centre if last < 0 else float(at[last])), float(at[last + 1])
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return low
