"""The unit-level model in arrays: y_ij = x_ij'β + v_i + e_ij, v_i ~ N(0, σ_v²), e_ij ~ N(0, σ_e²).

All that the model needs of its rows are sizes, means and the cross-products within areas, so that the bootstrap draws
those. B sets of outcomes at once; λ = σ_v²/σ_e². Notation of Battese, Harter & Fuller (1988) and Rao & Molina (2015),
ch. 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._bracket import root

Array = NDArray[np.float64]
Fitting = Literal["reml", "ml"]

FITTINGS: tuple[Fitting, ...] = ("reml", "ml")
_CLOSE = 1e-12
_GRID = 41


@dataclass(frozen=True)
class Sample:
    """n: (m,) units; x: (m, p) means, intercept first; S: (p, p) cross-products of covariates within areas."""

    n: Array
    x: Array
    S: Array

    @cached_property
    def outer(self) -> Array:
        """Rows x̄_i x̄_i', flat: (m, p²)."""
        m, p = self.x.shape
        return (self.x[:, :, None] * self.x[:, None, :]).reshape(m, p * p)

    @property
    def units(self) -> float:
        return float(self.n.sum())


@dataclass(frozen=True)
class Outcomes:
    """y: (B, m) means; c: (B, p) cross-products with the covariates within areas; s: (B,) squares within areas."""

    y: Array
    c: Array
    s: Array

    def of(self, which: NDArray[np.intp]) -> Outcomes:
        return Outcomes(self.y[which], self.c[which], self.s[which])


@dataclass(frozen=True)
class Fits:
    """between: (B,) σ̂_v²; within: (B,) σ̂_e²; beta: (B, p); vcov: (B, p, p)."""

    between: Array
    within: Array
    beta: Array
    vcov: Array


@dataclass(frozen=True)
class Targets:
    """Whose mean is asked. X: (k, p) means of the units not in the sample; rest: (k,) their share of all, 1 if
    infinite.

    n, x, y of the sample in each, with n = 0 where there is none; noise: (k,) 1/(units not in the sample), 0 if
    infinite.
    """

    X: Array
    rest: Array
    noise: Array
    n: Array
    x: Array


def fit(sample: Sample, outcomes: Outcomes, method: Fitting, start: Array | None = None, close: float = _CLOSE) -> Fits:
    """Variance components by restricted or full likelihood, with σ_v² ≥ 0, and β̂ by generalised least squares."""
    first = _starts(sample, outcomes, method) if start is None else np.broadcast_to(start, len(outcomes.s))
    ratio = root(lambda which, here: _step(sample, outcomes.of(which), here, method), first, unit=0.1, close=close)
    _k, A, beta, _r, rss = _regress(sample, outcomes, ratio)
    within = rss / _degrees(sample, method)
    return Fits(ratio * within, within, beta, np.linalg.inv(A) * within[:, None, None])


def predict(fits: Fits, targets: Targets, y: Array) -> Array:
    """EBLUP of the mean of each target: (B, k); y: (B, k) sample means, anything where there is no sample."""
    gamma = shrink(fits, targets.n)
    residual = np.where(targets.n > 0, y - fits.beta @ targets.x.T, 0.0)
    rest = fits.beta @ targets.X.T + gamma * residual
    return targets.rest * rest + (1 - targets.rest) * np.where(targets.n > 0, y, 0.0)


def shrink(fits: Fits, n: Array) -> Array:
    """γ_i = σ_v²/(σ_v² + σ_e²/n_i): (B, k)."""
    total = fits.between[:, None] * n + fits.within[:, None]
    return fits.between[:, None] * n / total


def mse(sample: Sample, fits: Fits, targets: Targets, method: Fitting) -> Array:
    """Prasad and Rao's mean squared error of the first fit: (k,); for full likelihood with Datta and Lahiri's bias
    term.
    """
    v, e = float(fits.between[0]), float(fits.within[0])
    n, gamma = targets.n, shrink(fits, targets.n)[0]
    apart = targets.X - gamma[:, None] * targets.x
    g1 = (1 - gamma) * v
    g2 = np.einsum("kp,pq,kq->k", apart, fits.vcov[0], apart)
    C = np.asarray(np.linalg.inv(information(sample, v, e)), dtype=np.float64)
    h = e**2 * C[0, 0] + v**2 * C[1, 1] - 2 * e * v * C[0, 1]
    g3 = np.where(n > 0, n * h / (e + n * v) ** 3, 0.0)
    bias = _bias(sample, fits, C) if method == "ml" else np.zeros(2)
    slope = np.column_stack([(1 - gamma) ** 2, np.where(n > 0, gamma**2 / np.maximum(n, 1), 0.0)])
    return targets.rest**2 * np.maximum(g1 + g2 + 2 * g3 - slope @ bias, g2) + targets.rest**2 * e * targets.noise


