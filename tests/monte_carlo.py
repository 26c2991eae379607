"""Panels in which nothing happened, and how often a method says that something did.

Shared by the short runs in `tests/coverage/` and the long one behind `make coverage`. Every function is fixed by its
arguments; seeds were set before the first look.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from kesos_research.methods._checks import NOISY, noisier
from kesos_research.methods._placebo import Synthetics, joint_placebo, placebo
from kesos_research.methods._randomize import noise, p_value, randomise

UNITS = (12, 20, 38, 119)
TREATED = (1, 2, 3, 5, 10)
AR = (0.0, 0.5, 0.8)
BEFORE, AFTER = 4, 2
ALPHA = 0.05


def panel(rng: np.random.Generator, n: int, k: int, rho: float, noisy: float = 1.0) -> np.ndarray:
    """(n, T) unit levels of standard deviation 5 plus stationary AR(1) noise of innovations 1, the first k `noisy`."""
    e = np.empty((n, BEFORE + AFTER))
    e[:, 0] = rng.normal(size=n) / np.sqrt(1 - rho**2)
    for t in range(1, BEFORE + AFTER):
        e[:, t] = rho * e[:, t - 1] + rng.normal(size=n)
    e[:k] *= noisy
    return rng.normal(0, 5, (n, 1)) + e


def design(n: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """treated: (n,), before: (T,), strata: (n,)."""
    return np.arange(n) < k, np.arange(BEFORE + AFTER) < BEFORE, np.zeros(n, np.intp)


def changes(Y: np.ndarray, before: np.ndarray) -> np.ndarray:
    return Y[:, ~before].mean(axis=1) - Y[:, before].mean(axis=1)


def randomisation(
    n: int, k: int, rho: float, *, reps: int, draws: int, noisy: float = 1.0, seed: int = 20130501
) -> dict:
    """Shares of panels in which randomisation inference rejects, misses the truth, or calls the treated noisier."""
    rng = np.random.default_rng([seed, n, k, round(100 * rho), round(100 * noisy)])
    treated, before, strata = design(n, k)
    rejected = outside = cautioned = spared = 0
    for rep in range(reps):
        Y = panel(rng, n, k, rho, noisy)
        reference = randomise(changes(Y, before), treated, strata, draws, rep)
        low, high = reference.interval(1 - ALPHA)
        p, _ratio = noisier(noise(Y, before), treated, strata, draws=draws, seed=rep)
        reject = reference.p_value <= ALPHA + 1e-12
        rejected += reject
        outside += not low <= 0.0 <= high
        cautioned += p <= NOISY
        spared += reject and p > NOISY
    shares = {"rejects": rejected, "outside": outside, "caution": cautioned, "rejects_without_caution": spared}
    return {name: count / reps for name, count in shares.items()}


def synthetic(n: int, k: int, rho: float, *, reps: int, draws: int, penalty: float = 0.1, seed: int = 20130501) -> dict:
    """Shares of panels in which the joint placebo rejects or is `given`, and in which the first unit's does."""
    rng = np.random.default_rng([seed, n, k, round(100 * rho)])
    treated, before, _strata = design(n, k)
    rejected = unit = given = 0
    for rep in range(reps):
        synthetics = Synthetics(panel(rng, n, k, rho), before, treated, penalty)
        unit += placebo(synthetics, 0).p_value <= ALPHA + 1e-12
        joint = joint_placebo(synthetics, draws, rep)
        if joint is not None:
            given += 1
            rejected += joint.p_value <= ALPHA + 1e-12
    return {"rejects": rejected / reps, "unit": unit / reps, "given": given / reps}


def naive_placebo(
    n: int, k: int, rho: float, *, reps: int, draws: int, penalty: float = 0.1, seed: int = 20130501
) -> float:
    """Share rejected when sets are drawn of comparison units only and their members donate to each other."""
    rng = np.random.default_rng([seed, n, k, round(100 * rho)])
    treated, before, _strata = design(n, k)
    rejected = 0
    for _rep in range(reps):
        synthetics = Synthetics(panel(rng, n, k, rho), before, treated, penalty)
        effects = np.array([synthetics.fit(i).effect for i in range(n)])
        sets = np.argsort(rng.random((draws, n - k)), axis=1)[:, :k]
        beyond = np.abs(effects[k:][sets].mean(axis=1)) >= abs(effects[:k].mean())
        rejected += (1 + beyond.sum()) / (1 + draws) <= ALPHA
    return rejected / reps


def cluster_robust(n: int, k: int, rho: float, *, reps: int, seed: int = 20130501) -> float:
    """Share of panels in which the t-test with CR1 rejects: two-way fixed effects, clusters are units, t(n − 1)."""
    rng = np.random.default_rng([seed, n, k, round(100 * rho)])
    treated, before, _strata = design(n, k)
    T = len(before)
    d = np.outer(treated - treated.mean(), ~before - (~before).mean())
    rejected = 0
    for _rep in range(reps):
        Y = panel(rng, n, k, rho)
        y = Y - Y.mean(axis=1, keepdims=True) - Y.mean(axis=0) + Y.mean()
        beta = (d * y).sum() / (d * d).sum()
        scores = (d * (y - beta * d)).sum(axis=1)
        correction = n / (n - 1) * (n * T - 1) / (n * T - n - T)
        se = np.sqrt(correction * (scores**2).sum()) / (d * d).sum()
        rejected += abs(beta) > stats.t.ppf(1 - ALPHA / 2, n - 1) * se
    return rejected / reps


def highest(reps: int, size: float, cells: int) -> float:
    """The largest share that a true `size` gives in `reps` panels, at 99.9 % for all `cells` looked at together."""
    return stats.binom.ppf(1 - 0.001 / cells, reps, size) / reps


def lowest(reps: int, share: float, cells: int) -> float:
    return stats.binom.ppf(0.001 / cells, reps, share) / reps


def own_comparisons(n: int, k: int, rho: float, *, reps: int, draws: int, seed: int = 20130501) -> float:
    """Share rejected when each of k treated units has n − 1 comparison units of its own, and their ranks are pooled."""
    rng = np.random.default_rng([seed, n, k, round(100 * rho)])
    treated, before, strata = design(n, 1)
    rejected = 0
    for rep in range(reps):
        parts = [randomise(changes(panel(rng, n, 1, rho), before), treated, strata, draws, rep) for _ in range(k)]
        T = np.mean([p.T[rng.integers(0, len(p.T), draws)] for p in parts], axis=0)
        rejected += p_value(float(np.mean([p.observed for p in parts])), T, own=False) <= ALPHA
    return rejected / reps
