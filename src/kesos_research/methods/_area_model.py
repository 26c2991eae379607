"""The rows of an area-level model as arrays, read from a frame or from the evidence of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._fay_herriot import Areas, Fits, Fitting, Predictions, fit, predict
from kesos_research.methods._scale import Transform, forward, forward_by_size

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AreaModel:
    """One row an area, in an order of the data. z: (m,) and D: (m,) on the model's scale; D is infinite without sample.

    X: (m, p) holds the intercept and covariates with mean 0 and standard deviation 1 over all areas.
    """

    names: tuple[object, ...]
    direct: Array
    direct_variance: Array
    z: Array
    D: Array
    X: Array
    covariates: pd.DataFrame
    fitting: Fitting
    transform: Transform

    @cached_property
    def sampled(self) -> NDArray[np.bool_]:
        return np.isfinite(self.D)

    @cached_property
    def areas(self) -> Areas:
        """The sampled areas, which the model is fitted to."""
        return Areas(self.X[self.sampled], self.D[self.sampled])

    @property
    def df(self) -> int:
        m, p = self.areas.X.shape
        return m - p

    def fit(self) -> Fits:
        return fit(self.areas, self.z[None, self.sampled], self.fitting)

    def predict(self, fits: Fits, Z: Array | None = None) -> Predictions:
        """Of all areas; Z: (B, m) holds anything where no sample is."""
        return predict(fits, self.X, self.D, self.z[None] if Z is None else Z)

    def scaled(self, beta: Array, vcov: Array) -> tuple[Array, Array]:
        """Coefficients of the covariates as they were given, intercept first, and their standard errors."""
        raw = self.covariates.to_numpy(float)
        center, spread = raw.mean(axis=0), raw.std(axis=0)
        back = np.eye(len(beta))
        back[1:, 1:] = np.diag(1 / spread)
        back[0, 1:] = -center / spread
        return back @ beta, np.sqrt(np.diag(back @ vcov @ back.T))


def read_areas(
    data: pd.DataFrame,
    *,
    of: str,
    variance: str | None,
    effective: str | None,
    area: str,
    covariates: Sequence[str],
    fitting: Fitting,
    transform: Transform,
) -> AreaModel:
    """Rows that an area-level model can be fitted to, or every reason why not."""
    told = effective or variance
    if told is None or (effective and (variance or transform != "arcsin")):
        raise MethodError(
            _("The sampling variances are not told once."),
            expected=_("variance, or with transform='arcsin' the effective sample size under effective"),
            where=Where(key="variance"),
        )
    _rows.columns(
        data,
        {"of": of, "variance": told, "area": area, **{f"covariate {i}": c for i, c in enumerate(covariates, 1)}},
        may_miss=("of", "variance"),
    )
    for column in covariates:
        _rows.numeric(data, column)
    if {of, told} & set(covariates):
        raise MethodError(
            _("The estimates or their variances are among the covariates."),
            expected=_("covariates from another source than the sample"),
        )
    _once(data, area)
    direct, given = _known(data, of), _known(data, told)
    half = np.isnan(direct) != np.isnan(given)
    if half.any():
        raise MethodError(
            _("{n} areas have an estimate or a variance, but not both.", n=int(half.sum())),
            expected=_("both, or neither where an area has no sample"),
            where=Where(row=int(np.argmax(half)) + 1, column=of),
        )
    sampled = ~np.isnan(direct)
    _possible(direct[sampled], given[sampled], of, told, transform, by_size=effective is not None)
    z, D = np.full(len(data), np.nan), np.full(len(data), np.inf)
    if effective:
        z[sampled], D[sampled] = forward_by_size(direct[sampled], given[sampled])
        given = direct * (1 - direct) / given
    else:
        z[sampled], D[sampled] = forward(direct[sampled], given[sampled], transform)
    raw = data[list(covariates)].to_numpy(float)
    order = np.lexsort((*raw.T[::-1], D, np.where(sampled, z, 0.0)))
    model = AreaModel(
        names=tuple(data[area].to_numpy(object)[order]),
        direct=direct[order],
        direct_variance=given[order],
        z=z[order],
        D=D[order],
        X=design_matrix(raw[order], tuple(covariates)),
        covariates=data[list(covariates)].iloc[order].reset_index(drop=True).astype(float),
        fitting=fitting,
        transform=transform,
    )
    _enough(model)
    return model


def rebuild(data: Estimates) -> AreaModel:
    """The model behind the answer of `fay_herriot`."""
    rows, model = data.evidence["areas"], data.evidence["model"].iloc[0]
    covariates = data.evidence["covariates"]
    return AreaModel(
        names=tuple(rows[data.by[0]]),
        direct=rows["direct"].to_numpy(float),
        direct_variance=rows["direct_variance"].to_numpy(float),
        z=rows["z"].to_numpy(float),
        D=rows["D"].to_numpy(float),
        X=design_matrix(covariates.to_numpy(float), tuple(covariates.columns)),
        covariates=covariates,
        fitting=model["method"],
        transform=model["transform"],
    )


def design_matrix(raw: Array, names: Sequence[str]) -> Array:
    """An intercept, and covariates with mean 0 and standard deviation 1, so that units of measurement change
    nothing.
    """
    spread = raw.std(axis=0)
    same = [n for n, s, c in zip(names, spread, np.abs(raw).max(axis=0, initial=0.0), strict=True) if s <= 1e-12 * c]
    if same:
        raise MethodError(
            _("The covariate {column} is the same in all areas.", column=same[0]),
            expected=_("covariates that vary; the intercept is always there"),
            where=Where(column=same[0]),
        )
    return np.column_stack([np.ones(len(raw)), (raw - raw.mean(axis=0)) / spread])


def _once(data: pd.DataFrame, area: str) -> None:
    twice = data[area].duplicated()
    if twice.any():
        raise MethodError(
            _("{n} rows repeat an area.", n=int(twice.sum())),
            expected=_("one row for each area"),
            remedy=_("look at {unit}", unit=data.loc[twice, area].iloc[0]),
            where=Where(column=area),
        )


def _known(data: pd.DataFrame, column: str) -> Array:
    """The column as numbers, NaN where it is missing."""
    _rows.numeric(data.loc[data[column].notna()], column)
    return data[column].to_numpy(dtype=float, na_value=np.nan)


def _possible(direct: Array, given: Array, of: str, told: str, transform: Transform, *, by_size: bool) -> None:
    """Is every estimate and variance one that the transformation can take?"""
    if (given <= 0).any():
        raise MethodError(
            _("{n} areas have a sampling variance of 0 or less.", n=int((given <= 0).sum())),
            expected=_("positive variances: a sample without variation does not make an area certain"),
            remedy=_("smooth the variances over the areas first, or leave both values of those areas missing"),
            where=Where(column=told),
        )
    outside = np.zeros(len(direct), bool)
    if transform == "log":
        outside = direct <= 0
    elif transform == "arcsin":
        outside = (direct < 0) | (direct > 1) if by_size else (direct <= 0) | (direct >= 1)
    if outside.any():
        wanted = {"log": _("numbers above 0"), "arcsin": _("shares from 0 to 1")}[transform]
        raise MethodError(
            _("{n} estimates cannot be transformed by {transform}.", n=int(outside.sum()), transform=transform),
            expected=wanted,
            remedy=_("shares of exactly 0 or 1 need the effective sample size under effective")
            if transform == "arcsin"
            else None,
            where=Where(column=of),
        )


def _enough(model: AreaModel) -> None:
    m, p = model.areas.X.shape
    if m < p + 2:
        raise MethodError(
            _("{m} areas with a sample for {p} coefficients.", m=m, p=p),
            expected=_("at least {n} areas", n=p + 2),
            remedy=_("leave covariates out"),
        )
    if np.linalg.matrix_rank(model.areas.X) < p:
        raise MethodError(
            _("The covariates {names} say the same thing.", names=", ".join(map(str, model.covariates.columns))),
            expected=_("covariates of which none is a combination of the others in the areas with a sample"),
            remedy=_("leave one out"),
        )
