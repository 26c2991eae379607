"""Attrition: what an effect can be when some outcomes were never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent, probability, spoken
from kesos_research.methods._estimate import Answer, Influence, assess, interval, p_values
from kesos_research.methods._people import People, boolean, people
from kesos_research.methods.trials import _lee

Array = NDArray[np.float64]

_TERMS = ("difference", "lee_lower", "lee_upper", "manski_lower", "manski_upper", "attrition")


def attrition_bounds(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    observed: str,
    lowest: float | None = None,
    highest: float | None = None,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """Between which values does the effect lie, when the arms lost different units from sight?

    Estimand: of Lee's bounds the mean effect on units that would be seen in either arm; of the worst case the mean
    effect on all units. Lee's hold where the offer was drawn and moves all units in one direction, to be seen or not.

    Parameters
    ----------
    data
        One row a unit that was assigned, seen or not.
    outcome
        Column of numbers; may be missing where `observed` is false.
    treated
        Boolean column: assigned to the programme.
    observed
        Boolean column: was the outcome seen?
    lowest, highest
        Ends of the outcome, for the worst case; the ends that were seen, if not told.
    cluster, design, level
        As for `intention_to_treat`.

    Returns
    -------
    Estimates
        ``difference`` among those seen; ``lee`` and ``manski``, whose intervals hold the effect itself (Imbens and
        Manski), with their bounds ``lee_lower``, ``lee_upper``, ``manski_lower``, ``manski_upper``, each with its own
        error; ``attrition``, the share seen of the treated less that of the comparison. Evidence ``response``.

    Raises
    ------
    DataError, MethodError
        When an outcome that was seen is missing, an arm was never seen, or an outcome lies beyond the ends told.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "offered": [True] * 4 + [False] * 4, "seen": [True] * 4 + [True, True, True, False],
    ...     "income": [4.0, 5.0, 6.0, 9.0, 3.0, 4.0, 5.0, None]})
    >>> answer = attrition_bounds(rows, outcome="income", treated="offered", observed="seen")
    >>> [round(float(answer.row(term=t).estimate), 4) for t in ("lee_lower", "lee_upper")]
    [1.0, 2.6667]

    References
    ----------
    Lee, D. S. (2009). Training, wages, and sample selection. Review of Economic Studies 76(3), 1071–1102. — Imbens, G.
    W., & Manski, C. F. (2004). Confidence intervals for partially identified parameters. Econometrica 72(6), 1845–1857.
    — Horowitz, J. L., & Manski, C. F. (2000). Journal of the American Statistical Association 95, 77–84.
    """
    level = _rows.fraction(level, "level")
    _rows.columns(data, {"outcome": outcome, "observed": observed}, may_miss=("outcome",))
    boolean(data, observed)
    S = data[observed].to_numpy(dtype=bool)
    _seen(data, outcome, S)
    filled = data.assign(**{outcome: data[outcome].where(S, data.loc[S, outcome].min())})
    rows = people(filled, {"outcome": outcome, "observed": observed}, treated=treated, cluster=cluster, design=design)
    y = rows.sample.number(outcome)
    ends = _ends(y[rows.sample.frame[observed].to_numpy(dtype=bool)], lowest, highest)
    return _answered(rows, y, rows.sample.frame[observed].to_numpy(dtype=bool), ends, level=level)


def _answered(rows: People, y: Array, S: NDArray[np.bool_], ends: tuple[float, float], *, level: float) -> Estimates:
    for arm in (rows.A, ~rows.A):
        if (arm & S).sum() < 2:
            raise MethodError(
                _("In one arm fewer than two outcomes were seen."),
                expected=_("outcomes in both arms"),
                where=Where(key="observed"),
            )

    def parts(w: Array) -> list[_lee.Part]:
        lower, upper, _share = _lee.lee(y, rows.A, S, w)
        seen = S.astype(float)
        return [
            _lee.mean(y, rows.A & S, w) - _lee.mean(y, ~rows.A & S, w),
            lower,
            upper,
            *_lee.worst(y, rows.A, S, w, ends),
            _lee.mean(seen, rows.A, w) - _lee.mean(seen, ~rows.A, w),
        ]

    def statistic(w: Array, *, linear: bool) -> Influence:
        found = parts(w)
        z = np.stack([p.z for p in found]) if linear else np.zeros((len(found), 0))
        return Influence(np.array([[p.value] for p in found]), z)

    answer = assess(rows.sample, statistic)
    trimmed = _lee.lee(y, rows.A, S, rows.w)[2]
    table = _table(answer, rows.n, level)
    return Estimates(
        table,
        "attrition_bounds",
        "Between which values the mean effect lies, when outcomes were lost from sight",
        level=level,
        checks=(*rows.checks, *_checks(table, rows, S, trimmed, ends)),
        evidence={"response": _response(rows, S)},
    )


def _table(answer: Answer, n: int, level: float) -> pd.DataFrame:
    theta, error = answer.theta[:, 0], np.sqrt(answer.var[:, 0])
    df = float(answer.df[0])
    low, high = (b[:, 0] for b in interval(answer.theta, np.sqrt(answer.var), answer.df, level))
    p = p_values(answer.theta, np.sqrt(answer.var), answer.df)[:, 0]
    rows = {
        term: {
            "term": term,
            "estimate": theta[k],
            "std_error": error[k],
            "conf_low": low[k],
            "conf_high": high[k],
            "p_value": p[k],
            "df": df,
            "n": n,
        }
        for k, term in enumerate(_TERMS)
    }
    for name in ("lee", "manski"):
        a, b = rows[f"{name}_lower"], rows[f"{name}_upper"]
        ends = _lee.imbens_manski((a["estimate"], b["estimate"]), (a["std_error"], b["std_error"]), level, df)
        rows[name] = {"term": name, "conf_low": ends[0], "conf_high": ends[1], "df": df, "n": n}
        for bound in (a, b):
            bound["p_value"] = np.nan
    order = ("difference", "lee", "lee_lower", "lee_upper", "manski", "manski_lower", "manski_upper", "attrition")
    return pd.DataFrame([rows[term] for term in order])


def _checks(
    table: pd.DataFrame, rows: People, S: NDArray[np.bool_], trimmed: float, ends: tuple[float, float]
) -> tuple[Check, ...]:
    p = float(table.loc[table["term"] == "attrition", "p_value"].iloc[0])
    seen = [float(np.average(S[a], weights=rows.w[a])) for a in (rows.A, ~rows.A)]
    told = {
        "treated": percent(1 - seen[0], 1),
        "others": percent(1 - seen[1], 1),
        "p": probability(p) if np.isfinite(p) else spoken(1.0, 0),
        "trimmed": percent(trimmed, 1),
        "lowest": spoken(ends[0], 2),
        "highest": spoken(ends[1], 2),
    }
    return (
        Check(
            "differential_attrition",
            "warn",
            "{treated} % of the treated and {others} % of the comparison were lost from sight (p = {p}): the "
            "difference among those seen compares different units; read the bounds.",
            told,
        )
        if p < 0.05
        else Check(
            "differential_attrition",
            "pass",
            "{treated} % of the treated and {others} % of the comparison were lost from sight (p = {p}): no sign that "
            "the programme decided who was seen.",
            told,
        ),
        Check(
            "monotone",
            "info",
            "Lee's bounds trim {trimmed} % of the outcomes of the arm with more seen. They hold if the programme made "
            "nobody harder to see while it made others easier to see, which rows cannot show.",
            told,
        ),
        Check(
            "range",
            "info",
            "The worst case lets the unseen have any outcome from {lowest} to {highest}.",
            told,
        ),
    )


def _response(rows: People, S: NDArray[np.bool_]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "group": group,
                "n": int(a.sum()),
                "seen": int((a & S).sum()),
                "share": float(np.average(S[a], weights=rows.w[a])),
            }
            for group, a in (("treated", rows.A), ("comparison", ~rows.A))
        ]
    )


def _seen(data: pd.DataFrame, outcome: str, S: NDArray[np.bool_]) -> None:
    """Outcomes are numbers where they were seen."""
    if not S.any():
        raise MethodError(_("No outcome was seen."), expected=_("outcomes in both arms"), where=Where(key="observed"))
    lost = int(data.loc[S, outcome].isna().sum())
    if lost:
        raise MethodError(
            _("{n} outcomes are missing that were seen.", n=lost),
            expected=_("a number wherever the outcome was seen"),
            remedy=_("make the column with data[outcome].notna()"),
            where=Where(column=outcome),
        )
    _rows.numeric(data.loc[S], outcome)


def _ends(y: Array, lowest: float | None, highest: float | None) -> tuple[float, float]:
    ends = []
    for name, told, found in (("lowest", lowest, float(y.min())), ("highest", highest, float(y.max()))):
        ends.append(found if told is None else _rows.finite(told, name))
    if ends[0] > y.min() or ends[1] < y.max():
        raise MethodError(
            _("Outcomes from {low} to {high} were seen.", low=float(y.min()), high=float(y.max())),
            expected=_("ends that hold them"),
            where=Where(key="lowest" if ends[0] > y.min() else "highest"),
        )
    return ends[0], ends[1]
