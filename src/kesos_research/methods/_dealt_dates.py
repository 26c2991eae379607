"""Several dates of start, dealt to units at random: the reference distribution of the cohorts' mean effect.

The statistic is Callaway and Sant'Anna's: ATT(g, t) = mean over cohort g of Y_t − Y_{g−1} less the same of the never
treated, averaged over cohorts and periods from g on, weighted by units of the cohort. No effect is estimated with it
here: it says what could be seen.
"""

from __future__ import annotations

from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._randomize import Reference

Array = NDArray[np.float64]

_CHUNK = 500
"""Deals made at a time."""


def dealt(Y: Array, starts: Array, periods: Array, draws: int, seed: int) -> Reference | None:
    """The statistic as it happened and under dates dealt anew: Y (N, T), starts (N,) with NaN for never, periods (T,).

    None where no cohort has a period before, or no unit was never treated.
    """
    never = np.isnan(starts)
    changes = _changes(Y, starts, periods)
    if not changes or not never.any():
        return None
    # cohort 0 is the never treated; units whose cohort has no period before stay out
    codes = np.where(never, 0, -1)
    D = np.zeros((len(changes) + 1, len(Y)))
    weights = np.zeros(len(changes) + 1)
    for j, (g, (change, count)) in enumerate(changes.items(), 1):
        codes[starts == g] = j
        D[j], weights[j] = change, count * (starts == g).sum()
    keep = codes >= 0
    codes, D, weights = codes[keep], D[:, keep], weights / weights.sum()
    # in the order of their data, so that a seed means the same whatever the units are called
    order = np.lexsort(D[::-1])
    codes, D = codes[order], D[:, order]
    rng = np.random.default_rng(seed)
    T = np.concatenate(
        [
            _statistics(rng.permuted(np.tile(codes, (min(_CHUNK, draws - first), 1)), axis=1), D, weights)
            for first in range(0, draws, _CHUNK)
        ]
    )
    count = factorial(len(codes)) // prod(factorial(int(n)) for n in np.bincount(codes))
    return Reference(
        observed=float(_statistics(codes[None, :], D, weights)[0]),
        T=np.sort(T),
        overlap=np.zeros(len(T)),
        own=False,
        exact=False,
        smallest_p=max(1 / count, 1 / (1 + draws)),
    )


def _changes(Y: Array, starts: Array, periods: Array) -> dict[float, tuple[Array, int]]:
    """Of each date: every unit's mean from it on, less the period before; and how many periods that are."""
    found = {}
    for g in np.unique(starts[~np.isnan(starts)]):
        before, after = np.flatnonzero(periods < g), np.flatnonzero(periods >= g)
        if len(before) and len(after):
            found[float(g)] = (Y[:, after].mean(axis=1) - Y[:, before[-1]], len(after))
    return found


def _statistics(codes: NDArray[np.intp], D: Array, weights: Array) -> Array:
    """codes: (B, N) cohorts of units, 0 for never; D: (G + 1, N); weights: (G + 1,); to (B,)."""

    def means(j: int) -> Array:
        inside = (codes == j).astype(float)
        return inside / inside.sum(axis=1, keepdims=True)

    never = means(0)
    return np.sum([weights[j] * ((means(j) - never) @ D[j]) for j in range(1, len(D))], axis=0)
