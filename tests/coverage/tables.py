"""What the pages and the chooser's table are made of: cells with the panels they rest on, and markdown."""

from __future__ import annotations

import csv
import io
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields


@dataclass(frozen=True)
class Cell:
    """One line of `sizes.csv`: the share of `panels` in which a 5 % test rejected although nothing happened.

    For staggered designs it is the share of 95 % intervals that missed the effect there was.
    """

    design: str
    units: int
    treated: int
    noise: float
    ar: float
    size: float
    panels: int


@dataclass
class Section:
    """A part of the page, its cells, and what is outside the band it should keep."""

    title: str
    text: str
    cells: list[Cell] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [p if p.startswith("|") else paragraph(p) for p in self.text.split("\n\n")]
        return f"## {self.title}\n\n" + "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def paragraph(text: str) -> str:
    """One paragraph in lines of a readable length."""
    return textwrap.fill(re.sub(r"\s+", " ", text).strip(), 120, break_long_words=False, break_on_hyphens=False)


def show(share: float) -> str:
    return f"{share:.3f}"


def tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def sizes_csv(cells: Iterable[Cell]) -> str:
    """The chooser's table, in one order whatever order the cells come in."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([f.name for f in fields(Cell)])
    for cell in sorted(cells, key=astuple):
        writer.writerow([*astuple(cell)[:5], f"{cell.size:.4f}", cell.panels])
    return out.getvalue()
