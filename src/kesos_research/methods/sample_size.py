"""How many units a study needs, before any is asked."""

from __future__ import annotations

import math
from typing import Literal, get_args

import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods import _sample_size as formulas
from kesos_research.methods._checks import percent, spoken
from kesos_research.methods.small_area import one_of

Rule = Literal["cochran", "krejcie_morgan", "slovin"]


def sample_size(
    population: float,
    *,
    margin: float,
    share: float | None = None,
    sd: float | None = None,
    rule: Rule = "cochran",
    cluster_size: float = 1,
    icc: float = 0.0,
    response: float = 1.0,
    level: float = 0.95,
) -> Estimates:
    """How many of the population's units must be drawn, to tell a share or a mean within a margin?

    Estimand: the smallest number of units whose interval of `level` is the estimate ± `margin`.

    Parameters
    ----------
    population
        Number of its units; ``float("inf")`` where it is very large or not known.
    margin
        Half the width of the interval: 0.05 for a share within five points; in the unit of `sd` for a mean.
    share
        The share expected, from 0 to 1; 0.5 needs the most units, and is taken where neither is given.
    sd
        Standard deviation of the figure between units, for a mean.
    rule
        ``"cochran"``: with critical value and population exact. ``"krejcie_morgan"``: their table for shares at 95 %,
        rounded as it is. ``"slovin"``: N/(1 + Ne²), with its warning.
    cluster_size, icc
        Units taken from each cluster, and the intraclass correlation of the figure: the design effect is
        1 + (m − 1)ρ.
    response
        Share of those drawn that will answer.
    level
        Of the interval.

    Returns
    -------
    Estimates
        Numbers of units by steps: ``very_large`` (simple random, before the population's size counts),
        ``simple_random``, ``design_effect``, ``completed`` (interviews needed), ``drawn`` (with those who will not
        answer), and with clusters ``clusters``.

    Raises
    ------
    MethodError
        When a setting is out of its range, both or neither of share and sd fit, or a rule is asked for what it is not.

    Examples
    --------
    >>> answer = sample_size(1200, margin=0.05, rule="krejcie_morgan")
    >>> int(answer.row(term="drawn").estimate)
    291
    >>> plan = sample_size(float("inf"), margin=0.05, cluster_size=10, icc=0.05, response=0.9)
    >>> [int(plan.row(term=t).estimate) for t in ("simple_random", "completed", "drawn", "clusters")]
    [385, 559, 622, 63]

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.). Wiley, ch. 4. — Krejcie, R. V., & Morgan, D. W. (1970).
    Determining sample size for research activities. Educational and Psychological Measurement 30, 607–610. — Kish, L.
    (1965). Survey sampling. Wiley, §5.4. — Tejada, J. J., & Punzalan, J. R. B. (2012). On the misuse of Slovin's
    formula. The Philippine Statistician 61(1), 129–136.
    """
    N = _population(population)
    level, d = _rows.fraction(level, "level"), _positive(margin, "margin")
    one_of(rule, "rule", get_args(Rule))
    p = _share(share, sd, d)
    deff = _design_effect(cluster_size, icc)
    answering = _answering(response)
    if rule != "cochran" and sd is not None:
        raise MethodError(
            _("{rule} is not for means.", rule=_NAMES[rule]),
            expected=_("a share"),
            remedy=_("rule='cochran'"),
            where=Where(key="rule"),
        )
    if rule == "krejcie_morgan" and abs(level - 0.95) > 1e-12:
        raise MethodError(
            _("Krejcie and Morgan's table is for 95 %, not for {level} %.", level=f"{100 * level:g}"),
            remedy=_("rule='cochran'"),
            where=Where(key="level"),
        )
    large, simple = _simple(N, p, sd, d, rule=rule, level=level)
    completed = min(N, formulas.up(simple * deff))
    drawn = min(N, formulas.up(completed / answering))
    steps = {
        "very_large": formulas.up(large),
        "simple_random": simple,
        "design_effect": deff,
        "completed": completed,
        "drawn": drawn,
        **({"clusters": formulas.up(drawn / cluster_size)} if cluster_size > 1 else {}),
    }
    return Estimates(
        pd.DataFrame({"term": list(steps), "estimate": [float(v) for v in steps.values()]}),
        "sample_size",
        "Smallest number of units that tells the figure within the margin",
        level=level,
        checks=_checks(N, p, sd, d, drawn, rule=rule, deff=deff, response=answering, completed=completed),
        evidence={
            "settings": pd.DataFrame(
                [
                    {
                        "rule": rule,
                        "population": N,
                        "margin": d,
                        "share": math.nan if p is None else p,
                        "sd": math.nan if sd is None else float(sd),
                        "cluster_size": float(cluster_size),
                        "icc": float(icc),
                        "response": answering,
                        "level": level,
                    }
                ]
            )
        },
    )


_NAMES = {"cochran": "Cochran", "krejcie_morgan": "Krejcie–Morgan", "slovin": "Slovin"}


def _simple(N: float, p: float | None, sd: float | None, d: float, *, rule: Rule, level: float) -> tuple[float, float]:
    """Units of a simple random sample: from a very large population, and from this one in whole units."""
    if rule == "slovin":
        return formulas.slovin(math.inf, d), formulas.up(formulas.slovin(N, d))
    if rule == "krejcie_morgan":
        assert p is not None
        # their table is rounded to the nearest whole number, not up
        return formulas.krejcie_morgan(math.inf, p, d), math.floor(formulas.krejcie_morgan(N, p, d) + 0.5)
    variance = float(sd) ** 2 if sd is not None else p * (1 - p) if p is not None else math.nan
    n0 = formulas.simple(variance, d, formulas.normal(level))
    return n0, max(1, formulas.up(formulas.finite(n0, N)))


