"""A difference over its own standard error, under every assignment, and the effects that it does not reject.

Notation as in `_randomize`. Under an effect τ on the treated the changes are D − τA, and the squared standard error of
an assignment a becomes a quadratic V_a(τ) = v₀ + v₁τ + v₂τ²; that of the one that happened does not depend on τ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._randomize import Reference, Sets, difference, needed

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

_SAME = 1e-9
"""Two statistics, or two ends, this close relative to their size are equal."""


@dataclass(frozen=True)
class Studentized(Reference):
    """V: (B, 3) coefficients of each assignment's squared standard error in τ; V_observed: that which happened."""

    V: Array
    V_observed: float

    @property
    def t(self) -> Array:
        """Each assignment's difference over its standard error: (B,)."""
        return self.T / np.sqrt(np.maximum(self.V[:, 0], _SAME**2 * self.V_observed))

    @property
    def p_value(self) -> float:
        own = abs(self.observed) / np.sqrt(self.V_observed)
        beyond = int((np.abs(self.t) >= own * (1 - _SAME)).sum())
        return beyond / len(self.T) if self.own else (1 + beyond) / (1 + len(self.T))

    def interval(self, level: float) -> tuple[float, float]:
        enough = needed(len(self.T), level, self.own)
        if enough <= 0:
            return -np.inf, np.inf
        low, high = hull(*self._not_rejected(), enough)
        se = np.sqrt(self.V_observed)
        return float(self.observed + se * low), float(self.observed + se * high)

    def mde(self, level: float, power: float) -> float:
        """The smallest d > 0 with P(|T + d| ≥ q·SE) ≥ power, where q is the `level` quantile of |T|/SE."""
        if self.smallest_p > 1 - level + _SAME:
            return float("nan")
        reach = float(np.quantile(np.abs(self.t), level)) * np.sqrt(self.V[:, 0])
        above, below = np.sort(reach - self.T), np.sort(-reach - self.T)
        beyond = np.arange(1, len(above) + 1) + len(below) - np.searchsorted(below, above, side="left")
        reached = (above > 0) & (beyond / len(above) >= power - _SAME)
        return float(above[np.argmax(reached)]) if reached.any() else float("nan")

    def _not_rejected(self) -> tuple[Array, Array]:
        """Ends of the intervals of y = (τ − observed)/SE in which an assignment is at least as far as the observed.

        (u − c y)² ≥ y² (p₀ + p₁y + p₂y²): between the real roots of a quartic that falls on both sides, two by two.
        """
        s = np.sqrt(self.V_observed)
        v0, v1, v2 = self.V.T
        at = self.observed
        p0 = np.maximum(v0 + v1 * at + v2 * at**2, 0.0) / s**2
        p1, p2 = (v1 + 2 * v2 * at) / s, v2
        u, c = (self.T - at * self.overlap) / s, self.overlap
        curved = p2 > _SAME
        flat = within_cone(u[~curved], c[~curved], p0[~curved])
        bent = _quartic(u[curved], c[curved], p0[curved], p1[curved], p2[curved])
        return np.concatenate([flat[0], bent[0]]), np.concatenate([flat[1], bent[1]])


def studentise(D: Array, A: Mask, sets: Sets) -> Studentized | None:
    """T over its standard error; None where strata have neither two of each nor one treated each."""
    plain = difference(D, A, sets)
    happened = replace(sets, places=sets.happened[None])
    if all(m >= 2 and n - m >= 2 for n, m in sets.sizes):
        spread = _within
    elif all(m == 1 for _n, m in sets.sizes) and len(sets.sizes) >= 2:
        spread = _between
    else:
        return None
    return Studentized(**vars(plain), V=spread(D, A, sets), V_observed=float(spread(D, A, happened)[0, 0]))


def _within(D: Array, A: Mask, sets: Sets) -> Array:
    """Σ_s (k_s/k)² [ S²(a∩s)/k_s + S²(s∖a)/(N_s − k_s) ]: (B, 3)."""
    V = np.zeros((len(sets.places), 3))
    k, start = sets.places.shape[1], 0
    for g, (n, m) in zip(sets.groups, sets.sizes, strict=True):
        chosen = sets.places[:, start : start + m]
        start += m
        inside = _sums(D, A, chosen)
        outside = _sums(D, A, g[None]) - inside
        V += (m / k) ** 2 * (_variance(inside, m) / m + _variance(outside, n - m) / (n - m))
    return V


