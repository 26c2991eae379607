"""Estimates of several units with their errors: how far the units differ, and what they say together.

Notation of Viechtbauer (2005, 2007): y_i ~ N(x_i'β, v_i + τ²), W = diag(1/(v_i + τ²)), P = W − WX(X'WX)⁻¹X'W.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

Array = NDArray[np.float64]

_TIGHT = 1e-13


@dataclass(frozen=True)
class Fit:
    """beta: (p,); M = (X'WX)⁻¹: (p, p); s2 = y'Py/(k − p), Hartung, Knapp, Sidik and Jonkman's factor; w: (k,)."""

    beta: Array
    M: Array
    s2: float
    w: Array


def fit(y: Array, v: Array, X: Array, tau2: float) -> Fit:
    w = 1 / (v + tau2)
    M = np.linalg.inv(X.T @ (w[:, None] * X))
    beta = M @ (X.T @ (w * y))
    free = len(y) - X.shape[1]
    s2 = float(w @ (y - X @ beta) ** 2) / free if free else float("nan")
    return Fit(beta, M, s2, w)


def Q(y: Array, v: Array, X: Array, tau2: float = 0.0) -> float:  # noqa: N802 - the paper's letter
    """Σ w (y − Xβ)²: falls as τ² grows."""
    found = fit(y, v, X, tau2)
    return float(found.w @ (y - X @ found.beta) ** 2)


def _projection(v: Array, X: Array, tau2: float) -> Array:
    w = 1 / (v + tau2)
    WX = w[:, None] * X
    return np.diag(w) - WX @ np.linalg.solve(X.T @ WX, WX.T)


def dersimonian_laird(y: Array, v: Array, X: Array) -> float:
    """(Q − (k − p))/tr P at τ² = 0, not below nought."""
    P = _projection(v, X, 0.0)
    return max(0.0, float((y @ P @ y - (len(y) - X.shape[1])) / np.trace(P)))


def restricted(y: Array, v: Array, X: Array) -> float:
    """Where the restricted likelihood's score y'PPy − tr P is nought; nought where it falls from the start."""

    def score(tau2: float) -> float:
        P = _projection(v, X, tau2)
        return float(y @ P @ P @ y - np.trace(P))

    if score(0.0) <= 0:
        return 0.0
    top = max(float(np.var(y)), float(v.max()))
    while score(top) > 0:
        top *= 2
    return float(brentq(score, 0.0, top, xtol=_TIGHT * top, rtol=1e-14))


def profiled(y: Array, v: Array, X: Array, level: float) -> tuple[float, float]:
    """The τ² at which Q is no surprise: Q-profile interval, an end of nought where Q is small from the start."""
    free = len(y) - X.shape[1]

    def solve(wanted: float) -> float:
        if Q(y, v, X) <= wanted:
            return 0.0
        top = max(float(np.var(y)), float(v.max()))
        while Q(y, v, X, top) > wanted:
            top *= 4
        return float(brentq(lambda t: Q(y, v, X, t) - wanted, 0.0, top, xtol=_TIGHT * top, rtol=1e-14))

    return solve(float(chi2.ppf((1 + level) / 2, free))), solve(float(chi2.ppf((1 - level) / 2, free)))


def typical(v: Array, X: Array) -> float:
    """Higgins and Thompson's typical sampling variance: (k − p)/tr P at τ² = 0."""
    return float((len(v) - X.shape[1]) / np.trace(_projection(v, X, 0.0)))
