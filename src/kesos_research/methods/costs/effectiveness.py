"""Cost and effect from rows that hold both, with what they have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._people import People, people
from kesos_research.methods.costs import _answer
from kesos_research.methods.costs._answer import Option
from kesos_research.methods.costs._fieller import Array, Pair
from kesos_research.methods.costs.ratio import DRAWS
from kesos_research.methods.trials import _regression


def cost_effectiveness(
    data: pd.DataFrame,
    *,
    cost: str,
    outcome: str,
    treated: str,
    seed: int,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    strata: str | None = None,
    design: SurveyDesign | None = None,
    thresholds: Sequence[float] = (),
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """What does one more outcome cost, where each row has its own cost and outcome?

    Estimand: mean cost if all were offered less mean cost if none were, over the same for the outcome.

    Parameters
    ----------
    data
        One row a unit.
    cost, outcome
        Columns of numbers: what the unit cost, and its outcome (true and false count as 1 and 0).
    treated, covariates, cluster, strata, design
        As for `intention_to_treat`, with covariates and strata on their own (`adjustment="ancova"`).
    seed
        Of the bootstrap.
    thresholds, draws, level
        As for `cost_per_outcome`.

    Returns
    -------
    Estimates
        As `cost_per_outcome`, the covariance of cost and effect from the rows (CR2 over clusters, HC2 without), with
        the fewer degrees of freedom of the two. Points of ``plane`` are bootstrap draws of whole clusters within arms
        and strata, and ``acceptability`` is the share of them.

    Raises
    ------
    DataError, MethodError
        As `intention_to_treat`.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "offered": [True] * 6 + [False] * 6, "spent": [9.0, 8, 10, 9, 11, 9, 1, 2, 1, 0, 1, 2],
    ...     "income": [6.0, 7, 8, 7, 6, 8, 5, 4, 6, 5, 5, 4]})
    >>> answer = cost_effectiveness(rows, cost="spent", outcome="income", treated="offered", seed=1)
    >>> round(float(answer.row(term="cost_per_outcome").estimate), 2)
    3.77

    References
    ----------
    Willan, A. R., & Briggs, A. H. (2006). Statistical analysis of cost-effectiveness data. Wiley, ch. 2–3. — Fieller,
    E. C. (1954). Some problems in interval estimation. JRSS B 16, 175–185.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    draws = _answer.amount(draws, "draws")
    rows = people(
        data,
        {"outcome": outcome, "cost": cost},
        treated=treated,
        covariates=covariates,
        strata=strata,
        cluster=cluster,
        design=design,
    )
    Y = np.column_stack([rows.outcome(cost), rows.outcome(outcome)])
    r = _regression.regress(rows, Y, "ancova")
    C, E = _regression.spoken_of(r, 1, level, 0), _regression.coefficient(r, 1, level, 1)
    known = not np.isfinite(C["std_error"])  # the same cost for every unit of an arm
    common = 0.0 if known else float(r.fit.covariance(0, 1)[1, 1])
    var, df = (0.0, E["df"]) if known else (C["std_error"] ** 2, min(C["df"], E["df"]))
    pair = Pair(C["estimate"], E["estimate"], var, E["std_error"] ** 2, common, df)
    option = Option({}, pair, _bootstrap(rows, Y, draws, np.random.default_rng(seed)), rows.n)
    grid = _answer.thresholds_of(thresholds, [option])
    share = (grid[:, None] * option.draws[:, 1] > option.draws[:, 0]).mean(axis=1)
    return Estimates(
        _answer.table([option], level),
        "cost_effectiveness",
        "Extra mean cost of being offered the programme, over its extra mean outcome",
        level=level,
        checks=(*_answer.checks([option], level), *_together(pair), *_regression.checks(r)),
        evidence=_answer.evidence([option], grid, level, [share])
        | {
            "arms": pd.concat(
                [_regression.arms(rows, y).assign(of=c) for c, y in zip((cost, outcome), Y.T, strict=True)]
            )
        },
    )


def _bootstrap(rows: People, Y: Array, draws: int, rng: np.random.Generator) -> Array:
    """Cost and effect again and again, from clusters drawn within arms and strata: (draws, 2)."""
    X = np.column_stack([np.ones(rows.n), rows.A, _regression.controls(rows, "ancova")[0]])
    names, own = np.unique(rows.cluster, return_inverse=True)
    G = len(names)
    WX = rows.w[:, None] * X
    XX, XY = np.zeros((G, X.shape[1], X.shape[1])), np.zeros((G, X.shape[1], 2))
    np.add.at(XX, own, WX[:, :, None] * X[:, None, :])
    np.add.at(XY, own, WX[:, :, None] * Y[:, None, :])
    first = np.unique(own, return_index=True)[1]
    cell = rows.strata[first] * 2 + rows.A[first]
    order = np.lexsort((*np.round(XY[:, 0].T, 9), *np.round(XX[:, 0].T, 9), cell))
    counts = np.zeros((draws, G))
    for k in np.unique(cell):
        at = order[cell[order] == k]
        counts[:, at] = rng.multinomial(len(at), np.full(len(at), 1 / len(at)), draws)
    A, B = np.tensordot(counts, XX, 1), np.tensordot(counts, XY, 1)
    unit = np.abs(X).max(axis=0)
    A, B = A / np.outer(unit, unit), B / unit[:, None]
    whole = np.linalg.matrix_rank(A, hermitian=True) == X.shape[1]
    return np.asarray(np.linalg.solve(A[whole], B[whole])[:, 1] / unit[1], float)


def _together(pair: Pair) -> tuple[Check, ...]:
    if pair.c == 0:
        return ()
    return (
        Check(
            "joint",
            "info",
            "Cost and effect go together with a correlation of {r}; the interval counts it.",
            {"r": float(pair.k / np.sqrt(pair.c * pair.e))},
        ),
    )
