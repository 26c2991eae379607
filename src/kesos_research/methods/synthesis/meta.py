"""What several pilots say together, and what a further one might show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent, probability, spoken
from kesos_research.methods._settings import choice
from kesos_research.methods.synthesis import _effects, _units
from kesos_research.methods.synthesis._units import Array, Units

Method = Literal["reml", "dl", "fixed"]
Interval = Literal["hksj", "normal"]

FEW = 5
"""Units below which the spread between units is hardly known."""


def meta_analysis(
    data: pd.DataFrame | Mapping[str, Estimates],
    *,
    unit: str = "unit",
    estimate: str = "estimate",
    std_error: str = "std_error",
    term: str | None = None,
    method: Method = "reml",
    interval: Interval = "hksj",
    level: float = 0.95,
) -> Estimates:
    """What do the estimates of several units say together, how far do they differ, and what might a further unit show?

    Estimand: the mean of the effects of which the units' are a sample (``"fixed"``: the one effect that all have, or
    else a mean weighted by precision). Units are taken as independent of each other.

    Parameters
    ----------
    data
        One row a unit; or for each unit's name its `Estimates`.
    unit, estimate, std_error
        Columns of a frame.
    term
        Of answers with several rows the one to take.
    method
        How the variance between units τ² is estimated: ``"reml"``, ``"dl"`` (DerSimonian and Laird); ``"fixed"`` takes
        it as nought.
    interval
        Of the mean: ``"hksj"``, Student's t with the spread that was seen (Hartung, Knapp, Sidik and Jonkman), or
        ``"normal"``; with ``"fixed"`` always normal.
    level
        Confidence level.

    Returns
    -------
    Estimates
        ``pooled``; ``prediction``, the interval for the effect in a further unit, which holds what is not known of τ²
        (absent for two units and with ``"fixed"``); ``tau_squared`` with its Q-profile interval; ``i_squared``, the
        share of the spread that is between units; ``q`` with its p-value. Evidence: ``units`` with weights,
        ``leave_one_out``.

    Raises
    ------
    MethodError
        When values are missing, there is one unit, a unit is there twice, or an error is not above nought.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": ["a", "b", "c"], "estimate": [0.1, 0.3, 0.8], "std_error": [0.1, 0.2, 0.1]})
    >>> round(float(meta_analysis(rows).row(term="pooled").estimate), 3)
    0.406

    References
    ----------
    DerSimonian, R., & Laird, N. (1986). Controlled Clinical Trials 7, 177–188. — Viechtbauer, W. (2005). Journal of
    Educational and Behavioral Statistics 30, 261–293; (2007). Statistics in Medicine 26, 37–52. — IntHout, J., et al.
    (2014). BMC Medical Research Methodology 14, 25. — Nagashima, K., Noma, H., & Furukawa, T. A. (2019).
    Prediction intervals for random-effects meta-analysis. Statistical Methods in Medical Research 28, 1689–1702.
    """
    level = _rows.fraction(level, "level")
    choice(method, "method", get_args(Method))
    choice(interval, "interval", get_args(Interval))
    units = _units.read(data, unit=unit, estimate=estimate, std_error=std_error, term=term)
    found = pooled(units, method, interval, level)
    further = _further(units, found, level) if method != "fixed" else {}
    left = _leave_one_out(units, method, interval, level)
    answer = Estimates(
        pd.DataFrame(_table(units, found, further, method, level)),
        "meta_analysis",
        "Mean of the effects of which the units' effects are a sample",
        level=level,
        checks=(
            _few(units),
            _heterogeneity(units, found, method),
            *_prediction(len(units.y), further, level),
            *_one_decides(found, left),
        ),
        evidence={"units": _shown(units, found, level), "leave_one_out": left},
    )
    if method == "fixed":
        return replace(answer, estimand="Mean of the units' effects, weighted by their precision")
    return answer


@dataclass(frozen=True)
class Pooled:
    """The mean with its interval, τ², and each unit's weight: (k,)."""

    mean: float
    error: float
    low: float
    high: float
    p: float
    df: float
    tau2: float
    w: Array


def pooled(units: Units, method: str, interval: str, level: float) -> Pooled:
    X = np.ones((len(units.y), 1))
    tau2 = between(units.y, units.v, X, method)
    fit = _effects.fit(units.y, units.v, X, tau2)
    mean, var, df = float(fit.beta[0]), float(fit.M[0, 0]), float("nan")
    law = stats.norm()
    if interval == "hksj" and method != "fixed":
        var, df = var * fit.s2, len(units.y) - 1.0
        law = stats.t(df)
    error = float(np.sqrt(var))
    reach = float(law.ppf((1 + level) / 2)) * error
    p = float(2 * law.sf(abs(mean) / error)) if error > 0 else float("nan")
    return Pooled(mean, error, mean - reach, mean + reach, p, df, tau2, fit.w / fit.w.sum())


def between(y: Array, v: Array, X: Array, method: str) -> float:
    """τ² by the named method."""
    if method == "fixed":
        return 0.0
    return _effects.restricted(y, v, X) if method == "reml" else _effects.dersimonian_laird(y, v, X)


