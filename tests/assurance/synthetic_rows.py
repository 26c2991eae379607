"""Synthetic rows of random codebooks, a survey of national size, and its intervals."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from invented_books import text as invented
from scipy import stats

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.spread import Spread
from kesos_research.data.synthesize import synthesize
from kesos_research.data.synthesize_survey import susenas_like, write_survey

BOOKS = 600
SURVEYS = 40


def run() -> dict[str, object]:
    """Codebooks, distributions, intervals, size."""
    return {**_books(), **_survey(), **_national()}


def _books() -> dict[str, object]:
    """Rows of random codebooks: `synthesize` raises where they break a promise; distributions where nothing binds."""
    rows, pvalues = 0, []
    for seed in range(BOOKS):
        codebook = parse_codebook(invented(seed), f"buku {seed}")
        n = int(np.random.default_rng(seed).integers(1, 600))
        made = synthesize(codebook, n, seed=seed)
        if seed % 10 == 0:
            assert made.csv() == synthesize(codebook, n, seed=seed).csv(), seed
        rows += n
        if seed % 4 == 0:
            unbound = replace(codebook, promises=(), order=())
            pvalues += _distributions(synthesize(unbound, 500, seed=seed).rows, codebook)
    uniform = stats.kstest(pvalues, "uniform").pvalue
    assert uniform > 0.001, uniform
    print(f"synthetic rows: {BOOKS} codebooks, {rows} rows, {len(pvalues)} distributions, p of their p {uniform:.3f}")
    return {
        "random codebooks whose rows pass their own check": BOOKS,
        "rows": rows,
        "distributions compared with the declared ones; p of the uniformity of their p values": (
            f"{len(pvalues)}; {uniform:.3f}"
        ),
    }


def _distributions(rows: pd.DataFrame, codebook) -> list[float]:
    found = []
    for column in codebook.columns.values():
        if column.kind == "angka" and column.distribution and column.distribution.shape != "poisson":
            values = rows[column.name].dropna()
            if len(values) > 100:
                found.append(float(stats.kstest(values, Spread(column).share).pvalue))
    return found


def _survey() -> dict[str, object]:
    """How often the intervals of districts hold the truth, over many surveys."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for seed in range(SURVEYS):
        survey = susenas_like(seed=seed, n_households=20_000, n_districts=20)
        people, truth = survey.persons, survey.truth.districts.set_index("kab")
        poor = (people["pengeluaran_kapita"] < people["garis_kemiskinan"]).to_numpy(dtype=float)
        values = {"p0": poor, "mean": people["pengeluaran_kapita"].to_numpy(),
                  "disability": people["disabilitas"].to_numpy(dtype=float)}  # fmt: skip
        for name, value in values.items():
            for kab, places in people.groupby("kab", observed=True).indices.items():
                mean, error, df = _mean(people.iloc[places], value[places])
                hits[name].append(abs(mean - truth.loc[kab, name]) <= stats.t.ppf(0.975, df) * error)
    told = {}
    for name, each in hits.items():
        share, n = float(np.mean(each)), len(each)
        assert 0.90 < share < 0.985, (name, share)
        told[f"95 % intervals of {name} by district that hold the truth ({n})"] = f"{100 * share:.1f} %"
    print("synthetic survey:", told)
    return told


def _mean(rows: pd.DataFrame, value: np.ndarray) -> tuple[float, float, int]:
    weight = rows["penimbang"].to_numpy()
    mean = weight @ value / weight.sum()
    scores = pd.DataFrame({"h": rows["strata"], "i": rows["psu"], "s": weight * (value - mean) / weight.sum()})
    blocks = scores.groupby(["h", "i"])["s"].sum()
    within = blocks.groupby("h")
    n = within.transform("size")
    variance = (n / (n - 1) * (blocks - within.transform("mean")) ** 2).sum()
    return float(mean), float(np.sqrt(variance)), len(blocks) - within.ngroups


def _national() -> dict[str, object]:
    """A survey of Susenas' size in memory, and ten million persons to a file."""
    began = time.monotonic()
    survey = susenas_like(seed=1)
    seconds = time.monotonic() - began
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "susenas_sintetis.parquet"
        began = time.monotonic()
        write_survey(path, level="person", seed=1, n_households=2_800_000)
        rows, written = pq.ParquetFile(path).metadata.num_rows, time.monotonic() - began
    print(f"national: {len(survey.persons)} persons in {seconds:.1f} s; {rows} written in {written:.1f} s")
    return {
        "persons and households of one survey, seconds": (
            f"{len(survey.persons):,} and {len(survey.households):,}, {seconds:.1f} s"
        ),
        "persons written to Parquet, a district at a time, seconds": f"{rows:,}, {written:.0f} s",
    }


if __name__ == "__main__":
    run()
