"""Held to enumeration by brute force, to formulas of finite populations, and to the test that the interval inverts."""

from itertools import combinations
from math import comb, prod

import numpy as np
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import _randomize, randomization_inference


def brute(D, treated, tau=0.0):
    """Observed and all differences of means once tau is taken off the treated."""
    D, k = D - tau * treated, int(treated.sum())
    all_sets = [list(c) for c in combinations(range(len(D)), k)]
    T = np.array([D[c].mean() - np.delete(D, c).mean() for c in all_sets])
    return D[treated].mean() - D[~treated].mean(), T


@pytest.fixture
def small(make):
    rng = np.random.default_rng(11)
    Y = rng.normal(10, 2, (12, 5))
    Y[:3, 3:] -= 2.5
    return Y, np.arange(12) < 3, make(Y, np.arange(12) < 3)


def changes(Y, first_after):
    return Y[:, first_after:].mean(axis=1) - Y[:, :first_after].mean(axis=1)


def test_all_sets_are_looked_at_where_they_are_few(small, roles):
    Y, treated, rows = small
    row = randomization_inference(rows, **roles, since=2013, seed=1).row(term="treated")
    observed, T = brute(changes(Y, 3), treated)
    assert row.estimate == pytest.approx(observed)
    assert row.p_value == pytest.approx((np.abs(T) >= abs(observed) - 1e-12).mean())
    assert row.std_error == pytest.approx(T.std())


def test_the_interval_holds_the_effects_that_are_not_rejected(small, roles):
    Y, treated, rows = small
    D = changes(Y, 3)
    row = randomization_inference(rows, **roles, since=2013, seed=1).row(term="treated")

    def p(tau):
        observed, T = brute(D, treated, tau)
        return (np.abs(T) >= abs(observed) - 1e-12).mean()

    for end, inward in ((row.conf_low, 1), (row.conf_high, -1)):
        assert p(end + inward * 1e-6) > 0.05
        assert p(end - inward * 1e-6) <= 0.05


def test_drawn_sets_agree_with_the_variance_of_a_finite_population(make, roles):
    rng = np.random.default_rng(5)
    Y = rng.normal(size=(200, 2))
    rows = make(Y, np.arange(200) < 6)
    answer = randomization_inference(rows, **roles, since=2011, seed=3)
    D, k, N = changes(Y, 1), 6, 200
    exact = np.sqrt(D.var(ddof=1) * (1 / k + 1 / (N - k)))
    assert len(answer.evidence["draws"]) == 9_999
    # the standard error of a standard deviation of 9,999 draws is 0.7 %
    assert answer.row(term="treated").std_error == pytest.approx(exact, rel=0.03)


def test_p_of_drawn_sets_counts_the_one_that_happened(make, roles):
    Y = np.random.default_rng(2).normal(size=(60, 2))
    Y[:4, 1] += 100
    row = randomization_inference(make(Y, np.arange(60) < 4), **roles, since=2011, seed=1).row(term="treated")
    assert row.p_value == 1 / 10_000


def test_subsets_are_all_equally_likely():
    counts = {}
    for s in _randomize.subsets(6, 3, 40_000, np.random.default_rng(1)).tolist():
        counts[frozenset(s)] = counts.get(frozenset(s), 0) + 1
    assert len(counts) == comb(6, 3)
    assert all(len(s) == 3 for s in counts)
    chi2 = sum((c - 2000) ** 2 / 2000 for c in counts.values())
    assert chi2 < 43.8  # 99.9 % of chi-square with 19 degrees of freedom


def test_too_few_units_to_reject_have_no_interval_and_are_told_so(make, roles):
    Y = np.random.default_rng(2).normal(size=(12, 3))
    answer = randomization_inference(make(Y, np.arange(12) < 1), **roles, since=2012, seed=1)
    row = answer.row(term="treated")
    assert row.p_value >= 1 / 12
    assert np.isnan(row.conf_low)
    assert np.isnan(row.conf_high)
    assert {c.name: c.status for c in answer.checks}["smallest_p"] == "fail"
    assert answer.evidence["inference"].smallest_p[0] == pytest.approx(1 / 12)


