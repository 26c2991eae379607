"""With covariates against R's did 2.5, and honest intervals against what Rambachan and Roth's sets say.

One file for all that needs moderndid, whose import takes seconds. Estimates at 1e-6 and standard errors at 1e-5.
"""

import numpy as np
import pandas as pd
import pytest

from kesos_research.errors import MethodError
from kesos_research.estimates import Estimates
from kesos_research.methods import callaway_santanna, honest_did

from .oracles import beside, entries, rows
from .test_staggered import COMPARISON, DID, MPDTA, same_cells

pytestmark = pytest.mark.xdist_group("moderndid")
LPOP = [name for name in DID if name.startswith("mpdta_n") and "_lpop_" in name]


@beside
@pytest.mark.parametrize("name", LPOP)
def test_group_time_effects_given_population(name):
    frame = rows("did_mpdta").assign(since=lambda f: f["first.treat"].replace(0, np.nan))
    _data, comparison, estimator, _formula, base = name.split("_")
    answer = callaway_santanna(
        frame, **MPDTA, seed=1, covariates="lpop", comparison=COMPARISON[comparison], estimator=estimator, base=base
    )
    same_cells(answer, entries("did")[name])


def test_repeated_cross_sections_with_a_covariate_that_says_nothing_about_treatment():
    """A covariate that is nought on average in every cell leaves the four means as they are."""
    rng = np.random.default_rng(20130501)
    frame = pd.DataFrame(
        [(t, g, x) for t in (1, 2) for g in (2.0, np.nan) for x in (-1.0, 1.0) for _copy in range(40)],
        columns=["year", "since", "x"],
    )
    frame["y"] = rng.normal(size=len(frame)) + frame.x
    roles = {"outcome": "y", "unit": None, "period": "year", "since": "since", "seed": 1}
    plain = callaway_santanna(frame, **roles)
    for estimator in ("reg", "dr", "ipw"):
        given = callaway_santanna(frame, **roles, covariates="x", estimator=estimator)
        assert given.row(term="simple").estimate == pytest.approx(plain.row(term="simple").estimate, abs=1e-8)


def test_a_cohort_without_its_like_is_left_out():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame([(i, t) for i in range(60) for t in range(4)], columns=["unit", "t"])
    frame["since"] = np.select([frame.unit < 10, frame.unit < 30], [2.0, 3.0], np.nan)
    frame["x"] = rng.normal(size=60)[frame.unit] + 50.0 * (frame.unit < 10)
    frame["y"] = rng.normal(size=len(frame))
    answer = callaway_santanna(frame, outcome="y", unit="unit", period="t", since="since", covariates="x", seed=1)
    overlap = next(c for c in answer.checks if c.name == "overlap")
    assert overlap.status == "fail"
    assert set(answer.evidence["att_gt"].since) == {3.0}


def study(at, beta, V, reference=-1.0):
    """An event study with these numbers."""
    at, beta = np.asarray(at, float), np.asarray(beta, float)
    table = pd.DataFrame({"event_time": at, "estimate": beta, "std_error": np.sqrt(np.diag(V))})
    nought = pd.DataFrame({"event_time": [reference], "estimate": [0.0], "std_error": [np.nan]})
    i, j = np.indices(V.shape)
    covariance = pd.DataFrame({"event_time": at[i.ravel()], "other": at[j.ravel()], "covariance": V.ravel()})
    return Estimates(
        pd.DataFrame([{"term": "mean", "estimate": beta[at >= 0].mean(), "n": 100}]),
        "event_study",
        "",
        evidence={"event_time": pd.concat([table, nought]), "event_covariance": covariance},
    )


SURE = np.eye(4) * 1e-4
PATH = study([-3, -2, 0, 1], [0.4, 0.1, 2.0, 3.0], SURE)
STEP = 0.3
"""The most that trends parted from one period to the next: from 0.4 to 0.1."""


def test_one_period_before_and_one_after():
    """By hand: the test of one difference against another is that of a mean of two normals, here at M = 1."""
    single = study([-2, 0], [0.2, 2.0], np.eye(2) * 0.04)
    robust = honest_did(single, bounds=[1.0]).evidence["robust"].iloc[0]
    assert 2.0 - 0.2 - 1.96 * np.sqrt(0.08) == pytest.approx(robust.conf_low, abs=0.12)
    assert 2.0 + 0.2 + 1.96 * np.sqrt(0.08) == pytest.approx(robust.conf_high, abs=0.12)


def test_without_noise_the_robust_interval_is_the_identified_set():
    """Trends part by M times the largest step before, here the first: by M and 2 M after, 1.5 M on average."""
    robust = honest_did(PATH, bounds=[1.0]).evidence["robust"].iloc[0]
    assert robust.conf_low == pytest.approx(2.5 - 1.5 * STEP, abs=0.04)
    assert robust.conf_high == pytest.approx(2.5 + 1.5 * STEP, abs=0.04)


