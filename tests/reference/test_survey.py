"""Surveys of schools (R's api data): our numbers against those of R's survey 4.5, every entry.

Estimates agree to 1e-6, standard errors to 1e-5; in truth both to 1e-12, but for three reasons:

- `glm` stops early: R's standard errors of a logit regression use the weights of the last step but one (1e-4);
- calibration by raking stops at 1e-7 of the totals (its default);
- in the simple sample 20 of 200 schools lie at or below 479, a tenth exactly; R's sum of twenty weights falls short of
  it by a rounding error and it answers with the next school. So at 0.9.

A domain in one sampled unit has no standard error here; R gives nought, or what the second stage adds.
"""

import numpy as np
import pandas as pd
import pytest
from reference.oracles import beside, close, entries, rows

from kesos_research.design import SurveyDesign
from kesos_research.methods import (
    _quantiles,
    design_effect,
    difference,
    mean,
    proportion,
    quantile,
    ratio,
    regression,
    total,
    variance,
)
from kesos_research.methods.replication import replicated

DESIGNS = {
    "srs": ("api_apisrs", SurveyDesign(fpc="fpc")),
    "strat": ("api_apistrat", SurveyDesign(weight="pw", strata="stype", fpc="fpc")),
    "clus1": ("api_apiclus1", SurveyDesign(weight="pw", cluster="dnum", fpc="fpc")),
    "clus2": ("api_apiclus2", SurveyDesign(cluster=("dnum", "snum"), fpc=("fpc1", "fpc2"))),
    "clus1nofpc": ("api_apiclus1", SurveyDesign(weight="pw", cluster="dnum")),
}
RULES = ("math", "school", "hf1", "hf2", "hf3", "hf5", "hf6", "hf7", "hf8", "hf9")
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
SCHOOLS = {"E": 4421, "H": 755, "M": 1018}

ELSEWHERE = {"svychisq_F", "svychisq_Wald", "svychisq_lincom", "svyttest"}
"""Tests of hypotheses, held in the file of that method."""
NOT_OURS = {"svyquantile_shahvaish"}
"""R's rule takes raw weights for weights of mean one: half of the schools lie below 658, its median is 698."""
SINGLE = {
    "api_clus1_poststrat", "api_clus1_poststrat_total", "api_clus1_calibrate_linear", "api_clus1_calibrate_raking",
    "api_clus1_rake", "api_strat_jkn", "api_clus1_jk1", "api_subset_domain", "api_strat_regTermTest",
    "lonely_psu_matrix",
}  # fmt: skip


@pytest.fixture(params=DESIGNS)
def sample(request):
    """A design's name, its rows and what R says of them."""
    file, design = DESIGNS[request.param]
    frame = rows(file)
    frame = frame.assign(
        high=frame.api00 > 700,
        yes=frame["sch.wide"] == "Yes",
        told=frame[["api00", "api99", "enroll"]].notna().all(axis=1),
    )
    results = entries("survey")
    return frame, design, lambda name: results[f"api_{request.param}_{name}"]


