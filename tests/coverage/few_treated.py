"""Sections on one date of start: randomisation inference, synthetic control, standard errors from few units."""

from __future__ import annotations

from tests import monte_carlo_changes as changes
from tests.coverage.tables import Cell, Section, show, table, tell
from tests.monte_carlo import AR, TREATED, UNITS, highest, lowest, naive_placebo, synthetic

LIMIT = 0.06
"""The largest true size of a 5 % test that is let pass."""
MORE_UNITS = (12, 20, 38, 119, 250, 491)
MORE_TREATED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
ERRORS = {
    "cr1": "Cluster-robust error CR1, t of units − 1",
    "cr2": "CR2 with Bell and McCaffrey's degrees of freedom",
    "cr3": "CR3 (jackknife), t of units − 1",
    "wild_bootstrap": "Wild cluster bootstrap-t, null imposed, Rademacher signs",
}


def randomisation(reps: int) -> Section:
    """Equal variances in every cell; the first k twice as noisy at AR .5."""
    made = Section("Randomisation inference", "")
    rows, quiet = [], []
    many = len(UNITS) * len(TREATED) * len(AR)
    bound = highest(reps, LIMIT, many)
    for n in UNITS:
        tell(f"randomisation {n}")
        for k in TREATED:
            equal = [changes.randomisation(n, k, rho, reps=reps) for rho in AR]
            noisy = changes.randomisation(n, k, 0.5, reps=reps, noisy=2.0)
            found = zip(AR, equal, strict=True)
            made.cells += [Cell("randomization_inference", n, k, 1.0, rho, e["rejects"], reps) for rho, e in found]
            made.cells.append(Cell("randomization_inference", n, k, 2.0, 0.5, noisy["rejects"], reps))
            made.breaches += [f"randomisation {n}/{k}" for e in equal if e["rejects"] > bound]
            if noisy["caution"] < 0.80:
                quiet.append(f"{n}/{k}")
            shown = [e["rejects"] for e in equal] + [max(e["caution"] for e in equal)]
            shown += [noisy["rejects"], noisy["caution"], noisy["rejects_without_caution"]]
            rows.append([str(n), str(k), *map(show, shown)])
    head = ["units", "treated", *(f"AR {r}" for r in AR), "caution"]
    made.text = f"""*caution*: the check `equally_noisy` warns, in the worst of the three AR. *noisy*: the treated are
twice as noisy (AR 0.5); the plain test then rejects too often, and the caution has to say so. {reps} panels a cell,
999 sets of units each. The interval misses exactly where the test rejects (`tests/coverage`).

{table([*head, "size, noisy", "caution, noisy", "size, noisy, no caution"], rows)}

{verdict(made.breaches)} With equal variances the caution is absent in at least 80 % by construction: its threshold is
one set in six. {attained(quiet)}"""
    return made


def verdict(above: list[str]) -> str:
    if not above:
        return f"No cell lies above {LIMIT} by more than chance."
    return f"Above {LIMIT} by more than chance: {', '.join(above)}."


def attained(quiet: list[str]) -> str:
    if not quiet:
        return "With treated units twice as noisy it is present in at least 80 % of every cell."
    return (
        "With treated units twice as noisy it is present in at least 80 % except in these cells (units/treated), where "
        f"too few steps of too few units can be compared: {', '.join(quiet)}."
    )


def rescaled(reps: int) -> Section:
    """The rescaled test where the treated are as noisy as the others, and where they are twice as noisy."""
    made = Section("Randomisation inference rescaled for unequal variances", "")
    rows = []
    cells = [(n, k) for n in UNITS for k in TREATED]
    bound, wide = highest(reps, LIMIT, 3 * len(cells)), highest(reps, 0.10, len(cells))
    for n, k in cells:
        equal = [changes.rescaled(n, k, rho, reps=reps) for rho in AR]
        noisy = changes.rescaled(n, k, 0.5, reps=reps, noisy=2.0)
        made.cells += [Cell("rescaled_randomization", n, k, 1.0, r, e, reps) for r, e in zip(AR, equal, strict=True)]
        made.cells.append(Cell("rescaled_randomization", n, k, 2.0, 0.5, noisy, reps))
        if max(equal) > bound:
            made.breaches.append(f"rescaled {n}/{k}")
        rows.append([str(n), str(k), *map(show, equal), show(noisy), "" if noisy <= wide else "above 0.10"])
    made.text = (
        f"Each set's difference over its own noise before treatment. {reps} panels a cell, 999 sets of units each.\n\n"
        + table(["units", "treated", *(f"AR {r}" for r in AR), "size, noisy", ""], rows)
        + f"\n\n{verdict(made.breaches)}"
    )
    return made


