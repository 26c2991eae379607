"""Entropy balancing: comparison units weighted until they look like the treated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed
from kesos_research.methods._people import People
from kesos_research.methods._settings import choice
from kesos_research.methods.selection import _entropy
from kesos_research.methods.selection._answer import Weighted, read, scaled, weighted

Array = NDArray[np.float64]
Moments = Literal["means", "variances"]


def entropy_balancing(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str],
    moments: Moments = "means",
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change for the treated, set against comparison units weighted to be like them?

    Estimand: mean effect on the treated, if treated and comparison units alike in the covariates would without the
    programme have had the same outcome on average (nothing else decided both treatment and outcome).

    Parameters
    ----------
    data
        One row a unit.
    outcome
        Column of numbers, or of true and false.
    treated
        Boolean column.
    covariates
        Columns known before the programme that may have decided both treatment and outcome.
    moments
        ``"means"``: weighted means of the comparison are those of the treated, to 1e-10 standard deviations.
        ``"variances"``: of columns of numbers the variances too.
    cluster, design, level
        As for `intention_to_treat`.

    Returns
    -------
    Estimates
        One row, ``term="treated"``. The standard error takes into account that weights were estimated. Evidence:
        ``balance``, ``weights``, ``robustness``.

    Raises
    ------
    DataError, MethodError
        As for `intention_to_treat`; when no weights meet the means, for they lie outside what the comparison covers.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "joined": [True] * 3 + [False] * 5, "age": [40.0, 50.0, 60.0, 30.0, 40.0, 50.0, 60.0, 70.0],
    ...     "income": [5.0, 7.0, 8.0, 2.0, 4.0, 4.0, 6.0, 6.0]})
    >>> answer = entropy_balancing(rows, outcome="income", treated="joined", covariates="age")
    >>> round(float(answer.row(term="treated").estimate), 4)
    2.2667

    References
    ----------
    Hainmueller, J. (2012). Entropy balancing for causal effects. Political Analysis 20(1), 25–46. — Zhao, Q., &
    Percival, D. (2017). Entropy balancing is doubly robust. Journal of Causal Inference 5(1).
    """
    level = _rows.fraction(level, "level")
    moments = choice(moments, "moments", ("means", "variances"))
    rows, y = read(data, outcome, treated, covariates, cluster=cluster, design=design)
    X = _moments(rows, moments)

    def solve(w: Array) -> Weighted:
        return _solved(rows, X, y, w)

    return weighted(
        rows,
        y,
        solve,
        method="entropy_balancing",
        estimand="Mean effect on the treated, if nothing unobserved decided both treatment and outcome",
        level=level,
    )


def _moments(rows: People, moments: str) -> Array:
    """Covariates in standard deviations, with their squares where asked: (n, p)."""
    X = (rows.X - rows.X.mean(axis=0)) / rows.X.std(axis=0)
    if moments == "means":
        return X
    many = np.array([len(np.unique(x)) > 2 for x in rows.X.T])
    return np.column_stack([X, X[:, many] ** 2])


def _solved(rows: People, X: Array, y: Array, w: Array) -> Weighted:
    A = rows.A
    target = w[A] @ X[A] / w[A].sum()
    used = ~A & (w > 0)
    found = _entropy.balance(X[used], target, w[used])
    if not found.met:
        raise _outside(rows, target, X)
    omega = found.omega
    mu1, mu0 = float(w[A] @ y[A] / w[A].sum()), float(omega @ y[used])
    D, e = X[used] - target, y[used] - mu0
    C = (omega[:, None] * D).T @ D
    slope = np.linalg.lstsq(C, (omega[:, None] * D).T @ e, rcond=1e-12)[0]
    z = np.zeros(len(y))
    z[A] = (y[A] - mu1 - (X[A] - target) @ slope) / w[A].sum()
    z[used] = -omega / w[used] * (e - D @ slope)
    weights = np.zeros(len(y))
    weights[A], weights[used] = w[A], omega
    return Weighted(mu1 - mu0, z, scaled(weights, A, w, "treated"))


def _outside(rows: People, target: Array, X: Array) -> MethodError:
    """Which means no weights can meet."""
    low, high = X[~rows.A].min(axis=0), X[~rows.A].max(axis=0)
    p = rows.X.shape[1]
    beyond = [t for t, m, a, b in zip(rows.terms, target[:p], low[:p], high[:p], strict=True) if m <= a or m >= b]
    return MethodError(
        _(
            "No weights make the comparison like the treated: the mean of {names} is beyond all comparison units.",
            names=listed(beyond),
        )
        if beyond
        else _("No weights make the comparison like the treated: no mixture of comparison units has their means."),
        expected=_("treated whose means lie among those of the comparison"),
        remedy=_("name fewer covariates or means only, or leave out treated units that have no counterpart"),
        where=Where(key="covariates"),
    )
