"""Section on staggered adoption: Callaway and Sant'Anna, and two-way fixed effects, which must fail."""

from __future__ import annotations

from tests import monte_carlo_staggered as redrawn
from tests.coverage.few_treated import must_fail
from tests.coverage.tables import Cell, Section, paragraph, show, table, tell
from tests.monte_carlo import highest, lowest
from tests.monte_carlo_adoption import misses

UNITS = (20, 40, 60, 120, 300)
AR = (0.0, 0.5, 0.8)
LARGE, LIMIT = 120, 0.065
"""From this many units on, intervals must miss no more than 6.5 %."""
WAYS = ("callaway_santanna", "two_way_fixed_effects")
HEAD = (
    "units", "AR", "cohorts, no effect", "cohorts, effects differ", "two-way, no effect", "two-way, effects differ",
    "two-way, share of the effect",
)  # fmt: skip


def staggered(reps: int, redrawn_reps: int) -> Section:
    made = Section("Staggered adoption", "")
    rows: list[list[str]] = []
    twofold: dict[str, float] = {}
    bound = highest(reps, LIMIT, len(UNITS) * len(AR))
    for n in UNITS:
        tell(f"staggered {n}")
        for rho in AR:
            same, unlike = (misses(n, rho, heterogeneous=h, reps=reps) for h in (False, True))
            worst = {way: max(same[way], unlike[way]) for way in WAYS}
            made.cells += [Cell(way, n, n * 3 // 4, 1.0, rho, worst[way], reps) for way in WAYS]
            shown = [show(found[way]) for way in WAYS for found in (same, unlike)]
            rows.append([str(n), str(rho), *shown, show(unlike["two_way_mean"])])
            twofold[f"two-way fixed effects {n}/{rho}"] = unlike["two_way_fixed_effects"]
            if n >= LARGE and worst["callaway_santanna"] > bound:
                made.breaches.append(f"Callaway and Sant'Anna {n}/{rho}")
    made.breaches += must_fail(twofold, reps, 0.20)
    told = paragraph(
        "Three dates of start and units that are never treated, a quarter of the units each, eight periods. Shares of "
        "95 % intervals that miss the mean effect on the treated; effects either none, or growing with time and larger "
        "for those who began earlier. *cohorts*: Callaway and Sant'Anna against never treated units, analytic error, t "
        "of units − 1 here, where the method itself has Welch and Satterthwaite's degrees of freedom over the cohorts, "
        "fewer, and so misses no more than shown; it counts sizes of cohorts as random, which they are not here, and "
        "so misses less where effects differ. *two-way*: fixed effects of unit and period with CR1, the negative "
        f"control: where effects differ it shows about half of them. {reps} panels a cell."
    )
    made.text = "\n\n".join([told, table(HEAD, rows), *_redrawn(made, redrawn_reps)])
    return made


def _redrawn(made: Section, reps: int) -> list[str]:
    """With cohorts drawn anew in each panel, as the error takes them to be: coverage of each mean."""
    tell("cohorts drawn anew")
    sizes = (60, 120)
    found = {n: redrawn.staggered(n, 1.0, reps=reps) for n in sizes}
    two = {n: redrawn.two_way(n, 1.0, reps=max(20, reps // 10)) for n in sizes}
    terms = ("simple", "group", "dynamic")
    low = lowest(reps, 0.93, len(sizes) * len(terms))
    made.breaches += [f"cohorts drawn anew {n} {t}" for n in sizes for t in terms if found[n][t] < low]
    rows = [[str(n), *(show(found[n][t]) for t in terms), show(two[n])] for n in sizes]
    told = (
        f"Cohorts drawn anew in each panel (AR 0.5, effects differ): coverage of the three means, {reps} panels a cell."
    )
    return [told, table(["units", *terms, "two-way"], rows)]
