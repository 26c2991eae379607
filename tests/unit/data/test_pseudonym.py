"""Pseudonyms as openssl computes them; keys that nobody else may read; rows that name nobody."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from kesos_research.data.cells import Cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.codebook_yaml import codebook_yaml
from kesos_research.data.identity_set import IdentitySet, number_in
from kesos_research.data.key import key_id, new_key, read_key
from kesos_research.data.pseudonym import pseudonym, pseudonymised
from kesos_research.errors import DataError, KesosError, OutputError

KEY = bytes(range(32))
NIK, KK, OTHER = "3314055501900001", "3314051203110004", "3314050502850002"
BOOK = """\
satuan_pengamatan: person
kunci: [nik]
kosong: ["", "."]
kolom:
  nik: {label: {id: NIK, en: NIK}, jenis: nik, peran: id, sensitivitas: rahasia, wajib: ya, unik: ya}
  nik_ibu: {label: {id: NIK ibu, en: Mother}, jenis: nik, peran: note, sensitivitas: rahasia}
  kk: {label: {id: KK, en: Family card}, jenis: nomor_kk, peran: id, sensitivitas: rahasia}
  ruta:
    label: {id: Rumah tangga, en: Household}
    jenis: teks
    peran: id
    sensitivitas: rahasia
    rujukan: {berkas: ruta.csv, kolom: id_ruta}
  nama: {label: {id: Nama, en: Name}, jenis: teks, peran: note, sensitivitas: rahasia}
  telepon: {label: {id: Telepon, en: Phone}, jenis: teks, peran: note, sensitivitas: rahasia}
  lahir: {label: {id: Lahir, en: Born}, jenis: tanggal, peran: covariate, sensitivitas: rahasia, samaran: tahun}
  survei: {label: {id: Survei, en: Visit}, jenis: tanggal, peran: covariate, sensitivitas: terbatas}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: terbatas}
  catatan: {label: {id: Catatan, en: Note}, jenis: teks, peran: note, sensitivitas: terbatas}
aturan:
  - {nama: ibu_lain, syarat: "nik != nik_ibu"}
  - {nama: umur_wajar, syarat: "umur <= 110"}
