"""Variance of linearised statistics over a design, for all domains at once.

A statistic θ_d of domain d has an influence z on each row; its variance is that of the total Σ w z over the *whole*
design, where rows outside d have z = 0. With S_u the sum of w z over unit u and h the strata of a stage,

    V = Σ_stages Σ_h c_h Σ_u (S_u − S̄_h)²,   c_h = (1 − f_h) n_h/(n_h − 1) · (fractions sampled at the stages before)

Rows are summed into cells (the part of an ultimate unit in a domain) once; every later step works on cells. Arrays hold
terms first: (K, rows), (K, cells), (K, D).

A statistic may also depend on rows outside its domain through something estimated from all of them (a poverty line, a
calibration): its influence is then z + Σ_p b_pd c_p with columns c common to all domains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Mask = NDArray[np.bool_]

_NOTHING = 1e-13
"""What is left of a variance when so little of it is left is a rounding error: a known total has none."""


@dataclass(frozen=True)
class Units:
    """The sampled units of a stage. stratum: (U,) of each; n: (H,) units of each stratum; scale: (H,) c_h;
    lonely: (H,) strata whose one unit is set against the mean of all units."""

    stratum: Codes
    n: Array
    scale: Array
    lonely: Mask


@dataclass(frozen=True)
class Stage:
    """One stage of sampling seen through the domains; parts (of units in domains) are sorted by domain, stratum, unit.

    first: (C,) first cell of each part; unit, domain: (C,); group: (C,) number of its group;
    group_first: (G,) first part of each group, a stratum in a domain; group_domain, group_stratum: (G,).
    """

    units: Units
    first: Codes
    unit: Codes
    domain: Codes
    group: Codes
    group_first: Codes
    group_domain: Codes
    group_stratum: Codes


@dataclass(frozen=True)
class Layout:
    """Where rows lie: first: (B,) first row of each cell; domain: (B,); rows: (D,) rows of each domain."""

    first: Codes
    domain: Codes
    rows: Codes
    stages: tuple[Stage, ...]

    @property
    def size(self) -> int:
        """Number of domains."""
        return len(self.rows)

    @cached_property
    def cell(self) -> Codes:
        """Cell of each row."""
        return np.repeat(np.arange(len(self.first)), np.diff(np.append(self.first, self.rows.sum())))

    def cells(self, x: Array) -> Array:
        """Sums over cells: (…, rows) → (…, B)."""
        n = x.shape[-1]
        return x if len(self.first) == n else np.add.reduceat(x, self.first, axis=-1)

    def domains(self, S: Array) -> Array:
        """Sums over domains: (…, B) → (…, D)."""
        return by_code(S, self.domain, self.size)

    def totals(self, x: Array) -> Array:
        """Sums over domains of rows: (…, rows) → (…, D)."""
        return self.domains(self.cells(x))

    def spread(self, values: Array) -> Array:
        """A value of each domain on its rows: (…, D) → (…, rows)."""
        filled = self.rows > 0
        return np.repeat(values[..., filled], self.rows[filled], axis=-1)

    @property
    def units(self) -> Codes:
        """Units of the first stage in each domain: (D,)."""
        return np.bincount(self.stages[0].domain, minlength=self.size)

    @property
    def df(self) -> Codes:
        """Units less strata of the first stage, in each domain: (D,)."""
        return self.units - np.bincount(self.stages[0].group_domain, minlength=self.size)


@dataclass(frozen=True)
class Linear:
    """A linearised statistic: theta: (K, D); S: (K, B) sums of w z.

    common: for each stage (P, U) sums of w c over its units; coef: (K, P, D).
    """

    theta: Array
    S: Array
    common: tuple[Array, ...] | None = None
    coef: Array | None = None


def by_code(x: Array, codes: Codes, size: int) -> Array:
    """Sums over codes along the last axis: (…, n) → (…, size)."""
    if x.ndim == 1:
        return np.asarray(np.bincount(codes, x, size), float)
    flat = x.reshape(-1, x.shape[-1])
    sums = [np.bincount(codes, row, size) for row in flat]
    return np.asarray(sums, float).reshape(*x.shape[:-1], size)


def variance(layout: Layout, linear: Linear) -> Array:
    """Variances of each term in each domain: (K, D)."""
    V, shared_part = np.zeros_like(linear.theta), np.zeros_like(linear.theta)
    for k, stage in enumerate(layout.stages):
        S = _parts(stage, linear.S)
        dev, absent = _deviations(stage, S, layout.size)
        c = stage.units.scale[stage.group_stratum]
        squares = np.add.reduceat(dev * dev, stage.group_first, axis=-1) + absent
        V += by_code(c * squares, stage.group_domain, layout.size)
        if linear.common is not None and linear.coef is not None:
            shared_part += _with_common(stage, S, linear.common[k], linear.coef, layout.size)
    both = V + shared_part
    return np.where(both < _NOTHING * V, 0.0, np.maximum(both, 0.0))


def covariance(layout: Layout, linear: Linear) -> Array:
    """Covariances between the terms within each domain: (D, K, K)."""
    K, D = linear.theta.shape
    out = np.empty((D, K, K))
    plus = variance(layout, linear)
    for i in range(K):
        out[:, i, i] = plus[i]
        for j in range(i):
            pair = Linear(
                linear.theta[i : i + 1],
                linear.S[i : i + 1] + linear.S[j : j + 1],
                linear.common,
                None if linear.coef is None else linear.coef[i : i + 1] + linear.coef[j : j + 1],
            )
            out[:, i, j] = out[:, j, i] = (variance(layout, pair)[0] - plus[i] - plus[j]) / 2
    return out


def combined(layout: Layout, linear: Linear, L: Array) -> tuple[Layout, Linear]:
    """The statistics Σ_d θ_kd L_dq as statistics of new domains q, the unions of those that L: (D, Q) uses."""
    d, q = np.nonzero(L)
    ends = np.append(0, np.cumsum(np.bincount(layout.domain, minlength=layout.size)))
    cells = np.concatenate([np.arange(ends[i], ends[i + 1]) for i in d])
    lengths = ends[d + 1] - ends[d]
    factor, target = np.repeat(L[d, q], lengths), np.repeat(q, lengths)
    units = [_unit_of_cell(stage, len(layout.domain))[cells] for stage in layout.stages]
    key = target * len(layout.stages[-1].units.stratum) + units[-1]
    order = np.argsort(key, kind="stable")
    first = runs(key[order])
    at = order[first]
    stages = tuple(stage_of(s.units, unit[at], target[at]) for s, unit in zip(layout.stages, units, strict=True))
    rows = (L != 0).T.astype(np.intp) @ layout.rows
    S = np.add.reduceat((linear.S[:, cells] * factor)[:, order], first, axis=-1)
    coef = None if linear.coef is None else linear.coef @ L
    new = Layout(np.arange(len(first)), target[at], rows, stages)
    return new, Linear(linear.theta @ L, S, linear.common, coef)


def runs(key: Codes | Array) -> Codes:
    """First place of each run of equal keys."""
    return np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))


def stage_of(units: Units, unit: Codes, domain: Codes) -> Stage:
    """The stage for cells that lie in these units and domains, sorted by domain and unit."""
    first = runs(domain * len(units.stratum) + unit)
    part, within = unit[first], domain[first]
    group_first = runs(within * len(units.n) + units.stratum[part])
    lengths = np.diff(np.append(group_first, len(first)))
    return Stage(
        units=units,
        first=first,
        unit=part,
        domain=within,
        group=np.repeat(np.arange(len(group_first)), lengths),
        group_first=group_first,
        group_domain=within[group_first],
        group_stratum=units.stratum[part[group_first]],
    )


def shared(layout: Layout, cells: Array) -> tuple[Array, ...]:
    """Sums of common columns over the units of each stage, from sums over cells: (P, B) → (P, U) a stage."""
    return tuple(by_code(_parts(s, cells), s.unit, len(s.units.stratum)) for s in layout.stages)


def _unit_of_cell(stage: Stage, cells: int) -> Codes:
    return np.repeat(stage.unit, np.diff(np.append(stage.first, cells)))


def _parts(stage: Stage, S: Array) -> Array:
    return S if len(stage.first) == S.shape[-1] else np.add.reduceat(S, stage.first, axis=-1)


def _deviations(stage: Stage, S: Array, D: int) -> tuple[Array, Array]:
    """Distances from the stratum's mean: (K, C); and what units of a stratum without rows in the domain add: (K, G)."""
    totals = np.add.reduceat(S, stage.group_first, axis=-1)
    n = stage.units.n[stage.group_stratum]
    mean = totals / n
    alone = stage.units.lonely[stage.group_stratum]
    if alone.any():
        everywhere = by_code(S, stage.domain, D) / len(stage.units.stratum)
        mean[..., alone] = everywhere[..., stage.group_domain[alone]]
    held = np.diff(np.append(stage.group_first, S.shape[-1]))
    return S - mean[..., stage.group], (n - held) * mean * mean


def _with_common(stage: Stage, S: Array, common: Array, coef: Array, D: int) -> Array:
    """What the common columns add: 2 Σ_p b_p Cov(c_p, S) + Σ_pq b_p b_q Cov(c_p, c_q), (K, D)."""
    units = stage.units
    means = by_code(common, units.stratum, len(units.n)) / units.n
    means = np.where(units.lonely, common.mean(axis=-1, keepdims=True), means)
    root = np.sqrt(units.scale[units.stratum])
    C = (common - means[:, units.stratum]) * root
    own = np.einsum("kpd,pq,kqd->kd", coef, C @ C.T, coef, optimize=True)
    cross = np.zeros_like(own)
    for p, c in enumerate(C * root):
        cross += coef[:, p] * by_code(S * c[stage.unit], stage.domain, D)
    return own + 2 * cross
