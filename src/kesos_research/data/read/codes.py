"""The sheet on which our own workbooks say what their columns are."""

from __future__ import annotations

from collections.abc import Mapping

from kesos_research.data.read.sheet import Sheet

SHEET = "buku_kode"
HEADER = ("kolom", "label", "satuan", "jenis", "kode", "arti")


def is_about(sheet: Sheet) -> bool:
    """Whether a sheet says what the columns of another are."""
    header = sheet.rows.get(1, {})
    return sheet.name == SHEET and tuple(header.get(i, "") for i in range(1, len(HEADER) + 1)) == HEADER


def labels(sheet: Sheet | None) -> tuple[Mapping[str, str], Mapping[str, Mapping[str, str]]]:
    """Labels of columns, and labels of codes by column."""
    told: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    for row, cells in sheet.rows.items() if sheet else ():
        name = cells.get(1, "")
        if row == 1 or not name:
            continue
        if 5 in cells:
            codes.setdefault(name, {})[cells[5]] = cells.get(6, "")
        elif 2 in cells:
            told[name] = cells[2]
    return told, codes
