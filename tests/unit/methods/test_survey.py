"""Survey methods on small samples: every awkward sample has a stated answer or a clear refusal, never a silent gap."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import Replication, SurveyDesign
from kesos_research.errors import DataError, KesosError, MethodError
from kesos_research.language import use
from kesos_research.methods import coded, difference, fgt, gini, mean, proportion, quantile, ratio, regression, total

ROWS = pd.DataFrame(
    {
        "strata": ["a"] * 4 + ["b"] * 4,
        "psu": [1, 1, 2, 2, 3, 3, 4, 4],
        "w": [10.0, 10, 20, 20, 5, 5, 15, 15],
        "kab": ["x", "x", "x", "y", "y", "y", "y", "z"],
        "y": [3.0, 5, 4, 8, 2, 6, 7, 9],
        "x": [1.0, 2, 2, 3, 1, 2, 3, 3],
    }
)
DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def names(answer):
    return {c.name: c for c in answer.checks}


def test_a_stratified_cluster_mean_by_hand():
    w, y = ROWS.w.to_numpy(), ROWS.y.to_numpy()
    m = (w * y).sum() / w.sum()
    u = pd.Series(w * (y - m) / w.sum()).groupby(ROWS.psu.to_numpy()).sum().to_numpy()
    V = 2 / 1 * (((u[:2] - u[:2].mean()) ** 2).sum() + ((u[2:] - u[2:].mean()) ** 2).sum())
    row = mean(ROWS, of="y", design=DESIGN).row(term="y")
    assert [row.estimate, row.std_error, row.df, row.n] == pytest.approx([m, np.sqrt(V), 2, 8])
    assert row.conf_high - row.estimate == pytest.approx(4.302652729911275 * np.sqrt(V))


def test_two_stages_by_hand():
    """Rust's sum: the second stage counts with the fraction sampled at the first."""
    rows = ROWS.assign(N1=[6] * 4 + [10] * 4, ruta=range(8), N2=[8, 8, 6, 6, 4, 4, 4, 4])
    design = SurveyDesign(strata="strata", cluster=("psu", "ruta"), fpc=("N1", "N2"))
    w = np.where(rows.strata == "a", 3, 5) * rows.N2 / 2
    u = (w * rows.y).groupby(rows.psu).sum()
    first = 2 * (1 - 2 / 6) * u[:2].var(ddof=1) + 2 * (1 - 2 / 10) * u[2:].var(ddof=1)
    second = sum(
        f * 2 * (1 - 2 / part.N2.iloc[0]) * (w[part.index] * part.y).var(ddof=1)
        for f, (_, part) in zip([2 / 6, 2 / 6, 0.2, 0.2], rows.groupby("psu"), strict=True)
    )
    row = total(rows, of="y", design=design).row(term="y")
    assert [row.estimate, row.std_error] == pytest.approx([(w * rows.y).sum(), np.sqrt(first + second)])


def test_fractions_and_counts_say_the_same():
    counts = mean(ROWS.assign(N=[4] * 4 + [8] * 4), of="y", design=SurveyDesign("w", "strata", "psu", "N")).table
    shares = mean(ROWS.assign(N=[0.5] * 4 + [0.25] * 4), of="y", design=SurveyDesign("w", "strata", "psu", "N")).table
    pd.testing.assert_frame_equal(counts, shares)


def test_a_stratum_wholly_in_the_sample_adds_nothing():
    rows = ROWS.assign(N=[2] * 4 + [50] * 4)
    certain = total(rows, of="y", by="strata", design=SurveyDesign("w", "strata", "psu", "N"))
    assert certain.row(strata="a").std_error == 0
    assert certain.row(strata="b").std_error > 0


