"""The area-level model in arrays: y_i = x_i'β + v_i + e_i, v_i ~ N(0, σ²), e_i ~ N(0, D_i) with D_i known.

Everything works on B sets of outcomes at once, Y: (B, m), so that the bootstrap is the estimator itself. X: (m, p)
holds the intercept, D: (m,) is positive; σ²: (B,). Notation of Rao & Molina (2015), ch. 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._bracket import root

Array = NDArray[np.float64]
Fitting = Literal["reml", "ml", "moment"]

FITTINGS: tuple[Fitting, ...] = ("reml", "ml", "moment")
_CLOSE = 1e-12
"""Steps of σ² smaller than this, relative to σ² plus the median D, end the search."""
_GRID = 41
"""Starting points of σ², so that the highest of several maxima is found."""


@dataclass(frozen=True)
class Areas:
    """What is known of the sampled areas before their outcomes. X: (m, p), D: (m,)."""

    X: Array
    D: Array

    @cached_property
    def outer(self) -> Array:
        """Rows x_i x_i', flat: (m, p²)."""
        m, p = self.X.shape
        return (self.X[:, :, None] * self.X[:, None, :]).reshape(m, p * p)


@dataclass(frozen=True)
class Fits:
    """sigma2: (B,); beta: (B, p); vcov: (B, p, p) of β̂; V: (B,) asymptotic variance of σ̂²; bias: (B,) of σ̂²."""

    sigma2: Array
    beta: Array
    vcov: Array
    V: Array
    bias: Array


@dataclass(frozen=True)
class Predictions:
    """mean: (B, m) EBLUP; gamma: (B, m) weight of the direct estimate; h: (B, m) = x'V(β̂)x; mse: (B, m) and its
    parts.
    """

    mean: Array
    gamma: Array
    h: Array
    g1: Array
    g2: Array
    g3: Array
    mse: Array


def fit(areas: Areas, Y: Array, method: Fitting, start: Array | None = None, close: float = _CLOSE) -> Fits:
    """β̂ and σ̂² ≥ 0 of every row of Y, by restricted or full likelihood, or by Fay and Herriot's moment equation."""
    first = _starts(areas, Y, method) if start is None else np.broadcast_to(start, len(Y))
    sigma2 = root(
        lambda which, here: _step(areas, Y[which], here, method), first, unit=float(np.median(areas.D)), close=close
    )
    A, beta, _r = _regress(areas, Y, sigma2)
    V, bias = _moments_of_sigma2(areas, A, sigma2, method)
    return Fits(sigma2, beta, np.asarray(np.linalg.inv(A), dtype=np.float64), V, bias)


def predict(fits: Fits, X: Array, D: Array, Y: Array) -> Predictions:
    """EBLUP and its mean squared error by Prasad and Rao's expansion, as it is for the way σ² was estimated.

    D may be infinite: an area without a sample, whose Y is then not looked at.
    """
    s2 = fits.sigma2[:, None]
    sampled = np.isfinite(D)
    gamma = np.where(sampled, s2 / (s2 + np.where(sampled, D, 1.0)), 0.0)
    synthetic = fits.beta @ X.T
    mean = synthetic + gamma * (np.where(sampled, Y, 0.0) - np.where(sampled, synthetic, 0.0))
    m, p = X.shape
    outer = (X[:, :, None] * X[:, None, :]).reshape(m, p * p)
    h = fits.vcov.reshape(-1, p * p) @ outer.T
    g1, g2 = s2 * (1 - gamma), (1 - gamma) ** 2 * h
    spread = np.where(sampled, (1 - gamma) ** 2 / (s2 + np.where(sampled, D, 1.0)), 0.0)
    g3 = spread * fits.V[:, None]
    mse = g1 + g2 + 2 * g3 - fits.bias[:, None] * (1 - gamma) ** 2
    return Predictions(mean, gamma, h, g1, g2, g3, np.maximum(mse, g2))


