"""Least squares with a level for each unit, and its standard errors by cluster.

Units are taken out by their means; periods are columns. With units inside clusters, CR2 and CR3 of the demeaned columns
are those of the long regression (Pustejovsky & Tipton 2018, theorem 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods.staggered._panel import Array, Codes, Rows

_SINGULAR = 1e-9


@dataclass(frozen=True)
class Fit:
    """X: (n, k) columns without unit means, times √w; e: (n,) residuals times √w; beta: (k,); M: (k, k) = (X'X)⁻¹."""

    X: Array
    y: Array
    e: Array
    beta: Array
    M: Array
    units: int

    @property
    def n(self) -> int:
        return len(self.e)


@dataclass(frozen=True)
class Spread:
    """z: (G, m) what each cluster adds to each contrast, so that the covariance is z'z; df: (m,)."""

    z: Array
    df: Array

    @property
    def V(self) -> Array:  # noqa: N802
        return self.z.T @ self.z


def demeaned(x: Array, unit: Codes, w: Array) -> Array:
    """x: (n,) or (n, k) without its weighted unit means, times √w."""
    wide = x.reshape(len(x), -1)
    total = np.bincount(unit, w)
    mean = np.column_stack([np.bincount(unit, w * c) / total for c in wide.T])
    return ((wide - mean[unit]) * np.sqrt(w)[:, None]).reshape(x.shape)


def periods(rows: Rows) -> Array:
    """A column for each period but the first: (n, T − 1)."""
    return (rows.t[:, None] == rows.periods[None, 1:]).astype(float)


def least_squares(rows: Rows, columns: Array) -> Fit:
    """y on the columns of interest, the covariates, periods and units."""
    X = demeaned(np.column_stack([columns, rows.X, periods(rows)]), rows.unit, rows.w)
    y = demeaned(rows.y, rows.unit, rows.w)
    size = np.sqrt((X**2).sum(axis=0))
    raw = np.sqrt((np.column_stack([columns, rows.X, periods(rows)]) ** 2).sum(axis=0))
    if (size <= _SINGULAR * np.maximum(raw, 1e-300)).any() or np.linalg.matrix_rank(X / size, tol=1e-8) < X.shape[1]:
        raise MethodError(
            _("The covariates depend on each other, on the units or on the periods."),
            expected=_("columns that change within units, and otherwise than all units together"),
            remedy=_("leave out what never changes within a unit: its level is taken out already"),
            where=Where(key="covariates"),
        )
    Q, R = np.linalg.qr(X)
    beta = np.asarray(np.linalg.solve(R, Q.T @ y), float)
    inverse = np.linalg.inv(R)
    e = y - X @ beta
    if (e**2).sum() <= 1e-20 * max((y**2).sum(), 1e-300):
        raise MethodError(
            _("The regression fits every row: there is no spread to measure an error with."),
            expected=_("outcomes that differ between units of a group"),
        )
    return Fit(X, y, e, beta, inverse @ inverse.T, rows.n_units)


def by_cluster(fit: Fit, C: Array, cluster: Codes, kind: str) -> Spread:
    """CR1, CR2 or CR3 of the contrasts C: (k, m).

    CR2 has the degrees of freedom of Bell and McCaffrey under equal variances; CR1 and CR3 have G − 1.
    """
    G, m = int(cluster.max()) + 1, C.shape[1]
    L = fit.X @ (fit.M @ C)
    z, df = np.zeros((G, m)), np.full(m, G - 1.0)
    if kind == "CR1":
        np.add.at(z, cluster, L * fit.e[:, None])
        n, K = fit.n, fit.X.shape[1] + 1
        return Spread(z * np.sqrt(G / (G - 1) * (n - 1) / (n - K)), df)
    Q = np.linalg.qr(fit.X)[0]
    order = np.argsort(cluster, kind="stable")
    ends = np.searchsorted(cluster[order], np.arange(G + 1))
    own, cross = np.zeros((G, m)), np.zeros((G, Q.shape[1], m))
    for g in range(G):
        at = order[ends[g] : ends[g + 1]]
        S = _adjusted(Q[at], L[at], kind)
        z[g] = S.T @ fit.e[at]
        own[g], cross[g] = (S**2).sum(axis=0), Q[at].T @ S
    if kind == "CR3":
        return Spread(z * np.sqrt((G - 1) / G), df)
    # P_gh = δ_gh own_g − c_g'c_h, of which only the trace and the sum of squares are wanted
    q, inner = (cross**2).sum(axis=1), np.einsum("gkm,glm->klm", cross, cross)
    squares = ((own - q) ** 2 - q**2).sum(axis=0) + (inner**2).sum(axis=(0, 1))
    return Spread(z, (own - q).sum(axis=0) ** 2 / squares)


def _adjusted(Q: Array, L: Array, kind: str) -> Array:
    """(I − QQ')^−½ L for CR2, (I − QQ')⁻¹ L for CR3; directions that the cluster alone decides are left out."""
    U, s, _V = np.linalg.svd(Q, full_matrices=False)
    left = 1 - s**2
    power = -0.5 if kind == "CR2" else -1.0
    stretch = np.where(left > _SINGULAR, np.maximum(left, _SINGULAR) ** power, 0.0)
    return L + U @ ((stretch - 1)[:, None] * (U.T @ L))


def pooled(fit: Fit, C: Array, kind: str) -> Spread:
    """``"hetero"`` (HC1) and ``"iid"``: every row a cluster of its own, or one variance for all."""
    n, K = fit.n, fit.X.shape[1] + fit.units
    df = np.full(C.shape[1], float(n - K))
    if kind == "iid":
        V = C.T @ fit.M @ C * float(fit.e @ fit.e) / (n - K)
        return Spread(np.linalg.cholesky(V).T, df)
    return Spread(fit.X @ (fit.M @ C) * fit.e[:, None] * np.sqrt(n / (n - K)), df)


def crossed(fit: Fit, c: Array, first: Codes, second: Codes, nested: int) -> tuple[float, float]:
    """Variance of one contrast c: (k,) by two crossed clusters (Cameron, Gelbach & Miller 2011), and G − 1.

    nested: columns of periods that lie whole in the second clusters, which count for no parameters.
    """
    score = fit.X @ (fit.M @ c) * fit.e
    both = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)[1].ravel()
    sizes = [int(k.max()) + 1 for k in (first, second)]
    parts = [float((np.bincount(k, score) ** 2).sum()) for k in (first, second, both)]
    n, least, K = fit.n, min(sizes), fit.X.shape[1] - nested + 1
    return (parts[0] + parts[1] - parts[2]) * least / (least - 1) * (n - 1) / (n - K), least - 1.0
