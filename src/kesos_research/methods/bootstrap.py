"""Errors of small areas by simulation from the model instead of by expansion."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _area_bootstrap, _area_model, _rows, _scale, _unit_bootstrap, _unit_model
from kesos_research.methods._checks import spoken

_LEAST = 200
"""Fewer draws tell a standard error worse than to 5 %."""


def bootstrap_mse(data: Estimates, *, seed: int, draws: int = 1000) -> Estimates:
    """How large are the errors of small-area estimates in worlds made by their own model?

    Estimand: the mean squared error of each area's estimate. In each draw areas get true values by the fitted model, a
    sample is drawn about them, and the whole estimation is done again, back-transformation included.

    Parameters
    ----------
    data
        The answer of `fay_herriot` or `battese_harter_fuller`, before `benchmark`.
    seed
        Of the draws. Areas are put in the order of their data first.
    draws
        At least 200; 1,000 tell a standard error to about 2 %.

    Returns
    -------
    Estimates
        `data` with `std_error` from the draws and intervals of t with the same `df`, made on the model's scale.
        Evidence ``bootstrap``: for each area both mean squared errors and the mean error.

    Raises
    ------
    MethodError
        When `data` is not such an answer or is benchmarked already.

    Examples
    --------
    >>> from kesos_research.methods import fay_herriot
    >>> rows = pd.DataFrame({
    ...     "place": list("abcdef"), "poor": [8.0, 14.0, 7.0, 12.0, 22.0, 9.0], "v": [4.0, 1.0, 4.0, 1.0, 4.0, 2.0]})
    >>> answer = fay_herriot(rows, of="poor", variance="v", area="place")
    >>> bootstrap_mse(answer, seed=1).table.estimate.equals(answer.table.estimate)
    True

    References
    ----------
    Butar, F. B., & Lahiri, P. (2003). On measures of uncertainty of empirical Bayes small-area estimators. Journal of
    Statistical Planning and Inference 112, 63–76. — González-Manteiga, W., et al. (2008). Bootstrap mean squared error
    of a small-area EBLUP. Journal of Statistical Computation and Simulation 78(5), 443–462.
    """
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=_LEAST)
    require(data, ("fay_herriot", "battese_harter_fuller"))
    areas, name = data.evidence["areas"], data.by[0]
    if data.method == "fay_herriot":
        model = _area_model.rebuild(data)
        mse, error = _area_bootstrap.bootstrap(model, model.fit(), draws=draws, seed=seed)
        low, high = _on_scale(data, model, mse)
        zero = float(data.evidence["model"]["sigma2"].iloc[0]) == 0
    else:
        unit = _unit_model.rebuild(data)
        mse, error = _unit_bootstrap.bootstrap(unit, unit.fit(), draws=draws, seed=seed)
        reach = _quantile(data) * np.sqrt(mse)
        low, high = areas["estimate"] - reach, areas["estimate"] + reach
        zero = float(data.evidence["model"]["sigma2_between"].iloc[0]) == 0
    found = pd.DataFrame(
        {name: areas[name], "mse": mse, "mse_expansion": areas["std_error"].to_numpy(float) ** 2, "error": error}
    )
    new = pd.DataFrame({"std_error": np.sqrt(mse), "conf_low": low, "conf_high": high})
    new.index = pd.Index(areas[name])
    table = data.table.copy()
    table[new.columns] = new.loc[table[name]].to_numpy()
    return Estimates(
        table,
        data.method,
        data.estimand,
        level=data.level,
        by=data.by,
        checks=(*data.checks, _agreement(found, draws, zero=zero)),
        evidence={**data.evidence, "bootstrap": found},
    )


def require(data: Estimates, methods: tuple[str, ...]) -> None:
    """An answer of one of these methods, as it was given."""
    method = getattr(data, "method", type(data).__name__)
    if method not in methods:
        raise MethodError(
            _("The estimates are of {method}.", method=method), expected=_("one of {names}", names=", ".join(methods))
        )
    if "benchmark" in data.evidence:
        raise MethodError(
            _("These estimates are benchmarked already."), remedy=_("benchmark as the last step, and once")
        )


def _quantile(data: Estimates) -> float:
    from scipy import stats

    return float(stats.t.ppf((1 + data.level) / 2, float(data.table["df"].iloc[0])))


def _on_scale(data: Estimates, model: _area_model.AreaModel, mse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intervals as wide on the model's scale as the error of the draws is larger than that of the expansion."""
    areas = data.evidence["areas"]
    ratio = np.sqrt(mse / areas["std_error"].to_numpy(float) ** 2)
    reach = _quantile(data) * np.sqrt(areas["mse"].to_numpy(float)) * ratio
    z = areas["z_eblup"].to_numpy(float)
    return _scale.curve(z - reach, model.transform), _scale.curve(z + reach, model.transform)


def _agreement(found: pd.DataFrame, draws: int, *, zero: bool) -> Check:
    ratio = (found["mse"] / found["mse_expansion"]) ** 0.5
    evidence = {
        "draws": draws,
        "ratio": spoken(float(ratio.median()), 2),
        "low": spoken(float(ratio.min()), 2),
        "high": spoken(float(ratio.max()), 2),
    }
    if zero:
        return Check(
            "bootstrap",
            "warn",
            "Standard errors are from {draws} draws in which areas do not differ, since their variance is estimated as "
            "0: they are {ratio} times those of the expansion, and too small if areas do differ.",
            evidence,
        )
    return Check(
        "bootstrap",
        "info",
        "Standard errors are from {draws} draws; they are {ratio} times those of the expansion in the median area "
        "({low} to {high}).",
        evidence,
    )
