"""Staggered adoption: sums done by hand, every refusal, and what the checks say."""

import itertools

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.methods import (
    callaway_santanna,
    event_study,
    imputation,
    pretrend_power,
    sun_abraham,
    two_way_fixed_effects,
    wild_bootstrap,
)

ROLES = {"outcome": "y", "unit": "unit", "period": "t", "since": "since"}
SEED = {"seed": 1}


def panel(starts, periods=6, seed=3, effect=0.0):
    """One unit a start; outcomes are a level, a common course and noise."""
    rng = np.random.default_rng(seed)
    starts = np.asarray([np.nan if s is None else s for s in starts], float)
    n = len(starts)
    frame = pd.DataFrame(list(itertools.product(range(n), range(periods))), columns=["unit", "t"])
    frame["since"] = starts[frame.unit]
    frame["y"] = rng.normal(size=n)[frame.unit] + 0.3 * frame.t + rng.normal(size=len(frame))
    frame["y"] += effect * (frame.t >= frame.since)
    return frame


TWO = panel([2] * 8 + [4] * 8 + [None] * 14)
ONE = panel([3] * 12 + [None] * 18)


def check(answer, name):
    return next(c for c in answer.checks if c.name == name)


class TestByHand:
    def test_a_cell_is_a_difference_of_differences(self):
        wide = TWO.pivot(index="unit", columns="t", values="y")
        change = wide[5] - wide[3]
        starts = TWO.groupby("unit").since.first()
        by_hand = change[starts == 4].mean() - change[starts.isna()].mean()
        cells = callaway_santanna(TWO, **ROLES, **SEED).evidence["att_gt"]
        found = cells[(cells.since == 4) & (cells.period == 5)].iloc[0]
        assert found.estimate == pytest.approx(by_hand)
        assert (found.n_treated, found.n_comparison) == (8, 14)

    def test_its_error_is_that_of_two_means(self):
        wide = TWO.pivot(index="unit", columns="t", values="y")
        change, starts = wide[5] - wide[3], TWO.groupby("unit").since.first()
        a, b = change[starts == 4], change[starts.isna()]
        cells = callaway_santanna(TWO, **ROLES, **SEED).evidence["att_gt"]
        found = cells[(cells.since == 4) & (cells.period == 5)].iloc[0]
        assert found.std_error == pytest.approx(np.sqrt(a.var(ddof=0) / len(a) + b.var(ddof=0) / len(b)))

    def test_not_yet_treated_stand_in_until_they_start(self):
        cells = callaway_santanna(TWO, **ROLES, **SEED, comparison="not_yet_treated").evidence["att_gt"]
        first = cells[cells.since == 2].set_index("period").n_comparison
        assert first[3] == 22
        assert first[4] == 14

    def test_where_all_are_treated_the_last_stand_in(self):
        frame = panel([2] * 10 + [4] * 10)
        answer = callaway_santanna(frame, **ROLES, **SEED, comparison="not_yet_treated")
        assert set(answer.evidence["att_gt"].since) == {2.0}
        assert answer.evidence["att_gt"].period.max() == 3
        assert check(answer, "left_out").evidence["told"] == "4"

    def test_a_start_after_the_last_period_is_none_within_it(self):
        later = TWO.assign(since=TWO.since.fillna(9.0))
        plain, other = callaway_santanna(TWO, **ROLES, **SEED), callaway_santanna(later, **ROLES, **SEED)
        pd.testing.assert_frame_equal(plain.table, other.table)

    def test_two_periods_are_one_difference(self):
        frame = panel([1] * 10 + [None] * 12, periods=2)
        wide = frame.pivot(index="unit", columns="t", values="y")
        change = (wide[1] - wide[0]).to_numpy()
        by_hand = change[:10].mean() - change[10:].mean()
        answers = [callaway_santanna(frame, **ROLES, **SEED), sun_abraham(frame, **ROLES, **SEED)]
        answers += [two_way_fixed_effects(frame, **ROLES), wild_bootstrap(frame, **ROLES, **SEED)]
        for answer in answers:
            assert answer.table.estimate[0] == pytest.approx(by_hand)

    def test_cr2_with_one_date_is_the_unequal_variance_error_of_the_changes(self):
        wide = ONE.pivot(index="unit", columns="t", values="y")
        change = wide.loc[:, 3:].mean(axis=1) - wide.loc[:, :2].mean(axis=1)
        a, b = change[:12], change[12:]
        found = two_way_fixed_effects(ONE, **ROLES).row(term="treated")
        assert found.estimate == pytest.approx(a.mean() - b.mean())
        assert found.std_error == pytest.approx(np.sqrt(a.var() / 12 + b.var() / 18))
        assert found.df == pytest.approx((1 / 12 + 1 / 18) ** 2 / (1 / (12**2 * 11) + 1 / (18**2 * 17)))

    def test_cr3_is_the_jackknife(self):
        left_out = []
        for unit in range(30):
            left_out.append(two_way_fixed_effects(ONE[ONE.unit != unit], **ROLES).row(term="treated").estimate)
        found = two_way_fixed_effects(ONE, **ROLES, std_error="CR3").row(term="treated")
        by_hand = np.sqrt(29 / 30 * ((np.array(left_out) - found.estimate) ** 2).sum())
        assert found.std_error == pytest.approx(by_hand)

    def test_the_event_study_is_sun_and_abrahams_with_one_date(self):
        ours = event_study(ONE, **ROLES, **SEED, std_error="CR1").evidence["event_time"]
        theirs = sun_abraham(ONE, **ROLES, **SEED).evidence["event_time"]
        pd.testing.assert_frame_equal(ours, theirs)

    def test_the_event_study_is_callaway_and_santannas_without_covariates(self):
        ours = event_study(ONE, **ROLES, **SEED).evidence["event_time"]
        theirs = callaway_santanna(ONE, **ROLES, **SEED, base="universal").evidence["event_time"]
        assert ours.estimate.to_numpy() == pytest.approx(theirs.estimate.to_numpy(), abs=1e-12)

    def test_unbalanced_rows_of_a_balanced_panel_give_the_same_estimates(self):
        plain = callaway_santanna(TWO, **ROLES, **SEED)
        loose = callaway_santanna(TWO, **ROLES, **SEED, panel="unbalanced")
        assert loose.table.estimate.to_numpy() == pytest.approx(plain.table.estimate.to_numpy())
        assert loose.table.std_error.to_numpy() == pytest.approx(plain.table.std_error.to_numpy())


