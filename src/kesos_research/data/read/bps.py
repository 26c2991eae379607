"""Tables of regions as BPS prints them, tidy: one row a region, variable and period, with the marks beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.damage import Damage
from kesos_research.data.read.bps_grid import Grid, Parts, parts, read_grid
from kesos_research.data.read.bps_region import Found, Type, Unclear, region_of, section, told
from kesos_research.data.read.bps_value import Style, Value, is_value, style_of, value
from kesos_research.data.read.number import plain as plain_number
from kesos_research.data.read.place import named, present
from kesos_research.errors import KesosError
from kesos_research.language import _
from kesos_research.study.refusal import clean

COLUMNS = ("tingkat", "wilayah", "nama", "variabel", "periode", "nilai", "tanda")
"""Level, code, name as printed, variable, period, number, mark."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_PERIOD = re.compile(
    r"(?:(?:januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember"
    r"|semester (?:i{1,2}|[12])|triwulan (?:i{1,3}|iv|[1-4])|tahun)\s+)?"
    r"(?:19|20)\d\d(?:\s*[/–-]\s*(?:19|20)\d\d)?"
    r"\s*(?P<mark>(?:\*{1,2}|r|e|x{1,2})?\)?)",
    re.IGNORECASE,
)


def read_bps_table(
    path: Path | str, sheet: str | None = None, *, name: str | None = None, unmarked: Type | None = None
) -> Cells:
    """Which numbers does a table of regions print?

    Parameters
    ----------
    path
        A workbook as BPS offers it, or a CSV file saved from its sheet: titles, heads of several rows, merged cells, a
        row that numbers the columns, provinces between kabupaten and kota, totals, footnotes.
    sheet
        Of a workbook with more than one.
    name
        The file as a person of this workspace writes it.
    unmarked
        What a name of both a kabupaten and a kota means where neither the name nor a heading says; such a name is an
        error otherwise.

    Returns
    -------
    Cells
        ``tingkat`` (kabupaten_kota, provinsi, jumlah), ``wilayah`` (Kemendagri code; of a province two digits; none for
        a total), ``nama`` as printed, ``variabel`` (heads joined by “ / ”), ``periode``, ``nilai`` with a decimal
        point, and ``tanda``: the mark that stands in place of a number (… – NA x) or beside it (* r e). Title, notes
        and source are in `Cells.detected`.

    Raises
    ------
    KesosError
        Names that are no region or two, cells that are neither number nor mark, numbers that contradict each other's
        form, a region there twice: all at once, with row and column.
    """
    path = Path(path)
    file = named(path, name)
    with present(path, file):
        grid = read_grid(path, file, sheet)
    found = parts(grid)
    problems: list[KesosError] = []
    style, decided = _style(grid, found, problems)
    columns = {c: _variable(found, heads) for c, heads in found.heads.items()}
    rows = _Rows(grid, found, columns, style, unmarked)
    made = rows.read(problems)
    problems += _twice(grid, made)
    if problems:
        raise together(problems)
    return _cells(grid, found, made, decided)


@dataclass(frozen=True)
class _Row:
    """One number of the table and where it stands."""

    row: int
    cells: tuple[str | None, ...]


class _Rows:
    """The body, row after row: headings set what the names below them mean."""

    def __init__(
        self, grid: Grid, parts_: Parts, columns: dict[int, tuple[str, str, str]], style: Style, unmarked: Type | None
    ) -> None:
        self._grid, self._parts, self._columns = grid, parts_, columns
        self._style: Style = style
        self._unmarked: Type | None = unmarked
        self._within: Type | None = None
        self._province: str | None = None

    def read(self, problems: list[KesosError]) -> list[_Row]:
        made: list[_Row] = []
        for row in self._parts.body:
            cells = self._grid.rows[row]
            name = cells.get(self._parts.names)
            filled = {c: cells[c] for c in self._columns if c in cells and (row, c) not in self._grid.filled}
            if name is None:
                if filled:
                    problems.append(self._unnamed(row))
                continue
            heading = section(name)
            if heading and not any(is_value(text) for text in filled.values()):
                self._within = None if heading == "both" else heading
                continue
            region = self._region(row, name, problems, bool(filled))
            if region is None or not filled:
                continue
            for column, (variable, period, mark) in self._columns.items():
                text = filled.get(column)
                said = Value(None, None) if text is None else self._value(row, column, text)
                if said is None:
                    problems.append(self._no_value(row, column, str(text)))
                    continue
                about = (region.level, region.code or None, name.strip(), variable, period or None)
                made.append(_Row(row, (*about, said.number, said.mark or mark or None)))
        return made

    def _region(self, row: int, name: str, problems: list[KesosError], filled: bool) -> Found | None:
        code = self._grid.rows[row].get(self._parts.codes) if self._parts.codes else None
        code = code if code and len(code) == 4 and not code.endswith("00") else None
        found = region_of(name, within=self._within, province=self._province, code=code)
        if isinstance(found, Unclear) and self._unmarked and self._within is None:
            found = region_of(name, within=self._unmarked, province=self._province, code=code)
        if isinstance(found, Unclear):
            said, remedy = told(found)
            where = self._grid.where(row, self._parts.names)
            expected = _("a name that one region has")
            problems.append(Damage("region", said, expected=expected, remedy=remedy, where=where))
            return None
        if found.level == "provinsi":
            self._province, self._within = found.code, self._within if filled else None
        return found

    def _value(self, row: int, column: int, text: str) -> Value | None:
        if (row, column) in self._grid.numbers:
            number = plain_number(text)
            return None if number is None else Value(number, None)
        return value(text, self._style)

    def _no_value(self, row: int, column: int, text: str) -> Damage:
        return Damage(
            "value",
            _("The cell {text} is neither a number nor a mark for one that is missing.", text=repr(clean(text))),
            expected=_("a number, or one of – … NA x"),
            remedy=_("look at the cell in the printed table"),
            where=self._grid.where(row, column),
        )

    def _unnamed(self, row: int) -> Damage:
        return Damage(
            "region",
            _("The row has numbers and names no region."),
            expected=_("a region in each row with numbers"),
            remedy=_("write the name of the region, or delete the row"),
            where=self._grid.where(row, self._parts.names),
        )


