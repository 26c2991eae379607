"""Regression that describes a population, with the design's standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _glm, _rows
from kesos_research.methods._estimate import Answer, Influence, assess, estimates, p_values
from kesos_research.methods._linearize import Array, covariance
from kesos_research.methods._sample import Sample, label_codes, names, read

Family = Literal["linear", "logit", "ordinal", "poisson"]

INTERCEPT = "(intercept)"


def regression(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    covariates: str | Sequence[str],
    family: Family = "linear",
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How does a figure differ between units of the population that differ in their covariates?

    Estimand: the coefficients that the same regression would have on the whole population, in each group of `by`. They
    describe; they are no effects.

    Parameters
    ----------
    data, by, design, level
        As for `mean`.
    of
        The figure: numbers (``"linear"``), true and false (``"logit"``), counts (``"poisson"``), ordered categories
        (``"ordinal"``: a categorical column in its order, or whole numbers).
    covariates
        Columns of numbers, of true and false, or of categories: each category but the first gets a term
        ``column=value``.
    family
        ``"logit"`` gives log odds, ``"poisson"`` log rates, ``"ordinal"`` log odds of being higher (with thresholds).

    Returns
    -------
    Estimates
        One row a group and term, with p-values against nought. Degrees of freedom are the design's less the terms
        beside the intercept. Evidence ``wald``: joint tests of the categories of a column.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when covariates depend on each other, or a coefficient has no finite value (separation).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 1.0, 1.0], "x": [0.0, 1.0, 2.0, 3.0], "y": [1.0, 3.0, 5.0, 7.0]})
    >>> answer = regression(rows, of="y", covariates="x", design=SurveyDesign(weight="w"))
    >>> [round(float(b), 6) for b in answer.table.estimate]
    [1.0, 2.0]

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International
    Statistical Review 51(3), 279–292.
    """
    level, columns = _rows.fraction(level, "level"), names(covariates)
    if family not in get_args(Family):
        raise MethodError(
            _("{name} is {value}.", name="family", value=_rows.said(family)),
            expected=", ".join(get_args(Family)),
            where=Where(key="family"),
        )
    roles = {"of": of, **{f"covariates {i}": c for i, c in enumerate(columns)}}
    model = model_of(read(data, roles, by=by, design=design), of, columns, family)
    answer = assess(model.sample, model.influence)
    answer = replace(answer, df=answer.df - (model.X.shape[1] - (family != "ordinal")))
    return estimates(
        answer,
        model.terms,
        method="regression",
        estimand="Coefficients of the regression on the whole population",
        level=level,
        p=p_values(answer.theta, np.sqrt(answer.var), answer.df),
        checks=(Check("describes", "info", "The coefficients describe who differs; they are no effects."),),
        evidence={"wald": _wald(answer, model)},
    )


@dataclass(frozen=True)
class _Model:
    sample: Sample
    y: Array
    X: Array
    terms: tuple[str, ...]
    columns: tuple[str, ...]
    """The covariate that each term comes from."""
    family: Family

    def influence(self, w: Array, *, linear: bool) -> Influence:
        """Fit in each domain; rows outside have no influence."""
        layout = self.sample.layout
        theta = np.full((len(self.terms), layout.size), np.nan)
        z = np.zeros((len(self.terms), len(w) if linear else 0))
        ends = np.cumsum(layout.rows)
        for d in np.flatnonzero(layout.rows):
            rows = slice(ends[d] - layout.rows[d], ends[d])
            inside = w[rows] != 0
            fit = _fitted(self.X[rows][inside], self.y[rows][inside], w[rows][inside], self)
            theta[:, d] = fit.beta
            if linear:
                z[:, np.flatnonzero(inside) + rows.start] = fit.z.T
        return Influence(theta, z)


