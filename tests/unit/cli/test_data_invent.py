"""`kesos data synthesize` and `questionnaire`: rows that pass `kesos data check`, forms never overwritten."""

import openpyxl
import pytest

HOMES = """\
berkas: ruta.csv
pemisah: ";"
desimal: ","
satuan_pengamatan: household
kunci: [id_ruta]
kolom:
  id_ruta: {label: {id: Nomor, en: Number}, jenis: teks, pola: "R[0-9]{5}", peran: id, sensitivitas: terbatas}
  kab: {label: {id: Kabupaten, en: District}, jenis: wilayah, peran: unit, sensitivitas: publik, wajib: ya}
  belanja: {label: {id: Belanja, en: Spending}, jenis: angka, rentang: [0, 9000000], peran: outcome,
            sensitivitas: terbatas, sebaran: {bentuk: lognormal, median: 900000, rasio: 1.8, kosong: 0.05}}
"""
PEOPLE = """\
berkas: anggota.csv
satuan_pengamatan: person
kunci: [id_ruta, no]
kolom:
  id_ruta: {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: terbatas,
            rujukan: {berkas: ruta.csv, kolom: id_ruta}}
  no: {label: {id: Urut, en: Order}, jenis: bilangan, rentang: [1, 12], peran: id, sensitivitas: publik}
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia, wajib: ya}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 110], peran: covariate, sensitivitas: publik}
"""


@pytest.fixture
def books(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ruta.yaml").write_text(HOMES, encoding="utf-8")
    (tmp_path / "anggota.yaml").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


def test_invented_rows_pass_the_check_of_the_codebook_they_came_from(books, kesos):
    made = kesos("data", "synthesize", "--codebook", "ruta.yaml", "-n", "200", "--seed", "5")
    assert made.exit_code == 0, made.output
    assert "200 invented rows are in ruta_sintetis.csv" in made.output
    assert kesos("data", "check", "ruta_sintetis.csv", "--codebook", "ruta.yaml").exit_code == 0
    first = (books / "ruta_sintetis.csv").read_bytes()
    kesos("data", "synthesize", "--codebook", "ruta.yaml", "-n", "200", "--seed", "5")
    assert (books / "ruta_sintetis.csv").read_bytes() == first
    # the same rows under a name that does not say what they are name no real district
    (books / "ruta.csv").write_bytes(first)
    real = kesos("data", "check", "ruta.csv", "--codebook", "ruta.yaml")
    assert real.exit_code == 2
    assert "200 cells: no kabupaten or kota" in real.output


def test_members_stand_within_invented_households(books, kesos):
    kesos("data", "synthesize", "--codebook", "ruta.yaml", "-n", "50", "--seed", "5")
    asked = ("data", "synthesize", "--codebook", "anggota.yaml", "-n", "160", "--seed", "6")
    for more in ((), ("--within", "ruta_sintetis.csv")):
        made = kesos(*asked, *more)
        assert made.exit_code == 0, made.output
        checked = kesos("data", "check", "anggota_sintetis.csv", "--codebook", "anggota.yaml")
        assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize("suffix", ["xlsx", "parquet", "dta", "sav"])
def test_other_formats_pass_too(books, kesos, suffix):
    name = f"ruta_sintetis.{suffix}"
    made = kesos("data", "synthesize", "--codebook", "ruta.yaml", "-n", "40", "--seed", "5", "--output", name)
    assert made.exit_code == 0, made.output
    assert kesos("data", "check", name, "--codebook", "ruta.yaml").exit_code == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--codebook", "ruta.yaml", "-n", "5", "--seed", "1", "--output", "ruta.csv"), "ruta_sintetis.csv"),
        (("--codebook", "ruta.yaml", "-n", "0", "--seed", "1"), "0 rows cannot be made"),
        (("--codebook", "ruta.yaml", "-n", "5"), "missing"),
        (("--codebook", "anggota.yaml", "-n", "5", "--seed", "1"), "There is no file ruta.csv"),
        (("--codebook", "tidak.yaml", "-n", "5", "--seed", "1"), "There is no file tidak.yaml"),
        (("--codebook", "ruta.yaml", "-n", "5", "--seed", "1", "--output", "sintetis.pdf"), "'.pdf' are not written"),
    ],
)
def test_what_cannot_be_invented_is_told_and_nothing_is_written(books, kesos, asked, said):
    before = sorted(books.iterdir())
    made = kesos("data", "synthesize", *asked)
    assert made.exit_code == 2
    assert said in made.output
    assert sorted(books.iterdir()) == before


@pytest.mark.parametrize(("kind", "sheet"), [("xlsform", "survey"), ("excel", "data")])
def test_a_questionnaire_is_written_once(books, kesos, kind, sheet):
    asked = ("data", "questionnaire", "--codebook", "anggota.yaml", "--output", "form.xlsx", "--kind", kind)
    made = kesos(*asked)
    assert made.exit_code == 0, made.output
    assert sheet in openpyxl.load_workbook(books / "form.xlsx").sheetnames
    before = (books / "form.xlsx").read_bytes()
    again = kesos(*asked)
    assert again.exit_code == 2
    assert "never overwritten" in again.output
    assert (books / "form.xlsx").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [(("--output", "form.ods"), "ends in .xlsx"), (("--output", "f.xlsx", "--kind", "kertas"), "xlsform, excel")],
)
def test_other_questionnaires_are_refused(books, kesos, more, said):
    made = kesos("data", "questionnaire", "--codebook", "anggota.yaml", *more)
    assert made.exit_code == 2
    assert said in made.output