def _table(
    units: Units, found: Pooled, further: dict[str, object], method: str, level: float
) -> list[dict[str, object]]:
    k, X = len(units.y), np.ones((len(units.y), 1))
    Q = _effects.Q(units.y, units.v, X)
    low, high = _effects.profiled(units.y, units.v, X, level)
    s2 = _effects.typical(units.v, X)
    tau2 = found.tau2 if method != "fixed" else max(0.0, (Q - (k - 1)) / (k - 1) * s2)
    rows: list[dict[str, object]] = [
        {
            "term": "pooled",
            "estimate": found.mean,
            "std_error": found.error,
            "conf_low": found.low,
            "conf_high": found.high,
            "p_value": found.p,
            "df": found.df,
        }
    ]
    if method != "fixed":
        rows += [
            {"term": "prediction", **further},
            {"term": "tau_squared", "estimate": found.tau2, "conf_low": low, "conf_high": high},
        ]
    rows += [
        {
            "term": "i_squared",
            "estimate": tau2 / (tau2 + s2),
            "conf_low": low / (low + s2),
            "conf_high": high / (high + s2),
        },
        {"term": "q", "estimate": Q, "p_value": float(stats.chi2.sf(Q, k - 1)), "df": k - 1},
    ]
    return [{**r, "n": k} for r in rows]


def _further(units: Units, found: Pooled, level: float) -> dict[str, object]:
    """The mean and the interval for the effect in a further unit; its error is √(τ² + error²)."""
    k = len(units.y)
    if k < 3:
        return {"estimate": found.mean}
    one = np.ones((k, 1))
    low, high = _effects.further(units.y, units.v, one, one[:1], level)
    return {
        "estimate": found.mean,
        "std_error": float(np.sqrt(found.tau2 + found.error**2)),
        "conf_low": float(low[0]),
        "conf_high": float(high[0]),
        "df": k - 1,
    }


def _shown(units: Units, found: Pooled, level: float) -> pd.DataFrame:
    """Each unit with its normal interval and its weight, in the order of names."""
    error = np.sqrt(units.v)
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    frame = pd.DataFrame(
        {
            "unit": units.names,
            "estimate": units.y,
            "std_error": error,
            "conf_low": units.y - reach,
            "conf_high": units.y + reach,
            "weight": found.w,
        }
    )
    return frame.sort_values("unit", ignore_index=True)


_LEFT = ("left_out", "estimate", "std_error", "conf_low", "conf_high", "tau_squared")


def _leave_one_out(units: Units, method: str, interval: str, level: float) -> pd.DataFrame:
    rows = []
    for i in range(len(units.y)) if len(units.y) > 2 else ():
        keep = np.arange(len(units.y)) != i
        part = Units(units.names[:i] + units.names[i + 1 :], units.y[keep], units.v[keep])
        f = pooled(part, method, interval, level)
        rows.append(dict(zip(_LEFT, (units.names[i], f.mean, f.error, f.low, f.high, f.tau2), strict=True)))
    return pd.DataFrame(rows, columns=_LEFT).sort_values("left_out", ignore_index=True)


def _few(units: Units) -> Check:
    k = len(units.y)
    if k < FEW:
        return Check(
            "few_units",
            "warn",
            "{k} units: how far units differ is hardly known from so few, and the interval for a further unit rests "
            "on it.",
            {"k": k},
        )
    return Check("few_units", "pass", "{k} units.", {"k": k})


def _heterogeneity(units: Units, found: Pooled, method: str) -> Check:
    k, X = len(units.y), np.ones((len(units.y), 1))
    Q = _effects.Q(units.y, units.v, X)
    p = float(stats.chi2.sf(Q, k - 1))
    evidence = {"q": spoken(Q, 2), "df": k - 1, "p": probability(p), "tau": spoken(float(np.sqrt(found.tau2)), 3)}
    if method == "fixed" and p < 0.1:
        return Check(
            "heterogeneity",
            "fail",
            "The units differ by more than their errors (Q = {q} on {df}, p = {p}): there is no one effect that all "
            "have.",
            evidence,
        )
    if method == "fixed":
        return Check(
            "heterogeneity",
            "warn",
            "No sign that the units differ by more than their errors (Q = {q} on {df}, p = {p}), which with few units "
            "says little.",
            evidence,
        )
    return Check(
        "heterogeneity",
        "info",
        "Effects of units spread with a standard deviation of {tau} (Q = {q} on {df}, p = {p}).",
        evidence,
    )


def _prediction(k: int, further: dict[str, object], level: float) -> tuple[Check, ...]:
    if not further:
        return ()
    if k < 3:
        return (
            Check("prediction", "fail", "With two units nothing is known of what a further unit might show.", {"k": k}),
        )
    low, high = float(further["conf_low"]), float(further["conf_high"])  # type: ignore[arg-type]
    evidence = {"low": spoken(low, 3), "high": spoken(high, 3), "level": percent(level), "k": k}
    if low <= 0 <= high:
        return (
            Check(
                "prediction",
                "warn",
                "In a further unit like these the effect may be anything from {low} to {high} ({level} %), nought "
                "among it.",
                evidence,
            ),
        )
    return (
        Check(
            "prediction",
            "info",
            "In a further unit like these the effect is expected between {low} and {high} ({level} %), from {k} units.",
            evidence,
        ),
    )


def _one_decides(found: Pooled, left: pd.DataFrame) -> tuple[Check, ...]:
    """Does leaving out one unit turn the answer?"""
    if left.empty:
        return ()

    def says(low: Array, high: Array) -> Array:
        return np.where(np.asarray(low) > 0, 1, np.where(np.asarray(high) < 0, -1, 0))

    turned = left.loc[
        says(left["conf_low"].to_numpy(), left["conf_high"].to_numpy())
        != says(np.array(found.low), np.array(found.high)),
        "left_out",
    ].tolist()
    if turned:
        return (
            Check(
                "one_unit_decides",
                "warn",
                "Without {name} the answer is another one ({n} such units).",
                {"name": turned[0], "n": len(turned)},
            ),
        )
    return (Check("one_unit_decides", "pass", "Leaving out any one unit does not turn the answer."),)
