"""What the staggered methods look at beside their numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.estimates import Check
from kesos_research.methods._checks import listed, percent, probability, spoken
from kesos_research.methods._rows import plain
from kesos_research.methods.staggered import _bands
from kesos_research.methods.staggered._panel import Rows

ENOUGH = 10
"""With fewer treated units standard errors are too small; with fewer in a cohort, those of its own effects."""
CLUSTERS = 40
"""With fewer clusters an asymptotic standard error is doubted."""
ALARM = 0.1
"""A test of what must be nought that is this far in its tail is a warning: it has little power."""


def few_treated(rows: Rows) -> Check:
    """Are there treated clusters enough, in all and in each cohort?"""
    treated = np.isfinite(rows.g) & (rows.g <= rows.periods[-1])
    k = len(np.unique(rows.cluster[treated]))
    m = len(np.unique(rows.cluster[~treated])) if not treated.all() else 0
    cohorts = {g: len(np.unique(rows.cluster[treated & (rows.g == g)])) for g in rows.starts if g <= rows.periods[-1]}
    evidence = {"k": k, "m": m, "enough": ENOUGH, "least": min(cohorts.values())}
    if k < ENOUGH:
        return Check(
            "few_treated",
            "fail",
            "{k} treated clusters: with fewer than {enough} a standard error from their spread is far too small; use "
            "randomisation inference.",
            evidence,
        )
    return Check("few_treated", "pass", "{k} treated clusters, {least} or more in each cohort.", evidence)


def small_cohorts(rows: Rows) -> Check:
    """Has each cohort, and who is never treated, clusters enough?"""
    cohort = _bands.cohorts(rows)
    dates, size = np.unique(np.where(cohort > rows.periods[-1], np.inf, cohort), return_counts=True)
    k = int(np.argmin(size))
    told = listed([plain(g) for g in dates[(size < ENOUGH) & np.isfinite(dates)]])
    evidence = {"least": int(size[k]), "enough": ENOUGH, "small": told}
    if size[k] >= ENOUGH:
        return Check("small_cohorts", "pass", "{least} clusters or more in each cohort.", evidence)
    if np.isinf(dates[k]):
        return Check(
            "small_cohorts",
            "warn",
            "Only {least} clusters are never treated, fewer than {enough}: every comparison leans on them, and their "
            "errors are known badly.",
            evidence,
        )
    return Check(
        "small_cohorts",
        "warn",
        "The smallest cohort ({date}) has {least} clusters, fewer than {enough} (all such: {small}): read the means "
        "over cohorts, not the effects of these alone.",
        {**evidence, "date": str(plain(dates[k]))},
    )


def few_clusters(G: int, std_error: str) -> Check:
    evidence = {"n": G, "enough": CLUSTERS, "kind": std_error}
    if G >= CLUSTERS:
        return Check("few_clusters", "pass", "{n} clusters.", evidence)
    if std_error in ("CR2", "CR3"):
        return Check(
            "few_clusters",
            "info",
            "{n} clusters, fewer than {enough}: the standard error is {kind}, made for few; compare with the wild "
            "bootstrap.",
            evidence,
        )
    return Check(
        "few_clusters",
        "warn",
        "{n} clusters, fewer than {enough}: a standard error {kind} is too small there; use CR2, CR3 or the wild "
        "bootstrap.",
        evidence,
    )


def cohorts(table: pd.DataFrame) -> Check:
    """How many start when, and how many never."""
    dated = table[table.since.notna()]
    told = listed([f"{plain(s)}: {n}" for s, n in zip(dated.since, dated.n, strict=True)], 8)
    return Check(
        "cohorts",
        "info",
        "Units by first treated period: {told}; never treated: {never}.",
        {"told": told, "never": int(table.n[table.since.isna()].sum())},
    )


def trends_before(found: _bands.Largest) -> Check:
    """Are all effects before treatment nought together? By the largest of them."""
    if not found.n:
        return Check(
            "trends_before", "warn", "No period before treatment shows whether the groups moved alike: it is assumed."
        )
    evidence = {"n": found.n, "sup": spoken(found.sup, 2), "p": probability(found.p)}
    if found.p < ALARM:
        return Check(
            "trends_before",
            "warn",
            "Before treatment the groups did not move alike (largest of {n} estimates: |z| = {sup}, p = {p} for all "
            "together): the effect may be a difference of trends.",
            evidence,
        )
    return Check(
        "trends_before",
        "info",
        "No sign of other trends before treatment (largest of {n} estimates: |z| = {sup}, p = {p} for all together), "
        "which is no proof: see what could have been found.",
        evidence,
    )


def dropped_cells(dropped: tuple[tuple[float, float], ...]) -> Check:
    if not dropped:
        return Check("overlap", "pass", "In every cell treated and comparison units overlap in the covariates.")
    told = listed([f"{plain(g)}/{plain(t)}" for g, t in dropped])
    return Check(
        "overlap",
        "fail",
        "{n} cells (date/period {told}) were left out: their treated units have no like among the comparison units, or "
        "these are too few for so many covariates.",
        {"n": len(dropped), "told": told},
    )


def left_out(dates: list[float]) -> Check:
    """Cohorts that have no effect to show."""
    return Check(
        "left_out",
        "warn",
        "The cohorts {told} are left out: nothing to compare them with, or no period before the anticipation.",
        {"told": listed([plain(g) for g in dates])},
    )


def band(draws: int, crit: float, level: float) -> Check:
    return Check(
        "band",
        "info",
        "The band holds all estimates at once with {level} % ({draws} draws; critical value {crit}).",
        {
            "level": percent(level),
            "draws": spoken(draws, 0),
            "crit": spoken(crit, 2),
        },
    )


def forbidden(share: float) -> Check:
    """How much of the two-way estimate compares with units that are treated already?"""
    evidence = {"share": percent(share, 1)}
    if share <= 0:
        return Check("forbidden_comparisons", "pass", "No unit is compared with one treated earlier.")
    return Check(
        "forbidden_comparisons",
        "fail",
        "{share} % of the weight compares units with others treated earlier, whose own effect is then taken for a "
        "trend: with effects that grow or differ the number may even have the wrong sign. It is no headline; use "
        "callaway_santanna or imputation.",
        evidence,
    )
