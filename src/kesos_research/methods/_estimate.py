"""From a statistic on a sample to `Estimates`: influence or replicates, t intervals, and what could not be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from kesos_research.estimates import Check, Estimates
from kesos_research.methods._checks import listed
from kesos_research.methods._linearize import Array, Codes, Linear, by_code, combined, shared, variance
from kesos_research.methods._replicate import rank
from kesos_research.methods._sample import Sample

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Influence:
    """theta: (K, D); z: (K, n) of each row on its own domain's statistic; common: (P, n) with coef: (K, P, D)."""

    theta: Array
    z: Array
    common: Array | None = None
    coef: Array | None = None


class Statistic(Protocol):
    """A statistic of weighted rows, for all domains: Influence with weights w: (n,); z may be empty if not wanted."""

    def __call__(self, w: Array, *, linear: bool) -> Influence: ...


@dataclass(frozen=True)
class Some:
    """A column that is nought but for some rows: their places and values."""

    rows: Codes
    values: Array


@dataclass(frozen=True)
class Moments:
    """A function of weighted totals. V: J columns (n,), None for ones; g: totals (J, D) → θ (K, D), ∂θ/∂T (K, J, D)."""

    V: Sequence[Array | Some | None]
    g: Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Answer:
    """theta, var: (K, D); df, n: (D,); alone: (D,) domains in one sampled unit.

    `linear` or `spread` (replicates' scaled deviations: (R, K, D)) give covariances between domains.
    """

    sample: Sample
    theta: Array
    var: Array
    df: Array
    linear: Linear | None = None
    spread: Array | None = None

    def contrast(self, L: Array) -> tuple[Array, Array, Array]:
        """Differences of domains by L: (D, Q): estimate, variance (K, Q), and degrees of freedom (Q,)."""
        theta = self.theta @ L
        if self.spread is not None:
            df = np.full(L.shape[1], float(rank(_of(self.sample), self.sample.w) - 1))
            return theta, ((self.spread @ L) ** 2).sum(axis=0), df
        assert self.linear is not None
        layout, linear = combined(self.sample.layout, self.linear, L)
        return theta, variance(layout, linear), layout.df.astype(float)


def assess(sample: Sample, statistic: Statistic | Moments) -> Answer:
    """The statistic and its variance in each domain of the sample."""
    if sample.replicates is not None:
        return _replicated(sample, statistic)
    if isinstance(statistic, Moments) and not sample.residuals:
        linear = _of_moments(sample, statistic)
    else:
        by_row = _rowwise(sample, statistic) if isinstance(statistic, Moments) else statistic
        linear = _of_rows(sample, by_row(sample.w, linear=True))
    return answered(sample, linear)


def answered(sample: Sample, linear: Linear) -> Answer:
    """A linearised statistic with its variance and degrees of freedom."""
    var = _lone(sample, variance(sample.layout, linear))
    return Answer(sample, linear.theta, var, sample.layout.df.astype(float), linear)


