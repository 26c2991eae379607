"""Held to scipy's SLSQP, to HiGHS' bound, to problems solved by hand, and to the dual."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from kesos_research.methods._simplex import minimise


def loss(w, X, c):
    return float((w @ X) @ (w @ X) + w @ c)


def by_slsqp(X, c):
    n = len(X)
    found = minimize(
        loss,
        np.full(n, 1 / n),
        args=(X, c),
        jac=lambda w, X, c: 2 * X @ (w @ X) + c,
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(len(w))},
        method="SLSQP",
        options={"maxiter": 2000, "ftol": 1e-14},
    )
    return found.fun


def tangent_bound(w, X, c):
    """The least that the objective's tangent at w takes on the simplex: no weights are better (HiGHS)."""
    u = w @ X
    gradient = 2 * X @ u + c
    found = linprog(gradient, A_eq=np.ones((1, len(w))), b_eq=[1.0], bounds=(0, None), method="highs")
    return loss(w, X, c) + found.fun - gradient @ w


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("penalty", [0.0, 0.01, 0.1, 1.0])
@pytest.mark.parametrize(("n", "T"), [(3, 6), (15, 4), (60, 2), (40, 19)])
def test_no_solver_does_better(seed, penalty, n, T):
    rng = np.random.default_rng([seed, n, T])
    X = rng.normal(0.3, 1, (n, T))
    c = penalty * (X**2).sum(axis=1)
    solved = minimise(X, c)
    assert solved.w.min() >= 0
    assert solved.w.sum() == pytest.approx(1)
    assert solved.objective == pytest.approx(loss(solved.w, X, c), abs=1e-12)
    assert solved.objective <= by_slsqp(X, c) + 1e-9
    assert solved.objective - tangent_bound(solved.w, X, c) <= 1e-8
    assert 0 <= solved.gap <= 1e-10


def test_the_midpoint_by_hand():
    solved = minimise(np.array([[1.0], [-1.0], [5.0]]), np.zeros(3))
    assert solved.w == pytest.approx([0.5, 0.5, 0])
    assert solved.objective == pytest.approx(0, abs=1e-15)


def test_a_price_moves_the_weights_by_hand():
    """(w₁ − 2w₂)² + λ(w₁ + 4w₂) with w₁ = 1 − w₂ is least at w₂ = (6 − 3λ)/18."""
    X = np.array([[1.0], [-2.0]])
    for penalty in (0.0, 0.1, 0.5):
        w = minimise(X, penalty * (X**2).sum(axis=1)).w
        assert w[1] == pytest.approx((6 - 3 * penalty) / 18)


def test_a_large_price_takes_the_nearest_point():
    X = np.random.default_rng(1).normal(1, 1, (30, 4))
    c = (X**2).sum(axis=1)
    w = minimise(X, 1e6 * c).w
    assert w[np.argmin(c)] == 1


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_of_measurement_do_not_matter(scale):
    X = np.random.default_rng(4).normal(0.2, 1, (50, 4))
    c = 0.1 * (X**2).sum(axis=1)
    np.testing.assert_allclose(minimise(scale * X, scale**2 * c).w, minimise(X, c).w, atol=1e-9)


@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_hostile_points(penalty):
    rng = np.random.default_rng(0)
    base = rng.normal(size=(8, 3))
    cases = {
        "all equal": np.ones((6, 3)),
        "the unit itself": np.vstack([np.zeros(3), base]),
        "all the unit itself": np.zeros((4, 3)),
        "twice the same": np.vstack([base, base]),
        "on a line": np.outer(np.arange(1.0, 9.0), [1.0, 2.0, 3.0]),
        "nearly on a line": np.outer(np.arange(-4.0, 5.0), [1.0, 2.0, 3.0]) + 1e-11 * rng.normal(size=(9, 3)),
        "one": base[:1],
        "far away": base + 1e7,
        "on a line through the unit": np.outer([0.001, 0.004, -0.003, 0.04, 0.16], np.ones(3)),
        "on a grid": np.array([[a, b, c] for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 1)], float),
    }
    for name, X in cases.items():
        solved = minimise(X, penalty * (X**2).sum(axis=1))
        assert solved.gap <= 1e-8 * max(1.0, solved.objective), name
        assert solved.w.sum() == pytest.approx(1), name


def test_a_start_nearby_changes_nothing():
    X = np.random.default_rng(4).normal(0.2, 1, (50, 4))
    c = 0.1 * (X**2).sum(axis=1)
    start = np.zeros(50)
    start[[3, 7]] = 0.5
    np.testing.assert_allclose(minimise(X, c, start).w, minimise(X, c).w, atol=1e-12)
