"""What a test of the trends before treatment could have found, and what it lets pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent, spoken
from kesos_research.methods.staggered import _normal
from kesos_research.methods.staggered._events import Events, events
from kesos_research.methods.staggered._panel import Array


def pretrend_power(answer: Estimates, *, powers: Sequence[float] = (0.5, 0.8), level: float = 0.95) -> Estimates:
    """How steep a difference of trends would the periods before treatment have shown?

    Estimand: none. If treated and comparison units part by a straight line of slope γ, the test that no estimate before
    treatment is significant finds it with a chance that grows with γ; the slopes that it finds with the given chances
    are solved for, and the bias that each makes after treatment.

    Parameters
    ----------
    answer
        What `event_study`, `sun_abraham` or `callaway_santanna` with ``base="universal"`` gave.
    powers
        Chances with which the slope is to be found.
    level
        Of the tests of the single estimates.

    Returns
    -------
    Estimates
        One row for each power, ``term="0.8"``: `estimate` is the slope a period, in the outcome's unit. Evidence:
        ``bias`` [power, event_time, trend, bias_if_passed]: what the slope adds to the estimates, in all samples and in
        those in which the test found nothing.

    Raises
    ------
    MethodError
        When the answer has no single reference period or no estimate before it, or a power is not above the size of the
        test.

    Examples
    --------
    >>> import pandas as pd
    >>> from kesos_research.methods import event_study
    >>> rows = pd.DataFrame([
    ...     {"place": i, "t": t, "start": 3 if i < 15 else None, "poor": (i * 7 + t * 5 + i * t) % 11 / 5}
    ...     for i in range(40) for t in range(5)])
    >>> study = event_study(rows, outcome="poor", unit="place", period="t", since="start", seed=1)
    >>> slopes = pretrend_power(study).table.estimate
    >>> bool(slopes[0] < slopes[1])
    True

    References
    ----------
    Roth, J. (2022). Pretest with caution: Event-study estimates after testing for parallel trends. American Economic
    Review: Insights 4(3), 305–322.
    """
    level = _rows.fraction(level, "level")
    found = events(answer)
    wanted = [_rows.fraction(p, "powers") for p in powers]
    reach = float(stats.norm.ppf((1 + level) / 2)) * np.sqrt(np.diag(found.V)[found.before])
    size = detection(found, reach, 0.0)
    if min(wanted, default=1.0) <= size:
        raise MethodError(
            _("{name} is {value}.", name="powers", value=repr(tuple(wanted))),
            expected=_("chances above that of finding what is not there, {size}", size=round(size, 3)),
            where=Where(key="powers"),
        )
    slopes = {p: _slope(found, reach, p) for p in wanted}
    table = [{"term": f"{p:g}", "estimate": slope, "n": answer.table.n.iloc[0]} for p, slope in slopes.items()]
    bias = pd.concat([_bias(found, reach, p, slope) for p, slope in slopes.items()], ignore_index=True)
    after = bias[bias.event_time >= 0].groupby("power").trend.mean()
    effect = float(found.beta[found.counted].mean())
    return Estimates(
        pd.DataFrame(table),
        "pretrend_power",
        "Slope of a difference of trends that the periods before treatment would have shown with a given chance",
        level=level,
        checks=tuple(_could_hide(p, slopes[p], float(after[p]), effect) for p in wanted),
        evidence={"bias": bias},
    )


def detection(found: Events, reach: Array, slope: float) -> float:
    """Chance that some estimate before treatment is significant under a line of this slope."""
    at = found.before
    mu = slope * (found.at[at] - found.reference)
    return 1 - _normal.inside(mu, found.V[np.ix_(at, at)], reach)


def _slope(found: Events, reach: Array, power: float) -> float:
    """The slope that is found with the given chance."""
    high = float((reach / np.abs(found.at[found.before] - found.reference)).min())
    while detection(found, reach, high) < power:
        high *= 1.5
    slope: Any = optimize.brentq(lambda s: detection(found, reach, s) - power, 0.0, high, xtol=1e-6 * high)
    return float(slope)


def _bias(found: Events, reach: Array, power: float, slope: float) -> pd.DataFrame:
    """What the line adds to each estimate after, in all samples and in those that pass."""
    at = found.before
    V = found.V[np.ix_(at, at)]
    moved = _normal.shift(slope * (found.at[at] - found.reference), V, reach)
    after = ~at
    carried = found.V[np.ix_(after, at)] @ np.linalg.solve(V, moved)
    trend = slope * (found.at[after] - found.reference)
    return pd.DataFrame(
        {"power": power, "event_time": found.at[after], "trend": trend, "bias_if_passed": trend + carried}
    )


def _could_hide(power: float, slope: float, bias: float, effect: float) -> Check:
    evidence = {
        "power": percent(power),
        "slope": spoken(slope, 3),
        "bias": spoken(bias, 3),
        "effect": spoken(abs(effect), 3),
    }
    if abs(bias) >= abs(effect):
        return Check(
            "pretrend_power",
            "warn",
            "A difference of trends of {slope} a period would be found with {power} % only, and would make {bias} of "
            "effect by itself: no less than the {effect} that was estimated.",
            evidence,
        )
    return Check(
        "pretrend_power",
        "info",
        "A difference of trends of {slope} a period would be found with {power} %; it would make {bias} of effect by "
        "itself, less than the {effect} that was estimated.",
        evidence,
    )
