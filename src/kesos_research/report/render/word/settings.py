"""What a Word file holds beside its text and styles: lists, settings, the fonts that may stand in."""

from __future__ import annotations

from typing import Final

from kesos_research.language import Language
from kesos_research.report.render.package import LOCALE
from kesos_research.report.render.theme import TYPEFACE
from kesos_research.report.render.word.markup import M, W

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STEP: Final = 340
"""Twips a list is indented at each level."""


def numbering(ordered: int) -> bytes:
    """`word/numbering.xml`: headings, bullets, and `ordered` numbered lists, each beginning at one."""
    outline = "".join(
        _level(i, "decimal", ".".join(f"%{k + 1}" for k in range(i + 1)), heading=f"Heading{i + 1}", tab=tab)
        for i, tab in enumerate((400, 580, 740))
    )
    bullets = "".join(_level(i, "bullet", mark) for i, mark in enumerate("•–•"))
    forms = ("decimal", "lowerLetter", "lowerRoman")
    numbers = "".join(_level(i, form, f"%{i + 1}.") for i, form in enumerate(forms))
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{i}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        for i, levels in enumerate((outline, bullets, numbers), 1)
    )
    restart = "".join(f'<w:lvlOverride w:ilvl="{i}"><w:startOverride w:val="1"/></w:lvlOverride>' for i in range(3))
    lists = "".join(f'<w:num w:numId="{i}"><w:abstractNumId w:val="{i}"/></w:num>' for i in (1, 2, 3)) + "".join(
        f'<w:num w:numId="{4 + i}"><w:abstractNumId w:val="3"/>{restart}</w:num>' for i in range(ordered)
    )
    return f'{_HEAD}<w:numbering xmlns:w="{W}">{kinds}{lists}</w:numbering>'.encode()


def _level(i: int, form: str, label: str, *, heading: str = "", tab: int = 0) -> str:
    """One level of a list; the numbers of headings stand at the margin, text at `tab`."""
    style = f'<w:pStyle w:val="{heading}"/>' if heading else ""
    stop = f'<w:tabs><w:tab w:val="num" w:pos="{tab}"/></w:tabs>' if tab else ""
    left, hanging = (0, 0) if heading else (STEP * (i + 1), STEP)
    return (
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{style}'
        f'<w:lvlText w:val="{label}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr>{stop}<w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr></w:lvl>'
    )


def settings(lang: Language) -> bytes:
    """`word/settings.xml`: today's Word, footnotes, the fonts of formulas."""
    return (
        f'{_HEAD}<w:settings xmlns:w="{W}" xmlns:m="{M}"><w:zoom w:percent="100"/>'
        '<w:defaultTabStop w:val="720"/><w:autoHyphenation w:val="0"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'
        '<w:compat><w:doNotExpandShiftReturn/><w:compatSetting w:name="compatibilityMode"'
        ' w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<m:mathPr><m:mathFont m:val="Cambria Math"/><m:brkBin m:val="before"/><m:brkBinSub m:val="--"/>'
        '<m:smallFrac m:val="0"/><m:dispDef/><m:lMargin m:val="0"/><m:rMargin m:val="0"/>'
        '<m:defJc m:val="centerGroup"/><m:wrapIndent m:val="1440"/><m:intLim m:val="subSup"/>'
        '<m:naryLim m:val="undOvr"/></m:mathPr>'
        f'<w:themeFontLang w:val="{LOCALE[lang]}"/><w:decimalSymbol w:val="{"," if lang == "id" else "."}"/>'
        f'<w:listSeparator w:val="{";" if lang == "id" else ","}"/></w:settings>'
    ).encode()


def font_table() -> bytes:
    """`word/fontTable.xml`: what may stand in where a machine lacks our typeface."""
    fonts = (
        (TYPEFACE, "Caladea", "roman"),
        ("Cambria Math", "Caladea", "roman"),
        ("Consolas", "Courier New", "modern"),
    )
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="00"/><w:family w:val="{family}"/>'
        f'<w:pitch w:val="{"fixed" if family == "modern" else "variable"}"/></w:font>'
        for name, other, family in fonts
    )
    return f'{_HEAD}<w:fonts xmlns:w="{W}">{rows}</w:fonts>'.encode()
