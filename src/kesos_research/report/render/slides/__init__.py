"""Slides: one message a slide as its title, a picture or a small table, notes that say what to say."""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from typing import Any, Final

from pptx.opc.constants import RELATIONSHIP_TYPE as REL

from kesos_research.errors import DocumentError, KesosError, Problems
from kesos_research.language import _
from kesos_research.report import words
from kesos_research.report.document.model import Block, Document, FigureBlock, Inline, Slide, TableBlock, Text
from kesos_research.report.render import fit, theme
from kesos_research.report.render.package import banner, legal, normalise, properties
from kesos_research.report.render.picture import picture
from kesos_research.report.render.slides import master, table
from kesos_research.report.render.slides.master import (
    CONTENT,
    COVER_PT,
    COVER_TEXT,
    COVER_TITLE,
    EDGE,
    FOOT_PT,
    PEOPLE,
    SMALLEST_PT,
    SOURCE,
    TEXT_WIDTH,
    TITLE,
    TITLE_PT,
    WIDE,
    Box,
)
from kesos_research.report.render.slides.text import Line, Scribe, flat, height, largest, said

_TITLE_LEAST: Final = 22.0
_TITLE_LEADING: Final = 1.12
_BESIDE_TEXT: Final = 0.4
"""Share of the slide a figure keeps when text stands beneath it."""
_ALONE: Final = 0.3
_DROPPED: Final = ("docProps/thumbnail.jpeg", "ppt/printerSettings/printerSettings1.bin")


def pptx(document: Document) -> bytes:
    """`document.slides` as a PowerPoint file; the same document gives the same bytes.

    Raises
    ------
    DocumentError
        Where a slide says more than it can show: a title of more than two lines, text below 18 points, a table of more
        than five rows, two exhibits, text no file can carry. All slides' problems are reported at once.
    """
    if not document.slides:
        raise DocumentError(_("The document has no slides."), expected=_("a section that describes the slides"))
    deck = master.blank(document.lang)
    problems: list[KesosError] = []
    for number, slide in enumerate(document.slides, 1):
        try:
            _add(deck, document, slide)
        except DocumentError as error:
            title = said(slide.title)[:60]
            found = _("Slide {n} (“{title}”): {found}", n=number, title=title, found=error.found)
            problems.append(DocumentError(found, expected=error.expected, remedy=error.remedy, where=error.where))
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
    deck.notes_master.part.part_related_by(REL.THEME)._blob = theme.theme()
    master.speak(deck.notes_master._element, document.lang)
    out = io.BytesIO()
    deck.save(out)
    return normalise(out.getvalue(), properties(document), drop=_DROPPED)


def _add(deck: Any, document: Document, content: Slide) -> None:
    exhibits = [block for block in content.blocks if isinstance(block, TableBlock | FigureBlock)]
    if len(exhibits) > 1:
        raise DocumentError(_("Two exhibits stand on one slide."), expected=_("at most one figure or table a slide"))
    lines = flat([block for block in content.blocks if block not in exhibits])
    name = content.layout
    if name == "content" and exhibits and not lines:
        name = "exhibit"
    slide = deck.slides.add_slide(master.layout(deck, name, document.lang))
    scribe = Scribe(slide.part, document.lang)
    if name == "title":
        _cover(slide, document, content, lines, scribe)
    else:
        free = _titled(slide, content, scribe)
        _furnish(slide, document, scribe)
        if name == "closing":
            free = _contact(slide, document, lines, free, scribe)
        if exhibits:
            free = _exhibit(slide, exhibits[0], lines, free, scribe)
        else:
            free = Box(free.x, free.y + 8, free.w, free.h - 8)
        if lines:
            _sized(_holder(slide, 1), lines, free, scribe, start=master.TEXT_PT, loose=not exhibits)
        elif name != "exhibit":
            _drop(slide, 1)
    if document.meta.synthetic:
        _warn(slide, document)
    _notes(slide, document, content, exhibits, scribe)


