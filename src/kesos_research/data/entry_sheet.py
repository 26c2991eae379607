"""A codebook as an Excel sheet to type into: each column takes only what it may and tells what it is for."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from kesos_research.data.codebook import NUMBERS, Codebook, Column
from kesos_research.data.read.codes import HEADER, SHEET
from kesos_research.data.rules import wordings
from kesos_research.data.write.excel import without_clock
from kesos_research.domain import register
from kesos_research.estimates import Check
from kesos_research.language import Language, Words

if TYPE_CHECKING:
    from openpyxl.worksheet.datavalidation import DataValidation

ROWS: Final = 5000
"""Rows that take answers."""
_REGIONS = "wilayah"
_TITLE, _PROMPT = 32, 250
"""Characters that Excel shows of a prompt's title and text."""
_NEEDED, _OTHER = "FFF2CC", "E7E6E6"


def entry_sheet(codebook: Codebook, title: str, lang: Language) -> tuple[bytes, tuple[Check, ...]]:
    """The bytes of the workbook, and what it leaves to the check of the answers."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    data: Any = book.worksheets[0]
    data.title = "data"
    about: Any = book.create_sheet(SHEET)
    places = _about(about, codebook, lang)
    rules = wordings(codebook)
    for i, column in enumerate(codebook.columns.values(), 1):
        letter = get_column_letter(i)
        _head(data, i, letter, column, codebook)
        check = _validation(column, letter, places.get(column.name), codebook)
        _tell(check, column, rules[column.name], lang)
        check.add(f"{letter}2:{letter}{ROWS + 1}")
        data.add_data_validation(check)
    data.freeze_panes = "A2"
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.formatColumns = False  # false says: this is allowed
    book.properties.title, book.properties.creator = title, "kesos_research"
    out = io.BytesIO()
    book.save(out)
    return without_clock(out.getvalue()), tuple(_notes(codebook))


def _head(sheet: Any, i: int, letter: str, column: Column, codebook: Codebook) -> None:
    """The name above a column, locked, and the column below it, open."""
    from openpyxl.styles import Font, PatternFill, Protection

    cell = sheet.cell(1, i)
    cell.value, cell.data_type = column.name, "s"
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor=_NEEDED if _needed(column, codebook) else _OTHER)
    cell.protection = Protection(locked=True)
    below = sheet.column_dimensions[letter]
    below.width = max(12.0, min(len(column.name) + 4.0, 40.0))
    below.protection = Protection(locked=False)
    below.number_format = _format(column)


def _needed(column: Column, codebook: Codebook) -> bool:
    return column.required or column.name in codebook.key


def _format(column: Column) -> str:
    if column.kind == "tanggal":
        return "yyyy-mm-dd"
    return "General" if column.kind == "angka" else "0" if column.kind in NUMBERS else "@"


def _validation(column: Column, letter: str, place: str | None, codebook: Codebook) -> DataValidation:
    """What the cells of a column take; a cell has one rule, so the strictest comes first."""
    from openpyxl.worksheet.datavalidation import DataValidation

    blank = not _needed(column, codebook)
    if place is not None and column.kind != "pilihan_ganda":
        return DataValidation("list", formula1=place, allow_blank=blank)
    match column.kind:
        case "angka" | "bilangan" | "tahun":
            low, high = column.low, column.high
            if low is None or high is None:
                low, high = (1000, 9999) if column.kind == "tahun" else (-1e15, 1e15)
            kind = "decimal" if column.kind == "angka" else "whole"
            return DataValidation(kind, operator="between", formula1=f"{low:.15g}", formula2=f"{high:.15g}",
                                  allow_blank=blank)  # fmt: skip
        case "tanggal":
            first, last = (_serial(day) for day in column.dates) if column.dates else (1, 2_958_465)
            return DataValidation("date", operator="between", formula1=str(first), formula2=str(last),
                                  allow_blank=blank)  # fmt: skip
        case "nik" | "nomor_kk":
            digits = f"SUMPRODUCT(--ISERROR(--MID({letter}2,ROW($1:$16),1)))=0"
            formula = f"AND(ISTEXT({letter}2),LEN({letter}2)=16,{digits})"
            return DataValidation("custom", formula1=formula, allow_blank=blank)
    if column.unique or codebook.key == (column.name,):
        formula = f"COUNTIF(${letter}$2:${letter}${ROWS + 1},{letter}2)=1"
        return DataValidation("custom", formula1=formula, allow_blank=blank)
    return DataValidation("textLength", operator="lessThanOrEqual", formula1="32000", allow_blank=blank)


def _serial(day: Any) -> int:
    """A date as Excel counts it."""
    import datetime

    return (day - datetime.date(1899, 12, 30)).days


def _tell(check: DataValidation, column: Column, rules: Sequence[Words], lang: Language) -> None:
    """The label and the promises beside a cell that is being filled, and when it is refused."""
    label = column.label[lang] or column.name
    unit = f" ({column.unit[lang]})" if column.unit[lang] else ""
    promises = "; ".join(dict.fromkeys(rule[lang] for rule in rules))
    question = f"{column.question[lang]} " if column.question[lang] else ""
    check.promptTitle = check.errorTitle = _short(label, _TITLE)
    check.prompt = _short(f"{question}{label}{unit}. {promises[:1].upper()}{promises[1:]}.", _PROMPT)
    check.error = _short(f"{promises[:1].upper()}{promises[1:]}." if promises else label, _PROMPT)
    check.showInputMessage = check.showErrorMessage = True


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _about(sheet: Any, codebook: Codebook, lang: Language) -> dict[str, str]:
    """The sheet that says what columns and codes are; gives the cells of each column's codes."""
    from openpyxl.styles import Font

    places: dict[str, str] = {}
    rows: list[tuple[str, ...]] = [HEADER]
    for column in codebook.columns.values():
        rows.append((column.name, column.label[lang], column.unit[lang], column.kind, "", ""))
        codes = list(_codes(column, codebook, lang))
        if codes:
            places[column.name] = f"'{SHEET}'!$E${len(rows) + 1}:$E${len(rows) + len(codes)}"
        rows += [(column.name, "", "", "", code, said) for code, said in codes]
    for i, row in enumerate(rows, 1):
        for j, text in enumerate(row, 1):
            if text:
                cell = sheet.cell(i, j)
                cell.value, cell.data_type, cell.number_format = text, "s", "@"
                cell.font = Font(bold=i == 1)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEF", (24, 44, 24, 14, 12, 44), strict=True):
        sheet.column_dimensions[letter].width = width
    return places


def _codes(column: Column, codebook: Codebook, lang: Language) -> Iterator[tuple[str, str]]:
    if column.kind == _REGIONS:
        for region in register(synthetic=codebook.synthetic):
            yield region.code, f"{region.label}, {region.province}"
    for code, said in column.choices.items():
        yield code, said[lang]


def _notes(codebook: Codebook) -> Iterator[Check]:
    left = [c.name for c in codebook.columns.values() if c.kind == "pilihan_ganda" or c.pattern or c.reference]
    if left:
        yield Check(
            "questionnaire.left",
            "info",
            "Several answers, patterns and values of other files are checked afterwards ({columns}).",
            {"columns": ", ".join(left)},
        )
    if codebook.promises or codebook.order:
        yield Check(
            "questionnaire.promises",
            "info",
            "A cell knows nothing of the others: {n} conditions between columns are checked afterwards.",
            {"n": len(codebook.promises) + max(len(codebook.order) - 1, 0)},
        )