class TestWildBootstrap:
    @pytest.fixture
    def few(self):
        return panel([3] * 4 + [None] * 4, seed=5, effect=1.0)

    def brute(self, frame, null=0.0):
        """All 2⁸ draws, each with its own regression."""
        X = np.column_stack(
            [
                (frame.t >= frame.since).to_numpy(float),
                pd.get_dummies(frame.unit).to_numpy(float),
                pd.get_dummies(frame.t).to_numpy(float)[:, 1:],
            ]
        )
        y, home = frame.y.to_numpy() - null * X[:, 0], frame.unit.to_numpy()
        M = np.linalg.inv(X.T @ X)

        def t(values):
            b = M @ X.T @ values
            e = values - X @ b
            scores = np.array([X[home == g].T @ e[home == g] for g in range(8)])
            return abs(b[0]) / np.sqrt((M @ scores.T @ scores @ M)[0, 0])

        fit = X[:, 1:] @ np.linalg.lstsq(X[:, 1:], y, rcond=None)[0]
        drawn = [t(fit + (y - fit) * np.array(v)[home]) for v in itertools.product((-1, 1), repeat=8)]
        return float(np.mean(np.array(drawn) >= t(y) * (1 - 1e-9)))

    def test_all_combinations_looked_at_one_by_one(self, few):
        answer = wild_bootstrap(few, **ROLES, **SEED, signs="rademacher")
        assert answer.row(term="treated").p_value == self.brute(few)
        assert check(answer, "bootstrap_draws").evidence["B"]["en"] == "256"

    def test_its_ends_are_where_the_test_turns(self, few):
        row = wild_bootstrap(few, **ROLES, **SEED, signs="rademacher").row(term="treated")
        for end, out in ((row.conf_low, -1), (row.conf_high, 1)):
            assert self.brute(few, end - out * 0.01) > 0.05 >= self.brute(few, end + out * 0.01)

    def test_few_clusters_get_webbs_values(self, few):
        assert "Webb" in check(wild_bootstrap(few, **ROLES, **SEED), "bootstrap_draws").text
        assert "signs" in check(wild_bootstrap(ONE, **ROLES, **SEED), "bootstrap_draws").text


