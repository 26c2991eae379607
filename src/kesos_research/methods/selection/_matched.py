"""From matches to an effect and its error: weights, regression, variance by the way units were matched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods import _cluster_robust
from kesos_research.methods.selection import _nearest

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Matched:
    """weights: (n,), nought for those left out; sets: (n,) number of the set, −1 for none or (reused units) several.

    matches: (n₁, ratio) places, where units were matched one by one.
    """

    weights: Array
    sets: Places
    matches: Places | None = None


@dataclass(frozen=True)
class Found:
    tau: float
    error: float
    df: float
    how: str


def of_pairs(matches: Places, A: Mask, w: Array) -> Matched:
    """Each treated unit counts w, its m matches w/m each."""
    weights, sets = np.zeros(len(A)), np.full(len(A), -1, np.intp)
    for number, (i, row) in enumerate(zip(np.flatnonzero(A), matches, strict=True)):
        held = row[row >= 0]
        if len(held):
            weights[i] = w[i]
            weights[held] += w[i] / len(held)
            sets[i] = sets[held] = number
    return Matched(weights, sets, matches)


def of_strata(code: Places, A: Mask, w: Array) -> Matched:
    """Comparison units of a stratum count as much together as its treated; strata without both are left out."""
    weights, sets = np.zeros(len(A)), np.full(len(A), -1, np.intp)
    for s in np.unique(code):
        inside = code == s
        treated, others = inside & A, inside & ~A
        if treated.any() and others.any():
            weights[treated] = w[treated]
            weights[others] = w[others] * w[treated].sum() / w[others].sum()
            sets[inside] = s
    return Matched(weights, sets)


def regression(y: Array, A: Mask, X: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Coefficients of (1, A, X), the outcome less what the covariates say: (n,), and the weights: (n,).

    Each arm weighs as many as its rows: that is no matter but for the coefficients of covariates.
    """
    w = weights.copy()
    for a in (A, ~A):
        w[a] *= (w[a] > 0).sum() / w[a].sum()
    used = w > 0
    root = np.sqrt(w[used])
    b = np.asarray(np.linalg.lstsq(root[:, None] * _columns(A, X, used), root * y[used], rcond=None)[0], float)
    return b, y - X @ b[2:], w


def _columns(A: Mask, X: Array, used: Mask) -> Array:
    return np.column_stack([np.ones(used.sum()), A[used].astype(float), X[used]])


def by_sets(y: Array, A: Mask, X: Array, m: Matched) -> Found:
    """Cluster-robust by matched set, with G/(G − 1) · (n − 1)/(n − k) (Abadie and Spiess 2022)."""
    b, left, w = regression(y, A, X, m.weights)
    used = w > 0
    Z, w = _columns(A, X, used), w[used]
    M = np.linalg.pinv(Z.T @ (w[:, None] * Z))
    e = left[used] - Z[:, :2] @ b[:2]
    code = np.unique(m.sets[used], return_inverse=True)[1]
    scores = np.bincount(code, w * (Z @ M[1]) * e)
    G, n, k = len(scores), len(w), Z.shape[1]
    error = float(np.sqrt((scores**2).sum() * G / (G - 1) * (n - 1) / (n - k)))
    return Found(float(b[1]), error, G - 1.0, "sets")


def by_clusters(y: Array, A: Mask, X: Array, m: Matched, cluster: Places) -> Found:
    """CR2 over places of assignment or sampled units, the weights taken as given."""
    w = regression(y, A, X, m.weights)[2]
    used = w > 0
    fit = _cluster_robust.fit(_columns(A, X, used), y[used][:, None], w[used], cluster[used])
    return Found(float(fit.beta[1, 0]), fit.error(1), float(fit.df[1]), "clusters")


def by_neighbours(y: Array, A: Mask, X: Array, m: Matched, V: Array) -> Found:
    """Abadie and Imbens (2006) for units that were used again: σ² of each from its two nearest of the same arm.

    V(τ) = W₁⁻² [Σ_treated w²(τᵢ − τ)² + Σ_comparison (K² − K') σ²], K = Σ w/m and K' = Σ (w/m)² over its matches.
    """
    assert m.matches is not None
    b, left, _w = regression(y, A, X, m.weights)
    tau, T = float(b[1]), np.flatnonzero(A)
    K, squares, spread = np.zeros(len(A)), np.zeros(len(A)), 0.0
    for i, row in zip(T, m.matches, strict=True):
        held = row[row >= 0]
        if len(held):
            share = m.weights[i] / len(held)
            K[held] += share
            squares[held] += share**2
            spread += (m.weights[i] * (left[i] - left[held].mean() - tau)) ** 2
    places = np.flatnonzero(K > 0)
    near = _nearest.neighbours(V, np.flatnonzero(~A), places, 2)
    sigma2 = 2 / 3 * (left[places] - left[near].mean(axis=1)) ** 2
    total = m.weights[T].sum()
    V_tau = (spread + ((K**2 - squares)[places] * sigma2).sum()) / total**2
    return Found(tau, float(np.sqrt(V_tau)), float((m.weights[T] > 0).sum() - 1), "neighbours")


def by_strata(y: Array, A: Mask, X: Array, m: Matched) -> Found:
    """Influence of the weighted strata: treated (y − ȳ₀ₛ − τ), comparison the spread in its stratum.

    A stratum with one comparison unit takes the spread of the others.
    """
    b, left, _w = regression(y, A, X, m.weights)
    tau, used = float(b[1]), m.weights > 0
    w, total = m.weights, m.weights[A].sum()
    spread, lone, pooled, free = 0.0, 0.0, 0.0, 0
    for s in np.unique(m.sets[used]):
        treated, others = (m.sets == s) & A, (m.sets == s) & ~A
        mean, n = np.average(left[others], weights=w[others]), int(others.sum())
        spread += float(((w[treated] * (left[treated] - mean - tau)) ** 2).sum())
        if n == 1:
            lone += float(w[others].sum() ** 2)
            continue
        e2 = (left[others] - mean) ** 2
        spread += float((w[others] ** 2 * e2).sum()) * n / (n - 1)
        pooled, free = pooled + float(e2.sum()), free + n - 1
    sigma2 = pooled / free if free else float(np.var(left[used & ~A]))
    return Found(tau, float(np.sqrt(spread + lone * sigma2) / total), float(used.sum() - 2 - X.shape[1]), "strata")
