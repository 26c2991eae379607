"""Pieces of a line: pandoc's inlines become the model's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kesos_research.errors import DocumentError, KesosError, Where
from kesos_research.language import Language, _
from kesos_research.report import words
from kesos_research.report.document import model as m
from kesos_research.report.document.labels import Labels, Node, plain

_STYLES: Mapping[str, Any] = {
    "Emph": "emph",
    "Underline": "emph",
    "Strong": "strong",
    "Superscript": "sup",
    "Subscript": "sub",
    "SmallCaps": "smallcaps",
}
# \bigl( comes as a scaled text; typst itself sizes brackets to what they hold
_BIG = re.compile(r"#scale\(x: \d+%, y: \d+%\)\[\\?([^\]\\]|\])\]")
# two bars and no more are an absolute value; typst would set them apart like relations
_BARS = re.compile(r"\\\|\s*(.+?)\s*\\\|")


class InlineReader:
    """Reads inlines; keeps what it could not place.

    Attributes
    ----------
    mentioned
        Ids that the text refers to.
    problems
        What is not there, or cannot stand where it stands.
    """

    def __init__(self, lang: Language, labels: Labels, where: Callable[[str], Where | None]) -> None:
        self.lang: Language = lang
        self.labels = labels
        self.where = where
        self.problems: list[KesosError] = []
        self.mentioned: set[str] = set()
        self._readers: Mapping[str, Callable[[Any], Sequence[m.Inline]]] = {
            "Str": lambda text: [m.Text(text)],
            "Space": lambda _: [m.Text(" ")],
            "SoftBreak": lambda _: [m.Text(" ")],
            "LineBreak": lambda _: [m.Break()],
            "Code": lambda content: [m.Styled("code", (m.Text(content[1]),))],
            "Strikeout": self.inlines,
            "Link": lambda content: [m.Link(content[2][0], self.inlines(content[1]))],
            "Quoted": self._quoted,
            "Cite": self._cite,
            "Note": lambda content: [m.Note(self.blocks(content))],
            "Span": self._span,
            "Image": self.refuse_picture,
        }
        self._spans: Mapping[str, Callable[[Any, Mapping[str, str]], Sequence[m.Inline]]] = {
            "formula": lambda content, _: [math(content, "")],
            "ref": lambda _, known: self._reference(known["target"], known["mode"]),
            "refs": lambda content, _: self._joined([self.inlines([part]) for part in content[1]]),
            "mixed": self._mixed,
            "exhibit": self._inside,
        }

    def inlines(self, nodes: Sequence[Node]) -> tuple[m.Inline, ...]:
        """Inlines of the model, neighbouring texts joined."""
        made: list[m.Inline] = []
        for node in nodes:
            for inline in self._inline(node):
                last = made[-1] if made else None
                if isinstance(inline, m.Text) and isinstance(last, m.Text):
                    made[-1] = m.Text(last.s + inline.s)
                else:
                    made.append(inline)
        return tuple(made)

    def blocks(self, nodes: Sequence[Node], *, shift: int = 0) -> tuple[m.Block, ...]:
        """Blocks inside a line (a footnote's)."""
        raise NotImplementedError

    def problem(self, place: str, found: str, *, expected: str | None = None, remedy: str | None = None) -> None:
        """Keep a problem, with the line that says `place`."""
        self.problems.append(DocumentError(found, expected=expected, remedy=remedy, where=self.where(place)))

    def refuse_picture(self, content: Any) -> Sequence[Any]:
        """Pictures come from notebooks, where their data and alt text are."""
        self.problem(
            "![",
            _("A picture is placed in the text: {text}.", text="".join(plain(content[1]))[:60]),
            expected=_("figures that a notebook shows, placed with exhibit(…)"),
        )
        return []

    def _inline(self, node: Node) -> Sequence[m.Inline]:
        kind, content = node["t"], node.get("c", ())
        if kind in _STYLES:
            return [m.Styled(_STYLES[kind], self.inlines(content))]
        read = self._readers.get(kind)
        return read(content) if read else []

    def _quoted(self, content: Any) -> Sequence[m.Inline]:
        opening, closing = ("‘", "’") if content[0]["t"] == "SingleQuote" else ("“", "”")
        return [m.Text(opening), *self.inlines(content[1]), m.Text(closing)]

    def _span(self, content: Any) -> Sequence[m.Inline]:
        (_id, classes, pairs), inlines = content
        known = dict(pairs)
        for name in classes:
            if name in self._spans:
                return self._spans[name](content, known)
        if "alt" in known and len(inlines) == 1 and is_span(inlines[0], "formula"):
            return [math(inlines[0]["c"], known["alt"])]
        return self.inlines(inlines)

    def _reference(self, target: str, mode: str) -> Sequence[m.Inline]:
        said = self.labels.said.get(target)
        if said is None:
            near = difflib.get_close_matches(target, self.labels.said, n=3, cutoff=0.5)
            self.problem(
                target,
                _("@{id} refers to something that is not in this document.", id=target),
                remedy=_("did you mean {names}?", names=", ".join("@" + n for n in near)) if near else None,
            )
            return []
        self.mentioned.add(target)
        return [m.Ref(target, said.rpartition(" ")[2] if mode == "SuppressAuthor" else said)]

    def _joined(self, parts: Sequence[Sequence[m.Inline]]) -> Sequence[m.Inline]:
        """Several references, as a sentence lists them."""
        marks = [chr(0xE000 + i) for i in range(len(parts))]
        made: list[m.Inline] = []
        text = words.joined(marks, self.lang)
        for i, mark in enumerate(marks):
            before, _mark, text = text.partition(mark)
            made.extend([m.Text(before)] if before else [])
            made.extend(parts[i])
        return made

    def _cite(self, content: Any) -> Sequence[m.Inline]:
        citations, inlines = content
        keys = tuple(c["citationId"] for c in citations)
        if self.lang == "en" and citations[0]["citationMode"]["t"] == "AuthorInText":
            inlines = _and_before_bracket(inlines)
        if len(keys) == 1:
            return [m.Cite(keys, self.inlines([_unlinked(node) for node in inlines]))]
        made: list[m.Inline] = []
        for inline in self.inlines(inlines):
            if isinstance(inline, m.Link) and inline.url.startswith("#ref-"):
                made.append(m.Cite((inline.url.removeprefix("#ref-"),), inline.c))
            else:
                made.append(inline)
        return made

    def _mixed(self, _content: Any, known: Mapping[str, str]) -> Sequence[m.Inline]:
        self.problem(
            known["key"],
            _("A citation and a reference to a table, figure, equation or section stand in one pair of brackets."),
            remedy=_("give each its own brackets"),
        )
        return []

    def _inside(self, _content: Any, known: Mapping[str, str]) -> Sequence[m.Inline]:
        id = known.get("key", "")
        self.problem(
            f'exhibit("{id}")',
            _("The exhibit {id} stands inside a paragraph.", id=id),
            remedy=_("give it a paragraph of its own, with an empty line before and after"),
        )
        return []


def is_span(node: Node, name: str) -> bool:
    """Whether a node is a span of this class."""
    return node["t"] == "Span" and name in node["c"][0][1]


def math(content: Any, alt: str) -> m.Math:
    """A formula from the span that holds its forms."""
    (_id, _classes, pairs), inlines = content
    known = dict(pairs)
    tex = inlines[0]["c"][1].strip()
    return m.Math(tex, _typst(known["typst"]), known["mathml"].strip(), alt or tex)


def _typst(text: str) -> str:
    """Typst's formula without its marks, its brackets and bars sized by typst itself."""
    plain = _BIG.sub(r"\1", text.strip().removeprefix("$").removesuffix("$").strip())
    return _BARS.sub(r"abs(\1)", plain) if plain.count("\\|") == 2 else plain


def _unlinked(node: Node) -> Node:
    """A link inside a citation of one work: the whole citation is the link."""
    return {"t": "Span", "c": [["", [], []], node["c"][1]]} if node["t"] == "Link" else node


def _and_before_bracket(nodes: Sequence[Node]) -> list[Node]:
    """APA writes “&” inside brackets and “and” in the sentence."""
    made, inside = [], False
    for node in nodes:
        inside = inside or (node["t"] == "Str" and node["c"].startswith("("))
        made.append({"t": "Str", "c": "and"} if not inside and node == {"t": "Str", "c": "&"} else node)
    return made
