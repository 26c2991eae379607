"""Panels with few treated units in which nothing happened, and how often the methods of `methods/few` say otherwise.

Shared by the short runs in `tests/coverage/` and the long one behind `make coverage`. Every function is fixed by its
arguments; seeds were set before the first look.
"""

from __future__ import annotations

import numpy as np
from monte_carlo import ALPHA, changes, design, panel

from kesos_research.methods._checks import NOISY, noisier
from kesos_research.methods._placebo import Synthetics, joint
from kesos_research.methods._randomize import assignments, noise, randomise
from kesos_research.methods._studentize import studentise
from kesos_research.methods.few._augment import Augmented
from kesos_research.methods.few._conformal import Series
from kesos_research.methods.few._rescale import by_noise, by_size, squares, variance_by_size

SEED = 20190401


def stream(*cell: float) -> np.random.Generator:
    return np.random.default_rng([SEED, *(round(100 * c) for c in cell)])


def rescaled(n: int, k: int, rho: float, *, reps: int, draws: int, noisy: float = 1.0) -> dict:
    """Shares in which each set held to its own noise before rejects, and in which its interval misses nought."""
    rng = stream(1, n, k, rho, noisy)
    treated, before, strata = design(n, k)
    rejects = outside = 0
    for rep in range(reps):
        Y = panel(rng, n, k, rho, noisy)
        D, v = changes(Y, before), noise(Y[:, before], np.ones(int(before.sum()), bool))
        reference = by_noise(D, treated, v, assignments(D, treated, strata, draws, rep))
        low, high = reference.interval(1 - ALPHA)
        rejects += reference.p_value <= ALPHA + 1e-12
        outside += not low <= 0.0 <= high
    return {"rejects": rejects / reps, "outside": outside / reps}


def rescaled_by_size(n: int, k: int, *, reps: int, draws: int, noisy: float = 1.0) -> dict:
    """Shares rejected when variance is 1 + 100/size, the treated so small that they are `noisy` times the median."""
    rng = stream(2, n, k, noisy)
    treated, before, _strata = design(n, k)
    steps = int(before.sum()) - 1
    rejects = plain = 0
    for rep in range(reps):
        M = np.exp(rng.normal(np.log(200), 0.8, n))
        if noisy != 1.0:
            M[:k] = 100 / (noisy**2 * (1 + 100 / np.median(M[k:])) - 1)
        sigma = np.sqrt(1 + 100 / M)
        Y = np.cumsum(sigma[:, None] * rng.normal(size=(n, steps + 1)), axis=1)
        D, S = Y[:, -1] - Y[:, -2], np.diff(Y[:, :-1], axis=1)
        a, b = variance_by_size(squares(D[~treated], S[~treated]), M[~treated])
        fitted = by_size(D, treated, np.sqrt(a + b / M), draws=draws, seed=rep, smallest_p=0.0)
        equal = by_size(D, treated, np.ones(n), draws=draws, seed=rep, smallest_p=0.0)
        rejects += fitted.p_value <= ALPHA + 1e-12
        plain += equal.p_value <= ALPHA + 1e-12
    return {"rejects": rejects / reps, "plain": plain / reps}


def studentized(n: int, k: int, rho: float, *, reps: int, draws: int, noisy: float = 1.0) -> float:
    """Share in which the studentised difference rejects."""
    rng = stream(3, n, k, rho, noisy)
    treated, before, strata = design(n, k)
    rejects = 0
    for rep in range(reps):
        D = changes(panel(rng, n, k, rho, noisy), before)
        reference = studentise(D, treated, assignments(D, treated, strata, draws, rep))
        rejects += reference is not None and reference.p_value <= ALPHA + 1e-12
    return rejects / reps


def exchangeable(
    n: int, k: int, rho: float, *, reps: int, draws: int, level: float = 0.0, trend: float = 0.0, noisy: float = 1.0
) -> dict:
    """Shares of panels in which each caution is given, the treated standing, moving and jumping by so much more."""
    rng = stream(4, n, k, rho, level, trend, noisy)
    treated, before, strata = design(n, k)
    T = np.arange(int(before.sum()), dtype=float)
    given = {"level": 0, "trend": 0, "noise": 0}
    for rep in range(reps):
        Y = panel(rng, n, k, rho, noisy)[:, before]
        Y[:k] += level + trend * T
        slopes = np.polyfit(T, Y.T, 1)[0]
        v = noise(Y, np.ones(len(T), bool))
        given["level"] += randomise(Y.mean(axis=1), treated, strata, draws, rep).p_value <= NOISY
        given["trend"] += randomise(slopes, treated, strata, draws, rep).p_value <= NOISY
        given["noise"] += noisier(v, treated, strata, draws=draws, seed=rep)[0] <= NOISY
    return {name: count / reps for name, count in given.items()}


def augmented(n: int, k: int, rho: float, *, reps: int, draws: int, penalty: float = 0.1, ridge: float = 5.0) -> float:
    """Share in which the joint placebo of the ridge-corrected synthetic controls rejects."""
    rng = stream(5, n, k, rho)
    treated, before, _strata = design(n, k)
    rejects = 0
    for rep in range(reps):
        base = Synthetics(panel(rng, n, k, rho), before, treated, penalty)
        found = joint(treated, Augmented(base, ridge).pooled_sets, draws, rep)
        rejects += found is not None and found.p_value <= ALPHA + 1e-12
    return rejects / reps


def conformal(before: int, after: int, donors: int, *, reps: int, penalty: float = 0.1) -> float:
    """Share in which shifted residuals reject; two common courses, loadings of the treated among the donors'."""
    rng = stream(6, before, after, donors)
    T = before + after
    rejects = 0
    for _rep in range(reps):
        courses = np.cumsum(rng.normal(size=(2, T)), axis=1)
        Y = rng.uniform(0, 1, (donors + 1, 2)) @ courses + rng.normal(size=(donors + 1, T))
        Y[0] = Y[1:].mean(axis=0) + rng.normal(size=T)
        rejects += Series(Y[0], Y[1:], after, penalty).p_value(0.0) <= ALPHA + 1e-12
    return rejects / reps
