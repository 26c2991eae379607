"""Samples drawn from made populations, and how often intervals cover what they are estimates of.

Every function is fixed by its arguments; seeds were set before the first look.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.methods import fgt, gini, mean

SHAPES = ("normal", "lognormal", "share")
SIZE = 8
"""Rows of each sampled unit."""


def population_mean(shape: str) -> float:
    return {"normal": 0.0, "lognormal": float(np.exp(0.5)), "share": 0.3}[shape]


def _draw(rng: np.random.Generator, shape: str, size: tuple[int, ...]) -> np.ndarray:
    """Independent values of mean `population_mean`."""
    z = rng.normal(size=size)
    if shape == "lognormal":
        return np.exp(z)
    return (z < stats.norm.ppf(0.3)).astype(float) if shape == "share" else z


def means(strata: int, units: int, shape: str, *, reps: int, seed: int = 19650101) -> dict[str, float]:
    """Shares of samples in which the interval of a mean holds the truth: Student's `t`, the normal's `z`.

    Units are drawn with replacement from an endless population; unit means vary as the shape says. Many samples are
    domains of one: they are as good as apart when each has strata of its own.
    """
    rng = np.random.default_rng([seed, strata, units, SHAPES.index(shape)])
    n = reps * strata * units
    rows = pd.DataFrame(
        {
            "sample": np.repeat(np.arange(reps), strata * units),
            "strata": np.repeat(np.arange(reps * strata), units),
            "psu": np.arange(n),
            "y": _draw(rng, shape, (n,)),
            "w": 1.0,
        }
    )
    table = mean(rows, of="y", by="sample", design=SurveyDesign(weight="w", strata="strata", cluster="psu")).table
    off = (table.estimate - population_mean(shape)).abs()
    z = stats.norm.ppf(0.975)
    return {
        "t": float(((table.conf_low <= population_mean(shape)) & (population_mean(shape) <= table.conf_high)).mean()),
        "z": float((off <= z * table.std_error).mean()),
    }


def clustered(*, reps: int, naive: bool, seed: int = 19650102) -> float:
    """The same for rows alike in their units (ρ = .3), with the design or as if each row had been drawn alone."""
    rng = np.random.default_rng([seed])
    strata, units = 5, 6
    n = reps * strata * units
    y = np.sqrt(0.3) * rng.normal(size=(n, 1)) + np.sqrt(0.7) * rng.normal(size=(n, SIZE))
    rows = pd.DataFrame(
        {
            "sample": np.repeat(np.arange(reps), strata * units * SIZE),
            "strata": np.repeat(np.arange(reps * strata), units * SIZE),
            "psu": np.repeat(np.arange(n), SIZE),
            "y": y.ravel(),
            "w": 1.0,
        }
    )
    design = SurveyDesign(weight="w", strata="strata") if naive else SurveyDesign("w", "strata", "psu")
    table = mean(rows, of="y", by="sample", design=design).table
    return float(((table.conf_low <= 0) & (table.conf_high >= 0)).mean())


def finite(measure: str, *, reps: int, seed: int = 19650103) -> float:
    """Coverage of a measure of a finite population of households, whose clusters are drawn in two strata."""
    rng = np.random.default_rng([seed, len(measure)])
    sizes = [(400, 40), (200, 30)]  # clusters in the population and in the sample, by stratum
    clusters = [
        np.exp(rng.normal(2 + 0.4 * h, 0.4, (N, 1)) + rng.normal(0, 0.5, (N, SIZE))) for h, (N, _) in enumerate(sizes)
    ]
    every = pd.DataFrame({"y": np.concatenate([c.ravel() for c in clusters])})
    truth = _measure(measure, every, SurveyDesign()).estimate[0]
    hits = 0
    for _ in range(reps):
        parts = []
        for h, (N, n) in enumerate(sizes):
            chosen = rng.choice(N, n, replace=False)
            y = clusters[h][chosen].ravel()
            parts.append(
                pd.DataFrame({"y": y, "strata": h, "psu": np.repeat(chosen, SIZE) + 1000 * h, "N": N, "w": N / n})
            )
        row = _measure(measure, pd.concat(parts), SurveyDesign("w", "strata", "psu", "N")).iloc[0]
        hits += row.conf_low <= truth <= row.conf_high
    return hits / reps


def _measure(measure: str, rows: pd.DataFrame, design: SurveyDesign) -> pd.DataFrame:
    if measure == "gini":
        return gini(rows, of="y", design=design).table
    return fgt(rows, of="y", line=6.0, order=int(measure[1]), design=design).table
