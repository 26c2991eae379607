"""Poverty and inequality of 514 districts with standard errors: ours against svy's means, the same rows in one run.

`python benchmarks/survey_domains.py` needs the dependency group `bench` for the peer; without it only ours is timed.
Rows have Susenas' shape: 345,000 households in 34,500 sampled blocks and 1,028 strata, once as households, once as 1.2
million persons. `--rows 100000000` writes that many rows to Parquet in a temporary folder and reads them once more.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.methods import coded, fgt, gini, mean

DESIGN = SurveyDesign(weight="w", strata="strata", cluster="psu")
HOUSEHOLDS, UNITS, STRATA, LINE = 345_000, 34_500, 1028, 600_000.0


def households(seed: int = 1) -> pd.DataFrame:
    """One row a household; `size` persons live in it."""
    rng = np.random.default_rng(seed)
    stratum = np.sort(np.append(np.repeat(np.arange(STRATA), 2), rng.integers(0, STRATA, UNITS - 2 * STRATA)))
    psu = np.repeat(np.arange(UNITS), HOUSEHOLDS // UNITS)
    level = rng.normal(13.8, 0.3, UNITS)
    return pd.DataFrame(
        {
            "kab": stratum[psu] // 2,
            "strata": stratum[psu],
            "psu": psu,
            "w": rng.uniform(100, 400, UNITS)[psu],
            "size": rng.integers(1, 7, HOUSEHOLDS),
            "y": np.round(np.exp(level[psu] + rng.normal(0, 0.5, HOUSEHOLDS))),
        }
    )


def best(answer: Callable[[], object], times: int = 15) -> float:
    """The shortest of several runs, in seconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        answer()
        took.append(time.perf_counter() - start)
    return min(took)


def peer(rows: pd.DataFrame) -> float | None:
    """Seconds of svy for the mean by district, or nothing where it is not installed."""
    try:
        import polars
        import svy
    except ImportError:
        return None
    sample = svy.Sample(polars.from_pandas(rows), svy.Design(stratum="strata", psu="psu", wgt="w"))
    start = time.perf_counter()
    sample.estimation.mean("y", by="kab")
    return time.perf_counter() - start


def many(path: Path, rows: int) -> None:
    """So many rows, none the copy of another, in files of five million."""
    import duckdb

    size, step = 290, 5_000_000  # rows of a unit, rows of a file
    units = rows // size
    unit = f"(i // {size})"
    noise = "((hash(i * 3 + 1) % 1000000)::DOUBLE + (hash(i * 7 + 2) % 1000000)::DOUBLE - 1000000) / 408248.0"
    columns = ", ".join(
        [
            f"({unit} * 514 // {units + 1})::SMALLINT AS kab",
            f"({unit} * 1028 // {units + 1})::SMALLINT AS strata",
            f"{unit}::INTEGER AS psu",
            f"100 + (hash({unit}) % 300000) / 1000.0 AS w",
            f"round(exp(13.3 + 0.5 * {noise})) AS y",
        ]
    )
    with duckdb.connect(config={"memory_limit": "2GB", "preserve_insertion_order": "false"}) as connection:
        for i, first in enumerate(range(0, rows, step)):
            chosen = f"SELECT {columns} FROM range({first}, {min(first + step, rows)}) t(i)"
            connection.execute(f"COPY ({chosen}) TO '{path / f'{i:03}.parquet'}' (FORMAT parquet)")


def large(rows: int) -> bool:
    """Seconds and memory of one question to so many rows, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        many(Path(folder), rows)
        ran = subprocess.run(
            [sys.executable, __file__, "--read", folder], check=True, capture_output=True, text=True
        ).stdout.split()
    took, memory = float(ran[0]), float(ran[1])
    print(f"P0, P1, P2 of 514 districts from {rows:,} rows of Parquet: {took:.1f} s, {memory:.0f} MB at most")
    return took <= 5 and memory <= 500


def read(folder: str) -> None:
    start = time.perf_counter()
    fgt(Path(folder), of="y", line=LINE, by="kab", design=DESIGN)
    took = time.perf_counter() - start
    print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=0)
    asked.add_argument("--read", default="")
    told = asked.parse_args()
    if told.read:
        read(told.read)
        return
    homes = households()
    persons = homes.loc[homes.index.repeat(homes["size"])].reset_index(drop=True)
    promises = []
    for name, rows in (("households", homes), ("persons", persons)):
        ready = coded(rows, columns=["y"], by="kab", design=DESIGN)
        poverty = best(lambda ready=ready: fgt(ready, of="y", line=LINE, by="kab", design=DESIGN))
        unequal = best(lambda ready=ready: gini(ready, of="y", by="kab", design=DESIGN))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.parquet"
            rows.to_parquet(file, row_group_size=len(rows) // 4)
            parquet = best(lambda file=file: fgt(file, of="y", line=LINE, by="kab", design=DESIGN))
        print(f"{len(rows):,} {name}, 514 districts: P0, P1, P2 {poverty * 1e3:.0f} ms from coded rows, "
              f"{parquet * 1e3:.0f} ms from Parquet; Gini {unequal * 1e3:.0f} ms")  # fmt: skip
        promises += [poverty <= 0.03, parquet <= 0.1, unequal <= 0.26]
    plain = best(lambda: mean(homes, of="y", by="kab", design=DESIGN), 3)
    theirs = peer(homes)
    compared = (
        "svy is not installed (make bench)" if theirs is None else f"svy takes {theirs / plain:.0f} times as long"
    )
    print(f"mean of households from a plain frame: {plain * 1e3:.0f} ms; {compared}")
    if told.rows:
        promises.append(large(told.rows))
    if not all(promises):
        raise SystemExit("a promise is broken (or the machine is busy)")


if __name__ == "__main__":
    main()
