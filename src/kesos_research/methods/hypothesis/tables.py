"""Tests of tables: are two properties independent, did a share change?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._fisher import exact_p
from kesos_research.methods.hypothesis._found import Found, assemble, row, run, several
from kesos_research.methods.hypothesis._rao_scott import rao_scott

Array = NDArray[np.float64]

_SMALL = 5.0
"""Cochran's rule: at most a fifth of the cells may expect less, and none less than one."""


def cross_table(
    data: pd.DataFrame,
    *,
    of: str,
    group: str,
    by: str | tuple[str, ...] = (),
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """Are two properties of the units independent of each other?

    Estimand: Cramér's V of the population's table, 0 where they are independent and 1 where one tells the other; of two
    by two also the odds ratio.

    Parameters
    ----------
    data
        One row a unit.
    of, group
        The two properties, as columns of categories.
    by
        Columns whose values make groups that are tested separately.
    design
        How the rows were sampled. Without it every row counts as an independent unit.
    level
        Of the intervals.

    Returns
    -------
    Estimates
        ``cramers_v`` with the p-value, its degrees of freedom and `n`; for two by two ``odds_ratio``. Without a design:
        Pearson's χ², or Fisher's exact test where cells expect fewer than five. With one: Rao and Scott's second-order
        correction of χ² as an F test. Evidence: ``test``, ``cells``.

    Raises
    ------
    MethodError
        When values are missing or a property has one category.

    Examples
    --------
    >>> rows = pd.DataFrame({"aid": ["yes"] * 30 + ["no"] * 30, "poor": (["yes"] * 20 + ["no"] * 10) + ["no"] * 20 +
    ...                      ["yes"] * 10})
    >>> answer = cross_table(rows, of="aid", group="poor")
    >>> round(float(answer.row(term="cramers_v").estimate), 3), round(float(answer.row(term="odds_ratio").estimate), 1)
    (0.333, 4.0)

    References
    ----------
    Agresti, A. (2013). Categorical data analysis (3rd ed.). Wiley. — Rao, J. N. K., & Scott, A. J. (1984). On
    chi-squared tests for multiway contingency tables. Annals of Statistics 12(1), 46–60. — Mehta, C. R., & Patel, N. R.
    (1983). A network algorithm for performing Fisher's exact test. JASA 78(382), 427–434. — Smithson, M. (2003).
    Confidence intervals. Sage.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    if design is not None:
        found = rao_scott(data, of=of, group=group, by=groups, design=design, level=level)
    else:
        _rows.columns(data, {"of": of, "group": group, **{f"by {i}": c for i, c in enumerate(groups, 1)}})
        found = run(data, groups, lambda part: _independent(part, of, group, level))
    return assemble(
        found,
        groups,
        method="cross_table",
        estimand="How much one property tells of the other, from 0 to 1",
        level=level,
    )


def mcnemar(
    data: pd.DataFrame, *, of: str, against: str, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Did the share with a property change between two measurements of the same units?

    Estimand: share at `of` less share at `against`; and the odds of a change one way against the other.

    Parameters
    ----------
    data
        One row a unit, measured twice.
    of, against
        Columns of true and false (or 1 and 0), of the two measurements.
    by, level
        As for `cross_table`.

    Returns
    -------
    Estimates
        ``difference`` with the exact p-value (binomial, of the units that changed), and ``odds_ratio`` with its exact
        interval. Evidence: ``test``, ``cells``.

    Raises
    ------
    MethodError
        When a column holds other values.

    Examples
    --------
    >>> rows = pd.DataFrame({"before": [0] * 10 + [1] * 10, "after": [1] * 8 + [0] * 2 + [1] * 9 + [0]})
    >>> answer = mcnemar(rows, of="after", against="before")
    >>> round(float(answer.row(term="difference").estimate), 2), round(float(answer.table.p_value[0]), 4)
    (0.35, 0.0391)

    References
    ----------
    McNemar, Q. (1947). Psychometrika 12, 153–157. — Agresti, A., & Min, Y. (2005). Simple improved confidence intervals
    for comparing matched proportions. Statistics in Medicine 24, 729–740.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    _rows.columns(data, {"of": of, "against": against, **{f"by {i}": c for i, c in enumerate(groups, 1)}})
    for column in (of, against):
        if not data[column].isin([0, 1]).all():
            raise MethodError(
                _("The column {column} holds other values than true and false.", column=column),
                expected=_("true or false, 1 or 0"),
                where=Where(column=column),
            )
    return assemble(
        run(data, groups, lambda part: _changed(part, of, against, level)),
        groups,
        method="mcnemar",
        estimand="Change of the share between two measurements of the same units",
        level=level,
    )


def _independent(data: pd.DataFrame, of: str, group: str, level: float) -> Found:
    from scipy import stats

    counts = pd.crosstab(data[of], data[group])
    table = counts.to_numpy(float)
    if min(table.shape) < 2:
        raise MethodError(
            _("One of {columns} has one category.", columns=f"{of}, {group}"), expected=_("at least two in each")
        )
    expected = stats.contingency.expected_freq(table)
    chi2 = float(((table - expected) ** 2 / expected).sum())
    df = float((table.shape[0] - 1) * (table.shape[1] - 1))
    n = float(table.sum())
    small = (expected < _SMALL).mean() > 0.2 or (expected < 1).any()
    p_exact = exact_p(counts.to_numpy()) if small else None
    p = float(stats.chi2.sf(chi2, df)) if p_exact is None else p_exact
    v, interval = _effects.cramers_v(chi2, n, table.shape, level)
    rows = [row("cramers_v", v, interval, p=p, df=df, n=n)]
    if table.shape == (2, 2):
        ratio, bounds = _effects.odds_ratio(table, level)
        rows.append(row("odds_ratio", ratio, bounds, n=n))
    return Found(
        rows,
        "fisher" if p_exact is not None else "pearson_chi_square",
        chi2,
        p,
        df,
        frames={"cells": cells(counts, expected)},
        checks=(_expectation(float((expected < _SMALL).mean()), small, p_exact), _unweighted()),
    )


def cells(counts: pd.DataFrame, expected: Array) -> pd.DataFrame:
    """Observed and expected, and the standardised residual of each cell."""
    table = counts.to_numpy(float)
    n = table.sum()
    part = (1 - table.sum(axis=1, keepdims=True) / n) * (1 - table.sum(axis=0, keepdims=True) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = (table - expected) / np.sqrt(expected * part)
    return pd.DataFrame(
        {
            "of": np.repeat(counts.index.astype(str), table.shape[1]),
            "group": np.tile(counts.columns.astype(str), table.shape[0]),
            "observed": table.ravel(),
            "expected": expected.ravel(),
            "residual": residual.ravel(),
        }
    )


def _expectation(share: float, small: bool, p_exact: float | None) -> Check:
    evidence = {"share": percent(share)}
    if small and p_exact is None:
        return Check(
            "expected_counts",
            "warn",
            "{share} % of the cells expect fewer than five, and the table is too large for Fisher's exact test: the "
            "p-value is uncertain; join categories.",
            evidence,
        )
    if small:
        return Check(
            "expected_counts",
            "info",
            "{share} % of the cells expect fewer than five: the p-value is that of Fisher's exact test.",
            evidence,
        )
    return Check("expected_counts", "pass", "{share} % of the cells expect fewer than five: χ² may be used.", evidence)


def _unweighted() -> Check:
    return Check(
        "independent_rows",
        "info",
        "Every row counts as one independent unit. Rows of a survey with weights or clusters need its design.",
    )


def _changed(data: pd.DataFrame, of: str, against: str, level: float) -> Found:
    from scipy import stats

    x, y = data[of].to_numpy(float), data[against].to_numpy(float)
    n = len(x)
    b, c = int(((x == 1) & (y == 0)).sum()), int(((x == 0) & (y == 1)).sum())
    p = float(stats.binomtest(b, b + c).pvalue) if b + c else 1.0
    # Agresti and Min add half a unit to each cell for the interval
    b2, c2, n2 = b + 0.5, c + 0.5, n + 2
    middle = (b2 - c2) / n2
    reach = _effects.z_of(level) * math.sqrt(b2 + c2 - (b2 - c2) ** 2 / n2) / n2
    low, high = _effects.share_interval(b, b + c, level) if b + c else (0.0, 1.0)
    odds = (low / (1 - low) if low < 1 else math.nan, high / (1 - high) if high < 1 else math.nan)
    rows = [
        row("difference", (b - c) / n, (middle - reach, middle + reach), p=p, n=n),
        row("odds_ratio", b / c if c else math.nan, odds, n=b + c),
    ]
    counts = pd.crosstab(x, y).reindex(index=[0.0, 1.0], columns=[0.0, 1.0], fill_value=0)
    return Found(
        rows,
        "mcnemar_exact",
        float(b),
        p,
        frames={"cells": cells(counts, np.full((2, 2), np.nan))},
        checks=(
            Check(
                "changed",
                "info" if b + c >= 10 else "warn",
                "{n} of {all} units changed; the test looks at these alone.",
                {"n": b + c, "all": n},
            ),
        ),
    )
