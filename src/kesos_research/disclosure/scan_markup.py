"""Pages and drawings: text as it is read, attributes, scripts, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kesos_research.disclosure.scan_part import Part, Piece, Unreadable, kind_of, text_of
from kesos_research.language import _

# HTML and SVG; Word, PowerPoint, Excel
_WITHIN = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span
    strike strong sub sup time tspan textPath tt u var wbr
    r t rPr fld fldSimple hyperlink smartTag sdt sdtContent sdtPr proofErr bookmarkStart bookmarkEnd ins moveTo
    delText instrText noBreakHyphen softHyphen lastRenderedPageBreak
"""
_BREAKS = re.compile(r"\n\s*\n")
INLINE = frozenset(_WITHIN.split())
"""Elements that do not end a word: what stands in them belongs to what stands around them."""
DRAWN = frozenset({"d", "points", "transform", "viewBox"})
"""Attributes that hold the coordinates of a drawing."""


def pieces(part: Part) -> Iterator[Piece | Part]:
    """The text of an HTML page or an SVG drawing."""
    from lxml import etree, html

    try:
        if kind_of(part.raw, part.name) == "html":
            text = text_of(part.raw) or part.raw.decode("latin-1")
            root = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
        else:
            root = parsed(part.raw)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(_("it is damaged ({reason})", reason=type(error).__name__)) from None
    yield from texts(root)


def parsed(raw: bytes) -> Any:
    """The root of an XML document; nothing outside it is fetched, no entity is expanded."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True)
    root = etree.fromstring(raw, parser)
    if root is None:
        raise ValueError("no element")
    return root


def texts(root: Any) -> Iterator[Piece]:
    """What can be read of a tree: one text of all that is shown, one of each script and comment, all attributes."""
    shown: list[str] = []
    attributes: list[str] = []
    for event, node in _walk(root):
        name = _local(node)
        if event == "end":
            if name not in INLINE:
                shown.append("\n")
            shown.append(node.tail or "")
            continue
        if name in ("script", "style", "#comment", "#other"):
            yield Piece(
                _("script") if name == "script" else _("comment") if name == "#comment" else name, node.text or ""
            )
        else:
            if name not in INLINE:
                shown.append("\n")
            shown.append(node.text or "")
        for key, value in node.attrib.items() if isinstance(node.tag, str) else ():
            if _bare(key) not in DRAWN:
                attributes.append(f"{_bare(key)}: {value}")
    yield Piece("", _BREAKS.sub("\n", "".join(shown)))
    yield Piece(_("attributes"), "\n\n\n\n".join(attributes))


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Every node as it begins and as it ends, its tail with its end."""
    above = root.getroottree().getroot()
    before = list(above.itersiblings(preceding=True)) if root is above else []
    for node in (*reversed(before), root, *(root.itersiblings() if root is above else ())):
        stack = [(node, False)]
        while stack:
            at, ended = stack.pop()
            yield ("end" if ended else "start"), at
            if not ended:
                stack.append((at, True))
                stack += [(child, False) for child in reversed(at)]


def _local(node: Any) -> str:
    if isinstance(node.tag, str):
        return _bare(node.tag)
    return "#comment" if type(node).__name__.endswith("Comment") else "#other"


def _bare(name: str) -> str:
    return name.rsplit("}", 1)[-1]
