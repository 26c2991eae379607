"""Families drawn from the law of the study `prokus`, and how often its intervals hold what is true of that law.

Every function is fixed by its arguments; seeds were set before the first look. The estimators and their settings are
those of `notebooks/dampak_program.ipynb`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from kesos_research import methods
from kesos_research.data.programme_law import COVARIATES, FUNDS
from kesos_research.data.synthesize_programme import LASTING, prokus_like

OUTCOMES = {"penghasilan": "penghasilan_akhir", "aset": "aset_akhir", "swadaya": "swadaya_akhir"}
TRUTH = Path(__file__).parents[1] / "data" / "synthetic" / "kebenaran_prokus_sintetis.csv"
FIRST_SEED = 20210500
"""The study's own sample has another."""


def truth() -> pd.Series:
    """What is true, by population and term: the file that stands beside the study's data."""
    return pd.read_csv(TRUTH).set_index(["kelompok", "term"])["estimate"]


def families(seed: int, villages: int = 200) -> dict[str, pd.DataFrame]:
    """A sample as the notebook sees it, by population."""
    rows = prokus_like(seed=seed, villages=villages).families
    flags = ["ditawari", "menerima", "terwawancara"]
    rows = rows.assign(**{c: rows[c] == "1" for c in flags})
    rows = rows.assign(**{c: (rows[c] == "1").astype(int) for c in ("kepala_perempuan", "pernah_latihan")})
    back = rows["kembali"].eq(1).fillna(False) & rows["bulan"].le(LASTING).fillna(False)
    costs = rows[[c for c in rows if c.startswith("biaya_")]].sum(axis=1)
    rows = rows.assign(bertahan=1.0 - back.astype(float), biaya=costs)
    numbers = [*OUTCOMES.values(), "bulan", "kembali"]
    rows = rows.astype(dict.fromkeys(numbers, float))
    return {str(name): own.reset_index(drop=True) for name, own in rows.groupby("kelompok", sort=False)}


Answer = tuple[str, str, float, float, float]
"""Population, term, estimate and interval."""


def answers(seed: int, villages: int = 200) -> Iterator[Answer]:
    """Each estimand of the study."""
    for name, everybody in families(seed, villages).items():
        reached = everybody[everybody["terwawancara"]]
        yield from headlines(name, everybody)
        for outcome, column in OUTCOMES.items():
            yield name, f"takers.{outcome}", *_taken(reached, column)
        counted, rows = ("swadaya_akhir", reached) if name == "rintisan" else ("bertahan", everybody)
        for fund in FUNDS:
            yield name, f"cost_per.{fund}", *_cost(rows[rows["dana"] == fund], counted)


def headlines(name: str, everybody: pd.DataFrame) -> Iterator[Answer]:
    """What the offer changes, and how soon families come back where they had left."""
    reached = everybody[everybody["terwawancara"]]
    for outcome, column in OUTCOMES.items():
        yield name, f"itt.{outcome}", *_effect(reached, column)
    if name != "rintisan":
        yield name, "itt.bertahan", *_effect(everybody, "bertahan")
        yield name, "hazard_ratio", *_ratio(everybody)


def _effect(rows: pd.DataFrame, outcome: str) -> tuple[float, float, float]:
    found = methods.doubly_robust(
        rows, outcome=outcome, treated="ditawari", covariates=list(COVARIATES), cluster="desa"
    )
    return _numbers(found.row(term="treated"))


def _taken(rows: pd.DataFrame, outcome: str) -> tuple[float, float, float]:
    found = methods.late(
        rows, outcome=outcome, treated="ditawari", takeup="menerima", covariates=list(COVARIATES), cluster="desa"
    )
    return _numbers(found.row(term="treated"))


def _ratio(rows: pd.DataFrame) -> tuple[float, float, float]:
    covariates = ["ditawari", *COVARIATES]
    found = methods.cox(rows, time="bulan", event="kembali", covariates=covariates, cluster="desa")
    estimate, low, high = np.exp(_numbers(found.row(term="ditawari")))
    return float(estimate), float(low), float(high)


def _cost(rows: pd.DataFrame, outcome: str) -> tuple[float, float, float]:
    """Fieller's interval; its end lacks where the effect cannot be told from zero."""
    found = methods.cost_effectiveness(
        rows,
        cost="biaya",
        outcome=outcome,
        treated="ditawari",
        covariates=list(COVARIATES),
        cluster="desa",
        seed=1,
        draws=100,
    )
    return _numbers(found.row(term="cost_per_outcome"))


def _numbers(row: pd.Series) -> tuple[float, float, float]:
    return float(row["estimate"]), float(row["conf_low"]), float(row["conf_high"])


def inside(low: float, high: float, true: float) -> bool:
    """An end that lacks holds nothing back."""
    return not (low > true or high < true)


def covered(seeds: int, *, first: int = FIRST_SEED, villages: int = 200) -> pd.DataFrame:
    """Of so many samples, the share whose interval holds the truth, by population and term.

    Columns ``kelompok, term, true, mean, covered``: the truth, the mean estimate, and the share.
    """
    true = truth()
    found = pd.DataFrame(
        [(*a, true[a[0], a[1]]) for seed in range(first, first + seeds) for a in answers(seed, villages)],
        columns=["kelompok", "term", "estimate", "low", "high", "true"],
    )
    found["covered"] = [inside(*ends) for ends in found[["low", "high", "true"]].itertuples(index=False)]
    by = found.groupby(["kelompok", "term"], sort=False)
    return by.agg(true=("true", "first"), mean=("estimate", "mean"), covered=("covered", "mean")).reset_index()


if __name__ == "__main__":
    import sys

    print(covered(int(sys.argv[1])).to_string())  # noqa: T201
