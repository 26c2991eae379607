"""The designs the chooser knows, and what is said of each: by the public method that carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kesos_research.language import Words, both
from kesos_research.methods._sizes import Size, true_size

Verdict = Literal["used", "refused", "open"]

MANY = 10
"""From this many units in each group on, a standard error from their spread is believed."""
HOLDS = 0.06
"""The largest true size of a 5 % test that is let pass."""
NEVER = 0.01
"""A 5 % test that rejects less often than this when nothing happened finds nothing either."""


@dataclass(frozen=True)
class Situation:
    """k treated and m comparison units; periods before and after; how many dates of start; alpha of the test.

    `noisy`: are the treated noisier than the others? None where that cannot be seen or was not looked at.
    """

    k: int
    m: int
    before: int
    after: int
    dates: int
    alpha: float
    noisy: bool | None = None

    @property
    def comparable(self) -> bool:
        """Can a difference in differences be written down at all?"""
        return min(self.k, self.m, self.before, self.after) > 0 and self.dates == 1

    @property
    def units(self) -> int:
        return self.k + self.m

    @property
    def few(self) -> int:
        """Units in the smaller group: a test is as good as that."""
        return min(self.k, self.m)

    def size(self, design: str, noise: float = 1.0) -> Size | None:
        """The true size of the design's 5 % test in the cell nearest to these counts."""
        return true_size(design, units=self.units, treated=self.few, noise=noise)


@dataclass(frozen=True)
class Design:
    """A design and its verdict.

    Attributes
    ----------
    name
        The public method that carries it out.
    variant
        Tells several designs of one method apart; else empty.
    size
        The true size quoted in the reason.
    """

    name: str
    label: Words
    verdict: Verdict
    reason: Words
    variant: str = ""
    size: Size | None = None


def quoted(size: Size) -> Words:
    """The number of the table, and the cell it stands in."""
    return both(
        "In panels of {units} units with {treated} in the smaller group, the nearest to these, a 5 % test rejects in "
        "{percent} % when nothing happened.",
        units=size.units,
        treated=size.treated,
        percent=size.percent,
    )


def joined(*texts: Words) -> Words:
    """Sentences one after another."""
    return {lang: " ".join(text[lang] for text in texts) for lang in texts[0]}


def judged(
    s: Situation, name: str, label: Words, *, cell: str, why: Words | None = None, variant: str = "", use: bool = False
) -> Design:
    """A design whose test stands or falls by its true size: refused where it rejects too often, or never."""
    size = s.size(cell)
    if size is None:  # a table without the design says nothing for it
        reason = both("Its true size is not known for these counts.")
        return Design(name, label, "refused", reason, variant)
    text = joined(*filter(None, (why, quoted(size))))
    if size.share > HOLDS:
        return Design(name, label, "refused", text, variant, size)
    if size.share < NEVER:
        text = joined(text, both("It hardly ever rejects, whatever happened: it finds nothing."))
        return Design(name, label, "refused", text, variant, size)
    return Design(name, label, "used" if use else "open", text, variant, size)


def in_order(plan: list[Design]) -> list[Design]:
    """The used ones first, then those that are open."""
    return sorted(plan, key=lambda d: ("used", "open", "refused").index(d.verdict))
