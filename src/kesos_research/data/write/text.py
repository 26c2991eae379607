"""Rows as delimited text, the way their codebook says their file is written."""

from __future__ import annotations

import csv
import io
import re

from kesos_research.data.codebook import NUMBERS, Column
from kesos_research.data.write.rows import Rows, refused
from kesos_research.errors import DataError
from kesos_research.language import _

_DANGEROUS = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?", re.ASCII)


def csv_bytes(rows: Rows) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a CSV file: delimiter, decimal mark, encoding and mark for missing values are the codebook's.

    Text that a spreadsheet would take for a formula gets an apostrophe before it, and that is told.

    Raises
    ------
    DataError
        When a text cannot be written in the encoding.
    """
    book, touched = rows.codebook, []
    columns = []
    for column in rows.columns:
        cells = _cells(rows, column)
        if column.kind not in NUMBERS:
            safe = [text if text in book.missing else _harmless(text) for text in cells]
            if safe != cells:
                touched.append((column.name, sum(a != b for a, b in zip(safe, cells, strict=True))))
            cells = safe
        columns.append(cells)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=book.delimiter, lineterminator="\n")
    writer.writerow(rows.frame.columns)
    writer.writerows(zip(*columns, strict=True))
    notes = tuple(
        _(
            "{column}: an apostrophe stands before {n} texts that a spreadsheet would take for formulas.",
            column=name,
            n=n,
        )
        for name, n in touched
    )
    try:
        return out.getvalue().encode(book.encoding), notes
    except UnicodeEncodeError as error:
        raise _unwritable(rows, columns, book.encoding) from error


def _cells(rows: Rows, column: Column) -> list[str]:
    missing = "" if "" in rows.codebook.missing else next(iter(rows.codebook.missing), "")
    if column.kind in NUMBERS:
        numbers = rows.numbers(column)
        texts = [None if v is None else repr(v).replace(".", rows.codebook.decimal) for v in numbers]
    else:
        texts = rows.texts(column)
    return [missing if text is None else text for text in texts]


def _harmless(text: str) -> str:
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def _unwritable(rows: Rows, columns: list[list[str]], encoding: str) -> DataError:
    """The first text that the encoding has no bytes for."""
    for column, cells in zip(rows.columns, columns, strict=True):
        for row, text in enumerate(cells, 1):
            try:
                text.encode(encoding)
            except UnicodeEncodeError:
                return refused(
                    rows,
                    column.name,
                    _("A text cannot be written in {encoding}.", encoding=encoding),
                    _("text that the encoding has letters for"),
                    _("write `pengodean: utf-8` in the codebook"),
                    row=row,
                )
    raise AssertionError(encoding)
