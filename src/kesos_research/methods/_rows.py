"""From tidy rows to arrays: roles are read, every promise is tested, and units are put in an order of their data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods._settings import (  # noqa: F401 - rows and settings are read in the same lines
    LARGEST,
    choice,
    finite,
    fraction,
    nonnegative,
    said,
    whole,
)

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
    distinct(roles)
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
    starts = _starts(constant["since"], marked) if "since" in constant else (start(since),)
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
        if not isinstance(column, str):
            raise MethodError(
                _("{name} is {value}.", name=role, value=said(column)),
                expected=_("the name of a column"),
                where=Where(key=role),
            )
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
    for column in roles.values():
        _comparable(data, column)


def distinct(roles: Mapping[str, str]) -> None:
    """No column has two roles."""
    for role, column in roles.items():
        first = next(r for r, c in roles.items() if c == column)
        if first != role:
            raise MethodError(
                _("The column {name} is both {one} and {other}.", name=column, one=first, other=role),
                expected=_("a column has one role"),
                where=Where(key=role),
            )


def several(told: Any) -> tuple[Any, ...]:
    """One name or several, as several."""
    return tuple(told) if isinstance(told, Iterable) and not isinstance(told, str | bytes) else (told,)


def _comparable(data: pd.DataFrame, column: str) -> None:
    """The column holds single values, and is not also the name of the index."""
    if column in data.index.names:
        raise MethodError(
            _("Both the index and a column are called {column}.", column=column),
            expected=_("one of them"),
            remedy="data.reset_index(drop=True)",
            where=Where(column=column),
        )
    values = data[column]
    if pd.api.types.is_complex_dtype(values):
        raise MethodError(
            _("The column {column} holds {type}.", column=column, type=str(values.dtype)),
            expected=_("numbers"),
            where=Where(column=column),
        )
    mixed = values.dtype == object and pd.api.types.infer_dtype(values).startswith("mixed")
    if mixed and not values.map(pd.api.types.is_hashable).all():
        raise MethodError(
            _("The column {column} holds lists.", column=column),
            expected=_("one value in each row"),
            where=Where(column=column),
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
    held = values.to_numpy(dtype=float)
    infinite = int((~np.isfinite(held)).sum())
    if infinite:
        raise MethodError(
            _("The column {column} holds {n} infinite values.", column=column, n=infinite),
            expected=_("finite numbers"),
            remedy=_("a logarithm of zero gives them"),
            where=Where(column=column),
        )
    sizes = np.abs(held[held != 0])
    if sizes.size and (sizes.max() > LARGEST or sizes.max() < 1 / LARGEST):
        raise MethodError(
            _("The numbers of {column} are too large or too small to reckon with.", column=column),
            expected=_("numbers whose squares a computer can hold"),
            remedy=_("state them in another unit"),
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


def _starts(since: pd.Series, treated: Mask) -> tuple[float, ...]:
    dates = pd.to_numeric(since[treated], errors="coerce")
    if dates.isna().any():
        raise MethodError(
            _("{n} treated units have no date of start.", n=int(dates.isna().sum())),
            expected=_("a period for every treated unit"),
            where=Where(column=str(since.name)),
        )
    return tuple(sorted({float(d) for d in dates}))


def start(since: object) -> float:
    """The first treated period, the same for all."""
    if not isinstance(since, int | float | np.number) or isinstance(since, bool) or not abs(since) < 1e15:
        raise MethodError(
            _("{name} is {value}.", name="since", value=said(since)),
            expected=_("the first treated period, or the name of a column that holds it"),
            where=Where(key="since"),
        )
    return float(since)


def plain(value: object) -> object:
    """A year as 2013, not 2013.0."""
    number = isinstance(value, int | float | np.integer | np.floating)
    return int(value) if number and float(value).is_integer() else value


def only(panel: Panel, keep: Mask) -> Panel:
    """The units marked in keep: (N,)."""
    return replace(
        panel,
        Y=panel.Y[keep],
        units=tuple(u for u, k in zip(panel.units, keep, strict=True) if k),
        treated=panel.treated[keep],
        strata=panel.strata[keep],
    )
