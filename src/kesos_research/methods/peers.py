"""Peers: which units stood and moved like this one?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import spoken


def nearest_units(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    near: object,
    since: float,
    count: int = 10,
) -> Estimates:
    """Which units stood at the same level and moved at the same pace before a date?

    Estimand: the Euclidean distance between units in two coordinates, the mean of the outcome before `since` and its
    least-squares slope per period, each divided by its standard deviation over all units.

    Parameters
    ----------
    data
        Tidy rows, one for each unit and period, balanced before `since`; later periods are not looked at.
    outcome, unit, period
        Columns of the outcome, the unit and the period (a number).
    near
        The unit whose peers are asked for.
    since
        Only periods before it count.
    count
        How many peers.

    Returns
    -------
    Estimates
        One row for each peer, the nearest first: `term` is the unit and `estimate` its distance; `n` counts all units
        compared. Evidence: ``places``, level, slope and distance of every unit.

    Raises
    ------
    MethodError
        When values are missing, the panel is unbalanced, fewer than two periods lie before `since`, or units do not
        differ.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "place": [c for c in "abcd" for _ in range(2)], "year": [1, 2] * 4,
    ...     "poor": [10.0, 9.0, 10.5, 9.5, 20.0, 19.0, 10.0, 14.0],
    ... })
    >>> nearest_units(rows, outcome="poor", unit="place", period="year", near="a", since=3, count=1).table.term[0]
    'b'

    References
    ----------
    Cochran, W. G., & Rubin, D. B. (1973). Controlling bias in observational studies: a review. Sankhyā A 35(4),
    417–446.
    """
    count = _rows.whole(count, "count", least=1)
    since = _rows.start(since)
    roles = {"unit": unit, "period": period}
    _rows.columns(data, roles)
    _rows.distinct(roles)
    _rows.numeric(data, period)
    earlier = data[data[period] < since]
    if earlier[period].nunique() < 2:
        raise MethodError(
            _("{n} periods lie before {since}.", n=int(earlier[period].nunique()), since=_rows.plain(since)),
            expected=_("at least two, for a slope"),
            where=Where(column=period),
        )
    _rows.columns(earlier, {"outcome": outcome})
    _rows.distinct(roles | {"outcome": outcome})
    _rows.numeric(earlier, outcome)
    wide = _rows.balanced(earlier, outcome=outcome, unit=unit, period=period)
    if not pd.api.types.is_hashable(near) or near not in wide.index:
        raise MethodError(
            _("The unit {unit} is not in the rows.", unit=near if isinstance(near, str) else _rows.said(near)),
            expected=_("one of {n} units", n=len(wide)),
            where=Where(column=unit),
        )
    places = _places(wide, near)
    peers = places[places.unit != near].head(count)
    return Estimates(
        pd.DataFrame({"term": peers.unit, "estimate": peers.distance, "n": len(places)}),
        "nearest_units",
        "Distance in standard deviations of level and pace before the date",
        checks=(_closeness(peers, places, near),),
        evidence={"places": places},
    )


def _places(wide: pd.DataFrame, near: object) -> pd.DataFrame:
    Y = wide.to_numpy(dtype=float)
    level = Y.mean(axis=1)
    slope = np.polyfit(np.asarray(wide.columns, float), Y.T, 1)[0]
    frame = pd.DataFrame({"unit": wide.index, "level": level, "slope": slope})
    for name in ("level", "slope"):
        x = frame[name].to_numpy()
        spread = x.std(ddof=1) if len(x) > 1 else 0.0
        if spread <= 1e-12 * max(1.0, float(np.abs(Y).max())):
            raise MethodError(_("Units do not differ in {name}.", name=name), expected=_("units that differ"))
        frame[f"z_{name}"] = (x - x.mean()) / spread
    own = frame[frame.unit == near].iloc[0]
    frame["distance"] = np.hypot(frame.z_level - own.z_level, frame.z_slope - own.z_slope)
    return frame.sort_values(["distance", "level", "slope", "unit"], ignore_index=True)


def _closeness(peers: pd.DataFrame, places: pd.DataFrame, near: object) -> Check:
    farthest = float(peers.distance.max())
    typical = float(places.loc[places.unit != near, "distance"].median())
    evidence = {"n": len(peers), "farthest": spoken(farthest, 2), "typical": spoken(typical, 2)}
    if farthest > 1.0:
        return Check(
            "closeness",
            "warn",
            "The farthest of the {n} peers is {farthest} standard deviations away (half of all units are within "
            "{typical}): few are alike.",
            evidence,
        )
    return Check(
        "closeness",
        "pass",
        "The farthest of the {n} peers is {farthest} standard deviations away; half of all units are within {typical}.",
        evidence,
    )
