"""What a programme would cost and bring elsewhere, and how far that is from what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import listed
from kesos_research.methods._covariates import numbered, several, truth
from kesos_research.methods._settings import choice
from kesos_research.methods.costs import _fieller
from kesos_research.methods.costs._fieller import Array, Pair

Sharing = Literal["repeated", "shared"]
Mask = NDArray[np.bool_]
ALL = "(all)"


def scale_out(
    data: pd.DataFrame,
    *,
    unit: str,
    treated: str,
    served: str,
    effect: str,
    effect_error: str,
    fixed: float,
    variable: float,
    covariates: str | Sequence[str] = (),
    sharing: Sharing = "repeated",
    price: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """What would the programme cost elsewhere, and what would it bring if its effect were the predicted one?

    Estimand: for each target, cost = (fixed + variable × served) × price, outcomes = effect × served; and both over all
    targets. It is arithmetic on predictions, not an estimate of what will happen.

    Parameters
    ----------
    data
        One row a unit (a district): where the programme was, and the targets.
    unit
        Column of names, each once.
    treated
        Boolean column: true where the programme was; false for targets.
    served
        Column of units (households) that are served.
    effect, effect_error
        Columns of the effect for each unit served and its error, for the targets: a pooled effect with the error of its
        prediction (`meta_analysis`), or a prediction of their own (`transferability`).
    fixed, variable
        Cost for each target whatever the number served, and for each unit served (`ingredients`).
    covariates
        Columns of the context; targets outside the range of the places where the programme was are named.
    sharing
        ``"repeated"``: every target bears `fixed`. ``"shared"``: it is borne once, by the number served.
    price
        Column of the price level of a target, 1 where the costs are from.
    level
        Confidence level.

    Returns
    -------
    Estimates
        By unit, and for ``"(all)"`` targets: ``cost``, ``outcomes``, ``cost_per_outcome`` (absent where the interval of
        outcomes holds zero; its interval then too). Errors of different targets are taken to go together, as those of a
        common effect do. Evidence ``units``.

    Raises
    ------
    MethodError
        When values are missing, a unit has two rows, or there is no target or no place where the programme was.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "place": ["a", "b", "c"], "pilot": [True, True, False], "families": [100, 200, 150],
    ...     "effect": [0.1, 0.1, 0.1], "error": [0.02, 0.02, 0.03]})
    >>> answer = scale_out(rows, unit="place", treated="pilot", served="families", effect="effect",
    ...                    effect_error="error", fixed=50.0, variable=2.0)
    >>> float(answer.row(place="c", term="cost").estimate), float(answer.row(place="c", term="outcomes").estimate)
    (350.0, 15.0)

    References
    ----------
    Levin, H. M., et al. (2018). Economic evaluation in education (3rd ed.). Sage, ch. 9. — Johns, B., & Torres, T. T.
    (2005). Costs of scaling up health interventions: a systematic review. Health Policy and Planning 20, 1–13.
    """
    level = _rows.fraction(level, "level")
    fixed, variable = _rows.nonnegative(fixed, "fixed"), _rows.nonnegative(variable, "variable")
    choice(sharing, "sharing", get_args(Sharing))
    columns = tuple(dict.fromkeys(several(covariates)))
    pilot = _read(data, (unit, treated, served, price), columns)
    target = data[~pilot].sort_values(unit, key=lambda s: s.astype(str), kind="stable")
    _complete(target, (effect, effect_error))
    m = target[served].to_numpy(dtype=float)
    level_of = np.ones(len(m)) if price is None else target[price].to_numpy(dtype=float)
    each = np.full(len(m), fixed) if sharing == "repeated" else fixed * m / m.sum()
    C, E = (each + variable * m) * level_of, target[effect].to_numpy(dtype=float) * m
    error = target[effect_error].to_numpy(dtype=float) * m
    names = [*target[unit].astype(str), ALL]
    C, E, error, m = (np.append(v, v.sum()) for v in (C, E, error, m))
    outside = _outside(data, pilot, target, (served, *columns))
    rows = [
        {unit: name, **row}
        for name, c, e, s in zip(names, C, E, error, strict=True)
        for row in _rows_of(float(c), float(e), float(s), level)
    ]
    shown = pd.DataFrame({unit: names, "served": m, "cost": C, "outcomes": E, "std_error": error})
    shown["outside"] = [*(", ".join(o) for o in outside), ""]
    return Estimates(
        pd.DataFrame(rows),
        "scale_out",
        "Cost and outcomes elsewhere, if each unit served costs and gains what was predicted",
        level=level,
        by=(unit,),
        checks=(_extrapolation(names, outside), _fixed(sharing), _same_effect(target[effect].to_numpy(float))),
        evidence={"units": shown},
    )


def _read(data: pd.DataFrame, told: tuple[str, str, str, str | None], columns: tuple[str, ...]) -> Mask:
    """Where the programme was: (n,)."""
    unit, treated, served, price = told
    roles = {"unit": unit, "treated": treated, "served": served} | numbered("covariates", columns)
    _rows.columns(data, roles | ({} if price is None else {"price": price}))
    for column in (served, *columns, *((price,) if price else ())):
        _rows.numeric(data, column)
    for column in (served, *((price,) if price else ())):
        if not (data[column] > 0).all():
            raise MethodError(
                _(
                    "The column {column} holds {n} values of nought or less.",
                    column=column,
                    n=int((data[column] <= 0).sum()),
                ),
                expected=_("amounts larger than 0"),
                where=Where(column=column),
            )
    if data[unit].duplicated().any():
        raise MethodError(
            _("The unit {name} has several rows.", name=data.loc[data[unit].duplicated(), unit].iloc[0]),
            expected=_("one row for each unit"),
            where=Where(column=unit),
        )
    pilot = truth(data, treated)
    if pilot.all() or not pilot.any():
        raise MethodError(
            _("There is no target.") if pilot.all() else _("There is no place where the programme was."),
            expected=_("both, told apart by {column}", column=treated),
            where=Where(column=treated),
        )
    return pilot


def _complete(target: pd.DataFrame, columns: tuple[str, str]) -> None:
    _rows.columns(target, dict(zip(("effect", "effect_error"), columns, strict=True)))
    for column in columns:
        _rows.numeric(target, column)
    if not (target[columns[1]] > 0).all():
        raise MethodError(
            _(
                "The column {column} holds {n} values of nought or less.",
                column=columns[1],
                n=int((target[columns[1]] <= 0).sum()),
            ),
            expected=_("standard errors above 0"),
            where=Where(column=columns[1]),
        )


def _rows_of(C: float, E: float, error: float, level: float) -> list[dict[str, object]]:
    half = float(ndtri((1 + level) / 2)) * error
    rows: list[dict[str, object]] = [
        {"term": "cost", "estimate": C},
        {"term": "outcomes", "estimate": E, "std_error": error, "conf_low": E - half, "conf_high": E + half},
    ]
    found = _fieller.fieller(Pair(C, E, 0.0, error**2, 0.0), float(ndtri((1 + level) / 2)))
    known = E > 0 and found.kind == "bounded"
    ratio = {"estimate": C / E, "conf_low": found.low, "conf_high": found.high} if known else {"estimate": float("nan")}
    return [*rows, {"term": "cost_per_outcome", **ratio}]


def _outside(data: pd.DataFrame, pilot: Mask, target: pd.DataFrame, columns: tuple[str, ...]) -> list[list[str]]:
    """For each target the columns in which it lies outside the range seen."""
    seen = data[pilot][list(columns)]
    low, high = seen.min(), seen.max()
    return [[c for c in columns if not low[c] <= row[c] <= high[c]] for _i, row in target[list(columns)].iterrows()]


def _extrapolation(names: list[str], outside: list[list[str]]) -> Check:
    out = [n for n, o in zip(names[:-1], outside, strict=True) if o]
    columns = sorted({c for o in outside for c in o})
    if out:
        return Check(
            "extrapolation",
            "fail",
            "{n} of {all} targets ({names}) lie outside the range of the places where the programme was, in {columns}: "
            "nothing was seen there that cost and effect could be taken from.",
            {"n": len(out), "all": len(outside), "names": listed(out), "columns": listed(columns)},
        )
    return Check(
        "extrapolation",
        "pass",
        "Every target lies within the range of the places where the programme was, in each column looked at.",
    )


def _fixed(sharing: str) -> Check:
    if sharing == "repeated":
        return Check("fixed_costs", "info", "Every target is taken to bear the fixed costs anew.")
    return Check("fixed_costs", "info", "The fixed costs are taken to be borne once and shared by the number served.")


def _same_effect(effects: Array) -> Check:
    if np.ptp(effects) == 0:
        return Check(
            "same_effect",
            "warn",
            "Every target is given the same effect, though effects differ between places; the error should be that of "
            "a prediction, not of the mean.",
        )
    return Check("same_effect", "info", "Each target has its own predicted effect; none has been seen.")
