"""What is counted in a file before its columns are guessed at: how many values look like what, and how many differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kesos_research.data.cells import Cells
from kesos_research.data.database import opened
from kesos_research.data.identity import kk_pattern, nik_pattern
from kesos_research.data.terms import literal, number_pattern
from kesos_research.domain import regions

if TYPE_CHECKING:
    import duckdb

MISSING = ("", ".", "-", "–", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "#N/A")
"""Texts that files write where there is no value."""
FEW = 20
"""Different values a choice may have."""
RARE = 10
"""Rows below which a value is rare, and may lead to a person."""

_SAMPLE = 5000
_ALWAYS = ("sixteen", "email")
"""Shapes of which one value tells; of the others all values must have it, so that a few thousand rows rule most out."""

_SHAPES = {
    "whole": "[+-]?(?:0|[1-9][0-9]{0,14})",
    "point": number_pattern("."),
    "comma": number_pattern(","),
    "year": "(?:19|20)[0-9]{2}",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "padded": "0[0-9]+",
    "sixteen": r"\D*(?:[0-9]\D*){16}",
    "email": "",
    "phone": r"(?:\+?62|0)[ -]?8[0-9](?:[ -]?[0-9]){6,10}",
    "nik": nik_pattern(),
    "nomor_kk": kk_pattern(),
}


@dataclass(frozen=True)
class Counts:
    """One column counted.

    Attributes
    ----------
    n, different
        Rows with a value, and different values.
    like
        How many values look like what; zero where those looked at first do not all.
    low, high
        Smallest and largest number, with the decimal mark of `decimal`; NaN where there is none.
    values
        Rows of each value, where there are few.
    """

    n: int
    different: int
    like: Mapping[str, int]
    low: float
    high: float
    longest: int
    values: Mapping[str, int] = field(default_factory=dict)

    def all(self, shape: str) -> bool:
        """Whether every value looks so."""
        return self.n > 0 and self.like[shape] == self.n


def counted(cells: Cells, decimal: str) -> tuple[dict[str, Counts], tuple[str, ...]]:
    """Every column counted, and the texts that stand for missing values in this file."""
    codes = [r.code for r in regions()]
    with opened(cells.table, [codes]) as connection:
        used = _missing(connection, len(cells.columns))
        found = {
            name: _column(connection, _value(position, used), decimal) for position, name in enumerate(cells.columns)
        }
    return found, used


def _column(connection: duckdb.DuckDBPyConnection, value: str, decimal: str) -> Counts:
    names = (*_SHAPES, "day", "region")
    sample = _asked(connection, names, f"(select {value} as v from cells where v is not null limit {_SAMPLE})")
    likely = [name for name in names if name in _ALWAYS or sample[name] == sample["n"]]
    like = dict.fromkeys(names, 0) | _asked(connection, likely, f"(select {value} as v from cells)")
    fits = f"regexp_full_match(v, {literal(number_pattern(decimal))})"
    number = "v" if decimal == "." else "replace(v, ',', '.')"
    row = connection.execute(
        f"select count(distinct v), max(length(v)), min(x), max(x) from (select v, case when {fits} "
        f"then try_cast({number} as double) end as x from (select {value} as v from cells))"
    ).fetchone()
    assert row is not None
    different, longest, low, high = row
    values: dict[str, int] = {}
    if different <= FEW:
        each = connection.execute(f"select {value} as v, count(*) from cells group by all order by v").fetchall()
        values = {text: count for text, count in each if text is not None}
    low, high = (float("nan") if x is None else float(x) for x in (low, high))
    return Counts(like.pop("n"), different, like, low, high, longest or 0, values)


def _asked(connection: duckdb.DuckDBPyConnection, names: Sequence[str], source: str) -> dict[str, int]:
    """How many values there are, and how many look like each of `names`."""
    day = f"case when regexp_full_match(v, {literal(_SHAPES['date'])}) then try_cast(v as date) is not null end"
    sixteen = f"case when length(v) >= 16 then regexp_full_match(v, {literal(_SHAPES['sixteen'])}) end"
    special = {"day": day, "region": "v in (select v from s0)", "sixteen": sixteen, "email": "contains(v, '@')"}
    asked = [special.get(name) or f"regexp_full_match(v, {literal(_SHAPES[name])})" for name in names]
    counts = ", ".join(f"count(*) filter (where {sql})" for sql in asked)
    row = connection.execute(f"select count(v), {counts} from {source}").fetchone()
    assert row is not None
    return {"n": row[0], **dict(zip(names, row[1:], strict=True))}


def decimal_mark(cells: Cells) -> str:
    """The decimal mark: a comma where more columns are numbers with it than with a point."""
    score = {".": 0, ",": 0}
    with opened(cells.table) as connection:
        for position in range(len(cells.columns)):
            value = _value(position, MISSING)
            asked = ", ".join(
                f"count_if(regexp_full_match(v, {literal(number_pattern(mark))})), "
                f"count_if(regexp_matches(v, {literal('[0-9]' + ('[.]' if mark == '.' else mark) + '[0-9]')}))"
                for mark in score
            )
            row = connection.execute(f"select count(v), {asked} from (select {value} as v from cells)").fetchone()
            assert row is not None
            for mark, fits, marks in zip(score, row[1::2], row[2::2], strict=True):
                score[mark] += bool(row[0]) and fits == row[0] and marks > 0
    return "," if score[","] > score["."] else "."


def _missing(connection: duckdb.DuckDBPyConnection, columns: int) -> tuple[str, ...]:
    """The usual texts for missing values that occur, the empty text always among them."""
    asked = " union ".join(
        f"select distinct c{i} as v from cells where c{i} in ({', '.join(map(literal, MISSING))})"
        for i in range(columns)
    )
    there = {v for (v,) in connection.execute(asked).fetchall()}
    return tuple(text for text in MISSING if text == "" or text in there)


def _value(position: int, missing: Sequence[str]) -> str:
    return f"case when c{position} in ({', '.join(map(literal, missing))}) then null else c{position} end"
