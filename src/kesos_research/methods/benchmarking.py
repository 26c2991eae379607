"""Small areas that add up to what the whole survey says."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows, _scale
from kesos_research.methods._area_model import rebuild
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods.bootstrap import require
from kesos_research.methods.small_area import one_of

Array = NDArray[np.float64]
Method = Literal["ratio", "difference"]

METHODS: tuple[Method, ...] = ("ratio", "difference")
_CLOSE = 1e-9
_LARGE = 0.1
"""A group whose figure moves by more than a tenth: model and survey do not say the same."""


def benchmark(
    data: Estimates,
    *,
    population: pd.DataFrame,
    size: str,
    group: str | None = None,
    target: str | None = None,
    method: Method = "ratio",
) -> Estimates:
    """What are the areas' values when together they must give the figure of the whole?

    Estimand: that of `data`. The mean over areas, weighted by their size, is made to equal the direct estimate of the
    whole, by one factor (``"ratio"``) or one summand (``"difference"``) for all areas of a group.

    Parameters
    ----------
    data
        The answer of `fay_herriot`, `bootstrap_mse` or `battese_harter_fuller`.
    population
        One row for each area, the areas under the same column name as in `data`, (areas,).
    size
        Its column with the number of units of the area: what the estimates are means over.
    group
        Its column with the group that must add up, such as the province; without it all areas are one.
    target
        Its column with the figure that the group must have, the same in all areas of a group. Without it the mean of
        the areas' own direct estimates, which every area then must have.
    method
        ``"ratio"`` keeps estimates positive; ``"difference"`` shifts all by the same.

    Returns
    -------
    Estimates
        `data` with new `estimate`, `std_error` and intervals. Without `target` the error holds the benchmark's own,
        whose covariance with the predictor is 0 for known variances; with it the target is taken as exact and errors
        stay. Evidence ``benchmark``: for each group the figures before and after.

    Raises
    ------
    MethodError
        When areas are missing, a target differs within its group, a group has an area without direct estimate and no
        target, or the estimates are benchmarked already.

    Examples
    --------
    >>> from kesos_research.methods import fay_herriot
    >>> rows = pd.DataFrame({
    ...     "place": list("abcdef"), "poor": [8.0, 14.0, 7.0, 12.0, 22.0, 9.0], "v": [4.0, 1.0, 4.0, 1.0, 4.0, 2.0],
    ...     "people": [10, 20, 30, 10, 20, 10]})
    >>> answer = fay_herriot(rows, of="poor", variance="v", area="place")
    >>> level = benchmark(answer, population=rows, size="people")
    >>> round(float((level.table.estimate * rows.people).sum() / 100), 9), (rows.poor * rows.people).sum() / 100
    (12.2, np.float64(12.2))

    References
    ----------
    Wang, J., Fuller, W. A., & Qu, Y. (2008). Small area estimation under a restriction. Survey Methodology 34(1),
    29–36. — Steorts, R. C., & Ghosh, M. (2013). On estimation of mean squared errors of benchmarked empirical Bayes
    estimators. Statistica Sinica 23, 749–767.
    """
    require(data, ("fay_herriot", "battese_harter_fuller"))
    one_of(method, "method", METHODS)
    area = data.by[0]
    told = _told(data, population, area, {"size": size, **_named(group=group, target=target)})
    areas = data.evidence["areas"].set_index(area).loc[data.table[area]]
    estimate = data.table["estimate"].to_numpy(float)
    groups = told[group].to_numpy(object) if group else np.full(len(told), "", object)
    share = told[size].to_numpy(float)
    found = []
    factor, summand, extra = np.ones(len(told)), np.zeros(len(told)), np.zeros(len(told))
    for label in sorted(set(groups), key=str):
        here = groups == label
        w = np.where(here, share, 0.0) / share[here].sum()
        before = float(w @ estimate)
        after = _told_target(told.loc[here, target], label) if target else _own_target(areas, w, here, label)
        if method == "ratio":
            _positive(before, after, label)
            factor[here] = after / before
        else:
            summand[here] = after - before
        if target is None and data.method == "fay_herriot":
            moved = estimate[here] / before if method == "ratio" else np.ones(int(here.sum()))
            extra[here] = moved**2 * _own_variance(data, w)
        found.append({"group": label, "areas": int(here.sum()), "before": before, "after": after})
    frame = pd.DataFrame(found)
    table = _moved(data, factor, summand, extra)
    return Estimates(
        table,
        data.method,
        data.estimand,
        level=data.level,
        by=data.by,
        checks=(*data.checks, _adjusted(frame, method), *_outside(data, table)),
        evidence={**data.evidence, "benchmark": frame},
    )


def _named(**columns: str | None) -> dict[str, str]:
    return {role: column for role, column in columns.items() if column is not None}


def _told(data: Estimates, population: pd.DataFrame, area: str, roles: dict[str, str]) -> pd.DataFrame:
    """The rows of the population in the order of the estimates."""
    _rows.columns(population, {"area": area, **roles})
    for role in ("size", "target"):
        if role in roles:
            _rows.numeric(population, roles[role])
    rows = population.drop_duplicates(area).set_index(area)
    lacking = [a for a in data.table[area] if a not in rows.index]
    if lacking or len(rows) != len(population):
        raise MethodError(
            _(
                "{n} areas are not in the population, or more than once: {names}.",
                n=len(lacking),
                names=listed(lacking),
            ),
            expected=_("one row for each area"),
            where=Where(column=area),
        )
    rows = rows.loc[data.table[area]]
    if (rows[roles["size"]] <= 0).any():
        raise MethodError(
            _("{n} areas have a size of 0 or less.", n=int((rows[roles["size"]] <= 0).sum())),
            expected=_("the number of units in the population"),
            where=Where(column=roles["size"]),
        )
    return rows


def _own_target(areas: pd.DataFrame, w: Array, here: NDArray[np.bool_], label: object) -> float:
    """The weighted mean of the direct estimates of a group."""
    direct = areas["direct"].to_numpy(float)
    without = np.isnan(direct) & here
    if without.any():
        raise MethodError(
            _("{n} areas of {group} have no direct estimate.", n=int(without.sum()), group=label or _("the whole")),
            expected=_("the figure of the whole under target"),
        )
    return float(w @ np.where(here, direct, 0.0))


def _told_target(values: pd.Series, label: object) -> float:
    """The one figure that a group is told to have."""
    if values.nunique() != 1:
        raise MethodError(
            _("The target of {group} is not one number.", group=label or _("the whole")),
            expected=_("the same figure in all its areas"),
            where=Where(column=str(values.name)),
        )
    return float(values.iloc[0])


def _positive(before: float, after: float, label: object) -> None:
    if before <= 0 or after <= 0:
        raise MethodError(
            _("A factor cannot move {before} to {after} in {group}.", before=before, after=after, group=label or "–"),
            expected=_("figures above 0"),
            remedy=_("method='difference'"),
        )


def _own_variance(data: Estimates, w: Array) -> float:
    """V(Σ w_i (y_i − θ̂_i)) = a'(V − X V(β̂) X')a with a_i = w_i (1 − γ_i) dθ/dz: the discrepancy is an error contrast,
    so
    that it is not correlated with the error of the predictor."""
    model = rebuild(data)
    fits = model.fit()
    found = model.predict(fits)
    inside = model.sampled
    order = {name: i for i, name in enumerate(data.table[data.by[0]])}
    mine = w[[order[name] for name in model.names]]
    a = (mine * (1 - found.gamma[0]) * _scale.slope(found.mean[0], model.transform))[inside]
    X, V = model.areas.X, fits.sigma2[0] + model.areas.D
    line = X.T @ a
    return max(float(a @ (V * a) - line @ fits.vcov[0] @ line), 0.0)


def _moved(data: Estimates, factor: Array, summand: Array, extra: Array) -> pd.DataFrame:
    table = data.table.copy()
    old = table["std_error"].to_numpy(float)
    error = np.sqrt(old**2 + extra)
    wider = error / old
    middle = table["estimate"].to_numpy(float)
    table["estimate"] = middle * factor + summand
    low, high = _range(data)
    for end in ("conf_low", "conf_high"):
        table[end] = (table["estimate"] + (table[end].to_numpy(float) - middle) * wider).clip(low, high)
    table["std_error"] = error
    return table


def _range(data: Estimates) -> tuple[float, float]:
    transform = data.evidence["model"]["transform"].iloc[0] if data.method == "fay_herriot" else "none"
    return {"none": (-np.inf, np.inf), "log": (0.0, np.inf), "arcsin": (0.0, 1.0)}[transform]


def _adjusted(found: pd.DataFrame, method: Method) -> Check:
    relative = (found["after"] / found["before"] - 1).abs()
    most = found.loc[relative.idxmax()]
    evidence = {
        "n": len(found),
        "before": spoken(float(most["before"]), 4),
        "after": spoken(float(most["after"]), 4),
        "percent": spoken(100 * float(relative.max()), 1),
    }
    status = "warn" if relative.max() > _LARGE else "info"
    if method == "ratio":
        return Check(
            "benchmark",
            status,
            "Estimates are multiplied so that the weighted mean of areas is that of the whole; in {n} groups the "
            "largest change is {percent} % ({before} to {after}).",
            evidence,
        )
    return Check(
        "benchmark",
        status,
        "Estimates are shifted so that the weighted mean of areas is that of the whole; in {n} groups the largest "
        "change is {percent} % ({before} to {after}).",
        evidence,
    )


def _outside(data: Estimates, table: pd.DataFrame) -> tuple[Check, ...]:
    """Shares that the benchmark has moved beyond 0 or 1, amounts below 0."""
    low, high = _range(data)
    beyond = (table["estimate"] < low - _CLOSE) | (table["estimate"] > high + _CLOSE)
    if not beyond.any():
        return ()
    return (
        Check(
            "benchmark_range",
            "fail",
            "After benchmarking {n} estimates leave the range that their scale allows.",
            {"n": int(beyond.sum())},
        ),
    )
