"""Sensitivity to parallel trends: how wrong may they be before the effect is no longer told from nought?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import Words, _
from kesos_research.methods import _rows
from kesos_research.methods._checks import finite, spoken
from kesos_research.methods.staggered._events import Events, events
from kesos_research.methods.staggered._panel import Array

Restriction = Literal["relative_magnitudes", "smoothness"]
Test = Literal["conditional", "hybrid"]

MAGNITUDES = (0.5, 1.0, 1.5, 2.0)
_GRID = 1000
_INACCURATE = "Solution may be inaccurate"
_OPEN = "CI is open at one of the endpoints"


def honest_did(
    answer: Estimates,
    *,
    restriction: Restriction = "relative_magnitudes",
    bounds: Sequence[float] | None = None,
    event_time: int | None = None,
    test: Test = "conditional",
    level: float = 0.95,
) -> Estimates:
    """How far may trends differ after treatment before the effect is no longer told from nought?

    Estimand: that of `answer`, without parallel trends: the difference of trends after treatment is only bounded.

    Parameters
    ----------
    answer
        What `event_study`, `sun_abraham` or `callaway_santanna` with ``base="universal"`` gave.
    restriction
        ``"relative_magnitudes"``: from period to period trends part by no more than M times the most that they did
        before; ``"smoothness"``: the slope of their difference changes by no more than M, in the outcome's unit.
    bounds
        The values of M. If none are given: ½, 1, 1½ and 2; or parts of the largest change of slope before.
    event_time
        Time since treatment whose effect is meant; the mean over all from 0 on, if none is named.
    test
        For relative magnitudes: the conditional test of moment inequalities, or its hybrid with the least favourable
        critical value (as in the authors' package; some ten times slower).
    level
        Confidence level of the robust intervals.

    Returns
    -------
    Estimates
        One row for each bound, ``term="M = …"``: the estimate as it was, and the interval that holds it with trends
        that differ by so much. Evidence: ``robust`` [bound, conf_low, conf_high] and ``breakdown`` [bound], the largest
        bound at which the interval is without nought, interpolated (NaN where it holds it at the smallest already;
        infinite where no bound that was looked at reaches it).

    Raises
    ------
    MethodError
        When the answer has no single reference period, no estimate before it, or gaps in event time.

    Examples
    --------
    >>> study = event_study(rows, outcome="poor", unit="place", period="year", since="start", seed=1)  # doctest: +SKIP
    >>> honest_did(study, bounds=[1.0]).table  # doctest: +SKIP

    References
    ----------
    Rambachan, A., & Roth, J. (2023). A more credible approach to parallel trends. Review of Economic Studies 90(5),
    2555–2591. — Andrews, I., Roth, J., & Pakes, A. (2023). Inference for linear conditional moment inequalities. Review
    of Economic Studies 90(6), 2763–2791.
    """
    level = _rows.fraction(level, "level")
    _rows.choice(restriction, "restriction", get_args(Restriction))
    _rows.choice(test, "test", get_args(Test))
    found = events(answer)
    weights = _weights(found, event_time)
    grid = _bounds(bounds, restriction, found)
    robust, doubts = _robust(found, weights, grid, restriction=restriction, test=test, level=level)
    estimate = float(weights @ found.beta[found.at > found.reference])
    table = robust.assign(
        term=[f"M = {m:.3g}" for m in robust.bound], estimate=estimate, n=answer.table.n.iloc[0]
    ).drop(columns="bound")
    broken = _breakdown(robust)
    return Estimates(
        table,
        "honest_did",
        "Mean effect on the treated, trends after treatment differing by no more than a bound",
        level=level,
        checks=(_broken(broken, restriction, robust), *doubts),
        evidence={"robust": robust, "breakdown": pd.DataFrame({"bound": [broken]})},
    )


def _weights(found: Events, event_time: int | None) -> Array:
    """What is meant of the estimates after the reference."""
    at = found.at[found.at > found.reference]
    if event_time is None:
        return (at >= 0) / (at >= 0).sum()
    if event_time not in at:
        raise MethodError(
            _("There is no estimate at event time {time}.", time=event_time),
            expected=_("one of {times}", times=", ".join(f"{t:g}" for t in at)),
            where=Where(key="event_time"),
        )
    return (at == event_time).astype(float)


def _bounds(bounds: Sequence[float] | None, restriction: str, found: Events) -> list[float]:
    if bounds is not None:
        told = sorted({_rows.nonnegative(m, "bounds") for m in bounds})
        if not told:
            raise MethodError(_("No bound is given."), expected=_("numbers of 0 or more"), where=Where(key="bounds"))
        return told
    if restriction == "relative_magnitudes":
        return list(MAGNITUDES)
    path = np.append(found.beta[found.before], 0.0)
    bends = np.abs(np.diff(path, 2)) if len(path) > 2 else np.abs(np.diff(path))
    return [float(k * bends.max()) for k in (0.0, 0.25, 0.5, 1.0)]


def _robust(
    found: Events, weights: Array, grid: list[float], *, restriction: str, test: str, level: float
) -> tuple[pd.DataFrame, list[Check]]:
    from moderndid.didhonest import create_sensitivity_results_rm, create_sensitivity_results_sm

    beta, V, before = found.beta, found.V, int(found.before.sum())
    if restriction == "relative_magnitudes":
        beta, V, weights = _padded(beta, V, weights)
        before += 1
    sizes = {"num_pre_periods": before, "num_post_periods": len(weights)}
    told = {"betahat": beta, "sigma": V, "l_vec": weights[:, None], "alpha": 1 - level, **sizes}
    rows, said = [], set()
    for bound in grid:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if restriction == "smoothness":
                made = create_sensitivity_results_sm(**told, m_vec=[bound], method="FLCI")
            else:
                method = "C-LF" if test == "hybrid" else "Conditional"
                made = create_sensitivity_results_rm(**told, m_bar_vec=[bound], method=method, grid_points=_GRID)
        open_ended = any(str(w.message).startswith(_OPEN) for w in caught)
        said |= {_INACCURATE for w in caught if str(w.message).startswith(_INACCURATE)}
        low, high = (float("nan"),) * 2 if open_ended else (float(made["lb"][0]), float(made["ub"][0]))
        rows.append({"bound": bound, "conf_low": finite(low), "conf_high": finite(high)})
    doubts = []
    if said:
        doubts.append(Check("solver", "warn", "The solver calls an interval inaccurate: read it to two digits."))
    return pd.DataFrame(rows), doubts


def _padded(beta: Array, V: Array, weights: Array) -> tuple[Array, Array, Array]:
    """With a period in front that says next to nothing, and another behind where there is one period after only.

    moderndid 0.2 passes over the first difference before treatment, and stops with an error at a single period after.
    The test uses differences after treatment only, so that what is added changes nothing else.
    """
    behind = int(len(weights) == 1)
    K = len(beta)
    wide = np.eye(K + 1 + behind) * (100 * V.diagonal().max())
    wide[1 : K + 1, 1 : K + 1] = V
    longer = np.concatenate([beta[:1], beta, beta[-1:] if behind else beta[:0]])
    return longer, wide, np.append(weights, np.zeros(behind))


def _breakdown(robust: pd.DataFrame) -> float:
    """Where the end of the interval that is nearer nought crosses it, by interpolation between bounds."""
    ends = np.where(robust.conf_low > 0, robust.conf_low, np.where(robust.conf_high < 0, -robust.conf_high, np.nan))
    without = np.isfinite(ends)
    if not without[0]:
        return float("nan")
    if without.all():
        return float("inf")
    k = int(np.argmin(without))
    sign = 1.0 if robust.conf_low.iloc[k - 1] > 0 else -1.0
    beyond = robust.conf_low.iloc[k] if sign > 0 else -robust.conf_high.iloc[k]
    m0, m1 = robust.bound.iloc[k - 1], robust.bound.iloc[k]
    if not np.isfinite(beyond):
        return float(m0)
    return float(m0 + (m1 - m0) * ends[k - 1] / (ends[k - 1] - beyond))


def _broken(broken: float, restriction: str, robust: pd.DataFrame) -> Check:
    ends = {"first": robust.bound.iloc[0], "last": robust.bound.iloc[-1], "M": broken}
    evidence = {name: _digits(float(value)) for name, value in ends.items()}
    if np.isnan(broken):
        return Check(
            "breakdown",
            "warn",
            "The robust interval holds nought at the smallest bound already (M = {first}).",
            evidence,
        )
    if np.isinf(broken):
        return Check(
            "breakdown", "pass", "The robust interval is without nought at every bound up to M = {last}.", evidence
        )
    if restriction == "smoothness":
        return Check(
            "breakdown",
            "info",
            "The effect is told from nought while the slope of the difference of trends changes by no more than {M} a "
            "period.",
            evidence,
        )
    return Check(
        "breakdown",
        "info",
        "The effect is told from nought while trends part by no more than {M} times the most that they did before "
        "treatment.",
        evidence,
    )


def _digits(value: float) -> Words:
    """Two significant digits at least."""
    if not np.isfinite(value) or value == 0:
        return spoken(value, 2)
    return spoken(value, max(2, 1 - int(np.floor(np.log10(abs(value))))))
