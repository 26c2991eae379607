"""Held to the definition of the placebo test, to weights found by hand, and to what must not happen."""

from itertools import combinations

import numpy as np
import pytest

from kesos_research.methods import synthetic_control
from kesos_research.methods._placebo import Synthetics, joint_placebo
from kesos_research.methods._simplex import minimise


@pytest.fixture
def crowd(make):
    """106 units, two of them treated: enough comparison units for sets of them alone."""
    rng = np.random.default_rng(21)
    Y = rng.normal(15, 5, (106, 1)) + rng.normal(size=(106, 6))
    Y[:2, 4:] += 4
    return Y, np.arange(106) < 2, make(Y, np.arange(106) < 2)


def effect(Y, i, donors, penalty):
    X = (Y[donors, :4] - Y[i, :4]) / 2
    w = minimise(X, penalty * (X**2).sum(axis=1)).w
    return Y[i, 4:].mean() - w @ Y[donors, 4:].mean(axis=1)


def test_weights_and_gaps_by_hand(make, roles):
    rows = make([[4, 5, 9], [3, 4, 5], [5, 6, 7], [9, 9, 9]], [True, False, False, False])
    answer = synthetic_control(rows, **roles, since=2012, seed=1, penalty=0.0)
    weights = answer.evidence["weights"].set_index("donor").weight
    assert weights.to_dict() == pytest.approx({"u001": 0.5, "u002": 0.5})
    gaps = answer.evidence["gaps"].query("kind == 'treated'").gap.tolist()
    assert gaps == pytest.approx([0, 0, 3])
    paths = answer.evidence["paths"].query("unit == 'u000'")
    assert paths.synthetic.tolist() == pytest.approx([4, 5, 6])
    assert paths.observed.tolist() == [4, 5, 9]


def test_each_unit_is_ranked_among_the_placebos(crowd, roles):
    Y, treated, rows = crowd
    answer = synthetic_control(rows, **roles, since=2014, seed=1)
    donors = np.flatnonzero(~treated)
    placebos = np.array([effect(Y, j, donors[donors != j], 0.1) for j in donors])
    for i in (0, 1):
        row = answer.row(term=f"u{i:03d}")
        own = effect(Y, i, donors, 0.1)
        assert row.estimate == pytest.approx(own)
        assert row.p_value == pytest.approx((1 + (np.abs(placebos) >= abs(own)).sum()) / 105)
        assert row.std_error == pytest.approx(placebos.std())
        assert row.n == 105
        critical = np.sort(np.abs(placebos))[::-1][4]  # p(τ) > .05 needs five placebos at least as far
        assert (row.conf_low, row.conf_high) == pytest.approx((own - critical, own + critical))


def test_the_joint_placebo_is_the_mean_of_sets_that_do_not_donate_to_each_other(crowd, roles):
    Y, treated, rows = crowd
    donors = np.flatnonzero(~treated)
    synthetics = Synthetics(Y, np.arange(6) < 4, treated, 0.1)
    sets = np.array(list(combinations(donors[:24].tolist(), 2)))
    for (i, j), mean in zip(sets.tolist(), synthetics.pooled_sets(sets), strict=True):
        left = donors[(donors != i) & (donors != j)]
        assert mean == pytest.approx((effect(Y, i, left, 0.1) + effect(Y, j, left, 0.1)) / 2)

    answer = synthetic_control(rows, **roles, since=2014, seed=1)
    T = answer.evidence["placebos"].statistic.to_numpy()
    assert len(T) == 104 * 103 // 2, "sets of comparison units only"
    row = answer.row(term="pooled")
    assert row.estimate == pytest.approx(answer.table.estimate[:2].mean())
    assert row.p_value == pytest.approx((1 + (np.abs(T) >= abs(row.estimate)).sum()) / (1 + len(T)))
    assert row.std_error == pytest.approx(T.std())

    # what is drawn behind the pooled gap: paths of some of those sets
    shown = answer.evidence["gaps"].query("kind == 'joint' and period >= 2014").groupby("unit").gap.mean()
    assert len(shown) == 60
    assert np.abs(shown.to_numpy()[:, None] - T).min(axis=1).max() < 1e-9
    assert np.quantile(shown, [0.25, 0.75]) == pytest.approx(np.quantile(T, [0.25, 0.75]), abs=0.3 * T.std())


