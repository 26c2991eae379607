"""Web pages: one HTML file that asks for nothing else, from the document model through an nbconvert exporter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from lxml import etree
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import v4

from kesos_research.errors import DocumentError, Where
from kesos_research.language import LANGUAGES, Language, _
from kesos_research.report import style
from kesos_research.report.document.flat import flat
from kesos_research.report.document.front import furniture
from kesos_research.report.document.model import (
    Block,
    Document,
    FigureBlock,
    Heading,
    Math,
    Note,
    Row,
    TableBlock,
    Tiles,
)
from kesos_research.report.render._decimals import aligned
from kesos_research.report.render.typst import widths
from kesos_research.report.words import date

TEMPLATES = Path(__file__).parent.parent / "templates" / "page"
_SVG = "http://www.w3.org/2000/svg"
_MATHML = "http://www.w3.org/1998/Math/MathML"
_FORBIDDEN = {"script", "foreignObject", "iframe", "style", "metadata", "annotation-xml"}
_INSIDE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_BOLD = ("bold", "600", "700", "800", "900")
_SIZE = re.compile(r"[\d.]+")
_MILLIMETRES = re.compile(r"([\d.]+)mm")
_ADDRESS = re.compile(r"(?:https?:|mailto:|#|\./)", re.IGNORECASE)
_FILE = re.compile(r"(?:\.\./[\w-]+/)?[\w.-]+\.html")


def html(document: Document) -> bytes:
    """A page or a profile as one HTML file, with no script and no request to anywhere.

    Parameters
    ----------
    document : Document
        Of kind `page` or `profile`; a paper is shown as a page.

    Returns
    -------
    bytes
        UTF-8; the same for the same document, always.

    Raises
    ------
    DocumentError
        A figure or formula is not well formed.
    """
    exporter = _exporter()
    made, _resources = exporter.from_notebook_node(v4.new_notebook(), resources={"page": _Page(document)})
    return (re.sub(r"\n{2,}", "\n", made).rstrip() + "\n").encode("utf-8")


@dataclass
class _Notes:
    """Footnotes in the order in which the text calls them."""

    notes: list[Note] = field(default_factory=list)

    def number(self, note: Note) -> int:
        self.notes.append(note)
        return len(self.notes)


@dataclass
class _Page:
    """What the template is given."""

    document: Document
    notes: _Notes = field(default_factory=_Notes)

    @property
    def words(self) -> dict[str, str]:
        return {**furniture(self.document.lang), **self.document.meta.words}

    @property
    def headings(self) -> list[Heading]:
        return [b for b in self.document.blocks if isinstance(b, Heading) and b.level <= 2 and b.id]

    @property
    def locator(self) -> str:
        """The id of a profile's map: the figure before its tiles."""
        if self.document.kind != "profile":
            return ""
        before = takewhile(lambda b: not isinstance(b, Tiles), self.document.blocks)
        return next((b.id for b in before if isinstance(b, FigureBlock)), "")

    @property
    def blocks(self) -> list[Block]:
        """The blocks in order, but for the map, which stands first so that the text can stand beside it."""
        return sorted(self.document.blocks, key=lambda b: not (isinstance(b, FigureBlock) and b.id == self.locator))

    @property
    def other(self) -> Language:
        return next(code for code in LANGUAGES if code != self.document.lang)

    @property
    def date(self) -> str:
        return date(self.document.meta.date, self.document.lang) if self.document.meta.date else ""

    @property
    def colours(self) -> dict[str, str]:
        return {name.lower(): value for name, value in vars(style).items() if str(value).startswith("#")}


class _Exporter(TemplateExporter):
    """nbconvert's exporter with our template; what it prints is escaped unless it was made here."""

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.autoescape = True
        environment.undefined = StrictUndefined
        environment.filters |= {
            "address": _address,
            "drawing": _drawing,
            "mathml": _mathml,
            "decimals": _decimals,
            "heard": lambda heading: flat(heading.c),
        }
        return environment


@cache
def _exporter() -> _Exporter:
    return _Exporter(template_paths=[str(TEMPLATES)], template_file="index.html.j2")


def _address(url: str) -> str:
    """An address a reader may follow: web, mail, this page, or a page beside it."""
    if _ADDRESS.match(url) or _FILE.fullmatch(url):
        return url
    raise DocumentError(_("The link {url} leads where no page may lead.", url=url), expected="https://…, mailto:…, #…")


@dataclass(frozen=True)
class _Aligned:
    """A table's rows with numbers split at the decimal mark, and widths.

    Attributes
    ----------
    tails
        How wide what hangs right of the decimal mark is, in digits.
    least
        How narrow a column of text may become on a phone, in rem: long texts need width, or they become tall.
    """

    rows: list[Row]
    tails: list[int]
    least: list[float]


