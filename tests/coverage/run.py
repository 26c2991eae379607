"""The long Monte-Carlo run: writes docs/methods/coverage.md.

`python -m tests.coverage.run` takes hours; `--share 0.1` a tenth of it. Seeds are fixed, so that a share is the same on
every machine. Nothing in the page is written by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.monte_carlo import (
    AFTER,
    AR,
    BEFORE,
    TREATED,
    UNITS,
    cluster_robust,
    highest,
    naive_placebo,
    own_comparisons,
    randomisation,
    synthetic,
)

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "coverage.md"
CHEAP, DEAR = 20_000, 2_000
"""Panels in each cell of the full run: of randomisation inference, and of synthetic controls."""
LIMIT = 0.06


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def show(share: float) -> str:
    return f"{share:.3f}"


def tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def by_randomisation(reps: int) -> tuple[str, list[str], list[str]]:
    """Equal variances in every cell, treated units twice as noisy at AR .5; cells too large, cells not cautioned."""
    rows, above, quiet = [], [], []
    bound = highest(reps, LIMIT, len(UNITS) * len(TREATED) * len(AR))
    for n in UNITS:
        for k in TREATED:
            tell(f"randomisation {n} {k}")
            equal = [randomisation(n, k, rho, reps=reps, draws=999) for rho in AR]
            noisy = randomisation(n, k, 0.5, reps=reps, draws=999, noisy=2.0)
            rows.append(
                [
                    str(n),
                    str(k),
                    *(show(e["rejects"]) for e in equal),
                    show(max(e["outside"] for e in equal)),
                    show(max(e["caution"] for e in equal)),
                    show(noisy["rejects"]),
                    show(noisy["caution"]),
                    show(noisy["rejects_without_caution"]),
                ]
            )
            above += [f"{n}/{k}/{rho}" for e, rho in zip(equal, AR, strict=True) if e["rejects"] > bound]
            quiet += [f"{n}/{k}"] * (noisy["caution"] < 0.80)
    head = ["units", "treated", *(f"AR {r}" for r in AR), "interval misses", "caution"]
    return table([*head, "size, noisy", "caution, noisy", "size, noisy, no caution"], rows), above, quiet


def by_synthetic(reps: int) -> tuple[str, list[str], str]:
    rows, above, counts = [], [], []
    for n in UNITS:
        for k in TREATED:
            tell(f"synthetic {n} {k}")
            panels = fewer(reps, n)
            found = [synthetic(n, k, rho, reps=panels, draws=199) for rho in AR]
            bound = highest(panels, LIMIT, len(UNITS) * len(TREATED) * len(AR))
            given = found[0]["given"] == 1
            shown = [show(f["rejects"]) if given else "not given" for f in found]
            rows.append([str(n), str(k), str(panels), *shown, show(max(f["unit"] for f in found))])
            above += [f"{n}/{k}/{rho}" for f, rho in zip(found, AR, strict=True) if f["rejects"] > bound]
            counts += [(f["rejects"], panels) for f in found if given]
    head = ["units", "treated", "panels", *(f"joint, AR {r}" for r in AR), "one unit's rank, highest"]
    return table(head, rows), above, together(counts)


def together(counts: list[tuple[float, int]]) -> str:
    """All cells as one, for a band much narrower than that of each."""
    panels = sum(p for _share, p in counts)
    rejected = round(sum(share * p for share, p in counts))
    bound = show(highest(panels, 0.05, 1))
    return f"Over all {panels} panels it rejects in {show(rejected / panels)}; chance takes a true 5 % up to {bound}."


def fewer(reps: int, n: int) -> int:
    """Large panels cost more, and get fewer draws of the whole."""
    return max(10, round(reps * min(1, 38 / n)))


def by_own_comparisons(reps: int) -> str:
    rows = [
        [str(n), str(k), show(own_comparisons(n, k, 0.5, reps=reps, draws=999))]
        for n in (12, 20, 38)
        for k in (2, 5, 10)
    ]
    return table(["units for each treated one", "treated", "size"], rows)


def by_what_must_fail(cheap: int, dear: int) -> str:
    rows = [[str(k), *(show(cluster_robust(n, k, 0.5, reps=cheap)) for n in (20, 38, 119, 491))] for k in TREATED]
    naive = [[str(n), *(show(naive_placebo(n, k, 0.5, reps=dear, draws=199)) for k in (2, 3, 5))] for n in (12, 20, 38)]
    return (
        "Cluster-robust standard error (CR1), t of units − 1, AR 0.5:\n\n"
        + table(["treated", *(f"{n} units" for n in (20, 38, 119, 491))], rows)
        + "\n\nPlacebo sets of comparison units only, whose members donate to each other, AR 0.5:\n\n"
        + table(["units", *(f"{k} treated" for k in (2, 3, 5))], naive)
    )


def verdict(above: list[str]) -> str:
    if not above:
        return f"No cell lies above {LIMIT} by more than chance."
    return f"Above {LIMIT} by more than chance (units/treated/AR): {', '.join(above)}."


def attained(quiet: list[str]) -> str:
    if not quiet:
        return "With treated units twice as noisy it is present in at least 80 % of every cell."
    return (
        "With treated units twice as noisy it is present in at least 80 % except in these cells (units/treated), where "
        f"too few steps of too few units can be compared: {', '.join(quiet)}."
    )


def chance(reps: int, cells: int) -> list[str]:
    return [str(reps), show(highest(reps, 0.05, cells)), show(highest(reps, LIMIT, cells))]


def page(share: float) -> str:
    cheap, dear = max(20, round(CHEAP * share)), max(10, round(DEAR * share))
    cells = len(UNITS) * len(TREATED) * len(AR)
    randomised, above_randomised, quiet = by_randomisation(cheap)
    placebo, above_placebo, overall = by_synthetic(dear)
    return f"""# What 5 % means

Written by `make coverage` (`python -m tests.coverage.run --share {share:g}`), not by hand.

Panels in which nothing happened: unit levels with standard deviation 5, AR(1) noise with innovations of 1,
{BEFORE} periods before and {AFTER} after. Shares of panels in which a 5 % test rejects.

What chance alone makes of a true size (99.9 %, all {cells} cells together):

{table(["panels", "a true 5 % up to", "a true 6 % up to"], [chance(r, cells) for r in (cheap, dear, fewer(dear, 119))])}

## Randomisation inference

*interval misses*: the 95 % interval does not hold zero. *caution*: the check `equally_noisy` warns, in the worst of
the three AR. *noisy*: the treated are twice as noisy (AR 0.5); the plain test then rejects too often, and the caution
has to say so. {cheap} panels a cell, 999 sets of units each.

{randomised}

{verdict(above_randomised)} With equal variances the caution is absent in at least 80 % by construction: its threshold
is one set in six. {attained(quiet)}

## Synthetic control

Joint placebo of the pooled effect, λ = 0.1, 199 sets of units. *not given*: a set leaves no donor, so that there is no
p-value.

{placebo}

{verdict(above_placebo)} {overall}

## Treated units that are each compared with units of their own

`pool` of one randomisation inference for each treated unit, AR 0.5, {cheap} panels a cell.

{by_own_comparisons(cheap)}

## What must fail, and does

{by_what_must_fail(cheap, dear)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Write docs/methods/coverage.md.")
    parser.add_argument("--share", type=float, default=1.0, help="share of the full number of panels")
    parser.add_argument("--to", type=Path, default=PAGE)
    asked = parser.parse_args()
    text = page(asked.share)
    asked.to.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
