"""Delimited text as cells: strict where other readers are lenient, so that no row is lost or shifted in silence."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import DELIMITERS, Codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read.encoding import utf8
from kesos_research.data.read.layout import Layout, layout
from kesos_research.errors import KesosError, Where
from kesos_research.language import _

LONGEST = 1 << 20
"""Bytes a row may have."""
MOST = 10_000
"""Columns a file may have."""

_LOOKED_AT = 200
_NAMES = {"\t": "tab"}


def read_text(path: Path, name: str, codebook: Codebook | None, sheet: str | None = None) -> Cells:
    """The cells of a delimited text file; see `cells_of`."""
    del sheet  # a text has none
    return cells_of(path.read_bytes(), name, codebook)


def cells_of(raw: bytes, file: str, codebook: Codebook | None = None) -> Cells:
    """Which cells does this text hold, and on which line does each row stand?

    Parameters
    ----------
    raw
        The bytes of the file.
    file
        Its name in messages.
    codebook
        Says encoding and delimiter; without one both are found out and told in `Cells.detected`.

    Raises
    ------
    KesosError
        All that is wrong with the file as a whole: its encoding, NUL bytes, lone carriage returns, line ends of two
        kinds, quotation marks left open, rows with more or fewer cells than the header, a last line that does not end.
    """
    text, encoding = utf8(raw, file, codebook.encoding if codebook else None)
    delimiter = codebook.delimiter if codebook else _delimiter(text, file)
    where = layout(text, delimiter)
    problems = list(_broken(text, where, file))
    if problems:
        raise together(problems)
    header = _header(text, where, delimiter)
    if (other := _other_delimiter(header, delimiter)) and not (codebook and header[0] in codebook.columns):
        raise Damage(
            "delimiter",
            _("The cells are separated by {found}.", found=repr(other)),
            expected=_("{wanted}, as the codebook says", wanted=repr(delimiter)),
            remedy=_("save the file with that separator, or change `pemisah` in the codebook"),
            where=Where(file, line=1),
        )
    ragged = list(_ragged(where, header, file))
    if ragged:
        raise together(ragged)
    lines = where.row_lines()
    return Cells(
        table=_table(text, where, header, delimiter),
        file=file,
        first=2 if lines is None or len(lines) < 2 else int(lines[1]),
        lines=None if lines is None else lines[1:],
        detected={"encoding": encoding, "delimiter": _NAMES.get(delimiter, delimiter)},
    )


def _broken(text: bytes, where: Layout, file: str) -> Iterator[KesosError]:
    """What keeps the text from being rows at all."""
    if len(where.returns):
        yield Damage(
            "carriage_return",
            _("{n} carriage returns stand alone: a line must end with a line feed.", n=len(where.returns)),
            expected=_("lines that end as Windows or Linux end them"),
            remedy=_("save it again as CSV UTF-8"),
            where=Where(file, line=where.line(int(where.returns[0]))),
            count=len(where.returns),
        )
    if len(where.loose_quotes) or where.open:
        first = where.loose_quotes[0] if len(where.loose_quotes) else text.rindex(b'"')
        yield Damage(
            "quote",
            _("A quotation mark is opened and not closed, or stands within a cell that is not quoted."),
            expected=_("quotation marks around the whole cell, doubled within it"),
            remedy=_("close the quotation mark, or delete it"),
            where=Where(file, line=where.line(int(first))),
            count=max(len(where.loose_quotes), 1),
        )
    elif where.mixed is not None:
        yield Damage(
            "line_ends",
            _("The line ends in another way than the first line."),
            expected=_("the same line end everywhere"),
            remedy=_("two files may have been joined: look at this line, then save the file again"),
            where=Where(file, line=where.line(where.mixed)),
        )
    if not text.endswith(b"\n"):
        yield Damage(
            "cut",
            _("The last line does not end: the file may be cut."),
            expected=_("a line break after the last row"),
            remedy=_("fetch the file again, or add the line break after looking at the last row"),
            where=Where(file, line=text.count(b"\n") + 1),
        )
    lengths = np.diff(where.ends, prepend=-1)
    if len(lengths) and int(lengths.max()) > LONGEST:
        row = int(np.argmax(lengths > LONGEST))
        start = int(where.ends[row - 1]) + 1 if row else 0
        yield Damage(
            "long_row",
            _("A row is longer than {n} kilobytes.", n=LONGEST // 1024),
            expected=_("one row a line"),
            remedy=_("look for a quotation mark that is not closed, or for line breaks that are missing"),
            where=Where(file, line=where.line(start)),
            count=int((lengths > LONGEST).sum()),
        )
    elif len(where.cells) and int(where.cells[0]) > MOST:
        yield Damage(
            "wide",
            _("The header has {n} cells.", n=int(where.cells[0])),
            expected=_("at most {n} columns", n=MOST),
            remedy=_("look for line breaks that are missing"),
            where=Where(file, line=1),
        )


def _ragged(where: Layout, header: Sequence[str], file: str) -> Iterator[KesosError]:
    wrong = np.flatnonzero(where.cells != len(header))
    if len(wrong):
        start = int(where.ends[wrong[0] - 1]) + 1
        yield Damage(
            "ragged",
            _("{n} rows have more or fewer cells than the header.", n=len(wrong)),
            expected=_("{n} cells", n=len(header)),
            remedy=_("look for a missing or an extra comma, or for a decimal comma"),
            where=Where(file, line=where.line(start)),
            count=len(wrong),
        )


def _header(text: bytes, where: Layout, delimiter: str) -> tuple[str, ...]:
    first = text[: int(where.ends[0])].decode("utf-8").removesuffix("\r")
    return tuple(_split(first, delimiter))


def _split(row: str, delimiter: str) -> list[str]:
    """The cells of a row that is known to be well quoted."""
    if '"' not in row:
        return row.split(delimiter)
    return next(csv.reader([row], delimiter=delimiter), [""]) or [""]


def _other_delimiter(header: Sequence[str], delimiter: str) -> str | None:
    if len(header) != 1:
        return None
    return next((d for d in DELIMITERS if d != delimiter and d in header[0]), None)


def _delimiter(text: bytes, file: str) -> str:
    """The delimiter that parts the header and the next rows into the same number of cells.

    Raises
    ------
    Damage
        When two delimiters do so equally well.
    """
    head = text[: LONGEST // 4]
    head = head[: head.rfind(b"\n") + 1] or head
    fitting: dict[str, int] = {}
    for mark in DELIMITERS:
        cells = layout(head, mark).cells[:_LOOKED_AT]
        if len(cells) and cells[0] > 1:
            alike = int((cells == cells[0]).sum())
            fitting[mark] = alike * int(cells[0]) if alike * 2 > len(cells) else 0
    if not fitting:
        return ","
    best = sorted(fitting, key=lambda mark: -fitting[mark])
    if len(best) > 1 and fitting[best[0]] == fitting[best[1]]:
        raise Damage(
            "delimiter",
            _("The cells may be separated by {one} or by {other}.", one=repr(best[0]), other=repr(best[1])),
            remedy=_("say which under `pemisah` in the codebook"),
            where=Where(file, line=1),
        )
    return best[0]


def _table(text: bytes, where: Layout, header: Sequence[str], delimiter: str):
    """The cells behind the header, all of them text."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    names = [f"c{i}" for i in range(len(header))]
    if len(where.ends) == 1:
        return pa.Table.from_arrays([pa.array([], pa.string())] * len(header), names=list(header))
    body = memoryview(text)[int(where.ends[0]) + 1 :]
    longest = int(np.diff(where.ends, prepend=-1).max())
    table = arrow.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        read_options=arrow.ReadOptions(column_names=names, block_size=max(4 << 20, 4 * longest)),
        parse_options=arrow.ParseOptions(
            delimiter=delimiter, newlines_in_values=len(where.feeds) != len(where.ends), ignore_empty_lines=False
        ),
        convert_options=arrow.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    if table.num_rows != len(where.ends) - 1:
        raise AssertionError(f"{table.num_rows} rows were read of {len(where.ends) - 1}")
    return table.rename_columns(list(header))
