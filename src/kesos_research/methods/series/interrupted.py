"""A series that was interrupted: did its level and its slope change?"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.estimates import Estimates
from kesos_research.methods import _rows
from kesos_research.methods._settings import choice
from kesos_research.methods.series import _checks, _segmented
from kesos_research.methods.series._reading import Series, read
from kesos_research.methods.series._segmented import Answer, Array

Method = Literal["integrated", "newey_west", "prais_winsten"]
TERMS = ("slope_before", "level_change", "slope_change", "mean_gap", "last_gap")


def interrupted_series(
    data: pd.DataFrame,
    *,
    outcome: str,
    period: str,
    since: float,
    treated: str | None = None,
    season: str | None = None,
    method: Method = "integrated",
    lags: int | None = None,
    level: float = 0.95,
) -> Estimates:
    """Did the level and the slope of a series change at a date, and how far is it from where it was going?

    Estimand: in y_t = a + b·t + c·[t ≥ since] + d·(t − since)·[t ≥ since]: c, d, and the mean over the periods from
    `since` on, and the last, of c + d·(t − since). With `treated`, y is the treated series less the comparison.

    Parameters
    ----------
    data
        One row a period; with `treated` one for the treated and one for the comparison (the mean of several units).
        Periods are equally far apart; those of a transition are left out by leaving out their rows.
    outcome
        Column of numbers.
    period
        Column of numbers.
    since
        First period after the change.
    treated
        Boolean column that tells the treated series from the comparison.
    season
        Column of the season of each row (a month, a quarter); each season but the first has a level of its own.
    method
        ``"integrated"``: errors that hang together by ρ, and what is not known of ρ is in the answer.
        ``"prais_winsten"``: ρ is taken as its estimate. ``"newey_west"``: least squares, errors from autocovariances.
        In short series the last two reject far too often.
    lags
        Of Newey and West; without, ⌊4 (T/100)^(2/9)⌋.
    level
        Confidence level.

    Returns
    -------
    Estimates
        Terms ``slope_before``, ``level_change``, ``slope_change``, ``mean_gap``, ``last_gap``; `df` is periods less
        terms. Evidence: ``path`` [period, observed, fitted, counterfactual, low, high] of the (treated) series,
        ``residuals``, ``autocorrelation``.

    Raises
    ------
    MethodError
        When values are missing, periods repeat or are unevenly spaced, a side has fewer than three, there are as few
        periods as terms, or the series lies on its lines.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": range(2001, 2021), "poor": [
    ...     15.1, 14.8, 14.9, 14.4, 14.5, 14.1, 14.2, 13.8, 13.6, 13.7, 11.9, 11.6, 11.2, 11.3, 10.8, 10.9, 10.3, 10.2,
    ...     9.9, 9.8]})
    >>> answer = interrupted_series(rows, outcome="poor", period="year", since=2011)
    >>> round(float(answer.row(term="level_change").estimate), 1)
    -1.5

    References
    ----------
    Wagner, A. K., et al. (2002). Segmented regression analysis of interrupted time series studies. Journal of Clinical
    Pharmacy and Therapeutics 27, 299–309. — Linden, A. (2015). Conducting interrupted time-series analysis for single-
    and multiple-group comparisons. Stata Journal 15(2), 480–500. — Newey, W. K., & West, K. D. (1987). Econometrica 55,
    703–708. — Turner, S. L., et al. (2021). Evaluation of statistical methods used in the analysis of interrupted time
    series studies. BMC Medical Research Methodology 21, 181.
    """
    level = _rows.fraction(level, "level")
    choice(method, "method", get_args(Method))
    s = read(data, outcome=outcome, period=period, since=since, treated=treated, season=season)
    C = np.vstack([_contrasts(s), _without(s)])
    if lags is not None:
        _rows.whole(lags, "lags", least=0)
    bandwidth = _segmented.bandwidth(len(s.y)) if lags is None else min(int(lags), len(s.y) - 1)
    found = _fit(s, C, method, bandwidth, level)
    q = len(TERMS)
    table = pd.DataFrame(
        {
            "term": TERMS,
            "estimate": found.estimate[:q],
            "std_error": found.error[:q],
            "conf_low": found.low[:q],
            "conf_high": found.high[:q],
            "p_value": found.p[:q],
            "df": found.df,
            "n": len(s.y),
        }
    )
    e = s.y - s.X @ found.beta
    tests = _tests(e, found, method)
    return Estimates(
        table,
        "interrupted_series",
        "Change of level and slope of a series, less its comparison where there is one, against the course before",
        level=level,
        checks=(
            _checks.points(s),
            _checks.standard_error(s, method, bandwidth),
            _checks.autocorrelation(tests, found, level),
            *_checks.beside(s, table, level),
            *_checks.seasons(s),
        ),
        evidence={
            "path": _path(s, found),
            "residuals": pd.DataFrame({"period": s.t, "residual": e}),
            "autocorrelation": tests,
        },
    )


def _contrasts(s: Series) -> Array:
    C = np.zeros((len(TERMS), s.X.shape[1]))
    C[0, 1] = C[1, 2] = C[2, 3] = 1
    C[3, 2:4] = s.X[s.after, 2:4].mean(axis=0)
    C[4, 2:4] = s.X[-1, 2:4]
    return C


def _without(s: Series) -> Array:
    """Rows of the design as if nothing had changed."""
    X = s.X.copy()
    X[:, 2:4] = 0
    return X


def _fit(s: Series, C: Array, method: str, lags: int, level: float) -> Answer:
    if method == "newey_west":
        return _segmented.newey_west(s.X, s.y, C, level, lags)
    if method == "prais_winsten":
        return _segmented.prais_winsten(s.X, s.y, C, level)
    return _segmented.integrated(s.X, s.y, C, level)


def _tests(e: Array, found: Answer, method: str) -> pd.DataFrame:
    """Whether errors hang together, and whether more than one ρ would say."""
    white = e if method == "newey_west" else _segmented.whitened(e, found.rho)
    lags = max(2, min(10, len(e) // 5))
    Q, p = _segmented.ljung_box(white, lags, 0 if method == "newey_west" else 1)
    return pd.DataFrame(
        [
            {"test": "ljung_box", "statistic": Q, "p_value": p, "lags": lags},
            {"test": "durbin_watson", "statistic": _segmented.durbin_watson(e), "p_value": np.nan, "lags": 1},
            {"test": "rho", "statistic": found.rho, "p_value": np.nan, "lags": 1},
        ]
    )


def _path(s: Series, found: Answer) -> pd.DataFrame:
    """The series, its lines, and its course before carried on; beside the comparison, where there is one."""
    beside = 0.0 if s.beside is None else s.beside
    q = len(TERMS)
    return pd.DataFrame(
        {
            "period": s.t,
            "observed": s.y + beside,
            "fitted": s.X @ found.beta + beside,
            "counterfactual": found.estimate[q:] + beside,
            "low": found.low[q:] + beside,
            "high": found.high[q:] + beside,
        }
    )
