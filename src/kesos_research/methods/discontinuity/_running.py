"""Rows about a cut-off: the score that decides, the side that is treated, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods._people import independent
from kesos_research.methods._sample import label_codes, names
from kesos_research.methods._settings import choice

Array = NDArray[np.float64]

STEPS = 10
"""With fewer different scores on a side there is nothing to fit a curve to."""
HEAPED = 0.5
"""Warned when fewer than this share of scores differ."""


@dataclass(frozen=True)
class Running:
    """u: (n,) score less cut-off, nought and more is treated; y: (n,) outcome or nothing; d: (n,) take-up or nothing.

    X: (n, p) covariates; rows are in the order of their data.
    """

    u: Array
    y: Array
    d: Array | None
    X: Array
    terms: tuple[str, ...]
    sign: float
    cutoff: float

    @property
    def treated(self) -> NDArray[np.bool_]:
        return self.u >= 0

    def score(self, u: Array | float) -> Array | float:
        """Back to the units of the running variable."""
        return self.sign * u + self.cutoff


def read(
    data: pd.DataFrame,
    *,
    running: str,
    cutoff: float,
    side: str,
    outcome: str | None = None,
    takeup: str | None = None,
    covariates: str | Sequence[str] = (),
) -> Running:
    """Rows on both sides of the cut-off."""
    columns = names(covariates)
    roles = {"running": running, **{f"covariates {i}": c for i, c in enumerate(columns, 1)}}
    roles |= {role: c for role, c in (("outcome", outcome), ("takeup", takeup)) if c is not None}
    _rows.columns(data, roles)
    choice(side, "side", ("above", "below"))
    for column in (running, *([outcome] if outcome is not None else [])):
        if not (column == outcome and pd.api.types.is_bool_dtype(data[column])):
            _rows.numeric(data, column)
    cutoff = _rows.finite(cutoff, "cutoff")
    sign = 1.0 if side == "above" else -1.0
    u = sign * (data[running].to_numpy(dtype=float) - cutoff)
    _both_sides(u, running, cutoff)
    y = data[outcome].to_numpy(dtype=float) if outcome is not None else np.zeros(len(u))
    if outcome is not None and np.ptp(y) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere.", column=outcome),
            expected=_("an outcome that varies"),
            where=Where(column=outcome),
        )
    d = _taken(data, takeup)
    X, terms = _matrix(data, columns)
    order = np.lexsort([*X.T, y, u])
    return Running(u[order], y[order], None if d is None else d[order], X[order], terms, sign, cutoff)


def continuous(r: Running, running: str) -> None:
    """The score takes enough values to fit a curve on each side."""
    steps = min(len(np.unique(r.u[r.treated])), len(np.unique(r.u[~r.treated])))
    if steps < STEPS:
        raise MethodError(
            _("The running variable {column} takes {n} values on one side of the cut-off.", column=running, n=steps),
            expected=_("a score with {n} values or more on each side", n=STEPS),
            remedy=_("a tenth or a grade is no score: bring the score it was cut from, or use local_randomization"),
            where=Where(column=running),
        )


def mass_points(r: Running) -> Check:
    """Do many units share their score?"""
    different = len(np.unique(r.u)) / len(r.u)
    told = {"share": percent(different), "n": len(r.u), "values": len(np.unique(r.u))}
    if different < HEAPED:
        return Check(
            "mass_points",
            "warn",
            "{n} units have {values} different scores: they lie in heaps, and the curves between heaps are a guess; "
            "hold the answer against local_randomization.",
            told,
        )
    return Check("mass_points", "pass", "{n} units have {values} different scores.", told)


def _both_sides(u: Array, running: str, cutoff: float) -> None:
    if not (u >= 0).any() or not (u < 0).any():
        raise MethodError(
            _("All scores lie on one side of {cutoff}.", cutoff=cutoff),
            expected=_("units on both sides of the cut-off"),
            where=Where(column=running),
        )


def _taken(data: pd.DataFrame, takeup: str | None) -> Array | None:
    if takeup is None:
        return None
    if not pd.api.types.is_bool_dtype(data[takeup]):
        _rows.numeric(data, takeup)
    d = data[takeup].to_numpy(dtype=float)
    if np.ptp(d) == 0:
        raise MethodError(
            _("The take-up {column} is the same everywhere.", column=takeup),
            expected=_("units that took the programme up, and others that did not"),
            where=Where(column=takeup),
        )
    return d


def _matrix(data: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Array, tuple[str, ...]]:
    blocks: list[Array] = [np.zeros((len(data), 0))]
    terms: list[str] = []
    for column in columns:
        values = data[column]
        if pd.api.types.is_numeric_dtype(values):
            if not pd.api.types.is_bool_dtype(values):
                _rows.numeric(data, column)
            blocks.append(values.to_numpy(dtype=float)[:, None])
            terms.append(column)
            continue
        codes, labels = label_codes(values)
        for k in np.unique(codes)[1:]:
            blocks.append((codes == k).astype(float)[:, None])
            terms.append(f"{column}={labels[k]}")
    X = np.column_stack(blocks)
    if X.shape[1]:
        independent(X, terms, np.ones(len(X)))
    return X, tuple(terms)
