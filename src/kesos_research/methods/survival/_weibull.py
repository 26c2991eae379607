"""Accelerated failure times with Weibull's law: log T = x'β + σ W, W the smallest extreme value.

Notation: z = (log t − x'β)/σ, d the event; log likelihood Σ d (z − log σ − log t) − exp z, in (β, log σ).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS = 100


@dataclass(frozen=True)
class Fit:
    """theta: (p + 1,) with log σ last; information: (p + 1, p + 1); scores of the rows: (n, p + 1)."""

    theta: Array
    information: Array
    scores: Array
    loglik: float
    converged: bool


def fit(X: Array, time: Array, event: Mask) -> Fit:
    """Newton's method with halved steps, from least squares of log t."""
    y, d = np.log(time), event.astype(float)
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    theta: Array = np.append(beta, np.log(max(float((y - X @ beta).std()), 1e-3))).astype(float)
    value, U, information = _derivatives(X, y, d, theta)
    for _step in range(_STEPS):
        try:
            move = np.linalg.solve(information, U.sum(axis=0))
        except np.linalg.LinAlgError:
            break
        if move @ U.sum(axis=0) < 0:  # not concave here: along the score
            move = U.sum(axis=0) / max(float(np.abs(np.diag(information)).max()), 1.0)
        after = _derivatives(X, y, d, theta + move)
        for _half in range(40):
            if after[0] >= value - 1e-12 * abs(value):
                break
            move = move / 2
            after = _derivatives(X, y, d, theta + move)
        theta, gain, (value, U, information) = theta + move, after[0] - value, after
        if abs(gain) <= 1e-13 * max(1.0, abs(value)) and np.abs(move).max() < 1e-8:
            return Fit(theta, information, U, value, converged=bool(theta[-1] > -12))
    return Fit(theta, information, U, value, converged=False)


def _derivatives(X: Array, y: Array, d: Array, theta: Array) -> tuple[float, Array, Array]:
    sigma = float(np.exp(np.clip(theta[-1], -30, 30)))
    z = np.clip((y - X @ theta[:-1]) / sigma, -500, 500)
    e = np.exp(z)
    value = float((d * (z - np.log(sigma) - y) - e).sum())
    u = np.column_stack([X * ((e - d) / sigma)[:, None], z * (e - d) - d])
    inner = (X * (e / sigma**2)[:, None]).T @ X
    cross = X.T @ ((e - d + z * e) / sigma)
    corner = float((z * (e - d) + z**2 * e).sum())
    return value, u, np.block([[inner, cross[:, None]], [cross[None, :], np.array([[corner]])]])
