"""Staggered adoption: a short run with fixed seeds; intervals hold what they say, and what must fail does.

A share is judged against the band that holds 99.9 % of such runs, corrected for all cells looked at together.
"""

import pytest
from monte_carlo import highest, lowest
from monte_carlo_staggered import one_date, staggered, together, two_way

CELLS = [(40, 0.0), (120, 0.5)]
REPS = 120


@pytest.mark.parametrize(("n", "different"), CELLS)
def test_each_mean_is_held_at_the_nominal_level(n, different):
    for held in staggered(n, different, reps=REPS).values():
        assert lowest(REPS, 0.95, 3 * len(CELLS)) <= held <= highest(REPS, 0.96, 3 * len(CELLS))


@pytest.mark.parametrize(("n", "reps"), [(40, 120), (120, 60)])
def test_all_at_once_with_cohorts_of_eight_and_more(n, reps):
    """The band, the test of all estimates before treatment, and the Wald test of cells that is not used."""
    found = together(n, reps=reps)
    assert found["band"] >= lowest(reps, 0.93, 4)
    assert found["largest"] <= highest(reps, 0.06, 4)
    assert found["wald"] >= found["largest"] + 0.05


@pytest.mark.parametrize("kind", ["CR2", "wild"])
def test_few_clusters_with_enough_treated_keep_the_size(kind):
    assert one_date(38, 12, kind, reps=120, draws=399) <= highest(120, 0.06, 2)


class TestWhatMustFail:
    """Negative controls: were these to pass, the tests above would prove nothing."""

    def test_two_way_fixed_effects_where_effects_grow(self):
        assert two_way(160, 0.5, reps=80) <= 0.8
        assert two_way(160, 0.0, reps=80) >= lowest(80, 0.95, 1)

    def test_cr1_with_three_treated(self):
        assert one_date(38, 3, "CR1", reps=150) >= lowest(150, 0.14, 1)