class TestAwkwardSamples:
    lonely = ROWS[ROWS.psu != 4]

    def test_a_stratum_with_one_unit_is_refused_with_its_name(self):
        with pytest.raises(MethodError, match=r"1 strata hold one sampled unit: b") as error:
            mean(self.lonely, of="y", design=DESIGN)
        assert "lonely='adjust'" in str(error.value)

    def test_or_treated_as_the_design_says_which_is_told(self):
        for policy in ("adjust", "average", "certainty", "remove"):
            answer = mean(self.lonely, of="y", design=SurveyDesign("w", "strata", "psu", lonely=policy))
            assert np.isfinite(answer.table.std_error).all()
            assert policy in names(answer)["lonely_units"].say("en")

    def test_adjust_sets_a_lonely_total_against_the_mean_of_all_units(self):
        row = total(self.lonely, of="y", design=SurveyDesign("w", "strata", "psu", lonely="adjust")).row(term="y")
        u = (self.lonely.w * self.lonely.y).groupby(self.lonely.psu).sum().to_numpy()
        V = 2 * ((u[:2] - u[:2].mean()) ** 2).sum() + (u[2] - u.mean()) ** 2
        assert row.std_error == pytest.approx(np.sqrt(V))

    def test_without_any_stratum_of_two_there_is_no_average(self):
        one = ROWS[ROWS.psu.isin([1, 3])]
        with pytest.raises(MethodError, match="no average"):
            mean(one, of="y", design=SurveyDesign("w", "strata", "psu", lonely="average"))

    def test_weights_of_nought_are_refused(self):
        with pytest.raises(DataError, match="8 weights are not positive"):
            mean(ROWS.assign(w=0.0), of="y", design=DESIGN)

    def test_missing_values_are_counted(self):
        with pytest.raises(MethodError, match="y: 1 of 8 rows"):
            mean(ROWS.assign(y=[np.nan, *ROWS.y[1:]]), of="y", design=DESIGN)
        with pytest.raises(KesosError, match="missing"):
            mean(ROWS.assign(kab=[None, *ROWS.kab[1:]]), of="y", by="kab", design=DESIGN)
        with pytest.raises(DataError, match="1 of 8 values are missing"):
            mean(ROWS.assign(psu=[np.nan, *ROWS.psu[1:]]), of="y", design=DESIGN)

    def test_negative_expenditure_is_refused(self):
        rows = ROWS.assign(y=[-1.0, *ROWS.y[1:]])
        for method, roles in ((fgt, {"line": 5}), (gini, {})):
            with pytest.raises(MethodError, match="1 negative values"):
                method(rows, of="y", **roles, design=DESIGN)

    def test_a_domain_in_one_unit_has_a_number_and_no_error_and_is_named(self):
        answer = mean(ROWS, of="y", by="kab", design=DESIGN)
        row = answer.row(kab="z")
        assert row.estimate == 9
        assert np.isnan([row.std_error, row.conf_low, row.conf_high]).all()
        assert "(z)" in names(answer)["one_unit"].say("en")

    def test_a_domain_without_degrees_of_freedom_has_an_error_and_no_interval(self):
        answer = mean(ROWS.assign(kab=["x", "x", "x", "x", "y", "x", "x", "x"]).assign(
            kab=["p", "q", "q", "q", "p", "q", "q", "q"]), of="y", by="kab", design=DESIGN)  # fmt: skip
        row = answer.row(kab="p")
        assert row.df == 0
        assert row.std_error > 0
        assert np.isnan([row.conf_low, row.conf_high]).all()
        assert "(p)" in names(answer)["no_degrees_of_freedom"].say("en")

    def test_an_empty_domain_has_a_row_and_a_reason(self):
        kab = pd.Categorical(ROWS.kab, categories=["w", "x", "y", "z"])
        for method, roles in (
            (mean, {}),
            (total, {}),
            (gini, {}),
            (fgt, {"line": 5, "order": 0}),
            (quantile, {"p": 0.5}),
        ):
            answer = method(ROWS.assign(kab=kab), of="y", by="kab", **roles, design=DESIGN)
            row = answer.row(kab="w")
            assert row.n == 0
            assert np.isnan(row.std_error) or row.std_error == 0
            assert "(w)" in names(answer)["empty_domains"].say("en")

    def test_a_ratio_to_nothing_has_a_reason(self):
        answer = ratio(ROWS.assign(x=[0.0, 0, 0, *ROWS.x[3:]]), of="y", to="x", by="kab", design=DESIGN)
        assert np.isnan(answer.row(kab="x").estimate)
        assert "(x)" in names(answer)["undefined"].say("en")
        assert np.isfinite(answer.row(kab="y").std_error)

    def test_every_gap_in_a_table_has_a_check(self):
        kab = pd.Categorical(ROWS.kab, categories=["w", "x", "y", "z"])
        rows = ROWS.assign(kab=kab)
        for answer in (
            mean(rows, of="y", by="kab", design=DESIGN),
            proportion(rows.assign(up=rows.y > 8), of="up", by="kab", design=DESIGN),
            fgt(rows, of="y", line=5, by="kab", design=DESIGN),
        ):
            gaps = answer.table.set_index("kab")[["estimate", "std_error", "conf_low"]].isna().any(axis=1)
            told = " ".join(c.say("en") for c in answer.checks if c.status == "warn")
            for label in answer.table.kab[gaps.to_numpy()].unique():
                assert label in told or "no_logit_interval" in names(answer)


