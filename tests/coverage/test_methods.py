"""What "5 %" means: a short run with fixed seeds. `make coverage` runs long and writes docs/methods/coverage.md.

A share is judged against the band that holds 99.9 % of such runs, corrected for all cells looked at together.
"""

import pytest
from monte_carlo import AR, TREATED, UNITS, cluster_robust, highest, lowest, naive_placebo, randomisation, synthetic

SIZE = 0.06
"""The largest true size of a 5 % test that is let pass."""

CELLS = [(n, k, rho) for n in UNITS for k in TREATED for rho in AR]
REPS = 120


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in UNITS for k in TREATED])
def test_randomisation_inference_keeps_its_size_and_the_caution_is_rare(n, k):
    bound = highest(REPS, SIZE, len(CELLS))
    for rho in AR:
        found = randomisation(n, k, rho, reps=REPS, draws=199)
        assert found["rejects"] <= bound
        assert found["outside"] <= bound, "the interval misses no more often than the test rejects"
        assert found["caution"] <= highest(REPS, 0.20, len(CELLS))


NOISY = [(20, 3), (20, 10), (38, 3), (38, 5), (119, 3), (119, 10)]


@pytest.mark.parametrize(("n", "k"), NOISY)
def test_treated_units_twice_as_noisy_are_called_noisier(n, k):
    found = randomisation(n, k, 0.5, reps=REPS, draws=199, noisy=2.0)
    assert found["caution"] >= lowest(REPS, 0.80, len(NOISY))
    assert found["rejects_without_caution"] <= highest(REPS, 0.10, len(NOISY))


PLACEBO = [(12, 2), (12, 5), (20, 3), (38, 3)]


@pytest.mark.parametrize(("n", "k"), PLACEBO)
def test_the_joint_placebo_keeps_its_size(n, k):
    found = synthetic(n, k, 0.5, reps=80, draws=99)
    assert found["given"] == 1
    assert found["rejects"] <= highest(80, SIZE, len(PLACEBO))
    assert found["unit"] <= highest(80, SIZE, len(PLACEBO))


def test_a_placebo_that_leaves_no_donor_is_not_given():
    assert synthetic(12, 10, 0.5, reps=3, draws=99)["given"] == 0


class TestWhatMustFail:
    """Negative controls: were these to pass, the tests above would prove nothing."""

    def test_cr1_with_three_treated(self):
        assert cluster_robust(38, 3, 0.5, reps=600) >= lowest(600, 0.12, 3)
        assert cluster_robust(38, 1, 0.5, reps=600) >= lowest(600, 0.63, 3)

    def test_randomisation_with_noisier_treated_units(self):
        assert randomisation(38, 3, 0.5, reps=300, draws=199, noisy=2.0)["rejects"] >= lowest(300, 0.22, 3)

    def test_a_placebo_of_few_comparison_units_that_donate_to_each_other(self):
        assert naive_placebo(12, 5, 0.5, reps=100, draws=99) >= highest(100, SIZE, 3)