def residuals(areas: Areas, fits: Fits, Y: Array) -> tuple[Array, Array]:
    """(y − x'β̂)/√V(y − x'β̂), and how much of its own fit each area makes, h_i/(σ² + D_i): (B, m) both."""
    total = fits.sigma2[:, None] + areas.D
    p = areas.X.shape[1]
    leverage = fits.vcov.reshape(-1, p * p) @ areas.outer.T / total
    return (Y - fits.beta @ areas.X.T) / np.sqrt(total * np.maximum(1 - leverage, 1e-12)), leverage


def log_likelihood(areas: Areas, Y: Array, sigma2: Array, method: Fitting) -> Array:
    """Up to a constant: (B,). The moment estimator has none of its own and is given the full one."""
    A, _beta, r = _regress(areas, Y, sigma2)
    V = sigma2[:, None] + areas.D
    value = -0.5 * (np.log(V) + r**2 / V).sum(axis=1)
    return value - 0.5 * np.linalg.slogdet(A)[1] if method == "reml" else value


def _regress(areas: Areas, Y: Array, sigma2: Array) -> tuple[Array, Array, Array]:
    """X'V⁻¹X: (B, p, p), β̃: (B, p), y − Xβ̃: (B, m) at the given σ²."""
    p = areas.X.shape[1]
    w = 1 / (sigma2[:, None] + areas.D)
    A = (w @ areas.outer).reshape(-1, p, p)
    beta = np.asarray(np.linalg.solve(A, ((w * Y) @ areas.X)[:, :, None])[:, :, 0], dtype=np.float64)
    return A, beta, Y - beta @ areas.X.T


def _step(areas: Areas, Y: Array, sigma2: Array, method: Fitting) -> tuple[Array, Array]:
    """The estimating function of σ², which falls where it crosses zero, and the scoring step it asks for: (B,) both."""
    m, p = areas.X.shape
    w = 1 / (sigma2[:, None] + areas.D)
    A, _beta, r = _regress(areas, Y, sigma2)
    wr = w * r
    squares = np.einsum("bm,bm->b", wr, wr)
    if method == "moment":
        score = np.einsum("bm,bm->b", wr, r) - (m - p)
        return score, score / squares
    two = np.einsum("bm,bm->b", w, w)
    score = squares - w.sum(axis=1)
    if method == "ml":
        return score, score / two
    w2 = w * w
    inverse = np.linalg.inv(A)
    B2 = inverse @ (w2 @ areas.outer).reshape(-1, p, p)
    three = ((w2 * w) @ areas.outer).reshape(-1, p, p)
    score += np.trace(B2, axis1=1, axis2=2)
    # tr PP, with P = W − WX(X'WX)⁻¹X'W
    information = two - 2 * np.einsum("bij,bij->b", inverse, three) + np.einsum("bij,bji->b", B2, B2)
    return score, score / np.maximum(information, 1e-300)


def _starts(areas: Areas, Y: Array, method: Fitting) -> Array:
    """For each row of Y the best of a grid of σ², by its likelihood."""
    if method == "moment":
        return np.zeros(len(Y))
    widest = np.maximum(Y.var(axis=1, ddof=1), np.median(areas.D))
    grid = np.append(0.0, np.geomspace(1e-4, 4.0, _GRID - 1))
    values = np.array([log_likelihood(areas, Y, g * widest, method) for g in grid])
    return grid[values.argmax(axis=0)] * widest


def _moments_of_sigma2(areas: Areas, A: Array, sigma2: Array, method: Fitting) -> tuple[Array, Array]:
    """Asymptotic variance and bias of σ̂² (Prasad & Rao 1990; Datta & Lahiri 2000; Datta, Rao & Smith 2005)."""
    m, p = areas.X.shape
    w = 1 / (sigma2[:, None] + areas.D)
    one, two = w.sum(axis=1), (w**2).sum(axis=1)
    if method == "moment":
        return 2 * m / one**2, 2 * (m * two - one**2) / one**3
    if method == "ml":
        B2 = np.linalg.solve(A, ((w**2) @ areas.outer).reshape(-1, p, p))
        return 2 / two, -np.trace(B2, axis1=1, axis2=2) / two
    return 2 / two, np.zeros(len(sigma2))
