"""Text on slides: what stands in a line, how much room it takes, and how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE as REL

from kesos_research.errors import DocumentError
from kesos_research.language import Language, _
from kesos_research.report import style
from kesos_research.report.document.model import (
    Block,
    Break,
    Cite,
    Heading,
    Inline,
    Items,
    Link,
    Math,
    Note,
    Paragraph,
    Quote,
    Ref,
    Styled,
    Text,
)
from kesos_research.report.render import fit
from kesos_research.report.render.package import LOCALE, address, legal
from kesos_research.report.render.slides.master import SMALLEST_PT, TEXT_PT, A, R

_EMU: Final = 12700
_LEADING: Final = 1.22
_INDENT: Final = 22.0
GAP: Final = 8.0
"""Points before a paragraph."""
_ACCENT: Final = style.TREATED_INK.lstrip("#")


@dataclass(frozen=True)
class Line:
    """A paragraph of a slide."""

    c: Sequence[Inline]
    level: int = 0
    mark: str = ""
    """"bullet", "number", or nothing."""


def said(inlines: Iterable[Inline]) -> str:
    """The words of inlines."""
    words = []
    for one in inlines:
        match one:
            case Text(s=s) | Ref(s=s):
                words.append(s)
            case Math(alt=alt, tex=tex):
                words.append(alt or tex)
            case Break():
                words.append("\n")
            case Styled(c=c) | Link(c=c) | Cite(c=c):
                words.append(said(c))
    return "".join(words)


def flat(blocks: Sequence[Block], level: int = 0) -> list[Line]:
    """The paragraphs of a slide's blocks, lists opened."""
    found: list[Line] = []
    for block in blocks:
        match block:
            case Paragraph(c=c):
                found.append(Line(c, level))
            case Heading(c=c):
                found.append(Line([Styled("strong", c)], level))
            case Quote(blocks=inner):
                found += [replace(line, c=[Styled("emph", line.c)]) for line in flat(inner, level)]
            case Items(ordered=ordered, items=items):
                for item in items:
                    inner = flat(item, level)
                    mark = "number" if ordered else "bullet"
                    found += [replace(inner[0], mark=mark), *_deeper(inner[1:], level)] if inner else []
            case _:
                raise DocumentError(
                    _("A slide cannot hold a {kind}.", kind=type(block).__name__.lower()),
                    expected=_("paragraphs, lists, and one figure or table"),
                )
    return found


def _deeper(lines: Sequence[Line], level: int) -> list[Line]:
    return [replace(line, level=line.level + 1) if line.mark and line.level == level else line for line in lines]


def height(lines: Sequence[Line], size: float, room: float, gap: float = GAP) -> float:
    """Points the lines take at `size` in a box `room` wide, `gap` before each, measured with wide type."""
    total = 0.0
    for line in lines:
        inner = room - (_INDENT * line.level + 28 if line.mark or line.level else 0)
        total += fit.lines(said(line.c), size, inner) * size * _LEADING + (gap / 2 if line.level else gap)
    return total


def largest(
    lines: Sequence[Line], room: float, high: float, *, start: float = TEXT_PT, loose: bool = False
) -> tuple[float, float] | None:
    """The largest type in which the lines fit, and the gap before each; None when even the smallest is too large.

    `loose`: lines stand apart where there is room.
    """
    size = start
    while size >= SMALLEST_PT:
        for gap in (GAP * 2, GAP) if loose else (GAP,):
            if height(lines, size, room, gap) <= high:
                return size, gap
        size -= 1
    return None


