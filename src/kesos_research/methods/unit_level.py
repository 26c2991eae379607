"""Small areas from unit records: what the units say, and what is known of all units of an area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, percent, probability, spoken
from kesos_research.methods._unit_level import FITTINGS, Fits, Fitting, information, mse, predict, shrink
from kesos_research.methods._unit_model import UnitModel, evidence, read_units
from kesos_research.methods.small_area import one_of

_UNLIKELY = 0.05


def battese_harter_fuller(
    data: pd.DataFrame,
    *,
    of: str,
    area: str,
    population: pd.DataFrame,
    covariates: Sequence[str] = (),
    size: str | None = None,
    method: Fitting = "reml",
    level: float = 0.95,
) -> Estimates:
    """What is the mean of each area, when few units of it were sampled but covariates are known for all of them?

    Estimand: the mean of `of` over the population of each area. The model says y_ij = x_ij'β + v_i + e_ij, with v_i of
    variance σ_v² between areas and e_ij of variance σ_e² within, both normal, and that which units were sampled does
    not depend on y once x is known.

    Parameters
    ----------
    data
        One row for each sampled unit, (units,).
    of
        Outcome of the unit.
    area
        Column with the area, in `data` and in `population`.
    population
        One row for each area, also of those without a sample: the population means of the covariates under the same
        names, (areas,).
    covariates
        Columns known for sampled units, with known population means; an intercept is always there.
    size
        Column of `population` with the number of units in the area: then the sampled units count as what they are.
        Without it the populations are taken as very large.
    method
        How σ_v² and σ_e² are estimated: ``"reml"`` or ``"ml"``.
    level
        Confidence level of the intervals.

    Returns
    -------
    Estimates
        One row for each area of `population`, `n` sampled units, ``term`` ``"eblup"``, or ``"synthetic"`` without
        sample. `std_error` is the root of Prasad and Rao's mean squared error; intervals are those of t with `df` =
        sampled areas − 1. Evidence: ``areas``, ``model``, ``coefficients``, and the means and cross-products the model
        rests on.

    Raises
    ------
    MethodError
        When values are missing, a sampled area has no population means, covariates are constant or collinear, or there
        are too few units or areas.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "place": list("aaabbbccc"), "x": [1.0, 2, 3, 2, 3, 4, 1, 3, 5], "y": [2.0, 3, 5, 6, 6, 8, 1, 2, 5]})
    >>> means = pd.DataFrame({"place": list("abcd"), "x": [2.0, 3.0, 3.0, 4.0]})
    >>> answer = battese_harter_fuller(rows, of="y", area="place", covariates=["x"], population=means)
    >>> answer.table.term.tolist()
    ['eblup', 'eblup', 'eblup', 'synthetic']

    References
    ----------
    Battese, G. E., Harter, R. M., & Fuller, W. A. (1988). An error-components model for prediction of county crop areas
    using survey and satellite data. JASA 83(401), 28–36. — Prasad, N. G. N., & Rao, J. N. K. (1990). JASA 85(409),
    163–171. — Datta, G. S., & Lahiri, P. (2000). Statistica Sinica 10, 613–627.
    """
    from scipy import stats

    level = _rows.fraction(level, "level")
    one_of(method, "method", FITTINGS)
    model = read_units(data, population, of=of, area=area, covariates=tuple(covariates), size=size, fitting=method)
    fits = model.fit()
    estimate = predict(fits, model.targets, model.y)[0]
    error = np.sqrt(mse(model.sample, fits, model.targets, method))
    df = model.m - 1
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    table = pd.DataFrame(
        {
            area: list(model.names),
            "term": np.where(model.targets.n > 0, "eblup", "synthetic"),
            "estimate": estimate,
            "std_error": error,
            "conf_low": estimate - reach,
            "conf_high": estimate + reach,
            "df": float(df),
            "n": model.targets.n,
        }
    )
    place = {name: i for i, name in enumerate(population[area])}
    return Estimates(
        table.iloc[np.argsort([place[name] for name in model.names])],
        "battese_harter_fuller",
        "Mean of each area's population, if units differ from a line of the covariates by their area and by chance",
        level=level,
        by=(area,),
        checks=_checks(data, model, fits, of, area),
        evidence={
            "areas": _areas(model, fits, table, area),
            "model": _model(model, fits),
            "coefficients": _coefficients(model, fits),
            **evidence(model),
        },
    )


def _areas(model: UnitModel, fits: Fits, table: pd.DataFrame, area: str) -> pd.DataFrame:
    gamma = shrink(fits, model.targets.n)[0]
    sampled = model.targets.n > 0
    r = np.where(sampled, model.y[0] - model.targets.x @ fits.beta[0], np.nan)
    spread = np.sqrt(fits.between[0] + fits.within[0] / np.where(sampled, model.targets.n, np.nan))
    return pd.DataFrame(
        {
            area: list(model.names),
            "sampled": sampled,
            "n": model.targets.n,
            "size": model.sizes,
            "direct": np.where(sampled, model.y[0], np.nan),
            "estimate": table["estimate"].to_numpy(),
            "std_error": table["std_error"].to_numpy(),
            "synthetic": model.population @ fits.beta[0],
            "gamma": gamma,
            "residual": r / spread,
        }
    )


def _model(model: UnitModel, fits: Fits) -> pd.DataFrame:
    v, e = float(fits.between[0]), float(fits.within[0])
    C = np.linalg.inv(information(model.sample, v, e))
    return pd.DataFrame(
        [
            {
                "method": model.fitting,
                "sigma2_between": v,
                "sigma2_within": e,
                "std_error_between": float(np.sqrt(C[0, 0])),
                "std_error_within": float(np.sqrt(C[1, 1])),
                "areas": model.m,
                "units": int(model.sample.units),
            }
        ]
    )


def _coefficients(model: UnitModel, fits: Fits) -> pd.DataFrame:
    p = len(fits.beta[0])
    back = np.eye(p)
    back[1:, 1:] = np.diag(1 / model.spread)
    back[0, 1:] = -model.center / model.spread
    return pd.DataFrame(
        {
            "term": ["intercept", *model.covariates],
            "estimate": back @ fits.beta[0],
            "std_error": np.sqrt(np.diag(back @ fits.vcov[0] @ back.T)),
        }
    )


def _checks(data: pd.DataFrame, model: UnitModel, fits: Fits, of: str, area: str) -> tuple[Check, ...]:
    r, e = _residuals(data, model, fits, of, area)
    checks = [
        _between(model, fits),
        _normal(r, of_areas=True),
        _normal(e, of_areas=False),
        Check(
            "sample_ignorable",
            "info",
            "Weights are not used: the model holds if, among units with equal covariates, those sampled do not differ "
            "from those not sampled. What the weights rest on belongs among the covariates.",
        ),
    ]
    if len(model.names) > model.m:
        outside = [model.names[i] for i in range(model.m, len(model.names))]
        checks.append(
            Check(
                "areas_without_sample",
                "info",
                "{n} areas have no sample and are predicted from the line alone: {areas}.",
                {"n": len(outside), "areas": listed(outside)},
            )
        )
    return tuple(checks)


def _residuals(data: pd.DataFrame, model: UnitModel, fits: Fits, of: str, area: str) -> tuple[np.ndarray, np.ndarray]:
    """Standardised residuals of the areas' means, (m,), and of the units about their areas, (n,)."""
    gamma = shrink(fits, model.sample.n)[0]
    mean = model.outcomes.y[0] - model.sample.x @ fits.beta[0]
    own = dict(zip(model.names, gamma * mean, strict=False))
    raw = (data[list(model.covariates)].to_numpy(float) - model.center) / model.spread
    line = np.column_stack([np.ones(len(data)), raw]) @ fits.beta[0]
    units = (data[of].to_numpy(float) - line - data[area].map(own).to_numpy(float)) / np.sqrt(fits.within[0])
    return mean / np.sqrt(fits.between[0] + fits.within[0] / model.sample.n), np.sort(units)


