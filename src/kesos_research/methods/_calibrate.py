"""Weights that meet known totals, and the columns whose fit the variance leaves out.

Deville, J.-C., & Särndal, C.-E. (1992). Calibration estimators in survey sampling. JASA 87(418), 376–382.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_STEPS = 100
_CLOSE = 1e-11
"""Totals are met when they differ by no more than this, relative to their size."""


@dataclass(frozen=True)
class Known:
    """One adjustment on its rows: X: (P, n) columns; totals: (P,); margins: rows of X that belong together.

    `kind` is a way to weights: "poststratify" and "rake" scale margins in turn, the others solve the calibration
    equation of that distance. q: (n,) price of moving a weight, 1 but for the ratio estimator.
    """

    X: Array
    totals: Array
    margins: tuple[slice, ...]
    kind: str
    q: Array
    bounds: tuple[float, float] = (-np.inf, np.inf)


@dataclass(frozen=True)
class Residuals:
    """X: (P, n); w: (n,) weights before, times q; inverse: (P, P) of Σ w x xᵀ (a pseudo-inverse: margins overlap)."""

    X: Array
    w: Array
    inverse: Array


def reweight(w: Array, known: Known) -> tuple[Array, float]:
    """New weights, and the largest relative distance that is left between totals and what the weights give."""
    size = np.maximum(np.abs(known.totals), 1.0)
    if known.kind in ("poststratify", "rake"):
        new = w.copy()
        for _ in range(_STEPS):
            for rows in known.margins:
                X, T = known.X[rows], known.totals[rows]
                now = X @ new
                new *= np.where(now > 0, T / np.where(now > 0, now, 1.0), 1.0) @ X
            if np.max(np.abs(known.X @ new - known.totals) / size) < _CLOSE:
                break
    else:
        new = _solve(w, known, size)
    return new, float(np.max(np.abs(known.X @ new - known.totals) / size))


def residuals(w: Array, known: Known) -> Residuals:
    """What is needed to take from an influence its fit on the known columns, by least squares with the weights w."""
    wq = w * known.q
    return Residuals(known.X, wq, _inverse((known.X * wq) @ known.X.T))


def _inverse(A: Array) -> Array:
    """Pseudo-inverse: columns of categories overlap."""
    return np.asarray(np.linalg.pinv(A, rcond=1e-12, hermitian=True), float)


def _solve(w: Array, known: Known, size: Array) -> Array:
    """Newton's method for λ in Σ w F(λᵀx q) x = totals."""
    lam = np.zeros(len(known.totals))
    miss = np.inf
    for _ in range(_STEPS):
        u = (lam @ known.X) * known.q
        F, slope = _distance(u, known)
        gap = known.totals - known.X @ (w * F)
        worst = float(np.max(np.abs(gap) / size))
        if worst < _CLOSE or not np.isfinite(worst) or (worst >= miss * (1 - 1e-3) and worst < 1e-9):
            break
        miss = worst
        hessian = (known.X * (w * slope * known.q)) @ known.X.T
        step = _inverse(hessian) @ gap
        lam = lam + _shortened(w, known, lam, step, worst=worst)
    F, _slope = _distance((lam @ known.X) * known.q, known)
    return w * F


def _shortened(w: Array, known: Known, lam: Array, step: Array, *, worst: float) -> Array:
    """The step, halved until it brings the totals nearer; a whole step where nothing does."""
    size = np.maximum(np.abs(known.totals), 1.0)
    for halvings in range(20):
        trial = step * 0.5**halvings
        with np.errstate(over="ignore", invalid="ignore"):
            F, _slope = _distance(((lam + trial) @ known.X) * known.q, known)
            gap = np.max(np.abs(known.totals - known.X @ (w * F)) / size)
        if gap < worst:
            return trial
    return step


def _distance(u: Array, known: Known) -> tuple[Array, Array]:
    """The ratio of new to old weight F(u), and its slope."""
    low, high = known.bounds
    if known.kind == "raking":
        with np.errstate(over="ignore"):
            F = np.exp(np.minimum(u, 700.0))
        return F, F
    if known.kind == "logit":
        A = (high - low) / ((1 - low) * (high - 1))
        e = np.exp(np.clip(A * u, -700, 700))
        below = high - 1 + (1 - low) * e
        F = (low * (high - 1) + high * (1 - low) * e) / below
        return F, (F - low) * (high - F) / ((1 - low) * (high - 1))
    F = np.clip(1 + u, low, high)
    return F, ((1 + u > low) & (1 + u < high)).astype(float)
