"""Area-level models: matrices, enumerated cases, numeric integration, and worlds made by the model itself."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from kesos_research.errors import MethodError
from kesos_research.methods import _fay_herriot, _scale, benchmark, bootstrap_mse, fay_herriot

ROLES = {"of": "y", "variance": "v", "area": "area", "covariates": ["x"]}


def world(m=40, sigma=1.0, seed=1, offset=10.0):
    rng = np.random.default_rng(seed)
    x, v = rng.normal(size=m), rng.uniform(0.3, 2.0, m)
    truth = offset + x + sigma * rng.normal(size=m)
    return pd.DataFrame(
        {
            "area": [f"a{i:03d}" for i in range(m)],
            "y": truth + np.sqrt(v) * rng.normal(size=m),
            "v": v,
            "x": x,
            "truth": truth,
            "people": rng.integers(50, 500, m),
        }
    )


def sigma2(answer):
    return answer.evidence["model"].sigma2.iloc[0]


def check(answer, name):
    return next(c for c in answer.checks if c.name == name)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_no_other_variance_is_more_likely(method):
    rows = world(12, sigma=0.5)
    found = sigma2(fay_herriot(rows, **ROLES, method=method))
    areas = _fay_herriot.Areas(np.column_stack([np.ones(12), rows.x]), rows.v.to_numpy())
    grid = np.append(np.linspace(0, 5, 2001), found)
    Y = np.tile(rows.y.to_numpy(), (len(grid), 1))
    values = _fay_herriot.log_likelihood(areas, Y, grid, method)
    assert values[-1] >= values.max() - 1e-12


def test_of_two_maxima_the_higher_is_found():
    """Areas of two kinds, precise ones that agree and vague ones that differ, can give a likelihood two maxima."""
    rng = np.random.default_rng(0)
    found = 0
    for _round in range(100):
        D = np.array([0.001] * 4 + [4.0] * 5)
        y = np.concatenate([rng.normal(0, 0.02, 4), rng.normal(0, 9, 5)])
        areas = _fay_herriot.Areas(np.ones((9, 1)), D)
        grid = np.append(0.0, np.geomspace(1e-6, 400, 1000))
        values = _fay_herriot.log_likelihood(areas, np.tile(y, (len(grid), 1)), grid, "reml")
        peaks = (np.diff(np.sign(np.diff(values))) < 0).sum() + (values[0] > values[1])
        best = _fay_herriot.fit(areas, y[None], "reml").sigma2
        assert _fay_herriot.log_likelihood(areas, y[None], best, "reml")[0] >= values.max() - 1e-4
        found += peaks > 1
    assert found > 2, "the case is in the sample at all"


@pytest.mark.parametrize("method", ["reml", "ml", "moment"])
def test_no_difference_between_areas_is_the_line_and_is_said(method):
    x = np.arange(8.0)
    rows = pd.DataFrame({"area": range(8), "y": 3 + 2 * x + 0.01 * (-1) ** x, "v": 1.0, "x": x})
    answer = fay_herriot(rows, **ROLES, method=method)
    assert sigma2(answer) == 0
    assert check(answer, "variance_between_areas").status == "warn"
    line = np.polynomial.Polynomial.fit(x, rows.y, 1)(x)
    assert answer.table.estimate.to_numpy() == pytest.approx(line)
    assert (answer.table.std_error > 0).all()


def test_an_area_between_its_sample_and_the_line():
    answer = fay_herriot(world(), **ROLES)
    rows = answer.evidence["areas"]
    mixed = rows.gamma * rows.direct + (1 - rows.gamma) * rows.synthetic
    assert rows.estimate.to_numpy() == pytest.approx(mixed.to_numpy())
    assert (rows.gamma == sigma2(answer) / (sigma2(answer) + rows.D)).all()


def test_areas_without_a_sample_are_the_limit_of_vague_ones():
    """An area whose sampling variance grows without end says nothing, and gets the error of one without sample."""
    rows = world()
    without = rows.assign(y=rows.y.where(rows.index > 1), v=rows.v.where(rows.index > 1))
    vague = rows.assign(v=rows.v.where(rows.index > 1, 1e9))
    for method in ("reml", "ml"):
        a, b = fay_herriot(without, **ROLES, method=method), fay_herriot(vague, **ROLES, method=method)
        assert a.table.term.tolist()[:3] == ["synthetic", "synthetic", "eblup"]
        assert a.table.estimate[:2].tolist() == pytest.approx(b.table.estimate[:2].tolist(), rel=1e-5)
        assert a.table.std_error[:2].tolist() == pytest.approx(b.table.std_error[:2].tolist(), rel=1e-5)
    assert check(a, "areas_without_sample").evidence["n"] == 2


class TestScales:
    @pytest.mark.parametrize(("transform", "z"), [("log", 1.2), ("log", -3.0), ("arcsin", 0.7), ("arcsin", 0.3)])
    def test_the_way_back_is_the_mean_of_the_curve(self, transform, z):
        tau2 = 0.01
        density = stats.norm(z, np.sqrt(tau2))
        inverse = np.exp if transform == "log" else lambda t: np.sin(t) ** 2
        mean = integrate.quad(lambda t: inverse(t) * density.pdf(t), z - 1, z + 1)[0]
        square = integrate.quad(lambda t: inverse(t) ** 2 * density.pdf(t), z - 1, z + 1)[0]
        found = _scale.back(np.array([z]), np.array([tau2]), transform)
        assert found[0] == pytest.approx(mean, rel=1e-9)
        error = _scale.std_error(np.array([z]), np.array([tau2]), found, transform)
        assert error[0] == pytest.approx(np.sqrt(square - mean**2), rel=1e-7)

    @pytest.mark.parametrize("transform", ["log", "arcsin"])
    def test_back_and_forth(self, transform):
        theta = np.array([0.02, 0.3, 0.97])
        z, D = _scale.forward(theta, np.full(3, 1e-4), transform)
        assert _scale.curve(z, transform) == pytest.approx(theta)
        h = 1e-6
        slope = (_scale.curve(z + h, transform) - _scale.curve(z - h, transform)) / (2 * h)
        assert _scale.slope(z, transform) == pytest.approx(slope, rel=1e-6)
        assert pytest.approx(1e-4 / slope**2, rel=1e-6) == D

    @pytest.mark.parametrize("transform", ["log", "arcsin"])
    def test_the_estimates_are_not_biased_by_the_curve(self, transform):
        """Sums of estimates over many areas against sums of truths: the naive way back is off, ours is not."""
        rng = np.random.default_rng(4)
        m, sigma, centre = 4000, 0.5 if transform == "log" else 0.15, 1.0 if transform == "log" else 0.35
        D = rng.uniform(0.2, 2.0, m) * sigma**2
        z = centre + sigma * rng.normal(size=m)
        theta = _scale.curve(z, transform)
        direct = z + np.sqrt(D) * rng.normal(size=m)
        areas = _fay_herriot.Areas(np.ones((m, 1)), D)
        fits = _fay_herriot.fit(areas, direct[None], "reml")
        found = _fay_herriot.predict(fits, areas.X, D, direct[None])
        ours = _scale.back(found.mean, found.g1 - (1 - found.gamma**2) * found.h, transform)[0]
        noise = 4 * (ours - theta).std() / np.sqrt(m)
        assert abs((ours - theta).mean()) < noise
        assert abs((_scale.curve(found.mean[0], transform) - theta).mean()) > noise

    def test_shares_of_none_and_all_have_a_variance_by_their_effective_size(self):
        rows = world(20).assign(p=[0.0, 1.0, *np.linspace(0.1, 0.6, 18)], n=80.0)
        answer = fay_herriot(rows, of="p", effective="n", area="area", covariates=["x"], transform="arcsin")
        assert answer.table.conf_low.between(0, 1).all()
        assert answer.table.conf_high.between(0, 1).all()
        assert ((answer.table.estimate > 0) & (answer.table.estimate < 1)).all()
        assert (answer.evidence["areas"].D == 1 / 320).all()


class TestBootstrap:
    @pytest.mark.parametrize("transform", ["none", "log", "arcsin"])
    def test_agrees_with_the_expansion_where_areas_are_many(self, transform):
        rows = world(200, seed=5, offset=20.0)
        if transform == "arcsin":
            rows = rows.assign(y=rows.y / 60, v=rows.v / 3600)
        answer = fay_herriot(rows, **ROLES, transform=transform)
        again = bootstrap_mse(answer, seed=3, draws=2000)
        ratio = again.table.std_error / answer.table.std_error
        assert ratio.median() == pytest.approx(1, abs=0.02)
        assert ratio.between(0.85, 1.15).all()
        assert again.table.estimate.equals(answer.table.estimate)

    def test_is_the_error_in_worlds_of_the_model(self):
        """Worlds drawn here, each estimated from its own grid of starts to the last digit."""
        rows = world(12, seed=2)
        answer = fay_herriot(rows, **ROLES)
        b = answer.evidence["coefficients"].estimate
        rng = np.random.default_rng(6)
        truth = (b[0] + b[1] * rows.x).to_numpy() + np.sqrt(sigma2(answer)) * rng.normal(size=(4000, 12))
        drawn = truth + np.sqrt(rows.v.to_numpy()) * rng.normal(size=truth.shape)
        areas = _fay_herriot.Areas(np.column_stack([np.ones(12), rows.x]), rows.v.to_numpy())
        found = _fay_herriot.predict(_fay_herriot.fit(areas, drawn, "reml"), areas.X, areas.D, drawn)
        slow = np.sqrt(((found.mean - truth) ** 2).mean(axis=0))
        fast = bootstrap_mse(answer, seed=7, draws=8000).table.std_error
        assert (fast / slow).to_numpy() == pytest.approx(np.ones(12), abs=0.06)
        assert (fast / slow).mean() == pytest.approx(1, abs=0.015)

    def test_the_same_seed_gives_the_same_and_names_do_not_matter(self):
        rows = world(15)
        first = bootstrap_mse(fay_herriot(rows, **ROLES), seed=9, draws=300).table
        other = rows.assign(area=rows.area.str.upper().str[::-1]).iloc[::-1]
        second = bootstrap_mse(fay_herriot(other, **ROLES), seed=9, draws=300).table
        assert first.std_error.tolist() == second.std_error.tolist()[::-1]
        assert (
            first.std_error.tolist()
            != bootstrap_mse(fay_herriot(rows, **ROLES), seed=10, draws=300).table.std_error.tolist()
        )

    def test_says_that_it_is_too_small_where_areas_seem_not_to_differ(self):
        x = np.arange(8.0)
        rows = pd.DataFrame({"area": range(8), "y": 3 + 2 * x + 0.01 * (-1) ** x, "v": 1.0, "x": x})
        assert check(bootstrap_mse(fay_herriot(rows, **ROLES), seed=1, draws=200), "bootstrap").status == "warn"


class TestBenchmark:
    @pytest.mark.parametrize("method", ["ratio", "difference"])
    def test_the_areas_give_the_whole(self, method):
        rows = world()
        level = benchmark(fay_herriot(rows, **ROLES), population=rows, size="people", method=method)
        w = rows.people / rows.people.sum()
        assert (w * level.table.estimate).sum() == pytest.approx((w * rows.y).sum(), rel=1e-12)

    @pytest.mark.parametrize("method", ["ratio", "difference"])
    def test_within_each_group_and_to_a_figure_told(self, method):
        rows = world().assign(province=lambda r: np.arange(len(r)) % 3, told=lambda r: 9.0 + r.province)
        level = benchmark(
            fay_herriot(rows, **ROLES), population=rows, size="people", group="province", target="told", method=method
        )
        sums = (level.table.estimate * rows.people).groupby(rows.province).sum()
        assert (sums / rows.people.groupby(rows.province).sum()).tolist() == pytest.approx([9.0, 10.0, 11.0])
        change = level.table.estimate / fay_herriot(rows, **ROLES).table.estimate
        if method == "ratio":
            assert change.groupby(rows.province).std().max() == pytest.approx(0, abs=1e-12)

    def test_the_error_of_the_benchmark_is_in_the_error(self):
        """Mean squared errors of benchmarked estimates over worlds, against what is told of them."""
        told, seen = [], []
        for seed in range(60):
            rows = world(20, seed=100 + seed)
            level = benchmark(fay_herriot(rows, **ROLES), population=rows, size="people", method="difference")
            told.append((level.table.std_error**2).mean())
            seen.append(((level.table.estimate - rows.truth) ** 2).mean())
        assert np.mean(told) == pytest.approx(np.mean(seen), rel=0.12)

    def test_refused(self):
        rows = world(12)
        answer = fay_herriot(rows, **ROLES)
        level = benchmark(answer, population=rows, size="people")
        with pytest.raises(MethodError, match="already"):
            benchmark(level, population=rows, size="people")
        with pytest.raises(MethodError, match="already"):
            bootstrap_mse(level, seed=1)
        with pytest.raises(MethodError, match="not in the population"):
            benchmark(answer, population=rows.iloc[1:], size="people")
        without = rows.assign(y=rows.y.where(rows.index > 0), v=rows.v.where(rows.index > 0))
        with pytest.raises(MethodError, match="no direct estimate"):
            benchmark(fay_herriot(without, **ROLES), population=rows, size="people")
        negative = fay_herriot(rows.assign(y=rows.y - 20), **ROLES)
        with pytest.raises(MethodError, match="factor"):
            benchmark(negative, population=rows, size="people")
        with pytest.raises(MethodError, match="not one number"):
            benchmark(answer, population=rows, size="people", target="x")


class TestDiagnosis:
    def test_an_area_that_carries_the_line(self):
        rows = world(20)
        rows.loc[3, ["x", "y", "v"]] = [25.0, -40.0, 0.3]
        found = check(fay_herriot(rows, **ROLES), "influence")
        assert found.status == "warn"
        assert "a003" in found.say("en")

    def test_outliers_are_not_normal(self):
        rows = world(60)
        rows.loc[:3, "y"] += [15, -15, 18, -12]
        assert check(fay_herriot(rows, **ROLES), "normal_residuals").status == "warn"
        assert check(fay_herriot(world(60), **ROLES), "normal_residuals").status == "pass"

    def test_covariates_that_explain(self):
        rows = world(200)
        explained = check(fay_herriot(rows, **ROLES), "explained").evidence["share"]["en"]
        assert float(explained) == pytest.approx(100 * rows.x.var() / (1 + rows.x.var()), abs=15)
        noise = rows.assign(x=np.random.default_rng(3).permutation(rows.x))
        assert float(check(fay_herriot(noise, **ROLES), "explained").evidence["share"]["en"]) < 10

    def test_influence_is_the_move_of_the_line_without_the_area(self):
        """Cook's distance by leaving each area out at the same σ²."""
        rows = world(10)
        answer = fay_herriot(rows, **ROLES)
        seen = answer.evidence["areas"].set_index("area").influence[rows.area].to_numpy()
        w = 1 / (sigma2(answer) + rows.v.to_numpy())
        X, y = np.column_stack([np.ones(10), rows.x]), rows.y.to_numpy()

        def line(keep):
            A = (X[keep].T * w[keep]) @ X[keep]
            return A, np.linalg.solve(A, (X[keep].T * w[keep]) @ y[keep])

        A, b = line(np.ones(10, bool))
        moved = [line(np.arange(10) != i)[1] - b for i in range(10)]
        assert seen == pytest.approx([d @ A @ d / 2 for d in moved])


