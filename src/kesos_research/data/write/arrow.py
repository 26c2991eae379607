"""Rows as Parquet, labels and codes in the metadata of each column."""

from __future__ import annotations

import io
import json

from kesos_research.data.codebook import NUMBERS, Column
from kesos_research.data.read.parquet import CODES, LABEL
from kesos_research.data.write.rows import Rows


def parquet_bytes(rows: Rows) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a Parquet file: numbers are doubles, whole ones integers, dates are dates, all else is text."""
    import pyarrow as pa
    from pyarrow import parquet

    arrays = [_array(rows, column) for column in rows.columns]
    fields = [
        pa.field(column.name, array.type, metadata=_metadata(rows, column))
        for column, array in zip(rows.columns, arrays, strict=True)
    ]
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), out, compression="zstd")
    return out.getvalue(), ()


def _array(rows: Rows, column: Column):
    import pyarrow as pa

    values = rows.frame[column.name]
    if column.kind == "tanggal":
        return pa.array(values.dt.date, pa.date32(), from_pandas=True)
    if column.kind == "angka":
        return pa.array(values, pa.float64(), from_pandas=True)
    if column.kind in NUMBERS:
        return pa.array(rows.numbers(column), pa.int64())
    return pa.array(rows.texts(column), pa.string())


def _metadata(rows: Rows, column: Column) -> dict[bytes, bytes]:
    told = {LABEL: rows.label(column).encode()}
    if column.choices:
        told[CODES] = json.dumps(rows.codes(column), ensure_ascii=False).encode()
    return told
