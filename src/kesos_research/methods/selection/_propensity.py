"""The propensity score: how likely treatment was, by what is known of a unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _glm
from kesos_research.methods._checks import percent

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_STEPS = 100
EXTREME = 0.05
"""Scores this near to nought or one make weights of twenty and more."""


def design_matrix(X: Array) -> Array:
    """A column of ones, and the covariates centred and scaled: fitted scores are the same and converge better."""
    return np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-300)])


def fit(Z: Array, A: Mask, w: Array, link: str = "logit") -> Array:
    """Coefficients of P(A) on Z: (n, p), by weighted maximum likelihood."""
    try:
        if link == "probit":
            return _probit(Z, A.astype(float), w / w.mean())
        found = _glm.fit(Z, A.astype(float), w / w.mean(), "logit")
    except np.linalg.LinAlgError:
        found = _glm.Fit(np.zeros(0), np.zeros((0, 0)), converged=False)
    if not found.converged:
        raise _separated()
    return found.beta


def scores(Z: Array, beta: Array, link: str = "logit") -> Array:
    eta = Z @ beta
    return stats.norm.cdf(eta) if link == "probit" else 1 / (1 + np.exp(-np.clip(eta, -700, 700)))


def overlap(p: Array, A: Mask, w: Array) -> pd.DataFrame:
    """Share of each arm in each tenth of the score."""
    edges = np.linspace(0, 1, 11)
    place = np.clip((p * 10).astype(int), 0, 9)
    rows = []
    for group, a in (("treated", A), ("comparison", ~A)):
        share = np.bincount(place[a], w[a], 10) / w[a].sum()
        n = np.bincount(place[a], minlength=10)
        rows += [
            {"group": group, "low": edges[i], "high": edges[i + 1], "share": float(share[i]), "n": int(n[i])}
            for i in range(10)
        ]
    return pd.DataFrame(rows)


def common_support(p: Array, A: Mask, target: str) -> Check:
    """Are there units of the other arm as likely to be treated?"""
    outside = p[A] > p[~A].max() if target == "treated" else (p > p[~A].max()) | (p < p[A].min())
    extreme = p[~A] > 1 - EXTREME if target == "treated" else np.where(A, p, 1 - p) < EXTREME
    evidence = {
        "share": percent(float(outside.mean()), 1),
        "n": int(outside.sum()),
        "extreme": int(extreme.sum()),
        "limit": percent(EXTREME),
    }
    if outside.mean() > EXTREME or extreme.any():
        return Check(
            "common_support",
            "warn",
            "{n} units ({share} %) are beyond the scores of the other arm, and {extreme} stand for twenty others or "
            "more: for these the answer is an extrapolation.",
            evidence,
        )
    return Check(
        "common_support",
        "pass",
        "{n} units ({share} %) are beyond the scores of the other arm; none stands for twenty others or more.",
        evidence,
    )


def _probit(Z: Array, a: Array, w: Array) -> Array:
    """Fisher's scoring."""
    beta = np.zeros(Z.shape[1])
    for _step in range(_STEPS):
        eta = np.clip(Z @ beta, -30, 30)
        p, d = stats.norm.cdf(eta), stats.norm.pdf(eta)
        v = np.maximum(p * (1 - p), 1e-300)
        step = np.linalg.solve((Z * (w * d**2 / v)[:, None]).T @ Z, Z.T @ (w * d * (a - p) / v))
        beta = beta + step
        if np.abs(step).max() < 1e-12 * max(1.0, float(np.abs(beta).max())):
            return beta
    raise _separated()


def _separated() -> MethodError:
    return MethodError(
        _("The covariates tell treated from comparison units without fail: there is no overlap."),
        expected=_("both treated and comparison units at every value of the covariates"),
        remedy=_("leave out the covariate that decides treatment, or the units that have no counterpart"),
        where=Where(key="covariates"),
    )
