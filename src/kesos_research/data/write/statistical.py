"""Rows as Stata and SPSS files, with variable and value labels; what these formats cannot hold is refused by name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.codebook import NUMBERS, Column
from kesos_research.data.write.rows import Rows, refused
from kesos_research.errors import KesosError
from kesos_research.language import _

_SPSS_CLOCK = slice(92, 109)
_SPSS_TIME = b"01 Jan 8000:00:00"
_STATA_CLOCK = re.compile(rb"(<timestamp>\x11).{17}(</timestamp>)", re.DOTALL)
_STATA_TIME = b"01 Jan 1980 00:00"


@dataclass(frozen=True)
class _Limits:
    """What a format holds: characters of names, bytes of labels and texts, words that no column is called."""

    program: str
    name: re.Pattern[str]
    named: int
    label: int
    code: int
    text: int
    reserved: frozenset[str]


_STATA = _Limits(
    program="Stata",
    name=re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    named=32,
    label=80 * 4,
    code=32_000,
    text=2045,
    reserved=frozenset(
        (
            *("_all", "_b", "byte", "_coef", "_cons", "double", "float", "if", "in", "int", "long", "_n", "_N"),
            *("_pi", "_pred", "_rc", "_skip", "str", "strL", "using", "with"),
        )
    ),
)
_SPSS = _Limits(
    program="SPSS",
    name=re.compile(r"[A-Za-z@][A-Za-z0-9_.@#$]*(?<!\.)"),
    named=64,
    label=256,
    code=120,
    text=32_767,
    reserved=frozenset(("ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH")),
)


def dta_bytes(rows: Rows) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a Stata file (version 118), the same each time.

    Raises
    ------
    KesosError
        When names, labels or texts are longer than Stata holds, or a name is none there.
    """
    library = _library()

    _fit(rows, _STATA)
    frame, codes = _frame(rows)
    codes = {name: told for name, told in codes.items() if not any(isinstance(code, str) for code in told)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.dta"
        library.write_dta(frame, path, column_labels=_labels(rows), variable_value_labels=codes, version=15)
        raw = path.read_bytes()
    lost = [c.name for c in rows.columns if c.choices and c.name not in codes]
    notes = [_("Stata keeps no labels of codes that are text: {names}.", names=", ".join(lost))] if lost else []
    return _STATA_CLOCK.sub(rb"\g<1>" + _STATA_TIME + rb"\g<2>", raw, count=1), tuple(notes)


def sav_bytes(rows: Rows) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of an SPSS file, the same each time.

    Raises
    ------
    KesosError
        When names, labels or texts are longer than SPSS holds, or a name is none there.
    """
    library = _library()

    _fit(rows, _SPSS)
    frame, codes = _frame(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.sav"
        library.write_sav(
            frame,
            path,
            column_labels=_labels(rows),
            variable_value_labels=codes,
            variable_measure={c.name: _measure(c) for c in rows.columns},
            row_compress=True,
        )
        raw = bytearray(path.read_bytes())
    raw[_SPSS_CLOCK] = _SPSS_TIME
    return bytes(raw), ()


def _library() -> Any:
    """pyreadstat, whose own types know no data frame of pandas."""
    import pyreadstat

    return pyreadstat


def _measure(column: Column) -> str:
    return "scale" if column.kind in (*NUMBERS, "tanggal") else "nominal"


def _labels(rows: Rows) -> dict[str, str]:
    return {column.name: rows.label(column) for column in rows.columns}


def _frame(rows: Rows) -> tuple[pd.DataFrame, dict[str, dict[Any, str]]]:
    """Columns as the library takes them, and labels of codes by what the cells hold."""
    made: dict[str, Any] = {}
    codes: dict[str, dict[Any, str]] = {}
    for column in rows.columns:
        values = rows.frame[column.name]
        if column.kind == "tanggal":
            made[column.name] = pd.Series([None if v is pd.NaT else v.date() for v in values], dtype=object)
        elif column.kind in NUMBERS:
            made[column.name] = values.astype("float64")
        elif rows.numeric(column):
            made[column.name] = pd.to_numeric(values.astype("str")).astype("float64")
            codes[column.name] = {int(code): label for code, label in rows.codes(column).items()}
        else:
            made[column.name] = pd.Series(rows.texts(column), dtype=object)
            if column.kind == "pilihan":
                codes[column.name] = dict(rows.codes(column))
    frame = pd.DataFrame({name: pd.Series(list(v), dtype=v.dtype) for name, v in made.items()})
    return frame, {name: told for name, told in codes.items() if told}


def _fit(rows: Rows, limits: _Limits) -> None:
    problems = [*_names(rows, limits)]
    for column in rows.columns:
        problems += _lengths(rows, column, limits)
    if problems:
        raise together(problems)


def _names(rows: Rows, limits: _Limits) -> Iterator[KesosError]:
    seen: dict[str, str] = {}
    for column in rows.columns:
        name = column.name
        key = name if limits is _STATA else name.upper()
        words = limits.reserved if limits is _STATA else {w.upper() for w in limits.reserved}
        if not limits.name.fullmatch(name) or len(name) > limits.named or key in words or re.fullmatch(r"str\d+", name):
            yield refused(
                rows,
                name,
                _("{name} is no name of a column in {program}.", name=repr(name), program=limits.program),
                _("at most {n} letters, digits and _, a letter first", n=limits.named),
                _("rename the column here and in the codebook"),
            )
        elif key in seen:
            yield refused(
                rows,
                name,
                _("{program} does not tell {one} from {other}.", program=limits.program, one=seen[key], other=name),
                _("names that differ in more than capitals"),
                _("rename the column here and in the codebook"),
            )
        seen[key] = name


def _lengths(rows: Rows, column: Column, limits: _Limits) -> Iterator[KesosError]:
    label = rows.label(column)
    long = len(label) > 80 if limits is _STATA else len(label.encode()) > limits.label
    if long:
        yield refused(
            rows,
            column.name,
            _("The label has {n} characters.", n=len(label)),
            _("at most {n} in {program}", n=80 if limits is _STATA else limits.label, program=limits.program),
            _("shorten it in the codebook"),
        )
    codes = [code for code, said in rows.codes(column).items() if len(said.encode()) > limits.code]
    if codes:
        yield refused(
            rows,
            column.name,
            _("The label of the code {code} is too long.", code=repr(codes[0])),
            _("at most {n} in {program}", n=limits.code, program=limits.program),
            _("shorten it in the codebook"),
        )
    if column.kind in (*NUMBERS, "tanggal"):
        return
    wide = [row for row, text in enumerate(rows.texts(column), 1) if text and len(text.encode()) > limits.text]
    if wide:
        yield refused(
            rows,
            column.name,
            _("{n} texts are longer than {program} holds.", n=len(wide), program=limits.program),
            _("at most {n} in {program}", n=limits.text, program=limits.program),
            _("write .parquet or .csv"),
            row=wide[0],
        )
