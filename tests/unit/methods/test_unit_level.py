"""Unit-level models: statsmodels' mixed models, generalised least squares in whole matrices, worlds made by the
model.
"""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from kesos_research.errors import MethodError
from kesos_research.methods import _unit_level, _unit_model, battese_harter_fuller, bootstrap_mse

ROLES = {"of": "y", "area": "area", "covariates": ["x", "z"]}


def world(m=14, seed=1, between=1.0, size=400):
    rng = np.random.default_rng(seed)
    n = rng.integers(2, 9, m)
    area = np.repeat([f"a{i:02d}" for i in range(m)], n)
    x, z = rng.normal(3, 2, n.sum()), rng.normal(size=n.sum())
    v = np.repeat(between * rng.normal(size=m), n)
    y = 5 + 2 * x - z + v + 1.5 * rng.normal(size=n.sum())
    names = [f"a{i:02d}" for i in range(m + 2)]
    means = pd.DataFrame({"area": names, "x": rng.normal(3, 0.5, m + 2), "z": rng.normal(0, 0.3, m + 2), "N": size})
    return pd.DataFrame({"area": area, "x": x, "z": z, "y": y}), means


def peer(rows, reml):
    model = MixedLM(rows.y, np.column_stack([np.ones(len(rows)), rows.x, rows.z]), groups=rows.area)
    return model.fit(reml=reml, method=["bfgs", "powell"], gtol=1e-10)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.filterwarnings("ignore")
def test_variances_and_line_are_those_of_statsmodels(method):
    rows, means = world()
    answer = battese_harter_fuller(rows, **ROLES, population=means, method=method)
    theirs, model = peer(rows, method == "reml"), answer.evidence["model"].iloc[0]
    assert model.sigma2_between == pytest.approx(float(theirs.cov_re.iloc[0, 0]), rel=1e-4)
    assert model.sigma2_within == pytest.approx(theirs.scale, rel=1e-4)
    line = answer.evidence["coefficients"]
    assert line.estimate.to_numpy() == pytest.approx(theirs.fe_params.to_numpy(), rel=1e-5)
    # theirs are from the observed information of everything together
    assert line.std_error.to_numpy() == pytest.approx(theirs.bse_fe.to_numpy(), rel=5e-3)


def matrices(rows, means, v, e, size=None):
    """BLUP and its error for given variances by Henderson's normal equations over every unit of the population's
    means.
    """
    X = np.column_stack([np.ones(len(rows)), rows.x, rows.z])
    names = means.area.tolist()
    Z = (rows.area.to_numpy()[:, None] == np.array(names)).astype(float)
    V = e * np.eye(len(rows)) + v * Z @ Z.T
    W = np.linalg.inv(V)
    C = np.linalg.inv(X.T @ W @ X)
    b = C @ X.T @ W @ rows.y.to_numpy()
    u = v * Z.T @ W @ (rows.y.to_numpy() - X @ b)
    n, P = Z.sum(axis=0), np.column_stack([np.ones(len(means)), means.x, means.z])
    if size is None:
        target = P @ b + u
        L = v * Z.T @ W
        D = P - L @ X
        mse = v - np.diag(L @ (v * Z)) + np.einsum("ip,pq,iq->i", D, C, D)
        return target, mse
    sums = Z.T @ np.column_stack([X, rows.y])
    rest = (size * P - sums[:, :3]) / (size - n)[:, None]
    target = (sums[:, 3] + (size - n) * (rest @ b + u)) / size
    L = v * Z.T @ W
    D = rest - L @ X
    mse = v - np.diag(L @ (v * Z)) + np.einsum("ip,pq,iq->i", D, C, D)
    return target, ((size - n) / size) ** 2 * mse + (size - n) / size**2 * e


@pytest.mark.parametrize("size", [None, 40.0])
def test_means_are_those_of_whole_matrices(size):
    rows, means = world(size=40)
    answer = battese_harter_fuller(rows, **ROLES, population=means, size="N" if size else None)
    model = answer.evidence["model"].iloc[0]
    target, known = matrices(rows, means, model.sigma2_between, model.sigma2_within, size)
    assert answer.table.estimate.to_numpy() == pytest.approx(target)
    assert answer.table.term.tolist() == ["eblup"] * 14 + ["synthetic"] * 2
    # what is beyond the error for known variances is 2 g3, and nothing where there is no sample
    beyond = answer.table.std_error.to_numpy() ** 2 - known
    assert (beyond[:14] > 0).all()
    assert beyond[14:] == pytest.approx(0, abs=1e-10)


def test_the_cost_of_estimating_the_variances_by_the_delta_method():
    """g3 = tr(V(σ̂²) · derivatives of the weights), with derivatives taken numerically."""
    rows, means = world()
    answer = battese_harter_fuller(rows, **ROLES, population=means)
    model = answer.evidence["model"].iloc[0]
    v, e = model.sigma2_between, model.sigma2_within
    n = answer.table.n.to_numpy()[:14]
    alpha = e + n * v
    counts = np.array([[n**2, n], [n, (n - 1) * alpha**2 / e**2 + 1]]) / (2 * alpha**2)
    C = np.linalg.inv(counts.sum(axis=2))
    h = 1e-5

    def weight(v, e):
        return v * n / (e + n * v)

    slopes = np.array([weight(v + h, e) - weight(v - h, e), weight(v, e + h) - weight(v, e - h)]) / (2 * h)
    g3 = np.einsum("ai,ab,bi->i", slopes, C, slopes) * (v + e / n)
    _target, known = matrices(rows, means, v, e)
    assert answer.table.std_error.to_numpy()[:14] ** 2 - known[:14] == pytest.approx(2 * g3, rel=1e-5)