@dataclass
class Scribe:
    """Writes paragraphs into a slide's shapes; remembers its footnotes, and whether the accent was used."""

    part: Any
    lang: Language
    asides: list[str] = field(default_factory=list)
    accented: bool = False

    def write(self, shape: Any, lines: Sequence[Line], *, size: float = 0.0, gap: float = 0.0) -> None:
        """`lines` in place of the shape's text."""
        body = shape.text_frame._txBody
        for old in body.findall(f"{{{A}}}p"):
            body.remove(old)
        for line in lines:
            body.append(self.paragraph(line, size=size, gap=gap))

    def paragraph(self, line: Line, *, size: float = 0.0, align: str = "", gap: float = 0.0) -> etree._Element:
        """`a:p`"""
        properties = etree.Element(f"{{{A}}}pPr")
        if line.level:
            properties.set("lvl", str(min(line.level, 4)))
        if align:
            properties.set("algn", align)
        if gap:
            before = etree.SubElement(properties, f"{{{A}}}spcBef")
            points = gap / 2 if line.level else gap
            etree.SubElement(before, f"{{{A}}}spcPts", val=str(round(points * 100)))
        if line.mark == "number":
            properties.set("marL", str(round(_INDENT * line.level + 28) * _EMU))
            properties.set("indent", str(-28 * _EMU))
            etree.SubElement(properties, f"{{{A}}}buFont", typeface="+mj-lt")
            etree.SubElement(properties, f"{{{A}}}buAutoNum", type="arabicPeriod")
        elif not line.mark:
            properties.set("marL", str(round(_INDENT * line.level) * _EMU))
            properties.set("indent", "0")
            etree.SubElement(properties, f"{{{A}}}buNone")
        made = etree.Element(f"{{{A}}}p")
        made.append(properties)
        made.extend(self.runs(line.c, size=size))
        return made

    def runs(self, inlines: Sequence[Inline], *, size: float = 0.0, on: frozenset[str] = frozenset()) -> list[Any]:
        """Inlines as runs; `on` holds the styles around them."""
        made: list[Any] = []
        for one in inlines:
            match one:
                case Text(s=s) | Ref(s=s):
                    made += self._words(s, size, on)
                case Math(alt=alt, tex=tex):
                    made += self._words(alt or tex, size, on | {"emph"})
                case Styled(style=name, c=c):
                    accent = name == "strong" and not self.accented and "plain" not in on
                    self.accented = self.accented or accent
                    made += self.runs(c, size=size, on=on | {name} | ({"accent"} if accent else set()))
                case Break():
                    made.append(etree.Element(f"{{{A}}}br"))
                case Cite(c=c):
                    made += self.runs(c, size=size, on=on)
                case Link(url=url, c=c):
                    found = self.runs(c, size=size, on=on)
                    if not url.startswith("#"):
                        self._point(found, address(url))
                    made += found
                case Note(blocks=blocks):
                    self.asides += [said(line.c) for line in flat(blocks)]
        return made

    def _words(self, s: str, size: float, on: frozenset[str]) -> list[Any]:
        made: list[Any] = []
        for i, line in enumerate(legal(s).replace("\r", "").split("\n")):
            if i:
                made.append(etree.Element(f"{{{A}}}br"))
            made.append(self._run(line, size, on))
        return made

    def _run(self, s: str, size: float, on: frozenset[str]) -> etree._Element:
        run = etree.Element(f"{{{A}}}r")
        properties = etree.SubElement(run, f"{{{A}}}rPr", lang=LOCALE[self.lang])
        if size:
            properties.set("sz", str(round(size * 100)))
        for name, attribute, value in (
            ("strong", "b", "1"),
            ("emph", "i", "1"),
            ("sup", "baseline", "30000"),
            ("sub", "baseline", "-25000"),
            ("regular", "b", "0"),
        ):
            if name in on:
                properties.set(attribute, value)
        if "accent" in on:
            fill = etree.SubElement(properties, f"{{{A}}}solidFill")
            etree.SubElement(fill, f"{{{A}}}srgbClr", val=_ACCENT)
        if "code" in on:
            etree.SubElement(properties, f"{{{A}}}latin", typeface="Consolas")
        etree.SubElement(run, f"{{{A}}}t").text = s
        return run

    def _point(self, runs: Sequence[Any], url: str) -> None:
        relation = self.part.relate_to(url, REL.HYPERLINK, is_external=True)
        for run in runs:
            if run.tag == f"{{{A}}}r":
                link = etree.SubElement(run.find(f"{{{A}}}rPr"), f"{{{A}}}hlinkClick")
                link.set(f"{{{R}}}id", relation)
