"""Sums made in the database against the same rows in memory, and what the database route refuses."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import Replication, SurveyDesign
from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.methods import fgt, gini, mean, proportion, ratio, total

RNG = np.random.default_rng(8)
UNITS = 300
PSU = np.repeat(np.arange(UNITS), 12)
ROWS = pd.DataFrame(
    {
        "kab": np.array(["Aru", "Buru", "O'Higgins", "Żary"])[PSU % 4],
        "strata": PSU // 10,
        "psu": PSU,
        "w": RNG.uniform(20, 400, len(PSU)),
        "y": np.exp(RNG.normal(13, 0.7, len(PSU))),
        "x": RNG.integers(1, 9, len(PSU)),
        "line": np.where(PSU % 2 == 0, 300000.0, 500000.0),
        "water": np.array(["it's", "tap", 'we"ll'])[RNG.integers(0, 3, len(PSU))],
        "poor": RNG.random(len(PSU)) < 0.2,
        "N": 1000,
    }
)
DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")
CASES = {
    "mean": (mean, {"of": ["y", "x", "poor"]}),
    "total": (total, {"of": ["y", "x"]}),
    "ratio": (ratio, {"of": "y", "to": "x"}),
    "proportion": (proportion, {"of": "water"}),
    "proportion of true": (proportion, {"of": "poor", "interval": "beta"}),
    "fgt": (fgt, {"of": "y", "line": 400000, "order": (0, 1, 2, 1.5)}),
    "fgt by column": (fgt, {"of": "y", "line": "line"}),
}


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("parquet") / "it's.parquet"
    ROWS.sample(frac=1, random_state=3).to_parquet(file, row_group_size=500)
    return file


@pytest.mark.parametrize("by", [(), "kab", ["kab", "x"]])
@pytest.mark.parametrize("name", CASES)
def test_both_routes_give_the_same(path, name, by):
    method, roles = CASES[name]
    for design in (DESIGN, SurveyDesign("w", "strata", "psu", "N"), SurveyDesign(weight="w", cluster="psu")):
        memory, database = (method(rows, **roles, by=by, design=design) for rows in (ROWS, path))
        pd.testing.assert_frame_equal(memory.table, database.table, rtol=1e-12, check_dtype=False)
        assert [c.say("en") for c in memory.checks] == [c.say("en") for c in database.checks]


def test_a_folder_of_files(tmp_path):
    for i, part in enumerate(np.array_split(np.arange(len(ROWS)), 3)):
        ROWS.iloc[part].to_parquet(tmp_path / f"{i}.parquet")
    memory, database = (mean(rows, of="y", by="kab", design=DESIGN) for rows in (ROWS, tmp_path))
    pd.testing.assert_frame_equal(memory.table, database.table, rtol=1e-12, check_dtype=False)


def test_sums_are_exact_and_the_same_every_time(path):
    """As exact as rounding each term to 61 bits of the largest allows, whatever the order of threads."""
    found = {total(path, of="y", design=DESIGN).table.estimate[0] for _ in range(5)}
    exact = sum(Fraction(w * y) for w, y in zip(ROWS.w, ROWS.y, strict=True))
    assert len(found) == 1
    assert found.pop() == pytest.approx(float(exact), rel=3e-16)


def test_two_stages(path):
    rows = ROWS.assign(M=40, ssu=np.arange(len(ROWS)) // 3)
    file = path.parent / "stages.parquet"
    rows.to_parquet(file)
    design = SurveyDesign(weight="w", strata="strata", cluster=("psu", "ssu"), fpc=("N", "M"))
    memory, database = (mean(r, of="y", by="kab", design=design) for r in (rows, file))
    pd.testing.assert_frame_equal(memory.table, database.table, rtol=1e-12, check_dtype=False)


@pytest.mark.parametrize(
    ("change", "call", "told"),
    [
        ({}, (mean, {"of": "none"}), "no column 'none'"),
        ({}, (mean, {"of": "water"}), "water holds VARCHAR"),
        ({"y": [None, np.nan, *ROWS.y[2:]]}, (fgt, {"of": "y", "line": 4e5}), "2 values are missing"),
        ({"y": [np.inf, *ROWS.y[1:]]}, (mean, {"of": "y"}), "finite numbers"),
        ({"y": [-1.0, *ROWS.y[1:]]}, (fgt, {"of": "y", "line": 4e5}), "amounts of 0 or more"),
        ({"line": [0.0, *ROWS.line[1:]]}, (fgt, {"of": "y", "line": "line"}), "larger than 0"),
        ({"w": [0.0, *ROWS.w[1:]]}, (mean, {"of": "y"}), "larger than 0"),
        ({"psu": [None, *ROWS.psu[1:]]}, (mean, {"of": "y"}), "1 values are missing"),
        ({"water": [None, *ROWS.water[1:]]}, (proportion, {"of": "water"}), "1 values are missing"),
        ({"strata": [9, *ROWS.strata[1:]]}, (mean, {"of": "y"}), "more than one strata"),
        ({"strata": [99, *ROWS.strata[1:]], "psu": [999, *ROWS.psu[1:]]}, (mean, {"of": "y"}), "one sampled unit: 99"),
    ],
)
def test_rows_that_cannot_be_are_refused(tmp_path, change, call, told):
    file = tmp_path / "rows.parquet"
    ROWS.assign(**change).to_parquet(file)
    method, roles = call
    with pytest.raises(KesosError, match=told):
        method(file, **roles, design=DESIGN)


def test_not_a_number_is_no_income(tmp_path):
    """Parquet tells nothing from not a number; a comparison with it is false, so that it would count as not poor."""
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    y = ROWS.y.to_numpy().copy()
    y[5] = np.nan
    columns = {**{c: ROWS[c].to_numpy() for c in ("w", "psu", "strata")}, "y": pyarrow.array(y, from_pandas=False)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "nan.parquet")
    with pytest.raises(KesosError, match="finite numbers"):
        fgt(tmp_path / "nan.parquet", of="y", line=4e5, design=DESIGN)


def test_what_the_database_does_not_do_is_said(path, tmp_path):
    with pytest.raises(KesosError, match="does not read Parquet"):
        gini(path, of="y", design=DESIGN)
    with pytest.raises(KesosError, match="names no cluster"):
        mean(path, of="y", design=SurveyDesign(weight="w"))
    with pytest.raises(KesosError, match="no weight"):
        mean(path, of="y", design=SurveyDesign(cluster="psu"))
    with pytest.raises(KesosError, match="not read from Parquet"):
        mean(path, of="y", design=SurveyDesign("w", replicate_weights="x", replication=Replication("brr")))
    with pytest.raises(KesosError, match="no Parquet file"):
        mean(tmp_path, of="y", design=DESIGN)
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(KesosError, match="cannot be read as Parquet"):
        mean(tmp_path / "text.parquet", of="y", design=DESIGN)
