"""Held to a few lines of independent numpy."""

import numpy as np
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import nearest_units

ROLES = {"outcome": "poor", "unit": "place", "period": "year"}


def test_level_and_slope_in_standard_deviations(noisy_panel):
    answer = nearest_units(noisy_panel, **ROLES, near="u005", since=2014, count=4)
    Y = noisy_panel.poor.to_numpy().reshape(30, 6)[:, :4]
    t = np.arange(4) - 1.5
    z = np.column_stack([Y.mean(axis=1), Y @ t / (t @ t)])
    z = (z - z.mean(axis=0)) / z.std(axis=0, ddof=1)
    distance = np.sqrt(((z - z[5]) ** 2).sum(axis=1))
    order = np.argsort(distance)[1:5]
    assert answer.table.term.tolist() == [f"u{i:03d}" for i in order]
    np.testing.assert_allclose(answer.table.estimate, distance[order])
    assert (answer.table.n == 30).all()


def test_later_years_do_not_matter(noisy_panel):
    later = noisy_panel.assign(poor=noisy_panel.poor.where(noisy_panel.year < 2014))
    kept = nearest_units(later, **ROLES, near="u005", since=2014).table
    assert kept.equals(nearest_units(noisy_panel, **ROLES, near="u005", since=2014).table)


def test_fewer_units_than_asked_for_are_all_given(noisy_panel):
    few = noisy_panel[noisy_panel.place < "u004"]
    assert len(nearest_units(few, **ROLES, near="u000", since=2014).table) == 3


@pytest.mark.parametrize(
    "options",
    [{"near": "zzz"}, {"since": 2011}, {"count": 0}, {"outcome": "rich"}],
    ids=["no such unit", "one period", "no peers", "no column"],
)
def test_bad_questions_are_refused(noisy_panel, options):
    with pytest.raises(MethodError):
        nearest_units(noisy_panel, **(ROLES | {"near": "u005", "since": 2014} | options))


def test_units_that_do_not_differ_are_refused(noisy_panel):
    with pytest.raises(MethodError):
        nearest_units(noisy_panel.assign(poor=noisy_panel.year.astype(float)), **ROLES, near="u005", since=2014)