def _fitted(X: Array, y: Array, w: Array, model: _Model) -> _glm.Fit:
    with_ones = np.column_stack([np.ones(len(X)), X]) if model.family == "ordinal" else X
    scaled = with_ones / np.maximum(np.abs(with_ones).max(axis=0), 1e-300)
    if len(X) <= X.shape[1] or np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        raise MethodError(
            _("The covariates depend on each other, or there are as few rows as terms."),
            expected=_("columns of which none is a combination of others, in every group"),
            remedy=_("leave one out, or join categories"),
            where=Where(key="covariates"),
        )
    if model.family == "ordinal" and len(np.unique(y)) <= y.max():
        raise MethodError(
            _("A category of the figure is empty in a group."), expected=_("rows in each"), where=Where(key="of")
        )
    try:
        fit = _glm.fit(X, y, w, model.family)
    except np.linalg.LinAlgError:
        fit = _glm.Fit(np.zeros(0), np.zeros((0, 0)), converged=False)
    if not fit.converged:
        raise MethodError(
            _("The regression has no finite solution."),
            expected=_("both outcomes at every value of the covariates"),
            remedy=_("a category or value predicts the figure perfectly: join it with others or leave it out"),
            where=Where(key="covariates"),
        )
    return fit


def model_of(sample: Sample, of: str, columns: tuple[str, ...], family: Family) -> _Model:
    y, thresholds = _outcome(sample, of, family)
    blocks: list[Array] = []
    terms: list[str] = []
    sources: list[str] = []
    for column in columns:
        values = sample.frame[column]
        if pd.api.types.is_numeric_dtype(values):
            blocks.append(sample.number(column))
            terms.append(column)
            sources.append(column)
            continue
        codes, labels = label_codes(values)
        for k in np.unique(codes)[1:]:
            blocks.append((codes == k).astype(float))
            terms.append(f"{column}={labels[k]}")
            sources.append(column)
    if family == "ordinal":
        return _Model(
            sample, y, np.column_stack(blocks), (*thresholds, *terms), ("",) * len(thresholds) + tuple(sources), family
        )
    X = np.column_stack([np.ones(len(y)), *blocks])
    return _Model(sample, y, X, (INTERCEPT, *terms), ("", *sources), family)


def _outcome(sample: Sample, of: str, family: Family) -> tuple[Array, tuple[str, ...]]:
    if family == "ordinal":
        values = sample.frame[of]
        if not isinstance(values.dtype, pd.CategoricalDtype) and not pd.api.types.is_integer_dtype(values):
            raise MethodError(
                _("The column {column} holds {type}.", column=of, type=str(values.dtype)),
                expected=_("ordered categories or whole numbers"),
                where=Where(column=of),
            )
        codes, labels = label_codes(values)
        used, y = np.unique(codes, return_inverse=True)
        if len(used) < 2:
            raise MethodError(_("The column {column} has one value.", column=of), where=Where(column=of))
        said = [str(labels[k]) for k in used]
        return y.astype(float), tuple(f"{a} | {b}" for a, b in pairwise(said))
    y = sample.number(of)
    wrong = ~np.isin(y, (0.0, 1.0)) if family == "logit" else y < 0 if family == "poisson" else np.zeros(1, bool)
    if wrong.any():
        raise MethodError(
            _("The column {column} holds other values.", column=of),
            expected=_("true or false, 0 or 1") if family == "logit" else _("counts of 0 or more"),
            where=Where(column=of),
        )
    return y, ()


def _wald(answer: Answer, model: _Model) -> pd.DataFrame:
    """Joint tests that all categories of a column are alike, in each domain."""
    several = [c for c in dict.fromkeys(model.columns) if c and model.columns.count(c) > 1]
    sample = answer.sample
    if answer.spread is not None:
        V = np.einsum("rkd,rld->dkl", answer.spread, answer.spread)
    else:
        assert answer.linear is not None
        V = covariance(sample.layout, answer.linear)
    rows = []
    for d in range(sample.layout.size):
        for column in several:
            at = np.array([c == column for c in model.columns])
            b, q, df = answer.theta[at, d], int(at.sum()), float(answer.df[d])
            usable = np.isfinite(V[d][np.ix_(at, at)]).all() and np.linalg.matrix_rank(V[d][np.ix_(at, at)]) == q
            F = float(b @ np.linalg.solve(V[d][np.ix_(at, at)], b)) / q if usable else np.nan
            p = float(fdtrc(q, df, F)) if usable and df >= 1 else np.nan
            rows.append(
                {**sample.groups.iloc[d].to_dict(), "column": column, "F": F, "df1": q, "df2": df, "p_value": p}
            )
    return pd.DataFrame(rows, columns=[*sample.by, "column", "F", "df1", "df2", "p_value"])
