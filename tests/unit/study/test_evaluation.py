"""A programme for families: what study.yaml says of it, and another file by one line."""

from pathlib import Path

import pytest
from unit.study.example import PROJECT, changed, read, refused, workspace

from kesos_research.language import use

DOCUMENT = (PROJECT / "notebooks" / "studies" / "prokus" / "study.yaml").read_text(encoding="utf-8")
FILES = (
    "synthetic/prokus_sintetis.parquet",
    "synthetic/codebook_prokus.yaml",
    "synthetic/kebenaran_prokus_sintetis.csv",
    "synthetic/codebook_kebenaran_prokus.yaml",
    "raw/prokus.parquet",
)


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = workspace(tmp_path, "prokus")
    for file in FILES:
        path = tmp_path / "data" / file
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return made


def test_populations_outcomes_and_the_columns_they_need(folder):
    asked = read(folder, DOCUMENT).evaluation
    assert asked is not None
    assert [(p.value, p.spell) for p in asked.populations] == [
        ("mandiri", True),
        ("alamiah", True),
        ("rintisan", False),
    ]
    assert asked.headline.id == "penghasilan"
    assert asked.flags == ("ditawari", "menerima", "terwawancara", "kembali")
    assert {"penghasilan_awal", "aset_akhir", "bulan", "dana", "biaya_modal"} <= set(asked.columns)
    assert len(asked.columns) == len(set(asked.columns))


def test_families_count_alike_without_a_weight(folder):
    sample = read(folder, DOCUMENT).sample
    assert sample is not None
    assert sample.design.columns == ("desa",)


def test_another_file_is_one_line(folder):
    study = read(folder, DOCUMENT)
    assert study.synthetic
    assert [s.id for s in study.sources] == ["keluarga", "kebenaran"]
    own = read(folder, changed(("data/synthetic/prokus_sintetis.parquet", "data/raw/prokus.parquet"), text=DOCUMENT))
    assert not own.synthetic
    assert [s.id for s in own.sources] == ["keluarga"]
    differ = zip(DOCUMENT.splitlines(), (folder / "study.yaml").read_text(encoding="utf-8").splitlines(), strict=True)
    assert sum(a != b for a, b in differ) == 1


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("truth_of: keluarga", "truth_of: rumah", "sources.2.truth_of", "There is no source “rumah”."),
        ("    synthetic: true\n", "    synthetic: false\n", "sources.2.truth_of", "The truth of invented rows"),
        ("  spell: {time: bulan, event: kembali, lasting: 18}\n", "", "evaluation", "nothing says after how long"),
        ("  funding: dana\n", "", "evaluation.costs", "nothing says who"),
        ("    - aset_awal\n", "    - aset_akhir\n", "evaluation.covariates.8", "cannot be held equal"),
        ("[kepala_perempuan, dana]", "[kepala_perempuan, menerima]", "evaluation.subgroups.2", "cannot be held equal"),
        ("    - value: alamiah\n", "    - value: mandiri\n", "evaluation.populations.2", "is there twice"),
        ("lasting: 18", "lasting: 0", "evaluation.spell.lasting", "is not accepted"),
        ("  treated: ditawari\n", "", "evaluation.treated", "is missing"),
        ("  observed: terwawancara\n", "  observd: terwawancara\n", "evaluation.observd", "is not known"),
    ],
)
def test_an_evaluation_that_is_not_understood(folder, old, new, key, said):
    found = refused(folder, changed((old, new), text=DOCUMENT))
    assert [e.where.key for e in found] == [key]
    assert said in found[0].found


def test_without_a_sample_nobody_knows_whose_rows_they_are(folder):
    start, end = DOCUMENT.index("sample:\n"), DOCUMENT.index("# Program, populasi")
    found = refused(folder, DOCUMENT[:start] + DOCUMENT[end:])
    assert [e.where.key for e in found] == ["evaluation"]


def test_nobody_who_left_needs_no_spell(folder):
    text = DOCUMENT.replace("      spell: true\n", "")
    assert [e.where.key for e in refused(folder, text)] == ["evaluation.spell"]
