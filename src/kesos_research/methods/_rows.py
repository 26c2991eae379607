"""From tidy rows to arrays: roles are read, every promise is tested, and units are put in an order of their data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.language import _

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SHOWN = 5
"""How many offending units or columns a message names."""


@dataclass(frozen=True)
class Panel:
    """Y: (N, T) outcome; units: N names; periods: T; treated: (N,); before: (T,); strata: (N,) numbers from 0.

    Rows are sorted by their outcomes, so that names and row order change nothing that is random.
    """

    Y: Array
    units: tuple[object, ...]
    periods: tuple[object, ...]
    treated: Mask
    before: Mask
    strata: NDArray[np.intp]
    starts: tuple[float, ...]
    """The different dates at which treated units begin."""

    @property
    def changes(self) -> Array:
        """Mean after minus mean before, for each unit: (N,)."""
        return self.Y[:, ~self.before].mean(axis=1) - self.Y[:, self.before].mean(axis=1)

    @property
    def k(self) -> int:
        return int(self.treated.sum())

    @property
    def treated_units(self) -> tuple[object, ...]:
        """Names of the treated units, sorted."""
        return tuple(sorted((u for u, t in zip(self.units, self.treated, strict=True) if t), key=str))

    def place(self, unit: object) -> int:
        """Row of a unit."""
        return self.units.index(unit)


def read(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: object,
    strata: str | None = None,
) -> Panel:
    """A balanced panel, whatever its design."""
    roles = {"outcome": outcome, "unit": unit, "period": period, "treated": treated}
    if isinstance(since, str):
        roles["since"] = since
    if strata is not None:
        roles["strata"] = strata
    columns(data, roles, may_miss=("since",))
    numeric(data, outcome)
    numeric(data, period)
    if not pd.api.types.is_bool_dtype(data[treated]):
        raise MethodError(
            _("The column {column} holds {type}.", column=treated, type=str(data[treated].dtype)),
            expected=_("true or false: is the unit one of the treated?"),
            remedy=_("make it with data[unit].isin(...)"),
            where=Where(column=treated),
        )
    wide = balanced(data, outcome=outcome, unit=unit, period=period)
    constant = {role: per_unit(data, unit, roles[role]).loc[wide.index] for role in roles if role in _PER_UNIT}
    marked = constant["treated"].to_numpy(dtype=bool)
    starts = _starts(constant.get("since", since), marked)
    Y = wide.to_numpy(dtype=float)
    order = np.lexsort((marked, *Y.T[::-1]))
    labels = constant["strata"].astype(str) if strata is not None else pd.Series("", index=wide.index)
    return Panel(
        Y=Y[order],
        units=tuple(wide.index[order]),
        periods=tuple(wide.columns),
        treated=marked[order],
        before=np.asarray(wide.columns, float) < min(starts) if starts else np.ones(Y.shape[1], bool),
        strata=np.unique(labels.to_numpy(dtype=object).astype(str), return_inverse=True)[1][order],
        starts=starts,
    )


def read_design(data: pd.DataFrame, **roles: object) -> Panel:
    """A balanced panel with treated and comparison units, one date, and periods on both sides of it."""
    panel = read(data, **roles)  # type: ignore[arg-type]
    if not panel.treated.any():
        raise MethodError(
            _("No unit is treated."),
            expected=_("at least one unit with {column} true", column=roles["treated"]),
            where=Where(column=str(roles["treated"])),
        )
    if panel.treated.all():
        raise MethodError(
            _("All {n} units are treated: there is nothing to compare with.", n=len(panel.units)),
            expected=_("units that were never treated"),
            remedy=_("describe the change without causal words"),
        )
    if len(panel.starts) > 1:
        raise MethodError(
            _("Treatment starts at {n} different dates.", n=len(panel.starts)),
            expected=_("one date for all treated units"),
            remedy=_("take one cohort at a time, or a method for staggered starts"),
            where=Where(column=str(roles["since"])),
        )
    for inside, side in ((panel.before, _("before")), (~panel.before, _("from"))):
        if not inside.any():
            raise MethodError(
                _("There is no period {side} {since}.", side=side, since=plain(max(panel.starts))),
                expected=_("periods on both sides"),
                remedy=_("the rows cover {first} to {last}", first=panel.periods[0], last=panel.periods[-1]),
                where=Where(column=str(roles["period"])),
            )
    if np.ptp(panel.Y) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere.", column=roles["outcome"]),
            expected=_("an outcome that varies"),
            where=Where(column=str(roles["outcome"])),
        )
    return panel


_PER_UNIT = ("treated", "since", "strata")


def columns(data: pd.DataFrame, roles: Mapping[str, str], may_miss: tuple[str, ...] = ()) -> None:
    """Rows are a frame that has the columns and no missing value in them."""
    if not isinstance(data, pd.DataFrame):
        raise MethodError(_("The rows are a {type}.", type=type(data).__name__), expected=_("a pandas DataFrame"))
    for role, column in roles.items():
        if list(data.columns).count(column) != 1:
            raise MethodError(
                _("There is no column {column} for the role {role}.", column=column, role=role)
                if column not in data.columns
                else _("There are several columns {column}.", column=column),
                expected=_("one column of {columns}", columns=", ".join(map(str, data.columns))),
                where=Where(column=str(column)),
            )
    if data.empty:
        raise MethodError(_("There are no rows."), expected=_("at least one row"))
    missing = {c: int(data[c].isna().sum()) for role, c in roles.items() if role not in may_miss}
    if any(missing.values()):
        counts = ", ".join(_("{column}: {n}", column=c, n=n) for c, n in missing.items() if n)
        raise MethodError(
            _("Values are missing ({counts} of {rows} rows).", counts=counts, rows=len(data)),
            expected=_("no missing value"),
            remedy=_("drop those rows in a line of their own, so that the reader sees it"),
            where=Where(column=next(c for c, n in missing.items() if n)),
        )


def numeric(data: pd.DataFrame, column: str) -> None:
    """The column holds finite numbers."""
    values = data[column]
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        raise MethodError(
            _("The column {column} holds {type}.", column=column, type=str(values.dtype)),
            expected=_("numbers"),
            where=Where(column=column),
        )
    infinite = int((~np.isfinite(values.to_numpy(dtype=float))).sum())
    if infinite:
        raise MethodError(
            _("The column {column} holds {n} infinite values.", column=column, n=infinite),
            expected=_("finite numbers"),
            remedy=_("a logarithm of zero gives them"),
            where=Where(column=column),
        )


def balanced(data: pd.DataFrame, *, outcome: str, unit: str, period: str) -> pd.DataFrame:
    """Units in rows, periods in columns; each pair there once."""
    twice = data.duplicated([unit, period])
    if twice.any():
        first = data.loc[twice, [unit, period]].iloc[0]
        raise MethodError(
            _("{n} rows repeat a unit and period.", n=int(twice.sum())),
            expected=_("each unit once in each period"),
            remedy=_("look at {unit} in {period}", unit=first[unit], period=plain(first[period])),
            where=Where(column=unit),
        )
    wide = data.pivot(index=unit, columns=period, values=outcome)
    gaps = wide.isna().any(axis=1)
    if gaps.any():
        named = ", ".join(map(str, wide.index[gaps][:_SHOWN])) + (" …" if gaps.sum() > _SHOWN else "")
        raise MethodError(
            _("{n} of {all} units lack a period: {named}.", n=int(gaps.sum()), all=len(wide), named=named),
            expected=_("every unit in each of {n} periods", n=wide.shape[1]),
            remedy=_("leave those units out in a line of their own, or shorten the window"),
            where=Where(column=unit),
        )
    return wide


def per_unit(data: pd.DataFrame, unit: str, column: str) -> pd.Series:
    """The value of a column that does not change within a unit."""
    groups = data.groupby(unit)[column]
    changing = groups.nunique(dropna=False) > 1
    if changing.any():
        raise MethodError(
            _("The column {column} changes within {unit}.", column=column, unit=changing.index[changing][0]),
            expected=_("one value for each unit in all its periods"),
            where=Where(column=column),
        )
    return groups.first()


def whole(value: object, name: str, *, least: int) -> int:
    """A setting that is a whole number."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or int(value) < least:
        raise MethodError(
            _("{name} is {value}.", name=name, value=repr(value)),
            expected=_("a whole number of at least {least}", least=least),
            where=Where(key=name),
        )
    return int(value)


