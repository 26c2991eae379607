"""Relative poverty: the line itself, and how far the middle one of the poor is below it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Estimates
from kesos_research.methods import _inequality, _lines, _poverty, _quantiles, _rows
from kesos_research.methods._estimate import Influence, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._lines import RelativeLine
from kesos_research.methods._sample import Sample, read

__all__ = ["RelativeLine", "relative_poverty"]


def relative_poverty(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    line: RelativeLine | None = None,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Where does a line relative to everyone lie, how many are below it, and how far is the middle one of them?

    Estimand: in each group of `by`, against one line for the whole population: the share below it (at-risk-of-poverty
    rate), the median of those below it, and its relative distance from the line (relative median poverty gap).

    Parameters
    ----------
    data, of, by, design, level
        As for `fgt`.
    line
        60 % of the median where nothing is said.

    Returns
    -------
    Estimates
        One row a group and term: ``"line"`` (the same in all groups), ``"rate"``, ``"median_of_poor"``, ``"gap"``. The
        error of the line is in all of them. Nobody poor: no median and no gap.

    Raises
    ------
    DataError, MethodError
        As for `fgt`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 5, "spent": [2.0, 4.0, 10.0, 12.0, 20.0]})
    >>> answer = relative_poverty(rows, of="spent", design=SurveyDesign(weight="w"))
    >>> [round(float(x), 6) for x in answer.table.estimate]
    [6.0, 0.4, 2.0, 0.666667]

    References
    ----------
    Osier, G. (2009). Variance estimation for complex indicators of poverty and inequality using linearization
    techniques. Survey Research Methods 3(3), 167–195.
    """
    level, line = _rows.fraction(level, "level"), line or RelativeLine()
    sample = read(data, {"of": of}, by=by, design=design)
    y = sample.amount(of)
    answer = assess(sample, lambda w, *, linear: _relative(sample, y, line, w, linear=linear))
    return estimates(
        answer,
        ["line", "rate", "median_of_poor", "gap"],
        method="relative_poverty",
        estimand="A line relative to the whole population, the share below it, and their median gap",
        level=level,
    )


def _relative(sample: Sample, y: Array, line: RelativeLine, w: Array, *, linear: bool) -> Influence:
    layout = sample.layout
    found = _lines.estimated(y, w, line, linear=linear)
    z = float(np.asarray(found.z))
    poor = y < z
    N = layout.totals(w)
    ordered = _quantiles.order(y, w, layout.rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = layout.totals(w * poor) / N
        # half of the poor lie at or below it; nobody poor, no median
        middle = _quantiles.quantile(ordered, np.where(rate > 0, rate / 2, np.nan))
        theta = np.stack([np.full(layout.size, z), rate, middle, 1 - middle / z])
        if not linear or found.c is None:
            return Influence(theta, np.empty((0, 0)))
        on = layout.spread
        z_rate = (poor - on(rate)) / on(N)
        moves = _poverty.line_derivative(sample, y, w, _poverty.foster_greer_thorbecke(0), found)
        below = y <= on(middle)
        share = layout.totals(w * below) / N
        f = _inequality.density(ordered, middle, _inequality.bandwidths(ordered))
        z_middle = (z_rate / 2 - (below - on(share)) / on(N)) / on(f)
    rows = np.stack([np.zeros(len(y)), z_rate, z_middle, -z_middle / z])
    moves_middle = moves / (2 * f)
    coef = np.stack([np.ones(layout.size), moves, moves_middle, -moves_middle / z + middle / z**2])
    return Influence(theta, rows, found.c[None], coef[:, None])
