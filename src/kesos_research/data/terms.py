"""Columns of a file as expressions of DuckDB's SQL: names of the file never become part of a query.

The cells lie in a table ``cells`` with the columns ``c0, c1, …`` (text) and ``r`` (row, from 0). Everything a rule asks
is an expression over these; constants are escaped, lists of values are tables of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kesos_research.data.codebook import NUMBERS, Codebook, Column

_DIGITS = "[0-9]+"
_WHOLE = f"[+-]?{_DIGITS}"
_YEAR = "[0-9]{4}"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
EXACT = 2**53 - 1
"""Whole numbers up to here are held exactly, and none beyond is taken for one of them."""


def literal(text: str) -> str:
    """A text as a constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def number_pattern(decimal: str) -> str:
    """How a number is written, with this decimal mark."""
    mark = r"\." if decimal == "." else decimal
    return f"[+-]?{_DIGITS}(?:{mark}{_DIGITS})?(?:[eE][+-]?{_DIGITS})?"


class Terms:
    """What a rule can ask of the columns of one file.

    Parameters
    ----------
    columns
        Names in the file, in order.
    codebook
        Says which texts are missing, how numbers are written, and what each column is.
    sets
        Lists of values that were asked for so far, where several share them.
    """

    def __init__(self, columns: Sequence[str], codebook: Codebook, sets: list[tuple[str, ...]] | None = None) -> None:
        self.codebook = codebook
        self.sets: list[tuple[str, ...]] = [] if sets is None else sets
        self._at = {name: i for i, name in enumerate(columns)}
        self._made: dict[str, str] = {}

    def has(self, names: Iterable[str]) -> bool:
        """Whether the file has these columns."""
        return all(name in self._at for name in names)

    def cell(self, name: str) -> str:
        """The cell as it stands in the file."""
        return f"c{self._at[name]}"

    def value(self, name: str) -> str:
        """The text of a cell; null where it stands for a missing value."""
        cell, missing = self.cell(name), self.codebook.missing
        said = ", ".join(map(literal, missing))
        return self._keep(
            "v",
            name,
            f"nullif({cell}, {said})"
            if len(missing) == 1
            else f"case when {cell} in ({said}) then null else {cell} end",
        )

    def shaped(self, name: str) -> str:
        """Whether the text is written as its kind is; null where it is missing."""
        column = self._column(name)
        pattern = {"tahun": _YEAR, "bilangan": _WHOLE, "tanggal": _DATE}.get(
            column.kind, number_pattern(self.codebook.decimal)
        )
        return self._keep("s", name, f"regexp_full_match({self.value(name)}, {literal(pattern)})")

    def number(self, name: str) -> str:
        """The number; null where the cell is missing, is none, or is too large a one."""
        column, text = self._column(name), self.value(name)
        if column.kind not in NUMBERS:
            return f"try_cast({text} as double)"  # of choices whose codes are numbers
        if self.codebook.decimal != ".":
            text = f"replace({text}, {literal(self.codebook.decimal)}, '.')"
        return self._keep("n", name, f"case when {self.shaped(name)} then try_cast({text} as double) end")

    def sound(self, name: str) -> str:
        """The number, null also where it is too large to be held."""
        limit = EXACT if self._column(name).kind == "bilangan" else "1.7976931348623157e308"
        number = self.number(name)
        return f"case when abs({number}) <= {limit} then {number} end"

    def date(self, name: str) -> str:
        """The date; null where the cell is missing or is none."""
        return self._keep("d", name, f"case when {self.shaped(name)} then try_cast({self.value(name)} as date) end")

    def among(self, text: str, values: Iterable[str]) -> str:
        """Whether a text is one of many values."""
        self.sets.append(tuple(values))
        return f"{text} in (select v from s{len(self.sets) - 1})"

    @property
    def source(self) -> str:
        """The columns that were asked for, with every expression of them, each computed once."""
        used = sorted({alias[1:] for alias in self._made}, key=int)
        inner = f"(select r{''.join(f', c{i}' for i in used)} from cells)"
        for letters in ("v", "s", "nd"):
            made = [f"{sql} as {alias}" for alias, sql in self._made.items() if alias[0] in letters]
            if made:
                inner = f"(select *, {', '.join(made)} from {inner})"
        return inner

    def _keep(self, letter: str, name: str, sql: str) -> str:
        alias = f"{letter}{self._at[name]}"
        self._made[alias] = sql
        return alias

    def _column(self, name: str) -> Column:
        return self.codebook.columns[name]
