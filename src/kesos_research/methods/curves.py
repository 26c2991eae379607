"""Lorenz and concentration curves, and the index that sums one up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Estimates
from kesos_research.methods import _inequality, _quantiles, _rows
from kesos_research.methods._estimate import Influence, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, read
from kesos_research.methods.inequality import ranked

TENTHS = tuple(k / 10 for k in range(1, 10))


def lorenz(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    rank: str | None = None,
    p: float | Sequence[float] = TENTHS,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which share of everything do the poorest have?

    Estimand: L(p), the share of Σ y that the poorest share p of the population has, in each group of `by`; with `rank`
    the concentration curve: the share of one thing that those have who are poorest by another.

    Parameters
    ----------
    data, of, by, design, level
        As for `gini`.
    rank
        Column by which units are ranked, where it is not `of` itself.
    p
        Shares of the population, between 0 and 1.

    Returns
    -------
    Estimates
        One row a group and share, `term` ``"p10"`` for the poorest tenth.

    Raises
    ------
    DataError, MethodError
        As for `gini`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "spent": [1.0, 2.0, 3.0, 4.0]})
    >>> float(lorenz(rows, of="spent", p=0.5, design=SurveyDesign(weight="w")).row(term="p50").estimate)
    0.3

    References
    ----------
    Kovačević, M. S., & Binder, D. A. (1997). Variance estimation for measures of income inequality and polarization:
    the estimating equations approach. Journal of Official Statistics 13(1), 41–58.
    """
    level = _rows.fraction(level, "level")
    points = [_rows.fraction(x, "p") for x in ([p] if isinstance(p, int | float) else p)]
    sample = read(data, {"of": of} if rank is None else {"of": of, "rank": rank}, by=by, design=design)
    y = sample.amount(of)
    x = y if rank is None else sample.number(rank)

    def at(w: Array, *, linear: bool) -> Influence:  # noqa: ARG001
        ordered = _quantiles.order(x, w, sample.layout.rows)
        found = [_inequality.shares(ordered, s, None if rank is None else y) for s in points]
        return Influence(np.stack([L for L, _z in found]), np.stack([z for _L, z in found]))

    return estimates(
        assess(sample, at),
        [f"p{100 * x:g}" for x in points],
        method="lorenz",
        estimand="Share of everything that the poorest have",
        level=level,
    )


def concentration(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    rank: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Does something go to the poor or to the rich?

    Estimand: the concentration index of y over the rank by another column, in each group of `by`: −1 all to the
    poorest, 0 alike, 1 all to the richest; 2 Σ w y R/Y − 1 with R the mean rank from 0 to 1.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        What is handed out: a benefit, a service, an illness; of 0 or more.
    rank
        Column by which units are ranked, as expenditure a head. Equal ones share a rank.

    Returns
    -------
    Estimates
        One row a group, `term` ``"concentration"``.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when `of` holds negative values.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "spent": [1.0, 2.0, 3.0, 4.0], "aid": [1.0, 0.0, 0.0, 0.0]})
    >>> float(concentration(rows, of="aid", rank="spent", design=SurveyDesign(weight="w")).table.estimate[0])
    -0.75

    References
    ----------
    Kakwani, N., Wagstaff, A., & van Doorslaer, E. (1997). Socioeconomic inequalities in health: measurement,
    computation, and statistical inference. Journal of Econometrics 77(1), 87–103.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of, "rank": rank}, by=by, design=design)
    h = sample.amount(of)
    answer = assess(
        sample,
        ranked(sample, sample.number(rank), lambda o, linear: _inequality.concentration(o, h, linear=linear)),
    )
    return estimates(
        answer,
        ["concentration"],
        method="concentration",
        estimand="Concentration of one amount over the rank by another",
        level=level,
    )
