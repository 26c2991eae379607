"""Parquet as pyarrow and pandas write it."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kesos_research.data.read import read_cells
from kesos_research.errors import KesosError
from kesos_research.language import use


def cells(tmp_path, columns):
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with use("en"):
        return read_cells(tmp_path / "a.parquet", name="a.parquet")


def test_every_kind_is_text(tmp_path):
    made = cells(
        tmp_path,
        {
            "t": ["é", None],
            "n": pa.array([3314055501900001, None], pa.int64()),
            "f": [1.0, np.nan],
            "g": [0.1 + 0.2, 1e12],
            "h": pa.array([0.1, 2], pa.float32()),
            "d": [datetime.date(2020, 2, 29), None],
            "s": pa.array([datetime.datetime(2020, 2, 29), datetime.datetime(2020, 1, 1, 2, 3, 4)], pa.timestamp("ns")),
            "b": [True, False],
            "c": pa.array(["x", "y"]).dictionary_encode(),
            "m": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
            "z": pa.array([None, None], pa.null()),
            "k": pa.array(["p", "q"], pa.large_string()),
        },
    )
    assert made.table.to_pydict() == {
        "t": ["é", None],
        "n": ["3314055501900001", None],
        "f": ["1", None],
        "g": ["0.3", "1000000000000"],
        "h": ["0.1", "2"],
        "d": ["2020-02-29", None],
        "s": ["2020-02-29", "2020-01-01T02:03:04"],
        "b": ["true", "false"],
        "c": ["x", "y"],
        "m": ["1.50", None],
        "z": [None, None],
        "k": ["p", "q"],
    }


def test_a_frame_of_pandas(tmp_path):
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": [1, None], "c": ["u", None]})
    frame.to_parquet(tmp_path / "a.parquet")
    made = read_cells(tmp_path / "a.parquet").table.to_pydict()
    assert made == {"a": ["x", "y"], "b": ["1", None], "c": ["u", None]}


def test_lists_and_records_are_refused_with_their_column(tmp_path):
    with pytest.raises(KesosError) as caught:
        cells(tmp_path, {"a": ["x"], "l": [[1, 2]], "r": [{"x": 1}], "y": [b"raw"]})
    for name in ("l", "r", "y"):
        assert f"column {name}" in str(caught.value)


def test_a_nik_as_a_float_is_refused(tmp_path):
    with pytest.raises(KesosError, match="column nik") as caught:
        cells(tmp_path, {"nik": [np.nan, 3314055501900001.0]})
    assert "3314055501900001" not in str(caught.value)
    assert "row 2" in str(caught.value)


def test_equal_rows_in_a_few_bytes_are_not_spread_out(tmp_path):
    with pytest.raises(KesosError, match="too many cells"):
        cells(tmp_path, {"a": pa.DictionaryArray.from_arrays(np.zeros(100_000, dtype=np.int32), ["x" * 100_000])})


def test_names_there_twice_and_no_rows(tmp_path):
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "a.parquet")
    with use("en"), pytest.raises(KesosError, match="'a' is column 1"):
        read_cells(tmp_path / "a.parquet")
    with pytest.raises(KesosError, match="no rows"):
        cells(tmp_path, {"a": pa.array([], pa.string())})
