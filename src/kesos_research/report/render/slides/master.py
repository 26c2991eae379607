"""An empty deck of the house: one master, four layouts with real placeholders, the house's typeface and colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as REL
from pptx.presentation import Presentation as Deck
from pptx.slide import SlideLayout
from pptx.util import Pt

from kesos_research.language import Language, Words, words
from kesos_research.report import style
from kesos_research.report.render import theme
from kesos_research.report.render.package import LOCALE

P: Final = "http://schemas.openxmlformats.org/presentationml/2006/main"
A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NS: Final = f'xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{R}"'
_EMU: Final = 12700
_MM: Final = 72 / 25.4
_NUMBER_FIELD: Final = "{C1FF6DA9-008F-8B48-92A6-B652298478BF}"


@dataclass(frozen=True)
class Box:
    """A place on the slide, in points."""

    x: float
    y: float
    w: float
    h: float

    def emu(self) -> tuple[int, int, int, int]:
        x, y, w, h = (round(v * _EMU) for v in (self.x, self.y, self.w, self.h))
        return x, y, w, h


WIDE: Final = float(round(style.SLIDE_MM[0] * _MM))
HIGH: Final = float(round(style.SLIDE_MM[1] * _MM))
EDGE: Final = 28.0
TEXT_WIDTH: Final = WIDE - 2 * EDGE
TITLE: Final = Box(EDGE, 12, TEXT_WIDTH, 68)
CONTENT: Final = Box(EDGE, 82, TEXT_WIDTH, 290)
SOURCE: Final = Box(EDGE, 374, 420, 26)
SHORT: Final = Box(EDGE + 430, 374, 200, 26)
NUMBER: Final = Box(WIDE - EDGE - 28, 374, 28, 26)
COVER_TITLE: Final = Box(EDGE, 62, TEXT_WIDTH, 112)
COVER_TEXT: Final = Box(EDGE, 186, TEXT_WIDTH, 84)
PEOPLE: Final = Box(EDGE, 276, TEXT_WIDTH, 96)
CONTACT: Final = Box(EDGE, 334, TEXT_WIDTH, 34)

TITLE_PT: Final = 28.0
COVER_PT: Final = 34.0
TEXT_PT: Final = 24.0
SMALLEST_PT: Final = 18.0
FOOT_PT: Final = 10.0
COVER_TEXT_PT: Final = 20.0
FOOTER_IDX: Final = 11
NUMBER_IDX: Final = 12
SOURCE_IDX: Final = 13
PEOPLE_IDX: Final = 14

LAYOUTS: Final[dict[str, tuple[int, Words]]] = {
    "title": (0, words(id="Judul", en="Title")),
    "content": (1, words(id="Isi", en="Content")),
    "closing": (2, words(id="Penutup", en="Closing")),
    "exhibit": (5, words(id="Gambar atau tabel", en="Figure or table")),
}
"""Our layouts, and which of the library's eleven each is made from."""

_PROMPTS: Final[dict[str, Words]] = {
    "title": words(id="Judul: satu kalimat yang menyatakan pesan", en="Title: one sentence that states the message"),
    "body": words(id="Teks", en="Text"),
    "source": words(id="Sumber", en="Source"),
    "people": words(id="Penulis, acara, tanggal", en="Authors, event, date"),
}


