"""Placebo in time: would the method have found an effect before there was any?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, percent, probability, spoken
from kesos_research.methods.randomization import DRAWS, randomization_inference
from kesos_research.methods.synthetic import POOLED, synthetic_control

Estimator = Literal["diff_in_diff", "synthetic_control"]


def placebo_in_time(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    estimator: Estimator = "diff_in_diff",
    dates: Sequence[float] = (),
    covariates: Sequence[str] = (),
    penalty: float = 0.1,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """Had treatment begun earlier, when nothing was done, would an effect have been found?

    Estimand: zero. The periods from `since` on are left out, treatment is dated back, and the same estimator is run.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, seed, draws, level
        As for `randomization_inference`.
    estimator
        ``"diff_in_diff"``, with the p-value and interval of randomisation inference, or ``"synthetic_control"``, the
        pooled effect with its joint placebo.
    dates
        Pretended first treated periods. Without them, every period before `since` that leaves one period before it, or
        two for a synthetic control.
    covariates, penalty
        Of `synthetic_control`; not used otherwise.

    Returns
    -------
    Estimates
        One row for each date, its period as text. Evidence: ``dates`` [date, periods_before, periods_after, estimate,
        p_value].

    Raises
    ------
    MethodError
        As the estimator; when a date leaves too few periods before, or is not before `since`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + (u * t) % 7 - 9 * (u == 0 and t > 3), "pilot": u == 0}
    ...     for u in range(40) for t in range(6)])
    >>> answer = placebo_in_time(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=4, seed=1, dates=[2, 3])
    >>> [c.status for c in answer.checks]
    ['pass']

    References
    ----------
    Abadie, A., Diamond, A., & Hainmueller, J. (2015). Comparative politics and the synthetic control method. American
    Journal of Political Science 59(2), 495–510.
    """
    level = _rows.fraction(level, "level")
    estimator = _rows.choice(estimator, "estimator", get_args(Estimator))
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    early = np.asarray(panel.periods, float)[panel.before].tolist()
    least = 2 if estimator == "synthetic_control" else 1
    chosen = sorted(map(float, dates)) or early[least:]
    _possible(chosen, early, least, period)
    rows = data[data[period].isin([p for p, b in zip(panel.periods, panel.before, strict=True) if b])]
    roles: dict[str, Any] = {"outcome": outcome, "unit": unit, "period": period, "treated": treated}
    found = []
    for date in chosen:
        if estimator == "diff_in_diff":
            part = randomization_inference(rows, **roles, since=date, seed=seed, draws=draws, level=level)
            row = part.row(term="treated")
        else:
            part = synthetic_control(
                rows, **roles, since=date, seed=seed, covariates=covariates, penalty=penalty, draws=draws, level=level
            )
            row = part.row(term=POOLED)
        found.append({**row.to_dict(), "term": str(_rows.plain(date))})
    table = pd.DataFrame(found)
    return Estimates(
        table,
        "placebo_in_time",
        "Effects that cannot have been: treatment dated back to when nothing was done",
        level=level,
        checks=(_nothing(table, level),),
        evidence={"dates": _dates(table, chosen, early)},
    )


def _possible(chosen: list[float], early: list[float], least: int, period: str) -> None:
    if not chosen:
        raise MethodError(
            _("{n} periods before leave no earlier date to pretend.", n=len(early)),
            expected=_("at least {least}", least=least + 1),
            where=Where(column=period),
        )
    for date in chosen:
        before = sum(p < date for p in early)
        if before < least or before == len(early):
            raise MethodError(
                _(
                    "The date {date} leaves {before} periods before it and {after} after.",
                    date=_rows.plain(date),
                    before=before,
                    after=len(early) - before,
                ),
                expected=_("{least} before or more, and one after, all before treatment", least=least),
                where=Where(key="dates"),
            )


def _dates(table: pd.DataFrame, chosen: list[float], early: list[float]) -> pd.DataFrame:
    before = np.array([sum(p < date for p in early) for date in chosen])
    return pd.DataFrame(
        {
            "date": table.term,
            "periods_before": before,
            "periods_after": len(early) - before,
            "estimate": table.estimate,
            "p_value": table.p_value,
        }
    )


def _nothing(table: pd.DataFrame, level: float) -> Check:
    """Is any date significant, once their number is allowed for?"""
    alpha = 1 - level
    given = table.dropna(subset=["p_value"])
    evidence: dict[str, object] = {"n": len(table), "level": percent(alpha)}
    if given.empty:
        return Check("placebo_in_time", "info", "None of {n} earlier dates has a p-value.", evidence)
    least = given.iloc[int(np.argmin(given.p_value.to_numpy()))]
    evidence |= {
        "date": str(least.term),
        "estimate": spoken(float(least.estimate), 2),
        "p": probability(float(least.p_value)),
    }
    bad = given[given.p_value <= alpha / len(given) + 1e-12]
    if len(bad):
        return Check(
            "placebo_in_time",
            "warn",
            "Treatment dated back finds an effect where none can be, at {dates} (the smallest p is {p}, among {n} "
            "dates): the treated already went their own way, and so might the effect itself.",
            {**evidence, "dates": listed(bad.term.tolist())},
        )
    return Check(
        "placebo_in_time",
        "pass",
        "Treatment dated back to {n} earlier dates finds nothing at {level} %, their number allowed for: the "
        "smallest p is {p} ({estimate} from {date} on).",
        evidence,
    )
