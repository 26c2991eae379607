"""Many outcomes of one trial: which of them changed, when all are looked at together?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._people import People, people
from kesos_research.methods._sample import names
from kesos_research.methods._settings import choice
from kesos_research.methods.hypothesis._adjust import holm
from kesos_research.methods.trials import _regression, _stepdown

Array = NDArray[np.float64]
Method = Literal["romano_wolf", "westfall_young"]

DRAWS = 999
"""Fewer draws than this leave p-values too coarse."""


def many_outcomes(
    data: pd.DataFrame,
    *,
    outcome: Sequence[str],
    treated: str,
    covariates: str | Sequence[str] = (),
    strata: str | None = None,
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    method: Method = "romano_wolf",
    index: str | None = None,
    draws: int = 1999,
    seed: int,
    level: float = 0.95,
) -> Estimates:
    """Which of several outcomes did the programme change, when that many were looked at?

    Estimand: as for `intention_to_treat` (``"ancova"``), for each outcome. The p-values hold for the family: where the
    programme changed none of some outcomes, any of these is called changed in at most 1 − `level` of trials.

    Parameters
    ----------
    data, treated, covariates, strata, cluster, design, level
        As for `intention_to_treat`.
    outcome
        Columns of the family, which the plan names; two or more.
    method
        ``"romano_wolf"``: the wild cluster bootstrap, its signs common to all outcomes.
        ``"westfall_young"``: assignments are exchanged between clusters of a stratum.
    index
        Name of a further row: the mean of the outcomes, each less its mean and by the standard deviation of the
        comparison. Turn outcomes so that more is better first. It is no member of the family.
    draws
        At least 999.
    seed
        Of the draws. Rows are put in the order of their data first: names and row order change nothing.

    Returns
    -------
    Estimates
        One row an outcome, `p_value` adjusted; interval, error and degrees of freedom are those of one outcome alone.
        Evidence ``p_values``: alone, adjusted, and by Holm.

    Raises
    ------
    DataError, MethodError
        As for `intention_to_treat`; when fewer than two outcomes are named.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "offered": [True, False] * 8, "income": [i % 5 + 4.0 * (i % 2 == 0) for i in range(16)],
    ...     "assets": [i * 7 % 11 / 2.0 for i in range(16)]})
    >>> answer = many_outcomes(rows, outcome=["income", "assets"], treated="offered", seed=1, draws=999)
    >>> [bool(p < 0.05) for p in answer.table.p_value]
    [True, False]

    References
    ----------
    Romano, J. P., & Wolf, M. (2005). Stepwise multiple testing as formalized data snooping. Econometrica 73(4),
    1237–1282. — Westfall, P. H., & Young, S. S. (1993). Resampling-based multiple testing. Wiley. — Kling, J. R.,
    Liebman, J. B., & Katz, L. F. (2007). Experimental analysis of neighborhood effects. Econometrica 75(1), 83–119.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    draws = _rows.whole(draws, "draws", least=DRAWS)
    method = choice(method, "method", ("romano_wolf", "westfall_young"))
    family = _family(outcome, index)
    roles = {f"outcome {i}": c for i, c in enumerate(family, 1)}
    rows = people(data, roles, treated=treated, covariates=covariates, strata=strata, cluster=cluster, design=design)
    Y = np.column_stack([rows.outcome(c) for c in family])
    r = _regression.regress(rows, Y, "ancova")
    p = _adjusted(rows, Y, method, draws, seed)
    table = [{"term": c, **_regression.coefficient(r, 1, level, k)} for k, c in enumerate(family)]
    frame = pd.DataFrame(
        {
            "outcome": family,
            "estimate": [row["estimate"] for row in table],
            "std_error": [row["std_error"] for row in table],
            "p_value": [row["p_value"] for row in table],
            "p_adjusted": p,
            "p_holm": holm(np.array([row["p_value"] for row in table])),
            "n": rows.n,
        }
    )
    for row, adjusted in zip(table, p, strict=True):
        row["p_value"] = float(adjusted)
    if index is not None:
        of_all = _regression.regress(rows, _index(Y, rows)[:, None], "ancova")
        table.append({"term": index, **_regression.coefficient(of_all, 1, level)})
    return Estimates(
        pd.DataFrame(table),
        "many_outcomes",
        "Mean effect of being offered the programme on each outcome, with p-values for all of them together",
        level=level,
        checks=(*_regression.checks(r), _said(method, len(family), draws)),
        evidence={"p_values": frame},
    )


def _family(outcome: Sequence[str], index: str | None) -> tuple[str, ...]:
    family = names(outcome)
    if len(family) < 2 or len(set(family)) < len(family):
        raise MethodError(
            _("{n} outcomes are named.", n=len(set(family))),
            expected=_("two or more, each once"),
            remedy=_("for one use intention_to_treat"),
            where=Where(key="outcome"),
        )
    if index is not None and (not isinstance(index, str) or not index or index in family):
        raise MethodError(
            _("{name} is {value}.", name="index", value=_rows.said(index)),
            expected=_("a name that no outcome has"),
            where=Where(key="index"),
        )
    return family


def _adjusted(rows: People, Y: Array, method: str, draws: int, seed: int) -> Array:
    C = _regression.controls(rows, "ancova")[0]
    t = _stepdown.trial(Y, rows, C)
    if method == "westfall_young":
        _exchangeable(t, rows)
    beta, error = _stepdown.statistics(t, t.A)
    T = (_stepdown.bootstrapped if method == "romano_wolf" else _stepdown.permuted)(t, draws, seed)
    return _stepdown.stepdown(beta / error, T)


def _exchangeable(t: _stepdown.Trial, rows: People) -> None:
    """Assignments of clusters can be exchanged: each is of one arm and one stratum."""
    strata = pd.Series(rows.strata).groupby(rows.cluster).nunique()
    if not np.isin(t.arm, (0.0, 1.0)).all() or (strata > 1).any():
        raise MethodError(
            _("Clusters hold both arms or lie in several strata: their assignments cannot be exchanged."),
            expected=_("clusters of one arm, within one stratum"),
            remedy=_("if treatment was drawn within clusters, name them as strata and no cluster; or use romano_wolf"),
            where=Where(key="cluster"),
        )


def _index(Y: Array, rows: People) -> Array:
    """Mean of outcomes in standard deviations of the comparison: (n,)."""
    w = rows.w[~rows.A]
    mean = w @ Y[~rows.A] / w.sum()
    return ((Y - mean) / np.sqrt(w @ (Y[~rows.A] - mean) ** 2 / w.sum())).mean(axis=1)


def _said(method: str, k: int, draws: int) -> Check:
    if method == "romano_wolf":
        return Check(
            "many_outcomes",
            "info",
            "p-values are those of {k} outcomes looked at together (Romano and Wolf, {draws} draws); intervals are of "
            "each alone.",
            {"k": k, "draws": draws},
        )
    return Check(
        "many_outcomes",
        "info",
        "p-values are those of {k} outcomes looked at together (Westfall and Young, {draws} exchanges); intervals are "
        "of each alone.",
        {"k": k, "draws": draws},
    )
