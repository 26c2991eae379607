"""Synthetic controls of every unit, and of sets of units that stand in for the treated.

Notation of Abadie & L'Hour (2021): y_i before and after, weights w on donors j, penalty λ on each donor's distance.
Treated units never donate; a unit does not donate to itself; members of one set do not donate to each other, because
the treated do not either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import comb

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._randomize import Reference, every_subset, subsets
from kesos_research.methods._simplex import Simplex, minimise
from kesos_research.methods.few._nested import nested, solve

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ENOUGH = 100
"""With this many comparison units, sets are drawn of them alone.

Fewer make too narrow a reference (a 5 % test of two treated among 12 rejects in 8 %), so the treated may enter the sets
there, as in any randomisation test: the set that happened is one of those that could have.
"""


@dataclass(frozen=True)
class Fit:
    """Donors and their weights, the effect on the mean after, and how well the problem was solved."""

    donors: tuple[int, ...]
    weights: Array
    effect: float
    objective: float
    gap: float

    @property
    def relative_gap(self) -> float:
        return self.gap / max(1.0, self.objective)


@dataclass
class Synthetics:
    """Y: (N, T) outcome, before: (T,), treated: (N,). Fits are kept, since sets share them.

    X: (N, P) predictors on a common scale, where the weights are to match these instead of the outcomes before. Their
    importance is chosen for each unit among all its donors, and kept where some are barred.
    """

    Y: Array
    before: Mask
    treated: Mask
    penalty: float
    X: Array | None = None
    _importance: dict[int, Array] = field(default_factory=dict, init=False, repr=False)
    _fits: dict[tuple[int, frozenset[int]], Fit] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._Z = self.Y[:, self.before] / np.sqrt(self.before.sum())
        self._after = self.Y[:, ~self.before].mean(axis=1)

    def fit(self, i: int, barred: frozenset[int] = frozenset(), near: Fit | None = None) -> Fit:
        """The synthetic control of unit i without the barred donors, looked for from a fit nearby."""
        key = (i, barred)
        if key not in self._fits:
            self._fits[key] = self._solve(i, barred, near)
        return self._fits[key]

    def pooled(self, units: tuple[int, ...]) -> float:
        """Mean effect of a set of units, none of which donates to another."""
        return sum(fit.effect for fit in self.apart(units)) / len(units)

    def apart(self, units: tuple[int, ...]) -> list[Fit]:
        """The fits of a set of units, none of which donates to another.

        A donor is barred only where it would donate: what it never gave does not matter.
        """
        members, fits = frozenset(units), []
        for i in units:
            barred: frozenset[int] = frozenset()
            fit = self.fit(i)
            while used := members.intersection(fit.donors):
                barred |= used
                fit = self.fit(i, barred, fit)
            fits.append(fit)
        return fits

    def pooled_sets(self, sets: NDArray[np.intp]) -> Array:
        """`pooled` of many sets: (B, k) to (B,). Most have no member that donates to another: those are plain means."""
        n = len(self.Y)
        effects, gives = np.zeros(n), np.zeros((n, n), bool)
        for i in np.unique(sets):
            fit = self.fit(int(i))
            effects[i] = fit.effect
            gives[i, list(fit.donors)] = True
        T = effects[sets].mean(axis=1)
        touched = gives[sets[:, :, None], sets[:, None, :]].any(axis=(1, 2))
        T[touched] = [self.pooled(tuple(s)) for s in sets[touched].tolist()]
        return T

    def gaps(self, i: int) -> Array:
        """Observed minus synthetic in every period: (T,)."""
        return self._gaps(i, self.fit(i))

    def pooled_gaps(self, units: tuple[int, ...]) -> Array:
        """Mean gaps in every period of a set of units, none of which donates to another: (T,)."""
        return np.mean([self._gaps(i, fit) for i, fit in zip(units, self.apart(units), strict=True)], axis=0)

    def _gaps(self, i: int, fit: Fit) -> Array:
        return self.Y[i] - fit.weights @ self.Y[list(fit.donors)]

    def _solve(self, i: int, barred: frozenset[int], near: Fit | None) -> Fit:
        free = ~self.treated
        free[[i, *barred]] = False
        pool = np.flatnonzero(free)
        start = np.zeros(len(self.Y))
        if near is not None:
            start[list(near.donors)] = near.weights
        solved = self._minimise(i, pool, start[pool])
        used = np.flatnonzero(solved.w)
        donors = pool[used]
        effect = float(self._after[i] - solved.w[used] @ self._after[donors])
        return Fit(tuple(donors.tolist()), solved.w[used], effect, solved.objective, solved.gap)

    def importance(self, i: int) -> Array:
        """Of the predictors, for unit i: (P,)."""
        self.fit(i)
        return self._importance[i]

    def _minimise(self, i: int, pool: NDArray[np.intp], start: Array) -> Simplex:
        Z = self._Z[pool] - self._Z[i]
        if self.X is None:
            return minimise(Z, self.penalty * np.einsum("ij,ij->i", Z, Z), start)
        X = self.X[pool] - self.X[i]
        if i not in self._importance:
            best = nested(X, Z, self.penalty)
            self._importance[i] = best.v
            return best.inner
        return solve(X, Z, self._importance[i], self.penalty, start).inner


def placebo(synthetics: Synthetics, i: int) -> Reference:
    """One treated unit against every comparison unit treated in its stead."""
    return alone(synthetics.treated, lambda j: synthetics.fit(j).effect, i)


def alone(treated: Mask, effect: Callable[[int], float], i: int) -> Reference:
    """`placebo` of any estimator that gives the effect of each unit."""
    T = np.array([effect(int(j)) for j in np.flatnonzero(~treated)])
    return Reference(
        observed=effect(i),
        T=np.sort(T),
        overlap=np.zeros(len(T)),
        own=False,
        exact=True,
        smallest_p=1 / (1 + len(T)),
    )


def joint_placebo(synthetics: Synthetics, draws: int, seed: int) -> Reference | None:
    """The mean effect of the treated against that of sets of as many units; None where a set leaves no donor."""
    return joint(synthetics.treated, synthetics.pooled_sets, draws, seed)


def joint(treated: Mask, pooled_sets: Callable[[NDArray[np.intp]], Array], draws: int, seed: int) -> Reference | None:
    """`joint_placebo` of any estimator that gives the mean effects of sets: (B, k) to (B,)."""
    drawn = _stand_ins(treated, draws, seed)
    if drawn is None:
        return None
    sets, count, own = drawn
    exact = count <= draws
    return Reference(
        observed=float(pooled_sets(np.flatnonzero(treated)[None])[0]),
        T=pooled_sets(sets),
        overlap=treated[sets].mean(axis=1),
        own=own and exact,
        exact=exact,
        smallest_p=1 / count if own and exact else max(1 / (1 + count), 1 / (1 + len(sets))),
    )


def joint_gaps(synthetics: Synthetics, draws: int, seed: int, most: int = 60) -> Array:
    """Mean gaps in every period of at most so many of the joint placebo's sets, spread over all of them: (S, T)."""
    drawn = _stand_ins(synthetics.treated, draws, seed)
    if drawn is None:
        return np.empty((0, synthetics.Y.shape[1]))
    others = drawn[0][~synthetics.treated[drawn[0]].all(axis=1)]
    some = others[np.unique(np.linspace(0, len(others) - 1, min(most, len(others))).astype(int))]
    return np.array([synthetics.pooled_gaps(tuple(units)) for units in some.tolist()])


def _stand_ins(treated: Mask, draws: int, seed: int) -> tuple[NDArray[np.intp], int, bool] | None:
    """Sets of as many units as are treated: (B, k), how many there are, and whether the treated may enter them."""
    members = np.flatnonzero(treated)
    comparison = np.flatnonzero(~treated)
    k, M = len(members), len(comparison)
    if k >= M:
        return None
    own = M < ENOUGH
    # the pool is in the order of its units' data, so that a seed means the same whatever the units are called
    pool = np.arange(k + M) if own else comparison
    count = comb(len(pool), k)
    exact = count <= draws
    sets = every_subset(len(pool), k) if exact else subsets(len(pool), k, draws, np.random.default_rng(seed))
    return np.sort(pool[sets], axis=1), count, own
