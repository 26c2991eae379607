"""Synthetic difference in differences: weighted donors and weighted periods before, levels differenced out."""

from __future__ import annotations

import warnings
from math import comb
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import chosen_not_drawn, equally_noisy, finite, spoken
from kesos_research.methods._randomize import Reference
from kesos_research.methods.randomization import DRAWS

StdError = Literal["placebo", "jackknife"]
REPLICATIONS = 200
"""As in the authors' software."""
_SAME = 1e-6
"""Estimates this close, relative to the largest, come from the same set drawn twice."""


def synthetic_did(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    std_error: StdError = "placebo",
    draws: int = REPLICATIONS,
    level: float = 0.95,
) -> Estimates:
    """Did the treated change by more than a weighted mean of units that had moved like them, since like periods?

    Estimand: the mean effect on the treated in the periods from `since` on, if without it they would have moved as the
    weighted donors did, up to a constant distance.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    seed
        Of the placebo's draws; the jackknife draws nothing.
    std_error
        ``"placebo"``: the spread of the estimate over random sets of as many comparison units, treated in their stead;
        it takes treated and others to be equally noisy. ``"jackknife"``: leaving out one unit at a time, with weights
        as they are; refused with one treated unit.
    draws
        Placebo sets drawn, at least 50.

    Returns
    -------
    Estimates
        One row, ``term="treated"``. With the placebo, p-value and interval rank the estimate among the placebos (absent
        where it could not be far enough out), since so few are not normal; with the jackknife they take it to be.
        Evidence: ``weights`` of donors, ``time_weights``, ``paths`` of the treated and their synthetic control, and
        ``draws``: the estimates of the placebos, or without each unit.

    Raises
    ------
    MethodError
        As `diff_in_diff`; with one period before; with the jackknife and one treated unit; with the placebo and no
        more comparison than treated units.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": u + t * (1 + u % 3) / 4 + (u * t) % 5 / 9 - 2 * (u < 2 and t > 5),
    ...      "pilot": u < 2} for u in range(12) for t in range(8)])
    >>> answer = synthetic_did(rows, outcome="poor", unit="place", period="year", treated="pilot", since=6, seed=1)
    >>> bool(-2.6 < answer.row(term="treated").estimate < -1.4)
    True

    References
    ----------
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W., & Wager, S. (2021). Synthetic
    difference-in-differences. American Economic Review 111(12), 4088–4118.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    std_error = _rows.choice(std_error, "std_error", get_args(StdError))
    draws = _rows.whole(draws, "draws", least=50)
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    _possible(panel, std_error)
    found = _fit(panel, std_error=std_error, draws=draws, seed=seed, level=level)
    effects = np.sort(np.asarray(found.variance_effects, float))
    inferred = _rank(panel, float(found.att), effects, level) if std_error == "placebo" else _normal(found)
    row = {
        "term": "treated",
        "estimate": float(found.att),
        "std_error": float(found.se),
        **inferred,
        "n": len(panel.units),
    }
    weights = _weights(panel, found)
    return Estimates(
        pd.DataFrame([row]),
        "synthetic_did",
        "Mean effect on the treated in the periods after, if without treatment they had moved as the weighted donors "
        "did, at a constant distance",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            _few(panel, std_error),
            _shape(panel, found),
            equally_noisy(panel, draws=DRAWS, seed=seed),
        ),
        evidence={
            "weights": weights,
            "time_weights": pd.DataFrame(
                {
                    "period": [p for p, b in zip(panel.periods, panel.before, strict=True) if b],
                    "weight": _periods(found),
                }
            ),
            "paths": _paths(panel, weights),
            "draws": pd.DataFrame({"statistic": effects}),
        },
    )


def _normal(found: Any) -> dict[str, float]:
    low, high = found.conf_int
    return {"conf_low": float(low), "conf_high": float(high), "p_value": float(found.p_value)}


def _rank(panel: _rows.Panel, estimate: float, T: _rows.Array, level: float) -> dict[str, float]:
    """Rank among the placebos, (1 + #)/(1 + B); where few sets exist each counts once, however often it was drawn."""
    if comb(len(panel.units) - panel.k, panel.k) <= len(T):
        T = T[np.append(True, np.diff(T) > _SAME * float(np.abs(T).max()))]
    placebos = Reference(estimate, T, np.zeros(len(T)), own=False, exact=False, smallest_p=1 / (1 + len(T)))
    low, high = placebos.interval(level)
    return {"conf_low": finite(low), "conf_high": finite(high), "p_value": placebos.p_value}


def _possible(panel: _rows.Panel, std_error: StdError) -> None:
    k, m = panel.k, len(panel.units) - panel.k
    if panel.before.sum() < 2:
        raise MethodError(
            _("There is one period before."), expected=_("two or more, so that periods and units can be weighted")
        )
    if std_error == "jackknife" and k < 2:
        raise MethodError(
            _("One treated unit cannot be left out: the jackknife has no spread among the treated."),
            expected=_("two treated units or more"),
            remedy=_("take {choice}", choice='std_error="placebo"'),
            where=Where(key="std_error"),
        )
    if std_error == "placebo" and m <= k:
        raise MethodError(
            _("{k} treated and {m} comparison units: a placebo set of as many leaves no donor.", k=k, m=m),
            expected=_("more comparison than treated units"),
            remedy=_("take {choice}", choice='std_error="jackknife"'),
            where=Where(key="std_error"),
        )
    if m < 2:
        raise MethodError(_("There is one comparison unit."), expected=_("at least two, so that they can be weighted"))


def _fit(panel: _rows.Panel, *, std_error: StdError, draws: int, seed: int, level: float) -> Any:
    """The library's answer on units and periods that are numbered in the panel's order."""
    from diff_diff import SyntheticDiD

    N, T = panel.Y.shape
    rows = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(N), T),
            "period": np.tile(np.arange(T), N),
            "outcome": panel.Y.ravel(),
            "treated": np.repeat(panel.treated.astype(int), T),
        }
    )
    model = SyntheticDiD(alpha=1 - level, variance_method=std_error, n_bootstrap=draws, seed=seed)
    with warnings.catch_warnings():
        # said by the check `fit_before`
        warnings.filterwarnings("ignore", message="Pre-treatment fit is poor", category=UserWarning)
        return model.fit(
            rows,
            outcome="outcome",
            treatment="treated",
            unit="unit",
            time="period",
            post_periods=np.flatnonzero(~panel.before).tolist(),
        )