def _population(population: object) -> float:
    if isinstance(population, bool) or not isinstance(population, int | float) or not population >= 1:
        raise MethodError(
            _("{name} is {value}.", name="population", value=_rows.said(population)),
            expected=_("the number of its units, or float('inf')"),
            where=Where(key="population"),
        )
    return float(population)


def _positive(value: object, name: str) -> float:
    number = _rows.nonnegative(value, name)
    if number == 0:
        raise MethodError(
            _("{name} is {value}.", name=name, value=_rows.said(value)),
            expected=_("a number above 0"),
            where=Where(key=name),
        )
    return number


def _share(share: float | None, sd: float | None, margin: float) -> float | None:
    if share is not None and sd is not None:
        raise MethodError(
            _("Both a share and a standard deviation are given."), expected=_("share for a share, or sd for a mean")
        )
    if sd is not None:
        _positive(sd, "sd")
        return None
    if margin >= 1:
        raise MethodError(
            _("{name} is {value}.", name="margin", value=_rows.said(margin)),
            expected=_("for a share a number between 0 and 1: 0.05 is five points"),
            where=Where(key="margin"),
        )
    return 0.5 if share is None else _rows.fraction(share, "share")


def _design_effect(cluster_size: float, icc: float) -> float:
    if not isinstance(cluster_size, int | float) or isinstance(cluster_size, bool) or not 1 <= cluster_size < math.inf:
        raise MethodError(
            _("{name} is {value}.", name="cluster_size", value=_rows.said(cluster_size)),
            expected=_("units taken from each cluster, 1 or more"),
            where=Where(key="cluster_size"),
        )
    if _rows.nonnegative(icc, "icc") > 1:
        raise MethodError(
            _("{name} is {value}.", name="icc", value=_rows.said(icc)),
            expected=_("a number from 0 to 1"),
            where=Where(key="icc"),
        )
    return formulas.design_effect(float(cluster_size), float(icc))


def _answering(response: float) -> float:
    value = _positive(response, "response")
    if value > 1:
        raise MethodError(
            _("{name} is {value}.", name="response", value=_rows.said(response)),
            expected=_("the share of those drawn that will answer, at most 1"),
            where=Where(key="response"),
        )
    return value


def _checks(
    N: float,
    p: float | None,
    sd: float | None,
    d: float,
    drawn: float,
    *,
    rule: Rule,
    deff: float,
    response: float,
    completed: float,
) -> tuple[Check, ...]:
    checks = [_of_rule(rule, N, d), _of_clusters(deff), _of_response(response, drawn, completed)]
    if p == 0.5 and rule != "slovin":
        checks.append(
            Check(
                "expected_share",
                "info",
                "The share is taken as 50 %, which needs the most units; another expected share needs fewer.",
            )
        )
    if sd is not None:
        checks.append(
            Check(
                "expected_spread",
                "info",
                "The standard deviation of {sd} is an assumption, from an earlier survey or a trial: were it twice as "
                "large, four times as many units would be needed.",
                {"sd": spoken(float(sd), 2)},
            )
        )
    if p is not None and min(p, 1 - p) * completed / deff < 10:
        checks.append(
            Check(
                "rare",
                "warn",
                "Fewer than ten units of one kind are expected in the sample: an interval of ± the margin is too "
                "simple for so rare a property.",
            )
        )
    if drawn >= N:
        checks.append(Check("census", "info", "All {n} units are needed: this is a census.", {"n": int(N)}))
    checks.append(
        Check(
            "subgroups",
            "info",
            "The margin holds for all units together. Each region or group that is to be told with it needs this many "
            "units of its own.",
        )
    )
    return tuple(checks)


def _of_rule(rule: Rule, N: float, d: float) -> Check:
    if rule == "slovin":
        return Check(
            "slovin",
            "warn",
            "Slovin's formula silently takes a share of 50 % and a critical value of 2 (95.45 %), has no author who "
            "derived it, and holds only for one share of a simple random sample: not for means, comparisons, clusters "
            "or non-response. Cochran's formula says the same with its assumptions in sight: {n} units at 95 %.",
            {"n": formulas.up(formulas.finite(formulas.simple(0.25, d, formulas.normal(0.95)), N))},
        )
    if rule == "krejcie_morgan":
        return Check(
            "krejcie_morgan",
            "info",
            "Krejcie and Morgan's table: one share of a simple random sample at 95 %, rounded to the nearest unit.",
        )
    return Check(
        "cochran", "info", "Cochran's formula for a simple random sample, with the size of the population counted."
    )


def _of_clusters(deff: float) -> Check:
    if deff > 1:
        return Check(
            "design_effect",
            "info",
            "Units from one cluster resemble each other: variances are taken {deff} times those of a simple random "
            "sample.",
            {"deff": spoken(deff, 2)},
        )
    return Check(
        "design_effect",
        "warn",
        "No design effect is counted: where units are drawn in clusters, such as households of a village, this number "
        "is too small, often by half.",
    )


def _of_response(response: float, drawn: float, completed: float) -> Check:
    if response < 1:
        return Check(
            "response",
            "warn" if response < 0.7 else "info",
            "{drawn} units are drawn so that {completed} answer. More units do not mend the bias where those who do "
            "not answer ({share} %) are different.",
            {"drawn": int(drawn), "completed": int(completed), "share": percent(1 - response)},
        )
    return Check("response", "warn", "All units drawn are expected to answer, which hardly ever happens.")
