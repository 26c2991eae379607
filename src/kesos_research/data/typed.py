"""Checked cells as what their codebook says they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.spelling import as_written

if TYPE_CHECKING:
    import pyarrow as pa

_COUNTS = ("bilangan", "tahun")


def typed(cells: Cells, codebook: Codebook) -> pd.DataFrame:
    """The cells as values: numbers as float64, whole numbers and years as int64 where none is missing, dates, text.

    Parameters
    ----------
    cells
        Without a broken promise; see `check_cells`.

    Returns
    -------
    DataFrame
        One column a column of the codebook, in its order; missing values are NaN, NaT or missing text.
    """
    codebook = as_written(codebook, cells)
    return pd.DataFrame({column.name: _values(cells, column, codebook) for column in codebook.columns.values()})


def _values(cells: Cells, column: Column, codebook: Codebook) -> pd.Series:
    import pyarrow as pa

    text = _present(cells.table.column(column.name), codebook.missing)
    if column.kind == "tanggal":
        return pd.Series(text.cast(pa.date32()).cast(pa.timestamp("s")).to_pandas())
    if column.kind not in ("angka", *_COUNTS):
        return pd.Series(text.to_pandas(), dtype="str")
    values = pd.Series(_numbers(text, codebook.decimal).to_numpy())
    return values.astype("int64") if column.kind in _COUNTS and not values.isna().any() else values


def _present(text: pa.ChunkedArray, missing: tuple[str, ...]) -> pa.ChunkedArray:
    """The texts that stand for a value; null where they do not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    absent = pc.is_in(text, value_set=pa.array(missing, pa.string()))  # pyright: ignore[reportAttributeAccessIssue]
    return pc.if_else(absent, pa.scalar(None, pa.string()), text)  # pyright: ignore[reportAttributeAccessIssue]


def _numbers(text: pa.ChunkedArray, decimal: str) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_ltrim(text, "+")  # pyright: ignore[reportAttributeAccessIssue]
    if decimal != ".":
        text = pc.replace_substring(text, decimal, ".")  # pyright: ignore[reportAttributeAccessIssue]
    return text.cast(pa.float64())
