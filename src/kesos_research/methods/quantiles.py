"""Quantiles of a population with Woodruff's intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _moments, _quantiles, _rows
from kesos_research.methods._estimate import Moments, assess, critical, estimates
from kesos_research.methods._quantiles import Rule
from kesos_research.methods._sample import Sample, read
from kesos_research.methods.proportions import Interval, share_interval


def quantile(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    p: float | Sequence[float] = (0.25, 0.5, 0.75),
    rule: Rule = "math",
    interval: Interval = "wald",
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Below which value lies a share p of the population?

    Estimand: the p-quantile, in each group of `by`.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        Column of numbers.
    p
        Shares between 0 and 1.
    rule
        ``"math"`` (= ``"hf1"``): the smallest value that p lies at or below; ``"school"`` (= ``"hf2"``): the mean of
        the two middle values at equality; ``"hf3"`` … ``"hf9"``: Hyndman and Fan's, with weights.
    interval
        Of the share at or below the quantile (as for `proportion`), turned into values by the same rule (Woodruff).

    Returns
    -------
    Estimates
        One row a group and share, `term` ``"p50"`` for the median. `std_error` is the interval's length over twice
        Student's t. With replicate weights the share below comes from them, for a jackknife of quantiles is wrong.

    Raises
    ------
    DataError, MethodError
        As for `mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 1.0, 1.0], "size": [3, 5, 4, 6]})
    >>> answer = quantile(rows, of="size", p=0.5, rule="school", design=SurveyDesign(weight="w"))
    >>> float(answer.row(term="p50").estimate)
    4.5

    References
    ----------
    Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. JASA 47(260), 635–646.
    """
    level = _rows.fraction(level, "level")
    shares = [_rows.fraction(x, "p") for x in ([p] if isinstance(p, int | float) else p)]
    if rule not in get_args(Rule):
        raise MethodError(
            _("{name} is {value}.", name="rule", value=_rows.said(rule)),
            expected=", ".join(get_args(Rule)),
            where=Where(key="rule"),
        )
    sample = read(data, {"of": of}, by=by, design=design)
    x = sample.number(of)
    ordered = _quantiles.order(x, sample.w, sample.layout.rows)
    q = np.stack([_quantiles.quantile(ordered, s, rule) for s in shares])
    below = assess(sample, Moments([None, *((x <= sample.layout.spread(v)).astype(float) for v in q)], _moments.means))
    (low, high), checks = share_interval(below, interval, level)
    inside = np.isfinite(low) & (low >= 0), np.isfinite(high) & (high <= 1)
    bounds = tuple(
        np.stack([_quantiles.quantile(ordered, np.where(ok, s, np.nan)[k], rule) for k in range(len(shares))])
        for s, ok in zip((low, high), inside, strict=True)
    )
    error = (bounds[1] - bounds[0]) / (2 * critical(below.df, level))
    return estimates(
        replace(below, theta=q, var=error**2),
        [f"p{100 * s:g}" for s in shares],
        method="quantile",
        estimand="Value below which that share of the population lies",
        level=level,
        bounds=(bounds[0], bounds[1]),
        checks=checks,
    )
