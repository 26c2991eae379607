"""Randomisation of a difference whose reference is put on the scale of the treated units' own noise.

Notation of Ferman & Pinto (2019): W: (N,) changes about the common change, σ_i² = A + B/M_i their variance with M_i
units inside (households, respondents), R_i = W_i/σ_i. Everything stays linear in an effect τ on the treated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from kesos_research.methods._randomize import Reference, Sets, difference, needed
from kesos_research.methods._studentize import hull, within_cone

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_CHUNK = 500
"""Permutations made at a time."""
_ROUNDS = 100
_SETTLED = 1e-9
_NOTHING = 1e-6
"""A smaller share of the mean variance is none."""


@dataclass(frozen=True)
class Rescaled(Reference):
    """T and overlap on the scale of the observed; an overlap may exceed one, which asks for its own inversion."""

    def interval(self, level: float) -> tuple[float, float]:
        enough = needed(len(self.T), level, self.own)
        if enough <= 0:
            return -np.inf, np.inf
        size = float(self.T.std())
        u = (self.T - self.observed * self.overlap) / size
        low, high = hull(*within_cone(u, self.overlap, np.ones(len(u))), enough)
        return self.observed + size * low, self.observed + size * high


def by_size(D: Array, A: Mask, sigma: Array, *, draws: int, seed: int, smallest_p: float) -> Rescaled:
    """T(π) = Σ_i g_i σ_i R_π(i) over permutations π of all units, with g_i = 1/k for the treated, −1/(N − k) else."""
    k, N = int(A.sum()), len(D)
    g = np.where(A, 1 / k, -1 / (N - k)) * sigma
    order = np.lexsort((sigma, D))
    R, S = ((D - D[~A].mean()) / sigma)[order], (A / sigma)[order]
    rng = np.random.default_rng(seed)
    T, overlap = np.empty(draws), np.empty(draws)
    for first in range(0, draws, _CHUNK):
        rows = slice(first, min(first + _CHUNK, draws))
        places = rng.permuted(np.tile(np.arange(N), (rows.stop - rows.start, 1)), axis=1)
        T[rows], overlap[rows] = R[places] @ g[order], S[places] @ g[order]
    return Rescaled(float(D[A].mean() - D[~A].mean()), T, overlap, own=False, exact=False, smallest_p=smallest_p)


def variance_by_size(squares: Array, M: Array) -> tuple[float, float]:
    """A, B ≥ 0 of σ² = A + B/M from each unit's mean square: least squares with weights 1/σ⁴, until they settle."""
    size, scale = float(squares.mean()), float(np.mean(1 / M))
    X, y = np.column_stack([np.ones(len(M)), 1 / M / scale]), squares / size
    sigma2, b = np.ones(len(M)), np.zeros(2)
    for _round in range(_ROUNDS):
        b, _residual = nnls(X / sigma2[:, None], y / sigma2)
        before, sigma2 = sigma2, np.maximum(X @ b, _NOTHING)
        if np.abs(sigma2 - before).max() <= _SETTLED:
            break
    return float(b[0] * size), float(b[1] * size / scale)


def squares(D: Array, steps: Array) -> Array:
    """Mean square of each unit's change and steps before: D: (m,), steps: (m, S), each put to a mean square of one.

    The result is in the unit of D²: the steps tell how noise depends on size, the changes how large it is.
    """
    W2 = (D - D.mean()) ** 2 * len(D) / (len(D) - 1)
    S2 = (steps - np.median(steps, axis=0)) ** 2
    if S2.size == 0 or not S2.any():
        return W2
    return (W2 + S2.sum(axis=1) / S2.mean() * W2.mean()) / (1 + steps.shape[1])


def by_noise(D: Array, A: Mask, v: Array, sets: Sets) -> Rescaled:
    """T(a)·s/s(a), with s(a)² = Σ_{i∈a} v_i/k² + Σ_{i∉a} v_i/(N − k)² from v: (N,), each unit's noise before."""
    plain = difference(D, A, sets)
    k, N = int(A.sum()), len(D)

    def spread(inside: Array) -> Array:
        return np.sqrt(inside / k**2 + (v.sum() - inside) / (N - k) ** 2)

    ratio = float(spread(v[A].sum())) / spread(v[sets.places].sum(axis=1))
    return Rescaled(
        observed=plain.observed,
        T=plain.T * ratio,
        overlap=plain.overlap * ratio,
        own=plain.own,
        exact=plain.exact,
        smallest_p=plain.smallest_p,
    )
