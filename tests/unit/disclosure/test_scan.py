"""Whom a file names: numbers in every form and every kind of file, and what is no number of a person."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from assurance._clean import KINDS
from assurance._planted import DOCUMENTS, FORMS, SIMPLE, found_in, page, people, png

from kesos_research.data.identity_set import IdentitySet
from kesos_research.disclosure.scan import ScanReport, scan, scan_folder
from kesos_research.disclosure.scan_part import kind_of
from kesos_research.disclosure.scan_text import canonical, look

NUMBERS = people(60, seed=11)
KNOWN = IdentitySet.of({"nik": NUMBERS, "nama": ["Siti Aminah", "Yohanes Batlayeri Putra"], "hp": ["081234567890"]})
NIK = "3314055501900001"


def values(text: str, known: IdentitySet | None = None) -> set[str]:
    return {hit.value for hit in look(text, known)}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_known_number(form: str):
    said = FORMS[form](NUMBERS[0])
    report = scan(f"Warga {said} hadir".encode(), "a.txt", KNOWN)
    assert [f.certainty for f in report.findings] == ["known"]
    assert NUMBERS[0] not in str(report.findings)


@pytest.mark.parametrize("form", [f for f in FORMS if f != "base64"])
def test_every_form_where_nothing_is_known(form: str):
    assert values(f"Warga {FORMS[form](NIK)} hadir") == {NIK}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_kind_of_file(name: str):
    texts = [FORMS[SIMPLE[i % len(SIMPLE)]](n) for i, n in enumerate(NUMBERS)]
    raw = DOCUMENTS[name](texts)
    assert set(found_in(raw, name, KNOWN)) >= set(NUMBERS)
    report = scan(raw, name, KNOWN)
    assert not report.unread
    assert {(f.kind, f.certainty) for f in report.findings} == {("nik", "known")}


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_clean_files_are_clean(kind):
    import numpy as np

    for seed in range(3):
        name, raw = kind(np.random.default_rng(seed))
        for known in (None, KNOWN):
            assert scan(raw, name, known).clean


def test_places_are_told():
    csv = b"no;isi\n1;a\n2;b\n" + f"3;{NUMBERS[0]}\n".encode()
    assert scan(csv, "a.csv", KNOWN).findings[0].place == "line 4"
    book = DOCUMENTS["lampiran.xlsx"](["x", "x", "x", "x", "x", NUMBERS[1]])
    assert scan(book, "a.xlsx", KNOWN).findings[0].place == "Sheet!C6"
    pages = DOCUMENTS["makalah.pdf"](["x", NUMBERS[2]])
    assert scan(pages, "a.pdf", KNOWN).findings[0].place == "page 1"
    notebook = DOCUMENTS["profil.ipynb"](["x", NUMBERS[3]])
    assert scan(notebook, "a.ipynb", KNOWN).findings[0].place.startswith("cell 2, output 1")


def test_a_number_over_two_lines_is_told_where_it_begins():
    report = scan(f"satu\ndua {NIK[:9]}\n{NIK[9:]} tiga\n".encode(), "a.txt", IdentitySet.of({"nik": [NIK]}))
    assert [f.place for f in report.findings] == ["line 2"]


def test_names_and_phones():
    for text in (
        "Ibu SITI  AMINAH, 54",
        "Siti\nAminah",
        "<b>Siti</b> Aminah",
        "yohanes batlayeri putra",
        "Hp 0812-3456-7890.",
    ):
        assert scan(text.encode(), "a.txt", KNOWN).known, text
    for text in ("Siti Aminudin", "Aminah Siti", "0812-3456-78901", "10812345678902"):
        assert scan(text.encode(), "a.txt", KNOWN).clean, text


def test_a_file_name_tells_too():
    assert scan(b"kosong", f"wawancara-{NUMBERS[0]}.txt", KNOWN).known
    assert NUMBERS[0] not in str(scan(b"kosong", f"wawancara-{NUMBERS[0]}.txt", KNOWN))


@pytest.mark.parametrize(
    "text",
    [
        "total Rp 3.621.300.000.000.000",
        "0,3314055501900001",
        "sha256 a3314055501900001b",
        "tahun 2010 2011 2012 2013",
        "3314059901900001",  # the 99th day
        "9914055501900001",  # no province
        "3314055501900000",  # no serial
        "doi 10.1234/3314055501900001",
        "12 3314055501900001345",
    ],
)
def test_what_is_no_number_of_a_person(text: str):
    assert values(text) == set()


def test_words_about_a_number_make_it_one_even_of_an_old_region():
    old = "3399055501900001"
    assert values(f"lihat {old}") == set()
    assert values(f"NIK: {old}") == {old}
    assert scan(f'[{{"nik": "{old}"}}]'.encode(), "a.json").suspects
    assert scan(f"no,nik\n1,{old}\n".encode(), "a.csv").suspects


def test_a_known_set_keeps_quiet_of_other_numbers():
    other = people(1, seed=99)[0]
    assert values(f"faktur {other}", KNOWN) == set()
    assert values(f"KTP {other}", KNOWN) == {other}


# --- what cannot be read is told


def archive(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, raw in files.items():
            made.writestr(name, raw)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("rusak.pdf", b"%PDF-1.7\nrusak"),
        ("rusak.docx", b"PK\x03\x04rusak"),
        ("bom.zip", archive(a=bytes(300 * 2**20))),
        ("bom.gz", gzip.compress(bytes(50 * 2**20))),
        ("lama.doc", b"\xd0\xcf\x11\xe0" + bytes(600)),
        ("arsip.7z", b"7z\xbc\xaf\x27\x1c" + bytes(60)),
        ("apa.bin", bytes(range(256)) * 4),
        ("rusak.parquet", b"PAR1" + bytes(40) + b"PAR1"),
        ("dalam.zip", archive(**{"x.zip": archive(**{"y.xz": b"\xfd7zXZ" + bytes(50)})})),
    ],
)
def test_what_cannot_be_searched_is_told(name: str, raw: bytes):
    report = scan(raw, name, KNOWN)
    assert not report.clean
    assert next(iter(report.unread)).startswith(name)
    assert [str(p) for p in report.problems()]


def test_archives_in_archives_end():
    raw = b"x"
    for _n in range(20):
        raw = archive(**{"a.zip": raw})
    assert scan(raw, "a.zip").unread


def test_a_folder_with_links_told(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.md").write_text(f"NIK {NIK}", encoding="utf-8")
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "c.md").symlink_to(tmp_path / "b" / "x.md")
    report = scan_folder(tmp_path)
    assert report.files == 3
    assert [f.file for f in report.findings] == ["b/x.md"]
    assert [*report.unread] == ["c.md"]


def test_the_same_picture_in_many_files_is_searched_once_and_found_in_all():
    clean, dirty = page(["x"] * 8), page([NUMBERS[0]] * 8)
    report = ScanReport()
    for raw in (clean, clean, dirty, dirty):
        report += scan(raw, "a.html", KNOWN)
    assert len(report.known) >= 2
    assert kind_of(png([]), "") == "picture"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&amp;#51;", "3"),
        ("%2533", "3"),
        ("\\\\u0033", "3"),
        ("\\ud835\\udfd1", "3"),
        ("Ⅷ", "VIII"),
        ("a\u00adb", "ab"),
        ("1\u2212 2", "1- 2"),
        ("12\\n34", "12 34"),
    ],
)
def test_a_text_as_it_is_read(written: str, read: str):
    assert canonical(written).replace("\\", "") == read
