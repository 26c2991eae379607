"""Designs for treated units that all begin at one date, and for data in which nothing can be compared."""

from __future__ import annotations

from kesos_research.language import Words, both
from kesos_research.methods._checks import probability
from kesos_research.methods._designs import MANY, Design, Situation, joined, judged, quoted

SERIES = (8, 4)
"""Periods before and after that a line through a series needs at least."""


def one_date(s: Situation, smallest_p: float) -> list[Design]:
    """Every design, for a situation in which units can be compared."""
    return [
        _difference(s),
        _randomisation(s, smallest_p),
        _rescaled(s),
        *_synthetic(s),
        _conformal(s),
        _synthetic_did(s),
        _augmented(s),
        _event_study(s),
        *_errors(s),
        _wild(s),
        _cohorts(s),
        *_series(s),
        before_after(s),
    ]


def nothing_to_compare(s: Situation) -> list[Design]:
    """What is left where units or periods are lacking."""
    if not s.k:
        reason = both("No unit is treated.")
    elif not s.m:
        reason = both("All units are treated: what would have happened otherwise cannot be seen.")
    else:
        reason = both("{before} periods before and {after} after: a change needs both.", before=s.before, after=s.after)
    plan = [
        Design("diff_in_diff", both("Difference in differences"), "refused", reason),
        Design("synthetic_control", both("Synthetic control of each unit, placebo p-values"), "refused", reason),
    ]
    return [*plan, *_series(s), before_after(s)]


def _difference(s: Situation) -> Design:
    return Design(
        "diff_in_diff",
        both("Difference in differences"),
        "used",
        both("{k} treated against {m} comparison units with one date of start.", k=s.k, m=s.m),
    )


def _randomisation(s: Situation, smallest_p: float) -> Design:
    label = both("Randomisation inference")
    if smallest_p > s.alpha + 1e-12:
        reason = both("The smallest p-value it could give is {p}: it could never reject.", p=probability(smallest_p))
        return Design("randomization_inference", label, "refused", reason)
    reason = both(
        "It keeps its size with any number of treated units, if they are exchangeable; the smallest p-value it could "
        "give is {p}.",
        p=probability(smallest_p),
    )
    size = s.size("randomization_inference", noise=2.0) if s.noisy else s.size("randomization_inference")
    if s.noisy and size is not None:
        reason = both(
            "The treated are noisier than the others: read its p-value as too small. With {treated} treated of {units} "
            "units, twice as noisy as the others, a 5 % test rejects in {percent} % when nothing happened.",
            treated=size.treated,
            units=size.units,
            percent=size.percent,
        )
    # where the rescaled test can be made it comes first
    verdict = "open" if s.noisy and s.before >= 3 else "used"
    return Design("randomization_inference", label, verdict, reason, size=size)


def _rescaled(s: Situation) -> Design:
    label = both("Randomisation inference rescaled for unequal variances")
    name, size = "rescaled_randomization", s.size("rescaled_randomization", noise=2.0)
    if s.before < 3:
        reason = both(
            "It measures noise from step to step and needs three periods before, not {before}; or a column of sizes of "
            "units.",
            before=s.before,
        )
        return Design(name, label, "open", reason)
    if s.noisy and size is not None:
        reason = both(
            "The treated are noisier than the others. With {treated} treated of {units} units, twice as noisy as the "
            "others, its 5 % test rejects in {percent} % when nothing happened.",
            treated=size.treated,
            units=size.units,
            percent=size.percent,
        )
        return Design(name, label, "used", reason, size=size)
    if s.noisy is None:
        reason = both("Whether the treated are noisier has not been seen: the check `equally_noisy` tells.")
    else:
        reason = both("There is no sign that the treated are noisier, so the plain version stands.")
    return Design(name, label, "open", reason, size=s.size(name))


def _synthetic(s: Situation) -> list[Design]:
    each, pooled = (
        both("Synthetic control of each unit, placebo p-values"),
        both("Pooled synthetic control, joint placebo"),
    )
    name = "synthetic_control"
    if lacking := _no_donors(s):
        return [Design(name, each, "refused", lacking)]
    if s.k >= MANY:
        reason = both("With {k} treated units the difference in differences comes first.", k=s.k)
        return [Design(name, each, "open", reason), _pooled(s, pooled)]
    if s.m > s.before:
        reason = both(
            "{m} possible donors for {before} periods before: a close fit proves little, and only a penalty makes the "
            "weights unique.",
            m=s.m,
            before=s.before,
        )
    else:
        reason = both("{m} possible donors for {before} periods before.", m=s.m, before=s.before)
    return [Design(name, each, "used", reason), *([_pooled(s, pooled)] if s.k > 1 else [])]


def _no_donors(s: Situation) -> Words | None:
    if s.m >= 2 and s.before >= 2:
        return None
    return both("{m} comparison units and {before} periods before: two of each are the least.", m=s.m, before=s.before)


def _pooled(s: Situation, label: Words) -> Design:
    if s.k >= s.m:
        reason = both("A set of {k} among {m} comparison units leaves no donor.", k=s.k, m=s.m)
        return Design("synthetic_control", label, "refused", reason, "pooled")
    if s.k >= MANY:
        reason = both("With {k} treated units the difference in differences comes first.", k=s.k)
        return Design("synthetic_control", label, "open", reason, "pooled", s.size("joint_placebo"))
    reason = both(
        "The mean of {k} treated against the means of sets of {k} units, none of which donates to another.", k=s.k
    )
    return Design("synthetic_control", label, "used", reason, "pooled", s.size("joint_placebo"))