class TestShares:
    def test_nought_and_one_have_a_beta_interval_and_no_logit_one(self):
        rows = ROWS.assign(none=False, all=True)
        beta = proportion(rows, of="none", interval="beta", design=DESIGN).row(term="none")
        assert beta.conf_low == 0
        assert 0 < beta.conf_high < 1
        whole = proportion(rows, of="all", interval="beta", design=DESIGN).row(term="all")
        assert [whole.conf_low, whole.conf_high] == pytest.approx([1 - beta.conf_high, 1])
        logit = proportion(rows, of="none", design=DESIGN)
        assert np.isnan(logit.row(term="none").conf_high)
        assert "no_logit_interval" in names(logit)

    def test_continuous_figures_are_no_categories(self):
        with pytest.raises(MethodError, match="holds float"):
            proportion(ROWS, of="y", design=DESIGN)


class TestCoded:
    def test_answers_are_the_same(self):
        ready = coded(ROWS, columns=["y", "x"], by="kab", design=DESIGN)
        for method, roles in ((mean, {"of": "y"}), (ratio, {"of": "y", "to": "x"}), (gini, {"of": "y"})):
            plain = method(ROWS, **roles, by="kab", design=DESIGN)
            again = method(ready, **roles, by="kab", design=DESIGN)
            pd.testing.assert_frame_equal(plain.table, again.table)

    def test_other_groups_or_designs_are_refused(self):
        ready = coded(ROWS, columns=["y"], by="kab", design=DESIGN)
        with pytest.raises(MethodError, match="other groups or another design"):
            mean(ready, of="y", design=DESIGN)
        with pytest.raises(MethodError, match="other groups or another design"):
            mean(ready, of="y", by="kab", design=SurveyDesign(weight="w"))
        with pytest.raises(MethodError, match="no column x"):
            mean(ready, of="x", by="kab", design=DESIGN)


class TestAdjustments:
    def test_post_strata_by_several_columns(self):
        rows = ROWS.assign(sex=["f", "m"] * 4)
        counts = {("a", "f"): 40, ("a", "m"): 45, ("b", "f"): 20, ("b", "m"): 25}
        design = DESIGN.poststratified(("strata", "sex"), counts)
        table = total(rows.assign(one=1), of="one", by=["strata", "sex"], design=design).table
        assert table.estimate.tolist() == pytest.approx([40, 45, 20, 25])
        assert (table.std_error == 0).all()

    def test_ratio_calibration_multiplies_all_weights(self):
        design = DESIGN.calibrated({"x": 500.0}, distance="ratio")
        plain = ratio(ROWS, of="y", to="x", design=DESIGN).row(term="ratio")
        row = total(ROWS, of="y", design=design).row(term="y")
        assert [row.estimate, row.std_error] == pytest.approx([500 * plain.estimate, 500 * plain.std_error])

    def test_logit_keeps_its_bounds(self):
        design = DESIGN.calibrated({"x": 240.0}, size=100, distance="logit", bounds=(0.5, 2.0))
        ready = coded(ROWS, columns=["x"], design=design)
        ratios = np.sort(ready.w / ROWS.w.to_numpy()[ready.order])
        assert ratios[0] > 0.5
        assert ratios[-1] < 2.0
        table = total(ROWS.assign(one=1), of=["one", "x"], design=design).table
        assert table.estimate.tolist() == pytest.approx([100, 240])

    def test_totals_that_cannot_be_met_are_refused(self):
        with pytest.raises(MethodError, match="cannot meet"):
            mean(ROWS, of="y", design=DESIGN.calibrated({"x": 5000.0}, size=100, distance="logit", bounds=(0.5, 2.0)))
        with pytest.raises(MethodError, match="without a known count: b"):
            mean(ROWS, of="y", design=DESIGN.poststratified("strata", {"a": 60}))
        with pytest.raises(MethodError, match="is c"):
            mean(ROWS, of="y", design=DESIGN.poststratified("strata", {"a": 60, "b": 40, "c": 5}))

    def test_negative_weights_are_told(self):
        design = DESIGN.calibrated({"x": 310.0}, size=100)
        assert names(mean(ROWS, of="y", design=design))["adjusted_weights"].status == "warn"


