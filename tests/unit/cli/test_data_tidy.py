"""`kesos data tidy`: what lies in the folder afterwards, what is said, and what is refused."""

import openpyxl
import pytest

LOG = (
    "id_kasus,tgl_masuk,tgl_verifikasi,tgl_putusan,tgl_rujukan,tgl_selesai,kebutuhan,ppks,desa,penyedia,hasil\n"
    "A1,2024-02-27,2024-02-28,,,,=BPJS,24,Sine,,\n"
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "miskin.csv").write_text("Wilayah;2019;2020\nKab. Sragen;12,8;…\nSumber: BPS;;\n", encoding="utf-8")
    (tmp_path / "log.csv").write_text(LOG, encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "data"
    for row in (["g/nama", "_index"], ["A", 1]):
        book.active.append(row)
    for row in (["umur", "_index", "_parent_index"], [5, 1, 1], [7, 2, 1]):
        (book["art"] if "art" in book.sheetnames else book.create_sheet("art")).append(row)
    book.save(tmp_path / "kobo.xlsx")
    return tmp_path


def test_a_table_of_bps(here, kesos):
    said = kesos("data", "tidy", "miskin.csv", "--as", "bps", "--output", "rapi")
    assert said.exit_code == 0
    assert "source: Sumber: BPS" in said.stdout
    assert (here / "rapi" / "miskin.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        "kabupaten_kota,33.14,Kab. Sragen,,2019,12.8,",
        "kabupaten_kota,33.14,Kab. Sragen,,2020,,…",
    ]


def test_an_export_with_a_repeat(here, kesos):
    assert kesos("data", "tidy", "kobo.xlsx", "--as", "kobo", "--output", "rapi").exit_code == 0
    assert (here / "rapi" / "data.csv").read_text() == "nama,_index\nA,1\n"
    assert (here / "rapi" / "art.csv").read_text() == "umur,_index,_parent_index\n5,1,1\n7,2,1\n"


def test_a_log_of_services(here, kesos):
    said = kesos("data", "tidy", "log.csv", "--as", "layanan", "--output", "rapi")
    assert said.exit_code == 0
    lines = (here / "rapi" / "log.csv").read_text().splitlines()
    assert lines[1:] == [
        "A1,1,tgl_masuk,2024-02-27,,0,'=BPJS,24,Sine,,",
        "A1,2,tgl_verifikasi,2024-02-28,1,1,'=BPJS,24,Sine,,",
    ]
    assert "apostrophe" in said.stdout + said.stderr


def test_what_is_refused(here, kesos):
    for given, said in (
        (("log.csv", "--as", "bps"), "No column names"),
        (("log.csv", "--as", "excel"), "kobo, bps, layanan"),
        (("tiada.xlsx", "--as", "kobo"), "There is no file"),
    ):
        told = kesos("data", "tidy", *given, "--output", "rapi")
        assert told.exit_code == 2
        assert said in told.stdout + told.stderr
        assert not (here / "rapi").exists()
    told = kesos("data", "tidy", "miskin.csv", "--as", "bps", "--output", "log.csv")
    assert told.exit_code == 2
    assert (here / "log.csv").read_text() == LOG