def _conformal(s: Situation) -> Design:
    label, name = both("Conformal interval of a synthetic control"), "conformal_synthetic_control"
    periods = s.before + s.after
    if lacking := _no_donors(s):
        return Design(name, label, "refused", lacking)
    if 1 / periods > s.alpha + 1e-12:
        reason = both(
            "It tests over periods instead of units: with {periods} of them the smallest p-value it could give is {p}.",
            periods=periods,
            p=probability(1 / periods),
        )
        return Design(name, label, "refused", reason)
    reason = both("It tests over {periods} periods instead of units.", periods=periods)
    return Design(name, label, "used" if s.k <= 2 else "open", reason)


def _synthetic_did(s: Situation) -> Design:
    label, name = both("Synthetic difference in differences"), "synthetic_did"
    if lacking := _no_donors(s):
        return Design(name, label, "refused", lacking)
    if s.k >= s.m:
        reason = both("Its placebo error needs more comparison than treated units: {m} against {k}.", m=s.m, k=s.k)
        return Design(name, label, "refused", reason)
    if s.k < 3:
        reason = both("With {k} treated units each is better looked at by itself.", k=s.k)
        return Design(name, label, "open", reason)
    if s.k >= MANY:
        reason = both("With {k} treated units the difference in differences comes first.", k=s.k)
        return Design(name, label, "open", reason)
    reason = both(
        "Weights on units and on periods; {k} treated units and an error from placebos among {m} others.", k=s.k, m=s.m
    )
    return Design(name, label, "used", reason)


def _augmented(s: Situation) -> Design:
    label, name = both("Synthetic control augmented by ridge regression"), "augmented_synthetic_control"
    if lacking := _no_donors(s):
        return Design(name, label, "refused", lacking)
    return Design(
        name, label, "open", both("Where the fit before is poor: it then goes beyond the donors, and says how far.")
    )


def _event_study(s: Situation) -> Design:
    label = both("Event study with CR2")
    if s.few == 1:
        return Design("event_study", label, "refused", both("One unit has no spread to measure an error with."))
    why = both("{k} treated and {m} comparison units.", k=s.k, m=s.m)
    return judged(s, "event_study", label, cell="cr2", why=why, use=s.few >= MANY)


def _errors(s: Situation) -> list[Design]:
    """The two-way regression with each of its errors."""
    name = "two_way_fixed_effects"
    labels = {
        "CR1": both("Cluster-robust standard error (CR1)"),
        "CR2": both("Small-sample standard error (CR2)"),
        "CR3": both("Jackknife standard error (CR3)"),
    }
    alone = both("One unit has no spread to measure an error with.")
    size = s.size("cr1")
    told = joined(
        quoted(size) if size else alone, *([both("CR2 errs less and costs nothing.")] if s.few >= MANY else [])
    )
    first = Design(name, labels["CR1"], "refused", told, "CR1", size)
    if s.few == 1:
        return [first, *(Design(name, labels[v], "refused", alone, v) for v in ("CR2", "CR3"))]
    k = s.few
    rests = both("It rests on about {df} degrees of freedom.", df=k - 1) if k < MANY else None
    second = judged(s, name, labels["CR2"], cell="cr2", why=rests, variant="CR2", use=k >= MANY)
    return [first, second, judged(s, name, labels["CR3"], cell="cr3", variant="CR3")]


def _wild(s: Situation) -> Design:
    label = both("Wild cluster bootstrap, null imposed")
    return judged(s, "wild_bootstrap", label, cell="wild_bootstrap")


def _cohorts(s: Situation) -> Design:
    """With one date this is the difference in differences, with an error of the kind of CR1."""
    label, name = both("Cohorts against never treated units (Callaway and Sant'Anna)"), "callaway_santanna"
    if s.few >= MANY:
        return Design(name, label, "open", both("With one date of start it is the difference in differences."))
    size = s.size("cr1")
    same = both("With one date of start it is the difference in differences, and its error no better than CR1.")
    return Design(name, label, "refused", joined(same, *([quoted(size)] if size else [])), size=size)


def _series(s: Situation) -> list[Design]:
    if not s.k or s.dates > 1:
        return []
    label, name = both("Interrupted time series"), "interrupted_series"
    if s.before >= SERIES[0] and s.after >= SERIES[1]:
        reason = both(
            "{before} periods before and {after} after: the break of a line, if nothing else happened then.",
            before=s.before,
            after=s.after,
        )
        return [Design(name, label, "open", reason)]
    reason = both(
        "{before} periods before and {after} after: a line and its break need {least} and {last}.",
        before=s.before,
        after=s.after,
        least=SERIES[0],
        last=SERIES[1],
    )
    return [Design(name, label, "refused", reason)]


def before_after(s: Situation) -> Design:
    """The change of the treated alone: described where nothing else can be said, never an effect."""
    label = both("Change of the treated alone")
    if not s.m and s.k and s.before and s.after:
        reason = both("Described only: nothing says what would have happened without treatment.")
        return Design("before_after", label, "used", reason)
    reason = both(
        "As an effect: the treated may have changed as everyone did. It is described, never called an effect."
    )
    return Design("before_after", label, "refused", reason)