class TestRegression:
    def test_separation_and_collinearity_are_refused(self):
        with pytest.raises(MethodError, match="no finite solution"):
            regression(ROWS.assign(up=ROWS.x > 1), of="up", covariates="x", family="logit", design=DESIGN)
        with pytest.raises(MethodError, match="depend on each other"):
            regression(ROWS.assign(x2=2 * ROWS.x), of="y", covariates=["x", "x2"], design=DESIGN)

    def test_ordinal_is_the_likelihood_maximum_of_statsmodels(self):
        from statsmodels.miscmodels.ordinal_model import OrderedModel

        rng = np.random.default_rng(3)
        rows = pd.DataFrame({"x": rng.normal(size=300), "w": 1.0})
        rows["y"] = np.digitize(rows.x + rng.logistic(size=300), [-1, 0.5, 2])
        table = regression(rows, of="y", covariates="x", family="ordinal", design=SurveyDesign(weight="w")).table
        theirs = OrderedModel(rows.y, rows[["x"]], distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
        cuts = theirs.model.transform_threshold_params(theirs.params.to_numpy()[1:])[1:-1]
        assert table.estimate.tolist() == pytest.approx([*cuts, theirs.params.iloc[0]], rel=1e-4)
        # with equal weights and no clusters the sandwich is near the inverse information
        assert table.std_error.iloc[-1] == pytest.approx(theirs.bse.iloc[0], rel=0.1)

    def test_rows_outside_a_domain_are_in_its_variance_as_zeros(self):
        rows = pd.concat([ROWS, ROWS.assign(psu=ROWS.psu + 10, y=ROWS.y * 1.1)])
        rows["half"] = np.where(rows.psu < 10, "old", "new")
        design = SurveyDesign(weight="w", cluster="psu")
        table = regression(rows, of="y", covariates="x", by="half", design=design).table
        part = rows[rows.half == "old"]
        alone = regression(part, of="y", covariates="x", design=design).table
        ours = table[table.half == "old"]
        assert ours.estimate.tolist() == pytest.approx(alone.estimate.tolist())
        # n/(n − 1) of eight units instead of four
        wider = np.sqrt((8 / 7) / (4 / 3))
        assert ours.std_error.tolist() == pytest.approx((alone.std_error * wider).tolist())


class TestDifferences:
    def test_covariance_within_units_is_taken_into_account(self):
        rows = pd.concat([ROWS.assign(year=1), ROWS.assign(year=2, y=ROWS.y + 1)])
        row = difference(rows, of="y", between="year", against=1, design=DESIGN).row(term="difference")
        assert row.estimate == pytest.approx(1)
        assert row.std_error == pytest.approx(0, abs=1e-12)

    def test_a_value_that_is_not_there_is_refused(self):
        with pytest.raises(MethodError, match=r"No row of kab is “q”"):
            difference(ROWS, of="y", between="kab", against="q", design=DESIGN)
        with pytest.raises(MethodError, match="line"):
            difference(ROWS, of="y", between="kab", against="x", measure="p0", design=DESIGN)


class TestReplicateWeights:
    rows = ROWS.assign(r1=ROWS.w * 1.5, r2=ROWS.w * 0.5, r3=ROWS.w)

    def test_how_they_were_made_has_to_be_said(self):
        with pytest.raises(MethodError, match="not said how"):
            mean(self.rows, of="y", design=SurveyDesign("w", replicate_weights=("r1", "r2")))

    def test_rscales_are_one_for_each(self):
        with pytest.raises(MethodError, match="1 rscales for 2"):
            mean(self.rows, of="y", design=SurveyDesign(
                "w", replicate_weights=("r1", "r2"), replication=Replication("jkn", rscales=[1.0])))  # fmt: skip

    @pytest.mark.parametrize("mse", [False, True])
    def test_scales_and_centre(self, mse):
        how = Replication("other", scale=0.5, rscales=[1.0, 2.0, 0.0], mse=mse)
        design = SurveyDesign("w", replicate_weights=("r1", "r2", "r3"), replication=how)
        T = (ROWS.w * ROWS.y).sum()
        centre = T if mse else (1.5 * T + 0.5 * T) / 2  # the replicate of scale nought is not in the mean
        V = 0.5 * ((1.5 * T - centre) ** 2 + 2 * (0.5 * T - centre) ** 2)
        assert total(self.rows, of="y", design=design).row(term="y").std_error == pytest.approx(np.sqrt(V))
