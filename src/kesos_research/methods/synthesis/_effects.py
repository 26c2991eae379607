"""Estimates of several units with their errors: how far the units differ, and what they say together.

Notation of Viechtbauer (2005, 2007): y_i ~ N(x_i'β, v_i + τ²), W = diag(1/(v_i + τ²)), P = W − WX(X'WX)⁻¹X'W.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root_scalar
from scipy.special import ndtri, stdtrit
from scipy.stats import chi2

Array = NDArray[np.float64]

_TIGHT = 1e-13
_POINTS = 20_000
_GRID = 150
_PLASTIC = 1.2207440846057596
"""Root of x⁴ = x + 1: its powers spread points evenly over a cube."""


@dataclass(frozen=True)
class Fit:
    """beta: (p,); M = (X'WX)⁻¹: (p, p); s2 = y'Py/(k − p), Hartung, Knapp, Sidik and Jonkman's factor; w: (k,)."""

    beta: Array
    M: Array
    s2: float
    w: Array


def fit(y: Array, v: Array, X: Array, tau2: float) -> Fit:
    w = 1 / (v + tau2)
    M = np.asarray(np.linalg.inv(X.T @ (w[:, None] * X)), float)
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
    return _root(score, top)


def _root(falling: Callable[[float], float], top: float) -> float:
    """Where a function that is above nought at 0 and below it at `top` is nought."""
    found = root_scalar(falling, bracket=(0.0, top), method="brentq", xtol=_TIGHT * top, rtol=1e-14)
    return float(found.root)


def profiled(y: Array, v: Array, X: Array, level: float) -> tuple[float, float]:
    """The τ² at which Q is no surprise: Q-profile interval, an end of nought where Q is small from the start."""
    free = len(y) - X.shape[1]

    def solve(wanted: float) -> float:
        if Q(y, v, X) <= wanted:
            return 0.0
        top = max(float(np.var(y)), float(v.max()))
        while Q(y, v, X, top) > wanted:
            top *= 4
        return _root(lambda t: Q(y, v, X, t) - wanted, top)

    return solve(float(chi2.ppf((1 + level) / 2, free))), solve(float(chi2.ppf((1 - level) / 2, free)))


def typical(v: Array, X: Array) -> float:
    """Higgins and Thompson's typical sampling variance: (k − p)/tr P at τ² = 0."""
    return float((len(v) - X.shape[1]) / np.trace(_projection(v, X, 0.0)))


def further(y: Array, v: Array, X: Array, x: Array, level: float) -> tuple[Array, Array]:
    """Interval for the effect in a further unit at each row of x: (m,), (m,).

    After Nagashima, Noma and Furukawa, with Q(τ²) as the pivot: τ² has the confidence distribution P(τ² ≤ t) = P(χ² ≥
    Q(t)); given τ² the effect is x'β + t·error + τ·z. Points spread evenly over the cube take the place of draws.
    """
    free = len(y) - X.shape[1]
    top = max(float(np.var(y)), float(v.max()))
    while Q(y, v, X, top) > chi2.ppf(1e-4, free):
        top *= 4
    tau2 = np.concatenate([[0.0], np.geomspace(1e-6 * float(v.min()), top, _GRID)])
    fits = [fit(y, v, X, t) for t in tau2]
    q = np.array([f.s2 for f in fits]) * free
    mean = np.array([x @ f.beta for f in fits])
    least = np.where(tau2 > 0, 0.0, 1.0)  # where units do not differ the plain error is right
    var = [np.einsum("mi,ij,mj->m", x, f.M, x) * max(f.s2, c) for f, c in zip(fits, least, strict=True)]
    error = np.sqrt(var)
    u = (0.5 + np.arange(1, _POINTS + 1)[:, None] / _PLASTIC ** np.arange(1, 4)) % 1.0
    at = np.interp(chi2.isf(u[:, 0], free), q[::-1], np.arange(len(tau2))[::-1].astype(float))
    spread, z, places = stdtrit(free, u[:, 1]), ndtri(u[:, 2]), np.arange(len(tau2))
    tau = np.sqrt(np.interp(at, places, tau2))
    shares = [(1 - level) / 2, (1 + level) / 2]
    ends = [
        np.quantile(np.interp(at, places, m) + np.interp(at, places, e) * spread + tau * z, shares)
        for m, e in zip(mean.T, error.T, strict=True)
    ]
    return np.array(ends)[:, 0], np.array(ends)[:, 1]
