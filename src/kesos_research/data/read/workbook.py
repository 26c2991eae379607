"""The sheets of an XLSX workbook as text, with the address of every cell that cannot be taken at its word.

The parts are read as they are written, because a number must be seen before it becomes one: Excel keeps fifteen digits,
so a NIK typed into a number cell is lost, and a formula is two things, what was written and what was last shown.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from kesos_research.data.read.archive import Archive, opened
from kesos_research.data.read.number import Style, shown, style
from kesos_research.errors import DataError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

Fault = Literal["formula", "unfinished", "error", "long", "date", "percent", "padded"]
"""A formula with a result, one without, an error, digits that are not kept, no date, shown as percent, with zeros."""

WIDEST, LONGEST = 16384, 1_048_576
"""Columns and rows a sheet may have."""
CELL = 32_767
"""Characters a cell may have."""
CHARACTERS = 1_000_000_000
"""Characters all cells of a sheet may have together."""

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RANGE = re.compile(r"([A-Z]{1,3}[1-9]\d{0,6}):([A-Z]{1,3}[1-9]\d{0,6})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Range:
    """Cells from one corner to another, rows and columns from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{address(self.top, self.left)}:{address(self.bottom, self.right)}"


@dataclass
class Sheet:
    """One sheet: its cells as text by row and column, both from 1; cells without text are not there."""

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    faults: dict[tuple[Fault, int], list[int]] = field(default_factory=dict)
    """Rows by kind of fault and column."""

    @property
    def width(self) -> int:
        """The last column with text."""
        return max((max(cells) for cells in self.rows.values() if cells), default=0)

    @property
    def height(self) -> int:
        """The last row with text."""
        return max((row for row, cells in self.rows.items() if cells), default=0)

    def fault(self, kind: Fault, row: int, column: int) -> None:
        self.faults.setdefault((kind, column), []).append(row)


class Workbook:
    """A workbook whose sheets may be read."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.file = archive, archive.file
        self._book = _Book(archive)
        self._strings: list[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Sheets with cells, in order, hidden ones too."""
        return tuple(self._book.sheets)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Sheets that a person does not see."""
        return tuple(name for name in self.names if name in self._book.hidden)

    def sheet(self, name: str) -> Sheet:
        """The cells of a sheet.

        Raises
        ------
        DataError
            When a part is damaged, or a cell holds more than a cell can.
        """
        if self._strings is None:
            self._strings = _strings(self.archive, self._book.strings)
        reading = _Cells(self, name, self._strings, _styles(self.archive, self._book.styles), self._book.since_1904)
        self.archive.stream(self._book.sheets[name], start=reading.start, end=reading.end, text=reading.text)
        return reading.sheet


@contextmanager
def workbook(path: Path, file: str) -> Iterator[Workbook]:
    """The workbook at `path`, its zip looked at first.

    Raises
    ------
    DataError
        When it is no workbook.
    """
    with opened(path, file) as archive:
        yield Workbook(archive)


def address(row: int, column: int) -> str:
    """How a spreadsheet names a cell.

    Examples
    --------
    >>> address(7, 28)
    'AB7'
    """
    return f"{letters(column)}{row}"


def letters(column: int) -> str:
    """How a spreadsheet names a column."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def place(text: str) -> tuple[int, int] | None:
    """Row and column of an address; None where it is none."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    return (row, column) if column <= WIDEST and row <= LONGEST else None


class _Book:
    """What the workbook part and its relations say: sheets by name and part, strings, styles, epoch."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        main = next(iter(_relations(archive, "", "_rels/.rels", "/officeDocument").values()), "")
        if main not in archive.names:
            raise self._no_workbook()
        self.hidden: set[str] = set()
        self.since_1904 = False
        self._told: list[tuple[str, str]] = []
        archive.stream(main, start=self._start, end=_nothing, text=_nothing)
        base, name = posixpath.split(main)
        beside = posixpath.join(base, "_rels", f"{name}.rels")
        parts = _relations(archive, base, beside, "/worksheet")
        self.sheets = {name: parts[at] for name, at in self._told if at in parts}
        self.strings = next(iter(_relations(archive, base, beside, "/sharedStrings").values()), None)
        self.styles = next(iter(_relations(archive, base, beside, "/styles").values()), None)
        if not self.sheets:
            raise self._no_workbook()

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "sheet":
            at = next((v for k, v in given.items() if k.rpartition(":")[2] == "id" and ":" in k), "")
            self._told.append((given.get("name", ""), at))
            if given.get("state", "visible") != "visible":
                self.hidden.add(given.get("name", ""))
        elif tag == "workbookPr":
            self.since_1904 = given.get("date1904", "0") in ("1", "true")

    def _no_workbook(self) -> DataError:
        inside = ", ".join(clean(name) for name in self.archive.names[:3])
        return DataError(
            _("The file is an archive and no workbook; it holds {names}.", names=inside or "–"),
            expected=_("a workbook saved as .xlsx, with a sheet"),
            remedy=_("unpack the archive and read the file in it"),
            where=Where(self.archive.file),
        )


