"""What is counted in a file before its columns are guessed at: how many values look like what, and how many differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kesos_research.data.cells import Cells
from kesos_research.data.database import opened
from kesos_research.data.identity import kk_pattern, nik_pattern
from kesos_research.data.terms import literal, number_pattern
from kesos_research.domain import regions

MISSING = ("", ".", "-", "–", "NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "#N/A")
"""Texts that files write where there is no value."""
FEW = 20
"""Different values a choice may have."""
RARE = 10
"""Rows below which a value is rare, and may lead to a person."""

_SAMPLE = 400
_AT_ONCE = 8_000_000
"""Cells that are looked at in one query."""
_ALWAYS = ("sixteen", "email")
"""Shapes of which one value tells; of the others all values must have it, so that a few hundred rows rule most out."""

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SIXTEEN = r"\D*(?:[0-9]\D*){16}"
_SHAPES = {
    "whole": "[+-]?(?:0|[1-9][0-9]{0,14})",
    "point": number_pattern("."),
    "comma": number_pattern(","),
    "year": "(?:19|20)[0-9]{2}",
    "padded": "0[0-9]+",
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
    used = _missing(cells)
    sample = _sample(cells)
    likely = [_likely([text for text in column if text not in MISSING]) for column in sample]
    found: list[Counts] = []
    with opened(cells.table, [[r.code for r in regions()]]) as connection:
        step = min(max(_AT_ONCE // max(cells.rows, 1), 1), 40)
        for start in range(0, len(likely), step):
            part = list(enumerate(likely[start : start + step], start))
            asked = ", ".join(_question(i, names, decimal) for i, names in part)
            values = ", ".join(f"{_value(i, used)} as v{i}" for i, _names in part)
            row = connection.execute(f"select {asked} from (select {values} from cells)").fetchone()
            assert row is not None
            told = iter(row)
            found += [_counts(told, names) for _i, names in part]
    named = zip(cells.columns, found, strict=True)
    few = {
        name: replace(one, values=_values(cells, name, used)) if one.different <= FEW else one for name, one in named
    }
    return few, used


def _question(position: int, names: Sequence[str], decimal: str) -> str:
    """What is asked of one column: values, different ones, the longest, the range, and how many look like what."""
    v = f"v{position}"
    fits = f"regexp_full_match({v}, {literal(number_pattern(decimal))})"
    number = v if decimal == "." else f"replace({v}, ',', '.')"
    value = f"case when {fits} then try_cast({number} as double) end" if _numeric(names, decimal) else "null"
    special = {
        "day": f"case when regexp_full_match({v}, {literal(_DATE)}) then try_cast({v} as date) is not null end",
        "region": f"{v} in (select v from s0)",
        "sixteen": f"case when length({v}) >= 16 then regexp_full_match({v}, {literal(_SIXTEEN)}) end",
        "email": f"contains({v}, '@')",
    }
    likes = [special.get(name) or f"regexp_full_match({v}, {literal(_SHAPES[name])})" for name in names]
    counts = "".join(f", count(*) filter (where {sql})" for sql in likes)
    return f"count({v}), count(distinct {v}), max(length({v})), min({value}), max({value}){counts}"


def _numeric(names: Sequence[str], decimal: str) -> bool:
    return ("point" if decimal == "." else "comma") in names


def _counts(told: Iterator[Any], names: Sequence[str]) -> Counts:
    n, different, longest, low, high = (next(told) for _ in range(5))
    like = dict.fromkeys((*_SHAPES, "day", "region", *_ALWAYS), 0) | {name: next(told) for name in names}
    low, high = (float("nan") if x is None else float(x) for x in (low, high))
    return Counts(n, different, like, low, high, longest or 0)


def _likely(texts: Sequence[str]) -> tuple[str, ...]:
    """What all the values of a column may look like, as far as these tell."""
    known = {r.code for r in regions()}
    shapes = [name for name, pattern in _SHAPES.items() if all(re.fullmatch(pattern, t, re.ASCII) for t in texts)]
    if all(re.fullmatch(_DATE, t, re.ASCII) for t in texts):
        shapes.append("day")
    if all(t in known for t in texts):
        shapes.append("region")
    return (*shapes, *_ALWAYS)


def decimal_mark(cells: Cells) -> str:
    """The decimal mark: a comma where more columns are numbers with it than with a point."""
    score = {".": 0, ",": 0}
    for column in _sample(cells):
        texts = [text for text in column if text not in MISSING]
        for mark in score:
            pattern = number_pattern(mark)
            written = any(mark in t for t in texts)
            score[mark] += written and all(re.fullmatch(pattern, t, re.ASCII) for t in texts)
    return "," if score[","] > score["."] else "."


def _sample(cells: Cells) -> list[list[str]]:
    """The cells of some rows, spread over the file, column by column."""
    step = max(cells.rows // _SAMPLE, 1)
    table = cells.table.take(list(range(0, cells.rows, step)))
    return [[text or "" for text in column.to_pylist()] for column in table.columns]


def _missing(cells: Cells) -> tuple[str, ...]:
    """The usual texts for missing values that occur, the empty text always among them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    usual = pa.array(MISSING, pa.string())
    there: set[str] = set()
    for column in cells.table.columns:
        found = pc.filter(column, pc.is_in(column, value_set=usual))  # pyright: ignore[reportAttributeAccessIssue]
        there.update(text for text in found.unique().to_pylist() if text is not None)
    return tuple(text for text in MISSING if text == "" or text in there)


def _values(cells: Cells, name: str, missing: Sequence[str]) -> dict[str, int]:
    """Rows of each value, in the order of the values."""
    counts = {c["values"]: c["counts"] for c in cells.table.column(name).value_counts().to_pylist()}
    return {text: counts[text] for text in sorted(t for t in counts if t is not None and t not in missing)}


def _value(position: int, missing: Sequence[str]) -> str:
    return f"case when c{position} in ({', '.join(map(literal, missing))}) then null else c{position} end"
