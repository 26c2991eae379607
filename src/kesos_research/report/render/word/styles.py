"""The styles of the house in Word: one table of them, the lists, the theme, the settings.

Type comes from the theme (Design → Fonts restyles a whole document in one click); every style a colleague may want to
change has a name, most of them Word's own, so that outline, captions and tables of contents work.
"""

from __future__ import annotations

from typing import Final

from kesos_research.language import Language
from kesos_research.report import style
from kesos_research.report.document.model import Kind, Meta
from kesos_research.report.render.package import LOCALE
from kesos_research.report.render.word.markup import W

TABLE_POINTS: Final = 9.0
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_INK, _RULE, _TINT = (c.lstrip("#") for c in (style.INK, style.RULE, style.TINT))
_LINK: Final = style.SYNTHETIC_INK.lstrip("#")
_WARNING: Final = style.TREATED_INK.lstrip("#")
_FAINT: Final = style.COMPARISON.lstrip("#")
_QUIET: Final = "<w:suppressLineNumbers/>"
_MAJOR: Final = '<w:rFonts w:asciiTheme="majorHAnsi" w:hAnsiTheme="majorHAnsi"/>'
"""Titles and headings take the theme's typeface for headings."""


def _style(
    id: str,
    name: str,
    ppr: str = "",
    rpr: str = "",
    *,
    base: str = "Normal",
    after: str = "",
    alias: str = "",
    kind: str = "paragraph",
) -> str:
    """One style. `after` is the style of the paragraph that follows when a colleague presses Enter."""
    own = kind == "paragraph" and name[0].isupper() and name not in _BUILT_IN
    sort = ' w:default="1"' if id == "Normal" else ' w:customStyle="1"' if own else ""
    return (
        f'<w:style w:type="{kind}"{sort} w:styleId="{id}">'
        f'<w:name w:val="{name}"/>'
        + (f'<w:aliases w:val="{alias}"/>' if alias else "")
        + (f'<w:basedOn w:val="{base}"/>' if base else "")
        + (f'<w:next w:val="{after}"/>' if after else "")
        + "<w:qFormat/>"
        + (f"<w:pPr>{ppr}</w:pPr>" if ppr else "")
        + (f"<w:rPr>{rpr}</w:rPr>" if rpr else "")
        + "</w:style>"
    )


_BUILT_IN: Final = frozenset(
    {"Normal", "Title", "Subtitle", "Body Text", "Quote", "Bibliography", "List Bullet", "List Number", "List Continue"}
)


def _size(points: float) -> str:
    return f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'


def _spacing(before: float, after: float, line: float = 0.0) -> str:
    leading = f' w:line="{round(line * 20)}" w:lineRule="atLeast"' if line else ""
    return f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"{leading}/>'


def sizes(kind: Kind, meta: Meta) -> tuple[float, float]:
    """Body size and leading in points: a manuscript has room between its lines, a profile little."""
    if kind == "profile":
        return 10.0, 13.5
    return (11.0, 16.0) if meta.layout == "manuscript" else (10.5, 14.5)


