"""Many panels at once in which nothing happened: one date of start, everything a function of each unit's change.

Levels of units cancel in changes and in steps, so that they are not drawn. The array forms below are held to the public
methods in `tests/coverage/test_arrays.py`. Every function is fixed by its arguments; seeds were set before the first
look.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np
from scipy import stats

from kesos_research.methods._checks import NOISY
from kesos_research.methods._randomize import every_subset, minimum_detectable, subsets
from tests.monte_carlo import AFTER, ALPHA, BEFORE

AT_ONCE = 4_000_000
"""Numbers of one batch of panels: it stays in memory that is near."""
SLACK = 1e-12


def batches(reps: int, each: int) -> Iterator[int]:
    """Sizes of batches of panels with `each` numbers a panel."""
    size = max(1, min(reps, AT_ONCE // each))
    done = 0
    while done < reps:
        yield min(size, reps - done)
        done += size


def noise_of(rng: np.random.Generator, reps: int, n: int, rho: float) -> np.ndarray:
    """(reps, n, T) stationary AR(1) noise with innovations of 1."""
    e = rng.standard_normal((reps, n, BEFORE + AFTER))
    e[..., 0] /= np.sqrt(1 - rho**2)
    for t in range(1, BEFORE + AFTER):
        e[..., t] += rho * e[..., t - 1]
    return e


def changes_of(e: np.ndarray) -> np.ndarray:
    """(reps, n) mean after minus mean before."""
    return e[..., BEFORE:].mean(axis=-1) - e[..., :BEFORE].mean(axis=-1)


def steps_of(e: np.ndarray) -> np.ndarray:
    """(reps, n) mean squared step about the common one within the windows, as `_randomize.noise`."""
    steps = np.concatenate([np.diff(e[..., :BEFORE], axis=-1), np.diff(e[..., BEFORE:], axis=-1)], axis=-1)
    return np.mean((steps - np.median(steps, axis=-2, keepdims=True)) ** 2, axis=-1)


def change_sd(rho: float) -> float:
    """Standard deviation of a unit's change."""
    lag = np.abs(np.subtract.outer(np.arange(BEFORE + AFTER), np.arange(BEFORE + AFTER)))
    w = np.r_[np.full(BEFORE, -1 / BEFORE), np.full(AFTER, 1 / AFTER)]
    return float(np.sqrt(w @ (rho**lag / (1 - rho**2)) @ w))


# --- standard errors from the spread of units


