"""Staggered adoption against R's did 2.5, fixest, clubSandwich and bacondecomp on their own data.

Estimates at 1e-6 and standard errors at 1e-5, relative. The headline numbers stand here; the panels are read where the
reference results lie beside the project. Variants with covariates are in `test_staggered_covariates.py`, because the
library behind them takes seconds to import. R's bootstrap errors use quartiles, ours the influence itself, so that of
the entry with 20,000 draws only the critical value is compared, at its Monte-Carlo error.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.methods import (
    bacon_decomposition,
    callaway_santanna,
    imputation,
    sun_abraham,
    two_way_fixed_effects,
)

from .oracles import beside, close, entries, rows

MPDTA = {"outcome": "lemp", "unit": "countyreal", "period": "year", "since": "since"}
CASTLE = {"outcome": "l_homicide", "unit": "state", "period": "year", "since": "since"}
HEADLINES = {
    "simple": (-0.039951275155177, 0.0120340127701854),
    "group": (-0.031018282228749, 0.0124460593209979),
    "dynamic": (-0.0772398214573161, 0.0199649890618492),
    "calendar": (-0.0417004321312833, 0.0159718518845598),
}

pytestmark = [beside, pytest.mark.xdist_group("diff_diff")]
DID = entries("did")


@pytest.fixture(scope="module")
def mpdta():
    frame = rows("did_mpdta")
    return frame.assign(since=frame["first.treat"].replace(0, np.nan))


@pytest.fixture(scope="module")
def castle():
    frame = rows("bacondecomp_castle")
    return frame[["state", "year", "l_homicide"]].assign(since=frame.effyear)


def same_cells(answer, wanted):
    """Every ATT(g, t), and the means where the entry has them."""
    cells = answer.evidence["att_gt"].set_index(["since", "period"])
    assert len(cells) == len(wanted["gt"])
    for cell in wanted["gt"]:
        found = cells.loc[(cell["group"], cell["t"])]
        close(found.estimate, cell["att"])
        close(found.std_error, np.nan if cell["se"] is None else cell["se"], rel=1e-5)
    for term in {"simple", "group", "dynamic", "calendar"} & set(wanted):
        close(answer.row(term=term).estimate, wanted[term]["overall.att"])
        close(answer.row(term=term).std_error, wanted[term]["overall.se"], rel=1e-5)
        if term != "simple":
            shown = answer.evidence["event_time" if term == "dynamic" else term]
            close(shown.estimate, wanted[term]["att.egt"])
            close(shown.std_error, [np.nan if se is None else se for se in wanted[term]["se.egt"]], rel=1e-5)


COMPARISON = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}
PLAIN = [name for name in DID if name.startswith("mpdta_n") and "_1_" in name]


@pytest.mark.parametrize("name", PLAIN)
def test_group_time_effects_and_their_means(mpdta, name):
    _data, comparison, estimator, _formula, base = name.split("_")
    answer = callaway_santanna(
        mpdta, **MPDTA, seed=1, comparison=COMPARISON[comparison], estimator=estimator, base=base
    )
    same_cells(answer, DID[name])


def test_headlines(mpdta):
    answer = callaway_santanna(mpdta, **MPDTA, seed=1)
    for term, (estimate, se) in HEADLINES.items():
        close(answer.row(term=term).estimate, estimate)
        close(answer.row(term=term).std_error, se, rel=1e-5)


def test_no_sign_of_other_trends_before_as_in_r(mpdta):
    """R's Wald test of the cells is another test; both see nothing here."""
    check = next(c for c in callaway_santanna(mpdta, **MPDTA, seed=1).checks if c.name == "trends_before")
    assert check.status == "info"
    assert (
        min(float(check.evidence["p"]["en"]), float(np.ravel(DID["mpdta_nevertreated_dr_1_varying"]["Wpval"])[0])) > 0.1
    )


def test_repeated_cross_sections(mpdta):
    same_cells(callaway_santanna(mpdta, **(MPDTA | {"unit": None}), seed=1), DID["mpdta_unbalanced_rcs"])


def test_anticipation_leaves_a_cohort_out_and_says_so(mpdta):
    answer = callaway_santanna(mpdta, **MPDTA, seed=1, anticipation=1)
    same_cells(answer, DID["mpdta_anticip1"])
    assert any(c.name == "left_out" and "2004" in c.say("en") for c in answer.checks)


def test_window_and_balance(mpdta):
    answer, wanted = (
        callaway_santanna(mpdta, **MPDTA, seed=1, window=(-1, 1), balance=1),
        DID["mpdta_dynamic_min_max_e"],
    )
    close(answer.row(term="dynamic").estimate, wanted["overall.att"])
    close(answer.row(term="dynamic").std_error, wanted["overall.se"], rel=1e-5)
    close(answer.evidence["event_time"].estimate, wanted["att.egt"])
    close(answer.evidence["event_time"].std_error, wanted["se.egt"], rel=1e-5)


