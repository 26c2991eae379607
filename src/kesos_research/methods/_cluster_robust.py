"""Least squares with the bias-reduced cluster-robust variance (CR2) and Satterthwaite's degrees of freedom.

Notation of Bell and McCaffrey (2002) and Pustejovsky and Tipton (2018): W diagonal, M = (X'WX)⁻¹, H = XMX'W,
A_g = ((I − H)_g (I − H)_g')^(-1/2), working model of equal and uncorrelated errors. Clusters of one row give HC2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

_NOUGHT = 1e-10
"""Eigenvalues below this are nought: the cluster decides a coefficient alone."""


@dataclass(frozen=True)
class Fit:
    """beta: (p, K) for K outcomes; scores: (G, p, K) = M X_g'W_g A_g e_g, whose squares add up to the variance.

    V: (p, p, K); df: (p,); alone: clusters that decide a coefficient alone.
    """

    beta: Array
    scores: Array
    df: Array
    alone: int

    def covariance(self, k: int = 0, m: int | None = None) -> Array:
        """Of the coefficients of outcome k with those of outcome m: (p, p)."""
        return self.scores[:, :, k].T @ self.scores[:, :, k if m is None else m]

    def error(self, j: int, k: int = 0) -> float:
        return float(np.sqrt((self.scores[:, j, k] ** 2).sum()))


@dataclass(frozen=True)
class _Squares:
    """X: (n, p), w: (n,), WX, M = (X'WX)⁻¹, Q = X'W²X; cluster: (n,) numbers from 0 to G − 1."""

    X: Array
    w: Array
    WX: Array
    M: Array
    Q: Array
    cluster: Codes
    G: int


def fit(X: Array, Y: Array, w: Array, cluster: Codes) -> Fit:
    """Weighted least squares of each column of Y: (n, K) on X: (n, p) of full rank."""
    w = w / w.mean()
    found, cluster = np.unique(cluster, return_inverse=True)
    WX = w[:, None] * X
    s = _Squares(X, w, WX, np.asarray(np.linalg.inv(X.T @ WX), float), WX.T @ WX, cluster, len(found))
    beta = s.M @ (WX.T @ Y)
    R, alone = _adjusted(s)
    scores = np.einsum("jq,gqk->gjk", s.M, _summed(R, Y - X @ beta, s))
    return Fit(beta, scores, np.array([_satterthwaite(s, R @ m) for m in s.M.T]), alone)


def _summed(R: Array, E: Array, s: _Squares) -> Array:
    out = np.empty((s.G, R.shape[1], E.shape[1]))
    for k in range(E.shape[1]):
        for j in range(R.shape[1]):
            out[:, j, k] = np.bincount(s.cluster, R[:, j] * E[:, k], s.G)
    return out


def _adjusted(s: _Squares) -> tuple[Array, int]:
    """A_g W_g X_g of each row: (n, p)."""
    X, WX, M = s.X, s.WX, s.M
    N = M @ s.Q @ M
    if len(s.w) == s.G:
        B = 1 - 2 * ((X @ M) * WX).sum(axis=1) + ((X @ N) * X).sum(axis=1)
        good = B > _NOUGHT
        return WX * np.where(good, 1 / np.sqrt(np.where(good, B, 1.0)), 0.0)[:, None], int((~good).sum())
    out, alone = np.empty_like(WX), 0
    order = np.argsort(s.cluster, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(s.cluster, minlength=s.G))[:-1]):
        basis, R = np.linalg.qr(np.column_stack([X[rows], WX[rows]]))  # I − H differs from I on this span only
        a, b = R[:, : X.shape[1]], R[:, X.shape[1] :]
        B = np.eye(len(R)) - a @ M @ b.T - b @ M @ a.T + a @ N @ a.T
        values, vectors = np.linalg.eigh((B + B.T) / 2)
        good = values > _NOUGHT
        alone += int(not good.all())
        power = (vectors * np.where(good, 1 / np.sqrt(np.where(good, values, 1.0)), 0.0)) @ vectors.T
        inside = basis.T @ WX[rows]
        out[rows] = WX[rows] - basis @ inside + basis @ (power @ inside)
    return out, alone


def _satterthwaite(s: _Squares, a: Array) -> float:
    """(tr P'P)² / Σ (p_g'p_h)² with p_g = (I − H)_g' a_g, without forming P: (G, n)."""
    p = s.X.shape[1]
    U, V = np.empty((s.G, p)), np.empty((s.G, p))
    for j in range(p):
        U[:, j] = np.bincount(s.cluster, s.X[:, j] * a, s.G)
        V[:, j] = np.bincount(s.cluster, s.WX[:, j] * a, s.G)
    d = np.bincount(s.cluster, a * a, s.G)
    L = np.concatenate([U, V], axis=1)
    LK = L @ np.block([[s.M @ s.Q @ s.M, -s.M], [-s.M, np.zeros((p, p))]])
    low = (LK * L).sum(axis=1)
    C = L.T @ LK
    squares = (d**2).sum() + 2 * (d * low).sum() + np.trace(C @ C)
    trace = float((d + low).sum())
    return float(trace**2 / squares) if squares > 0 else float("nan")
