"""What "95 %" means in a survey: a short run with fixed seeds, judged by the band that holds 99.9 % of such runs.

Bands are corrected for the cells looked at together. Skewed shapes with few units are known to be covered too seldom,
whatever the variance estimator: those cells are held to what the notes on methods say of t against z only.
"""

import pytest
from monte_carlo import highest, lowest
from monte_carlo_survey import clustered, finite, means

REPS = 3000
CELLS = [(strata, units, shape) for strata in (2, 5, 20) for units in (2, 3, 6) for shape in ("normal",)]
ROUND = [(5, 30, "share"), (20, 6, "share"), (20, 30, "lognormal")]


@pytest.mark.parametrize(("strata", "units", "shape"), CELLS)
def test_student_covers_normal_means_whatever_the_number_of_units(strata, units, shape):
    found = means(strata, units, shape, reps=REPS)["t"]
    # pooled variances of few strata make t a little conservative or liberal; half a per cent is let pass
    assert found >= lowest(REPS, 0.945, len(CELLS))
    assert found <= highest(REPS, 0.955, len(CELLS))


@pytest.mark.parametrize(("strata", "units", "shape"), ROUND)
def test_shares_and_skewed_means_with_many_units(strata, units, shape):
    assert means(strata, units, shape, reps=REPS)["t"] >= lowest(REPS, 0.935, len(ROUND))


@pytest.mark.parametrize("measure", ["p0", "p1", "p2", "gini"])
def test_poverty_and_inequality_of_a_finite_population(measure):
    assert finite(measure, reps=150) >= lowest(150, 0.94, 4)


def test_rows_alike_in_their_units_are_covered_with_the_design():
    assert clustered(reps=2000, naive=False) >= lowest(2000, 0.945, 1)


class TestWhatMustFail:
    def test_two_strata_of_three_units_with_the_normal_distribution(self):
        """.946 with t, .872 with z."""
        found = means(2, 3, "normal", reps=20_000)
        assert found["t"] == pytest.approx(0.946, abs=0.006)
        assert found["z"] == pytest.approx(0.872, abs=0.009)

    def test_rows_alike_in_their_units_as_if_drawn_alone(self):
        assert clustered(reps=2000, naive=True) <= highest(2000, 0.85, 1)
