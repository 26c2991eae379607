"""Compliance: what a programme changed for those who took it up because it was offered."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import finite, percent, spoken
from kesos_research.methods._people import People, people
from kesos_research.methods.trials import _regression

STRONG = 104.7
"""First-stage F from which a t interval has 5 % size whatever else holds (Lee, McCrary, Moreira and Porter 2022)."""
WEAK = 10.0


def late(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    takeup: str,
    covariates: str | Sequence[str] = (),
    strata: str | None = None,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change for those who took it up because they were offered it?

    Estimand: mean effect of taking the programme up on those who do so if and only if offered (compliers), where the
    offer was drawn, works through take-up alone, and makes nobody decline.

    Parameters
    ----------
    data, outcome, covariates, strata, cluster, design, level
        As for `intention_to_treat`; covariates and strata on their own (two-stage least squares).
    treated
        Boolean column: *assigned* to the programme.
    takeup
        Column that says who took it up (true and false), or how much of it (numbers).

    Returns
    -------
    Estimates
        ``treated``, the effect on compliers: its interval is Anderson and Rubin's, which holds however weak the offer
        is, and its p-value is that of the offer's effect; ``first_stage``, how much the offer moved take-up;
        ``intention_to_treat``. Evidence: ``wald``, the usual interval, ``takeup`` by arm.

    Raises
    ------
    DataError, MethodError
        As for `intention_to_treat`; when the offer moved no take-up at all.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "offered": [True] * 4 + [False] * 4, "joined": [True, True, True, False, True, False, False, False],
    ...     "income": [6.0, 7.0, 8.0, 4.0, 7.0, 4.0, 5.0, 3.0]})
    >>> answer = late(rows, outcome="income", treated="offered", takeup="joined")
    >>> [round(float(answer.row(term=t).estimate), 2) for t in ("treated", "first_stage", "intention_to_treat")]
    [3.0, 0.5, 1.5]

    References
    ----------
    Angrist, J. D., Imbens, G. W., & Rubin, D. B. (1996). Journal of the American Statistical Association 91, 444–455. —
    Anderson, T. W., & Rubin, H. (1949). Annals of Mathematical Statistics 20(1), 46–63. — Andrews, I., Stock, J. H., &
    Sun, L. (2019). Weak instruments in instrumental variables regression. Annual Review of Economics 11, 727–753.
    """
    level = _rows.fraction(level, "level")
    roles = {"outcome": outcome, "takeup": takeup}
    rows = people(data, roles, treated=treated, covariates=covariates, strata=strata, cluster=cluster, design=design)
    y, d = rows.outcome(outcome), rows.sample.number(takeup)
    if np.ptp(d) == 0:
        raise MethodError(
            _("The take-up {column} is the same everywhere.", column=takeup),
            expected=_("units that took the programme up, and others that did not"),
            where=Where(column=takeup),
        )
    r = _regression.regress(rows, np.column_stack([y, d]), "ancova")
    offered, first = _regression.coefficient(r, 1, level), _regression.spoken_of(r, 1, level, 1)
    if abs(first["estimate"]) <= 1e-12 * float(np.abs(d).max()):
        raise MethodError(
            _("Take-up is the same in both arms: the offer moved nothing."),
            expected=_("more take-up among those offered"),
            where=Where(column=takeup),
        )
    V = np.array([[r.fit.covariance(a, b)[1, 1] for b in (0, 1)] for a in (0, 1)])
    tau, df = offered["estimate"] / first["estimate"], offered["df"]
    error = float(np.sqrt(V[0, 0] - 2 * tau * V[0, 1] + tau**2 * V[1, 1]) / abs(first["estimate"]))
    F = float(first["estimate"] ** 2 / V[1, 1]) if V[1, 1] > 0 else np.inf
    critical = float(stats.t.ppf((1 + level) / 2, df))
    low, high = anderson_rubin((offered["estimate"], first["estimate"]), V, critical)
    row = {"term": "treated", "estimate": tau, "std_error": error, "conf_low": finite(low), "conf_high": finite(high)}
    table = [
        {**row, "p_value": offered["p_value"], "df": df, "n": rows.n},
        {"term": "first_stage", **first},
        {"term": "intention_to_treat", **offered},
    ]
    wald = {
        "estimate": tau,
        "std_error": error,
        "conf_low": tau - critical * error,
        "conf_high": tau + critical * error,
    }
    return Estimates(
        pd.DataFrame(table),
        "late",
        "Mean effect on those who took the programme up because it was offered",
        level=level,
        checks=(*_regression.checks(r), _instrument(F, bool(np.isfinite(low))), *_sides(rows, d)),
        evidence={
            "wald": pd.DataFrame([{**wald, "df": df, "first_stage_f": F, "n": rows.n}]),
            "takeup": _takeup(rows, d),
            "arms": _regression.arms(rows, y),
        },
    )


def anderson_rubin(pi: tuple[float, float], V: np.ndarray, critical: float) -> tuple[float, float]:
    """{β : (π_y − β π_d)² ≤ c² Var(π_y − β π_d)}, or without ends where it has none."""
    c2 = critical**2
    a = pi[1] ** 2 - c2 * V[1, 1]
    b = -2 * (pi[0] * pi[1] - c2 * V[0, 1])
    c = pi[0] ** 2 - c2 * V[0, 0]
    if a <= 0:
        return -np.inf, np.inf
    root = np.sqrt(max(b * b - 4 * a * c, 0.0))
    return float((-b - root) / (2 * a)), float((-b + root) / (2 * a))


def _instrument(F: float, ends: bool) -> Check:
    told = {"F": spoken(min(F, 1e9), 1), "weak": spoken(WEAK, 0), "strong": spoken(STRONG, 1)}
    if not ends:
        return Check(
            "instrument",
            "fail",
            "The offer moved take-up too little (first-stage F {F}): the interval has no ends.",
            told,
        )
    if F < WEAK:
        return Check(
            "instrument",
            "warn",
            "The offer moved take-up little (first-stage F {F}, below {weak}): the estimate is unsteady; the interval "
            "printed (Anderson and Rubin) holds all the same.",
            told,
        )
    return Check(
        "instrument",
        "pass",
        "First-stage F {F}; the interval printed (Anderson and Rubin) holds however strong the offer is.",
        told,
    )


def _sides(rows: People, d: np.ndarray) -> tuple[Check, ...]:
    exclusion = Check(
        "exclusion",
        "info",
        "Rows cannot show that the offer works through take-up alone, nor that it made nobody decline.",
    )
    counted = np.isin(d, (0.0, 1.0)).all()
    if not counted:
        dose = Check(
            "dose",
            "info",
            "Take-up is an amount: the answer is the effect of one more unit of it, averaged over units by how much "
            "the offer moved them.",
        )
        return (exclusion, dose)
    share = float(np.average(d[~rows.A], weights=rows.w[~rows.A]))
    told = {"share": percent(share, 1)}
    one = (
        Check(
            "one_sided",
            "info",
            "Nobody took the programme up without being offered it: compliers are those offered who took it up.",
        )
        if share == 0
        else Check(
            "one_sided",
            "info",
            "{share} % took the programme up without being offered it: who the compliers are cannot be seen unit by "
            "unit.",
            told,
        )
    )
    return (exclusion, one)


def _takeup(rows: People, d: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"group": group, "takeup": float(np.average(d[a], weights=rows.w[a])), "n": int(a.sum())}
            for group, a in (("treated", rows.A), ("comparison", ~rows.A))
        ]
    )
