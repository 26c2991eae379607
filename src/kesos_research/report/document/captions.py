"""Labels, captions and notes as plain text, for the annex and for lists of exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kesos_research.language import Language
from kesos_research.report.collect import Results, Told
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat
from kesos_research.report.document.narrative import Source
from kesos_research.report.document.template import Telling


@dataclass(frozen=True)
class Caption:
    """What is said above and below an exhibit, as plain text."""

    label: str
    caption: str
    note: str


def captions(page: m.Document) -> Mapping[str, Caption]:
    """The captions of all tables and figures of a document; a `page` shows every exhibit of the study."""
    return {
        block.id: Caption(block.label, flat(block.caption), flat(block.note))
        for block in page.blocks
        if isinstance(block, m.TableBlock | m.FigureBlock)
    }


def titles(study: Any, told: Told, results: Results, lang: Language) -> Mapping[str, str]:
    """The captions of a notebook's exhibits, filled but not set; empty where an exhibit has none."""
    telling = Telling(study, results, lang, told.exhibits)
    return {
        id: telling.fill(Source(f"{id} (caption)", exhibit.caption[lang], lang), escape=False).strip()
        for id, exhibit in told.exhibits.items()
    }
