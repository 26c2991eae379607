"""Cells as tables of DuckDB, in memory and shut: no file, no network, no setting can be reached from a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


@contextmanager
def opened(table: pa.Table, sets: Sequence[Sequence[str]] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the table ``cells`` (``c0, c1, …`` and ``r``) and the sets ``s0, s1, …`` (``v``)."""
    import duckdb
    import numpy as np
    import pyarrow as pa

    cells = table.rename_columns([f"c{i}" for i in range(table.num_columns)])
    cells = cells.append_column("r", pa.array(np.arange(table.num_rows, dtype=np.int64)))
    with duckdb.connect(":memory:", config=_SETTINGS) as connection:
        connection.register("cells", cells)
        for position, values in enumerate(sets):
            connection.register(f"s{position}", pa.table({"v": pa.array(list(values), pa.string())}))
        if connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (True,):
            # it would be written among our answers; in a notebook it is off, and may not even be set
            connection.execute("SET enable_progress_bar = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
