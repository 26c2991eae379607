"""Local randomisation: units next to a cut-off as if a lot had put them on their side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, draws_made, estimate_row, probability, spoken
from kesos_research.methods._randomize import randomise
from kesos_research.methods.discontinuity import _window
from kesos_research.methods.discontinuity._running import STEPS, Running, read

Side = Literal["above", "below"]

DRAWS = 9999
"""Fewer draws than this leave p-values and interval ends too coarse."""


def local_randomization(
    data: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    side: Side = "above",
    window: float | None = None,
    covariates: str | Sequence[str] = (),
    draws: int = DRAWS,
    seed: int,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change for units so near the cut-off that their side was as good as drawn by lot?

    Estimand: mean effect on units within the window, the same for each, if within it any of them could as well have
    been on either side. It is the honest way with scores in few steps, such as the tenths of a register.

    Parameters
    ----------
    data, outcome, running, cutoff, side, level
        As for `regression_discontinuity`; the score may take few values.
    window
        Half-width, in units of the score; if not told, the widest in which no covariate differs (p of .15 and more).
    covariates
        Columns known before, by which the window is chosen and judged.
    draws
        Exchanges of sides, at least 9,999; where fewer exist, all are looked at.
    seed
        Of the draws. Units are put in the order of their data first.

    Returns
    -------
    Estimates
        One row, ``term="treated"``, difference of means within the window; p-value and interval by randomisation.
        Evidence: ``windows``, ``draws``.

    Raises
    ------
    MethodError
        As for `regression_discontinuity`; when no window is told and none can be chosen.

    Examples
    --------
    >>> rows = pd.DataFrame({"tenth": [1, 2, 3, 4, 5, 6] * 4, "helped": [float(i % 7) for i in range(24)]})
    >>> answer = local_randomization(
    ...     rows, outcome="helped", running="tenth", cutoff=3, side="below", window=1, seed=1)
    >>> int(answer.table.n[0])
    12

    References
    ----------
    Cattaneo, M. D., Frandsen, B. R., & Titiunik, R. (2015). Randomization inference in the regression discontinuity
    design: an application to party advantages in the U.S. Senate. Journal of Causal Inference 3(1), 1–24.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    draws = _rows.whole(draws, "draws", least=DRAWS)
    r = read(data, running=running, cutoff=cutoff, side=side, outcome=outcome, covariates=covariates)
    if window is not None:
        _enough(r, _rows.nonnegative(window, "window"))
    width, windows = _chosen(r, window, seed)
    _enough(r, width)
    at = _window.inside(r, width)
    A, y = r.treated[at], r.y[at]
    reference = randomise(y, A, np.zeros(len(y), np.intp), draws, seed)
    return Estimates(
        pd.DataFrame([estimate_row("treated", reference, level, len(y))]),
        "local_randomization",
        "Mean effect on units within the window, if their side was as good as drawn by lot",
        level=level,
        checks=(*_checks(r, windows, width), attainable(reference, level), draws_made(reference)),
        evidence={"windows": windows, "draws": pd.DataFrame({"statistic": np.sort(reference.T)})},
    )


def _enough(r: Running, width: float) -> None:
    """Both sides of the window hold units, and outcomes differ there."""
    at = _window.inside(r, width)
    k, m = int(r.treated[at].sum()), int((~r.treated[at]).sum())
    if min(k, m) < 2 or np.ptp(r.y[at]) == 0:
        raise MethodError(
            _("The window holds {k} treated and {m} other units.", k=k, m=m),
            expected=_("two or more on each side, whose outcomes differ"),
            remedy=_("widen the window"),
            where=Where(key="window"),
        )


def _chosen(r: Running, window: float | None, seed: int) -> tuple[float, pd.DataFrame]:
    if window is not None:
        width = _rows.nonnegative(window, "window")
        return width, _window.table(r, [width], seed)
    if not r.terms:
        raise MethodError(
            _("Neither a window nor covariates to choose one by are told."),
            expected=_("window=…, or covariates=[…]"),
            where=Where(key="window"),
        )
    windows = _window.table(r, _window.candidates(r), seed)
    width = _window.chosen(windows)
    if width is None:
        raise MethodError(
            _("In the smallest window with {n} units a side the sides already differ.", n=_window.LEAST)
            if len(windows)
            else _("No window holds {n} units a side.", n=_window.LEAST),
            expected=_("units near the cut-off that are alike on both sides"),
            remedy=_("the sides cannot be taken as drawn by lot; see regression_discontinuity and density_test"),
            where=Where(key="window"),
        )
    return width, windows


def _checks(r: Running, windows: pd.DataFrame, width: float) -> tuple[Check, ...]:
    at = windows[windows["window"] == width].iloc[0]
    told = {
        "width": spoken(width, 2),
        "k": int(at["n_treated"]),
        "m": int(at["n_comparison"]),
        "p": probability(float(at["least_p"])) if np.isfinite(at["least_p"]) else "–",
        "covariate": str(at["covariate"]) or "–",
    }
    if not r.terms:
        alike = Check(
            "window",
            "warn",
            "{k} treated and {m} other units lie within {width}; no covariate shows whether they are alike.",
            told,
        )
    elif float(at["least_p"]) < _window.ALIKE:
        alike = Check(
            "window",
            "warn",
            "{k} treated and {m} other units lie within {width}; they differ in {covariate} (p = {p}): their side was "
            "not as good as drawn by lot.",
            told,
        )
    else:
        alike = Check(
            "window",
            "pass",
            "{k} treated and {m} other units lie within {width}; in no covariate do they differ (smallest p = {p}).",
            told,
        )
    return (alike, _steps(r, width))


def _steps(r: Running, width: float) -> Check:
    """With a score in few steps the window is whole steps, and what the score says within them is lost."""
    values = len(np.unique(r.u[_window.inside(r, width)]))
    told = {"n": values}
    if values < 2 * STEPS:
        return Check(
            "mass_points",
            "warn",
            "The window holds {n} different scores: units of a step are taken as alike, and the steps next to the "
            "cut-off as exchangeable. If the score goes with the outcome, the difference holds that too.",
            told,
        )
    return Check("mass_points", "pass", "The window holds {n} different scores.", told)
