"""California's Proposition 99, the classic case: our numbers against those of R's synthdid and of Abadie et al.

The headline numbers stand here; the panel itself is read where the reference results lie beside the project. Estimates
agree to 1e-6; the synthetic control to 0.2, because weights of synthdid stop early and are cut off (-19.6197 for it,
-19.5136 at the optimum, at a lower loss).
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.methods import diff_in_diff, randomization_inference, synthetic_control

DID, SC, SYNTHDID_SC = -27.3491110836149, -19.5, -19.619663470944
SYNTHDID_WEIGHTS = {
    "Colorado": 0.0133158499706016, "Connecticut": 0.104467335733299, "Delaware": 0.00405025978204425,
    "Montana": 0.232272704391924, "Nevada": 0.204426127993561, "New Hampshire": 0.0453637093937017,
    "Utah": 0.396104012734867,
}  # fmt: skip
PANEL = Path(__file__).parents[3] / "shared" / "oracles" / "data" / "synthdid_california_prop99.csv.gz"
ROLES = {"outcome": "packs", "unit": "state", "period": "year", "treated": "law", "since": 1989}

pytestmark = pytest.mark.skipif(not PANEL.exists(), reason="reference panels are not beside the project")


@pytest.fixture(scope="module")
def rows():
    frame = pd.read_csv(PANEL)
    frame.columns = ["state", "year", "packs", "law"]
    return frame.assign(law=frame.state == "California")


def test_difference_in_differences(rows):
    assert diff_in_diff(rows, **ROLES).row(term="treated").estimate == pytest.approx(DID, rel=1e-6)


@pytest.fixture(scope="module")
def classic(rows):
    return synthetic_control(rows, **ROLES, seed=1, penalty=0.0)


def test_classic_synthetic_control(classic):
    assert classic.row(term="California").estimate == pytest.approx(SC, abs=0.2)
    assert classic.row(term="California").estimate == pytest.approx(SYNTHDID_SC, abs=0.2)


def test_weights_are_those_of_synthdid_at_a_lower_loss(rows, classic):
    ours = classic.evidence["weights"].set_index("donor").weight
    wide = rows.pivot(index="state", columns="year", values="packs").loc[:, :1988]

    def loss(weights):
        return float(((wide.loc["California"] - weights @ wide.loc[weights.index]) ** 2).mean())

    theirs = pd.Series(SYNTHDID_WEIGHTS)
    assert (ours - theirs).abs().max() < 0.01
    assert loss(ours) <= loss(theirs)


def test_every_duality_gap(classic):
    assert classic.evidence["fit"].duality_gap.max() <= 1e-8


def test_randomisation_of_the_difference_by_rank(rows):
    wide = rows.pivot(index="state", columns="year", values="packs")
    D = (wide.loc[:, 1989:].mean(axis=1) - wide.loc[:, :1988].mean(axis=1)).to_numpy()
    T = np.abs((D - D.mean()) * 39 / 38)
    california = wide.index.get_loc("California")
    answer = randomization_inference(rows, **ROLES, seed=1).row(term="treated")
    assert answer.p_value == pytest.approx(np.mean(T[california] - 1e-9 <= T))