def test_half_of_the_units_treated_mirror_each_other(make, roles):
    Y = np.random.default_rng(2).normal(size=(6, 3))
    Y[:3, 2] += 100
    answer = randomization_inference(make(Y, np.arange(6) < 3), **roles, since=2012, seed=1)
    assert answer.evidence["inference"].smallest_p[0] == pytest.approx(2 / comb(6, 3))
    assert answer.row(term="treated").p_value == pytest.approx(2 / comb(6, 3))


class TestStrata:
    @pytest.fixture
    def rows(self, make):
        rng = np.random.default_rng(9)
        Y = rng.normal(10, 1, (14, 2))
        Y[6:, 1] += 5  # another trend in the second stratum
        treated = np.isin(np.arange(14), [0, 1, 6])
        rows = make(Y, treated)
        rows["island"] = np.where(rows.place < "u006", "A", "B")
        return Y, treated, rows

    def test_units_are_exchanged_within_strata_only(self, rows, roles):
        Y, _treated, frame = rows
        answer = randomization_inference(frame, **roles, since=2011, seed=1, strata="island")
        D = Y[:, 1] - Y[:, 0]

        def statistic(a, b):
            A, B = list(a), list(b)
            inside, others = D[:6], D[6:]
            first = inside[A].mean() - np.delete(inside, A).mean()
            second = others[B].mean() - np.delete(others, B).mean()
            return (2 * first + second) / 3

        T = np.array([statistic(a, b) for a in combinations(range(6), 2) for b in combinations(range(8), 1)])
        observed = statistic([0, 1], [0])
        row = answer.row(term="treated")
        assert len(answer.evidence["draws"]) == prod([comb(6, 2), 8])
        assert row.estimate == pytest.approx(observed)
        assert row.p_value == pytest.approx((np.abs(T) >= abs(observed) - 1e-12).mean())
        assert row.std_error == pytest.approx(T.std())

    def test_strata_without_treated_are_left_out(self, rows, roles, make):
        _Y, _treated, frame = rows
        alone = frame[frame.island == "A"]
        more = frame.assign(pilot=frame.pilot & (frame.island == "A"))
        with_b = randomization_inference(more, **roles, since=2011, seed=1, strata="island")
        without = randomization_inference(alone, **roles, since=2011, seed=1)
        assert with_b.row(term="treated").n == 6
        np.testing.assert_allclose(
            with_b.table.drop(columns="term").to_numpy(float), without.table.drop(columns="term").to_numpy(float)
        )

    def test_a_stratum_of_treated_only_is_refused(self, rows, roles):
        _Y, _treated, frame = rows
        lonely = frame.assign(island=np.where(frame.place == "u006", "C", frame.island))
        with pytest.raises(MethodError, match="u006"):
            randomization_inference(lonely, **roles, since=2011, seed=1, strata="island")

    def test_a_stratum_must_not_change(self, rows, roles):
        _Y, _treated, frame = rows
        frame.loc[0, "island"] = "B"
        with pytest.raises(MethodError, match="island"):
            randomization_inference(frame, **roles, since=2011, seed=1, strata="island")


def test_equal_changes_are_refused(make, roles):
    Y = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with pytest.raises(MethodError):
        randomization_inference(make(Y, [True, False, False]), **roles, since=2011, seed=1)


def test_noisier_treated_units_are_called_noisier(make, roles):
    rng = np.random.default_rng(1)
    Y = rng.normal(10, 1, (60, 6))
    Y[:5] = 10 + 4 * (Y[:5] - 10)
    status = {}
    for name, treated in (("noisy", np.arange(60) < 5), ("quiet", np.isin(np.arange(60), range(20, 25)))):
        answer = randomization_inference(make(Y, treated), **roles, since=2014, seed=1)
        status[name] = {c.name: c.status for c in answer.checks}["equally_noisy"]
    assert status == {"noisy": "warn", "quiet": "pass"}


def test_noise_cannot_be_seen_with_one_period_on_each_side(make, roles):
    Y = np.random.default_rng(1).normal(size=(20, 2))
    answer = randomization_inference(make(Y, np.arange(20) < 2), **roles, since=2011, seed=1)
    assert {c.name: c.status for c in answer.checks}["equally_noisy"] == "info"


def test_it_says_that_units_were_chosen(noisy_panel, roles):
    answer = randomization_inference(noisy_panel, **roles, since=2014, seed=1)
    chosen = next(c for c in answer.checks if c.name == "chosen_not_drawn")
    assert chosen.status == "warn"
    assert "chosen, not drawn" in chosen.say("en")