def _between(model: UnitModel, fits: Fits) -> Check:
    v, e = float(fits.between[0]), float(fits.within[0])
    evidence_ = {
        "icc": spoken(v / (v + e), 3),
        "between": spoken(float(np.sqrt(v)), 3),
        "within": spoken(float(np.sqrt(e)), 3),
        "gamma": percent(float(np.median(shrink(fits, model.sample.n)[0]))),
    }
    if v == 0:
        return Check(
            "variance_between_areas",
            "warn",
            "The variance between areas is estimated as 0: areas with equal covariates get equal estimates. With few "
            "areas this often happens, and does not show that they are equal.",
            evidence_,
        )
    return Check(
        "variance_between_areas",
        "pass",
        "Areas differ about the line by a standard deviation of {between}, units within them by {within} (intraclass "
        "correlation {icc}); the median weight of an area's own sample is {gamma} %.",
        evidence_,
    )


def _normal(r: np.ndarray, *, of_areas: bool) -> Check:
    from scipy import stats

    # Shapiro and Wilk's W is known up to 5,000; beyond that every k-th of the sorted residuals has the same shape
    W, p = stats.shapiro(r[:: len(r) // 5000 + 1])
    doubted = p <= _UNLIKELY
    evidence_ = {"W": spoken(float(W), 3), "p": probability(float(p))}
    if of_areas and doubted:
        return Check(
            "normal_areas",
            "warn",
            "The residuals of the areas are not normal (Shapiro–Wilk W = {W}, p = {p}): intervals are less sure.",
            evidence_,
        )
    if of_areas:
        return Check(
            "normal_areas",
            "pass",
            "The residuals of the areas could be normal (Shapiro–Wilk W = {W}, p = {p}).",
            evidence_,
        )
    if doubted:
        return Check(
            "normal_units",
            "warn",
            "The residuals of the units are not normal (Shapiro–Wilk W = {W}, p = {p}): look at outliers and at a "
            "logarithm.",
            evidence_,
        )
    return Check(
        "normal_units",
        "pass",
        "The residuals of the units could be normal (Shapiro–Wilk W = {W}, p = {p}).",
        evidence_,
    )
