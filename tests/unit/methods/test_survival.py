"""Survival: laws, hand arithmetic on four rows, and what is refused; outside numbers are in `reference/`."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import cox, cumulative_incidence, kaplan_meier, log_rank, weibull

ROLES = {"time": "months", "event": "back"}


@pytest.fixture(scope="module")
def families():
    """120 families with ties, of two funds, in 15 villages."""
    rng = np.random.default_rng(4)
    n = 120
    fund = rng.choice(["apbn", "hdn"], n)
    age, village = rng.normal(40, 8, n).round(1), rng.integers(0, 15, n)
    pace = np.exp(0.02 * (age - 40) - 0.6 * (fund == "hdn") + 0.4 * rng.normal(size=15)[village])
    event, seen = rng.exponential(14 / pace), rng.uniform(6, 30, n)
    return pd.DataFrame(
        {
            "months": np.ceil(np.minimum(event, seen)),
            "back": event <= seen,
            "fund": fund,
            "age": age,
            "village": village,
            "loan": rng.random(n) < 0.5,
        }
    )


def answers(frame):
    return {
        "curve": kaplan_meier(frame, **ROLES, by="fund", horizon=12, cluster="village"),
        "test": log_rank(frame, **ROLES, group="fund", strata="loan"),
        "test by village": log_rank(frame, **ROLES, group="fund", cluster="village"),
        "cox": cox(frame, **ROLES, covariates=["fund", "age"], cluster="village", strata="loan"),
        "weibull": weibull(frame, **ROLES, covariates=["fund", "age"], cluster="village"),
    }


def numbers(answer):
    return answer.table.select_dtypes("number").to_numpy(float)


def test_four_rows_by_hand():
    rows = pd.DataFrame({"months": [1.0, 2.0, 3.0, 4.0], "back": [True, True, False, True]})
    answer = kaplan_meier(rows, **ROLES, horizon=3.5, conf="plain")
    curve = answer.evidence["curve"]
    assert curve["survival"].tolist() == pytest.approx([1, 0.75, 0.5, 0.5, 0])
    assert curve["at_risk"].tolist() == [4, 4, 3, 2, 1]
    assert answer.row(term="median").estimate == 3.0  # half is left from 2 to 4
    mean = answer.row(term="restricted_mean")
    assert mean.estimate == pytest.approx(1 + 0.75 + 0.5 * 1.5)
    areas = np.array([0.75 + 0.5 * 1.5, 0.5 * 1.5])
    assert mean.std_error**2 == pytest.approx((areas**2 * [1 / (4 * 3), 1 / (3 * 2)]).sum())
    share = answer.row(term="survival")
    assert share.std_error**2 == pytest.approx(0.25 * (1 / 12 + 1 / 6))


def test_row_order_names_and_further_columns_change_nothing(families):
    mixed = families.sample(frac=1, random_state=3).rename(columns={"village": "village"})
    mixed = mixed.assign(village=mixed["village"].map(lambda v: f"v{97 - v}"), other=1.0)
    for name, answer in answers(families).items():
        np.testing.assert_allclose(numbers(answers(mixed)[name]), numbers(answer), rtol=1e-8, atol=1e-10, err_msg=name)


def test_the_unit_of_time_matters_only_where_it_is_answered(families):
    days = families.assign(months=30 * families["months"])
    for name in ("cox", "test", "test by village"):
        np.testing.assert_allclose(numbers(answers(families)[name]), numbers(answers(days)[name]), rtol=1e-8)
    ours = kaplan_meier(families, **ROLES, horizon=12).table.set_index("term")
    theirs = kaplan_meier(days, **ROLES, horizon=360).table.set_index("term")
    assert theirs.loc["median", "estimate"] == 30 * ours.loc["median", "estimate"]
    assert theirs.loc["restricted_mean", "std_error"] == pytest.approx(30 * ours.loc["restricted_mean", "std_error"])
    longer = (
        weibull(days, **ROLES, covariates="fund").table["estimate"]
        - weibull(families, **ROLES, covariates="fund").table["estimate"]
    )
    assert longer.tolist() == pytest.approx([np.log(30), 0, 0], abs=1e-7)


def test_ranks_alone_decide_log_rank_and_cox(families):
    bent = families.assign(months=np.log1p(families["months"]) ** 3)
    for name in ("cox", "test"):
        np.testing.assert_allclose(numbers(answers(families)[name]), numbers(answers(bent)[name]), rtol=1e-8)


def test_rows_written_twice_add_nothing_where_they_are_one_cluster(families):
    once = families.assign(family=np.arange(len(families)))
    twice = pd.concat([once, once])
    roles = ROLES | {"cluster": "family"}
    for call, kwargs in ((kaplan_meier, {"horizon": 12}), (cox, {"covariates": "fund", "ties": "breslow"})):
        first, second = call(once, **roles, **kwargs).table, call(twice, **roles, **kwargs).table
        pd.testing.assert_frame_equal(
            first[["estimate", "std_error", "conf_low"]], second[["estimate", "std_error", "conf_low"]], rtol=1e-8
        )
    greenwood = kaplan_meier(families, **ROLES, horizon=12).table["std_error"]
    np.testing.assert_allclose(kaplan_meier(once, **roles, horizon=12).table["std_error"], greenwood, rtol=1e-10)


def test_cox_of_two_groups_starts_as_log_rank(families):
    """The score test of Cox's model is the log-rank test, but for ties: their sizes agree."""
    plain = log_rank(families.assign(months=families["months"] + np.linspace(0, 0.5, 120)), **ROLES, group="fund")
    fit = cox(families, **ROLES, covariates="fund").row(term="fund=hdn")
    assert plain.row(term="log_rank").estimate == pytest.approx((fit.estimate / fit.std_error) ** 2, rel=0.15)
    assert plain.row(term="log_hazard_ratio").estimate == pytest.approx(fit.estimate, abs=0.1)


