"""Partial likelihood of proportional hazards, in slots: one for each event, tied events sharing a time.

Notation: r_i = exp(x_i'β); in slot l of d tied events the risk set counts Σ_{at risk} r − f Σ_{tied} r, f = l/d (Efron)
or 0 (Breslow); a is the mean of x with these weights. Rows are in the order of their times within strata.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.intp]

_STEPS = 50
_NOUGHT = 1e-9
_FAR = 15.0
"""A coefficient of standardised columns beyond which no finite solution is thought to exist."""


@dataclass(frozen=True)
class Stratum:
    """X: (n, p); time, event: (n,). slot_time: index of each slot's distinct time; f: its share: (D,).

    first: for each slot the first row at risk; last: for each row the number of slots up to its time; dead: rows with
    the event in the order of the slots; ties: events at the time of each slot.
    """

    X: Array
    time: Array
    event: Mask
    rows: Codes
    dead: Codes
    first: Codes
    last: Codes
    ties: Codes
    f: Array


def stratum(X: Array, time: Array, event: Mask, rows: Codes, ties: str) -> Stratum:
    """One stratum's rows, sorted by time, as slots."""
    order = np.argsort(time, kind="stable")
    X, time, event, rows = X[order], time[order], event[order], rows[order]
    dead = np.flatnonzero(event)
    when = time[dead]
    start = np.searchsorted(when, when, side="left")
    d = np.searchsorted(when, when, side="right") - start
    f = (np.arange(len(dead)) - start) / d if ties == "efron" else np.zeros(len(dead))
    first = np.searchsorted(time, when, side="left")
    last = np.searchsorted(when, time, side="right")
    return Stratum(X, time, event, rows, dead, first, last, d, f)


@dataclass(frozen=True)
class Slots:
    """S0: (D,); a, the mean of x: (D, p); V, its variance: (D, p, p)."""

    S0: Array
    a: Array
    V: Array


def slots(s: Stratum, r: Array) -> Slots:
    def sums(v: Array) -> Array:
        risk = v[::-1].cumsum(axis=0)[::-1][s.first]
        tied = np.zeros((len(s.dead), *v.shape[1:]))
        start = np.arange(len(s.dead)) - _place(s)
        np.add.at(tied, start, v[s.dead])
        return risk - s.f.reshape(-1, *[1] * (v.ndim - 1)) * tied[start]

    S0 = sums(r)
    a = sums(r[:, None] * s.X) / S0[:, None]
    second = sums(r[:, None, None] * s.X[:, :, None] * s.X[:, None, :]) / S0[:, None, None]
    return Slots(S0, a, second - a[:, :, None] * a[:, None, :])


def _place(s: Stratum) -> Codes:
    """Place of each slot among the slots of its time."""
    when = s.time[s.dead]
    return np.arange(len(s.dead)) - np.searchsorted(when, when, side="left")


@dataclass(frozen=True)
class Fit:
    """beta: (p,); I, the information: (p, p); loglik at zero and at beta; x was standardised by these scales."""

    beta: Array
    information: Array
    null: float
    loglik: float
    converged: bool


def fit(strata: Sequence[Stratum], p: int) -> Fit:
    """Newton's method with halved steps, for columns that are standardised."""
    beta = np.zeros(p)
    value, U, information = derivatives(strata, beta)
    null = value
    for _step in range(_STEPS):
        try:
            move = np.linalg.solve(information, U)
        except np.linalg.LinAlgError:
            return Fit(beta, information, null, value, converged=False)
        after = derivatives(strata, beta + move)
        for _half in range(30):
            if after[0] >= value - 1e-12 * abs(value):
                break
            move = move / 2
            after = derivatives(strata, beta + move)
        beta = beta + move
        gain, (value, U, information) = after[0] - value, after
        if np.abs(beta).max(initial=0.0) > _FAR:
            return Fit(beta, information, null, value, converged=False)
        if abs(gain) <= 1e-13 * max(1.0, abs(value)) and np.abs(move).max(initial=0.0) < 1e-9:
            return Fit(beta, information, null, value, converged=True)
    return Fit(beta, information, null, value, converged=False)


def derivatives(strata: Sequence[Stratum], beta: Array) -> tuple[float, Array, Array]:
    """Log likelihood, score, information."""
    value, U, information = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for s in strata:
        eta = s.X @ beta
        top = float(eta.max(initial=0.0))
        q = slots(s, np.exp(eta - top))
        value += float((eta[s.dead] - top - np.log(q.S0)).sum())
        U += (s.X[s.dead] - q.a).sum(axis=0)
        information += q.V.sum(axis=0)
    return value, U, information


def score_residuals(strata: Sequence[Stratum], beta: Array, n: int) -> Array:
    """Each row's part of the score, in the order of the data: (n, p)."""
    out = np.zeros((n, len(beta)))
    for s in strata:
        eta = s.X @ beta
        r = np.exp(eta - eta.max(initial=0.0))
        q = slots(s, r)
        hazard, weighted = 1 / q.S0, q.a / q.S0[:, None]
        H = np.concatenate([[0.0], np.cumsum(hazard)])[s.last]
        A = np.concatenate([np.zeros((1, len(beta))), np.cumsum(weighted, axis=0)])[s.last]
        u = -r[:, None] * (s.X * H[:, None] - A)
        own = _own(s, np.column_stack([s.f * hazard, s.f[:, None] * weighted, q.a / s.ties[:, None]]))
        x, p = s.X[s.dead], len(beta)
        u[s.dead] += x - own[:, 1 + p :] + r[s.dead, None] * (x * own[:, :1] - own[:, 1 : 1 + p])
        out[s.rows] = u
    return out


def _own(s: Stratum, v: Array) -> Array:
    """For each event the sum over the slots of its time."""
    start = np.arange(len(s.dead)) - _place(s)
    total = np.zeros_like(v)
    np.add.at(total, start, v)
    return total[start]


def proportional(strata: Sequence[Stratum], beta: Array, transform: Sequence[Array]) -> tuple[Array, float]:
    """Score tests that a coefficient does not move with g(t), g in `transform` for each slot: one a column, and joint.

    Grambsch and Therneau's test with the exact variance: information on (β, θ), x θ g(t) added to the model.
    """
    p = len(beta)
    I11, I12, I22, U = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    for s, g in zip(strata, transform, strict=True):
        eta = s.X @ beta
        q = slots(s, np.exp(eta - eta.max(initial=0.0)))
        U += (g[:, None] * (s.X[s.dead] - q.a)).sum(axis=0)
        I11 += q.V.sum(axis=0)
        I12 += (g[:, None, None] * q.V).sum(axis=0)
        I22 += (g[:, None, None] ** 2 * q.V).sum(axis=0)
    rest = I22 - I12 @ np.linalg.solve(I11, I12)
    own = np.diag(I22) - np.einsum("ij,jk,ki->i", I12, np.linalg.inv(I11), I12)
    if (own <= _NOUGHT * np.diag(I22)).any() or np.linalg.matrix_rank(rest) < p:
        return np.full(p, np.nan), float("nan")
    return U**2 / own, float(U @ np.linalg.solve(rest, U))
