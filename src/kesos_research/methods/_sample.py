"""From rows and a design to arrays: codes, weights, stages, replicates; rows sorted by domain and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _known, _rows
from kesos_research.methods._calibrate import Residuals
from kesos_research.methods._checks import listed
from kesos_research.methods._linearize import Codes, Layout, Units, runs, stage_of
from kesos_research.methods._replicate import Replicates

Array = NDArray[np.float64]

_CERTAIN = 1e-7
"""A stratum of which less than this is outside the sample adds nothing to the variance."""


@dataclass(frozen=True)
class Sample:
    """Rows as arrays. groups: (D, by) labels of the domains; w: (n,); all rows are in the order of `layout`.

    residuals: what calibration knows, the last adjustment first; replicates: instead of stages.
    """

    frame: pd.DataFrame
    design: SurveyDesign
    groups: pd.DataFrame
    w: Array
    layout: Layout
    order: Codes
    checks: tuple[Check, ...]
    residuals: tuple[Residuals, ...] = ()
    replicates: Replicates | None = None
    _read: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)
    _least: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    @property
    def by(self) -> tuple[str, ...]:
        return tuple(map(str, self.groups.columns))

    @property
    def domain(self) -> Codes:
        """Domain of each row: (n,)."""
        return np.repeat(np.arange(self.layout.size), self.layout.rows)

    def number(self, column: str) -> Array:
        """A column of finite numbers, true and false as 1 and 0: (n,)."""
        if column not in self._read:
            if not pd.api.types.is_bool_dtype(self.frame[column]):
                _rows.numeric(self.frame, column)
            self._read[column] = self.frame[column].to_numpy(dtype=float)
        return self._read[column]

    def amount(self, column: str, *, positive: bool = False) -> Array:
        """A column of amounts, which are never negative (and, where asked, never nought): (n,)."""
        values = self.number(column)
        if column not in self._least:
            self._least[column] = float(values.min())
        if self._least[column] < 0 or (positive and self._least[column] == 0):
            wrong = values <= 0 if positive else values < 0
            raise MethodError(
                _("The column {column} holds {n} values of nought or less.", column=column, n=int(wrong.sum()))
                if positive
                else _("The column {column} holds {n} negative values.", column=column, n=int(wrong.sum())),
                expected=_("amounts larger than 0") if positive else _("amounts of 0 or more"),
                remedy=_("look where they come from; mend or leave out those rows in a line of their own"),
                where=Where(column=column),
            )
        return values


def names(told: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several, as several."""
    return _rows.several(told)


def read(
    data: pd.DataFrame | Sample | Path,
    roles: Mapping[str, str],
    *,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
) -> Sample:
    """The sample with the columns that the roles name; `data` may have been read before (`methods.coding`)."""
    groups = names(by)
    if isinstance(data, Sample):
        return _again(data, roles, groups, design)
    if isinstance(data, Path):
        raise MethodError(
            _("This method does not read Parquet."),
            expected=_("rows in memory; mean, total, ratio, proportion and fgt with a given line read Parquet"),
            remedy=_("read the columns that are needed into memory"),
        )
    if not isinstance(design, SurveyDesign):
        raise MethodError(
            _("The design is a {type}.", type=type(design).__name__), expected="SurveyDesign", where=Where(key="design")
        )
    wanted = {**roles, **{f"by {i}": c for i, c in enumerate(groups, 1)}}
    _rows.columns(data, wanted)
    design.check(data)
    keep = list(dict.fromkeys([*wanted.values(), *design.columns, *_known.columns(design)]))
    _rows.columns(data, {f"design {c}": c for c in keep})
    return arrange(data[keep], groups, design)


def _again(sample: Sample, roles: Mapping[str, str], groups: tuple[str, ...], design: SurveyDesign) -> Sample:
    if sample.by != groups or (sample.design is not design and sample.design != design):
        raise MethodError(
            _("The rows were coded for other groups or another design."),
            expected=_("by={by} and the design they were coded with", by=repr(list(sample.by))),
            remedy=_("code them again, or pass the frame itself"),
        )
    fresh = {role: column for role, column in roles.items() if column not in sample._read}
    if fresh:
        _rows.columns(sample.frame, fresh)
    return sample


