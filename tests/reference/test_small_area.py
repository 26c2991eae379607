"""Small areas against R's sae and rsae, and against matrices written out.

The milk data (sae) are read where the reference results lie beside the project: sae's runs with PRECISION = 1e-12 agree
to 1e-6, its default runs, which stop at 1e-4, to 1e-5. The corn data of Battese, Harter and Fuller (1988, table 1)
stand here; rsae (its own tests) gives their maximum-likelihood fit, which stops at 1e-5: compared at 1e-4.
"""

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.methods import battese_harter_fuller, fay_herriot

ORACLES = Path(__file__).parents[3] / "shared" / "oracles"
beside = pytest.mark.skipif(not ORACLES.exists(), reason="reference results are not beside the project")

METHODS = {"reml": "REML", "ml": "ML", "moment": "FH"}


@pytest.fixture(scope="module")
def milk():
    rows = pd.read_csv(ORACLES / "data" / "sae_milk.csv.gz")
    return rows.assign(v=rows.SD**2, **{f"major{k}": (rows.MajorArea == k) * 1.0 for k in (2, 3, 4)})


@pytest.fixture(scope="module")
def sae():
    with gzip.open(ORACLES / "sae.json.gz") as file:
        return {o["id"]: o["results"] for o in json.load(file)["oracles"]}


@beside
@pytest.mark.parametrize(("run", "rel"), [("_tight", 1e-6), ("", 1e-5)])
@pytest.mark.parametrize("method", METHODS)
def test_milk(milk, sae, method, run, rel):
    wanted = sae[f"sae_milk_{METHODS[method]}{run}"]
    answer = fay_herriot(
        milk, of="yi", variance="v", area="SmallArea", covariates=["major2", "major3", "major4"], method=method
    )
    model, line = answer.evidence["model"].iloc[0], answer.evidence["coefficients"]
    assert model.sigma2 == pytest.approx(wanted["refvar"], rel=rel)
    assert line.estimate.to_numpy() == pytest.approx(wanted["beta"], rel=rel)
    assert line.std_error.to_numpy() == pytest.approx(wanted["beta_se"], rel=1e-5)
    assert answer.table.estimate.to_numpy() == pytest.approx(wanted["eblup"], rel=rel)
    assert answer.table.std_error.to_numpy() ** 2 == pytest.approx(wanted["mse"], rel=1e-5)


@beside
def test_milk_headline(milk):
    answer = fay_herriot(milk, of="yi", variance="v", area="SmallArea", covariates=["major2", "major3", "major4"])
    assert answer.evidence["model"].sigma2.iloc[0] == pytest.approx(0.0185503, abs=5e-8)
    assert answer.evidence["coefficients"].estimate.round(6).tolist() == [0.968189, 0.132780, 0.226946, -0.241301]


AREAS = pd.DataFrame(
    {
        "area": list("abcdefgh"),
        "y": [8.1, 14.2, 7.3, 12.4, 22.5, 9.6, 15.7, 11.8],
        "v": [4.0, 1.0, 4.0, 1.0, 4.0, 2.0, 3.0, 0.5],
        "x": [1.0, 2.0, 2.0, 3.0, 4.0, 1.5, 3.5, 2.5],
    }
)
BRUTE = {
    "reml": [5.22559299357, 3.26564290301, 3.85642525883, 3.43306561575],
    "ml": [3.47282634297, 3.44227818233, 3.77864029145, 3.52373553965],
    "moment": [5.4196255863, 3.25145339539, 3.86265675101, 3.46051865569],
}
"""σ², β, and the mean squared error of area a, from the dense matrices of `brute` at a root found to 1e-15."""


