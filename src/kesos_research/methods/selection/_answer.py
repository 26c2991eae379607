"""From weights and influences to `Estimates`: one shape for all methods that select on observables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _balance
from kesos_research.methods._checks import spoken
from kesos_research.methods._estimate import Influence, assess, interval, p_values
from kesos_research.methods._people import People, independent, people
from kesos_research.methods._sample import names
from kesos_research.methods.selection import _propensity, _robustness

Array = NDArray[np.float64]

_DECIDES = 0.9
_FEW = 30
"""A comparison that counts as fewer rows than this is small."""


@dataclass(frozen=True)
class Weighted:
    """What a method found with weights w: tau, influence z: (n,) with τ̂ − τ ≈ Σ w z, weights and scores: (n,)."""

    tau: float
    z: Array
    weights: Array
    scores: Array | None = None


def read(
    data: pd.DataFrame,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str],
    *,
    cluster: str | None,
    design: SurveyDesign | None,
    also: Sequence[str] = (),
) -> tuple[People, Array]:
    """Both arms, an outcome that varies, and covariates that do not depend on each other; `also` other columns."""
    if not names(covariates):
        raise MethodError(_("No covariate is named."), expected=_("at least one column"), where=Where(key="covariates"))
    told = [c for c in also if c not in names(covariates)]
    roles = {"outcome": outcome, **{f"exact {i}": c for i, c in enumerate(told, 1)}}
    rows = people(data, roles, treated=treated, covariates=covariates, cluster=cluster, design=design)
    independent(rows.X, rows.terms, rows.w)
    independent(np.column_stack([rows.A.astype(float), rows.X]), (_("treated"), *rows.terms), rows.w)
    return rows, rows.outcome(outcome)


def weighted(
    rows: People,
    y: Array,
    solve: Callable[[Array], Weighted],
    *,
    method: str,
    estimand: str,
    level: float,
    target: str = "treated",
    checks: tuple[Check, ...] = (),
) -> Estimates:
    """The table and its evidence; `solve` is called with the weights of the design, and of each replicate."""
    found = solve(rows.w)
    z = found.z / (1 - leverage(rows, found.weights))

    def statistic(w: Array, *, linear: bool) -> Influence:
        now = found if linear or w is rows.w else solve(w)
        return Influence(np.array([[now.tau]]), z[None] if linear else np.zeros((1, 0)))

    answer = assess(rows.sample, statistic)
    error = np.sqrt(answer.var)
    if not error[0, 0] > 1e-12 * max(1.0, abs(found.tau)):
        raise MethodError(
            _("The outcome does not vary within the arms: there is no spread to measure an error with."),
            expected=_("an outcome that varies within the arms"),
        )
    df = answer.df if rows.clustered else answer.df - rows.X.shape[1] - 1
    low, high = interval(answer.theta, error, df, level)
    row = {
        "term": "treated",
        "estimate": found.tau,
        "std_error": float(error[0, 0]),
        "conf_low": float(low[0, 0]),
        "conf_high": float(high[0, 0]),
        "p_value": float(p_values(answer.theta, error, df)[0, 0]),
        "df": float(df[0]),
        "n": rows.n,
    }
    made = Check(
        "standard_error",
        "info",
        "Standard errors are linearised over {units} sampled units or places of assignment; that the weights were "
        "estimated is taken into account.",
        {"units": len(np.unique(rows.cluster))},
    )
    frames, said = evidence(rows, y, found.weights, found.scores, target=target, level=level)
    return Estimates(
        pd.DataFrame([row]), method, estimand, level=level, checks=(*rows.checks, *said, made, *checks), evidence=frames
    )


def evidence(
    rows: People, y: Array, weights: Array, scores: Array | None, *, target: str, level: float
) -> tuple[Mapping[str, pd.DataFrame], tuple[Check, ...]]:
    """Balance, weights, overlap, robustness; and what they say. weights: (n,) the design's among them."""
    spread = "treated" if target == "treated" else "pooled"
    frames = {
        "balance": _balance.table(rows, weights, spread=spread),
        "weights": pd.DataFrame(
            {
                "row": rows.index,
                "treated": rows.A,
                "weight": weights,
                "score": np.full(rows.n, np.nan) if scores is None else scores,
            }
        ),
        "robustness": _robustness.table(rows, y, level),
    }
    said = [
        _balance.check(frames["balance"], "smd_after"),
        effective(weights, rows.A, target),
        _robustness.check(frames["robustness"]),
    ]
    if scores is not None:
        frames["overlap"] = _propensity.overlap(scores, rows.A, rows.w)
        said.append(_propensity.common_support(scores, rows.A, target))
    return frames, tuple(said)


def leverage(rows: People, weights: Array) -> Array:
    """How far each unit decides the weighted regression of its own arm: (n,), h = ω (1 + d'C⁻¹d).

    An influence divided by 1 − h is about what leaving the unit out would show (HC3); without it intervals of few
    effective rows are too narrow. Where rows come in clusters h is the cluster's share of its arm's weight.
    """
    h = np.zeros(rows.n)
    for a in (rows.A, ~rows.A):
        omega = weights[a] / weights[a].sum()
        if rows.clustered:
            h[a] = np.bincount(rows.cluster[a], omega)[rows.cluster[a]]
            continue
        D = rows.X[a] - omega @ rows.X[a]
        C = (omega[:, None] * D).T @ D
        h[a] = omega * (1 + np.einsum("ij,jk,ik->i", D, np.linalg.pinv(C, rcond=1e-12, hermitian=True), D))
    return np.minimum(h, _DECIDES)


def effective(weights: Array, A: NDArray[np.bool_], target: str) -> Check:
    """As how many rows do the weighted ones count (Kish)?"""
    arms = [~A] if target == "treated" else [A, ~A]
    sizes = [float(weights[a].sum() ** 2 / (weights[a] ** 2).sum()) for a in arms]
    at = int(np.argmin(sizes))
    told = {"size": spoken(sizes[at], 0), "n": int(arms[at].sum()), "limit": _FEW}
    if sizes[at] < _FEW:
        return Check(
            "effective_sample",
            "warn",
            "Weighted, {n} rows of an arm count as {size}, fewer than {limit}: a few rows decide the answer.",
            told,
        )
    return Check("effective_sample", "info", "Weighted, {n} rows of an arm count as {size}.", told)


def scaled(weights: Array, A: NDArray[np.bool_], w: Array, target: str) -> Array:
    """Weights of each arm adding up to the target's: the treated, or all."""
    total = w[A].sum() if target == "treated" else w.sum()
    out = weights.copy()
    for a in (A, ~A):
        out[a] = weights[a] * total / weights[a].sum()
    return out
