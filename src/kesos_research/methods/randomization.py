"""Randomisation inference: how often would units taken at random differ as much as the treated do?"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import attainable, chosen_not_drawn, draws_made, equally_noisy, estimate_row, listed
from kesos_research.methods._randomize import Reference, assignments, difference
from kesos_research.methods._studentize import Studentized, studentise

Statistic = Literal["difference", "studentized"]

DRAWS = 9_999
"""The fewest draws: p-values then move by less than half a point from seed to seed."""


def randomization_inference(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    draws: int = DRAWS,
    level: float = 0.95,
    strata: str | None = None,
    statistic: Statistic = "difference",
) -> Estimates:
    """How often would as many units, taken at random, differ as much from the rest as the treated do?

    Estimand: that of `diff_in_diff`, under a constant effect. The test is of the sharp hypothesis that treatment
    changed nothing in any treated unit, and is exact if the treated are exchangeable with the comparison units.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    seed
        Of the draws. Units are put in the order of their changes first: names and row order change nothing.
    draws
        Sets of units drawn, at least 9,999. Where no more sets than that exist, all are looked at instead.
    strata
        Column within whose values treated and comparison units are exchanged (one value for each unit): strata, or
        matched sets with one treated unit each. The estimate is then the mean of the differences within strata,
        weighted by their treated units; strata without treated units are left out.
    statistic
        What is ranked. ``"difference"``: the difference of mean changes. ``"studentized"``: the same over its own
        standard error, which still has about its size in large groups of unequal spread. It asks for two treated and
        two comparison units in each stratum, or one treated in each of two matched sets or more.

    Returns
    -------
    Estimates
        One row, ``term="treated"``. `std_error` is the standard deviation of the randomisation distribution, `p_value`
        is (1 + #)/(1 + B), or the share where all sets were looked at, and the interval holds the effects that the test
        does not reject (absent where it rejects none; the outermost of them where they leave gaps). Evidence:
        ``draws``, the randomisation distribution (with a column ``studentized`` where asked for), and ``inference``
        with the smallest attainable p-value and the minimum detectable effect at power .8.

    Raises
    ------
    MethodError
        As `diff_in_diff`, when a stratum has no comparison unit, when no set of units differs from another, and when
        the groups are too small, or too equal, for a standard error.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "place": [c for c in "abcdefghijklmnopqrstu" for _ in (1, 2)], "year": [1, 2] * 21,
    ...     "poor": [x for i in range(21) for x in (10.0, 10.0 - (9 if i == 0 else i % 5))],
    ...     "pilot": [i == 0 for i in range(21) for _ in (1, 2)],
    ... })
    >>> answer = randomization_inference(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=2, seed=1)
    >>> round(float(answer.row(term="treated").p_value), 4)  # 1 of 21
    0.0476

    References
    ----------
    Fisher, R. A. (1935). The design of experiments. Oliver & Boyd. — Conley, T. G., & Taber, C. R. (2011). Inference
    with "difference in differences" with a small number of policy changes. Review of Economics and Statistics 93(1),
    113–125. — Chung, E., & Romano, J. P. (2013). Exact and asymptotically robust permutation tests. Annals of
    Statistics 41(2), 484–507.
    """
    level = _rows.fraction(level, "level")
    statistic = _rows.choice(statistic, "statistic", get_args(Statistic))
    roles = {"outcome": outcome, "unit": unit, "period": period, "treated": treated, "since": since, "strata": strata}
    panel, reference = distribution(data, roles=roles, seed=seed, draws=draws, statistic=statistic)
    return Estimates(
        pd.DataFrame([estimate_row("treated", reference, level, len(panel.units))]),
        "randomization_inference",
        "Mean effect on the treated in the periods after, the same for each, if they could have been any units",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            equally_noisy(panel, draws=draws, seed=seed),
            attainable(reference, level),
            draws_made(reference),
            *([] if strata is None else [_sets(panel)]),
        ),
        evidence={
            "draws": _draws(reference),
            "inference": inference({"treated": reference}, level),
        },
    )


def distribution(
    data: pd.DataFrame, *, roles: dict[str, object], seed: int, draws: int, statistic: Statistic = "difference"
) -> tuple[_rows.Panel, Reference]:
    """The panel of the units that can be exchanged, and the randomisation distribution of their difference."""
    seed = _rows.whole(seed, "seed", least=0)
    draws = _rows.whole(draws, "draws", least=DRAWS)
    panel = exchangeable(_rows.read_design(data, **roles))
    D = panel.changes
    if np.ptp(D) <= 1e-12 * max(1.0, float(np.abs(panel.Y).max())):
        raise MethodError(
            _("All units change by the same amount: no set of units differs from another."),
            expected=_("changes that differ"),
            where=Where(column=str(roles["outcome"])),
        )
    sets = assignments(D, panel.treated, panel.strata, draws, seed)
    if statistic == "difference":
        return panel, difference(D, panel.treated, sets)
    return panel, _studentized(studentise(D, panel.treated, sets))


def _studentized(reference: Studentized | None) -> Studentized:
    if reference is None:
        raise MethodError(
            _("The groups are too small for a standard error of their difference."),
            expected=_(
                "two treated and two comparison units in each stratum, or one treated in each of two sets or more"
            ),
            remedy=_("take {choice}", choice='statistic="difference"'),
            where=Where(key="statistic"),
        )
    if reference.V_observed <= 1e-20 * float(reference.T.std()) ** 2:
        raise MethodError(
            _("All units of each group change by the same amount: there is no spread to measure an error with."),
            expected=_("changes that differ"),
            remedy=_("take {choice}", choice='statistic="difference"'),
        )
    return reference


def inference(references: dict[str, Reference], level: float, power: float = 0.8) -> pd.DataFrame:
    """What each reference distribution could have shown."""
    return pd.DataFrame(
        [
            {
                "term": term,
                "smallest_p": r.smallest_p,
                "mde": r.mde(level, power),
                "sets": len(r.T),
                "exact": r.exact,
                "std_error": r.std_error,
            }
            for term, r in references.items()
        ]
    )


def _draws(reference: Reference) -> pd.DataFrame:
    frame = pd.DataFrame({"statistic": reference.T})
    if isinstance(reference, Studentized):
        frame["studentized"] = reference.t
    return frame.sort_values([str(c) for c in frame], ignore_index=True)


def _sets(panel: _rows.Panel) -> Check:
    """Were whole strata compared, or matched sets of one treated unit each?"""
    treated = np.array([panel.treated[panel.strata == s].sum() for s in np.unique(panel.strata)])
    evidence = {"n": len(treated), "k": panel.k, "m": len(panel.units) - panel.k}
    if (treated == 1).all() and len(treated) > 1:
        return Check(
            "exchanged_within",
            "info",
            "{n} matched sets with one treated unit each and {m} comparison units in all: each is exchanged within its "
            "set only.",
            evidence,
        )
    return Check(
        "exchanged_within",
        "info",
        "{k} treated and {m} comparison units are exchanged within {n} strata only.",
        evidence,
    )


def exchangeable(panel: _rows.Panel) -> _rows.Panel:
    """Without strata that hold no treated unit; a stratum that holds nothing else is refused."""
    used = np.unique(panel.strata[panel.treated])
    lonely = [s for s in used if panel.treated[panel.strata == s].all()]
    if lonely:
        inside = np.isin(panel.strata, lonely)
        raise MethodError(
            _(
                "{n} strata have treated units only ({named}).",
                n=len(lonely),
                named=listed([u for u, i in zip(panel.units, inside, strict=True) if i]),
            ),
            expected=_("comparison units in each stratum that has treated ones"),
            remedy=_("use wider strata, or none"),
        )
    keep = np.isin(panel.strata, used)
    return _rows.only(panel, keep)
