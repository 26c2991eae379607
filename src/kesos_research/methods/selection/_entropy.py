"""Entropy balancing: the weights nearest to those of the design whose means meet the target's (Hainmueller 2012).

Dual: min over λ of L(λ) = log Σ q_i exp(λ'(x_i − m)); weights ω_i ∝ q_i exp(λ'(x_i − m)), and ∇L = Σ ω (x − m) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CLOSE = 1e-10
"""Largest difference of means, in standard deviations."""
_STEPS = 200


@dataclass(frozen=True)
class Balanced:
    """omega: (n,) adding up to one; gap: largest difference left, in standard deviations; steps of Newton."""

    omega: Array
    gap: float
    steps: int

    @property
    def met(self) -> bool:
        return self.gap <= CLOSE


def balance(X: Array, m: Array, q: Array) -> Balanced:
    """X: (n, p) of the comparison in standard deviations; m: (p,) of the target; q: (n,) weights to stay near to."""
    D, log_q = X - m, np.log(q / q.sum())
    lam, steps = np.zeros(X.shape[1]), 0
    loss, omega = _dual(D, log_q, lam)
    while steps < _STEPS:
        gradient = omega @ D
        if np.abs(gradient).max(initial=0.0) <= CLOSE / 100:
            break
        H = (omega[:, None] * D).T @ D - np.outer(gradient, gradient)
        step = -np.asarray(np.linalg.lstsq(H, gradient, rcond=1e-14)[0], float)
        step, loss, omega = _shortened(D, log_q, lam, step, loss + 1e-15)
        lam, steps = lam + step, steps + 1
        if not step.any():
            break
    return Balanced(omega, float(np.abs(omega @ D).max(initial=0.0)), steps)


def _dual(D: Array, log_q: Array, lam: Array) -> tuple[float, Array]:
    eta = log_q + D @ lam
    top = float(eta.max())
    e = np.exp(eta - top)
    return top + float(np.log(e.sum())), e / e.sum()


def _shortened(D: Array, log_q: Array, lam: Array, step: Array, most: float) -> tuple[Array, float, Array]:
    """The step, halved until the loss is no larger than before; nought where it never is."""
    for _half in range(50):
        value, omega = _dual(D, log_q, lam + step)
        if value <= most:
            return step, value, omega
        step = step / 2
    value, omega = _dual(D, log_q, lam)
    return np.zeros_like(step), value, omega
