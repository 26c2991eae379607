"""Held to worlds whose answer is known, to weights by hand, to exact permutation, and to conditions of optimality."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from kesos_research.errors import MethodError
from kesos_research.methods import (
    augmented_synthetic_control,
    conformal_synthetic_control,
    leave_one_out,
    synthetic_control,
    synthetic_did,
)
from kesos_research.methods._placebo import Synthetics
from kesos_research.methods._simplex import minimise
from kesos_research.methods.few._augment import Augmented
from kesos_research.methods.few._conformal import Series
from kesos_research.methods.few._nested import _slope, solve


class TestCovariates:
    @pytest.fixture
    def world(self, make):
        """Outcomes that follow two of three traits; the treated lies between donors in those two, not in the third."""
        rng = np.random.default_rng(4)
        traits = rng.uniform(0, 1, (9, 3))
        traits[0] = 0.5 * traits[1] + 0.3 * traits[2] + 0.2 * traits[3]
        traits[0, 2] = 3.0
        courses = np.stack([np.linspace(0, 30, 12), 20 * np.sin(np.arange(12))])
        Y = 10 + traits[:, :2] @ courses
        Y[0, 9:] -= 5
        rows = make(Y, np.arange(9) < 1, first=2000)
        for p, name in enumerate(("rent", "age", "hills")):
            rows[name] = np.repeat(traits[:, p], 12)
        return traits, rows

    @pytest.fixture
    def answer(self, world, roles):
        _traits, rows = world
        names = ["rent", "age", "hills"]
        return synthetic_control(rows, **roles, since=2009, seed=1, covariates=names, penalty=0.0)

    def test_the_truth_is_found_and_the_idle_trait_has_no_importance(self, world, answer, roles):
        assert answer.row(term="u000").estimate == pytest.approx(-5, abs=0.02)
        v = answer.evidence["predictors"].set_index("predictor").importance
        assert v["hills"] < 1e-3
        assert v.sum() == pytest.approx(1)
        matched = answer.evidence["predictors"].set_index("predictor").loc[["rent", "age"]]
        np.testing.assert_allclose(matched.treated, matched.synthetic, atol=2e-3)

        _traits, rows = world  # importance is chosen by the fit before only
        later = rows.assign(poor=rows.poor + 30 * rows.pilot * (rows.year >= 2009))
        again = synthetic_control(later, **roles, since=2009, seed=1, covariates=["rent", "age", "hills"], penalty=0.0)
        pd.testing.assert_frame_equal(again.evidence["weights"], answer.evidence["weights"])

    def test_the_slope_of_the_outer_problem(self):
        rng = np.random.default_rng(1)
        X, Z, v = rng.normal(size=(20, 4)) + 0.5, rng.normal(size=(20, 9)), np.array([0.1, 0.2, 0.3, 0.4])
        for penalty in (0.0, 0.2):
            numeric = approx_fprime(v, lambda w, lam=penalty: solve(X, Z, w, lam).loss, 1e-7)
            np.testing.assert_allclose(_slope(X, Z, solve(X, Z, v, penalty), penalty), numeric, rtol=1e-4, atol=1e-5)

    def test_a_covariate_of_one_year_is_that_year(self, world, roles):
        _traits, rows = world
        once = rows.assign(rent=rows.rent.where(rows.year == 2004))
        first = synthetic_control(rows, **roles, since=2009, seed=1, covariates=["rent", "age"])
        second = synthetic_control(once, **roles, since=2009, seed=1, covariates=["rent", "age"])
        pd.testing.assert_frame_equal(first.table, second.table)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda r: r.assign(rent=r.rent.where((r.year != 2004) | (r.place != "u003"))), "missing for 1 units"),
            (lambda r: r.assign(rent=np.nan), "missing in all periods"),
            (lambda r: r.assign(rent=7.0), "the same for all units"),
            (lambda r: r.assign(hills=2 * r.rent - r.age), "follows from the others"),
        ],
    )
    def test_covariates_that_cannot_serve_are_refused(self, world, roles, change, said):
        _traits, rows = world
        with pytest.raises(MethodError, match=said):
            synthetic_control(change(rows), **roles, since=2009, seed=1, covariates=["rent", "age", "hills"])

    def test_without_one_donor_the_importance_stays(self, world, roles):
        traits, rows = world
        given = {"covariates": ["rent", "age"], "penalty": 0.2}
        found = leave_one_out(rows, **roles, since=2009, estimator="synthetic_control", leave="donors", **given)
        X = (traits / traits.std(axis=0, ddof=1))[:, :2]
        Y = rows.poor.to_numpy().reshape(9, 12)
        v = Synthetics(Y, np.arange(12) < 9, np.arange(9) < 1, 0.2, X).importance(0)
        for unit, estimate in found.evidence["left_out"].itertuples(index=False):
            donors = [j for j in range(1, 9) if j != int(unit[1:])]
            points = (X[donors] - X[0]) * np.sqrt(v)
            w = minimise(points, 0.2 * (points**2).sum(axis=1)).w
            assert estimate == pytest.approx((Y[0] - w @ Y[donors])[9:].mean())

    def test_perfect_predictors_without_a_penalty_are_not_unique(self, world, roles):
        _traits, rows = world
        answer = synthetic_control(rows, **roles, since=2009, seed=1, covariates=["rent"], penalty=0.0)
        assert {c.name: c.status for c in answer.checks}["perfect_fit"] == "fail"


class TestAugmented:
    @pytest.fixture
    def base(self):
        rng = np.random.default_rng(8)
        Y = rng.normal(10, 3, (14, 1)) + rng.normal(size=(14, 7))
        return Synthetics(Y, np.arange(7) < 5, np.arange(14) < 2, 0.1)

    def test_weights_are_those_of_the_formula(self, base):
        augmented = Augmented(base, 2.0)
        pool, w, simplex = augmented.weights(0)
        X = base.Y[pool][:, :5] - base.Y[pool][:, :5].mean(axis=0)
        left = base.Y[0, :5] - simplex @ base.Y[pool][:, :5]
        np.testing.assert_allclose(w - simplex, X @ np.linalg.solve(X.T @ X + 2 * np.eye(5), left))
        assert w.sum() == pytest.approx(1)

    def test_a_mean_of_a_set_is_that_of_effects_without_the_set(self, base):
        sets = np.array([[0, 1], [3, 7], [1, 9]])
        found = Augmented(base, 2.0).pooled_sets(sets)
        for members, mean in zip(sets.tolist(), found, strict=True):
            effects = []
            for i in members:
                keep = [j for j in range(14) if j == i or (j not in members and j > 1)]
                alone = Synthetics(base.Y[keep], base.before, np.array(keep) == i, 0.1)
                effects.append(Augmented(alone, 2.0).effect(keep.index(i)))
            assert mean == pytest.approx(np.mean(effects))

    def test_a_large_ridge_corrects_nothing_and_a_small_one_all(self, noisy_panel, roles):
        plain = synthetic_control(noisy_panel, **roles, since=2014, seed=1)
        much = augmented_synthetic_control(noisy_panel, **roles, since=2014, seed=1, ridge=1e12)
        columns = ["estimate", "std_error", "conf_low", "conf_high", "p_value"]
        np.testing.assert_allclose(much.table[columns], plain.table[columns], rtol=1e-6)
        assert {c.name: c.status for c in much.checks}["extrapolation"] == "pass"
        little = augmented_synthetic_control(noisy_panel, **roles, since=2014, seed=1, ridge=1e-9)
        assert little.evidence["fit"].rmspe_before.max() < 1e-6

    def test_outside_the_donors_it_extrapolates_and_says_so(self, make, roles):
        rng = np.random.default_rng(2)
        loadings = rng.uniform(1, 2, 12)
        loadings[0] = 3.0
        Y = loadings[:, None] * np.array([4.0, 5, 4, 6, 5, 9, 10]) + 0.01 * rng.normal(size=(12, 7))
        rows = make(Y, np.arange(12) < 1)
        plain = synthetic_control(rows, **roles, since=2015, seed=1)
        corrected = augmented_synthetic_control(rows, **roles, since=2015, seed=1)
        assert abs(plain.row(term="u000").estimate) > 5
        assert abs(corrected.row(term="u000").estimate) < 0.5
        assert {c.name: c.status for c in corrected.checks}["extrapolation"] == "warn"
        assert corrected.evidence["cross_validation"].chosen.sum() == 1

    def test_the_ridge_needs_three_periods_to_be_chosen(self, make, roles):
        rows = make(np.random.default_rng(1).normal(size=(8, 3)), np.arange(8) < 1)
        with pytest.raises(MethodError, match="too few to choose"):
            augmented_synthetic_control(rows, **roles, since=2012, seed=1)


class TestConformal:
    @pytest.fixture
    def long(self, make):
        rng = np.random.default_rng(12)
        Y = rng.normal(10, 1, (9, 1)) + rng.normal(size=(9, 27))
        Y[0, 24:] += 6
        return Y, make(Y, np.arange(9) < 1, first=1990)

    def test_p_is_the_share_of_shifts_under_the_null(self, long):
        Y, _rows = long
        for tau in (0.0, 5.0):
            y = Y[0].copy()
            y[24:] -= tau
            X = (Y[1:] - y) / np.sqrt(27)
            u = y - minimise(X, 0.1 * (X**2).sum(axis=1)).w @ Y[1:]
            at_least = [abs(np.roll(u, s)[24:].mean()) >= abs(u[24:].mean()) - 1e-9 for s in range(27)]
            assert Series(Y[0], Y[1:], 3, 0.1).p_value(tau) == pytest.approx(np.mean(at_least))

    def test_the_interval_holds_the_effects_that_are_not_rejected(self, long, roles):
        Y, rows = long
        answer = conformal_synthetic_control(rows, **roles, since=2014)
        row = answer.row(unit="u000", term="2015")
        test = Series(Y[0, [*range(24), 25]], Y[1:, [*range(24), 25]], 1, 0.1)
        for end, inward in ((row.conf_low, 1), (row.conf_high, -1)):
            assert test.p_value(end + inward * 1e-3) > 0.05
            assert test.p_value(end - inward * 1e-3) <= 0.05
        assert row.p_value == pytest.approx(test.p_value(0.0))
        assert row.n == 25
        assert answer.row(unit="u000", term="mean").n == 27

    def test_estimates_are_those_of_the_synthetic_control(self, long, roles):
        _Y, rows = long
        mean = conformal_synthetic_control(rows, **roles, since=2014).row(unit="u000", term="mean").estimate
        assert mean == pytest.approx(synthetic_control(rows, **roles, since=2014, seed=1).row(term="u000").estimate)

    def test_too_few_periods_have_no_interval_and_are_told_so(self, noisy_panel, roles):
        answer = conformal_synthetic_control(noisy_panel, **roles, since=2014)
        assert answer.table.conf_low.isna().all()
        assert {c.name: c.status for c in answer.checks}["enough_periods"] == "fail"
        assert (answer.table.p_value >= 1 / 6 - 1e-12).all()


class TestSyntheticDifference:
    def test_an_effect_beside_parallel_courses_is_found(self, make, roles):
        rng = np.random.default_rng(3)
        Y = rng.normal(10, 5, (14, 1)) + np.cumsum(rng.normal(size=9)) + 0.01 * rng.normal(size=(14, 9))
        Y[:2, 6:] += 2
        rows = make(Y, np.arange(14) < 2)
        for std_error in ("placebo", "jackknife"):
            row = synthetic_did(rows, **roles, since=2016, seed=1, std_error=std_error, draws=60).row(term="treated")
            assert row.estimate == pytest.approx(2, abs=0.03)
            assert row.conf_low < 2 < row.conf_high

    def test_one_treated_unit_cannot_be_left_out(self, make, roles):
        rows = make(np.random.default_rng(1).normal(size=(8, 5)), np.arange(8) < 1)
        with pytest.raises(MethodError, match="cannot be left out"):
            synthetic_did(rows, **roles, since=2013, seed=1, std_error="jackknife")

    def test_a_placebo_needs_donors(self, make, roles):
        rows = make(np.random.default_rng(1).normal(size=(8, 5)), np.arange(8) < 5)
        with pytest.raises(MethodError, match="leaves no donor"):
            synthetic_did(rows, **roles, since=2013, seed=1)

    def test_row_order_and_names_do_not_matter(self, make, roles):
        Y = np.random.default_rng(1).normal(size=(10, 6))
        first = make(Y, np.arange(10) < 2)
        second = make(Y, np.arange(10) < 2, names=[f"x{(7 * i) % 10}" for i in range(10)]).sample(
            frac=1, random_state=1
        )
        tables = [synthetic_did(rows, **roles, since=2014, seed=1, draws=50).table for rows in (first, second)]
        pd.testing.assert_frame_equal(*tables)
