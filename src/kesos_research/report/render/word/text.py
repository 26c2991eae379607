"""The pieces of a line as Word's runs, links, fields and footnotes."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from lxml import etree

from kesos_research.errors import DocumentError
from kesos_research.language import _
from kesos_research.report.document.model import (
    Block,
    Break,
    Cite,
    Document,
    Entry,
    Equation,
    FigureBlock,
    Heading,
    Inline,
    Link,
    Math,
    Note,
    Ref,
    Styled,
    TableBlock,
    Text,
)
from kesos_research.report.render.package import address
from kesos_research.report.render.word import formula
from kesos_research.report.render.word.markup import (
    PLAIN,
    Element,
    Format,
    R,
    Relations,
    bookmark,
    field_runs,
    paragraph,
    run,
    text,
    w,
)

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_NUMBERED = re.compile(r"^(.*?)([0-9]+)$", re.DOTALL)


def walk(thing: Any) -> Iterator[Any]:
    """Every piece of a document, itself first."""
    if is_dataclass(thing):
        yield thing
        for one in fields(thing):
            yield from walk(getattr(thing, one.name))
    elif isinstance(thing, Sequence) and not isinstance(thing, str):
        for one in thing:
            yield from walk(one)


def plain(inlines: Sequence[Inline]) -> str:
    """What inlines say, without how."""
    said = []
    for one in inlines:
        match one:
            case Text(s=s) | Ref(s=s):
                said.append(s)
            case Math(alt=alt, tex=tex):
                said.append(alt or tex)
            case Break():
                said.append(" ")
            case Styled(c=c) | Link(c=c) | Cite(c=c):
                said.append(plain(c))
    return "".join(said)


@dataclass
class Draft:
    """What the parts of one Word file share while it is written."""

    document: Document
    formulas: Mapping[str, etree._Element]
    targets: Mapping[str, Any]
    """Everything a reference may point to, by its id."""
    numbered: bool
    """Headings number themselves as the document numbers them."""
    relations: Relations = field(default_factory=Relations)
    note_relations: Relations = field(default_factory=Relations)
    notes: list[Element] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    lists: int = 0

    @classmethod
    def of(cls, document: Document) -> Draft:
        found = list(walk(document))
        targets: dict[str, Any] = {}
        for one in found:
            match one:
                case Heading() | Equation() | TableBlock() | FigureBlock():
                    targets[one.id] = one
                case Entry():
                    targets[f"ref-{one.key}"] = one
        formulas = formula.omml([one.tex for one in found if isinstance(one, Math)])
        return cls(document, formulas, targets, _counts(one for one in found if isinstance(one, Heading)))

    def marked(self, id: str, *content: Element) -> list[Element]:
        """`content` between the ends of the bookmark that references to `id` point to."""
        if not id:
            return list(content)
        number = self.marks.setdefault(id, len(self.marks) + 1)
        return [w("bookmarkStart", id=number, name=bookmark(id)), *content, w("bookmarkEnd", id=number)]


def _counts(headings: Iterator[Heading]) -> bool:
    """Whether Word's own outline numbering gives the numbers the document gives."""
    count = [0, 0, 0]
    for heading in headings:
        if not heading.number:
            continue
        level = min(max(heading.level, 1), 3)
        count = [*count[: level - 1], count[level - 1] + 1, *[0] * (3 - level)]
        if heading.number.rstrip(".") != ".".join(map(str, count[:level])):
            return False
    return any(count)


