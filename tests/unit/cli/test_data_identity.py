"""`kesos data key` and `kesos data pseudonymise`: what is written where, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kesos_research.data.identity_set import IdentitySet
from kesos_research.data.read import check, read_codebook
from kesos_research.disclosure.scan import scan

BOOK = """\
pemisah: ";"
desimal: ","
satuan_pengamatan: person
kunci: [nik]
kolom:
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia, wajib: ya}
  nama: {label: {id: Nama, en: Name}, jenis: teks, peran: note, sensitivitas: rahasia}
  belanja: {label: {id: Belanja, en: Spending}, jenis: angka, peran: outcome, sensitivitas: terbatas}
  catatan: {label: {id: Catatan, en: Note}, jenis: teks, peran: note, sensitivitas: terbatas}
"""
NIK = "3314055501900001"
ROWS = f"nik;nama;belanja;catatan\n{NIK};Siti Aminah;1000,5;baik\n3314050502850002;Budi Santoso;900;\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kesos) -> Path:
    folder = tmp_path / "kerja"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "codebook.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "warga.csv").write_text(ROWS, encoding="utf-8")
    assert kesos("data", "key", "../kunci/a.key").exit_code == 0
    return folder


@pytest.mark.parametrize("name", ["", "baru.csv", "baru.xlsx", "baru.parquet", "baru.dta", "baru.sav"])
def test_rows_without_names_in_every_format(here: Path, kesos, name: str):
    said = kesos("data", "pseudonymise", "warga.csv", "--key", "../kunci/a.key", *(("--output", name) if name else ()))
    assert said.exit_code == 0, said.output
    target = here / (name or "warga.samaran.csv")
    book = target.with_name(f"{target.stem}.codebook.yaml")
    known = IdentitySet.of({"nik": [NIK], "nama": ["Siti Aminah", "Budi Santoso"]})
    for path in (target, book):
        assert scan(path, known=known).clean
    assert check(target, read_codebook(book)).clean
    assert "Dropped, for they only name people: nama" in said.stdout
    assert "Pseudonyms under the key" in said.stdout
    assert NIK not in said.output


def test_nothing_is_overwritten(here: Path, kesos):
    arguments = ("data", "pseudonymise", "warga.csv", "--key", "../kunci/a.key")
    assert kesos(*arguments).exit_code == 0
    before = {p.name: p.read_bytes() for p in here.iterdir()}
    assert kesos(*arguments).exit_code == 2
    assert {p.name: p.read_bytes() for p in here.iterdir()} == before


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("tetangga Siti Aminah", "nama of the study's rows: •••"),
        (f"lihat {NIK}", "1 cells hold what looks like a NIK"),
    ],
)
def test_who_is_named_elsewhere_is_found_before_anything_is_written(here: Path, kesos, note: str, said: str):
    (here / "warga.csv").write_text(ROWS.replace(";900;", f";900;{note}"), encoding="utf-8")
    before = {p.name for p in here.iterdir()}
    told = kesos("data", "pseudonymise", "warga.csv", "--key", "../kunci/a.key")
    assert told.exit_code == 2
    assert said in told.output
    assert NIK not in told.output
    assert "Aminah" not in told.output
    assert {p.name for p in here.iterdir()} == before


def test_a_damaged_number_is_told_and_not_mended(here: Path, kesos):
    (here / "warga.csv").write_text(ROWS.replace(NIK, "3,31405550190000E+15"), encoding="utf-8")
    told = kesos("data", "pseudonymise", "warga.csv", "--key", "../kunci/a.key")
    assert told.exit_code == 2
    assert "kesos data check warga.csv" in told.output
    assert not (here / "warga.samaran.csv").exists()


def test_a_key_beside_the_data_is_refused(here: Path, kesos):
    assert kesos("data", "key", "a.key").exit_code == 2
    assert not (here / "a.key").exists()


def test_a_codebook_without_secrets_is_refused(here: Path, kesos):
    (here / "codebook.yaml").write_text(
        BOOK.replace("rahasia", "terbatas").replace("jenis: nik", "jenis: teks"), encoding="utf-8"
    )
    (here / "warga.csv").write_text("nik;nama;belanja;catatan\nA;x;1;\n", encoding="utf-8")
    told = kesos("data", "pseudonymise", "warga.csv", "--key", "../kunci/a.key")
    assert told.exit_code == 2
    assert "calls no column secret" in told.output
