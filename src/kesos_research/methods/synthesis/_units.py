"""Estimates of several units, from a frame or from answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Units:
    """y, v: (k,), in the order of the estimates; the units' names."""

    names: tuple[str, ...]
    y: Array
    v: Array


def read(
    data: pd.DataFrame | Mapping[str, Estimates], *, unit: str, estimate: str, std_error: str, term: str | None
) -> Units:
    """At least two units, each once, each with an error above nought."""
    frame = data if isinstance(data, pd.DataFrame) else _of_answers(data, unit, estimate, std_error, term)
    _rows.columns(frame, {"unit": unit, "estimate": estimate, "std_error": std_error})
    once(frame, unit)
    for column in (estimate, std_error):
        _rows.numeric(frame, column)
    if not (frame[std_error] > 0).all():
        raise MethodError(
            _(
                "The column {column} holds {n} values of nought or less.",
                column=std_error,
                n=int((frame[std_error] <= 0).sum()),
            ),
            expected=_("standard errors above 0"),
            where=Where(column=std_error),
        )
    if len(frame) < 2:
        raise MethodError(
            _("There is one unit."), expected=_("estimates of two units or more"), where=Where(column=unit)
        )
    sorted_ = frame.sort_values([estimate, std_error], kind="stable")
    return Units(
        tuple(sorted_[unit].astype(str)),
        sorted_[estimate].to_numpy(dtype=float),
        sorted_[std_error].to_numpy(dtype=float) ** 2,
    )


def once(frame: pd.DataFrame, unit: str) -> None:
    twice = frame[unit].duplicated()
    if twice.any():
        raise MethodError(
            _("The unit {name} has several rows.", name=frame.loc[twice, unit].iloc[0]),
            expected=_("one row for each unit"),
            remedy=_("estimates of one unit are not independent: take one of them"),
            where=Where(column=unit),
        )


def _of_answers(
    data: Mapping[str, Estimates], unit: str, estimate: str, std_error: str, term: str | None
) -> pd.DataFrame:
    if not isinstance(data, Mapping) or not all(isinstance(part, Estimates) for part in data.values()):
        raise MethodError(
            _("The estimates are a {type}.", type=type(data).__name__),
            expected=_("a frame with one row for each unit, or for each unit's name its estimates"),
        )
    rows = []
    for name, part in data.items():
        found = part.table if term is None else part.table[part.table["term"] == term]
        if len(found) != 1:
            raise MethodError(
                _("The estimates of {name} have {n} rows.", name=name, n=len(found)),
                expected=_("exactly one row"),
                remedy=_("name its term"),
                where=Where(key="term"),
            )
        rows.append({unit: name, estimate: found["estimate"].iloc[0], std_error: found["std_error"].iloc[0]})
    if not rows:
        raise MethodError(_("There are no estimates."), expected=_("estimates of two units or more"))
    return pd.DataFrame(rows)
