"""What two lines of a study may not say at once. Looks only at the parts that could be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kesos_research.domain import region_in
from kesos_research.language import LANGUAGES, _
from kesos_research.study.adoption import disagreements_of_columns
from kesos_research.study.evaluation import disagreements_of_evaluation
from kesos_research.study.publication import undelivered
from kesos_research.study.refusal import Path, Refused, asked, listed, nearest, shown
from kesos_research.study.source import disagreements


def contradictions(said: Mapping[str, Any]) -> Iterator[Refused]:
    """Each pair of lines that cannot both hold, given the fields that were read."""
    yield from _headline(said)
    yield from _register(said)
    yield from _adoption(said)
    yield from _evaluation(said)
    yield from _treated_as_donor(said)
    yield from _years(said)
    yield from _placebo(said)
    yield from _rule(said)
    yield from _title(said)
    yield from _keywords(said)
    yield from undelivered(said)


def _headline(said: Mapping[str, Any]) -> Iterator[Refused]:
    if said.get("headline") and "outcomes" in said and said["headline"] not in said["outcomes"]:
        yield Refused(
            _("The headline {value} is not among the outcomes.", value=shown(said["headline"])),
            expected=_("one of {names}", names=listed(said["outcomes"])),
            at=("headline",),
        )


def _treated_as_donor(said: Mapping[str, Any]) -> Iterator[Refused]:
    for position, code in enumerate(getattr(said.get("donors"), "exclude", ())):
        if code in said.get("treated", ()):
            yield treated_as_donor(code, ("donors", "exclude", position))


def treated_as_donor(code: str, at: Path) -> Refused:
    """A region has the programme and stands among the donors as well."""
    return Refused(
        _("{code} is treated, and stands among the donors too.", code=code),
        expected=_("a region either has the programme or may stand for those without it"),
        remedy=_("take it out here: treated regions never donate"),
        at=at,
    )


def _register(said: Mapping[str, Any]) -> Iterator[Refused]:
    """A real region has no place in invented rows, nor an example region among real ones."""
    if not said.get("sources"):
        return
    invented = all(source.synthetic for source in said["sources"])
    places: list[tuple[Path, str]] = [(("treated", i), code) for i, code in enumerate(said.get("treated", ()))]
    excluded = getattr(said.get("donors"), "exclude", ())
    places += [(("donors", "exclude", i), code) for i, code in enumerate(excluded)]
    for at, code in places:
        try:
            asked(lambda key: region_in(key, synthetic=invented), code)
        except Refused as refused:
            refused.at = at
            yield refused


def _adoption(said: Mapping[str, Any]) -> Iterator[Refused]:
    """What a study of staggered adoption says beside itself, or twice."""
    adoption = said.get("adoption")
    if adoption is None:
        return
    for key in ("sample", "treated", "since", "outcomes", "headline", "windows"):
        if said.get(key):
            yield Refused(
                _("The key {key} has no place beside `adoption`.", key=shown(key)),
                expected=_("what is compared is said beneath `adoption`, the first period by a column of the data"),
                remedy=_("take it out"),
                at=(key,),
            )
    names = [source.id for source in said.get("sources", ())]
    if names and getattr(adoption, "source", "") not in ("", *names):
        yield Refused(
            _("There is no source {name}.", name=shown(adoption.source)),
            expected=_("one of {names}", names=listed(names)),
            remedy=nearest(adoption.source, names),
            at=("adoption", "source"),
        )
    yield from disagreements_of_columns(adoption)


def _evaluation(said: Mapping[str, Any]) -> Iterator[Refused]:
    """A sample has its weight, save where families of a programme count alike."""
    evaluation, sample = said.get("evaluation"), said.get("sample")
    if evaluation is not None:
        yield from disagreements_of_evaluation(evaluation, sampled=sample is not None)
    elif sample is not None and not getattr(sample, "weight", "there"):
        yield Refused(_("The key {key} is missing.", key="weight"), at=("sample", "weight"))


def _years(said: Mapping[str, Any]) -> Iterator[Refused]:
    windows, since = said.get("windows"), said.get("since")
    if since is None:
        return
    for name in ("before", "placebo_before", "placebo_after", "synthetic_before"):
        years = getattr(windows, name, None)
        if years and years.last >= since:
            yield Refused(
                _("The window {years} reaches into the programme, which begins in {since}.", years=years, since=since),
                expected=_("years up to {year}", year=since - 1),
                at=("windows", name),
            )
    for position, years in enumerate(getattr(windows, "after", ())):
        if years.first < since:
            yield Refused(
                _("The window {years} begins before the programme, which begins in {since}.", years=years, since=since),
                expected=_("years from {year} on", year=since),
                at=("windows", "after", position),
            )


def _placebo(said: Mapping[str, Any]) -> Iterator[Refused]:
    before, after = (getattr(said.get("windows"), name, None) for name in ("placebo_before", "placebo_after"))
    if before and after and after.first <= before.last:
        yield Refused(
            _("The placebo windows {before} and {after} overlap.", before=before, after=after),
            expected=_("placebo_after begins after placebo_before has ended"),
            at=("windows", "placebo_after"),
        )


def _rule(said: Mapping[str, Any]) -> Iterator[Refused]:
    if hasattr(said.get("disclosure"), "rule"):
        yield from disagreements(said["disclosure"])
    if getattr(said.get("disclosure"), "rule", None) != "public":
        return
    for position, source in enumerate(said.get("sources", ())):
        if not (source.public or source.synthetic):
            yield Refused(
                _("The rule “public” covers published aggregates, and source {name} is not public.", name=source.id),
                remedy=_("write public: true if an office has published these figures"),
                at=("sources", position),
            )


def _title(said: Mapping[str, Any]) -> Iterator[Refused]:
    limit = getattr(said.get("venue"), "title_words", None)
    for lang in LANGUAGES:
        count = len(said["title"][lang].split()) if "title" in said else 0
        if limit and count > limit:
            yield Refused(
                _("The title has {n} words.", n=count),
                expected=_("at most {n} words at {venue}", n=limit, venue=said["venue"].id),
                remedy=_("shorten it"),
                at=("title", lang),
            )


def _keywords(said: Mapping[str, Any]) -> Iterator[Refused]:
    for lang in getattr(said.get("deliverables"), "languages", ()) if said.get("keywords") else ():
        if lang not in said["keywords"]:
            yield Refused(_("The keywords in language {lang} are missing.", lang=lang), at=("keywords",))
