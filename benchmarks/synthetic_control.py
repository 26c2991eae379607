"""Synthetic controls with a penalty: ours against pysyncon's `PenalizedSynth`, the same problems in one run.

`python benchmarks/synthetic_control.py` needs the dependency group `bench`. The ratio is what counts; seconds depend on
the machine. The problems are those of the PKST pilots (four years, some 460 donors, one treated district each) and of a
made country: 501 units that each take their turn as treated, 500 donors, 28 years before.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from pysyncon import PenalizedSynth

from kesos_research.methods import synthetic_control
from kesos_research.methods._placebo import Synthetics
from kesos_research.methods._simplex import minimise

DATA = Path(__file__).parents[1] / "data" / "kabupaten_kota.csv"
PILOTS = ["13.76", "32.72", "33.14", "64.03", "73.03"]
YEARS = [2009, 2010, 2011, 2012, 2014, 2015]
PENALTY = 0.1


def panel() -> pd.DataFrame:
    """Poverty rates, districts by years, complete rows."""
    frame = pd.read_csv(DATA, dtype={"wilayah": str})
    wide = frame.pivot(index="wilayah", columns="tahun", values="p0")[YEARS].dropna()
    wide.columns.name = None
    return wide


def theirs(before: pd.DataFrame, own: pd.Series) -> pd.Series:
    """Weights of pysyncon, which divides each year by its spread; `custom_V` undoes that: both solve the same."""
    spread = pd.concat([before, own], axis=1).std(axis=1).to_numpy()
    synth = PenalizedSynth()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        synth.fit(X0=before, X1=own, lambda_=PENALTY, custom_V=spread**2)
    return pd.Series(synth.W, index=before.columns)


def ours(before: pd.DataFrame, own: pd.Series) -> pd.Series:
    points = (before.T - own).to_numpy() / np.sqrt(len(own))
    return pd.Series(minimise(points, PENALTY * (points**2).sum(axis=1)).w, index=before.columns)


def loss(before: pd.DataFrame, own: pd.Series, w: pd.Series) -> float:
    return float(((own - before @ w) ** 2).mean() + PENALTY * (w * ((before.T - own) ** 2).mean(axis=1)).sum())


def seconds(solve: Callable[[pd.DataFrame, pd.Series], pd.Series], problems: list) -> tuple[float, list[float]]:
    start = time.perf_counter()
    weights = [solve(before, own) for before, own in problems]
    took = time.perf_counter() - start
    return took / len(problems), [loss(before, own, w) for (before, own), w in zip(problems, weights, strict=True)]


def country(units: int = 501, years: int = 32) -> np.ndarray:
    """Levels, three common courses with loadings, and noise that lingers: (units, years)."""
    rng = np.random.default_rng(20130501)
    courses = np.cumsum(rng.normal(size=(3, years)), axis=1)
    wandering = 0.25 * np.cumsum(rng.normal(size=(units, years)), axis=1)
    noise = wandering + 0.5 * rng.normal(size=(units, years))
    return rng.normal(15, 5, (units, 1)) + rng.normal(size=(units, 3)) @ courses + noise


def every_unit_in_turn() -> bool:
    """501 placebos at the default penalty and at none, against the peer on the first two."""
    rows, before = country(), np.arange(32) < 28
    frame = pd.DataFrame(rows[:, before])
    problems = [(frame.drop(index=i).T, frame.loc[i]) for i in range(2)]
    their_seconds, their_losses = seconds(theirs, problems)
    our_losses = [loss(b, own, ours(b, own)) for b, own in problems]
    worse = max((o - t) / max(1.0, t) for o, t in zip(our_losses, their_losses, strict=True))
    kept = worse <= 1e-8
    for penalty in (PENALTY, 0.0):
        synthetics = Synthetics(rows, before, np.zeros(len(rows), bool), penalty)
        start, processor = time.perf_counter(), time.process_time()
        gap = max(synthetics.fit(i).relative_gap for i in range(len(rows)))
        took, used = time.perf_counter() - start, time.process_time() - processor
        print(
            f"501 placebos, 500 donors, 28 years, penalty {penalty}: {took:.2f} s ({used:.2f} s of processor), ", end=""
        )
        print(f"largest duality gap {gap:.0e}")
        if penalty:
            ratio = their_seconds * len(rows) / took
            print(f"  pysyncon.PenalizedSynth {their_seconds:.1f} s for one: {ratio:.0f} times as long")
            print(f"  our loss minus theirs, relative, at most {worse:.1e}")
        kept &= used <= 5 and gap <= 1e-8
    return kept


def main() -> None:
    wide = panel()
    donors = wide.drop(index=PILOTS)
    years = YEARS[:4]
    problems = [(donors[years].T, wide.loc[pilot, years]) for pilot in PILOTS[:2]]
    our_seconds, our_losses = seconds(ours, problems)
    their_seconds, their_losses = seconds(theirs, problems)
    worse = max((o - t) / max(1.0, t) for o, t in zip(our_losses, their_losses, strict=True))
    print(f"one synthetic control of {len(donors)} donors: ours {our_seconds * 1e3:.2f} ms")
    print(f"  pysyncon.PenalizedSynth {their_seconds * 1e3:.0f} ms: {their_seconds / our_seconds:.0f} times as long")
    print(f"  our loss minus theirs, relative, at most {worse:.1e} (negative: ours fits better)")

    rows = wide.stack().rename("p0").rename_axis(["wilayah", "tahun"]).reset_index()
    rows["pilot"] = rows.wilayah.isin(PILOTS)
    start = time.perf_counter()
    answer = synthetic_control(
        rows, outcome="p0", unit="wilayah", period="tahun", treated="pilot", since=2014, seed=1, penalty=PENALTY
    )
    took = time.perf_counter() - start
    gap = answer.evidence["fit"].duality_gap.max()
    print(f"{len(PILOTS)} pilots, {len(donors)} placebos, 9,999 joint placebos: {took:.2f} s, duality gap {gap:.0e}")
    if not every_unit_in_turn() or took > 20 or worse > 1e-8 or gap > 1e-8:
        raise SystemExit("a promise is broken")


if __name__ == "__main__":
    main()
