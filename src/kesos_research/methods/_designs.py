"""The designs the chooser knows, and the rule for each.

Sizes quoted here are those of a 5 % test when nothing happened, with 20 to 38 units; docs/methods/coverage.md shows how
they grow with the larger group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kesos_research.language import Words, both
from kesos_research.methods._checks import probability

Verdict = Literal["used", "refused", "open"]

MANY = 10
"""From this many treated units on, a standard error from their spread is believed."""


@dataclass(frozen=True)
class Situation:
    """k treated and m comparison units; periods before and after; how many dates of start; alpha of the test."""

    k: int
    m: int
    before: int
    after: int
    dates: int
    alpha: float

    @property
    def comparable(self) -> bool:
        """Can a difference in differences be written down at all?"""
        return min(self.k, self.m, self.before, self.after) > 0 and self.dates == 1


@dataclass(frozen=True)
class Design:
    name: str
    label: Words
    verdict: Verdict
    reason: Words


def designs(s: Situation, *, smallest_p: float, noisy: bool | None) -> list[Design]:
    """Every design with its verdict, the used ones first."""
    if s.dates > 1:
        plan = _staggered(s)
    elif not s.comparable:
        plan = _nothing_to_compare(s)
    else:
        plan = [
            _difference(s),
            _randomisation(s, smallest_p),
            _synthetic(s),
            *_joint(s),
            _cr2(s),
            _rescaled(noisy),
            *_not_yet(s),
            _cr1(s),
        ]
    plan.append(_before_after(s))
    return sorted(plan, key=lambda d: ("used", "open", "refused").index(d.verdict))


def _difference(s: Situation) -> Design:
    return Design(
        "diff_in_diff",
        both("Difference in differences"),
        "used",
        both("{k} treated against {m} comparison units with one date of start.", k=s.k, m=s.m),
    )


def _randomisation(s: Situation, smallest_p: float) -> Design:
    label = both("Randomisation inference")
    if smallest_p <= s.alpha + 1e-12:
        return Design(
            "randomization_inference",
            label,
            "used",
            both(
                "It keeps its size with any number of treated units, if they are exchangeable; the smallest p-value it "
                "could give is {p}.",
                p=probability(smallest_p),
            ),
        )
    return Design(
        "randomization_inference",
        label,
        "refused",
        both("The smallest p-value it could give is {p}: it could never reject.", p=probability(smallest_p)),
    )


def _synthetic(s: Situation) -> Design:
    label = both("Synthetic control of each unit, placebo p-values")
    if s.m < 2 or s.before < 2:
        verdict, reason = (
            "refused",
            both(
                "{m} comparison units and {before} periods before: two of each are the least.", m=s.m, before=s.before
            ),
        )
    elif s.k >= MANY:
        verdict, reason = "open", both("With {k} treated units the difference in differences comes first.", k=s.k)
    elif s.m > s.before:
        verdict, reason = (
            "used",
            both(
                "{m} possible donors for {before} periods before: a close fit proves little, and only a penalty makes "
                "the weights unique.",
                m=s.m,
                before=s.before,
            ),
        )
    else:
        verdict, reason = "used", both("{m} possible donors for {before} periods before.", m=s.m, before=s.before)
    return Design("synthetic_control", label, verdict, reason)


def _joint(s: Situation) -> list[Design]:
    if s.k < 2 or s.m < 2 or s.before < 2:
        return []
    label = both("Pooled synthetic control, joint placebo")
    if s.k >= s.m:
        return [
            Design(
                "joint_placebo",
                label,
                "refused",
                both("A set of {k} among {m} comparison units leaves no donor.", k=s.k, m=s.m),
            )
        ]
    if s.k >= MANY:
        reason = both("With {k} treated units the difference in differences comes first.", k=s.k)
        return [Design("joint_placebo", label, "open", reason)]
    return [
        Design(
            "joint_placebo",
            label,
            "used",
            both(
                "The mean of {k} treated against the means of sets of {k} units, none of which donates to another.",
                k=s.k,
            ),
        )
    ]


def _cr1(s: Situation) -> Design:
    label = both("Cluster-robust standard error (CR1)")
    few = min(s.k, s.m)
    if few == 1:
        reason = both(
            "With one unit in the smaller group a 5 % test rejects in 63–73 % when nothing happened, more often the "
            "larger the other group."
        )
    elif few == 2:
        reason = both(
            "With two units in the smaller group a 5 % test rejects in 24–29 % when nothing happened, more often the "
            "larger the other group."
        )
    elif few < MANY:
        reason = both(
            "With three units in the smaller group a 5 % test rejects in 14–18 % when nothing happened, with five in "
            "7–11 %, more often the larger the other group."
        )
    else:
        reason = both("CR2 errs less and costs nothing.")
    return Design("cluster_robust", label, "refused", reason)


def _cr2(s: Situation) -> Design:
    label = both("Small-sample standard error (CR2)")
    few = min(s.k, s.m)
    if few >= MANY:
        return Design("cr2", label, "used", both("{k} treated and {m} comparison units are enough.", k=s.k, m=s.m))
    if few == 1:
        return Design("cr2", label, "refused", both("One unit has no spread to measure an error with."))
    return Design(
        "cr2",
        label,
        "open",
        both("It would rest on about {df} degrees of freedom; randomisation inference assumes less.", df=few - 1),
    )


def _rescaled(noisy: bool | None) -> Design:
    label = both("Randomisation inference rescaled for unequal variances")
    if noisy:
        reason = both(
            "The treated are noisier than the others. Plain randomisation inference then rejects in 22–27 % instead of "
            "5 %: read its p-value as too small. The rescaled version is not built yet."
        )
    elif noisy is None:
        reason = both("Whether the treated are noisier cannot be seen with one period on each side.")
    else:
        reason = both("There is no sign that the treated are noisier, so the plain version stands.")
    return Design("rescaled_randomization", label, "open", reason)


def _not_yet(s: Situation) -> list[Design]:
    if s.k >= MANY:
        return [
            Design(
                "event_study",
                both("Event study with sensitivity to parallel trends"),
                "open",
                both("{k} treated units could carry it; it is not built yet.", k=s.k),
            )
        ]
    if s.k <= 2:
        return [
            Design(
                "conformal",
                both("Conformal interval of a synthetic control"),
                "open",
                both("It tests over periods instead of units and needs many more than {before}.", before=s.before),
            )
        ]
    return [
        Design(
            "synthetic_did",
            both("Synthetic difference in differences"),
            "open",
            both("{k} treated units could carry it; it is not built yet.", k=s.k),
        )
    ]


def _staggered(s: Situation) -> list[Design]:
    return [
        Design(
            "twfe",
            both("Two-way fixed effects"),
            "refused",
            both(
                "With {n} dates of start it compares treated units with units treated earlier, and can turn the sign.",
                n=s.dates,
            ),
        ),
        Design(
            "callaway_santanna",
            both("Cohorts against never treated units (Callaway and Sant'Anna), or imputation"),
            "open" if s.m else "refused",
            both("It fits {n} dates of start; it is not built yet.", n=s.dates)
            if s.m
            else both("No unit was never treated."),
        ),
    ]


def _nothing_to_compare(s: Situation) -> list[Design]:
    if not s.k:
        reason = both("No unit is treated.")
    elif not s.m:
        reason = both("All units are treated: what would have happened otherwise cannot be seen.")
    else:
        reason = both("{before} periods before and {after} after: a change needs both.", before=s.before, after=s.after)
    return [
        Design("diff_in_diff", both("Difference in differences"), "refused", reason),
        Design("synthetic_control", both("Synthetic control of each unit, placebo p-values"), "refused", reason),
    ]


def _before_after(s: Situation) -> Design:
    label = both("Change of the treated alone")
    if not s.m and s.k and s.before and s.after:
        return Design(
            "before_after",
            label,
            "used",
            both("Described only: nothing says what would have happened without treatment."),
        )
    return Design(
        "before_after",
        label,
        "refused",
        both("As an effect: the treated may have changed as everyone did. It is described, never called an effect."),
    )
