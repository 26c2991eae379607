"""Writing: what each program reads back, with labels; the same bytes twice; what a format cannot hold, by name."""

import csv
import io
import time
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read.rows import read_microdata
from kesos_research.data.write import write_rows
from kesos_research.errors import KesosError, OutputError
from kesos_research.language import use

BOOK = """\
satuan_pengamatan: household
kunci: [id_ruta]
kosong: [""]
kolom:
  id_ruta: {label: {id: Nomor rumah tangga, en: Household}, jenis: teks, peran: id, sensitivitas: terbatas, unik: ya}
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia}
  kab: {label: {id: Wilayah, en: Region}, jenis: wilayah, peran: strata, sensitivitas: publik}
  jk:
    label: {id: Jenis kelamin, en: Sex}
    jenis: pilihan
    pilihan: {1: {id: Laki-laki, en: Male}, 2: {id: Perempuan, en: Female}}
    peran: covariate
    sensitivitas: publik
  lantai:
    label: {id: Lantai, en: Floor}
    jenis: pilihan
    pilihan: {"01": {id: Tanah, en: Earth}, "02": {id: Semen, en: Cement}}
    peran: covariate
    sensitivitas: publik
  bantuan:
    label: {id: Bantuan, en: Aid}
    jenis: pilihan_ganda
    pilihan: {a: {id: PKH, en: PKH}, b: {id: Sembako, en: Food}}
    peran: covariate
    sensitivitas: publik
  tgl: {label: {id: Tanggal, en: Date}, jenis: tanggal, peran: period, sensitivitas: publik}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, peran: covariate, sensitivitas: publik}
  keluar: {label: {id: Pengeluaran, en: Spending}, jenis: angka, peran: outcome, sensitivitas: publik}
  catatan: {label: {id: Catatan, en: Note}, jenis: teks, peran: note, sensitivitas: publik}
"""
CSV = """\
id_ruta,nik,kab,jk,lantai,bantuan,tgl,umur,keluar,catatan
R1,3314055501900001,33.14,1,01,a b,2020-02-29,30,1250000.5,é “kutip” _x0041_
R2,,33.14,2,,,1965-01-02,,-0.25,"dua
baris"
R3,9103015501900001,32.10,,02,b,,0,123456789012.125,
"""
SUFFIXES = (".csv", ".xlsx", ".parquet", ".dta", ".sav")


@pytest.fixture
def rows(tmp_path):
    with use("en"):
        (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
        book = parse_codebook(BOOK, "buku.yaml")
        yield read_microdata(tmp_path / "a.csv", book)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_back(rows, tmp_path, suffix):
    path = tmp_path / f"b{suffix}"
    write_rows(rows.frame, path, rows.codebook)
    again = read_microdata(path, rows.codebook)
    pd.testing.assert_frame_equal(again.frame, rows.frame)


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".dta", ".sav"])
def test_labels_are_read_back(rows, tmp_path, suffix):
    path = tmp_path / f"b{suffix}"
    write_rows(rows.frame, path, rows.codebook)
    again = read_microdata(path, rows.codebook)
    assert again.labels == {c.name: c.label["id"] for c in rows.codebook.columns.values()}
    assert again.value_labels["jk"] == {"1": "Laki-laki", "2": "Perempuan"}
    if suffix != ".dta":
        assert again.value_labels["lantai"] == {"01": "Tanah", "02": "Semen"}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_rows_give_the_same_bytes(rows, tmp_path, suffix):
    first, second = tmp_path / f"b{suffix}", tmp_path / f"c{suffix}"
    write_rows(rows.frame, first, rows.codebook)
    time.sleep(1.1)  # clocks in headers count seconds
    write_rows(rows.frame, second, rows.codebook)
    assert first.read_bytes() == second.read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_other_programs_read_spss(rows, tmp_path):
    write_rows(rows.frame, tmp_path / "b.sav", rows.codebook, lang="en")
    frame, told = pyreadstat.read_sav(tmp_path / "b.sav")
    assert told.column_names_to_labels["jk"] == "Sex"
    assert told.variable_value_labels["jk"] == {1.0: "Male", 2.0: "Female"}
    assert told.variable_value_labels["lantai"] == {"01": "Earth", "02": "Cement"}
    assert frame["nik"].tolist() == ["3314055501900001", "", "9103015501900001"]
    assert frame["keluar"].tolist() == [1250000.5, -0.25, 123456789012.125]


