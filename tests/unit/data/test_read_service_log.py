"""Logs written by hand: days between stages counted on the fingers, time that runs backwards."""

import numpy as np
import pytest

from kesos_research.data.read.service_log import profile, read_service_log
from kesos_research.domain import ppks
from kesos_research.errors import KesosError
from kesos_research.language import use

HEADER = "id_kasus,tgl_masuk,tgl_verifikasi,tgl_putusan,tgl_rujukan,tgl_selesai,kebutuhan,ppks,desa,penyedia,hasil\n"
LOG = HEADER + (
    "A1,2024-02-27,2024-02-28,,2024-03-05,2024-03-05,BPJS,24,Nglorog,Dinas Kesehatan,selesai\n"
    "A2,2024-01-31,-,,,,KIP,2,Sine,,\n"
)


@pytest.fixture(autouse=True)
def _english():
    with use("en"):
        yield


def log(tmp_path, text):
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    return tmp_path / "log.csv"


def test_one_row_a_case_and_stage_with_days(tmp_path):
    made = read_service_log(log(tmp_path, LOG))
    assert list(made["id_kasus"]) == ["A1"] * 4 + ["A2"]
    assert list(made["tahap_ke"]) == [1, 2, 4, 5, 1]
    assert list(made["tahap"].astype("str"))[2:4] == ["tgl_rujukan", "tgl_selesai"]
    np.testing.assert_array_equal(made["hari"], [np.nan, 1, 6, 0, np.nan])  # 2024 is a leap year
    assert list(made["hari_sejak_awal"]) == [0, 1, 7, 7, 0]
    assert list(made["ppks"].astype("str")) == ["24"] * 4 + ["2"]


def test_the_profile_has_the_26_categories_and_says_what_it_is():
    book = profile()
    assert {code: said["id"] for code, said in book.columns["ppks"].choices.items()} == {
        str(c.number): c.name for c in ppks()
    }
    assert book.columns["ppks"].sensitivity == "rahasia"


def test_stages_that_run_backwards_are_told_with_line_and_column(tmp_path):
    with pytest.raises(KesosError) as caught:
        read_service_log(log(tmp_path, LOG.replace("2024-03-05,2024-03-05", "2024-03-05,2024-03-04")))
    assert "line 2, column tgl_selesai" in str(caught.value)
    with pytest.raises(KesosError) as caught:  # a stage between them was not reached
        read_service_log(log(tmp_path, LOG.replace("2024-03-05,2024-03-05", "2024-02-27,2024-03-04")))
    assert "line 2, column tgl_rujukan" in str(caught.value)


def test_a_case_without_a_date(tmp_path):
    with pytest.raises(KesosError, match="line 3"):
        read_service_log(log(tmp_path, LOG.replace("A2,2024-01-31", "A2,-")))


def test_other_names_are_told_by_the_caller(tmp_path):
    text = LOG.replace("id_kasus", "No Kasus").replace("tgl_masuk", "Tanggal Pengaduan")
    text = "\n".join(line + ",x" for line in text.splitlines()) + "\n"
    path = log(tmp_path, text)
    made = read_service_log(path, columns={"id_kasus": "No Kasus", "tgl_masuk": "Tanggal Pengaduan"})
    assert len(made) == 5
    with pytest.raises(KesosError, match="'No Kasus'"):
        read_service_log(path)
    with pytest.raises(KesosError) as caught:
        read_service_log(path, columns={"id_kasus": "Nomor", "tanggal": "x"})
    assert "'Nomor' is missing" in str(caught.value)
    assert "no column 'tanggal'" in str(caught.value)


def test_broken_promises_of_the_codebook_are_told(tmp_path):
    with pytest.raises(KesosError) as caught:
        read_service_log(log(tmp_path, LOG.replace(",24,", ",99,").replace("A2", "A1")))
    assert "ppks" in str(caught.value)
    assert "id_kasus" in str(caught.value)
