"""Predictors of a synthetic control: read, put on one scale, and compared with what the weights make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed, spoken
from kesos_research.methods._placebo import Synthetics

Array = _rows.Array

_FLAT = 1e-8
"""A direction in which standardised predictors vary less than this is none."""
_MET = 1e-10
"""A squared distance between predictors this small is none."""


@dataclass(frozen=True)
class Predictors:
    """names: P; values: (N, P) means before treatment, in the panel's order."""

    names: tuple[str, ...]
    values: Array

    @property
    def scaled(self) -> Array:
        """(N, P) over their standard deviations among all units."""
        return self.values / self.values.std(axis=0, ddof=1)


def read_predictors(
    data: pd.DataFrame, covariates: Sequence[str], panel: _rows.Panel, *, unit: str, period: str
) -> Predictors | None:
    """Each covariate's mean over the periods before in which units have it; None without covariates."""
    names = _rows.several(covariates)
    if not names:
        return None
    roles = {f"covariates[{i}]": c for i, c in enumerate(names)}
    _rows.columns(data, roles, may_miss=tuple(roles))
    before = data[data[period].isin([p for p, b in zip(panel.periods, panel.before, strict=True) if b])]
    values = np.column_stack([_means(before, c, panel, unit=unit, period=period) for c in names])
    _vary(names, values)
    return Predictors(names, values)


def _means(before: pd.DataFrame, covariate: str, panel: _rows.Panel, *, unit: str, period: str) -> Array:
    present = before.dropna(subset=[covariate])
    if present.empty:
        raise MethodError(
            _("{column} is missing in all periods before treatment.", column=covariate),
            expected=_("a value for every unit in one period before or more"),
            where=Where(column=covariate),
        )
    _rows.numeric(present, covariate)
    wide = present.pivot(index=unit, columns=period, values=covariate).reindex(list(panel.units))
    gaps = wide.isna().any(axis=1)
    if gaps.any():
        raise MethodError(
            _(
                "{column} is missing for {n} units ({named}) in periods in which others have it.",
                column=covariate,
                n=int(gaps.sum()),
                named=listed(wide.index[gaps].tolist()),
            ),
            expected=_("in each period a value for all units, or for none"),
            remedy=_("empty those periods for all units, or leave the units out, in a line of its own"),
            where=Where(column=covariate),
        )
    return wide.mean(axis=1).to_numpy(dtype=float)


def _vary(names: tuple[str, ...], values: Array) -> None:
    spread = values.std(axis=0)
    for name, s, size in zip(names, spread, np.abs(values).max(axis=0), strict=True):
        if s <= 1e-12 * max(1.0, float(size)):
            raise MethodError(
                _("The covariate {column} is the same for all units.", column=name),
                expected=_("covariates in which units differ"),
                where=Where(column=name),
            )
    Z = (values - values.mean(axis=0)) / spread
    for p in range(1, len(names)):
        left = Z[:, p] - Z[:, :p] @ np.linalg.lstsq(Z[:, :p], Z[:, p], rcond=None)[0]
        if np.sqrt(np.mean(left**2)) <= _FLAT:
            raise MethodError(
                _(
                    "The covariate {column} follows from the others ({others}).",
                    column=names[p],
                    others=", ".join(names[:p]),
                ),
                expected=_("covariates that are not collinear, fewer than units"),
                remedy=_("leave one of them out"),
                where=Where(column=names[p]),
            )


def balance(panel: _rows.Panel, synthetics: Synthetics, predictors: Predictors) -> pd.DataFrame:
    """Importance and values of each predictor, for each treated unit."""
    rows = []
    mean = predictors.values[~panel.treated].mean(axis=0)
    for u in panel.treated_units:
        i = panel.place(u)
        fit, v = synthetics.fit(i), synthetics.importance(i)
        made = fit.weights @ predictors.values[list(fit.donors)]
        rows += [
            {
                "unit": u,
                "predictor": name,
                "importance": float(v[p]),
                "treated": float(predictors.values[i, p]),
                "synthetic": float(made[p]),
                "comparison": float(mean[p]),
            }
            for p, name in enumerate(predictors.names)
        ]
    return pd.DataFrame(rows)


def matched(panel: _rows.Panel, synthetics: Synthetics, predictors: Predictors) -> Check:
    """Are the weights the only ones that match the predictors as well?"""
    met = [u for u in panel.treated_units if synthetics.fit(panel.place(u)).objective <= _MET]
    frame = balance(panel, synthetics, predictors).set_index("predictor")
    off = (frame.treated - frame.synthetic).abs() / pd.Series(predictors.values.std(axis=0), list(predictors.names))
    evidence = {
        "donors": int((~panel.treated).sum()),
        "predictors": len(predictors.names),
        "worst": str(off.idxmax()),
        "off": spoken(float(off.max()), 2),
        "units": listed(met),
        "penalty": spoken(synthetics.penalty, 2),
    }
    if met:
        return Check(
            "perfect_fit",
            "fail",
            "The {predictors} predictors of {units} are met perfectly by {donors} donors without a penalty: their "
            "weights are not unique, and the effect depends on which are taken.",
            evidence,
        )
    if synthetics.penalty > 0:
        return Check(
            "perfect_fit",
            "info",
            "The penalty of {penalty} makes the weights unique. Of {predictors} predictors, {worst} is missed most: by "
            "{off} standard deviations.",
            evidence,
        )
    return Check(
        "perfect_fit",
        "pass",
        "Given the importance of the {predictors} predictors the weights are unique, since no mean of donors meets "
        "them all. {worst} is missed most: by {off} standard deviations.",
        evidence,
    )
