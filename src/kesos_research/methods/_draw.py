"""Drawing units: places of those drawn, and the probability with which each would be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.intp]

_WHOLE = 1e-9


@dataclass(frozen=True)
class Drawn:
    """places: (n,) of the units drawn, ascending; probability: (N,) with which each unit of the frame would be."""

    places: Places
    probability: Array

    @property
    def certain(self) -> int:
        """Units drawn whatever happens."""
        return int((self.probability >= 1 - _WHOLE).sum())


def simple(N: int, n: int, rng: np.random.Generator) -> Drawn:
    """n of N units, every set as probable as any other."""
    return Drawn(np.sort(rng.choice(N, n, replace=False)), np.full(N, n / N))


def systematic(N: int, n: int, rng: np.random.Generator) -> Drawn:
    """Every N/n-th unit from a random start; the interval need not be whole, so that all units have probability n/N."""
    return Drawn(np.minimum(((rng.random() + np.arange(n)) * N / n).astype(np.intp), N - 1), np.full(N, n / N))


def proportional(size: Array, n: int, rng: np.random.Generator) -> Drawn:
    """n units systematically with probability proportional to size; those too large for that are drawn for certain."""
    probability = inclusion(size, n)
    certain = probability >= 1 - _WHOLE
    rest = np.flatnonzero(~certain)
    left = n - int(certain.sum())
    if left == 0:
        return Drawn(np.flatnonzero(certain), probability)
    ends = np.cumsum(probability[rest])
    # the sum is `left` but for rounding, and each of the points falls into one unit
    points = (rng.random() + np.arange(left)) * ends[-1] / left
    found = rest[np.minimum(np.searchsorted(ends, points, side="right"), len(rest) - 1)]
    return Drawn(np.sort(np.concatenate([np.flatnonzero(certain), found])), probability)


def inclusion(size: Array, n: int) -> Array:
    """π_i = n x_i/X, with units where that is 1 or more taken for certain and the rest shared out anew."""
    certain = np.zeros(len(size), bool)
    while True:
        left, total = n - int(certain.sum()), float(size[~certain].sum())
        new = ~certain & (left * size >= total * (1 - _WHOLE))
        if left <= 0 or total <= 0 or not new.any():
            break
        certain |= new
    probability = np.where(certain, 1.0, 0.0)
    if left > 0 and total > 0:
        probability[~certain] = left * size[~certain] / total
    return probability
