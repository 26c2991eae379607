"""Local polynomials on one side of a cut-off, and their variance by residuals (HC).

Notation of Calonico, Cattaneo and Titiunik (2014): R_p = (1, u, …, u^p) with u = x − c, W_h = K(u/h)/h,
Γ_p = R_p'W_hR_p; the bias of order p + 1 is taken off by a fit of order q with bandwidth b, and the variance is that of
the whole.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

KERNELS: dict[str, Callable[[Array], Array]] = {
    "triangular": lambda z: np.maximum(1 - np.abs(z), 0.0),
    "epanechnikov": lambda z: 0.75 * np.maximum(1 - z**2, 0.0),
    "uniform": lambda z: np.where(np.abs(z) <= 1, 0.5, 0.0),
}


def smooth(u: Array, y: Array, h: float, p: int, kernel: str) -> Array:
    """Coefficients of the local fit of order p: (p + 1,)."""
    R, W = np.vander(u, p + 1, increasing=True), KERNELS[kernel](u / h) / h
    return np.asarray(np.linalg.solve(R.T @ (W[:, None] * R), R.T @ (W * y)), float)


def corrected(
    u: Array, y: Array, h: float, b: float, *, p: int, kernel: str, how: str
) -> tuple[float, float, float, float]:
    """Level at the cut-off, less its bias, and the standard errors of both, by HC0 to HC3."""
    inside = np.abs(u) <= max(h, b)
    u, y = u[inside], y[inside]
    q, K = p + 1, KERNELS[kernel]
    Wh, Wb = K(u / h) / h * (np.abs(u) <= h), K(u / b) / b * (np.abs(u) <= b)
    Rp, Rq = np.vander(u, p + 1, increasing=True), np.vander(u, q + 1, increasing=True)
    Gp, Gq = np.linalg.inv(Rp.T @ (Wh[:, None] * Rp)), np.linalg.inv(Rq.T @ (Wb[:, None] * Rq))
    L = Rp.T @ (Wh * (u / h) ** (p + 1))
    Q = Wh[:, None] * Rp - h ** (p + 1) * np.outer(Wb * (Rq @ Gq[p + 1]), L)
    plain, free = Gp @ (Rp.T @ (Wh * y)), Gp @ (Q.T @ y)
    e_p = _residual(y - Rp @ plain, ((Rp @ Gp) * Rp).sum(axis=1) * Wh, p + 1, how)
    e_q = _residual(y - Rq @ (Gq @ (Rq.T @ (Wb * y))), ((Rq @ Gq) * Rq).sum(axis=1) * Wb, q + 1, how)
    errors = [float(np.sqrt(((B @ Gp[0] * e) ** 2).sum())) for B, e in ((Wh[:, None] * Rp, e_p), (Q, e_q))]
    return float(plain[0]), float(free[0]), errors[0], errors[1]


def _residual(e: Array, lever: Array, k: int, how: str) -> Array:
    if how == "hc1":
        return e * np.sqrt(len(e) / (len(e) - k))
    if how in ("hc2", "hc3"):
        return e / (1 - lever) ** (0.5 if how == "hc2" else 1.0)
    return e
