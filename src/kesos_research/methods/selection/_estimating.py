"""Estimating equations Σ w ψ(θ) = 0 solved elsewhere: the influence of each row on all parameters at once.

The influence is φ = −(Σ w ∂ψ/∂θ')⁻¹ ψ, so that what was estimated on the way counts (Newey and McFadden 1994).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[Any]

_STEP = 1e-30
"""Of the complex step, whose derivative has no rounding error (Squire and Trapp 1998)."""


def influence(psi: Callable[[Complex], Complex], theta: Array, w: Array) -> Array:
    """psi(θ): (n, q), of functions that take complex numbers; returns φ: (n, q) with θ̂ − θ ≈ Σ w φ."""
    q = len(theta)
    J = np.empty((q, q))
    for j in range(q):
        moved = theta.astype(complex)
        moved[j] += 1j * _STEP
        J[:, j] = (w @ psi(moved)).imag / _STEP
    return -np.asarray(np.linalg.solve(J, psi(theta).T).T, float)


def expit(z: Complex) -> Complex:
    return 1 / (1 + np.exp(-z))


INVERSE_LINKS: dict[str, Callable[[Complex], Complex]] = {"linear": lambda z: z, "logit": expit, "poisson": np.exp}
