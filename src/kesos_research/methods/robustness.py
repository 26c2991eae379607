"""Leave one out: does the answer hang on a single unit?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken
from kesos_research.methods.few._predictors import Predictors, read_predictors
from kesos_research.methods.synthetic import solve

Estimator = Literal["diff_in_diff", "synthetic_control"]
Leave = Literal["treated", "donors"]


def leave_one_out(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    estimator: Estimator = "diff_in_diff",
    leave: Leave = "treated",
    covariates: Sequence[str] = (),
    penalty: float = 0.1,
) -> Estimates:
    """Does the answer hang on a single unit?

    Estimand: that of the estimator, for the treated that are left, or with the donors that are left.

    Parameters
    ----------
    data, outcome, unit, period, treated, since
        As for `diff_in_diff`.
    estimator
        ``"diff_in_diff"``, or ``"synthetic_control"`` (the pooled effect).
    leave
        ``"treated"``: each treated unit in turn. ``"donors"``: each comparison unit in turn; of a synthetic control,
        each that donates to a treated unit, since the others change nothing.
    covariates, penalty
        Of `synthetic_control`; not used otherwise. The importance of covariates stays that chosen with all donors.

    Returns
    -------
    Estimates
        ``term="all"`` with nobody left out, ``"low"`` and ``"high"``, the extremes. `n` counts the units used.
        Evidence: ``left_out``, the estimate without each unit.

    Raises
    ------
    MethodError
        As the estimator, and when nobody can be left out.

    Examples
    --------
    >>> import pandas as pd
    >>> change = {"a": -4.0, "b": 0.0, "c": -1.0, "d": 1.0}
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10 + t * d, "pilot": u in "ab"} for u, d in change.items() for t in (0, 1)])
    >>> answer = leave_one_out(rows, outcome="poor", unit="place", period="year", treated="pilot", since=1)
    >>> answer.table.set_index("term").estimate.to_dict()
    {'all': -2.0, 'low': -4.0, 'high': 0.0}

    References
    ----------
    Abadie, A., Diamond, A., & Hainmueller, J. (2015). Comparative politics and the synthetic control method. American
    Journal of Political Science 59(2), 495–510.
    """
    for name, value, known in (("estimator", estimator, get_args(Estimator)), ("leave", leave, get_args(Leave))):
        if value not in known:
            raise MethodError(
                _("{name} is {value}.", name=name, value=_rows.said(value)),
                expected=_("one of {names}", names=", ".join(known)),
                where=Where(key=name),
            )
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    group = panel.treated if leave == "treated" else ~panel.treated
    least = 3 if (estimator, leave) == ("synthetic_control", "donors") else 2
    if group.sum() < least:
        raise MethodError(
            _("There are too few units to leave one out: {n}.", n=int(group.sum())),
            expected=_("at least {least}", least=least),
        )
    if estimator == "diff_in_diff":
        whole, without = _difference(panel, group)
    else:
        predictors = read_predictors(data, covariates, panel, unit=unit, period=period)
        whole, without = _synthetic(panel, leave, penalty, predictors)
    left = pd.DataFrame(without, columns=["unit", "estimate"]).sort_values("unit", ignore_index=True)
    low, high = float(left.estimate.min()), float(left.estimate.max())
    n = len(panel.units)
    return Estimates(
        pd.DataFrame(
            [
                {"term": "all", "estimate": whole, "n": n},
                {"term": "low", "estimate": low, "n": n - 1},
                {"term": "high", "estimate": high, "n": n - 1},
            ]
        ),
        "leave_one_out",
        "The effect on the treated with one unit left out, lowest and highest",
        checks=(_sign(whole, low, high, left),),
        evidence={"left_out": left},
    )


def _difference(panel: _rows.Panel, group: _rows.Mask) -> tuple[float, list[tuple[object, float]]]:
    D, A = panel.changes, panel.treated

    def estimate(keep: _rows.Mask) -> float:
        return float(D[keep & A].mean() - D[keep & ~A].mean())

    everyone = np.ones(len(D), bool)
    without = []
    for i in np.flatnonzero(group):
        keep = everyone.copy()
        keep[i] = False
        without.append((panel.units[i], estimate(keep)))
    return estimate(everyone), without


def _synthetic(
    panel: _rows.Panel, leave: Leave, penalty: float, predictors: Predictors | None
) -> tuple[float, list[tuple[object, float]]]:
    synthetics = solve(panel, np.flatnonzero(panel.treated), penalty=penalty, predictors=predictors)
    fits = {int(i): synthetics.fit(int(i)) for i in np.flatnonzero(panel.treated)}
    whole = float(np.mean([f.effect for f in fits.values()]))
    if leave == "treated":
        return whole, [(panel.units[i], float(np.mean([f.effect for j, f in fits.items() if j != i]))) for i in fits]
    without = []
    for donor in sorted({j for f in fits.values() for j in f.donors}):
        effects = [
            synthetics.fit(i, frozenset({donor}), f).effect if donor in f.donors else f.effect for i, f in fits.items()
        ]
        without.append((panel.units[donor], float(np.mean(effects))))
    return whole, without


def _sign(whole: float, low: float, high: float, left: pd.DataFrame) -> Check:
    evidence = {"n": len(left), "low": spoken(low, 2), "high": spoken(high, 2), "all": spoken(whole, 2)}
    if low * high > 0:
        return Check(
            "leave_one_out",
            "pass",
            "Without any one of {n} units the answer stays between {low} and {high} (with all: {all}); its sign does "
            "not change.",
            evidence,
        )
    return Check(
        "leave_one_out",
        "warn",
        "Without any one of {n} units the answer lies between {low} and {high} (with all: {all}); its sign hangs on "
        "single units.",
        evidence,
    )
