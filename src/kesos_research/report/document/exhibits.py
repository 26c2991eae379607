"""Exhibits in one language: their captions filled, their values written as that language writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kesos_research.language import Language, translate
from kesos_research.report import words
from kesos_research.report.document import model as m
from kesos_research.report.document.narrative import Source
from kesos_research.report.document.template import Telling
from kesos_research.report.exhibit import Column, Exhibit, Figure, Glance, Table

PARTS = ("caption", "note", "source")
_SPACE = re.compile(r"\s+", re.ASCII)  # not the space that must not be broken
_TILE = ("label", "value", "unit", "year", "place", "change")


@dataclass(frozen=True)
class Legend:
    """Caption and note of an exhibit, and what its picture shows, in one language."""

    caption: Sequence[m.Inline]
    note: Sequence[m.Inline]
    alt: str


def legends_markdown(exhibits: Sequence[Exhibit], telling: Telling) -> tuple[str, dict[str, str]]:
    """Captions, notes and sources as markdown paragraphs that begin with a mark; and alt texts as they are."""
    paragraphs: list[str] = []
    alts: dict[str, str] = {}
    for exhibit in exhibits:
        for part in PARTS:
            if text := getattr(exhibit, part)[telling.lang]:
                filled = telling.fill(_source(exhibit, part, text, telling.lang))
                # one line, opened by a mark: it can neither begin nor end anything else
                paragraphs.append(f'[]{{.legend part="{part}" key="{exhibit.id}"}}{_SPACE.sub(" ", filled.strip())}')
        if isinstance(exhibit, Figure):
            text = exhibit.alt[telling.lang]
            alts[exhibit.id] = telling.fill(_source(exhibit, "alt", text, telling.lang), escape=False)
    return "\n\n".join(paragraphs), alts


def legends(
    nodes: Sequence[Any], read: Callable[[Sequence[Any]], tuple[m.Inline, ...]], alts: Mapping[str, str], lang: Language
) -> dict[str, Legend]:
    """The legends from pandoc's paragraphs for them."""
    told: dict[str, dict[str, tuple[m.Inline, ...]]] = {}
    for node in nodes:
        known = dict(node["c"][0]["c"][0][2])
        told.setdefault(known["key"], {})[known["part"]] = read(node["c"][1:])
    ids = dict.fromkeys([*told, *alts])
    return {id: _legend(told.get(id, {}), alts.get(id, ""), lang) for id in ids}


def is_legend(node: Any) -> bool:
    """Whether a paragraph of pandoc's is one of ours."""
    first = node["c"][0] if node["t"] == "Para" else None
    return first is not None and first["t"] == "Span" and "legend" in first["c"][0][1]


def block(exhibit: Exhibit, legend: Legend, label: str, lang: Language) -> m.TableBlock | m.FigureBlock | m.Tiles:
    """The exhibit as a page shows it."""
    if isinstance(exhibit, Glance):
        return m.Tiles(exhibit.id, tuple(_tile(tile, lang) for tile in exhibit.tiles))
    if isinstance(exhibit, Figure):
        return m.FigureBlock(
            id=exhibit.id,
            label=label,
            caption=legend.caption,
            note=legend.note,
            alt=legend.alt,
            svg=exhibit.svg[lang],
            slide_svg=exhibit.slide_svg[lang],
            width=exhibit.width,
        )
    assert isinstance(exhibit, Table)
    return m.TableBlock(
        id=exhibit.id,
        label=label,
        caption=legend.caption,
        note=legend.note,
        columns=tuple(_head(column, lang) for column in exhibit.columns),
        rows=tuple(_row(row, exhibit.columns, lang) for row in exhibit.rows),
        width=exhibit.width,
    )


def _legend(told: Mapping[str, tuple[m.Inline, ...]], alt: str, lang: Language) -> Legend:
    note: list[m.Inline] = []
    for part, name in (("note", translate("Note:", lang)), ("source", translate("Source:", lang))):
        if inlines := told.get(part):
            note += [*([m.Text(" ")] if note else []), m.Styled("emph", (m.Text(name),)), m.Text(" "), *inlines]
    return Legend(told.get("caption", ()), tuple(note), " ".join(alt.split()))


def _head(column: Column, lang: Language) -> m.Head:
    text = column.kind == "text"
    return m.Head(
        label=column.label[lang],
        unit=column.unit[lang],
        align="left" if text else "right",
        weight=column.weight if text else 0.0,
    )


def _row(row: Mapping[str, Any], columns: Sequence[Column], lang: Language) -> m.Row:
    if set(row) == {"group"}:
        return m.Row((words.say(row["group"], lang),), group=True)
    beside = row.get("marks", {})
    return m.Row(
        tuple(words.cell(row.get(c.key), c, lang, row.get("decimals"), beside.get(c.key, "")) for c in columns)
    )


def _tile(tile: Mapping[str, Any], lang: Language) -> m.Tile:
    said = {key: words.say(tile.get(key, ""), lang) for key in _TILE}
    return m.Tile(said["label"], said["value"], said["unit"], said["year"], said["place"], said["change"])


def _source(exhibit: Exhibit, part: str, text: str, lang: Language) -> Source:
    return Source(f"{exhibit.id} ({part})", text, lang)
