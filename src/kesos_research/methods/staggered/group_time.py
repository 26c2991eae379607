"""Callaway and Sant'Anna: what did a programme that came at different dates change, compared with the not treated?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods.randomization import DRAWS
from kesos_research.methods.staggered import _aggregate, _bands, _checks
from kesos_research.methods.staggered._cells import Cells, Setting, cells
from kesos_research.methods.staggered._panel import NEVER, Array, Rows, read, with_never_treated

Comparison = Literal["never_treated", "not_yet_treated"]
Estimator = Literal["dr", "ipw", "reg"]
Base = Literal["varying", "universal"]
Panel = Literal["balanced", "unbalanced"]


def callaway_santanna(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str | None,
    period: str,
    since: str,
    seed: int,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    comparison: Comparison = "never_treated",
    estimator: Estimator = "dr",
    base: Base = "varying",
    anticipation: int = 0,
    panel: Panel = "balanced",
    window: tuple[int, int] | None = None,
    balance: int | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """What did a programme that came at different dates change, against units that were not treated then?

    Estimand: ATT(g, t), the mean effect in period t on the units first treated in g, if without treatment they would
    have changed as the comparison units did (with `covariates`: as comparison units like them did); and its means.

    Parameters
    ----------
    data
        Tidy rows, one for each unit and period; or one for each person asked, if `unit` is None.
    outcome
        Column of the outcome, in its own unit of measurement.
    unit
        Column that names the unit; None for repeated cross-sections, in which nobody is met twice.
    period
        Column of the period, a number such as a year.
    since
        Column of the first treated period of the unit, missing where it is never treated.
    seed
        Of the random signs behind the bands.
    covariates
        Columns of numbers on which parallel trends depend; of a panel their values in the earlier period of each
        comparison are used.
    cluster
        Column that says where treatment was *assigned*; units if none is named, or the first-stage cluster of `design`.
    design
        How the rows were *sampled*: weight and first-stage cluster. Others are refused.
    comparison
        Who stands for the untreated: units never treated, or all that are not treated yet.
    estimator
        With covariates: doubly robust, inverse probability weighting, or outcome regression. Without, all are one.
    base
        Before treatment, ``"varying"`` compares with the period before, ``"universal"`` with the last before treatment.
    anticipation
        Periods before `since` in which effects may show; the base is the last before them.
    panel
        ``"unbalanced"`` allows units that lack periods, and compares levels of whoever is there.
    window, balance
        First and last time since treatment that are shown; or only cohorts seen for so long after it.
    draws
        Random signs, at least 9,999.
    level
        Confidence level of intervals and bands.

    Returns
    -------
    Estimates
        Terms ``simple`` (all effects, weighted by cohorts' sizes), ``group`` (mean over cohorts of their own mean: the
        headline), ``dynamic`` (mean over times since treatment) and ``calendar`` (mean over periods), with Student's t
        of Welch and Satterthwaite's degrees of freedom over the cohorts. Evidence: ``att_gt``, ``event_time``,
        ``group``, ``calendar`` (bands hold all rows of a frame at once), ``event_covariance``, ``cohorts``.

    Raises
    ------
    MethodError
        Missing values, repeated unit-periods, an unbalanced panel not asked for, units treated from the first period,
        none never treated, one period, covariates that depend on each other, a constant outcome.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "year": t, "start": [2, 3, None][i % 3], "poor": i % 5 + t + 4.0 * (t >= (2, 3, 99)[i % 3])}
    ...     for i in range(30) for t in range(5)])
    >>> rows["poor"] += (rows.place * 7 + rows.year * 3) % 4 / 100
    >>> answer = callaway_santanna(rows, outcome="poor", unit="place", period="year", since="start", seed=1)
    >>> round(float(answer.row(term="group").estimate), 1)
    4.0

    References
    ----------
    Callaway, B., & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of
    Econometrics 225(2), 200–230. — Sant'Anna, P. H. C., & Zhao, J. (2020). Doubly robust difference-in-differences
    estimators. Journal of Econometrics 219(1), 101–122.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    _rows.choice(comparison, "comparison", get_args(Comparison))
    _rows.choice(estimator, "estimator", get_args(Estimator))
    _rows.choice(base, "base", get_args(Base))
    _rows.choice(panel, "panel", get_args(Panel))
    anticipation = _rows.whole(anticipation, "anticipation", least=0)
    rows = read(
        data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=cluster,
        design=design, panel=panel,
    )  # fmt: skip
    used, lonely = _comparable(rows, comparison, anticipation, since)
    repeated = unit is None or panel == "unbalanced"
    made = cells(used, Setting(comparison, estimator, base, anticipation, repeated))
    if not (made.t >= made.g).any():
        raise MethodError(
            _("No cohort can be compared in a period after its treatment."),
            expected=_("comparison units, and a period before treatment and its anticipation"),
            where=Where(column=since),
        )
    return _answer(
        used, made, lonely, anticipation=anticipation, window=window, balance=balance, level=level, draws=draws,
        seed=seed,
    )  # fmt: skip


