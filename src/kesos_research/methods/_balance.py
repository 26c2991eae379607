"""How alike two arms are in each covariate, before and after weighting."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.estimates import Check
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods._people import People

Array = NDArray[np.float64]

ALIKE = 0.1
"""Standardised differences up to this are called balanced (Stuart, Lee and Leacy 2013)."""


def table(people: People, weights: Array | None = None, *, spread: str = "treated") -> pd.DataFrame:
    """The frame `balance`; weights: (n,) of the method times those of the design, none for the rows as they are.

    `spread`: the standard deviation that differences are measured in, of the ``"treated"`` or of both (``"pooled"``);
    it is that before weighting. Ratios of variances are of columns of numbers.
    """
    A, w = people.A, people.w
    rows = []
    for label, source, x in zip(people.labels, people.sources, people.Z.T, strict=True):
        counted = bool(np.isin(x, (0.0, 1.0)).all())
        before = [_moments(x[a], w[a], counted) for a in (A, ~A)]
        after = before if weights is None else [_moments(x[a], weights[a], counted) for a in (A, ~A)]
        scale = np.sqrt(before[0][1] if spread == "treated" else (before[0][1] + before[1][1]) / 2)
        rows.append(
            {
                "covariate": label if label != source else source,
                "mean_treated": after[0][0],
                "mean_comparison": after[1][0],
                "smd_before": _divided(before[0][0] - before[1][0], scale),
                "smd_after": np.nan if weights is None else _divided(after[0][0] - after[1][0], scale),
                "ratio_before": np.nan if counted else _divided(before[0][1], before[1][1]),
                "ratio_after": np.nan if counted or weights is None else _divided(after[0][1], after[1][1]),
                "n": people.n,
            }
        )
    return pd.DataFrame(rows)


def check(balance: pd.DataFrame, column: str) -> Check:
    """Are all standardised differences small?"""
    size = balance[column].abs()
    worst = int(np.argmax(size.fillna(0.0).to_numpy()))
    evidence = {
        "limit": spoken(ALIKE, 1),
        "n": len(balance),
        "worst": spoken(float(balance[column].iloc[worst]), 3),
        "covariate": str(balance["covariate"].iloc[worst]),
    }
    beyond = balance["covariate"][size.isna() | (size > ALIKE)].tolist()
    if not beyond:
        return Check(
            "balance",
            "pass",
            "All {n} standardised differences are at most {limit}; the largest is {worst} ({covariate}).",
            evidence,
        )
    return Check(
        "balance",
        "warn",
        "{k} of {n} standardised differences are larger than {limit} ({names}); the largest is {worst} ({covariate}).",
        {**evidence, "k": len(beyond), "names": listed(beyond)},
    )


def _moments(x: Array, w: Array, counted: bool) -> tuple[float, float]:
    """Weighted mean and variance; of a share p(1 − p)."""
    total = w.sum()
    if total <= 0:
        return np.nan, np.nan
    mean = float(w @ x / total)
    if counted:
        return mean, mean * (1 - mean)
    left = total - (w**2).sum() / total
    return mean, float(w @ (x - mean) ** 2 / left) if left > 0 else np.nan


def _divided(a: float, b: float) -> float:
    """Nought where there is no difference and no spread."""
    if b > 0:
        return float(a / b)
    return 0.0 if a == 0 else np.nan
