"""A sheet that holds rows under one header, as cells; what a spreadsheet hides or cannot keep is told or refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import NUMBERS, Codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read.codes import SHEET, is_about, labels
from kesos_research.data.read.content import expect
from kesos_research.data.read.header import unnamed
from kesos_research.data.read.sheet import Fault, Sheet, address, letters
from kesos_research.data.read.workbook import Workbook, workbook
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

SPAN = 100_000_000
"""Cells that the rows and columns of a sheet may span, filled or not."""

_TOLD = 5


def read_xlsx(path: Path, file: str, codebook: Codebook | None = None, sheet: str | None = None) -> Cells:
    """The rows of one sheet; see `cells_of`.

    Parameters
    ----------
    path, file
        The workbook, and its name in messages.
    codebook
        Says which columns are numbers, in which more than fifteen digits lose nothing that is counted.
    sheet
        Needed where more than one sheet that is not hidden has cells.

    Raises
    ------
    KesosError
        When the workbook is damaged or dangerous to open, the sheet is not there, or it is not rows under a header.
    """
    expect(path, file, "zip")
    with workbook(path, file) as book:
        chosen = choose(book, sheet)
        about = book.sheet(SHEET) if SHEET in book.names and chosen.name != SHEET else None
        labels_, codes = labels(about if about and is_about(about) else None)
        cells = cells_of(chosen, file, codebook, hidden=book.hidden)
    known = {name: said for name, said in labels_.items() if name in cells.columns}
    return replace(cells, labels=known, value_labels={n: c for n, c in codes.items() if n in cells.columns})


def choose(book: Workbook, wanted: str | None) -> Sheet:
    """The sheet asked for, or the only one with cells among those that are not hidden.

    Raises
    ------
    Damage
        When there is no such sheet, none has cells, or several do.
    """
    if wanted is not None:
        if wanted not in book.names:
            near = difflib.get_close_matches(wanted, book.names, n=1)
            raise Damage(
                "sheet",
                _("The workbook has no sheet {name}.", name=repr(clean(wanted))),
                expected=_("one of {names}", names=_listed(book.names)),
                remedy=_("did you mean {name}?", name=near[0]) if near else _("name one of its sheets"),
                where=Where(book.file),
            )
        return book.sheet(wanted)
    seen = [book.sheet(name) for name in book.names if name not in book.hidden]
    filled = [found for found in seen if found.rows and not is_about(found)]
    if len(filled) == 1:
        return filled[0]
    raise Damage(
        "sheet",
        _("{n} sheets have cells.", n=len(filled)) if filled else _("No sheet that can be seen has cells."),
        expected=_("the name of one of {names}", names=_listed([s.name for s in filled] or book.names)),
        remedy=_("say which sheet to read"),
        where=Where(book.file),
    )


def cells_of(sheet: Sheet, file: str, codebook: Codebook | None = None, *, hidden: Sequence[str] = ()) -> Cells:
    """Which rows stand under the header of this sheet?

    Parameters
    ----------
    sheet
        Its first row names the columns.
    hidden
        Sheets of the workbook that are not seen, to be told.

    Raises
    ------
    KesosError
        All at once: columns without a name or named twice, merged cells, rows that are empty with others below, error
        values, formulas that were never worked out, numbers that lost digits, dates that are none.
    """
    header = [sheet.rows.get(1, {}).get(c) for c in range(1, sheet.width + 1)]
    problems: list[KesosError] = [*_spans(sheet, file), *_header(sheet, header, file)]
    if not problems:
        problems = [*_merged(sheet, file), *_gaps(sheet, file), *_faults(sheet, header, file, codebook)]
    if problems:
        raise together(problems)
    return Cells(
        table=_table(sheet, header),
        file=file,
        first=2,
        counted="row",
        sheet=sheet.name,
        detected={"sheet": sheet.name, **unseen(sheet, header, hidden)},
    )


def _spans(sheet: Sheet, file: str) -> Iterator[KesosError]:
    if sheet.width * sheet.height > SPAN:
        yield Damage(
            "wide",
            _("The sheet reaches to cell {cell}.", cell=address(sheet.height, sheet.width)),
            expected=_("at most {n} cells", n=SPAN),
            remedy=_("delete the empty columns between the data and the last cell, or save the sheet as CSV UTF-8"),
            where=_where(file, sheet, row=sheet.height, column=letters(sheet.width)),
        )
    elif sheet.height < 2 and not any(kind == "unfinished" for kind, _column in sheet.faults):
        yield Damage(
            "no_rows",
            _("The sheet has a header and no rows.") if sheet.rows else _("The sheet is empty."),
            expected=_("a header in the first row and rows below"),
            remedy=_("look whether this is the right sheet"),
            where=_where(file, sheet, row=1 if not sheet.rows else 2),
        )


def _header(sheet: Sheet, header: Sequence[str | None], file: str) -> Iterator[KesosError]:
    if sheet.rows and 1 not in sheet.rows:
        yield Damage(
            "header",
            _("The first row is empty; the sheet begins in row {n}.", n=min(sheet.rows)),
            expected=_("a header in the first row and rows below"),
            remedy=_("delete the rows above the header"),
            where=_where(file, sheet, row=1),
        )
        return
    titled = sum(h is not None for h in header) * 2 <= len(header)
    yield from unnamed(
        header,
        lambda position: _where(file, sheet, row=1, column=letters(position + 1)),
        remedy=_("delete the rows above the header; a table as BPS prints it is read with read_bps_table")
        if titled
        else None,
    )


def _merged(sheet: Sheet, file: str) -> Iterator[KesosError]:
    held = [m for m in sheet.merged if m.top <= sheet.height and m.left <= sheet.width]
    if held:
        yield Damage(
            "merged",
            _("{n} groups of cells are merged, the first {range}.", n=len(held), range=str(held[0])),
            expected=_("one value a cell"),
            remedy=_("unmerge them and write the value in each; a table as BPS prints it is read with read_bps_table"),
            where=_where(file, sheet, row=held[0].top, column=letters(held[0].left)),
            count=len(held),
        )


def _gaps(sheet: Sheet, file: str) -> Iterator[KesosError]:
    empty = [row for row in range(2, sheet.height) if not sheet.rows.get(row)]
    if empty:
        yield Damage(
            "empty_row",
            _("{n} rows are empty and others follow.", n=len(empty)),
            expected=_("rows below each other"),
            remedy=_("delete the empty rows, and what is no row of data below them"),
            where=_where(file, sheet, row=empty[0]),
            count=len(empty),
        )


def _faults(sheet: Sheet, header: Sequence[str | None], file: str, codebook: Codebook | None) -> Iterator[KesosError]:
    counted = {name for name, column in codebook.columns.items() if column.kind in NUMBERS} if codebook else set()
    for (kind, column), rows in sorted(sheet.faults.items(), key=lambda fault: (fault[1][0], fault[0][1])):
        name = _name(header, column)
        below = [row for row in rows if row > 1]
        said = _said(kind, len(below))
        if said is None or not below or (kind == "long" and name in counted):
            continue
        found, remedy = said
        yield Damage(
            kind,
            f"{address(below[0], column)}: {found}",
            expected=_("a value in each cell"),
            remedy=remedy,
            where=_where(file, sheet, row=below[0], column=name),
            count=len(below),
        )


def _said(kind: Fault, n: int) -> tuple[str, str] | None:
    """What is wrong with cells, and what to do; None where it is only told."""
    if kind == "unfinished":
        return (
            _("{n} formulas were never worked out.", n=n),
            _("open the workbook in a spreadsheet program, save it, and read it again"),
        )
    if kind == "error":
        return (
            _("{n} cells hold an error of the spreadsheet.", n=n),
            _("mend the formulas, or leave the cells empty where there is no value"),
        )
    if kind == "long":
        return (
            _("{n} numbers have more digits than a spreadsheet keeps: those after the fifteenth are lost.", n=n),
            _("format the column as text and fill it again; a sum of money is declared as `jenis: angka`"),
        )
    if kind == "date":
        return (
            _("{n} cells are shown as dates and hold none.", n=n),
            _("write the dates again, or format the cells as numbers"),
        )
    return None


def _table(sheet: Sheet, header: Sequence[str | None]):
    import pyarrow as pa

    rows = [sheet.rows.get(row, {}) for row in range(2, sheet.height + 1)]
    columns = [pa.array([cells.get(c) for cells in rows], pa.string()) for c in range(1, len(header) + 1)]
    return pa.Table.from_arrays(columns, names=[str(name) for name in header])


def unseen(
    sheet: Sheet, header: Sequence[str | None] = (), hidden: Sequence[str] = (), *, body: int = 1
) -> Mapping[str, str]:
    """What a person who looks at a sheet may not see; columns by their names, or by letters without a header.

    Parameters
    ----------
    hidden
        Sheets of the workbook that are not seen.
    body
        The row before the first that counts.
    """
    told = {
        "hidden_sheets": _listed(hidden),
        "hidden_rows": _listed([row for row in sheet.hidden_rows if row <= sheet.height]),
        "hidden_columns": _listed([_name(header, c) for c in sheet.hidden_columns if c <= sheet.width]),
    }
    names: dict[Fault, str] = {"formula": "formulas", "percent": "shown_as_percent", "padded": "shown_with_zeros"}
    for kind, key in names.items():
        found = [_name(header, c) for (k, c), rows in sheet.faults.items() if k == kind and max(rows) > body]
        told[key] = _listed(found)
    return {key: text for key, text in told.items() if text}


def _name(header: Sequence[str | None], column: int) -> str:
    """What a column is called, by its number from 1."""
    return (header[column - 1] if column <= len(header) else None) or letters(column)


def _listed(names: Sequence[object]) -> str:
    shown = ", ".join(clean(name) for name in names[:_TOLD])
    return f"{shown}, … ({len(names)})" if len(names) > _TOLD else shown


def _where(file: str, sheet: Sheet, *, row: int | None = None, column: str | None = None) -> Where:
    return Where(file, row=row, column=None if column is None else clean(column), key=clean(sheet.name))
