"""The plan held against what was run: planned, done, deviation, reason."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from kesos_research.data.read import read_codebook
from kesos_research.estimates import Call
from kesos_research.language import LANGUAGES, Language, Words, both, number, words
from kesos_research.report.collect import Results
from kesos_research.report.exhibit import Column, Table
from kesos_research.report.method_names import method_name
from kesos_research.study.method import Method

EXHIBIT = "tbl-plan"
CHECKS = frozenset(
    {
        "chooser", "describe", "nearest_units", "balance", "minimum_detectable_effect", "exchangeability",
        "placebo_in_time", "donor_rules", "leave_one_out", "bacon_decomposition", "honest_did", "pretrend_power",
        "density_test", "pool",
    }
)  # fmt: skip
"""Methods that look at an answer, or put parts of it together, and are never one by themselves."""
OWN_DRAWS = frozenset({"synthetic_did", "many_outcomes", "cost_per_outcome", "cost_effectiveness"})
"""Methods whose draws are not those of the plan's randomisation."""
_NOTHING = words(id="", en="")
_SHOWN = 6


@dataclass(frozen=True)
class Line:
    """One line of the table; `departs` where what was done is not what was planned."""

    planned: Words
    done: Words
    deviation: Words
    reason: Words
    departs: bool


def with_plan(study: Any, results: Results) -> Results:
    """The results, and among the exhibits the plan against what was run; the same where no methods were planned."""
    table = against_plan(study, results)
    return results if table is None else replace(results, exhibits={**results.exhibits, EXHIBIT: table})


def against_plan(study: Any, results: Results) -> Table | None:
    """The table of the plan; None where study.yaml names no methods."""
    if not getattr(getattr(study, "plan", None), "methods", ()):
        return None
    found = lines(study, results)
    columns = (
        Column("planned", both("Planned"), "text", weight=2.0),
        Column("done", both("Carried out"), "text", weight=2.6),
        Column("deviation", both("Deviation"), "text", weight=1.4),
        Column("reason", both("Reason"), "text", weight=2.6),
    )
    told = [c for c in columns if any(any(getattr(line, c.key).values()) for line in found)]
    rows = [{c.key: getattr(line, c.key) for c in told} for line in found]
    caption = _followed(summary(found), both("Methods planned and methods run."))
    return Table(EXHIBIT, caption=caption, columns=tuple(told), rows=tuple(rows), width="page", public=True)


def sentence(study: Any, results: Results, lang: Language) -> str:
    """What the text says of the plan: how many deviations, and where the table is."""
    found = summary(lines(study, results))
    see = both("{table} sets what was planned beside what was run.", table=f"@{EXHIBIT}")
    return _followed(found, see)[lang]


def summary(found: Sequence[Line]) -> Words:
    """How many deviations there are, also where there are none."""
    departing = sum(line.departs for line in found)
    if departing == 0:
        return both("No deviations from the plan.")
    if departing == 1:
        return both("One deviation from the plan.")
    return both("{n} deviations from the plan.", n=departing)


def lines(study: Any, results: Results) -> list[Line]:
    """Planned methods in the plan's order, then what else was run, then settings that differ."""
    plan = study.plan
    calls = list(chain.from_iterable(told.calls for told in results.sequences.values()))
    run: dict[str, list[Call]] = {}
    for call in calls:
        run.setdefault(call.method, []).append(call)
    chosen = {d for call in calls for d, verdict in call.verdicts.items() if verdict == "used"}
    elsewhere, named = _in_profiles(study), _named(study)
    added = [name for name in get_args(Method) if name in run and name not in plan.methods]
    return [
        *(_planned(study, name, run.get(name, ()), named, elsewhere=name in elsewhere) for name in plan.methods),
        *(_added(study, name, run[name], named, chosen=name in chosen) for name in added),
        *_settings(plan, calls),
    ]


def _planned(study: Any, name: str, calls: Sequence[Call], named: Mapping[str, Words], *, elsewhere: bool) -> Line:
    title, reasons = method_name(name), study.plan.reasons
    if any(call.answered for call in calls):
        return Line(title, _done(study, calls, named), both("none"), reasons.get(name, _NOTHING), False)
    if elsewhere:
        done = both("yes, in the profile of each region")
        return Line(title, done, both("none"), reasons.get(name, _NOTHING), False)
    done = both("tried; it refused the rows") if calls else both("no")
    return Line(title, done, both("planned, not run"), reasons.get(name, both("not given")), True)


