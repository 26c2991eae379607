"""p-values adjusted for being looked at together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def bonferroni(p: Array) -> Array:
    return np.minimum(p * np.isfinite(p).sum(), 1.0)


def holm(p: Array) -> Array:
    """Step-down: holds the chance of any false rejection, whatever the dependence."""
    out, known = np.full(len(p), np.nan), np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    out[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1.0)
    return out


def benjamini_hochberg(p: Array) -> Array:
    """Step-up: holds the expected share of false ones among those rejected, for independent tests."""
    out, known = np.full(len(p), np.nan), np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