def test_sets_may_hold_treated_units_where_units_are_few(noisy_panel, roles):
    noisy_panel["poor"] -= 40.0 * (noisy_panel.pilot & (noisy_panel.year >= 2014))
    answer = synthetic_control(noisy_panel, **roles, since=2014, seed=1)
    assert len(answer.evidence["placebos"]) == 30 * 29 * 28 // 6
    gaps = answer.evidence["gaps"].pivot_table(index=["kind", "unit"], columns="period", values="gap")
    assert np.abs(gaps.loc["joint"] - gaps.loc["pooled"].iloc[0]).max(axis=1).min() > 1e-9, "not the treated themselves"
    assert answer.evidence["inference"].set_index("term").smallest_p["pooled"] == pytest.approx(1 / 4060)
    assert answer.row(term="pooled").p_value == pytest.approx(1 / 4060)


def test_treated_units_never_donate(noisy_panel, roles):
    Y = noisy_panel.poor.to_numpy().reshape(30, 6).copy()
    Y[:3] = Y[3:6] + 1e-3  # the treated would be the best donors there are
    answer = synthetic_control(noisy_panel.assign(poor=Y.ravel()), **roles, since=2014, seed=1)
    treated = {"u000", "u001", "u002"}
    assert treated.isdisjoint(answer.evidence["weights"].donor)
    synthetics = Synthetics(Y, np.arange(6) < 4, np.arange(30) < 3, 0.1)
    joint_placebo(synthetics, 9_999, 1)
    assert all({0, 1, 2}.isdisjoint(f.donors) for f in synthetics._fits.values())
    assert all(i not in f.donors and not b & set(f.donors) for (i, b), f in synthetics._fits.items())


def test_no_p_value_where_a_set_leaves_no_donor(make, roles):
    Y = np.random.default_rng(3).normal(size=(9, 5))
    answer = synthetic_control(make(Y, np.arange(9) < 5), **roles, since=2013, seed=1)
    row = answer.row(term="pooled")
    assert np.isfinite(row.estimate)
    assert np.isnan(row.p_value)
    assert {c.name: c.status for c in answer.checks}["joint_placebo"] == "fail"


def test_one_treated_unit_pools_with_itself(make, roles):
    Y = np.random.default_rng(3).normal(size=(40, 6))
    table = synthetic_control(make(Y, np.arange(40) < 1), **roles, since=2014, seed=1).table
    assert table.term.tolist() == ["u000", "pooled"]
    assert table.estimate[0] == table.estimate[1]
    assert table.p_value[0] == table.p_value[1]


def test_more_donors_than_periods_is_a_warning_and_without_a_penalty_a_failure(noisy_panel, roles):
    status = {
        penalty: {
            c.name: c.status
            for c in synthetic_control(noisy_panel, **roles, since=2014, seed=1, penalty=penalty).checks
        }["perfect_fit"]
        for penalty in (0.1, 0.0)
    }
    assert status == {0.1: "warn", 0.0: "fail"}


def test_a_unit_outside_the_range_of_its_donors_is_named(make, roles):
    Y = np.random.default_rng(3).normal(10, 1, (30, 6))
    Y[0] += 50
    answer = synthetic_control(make(Y, np.arange(30) < 2), **roles, since=2014, seed=1)
    check = next(c for c in answer.checks if c.name == "fit_before")
    assert check.status == "fail"
    assert "u000" in check.say("en")


def test_every_problem_is_solved_to_the_promise(crowd, roles):
    _Y, _treated, rows = crowd
    fit = synthetic_control(rows, **roles, since=2014, seed=1).evidence["fit"]
    assert len(fit) == 106
    assert fit.duality_gap.max() <= 1e-8


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_large_and_small_outcomes_are_solved_too(crowd, roles, scale):
    _Y, _treated, rows = crowd
    plain = synthetic_control(rows, **roles, since=2014, seed=1)
    scaled = synthetic_control(rows.assign(poor=scale * rows.poor), **roles, since=2014, seed=1)
    assert scaled.row(term="pooled").estimate == pytest.approx(scale * plain.row(term="pooled").estimate, rel=1e-6)
    assert scaled.evidence["fit"].duality_gap.max() <= 1e-8
