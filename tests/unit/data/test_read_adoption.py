"""Panels of staggered adoption written by hand: every way they can be unfit, told at once and in its place."""

from types import SimpleNamespace

import numpy as np
import pytest

from kesos_research.data.read import read_adoption
from kesos_research.errors import KesosError, Problems
from kesos_research.language import use
from kesos_research.study import Adoption

COLUMN = "peran: covariate, sensitivitas: publik, label: {id: x, en: x}"
BOOK = f"""\
satuan_pengamatan: region
sintetis: ya
kunci: [baris]
kosong: [""]
kolom:
  baris: {{jenis: teks, {COLUMN}}}
  wilayah: {{jenis: wilayah, {COLUMN}}}
  tahun: {{jenis: tahun, {COLUMN}}}
  mulai: {{jenis: tahun, {COLUMN}}}
  siap: {{jenis: teks, {COLUMN}}}
  selesai: {{jenis: angka, {COLUMN}}}
"""
CODES = ("01.01", "01.02", "01.03")
SINCE = {"01.01": "2016", "01.02": "2017", "01.03": ""}
PLAIN = [
    f"{code}-{year},{code},{year},{SINCE[code]},{int(code > '01.01')},{i + year - 2000}"
    for i, code in enumerate(CODES)
    for year in range(2014, 2019)
]
ASKED = Adoption(since="mulai", outcomes=("selesai",), headline="selesai", by=("siap",))


@pytest.fixture
def study(tmp_path):
    (tmp_path / "buku.yaml").write_text(BOOK, encoding="utf-8")
    source = SimpleNamespace(
        id="panel",
        file=tmp_path / "panel_sintetis.csv",
        codebook=tmp_path / "buku.yaml",
        flags=None,
        synthetic=True,
    )
    with use("en"):
        yield SimpleNamespace(root=tmp_path, folder=tmp_path, sources=(source,), adoption=ASKED)


def write(study, rows: list[str]) -> None:
    text = "baris,wilayah,tahun,mulai,siap,selesai\n" + "\n".join(rows) + "\n"
    study.sources[0].file.write_text(text, encoding="utf-8")


def dated(rows: list[str], **dates: str) -> list[str]:
    """The rows with years of adoption replaced: `dated(rows, _2016="2014")`."""
    cells = [row.split(",") for row in rows]
    return [",".join([*c[:3], dates.get(f"_{c[3]}", c[3]), *c[4:]]) for c in cells]


def problems(study) -> list[KesosError]:
    with pytest.raises(KesosError) as caught:
        read_adoption(study)
    return list(caught.value.problems) if isinstance(caught.value, Problems) else [caught.value]


def test_every_unit_in_every_period_with_its_date(study):
    write(study, PLAIN[::-1])
    rows = read_adoption(study)
    assert rows["wilayah"].tolist() == [code for code in CODES for _ in range(5)]
    assert rows["tahun"].tolist() == list(range(2014, 2019)) * 3
    np.testing.assert_array_equal(rows["mulai"].unique(), [2016.0, 2017.0, np.nan])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda r: [*r[:-1], r[-1].rpartition(",")[0] + ","], "1 rows have no 'selesai'"),
        (lambda r: [*r, r[0].replace("01.01-2014", "lagi")], "1 pairs of unit and period are there twice: 01.01 2014"),
        (lambda r: r[:-1], "1 units lack a period: 01.03"),
        (lambda r: [*dated(r[:1], _2016="2017"), *r[1:]], "'mulai' changes within 1 units: 01.01"),
        (lambda r: [*dated(r[:1], _2016=""), *r[1:]], "'mulai' changes within 1 units: 01.01"),
        (lambda r: [r[0].replace(",0,", ",1,"), *r[1:]], "'siap' changes within 1 units: 01.01"),
        (lambda r: dated(r, _2016="2014"), "1 units have the programme from the first period on"),
        (lambda r: dated(r, _2016="2013"), "1 units have the programme from the first period on"),
        (lambda r: dated(r, _2016="", _2017="2019"), "No unit adopts"),
        (lambda r: r[:10], "Every unit adopts in the end"),
    ],
)
def test_a_panel_that_cannot_answer(study, spoil, says):
    write(study, spoil(PLAIN))
    [error] = problems(study)
    assert says in error.found
    assert error.where is not None


def test_all_that_can_be_told_at_once_is(study):
    spoilt = [*PLAIN[:-1], PLAIN[0].replace("01.01-2014", "lagi")]
    spoilt[1] = spoilt[1].replace(",0,", ",1,")
    write(study, spoilt)
    assert [e.found.partition(" ")[0] for e in problems(study)] == ["1", "1", "'siap'"]


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        ({"since": "kapan"}, "adoption.since", "no column 'kapan'"),
        ({"by": ("kota",)}, "adoption.by", "no column 'kota'"),
        ({"since": "siap", "by": ()}, "adoption.since", "of the kind teks"),
        ({"outcomes": ("siap",), "headline": "siap", "by": ()}, "adoption.outcomes", "of the kind teks"),
    ],
)
def test_columns_the_codebook_does_not_have(study, change, key, says):
    write(study, PLAIN)
    study.adoption = ASKED.model_copy(update=change)
    [error] = problems(study)
    assert (error.where.key, says in error.found) == (key, True)


def test_without_never_adopters_those_that_wait_are_compared(study):
    write(study, PLAIN[:10])
    study.adoption = ASKED.model_copy(update={"comparison": "not_yet_treated"})
    assert len(read_adoption(study)) == 10


def test_a_study_without_adoption(study):
    study.adoption = None
    [error] = problems(study)
    assert error.where.key == "adoption"
