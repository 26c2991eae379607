"""Discontinuities against statsmodels, scipy's permutations, mirrored scores, worlds with a known jump."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import density_test, local_randomization, regression_discontinuity
from kesos_research.methods.discontinuity import _local, _robust, _window
from kesos_research.methods.discontinuity._running import read

SPEC = {"outcome": "spent", "running": "score", "cutoff": 50.0}


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(4)
    score = rng.uniform(0, 100, 600)
    poor = score <= 50
    joined = rng.random(600) < np.where(poor, 0.8, 0.1)
    age = 40 + 0.05 * score + rng.normal(0, 5, 600)
    spent = 10 - 0.02 * score + 3 * poor + rng.normal(size=600)
    return pd.DataFrame({"score": score, "joined": joined, "age": age, "spent": spent})


@pytest.fixture(scope="module")
def answer(scored):
    return regression_discontinuity(scored, **SPEC, side="below")


class TestRegressionDiscontinuity:
    def test_finds_a_known_jump(self, answer):
        row = answer.row(term="treated")
        assert abs(row["estimate"] - 3) < 4 * row["std_error"]
        assert row["conf_low"] > 0

    def test_the_treated_side_is_a_mirror(self, scored, answer):
        mirrored = scored.assign(score=-scored["score"])
        other = regression_discontinuity(mirrored, **{**SPEC, "cutoff": -50.0})
        assert other.table.equals(answer.table)

    def test_placebo_cutoffs_and_bandwidths_stand_beside(self, answer):
        frame = answer.evidence["sensitivity"]
        assert frame["variant"].tolist() == ["chosen", "half", "double", "donut", "donut", "placebo", "placebo"]
        at = frame.loc[frame["variant"] == "placebo", "cutoff"]
        assert at.min() < 50 < at.max()
        assert {c.name: c.status for c in answer.checks}["placebo_cutoffs"] == "pass"

    def test_bins_are_means(self, scored, answer):
        frame = answer.evidence["binned"]
        assert frame["n"].sum() == 600
        assert (frame["n"] * frame["outcome"]).sum() == pytest.approx(scored["spent"].sum())

    def test_take_up_that_follows_the_rule_is_the_sharp_design(self, scored, answer):
        rows = scored.assign(given=scored["score"] <= 50)
        plan = _robust.Plan("mserd", "triangular", 1, "nn", 0.95)
        r = read(rows, running="score", cutoff=50.0, side="below", outcome="spent", takeup="given")
        found = _robust.jump(r.u, r.y, plan, d=r.d)
        assert found.estimate == pytest.approx(answer.row(term="treated")["estimate"], rel=1e-6)

    def test_fuzzy_divides_by_the_jump_of_take_up(self, scored):
        fuzzy = regression_discontinuity(scored, **SPEC, side="below", takeup="joined", bandwidth=20.0)
        sharp = regression_discontinuity(scored, **SPEC, side="below", bandwidth=20.0)
        first = _robust.jump(
            -(scored["score"].to_numpy() - 50.0),
            scored["joined"].to_numpy(float),
            _robust.Plan((20.0, 20.0), "triangular", 1, "nn", 0.95),
        )
        wanted = sharp.row(term="conventional")["estimate"] / first.conventional
        assert fuzzy.row(term="conventional")["estimate"] == pytest.approx(wanted, rel=1e-6)
        assert fuzzy.row(term="first_stage")["estimate"] == pytest.approx(first.estimate, rel=1e-6)

    @pytest.mark.parametrize(("how", "power"), [("hc0", 0.0), ("hc2", 0.5), ("hc3", 1.0)])
    def test_local_fit_is_weighted_least_squares(self, how, power):
        rng = np.random.default_rng(7)
        u = rng.uniform(0, 2, 80)
        y = 1 + u + rng.normal(size=80)
        found = _local.corrected(u, y, 2.0, 2.0, p=1, kernel="triangular", how=how)
        X, W = np.column_stack([np.ones(80), u]), np.diag(1 - u / 2)
        M = np.linalg.inv(X.T @ W @ X) @ X.T @ W
        e = (y - X @ M @ y) / (1 - np.diag(X @ M)) ** power
        assert found[0] == pytest.approx((M @ y)[0])
        assert found[2] == pytest.approx(np.sqrt(((M[0] * e) ** 2).sum()))

    def test_a_tenth_is_no_score(self, scored):
        rows = scored.assign(tenth=np.ceil(scored["score"] / 10))
        with pytest.raises(MethodError, match="local_randomization"):
            regression_discontinuity(rows, outcome="spent", running="tenth", cutoff=5, side="below")
        with pytest.raises(MethodError, match="local_randomization"):
            density_test(rows, running="tenth", cutoff=5, side="below")

    def test_heaps_are_told(self, scored):
        rows = scored.assign(score=scored["score"].round())
        found = regression_discontinuity(rows, **SPEC, side="below", bandwidth=20.0)
        assert {c.name: c.status for c in found.checks}["mass_points"] == "warn"

    @pytest.mark.parametrize(
        "more",
        [
            {"cutoff": 200.0},
            {"side": "left"},
            {"bandwidth": "best"},
            {"bandwidth": -1.0},
            {"bandwidth": 0.01},
            {"kernel": "gaussian"},
            {"order": 7},
            {"std_error": "hc1", "covariates": "age"},
            {"covariates": ["age", "twice"]},
        ],
    )
    def test_refused(self, scored, more):
        with pytest.raises(MethodError):
            regression_discontinuity(scored.assign(twice=2 * scored["age"]), **{**SPEC, **more})


class TestDensity:
    def test_moved_scores_are_found(self, scored):
        rng = np.random.default_rng(1)
        score = rng.uniform(0, 100, 2000)
        moved = np.where((score > 50) & (score < 56) & (rng.random(2000) < 0.6), score - 6, score)
        found = density_test(pd.DataFrame({"score": moved}), running="score", cutoff=50, side="below")
        assert found.table["estimate"][0] > 0
        assert {c.name: c.status for c in found.checks}["manipulation"] == "warn"
        clean = density_test(scored, running="score", cutoff=50, side="below")
        assert {c.name: c.status for c in clean.checks}["manipulation"] == "pass"
        bins = clean.evidence["bins"]
        assert bins["n"].sum() == 600
        assert (bins["low"] == 50).sum() == 1
        inside = scored["score"].between(bins["low"][3], bins["high"][3], inclusive="right")
        assert bins["n"][3] == inside.sum()


class TestLocalRandomization:
    def test_p_and_difference_as_scipys_permutations(self):
        rng = np.random.default_rng(3)
        rows = pd.DataFrame({"score": np.arange(14) - 7.0, "spent": rng.normal(size=14)})
        rows["spent"] += 2.0 * (rows["score"] >= 0)
        found = local_randomization(rows, outcome="spent", running="score", cutoff=0, window=6, seed=1).table.iloc[0]
        a = rows.loc[(rows["score"] >= 0) & (rows["score"] <= 6), "spent"]
        b = rows.loc[(rows["score"] < 0) & (rows["score"] >= -6), "spent"]
        wanted = stats.permutation_test((a, b), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf)
        assert found["estimate"] == pytest.approx(wanted.statistic)
        two_sided = np.mean(np.abs(wanted.null_distribution) >= abs(wanted.statistic) - 1e-12)
        assert found["p_value"] == pytest.approx(two_sided)

    def test_tenths_of_a_register_are_taken_as_they_are(self, scored):
        rows = scored.assign(tenth=np.ceil(scored["score"] / 10).astype(int))
        found = local_randomization(
            rows, outcome="spent", running="tenth", cutoff=5, side="below", window=1, covariates="age", seed=1
        )
        inside = rows[rows["tenth"].isin([4, 5, 6])]
        means = inside.groupby(inside["tenth"] <= 5)["spent"].mean()
        assert found.table["estimate"][0] == pytest.approx(means[True] - means[False])
        assert {c.name: c.status for c in found.checks}["mass_points"] == "warn"

    def test_the_window_ends_where_the_sides_begin_to_differ(self):
        rng = np.random.default_rng(2)
        score = rng.uniform(-1, 1, 800)
        far = np.where(np.abs(score) > 0.3, np.sign(score) * 2.0, 0.0)
        rows = pd.DataFrame({"score": score, "z": far + rng.normal(size=800), "spent": rng.normal(size=800)})
        r = read(rows, running="score", cutoff=0.0, side="above", outcome="spent", covariates="z")
        windows = _window.table(r, [0.1, 0.2, 0.25, 0.5, 0.8], seed=1)
        assert (windows["least_p"][3:] < 0.15).all()
        assert _window.chosen(windows) <= 0.25

    def test_refused(self, scored):
        for more in ({}, {"window": 0.0}, {"window": -1.0}, {"window": 5.0, "draws": 10}):
            with pytest.raises(MethodError):
                local_randomization(scored, **SPEC, side="below", seed=1, **more)
