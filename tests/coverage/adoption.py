"""Section on staggered adoption: Callaway and Sant'Anna, and two-way fixed effects, which must fail."""

from __future__ import annotations

from tests.coverage.few_treated import must_fail
from tests.coverage.tables import Cell, Section, show, table, tell
from tests.monte_carlo import highest
from tests.monte_carlo_adoption import misses

UNITS = (20, 40, 60, 120, 300)
AR = (0.0, 0.5, 0.8)
LARGE = 120
"""From this many units on, intervals must miss no more than 6.5 %."""
LIMIT = 0.065


def staggered(reps: int) -> Section:
    made = Section("Staggered adoption", "")
    rows = []
    twofold: dict[str, float] = {}
    for n in UNITS:
        tell(f"staggered {n}")
        for rho in AR:
            same = misses(n, rho, heterogeneous=False, reps=reps)
            unlike = misses(n, rho, heterogeneous=True, reps=reps)
            k = n * 3 // 4
            for name in ("callaway_santanna", "two_way_fixed_effects"):
                made.cells.append(Cell(name, n, k, 1.0, rho, max(same[name], unlike[name]), reps))
            rows.append(
                [
                    str(n),
                    str(rho),
                    *(show(f[c]) for c in ("callaway_santanna", "two_way_fixed_effects") for f in (same, unlike)),
                    show(unlike["two_way_mean"]),
                ]
            )
            twofold[f"two-way fixed effects {n}/{rho}"] = unlike["two_way_fixed_effects"]
            if n >= LARGE and max(same["callaway_santanna"], unlike["callaway_santanna"]) > highest(
                reps, LIMIT, len(UNITS) * len(AR)
            ):
                made.breaches.append(f"Callaway and Sant'Anna {n}/{rho}")
    made.breaches += must_fail(twofold, reps, 0.20)
    head = [
        "units",
        "AR",
        "cohorts, no effect",
        "cohorts, effects differ",
        "two-way, no effect",
        "two-way, effects differ",
        "two-way, share of the effect",
    ]
    made.text = f"""Three dates of start and units that are never treated, a quarter of the units each, eight
periods. Shares of 95 %
intervals that miss the mean effect on the treated; effects either none, or growing with time and larger for those
who began
earlier. *cohorts*: Callaway and Sant'Anna against never treated units, analytic error, normal distribution; it
counts sizes of
cohorts as random, which they are not here, and so misses less where effects differ. *two-way*: fixed effects of unit
and
period with CR1, the negative control: where effects differ it shows about half of them. {reps} panels a cell.

{table(head, rows)}"""
    return made
