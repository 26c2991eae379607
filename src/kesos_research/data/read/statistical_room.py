"""Reads one Stata or SPSS file in a process of its own: `python statistical_room.py dta|sav FILE [ENCODING]`.

The C library behind pyreadstat ends the whole process, or never ends, on some damaged files. Here it may: what was read
goes out as an Arrow stream, and whoever asked sees how this process ended. It stands alone, so that it starts quickly.
"""

from __future__ import annotations

import json
import math
import sys

MEMORY = 8 * 2**30
REFUSED = 3
"""Exit code when the library says itself what is wrong; it is on stderr."""


def main(kind: str, path: str, encoding: str | None = None) -> int:
    """Read the file and write it to stdout."""
    import pyreadstat

    _limit()
    read = pyreadstat.read_dta if kind == "dta" else pyreadstat.read_sav
    try:
        columns, told = read(
            path, user_missing=True, disable_datetime_conversion=True, output_format="dict", encoding=encoding
        )
        _write(columns, told)
    except (
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return REFUSED
    return 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write(columns, told) -> None:
    """Each column as numbers (n), as text (t), or as both where Stata's lettered missing values stand among numbers."""
    import pyarrow as pa

    arrays: dict[str, pa.Array] = {}
    for i, name in enumerate(told.column_names):
        cells = list(columns[name])
        letters = [v if isinstance(v, str) else None for v in cells]
        numbers = [None if isinstance(v, str) else v for v in cells]
        if any(isinstance(v, (int, float)) and not math.isnan(v) for v in numbers):
            arrays[f"n{i}"] = pa.array(numbers, pa.float64(), from_pandas=True)
        if f"n{i}" not in arrays or any(letters):
            arrays[f"t{i}"] = pa.array(letters, pa.string())
    about = {
        "names": told.column_names,
        "labels": told.column_labels,
        "rows": told.number_rows,
        "encoding": told.file_encoding,
        "formats": told.original_variable_types,
        "types": told.readstat_variable_types,
        "codes": {name: list(codes.items()) for name, codes in told.variable_value_labels.items()},
        "missing": {name: list(ranges) for name, ranges in told.missing_ranges.items()},
    }
    batch = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    schema = batch.schema.with_metadata({"about": json.dumps(about)})
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as out:
        out.write_batch(batch.cast(schema))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
