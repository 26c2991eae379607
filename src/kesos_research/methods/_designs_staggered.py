"""Designs for treated units that begin at several dates."""

from __future__ import annotations

from kesos_research.language import Words, both
from kesos_research.methods._designs import MANY, Design, Situation, joined, quoted
from kesos_research.methods._designs_one_date import before_after
from kesos_research.methods._sizes import Size, true_size


def staggered(s: Situation) -> list[Design]:
    """Every design, for treated units with several dates of start."""
    if s.k < MANY:
        return [*_one_date_each(s), *_cohorts_of_few(s), *_two_way(s), *_one_date_only(s), before_after(s)]
    return [*_cohorts(s), *_two_way(s), *_one_date_only(s), before_after(s)]


def _misses(design: str, s: Situation) -> Size | None:
    return true_size(design, units=s.units, treated=s.k)


def _missed(size: Size) -> Words:
    return both(
        "In panels of {units} units, the nearest to these, its 95 % interval misses the mean effect in {percent} %.",
        units=size.units,
        percent=size.percent,
    )


def _missed_where_effects_differ(size: Size) -> Words:
    return both(
        "In panels of {units} units whose effects differ by cohort, the nearest to these, its 95 % interval misses the "
        "mean effect in {percent} %.",
        units=size.units,
        percent=size.percent,
    )


def _cohorts(s: Situation) -> list[Design]:
    size = _misses("callaway_santanna", s)
    told = [_missed(size)] if size else []
    if s.m:
        label = both("Cohorts against never treated units (Callaway and Sant'Anna)")
        fits = both("{n} dates of start, {k} treated and {m} never treated units.", n=s.dates, k=s.k, m=s.m)
        first = Design("callaway_santanna", label, "used", joined(fits, *told), size=size)
    else:
        label = both("Cohorts against units not yet treated (Callaway and Sant'Anna)")
        until = both(
            "No unit was never treated: {n} dates of start are compared with those not yet treated, until the last.",
            n=s.dates,
        )
        first = Design("callaway_santanna", label, "used", joined(until, *told), "not_yet_treated", size)
    return [
        first,
        Design(
            "imputation",
            both("Imputation of the untreated outcome"),
            "used",
            both("More precise where errors are not correlated over time; the same comparison otherwise."),
        ),
        Design(
            "sun_abraham",
            both("Event study by cohorts (Sun and Abraham)"),
            "open",
            both("The same comparison as a regression: a second way to the same answer."),
        ),
    ]


def _cohorts_of_few(s: Situation) -> list[Design]:
    size = s.size("cr1") if s.m else None
    few = both(
        "{k} treated units over {n} dates: its error rests on fewer still, and is no better than CR1.", k=s.k, n=s.dates
    )
    reason = joined(few, *([quoted(size)] if size else []))
    labels = {
        "callaway_santanna": both("Cohorts against never treated units (Callaway and Sant'Anna)"),
        "imputation": both("Imputation of the untreated outcome"),
        "sun_abraham": both("Event study by cohorts (Sun and Abraham)"),
    }
    return [Design(name, label, "refused", reason, size=size) for name, label in labels.items()]


def _one_date_each(s: Situation) -> list[Design]:
    label = both("Each date by itself, and pooled")
    if not s.m:
        return [Design("pool", label, "refused", both("No unit was never treated."))]
    reason = both(
        "{k} treated units over {n} dates: randomisation inference of each date against the {m} never treated, then "
        "`pool`.",
        k=s.k,
        n=s.dates,
        m=s.m,
    )
    return [Design("pool", label, "used", reason)]


def _two_way(s: Situation) -> list[Design]:
    size = _misses("two_way_fixed_effects", s)
    turns = both(
        "With {n} dates of start it compares treated units with units treated earlier, and can turn the sign.",
        n=s.dates,
    )
    reason = joined(turns, *([_missed_where_effects_differ(size)] if size else []))
    return [
        Design("two_way_fixed_effects", both("Two-way fixed effects"), "refused", reason, size=size),
        Design("wild_bootstrap", both("Wild cluster bootstrap, null imposed"), "refused", turns),
    ]


def _one_date_only(s: Situation) -> list[Design]:
    reason = both("It takes one date of start, and there are {n}: take one cohort at a time.", n=s.dates)
    labels = {
        "diff_in_diff": both("Difference in differences"),
        "randomization_inference": both("Randomisation inference"),
        "event_study": both("Event study with CR2"),
        "synthetic_control": both("Synthetic control of each unit, placebo p-values"),
        "synthetic_did": both("Synthetic difference in differences"),
    }
    by_cohort = {"randomization_inference"} if s.k < MANY and s.m else set()
    one_by_one = both("One date at a time, as `pool` takes it.")
    return [
        Design(name, label, "open" if name in by_cohort else "refused", one_by_one if name in by_cohort else reason)
        for name, label in labels.items()
    ]
