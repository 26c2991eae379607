"""Flags beside a table of regions by year: which value needs care, and what to do with it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook, plain_column
from kesos_research.data.typed import typed
from kesos_research.errors import DataError
from kesos_research.language import _, words

FLAG_USES = ("exclude", "break", "note")
"""What to do with a flagged value: set it missing, bar the region from comparison, or only tell it."""

_FLAG_COLUMNS = ("wilayah", "tahun", "indikator", "tanda", "guna", "sumber")


def without_excluded(cells: Cells, flags: pd.DataFrame, codebook: Codebook) -> Cells:
    """The cells, empty where a flag excludes their value."""
    import pyarrow as pa

    table = cells.table
    at = pd.MultiIndex.from_frame(typed(cells, codebook)[["wilayah", "tahun"]])
    for name, cut in flags[flags["guna"] == "exclude"].groupby("indikator"):
        excluded = at.isin(pd.MultiIndex.from_frame(cut[["wilayah", "tahun"]]))
        texts = [None if out else text for out, text in zip(excluded, table.column(str(name)).to_pylist(), strict=True)]
        position = table.column_names.index(str(name))
        table = table.set_column(position, str(name), pa.array(texts, pa.string()))
    return replace(cells, table=table)


def flags_of(cells: Cells, book: Codebook, rows: pd.DataFrame) -> pd.DataFrame:
    """Checked flags of these rows of data.

    Raises
    ------
    DataError
        When a flag is of a region and year that the data do not have.
    """
    flags = typed(cells, book)
    known = pd.MultiIndex.from_frame(rows[["wilayah", "tahun"]])
    strange = ~pd.MultiIndex.from_frame(flags[["wilayah", "tahun"]]).isin(known)
    if strange.any():
        raise DataError(
            _("{n} rows flag a region and year that the data do not have.", n=int(strange.sum())),
            where=cells.where(int(strange.argmax())),
        )
    return flags


def no_flags() -> pd.DataFrame:
    """Flags where there are none."""
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in _FLAG_COLUMNS})
    return empty.astype({"tahun": "int64"})


def flag_book(codebook: Codebook) -> Codebook:
    """Flags have the regions and years of the data, and words beside them."""
    columns = {name: plain_column(name) for name in _FLAG_COLUMNS}
    columns |= {name: codebook.columns[name] for name in ("wilayah", "tahun")}
    for name, known in (("guna", FLAG_USES), ("indikator", codebook.outcomes)):
        choices = {code: words(id="", en="") for code in known}
        columns[name] = replace(columns[name], kind="pilihan", choices=choices, required=True)
    return Codebook(columns, "region", ("wilayah", "tahun", "indikator", "tanda"))