def stylesheet(kind: Kind, lang: Language, meta: Meta, *, numbered: bool) -> bytes:
    """`word/styles.xml`. `numbered`: headings number themselves."""
    body, line = sizes(kind, meta)
    tight = kind == "profile"
    gap = 0.0 if tight else 6.0
    above, below, cell = (6.0, 6.0, 1.0) if tight else (12.0, 14.0, 1.5)
    tint = f'<w:shd w:val="clear" w:color="auto" w:fill="{_TINT}"/>'
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="{space}" w:color="{_TINT}"/>'
        for side, space in (("top", 4), ("left", 6), ("bottom", 4), ("right", 6))
    )
    box = f"<w:pBdr>{edges}</w:pBdr>{tint}"
    inset = '<w:ind w:left="140" w:right="140"/>'
    heading = "<w:keepNext/><w:keepLines/>"
    flush = '<w:jc w:val="left"/>'
    rows = [
        _style("Normal", "Normal", base=""),
        _style("BodyText", "Body Text", _spacing(0, gap or 5, line) + '<w:jc w:val="both"/>', alias="Isi"),
        _style(
            "Title",
            "Title",
            heading + _QUIET + _spacing(0, 6, 21) + flush,
            _MAJOR + "<w:b/>" + _size(17),
            after="Subtitle",
            alias="Judul",
        ),
        _style(
            "Subtitle", "Subtitle", heading + _QUIET + _spacing(0, 10, 16) + flush, "<w:i/>" + _size(12), after="Author"
        ),
        _style("Author", "Author", _QUIET + _spacing(0, 2, 14), _size(11), after="Affiliation", alias="Penulis"),
        _style("Affiliation", "Affiliation", _QUIET + _spacing(0, 0, 12), _size(9), alias="Afiliasi"),
        _style(
            "AbstractTitle",
            "Abstract Title",
            f"<w:keepNext/>{box}{_spacing(14, 0, 15)}{inset}",
            "<w:b/>" + _size(10),
            after="Abstract",
            alias="Judul Abstrak",
        ),
        _style(
            "Abstract",
            "Abstract",
            f'{box}{_spacing(0, 0, 13.5)}{inset}<w:jc w:val="both"/>',
            _size(9.5),
            alias="Abstrak",
        ),
        _style(
            "Keywords",
            "Keywords",
            f"{box}{_spacing(0, 0, 15)}{inset}",
            _size(9.5),
            after="BodyText",
            alias="Kata Kunci",
        ),
        *(
            _style(
                f"Heading{n}",
                f"heading {n}",
                heading
                + (f'<w:numPr><w:ilvl w:val="{n - 1}"/><w:numId w:val="1"/></w:numPr>' if numbered else "")
                + _spacing(before * (0.7 if tight else 1), 4)
                + f'<w:jc w:val="left"/><w:outlineLvl w:val="{n - 1}"/>',
                look,
                after="BodyText",
                alias=f"Judul Bagian {n}",
            )
            for n, before, look in (
                (1, 18, _MAJOR + "<w:b/>" + _size(13)),
                (2, 12, _MAJOR + "<w:b/>" + _size(11)),
                (3, 10, _MAJOR + "<w:i/>" + _size(body)),
            )
        ),
        _style(
            "Caption",
            "caption",
            "<w:keepNext/><w:keepLines/>" + _spacing(above, 4, 12) + flush,
            _size(9.5),
            after="BodyText",
            alias="Keterangan",
        ),
        _style(
            "FigureCaption",
            "Figure Caption",
            '<w:keepNext w:val="0"/>' + _spacing(3, 3, 12),
            base="Caption",
            after="BodyText",
            alias="Keterangan Gambar",
        ),
        _style(
            "Figure",
            "Figure",
            "<w:keepNext/>" + _QUIET + _spacing(above, 2) + flush,
            after="FigureCaption",
            alias="Gambar",
        ),
        _style(
            "TableText",
            "Table Text",
            _spacing(cell, cell) + flush,
            _size(TABLE_POINTS),
            alias="Isi Tabel",
        ),
        _style("TableHead", "Table Head", "<w:keepNext/>", "<w:b/>", base="TableText", alias="Kepala Tabel"),
        _style(
            "TableGroup",
            "Table Group",
            "<w:keepNext/>" + _spacing(5, 1.5),
            "<w:i/>",
            base="TableText",
            alias="Kelompok Tabel",
        ),
        _style(
            "TableNote",
            "Table Note",
            "<w:keepLines/>" + _spacing(3, below, 11) + flush,
            _size(8.5),
            after="BodyText",
            alias="Catatan",
        ),
        _style("TileLabel", "Tile Label", "<w:keepNext/>" + _spacing(3, 0) + flush, _size(8.5), alias="Label Angka"),
        _style(
            "TileValue", "Tile Value", "<w:keepNext/>" + _spacing(0, 1) + flush, "<w:b/>" + _size(18), alias="Angka"
        ),
        _style("TileNote", "Tile Note", _spacing(0, 2) + flush, _size(8), alias="Keterangan Angka"),
        _style(
            "ListBullet", "List Bullet", _list_properties(2) + _spacing(0, 3, line), base="BodyText", alias="Daftar"
        ),
        _style("ListContinue", "List Continue", _spacing(0, 3, line), base="BodyText", alias="Daftar Lanjutan"),
        _style("ListNumber", "List Number", _list_properties(3) + _spacing(0, 3, line), base="BodyText"),
        _style(
            "Quote",
            "Quote",
            _spacing(4, 8, line - 1) + '<w:ind w:left="454" w:right="454"/>',
            base="BodyText",
            alias="Kutipan",
        ),
        _style("Equation", "Equation", _spacing(4, 4) + '<w:jc w:val="center"/>', _size(body), alias="Persamaan"),
        _style(
            "Separator",
            "Separator",
            _QUIET + '<w:spacing w:before="0" w:after="0" w:line="100" w:lineRule="exact"/>',
            alias="Pemisah",
        ),
        _style(
            "Bibliography",
            "Bibliography",
            _spacing(0, 4, line - 1.5) + '<w:ind w:left="454" w:hanging="454"/>' + flush,
            _size(body - 0.5),
            alias="Daftar Pustaka",
        ),
        _style("FootnoteText", "footnote text", _QUIET + _spacing(0, 0, 11.5) + flush, _size(9), alias="Catatan Kaki"),
        _style("Header", "header", _QUIET + _tabs(kind) + _spacing(0, 0), _size(8.5)),
        _style("Footer", "footer", _QUIET + _tabs(kind) + _spacing(0, 0), _size(8.5)),
        _style(
            "Warning",
            "Warning",
            _QUIET + _spacing(0, 4) + '<w:jc w:val="center"/>',
            f'<w:b/><w:color w:val="{_WARNING}"/>' + _size(10),
            alias="Peringatan",
        ),
        _character("FootnoteReference", "footnote reference", '<w:vertAlign w:val="superscript"/>'),
        _character("LineNumber", "line number", f'<w:color w:val="{_FAINT}"/>' + _size(8)),
        _character("Hyperlink", "Hyperlink", f'<w:color w:val="{_LINK}"/>'),
        _character("CrossReference", "Cross Reference", "", alias="Rujukan"),
        _character(
            "Code", "Code", '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>' + _size(body - 1)
        ),
        _table_style(),
    ]
    defaults = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"'
        ' w:eastAsiaTheme="minorHAnsi" w:cstheme="minorBidi"/>'
        f'<w:color w:val="{_INK}"/>{_size(body)}<w:lang w:val="{LOCALE[lang]}" w:eastAsia="en-US" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>"
    )
    return f'{_HEAD}<w:styles xmlns:w="{W}">{defaults}{"".join(rows)}</w:styles>'.encode()


