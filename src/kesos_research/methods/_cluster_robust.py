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


def fit(X: Array, Y: Array, w: Array, cluster: Codes) -> Fit:
    """Weighted least squares of each column of Y: (n, K) on X: (n, p) of full rank."""
    w = w / w.mean()
    codes, cluster = np.unique(cluster, return_inverse=True)
    M = np.linalg.inv(X.T @ (w[:, None] * X))
    beta = M @ (X.T @ (w[:, None] * Y))
    E = Y - X @ beta
    Q = (w[:, None] * X).T @ (w[:, None] * X)
    adjusted, alone = _adjusted(X, w, M, Q, cluster, len(codes))
    G, p = len(codes), X.shape[1]
    rows = (adjusted[:, :, None] * E[:, None, :]) if len(w) == G else None
    scores = rows[np.argsort(cluster)] if rows is not None else _summed(adjusted, E, cluster, G)
    scores = np.einsum("jq,gqk->gjk", M, scores)
    df = np.array([_satterthwaite(X, w, M, Q, adjusted @ M[:, j], cluster, G) for j in range(p)])
    return Fit(beta, scores, df, alone)


def _summed(R: Array, E: Array, cluster: Codes, G: int) -> Array:
    out = np.zeros((G, R.shape[1], E.shape[1]))
    for k in range(E.shape[1]):
        for j in range(R.shape[1]):
            out[:, j, k] = np.bincount(cluster, R[:, j] * E[:, k], G)
    return out


def _adjusted(X: Array, w: Array, M: Array, Q: Array, cluster: Codes, G: int) -> tuple[Array, int]:
    """A_g W_g X_g of each row: (n, p)."""
    WX = w[:, None] * X
    if len(w) == G:
        B = 1 - 2 * ((X @ M) * WX).sum(axis=1) + ((X @ M @ Q @ M) * X).sum(axis=1)
        good = B > _NOUGHT
        return WX * np.where(good, 1 / np.sqrt(np.where(good, B, 1.0)), 0.0)[:, None], int((~good).sum())
    out, alone = np.empty_like(WX), 0
    order = np.argsort(cluster, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(cluster, minlength=G))[:-1]):
        x, wx = X[rows], WX[rows]
        basis, R = np.linalg.qr(np.column_stack([x, wx]))  # I − H differs from I on this span only
        p = x.shape[1]
        a, b = R[:, :p], R[:, p:]
        B = np.eye(len(R)) - a @ M @ b.T - b @ M @ a.T + a @ (M @ Q @ M) @ a.T
        values, vectors = np.linalg.eigh((B + B.T) / 2)
        good = values > _NOUGHT
        alone += int(not good.all())
        power = (vectors * np.where(good, 1 / np.sqrt(np.where(good, values, 1.0)), 0.0)) @ vectors.T
        inside = basis.T @ wx
        out[rows] = wx - basis @ inside + basis @ (power @ inside)
    return out, alone


def _satterthwaite(X: Array, w: Array, M: Array, Q: Array, a: Array, cluster: Codes, G: int) -> float:
    """(tr P'P)² / Σ (p_g'p_h)² with p_g = (I − H)_g' a_g, without forming P: (G, n)."""
    p = X.shape[1]
    U, V = np.empty((G, p)), np.empty((G, p))
    for j in range(p):
        U[:, j] = np.bincount(cluster, X[:, j] * a, G)
        V[:, j] = np.bincount(cluster, w * X[:, j] * a, G)
    d = np.bincount(cluster, a * a, G)
    L = np.concatenate([U, V], axis=1)
    K = np.block([[M @ Q @ M, -M], [-M, np.zeros((p, p))]])
    LK = L @ K
    low = (LK * L).sum(axis=1)
    C = L.T @ LK
    squares = (d**2).sum() + 2 * (d * low).sum() + np.trace(C @ C)
    trace = float((d + low).sum())
    return float(trace**2 / squares) if squares > 0 else float("nan")
