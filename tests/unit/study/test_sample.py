"""A household study: described by its sample, without the keys that compare regions."""

import re
from pathlib import Path

import pytest
from unit.study.example import DOCUMENT, changed, read, refused, workspace

from kesos_research.language import use

SAMPLE = "sample:\n  weight: fwt\n  strata: strata\n  cluster: psu\n  household: id_ruta\n  area: kab\n"
TREATED = re.search(r"^programme:.*?(?=^donors:)", re.sub(r"(?m)^\s*#.*\n", "", DOCUMENT), re.MULTILINE | re.DOTALL)
assert TREATED is not None
HOUSEHOLDS = re.sub(r"(?m)^\s*#.*\n", "", DOCUMENT).replace(TREATED.group(), SAMPLE)


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path)


def test_a_sample_takes_the_place_of_treated_regions_and_windows(folder):
    study = read(folder, HOUSEHOLDS)
    assert (study.treated, study.since, study.windows) == ((), None, None)
    assert study.sample is not None
    assert study.sample.design.columns == ("fwt", "strata", "psu")
    assert (study.sample.household, study.sample.area) == ("id_ruta", "kab")


def test_without_a_sample_every_key_of_a_comparison_is_asked_for_at_once(folder):
    found = refused(folder, HOUSEHOLDS.replace(SAMPLE, ""))
    keys = ("programme", "treated", "since", "outcomes", "headline", "windows")
    assert [e.where.key for e in found] == list(keys)
    assert all("is missing" in e.found for e in found)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("weight: fwt", "weight: f w t", "sample.weight"),
        ("  weight: fwt\n", "", "sample.weight"),
        ("cluster: psu", "klaster: psu", "sample.klaster"),
        ("area: kab", 'area: "x; DROP TABLE y"', "sample.area"),
    ],
)
def test_a_sample_that_is_not_understood(folder, old, new, key):
    assert [e.where.key for e in refused(folder, changed((old, new), text=HOUSEHOLDS))] == [key]
