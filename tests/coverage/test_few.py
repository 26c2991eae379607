"""What "5 %" means with few treated units: a short run with fixed seeds of `monte_carlo_few`."""

import pytest
from monte_carlo import highest, lowest
from monte_carlo_few import augmented, conformal, exchangeable, rescaled, rescaled_by_size, studentized

SIZE = 0.06
REPS = 120
NOISE = [
    (n, k, rho, noisy) for n, k in ((12, 2), (20, 1), (38, 3), (119, 3)) for rho in (0.0, 0.8) for noisy in (1.0, 2.0)
]


@pytest.mark.parametrize(("n", "k", "rho", "noisy"), NOISE)
def test_each_set_held_to_its_own_noise_keeps_its_size_also_where_the_treated_are_noisier(n, k, rho, noisy):
    found = rescaled(n, k, rho, reps=REPS, draws=199, noisy=noisy)
    bound = highest(REPS, SIZE, 2 * len(NOISE))
    assert found["rejects"] <= bound
    assert found["outside"] <= bound, "the interval misses no more often than the test rejects"


@pytest.mark.parametrize("noisy", [1.0, 2.0])
def test_rescaling_by_size_takes_most_of_the_excess_away(noisy):
    found = rescaled_by_size(119, 3, reps=REPS, draws=199, noisy=noisy)
    assert found["rejects"] <= highest(REPS, 0.07, 2)
    if noisy > 1:
        assert found["plain"] >= lowest(REPS, 0.25, 1), "the negative control: not rescaled, it rejects far too often"


def test_the_studentised_difference_keeps_its_size_and_most_of_it_under_unequal_noise():
    assert studentized(38, 5, 0.5, reps=REPS, draws=199) <= highest(REPS, SIZE, 1)
    assert studentized(38, 5, 0.5, reps=REPS, draws=199, noisy=2.0) <= highest(REPS, 0.10, 1)


@pytest.mark.parametrize(("n", "k"), [(20, 3), (38, 3), (38, 5)])
def test_each_caution_is_rare_where_units_are_alike_and_common_where_not(n, k):
    alike = exchangeable(n, k, 0.5, reps=REPS, draws=199)
    assert max(alike.values()) <= highest(REPS, 0.20, 9)
    unlike = exchangeable(n, k, 0.5, reps=REPS, draws=199, level=9.0, trend=1.2, noisy=2.0)
    assert min(unlike.values()) >= lowest(REPS, 0.80, 9)


def test_placebos_of_the_ridge_correction_keep_their_size():
    assert augmented(12, 2, 0.5, reps=25, draws=99) <= highest(25, SIZE, 1)


@pytest.mark.parametrize(("before", "after"), [(24, 1), (20, 4)])
def test_shifted_residuals_keep_their_size(before, after):
    assert conformal(before, after, 12, reps=60) <= highest(60, SIZE, 2)