def _weights(panel: _rows.Panel, found: Any) -> pd.DataFrame:
    given = sorted(
        ((float(w), panel.units[int(j)]) for j, w in found.unit_weights.items()), key=lambda d: (-d[0], str(d[1]))
    )
    return pd.DataFrame({"donor": [u for _w, u in given], "weight": [w for w, _u in given]})


def _periods(found: Any) -> list[float]:
    return [float(found.time_weights[t]) for t in sorted(found.time_weights)]


def _paths(panel: _rows.Panel, weights: pd.DataFrame) -> pd.DataFrame:
    given = dict(zip(weights.donor, weights.weight, strict=True))
    w = np.array([given.get(u, 0.0) for u in panel.units])
    return pd.DataFrame(
        {
            "unit": "treated",
            "period": list(panel.periods),
            "observed": panel.Y[panel.treated].mean(axis=0),
            "synthetic": w @ panel.Y,
        }
    )


def _few(panel: _rows.Panel, std_error: StdError) -> Check:
    evidence = {"k": panel.k, "m": len(panel.units) - panel.k}
    if std_error == "placebo":
        return Check(
            "std_error_few",
            "warn",
            "The standard error is the spread of placebos among {m} comparison units: it holds only where the {k} "
            "treated are as noisy as these. P-value and interval rank the estimate among the placebos.",
            evidence,
        )
    return Check(
        "std_error_few",
        "warn" if panel.k < 10 else "info",
        "The standard error leaves out one unit at a time; with {k} treated units their spread is known from {k} "
        "numbers only, and the p-value takes the estimate to be normal.",
        evidence,
    )


def _shape(panel: _rows.Panel, found: Any) -> Check:
    """Did the weighted donors move like the treated before?"""
    rmse, gap = float(found.pre_treatment_fit), float(found.pre_treatment_level_gap)
    p = found.pre_fit_placebo_pvalue
    evidence = {
        "rmse": spoken(rmse, 3),
        "gap": spoken(gap, 2),
        "spread": spoken(float(panel.Y[:, panel.before].std(axis=0).mean()), 2),
    }
    if p is not None and np.isfinite(p) and p <= 0.05 + 1e-12:
        return Check(
            "fit_before",
            "warn",
            "Before treatment the weighted donors miss the treated units' course by {rmse}, more than placebos are "
            "missed; the constant distance of {gap} is differenced out.",
            evidence,
        )
    return Check(
        "fit_before",
        "info",
        "Before treatment the weighted donors miss the treated units' course by {rmse}, where units differ by a "
        "standard deviation of {spread}; the constant distance of {gap} is differenced out.",
        evidence,
    )
