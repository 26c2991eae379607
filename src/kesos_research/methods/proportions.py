"""Proportions with intervals that stay between nought and one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import betaincinv, stdtrit

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _moments, _rows
from kesos_research.methods._columns import Categories, Columns, Numbers, Ones
from kesos_research.methods._estimate import Answer, critical, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, label_codes
from kesos_research.methods._source import Rows, assess_totals

Interval = Literal["logit", "beta", "wald"]


def proportion(
    data: Rows,
    *,
    of: str,
    interval: Interval = "logit",
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """What share of the population is so, and how far may it be off for being sampled?

    Estimand: the number of units with the property over the number of units, in each group of `by`, from 0 to 1.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        A column of true and false (or 1 and 0), which gives one share; or of categories, which gives one for each.
    interval
        ``"logit"``: symmetric on the scale of log odds; ``"beta"``: Clopper and Pearson's with the effective sample
        size of Korn and Graubard, which also holds for shares of 0 and 1; ``"wald"``: symmetric, may leave 0 to 1.

    Returns
    -------
    Estimates
        One row a group and category; `term` is the column, or the category. As for `mean` otherwise.

    Raises
    ------
    DataError, MethodError
        As for `mean`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 2.0, 2.0], "water": ["well", "tap", "tap", "well"]})
    >>> answer = proportion(rows, of="water", design=SurveyDesign(weight="w"))
    >>> answer.table.term.tolist(), answer.table.estimate.tolist()
    (['tap', 'well'], [0.5, 0.5])

    References
    ----------
    Korn, E. L., & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive
    counts estimated from survey data. Survey Methodology 24(2), 193–201.
    """
    level = _rows.fraction(level, "level")
    if interval not in get_args(Interval):
        raise MethodError(
            _("{name} is {value}.", name="interval", value=_rows.said(interval)),
            expected=", ".join(get_args(Interval)),
            where=Where(key="interval"),
        )
    terms, columns = _terms(data, of)
    answer = assess_totals(data, {"of": of}, [Ones(), columns], _moments.means, by=by, design=design)
    bounds, checks = share_interval(answer, interval, level)
    return estimates(
        answer,
        terms,
        method="proportion",
        estimand="Share of the population",
        level=level,
        bounds=bounds,
        checks=checks,
    )


def _terms(data: Rows, of: str) -> tuple[list[str], Columns]:
    """The column itself where it is true or false, else its categories."""
    if isinstance(data, Path):
        from kesos_research.methods import _database

        kind, values = _database.categories(data, of)
    else:
        frame = data.frame if isinstance(data, Sample) else data
        _rows.columns(frame, {"of": of})
        kind = "number" if _is_share(frame[of]) else "float" if pd.api.types.is_float_dtype(frame[of]) else "category"
        values = list(label_codes(frame[of])[1]) if kind == "category" else []
    if kind == "float":
        raise MethodError(
            _("The column {column} holds {type}.", column=of, type="float"),
            expected=_("true or false, 0 or 1, or categories"),
            where=Where(column=of),
        )
    if kind == "number":
        return [of], Numbers((of,))
    return [str(v) for v in values], Categories(of, tuple(values))


def _is_share(values: pd.Series) -> bool:
    return pd.api.types.is_bool_dtype(values) or (
        pd.api.types.is_numeric_dtype(values) and bool(values.isin([0, 1]).all())
    )


def share_interval(answer: Answer, interval: Interval, level: float) -> tuple[tuple[Array, Array], tuple[Check, ...]]:
    """Bounds of shares: (K, D) each; and a check where none could be had."""
    p, var, df = np.clip(answer.theta, 0.0, 1.0), answer.var, answer.df
    inside = (p > 0) & (p < 1) & (var > 0)
    half = critical(df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        if interval == "wald":
            bounds = p - half * np.sqrt(var), p + half * np.sqrt(var)
        elif interval == "logit":
            middle, error = np.log(p / (1 - p)), np.sqrt(var) / (p * (1 - p))
            low, high = (1 / (1 + np.exp(-(middle + s * half * error))) for s in (-1, 1))
            bounds = np.where(inside, low, np.nan), np.where(inside, high, np.nan)
        else:
            bounds = _beta(answer, p, level)
    lost = (np.isfinite(p) & ~inside & (df >= 1) & np.isfinite(var)).sum()
    if interval != "logit" or not lost:
        return bounds, ()
    check = Check(
        "no_logit_interval",
        "warn",
        "{n} shares are 0 or 1 in the sample, or do not vary: the logit interval does not exist there; interval='beta' "
        "has one.",
        {"n": int(lost)},
    )
    return bounds, (check,)


def _beta(answer: Answer, p: Array, level: float) -> tuple[Array, Array]:
    """Clopper and Pearson's bounds for the effective number of rows, made smaller for few degrees of freedom."""
    n, df = answer.sample.layout.rows.astype(float), answer.df
    whole = float(n.sum())
    fewer = (stdtrit(max(whole - 1, 1.0), (1 + level) / 2) / critical(df, level)) ** 2
    spread = (answer.var > 0) & (p > 0) & (p < 1)
    effective = np.where(spread, p * (1 - p) / np.where(spread, answer.var, 1.0), n) * fewer
    a = (1 - level) / 2
    hits = effective * p
    low = np.where(p > 0, betaincinv(np.maximum(hits, 1e-300), effective - hits + 1, a), 0.0)
    high = np.where(p < 1, betaincinv(hits + 1, np.maximum(effective - hits, 1e-300), 1 - a), 1.0)
    known = np.isfinite(answer.var) & np.isfinite(effective)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