def _decimals(table: TableBlock) -> _Aligned:
    lang = "id" if any(re.search(r"\d,\d", c) for r in table.rows for c in r.cells) else "en"
    columns = []
    body = [r for r in table.rows if not r.group]
    for k, head in enumerate(table.columns):
        cells = [r.cells[k] for r in body]
        columns.append(aligned(cells, lang) if head.align == "right" and not head.weight else cells)
    tails = [max((len(c[1]) for c in cells if isinstance(c, tuple)), default=0) for cells in columns]
    longest = [max((len(c) for c in cells if isinstance(c, str)), default=0) for cells in columns]
    least = [min(16, 0.2 * n) if head.weight else 0 for head, n in zip(table.columns, longest, strict=True)]
    lines: Iterator[Any] = iter(zip(*columns, strict=True))
    return _Aligned([r if r.group else Row(next(lines)) for r in table.rows], tails, least)


def _drawing(figure: FigureBlock) -> Markup:
    """A figure's SVG as part of the page: its ids its own, nothing in it that acts or asks, and words for it."""
    root = _parsed(figure.svg, f"{{{_SVG}}}svg", figure.id)
    _scrub(root)
    _rename(root, figure.id)
    width = str(root.attrib.pop("width", ""))
    root.attrib.pop("height", "")
    if not root.get("viewBox"):
        raise DocumentError(_("The drawing has no viewBox."), where=Where(key=figure.id))
    if size := _MILLIMETRES.fullmatch(width):
        # a screen is farther from the eye than paper
        root.set("style", f"max-width: {float(size[1]) * 1.4:.0f}mm")
    _fit_words(root)
    root.set("role", "img")
    root.set("aria-label", figure.alt)
    return Markup(etree.tostring(root, encoding="unicode"))


def _fit_words(root: etree._Element) -> None:
    """Words in a drawing are as wide as in its own typeface, which few readers have: else they run into each other."""
    words = [(e, e.text.strip()) for e in root.iter(f"{{{_SVG}}}text") if e.text and e.text.strip() and not len(e)]
    drawn = widths([(said, _inherited(e, "font-weight") in _BOLD) for e, said in words])
    for (element, _said), width in zip(words, drawn, strict=True):
        if size := _SIZE.match(_inherited(element, "font-size")):
            element.set("textLength", f"{width * float(size[0]):.2f}")
            element.set("lengthAdjust", "spacingAndGlyphs")


def _inherited(element: etree._Element | None, name: str) -> str:
    """A property of text, from the element or whatever holds it."""
    while element is not None:
        said = re.search(rf"(?:^|;)\s*{name}\s*:\s*([^;]+)", element.get("style", ""))
        if value := said[1].strip() if said else element.get(name):
            return value
        element = element.getparent()
    return ""


def _mathml(math: Math, display: bool = False) -> Markup:
    """A formula's MathML; readers that do not know it get its words."""
    root = _parsed(math.mathml, f"{{{_MATHML}}}math", math.tex)
    _scrub(root)
    root.set("display", "block" if display else "inline")
    root.set("alttext", math.alt or math.tex)
    return Markup(etree.tostring(root, encoding="unicode", with_tail=False))


def _parsed(text: str, tag: str, key: str) -> etree._Element:
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise DocumentError(
            _("A drawing or formula is not well formed: {why}", why=str(error)), where=Where(key=key)
        ) from error
    if root.tag != tag:
        raise DocumentError(
            _("Something else stands where a drawing or formula should: {tag}", tag=str(root.tag)),
            expected=tag.rpartition("}")[2],
            where=Where(key=key),
        )
    return root


def _scrub(root: etree._Element) -> None:
    """Take out what acts (scripts, events) and what asks (anything from elsewhere)."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or etree.QName(element).localname in _FORBIDDEN:
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
            continue
        for name, value in _attributes(element):
            local = etree.QName(name).localname
            away = local in ("href", "src") and not value.startswith(("#", "data:image/"))
            if local.startswith("on") or away or re.search(r"url\(\s*['\"]?(?!['\"]?#)", value):
                del element.attrib[name]


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    """What an element says of itself, as it is now."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def _rename(root: etree._Element, prefix: str) -> None:
    """Ids that no other figure on the page has; those that nobody refers to go."""
    ids = {e.get("id"): f"{prefix}--{n}" for n, e in enumerate(root.iter(f"{{{_SVG}}}*"), 1) if e.get("id")}
    used: set[str] = set()

    def new(old: str) -> str:
        used.add(old)
        return ids.get(old, old)

    for element in root.iter(f"{{{_SVG}}}*"):
        for name, value in _attributes(element):
            if etree.QName(name).localname == "href" and value.startswith("#"):
                element.set(name, f"#{new(value[1:])}")
            elif "url(" in value:
                element.set(name, _INSIDE.sub(lambda m: f"url(#{new(m[1])})", value))
    for element in root.iter(f"{{{_SVG}}}*"):
        old = element.attrib.pop("id", "")
        if old in used:
            element.set("id", ids[old])
