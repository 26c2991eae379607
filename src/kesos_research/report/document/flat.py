"""The words of a document's blocks, without their look: for speaker notes, titles and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kesos_research.report.document import model as m

_SENTENCE = re.compile(r"(?<!\bKab)(?<!\bdkk)(?<!\bhlm)(?<!\bal)(?<!\bNo)[.?!](?=\s+[A-Z0-9“])")


def flat(inlines: Sequence[m.Inline]) -> str:
    """The text of a line; footnotes are left out."""
    said: list[str] = []
    for inline in inlines:
        if isinstance(inline, m.Text | m.Ref):
            said.append(inline.s)
        elif isinstance(inline, m.Styled | m.Link | m.Cite):
            said.append(flat(inline.c))
        elif isinstance(inline, m.Math):
            said.append(inline.alt)
        elif isinstance(inline, m.Break):
            said.append(" ")
    return "".join(said)


def paragraphs(blocks: Sequence[m.Block]) -> Iterator[str]:
    """The running text, a paragraph at a time; tables, figures and references are none."""
    for block in blocks:
        if isinstance(block, m.Paragraph | m.Heading):
            yield flat(block.c)
        elif isinstance(block, m.Items):
            for item in block.items:
                yield from paragraphs(item)
        elif isinstance(block, m.Quote):
            yield from paragraphs(block.blocks)


def count(blocks: Sequence[m.Block]) -> int:
    """How many words the running text has."""
    return sum(len(text.split()) for text in paragraphs(blocks))


def first_sentence(text: str) -> tuple[str, str]:
    """A text's first sentence without its full stop, and the rest."""
    end = _SENTENCE.search(text)
    if end is None:
        return text.strip().removesuffix("."), ""
    sentence = text[: end.start()] if end[0] == "." else text[: end.end()]
    return sentence.strip(), text[end.end() :].strip()