def brute(method):
    """The estimating equations in whole matrices, their root by bisection; the error by the same matrices."""
    from scipy import optimize

    y, v, X = AREAS.y.to_numpy(), AREAS.v.to_numpy(), np.column_stack([np.ones(8), AREAS.x])

    def parts(s):
        W = np.diag(1 / (s + v))
        C = np.linalg.inv(X.T @ W @ X)
        return W, C, W - W @ X @ C @ X.T @ W

    def equation(s):
        W, _C, P = parts(s)
        if method == "moment":
            return y @ P @ y - 6
        return y @ P @ P @ y - np.trace(P if method == "reml" else W)

    s = optimize.bisect(equation, 1e-9, 60, xtol=1e-14)
    W, C, _P = parts(s)
    w, b = np.diag(W), C @ X.T @ W @ y
    variance = 2 / (w**2).sum() if method != "moment" else 16 / w.sum() ** 2
    bias = {
        "reml": 0.0,
        "ml": -np.trace(C @ X.T @ W @ W @ X) / (w**2).sum(),
        "moment": 2 * (8 * (w**2).sum() - w.sum() ** 2) / w.sum() ** 3,
    }[method]
    B = v * w
    mse = s * B + B**2 * np.einsum("ip,pq,iq->i", X, C, X) + 2 * B**2 * w * variance - bias * B**2
    return s, *b, mse[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_small_case_against_whole_matrices(method):
    answer = fay_herriot(AREAS, of="y", variance="v", area="area", covariates=["x"], method=method)
    assert brute(method) == pytest.approx(BRUTE[method], rel=1e-9)
    found = (
        answer.evidence["model"].sigma2.iloc[0],
        *answer.evidence["coefficients"].estimate,
        answer.table.std_error.iloc[0] ** 2,
    )
    assert found == pytest.approx(BRUTE[method], rel=1e-9)


CORN = pd.read_csv(
    io.StringIO("""\
county,corn,corn_pixels,soy_pixels
Cerro Gordo,165.76,374,55
Hamilton,96.32,209,218
Worth,76.08,253,250
Humboldt,185.35,432,96
Humboldt,116.43,367,178
Franklin,162.08,361,137
Franklin,152.04,288,206
Franklin,161.75,369,165
Pocahontas,92.88,206,218
Pocahontas,149.94,316,221
Pocahontas,64.75,145,338
Winnebago,127.07,355,128
Winnebago,133.55,295,147
Winnebago,77.7,223,204
Wright,206.39,459,77
Wright,108.33,290,217
Wright,118.17,307,258
Webster,99.96,252,303
Webster,140.43,293,221
Webster,98.95,206,222
Webster,131.04,302,274
Hancock,114.12,313,190
Hancock,100.6,246,270
Hancock,127.88,353,172
Hancock,116.9,271,228
Hancock,87.41,237,297
Kossuth,93.48,221,167
Kossuth,121,369,191
Kossuth,109.91,343,249
Kossuth,122.66,342,182
Kossuth,104.21,294,179
Hardin,88.59,220,262
Hardin,88.59,340,87
Hardin,165.35,355,160
Hardin,104,261,221
Hardin,88.63,187,345
Hardin,153.7,350,190
""")
)
MEANS = pd.read_csv(
    io.StringIO("""\
county,segments,corn_pixels,soy_pixels
Cerro Gordo,545,295.29,189.7
Hamilton,566,300.4,196.65
Worth,394,289.6,205.28
Humboldt,424,290.74,220.22
Franklin,564,318.21,188.06
Pocahontas,570,257.17,247.13
Winnebago,402,291.77,185.37
Wright,567,301.26,221.36
Webster,687,262.17,247.09
Hancock,569,314.28,198.66
Kossuth,965,298.65,204.61
Hardin,556,325.99,177.05
""")
)
OUTLIER = 32
"""Hardin's second segment, which the authors left out."""
RSAE = {
    "beta": [50.96755698661854, 0.32858050698728736, -0.13370990402151223],
    "within": 137.31355346825936,
    "between": 121.06196596142701,
}
RSAE_MEANS = [122.28137029, 126.10974264, 107.15440237, 108.74062683, 144.02111349, 111.95424875, 113.00857531,
              122.00592597, 115.15530977, 124.44165770, 107.11863392, 142.85281493]  # fmt: skip


def corn(method):
    return battese_harter_fuller(
        CORN.drop(index=OUTLIER),
        of="corn",
        area="county",
        covariates=["corn_pixels", "soy_pixels"],
        population=MEANS,
        method=method,
    )


def test_corn_against_rsae():
    answer = corn("ml")
    model = answer.evidence["model"].iloc[0]
    assert answer.evidence["coefficients"].estimate.tolist() == pytest.approx(RSAE["beta"], rel=1e-4)
    assert (model.sigma2_within, model.sigma2_between) == pytest.approx((RSAE["within"], RSAE["between"]), rel=1e-4)
    assert answer.table.estimate.tolist() == pytest.approx(RSAE_MEANS, rel=1e-4)


def test_corn_against_the_paper():
    """The paper's rounded figures: σ_v² 140, σ_e² 147; β 51 (25), .329 (.050), −.134 (.056)."""
    answer = corn("reml")
    model, line = answer.evidence["model"].iloc[0], answer.evidence["coefficients"]
    assert (round(model.sigma2_between), round(model.sigma2_within)) == (140, 147)
    assert line.estimate.tolist() == pytest.approx([51, 0.329, -0.134], abs=0.5)
    assert line.estimate.tolist()[1:] == pytest.approx([0.329, -0.134], abs=0.001)
    assert line.std_error.tolist() == pytest.approx([25, 0.050, 0.056], rel=0.03)
