"""A table of estimates with its fixed columns, its checks, and the evidence behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError
from kesos_research.estimates.check import Check
from kesos_research.language import _

COLUMNS = ("term", "estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n")


@dataclass(frozen=True)
class Estimates:
    """What every method returns.

    Attributes
    ----------
    table
        The by-columns, then `COLUMNS`; a value the method does not give is NaN.
    method
        Short machine name of the method, e.g. ``"diff_in_diff"``.
    estimand
        What the number is an estimate of: a catalogue text.
    level
        Confidence level of the intervals.
    by
        Names of the by-columns.
    checks
        Assumptions looked at; printed beside the number, never switched off.
    evidence
        Tidy frames behind the numbers (weights, gaps, randomisation draws), by name.
    """

    table: pd.DataFrame
    method: str
    estimand: str
    level: float = 0.95
    by: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    evidence: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = [*self.by, *COLUMNS]
        table = self.table.copy()
        for column in COLUMNS:
            if column not in table:
                table[column] = np.nan
        extra = [c for c in table.columns if c not in wanted]
        if extra:
            raise TypeError(f"columns {extra} are not columns of Estimates; put them in `evidence`")
        object.__setattr__(self, "table", table[wanted].reset_index(drop=True))
        object.__setattr__(self, "evidence", MappingProxyType(dict(self.evidence)))

    def row(self, **where: object) -> pd.Series:
        """The one row where each named column has the given value."""
        keep = np.ones(len(self.table), bool)
        for column, value in where.items():
            keep &= (self.table[column] == value).to_numpy()
        if keep.sum() != 1:
            raise MethodError(
                _("{n} rows match {where}.", n=int(keep.sum()), where=where),
                expected=_("exactly one row"),
            )
        return self.table.loc[keep].iloc[0]


def combine(parts: Mapping[str, Estimates], *, name: str) -> Estimates:
    """Stack the estimates of several runs of one method; the key of each goes into a new by-column `name`."""
    _same(parts.values())
    first = next(iter(parts.values()))
    return Estimates(
        table=_stack({k: p.table for k, p in parts.items()}, name),
        method=first.method,
        estimand=first.estimand,
        level=first.level,
        by=(name, *first.by),
        checks=tuple(c for p in parts.values() for c in p.checks),
        evidence={
            e: _stack({k: p.evidence[e] for k, p in parts.items() if e in p.evidence}, name)
            for e in dict.fromkeys(e for p in parts.values() for e in p.evidence)
        },
    )


def _stack(frames: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    labelled = [f.assign(**{name: key})[[name, *f.columns]] for key, f in frames.items()]
    return pd.concat(labelled, ignore_index=True)


def _same(parts: Sequence[Estimates] | object) -> None:
    methods = {p.method for p in parts}  # type: ignore[union-attr]
    if len(methods) != 1:
        raise MethodError(_("Estimates of {n} methods cannot be stacked.", n=len(methods)), expected=_("one method"))