def _title(shape: Any, title: Sequence[Inline], box: Box, scribe: Scribe, *, start: float, limit: int) -> float:
    """The title in the largest type that keeps it within `limit` lines; returns the height it may take."""
    message = said(title).strip()
    if not message:
        raise DocumentError(_("The slide has no title."), expected=_("a sentence that states the slide's message"))

    def fitting(least: float, share: float) -> float | None:
        size = start
        while size >= least and fit.lines(message, size * share, box.w, bold=True) > limit:
            size -= 1
        return size if size >= least else None

    # a little smaller, so that it fits where our typeface lacks; else as small as it must be where it does not
    size = fitting(start - 4, 1.0) or fitting(_TITLE_LEAST, fit.OURS)
    if size is None:
        raise DocumentError(
            _("The title is longer than {n} lines.", n=limit),
            expected=_("a sentence of at most {n} characters or so", n=round(limit * box.w / (_TITLE_LEAST * 0.48))),
        )
    scribe.accented = True
    scribe.write(shape, [Line(title)], size=0 if size == start else size)
    scribe.accented = False
    return fit.lines(message, size, box.w, bold=True) * size * _TITLE_LEADING


def _titled(slide: Any, content: Slide, scribe: Scribe) -> Box:
    """Write the title; returns the room beneath it."""
    used = _title(slide.shapes.title, content.title, TITLE, scribe, start=TITLE_PT, limit=2)
    top = TITLE.y + used + 6
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = Box(TITLE.x, TITLE.y, TITLE.w, used).emu()
    return Box(CONTENT.x, top, CONTENT.w, CONTENT.y + CONTENT.h - top)


def _cover(slide: Any, document: Document, content: Slide, lines: Sequence[Line], scribe: Scribe) -> None:
    meta = document.meta
    _title(slide.shapes.title, content.title, COVER_TITLE, scribe, start=COVER_PT, limit=3)
    already = " ".join(said(line.c) for line in lines)
    names = [] if meta.anonymous else [a.name for a in meta.authors if a.name not in already]
    places = dict.fromkeys(a.affiliation for a in meta.authors if a.name in names and a.affiliation)
    when = words.date(meta.date, document.lang) if meta.date else ""
    occasion = [s for s in (meta.venue, when) if s and s not in already]
    room = PEOPLE if lines else Box(PEOPLE.x, COVER_TEXT.y, PEOPLE.w, PEOPLE.y + PEOPLE.h - COVER_TEXT.y)
    # where they work is the first to go when the cover is full
    for people in ([", ".join(names), "; ".join(places), *occasion], [", ".join(names), " · ".join(occasion)]):
        shown = [Line([Text(s)]) for s in people if s]
        if height(shown, SMALLEST_PT, room.w) <= room.h:
            break
    if shown:
        _sized(_holder(slide, master.PEOPLE_IDX), shown, room, scribe, start=SMALLEST_PT)
    else:
        _drop(slide, master.PEOPLE_IDX)
    if lines:
        bottom = PEOPLE.y if shown else PEOPLE.y + PEOPLE.h
        above = Box(COVER_TEXT.x, COVER_TEXT.y, COVER_TEXT.w, bottom - COVER_TEXT.y)
        _sized(_holder(slide, 1), lines, above, scribe, start=master.COVER_TEXT_PT)
    else:
        _drop(slide, 1)


def _sized(shape: Any, lines: Sequence[Line], box: Box, scribe: Scribe, *, start: float, loose: bool = False) -> None:
    """Text into `box`, in the largest type that fits."""
    found = largest(lines, box.w, box.h, start=start, loose=loose)
    if found is None:
        raise DocumentError(
            _("The text does not fit in type of {size} points.", size=f"{SMALLEST_PT:.0f}"),
            expected=_("fewer words; what is said stands in the notes"),
        )
    size, gap = found
    scribe.write(shape, lines, size=size, gap=gap)
    shape.left, shape.top, shape.width, shape.height = box.emu()


def _contact(slide: Any, document: Document, lines: Sequence[Line], free: Box, scribe: Scribe) -> Box:
    contact = "" if document.meta.anonymous else document.meta.contact
    if not contact or any(contact in said(line.c) for line in lines):
        _drop(slide, master.PEOPLE_IDX)
        return free
    _sized(_holder(slide, master.PEOPLE_IDX), [Line([Text(contact)])], master.CONTACT, scribe, start=SMALLEST_PT)
    return Box(free.x, free.y, free.w, master.CONTACT.y - free.y)


