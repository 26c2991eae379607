"""Section on power: what a minimum detectable effect promises is held against the exact value."""

from __future__ import annotations

import numpy as np
from scipy import stats

from kesos_research.methods import two_group_power
from tests import monte_carlo_changes as changes
from tests.coverage.tables import Section, show, table, tell
from tests.monte_carlo import ALPHA, highest, lowest

CELLS = [(n, k) for n in (20, 38, 119) for k in (2, 3, 5, 10)]
GROUPS = [(20, 20, 0.9), (40, 40, 0.6), (15, 60, 0.8), (150, 150, 0.3)]
NEAR = 0.015
"""How far the power of a test over sets of units may lie from that of the t-test, beside chance."""


def power(reps: int) -> Section:
    tell("power")
    made = Section("Power", "")
    rows = []
    low, high = lowest(reps, 0.8 - NEAR, len(CELLS)), highest(reps, 0.8 + NEAR, len(CELLS))
    for n, k in CELLS:
        found = changes.power(n, k, 0.5, reps=reps)
        rows.append([str(n), str(k), f"{found['mde']:.2f}", show(found["power_at_exact"]), show(found["power_at_mde"])])
        if not low <= found["power_at_exact"] <= high:
            made.breaches.append(f"power {n}/{k}")
    groups = []
    for a, b, effect in GROUPS:
        exact = float(two_group_power(a, effect=effect, sd=1.0, ratio=b / a).table.estimate[0])
        share = simulated(a, b, effect, reps=reps)
        groups.append([f"{a}, {b}", f"{effect}", show(exact), show(share)])
        if not lowest(reps, exact, len(GROUPS)) <= share <= highest(reps, exact, len(GROUPS)):
            made.breaches.append(f"two groups {a}/{b}")
    made.text = f"""*exact*: the effect that a t-test with equal variances finds in 80 % (noncentral t). Randomisation
inference must find it in 80 %, within chance and {NEAR}. *printed*: the median minimum detectable effect that panels
print, over the exact one; beside it how often a fresh panel with the printed effect is told from zero: with few units
the printed effect is itself uncertain, and promises too much. AR 0.5, {reps} panels a cell.

{table(["units", "treated", "printed / exact", "power at exact", "power at printed"], rows)}

Two groups of persons, `two_group_power` against simulated t-tests:

{table(["sizes", "effect in SD", "exact", "simulated"], groups)}"""
    return made


def simulated(a: int, b: int, effect: float, *, reps: int, seed: int = 20130502) -> float:
    rng = np.random.default_rng([seed, a, b, round(100 * effect)])
    x, y = rng.standard_normal((reps, a)) + effect, rng.standard_normal((reps, b))
    return float((stats.ttest_ind(x, y, axis=1).pvalue <= ALPHA).mean())
