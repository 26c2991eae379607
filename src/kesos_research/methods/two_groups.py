"""What a comparison of two groups can see: how many units, which power, which smallest difference."""

from __future__ import annotations

import math

import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods import _sample_size as formulas
from kesos_research.methods._checks import percent, spoken
from kesos_research.methods._sample_size import Groups


def two_group_size(
    effect: float,
    *,
    sd: float | None = None,
    share: float | None = None,
    power: float = 0.8,
    ratio: float = 1.0,
    cluster_size: float = 1,
    icc: float = 0.0,
    response: float = 1.0,
    level: float = 0.95,
) -> Estimates:
    """How many units must two groups have, so that a difference of this size would be found?

    Estimand: the fewest units at which a two-sided test at 1 − `level` finds a true difference of `effect` with
    probability `power`.

    Parameters
    ----------
    effect
        The difference that matters, in the unit of `sd`, or of shares (0.1 is ten points).
    sd
        Standard deviation between units in each group, for means.
    share
        The share in the first group, for shares; in the second it is `share + effect`.
    power
        Probability to find it.
    ratio
        Units of the second group for each of the first.
    cluster_size, icc
        Where whole clusters (villages, schools) are in one group or the other: units in each, and their intraclass
        correlation. Variances are multiplied by 1 + (m − 1)ρ, and degrees of freedom count clusters.
    response
        Share of the units that will answer in the end.
    level
        1 − the level of the test.

    Returns
    -------
    Estimates
        Terms ``first_group``, ``second_group``, ``both_groups`` (units to be drawn), and with clusters
        ``first_clusters``, ``second_clusters``.

    Raises
    ------
    MethodError
        When a setting is out of its range, or not exactly one of sd and share is given.

    Examples
    --------
    >>> answer = two_group_size(0.5, sd=1.0)
    >>> int(answer.row(term="first_group").estimate)
    64

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum. — Fleiss, J. L., Levin,
    B., & Paik, M. C. (2003). Statistical methods for rates and proportions (3rd ed.). Wiley, ch. 4. — Donner, A., &
    Klar, N. (2000). Design and analysis of cluster randomization trials in health research. Arnold.
    """
    groups = _groups(sd=sd, share=share, ratio=ratio, cluster_size=cluster_size, icc=icc)
    size = _effect(effect, share)
    level, wanted, answering = _rows.fraction(level, "level"), _rows.fraction(power, "power"), _at_most_one(response)
    first = formulas.units(size, level, wanted, groups)
    if math.isinf(first):
        raise MethodError(_("No number of units gives this power."), expected=_("a larger effect"))
    # whole clusters: the second group follows its own whole clusters
    counts = [formulas.up(first / answering), formulas.up(first * groups.ratio / answering)]
    terms: dict[str, float] = {}
    if cluster_size > 1:
        clusters = [formulas.up(c / cluster_size) for c in counts]
        counts = [formulas.up(k * cluster_size) for k in clusters]
        terms = {"first_clusters": clusters[0], "second_clusters": clusters[1]}
    terms = {"first_group": counts[0], "second_group": counts[1], "both_groups": sum(counts), **terms}
    return Estimates(
        _table(terms),
        "two_group_size",
        "Fewest units with which a difference of this size would be found",
        level=level,
        checks=_checks(level, groups, wanted),
    )


def two_group_power(
    units: float,
    *,
    effect: float,
    sd: float | None = None,
    share: float | None = None,
    ratio: float = 1.0,
    cluster_size: float = 1,
    icc: float = 0.0,
    level: float = 0.95,
) -> Estimates:
    """How probable is it that two groups of this many units show a difference of this size?

    Estimand: the power of a two-sided test at 1 − `level`.

    Parameters
    ----------
    units
        Units of the first group that answer.
    effect, sd, share, ratio, cluster_size, icc, level
        As for `two_group_size`.

    Returns
    -------
    Estimates
        One row, ``power``.

    Raises
    ------
    MethodError
        As `two_group_size`.

    Examples
    --------
    >>> round(float(two_group_power(64, effect=0.5, sd=1.0).row(term="power").estimate), 4)
    0.8015

    References
    ----------
    As for `two_group_size`.
    """
    groups = _groups(sd=sd, share=share, ratio=ratio, cluster_size=cluster_size, icc=icc)
    level = _rows.fraction(level, "level")
    found = formulas.power(_units(units), _effect(effect, share), level, groups)
    return Estimates(
        _table({"power": found}),
        "two_group_power",
        "Probability that a difference of this size is found",
        level=level,
        checks=_checks(level, groups),
    )