def test_smoothness_nought_takes_a_straight_line_out():
    """Before: 0.2 and 0.1 above the reference, falling by 0.1 a period; the line reaches −0.1 and −0.2 after."""
    straight = study([-3, -2, 0, 1], [0.2, 0.1, 2.0, 3.0], SURE)
    robust = honest_did(straight, restriction="smoothness", bounds=[0.0]).evidence["robust"]
    assert robust.conf_low[0] == pytest.approx(2.5 + 0.15, abs=0.04)
    assert robust.conf_high[0] == pytest.approx(2.5 + 0.15, abs=0.04)


@pytest.fixture(scope="module")
def noisy():
    return study([-3, -2, 0, 1], [0.05, -0.05, 1.0, 1.2], np.eye(4) * 0.04 + 0.02)


@pytest.fixture(scope="module")
def sensitive(noisy):
    return honest_did(noisy, bounds=[0.5, 4.0])


class TestProfits:
    """Benzarti and Carloni (2019): profits after a cut of a tax, 2004 to 2012, as HonestDiD ships them.

    Estimates and covariance (in 1e-6) as its data set has them; intervals of HonestDiD 0.2.8 in R: conditional test
    and fixed length. Its grid has steps of .0008, and ends at .3531, which is no end of an interval.
    """

    BETA = (
        0.00669635180383921, 0.0293450336903334, -0.00647297222167253, 0.0730149894952774,
        0.195961117744446, 0.312063902616501, 0.239541545510292, 0.126042500138283,
    )  # fmt: skip
    LOWER = (
        (842.835812,),
        (476.868678, 642.542029),
        (261.805108, 398.742501, 522.994960),
        (235.422034, 243.551520, 211.768609, 308.959541),
        (167.637147, 220.196031, 184.072225, 119.786608, 359.970436),
        (112.870766, 180.459116, 145.852784, 133.408132, 247.881864, 426.394981),
        (19.928162, 38.437651, 70.051974, 101.633501, 174.957924, 217.143781, 488.669786),
        (-136.826537, -29.604220, 59.529950, 107.905173, 165.425692, 289.274787, 380.532205, 761.739444),
    )

    @pytest.fixture(scope="class")
    @classmethod
    def profits(cls):
        V = np.zeros((8, 8))
        for i, row in enumerate(cls.LOWER):
            V[i, : i + 1] = V[: i + 1, i] = row
        return study([-5, -4, -3, -2, 0, 1, 2, 3], cls.BETA, V * 1e-6)

    def test_relative_magnitudes_of_the_mean(self, profits):
        robust = honest_did(profits, bounds=[0.5]).evidence["robust"]
        assert robust.conf_low[0] == pytest.approx(0.068924, abs=8e-4)
        assert robust.conf_high[0] > 0.353101

    @pytest.mark.parametrize(
        ("event_time", "low", "high"),
        [
            (0, (0.131411, 0.154965), (0.216170, 0.270385)),
            (None, (0.133193, 0.124138), (0.230363, 0.368035)),
        ],
    )
    def test_smoothness(self, profits, event_time, low, high):
        answer = honest_did(profits, restriction="smoothness", bounds=[0.0, 0.01], event_time=event_time)
        assert answer.evidence["robust"].conf_low.to_numpy() == pytest.approx(low, abs=1e-3)
        assert answer.evidence["robust"].conf_high.to_numpy() == pytest.approx(high, abs=1e-3)


def test_intervals_widen_with_the_bound(sensitive):
    robust = sensitive.evidence["robust"]
    assert robust.conf_low[1] < robust.conf_low[0] < 1.1 < robust.conf_high[0] < robust.conf_high[1]


def test_the_breakdown_lies_between_the_bounds_that_it_parts(sensitive):
    robust, broken = sensitive.evidence["robust"], sensitive.evidence["breakdown"].bound[0]
    assert robust.bound[robust.conf_low > 0].max() <= broken <= robust.bound[robust.conf_low <= 0].min()


def test_a_varying_base_is_refused_with_the_remedy():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame([(i, t) for i in range(30) for t in range(6)], columns=["unit", "t"])
    frame["since"] = np.where(frame.unit < 12, 3.0, np.nan)
    frame["y"] = rng.normal(size=len(frame))
    answer = callaway_santanna(frame, outcome="y", unit="unit", period="t", since="since", seed=1)
    with pytest.raises(MethodError, match="each against the period before") as told:
        honest_did(answer)
    assert 'base="universal"' in str(told.value)
