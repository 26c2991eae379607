"""Where the figures come from, and under which rule numbers may leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, get_args

from pydantic import model_validator

from kesos_research.language import _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, listed, shown
from kesos_research.study.scalar import Bilingual, Flag, Text, choice, whole

RuleName = Literal["public", "persons", "small_study", "not_persons"]
UnitName = Literal["person", "household", "institution", "region", "village", "rater"]
AS_NAMED = "as_named"
"""What `synthetic` says where the name of the file decides."""


class Source(Part):
    """One data file with its codebook and, where there is one, its file of flags.

    Paths are written relative to the workspace with / between folders, and are whole paths once read.

    Attributes
    ----------
    public
        True for aggregates that a statistics office has already published.
    synthetic
        True for invented rows: every page then says so. In study.yaml also ``as_named``: true where the name of the
        file holds *sintetis*.
    truth_of
        Id of the invented source whose truth this one holds; it plays no part where that source is not invented.
    """

    id: Text
    file: Path
    codebook: Path
    flags: Path | None = None
    publisher: Bilingual
    licence: Text
    public: Flag = False
    synthetic: Flag = False
    truth_of: Text | Literal[""] = ""

    @model_validator(mode="before")
    @classmethod
    def _as_named(cls, said: Any) -> Any:
        if isinstance(said, dict) and said.get("synthetic") == AS_NAMED:
            return {**said, "synthetic": "sintetis" in PurePath(str(said.get("file", ""))).name.casefold()}
        return said


def in_use(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """The sources without the truth of rows that are not invented."""
    known = {source.id: source for source in sources}
    for position, source in enumerate(sources):
        if not source.truth_of:
            continue
        if source.truth_of not in known or source.truth_of == source.id:
            raise Refused(
                _("There is no source {name}.", name=shown(source.truth_of)),
                expected=_("one of {names}", names=listed(name for name in known if name != source.id)),
                at=(position, "truth_of"),
            )
        if not source.synthetic:
            raise Refused(
                _("The truth of invented rows is invented, too."),
                remedy=_("write synthetic: true"),
                at=(position, "truth_of"),
            )
    return tuple(s for s in sources if not s.truth_of or known[s.truth_of].synthetic)


class Disclosure(Part):
    """The rule under which numbers leave, and who decided it.

    Attributes
    ----------
    rule
        ``public``: aggregates already published. ``persons``: the strict rule for rows of persons or households.
        ``small_study``: three persons a cell, with an approver. ``not_persons``: institutions, regions, villages.
    decided_by, approver
        Who chose the rule; who approved that of a small study.
    population
        Id of the persons counted; the study's and the source's when not given.
    unit
        What one row is.
    min_n, min_households, min_df
        Stricter numbers than the rule's own; 0 for its own.
    """

    rule: Annotated[RuleName, choice(*get_args(RuleName))]
    decided_by: Text
    approver: Text = ""
    population: Text = ""
    unit: Annotated[UnitName, choice(*get_args(UnitName))] | None = None
    min_n: Annotated[int, whole(0, 10_000)] = 0
    min_households: Annotated[int, whole(0, 10_000)] = 0
    min_df: Annotated[int, whole(0, 10_000)] = 0


_OWN = {
    "public": (),
    "persons": ("population", "unit", "min_n", "min_households", "min_df"),
    "small_study": ("approver", "population", "unit", "min_n"),
    "not_persons": ("population", "unit"),
}
_LEAST = {
    ("persons", "min_n"): 10,
    ("persons", "min_households"): 3,
    ("persons", "min_df"): 10,
    ("small_study", "min_n"): 3,
}
_OF_PERSONS = ("person", "household")


def disagreements(asked: Disclosure) -> Iterator[Refused]:
    """Keys that the rule does not know, lacks, or that would weaken it; of a rule that was read in part, too."""
    rule, unit, approver = asked.rule, getattr(asked, "unit", None), getattr(asked, "approver", "")
    decided = getattr(asked, "decided_by", "")
    for key in ("approver", "population", "unit", "min_n", "min_households", "min_df"):
        if getattr(asked, key, None) and key not in _OWN[rule]:
            yield Refused(
                _("The rule {rule} has no {key}.", rule=shown(rule), key=key),
                expected=listed(("rule", "decided_by", *_OWN[rule])),
                at=("disclosure", key),
            )
    for (own, key), least in _LEAST.items():
        if own == rule and 0 < getattr(asked, key, 0) < least:
            yield Refused(
                _("The rule {rule} asks for at least {n}.", rule=shown(rule), n=least),
                remedy=_("a study of few respondents takes the rule small_study, with an approver")
                if rule == "persons"
                else None,
                at=("disclosure", key),
            )
    if rule == "small_study" and not approver:
        yield Refused(
            _("The rule for small studies needs an approver."),
            expected=_("approver: and the name of somebody else than who decided"),
            at=("disclosure", "rule"),
        )
    if approver and approver.casefold() == decided.casefold():
        yield Refused(
            _("The rule for small studies is approved by who decided it."),
            expected=_("somebody else as approver"),
            at=("disclosure", "approver"),
        )
    if rule == "not_persons" and (unit is None or unit in _OF_PERSONS):
        yield Refused(
            _("The rule for what is no person does not say what the rows are."),
            expected=_("one of {names}", names=listed(u for u in get_args(UnitName) if u not in _OF_PERSONS)),
            at=("disclosure", "unit" if unit else "rule"),
        )
    if rule in ("persons", "small_study") and unit not in (None, *_OF_PERSONS):
        yield Refused(
            _("The rule {rule} guards persons and households.", rule=shown(rule)),
            remedy=_("take the rule not_persons"),
            at=("disclosure", "unit"),
        )
