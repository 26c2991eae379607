"""Event studies of one date, period by period, and Sun and Abraham's for several dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods.randomization import DRAWS
from kesos_research.methods.staggered import _absorb, _bands, _checks
from kesos_research.methods.staggered._panel import Array, Rows, one_date, read, with_never_treated

Error = Literal["CR2", "CR1", "CR3"]


def event_study(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: str,
    seed: int,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    std_error: Error = "CR2",
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How far apart are treated and comparison units in each period before and after one date?

    Estimand: for each period, the mean effect on the treated, if without treatment they had kept the distance of the
    last period before; the distances before should be nought. Several dates are refused.

    Parameters
    ----------
    data, outcome, unit, period, since, seed, covariates, cluster, design, draws, level
        As for `callaway_santanna`; covariates must change within units.
    std_error
        ``"CR2"`` with Bell and McCaffrey's degrees of freedom, ``"CR1"``, or ``"CR3"``, the jackknife.

    Returns
    -------
    Estimates
        One row, ``term="mean"``: the mean effect over the periods from `since` on; `n` counts rows. Evidence:
        ``event_time``, where the reference is nought by construction, and ``event_covariance``.

    Raises
    ------
    MethodError
        As `callaway_santanna`, and when units start at different dates.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "t": t, "start": 2 if i < 10 else None, "poor": i % 7 + t * (i % 3) + 5.0 * (i < 10 and t > 1)}
    ...     for i in range(30) for t in range(4)])
    >>> answer = event_study(rows, outcome="poor", unit="place", period="t", since="start", seed=1)
    >>> [round(float(x), 2) for x in answer.evidence["event_time"].estimate]
    [0.15, 0.0, 4.85, 4.7]

    References
    ----------
    Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis
    testing in fixed effects models. Journal of Business & Economic Statistics 36(4), 672–683.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    _rows.choice(std_error, "std_error", get_args(Error))
    rows = read(
        data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=cluster,
        design=design,
    )  # fmt: skip
    start = one_date(with_never_treated(rows, since), since)
    reference = rows.periods[rows.periods < start][-1]
    shown = rows.periods[rows.periods != reference]
    exposed = np.isfinite(rows.g)
    fit = _absorb.least_squares(rows, (exposed[:, None] & (rows.t[:, None] == shown[None, :])).astype(float))
    C = np.zeros((len(fit.beta), len(shown)))
    C[np.arange(len(shown)), np.arange(len(shown))] = 1.0
    found = _answer(
        rows, fit, C, at=shown - start, reference=reference - start, counted=(shown >= start).astype(float),
        term="mean", std_error=std_error, draws=draws, seed=seed, level=level,
    )  # fmt: skip
    return Estimates(
        found.table,
        "event_study",
        "Mean effect on the treated in the periods after, if without treatment they had kept their distance",
        level=level,
        checks=found.checks,
        evidence=found.evidence,
    )


def sun_abraham(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: str,
    seed: int,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    std_error: Error = "CR1",
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How far are the cohorts from the never treated at each time since their own date, from one regression?

    Estimand: as for `callaway_santanna` with never treated units and the last period before treatment as base; effects
    of cohorts are weighted by their rows. Shares of cohorts are taken as known.

    Parameters
    ----------
    data, outcome, unit, period, since, seed, covariates, cluster, design, draws, level
        As for `callaway_santanna`; covariates must change within units.
    std_error
        ``"CR1"``, as published; ``"CR2"`` or ``"CR3"`` for few clusters.

    Returns
    -------
    Estimates
        One row, ``term="simple"``: the mean of all effects from the date on, weighted by rows; `n` counts rows.
        Evidence: ``event_time``, ``event_covariance``, ``att_gt``.

    Raises
    ------
    MethodError
        As `callaway_santanna`, and when no unit is never treated.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "year": t, "start": [2, 3, None][i % 3], "poor": i % 5 + t + 4.0 * (t >= (2, 3, 99)[i % 3])}
    ...     for i in range(30) for t in range(5)])
    >>> rows["poor"] += (rows.place * 7 + rows.year * 3) % 4 / 100
    >>> answer = sun_abraham(rows, outcome="poor", unit="place", period="year", since="start", seed=1)
    >>> round(float(answer.row(term="simple").estimate), 1)
    4.0

    References
    ----------
    Sun, L., & Abraham, S. (2021). Estimating dynamic treatment effects in event studies with heterogeneous treatment
    effects. Journal of Econometrics 225(2), 175–199.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    _rows.choice(std_error, "std_error", get_args(Error))
    rows = with_never_treated(
        read(
            data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=cluster,
            design=design,
        ),
        since,
    )  # fmt: skip
    P = rows.periods
    dates = rows.starts[rows.starts <= P[-1]]
    base = {g: P[g > P][-1] for g in dates}
    pairs = np.array([(g, t) for g in dates for t in P if t != base[g]])
    # event time counts periods from the date; the reference of each cohort is its own last period before
    columns = (rows.g[:, None] == pairs[None, :, 0]) & (rows.t[:, None] == pairs[None, :, 1])
    fit = _absorb.least_squares(rows, columns.astype(float))
    size = (columns * rows.w[:, None]).sum(axis=0)
    e = pairs[:, 1] - pairs[:, 0]
    at = np.unique(e)
    C = np.zeros((len(fit.beta), len(at)))
    for k, time in enumerate(at):
        C[: len(e), k] = np.where(e == time, size, 0.0) / size[e == time].sum()
    weight = np.array([size[e == time].sum() if time >= 0 else 0.0 for time in at])
    found = _answer(
        rows, fit, C, at=at, reference=-1.0 if -1.0 not in at else None, counted=weight,
        term="simple", std_error=std_error, draws=draws, seed=seed, level=level,
    )  # fmt: skip
    spread = _absorb.by_cluster(fit, np.eye(len(fit.beta))[:, : len(e)], rows.cluster, std_error)
    drawn = _bands.sup([(spread.z, spread.df)], _bands.cohorts(rows), draws=draws, seed=seed, plain=std_error == "CR1")[
        0
    ]
    crit = _bands.critical(drawn, level)
    att_gt = _bands.frame(
        {"since": pairs[:, 0], "period": pairs[:, 1], "event_time": e}, fit.beta[: len(e)],
        np.sqrt((spread.z**2).sum(axis=0)), df=spread.df, level=level, crit=crit,
    )  # fmt: skip
    return Estimates(
        found.table,
        "sun_abraham",
        "Mean effect on the treated since their own date, if without treatment they had kept their distance",
        level=level,
        checks=found.checks,
        evidence={**found.evidence, "att_gt": att_gt},
    )


@dataclass(frozen=True)
class _Answer:
    """What both studies say of their contrasts."""

    table: pd.DataFrame
    checks: tuple[Check, ...]
    evidence: dict[str, pd.DataFrame]


def _answer(
    rows: Rows,
    fit: _absorb.Fit,
    C: Array,
    *,
    at: Array,
    reference: float | None,
    counted: Array,
    term: str,
    std_error: str,
    draws: int,
    seed: int,
    level: float,
) -> _Answer:
    """The contrasts C: (k, m) at event times `at`, and their mean over those that count."""
    mean = C @ (counted / counted.sum())
    spread = _absorb.by_cluster(fit, np.column_stack([C, mean]), rows.cluster, std_error)
    z, df = spread.z[:, :-1], spread.df[:-1]
    theta, V = C.T @ fit.beta, z.T @ z
    cohort, before = _bands.cohorts(rows), at < 0
    drawn, early = _bands.sup(
        [(z, df), (z[:, before], df[before])], cohort, draws=draws, seed=seed, plain=std_error == "CR1"
    )
    crit = _bands.critical(drawn, level)
    event = _bands.frame({"event_time": at}, theta, np.sqrt(np.diag(V)), df=df, level=level, crit=crit)
    if reference is not None:
        event = pd.concat([event, pd.DataFrame([{"event_time": reference, "estimate": 0.0}])], ignore_index=True)
    total = float(mean @ fit.beta)
    row = _bands.interval(total, float(np.sqrt(spread.V[-1, -1])), float(spread.df[-1]), level)
    checks: list[Check] = [_checks.cohorts(rows.cohorts), _checks.few_treated(rows), _checks.small_cohorts(rows)]
    checks.append(_checks.few_clusters(rows.n_clusters, std_error))
    se = np.sqrt(np.diag(V))
    checks.append(_checks.trends_before(_bands.largest(theta[before], se[before], df[before], early)))
    checks.append(_checks.band(draws, crit, level))
    return _Answer(
        pd.DataFrame([{"term": term, "estimate": total, **row, "n": fit.n}]),
        tuple(checks),
        {
            "event_time": event.sort_values("event_time", ignore_index=True),
            "event_covariance": _bands.covariance_frame(at, V),
        },
    )
