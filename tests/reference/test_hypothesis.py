"""Tests of hypotheses against R's survey package and against published examples.

R's results lie beside the project; estimates agree to 1e-6, standard errors, F and t to 1e-5. Not compared:
`svychisq_lincom` (its p is a saddlepoint approximation; its statistic is Pearson's X² and is compared) and
`svychisq_Wald`, which the project does not offer. The published examples stand here.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.methods import (
    anova,
    cross_table,
    kruskal_wallis,
    mcnemar,
    paired_t,
    welch_t,
)
from kesos_research.methods.hypothesis._fisher import exact_p

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"
beside = pytest.mark.skipif(not ORACLES.exists(), reason="reference results are not beside the project")

DESIGNS = {
    "api_srs": ("apisrs", {"fpc": "fpc"}),
    "api_strat": ("apistrat", {"strata": "stype", "weight": "pw", "fpc": "fpc"}),
    "api_clus1": ("apiclus1", {"cluster": "dnum", "weight": "pw", "fpc": "fpc"}),
    "api_clus1nofpc": ("apiclus1", {"cluster": "dnum", "weight": "pw"}),
    "api_clus2": ("apiclus2", {"cluster": ("dnum", "snum"), "fpc": ("fpc1", "fpc2")}),
}
EVERY = pytest.mark.parametrize("name", DESIGNS)


@pytest.fixture(scope="module")
def survey():
    with gzip.open(ORACLES / "survey.json.gz") as file:
        return {o["id"]: o["results"] for o in json.load(file)["oracles"]}


def rows_and_design(name):
    file, roles = DESIGNS[name]
    return pd.read_csv(ORACLES / "data" / f"api_{file}.csv.gz"), SurveyDesign(**roles)


@beside
@EVERY
def test_rao_scott(survey, name):
    rows, design = rows_and_design(name)
    answer = cross_table(rows, of="sch.wide", group="stype", design=design)
    test, wanted = answer.evidence["test"].iloc[0], survey[f"{name}_svychisq_F"]
    assert test.statistic == pytest.approx(wanted["stat"], rel=1e-5)
    assert [test.df1, test.df2] == pytest.approx(wanted["df"], rel=1e-5)
    assert test.p_value == pytest.approx(wanted["p"], rel=1e-4)
    v, n = answer.row(term="cramers_v").estimate, len(rows)
    assert v**2 * n == pytest.approx(survey[f"{name}_svychisq_lincom"]["stat"], rel=1e-5)


@beside
@EVERY
def test_svyttest(survey, name):
    rows, design = rows_and_design(name)
    # the first group in the order of names is "No"; R's estimate is that of "Yes" less "No"
    answer = welch_t(rows, of="api00", group="sch.wide", design=design)
    row, wanted = answer.row(term="difference"), survey[f"{name}_svyttest"]
    assert -row.estimate == pytest.approx(wanted["est"], rel=1e-6)
    assert -row.estimate / row.std_error == pytest.approx(wanted["t"], rel=1e-5)
    assert row.df == wanted["df"]
    assert row.p_value == pytest.approx(wanted["p"], rel=1e-4)


SLEEP = pd.DataFrame(
    {
        "drug": ["1"] * 10 + ["2"] * 10,
        "extra": [
            0.7,
            -1.6,
            -0.2,
            -1.2,
            -0.1,
            3.4,
            3.7,
            0.8,
            0.0,
            2.0,
            1.9,
            0.8,
            1.1,
            0.1,
            -0.1,
            4.4,
            5.5,
            1.6,
            4.6,
            3.4,
        ],
    }
)
"""Student (1908): hours of sleep gained by ten patients with two drugs."""


def test_student_1908():
    """Welch: t = −1.8608, df 17.776, p .07939, [−3.365, .205]; paired: t = −4.0621, p .002833, [−2.460, −.700]."""
    two = welch_t(SLEEP, of="extra", group="drug")
    row = two.row(term="difference")
    assert two.evidence["test"].statistic.iloc[0] == pytest.approx(-1.8608, abs=5e-5)
    assert (row.df, row.p_value) == pytest.approx((17.776, 0.07939), abs=5e-4)
    assert (row.conf_low, row.conf_high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-6)
    wide = pd.DataFrame({"one": SLEEP.extra[:10].to_numpy(), "two": SLEEP.extra[10:].to_numpy()})
    pair = paired_t(wide, of="one", against="two").row(term="difference")
    assert pair.p_value == pytest.approx(0.002833, abs=5e-7)
    assert (pair.conf_low, pair.conf_high) == pytest.approx((-2.4598858, -0.7001142), abs=1e-6)


PLANTS = pd.DataFrame(
    {
        "group": ["ctrl"] * 10 + ["trt1"] * 10 + ["trt2"] * 10,
        "weight": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14,
                   4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69,
                   6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
    }
)  # fmt: skip
"""Dobson (1983): weights of plants under three conditions."""


def test_dobsons_plants():
    """F(2, 27) = 4.846, p .01591; Welch F(2, 17.128) = 5.181, p .01739; Kruskal–Wallis 7.9882, p .01842."""
    classic = anova(PLANTS, of="weight", group="group", variances="equal").evidence["test"].iloc[0]
    assert (classic.statistic, classic.p_value) == pytest.approx((4.846, 0.01591), abs=5e-4)
    welch = anova(PLANTS, of="weight", group="group").evidence["test"].iloc[0]
    assert (welch.statistic, welch.df2, welch.p_value) == pytest.approx((5.181, 17.128, 0.01739), abs=5e-4)
    ranks = kruskal_wallis(PLANTS, of="weight", group="group").evidence["test"].iloc[0]
    assert (ranks.statistic, ranks.p_value) == pytest.approx((7.9882, 0.01842), abs=5e-5)


def test_fishers_tea_and_job_satisfaction():
    """Fisher (1935): .4857; Agresti (2002, p. 57), a table of four by four: .7827."""
    assert exact_p(np.array([[3, 1], [1, 3]])) == pytest.approx(0.4857, abs=5e-5)
    small = np.array([[2, 3], [6, 4], [0, 5]])
    assert exact_p(small) == pytest.approx(exact_p(small.T))
    job = np.array([[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    assert exact_p(job) == pytest.approx(0.7827, abs=5e-5)


def test_agrestis_approval():
    """Agresti (1990, p. 350): 150 and 86 of 1,600 changed their mind on the president; χ² = 17.36 without
    correction.
    """
    first = np.repeat([1, 1, 0, 0], [794, 150, 86, 570])
    second = np.repeat([1, 0, 1, 0], [794, 150, 86, 570])
    answer = mcnemar(pd.DataFrame({"one": first, "two": second}), of="one", against="two")
    row = answer.row(term="difference")
    assert row.estimate == pytest.approx(64 / 1600)
    z = 64 / np.sqrt(236)
    assert z**2 == pytest.approx(17.36, abs=0.005)
    assert row.p_value == pytest.approx(3.7e-5, abs=0.5e-5)
    assert answer.row(term="odds_ratio").estimate == pytest.approx(150 / 86)
