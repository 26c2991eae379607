"""A printed table as a grid: its title, its heads of several rows, its body, and the notes below."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kesos_research.data.codebook import DELIMITERS
from kesos_research.data.damage import Damage
from kesos_research.data.read.bps_region import Found, Unclear, region_of, section, told
from kesos_research.data.read.bps_value import is_mark, is_value
from kesos_research.data.read.content import expect, refused
from kesos_research.data.read.encoding import utf8
from kesos_research.data.read.excel import choose, unseen
from kesos_research.data.read.sheet import Sheet, letters
from kesos_research.data.read.workbook import workbook
from kesos_research.errors import Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

_NUMBER_OF_COLUMN = re.compile(r"\(\s*(\d{1,3})\s*\)")
_NOTE = re.compile(
    r"\s*(?:catatan|sumber|keterangan|note|source|data |\*+\)?\s|\d\)\s?\S|[¹²³]|[-–…x]+\s*[:=]|r\s*[:=]|e\s*[:=])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DEEPEST = 12
"""Rows that heads may have."""


@dataclass(frozen=True)
class Grid:
    """Cells by row and column, both from 1, merged ones filled; `numbers` are those that are no text."""

    rows: dict[int, dict[int, str]]
    numbers: frozenset[tuple[int, int]]
    filled: frozenset[tuple[int, int]]
    """Cells that have their text from a merged neighbour."""
    file: str
    sheet: str
    counted: str
    told: Mapping[str, str] = field(default_factory=dict)
    """What a person who looks at the sheet may not see."""

    def where(self, row: int, column: int | None = None) -> Where:
        """The place of a cell."""
        named = None if column is None else letters(column)
        if self.counted == "row":
            return Where(self.file, row=row, column=named, key=self.sheet or None)
        return Where(self.file, line=row, column=named)


@dataclass(frozen=True)
class Parts:
    """Where the parts of a printed table are."""

    title: tuple[str, ...]
    heads: dict[int, tuple[str, ...]]
    """Texts over each column with values, from above."""
    names: int
    """The column with names of regions."""
    codes: int | None
    """The column with BPS's codes."""
    body: tuple[int, ...]
    notes: tuple[str, ...]


def read_grid(path: Path, file: str, sheet: str | None) -> Grid:
    """The cells of a sheet, or of a text saved from one.

    Raises
    ------
    Damage
        When it is neither, or the sheet is not there.
    """
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        expect(path, file, "zip")
        with workbook(path, file) as book:
            chosen = book.sheet(choose(book, sheet).name, numbers=True)
        _worked_out(chosen, file)
        return _filled(chosen, file)
    if suffix in (".csv", ".txt", ".tsv"):
        return _text(path.read_bytes(), file)
    raise refused(path, file, [".xlsx", ".csv"])


def parts(grid: Grid) -> Parts:
    """Which cells of a printed table are its title, heads, body and notes?

    Raises
    ------
    Damage
        When no column names regions, or nothing stands over the values.
    """
    names = _names(grid)
    numbered = _numbered(grid)
    first = numbered + 1 if numbered else _first(grid, names)
    last = _last(grid, names, first)
    _nothing_below(grid, names, last)
    values = _values(grid, names, first, last)
    if not values:
        raise _no_table(grid, first, _("No column beside the names of regions holds numbers."))
    above = [row for row in sorted(grid.rows) if row < (numbered or first)]
    heads = _heads(grid, above, values, names)
    if not heads:
        raise _no_table(grid, first, _("Nothing stands over the columns with numbers."))
    title = tuple(
        text for row in above if row < heads[0] for text in dict.fromkeys(grid.rows[row].values()) if not is_mark(text)
    )
    heads_of = {c: tuple(dict.fromkeys(grid.rows[r][c] for r in heads if c in grid.rows[r])) for c in values}
    coded = _codes(grid, names, first, last)
    return Parts(
        title=title,
        heads={c: said for c, said in heads_of.items() if c != coded},
        names=names,
        codes=coded,
        body=tuple(row for row in sorted(grid.rows) if first <= row <= last),
        notes=tuple(
            " ".join(dict.fromkeys(grid.rows[row].values()))
            for row in sorted(grid.rows)
            if row > last and grid.rows[row]
        ),
    )