def _list_properties(number: int) -> str:
    return f'<w:numPr><w:numId w:val="{number}"/></w:numPr>'


def margins(kind: Kind) -> tuple[float, float]:
    """Side, and top and bottom, in millimetres."""
    return (18.0, 16.0) if kind == "profile" else (22.0, 25.0)


def text_width(kind: Kind) -> float:
    """Width of the type area in points."""
    return (210.0 - 2 * margins(kind)[0]) * 72 / 25.4


def _tabs(kind: Kind) -> str:
    return f'<w:tabs><w:tab w:val="right" w:pos="{round(text_width(kind) * 20)}"/></w:tabs>'


def _character(id: str, name: str, rpr: str, *, alias: str = "") -> str:
    return _style(id, name, rpr=rpr, base="", kind="character", alias=alias)


def _table_style() -> str:
    """Rules above, below and under the head; nothing else."""

    def rule(side: str, eighths: int) -> str:
        return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="{_RULE}"/>'

    return (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/>'
        '<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="KesosTable"><w:name w:val="Kesos Table"/>'
        '<w:aliases w:val="Tabel"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
        f"<w:tblPr><w:tblBorders>{rule('top', 8)}{rule('bottom', 8)}</w:tblBorders></w:tblPr>"
        '<w:tblStylePr w:type="firstRow"><w:tblPr/>'
        f"<w:tcPr><w:tcBorders>{rule('bottom', 4)}</w:tcBorders></w:tcPr></w:tblStylePr></w:style>"
    )