def synthetic_control(reps: int) -> Section:
    made = Section("Synthetic control", "")
    rows, counts = [], []
    for n in UNITS:
        for k in TREATED:
            tell(f"synthetic {n} {k}")
            panels = fewer(reps, n)
            found = [synthetic(n, k, rho, reps=panels, draws=199) for rho in AR]
            bound = highest(panels, LIMIT, len(UNITS) * len(TREATED) * len(AR))
            given = found[0]["given"] == 1
            shown = [show(f["rejects"]) if given else "not given" for f in found]
            rows.append([str(n), str(k), str(panels), *shown, show(max(f["unit"] for f in found))])
            made.breaches += [f"joint placebo {n}/{k}" for f in found if f["rejects"] > bound]
            counts += [(f["rejects"], panels) for f in found if given]
            if given:
                pairs = zip(AR, found, strict=True)
                made.cells += [Cell("joint_placebo", n, k, 1.0, rho, f["rejects"], panels) for rho, f in pairs]
    head = ["units", "treated", "panels", *(f"joint, AR {r}" for r in AR), "one unit's rank, highest"]
    made.text = f"""Joint placebo of the pooled effect, λ = 0.1, 199 sets of units. *not given*: a set leaves no donor,
so that there is no p-value.

{table(head, rows)}

{verdict(made.breaches)} {together(counts)}"""
    return made


def together(counts: list[tuple[float, int]]) -> str:
    """All cells as one, for a band much narrower than that of each."""
    panels = sum(p for _share, p in counts)
    rejected = round(sum(share * p for share, p in counts))
    bound = show(highest(panels, 0.05, 1))
    return f"Over all {panels} panels it rejects in {show(rejected / panels)}; chance takes a true 5 % up to {bound}."


def fewer(reps: int, n: int) -> int:
    """Large panels cost more, and get fewer draws of the whole."""
    return max(10, round(reps * min(1, 38 / n)))


def own_comparisons(reps: int) -> Section:
    pairs = [(n, k) for n in (12, 20, 38) for k in (2, 5, 10)]
    found = [changes.own_comparisons(n, k, 0.5, reps=reps) for n, k in pairs]
    bound = highest(reps, LIMIT, len(pairs))
    rows = [[str(n), str(k), show(f)] for (n, k), f in zip(pairs, found, strict=True)]
    breaches = [f"own comparisons {n}/{k}" for (n, k), f in zip(pairs, found, strict=True) if f > bound]
    text = f"`pool` of one randomisation inference for each treated unit, AR 0.5, {reps} panels a cell.\n\n"
    text += table(["units for each treated one", "treated", "size"], rows)
    return Section("Treated units that are each compared with units of their own", text, breaches=breaches)


def standard_errors(reps: int) -> Section:
    """Which errors from the spread of units hold with few of them treated; CR1 must fail."""
    made = Section("Standard errors and bootstrap with few treated units", "")
    found = {}
    for n in MORE_UNITS:
        tell(f"standard errors {n}")
        found |= {(n, rho): changes.sizes(n, rho, treated=MORE_TREATED, reps=reps) for rho in AR}
    for (n, rho), by_error in found.items():
        for name, by_k in by_error.items():
            made.cells += [Cell(name, n, k, 1.0, rho, size, reps) for k, size in by_k.items()]
    texts = []
    for name, title in ERRORS.items():
        rows = [
            [str(k), *(show(found[n, 0.5][name][k]) if k in found[n, 0.5][name] else "–" for n in MORE_UNITS)]
            for k in MORE_TREATED
        ]
        texts.append(f"**{title}**, AR 0.5:\n\n" + table(["treated", *(f"{n} units" for n in MORE_UNITS)], rows))
    made.breaches += must_fail({f"CR1 {n}/3": found[n, 0.5]["cr1"][3] for n in (20, 38, 119, 491)}, reps, 0.10)
    made.breaches += must_fail({f"CR3 {n}/2": found[n, 0.5]["cr3"][2] for n in (38, 119, 491)}, reps, 0.10)
    made.breaches += [
        f"wild bootstrap {n}/1 has power against nothing"
        for n in MORE_UNITS
        if found[n, 0.5]["wild_bootstrap"][1] > 0.01
    ]
    made.text = "\n\n".join(
        [
            f"{reps} panels a cell. CR1 must fail with few treated units, and does. CR2 errs by rejecting too seldom: "
            "with two treated units it has one degree of freedom. The wild bootstrap has 2^k patterns of signs\n"
            "among k treated units: with one or two it never rejects, whatever happened, and is no test.",
            *texts,
        ]
    )
    return made


def must_fail(found: dict[str, float], reps: int, least: float) -> list[str]:
    """Negative controls that passed: were these below `least` by more than chance, the tests above would prove
    nothing."""
    bound = lowest(reps, least, len(found))
    return [f"negative control passed: {name} ({show(size)})" for name, size in found.items() if size < bound]


def placebo_of_others(reps: int) -> Section:
    found = {(n, k): naive_placebo(n, k, 0.5, reps=reps, draws=199) for n in (12, 20, 38) for k in (2, 3, 5)}
    rows = [[str(n), *(show(found[n, k]) for k in (2, 3, 5))] for n in (12, 20, 38)]
    text = (
        "Placebo sets of comparison units only, whose members donate to each other, AR 0.5. It must fail, and does.\n\n"
    )
    breaches = [] if found[12, 5] > LIMIT else ["negative control passed: placebo of others 12/5"]
    return Section(
        "A placebo that flatters",
        text + table(["units", *(f"{k} treated" for k in (2, 3, 5))], rows),
        breaches=breaches,
    )
