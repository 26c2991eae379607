"""WordprocessingML, piece by piece: elements, runs, fields, bookmarks, and what one part of the file refers to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lxml import etree

from kesos_research.report.render.package import legal, unprefixed, xml

Element: TypeAlias = etree._Element

W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WP: Final = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIC: Final = "http://schemas.openxmlformats.org/drawingml/2006/picture"
NAMESPACES: Final = {"w": W, "m": M, "r": R, "wp": WP, "a": A, "pic": PIC}
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"


def w(tag: str, *children: Element | None, **attributes: str | int) -> Element:
    """The element `w:tag`; children that are None are left out, attributes are Word's own."""
    element = etree.Element(f"{{{W}}}{tag}", nsmap=NAMESPACES)
    for name, value in attributes.items():
        element.set(f"{{{W}}}{name}", str(value))
    element.extend(child for child in children if child is not None)
    return element


def etree_element(namespace: str, tag: str, *children: Element, **attributes: str) -> Element:
    """An element of another vocabulary, with attributes that have no namespace."""
    element = etree.Element(f"{{{namespace}}}{tag}", attributes, nsmap=NAMESPACES)
    element.extend(children)
    return element


def twips(points: float) -> int:
    """Word's unit of length: a twentieth of a point."""
    return round(points * 20)


@dataclass(frozen=True)
class Format:
    """How a run differs from its paragraph."""

    styles: frozenset[str] = frozenset()
    lang: str = ""
    character: str = ""
    """A character style, such as Hyperlink."""

    def properties(self) -> Element | None:
        """`w:rPr` with its children in the order the schema asks for, or None when there is nothing to say."""
        on = self.styles
        character = self.character or ("Code" if "code" in on else "")
        made = [
            w("rStyle", val=character) if character else None,
            w("b") if "strong" in on else None,
            w("i") if "emph" in on else None,
            w("smallCaps") if "smallcaps" in on else None,
            w("vertAlign", val="superscript") if "sup" in on else None,
            w("vertAlign", val="subscript") if "sub" in on and "sup" not in on else None,
            w("lang", val=self.lang) if self.lang else None,
        ]
        return w("rPr", *made) if any(e is not None for e in made) else None


PLAIN: Final = Format()


def run(*children: Element, fmt: Format = PLAIN) -> Element:
    """One run."""
    return w("r", fmt.properties(), *children)


def text(s: str, fmt: Format = PLAIN) -> Element:
    """A run of text; line ends become line breaks."""
    pieces: list[Element] = []
    for i, line in enumerate(legal(s).replace("\r", "").replace("\t", " ").split("\n")):
        if i:
            pieces.append(w("br"))
        piece = w("t")
        piece.text = line
        piece.set(_SPACE, "preserve")
        pieces.append(piece)
    return run(*pieces, fmt=fmt)


def field_runs(instruction: str, shown: str, fmt: Format = PLAIN) -> list[Element]:
    """A field and the text it shows until Word works it out anew."""
    code = w("instrText")
    code.text = f" {instruction} "
    code.set(_SPACE, "preserve")
    return [
        run(w("fldChar", fldCharType="begin"), fmt=fmt),
        run(code, fmt=fmt),
        run(w("fldChar", fldCharType="separate"), fmt=fmt),
        text(shown, fmt),
        run(w("fldChar", fldCharType="end"), fmt=fmt),
    ]


def bookmark(name: str) -> str:
    """`name` as Word accepts it for a bookmark: letters, digits, underscores, at most 40 of them."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if len(plain) > 40 or not plain[:1].isalpha() or plain.replace("_", "-") != name.replace("_", "-"):
        # two names must not fall together once their other characters are gone
        plain = f"b{plain[:28]}_{hashlib.sha256(name.encode()).hexdigest()[:10]}"
    return plain


def paragraph(style: str, *content: Element, properties: Iterable[Element] = ()) -> Element:
    """A paragraph; `properties` stand in the order of the schema."""
    return w("p", w("pPr", w("pStyle", val=style), *properties), *content)


@dataclass
class Relations:
    """What a part of the package refers to."""

    found: dict[tuple[str, str, bool], str] = field(default_factory=dict)

    def add(self, kind: str, target: str, *, external: bool = False) -> str:
        """The id under which the part names `target`."""
        return self.found.setdefault((kind, target, external), f"rId{len(self.found) + 1}")

    def xml(self) -> bytes:
        """The part's `.rels`."""
        root = unprefixed(_RELATIONS, "Relationships")
        for (kind, target, external), rid in self.found.items():
            one = etree.SubElement(root, f"{{{_RELATIONS}}}Relationship", Id=rid, Type=kind, Target=target)
            if external:
                one.set("TargetMode", "External")
        return xml(root)
