"""Imputation: what would the treated have had, by levels of units and periods known from the untreated?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed
from kesos_research.methods.staggered import _absorb, _bands, _checks
from kesos_research.methods.staggered._panel import Rows, read


@dataclass(frozen=True)
class _Fitted:
    """The library's answer and its two tables."""

    results: Any
    event_time: pd.DataFrame
    group: pd.DataFrame


def imputation(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: str,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    anticipation: int = 0,
    level: float = 0.95,
) -> Estimates:
    """By how much do the treated differ from what levels of units and periods of the untreated foretell?

    Estimand: the mean effect over all treated unit-periods (and by time since treatment, and by date), if without
    treatment outcomes were a level of the unit plus one of the period (plus covariates). All untreated rows are used,
    so that it is more precise than `callaway_santanna` where that holds in every period, and worse off where not.

    Parameters
    ----------
    data, outcome, unit, period, since, covariates, cluster, anticipation, level
        As for `callaway_santanna`; covariates must change within units.

    Returns
    -------
    Estimates
        One row, ``term="simple"``, with the conservative error by cluster; `n` counts rows. Evidence: ``event_time``
        (without bands), ``group``.

    Raises
    ------
    MethodError
        As `callaway_santanna`; when in some period every unit is treated, so that its level is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "year": t, "start": [2, 3, None][i % 3], "poor": i % 5 + t + 4.0 * (t >= (2, 3, 99)[i % 3])}
    ...     for i in range(30) for t in range(5)])
    >>> rows["poor"] += (rows.place * 7 + rows.year * 3) % 4 / 100
    >>> answer = imputation(rows, outcome="poor", unit="place", period="year", since="start")
    >>> round(float(answer.row(term="simple").estimate), 1)
    4.0

    References
    ----------
    Borusyak, K., Jaravel, X., & Spiess, J. (2024). Revisiting event-study designs: Robust and efficient estimation.
    Review of Economic Studies 91(6), 3253–3285.
    """
    level = _rows.fraction(level, "level")
    anticipation = _rows.whole(anticipation, "anticipation", least=0)
    rows = read(data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=cluster)
    _foretold(rows, anticipation, since, period)
    made = _fit(rows, anticipation)
    df = float(rows.n_clusters - 1)
    estimate = float(made.results.overall_att)
    row = _bands.interval(estimate, float(made.results.overall_se), df, level)
    return Estimates(
        pd.DataFrame([{"term": "simple", "estimate": estimate, **row, "n": len(rows.y)}]),
        "imputation",
        "Mean effect over treated unit-periods, if without treatment outcomes were levels of units and of periods",
        level=level,
        checks=(
            _checks.cohorts(rows.cohorts),
            _checks.few_treated(rows),
            _checks.small_cohorts(rows),
            _leads(rows, anticipation),
        ),
        evidence={
            "event_time": _framed(made.event_time, "event_time", "event_time", df=df, level=level),
            "group": _framed(made.group, "since", "label", df=df, level=level),
        },
    )


def _foretold(rows: Rows, anticipation: int, since: str, period: str) -> None:
    """Is the level of every unit and of every period known from untreated rows?"""
    untreated = rows.t < rows.g - anticipation
    periods = [_rows.plain(t) for t in rows.periods if not untreated[rows.t == t].any()]
    if periods:
        raise MethodError(
            _("In {n} periods every unit is treated ({named}).", n=len(periods), named=listed(periods)),
            expected=_("untreated units in each period"),
            remedy=_("shorten the window to the periods before"),
            where=Where(column=period),
        )
    lacking = np.bincount(rows.unit, untreated) == 0
    if lacking.any():
        named = listed([rows.names[i] for i in np.flatnonzero(lacking)])
        raise MethodError(
            _(
                "{n} units have no period before treatment and its anticipation ({named}).",
                n=int(lacking.sum()),
                named=named,
            ),
            expected=_("a period before treatment for every unit"),
            where=Where(column=since),
        )


def _fit(rows: Rows, anticipation: int) -> _Fitted:
    """The library's fit."""
    from diff_diff import ImputationDiD

    never = rows.g > rows.periods[-1] + anticipation
    frame = pd.DataFrame(
        {
            "y": rows.y,
            "unit": rows.unit,
            "t": rows.t.astype(int),
            "g": np.where(never, 0, np.where(np.isfinite(rows.g), rows.g, 0)).astype(int),
            "cluster": rows.cluster,
        }
        | {f"x{i}": x for i, x in enumerate(rows.X.T)}
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The inplace keyword")
        model = ImputationDiD(anticipation=anticipation, cluster="cluster", rank_deficient_action="error")
        try:
            made = model.fit(
                frame, outcome="y", unit="unit", time="t", first_treat="g",
                covariates=[f"x{i}" for i in range(rows.X.shape[1])] or None,
            )  # fmt: skip
        except ValueError as problem:
            raise MethodError(
                _("The covariates depend on each other, on the units or on the periods."),
                expected=_("columns that change within units, and otherwise than all units together"),
                where=Where(key="covariates"),
            ) from problem
        return _Fitted(made, made.aggregate("event_study").to_dataframe(), made.aggregate("group").to_dataframe())


def _leads(rows: Rows, anticipation: int) -> Check:
    """Do leads say anything among the untreated rows? The paper's regression (its equation 9), with CR2.

    The largest of the leads decides, by Bonferroni over Student's t of Bell and McCaffrey's degrees of freedom: a joint
    F test of many leads rejects far too often with few clusters.
    """
    untreated = rows.only(rows.t < rows.g - anticipation)
    P = rows.periods
    last = {g: P[g - anticipation > P][-1] - g for g in rows.starts[rows.starts <= P[-1]]}
    at = untreated.t - untreated.g
    own = np.array([last.get(g, np.nan) for g in untreated.g])
    leads = np.unique(at[np.isfinite(own) & (at < own)])
    if not len(leads):
        return _checks.trends_before(_bands.Largest(0, float("nan"), float("nan")))
    columns = (np.isfinite(own) & (at < own))[:, None] & (at[:, None] == leads[None, :])
    try:
        fit = _absorb.least_squares(untreated, columns.astype(float))
    except MethodError:
        return Check(
            "trends_before",
            "warn",
            "The periods before treatment are too few for a test of whether the groups moved alike.",
        )
    spread = _absorb.by_cluster(fit, np.eye(len(fit.beta))[:, : len(leads)], untreated.cluster, "CR2")
    se = np.sqrt((spread.z**2).sum(axis=0))
    u = _bands.normal(fit.beta[: len(leads)] / se, spread.df)
    p = min(1.0, len(leads) * float(2 * stats.norm.sf(u.max())))
    return _checks.trends_before(_bands.Largest(len(leads), float(u.max()), p))


def _framed(table: pd.DataFrame, at: str, source: str, *, df: float, level: float) -> pd.DataFrame:
    se = table["se"].to_numpy(float)
    return _bands.frame(
        {at: table[source].to_numpy(float)}, table["att"].to_numpy(float), se, df=df, level=level, crit=float("nan")
    )