def information(sample: Sample, v: float, e: float) -> Array:
    """Of (σ_v², σ_e²): (2, 2)."""
    alpha = e + sample.n * v
    vv, ve = (sample.n**2 / alpha**2).sum(), (sample.n / alpha**2).sum()
    ee = ((sample.n - 1) / e**2 + 1 / alpha**2).sum()
    return np.array([[vv, ve], [ve, ee]]) / 2


def log_likelihood(sample: Sample, outcomes: Outcomes, ratio: Array, method: Fitting) -> Array:
    """Profile over β and σ_e², up to a constant: (B,)."""
    _k, A, _beta, _r, rss = _regress(sample, outcomes, ratio)
    value = -0.5 * (_degrees(sample, method) * np.log(rss) + np.log1p(ratio[:, None] * sample.n).sum(axis=1))
    return value - 0.5 * np.linalg.slogdet(A)[1] if method == "reml" else value


def _degrees(sample: Sample, method: Fitting) -> float:
    return sample.units - (sample.x.shape[1] if method == "reml" else 0)


def _regress(sample: Sample, outcomes: Outcomes, ratio: Array) -> tuple[Array, Array, Array, Array, Array]:
    """k = 1/(1 + λn): (B, m); A = σ_e²X'V⁻¹X: (B, p, p); β̃; mean residuals: (B, m); σ_e²r'V⁻¹r: (B,)."""
    p = sample.x.shape[1]
    k = 1 / (1 + ratio[:, None] * sample.n)
    nk = sample.n * k
    A = sample.S + (nk @ sample.outer).reshape(-1, p, p)
    b = outcomes.c + (nk * outcomes.y) @ sample.x
    beta = np.asarray(np.linalg.solve(A, b[:, :, None])[:, :, 0], dtype=np.float64)
    r = outcomes.y - beta @ sample.x.T
    # squares about β̃ itself, which loses no digits where the fit is close
    inside = outcomes.s - 2 * np.einsum("bp,bp->b", beta, outcomes.c) + np.einsum("bp,pq,bq->b", beta, sample.S, beta)
    return k, A, beta, r, inside + np.einsum("bm,bm->b", nk, r * r)


def _step(sample: Sample, outcomes: Outcomes, ratio: Array, method: Fitting) -> tuple[Array, Array]:
    """Derivative of the profile likelihood in λ, and the scoring step."""
    k, A, _beta, r, rss = _regress(sample, outcomes, ratio)
    nk = sample.n * k
    score = _degrees(sample, method) * np.einsum("bm,bm->b", nk * nk, r * r) / rss - nk.sum(axis=1)
    if method == "reml":
        p = sample.x.shape[1]
        score += np.einsum("bij,bji->b", np.linalg.inv(A), ((nk * nk) @ sample.outer).reshape(-1, p, p))
    return score, score / ((nk * nk).sum(axis=1) - nk.sum(axis=1) ** 2 / sample.units)


def _starts(sample: Sample, outcomes: Outcomes, method: Fitting) -> Array:
    grid = np.append(0.0, np.geomspace(1e-5, 1e3, _GRID - 1))
    values = [log_likelihood(sample, outcomes, np.full(len(outcomes.s), g), method) for g in grid]
    return grid[np.argmax(values, axis=0)]


def _bias(sample: Sample, fits: Fits, C: Array) -> Array:
    """Of (σ̂_v², σ̂_e²) by full likelihood: ½ C tr(V(β̂) ∂(X'V⁻¹X)/∂σ²)."""
    v, e = float(fits.between[0]), float(fits.within[0])
    p = sample.x.shape[1]
    alpha = e + sample.n * v
    by_v = -((sample.n**2 / alpha**2) @ sample.outer).reshape(p, p)
    by_e = -sample.S / e**2 - ((sample.n / alpha**2) @ sample.outer).reshape(p, p)
    return C @ np.array([np.trace(fits.vcov[0] @ by_v), np.trace(fits.vcov[0] @ by_e)]) / 2
