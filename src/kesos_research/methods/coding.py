"""Rows coded once, for many answers in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.methods._sample import Sample, names, read


def coded(data: pd.DataFrame, *, columns: Sequence[str], by: str | Sequence[str] = (), design: SurveyDesign) -> Sample:
    """Check the rows, number their groups and units and sort them once; pass the result in place of the frame.

    Parameters
    ----------
    data
        One row a sampled unit.
    columns
        Columns that methods will be asked about. They are looked at when they are asked for.
    by, design
        The groups and the design that every method on the coded rows must be given as well.

    Raises
    ------
    DataError, MethodError
        As every method on a design.

    Examples
    --------
    >>> from kesos_research.methods import mean
    >>> rows = pd.DataFrame({"psu": [1, 1, 2, 3], "w": [10.0, 10.0, 20.0, 20.0], "size": [3, 5, 4, 6]})
    >>> design = SurveyDesign(weight="w", cluster="psu")
    >>> ready = coded(rows, columns=["size"], design=design)
    >>> float(mean(ready, of="size", design=design).row(term="size").n)
    4.0
    """
    return read(data, {f"of {i}": c for i, c in enumerate(names(columns))}, by=by, design=design)