@pytest.mark.parametrize("size", [None, 25])
def test_the_bootstrap_is_the_error_in_worlds_of_the_model(size):
    """Worlds drawn unit by unit, against draws of means and cross-products."""
    rows, means = world(8, seed=3, size=25)
    answer = battese_harter_fuller(rows, **ROLES, population=means, size="N" if size else None)
    model = _unit_model.rebuild(answer)
    fits, told, draws = model.fit(), answer.evidence["model"].iloc[0], 4000
    rng = np.random.default_rng(8)
    raw = np.column_stack([np.ones(len(rows)), (rows[["x", "z"]] - model.center) / model.spread])
    codes = pd.Categorical(rows.area, model.names).codes
    Z = np.eye(10)[codes]
    n = np.maximum(Z.sum(axis=0), 1)
    v = np.sqrt(told.sigma2_between) * rng.normal(size=(draws, 10))
    y = raw @ fits.beta[0] + v[:, codes] + np.sqrt(told.sigma2_within) * rng.normal(size=(draws, len(rows)))
    own = y @ Z / n
    left, inner = y - own[:, codes], raw - (Z.T @ raw / n[:, None])[codes]
    outcomes = _unit_level.Outcomes(own[:, : model.m], left @ inner, (left**2).sum(axis=1))
    found = _unit_level.predict(_unit_level.fit(model.sample, outcomes, "reml"), model.targets, own)
    truth = model.population @ fits.beta[0] + v
    if size:
        rest = (25 * model.population - Z.T @ raw) / (25 - Z.sum(axis=0))[:, None]
        e = np.sqrt(told.sigma2_within / (25 - Z.sum(axis=0))) * rng.normal(size=(draws, 10))
        truth = (y @ Z + (25 - Z.sum(axis=0)) * (rest @ fits.beta[0] + v + e)) / 25
    slow = pd.Series(np.sqrt(((found - truth) ** 2).mean(axis=0)), model.names)[means.area].to_numpy()
    fast = bootstrap_mse(answer, seed=1, draws=8000).table.std_error
    assert (fast / slow).to_numpy() == pytest.approx(np.ones(10), abs=0.06)
    assert (fast / slow).mean() == pytest.approx(1, abs=0.02)


def test_no_difference_between_areas():
    rows, means = world(seed=4)
    e = np.random.default_rng(1).normal(size=len(rows))
    rows = rows.assign(y=2 * rows.x + e - pd.Series(e).groupby(rows.area).transform("mean"))
    answer = battese_harter_fuller(rows, of="y", area="area", covariates=["x"], population=means)
    assert answer.evidence["model"].sigma2_between.iloc[0] == 0
    assert answer.checks[0].status == "warn"
    same = bootstrap_mse(answer, seed=1, draws=200)
    assert same.checks[-1].status == "warn"


def test_all_units_sampled_is_the_mean_itself():
    rows, _means = world(6)
    n = rows.groupby("area").size()
    whole = rows.groupby("area")[["x", "z"]].mean().reset_index().assign(N=n.to_numpy())
    answer = battese_harter_fuller(rows, **ROLES, population=whole, size="N")
    assert answer.table.estimate.to_numpy() == pytest.approx(rows.groupby("area").y.mean().to_numpy())
    assert answer.table.std_error.to_numpy() == pytest.approx(0, abs=1e-7)


def test_names_and_order_do_not_matter():
    rows, means = world()
    first = battese_harter_fuller(rows, **ROLES, population=means)
    rename = {a: a[::-1] for a in means.area}
    other = rows.assign(area=rows.area.map(rename)).sample(frac=1, random_state=3)
    second = battese_harter_fuller(other, **ROLES, population=means.assign(area=means.area.map(rename)))
    a, b = (bootstrap_mse(x, seed=2, draws=200).table for x in (first, second))
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    pd.testing.assert_frame_equal(first.table[columns], second.table[columns], rtol=1e-8)
    pd.testing.assert_frame_equal(a[columns], b[columns], rtol=1e-6)


def test_refused():
    rows, means = world()
    cases = [
        (rows, means.iloc[1:], {}, "no population means"),
        (rows, pd.concat([means, means.iloc[:1]]), {}, "repeat an area"),
        (rows, means.assign(N=1), {"size": "N"}, "smaller than the sample"),
        (rows.assign(z=2 * rows.x + 1), means, {}, "say the same"),
        (rows.assign(z=1.0), means, {}, "same in all rows"),
        (rows.assign(y=rows.y.where(rows.index > 0)), means, {}, "missing"),
        (rows[rows.area.isin(["a00", "a01"])], means, {}, "areas for"),
        (rows, means, {"method": "moment"}, "method is"),
        (rows.assign(y=1.0), means, {}, "do not differ"),
    ]
    for data, population, more, text in cases:
        with pytest.raises(MethodError, match=text):
            battese_harter_fuller(data, **ROLES, population=population, **more)
