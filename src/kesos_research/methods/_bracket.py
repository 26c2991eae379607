"""Roots of many estimating functions at once, each on [0, ∞)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Step = Callable[[NDArray[np.intp], Array], tuple[Array, Array]]
"""Of the problems with these numbers at these points: the value of the function, and the step a scoring rule asks
for.
"""

_ROUNDS = 200


def root(step: Step, start: Array, *, unit: float, close: float) -> Array:
    """Where functions that fall through zero do so; 0 where they are negative there. start: (B,).

    Scoring steps are kept inside a bracket that only narrows, so that the search always ends: when a step is smaller
    than `close` relative to the point plus `unit`, a typical size of the parameter.
    """
    x = np.array(start, float)
    low, high = np.zeros(len(x)), np.full(len(x), np.inf)
    open_ = np.arange(len(x))
    for _round in range(_ROUNDS):
        here = x[open_]
        value, asked = step(open_, here)
        up = value > 0
        low[open_] = np.where(up, here, low[open_])
        high[open_] = np.where(up, high[open_], here)
        lo, hi = low[open_], high[open_]
        there = np.maximum(here + asked, 0.0)
        # 0 is tried before the bracket is halved towards it
        inside = (there < hi) & ((there > lo) | ((there == 0) & (lo == 0) & ~up))
        middle = np.where(np.isfinite(hi), (lo + np.where(np.isfinite(hi), hi, 0.0)) / 2, 2 * here + unit)
        there = np.where(inside, there, middle)
        zero = (here == 0) & ~up
        x[open_] = np.where(zero, 0.0, there)
        open_ = open_[~(zero | (np.abs(there - here) <= close * (here + unit)))]
        if not len(open_):
            break
    return x
