"""What the answer of an interrupted series rests on."""

from __future__ import annotations

import pandas as pd

from kesos_research.estimates import Check
from kesos_research.methods._checks import probability, spoken
from kesos_research.methods.series._reading import ENOUGH, LEAST, Series
from kesos_research.methods.series._segmented import Answer

LONG = 100
"""Periods from which Newey and West's errors come near."""


def points(s: Series) -> Check:
    before, after = int((~s.after).sum()), int(s.after.sum())
    evidence = {"before": before, "after": after, "enough": ENOUGH}
    if min(before, after) < ENOUGH:
        return Check(
            "points",
            "warn",
            "{before} periods before and {after} after: with fewer than {enough} on a side the slope there hangs on "
            "single periods, and how errors hang together cannot be seen.",
            evidence,
        )
    return Check("points", "pass", "{before} periods before and {after} after.", evidence)


def standard_error(s: Series, method: str, lags: int) -> Check:
    if method == "integrated":
        return Check(
            "standard_error",
            "info",
            "Errors are taken to hang together from one period to the next; what is not known of how much is in the "
            "interval.",
        )
    evidence = {"T": len(s.y), "lags": lags, "long": LONG}
    if method == "newey_west":
        return Check(
            "standard_error",
            "warn" if len(s.y) < LONG else "info",
            "Newey and West's errors with {lags} lags over {T} periods: below {long} periods they are too small, and a "
            "5 % test rejects in 12 to 50 % where nothing changed.",
            evidence,
        )
    return Check(
        "standard_error",
        "warn" if len(s.y) < LONG else "info",
        "Prais and Winsten's errors over {T} periods take the estimated autocorrelation as known: below {long} periods "
        "a 5 % test rejects in 8 to 45 % where nothing changed.",
        evidence,
    )


def autocorrelation(tests: pd.DataFrame, found: Answer, level: float) -> Check:
    p, lags = float(tests["p_value"].iloc[0]), int(tests["lags"].iloc[0])
    evidence = {
        "rho": spoken(found.rho, 2),
        "dw": spoken(float(tests["statistic"].iloc[1]), 2),
        "lags": lags,
        "p": probability(p),
    }
    if p < 1 - level:
        return Check(
            "autocorrelation",
            "warn",
            "Errors hang together beyond what the model holds (Ljung–Box over {lags} lags p = {p}; ρ = {rho}; "
            "Durbin–Watson {dw}): there may be seasons, a bent course, or another break.",
            evidence,
        )
    return Check(
        "autocorrelation",
        "pass",
        "No sign that errors hang together beyond what the model holds (Ljung–Box over {lags} lags p = {p}; ρ = {rho}; "
        "Durbin–Watson {dw}).",
        evidence,
    )


def beside(s: Series, table: pd.DataFrame, level: float) -> tuple[Check, ...]:
    slope = table.iloc[0]
    if s.beside is None:
        return (
            Check(
                "no_comparison",
                "warn",
                "One series without a comparison: whatever else changed at {since} is in the answer, and a course that "
                "would have bent by itself too.",
                {"since": _plain(s.since)},
            ),
        )
    evidence = {"slope": spoken(float(slope["estimate"]), 3), "p": probability(float(slope["p_value"]))}
    if slope["p_value"] < 1 - level:
        return (
            Check(
                "comparison_trend",
                "warn",
                "Before the change the series moved away from its comparison by {slope} a period (p = {p}): the answer "
                "rests on that going on.",
                evidence,
            ),
        )
    return (
        Check(
            "comparison_trend",
            "pass",
            "Before the change the series did not move away from its comparison (by {slope} a period, p = {p}).",
            evidence,
        ),
    )


def seasons(s: Series) -> tuple[Check, ...]:
    n, rarest = s.seasons
    if not n:
        return ()
    evidence = {"n": n, "rarest": rarest}
    if rarest < LEAST:
        return (
            Check(
                "seasons",
                "warn",
                "{n} seasons have a level of their own; the rarest has {rarest} periods, which is little to know it "
                "from.",
                evidence,
            ),
        )
    return (
        Check(
            "seasons", "pass", "{n} seasons have a level of their own, each from {rarest} periods or more.", evidence
        ),
    )


def _plain(value: float) -> object:
    """A year as 2013, not 2013.0."""
    return str(int(value)) if value.is_integer() else spoken(value, 2)
