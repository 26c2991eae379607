"""Weighted estimating equations: coefficients, and the influence of each row on them.

β solves Σ w s(β) = 0; the influence of row i is A⁻¹ s_i with A = −Σ w ∂s/∂β (Binder 1983).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 100
_CLOSE = 1e-10


@dataclass(frozen=True)
class Fit:
    """beta: (p,); z: (n, p) influence; converged: False where coefficients run away (separation)."""

    beta: Array
    z: Array
    converged: bool


def fit(X: Array, y: Array, w: Array, family: str) -> Fit:
    """Linear, logit or poisson regression of y: (n,) on X: (n, p), or ordinal of codes 0 … J − 1."""
    if family == "ordinal":
        return _ordinal(X, y.astype(np.intp), w)
    mean, slope = _LINKS[family]
    start = np.zeros(X.shape[1])
    if family == "poisson":  # the first column is one
        start[0] = np.log(max(np.average(y, weights=w), 1e-8))

    def score(beta: Array) -> tuple[Array, Array]:
        mu = mean(X @ beta)
        return X * (y - mu)[:, None], (X * (w * slope(mu))[:, None]).T @ X

    return _newton(score, w, start, lambda beta: _deviance(family, y, mean(X @ beta), w))


def _newton(
    score: Callable[[Array], tuple[Array, Array]], w: Array, beta: Array, loss: Callable[[Array], float]
) -> Fit:
    """Newton's method with steps halved until the loss falls."""
    for _ in range(_STEPS):
        s, A = score(beta)
        step = _shortened(beta, np.asarray(np.linalg.solve(A, w @ s), float), loss)
        beta = beta + step
        if np.max(np.abs(step) / np.maximum(np.abs(beta), 1.0)) < _CLOSE:
            s, A = score(beta)
            return Fit(beta, np.asarray(np.linalg.solve(A, s.T).T, float), bool(np.max(np.abs(beta)) < 1e12))
    return Fit(beta, np.empty((0, len(beta))), False)


def _shortened(beta: Array, step: Array, loss: Callable[[Array], float]) -> Array:
    """The step, halved until the loss does not grow."""
    now = loss(beta)
    for _ in range(30):
        with np.errstate(all="ignore"):
            value = loss(beta + step)
        if np.isfinite(value) and value <= now + 1e-12 * abs(now):
            break
        step = step / 2
    return step


def _logistic(eta: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(eta, -700, 700)))


_LINKS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "linear": (lambda eta: eta, np.ones_like),
    "logit": (_logistic, lambda mu: np.maximum(mu * (1 - mu), 1e-300)),
    "poisson": (lambda eta: np.exp(np.minimum(eta, 700)), lambda mu: mu),
}


def _deviance(family: str, y: Array, mu: Array, w: Array) -> float:
    if family == "linear":
        return float(w @ (y - mu) ** 2)
    if family == "logit":
        return float(-2 * w @ np.log(np.maximum(np.where(y > 0.5, mu, 1 - mu), 1e-300)))
    return float(2 * w @ (mu - y * np.log(np.maximum(mu, 1e-300))))


def _ordinal(X: Array, y: NDArray[np.intp], w: Array) -> Fit:
    """Proportional odds: P(y ≤ j) = 1/(1 + exp(−(θ_j − x'β))); parameters θ_0 … θ_{J−2}, β. X has no intercept."""
    J = int(y.max()) + 1
    n, p = X.shape
    shares = np.cumsum(np.bincount(y, w))[:-1] / w.sum()
    start = np.append(np.log(shares / (1 - shares)), np.zeros(p))
    upper, lower = np.zeros((n, J - 1 + p)), np.zeros((n, J - 1 + p))
    upper[:, J - 1 :], lower[:, J - 1 :] = -X, -X
    up, down = y < J - 1, y > 0
    upper[np.flatnonzero(up), y[up]] = 1.0
    lower[np.flatnonzero(down), y[down] - 1] = 1.0

    def parts(beta: Array) -> tuple[Array, Array, Array]:
        high = np.where(up, _logistic(upper @ beta), 1.0)
        low = np.where(down, _logistic(lower @ beta), 0.0)
        return high, low, np.maximum(high - low, 1e-300)

    def score(beta: Array) -> tuple[Array, Array]:
        high, low, P = parts(beta)
        fa, fb = high * (1 - high), low * (1 - low)
        a, b = fa / P, -fb / P
        aa, bb, ab = fa * (1 - 2 * high) / P - a * a, -fb * (1 - 2 * low) / P - b * b, -a * b
        s = a[:, None] * upper + b[:, None] * lower
        cross = (upper * (w * ab)[:, None]).T @ lower
        H = (upper * (w * aa)[:, None]).T @ upper + (lower * (w * bb)[:, None]).T @ lower + cross + cross.T
        return s, -H

    return _newton(score, w, start, lambda beta: float(-2 * w @ np.log(parts(beta)[2])))
