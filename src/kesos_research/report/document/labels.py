"""Numbers and names of sections, tables, figures and equations, in the order in which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from kesos_research.language import Language, translate

Node = Mapping[str, Any]


@dataclass
class Labels:
    """What a reference to an id says, and the numbers that headings and equations carry.

    Attributes
    ----------
    said
        By id: "Tabel 2", "Figure 1", "Persamaan (3)", "Section 2.1".
    numbers
        By id of a heading or equation: "2.1", "3"; empty where it has none.
    """

    lang: Language
    numbered: bool = True
    said: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _sections: list[int] = field(default_factory=list)
    _annexes: int = 0

    def read(self, nodes: Sequence[Node], *, annex: bool = False, numbered: bool = True) -> None:
        """Number what stands in these blocks."""
        for node in nodes:
            if node["t"] == "Header":
                self._heading(node, annex=annex, numbered=numbered)
            elif node["t"] == "Div":
                self.read(node["c"][1], annex=annex, numbered=numbered)
            elif node["t"] == "Table":
                self._table(node)
            elif node["t"] in ("Para", "Plain"):
                self._paragraph(node)

    def exhibit(self, id: str) -> str:
        """The label of a table or figure, which is numbered when first asked for."""
        if id not in self.said:
            kind = "fig" if id.startswith("fig-") else "tbl"
            self._counts[kind] = n = self._counts.get(kind, 0) + 1
            text = translate("Figure {n}", self.lang, {"n": n})
            self.said[id] = text if kind == "fig" else translate("Table {n}", self.lang, {"n": n})
        return self.said[id]

    def _heading(self, node: Node, *, annex: bool, numbered: bool) -> None:
        level, (id, classes, _pairs), inlines = node["c"]
        if not self.numbered or not numbered or "unnumbered" in classes:
            self._say(id, "".join(plain(inlines)))
            return
        if annex and level == 1:
            self._annexes += 1
            self._sections = [self._annexes]
        else:
            self._sections = [*self._sections[:level], *[0] * (level - len(self._sections))]
            self._sections[level - 1] += 1
        first = chr(64 + self._sections[0]) if annex else str(self._sections[0])
        number = ".".join([first, *map(str, self._sections[1:])])
        self.numbers[id] = number
        text = translate("Section {n}", self.lang, {"n": number})
        self._say(id, translate("Annex {n}", self.lang, {"n": number}) if annex else text)

    def _table(self, node: Node) -> None:
        (id, _classes, _pairs), (_short, caption), *_rest = node["c"]
        if id:
            if id in self.said:
                self.repeated.append(id)
            self.exhibit(id)
        elif caption:
            # one that is never referred to still needs an id that is its own
            node["c"][0][0] = next(own for n in count(1) if (own := f"tbl-{n}") not in self.said)
            self.exhibit(node["c"][0][0])

    def _paragraph(self, node: Node) -> None:
        if key := placed(node):
            if not key.startswith("glance-"):
                self.exhibit(key)
            return
        for span in spans(node["c"]):
            id = span["c"][0][0]
            if id.startswith("eq-"):
                self._counts["eq"] = n = self._counts.get("eq", 0) + 1
                self.numbers[id] = str(n)
                self._say(id, translate("Equation ({n})", self.lang, {"n": n}))

    def _say(self, id: str, text: str) -> None:
        if id and id in self.said:
            self.repeated.append(id)
        self.said[id] = text


def placed(node: Node) -> str | None:
    """The id of the exhibit this paragraph places, where it does nothing else."""
    if node["t"] in ("Para", "Plain") and len(node["c"]) == 1 and node["c"][0]["t"] == "Span":
        attributes = node["c"][0]["c"][0]
        if "exhibit" in attributes[1]:
            return dict(attributes[2]).get("key")
    return None


def spans(inlines: Sequence[Node]) -> Iterator[Node]:
    """The spans among a paragraph's own inlines."""
    return (node for node in inlines if node["t"] == "Span")


def plain(node: Any) -> Iterator[str]:
    """The words of a piece of pandoc's tree, without their look."""
    if isinstance(node, list):
        for part in node:
            yield from plain(part)
    elif isinstance(node, dict) and "t" in node:
        yield from _words(node)


def _words(node: Node) -> Iterator[str]:
    kind: str = node["t"]
    content: Any = node.get("c", ())
    if kind == "Str":
        yield content
    elif kind in ("Space", "SoftBreak", "LineBreak"):
        yield " "
    elif kind == "Quoted":
        opening, closing = ("‘", "’") if content[0]["t"] == "SingleQuote" else ("“", "”")
        yield opening
        yield from plain(content[1])
        yield closing
    elif kind in ("Code", "Math", "CodeBlock"):
        yield content[1]
    elif kind in ("Span", "Link", "Image", "Cite", "Div"):
        yield from plain(content[1])
    elif kind == "Header":
        yield from plain(content[2])
    elif kind in ("BulletList", "OrderedList"):
        items = content if kind == "BulletList" else content[1]
        yield "; ".join("".join(plain(item)) for item in items)
    elif kind != "Note":
        yield from plain(content)
