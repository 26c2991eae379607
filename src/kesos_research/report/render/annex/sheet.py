"""One worksheet: a heading, a table of real values, what is said beneath it, and how it prints."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from kesos_research.language import Language, words
from kesos_research.report import style
from kesos_research.report.render.package import SYNTHETIC, legal

_INK: Final = style.INK.lstrip("#")
_LINK: Final = style.SYNTHETIC_INK.lstrip("#")
_THICK: Final = Side(style="medium", color=style.RULE.lstrip("#"))
_THIN: Final = Side(style="thin", color=style.RULE.lstrip("#"))
_YES: Final = words(id="ya", en="yes")
_NO: Final = words(id="tidak", en="no")
_PLAIN: Final = Font(name="Calibri", size=11, color=_INK)
_LAYOUTS: Final = {
    (text, wraps): Alignment(horizontal="left" if text else "right", vertical="top", wrap_text=wraps)
    for text, wraps in ((True, True), (True, False), (False, False))
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_SAMPLE: Final = 200
_LINE_PT: Final = 15.0


@dataclass(frozen=True)
class Heading:
    """A column's head, the format of its numbers, and how wide it may be."""

    label: str
    format: str = "General"
    text: bool = False
    widest: float = 60.0

    @property
    def wraps(self) -> bool:
        return self.text and self.widest >= 30


