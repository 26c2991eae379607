"""One sheet of a workbook: its cells as text, and the reader that hears them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kesos_research.data.read.number import Style, shown
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
    numbers: set[tuple[int, int]] = field(default_factory=set)
    """Cells that are numbers and not text, where that was asked for."""

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


def unescaped(text: str) -> str:
    """Text with the characters that XML cannot carry put back."""
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


class SheetReader:
    """Hears the elements of a sheet part and keeps its cells."""

    def __init__(self, name: str, file: str, strings: Sequence[str], styles: Sequence[Style]) -> None:
        self.sheet = Sheet(name)
        self._file, self._strings, self._styles = file, strings, styles
        self.keeps_numbers = self.since_1904 = False
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
            return unescaped(raw)
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
        told = shown(raw.strip(), known, self.since_1904)
        if told is None:
            raise self._wrong(_("The cell {cell} holds no number.", cell=address(self._row, self._column)))
        if told.fault:
            self._fault(told.fault)
        if self.keeps_numbers and not known.date:
            self.sheet.numbers.add((self._row, self._column))
        return told.text

    def _fault(self, kind: Fault) -> None:
        self.sheet.fault(kind, self._row, self._column)

    def _wrong(self, found: str) -> DataError:
        return DataError(
            found,
            expected=_("a sheet as a spreadsheet program saves it"),
            remedy=_("open the file in a spreadsheet program and save it again"),
            where=Where(self._file, row=self._row or None, key=self.sheet.name or None),
        )
