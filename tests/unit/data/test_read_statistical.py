"""Stata and SPSS as pyreadstat and pandas write them."""

import datetime

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read import read_cells, statistical
from kesos_research.data.read.statistical_date import dated
from kesos_research.errors import KesosError
from kesos_research.language import use

NIK = 3314055501900001


@pytest.fixture(autouse=True)
def _english():
    with use("en"):
        yield


def test_spss_keeps_labels_codes_and_declared_missing_values(tmp_path):
    frame = pd.DataFrame(
        {
            "id": ["R1", "R2", "R3"],
            "jk": [1.0, 2.0, 9.0],
            "x": [0.1 + 0.2, None, -5.0],
            "t": [datetime.date(2020, 2, 29), None, datetime.date(1945, 8, 17)],
            "w": [datetime.datetime(2020, 1, 2, 3, 4, 5), None, None],
        }
    )
    pyreadstat.write_sav(
        frame,
        tmp_path / "a.sav",
        column_labels={"jk": "Jenis kelamin"},
        variable_value_labels={"jk": {1: "Laki-laki", 2: "Perempuan", 9: "Tidak tahu"}},
        missing_ranges={"jk": [9], "x": [{"lo": -9, "hi": -1}]},
    )
    cells = read_cells(tmp_path / "a.sav")
    assert cells.table.to_pydict() == {
        "id": ["R1", "R2", "R3"],
        "jk": ["1", "2", "9"],
        "x": ["0.3", None, "-5"],
        "t": ["2020-02-29", None, "1945-08-17"],
        "w": ["2020-01-02T03:04:05", None, None],
    }
    assert cells.labels == {"jk": "Jenis kelamin"}
    assert cells.value_labels == {"jk": {"1": "Laki-laki", "2": "Perempuan", "9": "Tidak tahu"}}
    assert cells.detected["declared_missing"] == "jk: 9; x: -9–-1"


def test_stata_keeps_labels_and_missing_values_with_a_letter(tmp_path):
    frame = pd.DataFrame({"u": pd.Series([1.5, "a", None], dtype=object), "jk": [1, 2, 1]})
    pyreadstat.write_dta(
        frame,
        tmp_path / "a.dta",
        column_labels={"u": "Umur"},
        variable_value_labels={"jk": {1: "L", 2: "P"}},
        missing_user_values={"u": ["a"]},
    )
    cells = read_cells(tmp_path / "a.dta")
    assert cells.table.to_pydict() == {"u": ["1.5", ".a", None], "jk": ["1", "2", "1"]}
    assert (cells.labels, cells.value_labels) == ({"u": "Umur"}, {"jk": {"1": "L", "2": "P"}})
    assert cells.detected["declared_missing"] == "u: .a"


@pytest.mark.parametrize("version", [114, 117, 118])
def test_stata_of_other_years(tmp_path, version):
    frame = pd.DataFrame(
        {
            "t": pd.to_datetime(["2020-02-29", "1945-08-17"]),
            "f": np.array([0.1, 2], dtype="float32"),
            "i": np.array([1, -2], dtype="int8"),
            "s": ["a", "b c"],
        }
    )
    frame.to_stata(tmp_path / "a.dta", version=version, write_index=False, convert_dates={"t": "td"})
    assert read_cells(tmp_path / "a.dta").table.to_pydict() == {
        "t": ["2020-02-29", "1945-08-17"],
        "f": ["0.1", "2"],
        "i": ["1", "-2"],
        "s": ["a", "b c"],
    }


@pytest.mark.parametrize("suffix", ["dta", "sav"])
def test_a_nik_kept_as_a_number_is_refused(tmp_path, suffix):
    frame = pd.DataFrame({"nik": [1.0, float(NIK)], "x": [1.0, 2.0]})
    getattr(pyreadstat, f"write_{suffix}")(frame, tmp_path / f"a.{suffix}")
    with pytest.raises(KesosError) as caught:
        read_cells(tmp_path / f"a.{suffix}", name=f"a.{suffix}")
    assert f"a.{suffix}, row 2, column nik" in str(caught.value)
    assert str(NIK) not in str(caught.value)


def test_numbers_kept_in_seven_digits_are_told_and_no_identifiers(tmp_path):
    frame = pd.DataFrame({"id": np.array([123456789, 5], dtype="float32"), "x": np.array([0.5, 1], dtype="float32")})
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    assert read_cells(tmp_path / "a.dta").detected["kept_in_seven_digits"] == "id"
    text = (
        "satuan_pengamatan: household\nkunci: [id]\nkolom:\n"
        "  id: {label: {id: a, en: b}, jenis: teks, peran: id, sensitivitas: publik}\n"
    )
    with pytest.raises(KesosError, match="column id"):
        read_cells(tmp_path / "a.dta", codebook=parse_codebook(text, "buku.yaml"))


def test_text_in_an_encoding_of_its_own(tmp_path):
    frame = pd.DataFrame({"s": ["é", "x"]})
    frame.to_stata(tmp_path / "a.dta", version=114, write_index=False)  # latin-1, which the file does not tell
    assert read_cells(tmp_path / "a.dta").table.column("s").to_pylist() == ["é", "x"]


def test_files_without_rows_and_files_cut(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0] * 50, "b": ["x"] * 50}), tmp_path / "a.sav")
    raw = (tmp_path / "a.sav").read_bytes()
    for end in (100, 400, len(raw) // 2, len(raw) - 9):
        (tmp_path / "b.sav").write_bytes(raw[:end])
        with pytest.raises(KesosError, match=r"b\.sav"):
            read_cells(tmp_path / "b.sav")


def test_dates_in_all_units_of_stata():
    one = np.array([1.0, np.nan, -1.0])
    assert dated(one, "%td") == ["1960-01-02", None, "1959-12-31"]
    assert dated(one, "%tm") == ["1960-02", None, "1959-12"]
    assert dated(one, "%tq") == ["1960Q2", None, "1959Q4"]
    assert dated(one, "%th") == ["1960H2", None, "1959H2"]
    assert dated(np.array([2020.0]), "%ty") == ["2020"]
    assert dated(np.array([1000.0]), "%tc") == ["1960-01-01T00:00:01"]
    assert dated(np.array([1e300, 0.5]), "%td") == [None, "1960-01-01T12:00:00"]
    assert dated(one, "%9.0g") is None
    assert dated(np.array([3600.0]), "TIME8") == ["01:00:00"]


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "cut or damaged"),
        ("while True: pass", "does not come to an end"),
        ("print('no stream')", "cut or damaged"),
        ("raise SystemExit(7)", "cut or damaged"),
    ],
)
def test_a_library_that_dies_or_hangs_takes_nobody_with_it(tmp_path, monkeypatch, does, said):
    """On some damaged files the C library does either; which ones changes from run to run."""
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0]}), tmp_path / "a.sav")
    (tmp_path / "room.py").write_text(does, encoding="utf-8")
    monkeypatch.setattr(statistical.room, "__file__", str(tmp_path / "room.py"))
    monkeypatch.setattr(statistical, "PATIENCE", 1)
    with pytest.raises(KesosError, match=said):
        read_cells(tmp_path / "a.sav", name="a.sav")
