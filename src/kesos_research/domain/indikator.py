"""Indicators of a kabupaten or kota: name, unit, decimals, and which direction is better."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from kesos_research.domain import _package
from kesos_research.errors import DataError
from kesos_research.language import Words, _

Better = Literal["lower", "higher", "neither"]


@dataclass(frozen=True)
class Indicator:
    """One published figure of a region.

    Attributes
    ----------
    unit
        Unit of the value.
    unit_of_difference
        Unit of a difference between two values: percentage points, not percent.
    decimals
        Decimals the publisher prints.
    better
        The direction that is better for people; ``"neither"`` for a threshold such as the poverty line.
    """

    code: str
    name: Words
    short: Words
    unit: Words
    unit_of_difference: Words
    decimals: int
    better: Better
    definition: Words
    publisher: Words


@cache
def _register() -> dict[str, Indicator]:
    return {
        entry["kode"]: Indicator(
            code=entry["kode"],
            name=_package.said(entry["nama"]),
            short=_package.said(entry["singkat"]),
            unit=_package.said(entry["satuan"]),
            unit_of_difference=_package.said(entry["satuan_selisih"]),
            decimals=int(entry["desimal"]),
            better=next(b for b in get_args(Better) if b == entry["baik"]),
            definition=_package.said(entry["definisi"]),
            publisher=_package.said(entry["penerbit"]),
        )
        for entry in _package.document("indikator.yaml")
    }


def indicators() -> tuple[Indicator, ...]:
    """Every indicator known to the package."""
    return tuple(_register().values())


def indicator(code: str) -> Indicator:
    """What is this indicator?

    Raises
    ------
    DataError
        When no indicator has this code; the error names the nearest.

    Examples
    --------
    >>> indicator("p0").unit["en"], indicator("rls").better
    ('percent', 'higher')
    """
    found = _register().get(code)
    if found:
        return found
    near = difflib.get_close_matches(str(code).lower(), _register(), n=2, cutoff=0.5)
    raise DataError(
        _("There is no indicator {code}.", code=repr(code)),
        expected=_("one of {names}", names=", ".join(_register())),
        remedy=_("did you mean {names}?", names=", ".join(near)) if near else None,
    )