def test_other_programs_read_stata(rows, tmp_path):
    write_rows(rows.frame, tmp_path / "b.dta", rows.codebook)
    with pd.io.stata.StataReader(tmp_path / "b.dta") as reader:
        frame = reader.read(convert_categoricals=False)
        assert reader.variable_labels()["umur"] == "Umur"
        assert {1: "Laki-laki", 2: "Perempuan"} in reader.value_labels().values()
    assert frame["nik"].tolist() == ["3314055501900001", "", "9103015501900001"]
    assert frame["tgl"].iloc[0] == pd.Timestamp("2020-02-29")


def test_other_programs_read_parquet(rows, tmp_path):
    write_rows(rows.frame, tmp_path / "b.parquet", rows.codebook)
    frame = pq.read_table(tmp_path / "b.parquet").to_pandas()
    assert frame["kab"].tolist() == ["33.14", "33.14", "32.10"]
    assert np.isnan(frame["umur"].iloc[1])


def test_a_spreadsheet_never_sees_a_formula(rows, tmp_path):
    frame = rows.frame.copy()
    nasty = ["=HYPERLINK(1)", "@x", "\tx"]
    frame["catatan"] = pd.Series(nasty, dtype="str")
    write_rows(frame, tmp_path / "b.xlsx", rows.codebook)
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["data"]
    assert [sheet.cell(r, 10).data_type for r in (2, 3, 4)] == ["s"] * 3
    assert [sheet.cell(r, 10).value for r in (2, 3, 4)] == nasty
    told = write_rows(frame, tmp_path / "b.csv", rows.codebook)
    with (tmp_path / "b.csv").open(encoding="utf-8", newline="") as file:
        assert [row["catatan"] for row in csv.DictReader(file)] == [f"'{text}" for text in nasty]
    assert "3" in told.notes[0]
    assert "catatan" in told.notes[0]


def test_numbers_below_zero_are_no_formulas(rows, tmp_path):
    told = write_rows(rows.frame, tmp_path / "b.csv", rows.codebook)
    assert told.notes == ()
    assert "-0.25" in (tmp_path / "b.csv").read_text(encoding="utf-8")


def test_identifiers_are_text_in_a_workbook(rows, tmp_path):
    write_rows(rows.frame, tmp_path / "b.xlsx", rows.codebook)
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx")["data"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("3314055501900001", "s")
    assert sheet["H2"].value == 30
    assert sheet["G2"].is_date


def test_no_clock_is_in_a_workbook(rows, tmp_path):
    write_rows(rows.frame, tmp_path / "b.xlsx", rows.codebook)
    with zipfile.ZipFile(io.BytesIO((tmp_path / "b.xlsx").read_bytes())) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z" in parts.read("docProps/core.xml")


@pytest.mark.parametrize(
    ("suffix", "rename", "said"),
    [
        (".dta", {"umur": "u" * 33}, "32 letters"),
        (".dta", {"umur": "umur anak"}, "no name of a column in Stata"),
        (".dta", {"umur": "float"}, "no name of a column in Stata"),
        (".sav", {"umur": "1umur"}, "no name of a column in SPSS"),
        (".sav", {"umur": "JK"}, "does not tell"),
        (".sav", {"umur": "with"}, "no name of a column in SPSS"),
    ],
)
def test_names_that_a_program_does_not_take(rows, tmp_path, suffix, rename, said):
    old, new = next(iter(rename.items()))
    book = parse_codebook(BOOK.replace(f"  {old}:", f"  {new}:"), "buku.yaml")
    with pytest.raises(KesosError) as caught:
        write_rows(rows.frame.rename(columns=rename), tmp_path / f"b{suffix}", book, name="b")
    assert said in str(caught.value)
    assert f"column {new}" in str(caught.value)
    assert not (tmp_path / f"b{suffix}").exists()


