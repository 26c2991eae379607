"""True sizes of 5 % tests, as `make coverage` counted them in panels in which nothing happened."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import log

from kesos_research.language import Words
from kesos_research.methods._checks import percent


@dataclass(frozen=True)
class Size:
    """One cell of the table: the share of `panels` in which the test rejected, at the AR where that was highest.

    `noise`: standard deviation of the treated over that of the others.
    """

    design: str
    units: int
    treated: int
    noise: float
    ar: float
    share: float
    panels: int

    @property
    def percent(self) -> Words:
        """The share as it is quoted."""
        return percent(self.share, 1 if self.share < 0.1 else 0)


def true_size(design: str, *, units: int, treated: int, noise: float = 1.0) -> Size | None:
    """The nearest cell in logarithms, treated units before units; None where the design has none.

    Sizes depend on how many are treated far more than on how many units there are. Of the cell's AR the worst is taken:
    that of the data is not known.
    """
    known = [c for c in _table() if c.design == design and c.noise == noise]
    if not known:
        return None
    apart = {c: (2 * abs(log(c.treated / treated)) + abs(log(c.units / units)), c.treated, -c.share) for c in known}
    return min(known, key=apart.__getitem__)


@cache
def _table() -> tuple[Size, ...]:
    lines = files("kesos_research.methods").joinpath("sizes.csv").read_text(encoding="utf-8").splitlines()
    return tuple(
        Size(
            design=row["design"],
            units=int(row["units"]),
            treated=int(row["treated"]),
            noise=float(row["noise"]),
            ar=float(row["ar"]),
            share=float(row["size"]),
            panels=int(row["panels"]),
        )
        for row in csv.DictReader(lines)
    )