def _sums(D: Array, A: Mask, chosen: Places) -> Array:
    """Sums over each set of D, A, D², DA: (B, 4)."""
    return np.stack([x[chosen].sum(axis=1) for x in (D, A.astype(float), D * D, D * A)], axis=1)


def _variance(sums: Array, n: int) -> Array:
    """Coefficients in τ of the variance of D − τA over n units: (B, 3)."""
    d, a, dd, da = sums.T
    parts = [dd - d * d / n, -2 * (da - d * a / n), a - a * a / n]
    return np.stack(parts, axis=1) / (n - 1)


def _between(D: Array, A: Mask, sets: Sets) -> Array:
    """Σ_s (d_s − T)²/(S(S − 1)) over matched sets, d_s = D of the one taken minus the mean of the others: (B, 3)."""
    S = len(sets.groups)
    d, a = np.empty(sets.places.shape), np.empty(sets.places.shape)
    for s, g in enumerate(sets.groups):
        n, own = len(g), sets.places[:, s]
        d[:, s] = (n * D[own] - D[g].sum()) / (n - 1)
        a[:, s] = (n * A[own] - A[g].sum()) / (n - 1)
    d, a = d - d.mean(axis=1, keepdims=True), a - a.mean(axis=1, keepdims=True)
    parts = [(d * d).sum(axis=1), -2 * (d * a).sum(axis=1), (a * a).sum(axis=1)]
    return np.stack(parts, axis=1) / (S * (S - 1))


def within_cone(u: Array, c: Array, p0: Array) -> tuple[Array, Array]:
    """Where (u − c y)² ≥ p₀y²: between u/(c + √p₀) and u/(c − √p₀), or outside of them where |c| > √p₀."""
    r = np.sqrt(p0)
    everywhere = (np.abs(u) <= _SAME) & (np.abs(c) >= r - _SAME)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([u / (c + r), u / (c - r)]), axis=0)
    inside = (np.abs(c) < r) & ~everywhere
    outside = ~inside & ~everywhere
    n_all, n_out = int(everywhere.sum()), int(outside.sum())
    low = [ends[0, inside], np.full(n_all + n_out, -np.inf), ends[1, outside]]
    high = [ends[1, inside], np.full(n_all, np.inf), ends[0, outside], np.full(n_out, np.inf)]
    return np.concatenate(low), np.concatenate(high)


def _quartic(u: Array, c: Array, p0: Array, p1: Array, p2: Array) -> tuple[Array, Array]:
    """Where p₂y⁴ + p₁y³ + (p₀ − c²)y² + 2ucy − u² ≤ 0: between its real roots, two by two, and always at 0."""
    companion = np.zeros((len(u), 4, 4))
    companion[:, [1, 2, 3], [0, 1, 2]] = 1.0
    companion[:, 0] = -np.stack([p1, p0 - c * c, 2 * u * c, -u * u], axis=1) / p2[:, None]
    roots = np.zeros((len(u), 4), complex)
    if len(u):
        roots[:] = np.linalg.eigvals(companion)
    real = np.abs(np.imag(roots)) <= 1e-7 * (1 + np.abs(roots))
    y = np.sort(np.where(real, np.real(roots), np.inf), axis=1)
    first, second = y[:, :2], y[:, 2:]
    whole, both = np.isfinite(first).all(axis=1), np.isfinite(second).all(axis=1)
    low = np.concatenate([np.where(whole, first[:, 0], 0.0), second[both, 0]])
    high = np.concatenate([np.where(whole, first[:, 1], 0.0), second[both, 1]])
    return low, high


def hull(low: Array, high: Array, enough: int) -> tuple[float, float]:
    """The outermost points that lie in at least `enough` of the closed intervals."""
    low, high = np.sort(low), np.sort(high)

    def inside(at: Array) -> NDArray[np.bool_]:
        slack = _SAME * (1 + np.where(np.isfinite(at), np.abs(at), 0.0))
        return np.searchsorted(low, at + slack, "right") - np.searchsorted(high, at - slack, "left") >= enough

    return float(low[np.argmax(inside(low))]), float(high[::-1][np.argmax(inside(high)[::-1])])
