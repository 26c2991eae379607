"""Intention to treat: what the offer of a programme changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods._people import People, people
from kesos_research.methods._settings import choice
from kesos_research.methods.trials import _regression

Adjustment = Literal["interacted", "ancova", "difference"]


def intention_to_treat(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str] = (),
    strata: str | None = None,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    adjustment: Adjustment = "interacted",
    level: float = 0.95,
) -> Estimates:
    """What did being offered the programme change, taken up or not?

    Estimand: mean outcome if all were offered less mean outcome if none were, over the units of the rows (with a
    design: over the population they stand for). It is causal where the offer was drawn.

    Parameters
    ----------
    data
        One row a unit.
    outcome
        Column of numbers, or of true and false.
    treated
        Boolean column: assigned to the programme.
    covariates
        Columns known before assignment. They make the answer more precise and are not needed for it to be right.
    strata
        Column within whose values treatment was drawn.
    cluster
        Column of the places where treatment was *assigned*, if it was drawn for places and not for units.
    design
        How rows were *sampled*: its weights count; where its clusters are coarser than `cluster`, they count too.
    adjustment
        ``"interacted"``: covariates and strata, centred, on their own and times the assignment (Lin): consistent
        whatever the truth. ``"ancova"``: on their own. ``"difference"``: strata only, on their own.
    level
        Confidence level.

    Returns
    -------
    Estimates
        One row, ``term="treated"``. The standard error is CR2 over clusters (HC2 without), with Satterthwaite's degrees
        of freedom. Evidence: ``arms``, ``coefficients``, ``inference`` (minimum detectable effect at power .8).

    Raises
    ------
    DataError, MethodError
        When values are missing, an arm or a stratum lacks units, covariates depend on each other, or nothing varies.

    Examples
    --------
    >>> rows = pd.DataFrame({"offered": [True, True, True, False, False], "income": [5.0, 6.0, 7.0, 4.0, 5.0]})
    >>> round(float(intention_to_treat(rows, outcome="income", treated="offered").table.estimate[0]), 6)
    1.5

    References
    ----------
    Lin, W. (2013). Agnostic notes on regression adjustments to experimental data. Annals of Applied Statistics 7(1),
    295–318. — Bell, R. M., & McCaffrey, D. F. (2002). Survey Methodology 28(2), 169–181. — Pustejovsky, J. E., &
    Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation. Journal of Business & Economic
    Statistics 36(4), 672–683.
    """
    level = _rows.fraction(level, "level")
    adjustment = choice(adjustment, "adjustment", _regression.ADJUSTMENTS)
    roles = {"outcome": outcome}
    rows = people(data, roles, treated=treated, covariates=covariates, strata=strata, cluster=cluster, design=design)
    y = rows.outcome(outcome)
    r = _regression.regress(rows, y[:, None], adjustment)
    row = {"term": "treated", **_regression.coefficient(r, 1, level)}
    return Estimates(
        pd.DataFrame([row]),
        "intention_to_treat",
        "Mean effect of being offered the programme, where the offer was drawn",
        level=level,
        checks=(*_regression.checks(r), *_strata_shares(rows, adjustment)),
        evidence={
            "arms": _regression.arms(rows, y),
            "coefficients": _regression.coefficients(r, level),
            "inference": pd.DataFrame([{"term": "treated", **detectable(row["std_error"], row["df"], level)}]),
        },
    )


def detectable(error: float, df: float, level: float, power: float = 0.8) -> dict[str, float]:
    """The smallest effect that a t test with this error and these degrees of freedom finds with that power."""
    mde = float(stats.t.ppf((1 + level) / 2, df) + stats.t.ppf(power, df)) * error
    return {"mde": mde, "std_error": error, "df": df}


def _strata_shares(rows: People, adjustment: str) -> tuple[Check, ...]:
    """With one coefficient for all strata, those with half treated count most."""
    used = np.unique(rows.strata)
    if len(used) == 1 or adjustment == "interacted":
        return ()
    shares = [float(np.average(rows.A[rows.strata == s], weights=rows.w[rows.strata == s])) for s in used]
    if max(shares) - min(shares) <= 0.1:
        return ()
    return (
        Check(
            "strata_shares",
            "warn",
            "Shares of treated differ between strata ({low} to {high} %): strata where they are near one half count "
            "most in the answer; adjustment='interacted' counts strata by their size.",
            {"low": percent(min(shares)), "high": percent(max(shares))},
        ),
    )
