"""Least squares on the simplex with a linear price, solved by an active set and certified by its dual.

    minimise  ‖Σ_j w_j x_j‖² + Σ_j w_j c_j   over  w ≥ 0, Σ_j w_j = 1

The optimum of n points in T dimensions rests on at most T + 1 of them, so each step solves a system of that size only,
however many points there are (the minimum-norm-point idea of Wolfe 1976, with a price).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs

Array = NDArray[np.float64]

(_gesv,) = get_lapack_funcs(("gesv",), dtype=np.float64)

_LARGE = 1e3
"""A step this long, in weights, comes from points that are nearly dependent."""
_FLAT = 1e-10
"""A singular value this small, relative to the largest, is a direction in which points do not differ."""
_NOTHING = 1e-12
"""A smaller weight is a rounding error."""
_ENTER = 1e-13
"""A point enters when it promises more than this, relative to the size of the problem."""


@dataclass(frozen=True)
class Simplex:
    """w: (n,) weights; objective; gap: the duality gap, which bounds objective − minimum from above."""

    w: Array
    objective: float
    gap: float


def minimise(X: Array, c: Array, start: Array | None = None) -> Simplex:
    """Solve for points X: (n, T) and prices c: (n,), from weights `start`: (n,) where a solution nearby is known.

    Works on a copy scaled to unit size, so that units of measurement do not matter.
    """
    size = float(np.max(np.einsum("ij,ij->i", X, X) + np.abs(c), initial=0.0))
    if size == 0.0:
        return Simplex(np.eye(1, len(X))[0], 0.0, 0.0)
    Z, p = X / np.sqrt(size), c / size
    if start is None or not start.any():
        start = np.zeros(len(X))
        start[int(np.argmin(np.einsum("ij,ij->i", Z, Z) + p))] = 1.0
    support, a = _active_set(Z, p, start)
    w = np.zeros(len(X))
    w[support] = np.where(a > _NOTHING, a, 0.0)
    w /= w.sum()
    objective, gap = _certify(Z, p, w)
    return Simplex(w, objective * size, gap * size)


def _certify(Z: Array, p: Array, w: Array) -> tuple[float, float]:
    """The objective at w and its distance from the best dual bound min_j(2v·z_j + p_j) − ‖v‖² at v = Σ w_j z_j or 0."""
    u = w @ Z
    objective = float(u @ u + w @ p)
    bound = max(float(np.min(2 * Z @ u + p) - u @ u), float(np.min(p)))
    return objective, max(0.0, objective - bound)


def _active_set(Z: Array, p: Array, start: Array) -> tuple[list[int], Array]:
    """Points of the support and their weights; each round lets the most promising point in and drops others."""
    n, T = Z.shape
    support = np.flatnonzero(start).tolist()
    support, a = _settle(Z, p, support, start[support] / start.sum())
    for _round in range(20 * (n + T)):
        u = a @ Z[support]
        slope = 2 * Z @ u + p
        j = int(np.argmin(slope))
        if float(a @ slope[support]) - slope[j] <= _ENTER or j in support:
            break
        support, a = _settle(Z, p, [*support, j], np.append(a, 0.0))
    return support, a


def _settle(Z: Array, p: Array, support: list[int], a: Array) -> tuple[list[int], Array]:
    """Walk to the optimum on the support, dropping each point whose weight reaches zero on the way."""
    while len(support) > 1:
        step, bounded = _direction(Z[support], p[support], a)
        falling = step < 0
        room = np.full(len(a), np.inf)
        room[falling] = a[falling] / -step[falling]
        out = int(np.argmin(room))
        reach = float(room[out])
        if bounded and reach >= 1.0:
            return support, np.maximum(a + step, 0.0)
        a = np.maximum(a + reach * step, 0.0)
        a = np.delete(a, out)
        del support[out]
    return support, np.ones(1)


def _direction(X: Array, c: Array, a: Array) -> tuple[Array, bool]:
    """The step to the optimum of the support's affine hull, or, where its points are dependent, along the flat.

    X: (s, T), c: (s,), a: (s,). Steps are taken from the first point, (−Σb, b), and b minimises ‖u + D b‖² + g·b with
    u = X'a, D = (X[1:] − X[0])', g = c[1:] − c[0].
    """
    D, g, u = (X[1:] - X[0]).T, c[1:] - c[0], a @ X
    b, bounded = _independent(D, g, u), True
    if b is None:
        b, bounded = _dependent(D, g, u)
    return np.concatenate([[-b.sum()], b]), bounded


def _independent(D: Array, g: Array, u: Array) -> Array | None:
    """b by one small system that holds the residual too, so that D is never squared; None where it is not trusted."""
    T, k = D.shape
    if k > T:
        return None
    system = np.zeros((T + k, T + k))
    system.flat[: T * (T + k) : T + k + 1] = 1.0
    system[:T, T:] = -D
    system[T:, :T] = D.T
    *_factors, solution, singular = _gesv(system, np.concatenate([u, -g / 2]), overwrite_a=1, overwrite_b=1)
    b = solution[T:]
    return b if not singular and np.abs(b).max() <= _LARGE else None


def _dependent(D: Array, g: Array, u: Array) -> tuple[Array, bool]:
    """b by singular values: downhill along a flat where the price has a slope there, else the shortest way down."""
    U, s, Vt = np.linalg.svd(D, full_matrices=True)
    rank = int((s > _FLAT * s[0]).sum())
    V = Vt[:rank].T
    along = Vt[rank:].T @ (Vt[rank:] @ g)
    if np.abs(along).max() > _ENTER:
        return -along, False
    return V @ (-(U[:, :rank].T @ u) / s[:rank] - (V.T @ g) / (2 * s[:rank] ** 2)), True
