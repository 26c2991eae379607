"""A drafted codebook: kinds as a person would say them, nothing that leads to a person, and its own file passes it."""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from kesos_research.data.check import check_cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.describe import describe, rounded
from kesos_research.data.read.text import cells_of
from kesos_research.errors import KesosError
from kesos_research.language import use

N = 200


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def household_file(delimiter=",", decimal=".") -> tuple[str, dict[str, list[str]]]:
    """A small file as surveys have them, and its columns."""
    rng = np.random.default_rng(7)
    days = rng.integers(1, 29, N)
    ages = rng.integers(0, 80, N)
    ages[3] = 103  # one very old person
    columns = {
        "id_ruta": [f"R{i:05d}" for i in range(N)],
        "nik": [f"33140{i % 9 + 1}{d:02d}0590{i % 9000 + 1:04d}" for i, d in enumerate(days)],
        "no_kk": [f"331405150612{i + 1:04d}" for i in range(N)],
        "nama_krt": [f"Orang {i}" for i in range(N)],
        "alamat": [f"Jalan Mawar {i}" for i in range(N)],
        "hp": [f"0812345{i:05d}" for i in range(N)],
        "kontak": [f"08123{i:07d}" for i in range(N)],
        "kab": rng.choice(["33.14", "32.10", "64.03"], N).tolist(),
        "tahun": rng.choice(["2019", "2020"], N).tolist(),
        "jk": rng.choice(["1", "2"], N).tolist(),
        "pekerjaan": [*["petani"] * 120, *["buruh"] * 79, "dukun beranak"],
        "umur": ages.astype(str).tolist(),
        "pengeluaran": [f"{x:.2f}".replace(".", decimal) for x in rng.lognormal(13, 0.5, N)],
        "lahir": [f"{1950 + i % 60}-05-17" for i in range(N)],
        "bobot": [f"{x:.3f}".replace(".", decimal) for x in rng.uniform(20, 400, N)],
        "kode_pos": [f"0{5000 + i % 50}" for i in range(N)],
        "kosong": [""] * N,
        "skor": [("-", "1", "2")[i % 3] for i in range(N)],
    }
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [list(columns), *zip(*columns.values(), strict=True)]
    )
    return out.getvalue(), columns


def drafted(text: str):
    draft = describe(cells_of(text.encode(), "rumah.csv"))
    return draft, parse_codebook(draft, "buku.yaml")


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ",")])
def test_kinds_and_sensitivities(delimiter, decimal):
    _draft, book = drafted(household_file(delimiter, decimal)[0])
    kinds = {name: column.kind for name, column in book.columns.items()}
    assert kinds == {
        "id_ruta": "teks", "nik": "nik", "no_kk": "nomor_kk", "nama_krt": "teks", "alamat": "teks", "hp": "teks",
        "kontak": "teks", "kab": "wilayah", "tahun": "tahun", "jk": "pilihan", "pekerjaan": "teks", "umur": "bilangan",
        "pengeluaran": "angka", "lahir": "tanggal", "bobot": "angka", "kode_pos": "teks", "kosong": "teks",
        "skor": "pilihan",
    }  # fmt: skip
    secret = {name for name, column in book.columns.items() if column.sensitivity == "rahasia"}
    assert secret == {"nik", "no_kk", "nama_krt", "alamat", "hp", "kontak"}
    assert (book.delimiter, book.decimal, book.key) == (delimiter, decimal, ("id_ruta",))
    assert (book.columns["bobot"].role, book.columns["tahun"].role, book.columns["id_ruta"].role) == (
        "weight",
        "period",
        "id",
    )
    assert "-" in book.missing


def test_the_file_passes_its_own_draft():
    text, _columns = household_file()
    _draft, book = drafted(text)
    assert check_cells(cells_of(text.encode(), "rumah.csv", book), book).found == ()


def test_no_identifier_and_no_rare_value_is_in_it():
    text, columns = household_file()
    draft, book = drafted(text)
    for name in ("id_ruta", "nik", "no_kk", "nama_krt", "alamat", "hp", "kontak"):
        assert not any(value in draft for value in columns[name])
        assert book.columns[name].low is None
    assert "dukun" not in draft
    assert "petani" not in draft  # one rare value, and none is written out
    assert "103" not in draft
    numbers = {float(n) for n in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", draft)}
    assert not numbers & {float(v) for v in columns["pengeluaran"]}


def test_choices_need_ten_rows_each():
    text = "x,y\n" + "a,1\n" * 10 + "b,2\n" * 9
    assert not drafted(text)[1].columns["x"].choices
    text += "b,2\n"
    assert list(drafted(text)[1].columns["x"].choices) == ["a", "b"]


def test_few_rows_show_no_range():
    assert drafted("x\n1.5\n2.5\n3.5\n")[1].columns["x"].low is None


def test_a_column_with_a_nik_anywhere_is_secret():
    text = "catatan,x\n" + "baik,1\n" * 30 + "lihat NIK 3314055501900001,2\n"
    draft, book = drafted(text)
    assert book.columns["catatan"].sensitivity == "rahasia"
    assert "3314" not in draft


def test_labels_of_the_file_are_kept():
    cells = cells_of(b"q1\n1\n2\n2\n", "rumah.csv")
    cells = replace(
        cells, labels={"q1": "Jenis kelamin: “KRT”"}, value_labels={"q1": {"1": "Laki-laki", "2": "Perempuan"}}
    )
    column = parse_codebook(describe(cells), "b").columns["q1"]
    assert column.label["id"] == "Jenis kelamin: “KRT”"
    assert {code: said["id"] for code, said in column.choices.items()} == {"1": "Laki-laki", "2": "Perempuan"}


def test_regions_by_year_are_told_apart_by_both():
    codes, years = ("33.14", "32.10", "64.03"), ("2019", "2020")
    text = "wilayah,tahun,p0\n" + "".join(
        f"{c},{y},{i}.5\n" for i, (c, y) in enumerate((c, y) for c in codes for y in years)
    )
    _draft, book = drafted(text)
    assert (book.key, book.unit_of_observation) == (("wilayah", "tahun"), "region")


@pytest.mark.parametrize(
    ("value", "down", "up"),
    [
        (73_512_345, 73e6, 74e6),
        (97, 90, 100),
        (100, 100, 100),
        (0, 0, 0),
        (0.37, 0, 1),
        (-0.2, -1, 0),
        (-123.4, -130, -120),
        (3, 3, 3),
    ],
)
def test_limits_are_rounded_outward(value, down, up):
    assert (rounded(value, up=False), rounded(value, up=True)) == (down, up)


@pytest.mark.parametrize("text", ["a,b\n", "a,a\n1,2\n", "a,\n1,2\n", '" ",b\n1,2\n'])
def test_files_that_cannot_be_described_are_refused(text):
    with pytest.raises(KesosError):
        drafted(text)


@pytest.mark.parametrize("name", ["a: b", "“x”", " a", "'", "{", "é\u00a0x", "select", "🎓"])
def test_odd_names_of_columns_survive(name):
    text = f'"{name}",y\n1,2\n'
    _draft, book = drafted(text)
    assert list(book.columns) == [name, "y"]
