"""Panels of staggered adoption whose truth is known, and how often intervals hold it.

Cohorts are drawn anew in every panel, effects grow with time and are larger for those who start early. Every function
is fixed by its arguments; seeds were set before the first look.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import stats

from kesos_research.methods.staggered import _absorb, _aggregate, _bands
from kesos_research.methods.staggered._cells import Setting, cells
from kesos_research.methods.staggered._panel import Rows
from kesos_research.methods.staggered._wild import drawn_signs, wild

PERIODS = 8
STARTS = (3.0, 5.0, 7.0, np.inf)
SHARES = (0.2, 0.2, 0.2, 0.4)
LEVEL = 0.95
DID = Setting("never_treated", "dr", "varying", 0, repeated=False)


def effect(g: np.ndarray, t: np.ndarray, different: float) -> np.ndarray:
    """1 for all where `different` is 0; else it grows with time and is larger for the early."""
    e = np.where(np.isfinite(g), t - np.minimum(g, 1e6), -1.0)
    return np.where(e >= 0, 1.0 + different * np.where(e >= 0, e + 7.0 - np.minimum(g, 7.0), 0.0) / 2, 0.0)


def truth(different: float) -> dict[str, float]:
    """The means that the population has."""
    t = np.arange(PERIODS, dtype=float)
    own = {g: effect(np.full(PERIODS, g), t, different)[t >= g] for g in STARTS[:-1]}
    p = dict(zip(STARTS, SHARES, strict=True))
    many = sum(p[g] * len(x) for g, x in own.items())
    by_time = [
        np.average([x[e] for x in own.values() if len(x) > e], weights=[p[g] for g, x in own.items() if len(x) > e])
        for e in range(PERIODS - 3)
    ]
    return {
        "simple": sum(p[g] * x.sum() for g, x in own.items()) / many,
        "group": sum(p[g] * x.mean() for g, x in own.items()) / sum(p[g] for g in own),
        "dynamic": float(np.mean(by_time)),
    }


def panel(rng: np.random.Generator, n: int, different: float, rho: float = 0.5) -> Rows:
    """n units with AR(1) noise of innovations 1; at least two units in each cohort."""
    g = rng.choice(STARTS, n, p=SHARES)
    while min((g == s).sum() for s in STARTS) < 2:
        g = rng.choice(STARTS, n, p=SHARES)
    y = np.empty((n, PERIODS))
    y[:, 0] = rng.normal(size=n) / np.sqrt(1 - rho**2)
    for before, now in pairwise(range(PERIODS)):
        y[:, now] = rho * y[:, before] + rng.normal(size=n)
    t = np.tile(np.arange(PERIODS, dtype=float), n)
    unit = np.repeat(np.arange(n), PERIODS)
    y = y.ravel() + rng.normal(0, 3, n)[unit] + 0.3 * t + effect(g[unit], t, different)
    return rows_of(y, unit, t, g[unit])


def rows_of(y: np.ndarray, unit: np.ndarray, t: np.ndarray, g: np.ndarray) -> Rows:
    n = len(y)
    return Rows(y, unit, t, g, np.zeros((n, 0)), np.ones(n), unit, np.arange(n), (), tuple(range(int(unit.max()) + 1)))


def staggered(n: int, different: float, *, reps: int, seed: int = 20130501) -> dict[str, float]:
    """Shares of panels in which the interval of each mean of Callaway and Sant'Anna holds the truth."""
    rng = np.random.default_rng([seed, n, round(100 * different)])
    wanted = truth(different)
    held = dict.fromkeys(wanted, 0)
    for _rep in range(reps):
        rows = panel(rng, n, different)
        made, shares = cells(rows, DID), _aggregate.Shares(rows.g[rows.first], np.ones(n))
        group, dynamic = _aggregate.group(made, shares), _aggregate.dynamic(made, shares)
        found = {
            "simple": _aggregate.simple(made, shares),
            "group": (group.total, group.total_psi),
            "dynamic": (dynamic.total, dynamic.total_psi),
        }
        for term, (theta, psi) in found.items():
            z = psi[:, None] / n
            df = _bands.welch(z, rows.g[rows.first])[0]
            held[term] += abs(theta - wanted[term]) <= stats.t.ppf((1 + LEVEL) / 2, df) * np.sqrt((z**2).sum())
    return {term: count / reps for term, count in held.items()}


