"""Nearest neighbours: each treated unit with the comparison units most like it, one treated unit after another.

V: (n, k) coordinates in which Euclidean distance is the distance wanted: the score alone, or covariates turned so that
the distance is Mahalanobis'. Ties go to the unit that comes first; who calls puts rows in a random order.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Terms:
    """How units may be matched: `group`: (n,) only within its values; `caliper`: no further than that."""

    group: Places
    ratio: int
    replacement: bool
    caliper: float = np.inf


def whitened(X: Array, A: Mask, w: Array) -> Array:
    """Coordinates of Mahalanobis' distance by the covariance within the arms: (n, p)."""
    S = np.zeros((X.shape[1], X.shape[1]))
    for a in (A, ~A):
        D = X[a] - w[a] @ X[a] / w[a].sum()
        S += (w[a][:, None] * D).T @ D * len(D) / w[a].sum()
    values, vectors = np.linalg.eigh(S / (len(X) - 2))
    good = values > 1e-12 * values.max()
    return X @ (vectors[:, good] / np.sqrt(values[good]))


def matched(V: Array, A: Mask, terms: Terms, first: Array | None = None) -> Places:
    """Places of the matches of each treated unit: (n₁, ratio), −1 for none.

    `first`: (n₁,) treated units with the largest come first; without it the closest pairs do.
    """
    T, search = np.flatnonzero(A), _Search(V, A, terms)
    found = np.full((len(T), terms.ratio), -1, np.intp)
    for r in range(terms.ratio):
        if first is not None:
            for i in np.argsort(-first, kind="stable"):
                found[i, r] = search.take(int(T[i]), found[i, :r])[0]
        else:
            _closest(search, T, found, r)
    return found


def neighbours(V: Array, places: Places, of: Places, k: int) -> Places:
    """The k nearest others among places, of each of some of them: (m, k)."""
    out = np.empty((len(of), k), np.intp)
    for row, i in enumerate(of):
        d = ((V[places] - V[i]) ** 2).sum(axis=1)
        d[places == i] = np.inf
        out[row] = places[np.argsort(d, kind="stable")[:k]]
    return out


class _Search:
    """The nearest comparison unit that is still free."""

    def __init__(self, V: Array, A: Mask, terms: Terms) -> None:
        self.V, self.terms = V, terms
        self.pools = {int(g): np.flatnonzero(~A & (terms.group == g)) for g in np.unique(terms.group)}
        self.free = np.ones(len(A), bool)

    def look(self, i: int, held: Places) -> tuple[int, float]:
        pool = self.pools[int(self.terms.group[i])]
        if not len(pool):
            return -1, np.inf
        d = np.sqrt(((self.V[pool] - self.V[i]) ** 2).sum(axis=1))
        d[~self.free[pool] | np.isin(pool, held)] = np.inf
        at = int(np.argmin(d))
        return (int(pool[at]), float(d[at])) if d[at] <= self.terms.caliper and np.isfinite(d[at]) else (-1, np.inf)

    def take(self, i: int, held: Places) -> tuple[int, float]:
        j, d = self.look(i, held)
        if j >= 0 and not self.terms.replacement:
            self.free[j] = False
        return j, d


def _closest(search: _Search, T: Places, found: Places, r: int) -> None:
    """The closest pair that is free, again and again."""
    heap = []
    for i in range(len(T)):
        j, d = search.look(int(T[i]), found[i, :r])
        heap.append((d, i, j))
    heapq.heapify(heap)
    while heap:
        d, i, j = heapq.heappop(heap)
        if j < 0:
            continue
        if search.free[j]:
            found[i, r] = search.take(int(T[i]), found[i, :r])[0]
            continue
        j, d = search.look(int(T[i]), found[i, :r])
        heapq.heappush(heap, (d, i, j))