def _style(grid: Grid, found: Parts, problems: list[KesosError]) -> tuple[Style, str]:
    texts = {
        (row, c): grid.rows[row][c]
        for row in found.body
        for c in found.heads
        if c in grid.rows[row] and (row, c) not in grid.numbers
    }
    style = style_of(texts.values())
    if style is not None:
        return style
    first = next(at for at, text in texts.items() if style_of([text]) is None or not value(text, "comma"))
    problems.append(
        Damage(
            "value",
            _("Some numbers are written with a decimal comma and others with a decimal point."),
            expected=_("one form of numbers in a table"),
            remedy=_("read the workbook itself, or write all numbers alike"),
            where=grid.where(*first),
        )
    )
    return "comma", ""


def _variable(found: Parts, heads: Sequence[str]) -> tuple[str, str, str]:
    """What a column says, of when, and the mark at its period: a head that is one, else the one year of the title."""
    said = [" ".join(head.split()) for head in heads]
    periods = [head for head in said if _PERIOD.fullmatch(head)]
    variable = [head for head in said if head not in periods]
    if not periods:
        inside = list(dict.fromkeys(year for head in said for year in _YEAR.findall(head)))
        periods = inside if len(inside) == 1 else []
    if not periods:
        years = list(dict.fromkeys(_YEAR.findall(" ".join(found.title))))
        periods = years if len(years) == 1 else []
    if not variable:
        variable = [re.sub(rf"[,\s]*{_YEAR.pattern}(?:\s*[–-]\s*{_YEAR.pattern})?", "", _title(found))]
    period = periods[-1] if periods else ""
    marked = _PERIOD.fullmatch(period)
    mark = marked["mark"] if marked else ""
    return " / ".join(variable), period.removesuffix(mark).strip(), mark


def _title(found: Parts) -> str:
    return " ".join(" ".join(found.title).split())


def _twice(grid: Grid, rows: Sequence[_Row]) -> list[KesosError]:
    seen: dict[tuple[str | None, ...], int] = {}
    problems: list[KesosError] = []
    told_: set[int] = set()
    for made in rows:
        level, code, *_rest = made.cells
        key = (level, code or made.cells[2], made.cells[3], made.cells[4])
        before = seen.setdefault(key, made.row)
        if before != made.row and made.row not in told_:
            told_.add(made.row)
            problems.append(
                Damage(
                    "twice",
                    _("{name} is there twice, first in row {n}.", name=repr(clean(made.cells[2])), n=before),
                    expected=_("each region once"),
                    remedy=_("read the parts of the table one by one, or write Kab. or Kota before the name"),
                    where=grid.where(made.row),
                )
            )
    return problems


def _cells(grid: Grid, found: Parts, rows: Sequence[_Row], decided: str) -> Cells:
    import numpy as np
    import pyarrow as pa

    columns = [pa.array([made.cells[i] for made in rows], pa.string()) for i in range(len(COLUMNS))]
    sources = [note for note in found.notes if re.match(r"\s*(?:sumber|source)", note, re.IGNORECASE)]
    detected = {
        "sheet": grid.sheet,
        "title": _title(found),
        "notes": " | ".join(note for note in found.notes if note not in sources),
        "source": " | ".join(sources),
        "numbers": "1.234,5" if decided == "assumed" else "",
        **grid.told,
    }
    return Cells(
        table=pa.Table.from_arrays(columns, names=list(COLUMNS)),
        file=grid.file,
        first=rows[0].row if rows else 1,
        lines=np.array([made.row for made in rows]),
        counted="row" if grid.counted == "row" else "line",
        sheet=grid.sheet,
        detected={key: text for key, text in detected.items() if text},
    )
