"""A synthetic survey, held to its own truth by an estimator of a few lines, and the truth to plain simulation."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from kesos_research.data.survey_truth import truth
from kesos_research.data.survey_world import Law, world
from kesos_research.data.synthesize_survey import DESIGN, replicate_weights, susenas_like, write_survey
from kesos_research.domain import example_region, regions
from kesos_research.errors import DataError, OutputError
from kesos_research.language import use


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture(scope="module")
def survey():
    return susenas_like(seed=20, n_households=24_000, n_districts=24)


def estimate(rows: pd.DataFrame, value: np.ndarray, where: np.ndarray | None = None) -> tuple[float, float]:
    """A weighted mean of a part of the rows and its standard error: Taylor, blocks drawn with replacement."""
    inside = np.ones(len(rows)) if where is None else where.astype(float)
    weight = rows["penimbang"].to_numpy() * inside
    mean = weight @ value / weight.sum()
    score = weight * (value - mean) / weight.sum()
    blocks = pd.DataFrame({"h": rows["strata"], "i": rows["psu"], "s": score}).groupby(["h", "i"])["s"].sum()
    within = blocks.groupby("h")
    n = within.transform("size")
    return float(mean), float(np.sqrt((n / (n - 1) * (blocks - within.transform("mean")) ** 2).sum()))


def figures(survey):
    """Each figure of the truth: its rows, the values whose mean it is, and the part of the rows it is about."""
    people, homes = survey.persons, survey.households
    poor = (people["pengeluaran_kapita"] < people["garis_kemiskinan"]).to_numpy()
    gap = np.where(poor, 1 - people["pengeluaran_kapita"] / people["garis_kemiskinan"], 0.0)
    aid = homes.set_index("ruta")[["pkh", "bpnt"]].loc[people["ruta"]].to_numpy() == 1
    yield "p0", people, poor.astype(float), None
    yield "p1", people, gap, None
    yield "p2", people, gap**2, None
    yield "mean", people, people["pengeluaran_kapita"].to_numpy(), None
    yield "disability", people, people["disabilitas"].to_numpy(dtype=float), None
    yield "food_share", homes, (homes["pengeluaran_makanan"] / homes["pengeluaran"]).to_numpy(), None
    for name, reached in zip(("pkh", "bpnt"), aid.T, strict=True):
        yield f"{name}_coverage", people, reached.astype(float), None
        yield f"{name}_exclusion", people, (~reached).astype(float), poor
        yield f"{name}_inclusion", people, (~poor).astype(float), reached


def test_intervals_of_the_districts_hold_the_truth_as_often_as_they_say(survey):
    # the poverty gap is skewed where few are poor: its intervals are judged for the nation
    hits, all_ = 0, 0
    districts = survey.truth.districts.set_index("kab")
    for name, rows, value, part in figures(survey):
        if name in ("p1", "p2"):
            continue
        for kab, places in rows.groupby("kab", observed=True).indices.items():
            here = None if part is None else part[places]
            found, error = estimate(rows.iloc[places], value[places], here)
            hits += abs(found - districts.loc[kab, name]) < 1.96 * error
            all_ += 1
    # ten figures of 24 districts; those of a district hang together, so the band is wide
    assert all_ == 240
    assert 0.89 < hits / all_ < 0.99


def test_the_nation_is_estimated_without_bias_and_only_with_the_weights(survey):
    away, bare = [], []
    for name, rows, value, part in figures(survey):
        found, error = estimate(rows, value, part)
        away.append((found - survey.truth.national[name]) / error)
        bare.append((value.mean() if part is None else value[part].mean()) - survey.truth.national[name])
        bare[-1] /= error
    assert np.abs(away).max() < 3.6
    assert np.abs(bare).max() > 5


def test_deciles_are_tenths_and_weights_sum_to_the_population(survey):
    homes, people = survey.households, survey.persons
    for decile in range(1, 11):
        found, error = estimate(homes, (homes["desil"] == decile).to_numpy(dtype=float))
        assert abs(found - 0.1) < 4 * error
    assert homes["penimbang"].sum() == pytest.approx(survey.truth.national["ruta"], rel=0.02)
    assert people["penimbang"].sum() == pytest.approx(survey.truth.national["penduduk"], rel=0.02)


def test_the_truth_is_what_a_million_households_of_the_law_show():
    made = world(seed=4, n_households=100, n_districts=1, n_psus=4)
    told = truth(made).national
    random = np.random.default_rng(1)
    n = 1_000_000
    stratum = random.choice(2, n, p=made.households / made.households.sum())
    size = np.array([1 + random.binomial(9, p, n) for p in made.larger])[stratum, np.arange(n)]
    level = random.normal(made.law.drift, made.law.block_sd, n) + random.normal(0, made.law.home_sd, n)
    log_y = made.mean[stratum] + made.law.slope * (size - 3.61) + level
    y, z = np.exp(log_y), made.line[0]
    poor = y < z
    assert np.average(poor, weights=size) == pytest.approx(told["p0"], abs=0.0015)
    assert np.average(np.where(poor, (1 - y / z) ** 2, 0), weights=size) == pytest.approx(told["p2"], abs=2e-4)
    assert np.average(y, weights=size) == pytest.approx(told["mean"], rel=0.002)
    order = np.argsort(y)
    share = np.cumsum((size * y)[order]) / (size * y).sum()
    people = np.concatenate([[0.0], np.cumsum(size[order]) / size.sum()])
    lorenz = np.concatenate([[0.0], share])
    assert 1 - 2 * np.trapezoid(lorenz, people) == pytest.approx(told["gini"], abs=0.001)
    score = log_y + random.normal(0, made.law.score_sd, n)
    assert np.quantile(score, [0.1, 0.5, 0.9]) == pytest.approx(made.cuts[[0, 4, 8]], abs=0.005)


def test_a_design_as_it_was_asked_for(survey):
    homes = survey.households
    assert len(homes) == 24_000
    assert homes["psu"].nunique() == 2_400
    assert homes["strata"].nunique() == 48
    blocks = homes.groupby("strata")["psu"].nunique()
    assert blocks.min() >= 2
    assert (homes.groupby("strata")["fpc"].first() > blocks).all()
    assert (homes.groupby("psu").size() == 10).all()
    assert homes["ruta"].is_unique
    assert not survey.persons.duplicated(["ruta", "urut"]).any()
    assert (survey.persons.groupby("ruta").size().to_numpy() == homes["anggota"].to_numpy()).all()
    assert (survey.design, homes[["pkh", "bpnt"]].isin([0, 1]).all().all()) == (DESIGN, True)


def test_no_row_stands_under_the_name_of_a_real_district(survey):
    for code in survey.households["kab"].cat.categories:
        assert "Contoh" in example_region(code).label
    assert not set(survey.truth.districts["kab"]) & {r.code for r in regions()}


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(survey, tmp_path):
    again = susenas_like(seed=20, n_households=24_000, n_districts=24)
    pd.testing.assert_frame_equal(again.households, survey.households)
    pd.testing.assert_frame_equal(again.persons, survey.persons)
    other = susenas_like(seed=21, n_households=24_000, n_districts=24)
    assert (other.households["skor"] != survey.households["skor"]).mean() > 0.99


@pytest.mark.parametrize("level", ["household", "person"])
def test_the_file_holds_the_same_rows_a_district_at_a_time(survey, tmp_path, level):
    paths = [tmp_path / f"susenas_sintetis_{i}.parquet" for i in range(2)]
    told = [write_survey(p, level=level, seed=20, n_households=24_000, n_districts=24) for p in paths]
    pd.testing.assert_frame_equal(told[0].districts, survey.truth.districts)
    assert len({hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}) == 1
    file = pq.ParquetFile(paths[0])
    assert file.num_row_groups == 24
    assert file.schema_arrow.metadata[b"sintetis"] == b"ya"
    rows = pd.read_parquet(paths[0])
    wanted = survey.households if level == "household" else survey.persons
    pd.testing.assert_frame_equal(rows.astype({"kab": "str"}), wanted.astype({"kab": "str"}))


def test_a_file_whose_name_does_not_say_so_is_refused(tmp_path):
    with pytest.raises(OutputError, match="susenas_sintetis"):
        write_survey(tmp_path / "susenas.parquet", level="person", seed=1, n_households=100, n_districts=2)
    assert not list(tmp_path.iterdir())
    with pytest.raises(OutputError, match="cannot be written"):
        write_survey(tmp_path / "x" / "sintetis.parquet", level="person", seed=1, n_households=100, n_districts=2)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"n_households": 100, "n_districts": 600}, "from 1 to 514"),
        ({"n_households": 100, "n_districts": 0}, "0 districts"),
        ({"n_households": 30, "n_districts": 1, "n_psus": 3}, "two blocks"),
        ({"n_households": 3, "n_districts": 1, "n_psus": 4}, "at least one household"),
    ],
)
def test_what_cannot_be_is_refused(asked, said):
    with pytest.raises(DataError, match=said):
        susenas_like(seed=1, **asked)


def test_replicates_estimate_the_variance_of_the_design(survey):
    homes = survey.households
    value = homes["pengeluaran_kapita"].to_numpy()
    mean, error = estimate(homes, value)
    weights = replicate_weights(homes, n=600, seed=3)
    means = (weights.to_numpy() * value[:, None]).sum(axis=0) / weights.to_numpy().sum(axis=0)
    assert np.sqrt(np.mean((means - mean) ** 2)) == pytest.approx(error, rel=0.12)
    shuffled = homes.sample(frac=1, random_state=1)
    again = replicate_weights(shuffled, n=3, seed=3).loc[homes.index]
    pd.testing.assert_frame_equal(again, replicate_weights(homes, n=3, seed=3))
    with pytest.raises(DataError, match="1 strata have one block"):
        replicate_weights(homes[(homes["strata"] > 1) | (homes["psu"] == 1)], n=2, seed=1)


def test_a_law_of_ones_own():
    made = world(seed=4, n_households=400, n_districts=4, n_psus=40, law=replace(Law(), exclusion=(0.0, 0.0)))
    reached = truth(made).national
    assert reached["pkh_exclusion"] < 0.5
    assert reached["pkh_exclusion"] > reached["bpnt_exclusion"]
