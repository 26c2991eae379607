"""A programme taken up by one region after the other; whose codes a study may name."""

import re
from pathlib import Path

import pytest
from unit.study.example import DOCUMENT, changed, read, refused, workspace

from kesos_research.language import use

PLAIN = re.sub(r"(?m)^\s*#.*\n", "", DOCUMENT)
PILOTS = re.search(r"^treated:.*?(?=^donors:)", PLAIN, re.MULTILINE | re.DOTALL)
assert PILOTS is not None
ADOPTION = """adoption:
  since: mulai
  outcomes: [selesai, p0]
  headline: selesai
  placebo: [rls]
  by: [kesiapan]
"""
SINCE_2013 = re.search(r"(?m)^since:.*\n", PLAIN)
assert SINCE_2013 is not None
STAGGERED = PLAIN.replace(PILOTS.group(), ADOPTION).replace(SINCE_2013.group(), "")
REAL = ("33.14", "64.03", "73.03", "13.76", "32.72")
INVENTED = ("    synthetic: false", "    synthetic: true")


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path)


def named(*codes: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"- {old}", f"- {new}") for old, new in zip(REAL, codes, strict=False))


def test_an_adoption_takes_the_place_of_treated_regions_and_windows(folder):
    study = read(folder, STAGGERED)
    assert (study.treated, study.since, study.windows, study.sample) == ((), None, None, None)
    assert study.adoption is not None
    assert study.adoption.roles == {"unit": "wilayah", "period": "tahun", "since": "mulai"}
    assert study.adoption.columns == ("wilayah", "tahun", "mulai", "selesai", "p0", "rls", "kesiapan")
    assert study.adoption.comparison == "never_treated"


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("  since: mulai\n", "", "adoption.since", "is missing"),
        ("since: mulai", "since: m u", "adoption.since", "no name of a column"),
        ("placebo: [rls]", "plasebo: [rls]", "adoption.plasebo", "not known"),
        ("headline: selesai", "headline: rls", "adoption.headline", "not among the outcomes"),
        ("placebo: [rls]", "placebo: [p0]", "adoption.placebo.1", "both outcomes and placebo"),
        ("by: [kesiapan]", "by: [mulai]", "adoption.by.1", "both since and by"),
        ("by: [kesiapan]", "comparison: never", "adoption.comparison", "not known"),
        ("by: [kesiapan]", "source: lain", "adoption.source", "no source"),
        ("by: [kesiapan]", "lead: 0", "adoption.lead", "not accepted"),
        ("outcomes: [selesai, p0]", "outcomes: []", "adoption.outcomes", "empty"),
    ],
)
def test_an_adoption_that_is_not_understood(folder, old, new, key, says):
    [error, *_others] = refused(folder, changed((old, new), text=STAGGERED))
    assert (error.where.key, says in error.found) == (key, True), error.found


@pytest.mark.parametrize("line", ["since: 2016", "headline: p0", "treated: [33.14]", "outcomes: [p0]"])
def test_what_is_said_of_pilots_has_no_place_beside_it(folder, line):
    [error] = refused(folder, f"{STAGGERED}{line}\n")
    assert error.where.key == line.partition(":")[0]
    assert "beside `adoption`" in error.found


class TestRegister:
    """No invented figure stands beside a real region's name, nor the other way round."""

    def test_real_regions_have_no_place_in_a_study_of_invented_rows(self, folder):
        found = refused(folder, changed(INVENTED))
        assert [e.where.key for e in found] == [f"treated.{i}" for i in range(1, 6)]
        assert "33.14 is Kab. Sragen: a real region has no place in invented rows." in found[0].found

    def test_example_regions_have_no_place_in_a_study_of_real_rows(self, folder):
        [error] = refused(folder, changed(*named("01.01")))
        assert error.where.key == "treated.1"
        assert "its rows are invented" in error.found
        assert "synthetic: true" in (error.remedy or "")

    def test_example_regions_in_a_study_of_invented_rows(self, folder):
        study = read(folder, changed(INVENTED, *named("01.01", "01.02", "02.01", "09.71", "01.71")))
        assert study.treated == ("01.01", "01.02", "02.01", "09.71", "01.71")
        assert study.invented

    def test_they_must_exist_too(self, folder):
        [error] = refused(folder, changed(INVENTED, *named("01.99", "01.02", "02.01", "09.71", "01.71")))
        assert error.where.key == "treated.1"

    def test_donors_that_are_left_out_are_held_to_it_as_well(self, folder):
        codes = named("01.01", "01.02", "02.01", "09.71", "01.71")
        [error] = refused(folder, changed(INVENTED, *codes, ("exclude: []", "exclude: [75.03]")))
        assert error.where.key == "donors.exclude.1"

    def test_one_real_source_makes_the_regions_real(self, folder):
        second = """  - id: lain
    file: data/kabupaten_kota.csv
    codebook: data/codebook.yaml
    publisher: {id: a, en: b}
    licence: MIT
    synthetic: true

# Aturan pengungkapan"""
        text = changed(("\n# Aturan pengungkapan", second))
        study = read(folder, text)
        assert (study.synthetic, study.invented) == (True, False)
