"""Whether what pilots showed may be carried to other units, and where nothing was seen that could be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed
from kesos_research.methods._covariates import numbered, several
from kesos_research.methods.synthesis import _effects, _units
from kesos_research.methods.synthesis._effects import Array

INTERCEPT = "(intercept)"


def transferability(
    data: pd.DataFrame,
    *,
    unit: str,
    covariates: str | Sequence[str],
    estimate: str = "estimate",
    std_error: str = "std_error",
    moderators: str | Sequence[str] = (),
    level: float = 0.95,
) -> Estimates:
    """How like the pilots are the units to which their effect would be carried, and what would be predicted there?

    Estimand: for each target unit the effect that a further unit drawn as the pilots were would have, at its values of
    the moderators: a prediction with its interval, no promise.

    Parameters
    ----------
    data
        One row a unit: pilots with estimate and error, targets with both missing.
    unit
        Column of names, each once.
    covariates
        Columns of the context, numbers: targets are held against the range of the pilots in each.
    estimate, std_error
        Columns of the pilots' effects and errors.
    moderators
        Those of the covariates with which the effect is taken to move; a regression on them replaces the mean.
    level
        Confidence level.

    Returns
    -------
    Estimates
        By unit, for each target ``predicted``: the mean (or regression) of REML with Hartung and Knapp's error,
        `std_error` and interval those of a further unit, as in `meta_analysis`. Evidence: ``context`` (distance
        from the pilots' mean in their standard deviations, inside or outside their range), ``targets``,
        ``coefficients``.

    Raises
    ------
    MethodError
        When values are missing, there is no target, too few pilots for the moderators, or a moderator is no covariate.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "place": list("abcde"), "estimate": [1.0, 1.4, 0.9, 1.2, None], "std_error": [0.2, 0.3, 0.2, 0.2, None],
    ...     "poor": [10.0, 12.0, 9.0, 14.0, 25.0]})
    >>> answer = transferability(rows, unit="place", covariates="poor")
    >>> answer.evidence["targets"].outside.tolist()
    ['poor']

    References
    ----------
    Nagashima, K., Noma, H., & Furukawa, T. A. (2019). Statistical Methods in Medical Research 28, 1689–1702. — Knapp,
    G., & Hartung, J. (2003). Statistics in Medicine 22, 2693–2710. — Vivalt, E. (2020). How much can we generalize from
    impact evaluations? Journal of the European Economic Association 18(6), 3045–3089.
    """
    level, columns, moving = _rows.fraction(level, "level"), several(covariates), several(moderators)
    pilots, targets = _read(data, (unit, estimate, std_error), columns, moving)
    y, v = pilots[estimate].to_numpy(dtype=float), pilots[std_error].to_numpy(dtype=float) ** 2
    X, x = _design(pilots, targets, moving)
    tau2 = _effects.restricted(y, v, X)
    fit = _effects.fit(y, v, X, tau2)
    low, high = _effects.further(y, v, X, x, level)
    error = np.sqrt(tau2 + np.einsum("mi,ij,mj->m", x, fit.M, x) * max(1.0, fit.s2))
    predicted = {"estimate": x @ fit.beta, "std_error": error, "conf_low": low, "conf_high": high}
    names = targets[unit].astype(str).tolist()
    context = _context(pilots, targets, unit, columns)
    shown = _targets(context, names, unit)
    return Estimates(
        pd.DataFrame({unit: names, "term": "predicted", **predicted, "df": len(y) - X.shape[1], "n": len(y)}),
        "transferability",
        "Effect that a further unit drawn as the pilots were would have, at the target's values of the moderators",
        level=level,
        by=(unit,),
        checks=(_extrapolation(shown, unit), _few(len(y), X.shape[1]), _no_promise()),
        evidence={
            "context": context,
            "targets": shown,
            "coefficients": pd.DataFrame(
                {
                    "term": [INTERCEPT, *moving],
                    "estimate": fit.beta,
                    "std_error": np.sqrt(np.diag(fit.M) * fit.s2),
                    "tau_squared": tau2,
                }
            ),
        },
    )


def _read(
    data: pd.DataFrame, told: tuple[str, str, str], columns: tuple[str, ...], moving: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pilots in the order of their estimates, and targets in that of their names."""
    unit, estimate, std_error = told
    roles = {"unit": unit, "estimate": estimate, "std_error": std_error} | numbered("covariates", columns)
    _rows.columns(data, roles, may_miss=("estimate", "std_error"))
    _units.once(data, unit)
    for column in columns:
        _rows.numeric(data, column)
    wrong = [m for m in moving if m not in columns]
    if not columns or wrong:
        raise MethodError(
            _("No covariate is named.") if not columns else _("{name} is no covariate.", name=wrong[0]),
            expected=_("columns of the context, and moderators among them"),
            where=Where(key="covariates" if not columns else "moderators"),
        )
    has = data[[estimate, std_error]].notna()
    half = has.any(axis=1) & ~has.all(axis=1)
    if half.any():
        raise MethodError(
            _("{n} units have an estimate without error, or an error without estimate.", n=int(half.sum())),
            expected=_("both for pilots, neither for targets"),
            where=Where(column=std_error),
        )
    pilots, targets = data[has.all(axis=1)], data[~has.all(axis=1)]
    least = len(moving) + 3
    if targets.empty or len(pilots) < least:
        raise MethodError(
            _("There is no target.") if targets.empty else _("There are {n} pilots.", n=len(pilots)),
            expected=_("at least {least} pilots, and one target or more with no estimate", least=least),
            remedy=_("with fewer pilots nothing can be said of other units"),
            where=Where(column=estimate),
        )
    _units.read(pilots, unit=unit, estimate=estimate, std_error=std_error, term=None)
    return (
        pilots.sort_values([estimate, std_error, *columns], kind="stable"),
        targets.sort_values(unit, key=lambda s: s.astype(str), kind="stable"),
    )


