"""Held to the table of the method notes: what is used, what is refused, and why."""

from math import comb

import numpy as np
import pytest

from kesos_research.methods import chooser, randomization_inference


def panel(make, k, n=40, T=6, seed=4):
    Y = np.random.default_rng(seed).normal(10, 1, (n, T))
    return make(Y, np.arange(n) < k)


def verdicts(answer):
    return answer.evidence["designs"].set_index("design").verdict.to_dict()


def reason(answer, design):
    return answer.evidence["designs"].set_index("design").reason[design]


@pytest.mark.parametrize(("k", "sizes"), [(1, "63–73"), (2, "24–29"), (3, "14–18"), (5, "7–11")])
def test_few_treated_refuse_cluster_robust_errors_with_their_true_size(make, roles, k, sizes):
    answer = chooser(panel(make, k), **roles, since=2014, seed=1)
    assert verdicts(answer)["cluster_robust"] == "refused"
    assert sizes in reason(answer, "cluster_robust")["en"]
    assert verdicts(answer)["synthetic_control"] == "used"
    assert verdicts(answer)["randomization_inference"] == "used"
    assert verdicts(answer).get("joint_placebo") == (None if k == 1 else "used")


def test_ten_treated_use_cr2(make, roles):
    answer = chooser(panel(make, 10), **roles, since=2014, seed=1)
    assert verdicts(answer)["cr2"] == "used"
    assert verdicts(answer)["diff_in_diff"] == "used"
    assert verdicts(answer)["event_study"] == "open"


def test_counts_and_smallest_p(make, roles):
    answer = chooser(panel(make, 3), **roles, since=2014, seed=1)
    found = answer.table.set_index("term").estimate
    assert found[["treated", "comparison", "periods_before", "periods_after"]].tolist() == [3, 37, 4, 2]
    assert found["smallest_p"] == pytest.approx(1 / comb(40, 3))
    assert found["smallest_p_drawn"] == pytest.approx(1 / comb(40, 3))
    other = randomization_inference(panel(make, 3), **roles, since=2014, seed=1)
    assert found["mde"] == pytest.approx(other.evidence["inference"].mde[0])


def test_a_test_that_could_never_reject_is_refused(make, roles):
    answer = chooser(panel(make, 1, n=12), **roles, since=2014, seed=1)
    assert verdicts(answer)["randomization_inference"] == "refused"
    assert "0.083" in reason(answer, "randomization_inference")["en"]
    assert "0,083" in reason(answer, "randomization_inference")["id"]


@pytest.mark.parametrize(
    ("k", "since", "used"),
    [(40, 2014, ["before_after"]), (0, 2014, []), (3, 2010, []), (3, 2016, [])],
    ids=["no comparison", "nobody treated", "no period before", "no period after"],
)
def test_without_a_comparison_nothing_is_called_an_effect(make, roles, k, since, used):
    answer = chooser(panel(make, k), **roles, since=since, seed=1)
    assert [d for d, v in verdicts(answer).items() if v == "used"] == used
    assert answer.table.set_index("term").estimate[["smallest_p", "mde"]].isna().all()
    assert answer.checks[0].status == "fail"


def test_several_dates_refuse_two_way_fixed_effects(make, roles):
    rows = panel(make, 4)
    rows["start"] = rows.place.map({"u000": 2013, "u001": 2013, "u002": 2014, "u003": 2015})
    answer = chooser(rows, **roles, since="start", seed=1)
    assert verdicts(answer) == {"callaway_santanna": "open", "twfe": "refused", "before_after": "refused"}


def test_noisier_treated_units_call_for_a_rescaled_test(make, roles):
    Y = np.random.default_rng(4).normal(10, 1, (40, 6))
    Y[:4] = 10 + 5 * (Y[:4] - 10)
    answer = chooser(make(Y, np.arange(40) < 4), **roles, since=2014, seed=1)
    assert "22–27" in reason(answer, "rescaled_randomization")["en"]


@pytest.mark.parametrize("k", [1, 2, 4, 9, 12, 30, 39])
def test_every_design_has_a_verdict_and_reasons_in_both_languages(make, roles, k):
    designs = chooser(panel(make, k), **roles, since=2014, seed=1).evidence["designs"]
    assert set(designs.verdict) <= {"used", "refused", "open"}
    assert designs.design.is_unique
    for column in ("label", "reason", "verdict_label"):
        assert all(w["en"] and w["id"] and "{" not in w["en"] for w in designs[column])
