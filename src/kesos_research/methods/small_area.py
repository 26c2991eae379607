"""Small areas: direct estimates that borrow strength from covariates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows, _scale
from kesos_research.methods._area_checks import area_checks
from kesos_research.methods._area_model import AreaModel, read_areas
from kesos_research.methods._fay_herriot import FITTINGS, Fits, Fitting, Predictions, log_likelihood, residuals
from kesos_research.methods._scale import TRANSFORMS, Transform

Array = NDArray[np.float64]


def fay_herriot(
    data: pd.DataFrame,
    *,
    of: str,
    area: str,
    covariates: Sequence[str] = (),
    variance: str | None = None,
    effective: str | None = None,
    method: Fitting = "reml",
    transform: Transform = "none",
    level: float = 0.95,
) -> Estimates:
    """What is the value of each area, when its own sample is small and other figures of the area are known?

    Estimand: θ_i of each area. The model says g(θ_i) = x_i'β + v_i, with v_i normal of variance σ² between areas, and
    the direct estimate is normal about it with a sampling variance that is taken as known. The estimate is
    γ_i · direct + (1 − γ_i) · x_i'β̂ with γ_i = σ̂²/(σ̂² + D_i): the less an area's sample says, the more is borrowed.

    Parameters
    ----------
    data
        One row for each area, (areas,).
    of
        Direct estimates; missing, together with the variance, in areas without a sample.
    area
        Names or codes of the areas.
    covariates
        Columns known in every area, not from the same sample; an intercept is always there.
    variance
        Sampling variance of the direct estimate, in its squared unit.
    effective
        Effective sample size, n/deff, instead of `variance` where `transform="arcsin"`: then shares of 0 and 1 have a
        variance too.
    method
        How σ² is estimated: ``"reml"``, ``"ml"``, or Fay and Herriot's ``"moment"`` equation.
    transform
        g: ``"none"``, ``"log"`` for amounts, ``"arcsin"`` (of the square root) for shares from 0 to 1.
    level
        Confidence level of the intervals.

    Returns
    -------
    Estimates
        One row for each area, ``term`` ``"eblup"``, or ``"synthetic"`` where there is no sample. `std_error` is the
        root of the mean squared error by Prasad and Rao's expansion for the method (on a transformed scale: of its
        back-transformation); intervals are those of t with `df` = sampled areas − coefficients, made on the model's
        scale. Evidence: ``areas`` (direct and model side by side, γ, residuals, influence), ``model``,
        ``coefficients``, ``covariates``.

    Raises
    ------
    MethodError
        When an area has an estimate without variance, or variance 0; when covariates are missing or collinear; when
        there are fewer than two sampled areas more than coefficients; when a share or amount cannot be transformed.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "place": list("abcdef"), "poor": [8.0, 14.0, 7.0, 12.0, 22.0, None],
    ...     "v": [4.0, 1.0, 4.0, 1.0, 4.0, None], "far": [1.0, 2.0, 2.0, 3.0, 4.0, 3.0]})
    >>> answer = fay_herriot(rows, of="poor", variance="v", area="place", covariates=["far"])
    >>> answer.row(place="f").term, round(float(answer.row(place="f").estimate), 2)
    ('synthetic', 15.15)

    References
    ----------
    Fay, R. E., & Herriot, R. A. (1979). Estimates of income for small places. JASA 74(366), 269–277. — Prasad, N. G.
    N., & Rao, J. N. K. (1990). The estimation of the mean squared error of small-area estimators. JASA 85(409),
    163–171. — Datta, G. S., & Lahiri, P. (2000). A unified measure of uncertainty of estimated best linear unbiased
    predictors. Statistica Sinica 10, 613–627. — Datta, G. S., Rao, J. N. K., & Smith, D. D. (2005). On measuring the
    variability of small area estimators under a basic area level model. Biometrika 92(1), 183–196. — Slud, E. V., &
    Maiti, T. (2006). Mean-squared error estimation in transformed Fay–Herriot models. JRSS B 68(2), 239–257.
    """
    level = _rows.fraction(level, "level")
    one_of(method, "method", FITTINGS)
    one_of(transform, "transform", TRANSFORMS)
    model = read_areas(
        data,
        of=of,
        variance=variance,
        effective=effective,
        area=area,
        covariates=tuple(covariates),
        fitting=method,
        transform=transform,
    )
    fits = model.fit()
    found = model.predict(fits)
    rows = _areas(model, fits, found, area)
    table = intervals(model, found.mean[0], found.mse[0], rows["estimate"].to_numpy(float), level)
    table.insert(0, area, list(model.names))
    place = {name: i for i, name in enumerate(data[area])}
    table = table.iloc[np.argsort([place[name] for name in model.names])]
    return Estimates(
        table,
        "fay_herriot",
        "Value of each area, if it varies about a line of the covariates and the sampling variances are right",
        level=level,
        by=(area,),
        checks=area_checks(model, fits, rows, area),
        evidence={
            "areas": rows,
            "covariates": model.covariates,
            "coefficients": _coefficients(model, fits),
            "model": _model(model, fits),
        },
    )


def intervals(model: AreaModel, z: Array, mse: Array, estimate: Array, level: float) -> pd.DataFrame:
    """Estimates with the error `mse` of the model's scale carried back to their own. All (m,)."""
    from scipy import stats

    reach = float(stats.t.ppf((1 + level) / 2, model.df)) * np.sqrt(mse)
    return pd.DataFrame(
        {
            "term": np.where(model.sampled, "eblup", "synthetic"),
            "estimate": estimate,
            "std_error": _scale.std_error(z, mse, estimate, model.transform),
            "conf_low": _scale.curve(z - reach, model.transform),
            "conf_high": _scale.curve(z + reach, model.transform),
            "df": float(model.df),
        }
    )


