"""Which checks a design owes its reader, given what the data allow."""

from __future__ import annotations

from collections.abc import Sequence

from kesos_research.language import Words, both
from kesos_research.methods._designs import Design, Situation


def checks_due(plan: Sequence[Design], s: Situation) -> list[tuple[str, str, Words]]:
    """(design, check, label) for each design that is used; checks go by the public method that makes them."""
    labels = _labels()
    owed = {design.name: None for design in plan if design.verdict == "used"}
    return [(name, check, labels[check]) for name in owed for check in _of(name, s)]


def _of(name: str, s: Situation) -> list[str]:
    found = [check for check in _DUE.get(name, ()) if _possible(check, s)]
    if name == "callaway_santanna" and not s.m:
        found.remove("bacon_decomposition")
    return found


_BOTH_SIDES = ("exchangeability", "placebo_in_time", "leave_one_out", "minimum_detectable_effect")
_PERIODS = ("pre_trend", "pretrend_power", "honest_did")
_DUE: dict[str, tuple[str, ...]] = {
    "diff_in_diff": ("pre_trend", "placebo_in_time", "leave_one_out", "minimum_detectable_effect"),
    "randomization_inference": _BOTH_SIDES,
    "rescaled_randomization": ("exchangeability", "placebo_in_time", "minimum_detectable_effect"),
    "synthetic_control": ("donor_rules", "placebo_in_space", "placebo_in_time", "leave_one_out", "exchangeability"),
    "conformal_synthetic_control": ("donor_rules", "placebo_in_time"),
    "synthetic_did": ("placebo_in_space", "placebo_in_time", "exchangeability"),
    "event_study": _PERIODS,
    "two_way_fixed_effects": ("wild_bootstrap", "pre_trend"),
    "callaway_santanna": ("bacon_decomposition", *_PERIODS, "sun_abraham", "minimum_detectable_effect"),
    "imputation": ("pre_trend", "callaway_santanna"),
    "pool": ("exchangeability", "placebo_in_time", "leave_one_out"),
    "before_after": ("described_only",),
    "interrupted_series": ("placebo_in_time",),
}


def _possible(check: str, s: Situation) -> bool:
    """Do the data allow it at all?"""
    needs_two_before = {"placebo_in_time", "pre_trend", "pretrend_power", "honest_did"}
    if check in needs_two_before and s.before < 2:
        return False
    if check == "leave_one_out":
        return s.k >= 2
    return True


def _labels() -> dict[str, Words]:
    return {
        "bacon_decomposition": both(
            "Bacon decomposition: how much of two-way fixed effects compares with units treated earlier"
        ),
        "callaway_santanna": both("The same by cohorts against never treated units"),
        "described_only": both("No causal word: the change is described"),
        "donor_rules": both("Donors by rules: no neighbours, no similar programmes, no breaks"),
        "exchangeability": both("Exchangeability: level, trend and noise before"),
        "honest_did": both("How large a departure from parallel trends the answer survives (HonestDiD)"),
        "leave_one_out": both("Without one treated unit"),
        "minimum_detectable_effect": both("Minimum detectable effect"),
        "placebo_in_space": both("Placebo in space: untreated units as if treated"),
        "placebo_in_time": both("Placebo in time: as if it had begun earlier"),
        "pre_trend": both("Trends before treatment"),
        "pretrend_power": both("Power of the look at trends before"),
        "sun_abraham": both("The same as a regression by cohorts (Sun and Abraham)"),
        "wild_bootstrap": both("Wild cluster bootstrap beside the standard error"),
    }
