"""What the venue would reject: the manuscript against its profile, as far as can be seen before it is set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kesos_research.errors import StudyError, Where
from kesos_research.language import LANGUAGES, _
from kesos_research.study.narrative import Narrative, Section, entries
from kesos_research.study.study import Study
from kesos_research.study.venue import Span

_NOT_TEXT = ("abstract", "slides", "references")
_PRIMARY = {"article", "inproceedings", "conference", "phdthesis", "mastersthesis", "techreport"}


def breaches(study: Study, narratives: Sequence[Narrative], bibtex: str = "") -> list[StudyError]:
    """What the study's venue asks and the manuscript does not give.

    Parameters
    ----------
    narratives
        The prose, one for each language there is.
    bibtex
        The study's references, as their file has them.

    Returns
    -------
    list of StudyError
        To be told as warnings: they stop nothing.
    """
    found = [*_study(study), *_abstracts(study, narratives)]
    for narrative in narratives:
        found.extend(_text(study, narrative))
    found.extend(_references(study, bibtex))
    return found


def _study(study: Study) -> Iterator[StudyError]:
    venue, file = study.venue, (study.folder / "study.yaml").relative_to(study.root).as_posix()
    if venue.keywords:
        for lang in study.deliverables.languages:
            count = len(study.keywords.get(lang, ()))
            if count not in venue.keywords:
                yield StudyError(
                    _("There are {n} keywords in language {lang}.", n=count, lang=lang),
                    expected=str(venue.keywords),
                    where=Where(file=file, key="keywords"),
                )
    if venue.layout != study.layout:
        yield StudyError(
            _("The layout is {layout}.", layout=study.layout),
            expected=venue.layout,
            where=Where(file=file, key="layout"),
        )
    if venue.blind and not study.anonymous:
        yield StudyError(
            _("The venue reviews without names, and the study names its authors."),
            remedy=_("write {name}", name="anonymous: true"),
            where=Where(file=file, key="anonymous"),
        )


def _abstracts(study: Study, narratives: Sequence[Narrative]) -> Iterator[StudyError]:
    limit = study.venue.abstract_words
    if limit is None or not narratives:
        return
    abstracts = {s.lang: (n, s) for n in narratives for s in n.sections if "abstract" in s.classes}
    for lang in LANGUAGES:
        if lang not in abstracts:
            yield StudyError(
                _("There is no abstract in language {lang}.", lang=lang),
                expected=_("a section headed {example}", example=f"# Abstract {{.abstract lang={lang}}}"),
                where=Where(file=narratives[0].file),
            )
            continue
        narrative, section = abstracts[lang]
        if not _fits(section.words, limit):
            yield _too_long_or_short(
                _("The abstract has {n} words.", n=_span(section.words)), limit, narrative, section
            )


def _text(study: Study, narrative: Narrative) -> Iterator[StudyError]:
    venue = study.venue
    prose = [s for s in narrative.sections if not set(_NOT_TEXT) & set(s.classes)]
    titles = [s.title.lower() for s in prose]
    for needed in venue.sections:
        words = needed.id if narrative.lang == "id" else needed.en
        if not any(word.lower() in title for word in words for title in titles):
            yield StudyError(
                _("The section {name} is missing.", name=f"“{needed.name[narrative.lang]}”"),
                where=Where(file=narrative.file),
            )
    if venue.words:
        total = (sum(s.words[0] for s in prose), sum(s.words[1] for s in prose))
        if not _fits(total, venue.words):
            yield _too_long_or_short(_("The text has {n} words.", n=_span(total)), venue.words, narrative)
    for section in narrative.sections:
        # a first and a last slide are added when slides are made
        if "slides" in section.classes and venue.slides and section.slides + 2 < venue.slides.low:
            yield _too_long_or_short(_("There are {n} slides.", n=section.slides), venue.slides, narrative, section)
        if "slides" in section.classes and venue.slides and section.slides > venue.slides.high:
            yield _too_long_or_short(_("There are {n} slides.", n=section.slides), venue.slides, narrative, section)


def _references(study: Study, bibtex: str) -> Iterator[StudyError]:
    least, kinds = study.venue.primary_references, list(entries(bibtex).values())
    if least is None or not kinds:
        return
    share = round(100 * sum(kind in _PRIMARY for kind in kinds) / len(kinds))
    if share < least:
        yield StudyError(
            _("{n} percent of the references are primary (articles, proceedings, theses, reports).", n=share),
            expected=_("at least {n} percent", n=least),
            where=Where(file=study.references.relative_to(study.root).as_posix()),
        )


def _fits(words: tuple[int, int], limit: Span) -> bool:
    """Could the words come to lie within the limit, whichever way the numbers fall?"""
    return words[0] <= limit.high and words[1] >= limit.low


def _span(words: tuple[int, int]) -> str:
    return str(words[0]) if words[0] == words[1] else f"{words[0]}–{words[1]}"


def _too_long_or_short(found: str, limit: Span, narrative: Narrative, section: Section | None = None) -> StudyError:
    where = Where(file=narrative.file, key=section.title if section else None)
    return StudyError(found, expected=str(limit), where=where)
