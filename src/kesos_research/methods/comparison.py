"""Differences between groups or periods of one sample or of several, with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _measures, _rows
from kesos_research.methods._estimate import Answer, alone, assess, estimates, interval, p_values
from kesos_research.methods._linearize import Array, Codes
from kesos_research.methods._measures import Name
from kesos_research.methods._sample import Sample, names, read


def difference(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    between: str,
    against: object,
    measure: Name = "mean",
    line: float | str | None = None,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How does a measure differ between groups or periods, and could it be chance?

    Estimand: θ of each value of `between` less θ of the value `against`, in each group of `by`; and the same relative
    to θ of the latter. Units that are in both (a panel, clusters drawn once) make the two covary, which is taken into
    account; for surveys drawn anew each period the strata have to be told apart by period.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Rows coded before are coded by the columns of `by` and then `between`.
    of
        Column of the figure.
    between, against
        Column of the groups or periods, and the value the others are compared with.
    measure
        ``"mean"``, ``"total"``, ``"p0"``, ``"p1"``, ``"p2"``, ``"watts"`` (with `line`), ``"gini"``, ``"mld"``,
        ``"theil"``, ``"quintile_share_ratio"``, ``"palma"``.
    line
        As for `fgt`, not estimated.

    Returns
    -------
    Estimates
        For each group of `by` and other value of `between` the terms ``"difference"`` and ``"relative"``, with p-values
        against nought. Degrees of freedom are those of both together. Evidence ``levels``: the measure itself in each.

    Raises
    ------
    DataError, MethodError
        As for the measure; when `against` is no value of `between`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "year": [2023, 2023, 2024, 2024], "spent": [4.0, 6.0, 5.0, 7.0]})
    >>> answer = difference(rows, of="spent", between="year", against=2023, design=SurveyDesign(weight="w"))
    >>> [round(float(x), 6) for x in answer.table.estimate]
    [1.0, 0.2]

    References
    ----------
    Kish, L. (1965). Survey sampling. Wiley, §12.4.
    """
    level, groups = _rows.fraction(level, "level"), names(by)
    if measure not in get_args(Name):
        raise MethodError(
            _("{name} is {value}.", name="measure", value=_rows.said(measure)),
            expected=", ".join(get_args(Name)),
            where=Where(key="measure"),
        )
    if _measures.needs_line(measure, line):
        raise MethodError(
            _("{name} is {value}.", name="line", value=_rows.said(line)),
            expected=_("an amount or a column for p0, p1, p2 and watts; nothing for other measures"),
            where=Where(key="line"),
        )
    sample = read(data, {"of": of, **_measures.roles(line)}, by=(*groups, between), design=design)
    answer = assess(sample, _measures.statistic(measure, sample, of, line))
    pairs = _pairs(sample.groups, groups, between, against)
    return _contrasted(answer, pairs, measure, level)


def _pairs(groups: pd.DataFrame, by: tuple[str, ...], between: str, against: object) -> list[tuple[int, int]]:
    """Domains compared and the domain each is set against."""
    reference = groups[between] == against
    if not reference.any():
        raise MethodError(
            _("No row of {column} is {value}.", column=between, value=_rows.said(against)),
            expected=_("one of {names}", names=", ".join(map(str, pd.unique(groups[between])[:12]))),
            where=Where(key="against"),
        )
    keys = [tuple(row) for row in groups[list(by)].itertuples(index=False)] if by else [()] * len(groups)
    at = {key: d for d, (key, is_it) in enumerate(zip(keys, reference, strict=True)) if is_it}
    return [(d, at[key]) for d, (key, is_it) in enumerate(zip(keys, reference, strict=True)) if not is_it and key in at]


def _contrasted(answer: Answer, pairs: list[tuple[int, int]], measure: Name, level: float) -> Estimates:
    if not pairs:
        raise MethodError(_("There is nothing to compare."), expected=_("two groups or periods in some group of `by`"))
    sample, D, Q = answer.sample, answer.sample.layout.size, len(pairs)
    these, those = (np.array(x) for x in zip(*pairs, strict=True))
    theta = answer.theta[0]
    L = np.zeros((D, 2 * Q))
    column = np.arange(Q)
    with np.errstate(divide="ignore", invalid="ignore"):
        L[these, column], L[those, column] = 1.0, -1.0
        L[these, Q + column], L[those, Q + column] = 1 / theta[those], -theta[these] / theta[those] ** 2
        _lin, var, df = answer.contrast(np.where(np.isfinite(L), L, 0.0))
        value = np.concatenate([theta[these] - theta[those], theta[these] / theta[those] - 1])
    lone = alone(sample)[these] | alone(sample)[those]
    undefined = ~np.isfinite(value) | np.tile(lone, 2)
    error = np.where(undefined, np.nan, np.sqrt(var[0]))
    rows = sample.layout.rows
    levels = estimates(answer, [measure], method="difference", estimand="", level=level)
    return Estimates(
        _table(sample.groups.iloc[these], value, error, df, level=level, n=rows[these] + rows[those]),
        "difference",
        "Difference of the measure from that of another group or period",
        level=level,
        by=sample.by,
        checks=levels.checks,
        evidence={"levels": levels.table},
    )


def _table(groups: pd.DataFrame, value: Array, error: Array, df: Array, *, level: float, n: Codes) -> pd.DataFrame:
    low, high = interval(value, error, df, level)
    columns = {
        "term": np.repeat(["difference", "relative"], len(groups)),
        "estimate": value,
        "std_error": error,
        "conf_low": low,
        "conf_high": high,
        "p_value": p_values(value, error, df),
        "df": df,
        "n": np.tile(n, 2),
    }
    both = pd.concat([groups, groups], ignore_index=True)
    table = pd.concat([both, pd.DataFrame(columns)], axis=1)
    return table.iloc[np.argsort(np.tile(np.arange(len(groups)), 2), kind="stable")]
