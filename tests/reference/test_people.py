"""Persons and households against R: MatchIt with sandwich, rdrobust, rddensity, and the trial of LaLonde (1986).

Exceptions. Nearest neighbours by score: MatchIt 4.5.1 does not always take the nearest (with replacement every match of
ours is at least as near) and its caliper left nobody out: those sets are theirs, estimates and errors from them ours.
Mahalanobis' sets are those in the order of the rows. The error of `matchit_nn_ps_replace` is not held (by what it is
clustered is not said). rdrobust with HC errors chooses its bandwidth by them, ours by nearest neighbours: it is given.
R's glm stops at 1e-8: what follows from scores is compared at 1e-6.
"""

import numpy as np
import pandas as pd
import pytest
from reference.oracles import beside, close, entries, rows

from kesos_research import methods
from kesos_research.methods.discontinuity import _robust
from kesos_research.methods.selection import _matched, _nearest, _strata

pytestmark = beside
COVARIATES = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
MISC = entries("misc")
PAIRS = ["matchit_nn_ps", "matchit_nn_ps_cal.2", "matchit_nn_mahal", "matchit_nn_exact_race"]
STRATA = {"matchit_subclass6": "subclass", "matchit_cem": "coarsened", "matchit_exact": "exact"}


@pytest.fixture(scope="module")
def lalonde():
    data = rows("matchit_lalonde").set_index("id")
    return data.assign(treat=data["treat"] == 1)


@pytest.fixture(scope="module")
def arrays(lalonde):
    X = pd.get_dummies(lalonde[COVARIATES], dtype=float)
    return lalonde["re78"].to_numpy(float), lalonde["treat"].to_numpy(), X


def call(method, data, **more):
    return getattr(methods, method)(data, outcome="re78", treated="treat", covariates=COVARIATES, **more)


class TestTheTrial:
    def test_difference_of_means_is_welchs(self):
        data = rows("causaldata_nsw_mixtape").assign(treat=lambda d: d["treat"] == 1)
        row = methods.intention_to_treat(data, outcome="re78", treated="treat").table.iloc[0]
        close(row["estimate"], MISC["causaldata_nsw_exp_diff"]["est"][1])
        assert row["std_error"] == pytest.approx(670.9965, abs=5e-5)
        assert row["df"] == pytest.approx(396.419335)  # Bell and McCaffrey's, of equal variances

    def test_regression_with_covariates(self, lalonde):
        theirs = MISC["lalonde_ols"]
        ours = call("intention_to_treat", lalonde, adjustment="ancova").evidence["coefficients"]
        close(ours["estimate"][1:], list(theirs["coef"].values())[1:])
        close(ours["std_error"], theirs["hc2"], rel=1e-5)


class TestMatchit:
    @pytest.mark.parametrize("name", PAIRS)
    def test_estimates_and_errors_of_their_sets(self, name, lalonde, arrays):
        y, A, X = arrays
        ids = {v: i for i, v in enumerate(lalonde.index)}
        matches = np.array([ids.get(v, -1) for v in MISC[name]["match_matrix"]])[:, None]
        m = _matched.of_pairs(matches, A, np.ones(len(A)))
        X = X.drop(columns="race_black").to_numpy()
        close(_matched.by_sets(y, A, X[:, :0], m).tau, MISC[name]["att_diff"])
        adjusted = _matched.by_sets(y, A, X, m)
        close(adjusted.tau, MISC[name]["att_adj"])
        close(adjusted.error, MISC[name]["se_adj"], rel=1e-5)

    def test_nearest_by_mahalanobis(self, lalonde, arrays):
        _y, A, X = arrays
        V = _nearest.whitened(X.to_numpy(), A, np.ones(len(A)))
        terms = _nearest.Terms(np.zeros(len(A), int), 1, replacement=False)
        found = _nearest.matched(V, A, terms, first=-np.arange(A.sum(), dtype=float))
        assert list(lalonde.index[found[:, 0]]) == MISC["matchit_nn_mahal"]["match_matrix"]

    def test_with_replacement_ours_are_at_least_as_near(self, lalonde, arrays):
        _y, A, _X = arrays
        p = np.array(MISC["matchit_nn_ps_replace"]["ps"])
        terms = _nearest.Terms(np.zeros(len(A), int), 1, replacement=True)
        ours = _nearest.matched(p[:, None], A, terms, first=p[A])[:, 0]
        theirs = lalonde.index.get_indexer(MISC["matchit_nn_ps_replace"]["match_matrix"])
        assert (np.abs(p[A] - p[ours]) <= np.abs(p[A] - p[theirs]) + 1e-15).all()

    @pytest.mark.parametrize("name", STRATA)
    def test_strata(self, name, lalonde, arrays):
        y, A, X = arrays
        theirs, kind = MISC[name], STRATA[name]
        covariates = ["race", "married", "nodegree"] if kind == "exact" else COVARIATES
        answer = methods.matching(
            lalonde, outcome="re78", treated="treat", covariates=covariates, distance=kind, seed=1
        )
        close(answer.table["estimate"], theirs["att_diff"])
        weights, wanted = answer.evidence["weights"]["weight"].to_numpy(), np.array(theirs["weights"])
        close(weights[~A] / weights[~A].sum(), wanted[~A] / wanted[~A].sum())
        Z = pd.get_dummies(lalonde[covariates], dtype=float).to_numpy()
        p = np.array(MISC["matchit_nn_ps"]["ps"])
        code = _strata.tenths(p, A, 6) if kind == "subclass" else _strata.coarse(Z, bins=kind == "coarsened")
        by_set = _matched.by_sets(
            y, A, X.drop(columns="race_black").to_numpy(), _matched.of_strata(code, A, np.ones(len(A)))
        )
        close(by_set.tau, theirs["att_adj"])
        close(by_set.error, theirs["se_adj"], rel=1e-5)

    def test_two_to_one_by_probit(self, lalonde, arrays):
        _y, A, _X = arrays
        theirs = MISC["matchit_nn_probit_2to1"]
        answer = call("matching", lalonde, distance="probit", ratio=2, adjustment="ancova", seed=1)
        close(answer.table["estimate"], theirs["att_adj"])
        frame = answer.evidence["weights"]
        close(frame["score"], theirs["ps"], rel=1e-4)  # glm stops early
        assert ((frame["weight"].to_numpy()[~A] > 0) == (np.array(theirs["weights"])[~A] > 0)).all()

    def test_balance_and_scores(self, lalonde):
        theirs = MISC["matchit_nn_ps"]
        answer = call("matching", lalonde, seed=1)
        frame = answer.evidence["balance"].set_index("covariate")["smd_before"]
        wanted = {k: v for k, v in theirs["smd_all"].items() if k != "distance"}
        close(frame.to_numpy(), list(wanted.values()))
        close(answer.evidence["weights"]["score"], theirs["ps"])