def two_group_effect(
    units: float,
    *,
    sd: float | None = None,
    share: float | None = None,
    power: float = 0.8,
    ratio: float = 1.0,
    cluster_size: float = 1,
    icc: float = 0.0,
    level: float = 0.95,
) -> Estimates:
    """How small a difference would two groups of this many units still show?

    Estimand: the smallest difference above 0 that a two-sided test at 1 − `level` finds with probability `power`.

    Parameters
    ----------
    units, sd, share, power, ratio, cluster_size, icc, level
        As for `two_group_size` and `two_group_power`.

    Returns
    -------
    Estimates
        Terms ``effect`` and, for means, ``standardised``: in standard deviations. Absent where no possible effect is
        found.

    Raises
    ------
    MethodError
        As `two_group_size`.

    Examples
    --------
    >>> round(float(two_group_effect(64, sd=1.0).row(term="effect").estimate), 3)
    0.499

    References
    ----------
    As for `two_group_size`.
    """
    groups = _groups(sd=sd, share=share, ratio=ratio, cluster_size=cluster_size, icc=icc)
    level, wanted = _rows.fraction(level, "level"), _rows.fraction(power, "power")
    found = formulas.smallest_effect(_units(units), level, wanted, groups)
    terms = {"effect": found, **({"standardised": found / groups.sd} if groups.sd is not None else {})}
    return Estimates(
        _table(terms),
        "two_group_effect",
        "Smallest difference that would be found with this power",
        level=level,
        checks=(*_checks(level, groups, wanted), *_unreachable(found)),
    )


def _groups(*, sd: float | None, share: float | None, ratio: float, cluster_size: float, icc: float) -> Groups:
    if (sd is None) == (share is None):
        raise MethodError(
            _("Not exactly one of sd and share is given."), expected=_("sd for means, or share for shares")
        )
    if sd is not None:
        above_zero(sd, "sd")
    if share is not None and not 0 <= _rows.nonnegative(share, "share") < 1:
        raise MethodError(
            _("{name} is {value}.", name="share", value=_rows.said(share)),
            expected=_("a number from 0 to 1"),
            where=Where(key="share"),
        )
    above_zero(ratio, "ratio")
    if above_zero(cluster_size, "cluster_size") < 1 or _rows.nonnegative(icc, "icc") > 1:
        raise MethodError(
            _("cluster_size is {size} and icc {icc}.", size=cluster_size, icc=icc),
            expected=_("1 unit or more, and a number from 0 to 1"),
        )
    return Groups(
        sd=None if sd is None else float(sd),
        base=None if share is None else float(share),
        ratio=float(ratio),
        deff=formulas.design_effect(float(cluster_size), float(icc)),
        take=float(cluster_size) if icc > 0 else 1.0,
    )


def above_zero(value: object, name: str) -> float:
    """A setting above zero."""
    number = _rows.nonnegative(value, name)
    if number == 0:
        raise MethodError(
            _("{name} is {value}.", name=name, value=_rows.said(value)),
            expected=_("a number above 0"),
            where=Where(key=name),
        )
    return number


def _units(units: float) -> float:
    if above_zero(units, "units") < 2:
        raise MethodError(
            _("{name} is {value}.", name="units", value=_rows.said(units)),
            expected=_("at least 2 units in a group"),
            where=Where(key="units"),
        )
    return float(units)


def _at_most_one(response: float) -> float:
    if above_zero(response, "response") > 1:
        raise MethodError(
            _("{name} is {value}.", name="response", value=_rows.said(response)),
            expected=_("the share of those drawn that will answer, at most 1"),
            where=Where(key="response"),
        )
    return float(response)


def _effect(effect: object, share: float | None) -> float:
    if not isinstance(effect, int | float) or isinstance(effect, bool) or not 0 < abs(effect) <= _rows.LARGEST:
        raise MethodError(
            _("{name} is {value}.", name="effect", value=_rows.said(effect)),
            expected=_("a difference that is not 0"),
            where=Where(key="effect"),
        )
    if share is not None and not 0 <= share + effect <= 1:
        raise MethodError(
            _("The second share would be {value}.", value=f"{share + effect:g}"),
            expected=_("a number from 0 to 1"),
            remedy=_("shares are numbers from 0 to 1: ten points are 0.1"),
            where=Where(key="effect"),
        )
    return float(effect)


def _checks(level: float, groups: Groups, wanted: float | None = None) -> tuple[Check, ...]:
    checks = [
        Check(
            "test",
            "info",
            "For a two-sided test at {alpha} %, of t between two means.",
            {"alpha": percent(1 - level)},
        )
        if groups.base is None
        else Check(
            "test",
            "info",
            "For a two-sided test at {alpha} % of the difference of two shares, by the normal distribution.",
            {"alpha": percent(1 - level)},
        ),
        _of_clusters(groups),
    ]
    if wanted is not None and wanted < 0.8:
        checks.append(
            Check(
                "power",
                "warn",
                "With a power of {power} % a true difference is missed in {missed} of 100 studies.",
                {"power": percent(wanted), "missed": percent(1 - wanted)},
            )
        )
    return tuple(checks)


def _table(terms: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame({"term": list(terms), "estimate": [float(v) for v in terms.values()]})


def _unreachable(found: float) -> tuple[Check, ...]:
    if not math.isnan(found):
        return ()
    return (
        Check(
            "unreachable",
            "fail",
            "With so few units, or clusters, no possible difference would be found with this power.",
        ),
    )


def _of_clusters(groups: Groups) -> Check:
    if groups.take > 1:
        return Check(
            "design_effect",
            "info",
            "Whole clusters are in one group or the other: variances are taken {deff} times those of units assigned "
            "one by one, and degrees of freedom count clusters.",
            {"deff": spoken(groups.deff, 2)},
        )
    return Check(
        "design_effect",
        "warn",
        "No design effect is counted: where villages or schools, not persons, are in one group or the other, these "
        "numbers are too hopeful.",
    )
