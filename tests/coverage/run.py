"""The long Monte-Carlo run: writes docs/methods/coverage.md and the table of true sizes that the chooser reads.

`python -m tests.coverage.run` runs all; `--share 0.1` a tenth of the panels that are dear (synthetic controls, samples
of a finite population), and all of the others, which are cheap. Seeds are fixed, so that a share is the same on
every machine.
Nothing in the page or the table is written by hand. It ends with 1 where a cell leaves the band it should keep, or a
negative control passes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.coverage import adoption, few_treated, powers, samples
from tests.coverage.few_treated import LIMIT, fewer
from tests.coverage.tables import Cell, Section, paragraph, show, sizes_csv, table
from tests.monte_carlo import AFTER, AR, BEFORE, TREATED, UNITS, highest

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "methods" / "coverage.md"
SIZES = TOP / "src" / "kesos_research" / "methods" / "sizes.csv"
CHEAP, DEAR, FINITE = 20_000, 2_000, 10_000
"""Panels (or samples) in each cell of the full run: where many are one product, of synthetic controls, of a finite
population."""


def sections(share: float, cheap: int = CHEAP) -> list[Section]:
    dear, finite = max(10, round(DEAR * share)), max(20, round(FINITE * share))
    return [
        few_treated.randomisation(cheap // 4),
        few_treated.rescaled(cheap // 4),
        few_treated.synthetic_control(dear),
        few_treated.own_comparisons(cheap // 4),
        few_treated.standard_errors(cheap),
        few_treated.placebo_of_others(dear),
        adoption.staggered(cheap // 4, finite),
        powers.power(cheap // 4),
        samples.survey(cheap, finite),
        samples.areas(cheap // 4),
    ]


def chance(reps: int, cells: int) -> list[str]:
    return [str(reps), show(highest(reps, 0.05, cells)), show(highest(reps, LIMIT, cells))]


def page(share: float, made: list[Section], cheap: int = CHEAP) -> str:
    dear, cells = max(10, round(DEAR * share)), len(UNITS) * len(TREATED) * len(AR)
    breaches = [b for section in made for b in section.breaches]
    by_chance = [chance(reps, cells) for reps in (cheap, cheap // 4, dear, fewer(dear, 119))]
    told = "Every cell keeps its band, and every negative control fails as it must."
    if breaches:
        told = "Outside their bands: " + "; ".join(dict.fromkeys(breaches)) + "."
    written = (
        f"Written by `make coverage` (`python -m tests.coverage.run --share {share:g} --cheap {cheap}`), not by hand: "
        f"{cheap} panels a cell, or a quarter of that, where many are computed at once, and {share:.1%} of the panels "
        f"of synthetic controls ({dear} of {DEAR}), of cohorts drawn anew and of finite populations. The sizes below "
        "stand, cell by cell, in `src/kesos_research/methods/sizes.csv`, which the chooser reads."
    )
    panels = (
        "Panels in which nothing happened: unit levels with standard deviation 5, AR(1) noise with innovations of 1, "
        f"{BEFORE} periods before and {AFTER} after. Shares of panels in which a 5 % test rejects."
    )
    limits = f"What chance alone makes of a true size (99.9 %, {cells} cells together):"
    table_of_chance = table(["panels", "a true 5 % up to", "a true 6 % up to"], by_chance)
    head = ["# What 5 % means", *map(paragraph, (written, panels, told, limits)), table_of_chance]
    return "\n\n".join([*head, "\n".join(map(str, made))])


def cells_of(made: list[Section]) -> list[Cell]:
    return [cell for section in made for cell in section.cells]


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/methods/coverage.md and methods/sizes.csv.")
    parser.add_argument("--share", type=float, default=1.0, help="share of the panels that are dear")
    parser.add_argument("--cheap", type=int, default=CHEAP, help="panels in each cell of the others")
    parser.add_argument("--to", type=Path, default=PAGE)
    parser.add_argument("--sizes", type=Path, default=SIZES)
    asked = parser.parse_args()
    made = sections(asked.share, asked.cheap)
    asked.to.write_text(page(asked.share, made, asked.cheap), encoding="utf-8", newline="\n")
    asked.sizes.write_text(sizes_csv(cells_of(made)), encoding="utf-8", newline="\n")
    return int(any(section.breaches for section in made))


if __name__ == "__main__":
    sys.exit(main())