class Sheet:
    """Writes a worksheet from the top down."""

    def __init__(self, worksheet: Worksheet, lang: Language, *, columns: int = 1) -> None:
        self.worksheet: Any = worksheet  # the library's types know neither its cells nor its setup
        self.lang: Language = lang
        self.row = 0
        self.columns = max(columns, 1)
        self._spans: list[tuple[int, str]] = []
        self._looks: dict[tuple[str, int, bool], Any] = {}

    def warn(self) -> None:
        """The banner of a study on invented rows."""
        self.line(SYNTHETIC[self.lang], Font(name="Calibri", size=11, bold=True, color=style.TREATED_INK.lstrip("#")))

    def line(self, text: str, font: Font | None = None, *, wrap: bool = True) -> None:
        """A line of text across the sheet."""
        self.row += 1
        cell = self.put(1, text)
        cell.font = font or _PLAIN
        if wrap:
            self._spans.append((self.row, text))

    def title(self, text: str) -> None:
        """What the sheet shows."""
        self.line(text, Font(name="Calibri", size=13, bold=True, color=_INK))

    def skip(self) -> None:
        self.row += 1

    def link(self, column: int, text: str, sheet: str) -> None:
        """A link to another sheet of the file."""
        cell = self.worksheet.cell(self.row, column)
        cell.value = legal(text)
        cell.data_type = "s"
        quoted = sheet.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!A1", display=text)
        cell.font = Font(name="Calibri", size=11, color=_LINK, underline="single")

    def put(self, column: int, value: Any, number_format: str = "General", layout: Alignment | None = None) -> Any:
        """One value where it belongs: numbers as numbers, text as text and never as a formula."""
        cell = self.worksheet.cell(self.row, column)
        value = shown(value, self.lang)
        text = isinstance(value, str)
        cell.value = legal(value) if text else value
        if text:
            cell.data_type = "s"
            number_format = "General"
        # the mark Excel itself gives to text that was typed after an apostrophe
        quoted = text and value[:1] in _FORMULA
        self._dress(cell, number_format, layout, quoted=quoted)
        return cell

    def _dress(self, cell: Any, number_format: str, layout: Alignment | None, *, quoted: bool) -> None:
        """The cell's look; what looks the same is made once, as a sheet may hold many thousand cells."""
        key = (number_format, id(layout), quoted)
        if key in self._looks:
            cell._style = copy.copy(self._looks[key])
            return
        cell.font = _PLAIN
        cell.number_format = number_format
        cell.quotePrefix = quoted
        if layout is not None:
            cell.alignment = layout
        self._looks[key] = copy.copy(cell._style)

    def table(
        self,
        heads: Sequence[Heading],
        rows: Sequence[Sequence[Any]],
        *,
        formats: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """The table, with its head frozen and repeated on every printed page."""
        sheet, formats = self.worksheet, formats or {}
        self.columns = max(self.columns, len(heads))
        self.row += 1
        top = self.row
        for j, head in enumerate(heads, 1):
            cell = self.put(j, head.label)
            cell.font = Font(name="Calibri", size=11, bold=True, color=_INK)
            cell.border = Border(top=_THICK, bottom=_THIN)
            cell.alignment = Alignment(horizontal="left" if head.text else "right", vertical="bottom", wrap_text=True)
        for i, values in enumerate(rows):
            self.row += 1
            for j, (head, value) in enumerate(zip(heads, values, strict=True), 1):
                self.put(j, value, formats.get((i, j - 1), head.format), _LAYOUTS[head.text, head.wraps])
        for j in range(1, len(heads) + 1 if rows else 1):
            sheet.cell(self.row, j).border = Border(top=_THIN if self.row == top + 1 else None, bottom=_THICK)
        widths = [_width(head, [row[j] for row in rows[:_SAMPLE]], self.lang) for j, head in enumerate(heads)]
        for j, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(j)].width = width
        self._height(top, [(head.label, width) for head, width in zip(heads, widths, strict=True)], bold=True)
        for i, values in enumerate(rows, top + 1):
            cells = zip(heads, values, widths, strict=True)
            self._height(i, [(str(shown(v, self.lang) or ""), width) for head, v, width in cells if head.wraps])
        sheet.freeze_panes = sheet.cell(top + 1, 2 if len(heads) > 2 else 1)
        sheet.print_title_rows = f"{top}:{top}"

    def _height(self, row: int, cells: Sequence[tuple[str, float]], *, bold: bool = False) -> None:
        """Room for text that takes several lines; programs do not all find it by themselves."""
        wide = 1.25 if bold else 1.15
        taken = max((math.ceil(len(text) * wide / max(width - 1, 1)) for text, width in cells), default=1)
        if taken > 1:
            self.worksheet.row_dimensions[row].height = taken * _LINE_PT

    def finish(self, foot: str) -> None:
        """Lay long lines across the columns, and make the sheet ready to print."""
        sheet = self.worksheet
        across = max(self.columns, 1)
        letters = [get_column_letter(j) for j in range(1, across + 1)]
        while sum(self._wide(letter) for letter in letters) < 90:
            letters.append(get_column_letter(len(letters) + 1))
        room = sum(self._wide(letter) for letter in letters)
        for row, text in self._spans:
            cell = sheet.cell(row, 1)
            sheet.merge_cells(f"A{row}:{letters[-1]}{row}")
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            size = cell.font.size or 11
            taken = sum(max(1, math.ceil(len(part) * 1.15 * size / 11 / room)) for part in text.split("\n"))
            sheet.row_dimensions[row].height = taken * _LINE_PT * size / 11
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_margins.left = sheet.page_margins.right = 0.6
        sheet.oddFooter.left.text = legal(foot).replace("&", "&&")
        sheet.oddFooter.right.text = "&P / &N"

    def _wide(self, letter: str) -> float:
        known = self.worksheet.column_dimensions
        return known[letter].width if letter in known else 10.0


def shown(value: Any, lang: Language) -> Any:
    """A value as a cell holds it: words in the document's language, numbers that are none as nothing."""
    if isinstance(value, Mapping):
        return str(value.get(lang, ""))
    if isinstance(value, bool):
        return (_YES if value else _NO)[lang]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return "; ".join(str(shown(v, lang)) for v in value)
    if value is None or isinstance(value, int | float | str):
        return value
    return str(value)


def _width(head: Heading, values: Sequence[Any], lang: Language) -> float:
    """Characters a column is wide: its words whole, its head in two lines or so."""
    word = max((len(w) for w in head.label.split()), default=0)
    said = [shown(value, lang) for value in values]
    longest = max((len(v) if isinstance(v, str) else 10 for v in said if v is not None), default=0)
    least = word if head.text else max(word, min(len(head.label), 22))
    return min(max(longest, least, 7) * 1.15 + 2, head.widest)
