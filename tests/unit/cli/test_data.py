"""`kesos data …`: what is said, what is written, and the exit code: 0 clean, 2 with findings or not understood."""

import json
from pathlib import Path

import pytest

BOOK = """\
satuan_pengamatan: household
kunci: [id]
kolom:
  id: {label: {id: Nomor, en: Number}, jenis: teks, peran: id, sensitivitas: terbatas, wajib: ya}
  umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: terbatas}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bersih.csv").write_text("id,umur\nA,5\nB,7\n", encoding="utf-8")
    (tmp_path / "kotor.csv").write_text("id,umur\nA,5\nA,tujuh\nC,130\n", encoding="utf-8")
    (tmp_path / "buku.yaml").write_text(BOOK, encoding="utf-8")
    return tmp_path


def test_a_clean_file(here, kesos):
    said = kesos("data", "check", "bersih.csv", "--codebook", "buku.yaml")
    assert said.exit_code == 0
    assert "bersih.csv: 2 rows, 2 columns. Found: encoding utf-8, delimiter ,." in said.stdout
    assert "No promise of the codebook is broken." in said.stdout


def test_all_broken_promises_are_told(here, kesos):
    said = kesos("data", "check", "kotor.csv", "--codebook", "buku.yaml")
    assert said.exit_code == 2
    for text in (
        "line 3, column umur: 1 cells: not a whole number ('tujuh')",
        "not within 0 and 120",
        "line 3, column id",
    ):
        assert text in said.stdout
    assert "3 promises are broken" in said.stdout


def test_json_stays_json_whatever_is_found(here, kesos):
    for file, code in (("bersih.csv", 0), ("kotor.csv", 2), ("tiada.csv", 2)):
        said = kesos("data", "check", file, "--codebook", "buku.yaml", "--format", "json")
        assert said.exit_code == code
        assert json.loads(said.stdout)["clean"] is (code == 0)


def test_findings_can_be_written(here, kesos):
    said = kesos("data", "check", "kotor.csv", "--codebook", "buku.yaml", "--format", "html", "--output", "temuan.html")
    assert said.exit_code == 2
    assert "temuan.html" in said.stdout
    assert "<table>" in (here / "temuan.html").read_text(encoding="utf-8")
    assert [p.name for p in here.iterdir() if p.name.startswith(".")] == []


def test_the_codebook_beside_the_file_is_taken(here, kesos):
    assert kesos("data", "check", "bersih.csv").exit_code == 2
    (here / "codebook.yaml").write_text(BOOK, encoding="utf-8")
    assert kesos("data", "check", "bersih.csv").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chek",), "did you mean check?"),
        (("check",), "FILE is missing"),
        (("check", "bersih.csv"), "kesos data describe bersih.csv"),
        (("check", "tiada.csv", "--codebook", "buku.yaml"), "There is no file tiada.csv"),
        (("check", "bersih.csv", "--codebook", "tiada.yaml"), "There is no file tiada.yaml"),
        (("check", "bersih.csv", "--codebook", "bersih.csv"), "bersih.csv"),
        (("check", "bersih.csv", "--codebook", "buku.yaml", "--format", "xml"), "text, json, html"),
        (("check", "bersih.csv", "--codebok", "buku.yaml"), "did you mean --codebook?"),
        (("check", "buku.yaml", "--codebook", "buku.yaml"), "buku.yaml"),
        (("describe", "tiada.csv"), "There is no file tiada.csv"),
        (("describe", "bersih.csv", "--output", "buku.yaml"), "never overwritten"),
    ],
)
def test_what_cannot_be_done_ends_in_a_message(here, kesos, arguments, said):
    answer = kesos("data", *arguments)
    assert answer.exit_code == 2
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert (here / "buku.yaml").read_text(encoding="utf-8") == BOOK


def test_a_draft_is_shown_or_written_and_its_file_passes(here, kesos):
    shown = kesos("data", "describe", "bersih.csv")
    assert shown.exit_code == 0
    assert "satuan_pengamatan: " in shown.stdout
    assert kesos("data", "describe", "bersih.csv", "--output", "draf.yaml").exit_code == 0
    assert (here / "draf.yaml").read_text(encoding="utf-8") == shown.stdout
    assert kesos("data", "check", "bersih.csv", "--codebook", "draf.yaml").exit_code == 0


def test_the_group_alone_shows_what_there_is(kesos):
    said = kesos("data")
    assert said.exit_code == 0
    assert "describe" in said.stdout


def test_flags_set_aside_what_is_not_judged(root, kesos):
    data = root / "data"
    book = (data / "codebook.yaml").read_text(encoding="utf-8")
    assert "urutan: [p2, p1, p0]" in book
    table = data / "kabupaten_kota.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("33.14,2015"))
    cells = lines[at].split(",")
    cells[3] = "99"  # P1 above P0
    lines[at] = ",".join(cells)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    check = ("data", "check", "data/kabupaten_kota.csv")
    assert kesos(*check).exit_code == 2
    with (data / "kabupaten_kota_tanda.csv").open("a", encoding="utf-8") as flags:
        flags.write("33.14,2015,p1,spike,exclude,x\n")
    assert kesos(*check, "--flags", "data/kabupaten_kota_tanda.csv").exit_code == 0