"""
ROWS = {
    "nik": [NIK, OTHER, "3314056612720003"],
    "nik_ibu": ["3314056612720003", ".", ""],
    "kk": [KK, "", KK],
    "ruta": ["R1", "R2", "R1"],
    "nama": ["Siti Aminah", "Budi", "Sri Wahyuni"],
    "telepon": ["081234567890", "", "081234567891"],
    "lahir": ["1990-01-15", "1985-02-05", ""],
    "survei": ["2024-03-01", "2024-03-02", "2024-03-03"],
    "umur": ["34", "39", "51"],
    "catatan": ["baik", "", "tetangga R2"],
}


@pytest.fixture
def cells() -> Callable[..., Cells]:
    def make(**changed: list[str]) -> Cells:
        return Cells(pa.table({k: pa.array(v, pa.string()) for k, v in (ROWS | changed).items()}), "warga.csv")

    return make


BOOKS = parse_codebook(BOOK, "codebook.yaml")


def test_a_pseudonym_is_what_openssl_makes_of_it():
    """printf 'nik|v1|3314055501900001' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f"""
    assert pseudonym(NIK, KEY, of="nik") == "87e51d02fbd786599bb93312539c4eb8"


def test_the_same_person_is_the_same_wherever_they_stand(cells):
    rows = pseudonymised(cells(), BOOKS, KEY).frame
    assert set(rows["nik_ibu"].dropna()) <= set(rows["nik"])
    assert rows["kk"].dropna().nunique() == 1
    assert pseudonym("R1", KEY, of="id:id_ruta") in set(rows["ruta"])  # as in the file that is referred to
    assert pseudonym("R1", KEY, of="id:nik") != pseudonym("R1", KEY, of="id:kk")


def test_what_becomes_of_each_column(cells):
    made = pseudonymised(cells(), BOOKS, KEY)
    assert made.replaced == ("nik", "nik_ibu", "kk", "ruta")
    assert made.dropped == ("nama", "telepon")
    assert made.coarsened == ("lahir",)
    assert made.texts == ("catatan",)
    assert made.lost == ("ibu_lain",)
    assert list(made.frame) == ["nik", "nik_ibu", "kk", "ruta", "lahir", "survei", "umur", "catatan"]
    assert sorted(made.frame["lahir"].dropna()) == [1985, 1990]


def test_no_identifier_and_no_order_is_left(cells):
    made = pseudonymised(cells(), BOOKS, KEY)
    said = made.frame.to_csv() + codebook_yaml(made.codebook)
    for secret in (NIK, OTHER, KK, "Aminah", "0812", "1990-01-15", KEY.hex()):
        assert secret not in said
    assert made.frame["nik"].is_monotonic_increasing
    backwards = cells(**{name: values[::-1] for name, values in ROWS.items()})
    assert pseudonymised(backwards, BOOKS, KEY).frame.equals(made.frame)


def test_the_new_codebook_is_read_back_as_it_is(cells):
    made = pseudonymised(cells(), BOOKS, KEY)
    again = parse_codebook(codebook_yaml(made.codebook), "samaran.yaml")
    assert replace(again, promises=()) == replace(made.codebook, promises=())
    assert [p.condition for p in again.promises] == ["umur <= 110"]
    assert {c.sensitivity for c in made.codebook.columns.values()} == {"terbatas"}


@pytest.mark.parametrize("text", [f"lihat {NIK}", "3314 0555 0190 0001", f"{NIK[:8]}.{NIK[8:]}"])
def test_a_number_in_a_text_that_stays_is_refused(cells, text):
    with pytest.raises(KesosError, match="1 cells hold what looks like a NIK") as refused:
        pseudonymised(cells(catatan=["baik", text, ""]), BOOKS, KEY)
    assert "line 3, column catatan" in str(refused.value)
    assert NIK not in str(refused.value)


# --- keys


@pytest.fixture
def key(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "kunci").mkdir()
    return tmp_path / "kunci" / "studi.key"


def test_a_key_is_random_and_its_owners_alone(key: Path, tmp_path: Path):
    name = new_key(key)
    raw = key.read_bytes()
    assert len(raw) == 32
    assert key_id(raw) == name
    assert new_key(key.with_name("lain.key")) != name
    assert read_key(key, data=tmp_path / "data" / "x.csv") == raw
    if sys.platform != "win32":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(key: Path):
    new_key(key)
    before = key.read_bytes()
    with pytest.raises(OutputError, match="already"):
        new_key(key)
    assert key.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660, 0o601])
def test_a_key_that_others_may_read_is_refused(key: Path, tmp_path: Path, mode: int):
    new_key(key)
    key.chmod(mode)
    with pytest.raises(DataError, match=f"mode 0{mode:o}") as refused:
        read_key(key, data=tmp_path / "data" / "x.csv")
    assert "chmod 600" in str(refused.value)


@pytest.mark.parametrize("shared", [".git", "notebooks", "codebook.yaml"])
def test_a_key_lies_in_no_shared_place(tmp_path: Path, shared: str):
    if shared == "codebook.yaml":
        (tmp_path / shared).touch()
    else:
        (tmp_path / shared).mkdir()
    with pytest.raises(DataError, match="would lie in"):
        new_key(tmp_path / "a" / "b.key")
    assert not (tmp_path / "a").exists()


def test_a_key_does_not_lie_beside_the_data_not_even_by_a_link(key: Path, tmp_path: Path):
    beside = tmp_path / "data" / "studi.key"
    new_key(key)
    beside.write_bytes(key.read_bytes())
    beside.chmod(0o600)
    link = tmp_path / "kunci" / "link.key"
    link.symlink_to(beside)
    for path in (beside, link):
        with pytest.raises(DataError, match="folder of the data"):
            read_key(path, data=tmp_path / "data" / "x.csv")


@pytest.mark.parametrize("raw", [b"", b"x" * 31, b"x" * 33, bytes(32)])
def test_what_is_no_key(key: Path, tmp_path: Path, raw: bytes):
    key.write_bytes(raw)
    key.chmod(0o600)
    with pytest.raises(DataError, match="no key"):
        read_key(key, data=tmp_path / "data" / "x.csv")


# --- sets


def test_a_set_knows_its_own_and_nobody_else(cells):
    known = IdentitySet.of_cells(cells(), BOOKS)
    assert known.number(NIK) == "nik"
    assert known.number(KK) == "nomor_kk"
    assert known.number("081234567890") == "telepon"
    assert known.name("siti aminah") == "nama"
    assert known.number("3314055501900002") is None
    assert known.name("siti aminudin") is None
    assert known.name("budi") is None  # one word is in too many honest texts
    assert known.skipped == {"nama": 1, "ruta": 2}


def test_a_number_that_a_spreadsheet_cut_is_known():
    known = IdentitySet.of({"nik": ["9201055501900007"]})
    assert known.number("9201055501900000") == "nik"
    assert known.number("9201055501900008") == "nik"  # beyond 2**53 a float rounds to an even number
    assert float("9201055501900007") == 9201055501900008.0 or float("9201055501900007") == 9201055501900006.0


def test_a_set_is_kept_without_its_values_and_read_with_its_key(tmp_path: Path, cells):
    known = IdentitySet.of_cells(cells(), BOOKS, key=KEY)
    known.save(tmp_path / "set.json")
    raw = (tmp_path / "set.json").read_text(encoding="utf-8")
    assert NIK not in raw
    assert "minah" not in raw
    assert KEY.hex() not in raw
    again = IdentitySet.load(tmp_path / "set.json", key=KEY)
    assert again.number(NIK) == "nik"
    assert again.name("siti aminah") == "nama"
    assert IdentitySet.load(tmp_path / "set.json", key=bytes(32)).number(NIK) is None
    (tmp_path / "set.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="no set"):
        IdentitySet.load(tmp_path / "set.json", key=KEY)


def test_what_many_say_is_nobodys_name(cells):
    many = {name: values * 20 for name, values in ROWS.items()} | {"nama": ["tidak ada"] * 58 + ["Siti Aminah"] * 2}
    known = IdentitySet.of_cells(cells(**many), BOOKS)
    assert known.name("tidak ada") is None
    assert known.name("siti aminah") == "nama"
    assert known.number(NIK) == "nik"  # a number stays one, however often it is there


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("3314 0555 0190 0001", NIK),
        ("３３１４０５５５０１９００００１", NIK),
        ("+62 812-3456-7890", "6281234567890"),
        ("12345", None),
        ("R-331405", None),
    ],
)
def test_what_a_number_is(text: str, digits: str | None):
    assert number_in(text) == digits
