"""What tells synthetic rows apart and groups them: keys, households and members, panels, the design of a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kesos_research.data.codebook import IDENTIFIERS, NUMBERS, Codebook, Column
from kesos_research.data.draw import Draw, Rows
from kesos_research.errors import DataError, Where
from kesos_research.language import _

DESIGN = ("strata", "cluster", "weight", "fpc")
"""Roles whose values are those of a whole group: a household, a unit of a panel."""

_MEMBERS = 2.6
_IN_BLOCK = 10
_STRATA = 30
_SMALL = 1000
_TRIES = 200


@dataclass
class Arranged:
    """Columns that are settled before chance draws the others.

    Attributes
    ----------
    rows
        Their values.
    group
        By row: its household or unit, numbered from 0; each row by itself where there is no such thing.
    """

    rows: Rows
    group: np.ndarray

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1 if len(self.group) else 0


def arrange(draw: Draw, n: int) -> Arranged:
    """Key and design of `n` rows that stand by themselves.

    Raises
    ------
    DataError
        When the key has fewer values than rows are asked for.
    """
    outer, inner = _sides(draw)
    # numbers of people are made last, when it is known when they were born
    drawn = [name for name in outer if draw.codebook.columns[name].kind not in IDENTIFIERS]
    if inner and outer:
        arranged = _nested(draw, drawn, inner, n)
    else:
        own = len(drawn) == len(outer)
        arranged = Arranged(_combinations(draw, drawn or inner, n) if own else _free(draw, drawn, n), np.arange(n))
    _design(draw, arranged)
    return arranged


def arrange_within(draw: Draw, parents: Rows, n: int) -> Arranged:
    """Rows of the same kind within each of `parents`: members of a household, years of a region.

    Every parent has a row where there are enough; the others fall where chance has it. Columns that are there already
    are taken over.
    """
    size = len(next(iter(parents.values())))
    key = [name for name in draw.codebook.key if name not in parents]
    most = _most(draw, key)
    if size * most < n:
        raise _short(draw.codebook, size * most, n)
    many = np.zeros(size, dtype=np.int64)
    many[draw.random.permutation(size)[:n]] = 1
    if n > size:
        many += _spread_out(draw, n - size, size, most - 1)
    group = np.repeat(np.arange(size), many)
    rows = {name: values[group] for name, values in parents.items()}
    rows |= _numbered(draw, key, many)
    arranged = Arranged(rows, group)
    _design(draw, arranged)
    return arranged


# --- keys


def _sides(draw: Draw) -> tuple[list[str], list[str]]:
    """The part of a key that names a unit, and the part that numbers rows within it."""
    key, columns = draw.codebook.key, draw.codebook.columns
    inner = [
        name
        for name in key
        if columns[name].kind == "tahun"
        or columns[name].role == "period"
        or (columns[name].kind in ("bilangan", "pilihan") and (draw.groups(columns[name]) or _SMALL + 1) <= _SMALL)
    ]
    outer = [name for name in key if name not in inner]
    return (outer, inner) if outer else ([], list(key))


def _combinations(draw: Draw, names: Sequence[str], n: int) -> Rows:
    """`n` different combinations of values."""
    if not names:
        return {}
    if len(names) == 1:
        return {names[0]: draw.distinct(names[0], n)}
    counts = [draw.groups(draw.codebook.columns[name]) for name in names]
    if all(count is not None for count in counts):
        every = math.prod(count or 0 for count in counts)
        if every < n:
            raise _short(draw.codebook, every, n)
        if every <= 10_000_000:
            return _of_all(draw, names, [count or 0 for count in counts], n)
    rows = {name: draw.present(name, n) for name in names}
    for _step in range(_TRIES):
        again = _again([rows[name] for name in names])
        if not again.any():
            return rows
        for name in names:
            rows[name][again] = draw.present(name, int(again.sum()))
    raise _short(draw.codebook, n - int(_again([rows[name] for name in names]).sum()), n)


def _free(draw: Draw, names: Sequence[str], n: int) -> Rows:
    """Values that need not differ, because a number of a person beside them does."""
    return {name: draw.present(name, n) for name in names}


def _of_all(draw: Draw, names: Sequence[str], counts: Sequence[int], n: int) -> Rows:
    index = draw.random.permutation(math.prod(counts))[:n]
    rows: Rows = {}
    for name, count in zip(names, counts, strict=True):
        index, here = np.divmod(index, count)
        rows[name] = np.sort(draw.distinct(name, count))[here]
    return rows


def _nested(draw: Draw, outer: list[str], inner: list[str], n: int) -> Arranged:
    """Units, each with its rows: every period of a panel, or as many members as chance gives a household."""
    columns, most = draw.codebook.columns, _most(draw, inner)
    if any(columns[name].kind == "tahun" or columns[name].role == "period" for name in inner):
        many = np.full(math.ceil(n / most), most)
        many[-1] -= many.sum() - n
    else:
        units = max(math.ceil(n / (1 + _MEMBERS)), math.ceil(n / most))
        many = _spread_out(draw, n - units, units, most - 1) + 1
    group = np.repeat(np.arange(len(many)), many)
    rows = {name: values[group] for name, values in _combinations(draw, outer, len(many)).items()}
    return Arranged(rows | _numbered(draw, inner, many), group)


def _most(draw: Draw, names: Sequence[str]) -> int:
    """Rows that a unit can have."""
    counts = [draw.groups(draw.codebook.columns[name]) for name in names]
    return min(math.prod(_SMALL * _SMALL if count is None else count for count in counts), 10**9) if names else 1


def _spread_out(draw: Draw, rest: int, units: int, most: int) -> np.ndarray:
    """`rest` rows over `units`, none with more than `most`."""
    many = np.zeros(units, dtype=np.int64)
    while rest > 0 and (many < most).any():
        open_ = np.flatnonzero(many < most)
        more = np.bincount(draw.random.integers(0, len(open_), rest), minlength=len(open_))
        more = np.minimum(more, most - many[open_])
        many[open_] += more
        rest -= int(more.sum())
    return many


def _numbered(draw: Draw, names: Sequence[str], many: np.ndarray) -> Rows:
    """Different values of the inner key within each unit, in order from the smallest."""
    place = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
    rows: Rows = {}
    for name in reversed(names):
        column = draw.codebook.columns[name]
        count = draw.groups(column)
        if count is None:  # a text or a wide number: different in every row
            rows[name] = draw.distinct(name, len(place))
            continue
        first = max(column.low or 0, 1) if column.kind == "bilangan" and column.low is not None else None
        values = np.sort(draw.distinct(name, count))
        if first is not None and (values >= first).any():
            values = np.concatenate([values[values >= first], values[values < first]])
        place, here = np.divmod(place, count)
        rows[name] = values[here]
    return rows


def _short(codebook: Codebook, there: int, n: int) -> DataError:
    return DataError(
        _("The key {key} tells {there} rows apart, and {n} are asked for.", key=" + ".join(codebook.key),
          there=there, n=n),
        remedy=_("widen the ranges of the key, or ask for fewer rows"),
        where=Where(key="kunci"),
    )  # fmt: skip


def _again(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Rows whose values stand together in a row before."""
    import pandas as pd

    return pd.DataFrame(dict(enumerate(columns))).duplicated().to_numpy()