def together(n: int, *, reps: int, draws: int = 999, seed: int = 20130501) -> dict[str, float]:
    """Panels without effect: shares in which the band holds all estimates by time since treatment, and in which a test
    of all before treatment rejects at 5 %: the largest of them, and a Wald test of the cells as R's did has it."""
    rng = np.random.default_rng([seed, n, 7])
    held = largest = wald = 0
    for rep in range(reps):
        rows = panel(rng, n, 0.0)
        made, shares = cells(rows, DID), _aggregate.Shares(rows.g[rows.first], np.ones(n))
        dynamic, cohort = _aggregate.dynamic(made, shares), _bands.cohorts(rows)
        z = _bands.clustered(dynamic.psi, rows.cluster[rows.first])
        df, se, before = _bands.welch(z, cohort), np.sqrt((z**2).sum(axis=0)), dynamic.at < 0
        drawn, early = _bands.sup([(z, df), (z[:, before], df[before])], cohort, draws=draws, seed=rep)
        off = np.abs(dynamic.theta - (dynamic.at >= 0))
        held += bool((off <= _bands.widened(_bands.critical(drawn, LEVEL), df) * se).all())
        largest += _bands.largest(dynamic.theta[before], se[before], df[before], early).p <= 1 - LEVEL
        ahead = made.t < made.g
        psi = _bands.clustered(made.psi[:, ahead], rows.cluster[rows.first])
        W = made.att[ahead] @ np.linalg.solve(psi.T @ psi, made.att[ahead])
        wald += stats.chi2.sf(W, int(ahead.sum())) <= 1 - LEVEL
    return {"band": held / reps, "largest": largest / reps, "wald": wald / reps}


def two_way(n: int, different: float, *, reps: int, seed: int = 20130501) -> float:
    """Share of panels in which the interval of two-way fixed effects (CR1) holds the mean of all effects."""
    rng = np.random.default_rng([seed, n, round(100 * different), 2])
    wanted, held = truth(different)["simple"], 0
    for _rep in range(reps):
        rows = panel(rng, n, different)
        fit = _absorb.least_squares(rows, rows.treated.astype(float)[:, None])
        spread = _absorb.by_cluster(fit, np.eye(len(fit.beta))[:, :1], rows.cluster, "CR1")
        held += abs(fit.beta[0] - wanted) <= stats.t.ppf((1 + LEVEL) / 2, n - 1) * np.sqrt(spread.V[0, 0])
    return held / reps


def one_date(n: int, k: int, kind: str, *, reps: int, draws: int = 999, seed: int = 20130501) -> float:
    """Share of panels without effect in which a 5 % test rejects: CR1, CR2 or CR3 of two-way effects, or ``"wild"``."""
    rng = np.random.default_rng([seed, n, k])
    t, unit = np.tile(np.arange(PERIODS, dtype=float), n), np.repeat(np.arange(n), PERIODS)
    g = np.where(unit < k, 4.0, np.inf)
    rejected = 0
    for rep in range(reps):
        y = np.empty((n, PERIODS))
        y[:, 0] = rng.normal(size=n) / np.sqrt(0.75)
        for before, now in pairwise(range(PERIODS)):
            y[:, now] = 0.5 * y[:, before] + rng.normal(size=n)
        rows = rows_of(y.ravel(), unit, t, g)
        fit = _absorb.least_squares(rows, rows.treated.astype(float)[:, None])
        if kind == "wild":
            signs, exact = drawn_signs(n, "rademacher", draws, rep)
            made = wild(fit.X[:, 0], fit.X[:, 1:], fit.y, rows.cluster, signs=signs, exact=exact)
            rejected += made.p_value(0.0) <= 1 - LEVEL
            continue
        spread = _absorb.by_cluster(fit, np.eye(len(fit.beta))[:, :1], rows.cluster, kind)
        rejected += abs(fit.beta[0]) > stats.t.ppf((1 + LEVEL) / 2, spread.df[0]) * np.sqrt(spread.V[0, 0])
    return rejected / reps