def _relations(archive: Archive, base: str, part: str, kind: str) -> dict[str, str]:
    """Parts that another part refers to, by the id of the reference."""
    found: dict[str, str] = {}

    def start(tag: str, given: Mapping[str, str]) -> None:
        if tag == "Relationship" and given.get("Type", "").endswith(kind) and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
            found[given.get("Id", "")] = whole

    if part in archive.names:
        archive.stream(part, start=start, end=_nothing, text=_nothing)
    return found


def _strings(archive: Archive, part: str | None) -> list[str]:
    """The shared strings; rich text without its looks, readings of characters left out."""
    found: list[str] = []
    pieces: list[str] = []
    open_: list[str] = []

    def start(tag: str, _given: Mapping[str, str]) -> None:
        open_.append(tag)
        if tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        open_.pop()
        if tag == "si":
            found.append(_plain("".join(pieces)))

    def text(said: str) -> None:
        if open_[-1] == "t" and "rPh" not in open_:
            pieces.append(said)

    if part is not None:
        archive.stream(part, start=start, end=end, text=text)
    return found


def _styles(archive: Archive, part: str | None) -> list[Style]:
    """How each style shows a number."""
    formats: dict[str, str] = {}
    used: list[Style] = []
    inside: list[str] = []

    def start(tag: str, given: Mapping[str, str]) -> None:
        inside.append(tag)
        if tag == "numFmt":
            formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag == "xf" and inside[-2:-1] == ["cellXfs"]:
            number = given.get("numFmtId", "0")
            used.append(style(formats.get(number), number))

    def end(_tag: str) -> None:
        inside.pop()

    if part is not None:
        archive.stream(part, start=start, end=end, text=_nothing)
    return used


