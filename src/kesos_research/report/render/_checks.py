"""What must be right before a document is set: headings, references, footnotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kesos_research.errors import DocumentError, Where
from kesos_research.language import _
from kesos_research.report.document.flat import flat
from kesos_research.report.document.model import Document, Heading


def check(document: Document, data: dict[str, Any]) -> None:
    """Refuse what no page can show; `data` is the document as JSON."""
    _headings(document)
    _targets(data)
    _notes(data)


def nodes(data: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in `data`, outermost first."""
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from nodes(value)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for value in data:
            yield from nodes(value)


def _headings(document: Document) -> None:
    """Headings go down one level at a time: a reader who hears the page finds the way by them."""
    last = 0
    for block in document.blocks:
        if isinstance(block, Heading):
            if block.level > last + 1:
                raise DocumentError(
                    _("The heading “{text}” is of level {level}.", text=flat(block.c), level=block.level),
                    expected=_("level {level} or above", level=last + 1),
                    where=Where(key=block.id or None),
                )
            last = block.level


def _targets(data: dict[str, Any]) -> None:
    """Every id once, every reference to something that is there."""
    ids: set[str] = set()
    for node in nodes(data["blocks"]):
        name = f"ref-{node['key']}" if "key" in node else node.get("id", "")
        if name and name in ids:
            raise DocumentError(_("The id {id} is used twice in this document.", id=name), where=Where(key=name))
        ids.add(name)
    for node in nodes([data["blocks"], data["meta"]["abstracts"]]):
        wanted = [node["target"]] if node.get("t") == "ref" else [f"ref-{k}" for k in node.get("keys", ())]
        for name in wanted:
            if name not in ids:
                raise DocumentError(
                    _("The document refers to {id}, which is not in it.", id=name),
                    expected=", ".join(sorted(i for i in ids if i[:4] == name[:4])),
                    where=Where(key=name),
                )


def _notes(data: dict[str, Any]) -> None:
    """Footnotes of what floats over both columns are lost by typst (its issue 5765): none may stand there."""
    places = [("abstract", a) for a in data["meta"]["abstracts"]]
    places += [(b["id"], [b["caption"], b["note"]]) for b in data["blocks"] if b["t"] in ("table", "figure")]
    for name, content in places:
        if any(node.get("t") == "note" for node in nodes(content)):
            raise DocumentError(
                _("A footnote stands in an abstract, or in the caption or note of a table or figure."),
                remedy=_("Say it in the text, or in the note beneath the table or figure."),
                where=Where(key=name),
            )
