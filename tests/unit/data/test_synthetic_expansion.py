"""The invented panel of staggered adoption: its truth without the effect, its trends without the noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from staggered_world import SYNTHETIC, susun

from kesos_research.domain import example_regions
from kesos_research.methods import callaway_santanna

ROLES = {"unit": "wilayah", "period": "tahun", "since": "tahun_slrt"}


@pytest.fixture
def changed(monkeypatch):
    """The panel and truth of the same seed under other laws."""

    def invent(**changes) -> tuple[pd.DataFrame, pd.DataFrame]:
        laws = {name: replace(law, **changes) for name, law in susun.LAWS.items()}
        monkeypatch.setattr(susun, "LAWS", laws)
        return susun.invent(susun.SEED)

    return invent


def test_the_files_are_what_the_script_writes():
    panel, truth = susun.invent(susun.SEED)
    written = pd.read_csv(SYNTHETIC / "perluasan_sintetis.csv", dtype={"wilayah": str})
    pd.testing.assert_frame_equal(written, panel, check_dtype=False)
    known = pd.read_csv(SYNTHETIC / "kebenaran_perluasan_sintetis.csv").set_index("butir")["nilai"]
    np.testing.assert_allclose(known, truth.set_index("butir")["nilai"][known.index], rtol=1e-7)


def test_every_region_is_of_the_country_that_does_not_exist():
    panel, _truth = susun.invent(susun.SEED)
    assert set(panel["wilayah"]) == {r.code for r in example_regions()}
    assert panel.groupby("wilayah")["tahun"].agg(["min", "max", "count"]).drop_duplicates().values.tolist() == [
        [2010, 2021, 12]
    ]
    assert panel.drop_duplicates("wilayah")["tahun_slrt"].value_counts().to_dict() == susun.COHORTS


def test_the_truth_is_the_panel_less_what_it_had_been_without_the_programme(changed):
    panel, truth = susun.invent(susun.SEED)
    without, _nothing = changed(effect=(0.0,) * 6)
    for outcome in susun.LAWS:
        effect = (panel[outcome] - without[outcome]).groupby([panel["tahun_slrt"], panel["tahun"]]).mean()
        cells = truth[(truth["hasil"] == outcome) & (truth["ukuran"] == "att_gt")]
        assert len(cells) == sum(2021 - year + 1 for year in susun.COHORTS)
        for cell in cells.itertuples():
            assert effect[cell.kohor, cell.tahun] == pytest.approx(cell.nilai, abs=0.003)
        early = effect[effect.index.get_level_values(0) > effect.index.get_level_values(1)]
        assert early.abs().max() == 0


def test_without_noise_the_estimator_finds_every_mean_of_the_truth(changed):
    panel, truth = changed(noise=0.0, spread=0.0)
    for outcome in ("pengaduan_selesai", "p0", "lama_sekolah"):
        answer = callaway_santanna(panel, outcome=outcome, **ROLES, seed=1, base="universal")
        own = truth[(truth["hasil"] == outcome) & truth["kelompok"].isna()]
        wholes = own[own["kohor"].isna() & own["jarak"].isna()].set_index("ukuran")["nilai"]
        found = answer.table.set_index("term")["estimate"]
        np.testing.assert_allclose(found[wholes.index], wholes, atol=0.01)
        before = answer.evidence["att_gt"].query("event_time < 0")["estimate"]
        assert before.abs().max() <= 0.02, "trends without the programme are parallel, to the rounding"


def test_levels_differ_by_cohort_and_the_placebo_does_not_move():
    panel, truth = susun.invent(susun.SEED)
    early = panel[panel["tahun"] < 2016].groupby("tahun_slrt", dropna=False)["pengaduan_selesai"].mean()
    assert early.iloc[0] - early.iloc[-1] > 4
    assert (truth.loc[truth["hasil"] == "lama_sekolah", "nilai"] == 0).all()