def test_the_simultaneous_band(mpdta):
    """Each county twenty times, so that errors are sure: the normal's own box, and R's value of a thousand draws."""
    again = pd.concat([mpdta.assign(countyreal=mpdta.countyreal + k * 100_000) for k in range(20)])
    known, real = (callaway_santanna(frame, **MPDTA, seed=1, draws=20_000) for frame in (again, mpdta))
    reach = [
        {at: ((x.band_high - x.estimate) / x.std_error).min() for at, x in answer.evidence.items() if "band_low" in x}
        for answer in (known, real)
    ]
    V = known.evidence["event_covariance"].pivot(index="event_time", columns="other", values="covariance").to_numpy()
    box = np.full(len(V), reach[0]["event_time"])
    R = V / np.sqrt(np.outer(V.diagonal(), V.diagonal()))
    inside = stats.multivariate_normal.cdf(box, cov=R, lower_limit=-box, rng=np.random.default_rng(1))
    assert inside == pytest.approx(0.95, abs=0.005)
    assert reach[0]["att_gt"] == pytest.approx(DID["mpdta_bootstrap_B1000_seed"]["crit"], abs=0.18)
    assert reach[0]["att_gt"] < reach[1]["att_gt"] < reach[0]["att_gt"] + 0.4


def test_sun_and_abraham(mpdta):
    answer, wanted = sun_abraham(mpdta, **MPDTA, seed=1), DID["fixest_sunab"]
    shown = answer.evidence["event_time"]
    shown = shown[shown.event_time != -1]
    assert [f"year::{e:g}" for e in shown.event_time] == wanted["names"]
    close(shown.estimate, wanted["est"])
    close(shown.std_error, wanted["se"], rel=1e-5)
    estimate, se, _t, p = DID["fixest_sunab_att"]
    found = answer.row(term="simple")
    close(found.estimate, estimate)
    close([found.std_error, found.p_value], [se, p], rel=1e-5)


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("fixest_twfe", {"std_error": "CR1"}),
        ("fixest_twfe_D_cluster", {"std_error": "CR1"}),
        ("fixest_twfe_D_hetero", {"std_error": "hetero"}),
        ("fixest_twfe_D_iid", {"std_error": "iid"}),
        ("fixest_twfe_D_twoway", {"std_error": "CR1", "cluster": ("countyreal", "year")}),
        ("fixest_twfe_D_lpop_weights", {"std_error": "CR1", "design": SurveyDesign(weight="w")}),
        ("fixest_fepois_D", {"std_error": "CR1", "family": "poisson", "outcome": "jobs"}),
    ],
)
def test_two_way_fixed_effects(mpdta, name, choice):
    frame = mpdta.assign(w=np.exp(mpdta.lpop), jobs=np.round(np.exp(mpdta.lemp) * 1000))
    found = two_way_fixed_effects(frame, **(MPDTA | choice)).row(term="treated")
    close(found.estimate, DID[name]["est"])
    close(found.std_error, DID[name]["se"], rel=1e-5)


def test_without_the_correction_for_few_clusters(mpdta):
    """fixest's plain error times its two corrections is ours."""
    found = two_way_fixed_effects(mpdta, **MPDTA, std_error="CR1").row(term="treated")
    close(found.std_error, DID["fixest_twfe_D_ssc_none"]["se"] * np.sqrt(500 / 499 * 2499 / 2494), rel=1e-5)


def test_castle_doctrine_two_way(castle):
    found = two_way_fixed_effects(castle, **CASTLE, std_error="CR1").row(term="treated")
    close(found.estimate, DID["castle_twfe_fixest"]["est"])
    close(found.std_error, DID["castle_twfe_fixest"]["se"], rel=1e-5)


def test_castle_doctrine_bell_and_mccaffrey(castle):
    answer, wanted = two_way_fixed_effects(castle, **CASTLE), DID["clubsandwich_CR2_injury_castle"]
    found = answer.row(term="treated")
    close(found.estimate, wanted["beta"])
    close([found.std_error, found.df, found.p_value], [wanted["SE"], wanted["df_Satt"], wanted["p_Satt"]], rel=1e-5)
    forbidden = next(c for c in answer.checks if c.name == "forbidden_comparisons")
    share = sum(c["weight"] for c in DID["bacon_castle"]["decomp"] if c["type"] == "Later vs Earlier Treated")
    assert forbidden.status == "fail"
    assert forbidden.evidence["share"]["en"] == f"{100 * share:.1f}"


def test_castle_doctrine_decomposed(castle):
    answer, wanted = bacon_decomposition(castle, **CASTLE), DID["bacon_castle"]["decomp"]
    found = answer.evidence["comparisons"].fillna({"comparison_since": 99999})
    found = found.set_index(["treated_since", "comparison_since"])
    assert len(found) == len(wanted)
    for pair in wanted:
        ours = found.loc[(pair["treated"], pair["untreated"])]
        close([ours.estimate, ours.weight], [pair["estimate"], pair["weight"]])
    close(answer.row(term="treated").estimate, DID["castle_twfe_fixest"]["est"])


def test_imputation_is_least_squares_on_the_untreated(mpdta):
    """The published estimator by its definition, with dummies."""
    exposed = (mpdta.year >= mpdta.since).to_numpy()
    units = (mpdta.countyreal.to_numpy()[:, None] == np.sort(mpdta.countyreal.unique())).astype(float)
    years = (mpdta.year.to_numpy()[:, None] == np.arange(2004, 2008)).astype(float)
    X = np.column_stack([units, years])
    beta = np.linalg.lstsq(X[~exposed], mpdta.lemp.to_numpy()[~exposed], rcond=None)[0]
    answer = imputation(mpdta, **MPDTA)
    close(answer.row(term="simple").estimate, (mpdta.lemp.to_numpy() - X @ beta)[exposed].mean())
    assert answer.row(term="simple").std_error == pytest.approx(0.0132225, rel=1e-4)
