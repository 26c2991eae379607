"""Independence in a sample by design: Rao and Scott's second-order correction of Pearson's χ²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _moments
from kesos_research.methods._checks import spoken
from kesos_research.methods._estimate import Answer, Moments, assess
from kesos_research.methods._linearize import covariance
from kesos_research.methods._sample import label_codes, read
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._found import Found, row

Array = NDArray[np.float64]


def rao_scott(
    data: pd.DataFrame, *, of: str, group: str, by: tuple[str, ...], design: SurveyDesign, level: float
) -> list[tuple[tuple[object, ...], Found]]:
    """The test in each domain of `by`; rows outside a domain count as its zeros."""
    sample = read(data, {"of": of, "group": group}, by=by, design=design)
    (first, rows), (second, columns) = (label_codes(sample.frame[c]) for c in (of, group))
    if min(len(rows), len(columns)) < 2:
        raise MethodError(
            _("One of {columns} has one category.", columns=f"{of}, {group}"), expected=_("at least two in each")
        )
    cell = first * len(columns) + second
    V = [(cell == k).astype(float) for k in range(len(rows) * len(columns))]
    answer = assess(sample, Moments([None, *V], _moments.means))
    names = (rows, columns)
    every = _covariances(answer)
    keys = list(sample.groups.itertuples(index=False, name=None)) if by else [()]
    return [
        (
            key,
            _tested(
                _Shares(answer.theta[:, d], every[d], float(answer.df[d]), float(sample.layout.rows[d])), names, level
            ),
        )
        for d, key in enumerate(keys)
        if sample.layout.rows[d] > 0
    ]


def corrected(p: Array, V: Array, n: float, shape: tuple[int, int]) -> tuple[float, Array]:
    """Pearson's X² of the estimated shares p: (rows·columns,) scaled to n, and the matrix Δ of design effects.

    With Δ = (C'D⁻¹C/n)⁻¹ (C'D⁻¹VD⁻¹C), D = diag(p) and C the interactions orthogonal to the margins, X² is distributed
    as Σ δ_i χ²_1 with δ_i the eigenvalues of Δ.
    """
    table = p.reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        X2 = n * float(np.where(expected > 0, (table - expected) ** 2 / expected, 0.0).sum())
        inverse = np.where(p > 0, 1 / p, 0.0)
    C = _interactions(shape)
    scaled = inverse[:, None] * C
    return X2, np.asarray(np.linalg.solve(C.T @ scaled / n, scaled.T @ V @ scaled), dtype=np.float64)


def _covariances(answer: Answer) -> Array:
    """Of the shares in each domain: (D, K, K)."""
    if answer.spread is not None:
        return np.einsum("rkd,rld->dkl", answer.spread, answer.spread)
    assert answer.linear is not None
    return covariance(answer.sample.layout, answer.linear)


def _interactions(shape: tuple[int, int]) -> Array:
    """Columns of interaction, orthogonal to intercept and both margins: (rows·columns, (rows − 1)(columns − 1))."""
    r, c = shape
    i, j = np.divmod(np.arange(r * c), c)
    rows, columns = np.eye(r)[i][:, 1:], np.eye(c)[j][:, 1:]
    margins = np.column_stack([np.ones(r * c), rows, columns])
    both = (rows[:, :, None] * columns[:, None, :]).reshape(r * c, -1)
    fitted, *_rest = np.linalg.lstsq(margins, both, rcond=None)
    return both - margins @ fitted


@dataclass(frozen=True)
class _Shares:
    """p: (K,) shares of the population in each cell, V: (K, K) their covariances, degrees of freedom, rows."""

    p: Array
    V: Array
    df: float
    n: float


def _tested(found: _Shares, names: tuple[pd.Index, pd.Index], level: float) -> Found:
    from scipy import stats

    p, V, df, n = found.p, found.V, found.df, found.n
    shape = (len(names[0]), len(names[1]))
    full = p.reshape(shape)
    if (full.sum(axis=0) == 0).any() or (full.sum(axis=1) == 0).any():
        raise MethodError(_("A category is empty in one of the groups."), expected=_("each category in each group"))
    X2, delta = corrected(p, V, n, shape)
    trace = float(np.trace(delta))
    d0 = trace**2 / float(np.trace(delta @ delta))
    F = X2 / trace
    p_value = float(stats.f.sf(F, d0, d0 * df)) if df >= 1 else float("nan")
    k, cells_ = min(shape) - 1, (shape[0] - 1) * (shape[1] - 1)
    # F·d0 is about χ² of d0 degrees of freedom; its interval goes to the scale of X² by the mean design effect
    low, high = _effects.noncentral_chi2(F * d0, d0, level)
    effect = trace / cells_
    v = float(np.sqrt(X2 / (n * k)))
    bounds = tuple(float(min(1.0, np.sqrt(x * effect / (n * k)))) for x in (low, high))
    rows = [row("cramers_v", v, (bounds[0], bounds[1]), p=p_value, df=d0, n=n)]
    if shape == (2, 2):
        rows.append(_odds(found, level))
    return Found(
        rows,
        "rao_scott_f",
        F,
        p_value,
        d0,
        d0 * df,
        frames={"cells": _shares(full, names)},
        checks=(
            Check(
                "design_effect",
                "info",
                "χ² is corrected for the design (Rao and Scott, second order): the mean design effect of the table is "
                "{deff}.",
                {"deff": spoken(effect, 2)},
            ),
        ),
    )


def _odds(found: _Shares, level: float) -> dict[str, object]:
    """The odds ratio of the population, its interval by the delta method on the log scale."""
    p, V, df, n = found.p, found.V, found.df, found.n
    if (p <= 0).any():
        return row("odds_ratio", float("nan"), n=n)
    from scipy import special

    sign = np.array([1.0, -1.0, -1.0, 1.0])
    log = float(sign @ np.log(p))
    gradient = sign / p
    reach = float(special.stdtrit(max(df, 1.0), (1 + level) / 2)) * float(np.sqrt(gradient @ V @ gradient))
    return row("odds_ratio", float(np.exp(log)), (float(np.exp(log - reach)), float(np.exp(log + reach))), n=n)


def _shares(full: Array, names: tuple[pd.Index, pd.Index]) -> pd.DataFrame:
    """Estimated shares of the population in each cell, and those that independence would give."""
    expected = np.outer(full.sum(axis=1), full.sum(axis=0))
    return pd.DataFrame(
        {
            "of": np.repeat(names[0].astype(str), full.shape[1]),
            "group": np.tile(names[1].astype(str), full.shape[0]),
            "observed": full.ravel(),
            "expected": expected.ravel(),
        }
    )
