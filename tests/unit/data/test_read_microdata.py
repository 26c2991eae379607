"""Microdata: kinds of columns as pandas has them; nothing half-read goes on; a path that leads nowhere."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from kesos_research.data.read import check, read_cells
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.rows import read_microdata
from kesos_research.errors import KesosError
from kesos_research.language import use

BOOK = """\
satuan_pengamatan: person
kunci: [id]
pemisah: ";"
desimal: ","
kosong: ["", "."]
kolom:
  id: {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: terbatas, unik: ya}
  jk:
    label: {id: JK, en: Sex}
    jenis: pilihan
    pilihan: {2: {id: P, en: F}, 1: {id: L, en: M}}
    peran: covariate
    sensitivitas: publik
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, peran: covariate, sensitivitas: publik}
  x: {label: {id: X, en: X}, jenis: angka, peran: outcome, sensitivitas: publik}
  tgl: {label: {id: Tanggal, en: Date}, jenis: tanggal, peran: period, sensitivitas: publik}
"""


@pytest.fixture(autouse=True)
def _english():
    with use("en"):
        yield


@pytest.fixture
def files(tmp_path):
    (tmp_path / "buku.yaml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "a.csv").write_text("id;jk;umur;x;tgl\na;1;3;1,5;2020-02-29\nb;.;;.;\n", encoding="utf-8")
    return tmp_path


def test_columns_are_what_the_codebook_says(files):
    rows = read_microdata(files / "a.csv", files / "buku.yaml")
    frame = rows.frame
    assert list(frame["jk"].cat.categories) == ["2", "1"]
    assert frame["jk"].isna().tolist() == [False, True]
    assert frame["x"].dtype == "float64"
    np.testing.assert_array_equal(frame["x"], [1.5, np.nan])
    assert frame["tgl"].tolist() == [pd.Timestamp("2020-02-29"), pd.NaT]
    assert rows.findings.clean


def test_a_decimal_comma_is_of_text_files_only(files):
    made = openpyxl.Workbook()
    for row in (["id", "jk", "umur", "x", "tgl"], ["a", 1, 3, 1.5, "2020-02-29"]):
        made.active.append(row)
    made.save(files / "a.xlsx")
    book = read_codebook(files / "buku.yaml")
    assert read_microdata(files / "a.xlsx", book).frame["x"].tolist() == [1.5]
    assert check(files / "a.xlsx", book).clean


def test_nothing_half_read_goes_on(files):
    (files / "a.csv").write_text("id;jk;umur;x;tgl\na;7;3;1.5;2020-02-30\na;1;3;1,5;\n", encoding="utf-8")
    with pytest.raises(KesosError) as caught:
        read_microdata(files / "a.csv", files / "buku.yaml")
    for column in ("id", "jk", "x", "tgl"):
        assert f"column {column}" in str(caught.value)


def test_paths_that_lead_to_no_file(files):
    for name, said in (
        ("b.csv", "did you mean a.csv"),
        ("map", "is a folder"),
        ("kosong.csv", "empty"),
        ("lari.csv", "There is no file"),
        ("a.docx", "are not read"),
        ("a\x00.csv", "There is no file"),
        ("x" * 300 + ".csv", "cannot be opened"),
    ):
        if name == "map":
            (files / name).mkdir()
        elif name == "kosong.csv":
            (files / name).touch()
        elif name == "lari.csv":
            (files / name).symlink_to(files / "tiada.csv")
        elif name == "a.docx":
            (files / name).write_bytes(b"PK\x03\x04")
        with pytest.raises(KesosError) as caught:
            read_cells(files / name, name=name)
        assert said in str(caught.value)
        assert "Try:" in str(caught.value)


def test_a_file_nobody_may_read(files, monkeypatch):
    def denied(*_given, **_how):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", denied)
    with pytest.raises(KesosError, match="Permission denied"):
        read_cells(files / "a.csv", name="a.csv")


def test_a_codebook_that_is_not_there(files):
    with pytest.raises(KesosError, match=r"tiada\.yaml"):
        read_microdata(files / "a.csv", files / "tiada.yaml")