def _worked_out(sheet: Sheet, file: str) -> None:
    """Refuse formulas without a result: they would be cells that say nothing."""
    never = [(rows[0], column) for (kind, column), rows in sheet.faults.items() if kind == "unfinished"]
    if never:
        row, column = min(never)
        raise Damage(
            "unfinished",
            _("{n} formulas were never worked out.", n=len(never)),
            expected=_("a value in each cell"),
            remedy=_("open the workbook in a spreadsheet program, save it, and read it again"),
            where=Where(file, row=row, column=letters(column), key=clean(sheet.name)),
        )


def _filled(sheet: Sheet, file: str) -> Grid:
    rows = {row: dict(cells) for row, cells in sheet.rows.items()}
    filled = set()
    for held in sheet.merged:
        text = sheet.rows.get(held.top, {}).get(held.left)
        if text is None or (held.bottom - held.top) * (held.right - held.left) > 100_000:
            continue
        for row in range(held.top, min(held.bottom, sheet.height) + 1):
            for column in range(held.left, min(held.right, sheet.width) + 1):
                if (row, column) != (held.top, held.left):
                    rows.setdefault(row, {})[column] = text
                    filled.add((row, column))
    return Grid(rows, frozenset(sheet.numbers), frozenset(filled), file, sheet.name, "row", unseen(sheet))


def _text(raw: bytes, file: str) -> Grid:
    text, _encoding = utf8(raw, file)
    said = text.decode("utf-8")
    delimiter = max(DELIMITERS, key=lambda mark: (said.count(mark), -DELIMITERS.index(mark)))
    if delimiter == "," and said.count(";") * 3 > said.count(","):
        delimiter = ";"
    rows: dict[int, dict[int, str]] = {}
    reader = csv.reader(said.splitlines(keepends=True), delimiter=delimiter)
    try:
        before = 0
        for cells in reader:
            rows[before + 1] = {c: " ".join(t.split()) for c, t in enumerate(cells, 1) if t.strip()}
            before = reader.line_num
    except csv.Error as error:
        raise Damage(
            "quote",
            _("The text is not rows of cells."),
            expected=_("a sheet saved as CSV UTF-8"),
            remedy=_("read the workbook itself, or save its sheet again as CSV UTF-8"),
            where=Where(file, line=reader.line_num),
        ) from error
    return Grid({r: c for r, c in rows.items() if c}, frozenset(), frozenset(), file, "", "line")


def _no_table(grid: Grid, row: int | None, found: str) -> Damage:
    return Damage(
        "no_table",
        found,
        expected=_("a table as BPS prints it: heads, rows of regions, numbers"),
        remedy=_("look whether this is the right sheet; a table with one header is read with read_cells"),
        where=grid.where(row or 1),
    )


def _names(grid: Grid) -> int:
    """The column with the most names of regions."""
    counts: dict[int, int] = {}
    for cells in grid.rows.values():
        for column in sorted(cells)[:4]:
            text = cells[column]
            if len(text) < 80 and any(c.isalpha() for c in text):
                known = region_of(text)
                counts[column] = counts.get(column, 0) + (isinstance(known, Found) or bool(known.meant))
    best = max(counts, key=lambda column: (counts[column], -column), default=0)
    if not counts or not counts[best]:
        raise _no_table(grid, None, _("No column names provinces, kabupaten or kota."))
    return best


def _numbered(grid: Grid) -> int | None:
    """The row that numbers the columns: (1) (2) (3)."""
    for row in sorted(grid.rows):
        found = [_NUMBER_OF_COLUMN.fullmatch(text.strip()) for _c, text in sorted(grid.rows[row].items())]
        numbers = [int(m[1]) for m in found if m]
        if len(numbers) >= 2 and len(numbers) == len(found) and numbers == sorted(numbers):
            return row
    return None


def _first(grid: Grid, names: int) -> int:
    """The first row that names a region and says something of it, or the heading right above."""
    rows = sorted(grid.rows)
    for before, row in zip([None, *rows], rows, strict=False):
        if _is_body(grid.rows[row], names):
            above = grid.rows[before] if before is not None else {}
            heading = list(above) == [names] and section(above[names]) in ("kabupaten", "kota")
            return before if heading and before is not None else row
    raise _no_table(grid, None, _("No row names a region and has a number."))


