"""Times to the event: by which factor do they differ?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken
from kesos_research.methods._covariates import independent, matrix, several
from kesos_research.methods.survival import _product_limit as limit
from kesos_research.methods.survival import _spells
from kesos_research.methods.survival import _weibull as law
from kesos_research.methods.survival._spells import Spells
from kesos_research.methods.survival.hazards import cluster_sums, ratios, wald

INTERCEPT = "(intercept)"
SCALE = "log_scale"
FAR = 0.1
"""How far Weibull's curve may be from the product-limit curve."""


def weibull(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """By which factor are the times to the event longer or shorter for those who differ in their covariates?

    Estimand: β in log T = x'β + σW, W the smallest extreme value: times are Weibull's, and a covariate stretches them.

    Parameters
    ----------
    data, time, event, covariates, cluster, level
        As for `cox`.

    Returns
    -------
    Estimates
        ``(intercept)`` and a row a term, in log time, and ``log_scale``, log σ (below nought the event comes ever more
        readily). Evidence: ``time_ratios``, exp β; ``fit``.

    Raises
    ------
    MethodError
        As `cox`.

    Examples
    --------
    >>> rows = pd.DataFrame({"months": [1.0, 2, 3, 4, 5, 6], "back": [True, True, False, True, True, True]})
    >>> answer = weibull(rows, time="months", event="back")
    >>> round(float(answer.row(term="(intercept)").estimate), 3)
    1.459

    References
    ----------
    Kalbfleisch, J. D., & Prentice, R. L. (2002). The statistical analysis of failure time data (2nd ed.). Wiley, ch. 3.
    """
    level, columns = _rows.fraction(level, "level"), several(covariates)
    spells = _spells.read(data, time=time, event=event, cluster=cluster, others=[("covariates", columns)])
    _spells.some_events(spells, event)
    made = matrix(spells.frame, columns)
    if columns:
        independent(made.X, columns)
    centre, scale = made.X.mean(axis=0), made.X.std(axis=0)
    X = np.column_stack([np.ones(len(spells.time)), (made.X - centre) / scale])
    unit = float(np.exp(np.log(spells.time).mean()))
    fit = law.fit(X, spells.time / unit, spells.event)
    if not fit.converged:
        raise MethodError(
            _("The regression has no finite solution."),
            expected=_("events at different times, at every value of the covariates"),
            where=Where(key=", ".join(columns) or time),
        )
    back = np.eye(len(fit.theta))
    back[0, 1:-1], back[range(1, len(scale) + 1), range(1, len(scale) + 1)] = -centre / scale, 1 / scale
    theta = back @ fit.theta
    theta[0] += np.log(unit)
    inverse = np.linalg.inv(fit.information)
    if spells.clustered:
        sums = cluster_sums(fit.scores, spells)
        inverse = inverse @ (sums.T @ sums) @ inverse
    error = np.sqrt(np.diag(back @ inverse @ back.T))
    table = wald((INTERCEPT, *made.terms, SCALE), theta, error, spells, level)
    table.loc[[0, len(table) - 1], "p_value"] = np.nan
    events = int(spells.event.sum())
    return Estimates(
        table,
        "weibull",
        "Log ratios of the times to the event, if times are Weibull's",
        level=level,
        checks=(_shape(spells, X, fit, unit), _spells.competing(), *_spells.few_clusters(spells)),
        evidence={
            "time_ratios": ratios(table.iloc[1:-1], "time_ratio"),
            "fit": pd.DataFrame(
                [
                    {
                        "log_likelihood": fit.loglik - events * np.log(unit),
                        "scale": float(np.exp(theta[-1])),
                        "events": events,
                        "n": len(spells.time),
                    }
                ]
            ),
        },
    )


def _shape(spells: Spells, X: np.ndarray, fit: law.Fit, unit: float) -> Check:
    """How far the mean of the fitted curves is from the product-limit curve, at its worst."""
    s = limit.steps(spells.time, spells.event)
    z = (np.log(s.t / unit)[:, None] - X @ fit.theta[:-1]) / np.exp(fit.theta[-1])
    gap = float(np.abs(np.exp(-np.exp(z)).mean(axis=1) - s.S)[s.d > 0].max())
    evidence = {"gap": spoken(100 * gap, 1)}
    if gap > FAR:
        return Check(
            "weibull_shape",
            "warn",
            "Weibull's curve is up to {gap} points from the share seen without the event: times have another law.",
            evidence,
        )
    return Check(
        "weibull_shape", "pass", "Weibull's curve is within {gap} points of the share seen without the event.", evidence
    )
