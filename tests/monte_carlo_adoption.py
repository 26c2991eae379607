"""Many panels at once in which adoption is staggered, and how often intervals miss the mean effect on the treated.

A quarter of the units begins at each of three dates, a quarter never does. Effects grow with time since adoption and
are larger for
those who began earlier (`heterogeneous`), or are all nought. Estimates are linear in the outcome, so that a panel is a
product. Every function is fixed by its arguments; seeds were set before the first look. Held to the public methods in
`tests/coverage/test_arrays.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tests.monte_carlo import ALPHA
from tests.monte_carlo_changes import batches

PERIODS = 8
DATES = (3, 4, 6)
"""First treated period of the cohorts, of periods 0 to 7."""


@dataclass(frozen=True)
class World:
    """since: (N,) first treated period, PERIODS for never; effect: (N, T) of treatment."""

    since: np.ndarray
    effect: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """(N, T)"""
        return np.arange(PERIODS) >= self.since[:, None]

    @property
    def truth(self) -> float:
        """Mean effect over treated units and periods."""
        return float(self.effect[self.treated].mean()) if self.treated.any() else 0.0


def world(n: int, heterogeneous: bool) -> World:
    since = np.resize(np.array([*DATES, PERIODS]), n)
    event = np.arange(PERIODS) - since[:, None]
    size = np.where(since == DATES[0], 1.5, np.where(since == DATES[1], 1.0, 0.5))
    return World(since, np.where(event >= 0, size[:, None] * (1 + event), 0.0) * heterogeneous)


def panels(rng: np.random.Generator, w: World, reps: int, rho: float) -> np.ndarray:
    """(reps, N, T) AR(1) noise with innovations of 1, and the effect."""
    e = rng.standard_normal((reps, *w.effect.shape))
    e[..., 0] /= np.sqrt(1 - rho**2)
    for t in range(1, PERIODS):
        e[..., t] += rho * e[..., t - 1]
    return e + w.effect


def cohorts(Y: np.ndarray, w: World) -> tuple[np.ndarray, np.ndarray]:
    """Callaway and Sant'Anna's mean effect against never treated units and its standard error: (reps,) each."""
    N = Y.shape[1]
    never = w.since == PERIODS
    cells = [(g, t) for g in DATES for t in range(g, PERIODS)]
    share = {g: float((w.since == g).mean()) for g in DATES}
    total = sum(share[g] for g, _t in cells)
    mean = {g: Y[:, w.since == g].mean(axis=1) - Y[:, never].mean(axis=1) for g in DATES}
    effects = np.stack([mean[g][:, t] - mean[g][:, g - 1] for g, t in cells], axis=1)
    weights = np.array([share[g] / total for g, _t in cells])
    q = np.zeros((N, PERIODS))
    for (g, t), weight in zip(cells, weights, strict=True):
        for group, sign in ((w.since == g, 1.0), (never, -1.0)):
            q[group, t] += sign * weight / group.sum()
            q[group, g - 1] -= sign * weight / group.sum()
    z = np.einsum("rnt,nt->rn", Y, q)
    for g in (*DATES, PERIODS):
        z[:, w.since == g] -= z[:, w.since == g].mean(axis=1, keepdims=True)
    # shares of cohorts are estimates, too
    own = np.stack([(w.since == g) - share[g] for g, _t in cells])
    z += effects @ (own / total - np.outer(weights, own.sum(axis=0)) / total) / N
    return effects @ weights, np.sqrt((z**2).sum(axis=1))


def two_way(Y: np.ndarray, w: World) -> tuple[np.ndarray, np.ndarray]:
    """The coefficient of two-way fixed effects and its CR1 error by unit: (reps,) each."""
    N = Y.shape[1]
    d = w.treated - w.treated.mean(axis=1, keepdims=True) - w.treated.mean(axis=0) + w.treated.mean()
    y = Y - Y.mean(axis=2, keepdims=True) - Y.mean(axis=1, keepdims=True) + Y.mean(axis=(1, 2), keepdims=True)
    beta = np.einsum("rnt,nt->r", y, d) / (d**2).sum()
    scores = np.einsum("rnt,nt->rn", y, d) - beta[:, None] * (d**2).sum(axis=1)
    correction = N / (N - 1) * (N * PERIODS - 1) / (N * PERIODS - PERIODS - 1)
    return beta, np.sqrt(correction * (scores**2).sum(axis=1)) / (d**2).sum()


def misses(n: int, rho: float, *, heterogeneous: bool, reps: int, seed: int = 20210601) -> dict[str, float]:
    """Shares of panels whose 95 % interval does not hold the mean effect on the treated; and what the two-way answer is
    on average, in units of that effect."""
    w = world(n, heterogeneous)
    rng = np.random.default_rng([seed, n, round(100 * rho), heterogeneous])
    missed = {"callaway_santanna": 0, "two_way_fixed_effects": 0}
    told = 0.0
    reach = stats.t.ppf(1 - ALPHA / 2, n - 1)
    for batch in batches(reps, n * PERIODS):
        Y = panels(rng, w, batch, rho)
        for name, way in (("callaway_santanna", cohorts), ("two_way_fixed_effects", two_way)):
            estimate, error = way(Y, w)
            missed[name] += int((np.abs(estimate - w.truth) > reach * error).sum())
        told += float(estimate.sum()) / reps
    return {
        **{name: count / reps for name, count in missed.items()},
        "two_way_mean": told / w.truth if w.truth else 0.0,
    }
