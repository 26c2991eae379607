"""How precise a survey estimate is, by BPS's rule of relative standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.disclosure.record import Mark
from kesos_research.errors import DisclosureError
from kesos_research.language import _

MARKED = frozenset(
    {
        "mean",
        "total",
        "proportion",
        "ratio",
        "quantile",
        "fgt",
        "relative_poverty",
        "watts",
        "sen",
        "gini",
        "generalized_entropy",
        "atkinson",
        "quintile_share_ratio",
        "palma",
        "lorenz",
        "alkire_foster",
        "targeting",
        "fay_herriot",
        "small_area",
        "unit_level",
        "battese_harter_fuller",
        "benchmark",
    }
)
"""Methods whose estimates are levels of a population. Differences, coefficients and tests are not marked: what is near
zero would always be called imprecise, and its interval says what is to be said."""


@dataclass(frozen=True)
class Precision:
    r"""Bounds of the relative standard error :math:`RSE = SE / |\hat\theta|`.

    Up to `good` nothing is marked; up to `fair` the estimate is marked ``b``, to be used with care; above it ``c``,
    not reliable. The estimate as it is printed is judged: a share of 97 % is not judged by the 3 % that lack. That is
    BPS's own practice, and the stricter one for small shares.

    References
    ----------
    BPS, Susenas and Sakernas publications, technical notes: 25 per cent and 50 per cent.
    """

    good: float = 0.25
    fair: float = 0.50

    def __post_init__(self) -> None:
        if not 0 < self.good < self.fair:
            raise DisclosureError(
                _("The bounds of precision are {good} and {fair}.", good=self.good, fair=self.fair),
                expected=_("two shares, the second larger"),
            )

    def mark(self, estimate: float, std_error: float) -> Mark:
        """
        >>> Precision().mark(0.10, 0.02), Precision().mark(0.10, 0.03), Precision().mark(0.10, 0.06)
        ('', 'b', 'c')
        """
        if not (np.isfinite(estimate) and np.isfinite(std_error)) or std_error == 0:
            return ""
        rse = np.inf if estimate == 0 else std_error / abs(estimate)
        return "" if rse <= self.good else "b" if rse <= self.fair else "c"


BPS = Precision()


def marks(table: pd.DataFrame, method: str | None, rule: Precision) -> list[Mark]:
    """The mark of each row of estimates; none where the method gives no level of a population."""
    if method not in MARKED or not {"estimate", "std_error"} <= set(table.columns):
        return [""] * len(table)
    values = zip(table["estimate"].astype(float), table["std_error"].astype(float), strict=True)
    return [rule.mark(estimate, error) for estimate, error in values]
