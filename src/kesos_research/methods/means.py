"""Means, totals and ratios of a population, from a sample of it."""

from __future__ import annotations

from collections.abc import Sequence

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Estimates
from kesos_research.methods import _moments, _rows
from kesos_research.methods._columns import Numbers, Ones
from kesos_research.methods._estimate import Answer, estimates
from kesos_research.methods._sample import names
from kesos_research.methods._source import Rows, assess_totals


def mean(
    data: Rows,
    *,
    of: str | Sequence[str],
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """What is the mean in the population, and how far may it be off for being sampled?

    Estimand: Σ y / N over the units of the population, in each group of `by`.

    Parameters
    ----------
    data
        One row a sampled unit. For answers in milliseconds, code the rows once (`methods.coded`). Or the `Path` of a
        Parquet file, or of a folder of them, which may be larger than memory; the design then has to name a cluster.
    of
        Column or columns of numbers; true and false count as 1 and 0.
    by
        Columns whose values make the groups. The design stays whole: rows outside a group count as its zeros.
    design
        How the rows were sampled.
    level
        Of the t intervals, whose degrees of freedom are the sampled units less the strata in the group.

    Returns
    -------
    Estimates
        One row a group and column (`term`). A group in one sampled unit has no `std_error`, one without degrees of
        freedom no interval, one without rows no number; a check names them. Evidence ``precision``: relative standard
        error, sampled units.

    Raises
    ------
    DataError, MethodError
        When columns are not there or hold no finite numbers, values are missing, or the design does not fit the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"psu": [1, 1, 2, 3], "w": [10.0, 10.0, 20.0, 20.0], "size": [3, 5, 4, 6]})
    >>> answer = mean(rows, of="size", design=SurveyDesign(weight="w", cluster="psu"))
    >>> float(answer.row(term="size").estimate), float(answer.row(term="size").df)
    (4.666666666666667, 2.0)

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model assisted survey sampling. Springer, ch. 5. — Lumley, T.
    (2010). Complex surveys. Wiley, ch. 2.
    """
    answer = _assessed(data, of, by, design, means=True)
    return estimates(
        answer, names(of), method="mean", estimand="Mean of the population", level=_rows.fraction(level, "level")
    )


def total(
    data: Rows,
    *,
    of: str | Sequence[str],
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """What is the total in the population, and how far may it be off for being sampled?

    Estimand: Σ y over the units of the population, in each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `mean`. The total of a column of ones is the number of units.

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
    >>> rows = pd.DataFrame({"psu": [1, 1, 2, 3], "w": [10.0, 10.0, 20.0, 20.0], "poor": [True, False, True, False]})
    >>> float(total(rows, of="poor", design=SurveyDesign(weight="w", cluster="psu")).row(term="poor").estimate)
    30.0

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model assisted survey sampling. Springer, ch. 2–4.
    """
    answer = _assessed(data, of, by, design, means=False)
    return estimates(
        answer, names(of), method="total", estimand="Total of the population", level=_rows.fraction(level, "level")
    )


def ratio(
    data: Rows,
    *,
    of: str,
    to: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """What is the ratio of two totals of the population?

    Estimand: Σ y / Σ x, in each group of `by`: the food share, the dependency ratio, benefits per cost.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of, to
        Columns y and x.

    Returns
    -------
    Estimates
        One row a group with the term ``"ratio"``; none is given where Σ x is nought.

    Raises
    ------
    DataError, MethodError
        As for `mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [10.0, 10.0, 20.0], "food": [3.0, 5.0, 4.0], "all": [5.0, 9.0, 9.0]})
    >>> float(ratio(rows, of="food", to="all", design=SurveyDesign(weight="w")).row(term="ratio").estimate)
    0.5

    References
    ----------
    Särndal, C.-E., Swensson, B., & Wretman, J. (1992). Model assisted survey sampling. Springer, §5.6.
    """
    level = _rows.fraction(level, "level")
    answer = assess_totals(data, {"of": of, "to": to}, [Numbers((of, to))], _moments.pairs, by=by, design=design)
    return estimates(answer, ["ratio"], method="ratio", estimand="Ratio of two totals of the population", level=level)


def _assessed(
    data: Rows, of: str | Sequence[str], by: str | Sequence[str], design: SurveyDesign, *, means: bool
) -> Answer:
    columns = names(of)
    roles = {f"of {i}": c for i, c in enumerate(columns)}
    if means:
        return assess_totals(data, roles, [Ones(), Numbers(columns)], _moments.means, by=by, design=design)
    return assess_totals(data, roles, [Numbers(columns)], _moments.totals, by=by, design=design)
