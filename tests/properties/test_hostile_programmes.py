"""Every key beneath `evaluation`, `adoption`, `sample` and `plan` given something else: read, or refused as text."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.study.example import PROJECT, refused

from kesos_research.errors import KesosError, Problems
from kesos_research.language import use
from kesos_research.study import read_study

STUDIES = ("prokus", "perluasan-slrt")
PARTS = ("evaluation", "adoption", "plan", "sample")
OTHERS: list[Any] = [
    *(None, [], {}, "", 0, -1, 1e9, True, "x", ["x"], ["x", "x"], [[]], [None], [{"a": 1}], {"a": 1}, "9" * 400),
    *("{{ 7*7 }}", "=cmd|' /C calc'!A0", "<script>", "\ufeffx", "a\x1bb", "../../x", "diff_in_dif", ["chooser"] * 2),
    *({"id": "a", "en": "b"}, {"id": "a"}, {"id": [], "en": {}}, {"choser": {"id": "a", "en": "b"}}),
]


def document(study: str) -> dict[str, Any]:
    text = (PROJECT / "notebooks" / "studies" / study / "study.yaml").read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    authors = [{k: v for k, v in author.items() if v is not None} for author in read["authors"]]
    return read | {"date": str(read["date"]), "authors": authors}


DOCUMENTS = {study: document(study) for study in STUDIES}


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    """The folder of each study in a workspace of its own, with empty data files."""
    made = {}
    for study in STUDIES:
        root = tmp_path_factory.mktemp(study)
        made[study] = root / "notebooks" / "studies" / study
        made[study].mkdir(parents=True)
        for file in re.findall(r"data/[\w./]+", json.dumps(DOCUMENTS[study])):
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).touch()
    return made


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(p for step, child in inside for p in places(child, (*at, step)))]


PLACES = [(s, p) for s in STUDIES for p in places(DOCUMENTS[s]) if p and p[0] in PARTS]


def written(study: str, *changes: tuple[tuple[Any, ...], Any]) -> str:
    """The document with other values at some places; JSON is YAML."""
    tree = copy.deepcopy(DOCUMENTS[study])
    for at, value in changes:
        inner = tree
        for step in at[:-1]:
            inner = inner[step]
        inner[at[-1]] = value
    return json.dumps(tree)


@pytest.mark.parametrize("study", STUDIES)
def test_the_documents_themselves_are_read(folders, study):
    assert refused(folders[study], written(study)) == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), value=st.sampled_from(OTHERS), lang=st.sampled_from(["id", "en"]))
def test_any_place_with_anything(folders, place, value, lang):
    study, at = place
    (folders[study] / "study.yaml").write_text(written(study, (at, value)), encoding="utf-8")
    try:
        with use(lang):
            read_study(folders[study])
    except KesosError as error:
        said = str(error)
        assert all(c.isprintable() or c == "\n" for c in said), repr(said)
        assert not re.search(r"<class|object at|Traceback|pydantic|Input should|NoneType", said)
        for one in error.problems if isinstance(error, Problems) else (error,):
            assert one.where is not None
            assert one.where.file is not None


MISTAKES = [
    ("prokus", ("evaluation", "treated"), "kelompok", "The column “kelompok” is both group and treated."),
    ("prokus", ("evaluation", "observed"), "kembali", "The column “kembali” is both observed and spell.event."),
    (
        "prokus",
        ("evaluation", "outcomes", 0, "after"),
        "penghasilan_awal",
        "both outcomes.1.before and outcomes.1.after",
    ),
    ("prokus", ("evaluation", "placebo"), "aset_akhir", "both placebo and outcomes.2.after"),
    ("prokus", ("evaluation", "populations"), [], "The list is empty."),
    ("prokus", ("evaluation", "covariates"), ["menerima"], "it cannot be held equal"),
    ("prokus", ("evaluation", "spell"), None, "nothing says after how long"),
    ("prokus", ("sources", 1, "truth_of"), "keluargaa", "There is no source “keluargaa”."),
    ("perluasan-slrt", ("adoption", "headline"), "p1", "The headline “p1” is not among the outcomes."),
    ("perluasan-slrt", ("adoption", "since"), "tahun", "is both period and since"),
    ("perluasan-slrt", ("adoption", "source"), "perluasn", "There is no source “perluasn”."),
    ("perluasan-slrt", ("plan", "methods"), ["calaway_santanna"], "“calaway_santanna” is not known."),
    ("perluasan-slrt", ("plan", "reasons"), {"twfe": {"id": "x", "en": "x"}}, "“twfe” is no method"),
]


@pytest.mark.parametrize(("study", "at", "value", "says"), MISTAKES, ids=lambda v: str(v)[:24])
def test_a_mistake_is_named(folders, study, at, value, says):
    with use("en"):
        found = [str(e) for e in refused(folders[study], written(study, (at, value)))]
    assert any(says in one for one in found), found


def test_names_in_a_list_hold_no_control_characters(folders):
    """A source whose id cannot be printed is listed without what cannot be."""
    found = refused(folders["perluasan-slrt"], written("perluasan-slrt", (("sources", 0, "id"), "perl\ufeffuasan")))
    assert found
    assert all(c.isprintable() or c == "\n" for e in found for c in str(e))
