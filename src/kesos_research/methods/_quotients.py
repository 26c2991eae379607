"""Quotients of linear combinations of weighted totals, and sums of such quotients, with their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Gradient = Callable[[Array], tuple[Array, Array]]
Part = tuple[ArrayLike, ArrayLike]
"""Coefficients over the J totals of a numerator and of a denominator."""


def quotients(parts: Sequence[Part], mix: Array | None = None) -> Gradient:
    """θ_k = A_k·T / B_k·T, or their combinations mix·θ: totals (J, D) → θ (K, D), ∂θ/∂T (K, J, D).

    Parameters
    ----------
    parts
        (A_k, B_k), one each quotient.
    mix
        (K′, K), where sums and differences of quotients are wanted.
    """
    A, B = (np.array([part[side] for part in parts], float) for side in (0, 1))

    def g(T: Array) -> tuple[Array, Array]:
        below = B @ T
        theta = (A @ T) / below
        G = (A[:, :, None] - theta[:, None] * B[:, :, None]) / below[:, None]
        return (theta, G) if mix is None else (_mixed(mix, theta), _mixed(mix, G))

    return g


def _mixed(mix: Array, x: Array) -> Array:
    """mix·x over the first axis; a quotient that does not exist spoils only the sums it is in."""
    rows = []
    for coefficients in mix:
        used = np.flatnonzero(coefficients)
        rows.append(np.tensordot(coefficients[used], x[used], axes=1))
    return np.asarray(np.stack(rows), float)
