"""Several outcomes at once: reference distributions of their t, and step-down p-values of the largest.

Notation: X = (1, A, C), c the row of (X'WX)⁻¹ that belongs to A; t = b/se with
se² = Σ_g (Σ_{i∈g} w c'x e)² G/(G − 1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._people import People

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

_SIGNS = np.array([-1.0, 1.0])
_WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))[:, None] * np.array([-1.0, 1.0])
_FEW = 12
_CELLS = 4_000_000


@dataclass(frozen=True)
class Trial:
    """Rows sorted by cluster. Y: (n, K); A: (n,); C: (n, p); w: (n,); start: (G,) first row of each cluster.

    strata: (G,) of each cluster.
    """

    Y: Array
    A: Array
    C: Array
    w: Array
    start: Codes
    strata: Codes

    @property
    def sizes(self) -> Codes:
        return np.diff(np.append(self.start, len(self.A)))

    @property
    def arm(self) -> Array:
        """Of each cluster: (G,), the share of its rows that is treated."""
        return np.add.reduceat(self.A, self.start) / self.sizes


def trial(Y: Array, people: People, C: Array) -> Trial:
    """Rows and clusters in an order of their data, whatever their names. C: (n, p) controls."""
    A, w, cluster, strata = people.A.astype(float), people.w, people.cluster, people.strata
    rank = _rank(np.column_stack([strata_signature(strata, Y, A).astype(float), A, Y, C, w]))
    groups: dict[int, list[int]] = {}
    for i in np.argsort(rank, kind="stable"):
        groups.setdefault(int(cluster[i]), []).append(int(i))
    ordered = sorted(groups.values(), key=lambda rows: [int(rank[i]) for i in rows])
    order = np.concatenate([np.array(rows, np.intp) for rows in ordered])
    start = np.cumsum([0, *(len(rows) for rows in ordered[:-1])])
    signature = strata_signature(strata, Y, A)
    return Trial(Y[order], A[order], C[order], w[order], start, signature[order][start])


def strata_signature(strata: Codes, Y: Array, A: Array) -> Codes:
    """Strata numbered by their data, not by their names."""
    used = np.unique(strata)
    if len(used) == 1:
        return np.zeros(len(strata), np.intp)
    keys = sorted((sorted(map(tuple, np.column_stack([A, Y])[strata == s].tolist())), int(s)) for s in used)
    number = {s: i for i, (_key, s) in enumerate(keys)}
    return np.array([number[int(s)] for s in strata], np.intp)


def statistics(t: Trial, A: Array) -> tuple[Array, Array]:
    """Coefficients and errors of all outcomes under the assignment A: (K,)."""
    X = np.column_stack([np.ones(len(A)), A, t.C])
    WX = t.w[:, None] * X
    M = np.linalg.inv(X.T @ WX)
    beta = M @ (WX.T @ t.Y)
    scores = np.add.reduceat((WX @ M[1])[:, None] * (t.Y - X @ beta), t.start, axis=0)
    G = len(t.start)
    return beta[1], np.sqrt((scores**2).sum(axis=0) * G / (G - 1))


def bootstrapped(t: Trial, draws: int, seed: int) -> Array:
    """t of each draw of the wild cluster bootstrap with no effect imposed: (draws, K).

    y* = fit without A + v_g u with u its residuals; all outcomes share v, so that they move together as they do
    (Romano and Wolf 2005; Cameron, Gelbach and Miller 2008). v is ±1; with few clusters Webb's six values.
    """
    rng = np.random.default_rng(seed)
    G = len(t.start)
    v = rng.choice(_WEBB.ravel() if G < _FEW else _SIGNS, size=(draws, G))
    X = np.column_stack([np.ones(len(t.A)), t.A, t.C])
    N = X[:, [0, *range(2, X.shape[1])]]
    U = t.Y - N @ np.linalg.solve(N.T @ (t.w[:, None] * N), N.T @ (t.w[:, None] * t.Y))
    M = np.linalg.inv(X.T @ (t.w[:, None] * X))
    wa = t.w * (X @ M[1])
    S = np.add.reduceat(wa[:, None] * U, t.start, axis=0)
    L = np.add.reduceat(wa[:, None] * X, t.start, axis=0) @ M
    out = np.empty((draws, U.shape[1]))
    for k in range(U.shape[1]):
        T = np.add.reduceat((t.w * U[:, k])[:, None] * X, t.start, axis=0)
        moved = v @ T
        squares = np.concatenate([((part * S[:, k] - m @ L.T) ** 2).sum(axis=1) for part, m in _chunks(v, moved, G)])
        out[:, k] = _divided(v @ S[:, k], np.sqrt(squares * G / (G - 1)))
    return out


def _chunks(v: Array, moved: Array, G: int) -> Iterator[tuple[Array, Array]]:
    """Draws in parts that fit into memory."""
    size = max(1, _CELLS // G)
    for a in range(0, len(v), size):
        yield v[a : a + size], moved[a : a + size]


def permuted(t: Trial, draws: int, seed: int) -> Array:
    """t of each exchange of assignments between clusters of a stratum: (draws, K) (Westfall and Young 1993)."""
    rng = np.random.default_rng(seed)
    arm = t.arm
    cells = [np.flatnonzero(t.strata == s) for s in np.unique(t.strata)]
    out = np.empty((draws, t.Y.shape[1]))
    for b in range(draws):
        exchanged = arm.copy()
        for cell in cells:
            exchanged[cell] = arm[rng.permutation(cell)]
        try:
            out[b] = _divided(*statistics(t, np.repeat(exchanged, t.sizes)))
        except np.linalg.LinAlgError:  # an exchange that follows the controls speaks for no outcome
            out[b] = 0.0
    return out


def stepdown(observed: Array, T: Array) -> Array:
    """Adjusted p of |t|: (K,), each against the largest of those not yet passed; never falling along the way."""
    order = np.argsort(-np.abs(observed), kind="stable")
    largest = np.maximum.accumulate(np.abs(T[:, order])[:, ::-1], axis=1)[:, ::-1]
    slack = 1e-10 * max(1.0, float(np.abs(observed).max()))
    beyond = (largest >= np.abs(observed[order]) - slack).sum(axis=0)
    p = np.empty(len(observed))
    p[order] = np.maximum.accumulate((1 + beyond) / (1 + len(T)))
    return p


def _divided(beta: Array, error: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, beta / error, 0.0)


def _rank(rows: Array) -> Codes:
    """Place of each row in the order of its values; equal rows share theirs."""
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel()
