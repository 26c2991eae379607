"""What stands on its own as Word's paragraphs, tables and pictures."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Sequence

from kesos_research.report.document.model import (
    Block,
    Entry,
    Equation,
    FigureBlock,
    Heading,
    Inline,
    Items,
    Paragraph,
    Quote,
    References,
    TableBlock,
    Tiles,
)
from kesos_research.report.render.package import legal
from kesos_research.report.render.picture import picture
from kesos_research.report.render.word import table as tables
from kesos_research.report.render.word.markup import (
    PIC,
    PLAIN,
    WP,
    A,
    Element,
    Format,
    M,
    R,
    etree_element,
    field_runs,
    paragraph,
    run,
    text,
    w,
)
from kesos_research.report.render.word.settings import STEP
from kesos_research.report.render.word.styles import text_width
from kesos_research.report.render.word.text import OFFICE, Writer

_EMU = 12700
_ENLARGED = 1.25
"""Figures drawn for the narrow column have room to be larger here."""
_LABEL = re.compile(r"^(.*?)\s*([0-9]+)$", re.DOTALL)
_STRONG = Format(frozenset({"strong"}))


def body(blocks: Sequence[Block], writer: Writer, *, style: str = "BodyText", fmt: Format = PLAIN) -> list[Element]:
    """Blocks as the children of a part's body; `style` is the style of plain paragraphs."""
    return [element for block in blocks for element in _block(block, writer, style, fmt)]


def opening(blocks: Sequence[Block], writer: Writer) -> list[Element]:
    """A profile: what stands before its tiles has the locator map at its right."""
    first = next((i for i, block in enumerate(blocks) if isinstance(block, Tiles)), 0)
    figures = [block for block in blocks[:first] if isinstance(block, FigureBlock) and block.width == "column"]
    told = [block for block in blocks[:first] if block not in figures]
    if len(figures) != 1 or not told:
        return body(blocks, writer)
    room = text_width(writer.draft.document.kind)
    width = min(picture(figures[0].svg).width + 14, room / 2)
    frame = tables.beside(body(told, writer), body(figures, writer), room, width)
    return [frame, paragraph("Separator"), *body(blocks[first:], writer)]


def _block(block: Block, writer: Writer, style: str, fmt: Format) -> list[Element]:  # noqa: PLR0911 - one a kind
    match block:
        case Paragraph(c=c):
            return [paragraph(style, *writer.line(c, fmt))]
        case Heading():
            return [_heading(block, writer)]
        case Items():
            return _items(block, writer, fmt, depth=0)
        case Quote(blocks=blocks):
            return body(blocks, writer, style="Quote", fmt=fmt)
        case Equation():
            return _equation(block, writer)
        case TableBlock():
            return _table(block, writer)
        case FigureBlock():
            return _figure(block, writer)
        case References(entries=entries):
            return [_entry(entry, writer) for entry in entries]
        case Tiles(tiles=found):
            return [tables.tiles(found, text_width(writer.draft.document.kind)), paragraph("Separator")]
    raise AssertionError(block)


def _heading(block: Heading, writer: Writer) -> Element:
    level = min(max(block.level, 1), 3)
    content = writer.line(block.c)
    properties = []
    if writer.draft.numbered and not block.number:
        properties = [w("numPr", w("numId", val=0))]
    elif block.number and not writer.draft.numbered:
        content = [text(f"{block.number} "), *content]
    return paragraph(f"Heading{level}", *writer.draft.marked(block.id, *content), properties=properties)


def _items(block: Items, writer: Writer, fmt: Format, depth: int) -> list[Element]:
    draft = writer.draft
    depth = min(depth, 2)
    if block.ordered:
        draft.lists += 1
    number = 3 + draft.lists if block.ordered else 2
    style = "ListNumber" if block.ordered else "ListBullet"
    made: list[Element] = []
    for item in block.items:
        first = True
        for one in item:
            if isinstance(one, Items):
                made += _items(one, writer, fmt, depth + 1)
            elif isinstance(one, Paragraph):
                content = writer.line(one.c, fmt)
                if first:
                    mark = w("numPr", w("ilvl", val=depth), w("numId", val=number))
                    made.append(paragraph(style, *content, properties=[mark]))
                else:
                    made.append(paragraph("ListContinue", *content, properties=[w("ind", left=STEP * (depth + 1))]))
                first = False
            else:
                made += _block(one, writer, style, fmt)
    return made


