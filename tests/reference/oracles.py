"""Reference results of R packages, read where they lie beside the project."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "oracles"

beside = pytest.mark.skipif(not FOLDER.exists(), reason="reference results are not beside the project")


@cache
def entries(file: str) -> dict[str, dict]:
    """Results by their names; none where they are not there."""
    path = FOLDER / f"{file}.json.gz"
    if not path.exists():
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return {entry["id"]: entry["results"] for entry in json.load(text)["oracles"]}


@cache
def rows(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / f"{name}.csv.gz")


def close(ours: object, theirs: object, rel: float = 1e-6, near: float = 1e-9) -> None:
    """Every number agrees."""
    found, wanted = np.ravel(np.asarray(ours, float)), np.ravel(np.asarray(theirs, float))
    assert found == pytest.approx(wanted, rel=rel, abs=near, nan_ok=True)
