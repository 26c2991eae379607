"""Regression discontinuity: what a rule changed for those at its cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, percent, probability, spoken
from kesos_research.methods._settings import choice
from kesos_research.methods.discontinuity import _local, _robust
from kesos_research.methods.discontinuity._running import Running, continuous, mass_points, read

Array = NDArray[np.float64]
Side = Literal["above", "below"]
Kernel = Literal["triangular", "epanechnikov", "uniform"]
StdError = Literal["nn", "hc0", "hc1", "hc2", "hc3"]

BINS = 15
"""Bins of equal numbers on each side, for the eye."""


def regression_discontinuity(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    side: Side = "above",
    takeup: str | None = None,
    covariates: str | Sequence[str] = (),
    bandwidth: str | float | tuple[float, float] = "mserd",
    kernel: Kernel = "triangular",
    order: int = 1,
    std_error: StdError = "nn",
    level: float = 0.95,
) -> Estimates:
    """What did the programme change for units at the cut-off of the score that decides who gets it?

    Estimand: mean effect on units whose score is the cut-off (with `takeup`: on those of them who took the programme up
    because of the side they are on), if without the programme outcomes ran on without a jump there.

    Parameters
    ----------
    data
        One row a unit.
    outcome
        Column of numbers, or of true and false.
    running, cutoff
        Column of the score, and the score that decides; who has it exactly is treated.
    side
        Which side is treated: ``"above"``, or ``"below"`` as where the poorer have lower scores.
    takeup
        Column that says who took the programme up, where the rule moves take-up without fixing it.
    covariates
        Columns known before. They make the answer more precise and are not needed.
    bandwidth
        How h is chosen (``"mserd"``, ``"msetwo"``, ``"cerrd"``, … of Calonico, Cattaneo and Titiunik), or h, or (h, b),
        in units of the score.
    kernel, order
        Weights about the cut-off, and order of the local polynomial.
    std_error
        ``"nn"``: from nearest neighbours; ``"hc0"`` to ``"hc3"``: from residuals (neither with `takeup` nor
        covariates), the bandwidth chosen as for ``"nn"``.
    level
        Confidence level.

    Returns
    -------
    Estimates
        ``treated``: bias-corrected, with robust error and interval; ``conventional``: without correction, with an
        interval that is too narrow; with `takeup` ``first_stage``. Evidence: ``bandwidths``, ``binned`` (means of bins
        and the local fit), ``sensitivity`` (half and double bandwidth, without the nearest units, at cut-offs that
        decide nothing).

    Raises
    ------
    MethodError
        When values are missing, all scores lie on one side, or the score takes fewer than ten values on a side.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> score = np.linspace(-1, 1, 400)
    >>> rows = pd.DataFrame({"score": score, "spent": score + 2 * (score >= 0) + rng.normal(0, 0.3, 400)})
    >>> answer = regression_discontinuity(rows, outcome="spent", running="score", cutoff=0)
    >>> bool(abs(answer.row(term="treated").estimate - 2) < 0.3)
    True

    References
    ----------
    Calonico, S., Cattaneo, M. D., & Titiunik, R. (2014). Robust nonparametric confidence intervals for
    regression-discontinuity designs. Econometrica 82(6), 2295–2326. — Cattaneo, M. D., Idrobo, N., & Titiunik, R.
    (2020). A practical introduction to regression discontinuity designs. Cambridge University Press.
    """
    level = _rows.fraction(level, "level")
    r = read(data, running=running, cutoff=cutoff, side=side, outcome=outcome, takeup=takeup, covariates=covariates)
    continuous(r, running)
    plan = _plan(bandwidth, kernel, order, std_error, level=level)
    if plan.how != "nn" and (takeup is not None or r.X.shape[1]):
        raise MethodError(
            _("Errors from residuals are given for a plain design only."),
            expected=_("std_error='nn' with take-up or covariates"),
            where=Where(key="std_error"),
        )
    found = _robust.jump(r.u, r.y, plan, d=r.d, X=r.X)
    frames = {"bandwidths": _bandwidths(r, found), "binned": _binned(r, found, plan)}
    frames["sensitivity"] = _sensitivity(r, found, plan)
    return Estimates(
        _table(r, found, level),
        "regression_discontinuity",
        "Mean effect on units at the cut-off, if without the programme outcomes ran on without a jump",
        level=level,
        checks=(mass_points(r), *_near(r, found), _placebo(frames["sensitivity"]), *_moved(found)),
        evidence=frames,
    )


def _plan(bandwidth: object, kernel: str, order: int, std_error: str, *, level: float) -> _robust.Plan:
    choice(kernel, "kernel", tuple(_local.KERNELS))
    choice(std_error, "std_error", _robust.ERRORS)
    order = _rows.whole(order, "order", least=0)
    if order > 4:
        raise MethodError(
            _("{name} is {value}.", name="order", value=order),
            expected=_("0 to 4: higher orders swing at the ends"),
            where=Where(key="order"),
        )
    if isinstance(bandwidth, str):
        return _robust.Plan(choice(bandwidth, "bandwidth", _robust.SELECTORS), kernel, order, std_error, level)
    pair = bandwidth if isinstance(bandwidth, tuple) else (bandwidth, bandwidth)
    widths = [
        float(v)
        for v in pair
        if isinstance(v, int | float | np.number) and not isinstance(v, bool) and 0 < v <= _rows.LARGEST
    ]
    if len(pair) != 2 or len(widths) != 2:
        raise MethodError(
            _("{name} is {value}.", name="bandwidth", value=_rows.said(bandwidth)),
            expected=_("a way to choose it, a number larger than 0, or two such"),
            where=Where(key="bandwidth"),
        )
    return _robust.Plan((widths[0], widths[1]), kernel, order, std_error, level)


def _table(r: Running, j: _robust.Jump, level: float) -> pd.DataFrame:
    reach = float(stats.norm.ppf((1 + level) / 2))
    pairs = [("treated", j.estimate, j.error), ("conventional", j.conventional, j.conventional_error)]
    if j.first is not None:
        pairs.append(("first_stage", *j.first))
    return pd.DataFrame(
        [
            {
                "term": term,
                "estimate": value,
                "std_error": error,
                "conf_low": value - reach * error,
                "conf_high": value + reach * error,
                "p_value": float(2 * stats.norm.sf(abs(value) / error)) if error > 0 else np.nan,
                "n": len(r.u),
            }
            for term, value, error in pairs
        ]
    )


def _bandwidths(r: Running, j: _robust.Jump) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "side": side,
                "h": h,
                "b": b,
                "n": int(inside.sum()),
                "n_h": int((inside & (np.abs(r.u) <= h)).sum()),
                "n_b": int((inside & (np.abs(r.u) <= b)).sum()),
            }
            for side, inside, h, b in (
                ("comparison", ~r.treated, j.h[0], j.b[0]),
                ("treated", r.treated, j.h[1], j.b[1]),
            )
        ]
    )


def _binned(r: Running, j: _robust.Jump, plan: _robust.Plan) -> pd.DataFrame:
    """Means of bins that hold as many units each, and the local fit where it was made."""
    rows = []
    for side, inside, h in (("comparison", ~r.treated, j.h[0]), ("treated", r.treated, j.h[1])):
        u, y = r.u[inside], r.y[inside]
        beta = _local.smooth(u, y, h, plan.p, plan.kernel)
        for part in np.array_split(np.arange(len(u)), min(BINS, len(u))):
            middle = float(u[part].mean())
            fitted = float(np.polyval(beta[::-1], middle)) if abs(middle) <= h else np.nan
            mean = float(y[part].mean())
            error = float(y[part].std(ddof=1) / np.sqrt(len(part))) if len(part) > 1 else np.nan
            reach = float(stats.t.ppf((1 + plan.level) / 2, max(len(part) - 1, 1))) * error
            rows.append((side, float(r.score(middle)), mean, len(part), fitted, mean - reach, mean + reach))
    columns = ["side", "running", "outcome", "n", "fitted", "conf_low", "conf_high"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("running", ignore_index=True)


def _sensitivity(r: Running, j: _robust.Jump, plan: _robust.Plan) -> pd.DataFrame:
    """The answer under other bandwidths, without the nearest units, and at cut-offs that decide nothing."""
    h, b = max(j.h), max(j.b)
    rows: list[dict[str, object] | None] = [_variant("chosen", r, 0.0, j, plan)]
    for name, factor in (("half", 0.5), ("double", 2.0)):
        other = _robust.Plan((h * factor, b * factor), plan.kernel, plan.p, "nn", plan.level)
        rows.append(_tried(name, r, other))
    for share in (0.05, 0.1):
        rows.append(_tried("donut", _kept(r, np.abs(r.u) >= share * h), plan))
    for inside in (~r.treated, r.treated):
        part = _kept(r, inside)
        rows.append(_tried("placebo", part, plan, at=float(np.median(part.u))))
    return pd.DataFrame([row for row in rows if row is not None])


def _kept(r: Running, keep: NDArray[np.bool_]) -> Running:
    d = None if r.d is None else r.d[keep]
    return Running(r.u[keep], r.y[keep], d, r.X[keep], r.terms, r.sign, r.cutoff)


def _tried(name: str, r: Running, plan: _robust.Plan, at: float = 0.0) -> dict[str, object] | None:
    """One variant; None where too few units are left to fit."""
    if min(len(np.unique(r.u[r.u >= at])), len(np.unique(r.u[r.u < at]))) <= plan.p + 2:
        return None
    try:
        found = _robust.jump(r.u, r.y, plan, d=r.d if name != "placebo" else None, X=r.X, at=at)
    except MethodError:
        return None
    return _variant(name, r, at, found, plan)


def _variant(name: str, r: Running, at: float, j: _robust.Jump, plan: _robust.Plan) -> dict[str, object]:
    low, high = j.interval(plan.level)
    return {
        "variant": name,
        "cutoff": float(r.score(at)),
        "h": max(j.h),
        "estimate": j.estimate,
        "std_error": j.error,
        "conf_low": low,
        "conf_high": high,
        "p_value": j.p_value,
        "n": len(r.u),
    }


def _near(r: Running, j: _robust.Jump) -> tuple[Check, ...]:
    counts = [int(((r.u < 0) & (-r.u <= j.h[0])).sum()), int(((r.u >= 0) & (r.u <= j.h[1])).sum())]
    told = {
        "h": spoken(max(j.h), 2),
        "others": counts[0],
        "treated": counts[1],
        "share": percent(sum(counts) / len(r.u)),
    }
    local = Check(
        "local",
        "info",
        "The answer is of units at the cut-off, from {treated} treated and {others} other units within {h} of it "
        "({share} % of all): it says nothing of those far from it.",
        told,
    )
    if not j.whole:
        return (local,)
    all_rows = Check("bandwidth", "warn", "There were too few units to choose a bandwidth: all rows were taken.")
    return (local, all_rows)


def _placebo(frame: pd.DataFrame) -> Check:
    at = frame[frame["variant"] == "placebo"]
    jumps = at[at["p_value"] < 0.05]
    told = {"n": len(at), "cutoffs": listed([f"{c:g}" for c in jumps["cutoff"]]), "p": probability(1.0)}
    if len(jumps):
        return Check(
            "placebo_cutoffs",
            "warn",
            "Outcomes also jump where nothing is decided (at {cutoffs}): the jump at the cut-off may be no more than "
            "that.",
            told,
        )
    return Check("placebo_cutoffs", "pass", "At {n} cut-offs that decide nothing outcomes do not jump.", told)


def _moved(j: _robust.Jump) -> tuple[Check, ...]:
    if j.first is None:
        return ()
    F = (j.first[0] / j.first[1]) ** 2 if j.first[1] > 0 else np.inf
    told = {"F": spoken(min(F, 1e9), 1), "jump": spoken(j.first[0], 3)}
    if F < 10:
        return (
            Check(
                "instrument",
                "warn",
                "Take-up jumps by {jump} at the cut-off, which is little (F {F}): the answer divides by it and is "
                "unsteady.",
                told,
            ),
        )
    return (Check("instrument", "pass", "Take-up jumps by {jump} at the cut-off (F {F}).", told),)
