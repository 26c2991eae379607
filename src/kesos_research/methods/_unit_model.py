"""The rows of a unit-level model as arrays, read from frames or from the evidence of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._unit_level import Fits, Fitting, Outcomes, Sample, Targets, fit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class UnitModel:
    """Areas of the population, those with a sample first. Covariates are centred and scaled over the sample.

    names: (k,); sizes: (k,) units of the population, infinite where not told; center, spread: (p − 1,).
    """

    names: tuple[object, ...]
    sizes: Array
    sample: Sample
    outcomes: Outcomes
    population: Array
    covariates: tuple[str, ...]
    center: Array
    spread: Array
    fitting: Fitting

    @property
    def m(self) -> int:
        """Areas with a sample."""
        return len(self.sample.n)

    @property
    def y(self) -> Array:
        """Sample means of all areas, 0 where there is no sample: (1, k)."""
        return np.append(self.outcomes.y[0], np.zeros(len(self.names) - self.m))[None]

    @property
    def targets(self) -> Targets:
        k, p = len(self.names), self.sample.x.shape[1]
        n, x = np.zeros(k), np.zeros((k, p))
        n[: self.m], x[: self.m] = self.sample.n, self.sample.x
        finite = np.isfinite(self.sizes)
        left = np.where(finite, self.sizes - n, 1.0)
        share = np.where(finite, n / np.where(finite, self.sizes, 1.0), 0.0)
        # what is left of the population when the sample is taken out, and nothing where all are in it
        X = np.where(
            (finite & (left > 0))[:, None],
            (self.population - share[:, None] * x) / np.maximum(1 - share, 1e-300)[:, None],
            self.population,
        )
        noise = np.where(finite & (left > 0), 1 / np.maximum(left, 1.0), 0.0)
        return Targets(X, 1 - share, noise, n, x)

    def fit(self) -> Fits:
        return fit(self.sample, self.outcomes, self.fitting)


def read_units(
    data: pd.DataFrame,
    population: pd.DataFrame,
    *,
    of: str,
    area: str,
    covariates: Sequence[str],
    size: str | None,
    fitting: Fitting,
) -> UnitModel:
    """A sample of units and the means of its population, or every reason why they do not go together."""
    named = {f"covariate {i}": c for i, c in enumerate(covariates, 1)}
    _rows.columns(data, {"of": of, "area": area, **named})
    _rows.columns(population, {"area": area, **named, **({"size": size} if size else {})})
    for column in (of, *covariates):
        _rows.numeric(data, column)
    for column in (*covariates, *((size,) if size else ())):
        _rows.numeric(population, column)
    _together(data, population, area)
    raw, y = data[list(covariates)].to_numpy(float), data[of].to_numpy(float)
    order = np.lexsort((*raw.T[::-1], y))
    center, spread = raw[order].mean(axis=0), raw[order].std(axis=0)
    _varying(spread, np.abs(raw).max(axis=0, initial=0.0), covariates)
    X = np.column_stack([np.ones(len(raw)), (raw - center) / spread])[order]
    n, x, means, S, c, s = _crossed(data[area].to_numpy(object)[order], X, y[order])
    told = population.set_index(area)
    inside = [a for a in n.index if n[a] > 0]
    inside.sort(key=lambda a: (means[a], n[a], *x[a]))
    outside = [a for a in told.index if a not in set(inside)]
    outside.sort(key=lambda a: tuple(told.loc[a, list(covariates)]))
    names = [*inside, *outside]
    P = (told.loc[names, list(covariates)].to_numpy(float) - center) / spread
    model = UnitModel(
        names=tuple(names),
        sizes=told.loc[names, size].to_numpy(float) if size else np.full(len(names), np.inf),
        sample=Sample(n[inside].to_numpy(float), np.array([x[a] for a in inside]), S),
        outcomes=Outcomes(means[inside].to_numpy(float)[None], c[None], np.array([s])),
        population=np.column_stack([np.ones(len(names)), P]),
        covariates=tuple(covariates),
        center=center,
        spread=spread,
        fitting=fitting,
    )
    _enough(model, size)
    return model


def evidence(model: UnitModel) -> dict[str, pd.DataFrame]:
    """What `rebuild` needs, as frames."""
    columns = ["intercept", *model.covariates]
    return {
        "sample_means": pd.DataFrame(model.sample.x, columns=columns).assign(of=model.outcomes.y[0], n=model.sample.n),
        "population_means": pd.DataFrame(model.population, columns=columns).assign(size=model.sizes),
        "within_areas": pd.DataFrame(model.sample.S, columns=columns).assign(
            of=model.outcomes.c[0], squares=model.outcomes.s[0]
        ),
        "scaling": pd.DataFrame({"term": model.covariates, "center": model.center, "spread": model.spread}),
    }


def rebuild(data: Estimates) -> UnitModel:
    """The model behind the answer of `battese_harter_fuller`."""
    given, told, inside = (data.evidence[e] for e in ("sample_means", "population_means", "within_areas"))
    scaling = data.evidence["scaling"]
    columns = ["intercept", *scaling["term"]]
    return UnitModel(
        names=tuple(data.evidence["areas"][data.by[0]]),
        sizes=told["size"].to_numpy(float),
        sample=Sample(given["n"].to_numpy(float), given[columns].to_numpy(float), inside[columns].to_numpy(float)),
        outcomes=Outcomes(
            given["of"].to_numpy(float)[None], inside["of"].to_numpy(float)[None], inside["squares"].to_numpy(float)[:1]
        ),
        population=told[columns].to_numpy(float),
        covariates=tuple(scaling["term"]),
        center=scaling["center"].to_numpy(float),
        spread=scaling["spread"].to_numpy(float),
        fitting=data.evidence["model"]["method"].iloc[0],
    )


def _crossed(areas: NDArray[np.object_], X: Array, y: Array) -> tuple[pd.Series, dict, pd.Series, Array, Array, float]:
    """Sizes and means of each area, and cross-products about them over all."""
    codes, labels = pd.factorize(areas)
    n = np.bincount(codes).astype(float)
    x = np.column_stack([np.bincount(codes, column) for column in X.T]) / n[:, None]
    means = np.bincount(codes, y) / n
    inner, left = X - x[codes], y - means[codes]
    named = {label: x[i] for i, label in enumerate(labels)}
    return pd.Series(n, labels), named, pd.Series(means, labels), inner.T @ inner, inner.T @ left, float(left @ left)


def _together(data: pd.DataFrame, population: pd.DataFrame, area: str) -> None:
    twice = population[area].duplicated()
    if twice.any():
        raise MethodError(
            _("{n} rows repeat an area.", n=int(twice.sum())),
            expected=_("one row for each area"),
            remedy=_("look at {unit}", unit=population.loc[twice, area].iloc[0]),
            where=Where(column=area),
        )
    lacking = sorted({str(a) for a in set(data[area]) - set(population[area])})
    if lacking:
        raise MethodError(
            _("{n} sampled areas have no population means: {names}.", n=len(lacking), names=", ".join(lacking[:5])),
            expected=_("one row of the population for each area"),
            where=Where(column=area),
        )


def _varying(spread: Array, largest: Array, covariates: Sequence[str]) -> None:
    same = [c for c, s, m in zip(covariates, spread, largest, strict=True) if s <= 1e-12 * m]
    if same:
        raise MethodError(
            _("The covariate {column} is the same in all rows.", column=same[0]),
            expected=_("covariates that vary; the intercept is always there"),
            where=Where(column=same[0]),
        )


def _enough(model: UnitModel, size: str | None) -> None:
    sample = model.sample
    p = sample.x.shape[1]
    if model.m < 3 or sample.units - model.m < p:
        raise MethodError(
            _("{n} units in {m} areas for {p} coefficients.", n=int(sample.units), m=model.m, p=p),
            expected=_("at least 3 areas, and more units than areas and coefficients together"),
        )
    if not float(model.outcomes.s[0]) > 0:
        raise MethodError(
            _("Units do not differ within any area."), expected=_("areas in which the outcome varies between units")
        )
    whole = sample.S + (sample.n @ sample.outer).reshape(p, p)
    if np.linalg.matrix_rank(whole / sample.units, hermitian=True) < p:
        raise MethodError(
            _("The covariates {names} say the same thing.", names=", ".join(model.covariates)),
            expected=_("covariates of which none is a combination of the others"),
            remedy=_("leave one out"),
        )
    small = model.sizes < model.targets.n
    if small.any():
        raise MethodError(
            _("In {n} areas the population is smaller than the sample.", n=int(small.sum())),
            expected=_("the number of units in the population"),
            where=Where(column=size),
        )