def of_sums(T: Array, g: Callable[[Array], tuple[Array, Array]], sample: Sample) -> Linear:
    """A function of totals, from sums over cells T: (J, B)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        theta, G = g(sample.layout.domains(T))
    return Linear(theta, np.einsum("kjb,jb->kb", G[:, :, sample.layout.domain], T))


def _of_moments(sample: Sample, statistic: Moments) -> Linear:
    return of_sums(np.stack([_cell_sums(sample, v) for v in statistic.V]), statistic.g, sample)


def _cell_sums(sample: Sample, v: Array | Some | None) -> Array:
    layout, w = sample.layout, sample.w
    if isinstance(v, Some):
        return by_code(w[v.rows] * v.values, layout.cell[v.rows], len(layout.first))
    return layout.cells(w if v is None else w * v)


def _rowwise(sample: Sample, statistic: Moments) -> Statistic:
    """The same statistic with an influence for each row."""
    V = [_on_rows(v, len(sample.w)) for v in statistic.V]

    def on(w: Array, *, linear: bool) -> Influence:
        T = np.stack([sample.layout.totals(w * v) for v in V])
        with np.errstate(divide="ignore", invalid="ignore"):
            theta, G = statistic.g(T)
        if not linear:
            return Influence(theta, np.zeros((len(theta), 0)))
        z = np.zeros((len(theta), len(w)))
        for k in range(len(theta)):
            for j, v in enumerate(V):
                z[k] += sample.layout.spread(G[k, j]) * v
        return Influence(theta, z)

    return on


def _on_rows(v: Array | Some | None, n: int) -> Array:
    if v is None:
        return np.ones(n)
    if isinstance(v, Some):
        dense = np.zeros(n)
        dense[v.rows] = v.values
        return dense
    return v


def _of_rows(sample: Sample, found: Influence) -> Linear:
    """Sums over cells; what calibration knows is taken out of the influence."""
    layout, w = sample.layout, sample.w
    z, common, coef = found.z, found.common, found.coef
    for known in sample.residuals:
        fit = np.stack([layout.totals(known.w * x * z) for x in known.X], axis=1)  # (K, P, D)
        if common is not None and coef is not None:
            fit += np.einsum("kpd,px->kxd", coef, (common * known.w) @ known.X.T)
        b = -np.einsum("xp,kpd->kxd", known.inverse, fit)
        common = known.X if common is None else np.concatenate([common, known.X])
        coef = b if coef is None else np.concatenate([coef, b], axis=1)
    sums = None if common is None else shared(layout, layout.cells(w * common))
    return Linear(found.theta, layout.cells(w * z), sums, coef)


def _replicated(sample: Sample, statistic: Statistic | Moments) -> Answer:
    replicates = sample.replicates
    assert replicates is not None
    on = _rowwise(sample, statistic) if isinstance(statistic, Moments) else statistic

    def estimate(w: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return on(w, linear=False).theta

    theta = estimate(sample.w)
    spread = replicates.deviations(theta, estimate)
    ends = pairwise(np.append(0, np.cumsum(sample.layout.rows)))
    df = [rank(replicates.W[:, a:b], sample.w[a:b]) - 1 if b > a else 0 for a, b in ends]
    return Answer(sample, theta, (spread**2).sum(axis=0), np.array(df, float), spread=spread)


def _of(sample: Sample) -> Array:
    assert sample.replicates is not None
    return sample.replicates.W


def _lone(sample: Sample, var: Array) -> Array:
    """No variance where a domain lies in one unit of a stratum that was sampled: within it nothing is seen."""
    return np.where(alone(sample), np.nan, var)


def alone(sample: Sample) -> Mask:
    """Domains that lie in one sampled unit of the first stage: (D,)."""
    if not sample.layout.stages:
        return np.zeros(sample.layout.size, bool)
    stage = sample.layout.stages[0]
    open_ = np.bincount(stage.domain, stage.units.scale[stage.units.stratum[stage.unit]] > 0, sample.layout.size) > 0
    return (sample.layout.units == 1) & open_


def interval(theta: Array, error: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Student's t interval; absent without degrees of freedom."""
    half = critical(df, level) * error
    return theta - half, theta + half


def critical(df: Array, level: float) -> Array:
    """Two-sided critical value of Student's t; NaN where df < 1."""
    df = np.asarray(df, float)
    return np.where(df >= 1, stdtrit(np.maximum(df, 1.0), (1 + level) / 2), np.nan)