def _equation(block: Equation, writer: Writer) -> list[Element]:
    math = etree_element(M, "oMathPara", copy.deepcopy(writer.draft.formulas[block.math.tex]))
    if not block.number:
        return [paragraph("Equation", math)]
    shown = field_runs("SEQ equation \\* ARABIC", block.number) if block.number.isdigit() else [text(block.number)]
    number = [text("("), *writer.draft.marked(block.id, *shown), text(")")]
    return [tables.equation(math, number, text_width(writer.draft.document.kind)), paragraph("Separator")]


def _caption(block: TableBlock | FigureBlock, writer: Writer, style: str, *, keep: bool = True) -> Element:
    """ "Tabel 2. …": the label is bookmarked whole, its number is a field that counts."""
    found = _LABEL.match(block.label)
    if found:
        series = re.sub(r"\W+", "_", found[1]).strip("_") or "Item"
        label = [text(found[1] + " ", _STRONG), *field_runs(f"SEQ {series} \\* ARABIC", found[2], _STRONG)]
    else:
        label = [text(block.label, _STRONG)]
    content = [*writer.draft.marked(block.id, *label), text(". ", _STRONG), *writer.line(block.caption)]
    return paragraph(style, *content, properties=[] if keep else [w("keepNext", val=0)])


def _note(c: Sequence[Inline], writer: Writer) -> Element:
    """The note, or the room it would take: two tables without text between would become one."""
    return paragraph("TableNote", *writer.line(c))


def _table(block: TableBlock, writer: Writer) -> list[Element]:
    room = text_width(writer.draft.document.kind)
    return [
        _caption(block, writer, "Caption"),
        tables.table(block, room, writer.draft.document.lang),
        _note(block.note, writer),
    ]


def _figure(block: FigureBlock, writer: Writer) -> list[Element]:
    drawing = paragraph("Figure", run(_drawing(block, writer)))
    return [drawing, _caption(block, writer, "FigureCaption", keep=bool(block.note)), _note(block.note, writer)]


def _drawing(block: FigureBlock, writer: Writer) -> Element:
    """An inline picture with words for those who do not see it."""
    draft = writer.draft
    made = picture(block.svg)
    room = text_width(draft.document.kind)
    larger = block.width == "column" and draft.document.kind != "profile"
    scale = min(room / made.width, _ENLARGED if larger else 1.0)
    size = {"cx": str(round(made.width * scale * _EMU)), "cy": str(round(made.height * scale * _EMU))}
    name = f"media/{hashlib.sha256(made.png).hexdigest()[:16]}.png"
    draft.media[name] = made.png
    draft.pictures += 1
    properties = {"id": str(draft.pictures), "name": legal(block.label or block.id), "descr": legal(block.alt)}
    relation = draft.relations.add(OFFICE + "image", name)
    e = etree_element
    blip = e(A, "blip")
    blip.set(f"{{{R}}}embed", relation)
    graphic = e(
        PIC,
        "pic",
        e(PIC, "nvPicPr", e(PIC, "cNvPr", **properties), e(PIC, "cNvPicPr")),
        e(PIC, "blipFill", blip, e(A, "stretch", e(A, "fillRect"))),
        e(
            PIC,
            "spPr",
            e(A, "xfrm", e(A, "off", x="0", y="0"), e(A, "ext", **size)),
            e(A, "prstGeom", e(A, "avLst"), prst="rect"),
        ),
    )
    inline = e(
        WP,
        "inline",
        e(WP, "extent", **size),
        e(WP, "effectExtent", l="0", t="0", r="0", b="0"),
        e(WP, "docPr", **properties),
        e(WP, "cNvGraphicFramePr", e(A, "graphicFrameLocks", noChangeAspect="1")),
        e(A, "graphic", e(A, "graphicData", graphic, uri=PIC)),
        distT="0",
        distB="0",
        distL="0",
        distR="0",
    )
    return w("drawing", inline)


def _entry(entry: Entry, writer: Writer) -> Element:
    return paragraph("Bibliography", *writer.draft.marked(f"ref-{entry.key}", *writer.line(entry.c)))