def choice(value: object, name: str, known: tuple[str, ...]) -> Any:
    """A setting that is one of a few names."""
    if value not in known:
        raise MethodError(
            _("{name} is {value}.", name=name, value=repr(value)),
            expected=_("one of {names}", names=", ".join(known)),
            where=Where(key=name),
        )
    return value


def fraction(value: object, name: str) -> float:
    """A setting strictly between nought and one."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not 0.0 < float(value) < 1.0:
        raise MethodError(
            _("{name} is {value}.", name=name, value=repr(value)),
            expected=_("a number between 0 and 1"),
            where=Where(key=name),
        )
    return float(value)


def nonnegative(value: object, name: str) -> float:
    """A setting of zero or more."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not 0.0 <= float(value) < np.inf:
        raise MethodError(
            _("{name} is {value}.", name=name, value=repr(value)),
            expected=_("a finite number of 0 or more"),
            where=Where(key=name),
        )
    return float(value)


def _starts(since: object, treated: Mask) -> tuple[float, ...]:
    if isinstance(since, pd.Series):
        dates = pd.to_numeric(since[treated], errors="coerce")
        if dates.isna().any():
            raise MethodError(
                _("{n} treated units have no date of start.", n=int(dates.isna().sum())),
                expected=_("a period for every treated unit"),
                where=Where(column=str(since.name)),
            )
        return tuple(sorted({float(d) for d in dates}))
    if not isinstance(since, int | float | np.number) or isinstance(since, bool) or not np.isfinite(float(since)):
        raise MethodError(
            _("{name} is {value}.", name="since", value=repr(since)),
            expected=_("the first treated period, or the name of a column that holds it"),
            where=Where(key="since"),
        )
    return (float(since),)


def plain(value: object) -> object:
    """A year as 2013, not 2013.0."""
    return int(value) if isinstance(value, int | float | np.number) and float(value).is_integer() else value


def only(panel: Panel, keep: Mask) -> Panel:
    """The units marked in keep: (N,)."""
    return replace(
        panel,
        Y=panel.Y[keep],
        units=tuple(u for u, k in zip(panel.units, keep, strict=True) if k),
        treated=panel.treated[keep],
        strata=panel.strata[keep],
    )
