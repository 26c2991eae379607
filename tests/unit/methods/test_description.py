"""Held to numpy, scipy and hand counts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import describe


@pytest.fixture
def figures():
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"year": [2012] * 9 + [2013] * 8, "place": [*"abcdefghi", *"abcdefgh"], "poor": rng.integers(5, 15, 17) / 2.0}
    )


def test_statistics_by_group(figures):
    answer = describe(figures, of="poor", by="year")
    for year, part in figures.groupby("year"):
        x = part.poor.to_numpy()
        expected = {
            "mean": x.mean(), "sd": x.std(ddof=1), "min": x.min(), "max": x.max(),
            "q1": np.percentile(x, 25), "median": np.median(x), "q3": np.percentile(x, 75),
            "p5": np.percentile(x, 5), "p95": np.percentile(x, 95),
        }  # fmt: skip
        for term, value in expected.items():
            row = answer.row(year=year, term=term)
            assert row.estimate == pytest.approx(value)
            assert row.n == len(x)
            assert np.isnan(row.std_error)


def test_place_of_a_unit_counts_its_equals_half(figures):
    answer = describe(figures, of="poor", by="year", unit="place", place="i")
    part = figures[figures.year == 2012]
    expected = stats.percentileofscore(part.poor, part.poor.iloc[-1], kind="mean")
    assert answer.row(year=2012, term="percentile").estimate == pytest.approx(expected)
    assert "percentile" not in answer.table.query("year == 2013").term.tolist(), "i has no figure in 2013"


def test_several_groups_and_none(figures):
    assert describe(figures, of="poor").row(term="mean").n == 17
    halves = describe(figures.assign(half=figures.place < "e"), of="poor", by=["year", "half"])
    assert halves.by == ("year", "half")
    assert halves.row(year=2013, half=True, term="mean").n == 4


def test_one_unit_has_no_spread(figures):
    assert np.isnan(describe(figures.head(1), of="poor").row(term="sd").estimate)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"poor": np.nan}, {}),
        ({"poor": "x"}, {}),
        ({}, {"of": "rich"}),
        ({}, {"unit": "place", "place": "z", "by": "year"}),
        ({}, {"place": "a"}),
        ({}, {"unit": "place", "place": "a"}),
    ],
    ids=["missing", "text", "no column", "no such unit", "no column of units", "a unit twice"],
)
def test_bad_rows_are_refused(figures, change, options):
    with pytest.raises(MethodError):
        describe(figures.assign(**change), **({"of": "poor"} | options))
