"""Which drafts a study publishes: as delivered where nothing is said, and nothing that is never made."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.study.example import DOCUMENT, changed, read, refused

from kesos_research.language import use
from kesos_research.study.publication import VERSION, version_of
from kesos_research.study.refusal import Refused

BEFORE = "# Tujuan naskah"
PLAIN = DOCUMENT[: DOCUMENT.index("\n# Yang diterbitkan")] + "\n" + DOCUMENT[DOCUMENT.index(BEFORE) :]


def with_release(lines: str) -> str:
    return changed((BEFORE, f"release:\n{lines}\n{BEFORE}"), text=PLAIN)


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def test_where_nothing_is_said_all_that_is_delivered(folder: Path):
    study = read(folder, PLAIN)
    everything = ("paper", "docx", "slides", "page", "annex")
    assert study.release.documents_of(study.deliverables) == {"id": everything, "en": everything}
    assert study.release.profiles_of(study.deliverables) == ("paper",)
    assert (study.release.version, study.release.figures, study.release.notebooks) == ("", ("svg",), True)


def test_what_is_said_is_what_is_published(folder: Path):
    study = read(
        folder,
        with_release(
            "  version: 1.0\n  documents: {id: [paper, page], en: [page]}\n  profiles: []\n"
            "  figures: [svg, png]\n  notebooks: tidak\n"
        ),
    )
    assert study.release.version == "1.0"
    assert study.release.documents_of(study.deliverables) == {"id": ("paper", "page"), "en": ("page",)}
    assert study.release.profiles_of(study.deliverables) == ()
    assert (study.release.figures, study.release.notebooks) == (("svg", "png"), False)


def test_a_profile_that_is_not_delivered_is_not_published(folder: Path):
    study = read(folder, changed(("formats: [paper, docx,", "formats: [docx,"), text=PLAIN))
    assert study.release.profiles_of(study.deliverables) == ()


@pytest.mark.parametrize(
    ("lines", "deliverables", "keys"),
    [
        ("  version: v1\n", "", ["release.version"]),
        ("  version: ../2\n", "", ["release.version"]),
        ("  dokumen: {}\n", "", ["release.dokumen"]),
        ("  documents: [paper]\n", "", ["release.documents"]),
        ("  documents: {fr: [paper]}\n", "", ["release.documents"]),
        ("  documents: {id: [paper, page], en: [paper]}\n", "", ["release.documents.id"]),
        ("  documents: {id: [peper]}\n", "", ["release.documents.id.1"]),
        ("  documents: {id: [paper, paper]}\n", "", ["release.documents.id.2"]),
        ("  profiles: [annex]\n", "", ["release.profiles.1"]),
        ("  figures: [gif]\n", "", ["release.figures.1"]),
        ("  documents: {id: [paper, annex]}\n", "formats: [paper]", ["release.documents.id.2"]),
        ("  documents: {en: [paper]}\n", "languages: [id]\n  formats: [paper]", ["release.documents.en"]),
        ("  profiles: [docx]\n", "formats: [paper]", ["release.profiles.1"]),
    ],
)
def test_what_cannot_be_published_is_refused_with_its_key(folder: Path, lines, deliverables, keys):
    text = with_release(lines)
    if deliverables:
        start, end = text.index("  languages: [id, en]"), text.index("release:")
        text = f"{text[:start]}  {deliverables}\n\n{text[end:]}"
    assert [error.where.key for error in refused(folder, text) if error.where] == keys


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}", fullmatch=True))
def test_a_version_is_what_its_pattern_says(text: str):
    assert version_of(text) == text


@given(st.text(max_size=12))
def test_a_version_is_a_harmless_name_of_a_folder_or_refused(text: str):
    try:
        said = version_of(text)
    except Refused:
        assert not VERSION.fullmatch(text.strip())
    else:
        assert set(said) <= set("0123456789.")
        assert ".." not in said
        assert Path(said).name == said
