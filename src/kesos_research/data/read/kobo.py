"""Exports of Kobo and ODK: one table of answers and one for each repeat, whatever the export wrote at their heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.damage import Damage
from kesos_research.data.read.archive import opened
from kesos_research.data.read.content import expect, refused
from kesos_research.data.read.excel import cells_of as cells_of_sheet
from kesos_research.data.read.kobo_answer import answers
from kesos_research.data.read.place import named, present
from kesos_research.data.read.text import cells_of as cells_of_text
from kesos_research.data.read.workbook import workbook
from kesos_research.data.read.xlsform import Form, read_form
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

LINKS = (("_index", "_parent_index"), ("KEY", "PARENT_KEY"))
"""Own key of a row and key of the row it belongs to, as Kobo and as ODK call them."""


def read_kobo(
    path: Path | str, form: Path | str | Form | None = None, *, name: str | None = None
) -> Mapping[str, Cells]:
    """Which answers does an export of Kobo or ODK hold?

    Parameters
    ----------
    path
        An XLSX export, a CSV export, or ODK's zip of CSV files, with names or labels at the heads of the columns.
    form
        The XLSForm behind it. With it, columns are called as their questions, chosen labels become codes, and questions
        and codes get their labels; without it, groups are cut off the heads where what is left is unique.
    name
        The export as a person of this workspace writes it.

    Returns
    -------
    Mapping
        Cells by table: the answers first, then each repeat. A question of many choices is one column of codes parted by
        spaces. A repeat's rows belong to one row of its parent each (m:1), which has been verified.

    Raises
    ------
    KesosError
        Heads that two questions share, choices that are none, split columns that contradict their question, rows of a
        repeat without a parent: all at once, with row and column.
    """
    path = Path(path)
    file = named(path, name)
    known = form if isinstance(form, Form) or form is None else read_form(form)
    with present(path, file):
        tables = _tables(path, file)
    made: dict[str, Cells] = {}
    problems: list[KesosError] = []
    for table, cells in tables.items():
        wrong: list[KesosError] = []
        made[table] = answers(cells, known, wrong)
        problems += wrong
    problems += _links(made)
    if problems:
        raise together(problems)
    return made


def _tables(path: Path, file: str) -> dict[str, Cells]:
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        expect(path, file, "zip")
        with workbook(path, file) as book:
            sheets = [sheet for name in book.names if name not in book.hidden and (sheet := book.sheet(name)).rows]
        tables = {sheet.name: cells_of_sheet(sheet, file) for sheet in sheets if sheet.height > 1}
    elif suffix in (".csv", ".txt"):
        tables = {path.stem: cells_of_text(path.read_bytes(), file)}
    elif suffix == ".zip":
        expect(path, file, "zip")
        with opened(path, file) as archive:
            parts = [part for part in archive.names if part.lower().endswith(".csv")]
            raw = {Path(part).stem: cells_of_text(archive.read(part), f"{file}/{clean(part)}") for part in parts}
        tables = dict(sorted(raw.items(), key=lambda told: (_is_repeat(told[1]), told[0])))
    else:
        raise refused(path, file, [".xlsx", ".csv", ".zip"])
    if not tables:
        raise Damage(
            "no_rows",
            _("The export holds no answers."),
            expected=_("a sheet or CSV file with a header and rows"),
            remedy=_("look whether this is the right export"),
            where=Where(file),
        )
    return tables


def _is_repeat(cells: Cells) -> bool:
    return any(parent in cells.columns for _own, parent in LINKS)


def _links(tables: Mapping[str, Cells]) -> Iterator[KesosError]:
    """Rows of repeats whose parent is not there, or there twice."""
    main = next(iter(tables))
    for name, cells in tables.items():
        if name == main and not _is_repeat(cells):
            continue
        link = next(((own, parent) for own, parent in LINKS if parent in cells.columns), None)
        if link is None or name == main:
            yield _unlinked(cells, name)
            continue
        for parent, rows in _by_parent(cells, tables, main).items():
            yield from _orphans(cells, rows, parent, tables.get(parent), link)


def _unlinked(cells: Cells, name: str) -> Damage:
    return Damage(
        "link",
        _("The table {name} does not say to which rows its own belong.", name=repr(clean(name))),
        expected=_("a column {names}", names=" / ".join(parent for _own, parent in LINKS)),
        remedy=_("export again with the table of answers first and all columns, or read the sheet by itself"),
        where=cells.where(0),
    )


def _by_parent(cells: Cells, tables: Mapping[str, Cells], main: str) -> dict[str, list[int]]:
    """Rows by the table of their parents; the answers where nothing else is told."""
    if "_parent_table_name" not in cells.columns:
        return {main: list(range(cells.rows))}
    rows: dict[str, list[int]] = {}
    for row, told in enumerate(cells.table.column("_parent_table_name").to_pylist()):
        parent = told if told in tables else _cut(told, tables)
        rows.setdefault(parent or str(told), []).append(row)
    return rows


def _cut(told: str | None, tables: Mapping[str, Cells]) -> str | None:
    """A sheet's name has at most 31 characters; the table's own may be longer."""
    near = [name for name in tables if told and len(name) >= 28 and told.startswith(name.rstrip("."))]
    return near[0] if len(near) == 1 else None


def _repeated(keys: list[str | None]) -> list[int]:
    """Rows whose key is empty or was there before."""
    seen: set[str | None] = {None}
    twice = []
    for row, key in enumerate(keys):
        if key in seen:
            twice.append(row)
        seen.add(key)
    return twice


def _orphans(
    cells: Cells, rows: list[int], parent: str, table: Cells | None, link: tuple[str, str]
) -> Iterator[KesosError]:
    own, above = link
    if table is None or own not in table.columns:
        yield Damage(
            "link",
            _("The table {name}, to which rows belong, has no column {column}.", name=repr(clean(parent)), column=own),
            expected=_("the table and its column in the same export"),
            remedy=_("export again with all groups and all columns"),
            where=cells.where(rows[0], above),
        )
        return
    keys = table.table.column(own).to_pylist()
    twice = _repeated(keys)
    if twice:
        yield Damage(
            "link",
            _("{n} rows of {name} have a key that is empty or there before.", n=len(twice), name=repr(clean(parent))),
            expected=_("a key for each row"),
            remedy=_("export again: rows were copied or pasted"),
            where=table.where(twice[0], own),
            count=len(twice),
        )
    known = set(keys)
    told = cells.table.column(above).to_pylist()
    lost = [row for row in rows if told[row] not in known]
    if lost:
        yield Damage(
            "link",
            _("{n} rows belong to a row of {name} that is not there.", n=len(lost), name=repr(clean(parent))),
            expected=_("{child} among the values of {own} in {name}", child=above, own=own, name=clean(parent)),
            remedy=_("export again: rows were deleted in one table and not in the other"),
            where=cells.where(lost[0], above),
            count=len(lost),
        )
