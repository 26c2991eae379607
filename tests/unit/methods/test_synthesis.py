"""Synthesis: laws, prediction and context by hand, and what is refused; outside numbers are in `reference/`."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import diff_in_diff, meta_analysis, transferability
from kesos_research.methods.synthesis._effects import further

PILOTS = pd.DataFrame(
    {
        "unit": list("abcdef"),
        "estimate": [1.2, 0.4, 0.9, 1.6, 0.2, 1.1],
        "std_error": [0.2, 0.3, 0.25, 0.3, 0.2, 0.4],
        "poor": [10.0, 14.0, 12.0, 9.0, 16.0, 11.0],
    }
)
TARGETS = pd.DataFrame({"unit": ["x", "y"], "poor": [13.0, 25.0]})
METHODS = [(m, i) for m in ("reml", "dl", "fixed") for i in ("hksj", "normal")]


@pytest.mark.parametrize(("method", "interval"), METHODS)
def test_scale_shift_order_and_names(method, interval):
    base = meta_analysis(PILOTS, method=method, interval=interval).table.set_index("term")
    moved = PILOTS.assign(estimate=5 - 3 * PILOTS.estimate, std_error=3 * PILOTS.std_error, unit=list("uvwxyz"))
    other = meta_analysis(moved.sample(frac=1, random_state=2), method=method, interval=interval).table.set_index(
        "term"
    )
    assert other.loc["pooled", "estimate"] == pytest.approx(5 - 3 * base.loc["pooled", "estimate"])
    assert other.loc["pooled", "conf_low"] == pytest.approx(5 - 3 * base.loc["pooled", "conf_high"])
    assert other.loc["i_squared", "estimate"] == pytest.approx(base.loc["i_squared", "estimate"], rel=1e-6)
    if method != "fixed":
        assert other.loc["tau_squared", "conf_high"] == pytest.approx(9 * base.loc["tau_squared", "conf_high"])


def test_units_that_agree_have_no_spread_between_them():
    alike = PILOTS.assign(estimate=1 + 0.01 * np.arange(6))
    for method in ("reml", "dl"):
        answer = meta_analysis(alike, method=method, interval="normal")
        assert answer.row(term="tau_squared").estimate == 0
        fixed = meta_analysis(alike, method="fixed").row(term="pooled")
        assert answer.row(term="pooled").estimate == pytest.approx(fixed.estimate)
        assert answer.row(term="pooled").std_error == pytest.approx(fixed.std_error)


def test_q_at_the_ends_of_its_interval_is_chi_squared():
    answer = meta_analysis(PILOTS)
    row = answer.row(term="tau_squared")
    for end, share in ((row.conf_low, 0.975), (row.conf_high, 0.025)):
        w = 1 / (PILOTS.std_error**2 + end)
        Q = (w * (PILOTS.estimate - np.average(PILOTS.estimate, weights=w)) ** 2).sum()
        assert stats.chi2.cdf(Q, 5) == pytest.approx(share, abs=1e-9)


def test_leaving_one_out_is_the_answer_without_it():
    left = meta_analysis(PILOTS).evidence["leave_one_out"].set_index("left_out")
    without = meta_analysis(PILOTS[PILOTS.unit != "c"])
    assert left.loc["c", "estimate"] == pytest.approx(without.row(term="pooled").estimate)
    assert left.loc["c", "tau_squared"] == pytest.approx(without.row(term="tau_squared").estimate)


def test_answers_of_methods_are_taken_as_they_are(make, roles):
    rng = np.random.default_rng(1)
    parts = {
        name: diff_in_diff(make(rng.normal(10, 1, (30, 4)), np.arange(30) < 12), **roles, since=2012) for name in "pqr"
    }
    rows = pd.DataFrame([{"unit": n, **a.row(term="treated")[["estimate", "std_error"]]} for n, a in parts.items()])
    pd.testing.assert_frame_equal(
        meta_analysis(parts).table, meta_analysis(rows.astype({"estimate": float, "std_error": float})).table
    )


def test_two_units_say_nothing_of_a_third():
    answer = meta_analysis(PILOTS.head(2))
    assert np.isnan(answer.row(term="prediction").conf_low)
    checks = {c.name: c.status for c in answer.checks}
    assert (checks["prediction"], checks["few_units"]) == ("fail", "warn")


def test_prediction_covers_a_further_unit():
    """Eight units with τ = σ: the 95 % interval holds a ninth's effect in that share of 60 draws or more."""
    rng, hits, one = np.random.default_rng(11), 0, np.ones((8, 1))
    for _draw in range(60):
        effects = rng.normal(0, 0.3, 9)
        low, high = further(rng.normal(effects[:8], 0.3), np.full(8, 0.09), one, one[:1], 0.95)
        hits += low[0] <= effects[8] <= high[0]
    assert hits / 60 >= 0.95 - 3.3 * np.sqrt(0.95 * 0.05 / 60)


