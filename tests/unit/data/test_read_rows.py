"""Rows of households: read as their kinds once no promise is broken; a study's sources are held against theirs."""

from types import SimpleNamespace

import pandas as pd
import pytest

from kesos_research.data.read import read_panel, read_rows, source_findings
from kesos_research.errors import KesosError
from kesos_research.language import use

BOOK = """\
satuan_pengamatan: household
kunci: [id]
kolom:
  id: {label: {id: x, en: x}, jenis: teks, peran: id, sensitivitas: terbatas}
  desa:
    {label: {id: x, en: x}, jenis: teks, peran: cluster, sensitivitas: publik, rujukan: {berkas: desa.csv, kolom: kode}}
  lahir: {label: {id: x, en: x}, jenis: tanggal, peran: covariate, sensitivitas: terbatas}
  umur: {label: {id: x, en: x}, jenis: bilangan, peran: covariate, sensitivitas: terbatas}
  belanja: {label: {id: x, en: x}, jenis: angka, peran: outcome, sensitivitas: terbatas}
aturan:
  - {nama: janji, syarat: "umur < belanja"}
"""
ROWS = "id,desa,lahir,umur,belanja\nB,D1,1980-02-29,40,+1.5e3\nA,D2,,41,\n"


@pytest.fixture
def study(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for name, text in (("rumah.csv", ROWS), ("buku.yaml", BOOK), ("desa.csv", "kode\nD1\nD2\n")):
        (data / name).write_text(text, encoding="utf-8")
    source = SimpleNamespace(id="rumah", file=data / "rumah.csv", codebook=data / "buku.yaml", flags=None)
    with use("en"):
        yield SimpleNamespace(root=tmp_path, folder=tmp_path, sources=(source,))


def test_rows_come_as_their_kinds_in_the_order_of_the_file(study):
    rows = read_rows(study)
    assert rows["id"].tolist() == ["B", "A"]
    assert (rows["umur"].dtype, rows["belanja"].dtype, rows["lahir"].dtype.kind) == ("int64", "float64", "M")
    assert rows["belanja"].tolist()[0] == 1500.0
    assert rows["lahir"].tolist() == [pd.Timestamp("1980-02-29"), pd.NaT]


def test_nothing_half_read_goes_on(study):
    path = study.sources[0].file
    path.write_text(ROWS.replace("D2", "D3").replace("41,", "41,7"), encoding="utf-8")
    with pytest.raises(KesosError) as caught:
        read_rows(study)
    assert "2 problems" in str(caught.value)
    found = source_findings(study, source="rumah")
    assert [(f.rule, f.where.file) for f in found.errors] == [
        ("reference", "data/rumah.csv"),
        ("janji", "data/rumah.csv"),
    ]


def test_rows_of_households_are_no_panel(study):
    with pytest.raises(KesosError) as caught:
        read_panel(study)
    assert "by region and year" in str(caught.value)


def test_regions_by_year_are_left_to_the_panel(workspace):
    assert source_findings(workspace.study, source="coba") is None