class TestPretrends:
    STUDY = event_study(ONE, **ROLES, **SEED)

    def test_the_slope_is_found_with_the_power_it_says(self):
        from kesos_research.methods.staggered import _events

        found = _events.events(self.STUDY)
        slope = pretrend_power(self.STUDY, powers=[0.8]).table.estimate[0]
        at = found.before
        V = found.V[np.ix_(at, at)]
        draws = np.random.default_rng(1).multivariate_normal(slope * (found.at[at] + 1), V, 100_000)
        share = (np.abs(draws) > 1.959964 * np.sqrt(np.diag(V))).any(axis=1).mean()
        assert share == pytest.approx(0.8, abs=0.006)

    def test_the_bias_that_passes_is_the_mean_of_what_passes(self):
        from kesos_research.methods.staggered import _events

        found = _events.events(self.STUDY)
        answer = pretrend_power(self.STUDY, powers=[0.5])
        slope, at = answer.table.estimate[0], found.before
        draws = np.random.default_rng(1).multivariate_normal(slope * (found.at + 1), found.V, 200_000)
        passed = (np.abs(draws[:, at]) <= 1.959964 * np.sqrt(np.diag(found.V)[at])).all(axis=1)
        assert answer.evidence["bias"].bias_if_passed.to_numpy() == pytest.approx(
            draws[passed][:, ~at].mean(axis=0), abs=0.01
        )

    def test_one_period_before_is_the_normals_own_formula(self):
        frame = panel([2] * 12 + [None] * 18, periods=4)
        study = event_study(frame, **ROLES, **SEED)
        se = study.evidence["event_time"].std_error[0]
        slope = pretrend_power(study, powers=[0.8]).table.estimate[0]
        assert slope / se == pytest.approx(2.8016, abs=1e-3)

    def test_a_power_below_the_tests_size_is_refused(self):
        with pytest.raises(MethodError, match="powers is"):
            pretrend_power(self.STUDY, powers=[0.05])


ALL = [callaway_santanna, sun_abraham, event_study, wild_bootstrap, two_way_fixed_effects, imputation]
SEEDED = (callaway_santanna, sun_abraham, event_study, wild_bootstrap)


def call(method, frame, **more):
    return method(frame, **(ROLES | ({"seed": 1} if method in SEEDED else {}) | more))


@pytest.mark.parametrize("method", ALL, ids=lambda m: m.__name__)
class TestRefused:
    def test_one_period(self, method):
        with pytest.raises(MethodError, match="one period"):
            call(method, ONE[ONE.t == 0])

    def test_treated_from_the_start(self, method):
        with pytest.raises(MethodError, match=r"treated from the first period on \(0, 1"):
            call(method, ONE.assign(since=ONE.since.where(ONE.unit > 1, 0.0)))

    def test_nobody_treated_in_the_window(self, method):
        with pytest.raises(MethodError, match="No unit is treated within"):
            call(method, ONE.assign(since=np.nan))

    def test_a_repeated_unit_and_period(self, method):
        with pytest.raises(MethodError, match="repeat a unit and period"):
            call(method, pd.concat([ONE, ONE.iloc[:1]]))

    def test_an_unbalanced_panel(self, method):
        with pytest.raises(MethodError, match="lack a period"):
            call(method, ONE.iloc[1:])

    def test_a_constant_outcome(self, method):
        with pytest.raises(MethodError, match="same everywhere"):
            call(method, ONE.assign(y=1.0))

    def test_a_missing_outcome(self, method):
        with pytest.raises(MethodError, match="Values are missing"):
            call(method, ONE.assign(y=np.nan))

    def test_a_date_that_changes(self, method):
        with pytest.raises(MethodError, match="changes within"):
            call(method, ONE.assign(since=ONE.since.where(ONE.t > 0, 4.0)))

    def test_covariates_that_depend_on_each_other(self, method):
        x = np.random.default_rng(1).normal(size=len(ONE))
        with pytest.raises(MethodError, match="covariates depend"):
            call(method, ONE.assign(a=x, b=2 * x), covariates=["a", "b"])

    def test_a_column_that_is_not_there(self, method):
        with pytest.raises(MethodError, match="no column"):
            call(method, ONE, outcome="nothing")


@pytest.mark.parametrize("method", [callaway_santanna, sun_abraham, event_study], ids=lambda m: m.__name__)
def test_no_unit_that_is_never_treated(method):
    with pytest.raises(MethodError, match="none is never treated"):
        call(method, panel([2] * 10 + [4] * 10))


