"""The paragraphs of a method section: how many units and why, which units and how."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kesos_research import __version__
from kesos_research.estimates import Estimates
from kesos_research.language import _, number


@dataclass(frozen=True)
class Draw:
    """What was drawn from what, and how."""

    frame: str
    units: int
    drawn: int
    method: str
    seed: int
    strata: str | None
    strata_count: int
    size: str | None
    order: tuple[str, ...]
    cluster: str | None
    clusters: int
    within: int | None


def size_paragraph(plan: Estimates) -> str:
    """How the number of units was found, ready for the method section, in the language in force."""
    told = plan.evidence["settings"].iloc[0]
    steps = {str(t): float(v) for t, v in zip(plan.table["term"], plan.table["estimate"], strict=True)}
    sentences = [_formula(told["rule"], mean=not math.isnan(told["sd"])), _inputs(told, steps["simple_random"])]
    if steps["design_effect"] > 1:
        sentences.append(
            _(
                "Because {m} units are taken from each cluster and resemble each other (intraclass correlation {icc}), "
                "this number is multiplied by a design effect of {deff}, which gives {n} units.",
                m=_plain(told["cluster_size"]),
                icc=_plain(told["icc"]),
                deff=number(steps["design_effect"], 2),
                n=_count(steps["completed"]),
            )
        )
    if told["response"] < 1:
        sentences.append(
            _(
                "As {response}% of those drawn are expected to answer, {n} units are drawn.",
                response=_plain(100 * told["response"]),
                n=_count(steps["drawn"]),
            )
        )
    if "clusters" in steps:
        sentences.append(_("They lie in {n} clusters.", n=_count(steps["clusters"])))
    return " ".join(sentences)


def draw_paragraph(draw: Draw) -> str:
    """How the units were drawn, ready for the method section, in the language in force."""
    sentences = [
        _(
            "The sample was drawn from a frame of {N} units ({file}).",
            N=_count(draw.units),
            file=draw.frame,
        )
    ]
    if draw.strata is not None:
        sentences.append(
            _(
                "The frame was divided into {k} strata by {column}, and the sample shared out in proportion to their "
                "sizes.",
                k=_count(draw.strata_count),
                column=draw.strata,
            )
        )
    sentences.append(_by_clusters(draw) if draw.cluster is not None else _by_units(draw))
    if draw.order:
        sentences.append(
            _("Before the draw the frame was sorted by {columns}.", columns=", ".join(draw.order)),
        )
    sentences.append(
        _(
            "The draw was made with kesos_research {version} and the random seed {seed}, so that it can be repeated; "
            "the weight of a unit is the inverse of its probability of being drawn.",
            version=__version__,
            seed=str(draw.seed),
        )
    )
    return " ".join(sentences)


def _formula(rule: str, *, mean: bool) -> str:
    if rule == "slovin":
        return _("The sample size was found with Slovin's formula, n = N/(1 + Ne²).")
    if rule == "krejcie_morgan":
        return _("The sample size was found with the formula of Krejcie and Morgan (1970).")
    if mean:
        return _("The sample size was found with Cochran's (1977) formula for a mean of a finite population.")
    return _("The sample size was found with Cochran's (1977) formula for a proportion of a finite population.")


def _inputs(told: dict | object, n: float) -> str:
    population, margin = float(told["population"]), float(told["margin"])  # type: ignore[index]
    level, share, sd = (float(told[key]) for key in ("level", "share", "sd"))  # type: ignore[index]
    many = (
        _("a very large population") if math.isinf(population) else _("a population of {N} units", N=_count(population))
    )
    if told["rule"] == "slovin":  # type: ignore[index]
        return _(
            "For {population} and a tolerated error of {margin}% it gives {n} units.",
            population=many,
            margin=_plain(100 * margin),
            n=_count(n),
        )
    if not math.isnan(sd):
        return _(
            "For {population}, an expected standard deviation of {sd}, a margin of error of {margin} and a confidence "
            "level of {level}% it gives {n} units of a simple random sample.",
            population=many,
            sd=_plain(sd),
            margin=_plain(margin),
            level=_plain(100 * level),
            n=_count(n),
        )
    return _(
        "For {population}, an expected proportion of {share}%, a margin of error of {margin} percentage points and a "
        "confidence level of {level}% it gives {n} units of a simple random sample.",
        population=many,
        share=_plain(100 * share),
        margin=_plain(100 * margin),
        level=_plain(100 * level),
        n=_count(n),
    )


def _by_units(draw: Draw) -> str:
    n = _count(draw.drawn)
    if draw.method == "systematic":
        return _("{n} units were drawn systematically, at a fixed interval from a random start.", n=n)
    if draw.method == "proportional_to_size":
        return _(
            "{n} units were drawn systematically with probability proportional to size ({column}).",
            n=n,
            column=draw.size,
        )
    return _("{n} units were drawn by simple random sampling without replacement.", n=n)


def _by_clusters(draw: Draw) -> str:
    clusters, m, n = _count(draw.clusters), _count(draw.within or 0), _count(draw.drawn)
    if draw.method == "proportional_to_size":
        return _(
            "In the first stage {clusters} clusters ({column}) were drawn systematically with probability proportional "
            "to size; in the second up to {m} units from each by simple random sampling, {n} units together.",
            clusters=clusters,
            column=draw.cluster,
            m=m,
            n=n,
        )
    if draw.method == "systematic":
        return _(
            "In the first stage {clusters} clusters ({column}) were drawn systematically; in the second up to {m} "
            "units from each by simple random sampling, {n} units together.",
            clusters=clusters,
            column=draw.cluster,
            m=m,
            n=n,
        )
    return _(
        "In the first stage {clusters} clusters ({column}) were drawn by simple random sampling; in the second up to "
        "{m} units from each in the same way, {n} units together.",
        clusters=clusters,
        column=draw.cluster,
        m=m,
        n=n,
    )


def _count(value: float) -> str:
    return number(value, 0)


def _plain(value: float) -> str:
    """As many decimals as the number has, at most four."""
    decimals = next((d for d in range(4) if abs(value - round(value, d)) < 1e-9), 4)
    return number(value, decimals)
