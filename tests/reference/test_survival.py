"""Survival against R's survival package, Freireich's leukaemia patients, and statsmodels.

Lung: R's results lie beside the project; estimates agree to 1e-6, standard errors to 1e-5 relative. Freireich et al.
(1963): weeks in remission under 6-MP and placebo, as printed in Cox (1972), table 1, with the numbers that textbooks
give for them: log-rank χ² 16.79 on 1, O/E 9/19.25 and 21/10.75; medians 23 and 8 weeks; Cox −1.509 (.410) with
Breslow's ties, −1.572 (.412) with Efron's. statsmodels' robust errors leave out the ties and are not compared.
"""

import numpy as np
import pandas as pd
import pytest
from reference.oracles import beside, close, entries, rows

from kesos_research.methods import cox, cumulative_incidence, kaplan_meier, log_rank, weibull

DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
STILL = [0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
ROLES = {"time": "time", "event": "dead"}


@pytest.fixture(scope="module")
def lung():
    frame = rows("survival_lung")
    return frame.assign(dead=frame["status"] == 2)


@pytest.fixture(scope="module")
def leukaemia():
    return pd.DataFrame(
        {
            "weeks": [*DRUG, *PLACEBO],
            "relapse": [*(1 - s for s in STILL), *([1] * 21)],
            "drug": ["placebo" if i >= 21 else "6-MP" for i in range(42)],
        }
    )


@beside
def test_kaplan_meier_is_that_of_survfit(lung):
    answer, wanted = kaplan_meier(lung, **ROLES), entries("misc")["survival_km"]
    curve = answer.evidence["curve"].iloc[1:]
    close(curve["time"], wanted["time"])
    close(curve["survival"], wanted["surv"])
    close(curve["std_error"] / curve["survival"], wanted["std.err"], rel=1e-5)
    close(curve[["conf_low", "conf_high"]], np.column_stack([wanted["lower"], wanted["upper"]]))
    close(answer.row(term="median").estimate, wanted["median"])


@beside
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_is_that_of_coxph(lung, ties):
    complete, wanted = lung.dropna(subset=["ph.ecog"]), entries("misc")[f"survival_cox_{ties}"]
    answer = cox(complete, **ROLES, covariates=["age", "sex", "ph.ecog"], ties=ties)
    close(answer.table["estimate"], list(wanted["coef"].values()))
    close(answer.table["std_error"], wanted["se"], rel=1e-5)
    close(answer.evidence["fit"].iloc[0][["log_likelihood_null", "log_likelihood"]], wanted["loglik"])
    if ties == "efron":
        tests = answer.evidence["proportional_hazards"]
        close(tests["statistic"], wanted["zph"]["chisq"], rel=1e-5)
        close(tests["df"], wanted["zph"]["df"])
        close(tests["p_value"], wanted["zph"]["p"], rel=1e-5)


@beside
def test_robust_errors_are_those_of_coxph_by_cluster(lung):
    complete, wanted = lung.dropna(subset=["ph.ecog", "inst"]), entries("misc")["survival_cox_robust"]
    answer = cox(complete, **ROLES, covariates=["age", "sex", "ph.ecog"], cluster="inst")
    close(answer.table["estimate"], list(wanted["coef"].values()))
    close(answer.table["std_error"], wanted["robust_se"], rel=1e-5)
    assert answer.table["df"].tolist() == [17.0] * 3


@beside
def test_log_rank_is_that_of_survdiff(lung):
    answer, wanted = log_rank(lung, **ROLES, group="sex"), entries("misc")["survival_logrank"]
    close(answer.row(term="log_rank").estimate, wanted["chisq"])
    groups = answer.evidence["groups"]
    close(groups["observed"], wanted["obs"])
    close(groups["expected"], wanted["exp"])


@beside
def test_weibull_is_that_of_survreg(lung):
    wanted = entries("misc")["survival_weibull"]
    answer = weibull(lung, **ROLES, covariates=["age", "sex"])
    close(answer.table["estimate"].iloc[:3], list(wanted["coef"].values()))
    fit, empty = answer.evidence["fit"], weibull(lung, **ROLES).evidence["fit"]
    close(fit["scale"], wanted["scale"])
    close([empty["log_likelihood"].iloc[0], fit["log_likelihood"].iloc[0]], wanted["loglik"])


def test_leukaemia_as_textbooks_have_it(leukaemia):
    roles = {"time": "weeks", "event": "relapse"}
    curves = kaplan_meier(leukaemia, **roles, by="drug")
    assert curves.table["estimate"].tolist() == [23.0, 8.0]
    curve = curves.evidence["curve"].query("group == '6-MP'").set_index("time")
    assert curve.loc[[6, 7, 10, 13, 16, 22, 23], "survival"].tolist() == pytest.approx(
        [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4
    )
    assert curve.loc[[6, 10, 22, 23], "std_error"].tolist() == pytest.approx([0.0764, 0.0963, 0.1282, 0.1346], abs=5e-5)
    test = log_rank(leukaemia, **roles, group="drug")
    assert test.row(term="log_rank").estimate == pytest.approx(16.79, abs=0.005)
    assert test.evidence["groups"]["expected"].tolist() == pytest.approx([19.25, 10.75], abs=0.005)
    for ties, beta, error in (("breslow", 1.509, 0.410), ("efron", 1.572, 0.412)):
        row = cox(leukaemia, **roles, covariates="drug", ties=ties).row(term="drug=placebo")
        assert (row.estimate, row.std_error) == (pytest.approx(beta, abs=5e-4), pytest.approx(error, abs=5e-4))


def test_strata_and_several_groups_against_statsmodels(leukaemia):
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import CumIncidenceRight, survdiff

    frame = leukaemia.assign(half=np.arange(42) % 2, third=np.arange(42) % 3, x=np.sin(np.arange(42)))
    ours = log_rank(frame, time="weeks", event="relapse", group="third", strata="half").row(term="log_rank")
    close([ours.estimate, ours.p_value], survdiff(frame.weeks, frame.relapse, frame.third, strata=frame.half))
    fit = PHReg(frame.weeks, frame[["x"]], status=frame.relapse, ties="efron", strata=frame.drug).fit()
    row = cox(frame, time="weeks", event="relapse", covariates="x", strata="drug").row(term="x")
    close([row.estimate, row.std_error], [fit.params[0], fit.bse[0]], rel=1e-5)
    ended = frame.assign(other=(frame.relapse == 1) & (frame.third == 0), own=(frame.relapse == 1) & (frame.third != 0))
    answer = cumulative_incidence(ended, time="weeks", event="own", competing="other", horizon=20)
    theirs = CumIncidenceRight(ended.weeks, np.where(ended.own, 1, np.where(ended.other, 2, 0)))
    at = np.searchsorted(theirs.times, 20, side="right") - 1
    close(answer.table["estimate"], [theirs.cinc[0][at], theirs.cinc[1][at]])
    close(answer.table["std_error"].iloc[0], theirs.cinc_se[0][at], rel=1e-5)
