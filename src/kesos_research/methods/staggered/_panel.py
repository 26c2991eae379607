"""Rows of units that start at different dates, as arrays: roles are read, and every promise of the design is tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed
from kesos_research.methods._sample import names

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Mask = NDArray[np.bool_]

NEVER = np.inf


@dataclass(frozen=True)
class Rows:
    """y: (n,) outcome; unit, cluster: (n,) from 0; t, g: (n,) period and first treated period; X: (n, p); w: (n,).

    g is infinite where a unit is never treated. Rows are sorted by unit and period; the mean of w is one.
    """

    y: Array
    unit: Codes
    t: Array
    g: Array
    X: Array
    w: Array
    cluster: Codes
    row: Codes
    """Where the row stood in the data: (n,)."""
    covariates: tuple[str, ...]
    names: tuple[object, ...]
    """Of the units, in the order of their numbers."""

    @property
    def periods(self) -> Array:
        return np.unique(self.t)

    @property
    def treated(self) -> Mask:
        """Is the row of a unit under treatment? (n,)"""
        return self.t >= self.g

    @property
    def n_units(self) -> int:
        return len(self.names)

    @property
    def n_clusters(self) -> int:
        return int(self.cluster.max()) + 1

    @property
    def first(self) -> NDArray[np.intp]:
        """The first row of each unit: (N,)."""
        return np.unique(self.unit, return_index=True)[1]

    @property
    def starts(self) -> Array:
        """The dates at which units start."""
        return np.unique(self.g[np.isfinite(self.g)])

    @property
    def cohorts(self) -> pd.DataFrame:
        """How many units start at each date; never treated last, without a date."""
        dates, n = np.unique(self.g[self.first], return_counts=True)
        return pd.DataFrame({"since": np.where(np.isfinite(dates), dates, np.nan), "n": n})

    def only(self, keep: Mask) -> Rows:
        """The rows marked in keep: (n,)."""
        units, unit = np.unique(self.unit[keep], return_inverse=True)
        return replace(
            self,
            y=self.y[keep],
            unit=unit,
            t=self.t[keep],
            g=self.g[keep],
            X=self.X[keep],
            w=self.w[keep] / self.w[keep].mean(),
            cluster=np.unique(self.cluster[keep], return_inverse=True)[1],
            row=self.row[keep],
            names=tuple(self.names[i] for i in units),
        )


def read(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str | None,
    period: str,
    since: str,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    panel: str = "balanced",
) -> Rows:
    """Rows with treated units and periods on both sides of each date.

    Units that start after the last period are never treated within it.
    """
    columns = names(covariates)
    weight, sampled = _sampling(design)
    told = {"outcome": outcome, "unit": unit, "period": period, "since": since, "cluster": cluster or sampled}
    told |= {f"covariates {i}": c for i, c in enumerate(columns)} | {"weight": weight}
    roles = {role: column for role, column in told.items() if column is not None}
    _rows.columns(data, roles, may_miss=("since",))
    for column in (outcome, period, *columns, *([weight] if weight else [])):
        _rows.numeric(data, column)
    frame = data.reset_index(drop=True)
    g = _dates(frame, since)
    g = g.where(g <= frame[period].max(), NEVER)
    if unit is not None:
        _once(frame, unit, period)
        _rows.per_unit(frame.assign(**{since: g}), unit, since)
        for column in (cluster, weight):
            if column not in (None, unit):
                _rows.per_unit(frame, unit, str(column))
        if panel == "balanced":
            _rows.balanced(frame, outcome=outcome, unit=unit, period=period)
    codes, labels = pd.factorize(frame[unit], sort=True) if unit else (np.arange(len(frame)), frame.index)
    order = np.lexsort((frame[period].to_numpy(float), codes))
    w = _weights(frame, weight)
    place = roles.get("cluster")
    rows = Rows(
        y=frame[outcome].to_numpy(float)[order],
        unit=np.asarray(codes, np.intp)[order],
        t=frame[period].to_numpy(float)[order],
        g=g.to_numpy(float)[order],
        X=frame[list(columns)].to_numpy(float).reshape(len(frame), -1)[order],
        w=w[order] / w.mean(),
        cluster=np.asarray(pd.factorize(frame[place], sort=True)[0] if place else codes, np.intp)[order],
        row=order,
        covariates=columns,
        names=tuple(labels),
    )
    _comparable(rows, outcome=outcome, period=period, since=since)
    return rows


def one_date(rows: Rows, since: str) -> float:
    """The date at which every treated unit starts."""
    if len(rows.starts) > 1:
        raise MethodError(
            _("Treatment starts at {n} different dates.", n=len(rows.starts)),
            expected=_("one date for all treated units"),
            remedy=_("callaway_santanna, imputation or sun_abraham, which compare with units not yet treated only"),
            where=Where(column=since),
        )
    return float(rows.starts[0])


def with_never_treated(rows: Rows, since: str) -> Rows:
    """The same rows, where some unit is never treated."""
    if np.isfinite(rows.g).all():
        raise MethodError(
            _("All {n} units are treated at some date: none is never treated.", n=rows.n_units),
            expected=_("units whose {column} is missing", column=since),
            remedy=_('comparison="not_yet_treated" of callaway_santanna compares with those that start later'),
            where=Where(column=since),
        )
    return rows


def _sampling(design: SurveyDesign | None) -> tuple[str | None, str | None]:
    """Weight and first-stage cluster, which are all that an impact method uses of a design."""
    if design is None:
        return None, None
    unused = [role for role in ("strata", "fpc", "replicate_weights") if design.of(role)]
    if design.adjustments:
        unused.append("adjustments")
    if unused:
        raise MethodError(
            _("The design names {roles}.", roles=", ".join(unused)),
            expected=_("a design with weight and cluster only"),
            remedy=_("leave the others out: intervals are then, if anything, too wide"),
            where=Where(key="design"),
        )
    return design.weight, next(iter(design.of("cluster")), None)


def _weights(frame: pd.DataFrame, weight: str | None) -> Array:
    if weight is None:
        return np.ones(len(frame))
    w = frame[weight].to_numpy(float)
    if (w <= 0).any():
        raise MethodError(
            _("The column {column} holds {n} values of nought or less.", column=weight, n=int((w <= 0).sum())),
            expected=_("weights larger than 0"),
            where=Where(column=weight),
        )
    return w


def _dates(frame: pd.DataFrame, since: str) -> pd.Series:
    """First treated period of each row, infinite where there is none."""
    column = frame[since]
    if column.notna().any():
        present = column[column.notna()]
        if not pd.api.types.is_numeric_dtype(present.infer_objects()) or pd.api.types.is_bool_dtype(present):
            raise MethodError(
                _("The column {column} holds {type}.", column=since, type=str(column.dtype)),
                expected=_("the first treated period of each unit, missing where it is never treated"),
                where=Where(column=since),
            )
    dates = pd.to_numeric(column).astype(float)
    if (dates == 0).any() and float(dates.max()) > 1000:
        raise MethodError(
            _("{n} rows have {column} = 0.", n=int((dates == 0).sum()), column=since),
            expected=_("a missing value where a unit is never treated"),
            remedy=_("replace 0 by a missing value in a line of its own"),
            where=Where(column=since),
        )
    return dates.fillna(NEVER)


def _once(frame: pd.DataFrame, unit: str, period: str) -> None:
    twice = frame.duplicated([unit, period])
    if twice.any():
        first = frame.loc[twice, [unit, period]].iloc[0]
        raise MethodError(
            _("{n} rows repeat a unit and period.", n=int(twice.sum())),
            expected=_("each unit once in each period"),
            remedy=_("look at {unit} in {period}", unit=first[unit], period=_rows.plain(first[period])),
            where=Where(column=unit),
        )


def _comparable(rows: Rows, *, outcome: str, period: str, since: str) -> None:
    P, g = rows.periods, rows.g[rows.first]
    if len(P) < 2:
        raise MethodError(
            _("There is one period ({period}).", period=_rows.plain(P[0])),
            expected=_("periods before and after the first treatment"),
            where=Where(column=period),
        )
    early = g <= P[0]
    if early.any():
        told = listed([rows.names[i] for i in np.flatnonzero(early)])
        raise MethodError(
            _("{n} units are treated from the first period on ({named}).", n=int(early.sum()), named=told),
            expected=_("a period before treatment for every unit"),
            remedy=_("leave those units out in a line of their own: nothing shows how they were before"),
            where=Where(column=since),
        )
    if not (g <= P[-1]).any():
        raise MethodError(
            _(
                "No unit is treated within the periods {first} to {last}.",
                first=_rows.plain(P[0]),
                last=_rows.plain(P[-1]),
            ),
            expected=_("units whose {column} lies within them", column=since),
            where=Where(column=since),
        )
    if np.ptp(rows.y) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere.", column=outcome),
            expected=_("an outcome that varies"),
            where=Where(column=outcome),
        )
    if rows.covariates:
        Z = np.column_stack([np.ones(len(rows.y)), rows.X])
        if np.linalg.matrix_rank(Z / np.maximum(np.abs(Z).max(axis=0), 1e-300)) < Z.shape[1]:
            raise MethodError(
                _("The covariates depend on each other, or one is the same everywhere."),
                expected=_("columns of which none is a combination of others"),
                remedy=_("leave one out"),
                where=Where(key="covariates"),
            )
