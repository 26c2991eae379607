"""Families of a programme written by hand: each way they can contradict the study, told in its place."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from kesos_research.data import read_evaluation
from kesos_research.errors import KesosError, Problems
from kesos_research.language import use, words
from kesos_research.study.evaluation import Evaluation, Measured, Population, Spell
from kesos_research.study.sample import Sample

COLUMN = "peran: covariate, sensitivitas: publik, label: {id: x, en: x}"
FLAG = f'jenis: pilihan, pilihan: {{"0": {{id: tidak, en: "no"}}, "1": {{id: ya, en: "yes"}}}}, {COLUMN}'
BOOK = f"""\
satuan_pengamatan: household
kunci: [keluarga]
kosong: [""]
kolom:
  keluarga: {{jenis: teks, {COLUMN}}}
  kelompok: {{jenis: teks, {COLUMN}}}
  desa: {{jenis: teks, {COLUMN}}}
  ditawari: {{{FLAG}}}
  perempuan: {{{FLAG}}}
  awal: {{jenis: angka, {COLUMN}}}
  terwawancara: {{{FLAG}}}
  akhir: {{jenis: angka, {COLUMN}}}
  bulan: {{jenis: bilangan, {COLUMN}}}
  kembali: {{{FLAG}}}
  biaya: {{jenis: angka, {COLUMN}}}
  dana: {{jenis: teks, {COLUMN}}}
"""
HEAD = "keluarga,kelompok,desa,ditawari,perempuan,awal,terwawancara,akhir,bulan,kembali,biaya,dana"
ROWS = [
    "1,keluar,A,1,0,10,1,15,24,0,5,apbn",
    "2,keluar,A,1,1,12,0,,6,1,5,apbn",
    "3,keluar,B,0,1,11,1,11,20,0,0,hdn",
    "4,dalam,A,1,0,8,1,9,,,4,apbn",
    "5,dalam,B,0,0,9,1,8,,,0,hdn",
]
NAME = words(id="x", en="x")
ASKED = Evaluation(
    group="kelompok",
    populations=(
        Population(value="keluar", name=NAME, estimand=NAME, spell=True),
        Population(value="dalam", name=NAME, estimand=NAME),
    ),
    treated="ditawari",
    assigned="desa",
    observed="terwawancara",
    outcomes=(Measured(id="hasil", before="awal", after="akhir", name=NAME, unit=NAME),),
    covariates=("perempuan", "awal"),
    spell=Spell(time="bulan", event="kembali", lasting=18),
    funding="dana",
    costs=("biaya",),
)


@pytest.fixture
def study(tmp_path: Path):
    (tmp_path / "buku.yaml").write_text(BOOK, encoding="utf-8")
    source = SimpleNamespace(
        id="keluarga", file=tmp_path / "keluarga.csv", codebook=tmp_path / "buku.yaml", flags=None, synthetic=False
    )
    with use("en"):
        yield SimpleNamespace(
            root=tmp_path, folder=tmp_path, sources=(source,), evaluation=ASKED, sample=Sample(cluster="desa")
        )


def write(study, rows=ROWS) -> None:
    study.sources[0].file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")


def problems(study, rows=ROWS) -> list[KesosError]:
    write(study, rows)
    try:
        read_evaluation(study)
    except Problems as several:
        return list(several.problems)
    except KesosError as one:
        return [one]
    return []


def test_flags_are_true_or_false_and_other_answers_numbers(study):
    write(study)
    rows = read_evaluation(study)
    assert rows["ditawari"].tolist() == [True, True, False, True, False]
    assert rows["terwawancara"].dtype == bool
    assert rows["perempuan"].tolist() == [0, 1, 1, 0, 0]
    assert rows["kembali"].tolist()[:3] == [0, 1, 0]
    assert rows["kembali"].isna().tolist()[3:] == [True, True]


@pytest.mark.parametrize(
    ("old", "new", "column", "said"),
    [
        ("4,dalam,", "4,lain,", "kelompok", "There are families of lain"),
        ("5,dalam,B,0", "5,dalam,B,1", "ditawari", "nobody is left to compare"),
        ("3,keluar,B", "3,keluar,A", "desa", "1 units of desa hold families with and without the offer."),
        ("3,keluar,B,0,1,11,1,11,", "3,keluar,B,0,1,11,1,,", "akhir", "1 families were reached and have no akhir."),
        (
            "2,keluar,A,1,1,12,0,,",
            "2,keluar,A,1,1,12,0,9,",
            "terwawancara",
            "1 families have akhir and were not reached",
        ),
        ("2,keluar,A,1,1,12,0,,6,1", "2,keluar,A,1,1,12,0,,,", "bulan", "no time since then is known"),
        ("3,keluar,B,0,1,11,1,11,20,0", "3,keluar,B,0,1,11,1,11,12,0", "bulan", "followed for less than 18"),
        ("4,dalam,A,1,0,8", "4,dalam,A,1,0,", "awal", "1 families have no value in awal."),
        ("9,,,4,apbn", "9,,,-4,apbn", "biaya", "A cost is below nought."),
        ("4,dalam,A,1,0,8,1,9,", "4,dalam,A,1,0,8,0,,", "terwawancara", "reached no family of dalam"),
        ("5,dalam,B,0,0,9,1,8,", "5,dalam,B,0,0,9,1,9,", "akhir", "akhir is the same for all families of dalam"),
    ],
)
def test_rows_that_contradict_the_study(study, old, new, column, said):
    text = "\n".join(ROWS)
    assert old in text
    found = problems(study, text.replace(old, new, 1).splitlines())
    assert column in [e.where.column for e in found if e.where]
    assert any(said in e.found for e in found)


def test_several_are_told_at_once(study):
    text = "\n".join(ROWS).replace("8,1,9,,,4", "8,1,,,,4").replace("11,20,0,0", "11,12,0,0")
    assert len(problems(study, text.splitlines())) == 2


def test_columns_that_the_codebook_does_not_have(study):
    study.evaluation = ASKED.model_copy(update={"assigned": "dusun", "treated": "awal"})
    found = problems(study)
    assert [e.found for e in found] == ["The codebook has no column dusun.", "The column awal says no yes or no."]


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ({"costs": ("dana",)}, "The column dana is of the kind teks."),
        ({"group": "awal"}, "The column awal is of the kind angka."),
        ({"spell": Spell(time="desa", event="kembali", lasting=18)}, "The column desa is of the kind teks."),
        (
            {"outcomes": (Measured(id="hasil", after="dana", name=NAME, unit=NAME),)},
            "The column dana is of the kind teks.",
        ),
    ],
)
def test_columns_of_another_kind_than_their_role(study, role, said):
    study.evaluation = ASKED.model_copy(update=role)
    assert [e.found for e in problems(study)] == [said]


def test_a_study_without_evaluation(study):
    study.evaluation = None
    assert [e.found for e in problems(study)] == ["The study evaluates no programme for families."]
