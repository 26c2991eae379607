"""Strata of alike units: bins of the score, the same values, or the same bins of values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


def tenths(p: Array, A: Mask, k: int) -> Places:
    """Bins of the score between its k-quantiles among the treated: (n,)."""
    edges = np.quantile(p[A], np.linspace(0, 1, k + 1))
    return np.clip(np.searchsorted(edges, p, side="right") - 1, 0, k - 1)


def coarse(Z: Array, *, bins: bool) -> Places:
    """Number of the combination of values: (n,); with bins, of numbers in Sturges' number of equal width."""
    code = np.zeros(len(Z), np.intp)
    for z in Z.T:
        own = _bins(z) if bins else np.unique(z, return_inverse=True)[1]
        code = np.unique(np.column_stack([code, own]), axis=0, return_inverse=True)[1].ravel()
    return code


def _bins(z: Array) -> Places:
    k = int(np.ceil(np.log2(len(z)) + 1))
    edges = np.linspace(z.min(), z.max(), k + 1)
    return np.clip(np.searchsorted(edges, z, side="right") - 1, 0, k - 1)
