"""Two-way fixed effects: one number for a programme, unit and period levels taken out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods.staggered import _absorb, _bands, _checks
from kesos_research.methods.staggered._panel import Rows, read
from kesos_research.methods.staggered.bacon import decomposed

Error = Literal["CR2", "CR1", "CR3", "hetero", "iid"]
Family = Literal["linear", "poisson"]


def two_way_fixed_effects(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: str,
    covariates: str | Sequence[str] = (),
    cluster: str | tuple[str, str] | None = None,
    design: SurveyDesign | None = None,
    std_error: Error = "CR2",
    family: Family = "linear",
    level: float = 0.95,
) -> Estimates:
    """By how much does the outcome differ under treatment, levels of units and periods taken out?

    Estimand: with one date of start, that of `diff_in_diff`. With several dates a weighted mean in which effects of
    units treated earlier enter with the wrong sign: no headline, and a check says so.

    Parameters
    ----------
    data, outcome, unit, period, since, covariates, design, level
        As for `callaway_santanna`; covariates must change within units.
    cluster
        Column that says where treatment was *assigned*, units if none is named; two columns for errors by both (CR1).
    std_error
        ``"CR2"`` with Bell and McCaffrey's degrees of freedom, for few clusters; ``"CR1"``, R's and Stata's usual one;
        ``"CR3"``, the jackknife; ``"hetero"`` and ``"iid"`` know no clusters and are for comparison.
    family
        ``"poisson"`` for counts: the estimate is a difference of log rates (with CR1).

    Returns
    -------
    Estimates
        One row, ``term="treated"``; `n` counts rows. Evidence: ``bacon`` where there are several dates (see
        `bacon_decomposition`).

    Raises
    ------
    MethodError
        As `callaway_santanna`; covariates that do not change within units; a choice that its family has not.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "t": t, "start": 2 if i < 10 else None, "poor": i % 7 + t * (i % 3) + 5.0 * (i < 10 and t > 1)}
    ...     for i in range(30) for t in range(4)])
    >>> answer = two_way_fixed_effects(rows, outcome="poor", unit="place", period="t", since="start")
    >>> round(float(answer.row(term="treated").estimate), 2)
    4.7

    References
    ----------
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. Journal of Econometrics
    225(2), 254–277. — Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance
    estimation and hypothesis testing in fixed effects models. Journal of Business & Economic Statistics 36(4), 672–683.
    """
    level = _rows.fraction(level, "level")
    _rows.choice(std_error, "std_error", get_args(Error))
    _rows.choice(family, "family", get_args(Family))
    first, second = cluster if isinstance(cluster, tuple) else (cluster, None)
    if (second is not None or family == "poisson") and std_error != "CR1":
        raise MethodError(
            _("{name} is {value}.", name="std_error", value=repr(std_error)),
            expected=_("CR1 for errors by two columns, and for counts"),
            where=Where(key="std_error"),
        )
    rows = read(
        data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=first,
        design=design,
    )  # fmt: skip
    if second is not None:
        _rows.columns(data, {"cluster": second})
    if family == "poisson":
        found = _poisson(rows, outcome, level)
    else:
        found = _linear(rows, std_error, None if second is None else data[second], level)
    bacon = decomposed(rows) if len(rows.starts) > 1 else None
    checks: list[Check] = [_checks.cohorts(rows.cohorts), _checks.few_treated(rows)]
    checks.append(_checks.few_clusters(rows.n_clusters, std_error))
    checks.append(_checks.forbidden(0.0 if bacon is None else bacon.forbidden))
    return Estimates(
        pd.DataFrame([{"term": "treated", **found, "n": len(rows.y)}]),
        "two_way_fixed_effects",
        "Difference under treatment, levels of units and periods taken out; the mean effect on the treated where all "
        "start together or effects are all alike",
        level=level,
        checks=tuple(checks),
        evidence={} if bacon is None else {"bacon": bacon.comparisons},
    )


def _linear(rows: Rows, std_error: str, second: pd.Series | None, level: float) -> dict[str, float]:
    fit = _absorb.least_squares(rows, rows.treated.astype(float)[:, None])
    c = np.eye(len(fit.beta))[:, :1]
    estimate = float(fit.beta[0])
    if second is not None:
        codes = np.asarray(pd.factorize(second.iloc[rows.row])[0], np.intp)
        whole = pd.Series(codes).groupby(rows.t).nunique().max() == 1
        V, df = _absorb.crossed(fit, c[:, 0], rows.cluster, codes, len(rows.periods) - 1 if whole else 0)
        return {"estimate": estimate, **_bands.interval(estimate, float(np.sqrt(max(V, 0.0))), df, level)}
    if std_error in ("hetero", "iid"):
        spread = _absorb.pooled(fit, c, std_error)
    else:
        spread = _absorb.by_cluster(fit, c, rows.cluster, std_error)
    se = float(np.sqrt(spread.V[0, 0]))
    return {"estimate": estimate, **_bands.interval(estimate, se, float(spread.df[0]), level)}


def _poisson(rows: Rows, outcome: str, level: float) -> dict[str, float]:
    """Pseudo-maximum likelihood with unit and period levels; units without any count say nothing and drop out."""
    if (rows.y < 0).any():
        raise MethodError(
            _("The column {column} holds other values.", column=outcome),
            expected=_("counts of 0 or more"),
            where=Where(column=outcome),
        )
    from pyfixest.estimation import fepois

    frame, terms = _named(rows)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*separat.*")
        warnings.filterwarnings("ignore", message=".*singleton.*")
        warnings.filterwarnings("ignore", message="The inplace keyword")
        fit = fepois(f"y ~ {' + '.join(terms)} | unit + period", frame, vcov={"CRV1": "cluster"}, weights="w")
    estimate, se = float(fit.coef()["treated"]), float(fit.se()["treated"])  # type: ignore[union-attr]
    return {"estimate": estimate, **_bands.interval(estimate, se, float(rows.n_clusters - 1), level)}


def _named(rows: Rows) -> tuple[pd.DataFrame, list[str]]:
    """Rows under names that a formula can hold."""
    columns: dict[str, Any] = {
        "y": rows.y, "treated": rows.treated.astype(float), "unit": rows.unit, "period": rows.t,
        "cluster": rows.cluster, "w": rows.w,
    }  # fmt: skip
    covariates = {f"x{i}": x for i, x in enumerate(rows.X.T)}
    return pd.DataFrame(columns | covariates), ["treated", *covariates]
