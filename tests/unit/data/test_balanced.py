"""Which regions may be compared: complete in all years used, without a break after the first of them."""

import pytest

from kesos_research.data import Balanced, read_panel
from kesos_research.errors import DataError, RegionError


@pytest.fixture
def panel(workspace):
    return read_panel(workspace.study)


def test_complete_regions_without_a_break_are_kept(panel):
    balanced = panel.balanced("p0", [2010, 2011, 2013, 2014], treated=["33.14"])
    assert balanced.treated == ("33.14",)
    assert balanced.comparison == ("32.10", "33.01")
    assert balanced.years == (2010, 2011, 2013, 2014)
    assert list(balanced.rows.columns) == ["wilayah", "tahun", "p0", "treated"]
    assert balanced.rows["treated"].dtype == bool
    assert not balanced.rows.isna().any(axis=None)


def test_who_is_left_out_is_counted_by_reason(panel):
    left_out = panel.balanced("p0", [2010, 2011, 2013], treated=["33.14"]).left_out
    assert left_out.to_dict("records") == [{"reason": "incomplete", "n": 1}, {"reason": "level_break", "n": 1}]
    for name in left_out["reason"]:
        assert set(Balanced.reason(name)) == {"id", "en"}


def test_a_break_counts_only_after_the_first_year_used(panel):
    assert "73.03" not in panel.balanced("p0", [2011, 2013], treated=["33.14"]).comparison
    assert "73.03" in panel.balanced("p0", [2013, 2014], treated=["33.14"]).comparison
    assert "73.03" in panel.balanced("p0", [2010, 2011], treated=["33.14"]).comparison


def test_a_year_nobody_has_is_dropped_and_told(panel):
    balanced = panel.balanced("p0", range(2010, 2015), treated=["33.14"])
    assert balanced.dropped_years == (2012,)
    assert balanced.years == (2010, 2011, 2013, 2014)


def test_a_treated_region_with_a_break_stays_and_is_named(panel):
    balanced = panel.balanced("p0", [2010, 2013], treated=["33.14", "73.03"])
    assert balanced.treated == ("33.14", "73.03")
    assert balanced.treated_with_break == ("73.03",)


def test_excluded_regions_are_left_out(panel):
    balanced = panel.balanced("p0", [2010, 2011], treated=["33.14"], exclude=["33.01"])
    assert balanced.comparison == ("32.10", "73.03")
    assert balanced.left_out.iloc[0].to_dict() == {"reason": "excluded", "n": 1}


def test_available_years(panel):
    assert panel.available("p0") == (2010, 2011, 2013, 2014)
    assert panel.available("p1") == (2010, 2011)
    assert panel.outcomes == ("p0", "p1")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"outcome": "p00"}, ["'p00'", "p0, p1", "did you mean"]),
        ({"years": [2010, 2030]}, ["2030", "2010 to 2014"]),
        ({"years": []}, ["No years"]),
        ({"years": [2012]}, ["2012"]),
        ({"treated": []}, ["No treated region"]),
        ({"treated": ["64.03"]}, ["64.03 Kab. Berau (2011)"]),
        ({"treated": ["11.01"]}, ["11.01 Kab. Aceh Selatan"]),
        ({"exclude": ["33.14"]}, ["33.14", "both treated and excluded"]),
        ({"exclude": ["32.10", "33.01", "64.03", "73.03"]}, ["No region is left"]),
    ],
)
def test_what_cannot_be_compared_is_refused(panel, asked, said):
    told = {"outcome": "p0", "years": [2010, 2011], "treated": ["33.14"], "exclude": []} | asked
    outcome, years = told.pop("outcome"), told.pop("years")
    with pytest.raises(DataError) as caught:
        panel.balanced(outcome, years, **told)
    for text in said:
        assert text in str(caught.value)


def test_codes_must_be_regions(panel):
    with pytest.raises(RegionError):
        panel.balanced("p0", [2010, 2011], treated=["6405"])
    with pytest.raises(RegionError):
        panel.balanced("p0", [2010, 2011], treated=["33.14"], exclude=["Sukabumi"])


def test_an_outcome_without_data_is_told_apart_from_an_unknown_one(workspace):
    workspace.change("tabel.csv", ",1.5\n", ",\n")
    workspace.change("tabel.csv", ",1.4\n", ",\n")
    panel = read_panel(workspace.study)
    with pytest.raises(DataError) as caught:
        panel.available("p1")
    assert "has no data" in str(caught.value)


def test_donor_pools(panel):
    balanced = panel.balanced("p0", [2010, 2011, 2013], treated=["33.14"])
    assert balanced.donors("all", of="33.14") == ("32.10", "33.01")
    assert balanced.donors("same_island", of="33.14") == ("32.10", "33.01")
    # 30 percent of 10.25, the mean of 2010 and 2011, reaches from 7.2 to 13.3
    assert balanced.donors("similar_level", of="33.14", before=[2010, 2011]) == ("32.10",)
    small = balanced.within(["32.10"])
    assert small.comparison == ("32.10",)
    assert small.treated == ("33.14",)
    assert small.left_out.to_dict("records")[-1] == {"reason": "other_pool", "n": 1}


def test_pools_that_are_empty_or_unknown_are_refused(panel):
    balanced = panel.balanced("p0", [2010, 2013], treated=["33.14"]).within(["33.01"])
    with pytest.raises(DataError):
        balanced.donors("similar_level", of="33.14", before=[2010])
    with pytest.raises(DataError):
        balanced.donors("similar_level", of="33.14")
    with pytest.raises(DataError):
        balanced.donors("tetangga", of="33.14")


def test_order_of_rows_changes_nothing(workspace):
    first = read_panel(workspace.study).balanced("p0", [2010, 2011], treated=["33.14"]).rows
    head, *rows = workspace.texts["tabel.csv"].splitlines()
    workspace.texts["tabel.csv"] = "\n".join([head, *reversed(rows)]) + "\n"
    assert read_panel(workspace.study).balanced("p0", [2010, 2011], treated=["33.14"]).rows.equals(first)
