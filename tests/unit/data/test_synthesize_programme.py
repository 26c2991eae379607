"""The invented families of `prokus`: what lies in data/synthetic is what the script writes, and its truth holds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.data.read import check, read_codebook
from kesos_research.data.synthesize_programme import LASTING, programme_truth, prokus_like
from kesos_research.domain import example_regions

FOLDER = Path(__file__).parents[3] / "data" / "synthetic"
FILE = FOLDER / "prokus_sintetis.parquet"
SEED = 20210405


@pytest.fixture(scope="module")
def families() -> pd.DataFrame:
    return prokus_like(seed=SEED).families


def test_the_same_seed_gives_the_committed_rows(families):
    pd.testing.assert_frame_equal(families.astype(object), pd.read_parquet(FILE).astype(object), check_dtype=False)
    assert FILE.stat().st_size < 500_000


def test_another_seed_gives_others(families):
    assert not families["penghasilan_awal"].equals(prokus_like(seed=SEED + 1).families["penghasilan_awal"])


def test_rows_keep_the_promises_of_their_codebook():
    found = check(FILE, read_codebook(FOLDER / "codebook_prokus.yaml"), folder=FOLDER, name=FILE.name)
    assert found.errors == ()


def test_places_are_those_of_the_example_register(families):
    assert set(families["kab"]) <= {r.code for r in example_regions()}
    assert families.groupby("kab")["dana"].nunique().eq(1).all()


def test_offers_villages_and_spells(families):
    assert families.groupby("desa")["ditawari"].nunique().eq(1).all()
    assert not ((families["menerima"] == "1") & (families["ditawari"] == "0")).any()
    left = families[families["kelompok"] != "rintisan"]
    assert left.loc[left["kembali"] == 0, "bulan"].min() >= LASTING
    assert families.loc[families["kelompok"] == "rintisan", ["bulan", "kembali"]].isna().all(axis=None)
    costs = families.filter(like="biaya_").sum(axis=1)
    assert (costs[families["ditawari"] == "0"] == 0).all()


def test_attrition_differs_and_take_up_is_unequal(families):
    seen = (families["terwawancara"] == "1").groupby(families["ditawari"]).mean()
    assert seen["1"] > seen["0"] + 0.03
    offered = families[families["ditawari"] == "1"]
    taken = (offered["menerima"] == "1").groupby(offered["pernah_latihan"]).mean()
    assert taken["1"] > taken["0"] + 0.05


def test_truth_of_the_file_is_that_of_the_law():
    """Averages over fewer villages agree with the file within their own error; ratios of small numbers loosely."""
    told = pd.read_csv(FOLDER / "kebenaran_prokus_sintetis.csv").set_index(["kelompok", "term"])["estimate"]
    anew = programme_truth(villages=6_000).set_index(["kelompok", "term"])["estimate"]
    assert list(told.index) == list(anew.index)
    np.testing.assert_allclose(anew, told, rtol=0.05)
    takers = told.xs("takers.aset", level="term")
    assert (told.xs("itt.aset", level="term") / takers).to_numpy() == pytest.approx(
        told.xs("takers.share", level="term").to_numpy(), rel=1e-5
    )
