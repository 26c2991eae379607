"""How values lie: what tests of means and variances look at before they speak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kesos_research.estimates import Check
from kesos_research.methods._checks import probability, spoken

Array = NDArray[np.float64]


def summary(name: str, x: Array) -> dict[str, object]:
    return {"group": name, "mean": float(x.mean()), "sd": float(x.std(ddof=1)), "n": len(x)}


def few(n: int) -> Check:
    if n < 15:
        return Check(
            "few_units",
            "warn",
            "The smallest group has {n} units: t rests on normal values there; hold the answer against the test of "
            "ranks.",
            {"n": n},
        )
    return Check("few_units", "pass", "The smallest group has {n} units.", {"n": n})


def normal(x: Array) -> Check:
    from scipy import stats

    x = np.sort(x)
    if len(x) < 3 or np.ptp(x) == 0:
        return Check("normal_values", "info", "There are too few values to look at their distribution.")
    W, p = stats.shapiro(x[:: len(x) // 5000 + 1])
    evidence = {"W": spoken(float(W), 3), "p": probability(float(p)), "n": len(x)}
    if p <= 0.05:
        return Check(
            "normal_values",
            "warn" if len(x) < 60 else "info",
            "The values are not those of a normal distribution (Shapiro–Wilk W = {W}, p = {p}); with {n} of them the "
            "mean matters more than the shape, with few it does not.",
            evidence,
        )
    return Check("normal_values", "pass", "The values could be normal (Shapiro–Wilk W = {W}, p = {p}).", evidence)


def independent() -> Check:
    return Check(
        "independent_rows",
        "info",
        "Every row counts as one independent unit. Rows of a survey with weights or clusters need its design.",
    )
