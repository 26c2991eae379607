"""Sections on samples: intervals of survey means and measures, and of small areas."""

from __future__ import annotations

from tests.coverage.few_treated import must_fail
from tests.coverage.tables import Section, show, table, tell
from tests.monte_carlo import highest, lowest
from tests.monte_carlo_areas import coverage
from tests.monte_carlo_survey import SHAPES, clustered, finite, means

STRATA, PSUS = (2, 5, 20), (2, 3, 6, 30)
AREAS = (15, 30, 100)


def survey(reps: int, finite_reps: int) -> Section:
    """Student's t of a stratified cluster sample, and what happens without it or without the design."""
    tell("survey")
    made = Section("Intervals of a survey", "")
    cells = [(s, p, shape) for shape in SHAPES for s in STRATA for p in PSUS]
    found = {cell: means(*cell, reps=reps) for cell in cells}
    normal = [c for c in cells if c[2] == "normal"]
    low, high = lowest(reps, 0.945, len(normal)), highest(reps, 0.955, len(normal))
    made.breaches += [f"survey {c}" for c in normal if not low <= found[c]["t"] <= high]
    rows = [
        [shape, str(s), str(p), show(found[s, p, shape]["t"]), show(found[s, p, shape]["z"])] for s, p, shape in cells
    ]
    designed, naive = clustered(reps=reps, naive=False), clustered(reps=reps, naive=True)
    made.breaches += must_fail({"rows as if drawn alone": 1 - naive}, reps, 0.15)
    measured = {m: finite(m, reps=finite_reps) for m in ("p0", "p1", "p2", "gini")}
    made.breaches += [f"finite {m}" for m, share in measured.items() if share < lowest(finite_reps, 0.94, 4)]
    told = ", ".join(f"{m} {show(share)}" for m, share in measured.items())
    made.text = f"""Coverage of 95 % intervals of a mean, {reps} samples a cell; with Student's t, and with the normal
distribution, which must fail where there are few units. Skewed shapes with few units are covered too seldom by any
interval of this kind.

{table(["shape", "strata", "units in each", "t", "normal"], rows)}

Rows alike in their units (correlation .3): {show(designed)} with the design; {show(naive)} as if each row had been
drawn alone, which must fail, and does.

A finite population of households, clusters drawn in two strata, {finite_reps} samples: {told}."""
    return made


def areas(reps: int) -> Section:
    """Fay–Herriot: our interval, and the naive one that takes the variance as known."""
    tell("areas")
    made = Section("Intervals of small areas", "")
    cells = [(m, s) for m in AREAS for s in (0.1, 0.3, 1.0)]
    found = {cell: coverage(cell[0], 1, cell[1], "reml", reps=reps) for cell in cells}
    rows = [[str(m), str(s), *(show(found[m, s][key]) for key in ("ours", "naive", "median_weight"))] for m, s in cells]
    fair = [c for c in cells if c[1] == 1.0]
    # areas of one sample share their model: the band is that of samples, not of areas
    made.breaches += [
        f"areas {c}" for c in fair if not lowest(reps, 0.945, 3) <= found[c]["ours"] <= highest(reps, 0.97, 3)
    ]
    made.breaches += must_fail({f"naive areas 15/{s}": 1 - found[15, s]["naive"] for s in (0.3, 1.0)}, reps, 0.09)
    made.text = f"""Fay–Herriot by REML, sampling variances 0.2 to 2, {reps} samples a cell. *naive*: takes the variance
of areas as known; it must fail with 15 areas, and does. *weight*: median weight of the direct estimate; where it is
low the check `interval` warns.

{table(["areas", "variance of areas", "coverage", "naive", "weight"], rows)}"""
    return made
