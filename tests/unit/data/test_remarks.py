"""What is told of a region's figures: years without one, and the marks of the data."""

import pytest

from kesos_research.data import read_panel, remark, remarks, spans


def told(study, code: str, since: int = 2010) -> list[tuple[str, str, str]]:
    found = remarks(read_panel(study), ["p0"], of=code, since=since)
    return [tuple(row) for row in found[["outcome", "years", "remark"]].to_numpy()]


def test_a_year_without_a_figure_and_one_set_aside(workspace):
    assert told(workspace.study, "64.03") == [("p0", "2011", "missing"), ("p0", "2012", "interpolated")]


def test_a_break_and_a_note_are_told(workspace):
    assert told(workspace.study, "73.03", since=2013) == [("p0", "2013", "level_break")]
    assert told(workspace.study, "33.14", since=2013) == [("p0", "2014", "press_release")]


def test_a_year_that_nobody_has_is_told_even_without_a_mark(workspace):
    flags = workspace.texts["tanda.csv"].splitlines(keepends=True)
    workspace.texts["tanda.csv"] = flags[0] + flags[-1]  # only the note stays
    for value in ("9.9", "10.7", "28.5", "5.1", "9.1"):
        workspace.change("tabel.csv", f"2012,{value},", "2012,,")
    assert told(workspace.study, "32.10") == [("p0", "2012", "missing")]


def test_nothing_to_tell(workspace):
    assert told(workspace.study, "33.01", since=2013) == []


@pytest.mark.parametrize(
    ("years", "said"),
    [([2016], "2016"), ([2010, 2009], "2009–2010"), ([2009, 2010, 2012, 2014, 2015], "2009–2010, 2012, 2014–2015")],
)
def test_spans(years: list[int], said: str):
    assert spans(years) == said


def test_every_mark_of_the_official_figures_has_words():
    marks = (
        "interpolated", "back_cast", "spike", "zero", "implausible_p1_p0_ratio", "province_value", "level_break",
        "press_release",
    )  # fmt: skip
    for mark in (*marks, "missing"):
        assert remark(mark)["en"] != mark
    assert remark("a_mark_of_yours")["en"] == "a_mark_of_yours"
