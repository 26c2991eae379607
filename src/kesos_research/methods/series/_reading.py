"""One series, or a series less its comparison, and the lines it is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._covariates import truth
from kesos_research.methods._sample import label_codes
from kesos_research.methods.series._segmented import Array, Mask

LEAST = 3
"""Periods on a side without which no slope is seen there."""
ENOUGH = 8
"""Periods on each side from which intervals hold nearly as often as they say (docs/methods/interrupted_series.md)."""


@dataclass(frozen=True)
class Series:
    """t, y: (T,); X: (T, k); beside: what the comparison series was, (T,); seasons: number, and rows of the rarest."""

    t: Array
    y: Array
    X: Array
    since: float
    beside: Array | None
    seasons: tuple[int, int]

    @property
    def after(self) -> Mask:
        return self.t >= self.since


def read(
    data: pd.DataFrame, *, outcome: str, period: str, since: float, treated: str | None, season: str | None
) -> Series:
    roles = {"outcome": outcome, "period": period}
    roles |= {r: c for r, c in (("treated", treated), ("season", season)) if c is not None}
    _rows.columns(data, roles)
    for column in (outcome, period):
        _rows.numeric(data, column)
    if not isinstance(since, int | float | np.number) or isinstance(since, bool) or not abs(since) < 1e15:
        raise MethodError(
            _("{name} is {value}.", name="since", value=_rows.said(since)),
            expected=_("the first period after the change"),
            where=Where(key="since"),
        )
    rows = data.sort_values(period, kind="stable")
    first = rows
    beside = None
    if treated is not None:
        own = truth(rows, treated)
        first, second = rows[own], rows[~own]
        for part, name in ((first, _("treated")), (second, _("comparison"))):
            _once(part, period, name)
        if first[period].tolist() != second[period].tolist():
            raise MethodError(
                _("The treated and the comparison series have different periods."),
                expected=_("one row of each in every period"),
                where=Where(column=period),
            )
        beside = second[outcome].to_numpy(dtype=float)
    else:
        _once(first, period, outcome)
    t = first[period].to_numpy(dtype=float)
    y = first[outcome].to_numpy(dtype=float) - (0.0 if beside is None else beside)
    _spaced(t, float(since), period)
    X, seasons = _design(t, float(since), None if season is None else first[season])
    _enough(X, y, outcome)
    return Series(t, y, X, float(since), beside, seasons)


def _once(part: pd.DataFrame, period: str, name: str) -> None:
    if part.empty:
        raise MethodError(_("There is no row of {name}.", name=name), expected=_("one row in every period"))
    if part[period].duplicated().any():
        raise MethodError(
            _(
                "The period {period} has several rows of {name}.",
                period=part.loc[part[period].duplicated(), period].iloc[0],
                name=name,
            ),
            expected=_("one row in every period"),
            remedy=_("take the mean of several units first, or a method for panels"),
            where=Where(column=period),
        )


def _spaced(t: Array, since: float, period: str) -> None:
    """Equal steps on each side, and enough of them."""
    before, after = t[t < since], t[t >= since]
    for side, name in ((before, _("before")), (after, _("from"))):
        if len(side) < LEAST:
            raise MethodError(
                _("There are {n} periods {side} {since}.", n=len(side), side=name, since=since),
                expected=_("at least {least} on each side, better {enough}", least=LEAST, enough=ENOUGH),
                remedy=_("with so few, describe the change between two means without causal words"),
                where=Where(column=period),
            )
    steps = np.concatenate([np.diff(before), np.diff(after)])
    if np.ptp(steps) > 1e-6 * steps.max():
        wide = int(np.argmax(np.concatenate([np.diff(before), [0.0], np.diff(after)])))
        raise MethodError(
            _("Periods are unevenly spaced: after {period} some are missing.", period=t[wide]),
            expected=_("equal steps, except at the date of change"),
            where=Where(column=period),
        )


def _design(t: Array, since: float, season: pd.Series | None) -> tuple[Array, tuple[int, int]]:
    """Columns: level and slope before, changes of both, seasons but the first."""
    step = float(np.median(np.diff(t)))
    D = (t >= since).astype(float)
    X = np.column_stack([np.ones(len(t)), t - since, D, D * (t - since)])
    if season is None:
        return X, (0, 0)
    codes, _labels = label_codes(season)
    used, codes = np.unique(codes, return_inverse=True)
    if len(used) < 2 or step <= 0:
        raise MethodError(
            _("{column} has {n} groups.", column=str(season.name), n=len(used)),
            expected=_("two groups or more"),
            where=Where(column=str(season.name)),
        )
    dummies = np.eye(len(used))[codes]
    return np.column_stack([X, dummies[:, 1:]]), (len(used), int(dummies.sum(axis=0).min()))


def _enough(X: Array, y: Array, outcome: str) -> None:
    T, k = X.shape
    scaled = X / np.maximum(np.abs(X).max(axis=0), 1e-300)
    if k + 1 >= T or np.linalg.matrix_rank(scaled) < k:
        raise MethodError(
            _("{n} periods are too few for {k} terms.", n=T, k=k),
            expected=_("more periods than terms, and every season on more than one of them"),
            remedy=_("leave out the seasons"),
            where=Where(column=outcome),
        )
    if np.ptp(y) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere.", column=outcome),
            expected=_("an outcome that varies"),
            where=Where(column=outcome),
        )
    e = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    if np.sqrt((e**2).mean()) <= 1e-10 * max(1.0, float(np.abs(y).max())):
        raise MethodError(
            _("The series lies on its lines: there is no spread to measure an error with."),
            expected=_("figures that were observed, not computed"),
            where=Where(column=outcome),
        )
