"""Labels, captions and notes as plain text, for the annex and for lists of exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat


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
