"""Known totals that weights are made to meet: post-strata, margins, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from kesos_research.errors import MethodError, Where
from kesos_research.language import _

Kind = Literal["poststratify", "rake", "calibrate"]
Distance = Literal["linear", "ratio", "raking", "logit"]
Totals = Mapping[object, float]


@dataclass(frozen=True)
class Margin:
    """The population counted by the values of a column, or the total of a column of numbers."""

    columns: tuple[str, ...]
    counts: Totals | None = None
    total: float | None = None


@dataclass(frozen=True)
class Adjustment:
    """One step from weights to weights that meet known totals; the variance uses residuals from what is known.

    Attributes
    ----------
    kind
        ``"poststratify"`` (one margin), ``"rake"`` (margins in turn), ``"calibrate"``.
    margins
        What is known.
    size
        Number of units in the population, where it is known beside the margins.
    distance, bounds
        Of calibration: how far new weights are from old ones, and between which ratios they stay.
    """

    kind: Kind
    margins: tuple[Margin, ...]
    size: float | None = None
    distance: Distance = "linear"
    bounds: tuple[float, float] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the adjustment names."""
        return tuple(dict.fromkeys(c for m in self.margins for c in m.columns))


def poststratify(by: str | tuple[str, ...], totals: Totals) -> Adjustment:
    """Population counts of the post-strata."""
    return Adjustment("poststratify", (_counted((by,) if isinstance(by, str) else tuple(by), totals),))


def rake(margins: Mapping[str, Totals]) -> Adjustment:
    """Population counts of several columns, met in turn until all are met."""
    if len(margins) < 2:
        raise _wrong("margins", list(margins), _("two columns or more; with one, post-stratify"))
    return Adjustment("rake", tuple(_counted((c,), t) for c, t in margins.items()))


def calibrate(
    totals: Mapping[str, float | Totals],
    *,
    size: float | None,
    distance: Distance,
    bounds: tuple[float, float] | None,
) -> Adjustment:
    """Totals of columns of numbers, counts of columns of categories."""
    margins = tuple(
        _counted((c,), t) if isinstance(t, Mapping) else Margin((c,), total=_finite(c, t)) for c, t in totals.items()
    )
    if not margins:
        raise _wrong("totals", dict(totals), _("at least one column"))
    if distance not in ("linear", "ratio", "raking", "logit"):
        raise _wrong("distance", distance, "linear, ratio, raking, logit")
    if distance == "ratio" and (len(margins) != 1 or margins[0].total is None or size is not None):
        raise _wrong("totals", dict(totals), _("for ratio one column of numbers and no size"))
    if (bounds is None) == (distance == "logit") and not (distance == "linear" and bounds is not None):
        raise _wrong("bounds", bounds, _("the lowest and highest ratio for logit, if wished for linear, else none"))
    if bounds is not None and not 0 <= bounds[0] < 1 < bounds[1]:
        raise _wrong("bounds", bounds, _("a ratio below 1 and one above it"))
    return Adjustment("calibrate", margins, None if size is None else _finite("size", size), distance, bounds)


def _counted(columns: tuple[str, ...], totals: Totals) -> Margin:
    if not totals:
        raise _wrong(", ".join(columns), {}, _("a number for each category"))
    for value in totals.values():
        if not _finite(", ".join(columns), value) > 0:
            raise _wrong(", ".join(columns), value, _("a number larger than 0"))
    return Margin(columns, counts=MappingProxyType({k: float(v) for k, v in totals.items()}))


def _finite(name: str, value: object) -> float:
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not np.isfinite(float(value)):
        raise _wrong(name, value, _("a finite number"))
    return float(value)


def _wrong(key: str, found: object, expected: str) -> MethodError:
    return MethodError(_("{name} is {value}.", name=key, value=repr(found)), expected=expected, where=Where(key=key))
