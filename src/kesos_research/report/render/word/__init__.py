"""The edition colleagues edit: a Word file with real styles, native tables, fields and footnotes.

The parts of the file are written here, element by element, because a document that is to be edited needs what no
library writes: caption fields, cross-references, footnotes, numbered headings, proofing languages. Formulas come from
pandoc. See docs/decisions for why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from kesos_research.language import translate
from kesos_research.report.document.model import Abstract, Author, Document, Meta
from kesos_research.report.render import theme
from kesos_research.report.render.package import LOCALE, banner, pack, properties, property_parts, unprefixed, xml
from kesos_research.report.render.word import settings, styles
from kesos_research.report.render.word.blocks import body, opening
from kesos_research.report.render.word.markup import (
    Element,
    Format,
    R,
    Relations,
    field_runs,
    paragraph,
    run,
    text,
    twips,
    w,
)
from kesos_research.report.render.word.text import OFFICE, Draft, Writer

_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PARTS: Final = {
    "styles": _WORD + "styles+xml",
    "numbering": _WORD + "numbering+xml",
    "settings": _WORD + "settings+xml",
    "fontTable": _WORD + "fontTable+xml",
    "footnotes": _WORD + "footnotes+xml",
    "header1": _WORD + "header+xml",
    "header2": _WORD + "header+xml",
    "footer1": _WORD + "footer+xml",
    "theme/theme1": "application/vnd.openxmlformats-officedocument.theme+xml",
}
_MM: Final = 72 / 25.4


def docx(document: Document) -> bytes:
    """`document` as a Word file; the same document gives the same bytes.

    Raises
    ------
    DocumentError
        Where the document holds what Word cannot: a formula that is not TeX, a reference to nothing, a control
        character, a link that is no web address.
    """
    draft = Draft.of(document)
    writer = Writer(draft)
    told = opening if document.kind == "profile" else body
    content = [*_front(document, writer), *told(document.blocks, writer)]
    own = {name: draft.relations.add(OFFICE + name.rstrip("12").split("/")[0], f"{name}.xml") for name in _PARTS}
    root = w("document", w("body", *content, _section(document, own)))
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _package_relations(),
        **property_parts(properties(document)),
        "word/document.xml": xml(root),
        "word/_rels/document.xml.rels": draft.relations.xml(),
        "word/styles.xml": styles.stylesheet(document.kind, document.lang, document.meta, numbered=draft.numbered),
        "word/numbering.xml": settings.numbering(draft.lists),
        "word/settings.xml": settings.settings(document.lang),
        "word/fontTable.xml": settings.font_table(),
        "word/footnotes.xml": xml(_footnotes(draft)),
        "word/header1.xml": xml(w("hdr", *_warning(document), *_running_head(document))),
        "word/header2.xml": xml(w("hdr", *_warning(document), paragraph("Header", *_venue(document)))),
        "word/footer1.xml": xml(w("ftr", _footer(document))),
        "word/theme/theme1.xml": theme.theme(),
        **{f"word/{name}": data for name, data in draft.media.items()},
    }
    if draft.note_relations.found:
        parts["word/_rels/footnotes.xml.rels"] = draft.note_relations.xml()
    return pack(parts)


def _content_types() -> bytes:
    root = unprefixed(_TYPES, "Types")
    for extension, kind in (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        ("png", "image/png"),
    ):
        etree.SubElement(root, f"{{{_TYPES}}}Default", Extension=extension, ContentType=kind)
    overrides = {
        "word/document": _WORD + "document.main+xml",
        **{f"word/{name}": kind for name, kind in _PARTS.items()},
        "docProps/core": "application/vnd.openxmlformats-package.core-properties+xml",
        "docProps/app": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    }
    for name, kind in overrides.items():
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=f"/{name}.xml", ContentType=kind)
    return xml(root)


def _package_relations() -> bytes:
    relations = Relations()
    relations.add(OFFICE + "officeDocument", "word/document.xml")
    relations.add(
        "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"
    )
    relations.add(OFFICE + "extended-properties", "docProps/app.xml")
    return relations.xml()


def _section(document: Document, own: dict[str, str]) -> Element:
    """A4, its margins, head and foot; line numbers in a manuscript."""
    side, top = (twips(mm * _MM) for mm in styles.margins(document.kind))

    def furniture(tag: str, kind: str, name: str) -> Element:
        element = w(tag, type=kind)
        element.set(f"{{{R}}}id", own[name])
        return element

    manuscript = document.meta.layout == "manuscript" and document.kind == "paper"
    return w(
        "sectPr",
        furniture("headerReference", "default", "header1"),
        furniture("headerReference", "first", "header2"),
        furniture("footerReference", "default", "footer1"),
        furniture("footerReference", "first", "footer1"),
        w("pgSz", w=11906, h=16838),
        w("pgMar", top=top, right=side, bottom=top, left=side, header=600, footer=560, gutter=0),
        w("lnNumType", countBy=1, restart="continuous", distance=227) if manuscript else None,
        w("cols", space=708),
        w("titlePg"),
    )


def _warning(document: Document) -> list[Element]:
    said = banner(document)
    return [paragraph("Warning", text(said))] if said else []


def _venue(document: Document) -> list[Element]:
    return [text(document.meta.venue)] if document.meta.venue else []


def _running_head(document: Document) -> list[Element]:
    title = document.meta.short_title or document.meta.title
    return [paragraph("Header", text(title, Format(frozenset({"emph"}))), run(w("tab")), *_venue(document))]


def _footer(document: Document) -> Element:
    source = [text(document.meta.footer)] if document.kind == "profile" and document.meta.footer else []
    return paragraph("Footer", *source, run(w("tab")), *field_runs("PAGE", "1"))


def _footnotes(draft: Draft) -> Element:
    def divider(id: int, tag: str) -> Element:
        return w("footnote", w("p", w("pPr", w("spacing", before=0, after=0)), run(w(tag))), type=tag, id=id)

    return w(
        "footnotes",
        divider(-1, "separator"),
        divider(0, "continuationSeparator"),
        *draft.notes,
    )


def _front(document: Document, writer: Writer) -> list[Element]:
    """Title, authors, abstracts with their keywords."""
    meta = document.meta
    other = Format(lang=LOCALE["en" if document.lang == "id" else "id"])
    made = [paragraph("Title", text(meta.title))]
    if meta.other_title:
        made.append(paragraph("Subtitle", text(meta.other_title, other)))
    if document.kind == "profile":
        return [*made, *_signature(meta)]
    if meta.authors and not meta.anonymous:
        made += _authors(meta.authors, meta.contact)
    if meta.contact and not meta.anonymous:
        label = translate("Correspondence", document.lang)
        made.append(paragraph("Affiliation", text(f"{label}: {meta.contact}")))
    for abstract in meta.abstracts:
        made += _abstract(abstract, document, writer)
    return made


def _signature(meta: Meta) -> list[Element]:
    """Who made a profile, in one line: its reader wants the figures."""
    people = ", ".join(author.name for author in meta.authors)
    places = "; ".join(dict.fromkeys(author.affiliation for author in meta.authors if author.affiliation))
    known = [] if meta.anonymous else [s for s in (people, places, meta.contact) if s]
    return [paragraph("Affiliation", text(" · ".join(known)))] if known else []


def _authors(authors: Sequence[Author], contact: str) -> list[Element]:
    """Names, places, and how to reach those whose address is not told as the paper's own."""
    places = list(dict.fromkeys(a.affiliation for a in authors if a.affiliation))
    raised = Format(frozenset({"sup"}))
    names: list[Element] = []
    for i, author in enumerate(authors):
        names.append(text(", " if i else ""))
        names.append(text(author.name))
        if len(places) > 1 and author.affiliation:
            names.append(text(str(places.index(author.affiliation) + 1), raised))
    made = [paragraph("Author", *names)]
    for i, place in enumerate(places, 1):
        made.append(paragraph("Affiliation", *([text(str(i), raised)] if len(places) > 1 else []), text(place)))
    for author in authors:
        known = ["" if author.email == contact else author.email, f"ORCID {author.orcid}" if author.orcid else ""]
        if any(known):
            who = f"{author.name}: " if len(authors) > 1 else ""
            made.append(paragraph("Affiliation", text(who + " · ".join(filter(None, known)))))
    return made


def _abstract(abstract: Abstract, document: Document, writer: Writer) -> list[Element]:
    fmt = Format(lang="" if abstract.lang == document.lang else LOCALE[abstract.lang])
    made = [paragraph("AbstractTitle", text(abstract.heading, fmt))]
    made += body(abstract.blocks, writer, style="Abstract", fmt=fmt)
    if abstract.keywords:
        label = text(f"{abstract.keywords_label}: ", Format(frozenset({"strong"}), lang=fmt.lang))
        made.append(paragraph("Keywords", label, text("; ".join(abstract.keywords), fmt)))
    return made