@beside
class TestEveryDesign:
    def test_means_of_rows_without_gaps(self, sample):
        frame, design, r = sample
        whole = frame.fillna({"enroll": 0.0})
        table = mean(whole, of=["api00", "api99", "enroll"], by="told", design=design).table
        table = table[table.told]
        close(table.estimate, r("svymean")["est"])
        close(table.std_error, r("svymean")["se"], rel=1e-5)

    def test_shares_of_categories(self, sample):
        frame, design, r = sample
        table = proportion(frame, of="stype", design=design).table
        close(table.estimate, r("svymean_factor")["est"])
        close(table.std_error, r("svymean_factor")["se"], rel=1e-5)

    def test_totals(self, sample):
        frame, design, r = sample
        whole = frame.fillna({"enroll": 0.0})
        table = total(whole, of=["api00", "enroll"], by="told", design=design).table
        close(table[table.told].estimate, r("svytotal")["est"])
        close(table[table.told].std_error, r("svytotal")["se"], rel=1e-5)

    def test_totals_of_categories(self, sample):
        frame, design, r = sample
        kinds = pd.get_dummies(frame.stype)
        table = total(frame.join(kinds), of=list(kinds), design=design).table
        close(table.estimate, r("svytotal_factor")["est"])
        close(table.std_error, r("svytotal_factor")["se"], rel=1e-5, near=1e-6)

    def test_ratio(self, sample):
        frame, design, r = sample
        whole = frame.assign(told=frame.enroll.notna()).fillna({"enroll": 0.0, "api.stu": 0.0})
        table = ratio(whole, of="api.stu", to="enroll", by="told", design=design).table
        close(table[table.told].estimate, r("svyratio")["est"])
        close(table[table.told].std_error, r("svyratio")["se"], rel=1e-5)

    def test_ratio_of_two_means(self, sample):
        frame, design, r = sample
        row = ratio(frame, of="api00", to="api99", design=design).row(term="ratio")
        close([row.estimate], r("svycontrast")["est"])
        close([row.std_error], r("svycontrast")["se"], rel=1e-5)

    def test_variance(self, sample):
        frame, design, r = sample
        row = variance(frame, of="api00", design=design).row(term="api00")
        close([row.estimate, row.std_error], [r("svyvar")["est"], r("svyvar")["se"]])

    @pytest.mark.parametrize(
        ("name", "against"),
        [("svymean_deff", "without_replacement"), ("svymean_deff_replace", "with_replacement")],
    )
    def test_design_effect(self, sample, name, against):
        frame, design, r = sample
        close(design_effect(frame, of="api00", against=against, design=design).table.estimate, r(name)["deff"])

    @pytest.mark.parametrize(("by", "name"), [("stype", "svyby_mean"), ("cname", "svyby_cname")])
    def test_means_of_domains(self, sample, by, name):
        frame, design, r = sample
        answer = mean(frame, of="api00", by=by, design=design)
        assert answer.table[by].tolist() == r(name)["domain"]
        close(answer.table.estimate, r(name)["est"])
        told = answer.evidence["precision"].units.to_numpy() > 1 if design.cluster else frame.groupby(by).size() > 1
        assert (answer.table.std_error.notna().to_numpy() == np.asarray(told)).all()
        close(answer.table.std_error[np.asarray(told)], np.array(r(name)["se"])[np.asarray(told)], rel=1e-5)

    def test_totals_of_domains(self, sample):
        frame, design, r = sample
        whole = frame.assign(told=frame.enroll.notna()).fillna({"enroll": 0.0})
        table = total(whole, of="enroll", by=["told", "stype"], design=design).table
        close(table[table.told].estimate, r("svyby_total")["est"])
        close(table[table.told].std_error, r("svyby_total")["se"], rel=1e-5)

    def test_covariances_of_domains(self, sample):
        frame, design, r = sample
        V = np.array(r("svyby_covmat")["vcov"])
        for i, kind in enumerate("EHM"):
            table = difference(frame, of="api00", between="stype", against=kind, design=design).table
            rest = [j for j in range(3) if j != i]
            wanted = [np.sqrt(V[i, i] + V[j, j] - 2 * V[i, j]) for j in rest]
            close(table[table.term == "difference"].std_error, wanted, rel=1e-5)

    @pytest.mark.parametrize("rule", RULES)
    def test_quantiles(self, sample, rule):
        frame, design, r = sample
        theirs = r(f"svyquantile_{rule}")
        table = quantile(frame, of="api00", p=SHARES, rule=rule, design=design).table
        simple, stratified = design.weight is None and design.cluster is None, design.strata is not None
        keep = [1, 2, 3] if simple and rule in ("math", "school", "hf1", "hf2", "hf3") else [0, 1, 2, 3, 4]
        if stratified and rule in ("hf5", "hf6", "hf7", "hf8", "hf9"):
            # equal values of unequal weight: R goes by the order of rows, we do not
            order = np.argsort(frame.api00.to_numpy(), kind="stable")
            x, w = frame.api00.to_numpy(float)[order], frame.pw.to_numpy(float)[order]
            close([_quantiles.at_position(x, w, p, rule) for p in SHARES], theirs["q"])
            return
        for column, theirs_named in (("estimate", "q"), ("conf_low", "lo"), ("conf_high", "hi"), ("std_error", "se")):
            close(table[column].to_numpy()[keep], np.array(theirs[theirs_named])[keep])

    def test_a_tenth_of_the_simple_sample_is_reached_exactly(self, sample):
        frame, design, _r = sample
        if design.weight is None and design.cluster is None:
            assert (frame.api00 <= 479).sum() == 20
            assert quantile(frame, of="api00", p=0.1, design=design).row(term="p10").estimate == 479

    def test_median_by_beta_interval(self, sample):
        frame, design, r = sample
        row = quantile(frame, of="api00", p=0.5, interval="beta", design=design).row(term="p50")
        close([row.estimate, row.conf_low, row.conf_high, row.std_error], r("svyquantile_betawald"))

    @pytest.mark.parametrize(("name", "interval"), [("logit", "logit"), ("beta", "beta"), ("mean", "wald")])
    def test_intervals_of_a_share(self, sample, name, interval):
        frame, design, r = sample
        row = proportion(frame, of="high", interval=interval, design=design).row(term="high")
        close(
            [row.estimate, row.conf_low, row.conf_high], [r(f"svyciprop_{name}")["est"], *r(f"svyciprop_{name}")["ci"]]
        )

    @pytest.mark.parametrize(
        ("name", "of", "covariates", "family", "rel"),
        [
            ("gauss", "api00", ["ell", "meals", "mobility"], "linear", 1e-5),
            ("quasibin", "yes", ["ell", "meals", "mobility"], "logit", 1e-4),
            ("quasipois", "api.stu", ["meals", "ell"], "poisson", 1e-5),
        ],
    )
    def test_regression(self, sample, name, of, covariates, family, rel):
        frame, design, r = sample
        table = regression(frame, of=of, covariates=covariates, family=family, design=design).table
        close(table.estimate, r(f"svyglm_{name}")["est"])
        close(table.std_error, r(f"svyglm_{name}")["se"], rel=rel)

    def test_degrees_of_freedom(self, sample):
        frame, design, r = sample
        row = mean(frame, of="api00", design=design).row(term="api00")
        close([row.df, row.conf_low, row.conf_high], [r("degf"), *r("confint_df")])


