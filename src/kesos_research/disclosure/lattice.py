"""How the cells of linked tables add up: every cell as a sum of cells of one cross-classification."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from kesos_research.errors import DisclosureError
from kesos_research.language import _

Key = tuple[tuple[str, str], ...]
"""A cell: its dimensions and their values, sorted; what is not named is summed over."""

Matrix: TypeAlias = Any
"""A sparse array of scipy's, whose types the type checker does not follow."""

LARGEST = 200_000
"""Cells of a cross-classification that are still audited."""


def key(at: Mapping[str, str]) -> Key:
    """
    >>> key({"jk": "P", "kab": "a"})
    (('jk', 'P'), ('kab', 'a'))
    """
    return tuple(sorted(at.items()))


def dims_of(cell: Key) -> tuple[str, ...]:
    return tuple(dim for dim, _value in cell)


@dataclass(frozen=True)
class Lattice:
    """The cells of tables of one population, as sums of base cells.

    Attributes
    ----------
    finest
        Dimensions of the tables that no other table refines.
    parts
        For each of them its cells: what rounding begins with.
    base
        Number of base cells.
    links
        (m, base) matrix: rows that are zero where two blocks of base cells agree on what they share.
    """

    finest: tuple[tuple[str, ...], ...]
    parts: tuple[tuple[Key, ...], ...]
    base: int
    links: Matrix
    _blocks: tuple[_Block, ...]

    def sums(self, cells: Sequence[Key]) -> Matrix:
        """(cells, base) matrix of zeros and ones."""
        return _stack([self._row(cell) for cell in cells], self.base)

    def home(self, cell: Key) -> int:
        """Which of the finest tables refines this cell: the first that does."""
        own = set(dims_of(cell))
        return next(i for i, dims in enumerate(self.finest) if own <= set(dims))

    def children(self, cell: Key) -> list[int]:
        """Places in `parts[home(cell)]` of the cells that add up to this one."""
        wanted = set(cell)
        return [i for i, part in enumerate(self.parts[self.home(cell)]) if wanted <= set(part)]

    def _row(self, cell: Key) -> np.ndarray:
        own = set(dims_of(cell))
        block = next(b for b in self._blocks if own <= set(b.dims))
        return block.start + block.matching(cell)


@dataclass(frozen=True)
class _Block:
    """Base cells of some dimensions: a frame of codes, and where they stand among all."""

    dims: tuple[str, ...]
    frame: pd.DataFrame
    start: int

    @cached_property
    def _at(self) -> dict[tuple[str, str], np.ndarray]:
        """Of each value of each dimension, where it stands."""
        made = {}
        for dim in self.dims:
            values = self.frame[dim].to_numpy(object)
            made |= {(dim, value): values == value for value in dict.fromkeys(values)}
        return made

    def matching(self, cell: Key) -> np.ndarray:
        keep = np.ones(len(self.frame), bool)
        for place in cell:
            keep &= self._at.get(place, False)
        return np.flatnonzero(keep)


def lattice(tables: Iterable[Collection[Key]]) -> Lattice:
    """The cross-classification behind tables, each given as its cells.

    A combination that a table of its dimensions does not list is empty: a reader sees that nobody is there.

    Raises
    ------
    DisclosureError
        When the cross-classification has more than `LARGEST` cells.

    Notes
    -----
    Tables whose dimensions can be ordered so that each shares with those before it only what one of them holds (the
    running intersection) need no common cross-classification: margins that agree then always have a joint table
    (Vorob'ev 1962). Only what is left, such as the three pairs of three dimensions, is crossed.
    """
    listed: dict[tuple[str, ...], dict[Key, None]] = {}
    for table in tables:
        for cell in table:
            listed.setdefault(dims_of(cell), {})[cell] = None
    finest = tuple(d for d in listed if not any(set(d) < set(other) for other in listed))
    parts = tuple(tuple(listed[d]) for d in finest)
    frames = [
        pd.DataFrame([dict(cell) for cell in part], columns=list(dims))
        for dims, part in zip(finest, parts, strict=True)
    ]
    blocks: list[_Block] = []
    joints: list[tuple[int, int, tuple[str, ...]]] = []
    start = 0
    for group, parent, shared in _tree(finest):
        joined = _joined([frames[i] for i in group])
        blocks.append(_Block(tuple(joined.columns), joined, start))
        start += len(joined)
        if parent is not None:
            joints.append((len(blocks) - 1, parent, shared))
    links = _links(blocks, joints, start)
    return Lattice(finest, parts, start, links, tuple(blocks))


def _tree(finest: Sequence[tuple[str, ...]]) -> list[tuple[list[int], int | None, tuple[str, ...]]]:
    """Groups of tables that must be crossed, each after the group it hangs on, with what the two share."""
    left = list(range(len(finest)))
    ears: list[tuple[int, int, tuple[str, ...]]] = []
    found = True
    while len(left) > 1 and found:
        found = False
        for i in reversed(left):
            others = [j for j in left if j != i]
            shared = set(finest[i]) & {d for j in others for d in finest[j]}
            holder = next((j for j in others if shared <= set(finest[j])), None)
            if holder is not None:
                ears.append((i, holder, tuple(sorted(shared))))
                left.remove(i)
                found = True
                break
    place = dict.fromkeys(left, 0)
    groups: list[tuple[list[int], int | None, tuple[str, ...]]] = [(left, None, ())]
    for i, holder, shared in reversed(ears):
        place[i] = len(groups)
        groups.append(([i], place[holder], shared))
    return groups


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every combination that all the frames allow."""
    made = frames[0]
    for frame in frames[1:]:
        common = [c for c in made.columns if c in frame.columns]
        size = _size(made, frame, common)
        if size > LARGEST:
            raise DisclosureError(
                _("The tables together cross into {n} cells.", n=size),
                expected=_("at most {n}", n=LARGEST),
                remedy=_("show fewer dimensions, coarser categories, or fewer tables of one population"),
            )
        made = made.merge(frame, on=common) if common else made.merge(frame, how="cross")
    return made


def _size(one: pd.DataFrame, other: pd.DataFrame, common: list[str]) -> int:
    if not common:
        return len(one) * len(other)
    left, right = one.groupby(common).size(), other.groupby(common).size()
    return int((left * right).dropna().sum())


def _links(blocks: Sequence[_Block], joints: Iterable[tuple[int, int, tuple[str, ...]]], base: int) -> Matrix:
    rows: list[tuple[np.ndarray, np.ndarray]] = []
    for child, parent, shared in joints:
        for values in _combinations(blocks[child].frame, blocks[parent].frame, shared):
            cell = tuple(zip(shared, values, strict=True))
            rows.append(tuple(blocks[b].start + blocks[b].matching(cell) for b in (child, parent)))  # type: ignore[arg-type]
    return (_stack([c for c, _p in rows], base) - _stack([p for _c, p in rows], base)).tocsr()


def _combinations(one: pd.DataFrame, other: pd.DataFrame, shared: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not shared:
        return [()]
    names = list(shared)
    both = pd.concat([one[names], other[names]]).drop_duplicates()
    return list(both.itertuples(index=False, name=None))


def _stack(places: Sequence[np.ndarray], width: int) -> Matrix:
    lengths = [len(p) for p in places]
    columns = np.concatenate(places) if places else np.zeros(0, int)
    pointer = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    return sparse.csr_array((np.ones(len(columns)), columns.astype(int), pointer), shape=(len(places), width))
