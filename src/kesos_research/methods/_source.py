"""One way to ask for a function of totals, wherever the rows are: in memory, coded before, or in Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.methods._columns import Columns
from kesos_research.methods._estimate import Answer, Moments, assess
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, names, read

Rows = pd.DataFrame | Sample | Path
"""A frame, coded rows, or the path of a Parquet file or of a folder of them."""


def assess_totals(
    data: Rows,
    roles: Mapping[str, str],
    columns: Sequence[Columns],
    g: Callable[[Array], tuple[Array, Array]],
    *,
    by: str | Sequence[str],
    design: SurveyDesign,
) -> Answer:
    """θ_d = g(Σ w v) in each domain d."""
    if isinstance(data, Path):
        from kesos_research.methods import _database

        return _database.assess(data, columns, g, by=names(by), design=design)
    sample = read(data, roles, by=by, design=design)
    return assess(sample, Moments([v for group in columns for v in group.arrays(sample)], g))