def blank(lang: Language) -> Deck:
    """A deck without slides."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDE), Pt(HIGH)
    root: Any = deck.part._element
    root.find(f"{{{P}}}sldSz").attrib.pop("type", None)
    kept = {index for index, _name in LAYOUTS.values()}
    layouts = list(deck.slide_layouts)
    for name, (index, title) in LAYOUTS.items():
        _replace_shapes(layouts[index]._element, _layout(name, lang), title[lang], tinted=name in ("title", "closing"))
    for index, layout in enumerate(layouts):
        if index not in kept:
            deck.slide_layouts.remove(layout)
    master: Any = deck.slide_master
    _replace_shapes(master._element, _master(lang), "", tinted=False)
    styles = master._element.find(f"{{{P}}}txStyles")
    styles.getparent().replace(styles, etree.fromstring(_text_styles(lang)))
    master.part.part_related_by(REL.THEME)._blob = theme.theme()
    for layout in deck.slide_layouts:
        speak(layout._element, lang)
    speak(root, lang)
    return deck


def layout(deck: Deck, name: str, lang: Language) -> SlideLayout:
    """The layout `name` of `LAYOUTS`."""
    wanted = LAYOUTS[name][1][lang]
    return next(one for one in deck.slide_layouts if one.name == wanted)


def speak(element: etree._Element, lang: Language) -> None:
    """Every text in `element` is proofread in the document's language."""
    for one in element.iter(f"{{{A}}}rPr", f"{{{A}}}endParaRPr", f"{{{A}}}defRPr"):
        if one.get("lang"):
            one.set("lang", LOCALE[lang])
            one.attrib.pop("smtClean", "")


def _replace_shapes(root: Any, shapes: str, name: str, *, tinted: bool) -> None:
    """`root` keeps its relations and gets our placeholders."""
    slide = root.find(f"{{{P}}}cSld")
    ground = "bg2" if tinted else "bg1"
    new = etree.fromstring(
        f'<p:cSld {_NS} name="{name}"><p:bg><p:bgPr><a:solidFill><a:schemeClr val="{ground}"/></a:solidFill>'
        "<a:effectLst/></p:bgPr></p:bg><p:spTree><p:nvGrpSpPr>"
        '<p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
        f"{shapes}</p:spTree></p:cSld>"
    )
    if not name:
        del new.attrib["name"]
    root.replace(slide, new)


@dataclass(frozen=True)
class _Holder:
    """A placeholder: what it is for, where it stands, and its type."""

    id: int
    name: str
    ph: str
    box: Box
    size: float
    anchor: str = "t"
    align: str = "l"
    shrinks: bool = True
    marks: bool = False
    """Paragraphs carry bullets."""

    def xml(self, content: str) -> str:
        """`content` holds its paragraphs: what it asks for, until somebody writes in it."""
        x, y, w, h = self.box.emu()
        first = (
            f'<a:lvl1pPr algn="{self.align}">' if self.marks else f'<a:lvl1pPr marL="0" indent="0" algn="{self.align}">'
        )
        look = f"{first}{'' if self.marks else '<a:buNone/>'}{_size(self.size)}</a:lvl1pPr>"
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self.id}" name="{self.name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
            f'<p:nvPr><p:ph {self.ph}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/>'
            f'<a:ext cx="{w}" cy="{h}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
            '<p:txBody><a:bodyPr vert="horz" lIns="0" tIns="0" rIns="0" bIns="0" rtlCol="0"'
            f' anchor="{self.anchor}">{"<a:normAutofit/>" if self.shrinks else "<a:noAutofit/>"}</a:bodyPr>'
            f"<a:lstStyle>{look}</a:lstStyle>{content}</p:txBody></p:sp>"
        )


def _size(points: float) -> str:
    return f'<a:defRPr sz="{round(points * 100)}"/>'


def _prompt(key: str, lang: Language) -> str:
    """What an empty placeholder asks for."""
    return f'<a:p><a:r><a:rPr lang="{LOCALE[lang]}"/><a:t>{_PROMPTS[key][lang]}</a:t></a:r></a:p>'


def _furniture(lang: Language, *, master: bool = False) -> str:
    """Short title and slide number."""
    foot = {"size": FOOT_PT, "anchor": "b", "align": "r", "shrinks": False}
    short = _Holder(7, "Footer", f'type="ftr" sz="quarter" idx="{3 if master else FOOTER_IDX}"', SHORT, **foot)
    number = _Holder(
        8, "Slide Number", f'type="sldNum" sz="quarter" idx="{4 if master else NUMBER_IDX}"', NUMBER, **foot
    )
    said = f'<a:rPr lang="{LOCALE[lang]}"/><a:t>‹#›</a:t>'
    return short.xml(f'<a:p><a:endParaRPr lang="{LOCALE[lang]}"/></a:p>') + number.xml(
        f'<a:p><a:fld id="{_NUMBER_FIELD}" type="slidenum">{said}</a:fld></a:p>'
    )