def _is_body(cells: Mapping[int, str], names: int) -> bool:
    """Whether a row names a region and has more than its name; a total needs a number, for titles begin like one."""
    if names not in cells or _is_note(cells[names]) or section(cells[names]):
        return False
    others = [text for column, text in cells.items() if column > names and text != cells[names]]
    found = region_of(cells[names])
    if isinstance(found, Found) and found.level == "jumlah":
        return any(is_value(text) for text in others)
    return bool(others) and (isinstance(found, Found) or bool(found.meant))


def _last(grid: Grid, names: int, first: int) -> int:
    """The last row before the notes."""
    last = first
    for row in sorted(grid.rows):
        if row < first:
            continue
        cells = {c: t for c, t in grid.rows[row].items() if (row, c) not in grid.filled}
        if cells and _is_note(next(iter(t for _c, t in sorted(cells.items())))) and not _has_values(cells, names):
            break
        if _has_values(cells, names):
            last = row
    return last


def _nothing_below(grid: Grid, names: int, last: int) -> None:
    """Refuse a second table under the notes: its rows would be read as notes."""
    below = [row for row in sorted(grid.rows) if row > last and _is_body(grid.rows[row], names)]
    numbers = [row for row in below if _has_values(grid.rows[row], names)]
    if numbers:
        raise Damage(
            "second_table",
            _("{n} rows with numbers stand below the notes.", n=len(numbers)),
            expected=_("one table on a sheet"),
            remedy=_("put each table on a sheet of its own"),
            where=grid.where(numbers[0], names),
            count=len(numbers),
        )


def _has_values(cells: dict[int, str], names: int) -> bool:
    return any(is_value(text) for column, text in cells.items() if column > names)


def _is_note(text: str) -> bool:
    return _NOTE.match(text) is not None


def _values(grid: Grid, names: int, first: int, last: int) -> list[int]:
    """Columns right of the names with a number or mark in the body."""
    body = [cells for row, cells in grid.rows.items() if first <= row <= last]
    return sorted({c for cells in body for c, text in cells.items() if c > names and is_value(text)})


def _heads(grid: Grid, above: Sequence[int], values: Sequence[int], names: int) -> list[int]:
    """Rows over the body that say something of its columns; a title stands over all of them at once."""
    found: list[int] = []
    for row in reversed(above):
        over = {grid.rows[row][c] for c in values if c in grid.rows[row]}
        own = grid.rows[row].get(names)
        spread = len({c for c in values if c in grid.rows[row]}) > 1 or len(values) == 1
        if not over or not (spread or found) or len(found) >= _DEEPEST:
            break
        if all(is_value(text) and not _YEAR.search(text) for text in over):
            raise _unnamed(grid, row, names, own)
        whole = len(over) == 1 and own in over
        if whole:
            break
        found.append(row)
    return sorted(found)


def _unnamed(grid: Grid, row: int, names: int, name: str | None) -> Damage:
    """Numbers above the first region that is known: they are no heads."""
    found = _("The row has numbers and names no region.")
    remedy = _("write the name of the region, or delete the row")
    unclear = region_of(name) if name else None
    if isinstance(unclear, Unclear):
        found, remedy = told(unclear)
    expected = _("a region in each row with numbers")
    return Damage("region", found, expected=expected, remedy=remedy, where=grid.where(row, names))


def _codes(grid: Grid, names: int, first: int, last: int) -> int | None:
    """A column of four-digit codes left of, or beside, the names."""
    for column in (names - 1, names + 1):
        codes = [grid.rows[r][column] for r in grid.rows if first <= r <= last and column in grid.rows[r]]
        if len(codes) > 1 and all(re.fullmatch(r"[1-9]\d(?:\d\d)?", code) for code in codes):
            heads = " ".join(grid.rows[r].get(column, "") for r in grid.rows if r < first).lower()
            if column < names or "kode" in heads or "code" in heads:
                return column
    return None
