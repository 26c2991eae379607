"""Importance of predictors, chosen so that the weights they give fit the outcome before treatment.

Notation of Abadie, Diamond & Hainmueller (2010): X: (J, P) predictors of the donors minus those of the unit, on a
common scale; V = diag(v) with v ≥ 0 and Σv = 1; Z: (J, T₀) outcomes of the donors minus those of the unit, over √T₀.

    inner:  w(v) = argmin ‖w'X‖²_V + λ Σ_j w_j ‖x_j‖²_V  on the simplex        outer:  min over v of ‖w(v)'Z‖²

The outer problem has many valleys: many starts are looked at, and the best few walked down with the exact slope of w(v)
on its support.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kesos_research.methods._simplex import Simplex, minimise

Array = NDArray[np.float64]

_LEAST = -16.0
"""Logarithm of the smallest importance, relative to the largest."""
_TURNS = 40
"""Steps of one walk down."""
_WALKS = 6
"""Walks down, from the best starts."""
_FRONTS = 63
"""Starts with a few predictors in front: all of seven predictors."""
_BEHIND = 0.01
_LIFT = 0.3
_SIZE = 10.0
"""Root mean square that the outcome is put to, so that steps are as long in any unit of measurement."""
_NOTHING = 1e-12


@dataclass(frozen=True)
class Nested:
    """v: (P,) importance; the inner solution; loss: the outer objective, for comparing."""

    v: Array
    inner: Simplex
    loss: float


def nested(X: Array, Z: Array, penalty: float) -> Nested:
    """The best of a few walks from the starts that fit best, then of walks from it with each predictor lifted."""
    Z = Z * (_SIZE / (float(np.sqrt(np.mean(Z**2))) or 1.0))
    starts = sorted((solve(X, Z, v, penalty) for v in _starts(X, Z)), key=lambda f: f.loss)
    best = min((_walk(X, Z, s, penalty) for s in starts[:_WALKS]), key=lambda f: f.loss)
    for p in range(X.shape[1] if X.shape[1] > 1 else 0):
        lifted = best.v + _LIFT * (np.arange(X.shape[1]) == p)
        again = _walk(X, Z, solve(X, Z, lifted / lifted.sum(), penalty, best.inner.w), penalty)
        best = min(best, again, key=lambda f: f.loss)
    return best


def solve(X: Array, Z: Array, v: Array, penalty: float, near: Array | None = None) -> Nested:
    """The inner solution at v, looked for from the weights `near`, and what it leaves of the outcome."""
    points = X * np.sqrt(v)
    inner = minimise(points, penalty * np.einsum("ij,ij->i", points, points), near)
    left = inner.w @ Z
    return Nested(v, inner, float(left @ left))


def _starts(X: Array, Z: Array) -> list[Array]:
    """Equal importance, that of a regression, and one, two or three predictors in front of the others."""
    P = X.shape[1]
    fronts = [list(c) for size in (1, 2, 3) if size < P for c in combinations(range(P), size)][:_FRONTS]
    front = [np.isin(np.arange(P), c).astype(float) + _BEHIND for c in fronts]
    return [v / v.sum() for v in (np.ones(P), _regression(X, Z), *front)]


def _walk(X: Array, Z: Array, start: Nested, penalty: float) -> Nested:
    """Downhill in log v, by steps of a limited memory."""
    best = last = start

    def value(theta: Array) -> tuple[float, Array]:
        nonlocal best, last
        v = np.exp(theta - theta.max())
        v /= v.sum()
        last = solve(X, Z, v, penalty, last.inner.w)
        best = min(best, last, key=lambda f: f.loss)
        slope = _slope(X, Z, last, penalty)
        return last.loss, v * (slope - v @ slope)

    theta = np.log(np.maximum(start.v / start.v.max(), np.exp(_LEAST)))
    bounds = [(_LEAST, 0.0)] * len(theta)
    minimize(value, theta, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _TURNS})
    return best


def _slope(X: Array, Z: Array, at: Nested, penalty: float) -> Array:
    """∂loss/∂v by the conditions of optimality on the support: (P,)."""
    S = np.flatnonzero(at.inner.w)
    if len(S) < 2:
        return np.zeros(X.shape[1])
    x, w = X[S], at.inner.w[S]
    K = np.ones((len(S) + 1, len(S) + 1))
    K[:-1, :-1] = 2 * (x * at.v) @ x.T
    K[-1, -1] = 0.0
    g = np.append(2 * Z[S] @ (w @ Z[S]), 0.0)
    a = np.linalg.lstsq(K, g, rcond=1e-12)[0][:-1]
    return -(2 * (a @ x) * (w @ x) + penalty * a @ x**2)


def _regression(X: Array, Z: Array) -> Array:
    """The mean squared coefficients of the outcomes on the predictors over donors."""
    coefficients = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), Z, rcond=None)[0][1:]
    return (coefficients**2).mean(axis=1) + _NOTHING
