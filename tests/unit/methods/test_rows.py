"""Rows that cannot carry a method are refused with what was found, what was expected and where."""

import numpy as np
import pandas as pd
import pytest

from kesos_research import methods
from kesos_research.errors import MethodError
from kesos_research.language import use

SEEDED = (methods.randomization_inference, methods.minimum_detectable_effect, methods.synthetic_control)


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def rows(make):
    return make([[10, 9, 8, 5], [12, 12, 11, 11], [9, 9, 10, 9], [7, 6, 6, 8]], [True, False, False, False])


def refused(call, *parts):
    with pytest.raises(MethodError) as caught:
        call()
    said = str(caught.value)
    assert caught.value.expected, "every refusal says what was expected"
    for part in parts:
        assert part in said
    return caught.value


@pytest.mark.parametrize("method", [*SEEDED, methods.diff_in_diff, methods.leave_one_out], ids=lambda m: m.__name__)
class TestEveryMethodRefuses:
    @pytest.fixture
    def answer(self, method, roles):
        extra = {"seed": 1} if method in SEEDED else {}
        return lambda data, **other: method(data, **(roles | {"since": 2013} | extra | other))

    def test_missing_values_with_a_count_for_each_column(self, answer, rows):
        rows["poor"] = rows.poor.where(rows.index != 3)
        rows["place"] = rows.place.where(rows.index > 1)
        error = refused(lambda: answer(rows), "poor: 1", "place: 2", "of 16 rows")
        assert error.where.column == "poor"

    def test_a_column_that_is_not_there(self, answer, rows):
        assert refused(lambda: answer(rows, outcome="rich"), "rich", "place, year, poor").where.column == "rich"

    def test_rows_that_are_no_frame(self, answer, rows):
        refused(lambda: answer(rows.to_dict()), "dict")

    def test_no_rows(self, answer, rows):
        refused(lambda: answer(rows.iloc[:0]), "no rows")

    def test_a_unit_that_lacks_a_period(self, answer, rows):
        refused(lambda: answer(rows.drop(index=5)), "1 of 4 units lack a period: u001")

    def test_a_unit_and_period_that_come_twice(self, answer, rows):
        refused(lambda: answer(pd.concat([rows, rows.iloc[[6]]])), "1 rows repeat", "u001 in 2012")

    def test_treatment_that_is_not_true_or_false(self, answer, rows):
        refused(lambda: answer(rows.assign(pilot=rows.pilot.astype(int))), "pilot", "int64", "true or false")

    def test_treatment_that_changes_within_a_unit(self, answer, rows):
        rows.loc[0, "pilot"] = False
        refused(lambda: answer(rows), "pilot changes within u000")

    def test_nobody_treated(self, answer, rows):
        refused(lambda: answer(rows.assign(pilot=False)), "No unit is treated")

    def test_nobody_to_compare_with(self, answer, rows):
        refused(lambda: answer(rows.assign(pilot=True)), "All 4 units are treated", "without causal words")

    def test_no_period_before(self, answer, rows):
        refused(lambda: answer(rows, since=2010), "no period before 2010", "2010 to 2013")

    def test_no_period_after(self, answer, rows):
        refused(lambda: answer(rows, since=2014), "no period from 2014")

    def test_an_outcome_that_is_the_same_everywhere(self, answer, rows):
        refused(lambda: answer(rows.assign(poor=3.0)), "poor is the same everywhere")

    def test_an_outcome_that_is_text(self, answer, rows):
        refused(lambda: answer(rows.assign(poor=rows.poor.astype(str))), "poor", "numbers")

    def test_an_infinite_outcome(self, answer, rows):
        refused(lambda: answer(rows.assign(poor=rows.poor.where(rows.index != 0, -np.inf))), "1 infinite", "logarithm")

    def test_years_that_are_text(self, answer, rows):
        refused(lambda: answer(rows.assign(year=rows.year.astype(str))), "year", "numbers")

    def test_a_date_that_is_no_period(self, answer, rows):
        refused(lambda: answer(rows, since=None), "since is empty")

    def test_several_dates_of_start(self, answer, rows):
        rows = rows.assign(pilot=rows.place.isin(["u000", "u001"]), start=rows.place.map({"u000": 2012, "u001": 2013}))
        refused(lambda: answer(rows, since="start"), "2 different dates")

    def test_a_treated_unit_without_a_date(self, answer, rows):
        refused(lambda: answer(rows.assign(start=np.nan), since="start"), "1 treated units have no date")


@pytest.mark.parametrize("method", SEEDED, ids=lambda m: m.__name__)
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seed", -1),
        ("seed", 1.5),
        ("seed", True),
        ("draws", 999),
        ("draws", None),
        ("level", 95),
        ("level", 0),
        ("level", "a"),
    ],
)
def test_settings_out_of_range_are_refused(method, setting, value, rows, roles):
    settings = {"since": 2013, "seed": 1} | {setting: value}
    assert refused(lambda: method(rows, **roles, **settings), setting).where.key == setting


@pytest.mark.parametrize("value", [-0.1, np.inf, np.nan, "a", None])
def test_a_penalty_below_zero_is_refused(value, rows, roles):
    refused(lambda: methods.synthetic_control(rows, **roles, since=2013, seed=1, penalty=value), "penalty")


def test_one_donor_is_refused(rows, roles):
    pair = rows[rows.place.isin(["u000", "u001"])]
    refused(lambda: methods.synthetic_control(pair, **roles, since=2013, seed=1), "one comparison unit")


def test_the_date_may_be_a_column_that_is_empty_for_the_others(rows, roles):
    dated = rows.assign(start=rows.place.map({"u000": 2013.0}))
    by_column = methods.diff_in_diff(dated, **roles, since="start")
    assert by_column.table.equals(methods.diff_in_diff(rows, **roles, since=2013).table)


def test_the_rows_passed_are_left_as_they_were(noisy_panel, roles):
    before = noisy_panel.copy(deep=True)
    methods.synthetic_control(noisy_panel, **roles, since=2014, seed=1)
    methods.chooser(noisy_panel, **roles, since=2014, seed=1)
    pd.testing.assert_frame_equal(noisy_panel, before)


@pytest.mark.parametrize("leave", ["everyone", None, ["treated"]])
def test_an_unknown_choice_names_the_known_ones(leave, rows, roles):
    refused(lambda: methods.leave_one_out(rows, **roles, since=2013, leave=leave), "treated, donors")


def test_errors_speak_the_language_in_force(rows, roles):
    """The Indonesian is the translator's; here only that the message is looked up when it is raised."""
    with use("id"), pytest.raises(MethodError) as caught:
        methods.diff_in_diff(rows, **(roles | {"outcome": "rich"}), since=2013)
    assert "rich" in caught.value.found
