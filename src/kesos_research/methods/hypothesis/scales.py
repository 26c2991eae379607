"""Scales made of several items: does each item belong, and do they measure one thing?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._adjust import holm

Array = NDArray[np.float64]

_BELONGS = 0.3
"""Corrected item–total correlation from which an item is usually kept (Nunnally & Bernstein 1994)."""
_RELIABLE = 0.7


def item_validity(data: pd.DataFrame, *, items: Sequence[str], level: float = 0.95) -> Estimates:
    """Does each item of a questionnaire go with the others?

    Estimand: the correlation of an item with the sum of the *other* items (corrected item–total). The sum with the item
    in it, as it is often computed, goes with the item even where answers are noise.

    Parameters
    ----------
    data
        One row a respondent.
    items
        Columns of numbers, scored so that more means more of the same.
    level
        Of the intervals.

    Returns
    -------
    Estimates
        One row an item (``term``), with interval and p-value. Evidence ``items``: the uncorrected correlation, and
        alpha without the item.

    Raises
    ------
    MethodError
        When there are fewer than three items or four respondents, or an item does not vary.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 5], "c": [1, 3, 3, 4, 4]})
    >>> item_validity(rows, items=["a", "b", "c"]).table.estimate.round(3).tolist()
    [0.97, 0.903, 0.87]

    References
    ----------
    Nunnally, J. C., & Bernstein, I. H. (1994). Psychometric theory (3rd ed.). McGraw-Hill, ch. 8. — Henrysson, S.
    (1963). Correction of item–total correlations in item analysis. Psychometrika 28, 211–218.
    """
    from scipy import stats

    level = _rows.fraction(level, "level")
    X = _scores(data, items, 3)
    n, k = X.shape
    total = X.sum(axis=1)
    rows, more = [], []
    for j, item in enumerate(items):
        rest = total - X[:, j]
        if np.ptp(rest) == 0:
            raise MethodError(_("The other items do not vary."), expected=_("values that vary"))
        r = float(np.corrcoef(X[:, j], rest)[0, 1])
        t = r * math.sqrt((n - 2) / max(1 - r**2, 1e-300))
        low, high = _effects.fisher_z(r, 1 / math.sqrt(n - 3), level)
        rows.append(
            {
                "term": item,
                "estimate": r,
                "conf_low": low,
                "conf_high": high,
                "p_value": float(2 * stats.t.sf(abs(t), n - 2)),
                "df": float(n - 2),
                "n": float(n),
            }
        )
        more.append(
            {
                "item": item,
                "with_itself": float(np.corrcoef(X[:, j], total)[0, 1]),
                "alpha_without": alpha(np.delete(X, j, axis=1)) if k > 2 else math.nan,
            }
        )
    table = pd.DataFrame(rows)
    return Estimates(
        table,
        "item_validity",
        "Correlation of each item with the sum of the others",
        level=level,
        checks=(_belonging(table), *_reversed(table)),
        evidence={"items": pd.DataFrame(more).assign(p_holm=holm(table["p_value"].to_numpy(float)))},
    )


def cronbach_alpha(data: pd.DataFrame, *, items: Sequence[str], level: float = 0.95) -> Estimates:
    """How far do several items measure one thing?

    Estimand: Cronbach's α of the sum of the items, a lower bound of its reliability where their errors are not
    correlated.

    Parameters
    ----------
    data, items, level
        As for `item_validity`; two items are enough.

    Returns
    -------
    Estimates
        One row, ``alpha``, with Feldt's interval. Evidence ``items``: alpha without each.

    Raises
    ------
    MethodError
        As `item_validity`.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 5], "c": [1, 3, 3, 4, 4]})
    >>> round(float(cronbach_alpha(rows, items=["a", "b", "c"]).row(term="alpha").estimate), 3)
    0.954

    References
    ----------
    Cronbach, L. J. (1951). Psychometrika 16, 297–334. — Feldt, L. S., Woodruff, D. J., & Salih, F. A. (1987).
    Statistical inference for coefficient alpha. Applied Psychological Measurement 11(1), 93–103.
    """
    from scipy import special

    level = _rows.fraction(level, "level")
    X = _scores(data, items, 2)
    n, k = X.shape
    a = alpha(X)
    df1, df2 = n - 1, (n - 1) * (k - 1)
    tail = (1 - level) / 2
    low, high = (1 - (1 - a) * float(special.fdtri(df1, df2, q)) for q in (1 - tail, tail))
    without = [alpha(np.delete(X, j, axis=1)) if k > 2 else math.nan for j in range(k)]
    return Estimates(
        pd.DataFrame([{"term": "alpha", "estimate": a, "conf_low": low, "conf_high": high, "n": float(n)}]),
        "cronbach_alpha",
        "Reliability of the sum of the items",
        level=level,
        checks=(_reliable(a, low, k),),
        evidence={"items": pd.DataFrame({"item": list(items), "alpha_without": without})},
    )


def alpha(X: Array) -> float:
    """k/(k − 1) (1 − Σ s_j²/s²) of the sum; (n, k)."""
    k = X.shape[1]
    total = X.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - X.var(axis=0, ddof=1).sum() / total)) if total > 0 else math.nan


def _scores(data: pd.DataFrame, items: Sequence[str], least: int) -> Array:
    if isinstance(items, str) or len(items) < least or len(set(items)) != len(items):
        raise MethodError(
            _("{n} different items are told.", n=1 if isinstance(items, str) else len(set(items))),
            expected=_("at least {least} columns", least=least),
            where=Where(key="items"),
        )
    _rows.columns(data, {f"item {i}": c for i, c in enumerate(items, 1)})
    for item in items:
        _rows.numeric(data, item)
        if data[item].nunique() == 1:
            raise MethodError(
                _("The column {column} does not vary.", column=item),
                expected=_("values that vary"),
                where=Where(column=item),
            )
    if len(data) < 4:
        raise MethodError(_("There are {n} rows.", n=len(data)), expected=_("at least {least}", least=4))
    X = data[list(items)].to_numpy(float)
    if np.ptp(X.sum(axis=1)) == 0:
        raise MethodError(_("The sum of the items does not vary."), expected=_("values that vary"))
    return X


def _belonging(table: pd.DataFrame) -> Check:
    weak = table.loc[table["estimate"] < _BELONGS, "term"].tolist()
    evidence = {"n": len(weak), "items": listed(weak), "k": len(table)}
    if weak:
        return Check(
            "items_belong",
            "warn",
            "{n} of {k} items go with the others less than .30: {items}. Look at their wording before leaving them "
            "out: an item may be right and hard.",
            evidence,
        )
    return Check("items_belong", "pass", "All {k} items go with the others by .30 or more.", evidence)


def _reversed(table: pd.DataFrame) -> tuple[Check, ...]:
    against = table.loc[table["estimate"] < 0, "term"].tolist()
    if not against:
        return ()
    return (
        Check(
            "items_reversed",
            "fail",
            "{items} go against the others: were they asked the other way round, and not turned?",
            {"items": listed(against)},
        ),
    )


def _reliable(a: float, low: float, k: int) -> Check:
    evidence = {"alpha": spoken(a, 2), "low": spoken(low, 2), "k": k}
    if not a >= _RELIABLE:
        return Check(
            "reliable",
            "warn",
            "Alpha of the {k} items is {alpha}, below .70: sums of them compare groups poorly and persons not at all.",
            evidence,
        )
    return Check(
        "reliable",
        "pass" if low >= _RELIABLE else "info",
        "Alpha of the {k} items is {alpha}, with {low} the least that the sample allows. It grows with the number of "
        "items and does not show that they measure one thing.",
        evidence,
    )
