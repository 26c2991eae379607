"""What a programme costs, from the ingredients it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods._covariates import numbered, several, truth

Array = NDArray[np.float64]

SWING = 0.2
"""Part by which each price is lowered and raised, to see what the answer hangs on."""


def ingredients(
    data: pd.DataFrame,
    *,
    ingredient: str,
    quantity: str,
    price: str,
    served: str | float,
    share: str | None = None,
    years: str | None = None,
    fixed: str | None = None,
    by: str | Sequence[str] = (),
    discount: float = 0.03,
    level: float = 0.95,
) -> Estimates:
    """What does the programme cost in a year, and what for each unit that it serves?

    Estimand: Σ quantity × price × share over the ingredients, things that last taken at their yearly cost; in each
    group of `by`, and divided by the units served. Nothing is estimated from a sample: there is no standard error.

    Parameters
    ----------
    data
        One row an ingredient (in each group of `by`): people's time, goods, buildings, what volunteers and others gave.
    ingredient
        Column with its name, once in each group.
    quantity, price
        Columns of amounts in one year: how much is used, and what one costs, given or not.
    served
        Units served in that year: a number, or a column with one value in each group.
    share
        Column with the part of it used by the programme, from 0 to 1; without it all.
    years
        Column with the years for which it is used, missing or 1 where it is used up within the year. The price of what
        lasts n years is spread over them as an annuity at `discount`.
    fixed
        Column, true where the ingredient costs the same whatever the number served.
    by
        Columns whose values make the groups, such as the source of funds.
    discount
        Rate of interest a year, without inflation.
    level
        Kept with the answer.

    Returns
    -------
    Estimates
        For each group ``total``, ``per_unit``; with `fixed` also ``fixed``, ``variable``, ``fixed_per_unit``,
        ``variable_per_unit``, in the unit of `price`. `n` counts ingredients. Evidence: ``ingredients`` (cost and its
        share), ``sensitivity``: cost per unit with each price, `discount` and `served` a fifth lower and higher.

    Raises
    ------
    MethodError
        When values are missing, amounts are negative, a share is above 1, or nobody is served.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "item": ["loan", "officer", "motorbike"], "much": [40.0, 0.5, 1.0], "price": [5.0, 60.0, 20.0],
    ...     "years": [1, 1, 5], "stays": [False, True, True]})
    >>> answer = ingredients(rows, ingredient="item", quantity="much", price="price", years="years", fixed="stays",
    ...                      served=40)
    >>> round(float(answer.row(term="per_unit").estimate), 2)
    5.86

    References
    ----------
    Levin, H. M., McEwan, P. J., Belfield, C., Bowden, A. B., & Shand, R. (2018). Economic evaluation in education (3rd
    ed.). Sage, ch. 3–5. — Drummond, M. F., et al. (2015). Methods for the economic evaluation of health care programmes
    (4th ed.). Oxford University Press, ch. 7.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    discount = _rows.nonnegative(discount, "discount")
    roles = {"ingredient": ingredient, "quantity": quantity, "price": price} | numbered("by", groups)
    told = (("share", share), ("years", years), ("fixed", fixed))
    _rows.columns(data, roles | {role: c for role, c in told if c is not None}, may_miss=("years",))
    once = _yearly(data, quantity, price, share)
    last = np.ones(len(data)) if years is None else _years(data, years)
    stays = None if fixed is None else truth(data, fixed)
    table: list[dict[str, object]] = []
    shown: list[pd.DataFrame] = []
    moved: list[pd.DataFrame] = []
    for key, at in _groups(data, groups):
        named = dict(zip(groups, key, strict=True))
        items = data[ingredient].to_numpy()[at]
        _once(items, ingredient, key)
        units = _served(data.iloc[at], served)
        cost = once[at] * annuity(last[at], discount)
        terms = _terms(cost, None if stays is None else stays[at], units)
        table += [{**named, "term": t, "estimate": v, "n": len(at)} for t, v in terms.items()]
        order = np.argsort(-cost, kind="stable")
        frame = pd.DataFrame({"ingredient": items[order], "cost": cost[order]})
        frame["share_of_total"] = frame["cost"] / cost.sum() if cost.sum() > 0 else np.nan
        frame["fixed"] = pd.NA if stays is None else stays[at][order]
        shown.append(_labelled(frame, named))
        moved.append(_labelled(_sensitivity(frame, (once[at], last[at]), units, discount), named))
    sensitivity = pd.concat(moved, ignore_index=True)
    return Estimates(
        pd.DataFrame(table),
        "ingredients",
        "Cost of the programme in a year, all that it uses counted at its price",
        level=level,
        by=groups,
        checks=(_all_counted(), *_lasting(last, discount), *_one_carries(pd.concat(shown), groups)),
        evidence={"ingredients": pd.concat(shown, ignore_index=True), "sensitivity": sensitivity},
    )


def annuity(years: Array, rate: float) -> Array:
    """The part of a price that one of so many years bears: r/(1 − (1 + r)^−n), 1/n without interest."""
    if rate == 0:
        return 1 / years
    return np.where(years <= 1, 1.0, rate / -np.expm1(-years * np.log1p(rate)))


