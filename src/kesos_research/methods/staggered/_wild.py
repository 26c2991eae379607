"""The wild cluster bootstrap-t with the null imposed, in closed form for one coefficient.

β̂ − r and its error are, for any draw of signs v: (G,) and any null r, made of sums by cluster: the scores of the
residuals under the null are linear in r, so that their variance is a quadratic in r and a test is inverted without
drawing or fitting again (Roodman, MacKinnon, Nielsen & Webb 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy import optimize

from kesos_research.methods.staggered._panel import Array, Codes

_WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


@dataclass(frozen=True)
class Wild:
    """t² of a draw under the null r is (a + b h)²/(q0 + q1 h + q2 h²) with h = β̂ − r; each (B,).

    observed: Σ x̃²û-scores so that t²(r) = (S h)²/v.
    """

    beta: float
    S: float
    v: float
    a: Array
    b: Array
    q0: Array
    q1: Array
    q2: Array
    exact: bool

    def p_value(self, r: float) -> float:
        """Share of draws whose t under the null r is as large as the observed."""
        h = self.beta - r
        t = np.square(self.S * h) / self.v
        drawn = np.square(self.a + self.b * h)
        spread = self.q0 + self.q1 * h + self.q2 * h * h
        beyond = int((drawn >= t * spread * (1 - 1e-9)).sum())
        return beyond / len(drawn) if self.exact else (1 + beyond) / (1 + len(drawn))

    def interval(self, level: float, se: float) -> tuple[float, float]:
        """Nulls that are not rejected: the nearest on each side that is, infinite where none is."""
        return self._end(level, -se), self._end(level, se)

    def _end(self, level: float, step: float) -> float:
        inside, reach = 0.0, 1.0
        while self.p_value(self.beta + reach * step) > 1 - level:
            inside, reach = reach, reach * 1.5
            if reach > 1e4:
                return float("inf") * np.sign(step)
        found: Any = optimize.bisect(
            lambda k: self.p_value(self.beta + k * step) - (1 - level) - 1e-12, inside, reach, xtol=1e-7
        )
        return self.beta + float(found) * step


def wild(x: Array, Z: Array, y: Array, cluster: Codes, *, signs: Array, exact: bool) -> Wild:
    """x, y: (n,), Z: (n, k), all without unit means; signs: (B, G)."""
    G = signs.shape[1]
    QZ = np.linalg.qr(Z)[0]
    x_, y_ = x - QZ @ (QZ.T @ x), y - QZ @ (QZ.T @ y)
    S = float(x_ @ x_)
    beta = float(x_ @ y_) / S
    u = y_ - beta * x_

    def summed(values: Array) -> Array:
        return np.asarray(np.bincount(cluster, values, minlength=G), float)

    def projected(values: Array) -> Array:
        return np.column_stack([summed(values * q) for q in QZ.T])

    s0, c, E = summed(x_ * u), summed(x_ * x_), projected(x_)
    P0, P1 = _scores(signs, s0, c, E @ projected(u).T, S), _scores(signs, c, c, E @ E.T, S)
    return Wild(
        beta=beta,
        S=S,
        v=float((s0**2).sum()),
        a=signs @ s0,
        b=signs @ c,
        q0=(P0**2).sum(axis=1),
        q1=2 * (P0 * P1).sum(axis=1),
        q2=(P1**2).sum(axis=1),
        exact=exact,
    )


def _scores(signs: Array, s: Array, c: Array, K: Array, S: float) -> Array:
    """Score of each cluster after the draw's own regression: (B, G)."""
    return signs * s - signs @ K.T - np.outer(signs @ s / S, c)


def drawn_signs(G: int, kind: str, draws: int, seed: int) -> tuple[Array, bool]:
    """Signs of the clusters (B, G): all of them where they are no more than `draws`, else drawn."""
    values = np.array([-1.0, 1.0]) if kind == "rademacher" else _WEBB
    if len(values) ** G <= draws:
        return np.array(list(product(values, repeat=G))), True
    return values[np.random.default_rng(seed).integers(0, len(values), (draws, G))], False