def arrange(data: pd.DataFrame, by: tuple[str, ...], design: SurveyDesign) -> Sample:
    domain, groups = _domains(data, by)
    levels, checks, weight = ([], (), None) if design.replicate_weights else _levels(data, design)
    last = levels[-1][1] if levels else np.arange(len(data))
    key = domain * (int(last.max()) + 1) + last
    order = np.arange(len(data)) if (np.diff(key) >= 0).all() else np.argsort(key, kind="stable")
    layout = _layout(domain[order], key[order], [(units, unit[order]) for units, unit in levels], len(groups))
    frame = data.take(order)
    if design.weight:
        w = frame[design.weight].to_numpy(dtype=float)
    else:
        w = np.ones(len(data)) if weight is None else weight[order]
    replicates = _replicates(frame, design)
    sample = Sample(frame, design, groups, w, layout, order, checks, replicates=replicates)
    if not design.adjustments:
        return sample
    w, known, more, replicates = _known.adjust(frame, w, design, replicates)
    return replace(sample, w=w, residuals=known, replicates=replicates, checks=(*checks, *more))


def _domains(data: pd.DataFrame, by: tuple[str, ...]) -> tuple[Codes, pd.DataFrame]:
    """Code of each row's domain, and the labels of each: (D, by)."""
    if not by:
        return np.zeros(len(data), np.intp), pd.DataFrame(index=range(1))
    codes, labels = zip(*(label_codes(data[c]) for c in by), strict=True)
    if len(by) == 1:
        return codes[0], pd.DataFrame({by[0]: labels[0]})
    pairs = np.ravel_multi_index(codes, [len(label) for label in labels])
    found, domain = np.unique(pairs, return_inverse=True)
    at = np.unravel_index(found, [len(label) for label in labels])
    return domain, pd.DataFrame({c: label.take(i) for c, label, i in zip(by, labels, at, strict=True)})


