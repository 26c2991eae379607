"""Weights and regressions by the propensity score: inverse probability, and doubly robust."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _glm, _rows
from kesos_research.methods._people import People
from kesos_research.methods._settings import choice
from kesos_research.methods.selection import _propensity
from kesos_research.methods.selection._answer import Weighted, read, scaled, weighted
from kesos_research.methods.selection._estimating import INVERSE_LINKS, expit, influence

Array = NDArray[np.float64]
Target = Literal["treated", "all"]
Family = Literal["linear", "logit", "poisson"]

_TARGETS = {
    "treated": partial(
        weighted, estimand="Mean effect on the treated, if nothing unobserved decided both treatment and outcome"
    ),
    "all": partial(
        weighted, estimand="Mean effect on all units, if nothing unobserved decided both treatment and outcome"
    ),
}


def inverse_probability(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str],
    target: Target = "treated",
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change, each unit counted by how unlikely its arm was for units like it?

    Estimand: mean effect on the treated, or on all, if treated and comparison units alike in the covariates would
    without the programme have had the same outcome on average, and the logit of the propensity score is linear in them.

    Parameters
    ----------
    data, outcome, treated, covariates, cluster, design, level
        As for `entropy_balancing`.
    target
        ``"treated"``: comparison units count p/(1 − p). ``"all"``: units count 1/p and 1/(1 − p).

    Returns
    -------
    Estimates
        One row, ``term="treated"``, with weights that add up to one in each arm (Hájek). The standard error takes into
        account that scores were estimated. Evidence: ``balance``, ``weights`` with scores, ``overlap``, ``robustness``.

    Raises
    ------
    DataError, MethodError
        As for `entropy_balancing`; when the covariates tell the arms apart without fail.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "joined": [True, True, True, False] * 2 + [False] * 4, "poor": [True] * 4 + [False] * 8,
    ...     "income": [3.0, 4.0, 5.0, 2.0, 6.0, 8.0, 7.0, 5.0, 6.0, 4.0, 5.0, 5.0]})
    >>> answer = inverse_probability(rows, outcome="income", treated="joined", covariates="poor")
    >>> round(float(answer.row(term="treated").estimate), 6)
    2.0

    References
    ----------
    Hirano, K., Imbens, G. W., & Ridder, G. (2003). Efficient estimation of average treatment effects using the
    estimated propensity score. Econometrica 71(4), 1161–1189. — Lunceford, J. K., & Davidian, M. (2004). Statistics in
    Medicine 23(19), 2937–2960.
    """
    level = _rows.fraction(level, "level")
    target = choice(target, "target", tuple(_TARGETS))
    rows, y = read(data, outcome, treated, covariates, cluster=cluster, design=design)
    Z = _propensity.design_matrix(rows.X)
    return _TARGETS[target](
        rows,
        y,
        lambda w: _weighed(rows, Z, y, w, target),
        method="inverse_probability",
        level=level,
        target=target,
    )


