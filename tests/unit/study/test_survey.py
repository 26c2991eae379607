"""What a study says of its survey, and what UU 16/1997 (articles 12 and 14) and its release then still ask."""

from pathlib import Path

import pytest
from unit.study.example import DOCUMENT, changed, read, refused

from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.study.survey import SYNOPSIS, owed

BEFORE = "# Dokumen yang dibuat.\n"
SURVEY = """survey:
  kind: khusus
  title: {id: Survei penerima layanan, en: Survey of clients}
  area: {id: Kabupaten Sragen, en: Sragen district}
  population: {id: Penerima layanan terpadu, en: Clients of the integrated service}
  respondents: 240
  begins: 2014-03-01
  ends: 2014-04-15
  method: {id: Acak sederhana, en: Simple random sample}
  organiser: Universitas Contoh
  address: Jalan Contoh 1, Surakarta
  abstract: {id: Kepuasan penerima layanan., en: How satisfied clients are.}
"""


def with_survey(text: str = SURVEY, *changes: tuple[str, str]) -> str:
    return changed((BEFORE, f"{changed(*changes, text=text)}\n{BEFORE}"))


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def keys(folder: Path, text: str) -> list[str | None]:
    return [error.where.key if error.where else None for error in owed(read(folder, text))]


def test_published_figures_owe_nothing(folder: Path):
    assert keys(folder, DOCUMENT) == []
    assert read(folder, DOCUMENT).survey is None


def test_rows_that_nobody_published_need_a_description(folder: Path):
    study = read(folder, DOCUMENT)
    own = study.model_copy(update={"sources": (study.sources[0].model_copy(update={"public": False}),)})
    (error,) = owed(own)
    assert "kabupaten-kota" in error.found
    assert error.where is not None
    assert error.where.key == "survey"


def test_a_survey_is_read(folder: Path):
    survey = read(folder, with_survey()).survey
    assert survey is not None
    assert (survey.kind, survey.respondents, survey.begins, survey.ends) == ("khusus", 240, "2014-03-01", "2014-04-15")
    assert survey.area == {"id": "Kabupaten Sragen", "en": "Sragen district"}
    assert survey.lacks() == ()


def test_a_complete_survey_of_a_campus_owes_nothing(folder: Path):
    assert keys(folder, with_survey()) == []


@pytest.mark.parametrize("key", SYNOPSIS)
def test_each_thing_a_synopsis_holds_is_asked_for(folder: Path, key: str):
    line = next(line for line in SURVEY.splitlines(keepends=True) if line.startswith(f"  {key}:"))
    assert keys(folder, with_survey(SURVEY, (line, ""))) == [f"survey.{key}"]


def test_a_ministrys_survey_needs_its_number(folder: Path):
    ministry = ("kind: khusus", "kind: sektoral")
    assert keys(folder, with_survey(SURVEY, ministry)) == ["survey.recommendation"]
    numbered = ("kind: khusus", "kind: sektoral\n  recommendation: V-14.3314.001")
    assert keys(folder, with_survey(SURVEY, numbered)) == []


def test_all_that_is_owed_is_told_at_once(folder: Path):
    assert keys(folder, with_survey("survey:\n  kind: sektoral\n")) == [
        "survey.recommendation",
        *(f"survey.{key}" for key in SYNOPSIS),
    ]


def test_rows_of_others_owe_no_synopsis(folder: Path):
    assert keys(folder, with_survey("survey:\n  kind: secondary\n")) == []


def test_invented_rows_owe_nothing(folder: Path):
    pilots = ("33.14", "64.03", "73.03", "13.76", "32.72")
    invented = [(f"- {code}", f"- 01.{i:02d}") for i, code in enumerate(pilots, 1)]
    text = with_survey("survey:\n  kind: sektoral\n")
    text = changed(("    synthetic: false", "    synthetic: true"), *invented, text=text)
    assert keys(folder, text) == []


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        (("kind: khusus", "kind: sektorall"), "survey.kind", "did you mean sektoral?"),
        (("  kind: khusus\n", ""), "survey.kind", "is missing"),
        (("organiser:", "organizer:"), "survey.organizer", "organiser"),
        (("respondents: 240", "respondents: 0"), "survey.respondents", "from 1"),
        (("respondents: 240", "respondents: banyak"), "survey.respondents", "a whole number"),
        (("ends: 2014-04-15", "ends: 2014-02-28"), "survey.ends", "before it begins"),
        (("begins: 2014-03-01", "begins: 1 Maret 2014"), "survey.begins", "year-month-day"),
        (("{id: Acak sederhana, en: Simple random sample}", "acak"), "survey.method", "both languages"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_key(folder: Path, change, key, says):
    found: list[KesosError] = refused(folder, with_survey(SURVEY, change))
    assert [error.where.key for error in found if error.where] == [key]
    assert says in str(found[0])
