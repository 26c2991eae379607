"""Roles of a survey design: said once, refused when they contradict each other or the rows."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.errors import DataError, MethodError, Problems
from kesos_research.language import use

ROWS = pd.DataFrame(
    {
        "w": [10.0, 10.0, 12.0, 12.0],
        "strata": ["kota", "kota", "desa", "desa"],
        "psu": ["a", "b", "c", "d"],
        "ruta": [1, 2, 3, 4],
        "N": [40, 40, 90, 90],
        "r1": [0.0, 20.0, 24.0, 0.0],
        "r2": [20.0, 0.0, 0.0, 24.0],
    }
)
FULL = SurveyDesign(weight="w", strata="strata", cluster=("psu", "ruta"), fpc="N")


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def test_a_design_names_columns_and_stays_as_it_is():
    assert FULL.columns == ("w", "strata", "psu", "ruta", "N")
    assert FULL.of("cluster") == ("psu", "ruta")
    assert SurveyDesign().columns == ()
    with pytest.raises(AttributeError):
        FULL.weight = "other"  # type: ignore[misc]
    assert SurveyDesign(cluster=["a", "b"]) == SurveyDesign(cluster=("a", "b"))


@pytest.mark.parametrize(
    "roles",
    [
        {"weight": 3},
        {"weight": ""},
        {"weight": ["w", "v"]},
        {"cluster": ["psu", 7]},
        {"weight": "w", "fpc": "w"},
        {"cluster": ("psu", "psu")},
        {"replicate_weights": ("r1", "r2")},
        {"weight": "w", "replicate_weights": ("r1", "r2"), "cluster": "psu"},
        {"strata": ("s1", "s2"), "cluster": "psu"},
        {"fpc": ("n1", "n2")},
    ],
)
def test_roles_that_cannot_be_are_refused(roles):
    with pytest.raises(MethodError):
        SurveyDesign(**roles)


@pytest.mark.parametrize(
    "design",
    [
        FULL,
        SurveyDesign(),
        SurveyDesign(weight="w"),
        SurveyDesign(weight="w", replicate_weights=("r1", "r2")),
    ],
)
def test_rows_that_keep_the_promises_pass(design):
    before = ROWS.copy()
    design.check(ROWS)
    assert ROWS.equals(before)


def test_a_simple_sample_has_one_population_size():
    SurveyDesign(weight="w", fpc="N").check(ROWS.assign(N=1000))


def test_a_sampled_fraction_is_a_population_size_too():
    SurveyDesign(weight="w", strata="strata", cluster="psu", fpc="f").check(ROWS.assign(f=[0.05, 0.05, 0.02, 0.02]))


@pytest.mark.parametrize(
    ("design", "change", "said"),
    [
        (FULL, {"w": [10.0, np.nan, 12.0, 12.0]}, "1 of 4 values are missing"),
        (FULL, {"w": [10.0, 0.0, 12.0, 12.0]}, "1 weights are not positive"),
        (FULL, {"w": [10.0, -1.0, np.inf, 12.0]}, "2 weights are not positive"),
        (FULL, {"w": ["10", "10", "12", "12"]}, "no numbers"),
        (FULL, {"w": [True, True, True, True]}, "no numbers"),
        (FULL, {"strata": ["kota", None, "desa", "desa"]}, "missing"),
        (FULL, {"psu": ["a", "b", "b", "d"]}, "1 values of psu lie in more than one strata"),
        (FULL, {"ruta": [1, 1, 2, 3]}, "1 values of ruta lie in more than one psu"),
        (FULL, {"N": [40, 41, 90, 90]}, "not one number in each stratum"),
        (FULL, {"N": [1.5, 1.5, 90, 90]}, "smaller than the sample"),
        (FULL, {"N": [0, 0, 90, 90]}, "smaller than the sample"),
        (FULL, {"N": ["40", "40", "90", "90"]}, "no numbers"),
        (SurveyDesign(weight="w", replicate_weights="r1"), {"r1": [0.0, -1.0, 1.0, 1.0]}, "not positive"),
    ],
)
def test_rows_that_break_a_promise_are_refused(design, change, said):
    with pytest.raises(DataError) as caught:
        design.check(ROWS.assign(**change))
    assert said in str(caught.value)


def test_all_missing_columns_are_told_at_once():
    with pytest.raises(Problems) as caught:
        SurveyDesign(weight="bobot", cluster="blok").check(ROWS)
    assert [p.where.column for p in caught.value.problems] == ["bobot", "blok"]


def test_no_rows_are_refused():
    with pytest.raises(DataError):
        FULL.check(ROWS.iloc[:0])
