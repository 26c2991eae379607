"""What stands before the text: title, authors, abstracts, and the words renderers print themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kesos_research.language import Language, translate
from kesos_research.report import words
from kesos_research.report.document import model as m


def meta(
    study: Any, kind: m.Kind, lang: Language, *, title: str, other_title: str, abstracts: Sequence[m.Abstract]
) -> m.Meta:
    """The front matter; `title` is the document's own, or empty for the study's."""
    anonymous = bool(study.anonymous or study.venue.blind)
    authors = () if anonymous else tuple(m.Author(a.name, a.affiliation, a.email, a.orcid) for a in study.authors)
    return m.Meta(
        title=title or _typeset(words.say(study.title, lang)),
        short_title=title or _typeset(words.say(study.short_title, lang)),
        authors=authors,
        abstracts=tuple(abstracts),
        other_title="" if other_title == title else _typeset(other_title),  # a region's name is the same in both
        date=str(study.date),
        venue="" if kind == "profile" else words.say(study.venue.name, lang),
        contact=next((a.email for a in authors if a.email), ""),
        synthetic=any(source.synthetic for source in study.sources),
        anonymous=anonymous,
        layout=study.layout,
        footer=_footer(study, lang),
        words=furniture(lang),
    )


def _typeset(text: str) -> str:
    """A title from study.yaml with the apostrophes of print."""
    return re.sub(r"(?<=\w)'(?=\w|\s|$)", "’", text)


def _footer(study: Any, lang: Language) -> str:
    publishers = dict.fromkeys(words.say(source.publisher, lang) for source in study.sources)
    return f"{translate('Source:', lang)} {'; '.join(publishers)}" if publishers else ""


def furniture(lang: Language) -> dict[str, str]:
    """The words that renderers print themselves."""
    return {
        "contents": translate("Contents", lang),
        "page": translate("Page", lang),
        "of": translate("of", lang),
        "other_language": "English" if lang == "id" else "Bahasa Indonesia",
        "keywords": translate("Keywords", lang),
        "notes": translate("Notes", lang),
        "source": translate("Source", lang),
        "continued": translate("continued", lang),
        "contact": translate("Correspondence", lang),
        "synthetic": translate("SYNTHETIC DATA – NOT A RESEARCH RESULT", lang),
        "references": translate("References", lang),
        "table": translate("Table", lang),
        "figure": translate("Figure", lang),
        "equation": translate("Equation", lang),
        "skip": translate("Skip to the text", lang),
        "top": translate("Back to the top", lang),
        "published": translate("Date", lang),
    }
