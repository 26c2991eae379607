"""Group-time effects ATT(g, t) and the influence of each unit on them (Callaway & Sant'Anna 2021).

Without covariates all three estimators are differences of means, made here; with covariates the two-by-two estimators
of Sant'Anna and Zhao (2020) are those of moderndid.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from kesos_research.methods import _glm
from kesos_research.methods.staggered._panel import Array, Mask, Rows

OVERLAP = 0.999
"""A cell in which a unit is treated with at least this probability is left out, as in R's did."""


@dataclass(frozen=True)
class Setting:
    """comparison, estimator, base: named choices; anticipation: periods before the date in which effects may show."""

    comparison: str
    estimator: str
    base: str
    anticipation: int
    repeated: bool
    """Rows are not followed: levels are compared, not changes."""


@dataclass(frozen=True)
class Cells:
    """g, t, att: (C,); psi: (N, C) influence, so that the variance is Σ psi²/N²; n_treated, n_comparison: (C,)."""

    g: Array
    t: Array
    att: Array
    psi: Array
    n_treated: Array
    n_comparison: Array
    reference: Mask
    """Cells that are nought by construction: (C,)."""
    dropped: tuple[tuple[float, float], ...]
    """Cells without overlap."""


@dataclass(frozen=True)
class _Source:
    """What a cell is made from. Y: (N, T), NaN where not there; X: (N, T, p); or rows y, t, X with `repeated`."""

    rows: Rows
    P: Array
    Y: Array
    X: Array
    g: Array
    w: Array
    seen: dict[bytes, bool] = field(default_factory=dict)


def cells(rows: Rows, setting: Setting) -> Cells:
    """Every cell that has a base period, treated and comparison units."""
    source = _source(rows, setting.repeated)
    fit = _levels if setting.repeated else _changes
    found, dropped = [], []
    for g, t, b in pairs(rows, setting):
        treated, others = source.g == g, _comparison(source.g, g, max(t, b), setting)
        if t == b:
            found.append((g, t, 0.0, np.zeros(rows.n_units), int(treated.sum()), int(others.sum()), True))
            continue
        if not others.any():
            continue
        made = fit(source, treated, others, (t, b), setting.estimator)
        if made is None:
            dropped.append((g, t))
            continue
        n_treated, n_comparison = _counted(source, treated, others, t)
        found.append((g, t, *made, n_treated, n_comparison, False))
    columns = list(zip(*found, strict=True)) if found else [()] * 7
    return Cells(
        g=np.array(columns[0], float),
        t=np.array(columns[1], float),
        att=np.array(columns[2], float),
        psi=np.column_stack(columns[3]) if found else np.zeros((rows.n_units, 0)),
        n_treated=np.array(columns[4], float),
        n_comparison=np.array(columns[5], float),
        reference=np.array(columns[6], bool),
        dropped=tuple(dropped),
    )


def pairs(rows: Rows, setting: Setting) -> Iterator[tuple[float, float, float]]:
    """Date, period and base period of each cell."""
    P = rows.periods
    for g in rows.starts[rows.starts <= P[-1]]:
        earlier = P[P + setting.anticipation < g]
        if not len(earlier):
            continue
        for i, t in enumerate(P):
            if setting.base == "universal" or t >= g:
                yield float(g), float(t), float(earlier[-1])
            elif i:
                yield float(g), float(t), float(P[i - 1])


def _comparison(G: Array, g: float, until: float, setting: Setting) -> Mask:
    if setting.comparison == "never_treated":
        return np.isinf(G)
    return (until + setting.anticipation < G) & (g != G)


def _source(rows: Rows, repeated: bool) -> _Source:
    P = rows.periods
    if repeated:
        return _Source(rows, P, rows.y, rows.X, rows.g, rows.w)
    N, at = rows.n_units, np.searchsorted(P, rows.t)
    Y, X = np.full((N, len(P)), np.nan), np.full((N, len(P), rows.X.shape[1]), np.nan)
    Y[rows.unit, at], X[rows.unit, at] = rows.y, rows.X
    w = rows.w[rows.first]
    return _Source(rows, P, Y, X, rows.g[rows.first], w / w.mean())


def _counted(source: _Source, treated: Mask, others: Mask, t: float) -> tuple[int, int]:
    if source.Y.ndim == 2:
        return int(treated.sum()), int(others.sum())
    now = source.rows.t == t
    return int((treated & now).sum()), int((others & now).sum())