# --- the design of a sample


def _design(draw: Draw, arranged: Arranged) -> None:
    """Strata, blocks within them, weights, and the blocks of the population; one value a group."""
    roles = {
        column.role: column
        for column in draw.codebook.columns.values()
        if column.role in DESIGN and column.name not in arranged.rows and column.reference is None
    }
    told = {c.role: c.name for c in draw.codebook.columns.values() if c.role in DESIGN}
    first = np.unique(arranged.group, return_index=True)[1]
    groups = len(first)
    made: Rows = {}
    if "strata" in roles:
        made[told["strata"]] = _strata(draw, roles["strata"], groups)
    stratum = made.get(told.get("strata", ""))
    if stratum is None and told.get("strata") in arranged.rows:
        stratum = arranged.rows[told["strata"]][first]
    number = _codes(stratum, groups)
    if "cluster" in roles:
        made[told["cluster"]] = _blocks(draw, told["cluster"], number)
    block = made.get(told.get("cluster", ""))
    if "weight" in roles:
        made[told["weight"]] = draw.present(told["weight"], groups)
    if "fpc" in roles:
        made[told["fpc"]] = _population(draw, roles["fpc"], number, block)
    for name, values in made.items():
        arranged.rows[name] = values[arranged.group]


def _strata(draw: Draw, column: Column, groups: int) -> np.ndarray:
    if draw.groups(column) is not None or column.kind in NUMBERS:
        return draw.present(column.name, groups)
    labels = draw.distinct(column.name, int(np.clip(groups // _STRATA, 1, 20)))
    return labels[draw.random.integers(0, len(labels), groups)]


def _codes(values: np.ndarray | None, groups: int) -> np.ndarray:
    if values is None:
        return np.zeros(groups, dtype=np.int64)
    return np.unique(values.astype(str), return_inverse=True)[1]


def _blocks(draw: Draw, name: str, stratum: np.ndarray) -> np.ndarray:
    """Two blocks or more in every stratum with two groups, of about ten groups each; no block in two strata."""
    block = np.empty(len(stratum), dtype=np.int64)
    before = 0
    for number in range(int(stratum.max()) + 1 if len(stratum) else 0):
        here = np.flatnonzero(stratum == number)
        count = min(len(here), max(2, round(len(here) / _IN_BLOCK)))
        block[here] = before + np.arange(len(here)) * count // max(len(here), 1)
        before += count
    labels = draw.distinct(name, before)
    return labels[block]


def _population(draw: Draw, column: Column, stratum: np.ndarray, block: np.ndarray | None) -> np.ndarray:
    """Blocks of the population, one number a stratum and never fewer than were drawn; or a share."""
    count = int(stratum.max()) + 1 if len(stratum) else 0
    drawn = draw.present(column.name, count)
    share = column.high is not None and column.high <= 1
    if not share:
        unit = _codes(block, len(stratum)) if block is not None else np.arange(len(stratum))
        sampled = np.array([len(np.unique(unit[stratum == number])) for number in range(count)], dtype=float)
        drawn = np.minimum(np.maximum(drawn, sampled), column.high if column.high is not None else np.inf)
    return drawn[stratum]
