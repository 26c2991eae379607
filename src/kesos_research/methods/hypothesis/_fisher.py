"""Fisher's exact test of tables of any shape."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

LARGEST = 2_000_000
"""Tables of the last two columns that are looked at; larger problems are not exact in reasonable time."""
_SAME = 1e-7
"""Relative difference below which two tables count as equally probable (R's fisher.test)."""


def exact_p(table: Counts) -> float | None:
    """Probability of all tables with these margins that are no more probable than this one; None where too many.

    Columns are filled one after another. Two fillings that leave the same to the rows differ only in their probability
    so far; for the last two columns the sums of those are looked up in one sorted list (after Mehta & Patel 1983).
    """
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return 1.0
    if table.shape[0] > table.shape[1]:
        table = table.T
    columns = np.sort(table.sum(axis=0))
    rows = table.sum(axis=1)
    factor = _log_factorials(int(table.sum()))
    # log P = Σ log r! + Σ log c! − log n! − Σ log cells!
    constant = factor[rows].sum() + factor[columns].sum() - factor[table.sum()]
    observed = constant - factor[table].sum()
    states: dict[tuple[int, ...], tuple[Array, Array]] = {tuple(rows): (np.array([constant]), np.array([1.0]))}
    for total in columns[:-2]:
        filled = _filled(states, int(total), factor)
        if filled is None:
            return None
        states = filled
    count = sum(len(logs) for logs, _many in states.values())
    sizes = [_ways(np.array(left), int(columns[-2])) for left in states]
    if sum(sizes) > LARGEST or count > LARGEST:
        return None
    return min(1.0, sum(_ended(left, past, int(columns[-2]), factor, observed) for left, past in states.items()))


def _filled(
    states: dict[tuple[int, ...], tuple[Array, Array]], total: int, factor: Array
) -> dict[tuple[int, ...], tuple[Array, Array]] | None:
    """One more column: what is left to the rows, and the probabilities so far, equal ones counted together."""
    gathered: dict[tuple[int, ...], list[tuple[Array, Array]]] = {}
    size = 0
    for left, (logs, many) in states.items():
        if _ways(np.array(left), total) * len(logs) > LARGEST:
            return None
        fills = _fills(np.array(left), total)
        size += len(fills) * len(logs)
        if size > 4 * LARGEST:
            return None
        own = -factor[fills].sum(axis=1)
        for fill, more in zip(np.array(left) - fills, own, strict=True):
            gathered.setdefault(tuple(fill.tolist()), []).append((logs + more, many))
    merged = {}
    for left, parts in gathered.items():
        logs = np.concatenate([p[0] for p in parts])
        many = np.concatenate([p[1] for p in parts])
        _values, first, place = np.unique(np.round(logs, 9), return_index=True, return_inverse=True)
        merged[left] = (logs[first], np.bincount(place.ravel(), many))
    return merged


def _ended(left: tuple[int, ...], past: tuple[Array, Array], total: int, factor: Array, observed: float) -> float:
    """Probability of the tables that end so and are no more probable than the one observed."""
    logs, many = past
    order = np.argsort(logs)
    cumulated = np.append(0.0, np.cumsum(many[order] * np.exp(logs[order])))
    fills = _fills(np.array(left), total)
    own = -factor[fills].sum(axis=1) - factor[np.array(left) - fills].sum(axis=1)
    places = np.searchsorted(logs[order], observed + math.log1p(_SAME) - own, side="right")
    return float((np.exp(own) * cumulated[places]).sum())


def _ways(left: Counts, total: int) -> int:
    """How many ways there are to fill a column, by counting without listing."""
    counts = np.zeros(total + 1)
    counts[0] = 1.0
    for room in left:
        summed = np.cumsum(counts)
        shifted = np.concatenate([np.zeros(min(int(room) + 1, total + 1)), summed[: max(total - int(room), 0)]])
        counts = summed - shifted
    return int(min(counts[total], 1e15))


def _fills(left: Counts, total: int) -> Counts:
    """All ways to give a column's total to the rows, none more than is left: (ways, rows)."""
    partial = np.zeros((1, 0), np.int64)
    given = np.zeros(1, np.int64)
    after = np.append(np.cumsum(left[::-1])[::-1][1:], 0)
    for room, rest in zip(left, after, strict=True):
        low = np.maximum(0, total - given - rest)
        high = np.minimum(room, total - given)
        counts = np.maximum(high - low + 1, 0)
        repeated = np.repeat(np.arange(len(given)), counts)
        within = np.arange(len(repeated)) - np.repeat(np.cumsum(counts) - counts, counts)
        value = low[repeated] + within
        partial = np.column_stack([partial[repeated], value])
        given = given[repeated] + value
    return partial


def _log_factorials(n: int) -> Array:
    from scipy import special

    return np.asarray(special.gammaln(np.arange(n + 1) + 1.0), float)