@dataclass(frozen=True)
class Writer:
    """Writes text into one part of the file: the body, or its footnotes."""

    draft: Draft
    in_note: bool = False

    @property
    def relations(self) -> Relations:
        return self.draft.note_relations if self.in_note else self.draft.relations

    def line(self, inlines: Sequence[Inline], fmt: Format = PLAIN) -> list[Element]:
        """Inlines as the content of a paragraph."""
        return [element for one in inlines for element in self._inline(one, fmt)]

    def _inline(self, one: Inline, fmt: Format) -> list[Element]:  # noqa: PLR0911 - one return a kind
        match one:
            case Text(s=s):
                return [text(s.replace("\n", " "), fmt)]
            case Styled(style=style, c=c):
                return self.line(c, replace(fmt, styles=fmt.styles | {style}))
            case Break():
                return [run(w("br"))]
            case Math(tex=tex):
                return [copy.deepcopy(self.draft.formulas[tex])]
            case Link(url=url, c=c):
                return [self._link(url, self.line(c, replace(fmt, character="Hyperlink")))]
            case Ref(target=target, s=s):
                return self._reference(target, s, replace(fmt, character="CrossReference"))
            case Cite(keys=keys, c=c):
                return self._citation(keys, c, fmt)
            case Note(blocks=blocks):
                return [self._footnote(blocks)]
        raise AssertionError(one)

    def _link(self, url: str, content: list[Element]) -> Element:
        if url.startswith("#"):
            return self._anchored(url[1:], content)
        link = w("hyperlink", *content, history=1)
        link.set(f"{{{R}}}id", self.relations.add(OFFICE + "hyperlink", address(url), external=True))
        return link

    def _anchored(self, target: str, content: list[Element]) -> Element:
        return w("hyperlink", *content, anchor=bookmark(target), history=1)

    def _reference(self, target: str, s: str, fmt: Format) -> list[Element]:
        """A REF field where Word can keep the number itself, else a link to the place."""
        there = self.draft.targets.get(target)
        name = bookmark(target)
        number = _NUMBERED.match(s)
        match there:
            case TableBlock(label=label) | FigureBlock(label=label) if label == s:
                return field_runs(f"REF {name} \\h", s, fmt)
            case Equation(number=own) if own and number and number[2] == own:
                return [self._anchored(target, [text(number[1], fmt), *field_runs(f"REF {name} \\h", own, fmt)])]
            case Heading(number=own) if own and self.draft.numbered and s.endswith(own):
                shown = field_runs(f"REF {name} \\r \\h", own, fmt)
                return [self._anchored(target, [text(s.removesuffix(own), fmt), *shown])]
            case None:
                raise DocumentError(
                    _("“{text}” points to {target}, which is not in this document.", text=s, target=target),
                    expected=_("one of: {names}", names=", ".join(sorted(self.draft.targets))),
                )
        return [self._anchored(target, [text(s, fmt)])]

    def _citation(self, keys: Sequence[str], c: Sequence[Inline], fmt: Format) -> list[Element]:
        linked = [f"ref-{key}" for key in keys if f"ref-{key}" in self.draft.targets]
        fmt = replace(fmt, character="CrossReference")
        if not linked:
            return self.line(c, fmt)
        if len(linked) == len(keys) and len(pieces := _works(c)) == len(keys):
            made: list[Element] = []
            for target, (before, piece) in zip(linked, pieces, strict=True):
                made += [text(before, fmt)] if before else []
                made.append(self._anchored(target, self.line(piece, fmt)))
            return made
        return [self._anchored(linked[0], self.line(c, fmt))]

    def _footnote(self, blocks: Sequence[Block]) -> Element:
        from kesos_research.report.render.word.blocks import body

        if self.in_note:
            raise DocumentError(_("A footnote stands inside a footnote."), expected=_("footnotes in the text only"))
        number = len(self.draft.notes) + 1
        mark = run(w("footnoteRef"), fmt=Format(character="FootnoteReference"))
        note = w("footnote", id=number)
        self.draft.notes.append(note)
        note.extend(body(blocks, Writer(self.draft, in_note=True), style="FootnoteText"))
        first = note.find("{*}p")
        if first is None:
            first = paragraph("FootnoteText")
            note.append(first)
        first[1:1] = [mark, text(" ")]
        return run(w("footnoteReference", id=number), fmt=Format(character="FootnoteReference"))


def _works(c: Sequence[Inline]) -> list[tuple[str, list[Inline]]]:
    """A citation of several works, cut at its semicolons: what stands before each work, and the work."""
    pieces: list[tuple[str, list[Inline]]] = [("", [])]
    for one in c:
        if not isinstance(one, Text):
            pieces[-1][1].append(one)
            continue
        head, *rest = one.s.split("; ")
        if head:
            pieces[-1][1].append(Text(head))
        for s in rest:
            pieces.append(("; ", [Text(s)] if s else []))
    return pieces
