"""What "95 %" means for the study `perluasan-slrt`: other draws of its law, judged by the band of 99.9 % of runs."""

import numpy as np
import pandas as pd
import pytest
from monte_carlo import highest, lowest
from staggered_world import susun

from kesos_research.methods import callaway_santanna

SEEDS = range(101, 113)
WHOLES = ("simple", "group", "calendar")


@pytest.fixture(scope="module")
def draws():
    """For each draw: whether each interval holds the truth, and how far the two-way regression is from it."""
    found = []
    for seed in SEEDS:
        panel, truth = susun.invent(seed)
        for outcome in ("pengaduan_selesai", "p0"):
            answer = callaway_santanna(
                panel, outcome=outcome, unit="wilayah", period="tahun", since="tahun_slrt", seed=1
            ).table.set_index("term")
            own = truth[(truth["hasil"] == outcome) & truth["kelompok"].isna()].set_index("ukuran")["nilai"]
            held = {term: answer.conf_low[term] <= own[term] <= answer.conf_high[term] for term in WHOLES}
            found.append({"outcome": outcome, **held, "off": two_way(panel, outcome) - own["simple"]})
    return pd.DataFrame(found)


def two_way(panel: pd.DataFrame, outcome: str) -> float:
    """The coefficient of a regression on region and year effects, by demeaning both ways."""
    treated = (panel["tahun"] >= panel["tahun_slrt"]).astype(float)
    D, y = (
        x - x.groupby(panel["wilayah"]).transform("mean") - x.groupby(panel["tahun"]).transform("mean") + x.mean()
        for x in (treated, panel[outcome])
    )
    return float((D * y).sum() / (D * D).sum())


@pytest.mark.parametrize("outcome", ["pengaduan_selesai", "p0"])
def test_intervals_hold_the_truth(draws, outcome):
    own = draws[draws["outcome"] == outcome]
    for term in WHOLES:
        assert lowest(len(SEEDS), 0.95, 6) <= own[term].mean() <= highest(len(SEEDS), 0.95, 6)


def test_the_two_way_regression_misses_in_every_draw(draws):
    off = draws.loc[draws["outcome"] == "pengaduan_selesai", "off"]
    assert np.max(off) < -1.5