def label_codes(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Codes and sorted labels; the categories of a categorical column stay, used or not."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.intp), values.cat.categories
    try:
        codes, labels = pd.factorize(values, sort=True)  # of one type
    except TypeError:
        codes, labels = pd.factorize(values.astype(str), sort=True)
    return np.asarray(codes).astype(np.intp), pd.Index(labels)


def _levels(
    data: pd.DataFrame, design: SurveyDesign
) -> tuple[list[tuple[Units, Codes]], tuple[Check, ...], Array | None]:
    """The stages that add to the variance, each with the unit of every row; and the weight that sizes give."""
    clusters, strata, fpc = design.of("cluster"), design.of("strata"), design.of("fpc")
    counts = any((data[name] > 1).any() for name in fpc)
    parent = np.zeros(len(data), np.intp)
    before, weight = np.ones(len(data)), np.ones(len(data)) if fpc else None
    levels: list[tuple[Units, Codes]] = []
    checks: list[Check] = []
    for stage in range(max(1, len(clusters)) if fpc else 1):
        home = dense(parent, data[strata[stage]]) if stage < len(strata) else parent
        unit = dense(home, data[clusters[stage]]) if stage < len(clusters) else dense(home, None)
        stratum = np.zeros(int(unit.max()) + 1, np.intp)
        stratum[unit] = home
        n = np.bincount(stratum).astype(float)
        first = np.zeros(len(n), np.intp)
        first[home] = np.arange(len(data))
        told = data[fpc[stage]].to_numpy(dtype=float)[first] if stage < len(fpc) else None
        sampled = np.zeros(len(n)) if told is None else n / told if counts else told
        label = data[strata[0]].iloc[first].astype(str).to_numpy() if strata else None
        scale, lonely, found = _scales(n, sampled, before[first], parent[first], design=design, label=label)
        levels.append((Units(stratum, n, scale, lonely), unit))
        checks += found
        if weight is not None and told is not None:
            weight = weight / sampled[home]
        before = before * sampled[home]
        parent = unit
        if not before.any():
            break
    checks.append(_counted(levels[0][0], len(data), bool(fpc)))
    if not design.weight and weight is None:
        checks.append(Check("unweighted", "info", "No weight is named: every row counts once."))
    return levels, tuple(checks), weight


def _scales(
    n: Array,
    sampled: Array,
    before: Array,
    parent: Codes,
    *,
    design: SurveyDesign,
    label: NDArray[np.object_] | None,
) -> tuple[Array, NDArray[np.bool_], list[Check]]:
    """c_h of each stratum by the policy for those with one unit."""
    left = 1 - sampled
    scale = np.where(left < _CERTAIN, 0.0, left * before * n / np.maximum(n - 1, 1))
    alone = (n == 1) & (scale > 0)
    nowhere = np.zeros(len(n), bool)
    if not alone.any():
        return scale, nowhere, []
    named = _("the sample") if label is None else listed(sorted(set(label[alone])))
    if design.lonely == "fail":
        raise MethodError(
            _("{n} strata hold one sampled unit: {names}.", n=int(alone.sum()), names=named),
            expected=_("two units or more in each stratum, else the variance within it is not known"),
            remedy=_("join such strata with others alike, or say lonely='adjust' in the design"),
            where=Where(column=next(iter(design.of("strata")), None), key="lonely"),
        )
    check = Check(
        "lonely_units",
        "warn",
        "{n} strata hold one sampled unit ({names}); the design says: {policy}.",
        {"n": int(alone.sum()), "names": named, "policy": design.lonely},
    )
    if design.lonely == "adjust":
        return scale, alone, [check]
    if design.lonely == "average":
        every, good = np.bincount(parent), np.bincount(parent, ~alone)
        if (good[parent] == 0).any():
            raise MethodError(
                _("No stratum holds two sampled units: there is no average to take."),
                expected=_("two units or more in some stratum"),
                where=Where(key="lonely"),
            )
        scale = scale * (every / good)[parent]
    return np.where(alone, 0.0, scale), nowhere, [check]


def _counted(units: Units, rows: int, finite: bool) -> Check:
    evidence = {"rows": rows, "units": len(units.stratum), "strata": len(units.n)}
    if finite:
        return Check(
            "design",
            "info",
            "{rows} rows from {units} sampled units in {strata} strata; the fractions sampled are taken into account.",
            evidence,
        )
    return Check(
        "design",
        "info",
        "{rows} rows from {units} sampled units in {strata} strata, as if drawn with replacement.",
        evidence,
    )


def dense(outer: Codes, values: pd.Series | None) -> Codes:
    """Numbers of the pairs (outer, value), in the order of outer, without gaps: (n,). None: every row its own."""
    if values is None:
        numbers = np.empty(len(outer), np.intp)
        numbers[np.argsort(outer, kind="stable")] = np.arange(len(outer))
        return numbers
    inner, labels = label_codes(values)
    pairs = outer * len(labels) + inner
    size = int(pairs.max()) + 1
    if size > 20 * len(pairs) + 1000:
        return np.unique(pairs, return_inverse=True)[1]
    used = np.zeros(size, np.intp)
    used[pairs] = 1
    return (np.cumsum(used) - 1)[pairs]


def _layout(domain: Codes, key: Codes, levels: Sequence[tuple[Units, Codes]], D: int) -> Layout:
    first = runs(key)
    cell = domain[first]
    stages = tuple(stage_of(units, unit[first], cell) for units, unit in levels)
    return Layout(first, cell, np.bincount(domain, minlength=D), stages)


def _replicates(frame: pd.DataFrame, design: SurveyDesign) -> Replicates | None:
    columns = design.of("replicate_weights")
    if not columns:
        return None
    how = design.replication
    if how is None:
        raise MethodError(
            _("It is not said how the replicate weights were made."),
            expected=_("replication=Replication(kind, …) in the design"),
            remedy=_("the producer of the survey says whether they are BRR, jackknife or bootstrap"),
            where=Where(key="replication"),
        )
    R = len(columns)
    rscales = np.ones(R) if how.rscales is None else np.asarray(how.rscales, float)
    if len(rscales) != R:
        raise MethodError(
            _("There are {n} rscales for {m} replicate weights.", n=len(rscales), m=R),
            expected=_("one for each"),
            where=Where(key="rscales"),
        )
    W = np.ascontiguousarray(frame[list(columns)].to_numpy(dtype=float).T)
    return Replicates(W, how.factor(R), rscales, how.mse)
