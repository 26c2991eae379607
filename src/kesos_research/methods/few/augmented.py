"""Augmented synthetic control: what the weights miss before treatment is corrected by a ridge regression."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import Words, _
from kesos_research.methods import _rows
from kesos_research.methods._checks import chosen_not_drawn, equally_noisy, estimate_row, spoken
from kesos_research.methods._placebo import Synthetics, alone, joint
from kesos_research.methods.few._augment import Augmented, cross_validate
from kesos_research.methods.randomization import DRAWS, inference
from kesos_research.methods.synthetic import (
    POOLED,
    fit_frame,
    gaps_frame,
    inference_checks,
    paths_frame,
    solve,
    treated_first,
)

_LITTLE = 0.01
"""Negative weights that sum to less are next to none."""


def augmented_synthetic_control(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    penalty: float = 0.1,
    ridge: float | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How far is each treated unit from its synthetic control, once what that misses before is corrected?

    Estimand: that of `synthetic_control`. Where the treated cannot be matched by a weighted mean of donors, a ridge
    regression of the outcome after on the outcomes before, over the donors, takes off what the miss would have led to.
    The correction lets weights be negative: it extrapolates, and says how far.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, seed, draws, level
        As for `synthetic_control`.
    penalty
        λ of the synthetic control that is corrected. 0 gives the estimator as published.
    ridge
        Ridge λ > 0, in the squared unit of the outcome, the same for treated and placebos: the larger, the less is
        corrected. Without it, the largest whose error, leaving out one period before at a time, is within one standard
        error of the least over the treated units; that needs three periods before.

    Returns
    -------
    Estimates
        As `synthetic_control`: one row for each treated unit and one ``"pooled"``, with p-values and intervals from the
        same correction of placebos. Evidence: ``gaps``, ``paths``, ``weights`` (corrected, and on the simplex),
        ``fit``, ``inference``, ``placebos``, and ``cross_validation`` where λ was chosen.

    Raises
    ------
    MethodError
        As `synthetic_control`, and when λ cannot be chosen or is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> paths = {"p": [9.0, 9.0, 12.0], "a": [3.0, 4.0, 5.0], "b": [5.0, 6.0, 7.0], "c": [7.0, 8.0, 9.0]}
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": y, "pilot": u == "p"} for u, ys in paths.items() for t, y in enumerate(ys)])
    >>> answer = augmented_synthetic_control(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=2, seed=1, ridge=0.001)
    >>> round(float(answer.row(term="p").estimate), 2)  # 12 − (9 + 1.5): extrapolated past c
    1.5

    References
    ----------
    Ben-Michael, E., Feller, A., & Rothstein, J. (2021). The augmented synthetic control method. JASA 116(536),
    1789–1803.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    base = solve(panel, range(len(panel.units)), penalty=penalty)
    chosen, validated = _ridge(panel, base, ridge)
    augmented = Augmented(base, chosen)
    references = {str(u): alone(panel.treated, augmented.effect, panel.place(u)) for u in panel.treated_units}
    together = joint(panel.treated, augmented.pooled_sets, draws, seed)
    pooled = float(np.mean([r.observed for r in references.values()]))
    n = len(panel.units)
    rows = [estimate_row(term, r, level, 1 + len(r.T)) for term, r in references.items()]
    rows.append(
        {"term": POOLED, "estimate": pooled, "n": n} if together is None else estimate_row(POOLED, together, level, n)
    )
    weights = _weights(panel, augmented)
    return Estimates(
        pd.DataFrame(rows),
        "augmented_synthetic_control",
        "Mean effect on each treated unit in the periods after, if without treatment it had moved as its synthetic "
        "control, corrected for what that missed before",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            _extrapolation(weights),
            _chosen(chosen, validated),
            *inference_checks(panel, references, together, level),
            equally_noisy(panel, draws=draws, seed=seed),
        ),
        evidence={
            "gaps": gaps_frame(panel, augmented),
            "paths": paths_frame(panel, augmented),
            "weights": weights,
            "fit": treated_first(fit_frame(panel, augmented)),
            "inference": inference(references | ({POOLED: together} if together else {}), level),
            "placebos": pd.DataFrame({"statistic": np.sort(together.T) if together else np.zeros(0)}),
            **({} if validated is None else {"cross_validation": validated}),
        },
    )


def _ridge(panel: _rows.Panel, base: Synthetics, ridge: float | None) -> tuple[float, pd.DataFrame | None]:
    """λ as given, or by leaving out one period at a time, and how that went."""
    if ridge is not None:
        value = _rows.nonnegative(ridge, "ridge")
        if value == 0:
            raise MethodError(
                _("{name} is {value}.", name="ridge", value=_rows.said(ridge)),
                expected=_("a finite number above 0"),
                remedy=_("leave it out, to have it chosen"),
                where=Where(key="ridge"),
            )
        return value, None
    if panel.before.sum() < 3:
        raise MethodError(
            _("{n} periods before are too few to choose the ridge by leaving out one.", n=int(panel.before.sum())),
            expected=_("three periods before"),
            remedy=_("give ridge a value, or take synthetic_control"),
            where=Where(key="ridge"),
        )
    grid, error, spread = cross_validate(base, np.flatnonzero(panel.treated))
    least = int(np.argmin(error))
    best = int(np.argmax(error <= error[least] + spread[least]))
    frame = pd.DataFrame({"ridge": grid, "error": error, "std_error": spread, "chosen": np.arange(len(grid)) == best})
    return float(grid[best]), frame


def _weights(panel: _rows.Panel, augmented: Augmented) -> pd.DataFrame:
    rows = []
    for u in panel.treated_units:
        pool, w, simplex = augmented.weights(panel.place(u))
        given = sorted(
            zip(w.tolist(), simplex.tolist(), pool.tolist(), strict=True), key=lambda d: (-d[0], str(panel.units[d[2]]))
        )
        rows += [{"unit": u, "donor": panel.units[j], "weight": a, "simplex_weight": b} for a, b, j in given]
    return pd.DataFrame(rows, columns=["unit", "donor", "weight", "simplex_weight"])


def _extrapolation(weights: pd.DataFrame) -> Check:
    """Does the correction leave the range of the donors?"""
    negative = weights[weights.weight < 0]
    sums = (-negative.weight).groupby(negative.unit).agg(["sum", "size"]).sort_values("sum")
    total = float(sums["sum"].iloc[-1]) if len(sums) else 0.0
    if total < _LITTLE:
        return Check(
            "extrapolation",
            "pass",
            "Negative weights sum to less than {little}: the correction stays among the donors.",
            {"little": spoken(_LITTLE, 2)},
        )
    evidence = {
        "unit": str(sums.index[-1]),
        "n": int(sums["size"].iloc[-1]),
        "sum": spoken(total, 2),
        "plus": spoken(1 + total, 2),
    }
    return Check(
        "extrapolation",
        "warn",
        "The correction extrapolates: {n} donors of {unit} have negative weights, together −{sum} (against {plus} of "
        "positive ones), more than of any other treated unit. It trusts the line through the donors beyond them.",
        evidence,
    )


def _chosen(ridge: float, validated: pd.DataFrame | None) -> Check:
    if validated is None:
        return Check("ridge", "info", "The ridge of {ridge} was given, not chosen.", {"ridge": _amount(ridge)})
    error = validated.error.to_numpy()
    evidence = {
        "ridge": _amount(ridge),
        "error": spoken(float(np.sqrt(error[validated.chosen][0])), 3),
        "most": spoken(float(np.sqrt(error[0])), 3),
    }
    return Check(
        "ridge",
        "info",
        "The ridge of {ridge} was chosen by leaving out one period before at a time: it misses by {error}; with next "
        "to no correction {most} is missed.",
        evidence,
    )


def _amount(ridge: float) -> Words:
    """λ in as many places as it takes."""
    return spoken(ridge, int(np.clip(2 - np.floor(np.log10(ridge)), 0, 12)))