def test_long_labels_and_texts_are_refused_with_their_place(rows, tmp_path):
    book = parse_codebook(BOOK.replace("id: Umur", "id: " + "x" * 81), "buku.yaml")
    frame = rows.frame.copy()
    frame.loc[1, "catatan"] = "y" * 3000
    with pytest.raises(KesosError) as caught:
        write_rows(frame, tmp_path / "b.dta", book)
    said = str(caught.value)
    assert "column umur" in said
    assert "row 2, column catatan" in said
    frame.loc[1, "catatan"] = "y" * 32_768
    for suffix in (".xlsx", ".sav"):
        with pytest.raises(KesosError, match="row 2, column catatan"):
            write_rows(frame, tmp_path / f"b{suffix}", rows.codebook)


def test_dates_before_spreadsheets_began(rows, tmp_path):
    frame = rows.frame.copy()
    frame.loc[1, "tgl"] = pd.Timestamp("1899-12-31")
    with pytest.raises(KesosError, match="row 2, column tgl"):
        write_rows(frame, tmp_path / "b.xlsx", rows.codebook)
    for suffix in (".csv", ".parquet", ".dta", ".sav"):
        write_rows(frame, tmp_path / f"b{suffix}", rows.codebook)
        pd.testing.assert_frame_equal(read_microdata(tmp_path / f"b{suffix}", rows.codebook).frame, frame)


def test_codes_that_are_text_are_told_where_stata_drops_their_labels(rows, tmp_path):
    assert "lantai" in write_rows(rows.frame, tmp_path / "b.dta", rows.codebook).notes[0]


def test_values_of_another_kind_are_refused(rows, tmp_path):
    frame = rows.frame.assign(umur=["a", "b", "c"], nik=[1.0, 2.0, 3.0], catatan=["x\x00", "", ""])
    with pytest.raises(KesosError) as caught:
        write_rows(frame, tmp_path / "b.parquet", rows.codebook)
    for name in ("umur", "nik", "catatan"):
        assert f"column {name}" in str(caught.value)


def test_text_that_the_encoding_lacks_is_refused(rows, tmp_path):
    book = parse_codebook(BOOK + "pengodean: cp1252\n", "buku.yaml")
    frame = rows.frame.assign(catatan=["a", "→", "b"])
    with pytest.raises(KesosError, match="row 2, column catatan"):
        write_rows(frame, tmp_path / "b.csv", book)


def test_unknown_columns_and_endings_are_refused(rows, tmp_path):
    with pytest.raises(KesosError, match="'lain' is not in the codebook"):
        write_rows(rows.frame.assign(lain="x"), tmp_path / "b.csv", rows.codebook)
    with pytest.raises(KesosError, match=r"\.sav"):
        write_rows(rows.frame, tmp_path / "b.xls", rows.codebook)


def test_a_folder_that_is_not_there_is_told(rows, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_rows(rows.frame, tmp_path / "tiada" / "b.csv", rows.codebook)


def test_a_semicolon_and_a_decimal_comma_are_the_codebooks(rows, tmp_path):
    book = parse_codebook(BOOK + 'pemisah: ";"\ndesimal: ","\n', "buku.yaml")
    write_rows(rows.frame, tmp_path / "b.csv", book)
    assert "1250000,5" in (tmp_path / "b.csv").read_text(encoding="utf-8")
    for suffix in SUFFIXES:
        write_rows(rows.frame, tmp_path / f"b{suffix}", book)
        pd.testing.assert_frame_equal(read_microdata(tmp_path / f"b{suffix}", book).frame, rows.frame)