@pytest.mark.parametrize(
    ("frame", "more", "said"),
    [
        (TWO, {"comparison": "all"}, "comparison is"),
        (TWO, {"estimator": "ols"}, "estimator is"),
        (TWO, {"base": "first"}, "base is"),
        (TWO, {"panel": "wide"}, "panel is"),
        (TWO, {"anticipation": -1}, "anticipation is"),
        (TWO, {"draws": 99}, "draws is"),
        (TWO, {"design": SurveyDesign(weight="y", strata="unit")}, "design names strata"),
        (TWO.assign(w=0.0), {"design": SurveyDesign(weight="w")}, "nought or less"),
        (TWO.assign(since=TWO.since.astype(str)), {}, "holds"),
        (TWO.assign(t=TWO.t + 2010, since=(TWO.since + 2010).fillna(0)), {}, "= 0"),
    ],
)
def test_what_callaway_and_santanna_refuse(frame, more, said):
    with pytest.raises(MethodError, match=said):
        callaway_santanna(frame, **ROLES, **SEED, **more)


def test_several_dates_have_no_event_study():
    with pytest.raises(MethodError, match="2 different dates"):
        event_study(TWO, **ROLES, **SEED)


def test_covariates_must_change_within_units():
    with pytest.raises(MethodError, match="on the units"):
        two_way_fixed_effects(ONE.assign(x=ONE.unit % 7), **ROLES, covariates="x")


def test_two_clusters_are_cr1():
    with pytest.raises(MethodError, match="std_error is"):
        two_way_fixed_effects(ONE, **ROLES, cluster=("unit", "t"))


def test_everyone_treated_in_a_period_has_no_imputation():
    with pytest.raises(MethodError, match="every unit is treated"):
        imputation(panel([2] * 10 + [4] * 10), **ROLES)


class TestChecks:
    def test_three_treated_are_too_few(self):
        answer = callaway_santanna(panel([2, 3, 3] + [None] * 20), **ROLES, **SEED)
        assert check(answer, "few_treated").status == "fail"

    def test_a_small_cohort_is_named(self):
        answer = callaway_santanna(panel([2] * 12 + [4] * 3 + [None] * 12), **ROLES, **SEED)
        assert check(answer, "small_cohorts").status == "warn"
        assert check(answer, "small_cohorts").evidence["date"] == "4"
        assert check(answer, "small_cohorts").evidence["least"] == 3

    def test_few_never_treated_are_warned_of(self):
        answer = callaway_santanna(panel([2] * 12 + [4] * 12 + [None] * 6), **ROLES, **SEED)
        assert check(answer, "small_cohorts").status == "warn"
        assert "never treated" in check(answer, "small_cohorts").say("en")

    def test_cohorts_of_ten_are_not(self):
        answer = callaway_santanna(panel([2] * 10 + [4] * 10 + [None] * 10), **ROLES, **SEED)
        assert check(answer, "small_cohorts").status == "pass"

    def test_trends_that_part_are_seen(self):
        frame = TWO.assign(y=TWO.y + 2.0 * TWO.t * TWO.since.notna())
        for answer in (
            callaway_santanna(frame, **ROLES, **SEED),
            sun_abraham(frame, **ROLES, **SEED),
            imputation(frame, **ROLES),
        ):
            assert check(answer, "trends_before").status == "warn"

    def test_the_trends_are_judged_by_the_largest_estimate_whatever_window_is_shown(self):
        whole, shown = (callaway_santanna(TWO, **ROLES, **SEED, window=w) for w in (None, (0, 1)))
        evidence, other = (check(answer, "trends_before").evidence for answer in (whole, shown))
        assert (evidence["n"], evidence["sup"]) == (other["n"], other["sup"])
        assert float(evidence["p"]["en"]) == pytest.approx(float(other["p"]["en"]), abs=0.03)
        early = whole.evidence["event_time"].query("event_time < 0")
        largest = (early.estimate / early.std_error).abs().max()
        assert float(evidence["sup"]["en"]) <= largest + 0.005
        assert evidence["n"] == len(early)

    def test_cr1_with_few_clusters_is_warned_of(self):
        assert check(two_way_fixed_effects(ONE, **ROLES, std_error="CR1"), "few_clusters").status == "warn"
        assert check(two_way_fixed_effects(ONE, **ROLES), "few_clusters").status == "info"

    def test_one_date_has_no_forbidden_comparison(self):
        assert check(two_way_fixed_effects(ONE, **ROLES), "forbidden_comparisons").status == "pass"
