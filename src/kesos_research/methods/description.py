"""Description: what the figures are, without a causal word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows


def describe(
    data: pd.DataFrame,
    *,
    of: str,
    by: str | Sequence[str] = (),
    unit: str | None = None,
    place: object = None,
) -> Estimates:
    """What are the mean, the spread and the quartiles, and where in the order does one unit stand?

    Estimand: the statistic of the units in the rows, each counted once, not of a population they were sampled from:
    there is no standard error.

    Parameters
    ----------
    data
        Tidy rows, one for each unit in each group of `by`.
    of
        Column of figures.
    by
        Column or columns whose values make the groups, such as the year.
    unit, place
        Column that names the units, and the one whose place is asked for. Groups that do not hold it have no place.

    Returns
    -------
    Estimates
        For each group the terms ``mean``, ``sd`` (of n − 1), ``min``, ``p5``, ``q1``, ``median``, ``q3``, ``p95``,
        ``max``, and with `place` also ``value`` and ``percentile``: the share of units in the group below it, in per
        cent, those that equal it (itself among them) counted half. Percentiles and quartiles are of type 7 (linear),
        `n` counts units.

    Raises
    ------
    MethodError
        When values are missing or not numbers, or the unit is not there or is there twice in a group.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"place": list("abcd"), "poor": [8.0, 10.0, 12.0, 20.0]})
    >>> answer = describe(rows, of="poor", unit="place", place="c")
    >>> float(answer.row(term="median").estimate), float(answer.row(term="percentile").estimate)
    (11.0, 62.5)

    References
    ----------
    Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician 50(4),
    361–365.
    """
    groups = _rows.several(by)
    roles = {"of": of, **{f"by {i}": c for i, c in enumerate(groups, 1)}}
    if place is not None and unit is None:
        raise MethodError(
            _("A place is asked for, but no column names the units."),
            expected=_("the role {role}", role="unit"),
            where=Where(key="unit"),
        )
    if unit is not None:
        roles["unit"] = unit
    _rows.columns(data, roles)
    _rows.numeric(data, of)
    if place is not None and not (data[unit] == place).any():
        raise MethodError(
            _("The unit {unit} is not in the rows.", unit=place if isinstance(place, str) else _rows.said(place)),
            expected=_("one of {n} units", n=data[unit].nunique()),
            where=Where(column=unit),
        )
    if unit is not None and data.duplicated([*groups, unit]).any():
        raise MethodError(
            _("{n} rows repeat a unit.", n=int(data.duplicated([*groups, unit]).sum())),
            expected=_("each unit once in each group"),
            remedy=_("name the period in by"),
            where=Where(column=unit),
        )
    parts = data.groupby(list(groups), sort=True) if groups else [((), data)]
    rows = []
    for key, part in parts:
        x = np.sort(part[of].to_numpy(dtype=float))
        terms = _summary(x)
        if place is not None and unit is not None:
            terms |= _place(x, part.loc[part[unit] == place, of])
        named = dict(zip(groups, key, strict=True))
        rows += [{**named, "term": t, "estimate": v, "n": len(x)} for t, v in terms.items()]
    return Estimates(
        pd.DataFrame(rows),
        "describe",
        "The statistic of the units in the rows, each counted once",
        by=groups,
        checks=(
            Check(
                "no_sampling_error", "info", "Each unit counts once; the sampling error within units is not included."
            ),
        ),
    )


def _summary(x: np.ndarray) -> dict[str, float]:
    p5, q1, median, q3, p95 = np.quantile(x, [0.05, 0.25, 0.5, 0.75, 0.95])
    return {
        "mean": float(x.mean()),
        "sd": float(x.std(ddof=1)) if len(x) > 1 else float("nan"),
        "min": float(x[0]),
        "p5": float(p5),
        "q1": float(q1),
        "median": float(median),
        "q3": float(q3),
        "p95": float(p95),
        "max": float(x[-1]),
    }


def _place(x: np.ndarray, found: pd.Series) -> dict[str, float]:
    if found.empty:
        return {}
    value = float(found.iloc[0])
    below, equal = int((x < value).sum()), int((x == value).sum())
    return {"value": value, "percentile": 100 * (below + equal / 2) / len(x)}
