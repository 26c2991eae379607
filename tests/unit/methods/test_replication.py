"""Replicate weights against independent code: loops over units, Hadamard's identity, the formula they estimate."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.language import use
from kesos_research.methods import mean, ratio, total
from kesos_research.methods.replication import replicated

RNG = np.random.default_rng(2)
ROWS = pd.DataFrame(
    {
        "strata": np.repeat(list("abc"), 12),
        "psu": np.repeat(np.arange(12), 3),
        "w": RNG.uniform(1, 9, 36),
        "y": RNG.normal(5, 2, 36),
        "x": RNG.uniform(1, 2, 36),
        "N": np.repeat([8, 10, 40], 12),
    }
)
PAIRS = ROWS[ROWS.psu % 4 < 2].reset_index(drop=True)
DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")


def test_jackknife_in_strata_by_a_loop():
    design = SurveyDesign(weight="w", strata="strata", cluster="psu", fpc="N")
    rows, made = replicated(ROWS, design=design, kind="jkn")
    V = 0.0
    theta = np.average(ROWS.y, weights=ROWS.w)
    thetas, factors = [], []
    for psu in range(12):
        home = ROWS.strata[ROWS.psu == psu].iloc[0]
        w = ROWS.w * np.where(ROWS.psu == psu, 0, np.where(ROWS.strata == home, 4 / 3, 1))
        thetas.append(np.average(ROWS.y, weights=w))
        factors.append((1 - 4 / ROWS.N[ROWS.psu == psu].iloc[0]) * 3 / 4)
    V = (np.array(factors) * (np.array(thetas) - np.mean(thetas)) ** 2).sum()
    row = mean(rows, of="y", design=made).row(term="y")
    assert [row.estimate, row.std_error, row.df] == pytest.approx([theta, np.sqrt(V), 12 - 3])


@pytest.mark.parametrize("kind", ["brr", "fay", "jkn"])
def test_totals_have_the_linear_variance_exactly(kind):
    """For a total with two units a stratum all of them give Σ_h (difference of the two)²."""
    rows, made = replicated(PAIRS, design=DESIGN, kind=kind)
    ours, linear = (total(r, of="y", design=d).row(term="y") for r, d in ((rows, made), (PAIRS, DESIGN)))
    u = (PAIRS.w * PAIRS.y).groupby([PAIRS.strata, PAIRS.psu]).sum().to_numpy().reshape(3, 2)
    assert ours.std_error == pytest.approx(np.sqrt((np.diff(u) ** 2).sum()))
    assert ours.std_error == pytest.approx(linear.std_error)
    assert ours.df == linear.df == 3


def test_halves_are_balanced():
    rows, made = replicated(PAIRS, design=DESIGN, kind="brr")
    M = rows[list(made.of("replicate_weights"))].div(rows.w, axis=0).groupby(rows.psu).first().to_numpy().T - 1
    assert set(np.unique(M)) == {-1.0, 1.0}
    first = M[:, ::2]
    assert first.T @ first == pytest.approx(len(M) * np.eye(3))
    assert (M[:, ::2] == -M[:, 1::2]).all()


def test_the_bootstrap_has_the_linear_variance_on_average():
    rows, made = replicated(ROWS, design=DESIGN, kind="bootstrap", replicates=1500, seed=6)
    for method, roles in ((total, {"of": "y"}), (ratio, {"of": "y", "to": "x"})):
        drawn, linear = (method(r, **roles, design=d).table.std_error[0] for r, d in ((rows, made), (ROWS, DESIGN)))
        assert drawn == pytest.approx(linear, rel=0.05)
    again, _ = replicated(ROWS, design=DESIGN, kind="bootstrap", replicates=1500, seed=6)
    pd.testing.assert_frame_equal(rows, again)


def test_calibration_is_made_anew_on_every_replicate():
    counts = {"a": 50, "b": 60, "c": 70}
    rows, made = replicated(ROWS, design=DESIGN.poststratified("strata", counts), kind="jkn")
    table = total(rows.assign(one=1), of="one", by="strata", design=made).table
    assert table.estimate.tolist() == pytest.approx([50, 60, 70])
    assert table.std_error.tolist() == pytest.approx([0, 0, 0], abs=1e-10)
    linear = mean(ROWS, of="y", design=DESIGN.poststratified("strata", counts)).table.std_error[0]
    assert mean(rows, of="y", design=made).table.std_error[0] == pytest.approx(linear, rel=0.1)


@pytest.mark.parametrize(
    ("rows", "design", "roles", "told"),
    [
        (ROWS, DESIGN, {"kind": "brr"}, "more than two units"),
        (ROWS, DESIGN, {"kind": "jk1"}, "3 strata"),
        (ROWS, DESIGN, {"kind": "bootstrap"}, "no seed"),
        (PAIRS, SurveyDesign("w", "strata", "psu", "N"), {"kind": "brr"}, "population sizes"),
        (ROWS.assign(replicate_3=1), DESIGN, {"kind": "jkn"}, "replicate_3 is there"),
        (ROWS, SurveyDesign(cluster="psu"), {"kind": "jk1"}, "kind is"),
    ],
)
def test_what_the_design_does_not_allow_is_refused(rows, design, roles, told):
    with use("en"), pytest.raises(MethodError, match=told):
        replicated(rows, design=design, **roles)
