"""Rows drawn anew, then mended, until they keep what their codebook promises between columns.

First, what is asked only of some (``jika … maka …``) is settled for them: the answer changes, never the question it
depends on, so that shares of the latter stay as declared. Then rows that break another condition are drawn again as a
whole, which gives the declared distributions *given* the condition. What is still broken after so many rounds is mended
one column at a time. Either it ends with rows that keep every promise, or with an error that names those not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.condition import Filled, Name, Node, Not, Number, Pair, Text, all_names, condition
from kesos_research.data.condition_rows import broken, number, truth
from kesos_research.data.draw import Draw, Rows, missing_of
from kesos_research.errors import DataError, Where
from kesos_research.language import _

_ROUNDS = 40
_MENDS = 12
_CANDIDATES = 40
_AGAINST = {"<=": ">", ">=": "<", "<": ">=", ">": "<=", "=": "!=", "!=": "="}


@dataclass(frozen=True)
class Kept:
    """One promise between columns, as a tree."""

    name: str
    tree: Node

    @property
    def asked_of_some(self) -> bool:
        """Whether it says ``jika … maka …``."""
        return isinstance(self.tree, Pair) and self.tree.sign == "maka"


def promises_of(codebook: Codebook) -> tuple[Kept, ...]:
    """Order and conditions of a codebook."""
    order = [Kept(f"{a} <= {b}", Pair("<=", Name(a, 0), Name(b, 0), 0)) for a, b in pairwise(codebook.order)]
    return (*order, *(Kept(p.name, condition(p.condition, codebook.columns)) for p in codebook.promises))


class Keeper:
    """Mends rows.

    Parameters
    ----------
    draw
        Where values come from.
    free
        Columns that may be drawn anew; the others stay as they are.
    """

    def __init__(self, draw: Draw, free: tuple[str, ...]) -> None:
        self.draw, self.free = draw, free
        self.columns: Mapping[str, Column] = draw.codebook.columns
        self.promises = promises_of(draw.codebook)
        self._turn = 0
        spoken_of = {name for kept in self.promises for name in all_names(kept.tree)}
        self.again = tuple(name for name in free if name in spoken_of or name in draw.copula.names)

    def keep(self, rows: Rows) -> Rows:
        """The same rows where they keep every promise, others where they did not.

        Raises
        ------
        DataError
            When a promise cannot be kept; it is named.
        """
        if not self.promises:
            return rows
        every = np.arange(len(next(iter(rows.values()))))
        self._settle(rows, every)
        plain = [kept for kept in self.promises if not kept.asked_of_some]
        wrong = self._wrong(rows, every, plain)
        for _round in range(_ROUNDS if self.again else 0):
            if not len(wrong):
                break
            for name, values in self.draw.rows(self.again, len(wrong)).items():
                rows[name][wrong] = values
            blank_years(self.draw.codebook, rows, wrong)
            self._settle(rows, wrong)
            wrong = self._wrong(rows, wrong, plain)
        wrong = self._wrong(rows, every, self.promises)
        for self._turn in range(_MENDS):
            for kept in self.promises:
                self._make(kept.tree, True, rows, self._wrong(rows, wrong, [kept]))
            wrong = self._wrong(rows, wrong, self.promises)
        self._refuse(rows)
        return rows

    def _wrong(self, rows: Rows, at: np.ndarray, promises: Sequence[Kept]) -> np.ndarray:
        """Those of the rows `at` that break one of these promises."""
        if not promises or not len(at):
            return at[:0]
        each = [broken(kept.tree, _part(rows, at, kept.tree), self.columns) for kept in promises]
        return at[np.logical_or.reduce(each)]

    def _settle(self, rows: Rows, at: np.ndarray) -> None:
        """What is asked only of some, for the rows `at`; a few times, as one answer may open the next question."""
        for _round in range(4):
            again = False
            for kept in self.promises:
                if kept.asked_of_some:
                    wrong = self._wrong(rows, at, [kept])
                    again |= len(wrong) > 0
                    self._make(kept.tree, True, rows, wrong)
            if not again:
                return

    def _refuse(self, rows: Rows) -> None:
        for kept in self.promises:
            n = int(broken(kept.tree, rows, self.columns).sum())
            if n:
                raise DataError(
                    _("{n} rows cannot be drawn so that {name} holds.", n=n, name=kept.name),
                    expected=_("ranges, choices and distributions that leave room for every condition"),
                    remedy=_("look at this condition together with the ranges of {columns}",
                             columns=", ".join(dict.fromkeys(all_names(kept.tree)))),
                    where=Where(key=f"aturan.{kept.name}"),
                )  # fmt: skip

    def _holds(self, tree: Node, rows: Rows, at: np.ndarray) -> np.ndarray:
        return truth(tree, _part(rows, at, tree), self.columns)

    # --- making one condition true, or false

    def _make(self, tree: Node, wanted: bool, rows: Rows, at: np.ndarray) -> None:
        if not len(at):
            return
        match tree:
            case Not(of=of):
                self._make(of, not wanted, rows, at)
            case Pair(sign="maka", left=left, right=right):
                self._make(Pair("atau", Not(left, 0), right, 0), wanted, rows, at)
            case Pair(sign=("dan" | "atau") as sign, left=left, right=right):
                both = (sign == "dan") == wanted
                for part in (left, right) if both else (right,):
                    self._make(part, wanted, rows, at[self._holds(part, rows, at) != wanted])
            case Filled(column=name, filled=filled):
                self._fill(name, filled == wanted, rows, at)
            case Pair():
                self._compare(tree, wanted, rows, at)

    def _fill(self, name: str, filled: bool, rows: Rows, at: np.ndarray) -> None:
        if name not in self.free:
            return
        column = self.columns[name]
        if filled:
            rows[name][at] = self.draw.present(name, len(at))
        elif not column.required:
            rows[name][at] = missing_of(column)

    def _compare(self, tree: Pair, wanted: bool, rows: Rows, at: np.ndarray) -> None:
        """New values of one of its columns, the other sides left as they are; then the value at the edge."""
        names = list(dict.fromkeys(all_names(tree)))
        # where two conditions pull at one column, the other side must give way in its turn
        for name in reversed(names) if self._turn % 2 else names:
            if name not in self.free:
                continue
            kept = rows[name][at].copy()
            for _try in range(_CANDIDATES):
                left = at[self._holds(tree, rows, at) != wanted]
                if not len(left):
                    return
                rows[name][left] = self.draw.present(name, len(left))
            left = self._holds(tree, rows, at) != wanted
            rows[name][at[left]] = kept[left]
            self._edge(tree, wanted, name, rows, at[left])
            at = at[self._holds(tree, rows, at) != wanted]

    def _edge(self, tree: Pair, wanted: bool, name: str, rows: Rows, at: np.ndarray) -> None:
        """The value nearest to what the condition allows, within the range of the column."""
        sign = tree.sign if wanted else _AGAINST[tree.sign]
        if not len(at):
            return
        if rows[name].dtype == float:
            rows[name][at] = self._solved(Pair("-", tree.left, tree.right, tree.at), sign, name, rows, at)
            return
        own_left = tree.left == Name(name, tree.left.at)
        value = _other(tree.right if own_left else tree.left, rows, at)
        if rows[name].dtype == object:
            if sign == "=":
                rows[name][at] = value
        else:
            later = {"<": -1, ">": 1}.get(sign, 0) * (1 if own_left else -1)
            rows[name][at] = self._dated(name, value.astype("datetime64[D]") + np.timedelta64(later, "D"))

    def _dated(self, name: str, value: np.ndarray) -> np.ndarray:
        """Days within the range of the column."""
        first, last = self.draw.spreads[name].values(np.array([0.0, 1.0]))
        return np.clip(value, first, last)

    def _solved(self, difference: Pair, sign: str, name: str, rows: Rows, at: np.ndarray) -> np.ndarray:
        """Where a difference that is linear in the column changes its sign, and a step to the side that is wanted."""
        spread, here = self.draw.spreads[name], _part(rows, at, difference)
        at_zero, at_one = (number(difference, {**here, name: np.full(len(at), x)}) for x in (0.0, 1.0))
        slope = at_one - at_zero
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = -at_zero / slope
        below = (slope > 0) == (sign in ("<", "<="))
        step = 1.0 if spread.whole else 10.0**-spread.decimals
        if sign in ("<", ">"):
            edge = np.where(below, edge - step, edge + step)
        if sign not in ("=", "!="):
            edge = np.where(below, np.floor(edge / step + 1e-9), np.ceil(edge / step - 1e-9)) * step
        edge = np.where(np.isfinite(edge), edge, rows[name][at])
        return np.clip(np.round(edge, spread.decimals), spread.low, spread.high)


def _other(tree: Node, rows: Rows, at: np.ndarray) -> np.ndarray:
    """The value on the other side of a comparison of texts or dates."""
    match tree:
        case Name(column=column):
            return rows[column][at]
        case Text(text=text) | Number(text=text):
            return np.full(len(at), text, dtype=object)
    raise AssertionError(tree)


def blank_years(codebook: Codebook, rows: Rows, at: np.ndarray) -> None:
    """Take away the values outside the years in which a column has any, for the rows `at`."""
    period = next((c.name for c in codebook.columns.values() if c.kind == "tahun"), None)
    if period is None or period not in rows:
        return
    for column in codebook.columns.values():
        if column.years and column.name in rows:
            year = rows[period][at]
            gone = at[~((year >= column.years[0]) & (year <= column.years[1]))]
            rows[column.name][gone] = missing_of(column)


def _part(rows: Rows, at: np.ndarray, tree: Node) -> Rows:
    """The rows `at` of the columns that a condition speaks of; of any column where it speaks of none."""
    names = list(all_names(tree)) or list(rows)[:1]
    return {name: rows[name][at] for name in names}
