"""Rows as delimited text, the way their codebook says their file is written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from kesos_research.data.cells import Cells
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
    text = _delimited([str(name) for name in rows.frame.columns], columns, book.delimiter)
    try:
        return text.encode(book.encoding), _told(touched)
    except UnicodeEncodeError as error:
        raise _unwritable(rows, columns, book.encoding) from error


def cells_bytes(cells: Cells) -> tuple[bytes, tuple[str, ...]]:
    """Cells that were read from another layout as CSV in UTF-8; text that a spreadsheet would take for a formula as in
    `csv_bytes`."""
    columns = {name: cells.table.column(name).to_pylist() for name in cells.columns}
    safe = {name: [_harmless(text or "") for text in column] for name, column in columns.items()}
    touched = {name: sum((a or "") != b for a, b in zip(columns[name], safe[name], strict=True)) for name in columns}
    raw = _delimited([_harmless(name) for name in columns], list(safe.values()), ",")
    return raw.encode(), _told([(name, n) for name, n in touched.items() if n])


def _delimited(names: Sequence[str], columns: Sequence[Sequence[str]], delimiter: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue()


def _told(touched: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    return tuple(
        _(
            "{column}: an apostrophe stands before {n} texts that a spreadsheet would take for formulas.",
            column=name,
            n=n,
        )
        for name, n in touched
    )


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
