"""Tests of hypotheses: scipy and statsmodels, intervals by the definition of what they invert, simulated worlds."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.methods import (
    adjust_p_values,
    anova,
    correlation,
    cronbach_alpha,
    cross_table,
    hypothesis_test,
    item_validity,
    kruskal_wallis,
    mann_whitney,
    mcnemar,
    one_sample_t,
    paired_t,
    welch_t,
    wilcoxon,
)
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._fisher import exact_p
from kesos_research.methods.hypothesis.association import pearson


def rows(n=80, seed=1):
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m"], n)
    score = rng.normal(50, 10, n) + 4 * (sex == "m")
    return pd.DataFrame(
        {
            "sex": sex,
            "zone": rng.choice(["a", "b", "c"], n),
            "aid": rng.choice(["no", "yes"], n, p=[0.6, 0.4]),
            "score": score,
            "score_before": score - 2 + rng.normal(0, 5, n),
            "score_after": score,
            "well": rng.choice([0, 1], n),
            "income": 0.5 * score + rng.normal(0, 8, n),
            "w": rng.uniform(1, 4, n),
            "psu": np.arange(n) // 4,
        }
    )


def check(answer, name):
    return next(c for c in answer.checks if c.name == name)


class TestMeans:
    def test_welch(self):
        data = rows()
        x, y = data.score[data.sex == "f"], data.score[data.sex == "m"]
        theirs, row = stats.ttest_ind(x, y, equal_var=False), welch_t(data, of="score", group="sex").table.iloc[0]
        bounds = theirs.confidence_interval(0.95)
        assert (row.p_value, row.df) == pytest.approx((theirs.pvalue, theirs.df))
        assert (row.conf_low, row.conf_high) == pytest.approx((bounds.low, bounds.high))

    def test_one_sample_and_paired(self):
        data = rows()
        one = one_sample_t(data, of="score", value=51.0).table.iloc[0]
        theirs = stats.ttest_1samp(data.score, 51.0)
        bounds = theirs.confidence_interval(0.95)
        assert one.p_value == pytest.approx(theirs.pvalue)
        assert (one.conf_low + 51, one.conf_high + 51) == pytest.approx((bounds.low, bounds.high))
        pair = paired_t(data, of="score_after", against="score_before").table.iloc[0]
        assert pair.p_value == pytest.approx(stats.ttest_rel(data.score_after, data.score_before).pvalue)

    @pytest.mark.parametrize("d", [0.0, 0.4, -2.5])
    @pytest.mark.parametrize("n", [4, 25, 300])
    def test_the_interval_of_d_is_where_the_statistic_is_at_its_ends(self, d, n):
        low, high = _effects.noncentral_t(d * math.sqrt(n), n - 1, 0.9)
        assert stats.nct.cdf(d * math.sqrt(n), n - 1, low) == pytest.approx(0.95, abs=1e-6)
        assert stats.nct.cdf(d * math.sqrt(n), n - 1, high) == pytest.approx(0.05, abs=1e-6)

    @pytest.mark.parametrize(("spread", "nx", "ny"), [(1.0, 20, 20), (3.0, 15, 40)])
    def test_the_interval_of_the_difference_in_deviations_covers(self, spread, nx, ny):
        rng = np.random.default_rng(3)
        true = 0.8 / math.sqrt((1 + spread**2) / 2)
        inside = 0
        for _world in range(600):
            low, high = _effects.average_d(rng.normal(0.8, 1, nx), rng.normal(0, spread, ny), 0.95)[1]
            inside += low <= true <= high
        assert inside / 600 == pytest.approx(0.95, abs=0.03)

    @pytest.mark.parametrize("variances", ["welch", "equal"])
    def test_analysis_of_variance(self, variances):
        data = rows()
        test = anova(data, of="score", group="zone", variances=variances).evidence["test"].iloc[0]
        use = "equal" if variances == "equal" else "unequal"
        theirs = anova_oneway(data.score, data.zone, use_var=use, welch_correction=True)
        assert (test.statistic, test.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
        assert test.df2 == pytest.approx(theirs.df_denom)

    def test_the_share_of_variance(self):
        data = rows()
        answer = anova(data, of="score", group="zone", variances="equal")
        means = data.groupby("zone").score.transform("mean")
        between, whole = ((means - data.score.mean()) ** 2).sum(), ((data.score - data.score.mean()) ** 2).sum()
        row = answer.row(term="eta_squared")
        assert row.estimate == pytest.approx(between / whole)
        F = answer.evidence["test"].statistic.iloc[0]
        for end, tail in (("conf_low", 0.975), ("conf_high", 0.025)):
            away = row[end] * 80 / (1 - row[end])
            if away > 0:
                assert stats.ncf.cdf(F, 2, 77, away) == pytest.approx(tail, abs=1e-6)
        omega = (between - 2 * (whole - between) / 77) / (whole + (whole - between) / 77)
        assert answer.row(term="omega_squared").estimate == pytest.approx(max(0, omega))


class TestRanks:
    def test_mann_whitney(self):
        data = rows(60)
        x, y = data.score[data.sex == "f"].to_numpy(), data.score[data.sex == "m"].to_numpy()
        answer = mann_whitney(data, of="score", group="sex")
        theirs = stats.mannwhitneyu(x, y, method="exact")
        assert answer.table.p_value[0] == pytest.approx(theirs.pvalue)
        pairs = np.sign(x[:, None] - y[None, :])
        assert answer.table.estimate[0] == pytest.approx(pairs.mean())
        rounded = data.assign(score=data.score.round(-1))
        theirs = stats.mannwhitneyu(rounded.score[data.sex == "f"], rounded.score[data.sex == "m"], method="asymptotic")
        assert mann_whitney(rounded, of="score", group="sex").table.p_value[0] == pytest.approx(theirs.pvalue)

    def test_its_interval_covers(self):
        rng = np.random.default_rng(2)
        true, inside = 2 * stats.norm.cdf(0.7 / math.sqrt(2)) - 1, 0
        for _world in range(800):
            _t, (low, high), _v = _effects.superiority(rng.normal(0.7, 1, 25), rng.normal(0, 1, 30), 0.95)
            inside += 2 * low - 1 <= true <= 2 * high - 1
        assert inside / 800 == pytest.approx(0.95, abs=0.025)

    def test_groups_that_do_not_overlap(self):
        data = pd.DataFrame({"g": list("aaabbb"), "x": [1.0, 2, 3, 4, 5, 6]})
        row = mann_whitney(data, of="x", group="g").table.iloc[0]
        assert row.estimate == -1
        assert -1 <= row.conf_low <= row.conf_high < 1

    def test_wilcoxon(self):
        data = rows(40)
        x = (data.score_after - data.score_before).to_numpy()
        answer = wilcoxon(data, of="score_after", against="score_before")
        assert answer.table.p_value[0] == pytest.approx(stats.wilcoxon(x, method="exact").pvalue)
        ranks = stats.rankdata(np.abs(x))
        assert answer.table.estimate[0] == pytest.approx((ranks * np.sign(x)).sum() / ranks.sum())

    def test_signed_ranks_by_enumeration(self):
        """All 2⁶ sign patterns: the two-sided p and the spread of the effect under symmetry."""
        x = np.array([0.3, -1.2, 2.2, 3.1, -0.4, 5.0])
        data = pd.DataFrame({"a": x, "b": 0.0})
        ranks = stats.rankdata(np.abs(x))
        effects = np.array([(ranks * np.array(s)).sum() / ranks.sum() for s in itertools.product([-1, 1], repeat=6)])
        row = wilcoxon(data, of="a", against="b").table.iloc[0]
        assert row.p_value == pytest.approx((np.abs(effects) >= abs(row.estimate) - 1e-9).mean())
        assert row.std_error == pytest.approx(effects.std())

    def test_kruskal_wallis(self):
        data = rows()
        answer = kruskal_wallis(data, of="score", group="zone")
        H, p = stats.kruskal(*(part.score for _name, part in data.groupby("zone")))
        assert (answer.table.estimate[0], answer.table.p_value[0]) == pytest.approx((H / 79, p))


class TestTables:
    def test_pearson(self):
        data = rows(200)
        answer = cross_table(data, of="aid", group="zone")
        table = pd.crosstab(data.aid, data.zone)
        theirs = stats.chi2_contingency(table, correction=False)
        assert answer.table.p_value[0] == pytest.approx(theirs.pvalue)
        assert answer.table.estimate[0] == pytest.approx(stats.contingency.association(table, method="cramer"))
        cells = answer.evidence["cells"]
        assert cells.expected.to_numpy() == pytest.approx(theirs.expected_freq.ravel())
        # squared standardised residuals of a two-column margin add up to χ² over their part
        assert cells.residual.abs().max() < 5

    @pytest.mark.parametrize("seed", range(6))
    def test_fisher_where_few_are_expected(self, seed):
        rng = np.random.default_rng(seed)
        data = pd.DataFrame({"a": rng.choice(["x", "y"], 14), "b": rng.choice(["u", "v"], 14, p=[0.2, 0.8])})
        data.loc[[0, 1], "a"], data.loc[[0, 1], "b"] = ["x", "y"], ["u", "v"]
        answer = cross_table(data, of="a", group="b")
        assert answer.evidence["test"].test[0] == "fisher"
        table = pd.crosstab(data.a, data.b)
        assert answer.table.p_value[0] == pytest.approx(stats.fisher_exact(table).pvalue)
        assert check(answer, "expected_counts").status == "info"

    @pytest.mark.parametrize("shape", [(2, 3), (3, 3), (2, 4), (3, 4)])
    def test_fisher_of_any_shape_by_enumeration(self, shape):
        """All assignments of the column labels to the rows, each as probable as any other."""
        rng = np.random.default_rng(shape)
        a, b = rng.integers(0, shape[0], 7), rng.integers(0, shape[1], 7)
        table = np.zeros(shape, int)
        np.add.at(table, (a, b), 1)

        def probability(t):
            return 1 / math.prod(math.factorial(int(v)) for v in t.ravel())

        counts, extreme = 0, 0
        for order in itertools.permutations(b):
            other = np.zeros(shape, int)
            np.add.at(other, (a, list(order)), 1)
            counts += 1
            extreme += probability(other) <= probability(table) * (1 + 1e-7)
        assert exact_p(table) == pytest.approx(extreme / counts)

    def test_tables_too_large_for_it(self):
        rng = np.random.default_rng(1)
        assert exact_p(rng.integers(0, 60, (6, 6))) is None

    def test_the_odds_ratio(self):
        data = rows(150)
        row = cross_table(data, of="aid", group="sex").row(term="odds_ratio")
        table = pd.crosstab(data.aid, data.sex).to_numpy()
        theirs = stats.contingency.odds_ratio(table, kind="sample")
        bounds = theirs.confidence_interval(0.95)
        assert row.estimate == pytest.approx(theirs.statistic)
        assert (row.conf_low, row.conf_high) == pytest.approx((bounds.low, bounds.high), rel=1e-6)

    def test_mcnemar(self):
        data = rows(60).assign(before=lambda r: (r.score_before > 48).astype(int), after=lambda r: r.score > 48)
        answer = mcnemar(data, of="after", against="before")
        b, c = int((data.after & ~data.before.astype(bool)).sum()), int((~data.after & data.before.astype(bool)).sum())
        assert answer.table.p_value[0] == pytest.approx(stats.binomtest(b, b + c).pvalue)
        assert answer.table.estimate[0] == pytest.approx((b - c) / 60)
        low, high = stats.binomtest(b, b + c).proportion_ci(0.95)
        row = answer.row(term="odds_ratio")
        assert (row.conf_low, row.conf_high) == pytest.approx((low / (1 - low), high / (1 - high)))


class TestDesigns:
    def test_equal_weights_without_clusters_give_the_simple_test(self):
        """Rao and Scott's F is then Pearson's χ²/df: design effects n/(n − 1) of a simple random sample."""
        data = rows(300)
        plain = cross_table(data, of="aid", group="zone")
        by_design = cross_table(data.assign(w=1.0), of="aid", group="zone", design=SurveyDesign(weight="w"))
        assert by_design.table.estimate[0] == pytest.approx(plain.table.estimate[0])
        test = by_design.evidence["test"].iloc[0]
        assert test.statistic * 300 / 299 == pytest.approx(plain.evidence["test"].statistic[0] / 2, rel=0.02)
        assert by_design.table.p_value[0] == pytest.approx(plain.table.p_value[0], rel=0.1)

    def test_a_weight_split_over_two_rows_of_a_cluster_changes_nothing(self):
        data, design = rows(120), SurveyDesign(weight="w", cluster="psu")
        half = data.assign(w=data.w / 2)
        both = pd.concat([half, half])
        for test in (
            lambda d: welch_t(d, of="score", group="sex", design=design),
            lambda d: correlation(d, of="score", against="income", design=design),
        ):
            first, second = test(data).table.iloc[0], test(both).table.iloc[0]
            columns = ["estimate", "std_error", "conf_low", "conf_high", "p_value"]
            assert first[columns].tolist() == pytest.approx(second[columns].tolist())

    def test_clustered_rows_are_called_significant_too_often_without_their_design(self):
        """Negative control: a property of whole clusters that has nothing to do with the answer."""
        rng = np.random.default_rng(8)
        naive = honest = 0
        for _world in range(120):
            psu = np.repeat(np.arange(24), 10)
            data = pd.DataFrame(
                {
                    "psu": psu,
                    "w": 1.0,
                    "zone": rng.permutation(24)[psu] % 2,
                    "y": rng.normal(size=24)[psu] + rng.normal(size=240),
                }
            )
            naive += welch_t(data, of="y", group="zone").table.p_value[0] <= 0.05
            design = SurveyDesign(weight="w", cluster="psu")
            honest += welch_t(data, of="y", group="zone", design=design).table.p_value[0] <= 0.05
        assert naive / 120 > 0.3
        assert honest / 120 < 0.13

    def test_the_gradient_of_r_by_small_steps(self):
        rng = np.random.default_rng(4)
        x, y, w = rng.normal(size=50), rng.normal(size=50), rng.uniform(1, 3, 50)
        y = y + x
        T = np.array([(w * v).sum() for v in (np.ones(50), x, y, x * x, y * y, x * y)])[:, None]
        r, G = pearson(T)
        for j in range(6):
            step = np.zeros((6, 1))
            step[j] = 1e-5
            slope = (pearson(T + step)[0] - pearson(T - step)[0]) / 2e-5
            assert G[0, j] == pytest.approx(slope[0], rel=1e-5, abs=1e-9)
        assert r[0, 0] == pytest.approx(
            np.cov(x, y, aweights=w)[0, 1] / np.sqrt(np.prod(np.diag(np.cov(x, y, aweights=w))))
        )

    def test_subgroups_keep_the_whole_design(self):
        data, design = rows(160), SurveyDesign(weight="w", cluster="psu")
        together = welch_t(data, of="score", group="sex", by="zone", design=design)
        assert together.table.zone.unique().tolist() == ["a", "b", "c"]
        alone = welch_t(data[data.zone == "a"], of="score", group="sex", design=design)
        assert together.row(zone="a", term="difference").estimate == pytest.approx(alone.table.estimate[0])
        assert check(together, "several_tests").status == "warn"


class TestCorrelations:
    @pytest.mark.parametrize("kind", ["pearson", "spearman", "kendall"])
    def test_scipy(self, kind):
        data = rows()
        theirs = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}[kind](
            data.score, data.income
        )
        row = correlation(data, of="score", against="income", kind=kind).table.iloc[0]
        assert (row.estimate, row.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))

    def test_the_interval_is_fishers(self):
        data = rows()
        bounds = stats.pearsonr(data.score, data.income).confidence_interval(0.9)
        row = correlation(data, of="score", against="income", level=0.9).table.iloc[0]
        assert (row.conf_low, row.conf_high) == pytest.approx((bounds.low, bounds.high))

    @pytest.mark.parametrize("kind", ["spearman", "kendall"])
    def test_intervals_of_ranks_cover(self, kind):
        rng = np.random.default_rng(6)
        rho = 0.5
        true = 6 / np.pi * np.arcsin(rho / 2) if kind == "spearman" else 2 / np.pi * np.arcsin(rho)
        inside = 0
        for _world in range(300):
            z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 40)
            row = correlation(pd.DataFrame(z, columns=["x", "y"]), of="x", against="y", kind=kind).table.iloc[0]
            inside += row.conf_low <= true <= row.conf_high
        assert inside / 300 == pytest.approx(0.95, abs=0.045)

    def test_an_outlier_makes_a_line_where_there_is_none(self):
        data = rows()[["score", "income"]]
        data.loc[0] = [500, 500]
        assert check(correlation(data, of="score", against="income"), "one_line").status == "warn"


class TestScales:
    @pytest.fixture
    def items(self):
        rng = np.random.default_rng(9)
        theta = rng.normal(size=200)
        return pd.DataFrame({f"i{j}": np.round(3 + theta + rng.normal(0, 1 + j / 4, 200)) for j in range(5)})

    def test_alpha_by_covariances(self, items):
        """k c̄/(v̄ + (k − 1) c̄)."""
        C = items.cov().to_numpy()
        v, c = np.diag(C).mean(), (C.sum() - np.trace(C)) / 20
        answer = cronbach_alpha(items, items=list(items)).table.iloc[0]
        assert answer.estimate == pytest.approx(5 * c / (v + 4 * c))

    def test_its_interval_covers(self):
        rng = np.random.default_rng(10)
        true, inside = 4 * 0.5 / (1 + 3 * 0.5), 0
        for _world in range(300):
            data = pd.DataFrame(rng.multivariate_normal([0] * 4, np.eye(4) * 0.5 + 0.5, 60), columns=list("abcd"))
            row = cronbach_alpha(data, items=list("abcd")).table.iloc[0]
            inside += row.conf_low <= true <= row.conf_high
        assert inside / 300 == pytest.approx(0.95, abs=0.04)

    def test_items_against_the_others(self, items):
        answer = item_validity(items, items=list(items))
        for item in items:
            theirs = stats.pearsonr(items[item], items.drop(columns=item).sum(axis=1))
            row = answer.row(term=item)
            assert (row.estimate, row.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))

    def test_noise_goes_with_a_sum_that_holds_it_but_not_with_the_others(self):
        rng = np.random.default_rng(3)
        noise = pd.DataFrame(rng.normal(size=(200, 4)), columns=list("abcd"))
        answer = item_validity(noise, items=list("abcd"))
        assert answer.evidence["items"].with_itself.min() > 0.35
        assert answer.table.estimate.abs().max() < 0.25
        assert check(answer, "items_belong").status == "warn"

    def test_an_item_asked_the_other_way_round(self, items):
        turned = items.assign(i0=6 - items.i0)
        assert check(item_validity(turned, items=list(turned)), "items_reversed").status == "fail"
        assert check(cronbach_alpha(turned, items=list(turned)), "reliable").status == "warn"


class TestManyTests:
    @pytest.mark.parametrize(
        ("method", "theirs"), [("holm", "holm"), ("bonferroni", "bonferroni"), ("benjamini_hochberg", "fdr_bh")]
    )
    def test_statsmodels(self, method, theirs):
        data = rows()
        tests = {z: welch_t(data[data.zone == z], of="score", group="sex") for z in "abc"}
        answer = adjust_p_values(tests, method=method)
        p = answer.evidence["p_values"].p_value.to_numpy()
        assert answer.table.p_value.to_numpy() == pytest.approx(multipletests(p, method=theirs)[1])

    def test_groups_of_by_are_several_tests(self):
        answer = welch_t(rows(), of="score", group="sex", by="zone")
        test = answer.evidence["test"]
        assert test.p_holm.to_numpy() == pytest.approx(multipletests(test.p_value, method="holm")[1])


class TestTheChoice:
    @pytest.mark.parametrize(
        ("roles", "method"),
        [
            ({"of": "aid", "group": "zone"}, "cross_table"),
            ({"of": "well", "group": "sex"}, "cross_table"),
            ({"of": "score", "group": "sex"}, "welch_t"),
            ({"of": "score", "group": "zone"}, "anova"),
            ({"of": "score", "against": "income"}, "correlation"),
            ({"of": "score_after", "against": "score_before"}, "paired_t"),
        ],
    )
    def test_by_what_the_columns_are(self, roles, method):
        answer = hypothesis_test(rows(), **roles)
        assert answer.method == method
        assert answer.checks[0].name == "chosen"

    def test_by_design(self):
        design = SurveyDesign(weight="w", cluster="psu")
        assert hypothesis_test(rows(), of="aid", group="zone", design=design).evidence["test"].test[0] == "rao_scott_f"
        with pytest.raises(MethodError, match="3 groups"):
            hypothesis_test(rows(), of="score", group="zone", design=design)

    def test_refused(self):
        with pytest.raises(MethodError, match="exactly one"):
            hypothesis_test(rows(), of="score")
        with pytest.raises(MethodError, match="not both figures"):
            hypothesis_test(rows(), of="score", against="aid")


REFUSED = [
    (lambda d: welch_t(d, of="score", group="zone"), "3 groups"),
    (lambda d: welch_t(d.assign(score=1.0), of="score", group="sex"), "equal"),
    (lambda d: welch_t(d.assign(score=d.score.where(d.index > 0)), of="score", group="sex"), "missing"),
    (lambda d: paired_t(d, of="score", against="aid"), "holds"),
    (lambda d: cross_table(d.assign(aid="x"), of="aid", group="sex"), "one category"),
    (lambda d: mcnemar(d, of="score", against="well"), "other values"),
    (lambda d: wilcoxon(d, of="score", against="score"), "No unit changed"),
    (lambda d: kruskal_wallis(d.assign(score=2), of="score", group="sex"), "equal"),
    (lambda d: correlation(d.assign(score=2), of="score", against="income"), "does not vary"),
    (lambda d: correlation(d, of="score", against="income", kind="tau"), "kind is"),
    (lambda d: item_validity(d, items=["score", "income"]), "2 different items"),
    (lambda d: cronbach_alpha(d, items="score"), "1 different"),
    (lambda d: cronbach_alpha(d.assign(a=d.well, b=1 - d.well), items=["a", "b"]), "sum of the items"),
    (lambda d: adjust_p_values({}), "no p-value"),
    (lambda d: anova(d.iloc[:4].assign(zone=list("abcd")), of="score", group="zone"), "fewer than two"),
]


@pytest.mark.parametrize(("call", "text"), REFUSED, ids=range(len(REFUSED)))
def test_refused(call, text):
    with pytest.raises(MethodError, match=text):
        call(rows())
