"""Rows as an XLSX workbook: a sheet of data and a sheet that says what the columns are; text is never a formula."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.codebook import NUMBERS, Column
from kesos_research.data.read.codes import HEADER, SHEET
from kesos_research.data.read.sheet import CELL, LONGEST, WIDEST
from kesos_research.data.write.rows import Rows, refused
from kesos_research.errors import KesosError
from kesos_research.language import _

_TIME: Final = (1980, 1, 1, 0, 0, 0)
_DATED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_FIRST_DAY: Final = pd.Timestamp(1900, 3, 1)
_LITERAL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def xlsx_bytes(rows: Rows) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a workbook, the same each time: no clock is in them.

    Raises
    ------
    KesosError
        When there are more rows or columns than a sheet has, or longer texts than a cell holds.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    if problems := list(_too_large(rows)):
        raise together(problems)
    book = Workbook(write_only=True)
    data = book.create_sheet("data")
    data.freeze_panes = "A2"

    def cell(value: Any, format_: str | None = None):
        made = WriteOnlyCell(data, None)
        made.value = _LITERAL.sub("_x005F_", value).replace("\r", "_x000D_") if isinstance(value, str) else value
        if isinstance(value, str):
            made.data_type = "s"
        if format_:
            made.number_format = format_
        return made

    data.append([cell(str(name)) for name in rows.frame.columns])
    columns = [_values(rows, column) for column in rows.columns]
    formats = [_format(column) for column in rows.columns]
    for values in zip(*columns, strict=True):
        data.append([None if v is None else cell(v, f) for v, f in zip(values, formats, strict=True)])
    about = book.create_sheet(SHEET)
    for told in _about(rows):
        about.append([None if text == "" else cell(text) for text in told])
    out = io.BytesIO()
    book.save(out)
    notes = (_("The sheet {name} says what the columns are.", name=SHEET),)
    return without_clock(out.getvalue()), notes


def _too_large(rows: Rows) -> Iterator[KesosError]:
    if len(rows.frame) >= LONGEST or len(rows.frame.columns) > WIDEST:
        found = _("{n} rows and {m} columns do not fit on a sheet.", n=len(rows.frame), m=len(rows.frame.columns))
        yield refused(
            rows, "", found, _("at most {n} rows and {m} columns", n=LONGEST - 1, m=WIDEST), _("write .parquet or .csv")
        )
    for column in rows.columns:
        if column.kind == "tanggal":
            yield from _early(rows, column)
        if column.kind in NUMBERS or column.kind == "tanggal":
            continue
        long = [row for row, text in enumerate(rows.texts(column), 1) if text and len(text) > CELL]
        if long:
            yield refused(
                rows,
                column.name,
                _("{n} texts are longer than a cell holds.", n=len(long)),
                _("at most {n} characters", n=CELL),
                _("write .parquet or .csv"),
                row=long[0],
            )


def _early(rows: Rows, column: Column) -> Iterator[KesosError]:
    """Days that spreadsheets do not count: theirs begin in 1900, with a day in February that never was."""
    early = (rows.frame[column.name] < _FIRST_DAY).to_numpy()
    if early.any():
        yield refused(
            rows,
            column.name,
            _("{n} dates are older than a spreadsheet counts.", n=int(early.sum())),
            _("dates from 1 March 1900"),
            _("write .parquet or .csv"),
            row=int(early.argmax()) + 1,
        )


def _values(rows: Rows, column: Column) -> list[Any]:
    values = rows.frame[column.name]
    if column.kind == "tanggal":
        return [None if v is pd.NaT else v.to_pydatetime().date() for v in values]
    if column.kind in NUMBERS:
        return rows.numbers(column)
    return rows.texts(column)


def _format(column: Column) -> str | None:
    if column.kind == "tanggal":
        return "yyyy-mm-dd"
    return "0" if column.kind in ("bilangan", "tahun") else None if column.kind in NUMBERS else "@"


def _about(rows: Rows) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for column in rows.columns:
        yield (column.name, rows.label(column), column.unit[rows.lang], column.kind, "", "")
        for code, label in rows.codes(column).items():
            yield (column.name, "", "", "", code, label)


def without_clock(raw: bytes) -> bytes:
    """The same parts with fixed times, in a fixed order."""
    out = io.BytesIO()
    day = datetime.datetime(*_TIME).isoformat().encode() + b"Z"
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            told = zipfile.ZipInfo(part, _TIME)
            told.compress_type, told.create_system, told.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            text = before.read(part)
            after.writestr(told, _DATED.sub(rb"\g<1>" + day + rb"\g<3>", text) if part == "docProps/core.xml" else text)
    return out.getvalue()
