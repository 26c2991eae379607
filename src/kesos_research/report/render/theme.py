"""The house's theme for office files: typeface and colours a reader can change for a whole document at once."""

from __future__ import annotations

from typing import Final

from kesos_research.report import style

TYPEFACE: Final = "Cambria"
"""On every machine that has Word, close to the paper's typeface, with a twin for formulas."""

_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"


def theme() -> bytes:
    """`theme1.xml`: our typeface, our colours."""
    colours = (
        ("dk1", style.INK), ("lt1", "#FFFFFF"), ("dk2", style.RULE), ("lt2", style.TINT), ("accent1", style.TREATED),
        ("accent2", style.SYNTHETIC), ("accent3", style.HIGHLIGHT), ("accent4", style.COMPARISON),
        ("accent5", style.GRID), ("accent6", style.RULE), ("hlink", style.SYNTHETIC), ("folHlink", style.SYNTHETIC),
    )  # fmt: skip
    scheme = "".join(f'<a:{name}><a:srgbClr val="{value.lstrip("#")}"/></a:{name}>' for name, value in colours)
    fonts = f'<a:latin typeface="{TYPEFACE}"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="6350">{fill}<a:prstDash val="solid"/></a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<a:theme xmlns:a="{_DRAWING}" name="kesos_research"><a:themeElements>'
        f'<a:clrScheme name="kesos_research">{scheme}</a:clrScheme>'
        f'<a:fontScheme name="kesos_research"><a:majorFont>{fonts}</a:majorFont><a:minorFont>{fonts}</a:minorFont>'
        f'</a:fontScheme><a:fmtScheme name="kesos_research"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    ).encode()
