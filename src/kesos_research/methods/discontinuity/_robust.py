"""The robust bias-corrected estimate of diff-diff, asked for with arrays; its warnings come back as words."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.language import _
from kesos_research.methods.discontinuity import _local

Array = NDArray[np.float64]

SELECTORS = (
    "mserd",
    "msetwo",
    "msesum",
    "msecomb1",
    "msecomb2",
    "cerrd",
    "certwo",
    "cersum",
    "cercomb1",
    "cercomb2",
)
ERRORS = ("nn", "hc0", "hc1", "hc2", "hc3")


@dataclass(frozen=True)
class Plan:
    """How to fit: selector of the bandwidth, or h and b; kernel; order p; variance."""

    bandwidth: str | tuple[float, float]
    kernel: str
    p: int
    how: str
    level: float


@dataclass(frozen=True)
class Jump:
    """Bias-corrected estimate with robust error, conventional one, first stage (or None); h, b: left and right."""

    estimate: float
    error: float
    conventional: float
    conventional_error: float
    h: tuple[float, float]
    b: tuple[float, float]
    first: tuple[float, float] | None
    whole: bool
    """No bandwidth could be chosen: all rows were taken."""

    def interval(self, level: float) -> tuple[float, float]:
        reach = float(stats.norm.ppf((1 + level) / 2)) * self.error
        return self.estimate - reach, self.estimate + reach

    @property
    def p_value(self) -> float:
        return float(2 * stats.norm.sf(abs(self.estimate) / self.error))


def jump(u: Array, y: Array, plan: Plan, *, d: Array | None = None, X: Array | None = None, at: float = 0.0) -> Jump:
    """The jump of y at u = at, above less below; over the jump of d where given."""
    frame = pd.DataFrame({"u": u, "y": y})
    fit: dict[str, Any] = {"outcome": "y", "running": "u"}
    if d is not None:
        frame["d"] = d
        fit["takeup"] = "d"
    if X is not None and X.shape[1]:
        frame[[f"x{j}" for j in range(X.shape[1])]] = X
        fit["covariates"] = [f"x{j}" for j in range(X.shape[1])]
    asked: dict[str, Any] = {"cutoff": at, "p": plan.p, "kernel": plan.kernel, "alpha": 1 - plan.level}
    if isinstance(plan.bandwidth, str):
        asked["bwselect"] = plan.bandwidth
    else:
        asked["h"], asked["b"] = plan.bandwidth
    found, said = _fitted(frame, asked, fit)
    first = None if found.first_stage is None else (float(found.first_stage), float(found.first_stage_se))
    made = Jump(
        float(found.att),
        float(found.se),
        float(found.att_conventional),
        float(found.se_conventional),
        (float(found.h_left), float(found.h_right)),
        (float(found.b_left), float(found.b_right)),
        first,
        any("Not enough observations" in s for s in said),
    )
    made = made if plan.how == "nn" else _by_residuals(u - at, y, made, plan)
    if not np.isfinite(made.error) or not made.error > 0 or not np.isfinite(made.estimate):
        raise _nothing()
    return made


def _fitted(frame: pd.DataFrame, asked: dict[str, Any], fit: dict[str, Any]) -> tuple[Any, list[str]]:
    from diff_diff import RegressionDiscontinuity

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = RegressionDiscontinuity(**asked).fit(frame, **fit)
        except (ValueError, np.linalg.LinAlgError, ArithmeticError) as error:
            raise _nothing() from error
    return found, [str(w.message) for w in caught]


def _by_residuals(u: Array, y: Array, j: Jump, plan: Plan) -> Jump:
    sides = []
    for inside, h, b in ((u < 0, j.h[0], j.b[0]), (u >= 0, j.h[1], j.b[1])):
        sides.append(_local.corrected(u[inside], y[inside], h, b, p=plan.p, kernel=plan.kernel, how=plan.how))
    left, right = sides
    return replace(
        j,
        estimate=right[1] - left[1],
        error=float(np.hypot(left[3], right[3])),
        conventional=right[0] - left[0],
        conventional_error=float(np.hypot(left[2], right[2])),
    )


def _nothing() -> MethodError:
    return MethodError(
        _("No curve can be fitted on both sides of the cut-off."),
        expected=_("units with different scores and outcomes near the cut-off, on both sides"),
        remedy=_("widen the bandwidth, take order=1, or use local_randomization"),
    )