WRONG = [
    ({"variance": None}, "not told once"),
    ({"effective": "people"}, "not told once"),
    ({"variance": None, "effective": "people"}, "not told once"),
    ({"method": "eblup"}, "method is"),
    ({"transform": "logit"}, "transform is"),
    ({"covariates": ["x", "x2"]}, "say the same"),
    ({"covariates": ["one"]}, "same in all areas"),
    ({"transform": "arcsin"}, "cannot be transformed"),
    ({"of": "truth_less"}, "cannot be transformed", {"transform": "log"}),
    ({"level": 95}, "level is"),
    ({"covariates": ["y"]}, "among the covariates"),
    ({"area": "same"}, "repeat an area"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda c: str(c[0]))
def test_refused(case):
    rows = world(12).assign(x2=lambda r: 2 * r.x - 1, one=1.0, truth_less=lambda r: r.y - 10, same="s")
    with pytest.raises(MethodError, match=case[1]):
        fay_herriot(rows, **{**ROLES, **case[0], **(case[2] if len(case) > 2 else {})})


def test_areas_that_are_all_alike():
    answer = fay_herriot(world(12).assign(y=0.0), **ROLES)
    assert (answer.table.estimate == 0).all()
    assert check(answer, "normal_residuals").status == "info"
    assert check(answer, "gain").status == "info"


def test_rows_that_do_not_hold_their_promise():
    rows = world(12)
    with pytest.raises(MethodError, match="both"):
        fay_herriot(rows.assign(v=rows.v.where(rows.index != 4)), **ROLES)
    with pytest.raises(MethodError, match="variance of 0"):
        fay_herriot(rows.assign(v=rows.v.where(rows.index != 4, 0.0)), **ROLES)
    with pytest.raises(MethodError, match="missing"):
        fay_herriot(rows.assign(x=rows.x.where(rows.index != 4)), **ROLES)
    with pytest.raises(MethodError, match="coefficients"):
        fay_herriot(rows.iloc[:3], **ROLES)
    assert len(fay_herriot(rows.iloc[:4], **ROLES).table) == 4