def _plain(text: str) -> str:
    """Text with the characters that XML cannot carry put back."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _nothing(*_told: object) -> None:
    return None


class _Cells:
    """Hears the elements of a sheet part and keeps its cells."""

    def __init__(self, book: Workbook, name: str, strings: list[str], styles: list[Style], since_1904: bool) -> None:
        self.sheet = Sheet(name)
        self._book, self._strings, self._styles, self._since_1904 = book, strings, styles, since_1904
        self._row = self._column = self._characters = 0
        self._given: Mapping[str, str] = {}
        self._formula = self._is_rich = self._reading = False
        self._pieces: list[str] = []

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "c":
            self._begin(given)
        elif tag in ("v", "t"):
            self._reading = not self._is_rich
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._is_rich = True
        elif tag == "row":
            self._begin_row(given)
        elif tag == "mergeCell":
            self._merge(given.get("ref", ""))
        elif tag == "col" and given.get("hidden") in ("1", "true"):
            self._hide(given)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._reading = False
        elif tag == "rPh":
            self._is_rich = False
        elif tag == "c":
            self._finish("".join(self._pieces))

    def text(self, said: str) -> None:
        if self._reading:
            self._pieces.append(said)

    def _begin_row(self, given: Mapping[str, str]) -> None:
        self._row, self._column = self._whole(given.get("r"), self._row + 1, LONGEST), 0
        if given.get("hidden") in ("1", "true"):
            self.sheet.hidden_rows.append(self._row)

    def _begin(self, given: Mapping[str, str]) -> None:
        self._given, self._formula = given, False
        self._pieces.clear()
        at = place(given["r"]) if "r" in given else (self._row, self._column + 1)
        if at is None or at[0] != self._row or at[1] > WIDEST:
            raise self._wrong(
                _("A cell stands at {place}, where no cell can be.", place=repr(clean(given.get("r", ""))))
            )
        self._column = at[1]

    def _whole(self, text: str | None, otherwise: int, most: int) -> int:
        if text is None:
            return otherwise
        if not re.fullmatch(r"[1-9]\d{0,6}", text, re.ASCII) or int(text) > most:
            raise self._wrong(_("There is no row or column {number}.", number=repr(clean(text))))
        return int(text)

    def _merge(self, text: str) -> None:
        found = _RANGE.fullmatch(text)
        corners = [place(corner) for corner in found.groups()] if found else [place(text)] * 2
        first, last = corners
        if first is None or last is None:
            raise self._wrong(_("The merged cells {range} are nowhere.", range=repr(clean(text))))
        self.sheet.merged.append(Range(*first, *last))

    def _hide(self, given: Mapping[str, str]) -> None:
        first = self._whole(given.get("min"), 1, WIDEST)
        self.sheet.hidden_columns += range(first, self._whole(given.get("max"), first, WIDEST) + 1)

    def _finish(self, raw: str) -> None:
        text = self._said(raw)
        if not text:
            return
        self._characters += len(text)
        if len(text) > CELL or self._characters > CHARACTERS:
            raise self._wrong(
                _("The cell {cell} holds {n} characters.", cell=address(self._row, self._column), n=len(text))
                if len(text) > CELL
                else _("The cells of the sheet hold more than {n} characters.", n=CHARACTERS)
            )
        self.sheet.rows.setdefault(self._row, {})[self._column] = text

    def _said(self, raw: str) -> str:
        kind = self._given.get("t", "n")
        if self._formula:
            self._fault("formula" if raw or kind == "str" else "unfinished")
        if kind == "s":
            return self._shared(raw)
        if kind in ("str", "inlineStr"):
            return _plain(raw)
        if kind == "b":
            return {"0": "FALSE", "1": "TRUE", "false": "FALSE", "true": "TRUE"}.get(raw, raw)
        if kind == "e":
            self._fault("error")
            return raw
        if kind == "d":
            return raw
        return self._number(raw) if raw.strip() else ""

    def _shared(self, raw: str) -> str:
        if not raw.strip().isdecimal() or int(raw) >= len(self._strings):
            raise self._wrong(
                _("The cell {cell} refers to a text that is not there.", cell=address(self._row, self._column))
            )
        return self._strings[int(raw)]

    def _number(self, raw: str) -> str:
        number = self._given.get("s", "0")
        known = self._styles[int(number)] if number.isdecimal() and int(number) < len(self._styles) else Style()
        told = shown(raw.strip(), known, self._since_1904)
        if told is None:
            raise self._wrong(_("The cell {cell} holds no number.", cell=address(self._row, self._column)))
        if told.fault:
            self._fault(told.fault)
        return told.text

    def _fault(self, kind: Fault) -> None:
        self.sheet.fault(kind, self._row, self._column)

    def _wrong(self, found: str) -> DataError:
        return DataError(
            found,
            expected=_("a sheet as a spreadsheet program saves it"),
            remedy=_("open the file in a spreadsheet program and save it again"),
            where=Where(self._book.file, row=self._row or None, key=self.sheet.name or None),
        )