def _changes(
    source: _Source, treated: Mask, others: Mask, when: tuple[float, float], estimator: str
) -> tuple[float, Array] | None:
    """The same units at t and at b: ATT and psi (N,)."""
    at, base = np.searchsorted(source.P, when)
    used = treated | others
    y1, y0, w, d = source.Y[used, at], source.Y[used, base], source.w[used], treated[used]
    X = source.X[used, min(at, base)]
    psi = np.zeros(len(used))
    if X.shape[1] == 0:
        att, psi[used] = _means(y1 - y0, w, d, len(used))
        return att, psi
    Z = np.column_stack([np.ones(len(X)), X])
    if not _overlap(source, Z, d, w, estimator):
        return None
    made = _library(estimator, "panel", y1=y1, y0=y0, d=d.astype(float), covariates=Z, i_weights=w)
    psi[used] = len(used) / used.sum() * made[1]
    return made[0], psi


def _levels(
    source: _Source, treated: Mask, others: Mask, when: tuple[float, float], estimator: str
) -> tuple[float, Array] | None:
    """Whoever was seen at t and at b: ATT and psi (N,), rows of a unit added up."""
    rows, (t, b) = source.rows, when
    used = (treated | others) & ((rows.t == t) | (rows.t == b))
    y, w, d, post = rows.y[used], rows.w[used], treated[used], rows.t[used] == t
    if any(not (d == one).any() or not (post[d == one] == two).any() for one in (True, False) for two in (True, False)):
        return None
    N = rows.n_units
    if rows.X.shape[1] == 0:
        after, before = _means(np.where(post, y, 0.0), w * post, d, N), _means(np.where(post, 0.0, y), w * ~post, d, N)
        att, each = after[0] - before[0], after[1] - before[1]
    else:
        Z = np.column_stack([np.ones(used.sum()), rows.X[used]])
        if not _overlap(source, Z, d, w, estimator):
            return None
        told = {"y": y, "post": post.astype(float), "d": d.astype(float), "covariates": Z, "i_weights": w}
        att, part = _library(estimator, "rc", **told)
        each = N / used.sum() * part
    return att, np.asarray(np.bincount(rows.unit[used], each, minlength=N), float)


def _means(y: Array, w: Array, d: Mask, N: int) -> tuple[float, Array]:
    """Weighted mean of the treated less that of the others, and the influence of each on it times N."""
    wd, wc = w * d, w * ~d
    m1, m0 = float(wd @ y / wd.sum()), float(wc @ y / wc.sum())
    return m1 - m0, N * (wd * (y - m1) / wd.sum() - wc * (y - m0) / wc.sum())


def _overlap(source: _Source, Z: Array, d: Mask, w: Array, estimator: str) -> bool:
    """Can the two-by-two estimator be had? Looked at once where cells compare the same units alike."""
    key = b"".join(part.tobytes() for part in (Z, d, w))
    if key not in source.seen:
        source.seen[key] = _comparable(Z, d, w, estimator)
    return source.seen[key]


def _comparable(Z: Array, d: Mask, w: Array, estimator: str) -> bool:
    """Are there enough comparison units, and is none surely treated?"""
    others = Z[~d] / np.maximum(np.abs(Z).max(axis=0), 1e-300)
    if len(others) <= Z.shape[1] or np.linalg.matrix_rank(others) < Z.shape[1]:
        return False
    if estimator == "reg":
        return True
    try:
        fit = _glm.fit(Z, d.astype(float), w, "logit")
    except np.linalg.LinAlgError:
        return False
    return fit.converged and bool((1 / (1 + np.exp(-np.clip(Z @ fit.beta, -700, 700)))).max() < OVERLAP)


def _library(estimator: str, kind: str, **arrays: Array) -> tuple[float, Array]:
    """ATT and influence of Sant'Anna and Zhao's estimators."""
    import moderndid

    names = {"dr": f"drdid_{kind}", "reg": f"reg_did_{kind}", "ipw": f"std_ipw_did_{kind}"}
    estimate: Callable[..., object] = getattr(moderndid, names[estimator])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        made = estimate(**arrays, influence_func=True)
    return float(made.att), np.asarray(made.att_inf_func, float)  # type: ignore[attr-defined]
