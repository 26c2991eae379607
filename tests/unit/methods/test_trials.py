"""Trials against definitions: whole matrices, separate regressions, sorted tails, grids, statsmodels."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.methods import (
    _cluster_robust,
    attrition_bounds,
    balance,
    before_after,
    intention_to_treat,
    late,
    many_outcomes,
    paired_t,
)
from kesos_research.methods.trials import _lee, _stepdown
from kesos_research.methods.trials.compliance import anderson_rubin


@pytest.fixture
def trial():
    """24 places in three strata, half of each treated; ten units a place."""
    rng = np.random.default_rng(5)
    place = np.repeat(np.arange(24), 10)
    x = rng.normal(size=240)
    offered = (place // 3) % 2 == 0
    joined = offered & (rng.random(240) < 0.7)
    level = rng.normal(0, 0.4, 24)[place]
    return pd.DataFrame(
        {
            "offered": offered,
            "joined": joined,
            "x": x,
            "kind": np.array(["a", "b", "c"])[rng.integers(0, 3, 240)],
            "place": [f"p{i}" for i in place],
            "stratum": [f"s{i % 3}" for i in place],
            "income": 2 + joined * 1.0 + 0.5 * x + level + rng.normal(size=240),
            "assets": 1 + 0.3 * x + level + rng.normal(size=240),
            "w": rng.uniform(0.5, 2, 240),
        }
    )


def spec(**more):
    return {"outcome": "income", "treated": "offered", **more}


class TestClusterRobust:
    @pytest.mark.parametrize("clusters", [9, 60])
    @pytest.mark.parametrize("weighted", [False, True])
    def test_bell_and_mccaffreys_matrices(self, clusters, weighted):
        rng = np.random.default_rng(3)
        n = 60
        X = np.column_stack([np.ones(n), rng.random(n) < 0.4, rng.normal(size=n)]).astype(float)
        y, w = rng.normal(size=n), rng.uniform(0.5, 2, n) if weighted else np.ones(n)
        g = np.arange(n) if clusters == n else rng.integers(0, clusters, n)
        W = np.diag(w / w.mean())
        M = np.linalg.inv(X.T @ W @ X)
        left = np.eye(n) - X @ M @ X.T @ W
        S, P = [], []
        for k in np.unique(g):
            at = g == k
            values, vectors = np.linalg.eigh(left[at] @ left[at].T)
            root = (vectors / np.sqrt(values)) @ vectors.T @ W[np.ix_(at, at)] @ X[at] @ M
            S.append(root.T @ (left @ y)[at])
            P.append(left[at].T @ root)
        found = _cluster_robust.fit(X, y[:, None], w, g)
        for j in range(3):
            G = np.array(P)[:, :, j] @ np.array(P)[:, :, j].T
            assert found.error(j) == pytest.approx(np.sqrt((np.array(S)[:, j] ** 2).sum()), rel=1e-9)
            assert found.df[j] == pytest.approx(np.trace(G) ** 2 / (G**2).sum(), rel=1e-8)


class TestIntentionToTreat:
    def test_without_covariates_it_is_welch(self, trial):
        row = intention_to_treat(trial, **spec()).table.iloc[0]
        t, c = (trial.loc[trial["offered"] == v, "income"] for v in (True, False))
        assert row["estimate"] == pytest.approx(t.mean() - c.mean())
        assert row["std_error"] == pytest.approx(np.sqrt(t.var() / len(t) + c.var() / len(c)))

    def test_interacted_is_two_regressions_at_the_mean(self, trial):
        row = intention_to_treat(trial, **spec(covariates=["x", "kind"])).table.iloc[0]
        X = np.column_stack([np.ones(240), trial["x"], trial["kind"] == "b", trial["kind"] == "c"]).astype(float)
        at = X.mean(axis=0)
        fits = [np.linalg.lstsq(X[a], trial["income"][a], rcond=None)[0] for a in (trial["offered"], ~trial["offered"])]
        assert row["estimate"] == pytest.approx(at @ (fits[0] - fits[1]))

    def test_interacted_strata_are_weighted_by_their_size(self, trial):
        rows = trial.drop(index=trial.index[trial["stratum"] == "s0"][:30])
        row = intention_to_treat(rows, **spec(strata="stratum")).table.iloc[0]
        means = rows.groupby(["stratum", "offered"])["income"].mean().unstack()
        sizes = rows["stratum"].value_counts(normalize=True)
        assert row["estimate"] == pytest.approx(((means[True] - means[False]) * sizes).sum())

    def test_a_stratum_without_both_arms_is_named(self, trial):
        rows = trial.assign(offered=trial["offered"] & (trial["stratum"] != "s1"))
        with pytest.raises(MethodError, match="stratum=s1"):
            intention_to_treat(rows, **spec(strata="stratum"))

    def test_where_it_was_assigned_counts(self, trial):
        alone = intention_to_treat(trial, **spec())
        by_place = intention_to_treat(trial, **spec(cluster="place"))
        assert by_place.table["std_error"][0] > 1.2 * alone.table["std_error"][0]
        assert by_place.table["df"][0] < 23
        assert "standard_error" in {c.name for c in by_place.checks}

    def test_the_coarser_of_assigned_and_sampled(self, trial):
        rows = trial.assign(village=trial["place"] + "-" + (trial.index % 2).astype(str))
        inside = intention_to_treat(rows, **spec(cluster="place", design=SurveyDesign(cluster="village")))
        assert inside.table.equals(intention_to_treat(rows, **spec(cluster="place")).table)
        outside = intention_to_treat(rows, **spec(cluster="village", design=SurveyDesign(cluster="place")))
        assert outside.table.equals(inside.table)
        across = rows.assign(day=np.arange(240) % 7)
        with pytest.raises(MethodError, match=r"cut across|saling memotong"):
            intention_to_treat(across, **spec(cluster="place", design=SurveyDesign(cluster="day")))

    def test_detectable_effect_is_found_in_four_of_five(self, trial):
        row = intention_to_treat(trial, **spec()).evidence["inference"].iloc[0]
        critical = stats.t.ppf(0.975, row["df"])
        power = stats.nct.sf(critical, row["df"], row["mde"] / row["std_error"])
        assert power == pytest.approx(0.8, abs=0.01)

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            (lambda d: d.assign(offered=d["offered"].astype(int)), "offered"),
            (lambda d: d.assign(offered=True), "comparison|pembanding"),
            (lambda d: d.assign(income=1.0), "income"),
            (lambda d: d.assign(income=d["offered"] * 1.0), "vary|bervariasi"),
            (lambda d: d.assign(income=np.where(d.index == 3, np.nan, d["income"])), "missing|kosong|hilang"),
            (lambda d: d.assign(z=2 * d["x"]), "z"),
            (lambda d: d.assign(z=d["offered"] * 1.0), "z"),
            (lambda d: d.assign(z=1.0), "z"),
        ],
    )
    def test_refused(self, trial, change, found):
        rows = change(trial)
        with pytest.raises(MethodError, match=found):
            intention_to_treat(rows, **spec(covariates=["x", "z"] if "z" in rows else ["x"], adjustment="ancova"))

    def test_one_cluster_in_an_arm(self, trial):
        rows = trial[~trial["offered"] | (trial["place"] == "p0")]
        with pytest.raises(MethodError, match=r"cluster|klaster"):
            intention_to_treat(rows, **spec(cluster="place"))

    def test_clusters_that_hold_both_are_told(self, trial):
        rows = trial.assign(offered=np.arange(240) % 2 == 0)
        checks = {c.name: c.status for c in intention_to_treat(rows, **spec(cluster="place")).checks}
        assert checks["clusters_hold_both"] == "warn"


class TestBalance:
    def test_pooled_standard_deviation(self, trial):
        frame = balance(trial, treated="offered", covariates=["x", "kind"]).evidence["balance"].set_index("covariate")
        t, c = (trial.loc[trial["offered"] == v, "x"] for v in (True, False))
        assert frame.loc["x", "smd_before"] == pytest.approx((t.mean() - c.mean()) / np.sqrt((t.var() + c.var()) / 2))
        assert frame.loc["x", "ratio_before"] == pytest.approx(t.var() / c.var())
        assert frame.index.tolist() == ["x", "kind=a", "kind=b", "kind=c"]


class TestLate:
    def test_two_stage_least_squares(self, trial):
        answer = late(trial, **spec(takeup="joined", covariates="x"))
        ones = np.ones(240)
        X = np.column_stack([ones, trial["joined"], trial["x"]]).astype(float)
        Z = np.column_stack([ones, trial["offered"], trial["x"]]).astype(float)
        assert answer.table["estimate"][0] == pytest.approx(np.linalg.solve(Z.T @ X, Z.T @ trial["income"])[1])

    def test_interval_holds_what_the_test_does_not_reject(self, trial):
        answer = late(trial, **spec(takeup="joined", cluster="place"))
        row = answer.row(term="treated")
        for beta in (row["conf_low"], row["conf_high"], 0.0):
            rest = trial.assign(income=trial["income"] - beta * trial["joined"])
            p = intention_to_treat(rest, **spec(cluster="place", adjustment="ancova")).table["p_value"][0]
            wanted = row["p_value"] if beta == 0.0 else 0.05
            assert p == pytest.approx(wanted, abs=1e-6)

    def test_weak_offers_have_no_ends(self, trial):
        rng = np.random.default_rng(1)
        answer = late(trial.assign(joined=rng.random(240) < 0.5), **spec(takeup="joined"))
        checks = {c.name: c.status for c in answer.checks}
        assert checks["instrument"] in ("fail", "warn")
        V = np.array([[1.0, 0.0], [0.0, 1.0]])
        assert anderson_rubin((1.0, 0.5), V, 1.96) == (-np.inf, np.inf)

    def test_offer_that_moves_nothing(self, trial):
        with pytest.raises(MethodError, match=r"take-up|Keikutsertaan|ikut"):
            late(trial.assign(joined=True), **spec(takeup="joined"))


class TestManyOutcomes:
    def test_one_outcome_twice_is_one_outcome(self, trial):
        rows = trial.assign(again=2 * trial["assets"] + 3)
        answer = many_outcomes(
            rows, outcome=["assets", "again"], treated="offered", cluster="place", seed=1, draws=1999
        )
        frame = answer.evidence["p_values"]
        assert frame["p_adjusted"].nunique() == 1
        assert frame["p_adjusted"][0] == pytest.approx(frame["p_value"][0], abs=0.05)

    def test_never_below_alone_nor_above_bonferroni(self):
        T = np.abs(np.random.default_rng(2).normal(size=(4000, 4)))
        observed = np.array([2.9, 0.4, 2.2, 1.1])
        p = _stepdown.stepdown(observed, T)
        alone = (1 + (observed <= T).sum(axis=0)) / 4001
        assert (p >= alone - 1e-12).all()
        assert (
            p[[0, 2, 3, 1]] <= np.maximum.accumulate(np.minimum(alone[[0, 2, 3, 1]] * [4, 3, 2, 1], 1)) + 0.02
        ).all()
        assert (np.diff(p[np.argsort(-observed)]) >= 0).all()

    def test_exchanges_are_those_that_can_be_counted(self):
        rng = np.random.default_rng(9)
        rows = pd.DataFrame({"offered": np.arange(8) < 4, "a": rng.normal(size=8), "b": rng.normal(size=8)})
        rows["a"] += 1.5 * rows["offered"]
        answer = many_outcomes(rows, outcome=["a", "b"], treated="offered", method="westfall_young", seed=4, draws=1999)
        T = []
        for some in combinations(range(8), 4):
            A = np.isin(np.arange(8), some)
            T.append([abs(stats.ttest_ind(rows[c][A], rows[c][~A], equal_var=False).statistic) for c in ("a", "b")])
        T = np.array(T)
        own = T[0]  # the first four
        first = int(np.argmax(own))
        p_first = (T.max(axis=1) >= own[first] - 1e-9).mean()
        p_second = max(p_first, (T[:, 1 - first] >= own[1 - first] - 1e-9).mean())
        found = answer.evidence["p_values"]["p_adjusted"].to_numpy()
        assert found[first] == pytest.approx(p_first, abs=0.03)
        assert found[1 - first] == pytest.approx(p_second, abs=0.03)

    def test_index_is_the_mean_of_standardised_outcomes(self, trial):
        answer = many_outcomes(trial, outcome=["income", "assets"], treated="offered", index="all", seed=1, draws=999)
        rest = trial.loc[~trial["offered"], ["income", "assets"]]
        z = ((trial[["income", "assets"]] - rest.mean()) / rest.std(ddof=0)).mean(axis=1)
        wanted = z[trial["offered"]].mean() - z[~trial["offered"]].mean()
        assert answer.row(term="all")["estimate"] == pytest.approx(wanted)

    def test_refused(self, trial):
        with pytest.raises(MethodError):
            many_outcomes(trial, outcome=["income"], treated="offered", seed=1)
        both = trial.assign(offered=np.arange(240) % 2 == 0)
        with pytest.raises(MethodError, match=r"exchanged|dipertukarkan"):
            many_outcomes(
                both,
                outcome=["income", "assets"],
                treated="offered",
                cluster="place",
                method="westfall_young",
                seed=1,
            )


class TestAttrition:
    @pytest.fixture
    def lost(self, trial):
        rng = np.random.default_rng(8)
        seen = rng.random(240) < np.where(trial["offered"], 0.95, 0.75)
        return trial.assign(seen=seen, income=trial["income"].where(seen))

    def test_lees_bounds_are_means_of_sorted_tails(self, lost):
        answer = attrition_bounds(lost, **spec(observed="seen"))
        t = np.sort(lost.loc[lost["offered"] & lost["seen"], "income"])
        c = lost.loc[~lost["offered"] & lost["seen"], "income"].mean()
        ratio = lost.loc[~lost["offered"], "seen"].mean() / lost.loc[lost["offered"], "seen"].mean()
        k = ratio * len(t)
        whole, part = int(k), k - int(k)
        low = (t[:whole].sum() + part * t[whole]) / k
        high = (t[::-1][:whole].sum() + part * t[::-1][whole]) / k
        assert answer.row(term="lee_lower")["estimate"] == pytest.approx(low - c)
        assert answer.row(term="lee_upper")["estimate"] == pytest.approx(high - c)

    def test_errors_are_those_of_drawing_again(self, lost):
        answer = attrition_bounds(lost, **spec(observed="seen"))
        y = lost["income"].fillna(0).to_numpy()
        A, S = lost["offered"].to_numpy(), lost["seen"].to_numpy()
        rng, bounds = np.random.default_rng(1), []
        for _draw in range(400):
            i = rng.integers(0, 240, 240)
            lower, upper, _share = _lee.lee(y[i], A[i], S[i], np.ones(240))
            bounds.append((lower.value, upper.value))
        for term, drawn in zip(("lee_lower", "lee_upper"), np.std(bounds, axis=0), strict=True):
            assert answer.row(term=term)["std_error"] == pytest.approx(drawn, rel=0.15)

    def test_worst_case_fills_in_the_ends(self, lost):
        answer = attrition_bounds(lost, **spec(observed="seen", lowest=-5, highest=10))
        A = lost["offered"]
        low = lost["income"].fillna(-5)[A].mean() - lost["income"].fillna(10)[~A].mean()
        assert answer.row(term="manski_lower")["estimate"] == pytest.approx(low)

    def test_interval_is_one_sided_where_bounds_are_far_apart(self):
        wide = _lee.imbens_manski((0.0, 100.0), (1.0, 1.0), 0.95, 1e6)
        assert wide[0] == pytest.approx(-stats.norm.ppf(0.95), abs=1e-3)
        none = _lee.imbens_manski((0.0, 0.0), (1.0, 1.0), 0.95, 1e6)
        assert none[0] == pytest.approx(-stats.norm.ppf(0.975), abs=1e-3)

    def test_nobody_lost_is_the_difference(self, trial):
        answer = attrition_bounds(trial.assign(seen=True), **spec(observed="seen")).table.set_index("term")["estimate"]
        terms = ["lee_lower", "lee_upper", "manski_lower", "manski_upper"]
        assert answer[terms].to_numpy() == pytest.approx(answer["difference"])

    def test_differential_attrition_is_told(self, lost):
        checks = {c.name: c.status for c in attrition_bounds(lost, **spec(observed="seen")).checks}
        assert checks["differential_attrition"] == "warn"

    def test_seen_but_missing_is_refused(self, lost):
        with pytest.raises(MethodError):
            attrition_bounds(lost.assign(seen=True), **spec(observed="seen"))
        with pytest.raises(MethodError):
            attrition_bounds(lost, **spec(observed="seen", highest=1.0))


class TestBeforeAfter:
    def test_is_the_paired_t(self, trial):
        long = trial[["income", "assets"]].stack().reset_index()
        long.columns = ["family", "when", "spent"]
        long["year"] = np.where(long["when"] == "income", 2, 1)
        answer = before_after(long, outcome="spent", unit="family", period="year", since=2)
        pair = paired_t(trial, of="income", against="assets").table.iloc[0]
        row = answer.row(term="change")
        columns = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n"]
        assert row[columns].astype(float).to_numpy() == pytest.approx(pair[columns].astype(float).to_numpy())
        assert {c.name for c in answer.checks} == {"no_comparison"}

    def test_one_side_only(self, trial):
        rows = pd.DataFrame({"family": [1, 2], "year": [1, 1], "spent": [2.0, 3.0]})
        with pytest.raises(MethodError):
            before_after(rows, outcome="spent", unit="family", period="year", since=1)
