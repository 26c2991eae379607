"""Difference in differences: did the treated change by more than the others?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken

ENOUGH = 10
"""With fewer treated units a standard error from their spread is not believed."""


def diff_in_diff(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    level: float = 0.95,
) -> Estimates:
    """Did the treated units change by more than the comparison units?

    Estimand: the mean over treated units and over the periods from `since` on of the effect of treatment, if without it
    the treated would on average have changed as the comparison units did (parallel trends).

    Parameters
    ----------
    data
        Tidy rows, one for each unit and period, balanced, of the periods that count: those before `since` and those
        after. A transition year is left out by leaving out its rows.
    outcome
        Column of the outcome, in its own unit of measurement.
    unit, period
        Columns that name the unit and the period (a number, such as a year).
    treated
        Boolean column, the same in all periods of a unit.
    since
        First treated period, or a column that holds it for the treated.
    level
        Confidence level of the interval.

    Returns
    -------
    Estimates
        One row, ``term="treated"``, in the outcome's unit; `n` counts units. With ten or more units in each group the
        standard error is CR2 clustered by unit, with Bell and McCaffrey's degrees of freedom; with fewer it is absent:
        use `randomization_inference`. Evidence: ``changes`` of each unit, ``means`` of each group and window, and
        ``trend``.

    Raises
    ------
    MethodError
        When values are missing, the panel is unbalanced, or there is no group or period to compare with.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "place": ["a", "a", "b", "b", "c", "c"], "year": [1, 2] * 3,
    ...     "poor": [10.0, 6.0, 12.0, 11.0, 14.0, 11.0], "pilot": [True] * 2 + [False] * 4,
    ... })
    >>> answer = diff_in_diff(rows, outcome="poor", unit="place", period="year", treated="pilot", since=2)
    >>> float(answer.row(term="treated").estimate)
    -2.0

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. Survey Methodology 28(2), 169–181.
    """
    level = _rows.fraction(level, "level")
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    D, A = panel.changes, panel.treated
    estimate = float(D[A].mean() - D[~A].mean())
    row: dict[str, object] = {"term": "treated", "estimate": estimate, "n": len(D)}
    enough = min(A.sum(), (~A).sum()) >= ENOUGH
    if enough:
        row |= _cr2(D[A], D[~A], estimate, level)
    return Estimates(
        pd.DataFrame([row]),
        "diff_in_diff",
        "Mean effect on the treated in the periods after, if without treatment they had changed as the comparison did",
        level=level,
        checks=(_few_treated(panel, enough), _trend_before(panel)),
        evidence={"changes": _changes(panel), "means": _means(panel), "trend": _trend(panel)},
    )


def _cr2(x: np.ndarray, y: np.ndarray, estimate: float, level: float) -> dict[str, float]:
    """CR2 of the two-way regression is the unequal-variance error of the changes.

    Degrees of freedom are those of equal variances, Bell and McCaffrey's working model.
    """
    k, m = len(x), len(y)
    se = float(np.sqrt(x.var(ddof=1) / k + y.var(ddof=1) / m))
    if se <= 1e-12 * max(1.0, float(np.abs(x).max()), float(np.abs(y).max())):
        raise MethodError(
            _("All units of each group change by the same amount: there is no spread to measure an error with."),
            expected=_("changes that differ"),
        )
    df = (1 / k + 1 / m) ** 2 / (1 / (k**2 * (k - 1)) + 1 / (m**2 * (m - 1)))
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    return {
        "std_error": se,
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
        "p_value": float(2 * stats.t.sf(abs(estimate) / se, df)),
        "df": df,
    }


def _few_treated(panel: _rows.Panel, enough: bool) -> Check:
    evidence = {"k": panel.k, "m": len(panel.units) - panel.k, "enough": ENOUGH}
    if enough:
        return Check(
            "few_treated", "pass", "{k} treated and {m} comparison units: enough for a standard error.", evidence
        )
    return Check(
        "few_treated",
        "warn",
        "{k} treated and {m} comparison units: fewer than {enough} in a group, so no standard error is given; one from "
        "the spread of so few would be far too small.",
        evidence,
    )


def _trend_before(panel: _rows.Panel) -> Check:
    T = np.asarray(panel.periods, float)[panel.before]
    if len(T) < 2:
        return Check("trend_before", "info", "One period before: the trend before treatment cannot be compared.")
    slopes = np.polyfit(T, panel.Y[:, panel.before].T, 1)[0]
    A = panel.treated
    return Check(
        "trend_before",
        "info",
        "Before treatment the outcome of the treated moved by {treated} a period, that of the others by {others}.",
        {"treated": spoken(slopes[A].mean(), 2), "others": spoken(slopes[~A].mean(), 2)},
    )


def _changes(panel: _rows.Panel) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "unit": panel.units,
            "treated": panel.treated,
            "before": panel.Y[:, panel.before].mean(axis=1),
            "after": panel.Y[:, ~panel.before].mean(axis=1),
            "change": panel.changes,
        }
    )
    return frame.sort_values("unit", ignore_index=True)


def _means(panel: _rows.Panel) -> pd.DataFrame:
    changes = _changes(panel)
    return pd.DataFrame(
        [
            {"group": group, "window": window, "mean": float(rows[window].mean()), "n": len(rows)}
            for group, rows in (("treated", changes[changes.treated]), ("comparison", changes[~changes.treated]))
            for window in ("before", "after", "change")
        ]
    )


def _trend(panel: _rows.Panel) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"group": group, "period": p, "mean": float(panel.Y[inside, t].mean())}
            for group, inside in (("treated", panel.treated), ("comparison", ~panel.treated))
            for t, p in enumerate(panel.periods)
        ]
    )
