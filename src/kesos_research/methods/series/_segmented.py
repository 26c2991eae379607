"""Linear regressions of a short series: autocorrelation integrated out, Newey and West's errors, Prais and Winsten's.

Notation: y = Xβ + u, u_t = ρu_{t−1} + ε_t; C: (q, k) contrasts of β.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_RHO = np.linspace(-0.99, 0.99, 199)
_HALVINGS = 60
_RARE = 1e-15
"""Weight, relative to the largest, below which a ρ is not looked at."""


@dataclass(frozen=True)
class Answer:
    """estimate, error, low, high, p: (q,); rho: of the errors; beta: (k,)."""

    beta: Array
    estimate: Array
    error: Array
    low: Array
    high: Array
    p: Array
    df: float
    rho: float


def whitened(v: Array, rho: float) -> Array:
    """v_t − ρv_{t−1}, the first row times √(1 − ρ²)."""
    out = v.copy()
    out[1:] -= rho * v[:-1]
    out[0] *= np.sqrt(1 - rho**2)
    return out


def integrated(X: Array, y: Array, C: Array, level: float) -> Answer:
    """Student's t at each ρ, mixed by the restricted likelihood of ρ times 1/(1 − ρ)."""
    T, k = X.shape
    scale = np.abs(X).max(axis=0)
    X, C = X / scale, C / scale
    least = np.linalg.lstsq(X, y, rcond=None)[0]
    e = y - X @ least
    M = np.linalg.inv(_whitened_products(X, X))
    Xe = _whitened_products(X, e[:, None])
    B = (M @ Xe)[:, :, 0]
    s2 = (_whitened_products(e[:, None], e[:, None])[:, 0, 0] - (B * Xe[:, :, 0]).sum(axis=1)) / (T - k)
    L = 0.5 * (np.log(1 - _RHO**2) + np.linalg.slogdet(M)[1] - (T - k) * np.log(s2)) - np.log(1 - _RHO)
    w = np.exp(L - L.max())
    seen = w > _RARE
    w, B, rho = w[seen] / w[seen].sum(), B[seen] + least, _RHO[seen]
    S = np.sqrt(s2[seen, None] * np.einsum("qi,rij,qj->rq", C, M[seen], C))
    E = B @ C.T
    mean = w @ E
    error = np.sqrt(w @ (S**2 + (E - mean) ** 2))
    under = _mixed(np.zeros(len(C)), E, S, w, T - k)
    low, high = (_quantile(q, E, S, w, T - k) for q in ((1 - level) / 2, (1 + level) / 2))
    p = np.minimum(2 * np.minimum(under, 1 - under), 1.0)
    return Answer(w @ B / scale, mean, error, low, high, p, float(T - k), float(w @ rho))


def _whitened_products(A: Array, B: Array) -> Array:
    """A_ρ'B_ρ of whitened rows, for each ρ: (r, a, b)."""
    across = A[1:].T @ B[:-1] + A[:-1].T @ B[1:]
    rho = _RHO[:, None, None]
    return A.T @ B - rho * across + rho**2 * (A[1:-1].T @ B[1:-1])


def _mixed(x: Array, E: Array, S: Array, w: Array, df: int) -> Array:
    """P(contrast ≤ x) under the mixture: (q,)."""
    return w @ stdtr(df, (x - E) / S)


def _quantile(q: float, E: Array, S: Array, w: Array, df: int) -> Array:
    reach = float(stdtrit(df, max(q, 1 - q)))
    low, high = (E - reach * S).min(axis=0), (E + reach * S).max(axis=0)
    for _half in range(_HALVINGS):
        middle = (low + high) / 2
        under = _mixed(middle, E, S, w, df) < q
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return (low + high) / 2


def newey_west(X: Array, y: Array, C: Array, level: float, lags: int) -> Answer:
    """Least squares; Bartlett's weights up to `lags`, times T/(T − k)."""
    from statsmodels.regression.linear_model import OLS

    fit = OLS(y, X).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    V = np.asarray(fit.cov_params())
    e = np.asarray(fit.resid)
    return _student(np.asarray(fit.params), V, C, len(y) - X.shape[1], level, float(e[1:] @ e[:-1] / (e @ e)))


def prais_winsten(X: Array, y: Array, C: Array, level: float) -> Answer:
    """ρ from the residuals, the regression of whitened rows, and again until ρ stays."""
    T, k = X.shape
    rho, beta, Xr, yr = 0.0, np.linalg.lstsq(X, y, rcond=None)[0], X, y
    for _round in range(200):
        e = y - X @ beta
        before, rho = rho, float(np.clip(e[1:] @ e[:-1] / (e[:-1] @ e[:-1]), -0.99, 0.99))
        Xr, yr = whitened(X, rho), whitened(y, rho)
        beta = np.linalg.lstsq(Xr, yr, rcond=None)[0]
        if abs(rho - before) < 1e-10:
            break
    s2 = float(((yr - Xr @ beta) ** 2).sum()) / (T - k)
    return _student(np.asarray(beta, float), s2 * np.linalg.inv(Xr.T @ Xr), C, T - k, level, rho)


def _student(beta: Array, V: Array, C: Array, df: int, level: float, rho: float) -> Answer:  # noqa: PLR0917
    estimate, error = C @ beta, np.sqrt(np.einsum("qi,ij,qj->q", C, V, C))
    reach = float(stdtrit(df, (1 + level) / 2)) * error
    p = 2 * stdtr(df, -np.abs(estimate / error))
    return Answer(beta, estimate, error, estimate - reach, estimate + reach, p, float(df), rho)


def bandwidth(T: int) -> int:
    """⌊4 (T/100)^(2/9)⌋."""
    return int(np.floor(4 * (T / 100) ** (2 / 9)))


def ljung_box(e: Array, lags: int, fitted: int) -> tuple[float, float]:
    """Q and its p-value, of residuals to which `fitted` autocorrelations were fitted."""
    from statsmodels.stats.diagnostic import acorr_ljungbox

    found = acorr_ljungbox(e, lags=[lags], model_df=fitted)
    return float(found["lb_stat"].iloc[0]), float(found["lb_pvalue"].iloc[0])


def durbin_watson(e: Array) -> float:
    return float((np.diff(e) ** 2).sum() / (e @ e))
