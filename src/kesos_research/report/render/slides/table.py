"""One small native table on a slide."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from kesos_research.errors import DocumentError
from kesos_research.language import Language, _
from kesos_research.report import style
from kesos_research.report.document.model import Inline, Styled, TableBlock, Text
from kesos_research.report.render import fit
from kesos_research.report.render.package import legal
from kesos_research.report.render.slides.master import SMALLEST_PT, A, Box
from kesos_research.report.render.slides.text import Line, Scribe, said

ROWS: Final = 5
"""Rows a table on a slide may have, group rows apart."""
_PAD: Final = 5.0
_ABOVE: Final = 3.0
_LEADING: Final = 1.22
_LARGEST: Final = 22.0
_NO_STYLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_ALIGN: Final = {"left": "l", "right": "r", "center": "ctr"}


def place(slide: Any, block: TableBlock, box: Box, scribe: Scribe) -> float:
    """Set the table into `box`; returns the height it takes in points."""
    if sum(not row.group for row in block.rows) > ROWS:
        raise DocumentError(
            _("{label} has {n} rows.", label=block.label or block.id, n=sum(not row.group for row in block.rows)),
            expected=_("at most {n} rows on a slide", n=ROWS),
            remedy=_("show a table made for the slide, with the rows that carry its message, or a figure"),
        )
    size, widths, heights = _fitted(block, box, scribe.lang)
    x, y, w, h = Box(box.x, box.y, sum(widths), sum(heights)).emu()
    frame = slide.shapes.add_table(len(heights), len(widths), x, y, w, h)
    frame.name = legal(block.label or block.id)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", legal(said(block.caption)))
    table = frame.table
    _restyle(table)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = round(width * 12700)
    for row, height in zip(table.rows, heights, strict=True):
        row.height = round(height * 12700)
    last = len(heights) - 1
    for j, head in enumerate(block.columns):
        inlines: list[Inline] = [Styled("strong", [Text(head.label)])] if head.label else []
        if head.unit:
            inlines.append(Text(("\n" if inlines else "") + head.unit))
        _fill(table.cell(0, j), Line(inlines), scribe, size, head.align, above=1.0, below=0.5, bottom=True)
    moved = {
        j: iter(fit.indents([r.cells[j] for r in block.rows if not r.group], scribe.lang, size * fit.OURS))
        for j, head in enumerate(block.columns)
        if head.align == "right"
    }
    for i, row in enumerate(block.rows, 1):
        below = 1.0 if i == last else 0.0
        if row.group:
            table.cell(i, 0).merge(table.cell(i, len(widths) - 1))
            label = Line([Styled("emph", [Text(row.cells[0] if row.cells else "")])])
            for j in range(len(widths)):
                _fill(table.cell(i, j), label if j == 0 else Line([]), scribe, size, "left", below=below)
            continue
        for j, (cell, head) in enumerate(zip(row.cells, block.columns, strict=True)):
            right = next(moved[j]) if j in moved else 0.0
            _fill(table.cell(i, j), Line([Text(cell)]), scribe, size, head.align, below=below, right=right)
    return sum(heights)


def _fitted(block: TableBlock, box: Box, lang: Language) -> tuple[float, list[float], list[float]]:
    """Type, widths and heights with which the table fits: the largest in which no row wraps, else the largest."""
    fitting: list[tuple[float, list[float], list[float]]] = []
    size = _LARGEST
    while size >= SMALLEST_PT:
        widths = fit.columns(block.columns, block.rows, lang, room=box.w, size=size, pad=2 * _PAD, fill=True)
        if widths:
            heights = _heights(block, widths, size)
            if sum(heights) <= box.h:
                if max(heights[1:], default=0.0) <= _high(1, size):
                    return size, widths, heights
                fitting.append((size, widths, heights))
        size -= 1
    if fitting:
        return fitting[0]
    raise DocumentError(
        _(
            "{label} does not fit on a slide in type of {size} points.",
            label=block.label or block.id,
            size=f"{SMALLEST_PT:.0f}",
        ),
        expected=_("fewer columns, or shorter words in them"),
        remedy=_("show a table made for the slide, with the columns that carry its message, or a figure"),
    )


def _high(lines: int, size: float) -> float:
    """Points a row of so many lines takes."""
    return lines * size * _LEADING + 2 * _ABOVE


def _heights(block: TableBlock, widths: list[float], size: float) -> list[float]:
    head = max(
        (fit.lines(h.label, size, w - 2 * _PAD, bold=True) if h.label else 0)
        + (fit.lines(h.unit, size, w - 2 * _PAD) if h.unit else 0)
        for h, w in zip(block.columns, widths, strict=True)
    )
    body = [
        1 if row.group else max(fit.lines(c, size, w - 2 * _PAD) for c, w in zip(row.cells, widths, strict=True))
        for row in block.rows
    ]
    return [_high(max(head, 1), size), *(_high(lines, size) for lines in body)]


def _restyle(table: Any) -> None:
    """The head stays a head for screen readers; the library's bands and colours go."""
    properties = table._tbl.tblPr
    properties.set("firstRow", "1")
    properties.set("bandRow", "0")
    named = properties.find(f"{{{A}}}tableStyleId")
    if named is None:
        named = etree.SubElement(properties, f"{{{A}}}tableStyleId")
    named.text = _NO_STYLE


def _fill(
    cell: Any, line: Line, scribe: Scribe, size: float, align: str, *, above: float = 0.0, below: float = 0.0,
    bottom: bool = False,
    right: float = 0.0,
) -> None:  # fmt: skip
    body = cell._tc.get_or_add_txBody()
    for old in body.findall(f"{{{A}}}p"):
        body.remove(old)
    accented, scribe.accented = scribe.accented, True  # heads are bold, not what the slide points at
    paragraph = scribe.paragraph(line, size=size, align=_ALIGN[align])
    scribe.accented = accented
    if not line.c:
        etree.SubElement(paragraph, f"{{{A}}}endParaRPr", sz=str(round(size * 100)))
    body.append(paragraph)
    properties = cell._tc.get_or_add_tcPr()
    properties.set("marL", str(round(_PAD * 12700)))
    properties.set("marR", str(round((_PAD + right) * 12700)))
    for side in ("marT", "marB"):
        properties.set(side, str(round(_ABOVE * 12700)))
    properties.set("anchor", "b" if bottom else "t")
    for side, width in (("lnL", 0.0), ("lnR", 0.0), ("lnT", above), ("lnB", below)):
        rule = etree.SubElement(properties, f"{{{A}}}{side}", w=str(round(width * 12700)))
        if width:
            fill = etree.SubElement(rule, f"{{{A}}}solidFill")
            etree.SubElement(fill, f"{{{A}}}srgbClr", val=style.RULE.lstrip("#"))
        else:
            etree.SubElement(rule, f"{{{A}}}noFill")
    etree.SubElement(properties, f"{{{A}}}noFill")