def _comparable(rows: Rows, comparison: str, anticipation: int, since: str) -> tuple[Rows, list[float]]:
    """Rows without cohorts that show nothing, and the dates of these.

    Where all are treated at last, those treated last stand for the untreated until they are.
    """
    lonely: list[float] = []
    if comparison == "never_treated":
        rows = with_never_treated(rows, since)
    elif np.isfinite(rows.g).all():
        last = rows.starts[-1]
        before = rows.t < last - anticipation
        if len(rows.starts) < 2 or len(np.unique(rows.t[before])) < 2:
            with_never_treated(rows, since)
        lonely.append(float(last))
        rows = rows.only(before)
        object.__setattr__(rows, "g", np.where(rows.g == last, NEVER, rows.g))
    early = rows.g <= rows.periods[0] + anticipation
    if early.any():
        lonely += [float(g) for g in np.unique(rows.g[early])]
        rows = rows.only(~early)
    return rows, lonely


def _answer(
    rows: Rows,
    made: Cells,
    lonely: list[float],
    *,
    anticipation: int,
    window: tuple[int, int] | None,
    balance: int | None,
    level: float,
    draws: int,
    seed: int,
) -> Estimates:
    first = rows.first
    w = np.bincount(rows.unit, rows.w) / np.bincount(rows.unit)
    shares, home = _aggregate.Shares(rows.g[first], w / w.mean()), rows.cluster[first]
    cohort, P = _bands.cohorts(rows), rows.periods
    overall, overall_psi = _aggregate.simple(made, shares)
    means = {
        "group": _aggregate.group(made, shares),
        "dynamic": _aggregate.dynamic(made, shares, window=window, balance=balance, last=P[-1], first=P[0]),
        "calendar": _aggregate.calendar(made, shares),
    }
    totals = {"simple": (overall, overall_psi)} | {k: (m.total, m.total_psi) for k, m in means.items()}
    z = _bands.clustered(np.column_stack([psi for _theta, psi in totals.values()]), home)
    se = np.sqrt((z**2).sum(axis=0))
    table = [
        {"term": term, "estimate": theta, **_bands.interval(theta, float(s), float(df), level), "n": rows.n_units}
        for (term, (theta, _psi)), s, df in zip(totals.items(), se, _bands.welch(z, cohort), strict=True)
    ]

    frames = {
        "att_gt": ({"since": made.g, "period": made.t, "event_time": made.t - made.g}, made.att, made.psi),
        "event_time": ({"event_time": means["dynamic"].at}, means["dynamic"].theta, means["dynamic"].psi),
        "group": ({"since": means["group"].at}, means["group"].theta, means["group"].psi),
        "calendar": ({"period": means["calendar"].at}, means["calendar"].theta, means["calendar"].psi),
    }
    moves = {name: _bands.clustered(psi, home) for name, (_at, _theta, psi) in frames.items()}
    early, early_psi = _early(made, shares, anticipation)
    moves["before"] = _bands.clustered(early_psi, home)
    df = {name: _bands.welch(z, cohort) for name, z in moves.items()}
    error = {name: np.sqrt((z**2).sum(axis=0)) for name, z in moves.items()}
    parts = [(z, df[name]) for name, z in moves.items()]
    highest = dict(zip(moves, _bands.sup(parts, cohort, draws=draws, seed=seed), strict=True))
    crit = {name: _bands.critical(drawn, level) for name, drawn in highest.items()}
    shown = {
        name: _bands.frame(at, theta, error[name], df=df[name], level=level, crit=crit[name])
        for name, (at, theta, _psi) in frames.items()
    }
    shown["att_gt"] = shown["att_gt"].assign(n_treated=made.n_treated, n_comparison=made.n_comparison)
    shown["group"] = shown["group"].merge(rows.cohorts, on="since", how="left")
    checks: list[Check] = [
        _checks.cohorts(rows.cohorts),
        _checks.few_treated(rows),
        _checks.small_cohorts(rows),
        _checks.trends_before(_bands.largest(early, error["before"], df["before"], highest["before"])),
    ]
    missing = lonely + [float(g) for g in rows.starts if g <= P[-1] and not (made.g == g).any()]
    if missing:
        checks.append(_checks.left_out(missing))
    if rows.covariates:
        checks.append(_checks.dropped_cells(made.dropped))
    checks.append(_checks.band(draws, crit["event_time"], level))
    return Estimates(
        pd.DataFrame(table),
        "callaway_santanna",
        "Mean effect on the treated since their own date, if without treatment they had changed as the comparison did",
        level=level,
        checks=tuple(checks),
        evidence={
            **shown,
            "event_covariance": _bands.covariance_frame(
                means["dynamic"].at, moves["event_time"].T @ moves["event_time"]
            ),
            "cohorts": rows.cohorts,
        },
    )


def _early(made: Cells, shares: _aggregate.Shares, anticipation: int) -> tuple[Array, Array]:
    """Means by time since treatment of the cells before it and its anticipation, whatever window is shown."""
    before = _aggregate.dynamic(made, shares, window=(-np.inf, -1.0 - anticipation))
    told = before.psi.any(axis=0)
    return before.theta[told], before.psi[:, told]