CLUSTERS = DESIGNS["clus1"][1]
CALIBRATED = {"stype": SCHOOLS, "api99": 3914069}


def _agrees(estimates, theirs, rel=1e-5):
    close(estimates.table.estimate, theirs["est"])
    close(estimates.table.std_error, theirs["se"], rel=rel)


@beside
class TestAdjustedWeights:
    def test_poststratified(self):
        design = CLUSTERS.poststratified("stype", SCHOOLS)
        _agrees(mean(rows("api_apiclus1"), of="api00", design=design), entries("survey")["api_clus1_poststrat"])
        _agrees(total(rows("api_apiclus1"), of="enroll", design=design), entries("survey")["api_clus1_poststrat_total"])

    @pytest.mark.parametrize("distance", ["linear", "raking"])
    def test_calibrated(self, distance):
        design = CLUSTERS.calibrated(CALIBRATED, distance=distance)
        theirs = entries("survey")[f"api_clus1_calibrate_{distance}"]
        _agrees(mean(rows("api_apiclus1"), of="api00", design=design), theirs["m"])
        _agrees(total(rows("api_apiclus1"), of="enroll", design=design), theirs["t"])
        known = total(rows("api_apiclus1").assign(one=1), of=["one", "api99"], design=design).table
        close(known.estimate, [sum(SCHOOLS.values()), CALIBRATED["api99"]])
        assert (known.std_error == 0).all()

    def test_raked(self):
        design = CLUSTERS.raked({"stype": SCHOOLS, "sch.wide": {"No": 1072, "Yes": 5122}})
        _agrees(mean(rows("api_apiclus1"), of="api00", design=design), entries("survey")["api_clus1_rake"]["m"])


