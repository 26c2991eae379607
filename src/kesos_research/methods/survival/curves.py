"""Survival curves: which share has not yet had the event, and when did half have it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken
from kesos_research.methods._covariates import several
from kesos_research.methods.small_area import one_of
from kesos_research.methods.survival import _product_limit as limit
from kesos_research.methods.survival import _spells
from kesos_research.methods.survival._product_limit import Array
from kesos_research.methods.survival._spells import Spells

Scale = Literal["log", "log-log", "plain"]

CURVE = ("group", "time", "survival", "conf_low", "conf_high", "at_risk", "events", "std_error")

FEW = 10
"""With fewer still seen at the horizon, the end of a curve hangs on single rows."""


def kaplan_meier(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    by: str | Sequence[str] = (),
    cluster: str | None = None,
    horizon: float | None = None,
    conf: Scale = "log",
    level: float = 0.95,
) -> Estimates:
    """Which share has not yet had the event after so long, and after how long had half of them had it?

    Estimand: S(t) = P(T > t), its median, and with a horizon τ the mean of min(T, τ), in each group of `by`, if those
    no longer seen would have fared as those still seen.

    Parameters
    ----------
    data
        One row a person or household.
    time
        How long the row was seen, more than 0: to the event, or until it was last seen without it.
    event
        True, or 1, where the event ended it.
    by
        Columns whose values make the groups.
    cluster
        Where the rows were assigned or drawn together; the variance is then of sums over clusters, else Greenwood's.
    horizon
        A time in the unit of `time` for ``survival`` and ``restricted_mean``; somebody of each group is seen to it.
    conf
        Scale on which the intervals of the curve are symmetric: ``"log"`` (that of R's survfit), ``"log-log"``,
        ``"plain"``.
    level
        Of the intervals: normal, or Student's t with the clusters less one.

    Returns
    -------
    Estimates
        For each group ``median`` (absent where half did not have the event; its interval holds the times at which the
        curve's interval holds one half), and with a horizon ``survival`` and ``restricted_mean``. Evidence: ``curve``
        [group, time, survival, conf_low, conf_high, at_risk, events, std_error] with a first row at 0, ``groups``.

    Raises
    ------
    MethodError
        When values are missing, a time is not above 0, or nobody of a group is seen to the horizon.

    Examples
    --------
    >>> rows = pd.DataFrame({"months": [1.0, 2.0, 3.0, 4.0], "back": [True, True, False, True]})
    >>> answer = kaplan_meier(rows, time="months", event="back", horizon=3)
    >>> [round(float(x), 3) for x in answer.table.estimate]
    [3.0, 0.5, 2.25]

    References
    ----------
    Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457–481. — Klein,
    J. P., & Moeschberger, M. L. (2003). Survival analysis (2nd ed.). Springer, ch. 4.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    one_of(conf, "conf", get_args(Scale))
    spells = _spells.read(data, time=time, event=event, cluster=cluster, others=[("by", groups)])
    ends = None if horizon is None else _horizon(horizon)
    table: list[dict[str, object]] = []
    curves: list[pd.DataFrame] = []
    sizes: list[dict[str, object]] = []
    at_end: list[int] = []
    for key, part in parts(spells, groups):
        label = " / ".join(map(str, key))
        _spells.several_clusters(part, label, cluster)
        s = limit.steps(part.time, part.event)
        var = limit.clustered(s, part.time, part.event, part.cluster) if part.clustered else limit.greenwood(s)
        z = critical(part, level)
        low, high = limit.bands(s.S, var, conf, z)
        named = dict(zip(groups, key, strict=True))
        median = (limit.quantile(s.t, s.S), limit.quantile(s.t, _falling(low)), limit.quantile(s.t, _falling(high)))
        rows = [_row("median", median[0], float("nan"), median[1:])]
        if ends is not None:
            _seen_to(part, ends, label, time)
            at_end.append(int((part.time >= ends).sum()))
            rows += [_survival(s, var, ends, conf, z), _mean(s, part, ends, z)]
        table += [{**named, **r, "df": part.df, "n": len(part.time)} for r in rows]
        curves.append(
            _curve(label, s, {"survival": s.S, "conf_low": low, "conf_high": high, "std_error": np.sqrt(var) * s.S})
        )
        events = int(part.event.sum())
        sizes.append(
            {
                "group": label,
                "n": len(part.time),
                "events": events,
                "censored": len(part.time) - events,
                "median": median[0],
            }
        )
    return Estimates(
        pd.DataFrame(table),
        "kaplan_meier",
        "Share that has not yet had the event, if those no longer seen fared as those still seen",
        level=level,
        by=groups,
        checks=(
            _spells.censoring(spells),
            _spells.competing(),
            *_late_tail(at_end, ends),
            *_spells.few_clusters(spells),
        ),
        evidence={"curve": pd.concat(curves, ignore_index=True), "groups": pd.DataFrame(sizes)},
    )


def cumulative_incidence(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    competing: str,
    by: str | Sequence[str] = (),
    cluster: str | None = None,
    horizon: float | None = None,
    level: float = 0.95,
) -> Estimates:
    """Which share had the event after so long, where another end may rule it out?

    Estimand: F(t) = P(T ≤ t, the end is the event), in each group of `by`, if those no longer seen would have fared as
    those still seen. Unlike 1 − S(t) of `kaplan_meier`, those who came to the other end cannot have the event any more.

    Parameters
    ----------
    data, time, event, by, cluster
        As for `kaplan_meier`.
    competing
        True, or 1, where an end that rules the event out came first. No row has both.
    horizon
        The time at which the shares are given; without it the last time at which anybody came to an end.
    level
        Of the intervals, symmetric for log(−log F).

    Returns
    -------
    Estimates
        For each group ``incidence`` and ``competing_incidence`` at the horizon. Evidence: ``curve`` [group, time,
        survival, conf_low, conf_high, at_risk, events, std_error] in which survival is 1 − F, and ``groups``.

    Raises
    ------
    MethodError
        As `kaplan_meier`, and when a row has both ends.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "months": [1.0, 2.0, 3.0, 4.0], "back": [True, False, True, False], "gone": [False, True, False, False]})
    >>> answer = cumulative_incidence(rows, time="months", event="back", competing="gone")
    >>> [round(float(x), 3) for x in answer.table.estimate]
    [0.5, 0.25]

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on
    censored observations. Scandinavian Journal of Statistics 5, 141–150. Variance: infinitesimal jackknife.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    spells = _spells.read(
        data, time=time, event=event, cluster=cluster, others=[("by", groups), ("competing", competing)]
    )
    other = _spells.truth(spells.frame, competing)
    if both := int((other & spells.event).sum()):
        raise MethodError(
            _("{n} rows have both the event and the end that rules it out.", n=both),
            expected=_("the end that came first"),
            where=Where(column=competing),
        )
    ends = None if horizon is None else _horizon(horizon)
    table: list[dict[str, object]] = []
    curves: list[pd.DataFrame] = []
    sizes: list[dict[str, object]] = []
    for key, part in parts(spells, groups):
        label = " / ".join(map(str, key))
        _spells.several_clusters(part, label, cluster)
        out = _spells.truth(part.frame, competing)
        when = float(part.time[part.event | out].max(initial=0.0)) if ends is None else ends
        _seen_to(part, when, label, time)
        named = dict(zip(groups, key, strict=True))
        for term, own, rival in (("incidence", part.event, out), ("competing_incidence", out, part.event)):
            found = limit.incidence(part.time, own, rival, part.cluster)
            F, error = found.F, np.sqrt(found.var)
            low, high = _unit_interval(F, error, critical(part, level))
            t = found.steps.t
            interval = limit.at(t, low, when, np.nan), limit.at(t, high, when, np.nan)
            row = _row(term, limit.at(t, F, when, 0.0), limit.at(t, error, when, 0.0), interval)
            table.append({**named, **row, "df": part.df, "n": len(part.time)})
            if term == "incidence":
                shown = {"survival": 1 - F, "conf_low": 1 - high, "conf_high": 1 - low, "std_error": error}
                curves.append(_curve(label, found.steps, shown))
        sizes.append(
            {"group": label, "n": len(part.time), "events": int(part.event.sum()), "competing": int(out.sum())}
        )
    return Estimates(
        pd.DataFrame(table),
        "cumulative_incidence",
        "Share that had the event, where another end rules it out, if those no longer seen fared as those still seen",
        level=level,
        by=groups,
        checks=(_spells.censoring(spells), *_spells.few_clusters(spells)),
        evidence={"curve": pd.concat(curves, ignore_index=True), "groups": pd.DataFrame(sizes)},
    )


def parts(spells: Spells, by: tuple[str, ...]) -> Iterator[tuple[tuple[object, ...], Spells]]:
    """The spells of each group, in the order of its values."""
    if not by:
        yield (), spells
        return
    places = pd.Series(np.arange(len(spells.time)), index=spells.frame.index)
    for key, rows in spells.frame.assign(_place=places.to_numpy()).groupby(list(by), sort=True, observed=True):
        keep = np.zeros(len(spells.time), bool)
        keep[rows["_place"].to_numpy()] = True
        yield key, spells.part(keep)


def critical(spells: Spells, level: float) -> float:
    """Normal, or Student's t with the clusters less one."""
    p = (1 + level) / 2
    if not spells.clustered:
        return float(ndtri(p))
    return float(stdtrit(spells.sums - 1, p)) if spells.sums > 1 else float("nan")


def _survival(s: limit.Steps, var: Array, horizon: float, conf: str, z: float) -> dict[str, object]:
    S, v = limit.at(s.t, s.S, horizon, 1.0), limit.at(s.t, var, horizon, 0.0)
    low, high = limit.bands(np.array([S]), np.array([v]), conf, z)
    return _row("survival", S, float(np.sqrt(v) * S), (float(low[0]), float(high[0])))


def _mean(s: limit.Steps, part: Spells, horizon: float, z: float) -> dict[str, object]:
    mean, rest = limit.areas(s, horizon)
    var = (
        limit.area_clustered(s, rest, part.time, part.event, part.cluster)
        if part.clustered
        else limit.area_variance(s, rest)
    )
    half = z * np.sqrt(var)
    return _row("restricted_mean", mean, float(np.sqrt(var)), (mean - half, mean + half))


def _row(term: str, estimate: float, error: float, interval: tuple[float, ...]) -> dict[str, object]:
    return {
        "term": term,
        "estimate": estimate,
        "std_error": error,
        "conf_low": interval[0],
        "conf_high": interval[1],
    }


def _curve(label: str, s: limit.Steps, shown: dict[str, Array]) -> pd.DataFrame:
    """The steps, with everybody at time 0."""
    counts = {"at_risk": s.Y.astype(int), "events": s.d.astype(int)}
    frame = pd.DataFrame({"group": label, "time": s.t, **shown, **counts})[list(CURVE)]
    start = {"group": label, "time": 0.0, "survival": 1.0, "conf_low": 1.0, "conf_high": 1.0, "std_error": 0.0}
    first = pd.DataFrame([start | {"at_risk": int(s.Y[0]), "events": 0}])
    return pd.concat([first[list(CURVE)], frame], ignore_index=True)


def _falling(bound: Array) -> Array:
    """A bound for reading off a time: absent where all had the event, where it is as low as it can be."""
    return np.where(np.isfinite(bound), bound, np.inf)


def _unit_interval(F: Array, error: Array, z: float) -> tuple[Array, Array]:
    """Symmetric for log(−log F), inside 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        e = z * error / (F * np.log(F))
        low, high = F ** np.exp(-e), F ** np.exp(e)
    inside = (F > 0) & (F < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _horizon(value: object) -> float:
    found = _rows.nonnegative(value, "horizon")
    if found == 0:
        raise MethodError(
            _("{name} is {value}.", name="horizon", value=_rows.said(value)),
            expected=_("a number larger than 0"),
            where=Where(key="horizon"),
        )
    return found


def _seen_to(part: Spells, horizon: float, label: str, time: str) -> None:
    """Somebody is seen to the horizon, or all had the event before it."""
    last = float(part.time.max())
    if last < horizon and not part.event[part.time == last].all():
        raise MethodError(
            _(
                "Nobody of the group {label} is seen to {horizon}; the last is seen to {last}.",
                label=label or "–",
                horizon=horizon,
                last=last,
            ),
            expected=_("a horizon that rows of every group reach"),
            where=Where(column=time),
        )


def _late_tail(at_end: list[int], horizon: float | None) -> tuple[Check, ...]:
    if horizon is None:
        return ()
    least = min(at_end)
    evidence = {"least": least, "horizon": spoken(horizon, 1), "few": FEW}
    if least < FEW:
        return (
            Check(
                "late_tail",
                "warn",
                "In one group {least} rows are still seen at {horizon}, fewer than {few}: its curve ends on a few "
                "rows.",
                evidence,
            ),
        )
    return (Check("late_tail", "pass", "In every group at least {least} rows are still seen at {horizon}.", evidence),)
