"""What the venue asks of a manuscript, held against the document as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kesos_research.language import _
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import count, flat

_MOST_ROWS = 5
_LONGEST_TITLE = 110
_SLIDES = (12, 15)


def remarks(document: m.Document, venue: Any) -> list[str]:
    """What a careful editor of this venue would say; pages are counted by who sets them."""
    if document.kind == "slides":
        return list(_of_slides(document, venue))
    return list(_of_paper(document, venue)) if document.kind == "paper" else []


def _of_paper(document: m.Document, venue: Any) -> Iterator[str]:
    most = getattr(venue, "title_words", None)
    if most and (n := len(document.meta.title.split())) > most:
        yield _("The title has {n} words; the venue allows {most}.", n=n, most=most)
    allowed = getattr(venue, "abstract_words", None)
    for abstract in document.meta.abstracts:
        if allowed and (n := count(abstract.blocks)) not in allowed:
            yield _("{name} has {n} words; the venue asks for {span}.", name=abstract.heading, n=n, span=str(allowed))
    for lang in ("id", "en"):
        if lang not in {a.lang for a in document.meta.abstracts}:
            yield _("There is no abstract in {lang}.", lang=lang)
    allowed = getattr(venue, "keywords", None)
    for abstract in document.meta.abstracts:
        if allowed and (n := len(abstract.keywords)) not in allowed:
            yield _(
                "{name} has {n} keywords; the venue asks for {span}.", name=abstract.heading, n=n, span=str(allowed)
            )
    allowed = getattr(venue, "words", None)
    if allowed and (n := count(document.blocks)) not in allowed:
        yield _("The text has {n} words; the venue asks for {span}.", n=n, span=str(allowed))
    titles = [flat(b.c).lower() for b in document.blocks if isinstance(b, m.Heading)]
    for section in getattr(venue, "sections", ()):
        if not any(word in title for word in getattr(section, document.lang) for title in titles):
            yield _("The venue expects a section {name}.", name=section.name[document.lang])


def _of_slides(document: m.Document, venue: Any) -> Iterator[str]:
    allowed = getattr(venue, "slides", None)
    low, high = (allowed.low, allowed.high) if allowed else _SLIDES
    n = len(document.slides)
    if not low <= n <= high:
        yield _("There are {n} slides; {low} to {high} are asked for.", n=n, low=low, high=high)
    for number, slide in enumerate(document.slides, 1):
        if len(flat(slide.title)) > _LONGEST_TITLE:
            yield _("The title of slide {n} will not fit two lines.", n=number)
        for block in slide.blocks:
            if isinstance(block, m.TableBlock) and sum(not row.group for row in block.rows) > _MOST_ROWS:
                yield _("The table on slide {n} has more than {most} rows.", n=number, most=_MOST_ROWS)