def _master(lang: Language) -> str:
    levels = "".join(f'<a:p><a:pPr lvl="{i}"/>{_prompt("body", lang).removeprefix("<a:p>")}' for i in range(3))
    return (
        _Holder(2, "Title", 'type="title"', TITLE, TITLE_PT).xml(_prompt("title", lang))
        + _Holder(3, "Text", 'type="body" idx="1"', CONTENT, TEXT_PT, marks=True).xml(levels)
        + _furniture(lang, master=True)
    )


def _layout(name: str, lang: Language) -> str:
    people = f'type="body" sz="quarter" idx="{PEOPLE_IDX}"'
    if name == "title":
        return (
            _Holder(2, "Title", 'type="ctrTitle"', COVER_TITLE, COVER_PT, "b").xml(_prompt("title", lang))
            + _Holder(3, "Subtitle", 'type="subTitle" idx="1"', COVER_TEXT, COVER_TEXT_PT).xml(_prompt("body", lang))
            + _Holder(4, "Authors", people, PEOPLE, SMALLEST_PT, "b").xml(_prompt("people", lang))
        )
    shapes = _Holder(2, "Title", 'type="title"', TITLE, TITLE_PT).xml(_prompt("title", lang))
    if name != "exhibit":
        shapes += _Holder(3, "Text", 'idx="1"', CONTENT, TEXT_PT, marks=True).xml(_prompt("body", lang))
    if name == "closing":
        shapes += _Holder(4, "Contact", people, CONTACT, SMALLEST_PT, "b").xml(_prompt("people", lang))
    source = _Holder(6, "Source", f'type="body" sz="quarter" idx="{SOURCE_IDX}"', SOURCE, FOOT_PT, "b", shrinks=False)
    return shapes + source.xml(_prompt("source", lang)) + _furniture(lang)


def _text_styles(lang: Language) -> str:
    def face(kind: str, size: float, *, bold: bool = False) -> str:
        return (
            f'<a:defRPr lang="{LOCALE[lang]}" sz="{round(size * 100)}"{" b=" + chr(34) + "1" + chr(34) if bold else ""}'
            ' kern="1200"><a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
            f'<a:latin typeface="+{kind}-lt"/><a:ea typeface="+{kind}-ea"/><a:cs typeface="+{kind}-cs"/></a:defRPr>'
        )

    def level(i: int) -> str:
        left, hang = (20 + 22 * i) * _EMU, 20 * _EMU
        return (
            f'<a:lvl{i + 1}pPr marL="{left}" indent="{-hang}" algn="l" rtl="0" eaLnBrk="1" latinLnBrk="0"'
            f' hangingPunct="1"><a:spcBef><a:spcPts val="{800 if i == 0 else 400}"/></a:spcBef>'
            f'<a:buFont typeface="Arial"/><a:buChar char="{"•–•–•"[i]}"/>{face("mn", TEXT_PT)}</a:lvl{i + 1}pPr>'
        )

    other = "".join(f'<a:lvl{i}pPr marL="0" algn="l">{face("mn", SMALLEST_PT)}</a:lvl{i}pPr>' for i in range(1, 6))
    return (
        f'<p:txStyles {_NS}><p:titleStyle><a:lvl1pPr algn="l" rtl="0" eaLnBrk="1" latinLnBrk="0" hangingPunct="1">'
        '<a:lnSpc><a:spcPct val="95000"/></a:lnSpc><a:spcBef><a:spcPct val="0"/></a:spcBef><a:buNone/>'
        f"{face('mj', TITLE_PT, bold=True)}</a:lvl1pPr></p:titleStyle>"
        f"<p:bodyStyle>{''.join(map(level, range(5)))}</p:bodyStyle>"
        f'<p:otherStyle><a:defPPr><a:defRPr lang="{LOCALE[lang]}"/></a:defPPr>{other}</p:otherStyle></p:txStyles>'
    )
