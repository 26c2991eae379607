"""Programmes, populations or estimators that are drawn in one plot, each with its look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import _
from kesos_research.report.figure._input import Name, known
from kesos_research.report.figure._plot import LOOKS, Look


@dataclass(frozen=True)
class Group:
    """The rows of one group, what it is called (nothing where it is the only one), and how it looks."""

    name: Name
    look: Look
    rows: pd.DataFrame


def groups(rows: pd.DataFrame, names: Mapping[str, Name] | None, by: str) -> list[Group]:
    """At most four groups, in the order of their names; a single one needs none."""
    if rows.empty:
        raise DataError(_("There are no rows to draw."), expected=_("at least one row"))
    several = names or dict.fromkeys(rows[by].astype(str), "")
    if len(set(rows[by])) > 1 or names:
        known(rows, by, names or {})
    keys = [k for k in several if k in set(rows[by].astype(str))]
    if len(keys) > len(LOOKS):
        raise DataError(
            _("{n} groups are to be drawn in one plot.", n=len(keys)), expected=_("one to {n}", n=len(LOOKS))
        )
    return [Group(several[k], look, rows[rows[by].astype(str) == k]) for k, look in zip(keys, LOOKS, strict=False)]