def _yearly(data: pd.DataFrame, quantity: str, price: str, share: str | None) -> Array:
    """Quantity × price × share: (n,)."""
    for column in (quantity, price, *((share,) if share is not None else ())):
        _rows.numeric(data, column)
        values = data[column].to_numpy(dtype=float)
        if (values < 0).any():
            raise MethodError(
                _("The column {column} holds {n} negative values.", column=column, n=int((values < 0).sum())),
                expected=_("amounts of 0 or more"),
                where=Where(column=column),
            )
        if column == share and (values > 1).any():
            raise MethodError(
                _("The column {column} holds {n} values above 1.", column=column, n=int((values > 1).sum())),
                expected=_("shares from 0 to 1"),
                where=Where(column=column),
            )
    part = data[share].to_numpy(dtype=float) if share else 1.0
    return data[quantity].to_numpy(dtype=float) * data[price].to_numpy(dtype=float) * part


def _years(data: pd.DataFrame, years: str) -> Array:
    filled = data.assign(**{years: data[years].fillna(1)})
    _rows.numeric(filled, years)
    values = filled[years].to_numpy(dtype=float)
    if (values < 1).any():
        raise MethodError(
            _("The column {column} holds {n} values below 1.", column=years, n=int((values < 1).sum())),
            expected=_("years of use, 1 or missing where it is used up within the year"),
            where=Where(column=years),
        )
    return values


def _groups(data: pd.DataFrame, by: tuple[str, ...]) -> list[tuple[tuple[object, ...], NDArray[np.intp]]]:
    """Rows of each group, by their places."""
    if not by:
        return [((), np.arange(len(data)))]
    places = data.assign(_place=np.arange(len(data))).groupby(list(by), sort=True, observed=True)["_place"]
    return [(key, part.to_numpy()) for key, part in places]


def _once(items: NDArray[np.object_], ingredient: str, key: tuple[object, ...]) -> None:
    twice = pd.Series(items)[pd.Series(items).duplicated()]
    if len(twice):
        raise MethodError(
            _("The ingredient {name} is named twice.", name=" / ".join(map(str, (*key, twice.iloc[0])))),
            expected=_("each ingredient once in each group"),
            where=Where(column=ingredient),
        )


def _served(part: pd.DataFrame, served: str | float) -> float:
    if isinstance(served, str):
        _rows.columns(part, {"served": served})
        _rows.numeric(part, served)
        values = part[served].unique()
        if len(values) != 1:
            raise MethodError(
                _("The column {column} has {n} values in a group.", column=served, n=len(values)),
                expected=_("one number of units served in each group"),
                where=Where(column=served),
            )
        value = float(values[0])
    else:
        value = _rows.nonnegative(served, "served")
    if not value > 0:
        raise MethodError(
            _("{name} is {value}.", name="served", value=_rows.said(value)),
            expected=_("a number larger than 0"),
            where=Where(key="served"),
        )
    return value


def _terms(cost: Array, stays: NDArray[np.bool_] | None, units: float) -> dict[str, float]:
    total = float(cost.sum())
    terms = {"total": total, "per_unit": total / units}
    if stays is not None:
        fixed, variable = float(cost[stays].sum()), float(cost[~stays].sum())
        terms |= {"fixed": fixed, "variable": variable}
        terms |= {"fixed_per_unit": fixed / units, "variable_per_unit": variable / units}
    return terms


def _sensitivity(frame: pd.DataFrame, priced: tuple[Array, Array], units: float, discount: float) -> pd.DataFrame:
    """Cost per unit with one thing lower and higher, widest first."""
    once, last = priced
    total = float(frame["cost"].sum())
    rows = [
        {"ingredient": i, "low": (total - SWING * c) / units, "high": (total + SWING * c) / units}
        for i, c in zip(frame["ingredient"], frame["cost"], strict=True)
    ]
    ends = [float((once * annuity(last, discount * k)).sum()) / units for k in (1 - SWING, 1 + SWING)]
    rows.append({"ingredient": "(discount)", "low": ends[0], "high": ends[1]})
    rows.append({"ingredient": "(served)", "low": total / (units * (1 + SWING)), "high": total / (units * (1 - SWING))})
    made = pd.DataFrame(rows)
    return made.iloc[np.argsort(-(made["high"] - made["low"]).to_numpy(), kind="stable")].reset_index(drop=True)


def _labelled(frame: pd.DataFrame, named: dict[str, object]) -> pd.DataFrame:
    labels = pd.DataFrame([named] * len(frame), index=frame.index, columns=list(named))
    return pd.concat([labels, frame], axis=1)


def _all_counted() -> Check:
    return Check(
        "all_counted",
        "info",
        "The cost is that of the ingredients listed: what is missing from the list (time of volunteers, rooms that "
        "others pay for) is counted as free.",
    )


def _lasting(last: Array, discount: float) -> tuple[Check, ...]:
    n = int((last > 1).sum())
    if not n:
        return ()
    return (
        Check(
            "lasting",
            "info",
            "{n} ingredients last longer than a year; their price is spread over the years of use at {rate} %.",
            {"n": n, "rate": percent(discount, 1)},
        ),
    )


def _one_carries(frame: pd.DataFrame, groups: tuple[str, ...]) -> tuple[Check, ...]:
    top = frame.sort_values(["share_of_total", "ingredient"], ascending=[False, True], kind="stable").iloc[0]
    if not top["share_of_total"] > 0.5:
        return ()
    name = " / ".join(map(str, (*(top[g] for g in groups), top["ingredient"])))
    return (
        Check(
            "one_ingredient",
            "info",
            "{name} is {share} % of the cost: the answer is as good as its price.",
            {"name": name, "share": percent(float(top["share_of_total"]))},
        ),
    )
