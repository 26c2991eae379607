"""Numbers of people never pass, in whatever form, place or file; clean files do."""

from __future__ import annotations

from assurance import identifiers
from assurance._planted import DOCUMENTS, FORMS, found_in, people
from hypothesis import given, settings
from hypothesis import strategies as st

from kesos_research.data.identity_set import IdentitySet
from kesos_research.mask import mask_text

NUMBERS = people(200, seed=3)
KNOWN = IdentitySet.of({"nik": NUMBERS})
QUICK = [name for name in DOCUMENTS if not name.endswith((".pdf", ".docx", ".pptx"))]
MARKS = st.lists(st.tuples(st.integers(1, 15), st.text(" .,-/_\u00a0\u200b\u00ad\u2009\n\t", max_size=3)))
AROUND = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Nd", "L"]), max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NUMBERS), st.sampled_from([f for f in FORMS if f != "base64"]), AROUND, AROUND)
def test_any_form_in_any_file(number: str, form: str, before: str, after: str):
    text = f"x{before} {FORMS[form](number)} {after}x"
    for name in QUICK[:5]:
        assert number in found_in(DOCUMENTS[name]([text]), name, KNOWN)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(NUMBERS),
    st.lists(st.tuples(st.integers(1, 15), st.text(" .,-/_\u00a0\u200b\u00ad\u2009\n\t", max_size=3))),
)
def test_any_marks_between_the_digits(number: str, marks: list[tuple[int, str]]):
    text, taken = number, set()
    for at, mark in sorted(marks, reverse=True):
        if at not in taken:
            text = text[:at] + mark + text[at:]
            taken.add(at)
    assert number in found_in(f"nomor {text} dicatat".encode(), "a.txt", KNOWN)
    hidden = "".join(c for c in mask_text(f"nilai '{text}' salah") if c.isdecimal())
    assert len(hidden) <= 2


def test_planted_numbers_in_every_kind_of_file():
    told = identifiers.planted(850, seed=31)
    assert {name: dict(miss) for name, (_n, miss) in told.items() if miss} == {}


def test_clean_files_stay_clean():
    assert identifiers.alarms(280, seed=13) == (0, 0)


def test_nothing_that_is_said_of_a_file_holds_a_number():
    for form in ("plain", "escapes"):
        assert identifiers.leaks(form, 8, seed=5) == {}


def test_rows_without_names_hold_none():
    assert identifiers.pseudonyms(300, seed=6) == 0


def test_a_notebook_that_shows_somebody_is_not_kept():
    assert identifiers.shown_by_a_notebook(identifiers.SHOWS[1:4:2]) == []
    assert identifiers.shown_by_a_notebook(["print(40 + 2)"]) == ["n0"]