def _added(study: Any, name: str, calls: Sequence[Call], named: Mapping[str, Words], *, chosen: bool) -> Line:
    title, done, reasons = words(id="–", en="–"), _done(study, calls, named), study.plan.reasons
    done = {lang: f"{method_name(name)[lang]}: {done[lang]}" for lang in LANGUAGES}
    if name in reasons:
        return Line(title, done, both("run, not planned"), reasons[name], True)
    if chosen:
        return Line(title, done, both("none"), both("The chooser takes it for these data."), False)
    if name in CHECKS:
        return Line(title, done, both("none"), both("A check of the answer, not another answer."), False)
    return Line(title, done, both("run, not planned"), both("not given"), True)


def _done(study: Any, calls: Iterable[Call], named: Mapping[str, Words]) -> Words:
    """That it was run, and on which outcomes."""
    outcomes = list(dict.fromkeys(o for call in calls for o in call.outcome.split(", ") if o))
    headline, asked = _asked(study)
    if not outcomes:
        return both("yes")
    if set(outcomes) == {headline}:
        return both("yes, on the main outcome")
    # what a notebook made of the study's columns has no name that a reader knows
    more = [o for o in outcomes if o not in asked and (o in named or not named)]
    if asked and set(asked) <= set(outcomes):
        every = both("yes, on every outcome")
        return both("yes, on every outcome; also {outcomes}", outcomes=_list(more, named)) if more else every
    told = [o for o in outcomes if o in asked or o in more]
    return both("yes ({outcomes})", outcomes=_list(told, named)) if told else both("yes")


def _asked(study: Any) -> tuple[str, tuple[str, ...]]:
    """The main outcome and all outcomes that study.yaml asks about."""
    if getattr(study, "outcomes", ()):
        return study.headline, tuple(study.outcomes)
    if adoption := getattr(study, "adoption", None):
        return adoption.headline, tuple(adoption.outcomes)
    if evaluation := getattr(study, "evaluation", None):
        return evaluation.headline.id, tuple(o.id for o in evaluation.outcomes)
    return "", ()


def _named(study: Any) -> dict[str, Words]:
    """Outcomes in words: as study.yaml calls them, else as its codebooks do."""
    books = [Path(path) for s in getattr(study, "sources", ()) if (path := getattr(s, "codebook", None))]
    found = {c: x.label for book in books if book.is_file() for c, x in read_codebook(book).columns.items()}
    evaluation = getattr(study, "evaluation", None)
    return found | ({o.id: o.name for o in evaluation.outcomes} if evaluation else {})


def _list(outcomes: Sequence[str], named: Mapping[str, Words]) -> Words:
    more = ", …" if len(outcomes) > _SHOWN else ""
    shown = [{lang: _within(named[o][lang]) if o in named else o for lang in LANGUAGES} for o in outcomes[:_SHOWN]]
    return {lang: ", ".join(said[lang] for said in shown) + more for lang in LANGUAGES}


def _within(label: str) -> str:
    """A label as it stands within a sentence; an abbreviation keeps its capitals."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _followed(first: Words, then: Words) -> Words:
    return {lang: f"{first[lang]} {then[lang]}" for lang in LANGUAGES}


def _settings(plan: Any, calls: Sequence[Call]) -> Iterator[Line]:
    """Levels and draws that are not the plan's."""
    levels = [c for c in calls if c.level is not None and abs(c.level - plan.level) > 1e-12]
    draws = [c for c in calls if c.draws is not None and c.draws != plan.draws and c.method not in OWN_DRAWS]
    for name, title, planned, found in (
        ("level", both("Confidence level"), _decimal(plan.level), [(c.method, _decimal(c.level)) for c in levels]),
        ("draws", both("Draws"), _whole(plan.draws), [(c.method, _whole(c.draws)) for c in draws]),
    ):
        if found:
            told = {
                lang: "; ".join(dict.fromkeys(f"{method_name(m)[lang]}: {value[lang]}" for m, value in found))
                for lang in LANGUAGES
            }
            as_planned = {lang: f"{title[lang]} {planned[lang]}" for lang in LANGUAGES}
            yield Line(as_planned, told, both("another setting"), plan.reasons.get(name, both("not given")), True)


def _decimal(value: float | None) -> Words:
    return {lang: number(value or 0.0, 2 if round(value or 0.0, 2) == value else 3, lang) for lang in LANGUAGES}


def _whole(value: int | None) -> Words:
    return {lang: number(value or 0, 0, lang) for lang in LANGUAGES}


def _in_profiles(study: Any) -> frozenset[str]:
    """Methods that the notebooks run for each region call; those tell their own documents."""
    found: set[str] = set()
    for use in study.notebooks:
        if use.per == "treated":
            found |= _called_in(study.notebook(use.notebook))
    return frozenset(found)


def _called_in(path: Path) -> set[str]:
    """Names of `methods.<name>` in the code of a notebook; nothing is run."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
        trees = [ast.parse(code) for code in codes]
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return set()  # the run has already said what is wrong with it
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "methods"
    }