def test_incidences_and_those_left_add_up_to_all(families):
    frame = families.assign(gone=families["back"] & families["loan"], back=families["back"] & ~families["loan"])
    answer = cumulative_incidence(frame, **ROLES, competing="gone", by="fund", horizon=15)
    either = kaplan_meier(frame.assign(back=frame["back"] | frame["gone"]), **ROLES, by="fund", horizon=15)
    shares = answer.table.groupby("fund")["estimate"].sum().to_numpy()
    left = either.table.query("term == 'survival'")["estimate"].to_numpy()
    assert shares + left == pytest.approx(1)
    naive = kaplan_meier(frame, **ROLES, by="fund", horizon=15).table.query("term == 'survival'")["estimate"].to_numpy()
    assert (answer.table.query("term == 'incidence'")["estimate"].to_numpy() < 1 - naive).all()


def test_intervals_on_each_scale_stay_between_nought_and_one(families):
    for conf in ("log", "log-log", "plain"):
        curve = kaplan_meier(families, **ROLES, conf=conf).evidence["curve"].dropna()
        assert ((curve["conf_low"] >= 0) & (curve["conf_low"] <= curve["survival"] + 1e-12)).all()
        assert ((curve["conf_high"] <= 1) & (curve["conf_high"] >= curve["survival"] - 1e-12)).all()


def test_a_ratio_that_turns_is_seen():
    rng = np.random.default_rng(8)
    loan = np.repeat([True, False], 150)
    time = np.where(loan, rng.weibull(3, 300), rng.weibull(0.7, 300)) * 10 + 0.01
    frame = pd.DataFrame({"months": time, "back": True, "loan": loan})
    checks = {c.name: c.status for c in cox(frame, **ROLES, covariates="loan").checks}
    assert checks["proportional_hazards"] == "warn"
    steady = frame.assign(months=rng.exponential(10, 300) * np.where(loan, 2, 1))
    checks = {c.name: c.status for c in cox(steady, **ROLES, covariates="loan").checks}
    assert checks["proportional_hazards"] == "pass"


def test_events_at_one_time_say_nothing_of_ratios_over_time(families):
    answer = cox(families.assign(months=3.0, back=families["back"]), **ROLES, covariates="age")
    assert answer.evidence["proportional_hazards"]["p_value"].isna().all()
    assert {c.name: c.status for c in answer.checks}["proportional_hazards"] == "info"


def test_few_clusters_are_said(families):
    checks = {c.name: c.status for c in answers(families)["cox"].checks}
    assert checks["few_clusters"] == "warn"
    assert cox(families, **ROLES, covariates="fund", cluster="village").table["df"].iloc[0] == 14


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"months": lambda f: f["months"].where(f.index > 0)}, "missing"),
        ({"months": lambda f: f["months"] - f["months"].min()}, "nought or less"),
        ({"back": lambda f: f["months"]}, "other values"),
        ({"back": lambda f: f["fund"]}, "holds"),
        ({"back": lambda _f: False}, "No row has the event"),
        ({"fund": lambda _f: "apbn"}, "one value"),
        ({"age": lambda f: (f["fund"] == "hdn") * 1.0}, "depend on each other"),
        ({"age": lambda f: f["back"] * f["months"].rank(ascending=False) + f["back"] * 1e3}, "no finite solution"),
    ],
)
def test_what_cox_cannot_answer_is_refused(families, change, found):
    with pytest.raises(MethodError, match=found):
        cox(families.assign(**change), **ROLES, covariates=["fund", "age"])


def test_what_curves_and_tests_cannot_answer_is_refused(families):
    with pytest.raises(MethodError, match="seen to"):
        kaplan_meier(families.assign(back=False), **ROLES, by="fund", horizon=60)
    with pytest.raises(MethodError, match="1 groups"):
        log_rank(families.assign(fund="a"), **ROLES, group="fund")
    with pytest.raises(MethodError, match="one cluster"):
        kaplan_meier(families.assign(village=1), **ROLES, cluster="village")
    with pytest.raises(MethodError, match="lies in one cluster"):
        kaplan_meier(families.assign(village=families["fund"]), **ROLES, by="fund", cluster="village")
    with pytest.raises(MethodError, match="both"):
        cumulative_incidence(families.assign(gone=families["back"]), **ROLES, competing="gone")
    with pytest.raises(MethodError, match="conf"):
        kaplan_meier(families, **ROLES, conf="logit")
    with pytest.raises(MethodError, match="horizon"):
        kaplan_meier(families, **ROLES, horizon=0)
    with pytest.raises(MethodError, match="no finite solution"):
        weibull(families.assign(months=5.0, back=True), **ROLES)