def test_context_and_prediction_by_hand():
    answer = transferability(pd.concat([PILOTS, TARGETS]), unit="unit", covariates="poor")
    pooled, tau2 = (meta_analysis(PILOTS).row(term=t) for t in ("pooled", "tau_squared"))
    plain = meta_analysis(PILOTS, interval="normal").row(term="pooled")
    row = answer.row(unit="x")
    assert row.estimate == pytest.approx(pooled.estimate)
    assert row.std_error**2 == pytest.approx(tau2.estimate + max(pooled.std_error, plain.std_error) ** 2)
    assert row.df == 5
    context = answer.evidence["context"].set_index("unit")
    assert context.loc["y", "distance"] == pytest.approx((25 - 12) / PILOTS.poor.std())
    assert context["inside"].tolist() == [True, False]
    check = next(c for c in answer.checks if c.name == "extrapolation")
    assert check.status == "fail"
    assert "y" in check.say("en")


def test_no_check_promises_anything():
    inside = transferability(pd.concat([PILOTS, TARGETS.head(1)]), unit="unit", covariates="poor")
    assert {c.name: c.status for c in inside.checks}["extrapolation"] == "pass"
    for check in inside.checks:
        assert "will work" not in check.say("en")
    assert "not_a_promise" in {c.name for c in inside.checks}


def test_a_moderator_moves_the_prediction():
    rows = pd.concat([PILOTS, TARGETS])
    answer = transferability(rows, unit="unit", covariates="poor", moderators="poor")
    slope = answer.evidence["coefficients"].set_index("term").loc["poor", "estimate"]
    x, y = answer.row(unit="x"), answer.row(unit="y")
    assert y.estimate - x.estimate == pytest.approx(12 * slope)
    assert y.std_error > x.std_error
    moved = transferability(rows.assign(poor=100 + 2 * rows.poor), unit="unit", covariates="poor", moderators="poor")
    np.testing.assert_allclose(moved.table["conf_low"], answer.table["conf_low"], rtol=1e-7)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (PILOTS.head(1), "one unit"),
        (PILOTS.assign(std_error=0.0), "nought or less"),
        (PILOTS.assign(unit="a"), "several rows"),
        (PILOTS.assign(estimate=None), "missing"),
        ({}, "no estimates"),
        ([1, 2], "list"),
    ],
)
def test_what_cannot_be_pooled_is_refused(rows, found):
    with pytest.raises(MethodError, match=found):
        meta_analysis(rows)


@pytest.mark.parametrize(
    ("rows", "more", "found"),
    [
        (PILOTS, {}, "no target"),
        (pd.concat([PILOTS.head(2), TARGETS]), {}, "2 pilots"),
        (pd.concat([PILOTS, TARGETS.assign(estimate=1.0)]), {}, "without error"),
        (pd.concat([PILOTS, TARGETS]), {"moderators": "rich"}, "no covariate"),
        (pd.concat([PILOTS.assign(poor=1.0), TARGETS]), {"moderators": "poor"}, "do not vary"),
    ],
)
def test_what_cannot_be_carried_over_is_refused(rows, more, found):
    with pytest.raises(MethodError, match=found):
        transferability(rows, unit="unit", covariates="poor", **more)
