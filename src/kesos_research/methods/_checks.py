"""The assumptions that several methods share, looked at in the rows and said in one wording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kesos_research.estimates import Check
from kesos_research.language import LANGUAGES, Words, number
from kesos_research.methods._randomize import Reference, noise, randomise
from kesos_research.methods._rows import Panel

NOISY = 1 / 6
"""Treated units are called noisier when fewer than one in six sets of units jump as much from period to period.

Equal units are then called noisier in at most one case of six, whatever the distribution; units twice as noisy are
found in four of five cases and more from two treated units on (docs/methods/coverage.md).
"""


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def spoken(value: float, decimals: int) -> Words:
    """A number as each language writes it."""
    return {lang: number(value, decimals, lang) for lang in LANGUAGES}


def percent(share: float, decimals: int = 0) -> Words:
    """A share as a percentage, without its sign."""
    return spoken(100 * share, decimals)


def probability(p: float) -> Words:
    """A p-value with as many places as it needs to differ from zero; below one in ten thousand as a power of ten."""
    if not 0 < p < 0.0001:
        return spoken(p, 3 if p >= 0.001 else 4)
    digit, exponent = f"{p:.0e}".split("e-")
    power = "10⁻" + str(int(exponent)).translate(_RAISED)
    return dict.fromkeys(LANGUAGES, power if digit == "1" else f"{digit} × {power}")


def listed(names: Sequence[object], shown: int = 5) -> str:
    """The first names, and a sign that there are more."""
    return ", ".join(map(str, names[:shown])) + (" …" if len(names) > shown else "")


def finite(value: float) -> float:
    """A bound that is not there is absent."""
    return value if np.isfinite(value) else float("nan")


def estimate_row(term: str, reference: Reference, level: float, n: int) -> dict[str, object]:
    """The row of an estimate that is judged by its reference distribution."""
    low, high = reference.interval(level)
    return {
        "term": term,
        "estimate": reference.observed,
        "std_error": reference.std_error,
        "conf_low": finite(low),
        "conf_high": finite(high),
        "p_value": reference.p_value,
        "n": n,
    }


def chosen_not_drawn(k: int) -> Check:
    return Check(
        "chosen_not_drawn",
        "warn",
        "The {k} treated units were chosen, not drawn: the p-value holds only if they could as well have been any "
        "others, which no design guarantees.",
        {"k": k},
    )


def attainable(reference: Reference, level: float) -> Check:
    """Can any outcome be called significant with this few assignments?"""
    evidence = {"p": probability(reference.smallest_p), "level": percent(1 - level)}
    if reference.smallest_p <= 1 - level + 1e-12:
        return Check(
            "smallest_p",
            "pass",
            "The smallest p-value these units could give is {p}; the test is at {level} %.",
            evidence,
        )
    return Check(
        "smallest_p",
        "fail",
        "The smallest p-value these units could give is {p}: no effect, however large, would be told from zero at "
        "{level} %, and the interval has no ends.",
        evidence,
    )


def draws_made(reference: Reference) -> Check:
    if reference.exact:
        return Check(
            "assignments", "info", "All {n} sets of units were looked at; nothing was drawn.", {"n": len(reference.T)}
        )
    return Check("assignments", "info", "{n} sets of units were drawn at random.", {"n": len(reference.T)})


def equally_noisy(panel: Panel, *, draws: int, seed: int) -> Check:
    """Do the treated jump more from period to period than sets of as many units do?

    A test against sets of units errs when the treated are noisier: a 5 % test then rejects in 22–27 %.
    """
    v = noise(panel.Y, panel.before)
    if v is None:
        return Check(
            "equally_noisy",
            "info",
            "With one period on each side it cannot be seen whether the treated are noisier than the others.",
        )
    p, ratio = noisier(v, panel.treated, panel.strata, draws=draws, seed=seed)
    evidence = {"ratio": spoken(ratio, 2), "p": probability(p)}
    if p <= NOISY:
        return Check(
            "equally_noisy",
            "warn",
            "The treated jump {ratio} times as much from period to period as the others (p = {p}): the p-value is too "
            "small where that is so, and the interval too narrow.",
            evidence,
        )
    return Check(
        "equally_noisy",
        "pass",
        "The treated jump {ratio} times as much from period to period as the others (p = {p}): no sign that they are "
        "noisier.",
        evidence,
    )


def noisier(
    v: NDArray[np.float64], treated: NDArray[np.bool_], strata: NDArray[np.intp], *, draws: int, seed: int
) -> tuple[float, float]:
    """One-sided p of the treated units' mean noise among sets of units, and the ratio of standard deviations."""
    reference = randomise(v, treated, strata, draws, seed)
    slack = 1e-10 * float(v.max(initial=0.0))
    beyond = int((reference.observed - slack <= reference.T).sum())
    p = beyond / len(reference.T) if reference.own else (1 + beyond) / (1 + len(reference.T))
    others = float(v[~treated].mean())
    return p, float(np.sqrt(v[treated].mean() / others)) if others > 0 else float("nan")
