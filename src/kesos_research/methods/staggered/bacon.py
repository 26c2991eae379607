"""Goodman-Bacon: of which comparisons is the two-way estimate made, and which of them are forbidden?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.estimates import Estimates
from kesos_research.methods import _rows
from kesos_research.methods.staggered import _checks
from kesos_research.methods.staggered._panel import Rows, read

KINDS = ("treated_vs_never", "earlier_vs_later", "later_vs_earlier")


@dataclass(frozen=True)
class Bacon:
    """comparisons: one row a pair of cohorts; kinds: one a kind; forbidden: share of weight on treated ones."""

    comparisons: pd.DataFrame
    kinds: pd.DataFrame
    forbidden: float
    total: float


def bacon_decomposition(
    data: pd.DataFrame, *, outcome: str, unit: str, period: str, since: str, level: float = 0.95
) -> Estimates:
    """Of which comparisons is the two-way fixed-effects estimate made?

    Estimand: none of its own. The two-way estimate is the weighted mean of all two-by-two differences between cohorts;
    those of later with earlier treated take an effect for a trend.

    Parameters
    ----------
    data, outcome, unit, period, since, level
        As for `callaway_santanna`.

    Returns
    -------
    Estimates
        Terms ``treated`` (the two-way estimate), ``treated_vs_never``, ``earlier_vs_later``, ``later_vs_earlier``,
        without errors: it is arithmetic. Evidence: ``comparisons`` [treated_since, comparison_since, kind, estimate,
        weight], where never treated have no date, and ``kinds`` [kind, estimate, weight].

    Raises
    ------
    MethodError
        As `callaway_santanna`, and with one cohort only, where there is nothing to take apart.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "year": t, "start": [2, 3, None][i % 3], "poor": i % 5 + t + 4.0 * (t >= (2, 3, 99)[i % 3])}
    ...     for i in range(30) for t in range(5)])
    >>> answer = bacon_decomposition(rows, outcome="poor", unit="place", period="year", since="start")
    >>> [round(float(x), 6) for x in answer.table.estimate]
    [4.0, 4.0, 4.0, 4.0]

    References
    ----------
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. Journal of Econometrics
    225(2), 254–277.
    """
    level = _rows.fraction(level, "level")
    rows = read(data, outcome=outcome, unit=unit, period=period, since=since)
    bacon = decomposed(rows)
    found = bacon.kinds.set_index("kind").estimate
    table = [{"term": "treated", "estimate": bacon.total, "n": rows.n_units}]
    table += [{"term": kind, "estimate": found[kind], "n": rows.n_units} for kind in KINDS if kind in found]
    return Estimates(
        pd.DataFrame(table),
        "bacon_decomposition",
        "The two-way estimate and the comparisons between cohorts that it is the weighted mean of",
        level=level,
        checks=(_checks.cohorts(rows.cohorts), _checks.forbidden(bacon.forbidden)),
        evidence={"comparisons": bacon.comparisons, "kinds": bacon.kinds},
    )


def decomposed(rows: Rows) -> Bacon:
    """Every comparison between two cohorts, with its weight."""
    from diff_diff import BaconDecomposition

    outside = rows.g > rows.periods[-1]
    frame = pd.DataFrame({"y": rows.y, "unit": rows.unit, "t": rows.t, "g": np.where(outside, 0.0, rows.g)})
    made = BaconDecomposition(weights="exact").fit(frame, outcome="y", unit="unit", time="t", first_treat="g")
    comparisons = pd.DataFrame(
        [
            {
                "treated_since": float(c.treated_group),
                "comparison_since": np.nan if c.control_group == "never_treated" else float(c.control_group),
                "kind": {"treated_vs_never": KINDS[0]}.get(c.comparison_type, c.comparison_type),
                "estimate": float(c.estimate),
                "weight": float(c.weight),
            }
            for c in made.comparisons
        ]
    ).sort_values(["kind", "treated_since", "comparison_since"], ignore_index=True)
    kinds = pd.DataFrame(
        [
            {
                "kind": kind,
                "estimate": float(np.average(part.estimate, weights=part.weight)),
                "weight": part.weight.sum(),
            }
            for kind, part in comparisons.groupby("kind")
            if part.weight.sum() > 0
        ]
    )
    forbidden = float(comparisons.weight[comparisons.kind == KINDS[2]].sum())
    return Bacon(comparisons, kinds, forbidden, float(np.dot(comparisons.estimate, comparisons.weight)))