def _design(pilots: pd.DataFrame, targets: pd.DataFrame, moving: tuple[str, ...]) -> tuple[Array, Array]:
    """Moderators less the pilots' mean: of pilots (k, p), of targets (m, p)."""
    own = pilots[list(moving)].to_numpy(dtype=float)
    middle = own.mean(axis=0) if moving else np.zeros(0)
    X = np.column_stack([np.ones(len(pilots)), own - middle])
    scale = np.maximum(np.abs(X).max(axis=0), 1e-300)
    if np.linalg.matrix_rank(X / scale) < X.shape[1] or (moving and (np.ptp(own, axis=0) == 0).any()):
        raise MethodError(
            _("The moderators depend on each other, or do not vary between pilots."),
            expected=_("columns of which none is a combination of others"),
            where=Where(key="moderators"),
        )
    return X, np.column_stack([np.ones(len(targets)), targets[list(moving)].to_numpy(dtype=float) - middle])


def _context(pilots: pd.DataFrame, targets: pd.DataFrame, unit: str, columns: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for _i, target in targets.iterrows():
        for column in columns:
            seen, value = pilots[column].to_numpy(dtype=float), float(target[column])
            spread = float(seen.std(ddof=1))
            rows.append(
                {
                    unit: str(target[unit]),
                    "covariate": column,
                    "value": value,
                    "pilot_mean": float(seen.mean()),
                    "pilot_sd": spread,
                    "distance": (value - float(seen.mean())) / spread if spread > 0 else float("nan"),
                    "pilot_low": float(seen.min()),
                    "pilot_high": float(seen.max()),
                    "inside": bool(seen.min() <= value <= seen.max()),
                }
            )
    return pd.DataFrame(rows)


def _targets(context: pd.DataFrame, names: list[str], unit: str) -> pd.DataFrame:
    """For each target its largest distance, and in which columns it is outside."""
    rows = []
    for name in names:
        own = context[context[unit] == name]
        out = own.loc[~own["inside"], "covariate"].tolist()
        rows.append(
            {
                unit: name,
                "distance": float(own["distance"].abs().max()),
                "outside": ", ".join(out),
                "extrapolates": bool(out),
            }
        )
    return pd.DataFrame(rows)


def _extrapolation(targets: pd.DataFrame, unit: str) -> Check:
    out = targets[targets["extrapolates"]]
    if len(out):
        columns = sorted({c for told in out["outside"] for c in told.split(", ")})
        return Check(
            "extrapolation",
            "fail",
            "{n} of {all} targets ({names}) lie outside the range of the pilots, in {columns}: the prediction for them "
            "rests on nothing that was seen.",
            {"n": len(out), "all": len(targets), "names": listed(out[unit].tolist()), "columns": listed(columns)},
        )
    return Check(
        "extrapolation",
        "pass",
        "All {all} targets lie within the range of the pilots in each column looked at; they may differ in others.",
        {"all": len(targets)},
    )


def _few(k: int, p: int) -> Check:
    evidence = {"k": k, "p": p}
    if k < 10 * p:
        return Check(
            "few_units",
            "warn",
            "{k} pilots for {p} coefficients: how far effects differ between units, and with what, is hardly known.",
            evidence,
        )
    return Check("few_units", "pass", "{k} pilots for {p} coefficients.", evidence)


def _no_promise() -> Check:
    return Check(
        "not_a_promise",
        "info",
        "A prediction for a unit drawn as the pilots were. Pilots were chosen, not drawn, and another place may run "
        "the programme in another way.",
    )