def doubly_robust(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str],
    target: Target = "treated",
    family: Family = "linear",
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change, by a model of the outcome set right where the model of treatment finds it wrong?

    Estimand: as for `inverse_probability`; it is met when either of the two models is right.

    Parameters
    ----------
    data, outcome, treated, covariates, target, cluster, design, level
        As for `inverse_probability`.
    family
        Regression of the outcome on the covariates, in each arm: ``"linear"``, ``"logit"`` (true and false),
        ``"poisson"`` (counts, or amounts of nought and more).

    Returns
    -------
    Estimates
        One row, ``term="treated"``, augmented inverse probability weighting. The standard error is that of all
        estimating equations together: it holds when either model is right. Evidence as `inverse_probability`.

    Raises
    ------
    DataError, MethodError
        As for `inverse_probability`; when the regression of the outcome has no finite solution.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "joined": [True, True, True, False] * 2 + [False] * 4, "poor": [True] * 4 + [False] * 8,
    ...     "income": [3.0, 4.0, 5.0, 2.0, 6.0, 8.0, 7.0, 5.0, 6.0, 4.0, 5.0, 5.0]})
    >>> answer = doubly_robust(rows, outcome="income", treated="joined", covariates="poor")
    >>> round(float(answer.row(term="treated").estimate), 6)
    2.0

    References
    ----------
    Robins, J. M., Rotnitzky, A., & Zhao, L. P. (1994). Journal of the American Statistical Association 89, 846–866. —
    Lunceford, J. K., & Davidian, M. (2004). Statistics in Medicine 23(19), 2937–2960.
    """
    level = _rows.fraction(level, "level")
    target = choice(target, "target", tuple(_TARGETS))
    family = choice(family, "family", tuple(INVERSE_LINKS))
    rows, y = read(data, outcome, treated, covariates, cluster=cluster, design=design)
    _fits(y, family, outcome)
    Z = _propensity.design_matrix(rows.X)
    return _TARGETS[target](
        rows,
        y,
        lambda w: _augmented(rows, Z, y, w, target=target, family=family),
        method="doubly_robust",
        level=level,
        target=target,
    )


def _odds(p: Any, A: Array, target: str) -> tuple[Any, Any]:
    """Weights of treated and of comparison units."""
    return (A, (1 - A) * p / (1 - p)) if target == "treated" else (A / p, (1 - A) / (1 - p))


def _weighed(rows: People, Z: Array, y: Array, w: Array, target: str) -> Weighted:
    A = rows.A.astype(float)
    beta = _propensity.fit(Z, rows.A, w)
    p = _propensity.scores(Z, beta)
    a, b = _odds(p, A, target)
    mu1, mu0 = float((w * a) @ y / (w @ a)), float((w * b) @ y / (w @ b))
    q = Z.shape[1]

    def psi(theta: Any) -> Any:
        e = expit(Z @ theta[:q])
        one, nought = _odds(e, A, target)
        return np.column_stack([Z * (A - e)[:, None], one * (y - theta[q]), nought * (y - theta[q + 1])])

    phi = influence(psi, np.concatenate([beta, [mu1, mu0]]), w)
    return Weighted(mu1 - mu0, phi[:, q] - phi[:, q + 1], scaled(w * (a + b), rows.A, w, target), p)


def _augmented(rows: People, Z: Array, y: Array, w: Array, *, target: str, family: str) -> Weighted:
    A = rows.A.astype(float)
    q, link = Z.shape[1], INVERSE_LINKS[family]
    beta = _propensity.fit(Z, rows.A, w)
    nought = _outcome_model(Z[~rows.A], y[~rows.A], w[~rows.A], family)
    one = _outcome_model(Z[rows.A], y[rows.A], w[rows.A], family) if target == "all" else np.zeros(0)
    share = float(w @ A / w.sum())

    def parts(theta: Any) -> tuple[Any, Any]:
        """The propensity score, and the summand whose weighted mean is τ."""
        e, m0 = expit(Z @ theta[:q]), link(Z @ theta[q : 2 * q])
        a, b = _odds(e, A, target)
        if target == "treated":
            return e, (a - b) * (y - m0) / share
        m1 = link(Z @ theta[2 * q : 3 * q])
        return e, m1 - m0 + a * (y - m1) - b * (y - m0)

    def psi(theta: Any) -> Any:
        e, summand = parts(theta)
        m0 = link(Z @ theta[q : 2 * q])
        columns = [Z * (A - e)[:, None], Z * ((1 - A) * (y - m0))[:, None]]
        if target == "all":
            columns.append(Z * (A * (y - link(Z @ theta[2 * q : 3 * q])))[:, None])
        tau = theta[-1]
        return np.column_stack([*columns, summand - (tau if target == "all" else tau * A / share)])

    nuisance = np.concatenate([beta, nought, one])
    p, summand = parts(nuisance)
    tau = float(w @ summand / w.sum())
    z = influence(psi, np.append(nuisance, tau), w)[:, -1]
    a, b = _odds(p, A, target)
    return Weighted(tau, z, scaled(w * (a + b), rows.A, w, target), p)


def _outcome_model(Z: Array, y: Array, w: Array, family: str) -> Array:
    if len(Z) <= Z.shape[1] or np.linalg.matrix_rank(Z) < Z.shape[1]:
        raise MethodError(
            _("Within an arm the covariates depend on each other, or there are as few rows as covariates."),
            expected=_("covariates that vary within each arm"),
            remedy=_("leave one out, or join categories"),
            where=Where(key="covariates"),
        )
    try:
        fit = _glm.fit(Z, y, w / w.mean(), family)
    except np.linalg.LinAlgError:
        fit = _glm.Fit(np.zeros(0), np.zeros((0, 0)), converged=False)
    if not fit.converged:
        raise MethodError(
            _("The regression of the outcome has no finite solution in an arm."),
            expected=_("both outcomes at every value of the covariates"),
            remedy=_("name fewer covariates, or family='linear'"),
            where=Where(key="family"),
        )
    return fit.beta


def _fits(y: Array, family: str, outcome: str) -> None:
    wrong = ~np.isin(y, (0.0, 1.0)) if family == "logit" else y < 0 if family == "poisson" else np.zeros(1, bool)
    if wrong.any():
        raise MethodError(
            _("The column {column} holds other values.", column=outcome),
            expected=_("true or false, 0 or 1") if family == "logit" else _("amounts of 0 or more"),
            where=Where(column=outcome),
        )
