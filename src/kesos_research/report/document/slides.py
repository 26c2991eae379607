"""Slides from the narrative's section for them: one message each, said by its title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kesos_research.errors import DocumentError
from kesos_research.language import Language, _, translate
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import first_sentence, flat, paragraphs
from kesos_research.report.document.labels import Node
from kesos_research.report.document.reader import Reader

DERIVED = "kesos-derived"
"""The heading of a slide that is made from an exhibit: its title is the caption's first sentence."""


def made(nodes: Sequence[Node], reader: Reader, meta: m.Meta, question: str, lang: Language) -> tuple[m.Slide, ...]:
    """The title slide, a slide for each level-2 heading, and a closing slide where the narrative has none."""
    opening: list[Node] = []
    slides: list[m.Slide] = []
    for heading, rest in _split(nodes):
        if heading is None:
            opening = list(rest)
        else:
            slides.append(_slide(heading, rest, reader))
    closing = () if slides and slides[-1].layout == "closing" else (_closing(meta, lang),)
    return (_opening(opening, reader, meta, question), *slides, *closing)


def _split(nodes: Sequence[Node]) -> Iterator[tuple[Node | None, Sequence[Node]]]:
    heading: Node | None = None
    held: list[Node] = []
    for node in nodes:
        if node["t"] == "Header" and node["c"][0] <= 2:
            if heading is not None or held:
                yield heading, held
            heading, held = node, []
        else:
            held.append(node)
    if heading is not None or held:
        yield heading, held


def _slide(heading: Node, nodes: Sequence[Node], reader: Reader) -> m.Slide:
    title = reader.inlines(heading["c"][2])
    notes, blocks = _notes(nodes, reader)
    shown = [b for b in blocks if isinstance(b, m.TableBlock | m.FigureBlock | m.Tiles)]
    if len(shown) > 1:
        reader.problems.append(
            DocumentError(
                _("The slide “{title}” shows {n} tables or figures.", title=flat(title), n=len(shown)),
                expected=_("at most one"),
                remedy=_("make two slides of it"),
                where=reader.where(flat(title)),
            )
        )
    if flat(title) == DERIVED:
        caption = () if not shown or isinstance(shown[0], m.Tiles) else shown[0].caption
        title = (m.Text(first_sentence(flat(caption))[0]),)
    return m.Slide(title, tuple(blocks), notes, "closing" if "closing" in heading["c"][1][1] else "content")


def _notes(nodes: Sequence[Node], reader: Reader) -> tuple[str, list[m.Block]]:
    """Speaker notes (`::: notes`) as plain text, and what is shown."""
    notes = [n for n in nodes if n["t"] == "Div" and "notes" in n["c"][0][1]]
    shown = [n for n in nodes if n not in notes]
    said = [text for n in notes for text in paragraphs(reader.blocks(n["c"][1]))]
    return "\n".join(said), list(reader.blocks(shown))


def _opening(nodes: Sequence[Node], reader: Reader, meta: m.Meta, question: str) -> m.Slide:
    """What stands before the first slide's heading; renderers add who and when. The question is for the speaker."""
    notes, blocks = _notes(nodes, reader)
    return m.Slide((m.Text(meta.title),), tuple(blocks), notes or question, "title")


def _closing(meta: m.Meta, lang: Language) -> m.Slide:
    asked = [replace(a, affiliation="") for a in meta.authors if a.email]
    lines = [m.Paragraph((m.Text(f"{a.name}: "), m.Link(f"mailto:{a.email}", (m.Text(a.email),)))) for a in asked]
    return m.Slide(
        (m.Text(translate("Questions, corrections and data are welcome", lang)),), tuple(lines), "", "closing"
    )
