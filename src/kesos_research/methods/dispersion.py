"""How values differ in the population, and what the design costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _moments, _rows
from kesos_research.methods._estimate import Answer, Moments, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, names, read

Against = Literal["without_replacement", "with_replacement"]


def variance(
    data: pd.DataFrame | Sample,
    *,
    of: str | Sequence[str],
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How much do units of the population differ from each other?

    Estimand: the variance Σ (y − ȳ)²/N, in each group of `by`, estimated with n/(n − 1).

    Parameters
    ----------
    data, of, by, design, level
        As for `mean`.

    Returns
    -------
    Estimates
        As for `mean`.

    Raises
    ------
    DataError, MethodError
        As for `mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 1.0], "size": [3, 5, 4]})
    >>> float(variance(rows, of="size", design=SurveyDesign(weight="w")).row(term="size").estimate)
    1.0

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model assisted survey sampling. Springer, §5.9.
    """
    level, columns = _rows.fraction(level, "level"), names(of)
    sample = read(data, {f"of {i}": c for i, c in enumerate(columns)}, by=by, design=design)
    answers = [_variance(sample, sample.number(c)) for c in columns]
    answer = replace(
        answers[0],
        theta=np.concatenate([a.theta for a in answers]),
        var=np.concatenate([a.var for a in answers]),
    )
    return estimates(answer, columns, method="variance", estimand="Variance of the population", level=level)


def design_effect(
    data: pd.DataFrame | Sample,
    *,
    of: str | Sequence[str],
    against: Against = "without_replacement",
    by: str | Sequence[str] = (),
    design: SurveyDesign,
) -> Estimates:
    """How many times as large is the variance of a mean as it would be had the same number of units been drawn simply?

    Estimand: Var(ȳ) / ((1 − n/N) S²/n), Kish's design effect, in each group of `by`.

    Parameters
    ----------
    data, of, by, design
        As for `mean`.
    against
        The simple sample: ``"without_replacement"`` or ``"with_replacement"`` (no 1 − n/N).

    Returns
    -------
    Estimates
        One row a group and column; no `std_error`. n over the estimate is the effective number of rows.

    Raises
    ------
    DataError, MethodError
        As for `mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"psu": [1, 1, 2, 2, 3, 3], "w": 10.0, "size": [3, 3, 5, 5, 4, 4]})
    >>> design = SurveyDesign(weight="w", cluster="psu")
    >>> answer = design_effect(rows, of="size", against="with_replacement", design=design)
    >>> round(float(answer.row(term="size").estimate), 6)  # two alike in each cluster: as good as three
    2.5

    References
    ----------
    Kish, L. (1965). Survey sampling. Wiley, §8.2.
    """
    if against not in get_args(Against):
        raise MethodError(
            _("{name} is {value}.", name="against", value=_rows.said(against)),
            expected=", ".join(get_args(Against)),
            where=Where(key="against"),
        )
    columns = names(of)
    sample = read(data, {f"of {i}": c for i, c in enumerate(columns)}, by=by, design=design)
    V = [sample.number(c) for c in columns]
    answer = assess(sample, Moments([None, *V], _moments.means))
    n, N = sample.layout.rows.astype(float), sample.layout.totals(sample.w)
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = np.concatenate([_variance(sample, v).theta for v in V]) / n
        if against == "without_replacement":
            simple *= 1 - n / N
        effect = answer.var / np.where(simple > 0, simple, np.nan)
    answer = replace(answer, theta=effect, var=np.full_like(effect, np.nan))
    return estimates(
        answer,
        columns,
        method="design_effect",
        estimand="Variance of the mean over that of a simple sample of as many units",
        level=0.95,
    )


def _variance(sample: Sample, v: Array) -> Answer:
    n = sample.layout.rows.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = n / (n - 1)

    def g(T: Array) -> tuple[Array, Array]:
        m, square = T[1] / T[0], T[2] / T[0]
        theta = scale * (square - m * m)
        return theta[None], (scale * np.stack([(2 * m * m - square) / T[0], -2 * m / T[0], 1 / T[0]]))[None]

    centred = v - np.average(v, weights=sample.w)
    return assess(sample, Moments([None, centred, centred * centred], g))
