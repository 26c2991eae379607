"""Exchangeability: before treatment, were the treated like sets of other units?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import NOISY, chosen_not_drawn, estimate_row, noisier, probability, spoken
from kesos_research.methods._randomize import Reference, noise, randomise
from kesos_research.methods.randomization import DRAWS, exchangeable

Array = _rows.Array


def exchangeability(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    draws: int = DRAWS,
    level: float = 0.95,
    strata: str | None = None,
) -> Estimates:
    """Before treatment, were the treated like sets of as many other units?

    Estimand: none of treatment. Randomisation p-values and placebos take the treated to be any units; what can be seen
    of that is whether they stood, moved and jumped before treatment as sets of units do.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    seed, draws, strata
        As for `randomization_inference`: sets are taken within strata.

    Returns
    -------
    Estimates
        ``term="level"`` and ``"trend"``: the treated units' mean, and mean slope for each period, before treatment
        minus the others', with the interval of the test and its p-value; ``"noise"``: the ratio of the standard
        deviations of steps (treated to others), one-sided for noisier treated, without an interval. Absent where
        periods are too few.
        Evidence: ``exchangeability`` [aspect, treated, comparison, difference, p_value] and ``units``.

    Raises
    ------
    MethodError
        As `randomization_inference`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": 10.0 + u % 7 + t * (2 if u < 2 else u % 3 / 9), "pilot": u < 2}
    ...     for u in range(30) for t in range(5)])
    >>> answer = exchangeability(rows, outcome="poor", unit="place", period="year", treated="pilot", since=4, seed=1)
    >>> {c.name: c.status for c in answer.checks}["same_trend"]
    'warn'

    References
    ----------
    Ferman, B., & Pinto, C. (2019). Inference in differences-in-differences with few treated groups and
    heteroskedasticity. Review of Economics and Statistics 101(3), 452–467. — Hahn, J., & Shi, R. (2017). Synthetic
    control and inference. Econometrics 5(4), 52.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    panel = exchangeable(
        _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since, strata=strata)
    )
    Y = panel.Y[:, panel.before]
    levels, slopes = Y.mean(axis=1), _slopes(panel)
    if np.ptp(Y) == 0:
        raise MethodError(
            _("The outcome {column} is the same everywhere before treatment.", column=outcome),
            expected=_("an outcome that varies before treatment"),
            where=Where(column=outcome),
        )
    where = randomise(levels, panel.treated, panel.strata, draws, seed)
    moved = None if slopes is None else randomise(slopes, panel.treated, panel.strata, draws, seed)
    v = noise(Y, np.ones(Y.shape[1], bool))
    jumped = None if v is None or not v.any() else noisier(v, panel.treated, panel.strata, draws=draws, seed=seed)
    n = len(panel.units)
    rows = [_row("level", where, level, n), _row("trend", moved, level, n), {"term": "noise", "n": n}]
    if jumped is not None:
        rows[-1] |= {"estimate": jumped[1], "p_value": jumped[0]}
    measured = {"level": levels, "trend": slopes, "noise": None if v is None else np.sqrt(v)}
    return Estimates(
        pd.DataFrame(rows),
        "exchangeability",
        "Differences between the treated and the others before treatment, not an effect",
        level=level,
        checks=(chosen_not_drawn(panel.k), _level(where), _trend(moved), _noise(jumped)),
        evidence={"exchangeability": _aspects(panel, rows, measured), "units": _units(panel, measured)},
    )


def _slopes(panel: _rows.Panel) -> Array | None:
    """Each unit's slope before treatment: (N,); None with one period."""
    T = np.asarray(panel.periods, float)[panel.before]
    return None if len(T) < 2 else np.polyfit(T, panel.Y[:, panel.before].T, 1)[0]


def _row(term: str, reference: Reference | None, level: float, n: int) -> dict[str, object]:
    if reference is None:
        return {"term": term, "n": n}
    return estimate_row(term, reference, level, n)


def _level(reference: Reference) -> Check:
    evidence = {"difference": spoken(reference.observed, 2), "p": probability(reference.p_value)}
    if reference.p_value <= NOISY:
        return Check(
            "same_level",
            "warn",
            "Before treatment the treated stand {difference} from the others (p = {p}): units that far off tend to "
            "come back, or to move by themselves, which a comparison of changes takes for an effect.",
            evidence,
        )
    return Check(
        "same_level",
        "pass",
        "Before treatment the treated stand {difference} from the others (p = {p}): no farther than sets of units do.",
        evidence,
    )


def _trend(reference: Reference | None) -> Check:
    if reference is None:
        return Check("same_trend", "info", "One period before: the trend before treatment cannot be compared.")
    evidence = {"difference": spoken(reference.observed, 2), "p": probability(reference.p_value)}
    if reference.p_value <= NOISY:
        return Check(
            "same_trend",
            "warn",
            "Before treatment the treated move by {difference} a period more than the others (p = {p}): a trend that "
            "goes on is taken for an effect.",
            evidence,
        )
    return Check(
        "same_trend",
        "pass",
        "Before treatment the treated move by {difference} a period more than the others (p = {p}): no more than sets "
        "of units do.",
        evidence,
    )


def _noise(jumped: tuple[float, float] | None) -> Check:
    if jumped is None:
        return Check(
            "equally_noisy", "info", "With one period before it cannot be seen whether the treated are noisier."
        )
    p, ratio = jumped
    evidence = {"ratio": spoken(ratio, 2), "p": probability(p)}
    if p <= NOISY:
        return Check(
            "equally_noisy",
            "warn",
            "Before treatment the treated jump {ratio} times as much as the others (p = {p}): take the rescaled test.",
            evidence,
        )
    return Check(
        "equally_noisy",
        "pass",
        "Before treatment the treated jump {ratio} times as much as the others (p = {p}): no sign that they are "
        "noisier.",
        evidence,
    )


def _aspects(panel: _rows.Panel, rows: list[dict[str, object]], measured: dict[str, Array | None]) -> pd.DataFrame:
    A = panel.treated
    nothing = np.full(len(A), np.nan)
    return pd.DataFrame(
        [
            {
                "aspect": aspect,
                "treated": float((x := nothing if values is None else values)[A].mean()),
                "comparison": float(x[~A].mean()),
                "difference": row.get("estimate", np.nan),
                "p_value": row.get("p_value", np.nan),
            }
            for row, (aspect, values) in zip(rows, measured.items(), strict=True)
        ]
    )


def _units(panel: _rows.Panel, measured: dict[str, Array | None]) -> pd.DataFrame:
    frame = pd.DataFrame({"unit": panel.units, "treated": panel.treated})
    for aspect, values in measured.items():
        frame[aspect] = np.nan if values is None else values
    return frame.sort_values(["treated", "unit"], ascending=[False, True], ignore_index=True)
