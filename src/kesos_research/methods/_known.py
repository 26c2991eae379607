"""The adjustments a design remembers, on the rows: columns, totals, new weights, and what the variance leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import Adjustment, SurveyDesign
from kesos_research.design.adjustment import Margin
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods._calibrate import Known, Residuals, residuals, reweight
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods._replicate import Replicates

Array = NDArray[np.float64]

_MET = 1e-7
"""Totals that are missed by more than this, relative to their size, are not met."""


def columns(design: SurveyDesign) -> tuple[str, ...]:
    """Columns that the adjustments name."""
    return tuple(dict.fromkeys(c for a in design.adjustments for c in a.columns))


def adjust(
    frame: pd.DataFrame, w: Array, design: SurveyDesign, replicates: Replicates | None
) -> tuple[Array, tuple[Residuals, ...], tuple[Check, ...], Replicates | None]:
    """Weights after all adjustments; residuals, the last adjustment first; checks; replicates adjusted alike."""
    left: list[Residuals] = []
    ratios = w
    for adjustment in design.adjustments:
        known = _columns(frame, adjustment)
        left.insert(0, residuals(w, known))
        w = _met(w, known, adjustment)
        if replicates is not None:
            W = np.stack([_met(r, known, adjustment) for r in replicates.W])
            replicates = replace(replicates, W=W)
    ratios = w / ratios
    negative = int((w <= 0).sum())
    evidence = {"low": spoken(ratios.min(), 2), "high": spoken(ratios.max(), 2), "n": negative}
    check = Check(
        "adjusted_weights",
        "warn" if negative or ratios.max() > 5 or ratios.min() < 0.2 else "info",
        "The weights meet the known totals; they are {low} to {high} times the old ones, {n} of them not positive.",
        evidence,
    )
    return w, tuple(left), (check,), replicates


def _met(w: Array, known: Known, adjustment: Adjustment) -> Array:
    new, missed = reweight(w, known)
    if not missed < _MET or not np.isfinite(new).all():
        raise MethodError(
            _("The weights cannot meet the known totals of {names}.", names=", ".join(adjustment.columns)),
            expected=_("totals that the sampled rows can be weighted to"),
            remedy=_("look at the totals, widen the bounds, or use fewer columns"),
            where=Where(key="adjustments"),
        )
    return new


def _columns(frame: pd.DataFrame, adjustment: Adjustment) -> Known:
    blocks = [_block(frame, margin) for margin in adjustment.margins]
    if adjustment.size is not None:
        blocks.append((np.ones((1, len(frame))), np.array([adjustment.size])))
    X, totals = np.concatenate([b[0] for b in blocks]), np.concatenate([b[1] for b in blocks])
    ends = np.cumsum([len(b[1]) for b in blocks])
    margins = tuple(slice(end - len(b[1]), end) for end, b in zip(ends, blocks, strict=True))
    q = np.ones(len(frame))
    kind = adjustment.distance if adjustment.kind == "calibrate" else adjustment.kind
    if kind == "ratio":
        if (X[0] <= 0).any():
            raise MethodError(
                _("The column {column} holds {n} values of nought or less.", column=adjustment.columns[0],
                  n=int((X[0] <= 0).sum())),
                expected=_("amounts larger than 0"),
                where=Where(column=adjustment.columns[0]),
            )  # fmt: skip
        q = 1 / X[0]
    return Known(X, totals, margins, kind, q, adjustment.bounds or (-np.inf, np.inf))


def _block(frame: pd.DataFrame, margin: Margin) -> tuple[Array, Array]:
    """Columns and totals of one margin."""
    name = ", ".join(margin.columns)
    if margin.counts is None:
        values = frame[margin.columns[0]]
        if not pd.api.types.is_numeric_dtype(values):
            raise MethodError(
                _("The column {column} holds {type}.", column=name, type=str(values.dtype)),
                expected=_("numbers, or a count for each category"),
                where=Where(column=name),
            )
        return values.to_numpy(dtype=float)[None, :], np.array([margin.total], float)
    keys = list(margin.counts)
    several = len(margin.columns) > 1
    index = pd.Index(frame[list(margin.columns)].itertuples(index=False, name=None) if several else frame[name])
    place = pd.Index(keys).get_indexer(index)
    if (place < 0).any():
        raise MethodError(
            _("{column} holds values without a known count: {names}.", column=name,
              names=listed(sorted({str(v) for v in index[place < 0]}))),
            expected=_("a count for each of them"),
            where=Where(column=name),
        )  # fmt: skip
    unused = [str(k) for i, k in enumerate(keys) if not (place == i).any()]
    if unused:
        raise MethodError(
            _("No row of {column} is {names}, of which the population has some.", column=name, names=listed(unused)),
            expected=_("rows in every category that is counted"),
            remedy=_("join categories"),
            where=Where(column=name),
        )
    return (place == np.arange(len(keys))[:, None]).astype(float), np.array(list(margin.counts.values()))