class TestWeighting:
    def test_inverse_probability(self, lalonde):
        theirs = MISC["lalonde_ipw_att"]
        answer = call("inverse_probability", lalonde)
        close(answer.table["estimate"], theirs["att"])
        A, weights, wanted = lalonde["treat"], answer.evidence["weights"]["weight"].to_numpy(), np.array(theirs["w"])
        close(weights[~A] / weights[~A].sum(), wanted[~A] / wanted[~A].sum())

    def test_entropy_balancing_is_as_ebal_gives_it(self, lalonde):
        # 1273.26: ebal through WeightIt on the same data and covariates
        answer = call("entropy_balancing", lalonde)
        close(answer.table["estimate"], 1273.26, rel=1e-5)
        assert answer.evidence["balance"]["smd_after"].abs().max() <= 1e-10


SENATE = {
    "rdrobust_all": ("mserd", "triangular", 1, "nn"),
    "rdrobust_msetwo": ("msetwo", "triangular", 1, "nn"),
    "rdrobust_cerrd": ("cerrd", "triangular", 1, "nn"),
    "rdrobust_uniform_p2": ("mserd", "uniform", 2, "nn"),
    "rdrobust_h10b20_c0": ((10.0, 20.0), "triangular", 1, "nn"),
    "rdrobust_epan_hc1": (None, "epanechnikov", 1, "hc1"),
    "rdrobust_hc3": (None, "triangular", 1, "hc3"),
}


class TestSenate:
    def test_as_rdrobust(self):
        theirs = MISC["rdrobust_default"]
        data = rows("rdrobust_senate").dropna()
        answer = methods.regression_discontinuity(data, outcome="vote", running="margin", cutoff=0)
        plain, robust = answer.row(term="conventional"), answer.row(term="treated")
        close([plain["estimate"], robust["estimate"]], [theirs["coef"][0], theirs["coef"][2]])
        close([robust["conf_low"], robust["conf_high"]], theirs["ci"][2], rel=1e-5)
        frame = answer.evidence["bandwidths"]
        close(frame[["h", "b"]].to_numpy().T, theirs["bws"])
        assert frame["n_h"].tolist() == theirs["N_h"]

    @pytest.mark.parametrize("name", SENATE)
    def test_variants(self, name):
        theirs, data = MISC[name], rows("rdrobust_senate").dropna()
        bandwidth, kernel, p, how = SENATE[name]
        asked = bandwidth or (theirs["bws"][0][0], theirs["bws"][1][0])
        plan = _robust.Plan(asked, kernel, p, how, 0.95)
        found = _robust.jump(data["margin"].to_numpy(), data["vote"].to_numpy(), plan)
        close([found.conventional, found.estimate], [theirs["coef"][0], theirs["coef"][2]])
        close([found.conventional_error, found.error], [theirs["se"][0], theirs["se"][2]], rel=1e-5)
        close(found.interval(0.95), theirs["ci"][2], rel=1e-5)
        close([found.h, found.b], theirs["bws"])

    def test_every_way_to_choose_the_bandwidth(self):
        theirs, data = MISC["rdrobust_rdbwselect_all"], rows("rdrobust_senate").dropna()
        u, y = data["margin"].to_numpy(), data["vote"].to_numpy()
        for i, rule in enumerate(theirs["rule"]):
            found = _robust.jump(u, y, _robust.Plan(rule, "triangular", 1, "nn", 0.95))
            close(found.h, [theirs["h (left)"][i], theirs["h (right)"][i]])
            close(found.b, [theirs["b (left)"][i], theirs["b (right)"][i]])

    def test_density_as_rddensity_prints_it(self):
        # T = −0.8753, p = 0.3814: rddensity's own example of these data
        row = methods.density_test(rows("rdrobust_senate"), running="margin", cutoff=0).table.iloc[0]
        assert row["estimate"] / row["std_error"] == pytest.approx(-0.8753, abs=5e-5)
        assert row["p_value"] == pytest.approx(0.3814, abs=5e-5)
