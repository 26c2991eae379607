"""The randomisation distribution of a difference of means, and what follows from any such distribution.

Notation: D: (N,) changes, A: (N,) treated, a: one assignment of the same number of treated units, T(a) the statistic if
`a` had been the assignment. Everything is linear in the treated, so that no loop over assignments is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

_SAME = 1e-10
"""Two statistics this close, relative to the largest, are equal."""


@dataclass(frozen=True)
class Reference:
    """A statistic, its reference distribution T: (B,), and overlap: (B,) = dT/dτ under an effect τ on the treated.

    `own`: the assignment that happened is one of those in T. `exact`: T was enumerated, not drawn. `smallest_p`: the
    smallest p-value that any data could give, that of an outcome far beyond all others.
    """

    observed: float
    T: Array
    overlap: Array
    own: bool
    exact: bool
    smallest_p: float

    @property
    def std_error(self) -> float:
        return float(self.T.std())

    @property
    def p_value(self) -> float:
        return p_value(self.observed, self.T, self.own)

    def interval(self, level: float) -> tuple[float, float]:
        return interval(self.observed, self.T, self.overlap, level, self.own)

    def mde(self, level: float, power: float) -> float:
        """NaN where no effect, however large, could be told from zero."""
        return minimum_detectable(self.T, level, power) if self.smallest_p <= 1 - level + _SAME else float("nan")


@dataclass(frozen=True)
class Sets:
    """Sets of units as large in each stratum as the treated are: places: (B, k), their columns stratum by stratum.

    `groups`: the units of each stratum, `sizes`: (N_s, k_s), `happened`: (k,) the treated, in the same columns.
    """

    places: Places
    groups: list[Places]
    sizes: list[tuple[int, int]]
    happened: Places
    exact: bool
    smallest_p: float


def assignments(D: Array, A: Mask, strata: Places, draws: int, seed: int) -> Sets:
    """All sets where no more than `draws` exist, else as many drawn; strata and units in the order of their data."""
    groups = sorted((np.flatnonzero(strata == s) for s in np.unique(strata)), key=lambda g: sorted(D[g].tolist()))
    groups = [g[np.argsort(D[g], kind="stable")] for g in groups]
    sizes = [(len(g), int(A[g].sum())) for g in groups]
    count = prod(comb(n, m) for n, m in sizes)
    exact = count <= draws
    mirrored = all(2 * m == n for n, m in sizes if m)
    return Sets(
        places=_every(groups, sizes) if exact else _some(groups, sizes, draws, np.random.default_rng(seed)),
        groups=groups,
        sizes=sizes,
        happened=np.concatenate([g[A[g]] for g in groups]),
        exact=exact,
        smallest_p=max((1 + mirrored) / count, 0.0 if exact else 1 / (1 + draws)),
    )


def randomise(D: Array, A: Mask, strata: Places, draws: int, seed: int) -> Reference:
    """Assignments of the same number of treated units in each stratum; T weights strata by their treated units."""
    return difference(D, A, assignments(D, A, strata, draws, seed))


def difference(D: Array, A: Mask, sets: Sets) -> Reference:
    """T = (1/k) Σ_s [ N_s/(N_s − k_s) Σ_{i∈a∩s} D_i − k_s/(N_s − k_s) Σ_{i∈s} D_i ],

    which is the difference of means when there is one stratum. Every stratum must have treated and comparison units.
    """
    k = int(A.sum())
    scale, shift = np.zeros(len(D)), np.zeros(len(D))
    for g, (n, m) in zip(sets.groups, sets.sizes, strict=True):
        scale[g], shift[g] = n / (n - m) / k, m / (n - m) / k
    h, base = scale * D, float((shift * D).sum())
    g_A, base_A = scale * A, float((shift * A).sum())
    return Reference(
        observed=float(h[sets.happened].sum() - base),
        T=h[sets.places].sum(axis=1) - base,
        overlap=g_A[sets.places].sum(axis=1) - base_A,
        own=sets.exact,
        exact=sets.exact,
        smallest_p=sets.smallest_p,
    )


def subsets(n: int, k: int, draws: int, rng: np.random.Generator) -> Places:
    """(draws, k) subsets of range(n), each subset equally likely (Floyd's algorithm, over all draws at once)."""
    chosen = np.empty((draws, k), np.intp)
    for column, last in enumerate(range(n - k, n)):
        pick = rng.integers(0, last + 1, draws)
        taken = (chosen[:, :column] == pick[:, None]).any(axis=1)
        chosen[:, column] = np.where(taken, last, pick)
    return chosen


def every_subset(n: int, k: int) -> Places:
    """(C(n, k), k) all subsets of range(n)."""
    return np.array(list(combinations(range(n), k)), np.intp).reshape(-1, k)


def _some(groups: list[Places], sizes: list[tuple[int, int]], draws: int, rng: np.random.Generator) -> Places:
    return np.hstack([g[subsets(n, m, draws, rng)] for g, (n, m) in zip(groups, sizes, strict=True)])


def _every(groups: list[Places], sizes: list[tuple[int, int]]) -> Places:
    places = np.empty((1, 0), np.intp)
    for g, (n, m) in zip(groups, sizes, strict=True):
        more = g[every_subset(n, m)]
        places = np.hstack([np.repeat(places, len(more), axis=0), np.tile(more, (len(places), 1))])
    return places


def p_value(observed: float, T: Array, own: bool) -> float:
    """Two-sided: the share at least as far from zero; (1 + #)/(1 + B) where T does not hold the observed."""
    slack = _SAME * max(abs(observed), float(np.abs(T).max(initial=0.0)))
    beyond = int((np.abs(T) >= abs(observed) - slack).sum())
    return beyond / len(T) if own else (1 + beyond) / (1 + len(T))


def interval(observed: float, T: Array, overlap: Array, level: float, own: bool) -> tuple[float, float]:
    """All effects τ that the test does not reject: {τ : p(τ) > 1 − level}; infinite where nothing is ever rejected.

    Taking τ off the treated turns T into T − τ·overlap and the observed into observed − τ. |T − τ c| ≥ |observed − τ|
    holds exactly for τ between (observed − T)/(1 − c) and (observed + T)/(1 + c), both ends of which enclose the
    observed: the ends of the set are order statistics of those.
    """
    always = np.abs(overlap) >= 1 - _SAME
    c = np.where(always, 0.0, overlap)
    ends = np.stack([(observed - T) / (1 - c), (observed + T) / (1 + c)])
    low = np.where(always, -np.inf, ends.min(axis=0))
    high = np.where(always, np.inf, ends.max(axis=0))
    enough = needed(len(T), level, own)
    if enough <= 0:
        return -np.inf, np.inf
    return float(np.sort(low)[enough - 1]), float(np.sort(high)[::-1][enough - 1])


def needed(B: int, level: float, own: bool) -> int:
    """How many of B statistics must be at least as far as the observed for p > 1 − level."""
    extra = 0 if own else 1
    return int(np.floor(round((1 - level) * (B + extra) - extra, 6))) + 1


def minimum_detectable(T: Array, level: float, power: float) -> float:
    """The smallest d > 0 with P(|T + d| ≥ q) ≥ power, where q is the `level` quantile of |T|.

    The probability rises only where some T_i + d reaches q, so the answer is one of d = q − T_i.
    """
    T = np.sort(T)
    q = float(np.quantile(np.abs(T), level))
    d = q - T[::-1]
    above = len(T) - np.searchsorted(T, T[::-1], side="left")
    below = np.searchsorted(T, -q - d, side="right")
    reached = (d > 0) & ((above + below) / len(T) >= power - _SAME)
    return float(d[np.argmax(reached)]) if reached.any() else float("nan")


def power_at(T: Array, level: float, effects: Array) -> Array:
    """P(|T + d| ≥ q) at each effect d."""
    q = float(np.quantile(np.abs(T), level))
    return np.array([float((np.abs(T + d) >= q - _SAME * max(1.0, q)).mean()) for d in effects])


def noise(Y: Array, before: Mask) -> Array | None:
    """How much each unit jumps from one period to the next inside a window: mean square about the common step, (N,).

    Steps across the start of treatment are left out. None where no window has two periods.
    """
    steps = np.hstack([np.diff(Y[:, window], axis=1) for window in (before, ~before)])
    if steps.shape[1] == 0:
        return None
    return np.mean((steps - np.median(steps, axis=0)) ** 2, axis=1)
