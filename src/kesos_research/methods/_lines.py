"""Poverty lines: given, or a share of the mean or of a quantile of everyone, which is itself estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _inequality, _quantiles, _rows
from kesos_research.methods._sample import Sample

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RelativeLine:
    """A poverty line at a share of the median (or another quantile, or the mean) of the whole population.

    Parameters
    ----------
    share
        Of the quantile or mean: 0.6 in the European Union.
    quantile
        0.5 for the median; None for the mean.

    Examples
    --------
    >>> RelativeLine(0.5).quantile
    0.5
    """

    share: float = 0.6
    quantile: float | None = 0.5

    def __post_init__(self) -> None:
        if not _rows.nonnegative(self.share, "share") > 0:
            raise MethodError(
                _("{name} is {value}.", name="share", value=_rows.said(self.share)),
                expected=_("a number larger than 0"),
                where=Where(key="share"),
            )
        if self.quantile is not None:
            _rows.fraction(self.quantile, "quantile")


@dataclass(frozen=True)
class Line:
    """z: (n,) of each row, or one number; c: (n,) influence of each row on an estimated line, None for a given one."""

    z: Array | float
    c: Array | None = None


def roles(line: float | str | RelativeLine) -> dict[str, str]:
    """The column a line is read from, if it is read."""
    return {"line": line} if isinstance(line, str) else {}


def given(sample: Sample, line: float | str | RelativeLine) -> Line:
    """A line that is not estimated."""
    line = told(line)
    return Line(sample.amount(line, positive=True) if isinstance(line, str) else line)


def told(line: object) -> float | str:
    """A line that is an amount or a column, and nothing else."""
    if isinstance(line, str):
        return line
    if isinstance(line, RelativeLine) or not _rows.nonnegative(line, "line") > 0:
        raise MethodError(
            _("{name} is {value}.", name="line", value=_rows.said(line)),
            expected=_("an amount larger than 0, or the name of a column of such amounts"),
            where=Where(key="line"),
        )
    return float(line)  # type: ignore[arg-type]


def estimated(y: Array, w: Array, line: RelativeLine, *, linear: bool) -> Line:
    """A line at a share of what all rows say."""
    N = float(w.sum())
    if line.quantile is None:
        mean = float(w @ y) / N
        return Line(line.share * mean, line.share * (y - mean) / N if linear else None)
    ordered = _quantiles.order(y, w, np.array([len(y)]))
    if not linear:
        return Line(line.share * float(_quantiles.quantile(ordered, line.quantile)[0]))
    q, z = _inequality.quantile_influence(ordered, line.quantile, _inequality.bandwidths(ordered))
    return Line(line.share * float(q[0]), line.share * ordered.back(z))
