"""Before and after: how much the same units changed, which is not what changed them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._estimate import Influence, assess, interval, p_values
from kesos_research.methods._people import sampling
from kesos_research.methods._sample import Sample, read

_TERMS = ("before", "after", "change")


def before_after(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: float,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """How much did the units change between the periods before a date and those from it on?

    Estimand: mean over units of the mean outcome from `since` on less that before. It describes a change, whatever
    brought it about.

    Parameters
    ----------
    data
        Tidy rows, one for each unit and period, balanced.
    outcome
        Column of numbers.
    unit, period
        Columns that name the unit and the period (a number, such as a year).
    since
        The first period after.
    cluster
        Column of places whose units changed together, the same in all periods of a unit.
    design
        How the units were *sampled*; its columns are the same in all periods of a unit.
    level
        Confidence level.

    Returns
    -------
    Estimates
        ``before``, ``after`` and ``change``; `n` counts units. The error of the change is that of the paired
        differences. Evidence ``changes``: share of units that rose, fell, stayed.

    Raises
    ------
    DataError, MethodError
        When values are missing, the panel is unbalanced, or there is no period on one side.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "family": ["a", "a", "b", "b", "c", "c"], "year": [1, 2] * 3, "income": [4.0, 5.0, 6.0, 6.0, 5.0, 7.0]})
    >>> answer = before_after(rows, outcome="income", unit="family", period="year", since=2)
    >>> float(answer.row(term="change").estimate)
    1.0

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1–25. — Shadish, W. R., Cook, T. D., & Campbell, D. T.
    (2002). Experimental and quasi-experimental designs. Houghton Mifflin, ch. 4.
    """
    level = _rows.fraction(level, "level")
    sample = _units(data, outcome, unit, period, since, cluster=cluster, design=design)
    V = np.stack([sample.number(term) for term in _TERMS])
    if np.ptp(V[:2]) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere.", column=outcome),
            expected=_("an outcome that varies"),
            where=Where(column=outcome),
        )

    def statistic(w: np.ndarray, *, linear: bool) -> Influence:
        theta = V @ w / w.sum()
        return Influence(theta[:, None], (V - theta[:, None]) / w.sum() if linear else np.zeros((3, 0)))

    answer = assess(sample, statistic)
    error = np.sqrt(answer.var)
    low, high = interval(answer.theta, error, answer.df, level)
    p = p_values(answer.theta, error, answer.df)
    p[:2] = np.nan
    table = pd.DataFrame(
        {
            "term": _TERMS,
            "estimate": answer.theta[:, 0],
            "std_error": error[:, 0],
            "conf_low": low[:, 0],
            "conf_high": high[:, 0],
            "p_value": p[:, 0],
            "df": float(answer.df[0]),
            "n": V.shape[1],
        }
    )
    told = Check(
        "no_comparison",
        "warn",
        "There is no comparison: prices, seasons, other programmes and a return to the usual after a bad year "
        "are in this change too, and cannot be told from the programme.",
    )
    kept = tuple(c for c in sample.checks if design is not None or c.name not in ("unweighted", "design"))
    return Estimates(
        table,
        "before_after",
        "Mean change of the same units, whatever brought it about",
        level=level,
        checks=(*kept, told),
        evidence={"changes": _signs(V[2], sample.w)},
    )


def _units(
    data: pd.DataFrame,
    outcome: str,
    unit: str,
    period: str,
    since: float,
    *,
    cluster: str | None,
    design: SurveyDesign | None,
) -> Sample:
    """One row a unit: before, after, change, and the columns of its design."""
    roles = {"outcome": outcome, "unit": unit, "period": period}
    _rows.columns(data, roles)
    _rows.distinct(roles)
    for column in (outcome, period):
        _rows.numeric(data, column)
    if not isinstance(since, int | float | np.number) or isinstance(since, bool) or not abs(since) < 1e15:
        raise MethodError(
            _("{name} is {value}.", name="since", value=_rows.said(since)),
            expected=_("the first period after"),
            where=Where(key="since"),
        )
    wide = _rows.balanced(data, outcome=outcome, unit=unit, period=period)
    late = np.asarray(wide.columns, float) >= float(since)
    if late.all() or not late.any():
        raise MethodError(
            _(
                "There is no period {side} {since}.",
                side=_("before") if late.all() else _("from"),
                since=_rows.plain(since),
            ),
            expected=_("periods on both sides"),
            remedy=_("the rows cover {first} to {last}", first=wide.columns[0], last=wide.columns[-1]),
            where=Where(column=period),
        )
    Y = wide.to_numpy(dtype=float)
    before, after = Y[:, ~late].mean(axis=1), Y[:, late].mean(axis=1)
    frame = pd.DataFrame({"before": before, "after": after, "change": after - before}, index=wide.index)
    wanted: list[str] = [*sampling(data, design, None).columns]
    if cluster is not None and cluster not in wanted:
        wanted.append(cluster)
    _rows.columns(data, {f"design {i}": c for i, c in enumerate(wanted, 1)})
    kept = pd.DataFrame({c: _rows.per_unit(data, unit, c) for c in wanted}, index=wide.index)
    clash = [c for c in wanted if c in frame]
    if clash:
        raise MethodError(
            _("The column {column} has the name of a result.", column=clash[0]),
            expected=_("names other than {names}", names=", ".join(_TERMS)),
            where=Where(column=clash[0]),
        )
    frame = pd.concat([frame, kept], axis=1)
    return read(frame, {term: term for term in _TERMS}, design=sampling(frame, design, cluster))


def _signs(change: np.ndarray, w: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"direction": name, "share": float(w[at].sum() / w.sum()), "n": int(at.sum())}
            for name, at in (("rose", change > 0), ("fell", change < 0), ("stayed", change == 0))
        ]
    )
