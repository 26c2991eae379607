"""A Parquet file as cells: every column cast to text, nested ones refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import NUMBERS, Codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read.content import expect
from kesos_research.data.read.header import unnamed
from kesos_research.data.read.number import EXACT, texts
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

if TYPE_CHECKING:
    import pyarrow as pa

ROWS, MOST, CELLS = 50_000_000, 20_000, 200_000_000
"""Rows, columns and cells a file may have: a few bytes can stand for any number of equal rows."""
TEXT = 2 * 2**30
"""Bytes the cells may have as text."""

LABEL, CODES = b"kesos:label", b"kesos:codes"
"""Metadata of a column: its label, and its codes and their labels as JSON."""


def read_parquet(path: Path, file: str, codebook: Codebook | None = None, sheet: str | None = None) -> Cells:
    """The rows of a Parquet file as text, a row group at a time.

    Raises
    ------
    KesosError
        When the file is damaged or too large, a column holds lists or records, or numbers have lost digits.
    """
    import pyarrow as pa
    from pyarrow import parquet

    del sheet
    expect(path, file, "parquet")
    try:
        with parquet.ParquetFile(path) as source:
            schema = source.schema_arrow
            problems = [*_size(source.metadata, file), *_columns(schema, file)]
            if problems:
                raise together(problems)
        # text stays in its dictionary until its size is known: one long value can stand for a million cells
        with parquet.ParquetFile(path, read_dictionary=schema.names) as source:
            parts, size = [], 0
            for batch in source.iter_batches(batch_size=2**16):
                size += sum(_size_as_text(column) for column in batch.columns)
                if size > TEXT:
                    raise _too_large(file)
                parts.append(_text(batch))
        table = pa.Table.from_batches(parts, pa.schema([(f.name, pa.string()) for f in schema]))
        labels = {f.name: said for f in schema if (said := (f.metadata or {}).get(LABEL, b"").decode("utf-8"))}
        codes = {f.name: _codes(f.metadata[CODES]) for f in schema if f.metadata and CODES in f.metadata}
    except (pa.ArrowException, OSError, ValueError, KeyError, RecursionError) as error:
        raise Damage(
            "damaged",
            _("The Parquet file is cut or damaged."),
            expected=_("a file as its program saved it"),
            remedy=_("fetch the file again from its source"),
            where=Where(file),
        ) from error
    if not table.num_rows:
        raise Damage(
            "no_rows",
            _("The file has columns and no rows."),
            remedy=_("look whether this is the right file"),
            where=Where(file),
        )
    cells = Cells(table, file, first=1, counted="row", labels=labels, value_labels=codes)
    if lost := [*_lost(schema, cells, codebook)]:
        raise together(lost)
    return cells


def _size(told, file: str) -> Iterator[KesosError]:
    rows, columns = told.num_rows, told.num_columns
    if rows > ROWS or columns > MOST or rows * columns > CELLS:
        yield _too_large(file)


def _too_large(file: str) -> Damage:
    return Damage(
        "too_large",
        _("The file holds too many cells to be looked at one by one."),
        expected=_("at most {n} columns and {cells} cells", n=MOST, cells=CELLS),
        remedy=_("keep the columns and rows the study needs"),
        where=Where(file),
    )


def _columns(schema: pa.Schema, file: str) -> Iterator[KesosError]:
    import pyarrow.types as kinds

    yield from unnamed(schema.names, lambda i: Where(file, column=clean(schema.names[i]) or str(i + 1)))
    for field in schema:
        held = field.type.value_type if kinds.is_dictionary(field.type) else field.type
        if kinds.is_nested(held) or kinds.is_binary(held) or kinds.is_large_binary(held) or not _plain(held):
            yield Damage(
                "nested",
                _("The column holds {kind}, which are not single values.", kind=clean(held)),
                expected=_("text, numbers, dates, or yes and no"),
                remedy=_("spread them over columns or rows of their own, or write them as text"),
                where=Where(file, column=clean(field.name)),
            )


def _plain(kind: pa.DataType) -> bool:
    import pyarrow.types as kinds

    return any(
        is_kind(kind)
        for is_kind in (
            kinds.is_string,
            kinds.is_large_string,
            kinds.is_integer,
            kinds.is_floating,
            kinds.is_decimal,
            kinds.is_boolean,
            kinds.is_date,
            kinds.is_time,
            kinds.is_timestamp,
            kinds.is_null,
        )
    )


def _text(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [_column(column) for column in batch.columns]
    for column in columns:
        column.validate(full=True)  # text that is not UTF-8 is read without a word
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _column(column: pa.Array) -> pa.Array:
    """A column as text: whole floats without a point, times in ISO form, dates without midnight."""
    import pyarrow as pa

    pc = _compute()
    import pyarrow.types as kinds

    if kinds.is_dictionary(column.type):
        column = column.dictionary_decode()
    if kinds.is_floating(column.type):
        return _floats(column)
    if kinds.is_timestamp(column.type):
        said = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S")
        return pc.replace_substring_regex(pc.replace_substring_regex(said, r"\.0+$", ""), r"T00:00:00$", "")
    if kinds.is_date(column.type):
        return column.cast(pa.date32()).cast(pa.string())
    return column.cast(pa.string())


def _compute() -> Any:
    """Functions that pyarrow registers when it starts, so that no type checker knows them."""
    from pyarrow import compute

    return compute


def _size_as_text(column: pa.Array) -> int:
    pc = _compute()
    import pyarrow.types as kinds

    if not kinds.is_dictionary(column.type):
        return len(column)
    lengths = pc.binary_length(column.dictionary) if kinds.is_string(column.type.value_type) else None
    return len(column) if lengths is None else pc.sum(lengths.take(column.indices)).as_py() or 0


def _floats(column: pa.Array) -> pa.Array:
    """Floats as text; those that are no number are missing, for programs without a missing value write them so."""
    import numpy as np
    import pyarrow as pa

    values = column.to_numpy(zero_copy_only=False)
    return pa.array(texts(values.astype(np.float64), short=column.type != pa.float64()), pa.string())


def _codes(raw: bytes) -> Mapping[str, str]:
    told = json.loads(raw)
    if not isinstance(told, dict):
        raise ValueError(raw)
    return {str(code): str(label) for code, label in told.items()}


def _lost(schema: pa.Schema, cells: Cells, codebook: Codebook | None) -> Iterator[KesosError]:
    import pyarrow.types as kinds

    for field in schema:
        counted = codebook is not None and field.name in codebook.columns
        if counted and codebook and codebook.columns[field.name].kind in NUMBERS:
            continue
        if kinds.is_floating(field.type):
            yield from lost_digits(cells, field.name)


def lost_digits(cells: Cells, name: str) -> Iterator[KesosError]:
    """Refuse a column of floats with whole numbers that a float does not keep."""
    pc = _compute()

    column = cells.table.column(name)
    long = pc.fill_null(pc.match_substring_regex(column, rf"^-?\d{{{len(str(EXACT))},}}$"), False).to_pylist()
    if any(long):
        yield Damage(
            "long",
            _("{n} numbers have more digits than a number keeps: the last of them are lost.", n=sum(long)),
            expected=_("identifiers as text"),
            remedy=_(
                "write the column again as text where the file was made; a sum of money is declared as `jenis: angka`"
            ),
            where=cells.where(long.index(True), clean(name)),
            count=sum(long),
        )
