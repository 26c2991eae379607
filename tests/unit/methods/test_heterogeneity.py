"""Planned heterogeneity: statsmodels' interactions, Holm by hand, laws, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import planned_heterogeneity

ROLES = {"outcome": "income", "treated": "offered"}


@pytest.fixture(scope="module")
def families():
    rng = np.random.default_rng(3)
    n = 300
    frame = pd.DataFrame(
        {
            "offered": rng.random(n) < 0.5,
            "fund": rng.choice(["apbn", "hdn"], n),
            "schooling": rng.choice(["sd", "smp", "sma"], n),
            "age": rng.normal(40, 8, n),
            "village": rng.integers(0, 40, n),
            "district": rng.choice(["k", "l"], n),
        }
    )
    gain = 1 + (frame.fund == "hdn")
    return frame.assign(income=10 + 0.05 * frame.age + gain * frame.offered + rng.normal(size=n))


def fitted(families, formula):
    from statsmodels.formula.api import ols

    return ols(formula, families.assign(offered=families.offered * 1)).fit(cov_type="HC2")


def test_effects_and_difference_are_those_of_an_interaction(families):
    answer = planned_heterogeneity(families, **ROLES, by="fund", covariates="age")
    fit = fitted(families, "income ~ offered * C(fund) + age")
    row = answer.row(term="interaction")
    name = "offered:C(fund)[T.hdn]"
    assert [row.estimate, row.std_error] == pytest.approx([fit.params[name], fit.bse[name]], rel=1e-8)
    first = answer.row(term="treated", value="apbn")
    assert [first.estimate, first.std_error] == pytest.approx([fit.params["offered"], fit.bse["offered"]], rel=1e-8)
    swapped = fitted(families, "income ~ offered * C(fund, Treatment('hdn')) + age")
    second = answer.row(term="treated", value="hdn")
    assert [second.estimate, second.std_error] == pytest.approx(
        [swapped.params["offered"], swapped.bse["offered"]], rel=1e-8
    )
    assert answer.table.query("term == 'treated'")["p_value"].isna().all()


def test_without_covariates_the_effect_of_a_group_is_its_own(families):
    answer = planned_heterogeneity(families, **ROLES, by="schooling")
    part = families[families.schooling == "sma"]
    x, y = (part.loc[part.offered == a, "income"] for a in (True, False))
    row = answer.row(term="treated", value="sma")
    assert row.estimate == pytest.approx(x.mean() - y.mean())
    welch = stats.ttest_ind(x, y, equal_var=False)
    assert row.std_error == pytest.approx((x.mean() - y.mean()) / welch.statistic)


def test_three_categories_are_tested_together(families):
    answer = planned_heterogeneity(families, **ROLES, by="schooling", covariates="age")
    fit = fitted(families, "income ~ offered * C(schooling) + age")
    wald = fit.wald_test("offered:C(schooling)[T.sma] = 0, offered:C(schooling)[T.smp] = 0", scalar=True, use_f=True)
    found = answer.evidence["interactions"].iloc[0]
    assert found["df1"] == 2
    df = found["df2"] + 1
    assert found["statistic"] * df / (df - 1) == pytest.approx(float(wald.statistic), rel=1e-6)
    assert found["p_value"] == pytest.approx(stats.f.sf(found["statistic"], 2, found["df2"]))


def test_p_values_are_adjusted_over_what_was_planned_and_the_rest_over_all(families):
    answer = planned_heterogeneity(
        families, **ROLES, by=["fund", "schooling"], exploratory="district", covariates="age"
    )
    found = answer.evidence["interactions"]
    p = found["p_value"].to_numpy()
    low, high = np.sort(p[:2])
    assert sorted(found["p_adjusted"][:2]) == pytest.approx([2 * low, max(high, 2 * low)])
    rank = int((p < p[2]).sum())
    assert found["p_adjusted"][2] >= p[2] * (3 - rank) - 1e-12
    shown = answer.table.query("term == 'interaction'")["p_value"].to_numpy()
    np.testing.assert_allclose(shown, found["p_adjusted"])
    assert found["planned"].tolist() == [True, True, False]
    assert {c.name: c.status for c in answer.checks}["exploratory"] == "warn"


def test_mde_is_what_a_t_test_finds_with_that_power(families):
    answer = planned_heterogeneity(families, **ROLES, by="fund", power=0.9)
    row, mde = answer.row(term="interaction"), answer.row(term="interaction_mde").estimate
    reach = stats.t.ppf(0.975, row.df)
    assert stats.t.sf(reach - mde / row.std_error, row.df) == pytest.approx(0.9, abs=0.005)


def test_laws(families):
    call = {**ROLES, "by": ["fund", "schooling"], "covariates": "age", "cluster": "village", "strata": "district"}
    base = planned_heterogeneity(families, **call).table
    mixed = families.sample(frac=1, random_state=8).assign(other=1)
    mixed = mixed.assign(village=mixed.village.map(lambda v: f"v{97 - v}"), income=7 + 3 * mixed.income)
    other = planned_heterogeneity(mixed, **call).table
    for column in ("estimate", "std_error", "conf_low"):
        np.testing.assert_allclose(other[column], 3 * base[column], rtol=1e-8)
    np.testing.assert_allclose(other["p_value"], base["p_value"], rtol=1e-8)


def test_a_column_may_make_groups_and_be_a_covariate_of_the_others(families):
    together = planned_heterogeneity(families, **ROLES, by=["fund", "schooling"], covariates=["fund", "age"]).table
    own = planned_heterogeneity(families, **ROLES, by="fund", covariates="age").table
    np.testing.assert_allclose(together["std_error"][:3], own["std_error"][:3], rtol=1e-8)
    other = planned_heterogeneity(families, **ROLES, by="schooling", covariates=["fund", "age"]).table
    np.testing.assert_allclose(together["std_error"][4:], other["std_error"], rtol=1e-8)


def test_strata_that_follow_from_the_groups_change_nothing(families):
    plain = planned_heterogeneity(families, **ROLES, by="fund").table
    again = planned_heterogeneity(families, **ROLES, by="fund", strata="fund").table
    np.testing.assert_allclose(again["std_error"], plain["std_error"], rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "more", "found"),
    [
        ({"fund": "a"}, {}, "1 groups"),
        ({"income": 3.0}, {}, "same everywhere"),
        ({"offered": 1}, {}, "offered"),
        ({"fund": None}, {}, "missing"),
        ({}, {"exploratory": "fund"}, "twice"),
        ({}, {"adjust": "none"}, "adjust"),
        ({}, {"by": ()}, "No subgroup"),
    ],
)
def test_refusals(families, change, more, found):
    with pytest.raises(MethodError, match=found):
        planned_heterogeneity(families.assign(**change), **{**ROLES, "by": "fund", **more})


def test_a_group_without_comparison_is_refused(families):
    alone = families.assign(offered=families.offered | (families.schooling == "sd"))
    with pytest.raises(MethodError, match="schooling=sd"):
        planned_heterogeneity(alone, **ROLES, by="schooling")
