"""The evidence matrix of a programme: what is documented of each scope item, in each region, on each aspect.

A cell holds a finding with its document and date, or says that there is no evidence yet. Nothing is scored.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.domain import programme
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import Words, _, words

COLUMNS = ("butir", "wilayah", "aspek", "temuan_id", "temuan_en", "dokumen", "tanggal", "kunci_pustaka")

ASPECTS: dict[str, Words] = {
    "regulasi": words(id="regulasi", en="regulation"),
    "kelembagaan": words(id="kelembagaan", en="institutions"),
    "sdm": words(id="SDM", en="staff"),
    "anggaran": words(id="anggaran", en="budget"),
    "data": words(id="data", en="data"),
    "layanan": words(id="layanan", en="services"),
}
"""Six sides from which an item is looked at."""

NOTHING: Words = words(id="belum ada bukti", en="no evidence yet")
"""What an empty cell says."""

_CELL = ["butir", "wilayah", "aspek"]
_SOURCE = ("dokumen", "tanggal", "kunci_pustaka")
_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"


@dataclass(frozen=True)
class Evidence:
    """Findings by item, region and aspect.

    Attributes
    ----------
    rows
        ``butir, wilayah, aspek, temuan_id, temuan_en, dokumen, tanggal, kunci_pustaka`` and ``terisi``: whether there
        is a finding. One row a cell, in the order of items, regions and aspects.
    digest
        SHA-256 of the file read; empty where there was none.
    """

    rows: pd.DataFrame
    digest: str = ""

    @property
    def cells(self) -> int:
        """Cells of the matrix."""
        return len(self.rows)

    @property
    def filled(self) -> int:
        """Cells with a finding."""
        return int(self.rows["terisi"].sum())


def blank(programme_code: str, treated: Iterable[str]) -> Evidence:
    """The matrix before anything is documented."""
    rows = _grid(programme_code, treated)
    rows["temuan_id"], rows["temuan_en"] = NOTHING["id"], NOTHING["en"]
    rows = rows.reindex(columns=list(COLUMNS), fill_value="").assign(terisi=False)
    return Evidence(rows)


def checked(cells: pd.DataFrame, programme_code: str, treated: Sequence[str], file: str, digest: str) -> Evidence:
    """The matrix written in `cells` (text, indexed by line of the file).

    Raises
    ------
    KesosError
        All broken promises at once.
    """
    filled = ~cells["temuan_id"].str.lower().isin({NOTHING["id"], ""})
    known = cells["butir"].isin([item.id for item in programme(programme_code).scope]) & cells["aspek"].isin(
        list(ASPECTS)
    )
    untouched = known & (cells["temuan_id"].str.lower() == NOTHING["id"]) & (cells[list(_SOURCE)] == "").all(axis=1)
    if untouched.all():
        # a sheet nobody has filled in yet says nothing, whichever regions it was laid out for
        return Evidence(blank(programme_code, treated).rows, digest)
    grid = _grid(programme_code, treated)
    problems: list[KesosError] = []
    for name in _CELL:
        problems += _unknown(cells, name, list(dict.fromkeys(grid[name])), file)
    needs = {
        "temuan_en": _("a finding without its English text"),
        "dokumen": _("a finding without its document"),
        "tanggal": _("a finding without its date"),
    }
    for name, rule in needs.items():
        problems += _rows(filled & (cells[name] == ""), rule, file, name)
    undone = (cells["tanggal"] != "") & ~cells["tanggal"].str.fullmatch(_DATE)
    problems += _rows(undone, _("a date that is not written 2013-05-01, 2013-05 or 2013"), file, "tanggal")
    loose = ~filled & (cells[list(_SOURCE)] != "").any(axis=1)
    problems += _rows(loose, _("a document without a finding"), file, "temuan_id")
    problems += _rows(
        cells["temuan_id"] == "", _("an empty cell: write «{text}»", text=NOTHING["id"]), file, "temuan_id"
    )
    problems += _rows(cells.duplicated(_CELL), _("a cell that is there already"), file, ", ".join(_CELL))
    if not problems:
        problems += _lacking(grid, cells, file)
    if problems:
        raise together(problems)
    rows = grid.merge(cells.assign(terisi=filled), on=_CELL, how="left", validate="1:1")
    return Evidence(rows[[*COLUMNS, "terisi"]].astype({"terisi": "bool"}), digest)


def _grid(programme_code: str, treated: Iterable[str]) -> pd.DataFrame:
    """Every cell the matrix must have, in order."""
    items = [item.id for item in programme(programme_code).scope]
    every = [(item, code, aspect) for item in items for code in treated for aspect in ASPECTS]
    return pd.DataFrame(every, columns=_CELL, dtype="str")


def _unknown(cells: pd.DataFrame, name: str, known: Sequence[str], file: str) -> Iterable[DataError]:
    for value, lines in cells[~cells[name].isin(known)].groupby(name):
        near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
        yield DataError(
            _("{value} is not in the matrix of this study.", value=repr(value)),
            expected=_("one of {names}", names=", ".join(known)),
            remedy=_("did you mean {names}?", names=near[0]) if near else None,
            where=Where(file, line=int(lines.index[0]), column=name),
        )


def _rows(wrong: pd.Series, rule: str, file: str, column: str) -> Iterable[DataError]:
    if wrong.any():
        first = int(wrong.index[wrong][0])
        found = _("{n} rows: {rule}.", n=int(wrong.sum()), rule=rule)
        yield DataError(found, remedy=_("mend these rows"), where=Where(file, line=first, column=column))


def _lacking(grid: pd.DataFrame, cells: pd.DataFrame, file: str) -> Iterable[DataError]:
    have = pd.MultiIndex.from_frame(cells[_CELL])
    lacking = grid[~pd.MultiIndex.from_frame(grid[_CELL]).isin(have)]
    if len(lacking):
        yield DataError(
            _(
                "{n} cells of the matrix are missing, the first is {cell}.",
                n=len(lacking),
                cell=" · ".join(lacking.iloc[0]),
            ),
            expected=_("{n} rows: every item, region and aspect", n=len(grid)),
            remedy=_("add them with «{text}»", text=NOTHING["id"]),
            where=Where(file),
        )