def p_values(theta: Array, error: Array, df: Array) -> Array:
    """Two-sided p of Student's t against zero; NaN where it cannot be had."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(theta / error)
    return np.where((df >= 1) & (error > 0), 2 * stdtr(np.maximum(df, 1.0), -t), np.nan)


def estimates(
    answer: Answer,
    terms: Sequence[str],
    *,
    method: str,
    estimand: str,
    level: float,
    checks: Sequence[Check] = (),
    evidence: Mapping[str, pd.DataFrame] | None = None,
    bounds: tuple[Array, Array] | None = None,
    p: Array | None = None,
) -> Estimates:
    """The table, domains outermost; `bounds` replaces the t interval."""
    sample = answer.sample
    error = np.sqrt(answer.var)
    low, high = interval(answer.theta, error, answer.df, level) if bounds is None else bounds
    K, D = answer.theta.shape
    table = sample.groups.loc[sample.groups.index.repeat(K)].reset_index(drop=True)
    values = {
        "estimate": np.where(np.isfinite(answer.theta), answer.theta, np.nan),
        "std_error": error,
        "conf_low": low,
        "conf_high": high,
        "p_value": np.full((K, D), np.nan) if p is None else p,
        "df": np.broadcast_to(answer.df, (K, D)),
        "n": np.broadcast_to(sample.layout.rows, (K, D)),
    }
    columns = {"term": np.tile(np.array(terms, object), D), **{name: v.T.ravel() for name, v in values.items()}}
    table = pd.concat([table, pd.DataFrame(columns)], axis=1) if sample.by else pd.DataFrame(columns)
    return Estimates(
        table,
        method,
        estimand,
        level=level,
        by=sample.by,
        checks=(*sample.checks, *checks, *_not_given(answer)),
        evidence={"precision": precision(answer, terms), **(evidence or {})},
    )


def precision(answer: Answer, terms: Sequence[str]) -> pd.DataFrame:
    """Relative standard error, degrees of freedom and sampled units behind each number."""
    sample = answer.sample
    K, D = answer.theta.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        rse = np.sqrt(answer.var) / np.abs(answer.theta)
    units = sample.layout.units if sample.layout.stages else np.zeros(D, np.intp)
    frame = sample.groups.loc[sample.groups.index.repeat(K)].reset_index(drop=True)
    columns = pd.DataFrame(
        {
            "term": np.tile(np.array(terms, object), D),
            "rse": rse.T.ravel(),
            "units": np.repeat(units, K),
            "df": np.repeat(answer.df, K),
            "n": np.repeat(sample.layout.rows, K),
        }
    )
    return pd.concat([frame, columns], axis=1) if sample.by else columns


def named(sample: Sample, which: Mask | Codes) -> str:
    """The first few domains, by their labels."""
    rows = sample.groups[which] if sample.by else pd.DataFrame(index=range(int(np.sum(which))))
    return listed([" / ".join(map(str, row)) for row in rows.itertuples(index=False)] or ["–"])


def _not_given(answer: Answer) -> tuple[Check, ...]:
    """Why a row lacks a number: every NaN on the table has its reason here."""
    sample = answer.sample
    empty = sample.layout.rows == 0
    undefined = ~empty & ~np.isfinite(answer.theta).all(axis=0)
    lone = alone(sample) & ~empty & ~undefined
    few = (answer.df < 1) & ~lone & ~empty & ~undefined

    def told(which: Mask) -> dict[str, object]:
        return {"n": int(which.sum()), "names": named(sample, which)}

    found = (
        (
            empty,
            Check("empty_domains", "warn", "{n} groups have no rows ({names}): nothing is said of them.", told(empty)),
        ),
        (
            undefined,
            Check(
                "undefined",
                "warn",
                "In {n} groups ({names}) the number does not exist, for it divides by nought.",
                told(undefined),
            ),
        ),
        (
            lone,
            Check(
                "one_unit",
                "warn",
                "{n} groups ({names}) lie in one sampled unit: nothing is known of how units differ there, so there is "
                "no standard error.",
                told(lone),
            ),
        ),
        (
            few,
            Check(
                "no_degrees_of_freedom",
                "warn",
                "{n} groups ({names}) have no more sampled units than strata: there is no interval.",
                told(few),
            ),
        ),
    )
    return tuple(check for which, check in found if which.any())
