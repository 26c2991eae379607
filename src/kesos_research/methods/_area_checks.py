"""What an area-level model assumes, looked at in its own rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kesos_research.estimates import Check
from kesos_research.methods._area_model import AreaModel
from kesos_research.methods._checks import listed, percent, probability, spoken
from kesos_research.methods._fay_herriot import Fits

_WEAK = 0.25
"""A median weight of the direct estimates below this: intervals then cover 2 to 6 points less than they say."""
_UNLIKELY = 0.05
_NOTHING = 1e-9
"""A range of standardised residuals below this is rounding."""
_FAR = 1.0
"""Cook's distance above which one area carries the line."""


def area_checks(model: AreaModel, fits: Fits, rows: pd.DataFrame, area: str) -> tuple[Check, ...]:
    """All of them; `rows` is the evidence of the areas."""
    sampled = rows[rows["sampled"]]
    checks = [
        _between(fits, sampled),
        _covered(model, sampled),
        _explained(model, fits),
        _normal(sampled),
        _gain(sampled),
        _influential(sampled, area),
        _without_sample(model, fits, rows, area),
        Check(
            "known_variances",
            "info",
            "The sampling variances are taken as known. Where they are estimated from few units they should be "
            "smoothed over the areas first; their own error is not in the intervals.",
        ),
    ]
    return tuple(c for c in checks if c is not None)


def _between(fits: Fits, sampled: pd.DataFrame) -> Check:
    """Is there any difference between areas that the covariates leave?"""
    evidence = {
        "sigma": spoken(float(np.sqrt(fits.sigma2[0])), 4),
        "gamma": percent(float(sampled["gamma"].median())),
        "m": len(sampled),
    }
    if fits.sigma2[0] == 0:
        return Check(
            "variance_between_areas",
            "warn",
            "The variance between areas is estimated as 0: every estimate is its place on the line of the covariates "
            "and nothing of its own direct estimate. This often happens with few areas or large sampling errors, and "
            "does not show that areas with equal covariates are equal.",
            evidence,
        )
    return Check(
        "variance_between_areas",
        "pass",
        "Areas with equal covariates differ by a standard deviation of {sigma} on the model's scale; the median weight "
        "of the direct estimates is {gamma} %.",
        evidence,
    )


def _covered(model: AreaModel, sampled: pd.DataFrame) -> Check:
    weight = float(sampled["gamma"].median())
    evidence = {"df": model.df, "gamma": percent(weight), "m": len(sampled)}
    if weight < _WEAK:
        return Check(
            "interval",
            "warn",
            "Intervals are those of t with {df} degrees of freedom and the error by Prasad and Rao. The median weight "
            "of the direct estimates is only {gamma} %: in simulations of such areas intervals of 95 % covered 89 to "
            "97 %.",
            evidence,
        )
    return Check(
        "interval",
        "info",
        "Intervals are those of t with {df} degrees of freedom and the error by Prasad and Rao, which counts that the "
        "coefficients and the variance between areas are estimated.",
        evidence,
    )


def _explained(model: AreaModel, fits: Fits) -> Check | None:
    """How much less areas differ about the line than about their mean, sampling error taken out of both."""
    if model.X.shape[1] == 1:
        return None
    plain = replace(model, X=model.X[:, :1], covariates=model.covariates.iloc[:, :0])
    total = float(plain.fit().sigma2[0])
    share = 1 - float(fits.sigma2[0]) / total if total > 0 else 0.0
    evidence = {"share": percent(max(share, 0.0)), "k": model.X.shape[1] - 1}
    if share <= 0:
        return Check(
            "explained",
            "warn",
            "The {k} covariates explain none of the differences between areas: nothing is borrowed but the common "
            "mean.",
            evidence,
        )
    return Check(
        "explained",
        "info",
        "The {k} covariates explain {share} % of the variance between areas, sampling error left out.",
        evidence,
    )


def _normal(sampled: pd.DataFrame) -> Check:
    from scipy import stats

    r = sampled["residual"].to_numpy(float)
    if np.ptp(r) <= _NOTHING:
        return Check(
            "normal_residuals", "info", "The model fits every area exactly: there are no residuals to look at."
        )
    W, p = stats.shapiro(r)
    far = int((np.abs(r) > 3).sum())
    evidence = {"W": spoken(float(W), 3), "p": probability(float(p)), "far": far}
    if p <= _UNLIKELY:
        return Check(
            "normal_residuals",
            "warn",
            "The standardised residuals are not those of a normal distribution (Shapiro–Wilk W = {W}, p = {p}; {far} "
            "beyond 3): intervals are less sure, and another scale may fit.",
            evidence,
        )
    return Check(
        "normal_residuals",
        "pass",
        "The standardised residuals could be normal (Shapiro–Wilk W = {W}, p = {p}; {far} beyond 3).",
        evidence,
    )


def _gain(sampled: pd.DataFrame) -> Check:
    rse = sampled[["rse_direct", "rse_model"]].replace([np.inf, -np.inf], np.nan).dropna()
    if rse.empty:
        return Check("gain", "info", "Relative standard errors cannot be told: the estimates are 0.")
    better = float((rse["rse_model"] < rse["rse_direct"]).mean())
    evidence = {
        "direct": percent(float(rse["rse_direct"].median()), 1),
        "model": percent(float(rse["rse_model"].median()), 1),
        "better": percent(better),
    }
    return Check(
        "gain",
        "pass" if rse["rse_model"].median() < rse["rse_direct"].median() else "warn",
        "The median relative standard error is {direct} % of the direct estimates and {model} % of the model's; it is "
        "smaller in {better} % of areas.",
        evidence,
    )


def _influential(sampled: pd.DataFrame, area: str) -> Check:
    carrying = sampled[sampled["influence"] > _FAR].sort_values("influence", ascending=False)
    most = sampled.sort_values("influence").iloc[-1]
    evidence = {
        "n": len(carrying),
        "areas": listed(carrying[area].tolist()),
        "area": str(most[area]),
        "distance": spoken(float(most["influence"]), 2),
    }
    if len(carrying):
        return Check(
            "influence",
            "warn",
            "{n} areas carry the line by themselves (Cook's distance above 1): {areas}. Show the answer without them "
            "too.",
            evidence,
        )
    return Check(
        "influence",
        "pass",
        "No area carries the line by itself: the largest Cook's distance is {distance} ({area}).",
        evidence,
    )


def _without_sample(model: AreaModel, fits: Fits, rows: pd.DataFrame, area: str) -> Check | None:
    out = rows[~rows["sampled"]]
    if out.empty:
        return None
    inside = model.X[model.sampled]
    beyond = ((model.X[~model.sampled] < inside.min(axis=0)) | (model.X[~model.sampled] > inside.max(axis=0))).any(
        axis=1
    )
    evidence = {
        "n": len(out),
        "beyond": int(beyond.sum()),
        "areas": listed(out.loc[beyond, area].tolist()),
    }
    if beyond.any():
        return Check(
            "areas_without_sample",
            "warn",
            "{n} areas have no sample and are predicted from the line alone; the covariates of {beyond} of them lie "
            "outside those of the sampled areas: {areas}.",
            evidence,
        )
    if fits.sigma2[0] == 0:
        return Check(
            "areas_without_sample",
            "warn",
            "{n} areas have no sample and are predicted from the line alone. As the variance between areas is "
            "estimated as 0, their errors hold that of the line only and are too small.",
            evidence,
        )
    return Check(
        "areas_without_sample",
        "info",
        "{n} areas have no sample and are predicted from the line alone.",
        evidence,
    )