def _exhibit(slide: Any, block: Block, lines: Sequence[Line], free: Box, scribe: Scribe) -> Box:
    """The figure or table, as large as text leaves room for; returns the room beneath it."""
    below = height(lines, SMALLEST_PT, free.w) + 4 if lines else 0.0
    room = Box(free.x, free.y, free.w, free.h - below)
    if isinstance(block, TableBlock):
        used = table.place(slide, block, room, scribe)
    else:
        assert isinstance(block, FigureBlock)
        used = _figure(slide, block, room, least=_BESIDE_TEXT if lines else _ALONE)
    return Box(free.x, free.y + used + 4, free.w, free.h - used - 4)


def _figure(slide: Any, block: FigureBlock, room: Box, *, least: float) -> float:
    made = picture(block.slide_svg or block.svg)
    scale = min(room.w / made.width, max(room.h, 0) / made.height)
    wide, high = made.width * scale, made.height * scale
    if wide * high < least * WIDE * master.HIGH:
        raise DocumentError(
            _("{label} would be too small to be read.", label=block.label or block.id),
            expected=_("a figure that fills most of the slide"),
            remedy=_("shorten the text beside it, or draw the figure for the slide"),
        )
    x, y, w, h = Box(room.x + (room.w - wide) / 2, room.y, wide, high).emu()
    shape = slide.shapes.add_picture(io.BytesIO(made.png), x, y, w, h)
    shape.name = legal(block.label or block.id)
    shape._element.nvPicPr.cNvPr.set("descr", legal(block.alt))
    return high


def _holder(slide: Any, idx: int) -> Any:
    return next(one for one in slide.placeholders if one.placeholder_format.idx == idx)


def _drop(slide: Any, idx: int) -> None:
    """An empty placeholder would ask its reader to click it."""
    for one in list(slide.placeholders):
        if one.placeholder_format.idx == idx:
            one._element.getparent().remove(one._element)


def _furnish(slide: Any, document: Document, scribe: Scribe) -> None:
    """Source, short title and number at the foot."""
    source = document.meta.footer
    if source:
        if fit.lines(source, FOOT_PT, SOURCE.w) > 2:
            raise DocumentError(
                _("The source is longer than two lines: {text}", text=source), expected=_("a short form of the source")
            )
        shape = _holder(slide, master.SOURCE_IDX)
        scribe.write(shape, [Line([Text(source)])])
        shape.left, shape.top, shape.width, shape.height = SOURCE.emu()
    else:
        _drop(slide, master.SOURCE_IDX)
    for one in slide.slide_layout.placeholders:
        if one.placeholder_format.idx in (master.FOOTER_IDX, master.NUMBER_IDX):
            element = copy.deepcopy(one._element)
            slide.shapes._spTree.append(element)
            element.nvSpPr.cNvPr.set("id", str(100 + one.placeholder_format.idx))
    short = next(one for one in slide.placeholders if one.placeholder_format.idx == master.FOOTER_IDX)
    scribe.write(short, [Line([Text(document.meta.short_title or document.meta.title)])])


def _warn(slide: Any, document: Document) -> None:
    """Every slide of a study on invented rows says so."""
    x, y, w, h = Box(EDGE, 1, TEXT_WIDTH, 12).emu()
    box = slide.shapes.add_textbox(x, y, w, h)
    box.name = "Warning"
    frame = box.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    scribe = Scribe(slide.part, document.lang)
    paragraph = scribe.paragraph(Line([_strong(banner(document))]), size=9, align="ctr")
    body = frame._txBody
    for old in body.findall(f"{{{master.A}}}p"):
        body.remove(old)
    body.append(paragraph)


def _strong(s: str) -> Inline:
    from kesos_research.report.document.model import Styled

    return Styled("strong", [Text(s)])


def _notes(slide: Any, document: Document, content: Slide, exhibits: Sequence[Any], scribe: Scribe) -> None:
    """What to say, then what the page would print: caption, note, footnotes."""
    parts = [content.notes]
    for block in exhibits:
        parts.append(
            " ".join(filter(None, (f"{block.label}." if block.label else "", said(block.caption), said(block.note))))
        )
    parts += scribe.asides
    text = "\n\n".join(legal(p.strip()) for p in parts if p.strip())
    if text:
        slide.notes_slide.notes_text_frame.text = text
        master.speak(slide.notes_slide._element, document.lang)
