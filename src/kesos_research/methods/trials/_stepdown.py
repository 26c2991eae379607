"""Several outcomes at once: reference distributions of their t, and step-down p-values of the largest.

Notation: X = (1, A, C), c the row of (X'WX)⁻¹ that belongs to A; t = b/se with
se² = Σ_g (Σ_{i∈g} w c'x e)² G/(G − 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._people import People

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


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
    rank = _rank(np.column_stack([strata_signature(strata, Y, A), A, Y, C, w]))
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


def statistics(t: Trial, A: Array, count: Array) -> tuple[Array, Array]:
    """Coefficients and errors of all outcomes: (K,), each cluster taken `count` times."""
    copies = np.repeat(count, t.sizes)
    used = copies > 0
    X = np.column_stack([np.ones(len(A)), A, t.C])
    WX = (copies * t.w)[:, None] * X
    c = np.linalg.solve(X.T @ WX, np.eye(X.shape[1])[1])
    beta = np.linalg.solve(X.T @ WX, WX.T @ t.Y)
    scores = np.add.reduceat((t.w * (X @ c) * used)[:, None] * (t.Y - X @ beta), t.start, axis=0)
    G = count.sum()
    return beta[1], np.sqrt(count @ scores**2 * G / (G - 1))


def bootstrapped(t: Trial, draws: int, seed: int) -> Array:
    """t of each draw of clusters, within arms and strata, about the estimate: (draws, K) (Romano and Wolf 2005)."""
    rng = np.random.default_rng(seed)
    centre = statistics(t, t.A, np.ones(len(t.start)))[0]
    within = t.strata * 2 + (t.arm >= 0.5) if np.isin(t.arm, (0.0, 1.0)).all() else t.strata
    cells = [np.flatnonzero(within == c) for c in np.unique(within)]
    out = np.empty((draws, t.Y.shape[1]))
    for b in range(draws):
        count = np.zeros(len(t.start))
        for cell in cells:
            count[cell] = rng.multinomial(len(cell), np.full(len(cell), 1 / len(cell)))
        out[b] = _t(t, t.A, count, centre)
    return out


def permuted(t: Trial, draws: int, seed: int) -> Array:
    """t of each exchange of assignments between clusters of a stratum: (draws, K) (Westfall and Young 1993)."""
    rng = np.random.default_rng(seed)
    ones, arm = np.ones(len(t.start)), t.arm
    cells = [np.flatnonzero(t.strata == s) for s in np.unique(t.strata)]
    out = np.empty((draws, t.Y.shape[1]))
    for b in range(draws):
        exchanged = arm.copy()
        for cell in cells:
            exchanged[cell] = arm[rng.permutation(cell)]
        out[b] = _t(t, np.repeat(exchanged, t.sizes), ones, np.zeros(t.Y.shape[1]))
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


def _t(t: Trial, A: Array, count: Array, centre: Array) -> Array:
    """Nought where a draw leaves nothing to compare: it then speaks for no outcome."""
    try:
        beta, error = statistics(t, A, count)
    except np.linalg.LinAlgError:
        return np.zeros(t.Y.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, (beta - centre) / error, 0.0)


def _rank(rows: Array) -> Codes:
    """Place of each row in the order of its values; equal rows share theirs."""
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel()
