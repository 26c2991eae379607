"""Selection on observables against definitions, loops, the jackknife, statsmodels and published numbers."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from kesos_research.design import Replication, SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.methods import doubly_robust, entropy_balancing, inverse_probability, matching
from kesos_research.methods.selection import _entropy, _matched, _nearest, _robustness

WEIGHTED = {
    "entropy_balancing": entropy_balancing,
    "inverse_probability": inverse_probability,
    "doubly_robust": doubly_robust,
}
SPEC = {"outcome": "income", "treated": "joined", "covariates": ["age", "size", "kind"]}


def families(n=160, seed=3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age, size = rng.normal(40, 8, n), rng.integers(1, 7, n)
    kind = np.array(["farm", "shop", "wage"])[rng.integers(0, 3, n)]
    score = -0.6 + 0.05 * (age - 40) - 0.2 * (size - 3) + 0.4 * (kind == "shop")
    joined = rng.random(n) < 1 / (1 + np.exp(-score))
    income = 10 + 0.1 * age - 0.5 * size + (kind == "shop") + 2.0 * joined + rng.normal(size=n)
    return pd.DataFrame({"age": age, "size": size, "kind": kind, "joined": joined, "income": income})


@pytest.fixture(scope="module")
def data():
    return families()


class TestEntropyBalancing:
    def test_the_dual_by_another_optimiser(self):
        rng = np.random.default_rng(1)
        X, m, q = rng.normal(size=(60, 3)), np.array([0.3, -0.2, 0.1]), rng.uniform(0.5, 2, 60)
        found = _entropy.balance(X, m, q)
        other = optimize.minimize(lambda lam: np.log(q @ np.exp((X - m) @ lam)), np.zeros(3), tol=1e-12)
        wanted = q * np.exp((X - m) @ other.x)
        assert found.omega == pytest.approx(wanted / wanted.sum(), abs=1e-6)
        assert found.gap <= 1e-10

    @pytest.mark.parametrize("moments", ["means", "variances"])
    def test_nothing_differs_afterwards(self, data, moments):
        frame = entropy_balancing(data, **SPEC, moments=moments).evidence["balance"].set_index("covariate")
        assert frame["smd_after"].abs().max() <= 1e-10
        if moments == "variances":
            assert frame.loc["age", "ratio_after"] == pytest.approx(1, abs=0.05)

    def test_no_solution_is_told_with_its_covariate(self, data):
        rows = data.assign(age=np.where(data["joined"], data["age"] + 100, data["age"]))
        with pytest.raises(MethodError, match="age"):
            entropy_balancing(rows, **SPEC)

    def test_no_mixture_though_each_mean_lies_within(self):
        corner = pd.DataFrame({"a": [0.0, 1.0, 0.0, 0.1], "b": [0.0, 0.0, 1.0, 0.1], "joined": False})
        far = pd.DataFrame({"a": [0.8, 0.85, 0.75], "b": [0.8, 0.75, 0.85], "joined": True})
        rows = pd.concat([corner, corner, far]).reset_index(drop=True)
        rows["income"] = np.arange(len(rows)) * 1.0
        with pytest.raises(MethodError):
            entropy_balancing(rows, outcome="income", treated="joined", covariates=["a", "b"])


class TestWeighting:
    def test_as_statsmodels(self, data):
        import statsmodels.api as sm
        from statsmodels.treatment.treatment_effects import TreatmentEffect

        X = pd.get_dummies(data[["age", "size", "kind"]], drop_first=True, dtype=float)
        X = sm.add_constant((X - X.mean()) / X.std())
        t = data["joined"].astype(float)
        select = sm.Logit(t, X).fit(disp=False, tol=1e-12)
        theirs = TreatmentEffect(sm.OLS(data["income"], X), t, results_select=select)
        for ours, name in ((inverse_probability, "ipw"), (doubly_robust, "aipw")):
            wanted = getattr(theirs, name)(return_results=False)[0]
            assert ours(data, **SPEC, target="all").table["estimate"][0] == pytest.approx(wanted, rel=1e-6)
        on_treated = theirs.ipw(return_results=False, effect_group=1)[0]
        assert inverse_probability(data, **SPEC).table["estimate"][0] == pytest.approx(on_treated, rel=1e-6)

    @pytest.mark.parametrize("name", WEIGHTED)
    def test_error_is_the_jackknifes(self, name, data):
        left = pd.DataFrame(80 / 79 * (1 - np.eye(80)), columns=[f"r{i}" for i in range(80)])
        rows = pd.concat([data[:80].reset_index(drop=True), left], axis=1).assign(w=1.0)
        design = SurveyDesign(weight="w", replicate_weights=list(left), replication=Replication("jk1"))
        spec = {**SPEC, "covariates": ["age", "size"]}
        jackknife = WEIGHTED[name](rows, **spec, design=design).table.iloc[0]
        linear = WEIGHTED[name](rows, **spec).table.iloc[0]
        assert linear["estimate"] == pytest.approx(jackknife["estimate"])
        assert linear["std_error"] == pytest.approx(jackknife["std_error"], rel=0.1)

    def test_doubly_robust_when_the_outcome_is_exact(self, data):
        rows = data.assign(income=3 + 0.2 * data["age"] + 1.5 * data["joined"] + 1e-9 * np.arange(len(data)) % 7)
        for target in ("treated", "all"):
            answer = doubly_robust(rows, outcome="income", treated="joined", covariates="age", target=target)
            assert answer.table["estimate"][0] == pytest.approx(1.5, abs=1e-6)

    def test_families_of_the_outcome(self, data):
        rows = data.assign(well=data["income"] > data["income"].median())
        spec = {"outcome": "well", "treated": "joined", "covariates": "age", "target": "all"}
        answer, linear = doubly_robust(rows, **spec, family="logit"), doubly_robust(rows, **spec)
        assert answer.table["estimate"][0] == pytest.approx(linear.table["estimate"][0], abs=0.05)
        with pytest.raises(MethodError):
            doubly_robust(rows, **SPEC, family="logit")

    def test_no_overlap(self, data):
        rows = data.assign(age=np.where(data["joined"], 100.0, 20.0) + data["age"] / 100)
        for method in (inverse_probability, doubly_robust):
            with pytest.raises(MethodError):
                method(rows, **SPEC)

    def test_covariate_that_is_the_treatment(self, data):
        rows = data.assign(kind=np.where(data["joined"], "in", "out"))
        for method in (*WEIGHTED.values(), lambda d, **s: matching(d, **s, distance="mahalanobis", seed=1)):
            with pytest.raises(MethodError, match="kind=out"):
                method(rows, **SPEC)

    @pytest.mark.parametrize("name", WEIGHTED)
    def test_clusters_widen(self, name, data):
        rows = data.loc[data.index.repeat(2)].reset_index(drop=True).assign(village=np.repeat(np.arange(160), 2))
        once = WEIGHTED[name](data, **SPEC).table.iloc[0]
        twice = WEIGHTED[name](rows, **SPEC, cluster="village").table.iloc[0]
        assert twice["estimate"] == pytest.approx(once["estimate"], rel=1e-6)
        assert twice["std_error"] == pytest.approx(once["std_error"], rel=0.12)
        assert WEIGHTED[name](rows, **SPEC).table["std_error"][0] < 0.8 * twice["std_error"]


class TestMatching:
    def test_nearest_by_loops(self, data):
        rng = np.random.default_rng(2)
        V, A = rng.normal(size=(40, 2)), np.arange(40) < 12
        terms = _nearest.Terms(np.arange(40) % 2, 2, replacement=False, caliper=1.2)
        first = rng.normal(size=12)
        found = _nearest.matched(V, A, terms, first)
        free, wanted = set(range(12, 40)), np.full((12, 2), -1)
        for r in range(2):
            for i in sorted(range(12), key=lambda i: -first[i]):
                near = sorted((np.hypot(*(V[j] - V[i])), j) for j in free if j % 2 == i % 2)
                if near and near[0][0] <= 1.2:
                    wanted[i, r] = near[0][1]
                    free.remove(near[0][1])
        assert (found == wanted).all()

    def test_closest_pairs_first(self):
        rng = np.random.default_rng(4)
        V, A = rng.normal(size=(30, 2)), np.arange(30) < 10
        found = _nearest.matched(V, A, _nearest.Terms(np.zeros(30, int), 1, replacement=False))[:, 0]
        pairs = sorted((np.hypot(*(V[j] - V[i])), i, j) for i in range(10) for j in range(10, 30))
        wanted, used = {}, set()
        for _d, i, j in pairs:
            if i not in wanted and j not in used:
                wanted[i] = j
                used.add(j)
        assert [wanted[i] for i in range(10)] == found.tolist()

    def test_abadie_and_imbens_by_loops(self):
        rng = np.random.default_rng(6)
        V, A = rng.normal(size=(50, 1)), np.arange(50) < 20
        y = V[:, 0] + 2.0 * A + rng.normal(size=50)
        matches = _nearest.matched(V, A, _nearest.Terms(np.zeros(50, int), 2, replacement=True), V[A, 0])
        found = _matched.by_neighbours(y, A, np.zeros((50, 0)), _matched.of_pairs(matches, A, np.ones(50)), V)
        tau = np.mean([y[i] - y[matches[i]].mean() for i in range(20)])
        total = sum((y[i] - y[matches[i]].mean() - tau) ** 2 for i in range(20))
        for j in range(20, 50):
            K = sum((row == j).sum() / 2 for row in matches)
            squares = sum((row == j).sum() / 4 for row in matches)
            others = sorted((abs(V[k, 0] - V[j, 0]), k) for k in range(20, 50) if k != j)[:2]
            sigma2 = 2 / 3 * (y[j] - np.mean([y[k] for _d, k in others])) ** 2
            total += (K**2 - squares) * sigma2
        assert found.tau == pytest.approx(tau)
        assert found.error == pytest.approx(np.sqrt(total) / 20)

    def test_exact_strata_are_post_stratified(self, data):
        answer = matching(data, **{**SPEC, "covariates": ["size", "kind"]}, distance="exact", seed=1)
        cells = data.groupby(["size", "kind", "joined"])["income"].agg(["mean", "size"]).unstack().dropna()
        n = cells["size"][True]
        assert answer.table["estimate"][0] == pytest.approx(
            ((cells["mean"][True] - cells["mean"][False]) * n).sum() / n.sum()
        )

    def test_caliper_leaves_out_and_says_so(self, data):
        answer = matching(data, **SPEC, caliper=0.01, replacement="with", seed=1)
        checks = {c.name: c for c in answer.checks}
        assert checks["left_out"].status == "warn"
        sets = answer.evidence["matched"]
        assert sets.loc[sets["treated"], "row"].nunique() == sets["set"].nunique()

    def test_exact_columns_within_pairs(self, data):
        answer = matching(data, **SPEC, exact="kind", caliper=1.0, seed=1)
        sets = answer.evidence["matched"].assign(kind=lambda f: data.loc[f["row"], "kind"].to_numpy())
        assert (sets.groupby("set")["kind"].nunique() == 1).all()

    def test_ties_do_not_look_at_the_outcome(self):
        rows = pd.DataFrame({"joined": [True] * 4 + [False] * 16, "age": [30.0, 31.0, 32.0, 33.0] * 5})
        rows["income"] = np.arange(20.0) % 13 + 5 * rows["joined"]
        spec = {"outcome": "income", "treated": "joined", "covariates": "age", "distance": "mahalanobis"}
        found = {matching(rows, **spec, seed=s).table["estimate"][0] for s in range(6)}
        assert len(found) > 1, "equally near units are drawn, not taken by their outcome"

    @pytest.mark.parametrize(
        "more",
        [
            {"distance": "exact", "caliper": 0.1},
            {"ratio": 3},
            {"caliper": 0.0, "distance": "mahalanobis"},
            {"distance": "nearest"},
            {"replacement": True},
        ],
    )
    def test_refused(self, data, more):
        with pytest.raises(MethodError):
            matching(data, **SPEC, seed=1, **more)


class TestRobustness:
    def test_as_cinelli_and_hazlett_print_it(self):
        # Darfur: t = 4.18, 783 degrees of freedom; robustness value 13.9 %, of the interval 7.6 % (2020, table 1)
        assert _robustness.robustness_value(4.18445, 783) == pytest.approx(0.13878, abs=5e-4)
        assert _robustness.robustness_of_interval(4.18445, 783, 0.95) == pytest.approx(0.07626, abs=5e-4)

    def test_a_cause_of_that_strength_takes_the_effect_away(self):
        # |bias| = se √df · √(R²_y R²_d/(1 − R²_d)), with both R² equal to the robustness value
        t, df = 3.1, 200
        rv = _robustness.robustness_value(t, df)
        assert np.sqrt(df) * np.sqrt(rv * rv / (1 - rv)) == pytest.approx(t)

    def test_partial_r2_by_two_regressions(self, data):
        frame = entropy_balancing(data, **SPEC).evidence["robustness"].set_index("covariate")
        X = pd.get_dummies(data[["age", "size", "kind"]], drop_first=True, dtype=float)
        ones = np.ones((len(data), 1))

        def rest(y, Z):
            Z = np.column_stack([ones, Z])
            return y - Z @ np.linalg.lstsq(Z, y, rcond=None)[0]

        others = X.drop(columns="age").to_numpy()
        r = stats.pearsonr(rest(data["joined"].to_numpy(float), others), rest(X["age"].to_numpy(), others))[0]
        assert frame.loc["age", "r2_treatment"] == pytest.approx(r**2)

    def test_strong_covariates_warn(self, data):
        rows = data.assign(income=data["income"] - 2.0 * data["joined"] + 0.02 * data["joined"])
        checks = {c.name: c.status for c in entropy_balancing(rows, **SPEC).checks}
        assert checks["unobserved"] == "warn"


class TestDesign:
    @pytest.mark.parametrize("name", WEIGHTED)
    def test_weights_are_rows_counted_so_often(self, name, data):
        rows = data.assign(w=1.0 + (np.arange(160) % 3))
        often = rows.loc[rows.index.repeat(rows["w"].astype(int))]
        weighted = WEIGHTED[name](rows, **SPEC, design=SurveyDesign(weight="w")).table["estimate"][0]
        assert weighted == pytest.approx(WEIGHTED[name](often, **SPEC).table["estimate"][0], rel=1e-6)
