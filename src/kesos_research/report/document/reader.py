"""What stands on its own: pandoc's blocks become the model's, and nothing a page cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kesos_research.errors import DocumentError, Where
from kesos_research.language import Language, _
from kesos_research.report.document import model as m
from kesos_research.report.document.inlines import InlineReader, is_span, math
from kesos_research.report.document.labels import Labels, Node, placed
from kesos_research.report.document.written_table import table


class Reader(InlineReader):
    """Reads blocks.

    Attributes
    ----------
    exhibit
        Gives the block of an exhibit; set once captions have been read.
    """

    def __init__(self, lang: Language, labels: Labels, where: Callable[[str], Where | None]) -> None:
        super().__init__(lang, labels, where)
        self.exhibit: Callable[[str], m.Block] = _no_exhibit
        self._kinds: Mapping[str, Callable[[Any], Sequence[m.Block]]] = {
            "Para": self._paragraph,
            "Plain": self._paragraph,
            "BulletList": lambda items: [self._items(items, ordered=False)],
            "OrderedList": lambda content: [self._items(content[1], ordered=True)],
            "BlockQuote": lambda nodes: [m.Quote(self.blocks(nodes))],
            "DefinitionList": self._definitions,
            "Table": lambda content: [table(content, self)],
            "LineBlock": lambda lines: [m.Paragraph(_lines([self.inlines(line) for line in lines]))],
            "CodeBlock": self._code,
            "Figure": self.refuse_picture,
        }

    def blocks(self, nodes: Sequence[Node], *, shift: int = 0) -> tuple[m.Block, ...]:
        """Blocks of the model; headings are raised by `shift` levels."""
        made: list[m.Block] = []
        for node in nodes:
            kind, content = node["t"], node.get("c", ())
            if kind == "Header":
                made.append(self._heading(content, shift))
            elif kind == "Div" and content[0][0] == "refs":
                made.append(self._references(content[1]))
            elif kind == "Div":
                made.extend(self.blocks(content[1], shift=shift))
            elif kind in self._kinds:
                made.extend(self._kinds[kind](content))
        return tuple(made)

    def _paragraph(self, inlines: Sequence[Node]) -> Sequence[m.Block]:
        if key := placed({"t": "Para", "c": inlines}):
            return [self.exhibit(key)]
        made: list[m.Block] = []
        line: list[Node] = []
        for part in inlines:
            shown = _display(part)
            if shown is None:
                line.append(part)
                continue
            made.extend(self._line(line))
            line = []
            id, formula, alt = shown
            made.append(m.Equation(id, self.labels.numbers.get(id, ""), math(formula, alt)))
        made.extend(self._line(line))
        return made

    def _line(self, nodes: Sequence[Node]) -> Sequence[m.Block]:
        inlines = _trimmed(self.inlines(nodes))
        return [m.Paragraph(inlines)] if inlines else []

    def _heading(self, content: Any, shift: int) -> m.Heading:
        level, (id, *_rest), inlines = content
        return m.Heading(min(3, max(1, level - shift)), id, self.inlines(inlines), self.labels.numbers.get(id, ""))

    def _items(self, items: Sequence[Sequence[Node]], *, ordered: bool) -> m.Items:
        return m.Items(ordered, tuple(self.blocks(item) for item in items))

    def _definitions(self, content: Any) -> Sequence[m.Block]:
        made: list[m.Block] = []
        for term, meanings in content:
            name = m.Styled("strong", self.inlines(term))
            first, *rest = [block for meaning in meanings for block in self.blocks(meaning)] or [m.Paragraph(())]
            if isinstance(first, m.Paragraph):
                made += [m.Paragraph((name, m.Text(". "), *first.c)), *rest]
            else:
                made += [m.Paragraph((name,)), first, *rest]
        return made

    def _code(self, content: Any) -> Sequence[m.Block]:
        lines = [(m.Styled("code", (m.Text(line),)),) for line in content[1].split("\n")]
        return [m.Paragraph(_lines(lines))]

    def _references(self, nodes: Sequence[Node]) -> m.References:
        entries = []
        for node in nodes:
            if node["t"] == "Div" and node["c"][0][0].startswith("ref-"):
                inlines = [part for block in node["c"][1] for part in block["c"]]
                entries.append(m.Entry(node["c"][0][0].removeprefix("ref-"), self.inlines(inlines)))
        return m.References(tuple(entries))


def _no_exhibit(id: str) -> m.Block:
    raise DocumentError(_("The exhibit {id} stands where none can stand.", id=id))


def _display(node: Node) -> tuple[str, Any, str] | None:
    """Id, formula and words of an equation that stands on a line of its own; None for anything else."""
    if node["t"] != "Span":
        return None
    (id, _classes, pairs), inlines = node["c"]
    formula = node if is_span(node, "formula") else inlines[0] if len(inlines) == 1 else None
    if formula is None or not is_span(formula, "formula"):
        return None
    if formula["c"][1][0]["c"][0]["t"] != "DisplayMath":
        return None
    return ("", formula["c"], "") if formula is node else (id, formula["c"], dict(pairs).get("alt", ""))


def _lines(lines: Sequence[Sequence[m.Inline]]) -> tuple[m.Inline, ...]:
    made: list[m.Inline] = []
    for line in lines:
        made.extend([m.Break()] if made else [])
        made.extend(line)
    return tuple(made)


def _trimmed(inlines: Sequence[m.Inline]) -> tuple[m.Inline, ...]:
    """Without spaces at the ends, which an equation in the middle of a paragraph leaves."""
    kept = list(inlines)
    if kept and isinstance(kept[0], m.Text):
        kept[0] = m.Text(kept[0].s.lstrip(" "))
    if kept and isinstance(kept[-1], m.Text):
        kept[-1] = m.Text(kept[-1].s.rstrip(" "))
    return tuple(i for i in kept if not (isinstance(i, m.Text) and not i.s))