def corrected(found: Predictions, model: AreaModel) -> Array:
    """θ̂ on its own scale, without the bias of the curve: (B, m)."""
    return _scale.back(found.mean, found.g1 - (1 - found.gamma**2) * found.h, model.transform)


def _areas(model: AreaModel, fits: Fits, found: Predictions, area: str) -> pd.DataFrame:
    """Everything known about each area, in the model's order."""
    standard, leverage = residuals(model.areas, fits, model.z[None, model.sampled])
    estimate = corrected(found, model)[0]
    mse = _scale.std_error(found.mean[0], found.mse[0], estimate, model.transform)
    rows = pd.DataFrame(
        {
            area: list(model.names),
            "sampled": model.sampled,
            "direct": model.direct,
            "direct_variance": model.direct_variance,
            "estimate": estimate,
            "std_error": mse,
            "synthetic": _scale.curve((model.X @ fits.beta[0]), model.transform),
            "gamma": found.gamma[0],
            "z": model.z,
            "D": model.D,
            "z_eblup": found.mean[0],
            "g1": found.g1[0],
            "g2": found.g2[0],
            "g3": found.g3[0],
            "mse": found.mse[0],
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["rse_direct"] = np.sqrt(model.direct_variance) / np.abs(model.direct)
        rows["rse_model"] = mse / np.abs(estimate)
    rows["residual"] = np.nan
    rows["influence"] = np.nan
    p = model.X.shape[1]
    # Cook's distance: how far β̂ moves, in its own error, when the area is left out
    cook = standard[0] ** 2 * leverage[0] / (p * np.maximum(1 - leverage[0], 1e-12))
    rows.loc[model.sampled, "residual"] = standard[0]
    rows.loc[model.sampled, "influence"] = cook
    return rows


def _coefficients(model: AreaModel, fits: Fits) -> pd.DataFrame:
    from scipy import stats

    beta, error = model.scaled(fits.beta[0], fits.vcov[0])
    return pd.DataFrame(
        {
            "term": ["intercept", *model.covariates.columns],
            "estimate": beta,
            "std_error": error,
            "p_value": 2 * stats.norm.sf(np.abs(beta / error)),
        }
    )


def _model(model: AreaModel, fits: Fits) -> pd.DataFrame:
    m, p = model.areas.X.shape
    return pd.DataFrame(
        [
            {
                "method": model.fitting,
                "transform": model.transform,
                "sigma2": float(fits.sigma2[0]),
                "std_error_sigma2": float(np.sqrt(fits.V[0])),
                "log_likelihood": float(
                    log_likelihood(model.areas, model.z[None, model.sampled], fits.sigma2, model.fitting)[0]
                ),
                "areas": m,
                "coefficients": p,
            }
        ]
    )


def one_of(value: object, name: str, known: Sequence[str]) -> None:
    if not isinstance(value, str) or value not in known:
        raise MethodError(
            _("{name} is {value}.", name=name, value=_rows.said(value)),
            expected=_("one of {names}", names=", ".join(known)),
            where=Where(key=name),
        )
