"""Office files as bytes that never change: parts in order, no clock, nothing the format cannot carry."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from kesos_research.errors import DocumentError
from kesos_research.language import Language, Words, _, words
from kesos_research.report.document.model import Document

LOCALE: Final[Mapping[Language, str]] = {"id": "id-ID", "en": "en-GB"}
"""The proofing language of each document language."""

SYNTHETIC: Final[Words] = words(
    id="DATA SINTETIS – BUKAN HASIL PENELITIAN",
    en="SYNTHETIC DATA – NOT A RESEARCH RESULT",
)
"""What every page of a document made of invented rows says."""

_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_NO_DATE: Final = "2000-01-01"
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEMES: Final = ("http://", "https://", "mailto:")
_CORE: Final = {
    "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_APP: Final = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"


@dataclass(frozen=True)
class Properties:
    """What a file says of itself. `date` is the study's, never the clock's."""

    title: str
    lang: Language
    authors: Sequence[str] = ()
    date: str = ""
    subject: str = ""
    keywords: Sequence[str] = ()


def properties(document: Document) -> Properties:
    """The properties of a document; an anonymous one does not name its authors."""
    meta = document.meta
    return Properties(
        title=meta.title,
        lang=document.lang,
        authors=() if meta.anonymous else [a.name for a in meta.authors],
        date=meta.date,
        subject=meta.venue,
        keywords=next((a.keywords for a in meta.abstracts if a.lang == document.lang), ()),
    )


def banner(document: Document) -> str:
    """What every page says when the rows were invented; empty when they were not."""
    return document.meta.words.get("synthetic") or SYNTHETIC[document.lang] if document.meta.synthetic else ""


def legal(text: str) -> str:
    """`text` without soft hyphens, or a refusal where it holds a character that no office file can carry."""
    bad = _FORBIDDEN.search(text)
    if bad:
        around = text[max(0, bad.start() - 30) : bad.end() + 30]
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in around)
        raise DocumentError(
            _(
                "The control character {code} stands in “{text}”.",
                code=f"U+{ord(bad.group()):04X}",
                text=shown,
            ),
            expected=_("text that can be printed"),
            remedy=_("delete it where the text is written; it often comes along when text is pasted"),
        )
    return text.replace("\N{SOFT HYPHEN}", "")


def address(url: str) -> str:
    """`url` if a reader may be sent there; anything but web and mail addresses is refused."""
    if not url.lower().startswith(_SCHEMES):
        raise DocumentError(
            _("A link points to “{url}”.", url=url[:80]),
            expected=_("an address that begins with https://, http:// or mailto:"),
        )
    return legal(url)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but its parts."""
    first = ("[Content_Types].xml", "_rels/.rels")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(parts, key=lambda n: (first.index(n) if n in first else len(first), n)):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same on every system
            archive.writestr(info, parts[name], compresslevel=6)
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The parts of an office file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def normalise(data: bytes, what: Properties, *, drop: Sequence[str] = ()) -> bytes:
    """What a library wrote, with our properties in place of its own, without its clock and the parts in `drop`."""
    parts = {name: part for name, part in unpack(data).items() if name not in drop}
    dropped = {name.rsplit("/", 1)[-1] for name in drop}
    for name, part in parts.items():
        if name.endswith(".rels") and dropped:
            root = etree.fromstring(part)
            for relation in list(root):
                if relation.get("Target", "").rsplit("/", 1)[-1] in dropped:
                    root.remove(relation)
            parts[name] = xml(root)
    return pack({**parts, **property_parts(what)})


def property_parts(what: Properties) -> dict[str, bytes]:
    """`docProps/core.xml` and `docProps/app.xml`."""
    core = etree.Element(f"{{{_CORE['cp']}}}coreProperties", nsmap=_CORE)
    moment = f"{(what.date or _NO_DATE)[:10]}T00:00:00Z"
    for prefix, tag, text in (
        ("dc", "title", what.title),
        ("dc", "subject", what.subject),
        ("dc", "creator", "; ".join(what.authors)),
        ("cp", "keywords", "; ".join(what.keywords)),
        ("dc", "language", LOCALE[what.lang]),
        ("dcterms", "created", moment),
        ("dcterms", "modified", moment),
    ):
        if text:
            element = etree.SubElement(core, f"{{{_CORE[prefix]}}}{tag}")
            element.text = legal(text)
            if prefix == "dcterms":
                element.set(f"{{{_CORE['xsi']}}}type", "dcterms:W3CDTF")
    app = unprefixed(_APP, "Properties")
    etree.SubElement(app, f"{{{_APP}}}Application").text = "kesos_research"
    return {"docProps/core.xml": xml(core), "docProps/app.xml": xml(app)}


def unprefixed(namespace: str, tag: str) -> etree._Element:
    """A root whose vocabulary needs no prefix."""
    names: Any = {None: namespace}  # the library's types do not know of None
    return etree.Element(f"{{{namespace}}}{tag}", nsmap=names)


def xml(root: etree._Element) -> bytes:
    """A part as office programs expect it."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
