"""The evidence matrix of a programme: what is documented of each scope item, in each region, on each aspect.

A cell holds a finding with its document and date, or says that there is no evidence yet. Nothing is scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from kesos_research.data.codebook import Codebook, plain_column
from kesos_research.data.rules import Rule, rules_of
from kesos_research.data.terms import Terms, literal
from kesos_research.domain import programme
from kesos_research.errors import DataError, Where
from kesos_research.language import Words, _, both, words

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
_DATE = "[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"


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


def book(programme_code: str, treated: Sequence[str]) -> Codebook:
    """What a matrix must hold: one row an item, region and aspect."""
    grid = _grid(programme_code, treated)
    columns = {name: plain_column(name) for name in COLUMNS}
    for name in _CELL:
        known = {str(value): words(id="", en="") for value in dict.fromkeys(grid[name])}
        columns[name] = replace(columns[name], kind="pilihan", choices=known)
    return Codebook(columns, "region", tuple(_CELL))


def rules(codebook: Codebook) -> tuple[Rule, ...]:
    """What holds for the cells of a matrix besides: nothing is found without a document and a date."""
    needs = {
        "temuan_en": both("a finding without its English text"),
        "dokumen": both("a finding without its document"),
        "tanggal": both("a finding without its date"),
    }
    nothing = literal(NOTHING["id"])

    def filled(terms: Terms) -> str:
        return f"lower({terms.value('temuan_id')}) <> {nothing}"

    found = [
        _rule(name, told, lambda terms, name=name: f"{filled(terms)} and {terms.value(name)} is null")
        for name, told in needs.items()
    ]
    return (
        *rules_of(codebook),
        *found,
        _rule(
            "tanggal",
            both("a date that is not written 2013-05-01, 2013-05 or 2013"),
            lambda terms: f"not regexp_full_match({terms.value('tanggal')}, {literal(_DATE)})",
        ),
        _rule(
            "temuan_id",
            both("a document without a finding"),
            lambda terms: (
                f"lower({terms.value('temuan_id')}) = {nothing}"
                f" and ({' or '.join(f'{terms.value(name)} is not null' for name in _SOURCE)})"
            ),
        ),
        _rule(
            "temuan_id",
            both("an empty cell: write «{text}»", text=NOTHING["id"]),
            lambda terms: f"{terms.value('temuan_id')} is null",
        ),
    )


def untouched(cells: pd.DataFrame, programme_code: str) -> bool:
    """Whether nobody has filled in anything: such a sheet says nothing, whichever regions it was laid out for."""
    items = [item.id for item in programme(programme_code).scope]
    known = cells["butir"].isin(items) & cells["aspek"].isin(list(ASPECTS))
    nothing = (cells["temuan_id"].str.lower() == NOTHING["id"]) & (cells[list(_SOURCE)] == "").all(axis=1)
    return bool((known & nothing).all())


def evidence(cells: pd.DataFrame, programme_code: str, treated: Sequence[str], file: str, digest: str) -> Evidence:
    """The matrix in checked `cells`.

    Raises
    ------
    DataError
        When cells of the matrix are missing.
    """
    grid = _grid(programme_code, treated)
    _complete(grid, cells, file)
    filled = cells["temuan_id"].str.lower() != NOTHING["id"]
    rows = grid.merge(cells.assign(terisi=filled), on=_CELL, how="left", validate="1:1")
    return Evidence(rows[[*COLUMNS, "terisi"]].astype({"terisi": "bool"}), digest)


def _grid(programme_code: str, treated: Iterable[str]) -> pd.DataFrame:
    """Every cell the matrix must have, in order."""
    items = [item.id for item in programme(programme_code).scope]
    every = [(item, code, aspect) for item in items for code in treated for aspect in ASPECTS]
    return pd.DataFrame(every, columns=_CELL, dtype="str")


def _rule(name: str, broken: Words, violated: Callable[[Terms], str]) -> Rule:
    return Rule("evidence", (name,), broken, broken, violated, both("mend these rows"), counted="rows", scope="row")


def _complete(grid: pd.DataFrame, cells: pd.DataFrame, file: str) -> None:
    have = pd.MultiIndex.from_frame(cells[_CELL])
    lacking = grid[~pd.MultiIndex.from_frame(grid[_CELL]).isin(have)]
    if len(lacking):
        raise DataError(
            _(
                "{n} cells of the matrix are missing, the first is {cell}.",
                n=len(lacking),
                cell=" · ".join(lacking.iloc[0]),
            ),
            expected=_("{n} rows: every item, region and aspect", n=len(grid)),
            remedy=_("add them with «{text}»", text=NOTHING["id"]),
            where=Where(file),
        )
