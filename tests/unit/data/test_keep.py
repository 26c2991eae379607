"""Conditions kept by drawing and mending: each ends with rows that keep it, or with its name."""

from __future__ import annotations

import pytest

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.synthesize import synthesize
from kesos_research.errors import DataError, KesosError
from kesos_research.language import use

YES = "jenis: pilihan, pilihan: {1: {id: a, en: a}, 2: {id: b, en: b}}"


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def book(columns: dict[str, str], *conditions: str, key: str = "k"):
    own = {"k": "jenis: teks"} if key == "k" else {}
    told = "".join(
        f"  {name}: {{label: {{id: x, en: x}}, peran: covariate, sensitivitas: publik, {said}}}\n"
        for name, said in {**own, **columns}.items()
    )
    rules = "".join(f'  - {{nama: janji_{i}, syarat: "{said}"}}\n' for i, said in enumerate(conditions))
    text = f"satuan_pengamatan: person\nkunci: [{key}]\nkolom:\n{told}" + (f"aturan:\n{rules}" if rules else "")
    return parse_codebook(text, "buku.yaml")


@pytest.mark.parametrize(
    ("columns", "conditions"),
    [
        ({"a": "jenis: teks", "b": "jenis: teks"}, ["a = b"]),
        ({"a": "jenis: teks"}, ["a = 'ya'"]),
        ({"a": "jenis: tanggal", "b": "jenis: tanggal"}, ["a = b"]),
        ({"a": "jenis: tanggal", "b": "jenis: tanggal"}, ["a < b", "a = '2010-05-05'"]),
        ({"a": "jenis: tanggal, rentang: [2000-01-01, 2000-12-31]", "b": "jenis: tanggal, rentang: [2000-12-30, "
          "2001-12-31]"}, ["a > b"]),
        ({"a": "jenis: angka", "b": "jenis: angka"}, ["terisi(a) dan kosong(b)"]),
        ({"a": "jenis: angka, rentang: [1, 100]", "b": "jenis: angka, rentang: [1, 100]"}, ["a * b <= 3"]),
        ({"a": "jenis: bilangan, rentang: [0, 50]", "b": "jenis: bilangan, rentang: [0, 50]",
          "t": "jenis: bilangan, rentang: [0, 100]"}, ["a + b = t"]),
        ({"a": YES, "b": YES, "c": "jenis: bilangan, rentang: [0, 9]"},
         ["jika a = 2 maka kosong(b)", "jika a = 1 maka terisi(b)", "jika b = 2 maka c = 3"]),
        ({"a": "jenis: angka, rentang: [0, 1]", "b": "jenis: angka, rentang: [0, 1]"}, ["a > 0.999 atau b > 0.999"]),
        ({"a": "jenis: bilangan, rentang: [0, 9]", "b": "jenis: bilangan, rentang: [0, 9]"}, ["bukan (a >= b)"]),
        ({"a": "jenis: angka, rentang: [0, 1]", "b": "jenis: angka, rentang: [0, 1]"}, ["-a > b - 0.002"]),
    ],
)  # fmt: skip
def test_every_condition_that_can_be_kept_is_kept(columns, conditions):
    rows = synthesize(book(columns, *conditions), 60, seed=1).rows  # which holds them against the checker
    assert len(rows) == 60


@pytest.mark.parametrize(
    ("columns", "conditions", "name"),
    [
        ({"a": "jenis: angka, wajib: ya"}, ["kosong(a)"], "janji_0"),
        ({"a": "jenis: angka, rentang: [0, 1]", "b": "jenis: angka, rentang: [0, 1]"}, ["a < b", "b < a"], "janji_"),
        ({"a": "jenis: tanggal, rentang: [2000-01-01, 2000-12-31]"}, ["a > '2001-01-01'"], "janji_0"),
        ({"a": YES}, ["a = 3"], "janji_0|none of the choices"),
    ],
)
def test_what_cannot_be_kept_is_named(columns, conditions, name):
    with pytest.raises(KesosError, match=name):
        synthesize(book(columns, *conditions), 60, seed=1)


def test_a_distribution_that_breaks_its_own_column_is_told_where_it_stands():
    shares = "sebaran: {bentuk: peluang, nilai: {3: 0.5, 7: 0.5}}"
    with pytest.raises(DataError, match="do not keep the codebook") as refused:
        synthesize(book({"a": f"jenis: bilangan, rentang: [0, 5], {shares}"}), 40, seed=1)
    assert str(refused.value.where) == "key kolom.a"


@pytest.mark.parametrize(
    ("key", "columns", "people"),
    [
        ("n", {"n": "jenis: nik"}, 40),
        ("n, u", {"n": "jenis: nomor_kk", "u": "jenis: bilangan, rentang: [1, 9]"}, 12),
        ("n, t", {"n": "jenis: nik", "t": "jenis: tahun, rentang: [2015, 2018]"}, 10),
        ("n, t", {"n": "jenis: nik", "t": "jenis: wilayah"}, 40),
    ],
)
def test_numbers_of_people_can_be_keys(key, columns, people):
    rows = synthesize(book(columns, key=key), 40, seed=1).rows
    assert rows["n"].nunique() == people