def spread(D: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Difference of means of the first k and the rest, and the sums of squares within both: (reps,) each."""
    x, y = D[..., :k], D[..., k:]
    return x.mean(-1) - y.mean(-1), x.var(-1) * k, y.var(-1) * y.shape[-1]


def t_tests(D: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """p-values of the t-tests with CR1, CR2 and CR3 of the two-way regression, clusters are units: (reps,) each."""
    n, T = D.shape[-1], BEFORE + AFTER
    m = n - k
    effect, xx, yy = spread(D, k)
    correction = n / (n - 1) * (n * T - 1) / (n * T - T - 1)
    found = {"cr1": _p(effect, correction * (xx / k**2 + yy / m**2), n - 1)}
    if min(k, m) > 1:
        df = (1 / k + 1 / m) ** 2 / (1 / (k**2 * (k - 1)) + 1 / (m**2 * (m - 1)))
        found["cr2"] = _p(effect, xx / (k * (k - 1)) + yy / (m * (m - 1)), df)
        found["cr3"] = _p(effect, (n - 1) / n * (xx / (k - 1) ** 2 + yy / (m - 1) ** 2), n - 1)
    return found


def _p(effect: np.ndarray, variance: np.ndarray, df: float) -> np.ndarray:
    return 2 * stats.t.sf(np.abs(effect) / np.sqrt(variance), df)


def wild(D: np.ndarray, k: int, signs: np.ndarray) -> np.ndarray:
    """p-values of the wild cluster bootstrap-t with the null imposed: D (reps, n), signs (B, n) of ±1, to (reps,).

    Signs leave squares as they are, so that each bootstrap sample is known by its two group sums.
    """
    n = D.shape[-1]
    m = n - k
    effect, xx, yy = spread(D, k)
    t = np.abs(effect) / np.sqrt(xx / k**2 + yy / m**2)
    u = D - D.mean(axis=-1, keepdims=True)
    a, b = u[:, :k] @ signs[:, :k].T, u[:, k:] @ signs[:, k:].T
    inner = ((u[:, :k] ** 2).sum(-1)[:, None] - a**2 / k) / k**2 + ((u[:, k:] ** 2).sum(-1)[:, None] - b**2 / m) / m**2
    drawn = np.abs(a / k - b / m) / np.sqrt(np.maximum(inner, SLACK * (u**2).sum(-1)[:, None]))
    return (1 + (drawn >= t[:, None] * (1 - 1e-10)).sum(axis=1)) / (1 + len(signs))


# --- randomisation


def sets_of(n: int, k: int, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """(B, n) which units are in a set, and whether all sets are there."""
    exact = comb(n, k) <= draws
    places = every_subset(n, k) if exact else subsets(n, k, draws, rng)
    member = np.zeros((len(places), n))
    np.put_along_axis(member, places, 1.0, axis=1)
    return member, exact


def differences(D: np.ndarray, member: np.ndarray) -> np.ndarray:
    """(reps, B) mean of each set minus mean of the rest."""
    k, n = int(member[0].sum()), member.shape[1]
    return n / (n - k) / k * (D @ member.T) - D.sum(axis=-1, keepdims=True) / (n - k)


def beyond(observed: np.ndarray, T: np.ndarray, exact: bool) -> np.ndarray:
    """p-values: share of sets as large as the observed; (1 + #)/(1 + B) where they were drawn."""
    slack = 1e-10 * np.abs(T).max(axis=1)
    count = (observed[:, None] - slack[:, None] <= T).sum(axis=1)
    return count / T.shape[1] if exact else (1 + count) / (1 + T.shape[1])


def randomised(D: np.ndarray, k: int, member: np.ndarray, exact: bool) -> np.ndarray:
    """Two-sided p-values of randomisation inference: (reps,)."""
    return beyond(np.abs(spread(D, k)[0]), np.abs(differences(D, member)), exact)


def cautioned(v: np.ndarray, k: int, member: np.ndarray, exact: bool) -> np.ndarray:
    """Is the check `equally_noisy` a warning? (reps,)."""
    return beyond(spread(v, k)[0], differences(v, member), exact) <= NOISY


# --- shares of panels


def sizes(n: int, rho: float, *, treated: tuple[int, ...], reps: int, seed: int = 20130501) -> dict[str, dict]:
    """Size of t-tests and wild bootstrap (399 draws) for each number of treated units, on the same panels."""
    rng = np.random.default_rng([seed, 1, n, round(100 * rho)])
    found: dict[str, dict[int, float]] = {name: {} for name in ("cr1", "cr2", "cr3", "wild_bootstrap")}
    for batch in batches(reps, max(n * (BEFORE + AFTER), 4 * 399)):
        D = changes_of(noise_of(rng, batch, n, rho))
        signs = rng.choice([-1.0, 1.0], (399, n))
        for k in (k for k in treated if 2 * k <= n):
            p = {**t_tests(D, k), "wild_bootstrap": wild(D, k, signs)}
            for name, values in p.items():
                count = int((values <= ALPHA + SLACK).sum())
                found[name][k] = found[name].get(k, 0.0) + count / reps
    return found


def randomisation(
    n: int, k: int, rho: float, *, reps: int, draws: int = 999, noisy: float = 1.0, seed: int = 20130501
) -> dict[str, float]:
    """`monte_carlo.randomisation` over many panels at once; sets are drawn anew for each batch."""
    rng = np.random.default_rng([seed, 2, n, k, round(100 * rho), round(100 * noisy)])
    found = dict.fromkeys(("rejects", "caution", "rejects_without_caution"), 0.0)
    for batch in batches(reps, 20 * draws):
        e = noise_of(rng, batch, n, rho)
        e[:, :k] *= noisy
        member, exact = sets_of(n, k, draws, rng)
        reject = randomised(changes_of(e), k, member, exact) <= ALPHA + SLACK
        caution = cautioned(steps_of(e), k, member, exact)
        for name, values in zip(found, (reject, caution, reject & ~caution), strict=True):
            found[name] += float(values.sum()) / reps
    return found


def rescaled(
    n: int, k: int, rho: float, *, reps: int, draws: int = 999, noisy: float = 1.0, seed: int = 20130501
) -> float:
    """Share rejected when each set's difference is taken in units of its own noise before treatment."""
    rng = np.random.default_rng([seed, 5, n, k, round(100 * rho), round(100 * noisy)])
    rejected = 0
    for batch in batches(reps, 20 * draws):
        e = noise_of(rng, batch, n, rho)
        e[:, :k] *= noisy
        member, exact = sets_of(n, k, draws, rng)
        D, v = changes_of(e), steps_before(e)
        happened = (np.arange(n) < k)[None, :].astype(float)
        observed, T = (np.abs(differences(D, sets)) / np.sqrt(noise_of_sets(v, sets)) for sets in (happened, member))
        rejected += int((beyond(observed[:, 0], T, exact) <= ALPHA + SLACK).sum())
    return rejected / reps


def steps_before(e: np.ndarray) -> np.ndarray:
    """(reps, n) mean squared step about the common one in the periods before."""
    steps = np.diff(e[..., :BEFORE], axis=-1)
    return np.mean((steps - np.median(steps, axis=-2, keepdims=True)) ** 2, axis=-1)


def noise_of_sets(v: np.ndarray, member: np.ndarray) -> np.ndarray:
    """(reps, B) variance of a set's difference as its own noise and that of the rest tell it, up to a factor."""
    k, n = member[0].sum(), member.shape[1]
    inside = v @ member.T
    return inside / k**2 + (v.sum(axis=-1, keepdims=True) - inside) / (n - k) ** 2


def own_comparisons(n: int, k: int, rho: float, *, reps: int, draws: int = 999, seed: int = 20130501) -> float:
    """Share rejected when each of k treated units has n − 1 comparison units of its own, and their ranks are pooled."""
    rng = np.random.default_rng([seed, 3, n, k, round(100 * rho)])
    rejected = 0
    for batch in batches(reps, 20 * draws):
        D = changes_of(noise_of(rng, batch * k, n, rho)).reshape(batch, k, n)
        T = (n * D - D.sum(axis=-1, keepdims=True)) / (n - 1)
        pooled = np.zeros((batch, draws))
        for j in range(k):
            pooled += T[:, j, rng.integers(0, n, draws)] / k
        rejected += int((beyond(np.abs(T[..., 0].mean(axis=1)), np.abs(pooled), False) <= ALPHA + SLACK).sum())
    return rejected / reps


# --- power


def power(n: int, k: int, rho: float, *, reps: int, draws: int = 999, seed: int = 20130501) -> dict[str, float]:
    """What the minimum detectable effect promises, and what the test does at it.

    `exact` is the effect that the t-test of two groups with equal variances finds in 80 %; `power_at_exact` how often
    randomisation inference finds it; `mde` the median of the printed effect, in units of `exact`; `power_at_mde` how
    often a fresh panel with the effect that another one printed is told from zero.
    """
    rng = np.random.default_rng([seed, 4, n, k, round(100 * rho)])
    exact = detectable_exactly(n, k, change_sd(rho))
    printed: list[np.ndarray] = []
    at_exact = at_mde = 0
    for batch in batches(reps, 20 * draws):
        member, whole = sets_of(n, k, draws, rng)
        earlier, D = (changes_of(noise_of(rng, batch, n, rho)) for _ in range(2))
        mde = np.array([minimum_detectable(T, 1 - ALPHA, 0.8) for T in differences(earlier, member)])
        printed.append(mde)
        mask = np.arange(n) < k
        at_exact += int((randomised(D + exact * mask, k, member, whole) <= ALPHA + SLACK).sum())
        at_mde += int((randomised(D + mde[:, None] * mask, k, member, whole) <= ALPHA + SLACK).sum())
    return {
        "exact": exact,
        "mde": float(np.median(np.concatenate(printed))) / exact,
        "power_at_exact": at_exact / reps,
        "power_at_mde": at_mde / reps,
    }


def detectable_exactly(n: int, k: int, sd: float, wanted: float = 0.8) -> float:
    """The effect that a t-test with n − 2 degrees of freedom finds with the power wanted (noncentral t)."""
    from scipy.optimize import brentq

    scale = sd * np.sqrt(1 / k + 1 / (n - k))
    q = stats.t.ppf(1 - ALPHA / 2, n - 2)

    def missing(d: float) -> float:
        return stats.nct.sf(q, n - 2, d / scale) + stats.nct.cdf(-q, n - 2, d / scale) - wanted

    return float(brentq(missing, 0.01 * scale, 8 * scale))