@beside
class TestOthers:
    def test_domain_of_a_column(self):
        row = mean(rows("api_apistrat"), of="api00", by="comp.imp", design=DESIGNS["strat"][1]).row(
            **{"comp.imp": "Yes"}
        )
        theirs = entries("survey")["api_subset_domain"]
        close([row.estimate, row.std_error], [theirs["est"], theirs["se"]])

    @pytest.mark.parametrize("policy", ["adjust", "remove", "certainty", "average"])
    def test_a_stratum_with_one_unit(self, policy):
        frame = rows("api_apistrat")
        only = frame[(frame.stype != "H") | (frame.index == frame.index[frame.stype == "H"][0])]
        design = SurveyDesign(weight="pw", strata="stype", lonely=policy)
        _agrees(mean(only, of="api00", design=design), entries("survey")["lonely_psu_matrix"][policy])

    def test_jackknife_in_strata(self):
        frame, design = replicated(rows("api_apistrat"), design=DESIGNS["strat"][1], kind="jkn")
        theirs = entries("survey")["api_strat_jkn"]
        _agrees(mean(frame, of="api00", design=design), theirs["m"])
        close(ratio(frame, of="api.stu", to="enroll", design=design).table.std_error, theirs["r"])

    def test_jackknife(self):
        frame, design = replicated(rows("api_apiclus1"), design=CLUSTERS, kind="jk1")
        theirs = entries("survey")["api_clus1_jk1"]
        _agrees(mean(frame, of="api00", design=design), theirs["m"])
        _agrees(quantile(frame, of="api00", p=0.5, design=design), theirs["md"])

    def test_joint_test_of_categories(self):
        answer = regression(
            rows("api_apistrat"), of="api00", covariates=["ell", "meals", "stype"], design=DESIGNS["strat"][1]
        )
        ours, theirs = answer.evidence["wald"].iloc[0], entries("survey")["api_strat_regTermTest"]
        assert ours.column == "stype"
        close([ours.F, ours.df1, ours.df2], [theirs["F"], theirs["df"], theirs["ddf"]])
        assert ours.p_value == pytest.approx(theirs["p"], rel=1e-6)

    def test_every_entry_is_looked_at(self):
        ours = (
            {f"svyquantile_{rule}" for rule in RULES}
            | {f"svyciprop_{m}" for m in ("logit", "beta", "mean")}
            | {f"svyglm_{m}" for m in ("gauss", "quasibin", "quasipois")}
            | {"svymean", "svymean_factor", "svymean_deff", "svymean_deff_replace", "svytotal", "svytotal_factor"}
            | {"svyratio", "svyvar", "svyby_mean", "svyby_total", "svyby_cname", "svyby_covmat", "svyquantile_betawald"}
            | {"svycontrast", "degf", "confint_df"}
        )
        named = {f"api_{d}_{name}" for d in DESIGNS for name in ours | ELSEWHERE | NOT_OURS} | SINGLE
        assert set(entries("survey")) == named


def test_headline_of_the_stratified_survey_from_its_strata():
    """api00 by kind of school as published (mean, standard error, schools): 662.28736 (9.40894) for all."""
    strata = {"E": (674.43, 12.3824797939073, 100, 4421), "H": (625.82, 14.9371291853931, 50, 755),
              "M": (636.6, 16.2147073081845, 50, 1018)}  # fmt: skip
    parts = []
    for kind, (middle, error, n, N) in strata.items():
        spread = error / np.sqrt((1 - n / N) / n) * np.sqrt((n - 1) / n)
        parts.append(pd.DataFrame({"kind": kind, "N": N, "api00": middle + spread * np.tile([1.0, -1.0], n // 2)}))
    row = mean(pd.concat(parts), of="api00", design=SurveyDesign(strata="kind", fpc="N")).row(term="api00")
    assert row.estimate == pytest.approx(662.28736, abs=5e-6)
    assert row.std_error == pytest.approx(9.40894, abs=5e-6)
    assert row.df == 197
