"""Tables as Word's own: rules above, below and under the head, the head on every page, no row torn in two."""

from __future__ import annotations

from collections.abc import Sequence

from kesos_research.language import Language
from kesos_research.report import style
from kesos_research.report.document.model import Head, Row, TableBlock, Tile
from kesos_research.report.render import fit
from kesos_research.report.render.package import legal
from kesos_research.report.render.word.markup import Element, paragraph, run, text, twips, w
from kesos_research.report.render.word.styles import TABLE_POINTS
from kesos_research.report.render.word.text import plain

_PAD = 7.0
"""Points a cell adds to its text, left and right together."""
_SIZES = (TABLE_POINTS, 8.5, 8.0)
_SMALLEST = 7.5
_WORTH = 0.7
_SHORT = 14
"""Rows up to which a table is kept on one page."""


def table(block: TableBlock, room: float, lang: Language) -> Element:
    """The table itself, without caption and note, in `room` points."""
    size, widths = _fitted(block, room, lang)
    made = w(
        "tbl",
        w(
            "tblPr",
            w("tblStyle", val="KesosTable"),
            w("tblW", w=twips(sum(widths)), type="dxa"),
            w("tblLayout", type="fixed"),
            w("tblLook", val="0420", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=0, noVBand=1),
            w("tblCaption", val=legal(block.label)),
            w("tblDescription", val=legal(plain(block.caption))),
        ),
        w("tblGrid", *(w("gridCol", w=twips(width)) for width in widths)),
    )
    made.append(_head(block.columns, widths, size))
    moved = _indents(block, lang, size)
    last = len(block.rows) - 1
    for i, row in enumerate(block.rows):
        together = row.group or (i < last and (len(block.rows) <= _SHORT or i == 0 or i == last - 1))
        made.append(_row(row, block.columns, widths, moved[i], size, together=together))
    return made


def _fitted(block: TableBlock, room: float, lang: Language) -> tuple[float, list[float]]:
    """The largest type in which the table fits, and its columns."""

    def widths(size: float, within: float, *, fill: bool) -> list[float] | None:
        return fit.columns(block.columns, block.rows, lang, room=within, size=size, pad=_PAD, fill=fill)

    fitting = [(size, found) for size in _SIZES if (found := widths(size, room, fill=block.width == "page"))]
    if fitting:
        lines = [_lines(block, size, found) for size, found in fitting]
        # smaller type where it spares many rows their second line
        return next(one for one, n in zip(fitting, lines, strict=True) if n * _WORTH <= min(lines))
    # measured with wide type it does not fit: try as narrow as ours is, then let words break rather than lose columns
    for size in (_SIZES[-1], _SMALLEST):
        if found := widths(size * fit.OURS, room, fill=True):
            return size, found
    wanted = widths(_SMALLEST, float("inf"), fill=False) or []
    return _SMALLEST, [width * room / sum(wanted) for width in wanted]


def _lines(block: TableBlock, size: float, widths: Sequence[float]) -> int:
    """Lines the body of the table takes."""
    return sum(
        1 if row.group else max(fit.lines(c, size, w - _PAD) for c, w in zip(row.cells, widths, strict=True))
        for row in block.rows
    )


def _run_size(cell: Element, size: float) -> Element:
    """Type smaller than the style's, said on the runs that need it."""
    if size < TABLE_POINTS:
        for r in cell.iter("{*}r"):
            properties = r.find("{*}rPr")
            if properties is None:
                properties = w("rPr")
                r.insert(0, properties)
            properties.append(w("sz", val=round(size * 2)))
    return cell


def _cell(content: Sequence[Element], width: float, *, span: int = 1, bottom: bool = False) -> Element:
    properties = w(
        "tcPr",
        w("tcW", w=twips(width), type="dxa"),
        w("gridSpan", val=span) if span > 1 else None,
        w("vAlign", val="bottom") if bottom else None,
    )
    return w("tc", properties, *content)


def _head(heads: Sequence[Head], widths: Sequence[float], size: float) -> Element:
    cells = []
    for head, width in zip(heads, widths, strict=True):
        content = [text(head.label)] if head.label else []
        if head.unit:
            unit = text(head.unit)
            unit.insert(0, w("rPr", w("b", val=0)))
            content += [run(w("br")), unit] if content else [unit]
        cells.append(
            _cell([paragraph("TableHead", *content, properties=[w("jc", val=head.align)])], width, bottom=True)
        )
    row = w("tr", w("trPr", w("cantSplit"), w("tblHeader")), *cells)
    return _run_size(row, size)


def _indents(block: TableBlock, lang: Language, size: float) -> list[list[float]]:
    """By row and column, how far a number stands from the right so that decimal marks stand in one line."""
    moved = [[0.0] * len(block.columns) for _row in block.rows]
    body = [i for i, row in enumerate(block.rows) if not row.group]
    for j, head in enumerate(block.columns):
        if head.align == "right":
            found = fit.indents([block.rows[i].cells[j] for i in body], lang, size * fit.OURS)
            for i, left in zip(body, found, strict=True):
                moved[i][j] = left
    return moved


def _row(
    row: Row, heads: Sequence[Head], widths: Sequence[float], moved: Sequence[float], size: float, *, together: bool
) -> Element:
    keep = [w("keepNext")] if together else []
    if row.group:
        label = paragraph("TableGroup", text(row.cells[0] if row.cells else ""))
        cells = [_cell([label], sum(widths), span=len(heads))]
    else:
        cells = []
        for cell, head, width, left in zip(row.cells, heads, widths, moved, strict=True):
            indent = [w("ind", right=twips(left))] if left else []
            content = paragraph("TableText", text(cell), properties=[*keep, *indent, w("jc", val=head.align)])
            cells.append(_cell([content], width))
    return _run_size(w("tr", w("trPr", w("cantSplit")), *cells), size)


def tiles(found: Sequence[Tile], room: float, *, across: int = 3) -> Element:
    """A profile's figures at a glance, three in a row."""
    width = room / across
    rule = {"val": "single", "sz": 8, "space": 0, "color": style.RULE.lstrip("#")}
    rows = []
    for start in range(0, len(found), across):
        cells = []
        for tile in [*found[start : start + across], *[None] * across][:across]:
            edges = w("tcBorders", w("top", **rule)) if tile else w("tcBorders", w("top", val="nil"))
            content = _tile(tile) if tile else [paragraph("TileNote")]
            cells.append(w("tc", w("tcPr", w("tcW", w=twips(width), type="dxa"), edges), *content))
        rows.append(w("tr", w("trPr", w("cantSplit")), *cells))
    return w(
        "tbl",
        w("tblPr", w("tblW", w=twips(room), type="dxa"), w("tblLayout", type="fixed")),
        w("tblGrid", *(w("gridCol", w=twips(width)) for _ in range(across))),
        *rows,
    )


def _tile(tile: Tile) -> list[Element]:
    value = [text(tile.value)]
    small = " ".join(filter(None, (tile.unit, f"({tile.year})" if tile.year else "")))
    if small:
        unit = text(f" {small}")
        unit.insert(0, w("rPr", w("b", val=0), w("sz", val=17)))
        value.append(unit)
    notes = [paragraph("TileNote", text(s)) for s in (tile.place, tile.change) if s]
    return [
        paragraph("TileLabel", text(tile.label)),
        paragraph("TileValue", *value),
        *(notes or [paragraph("TileNote")]),
    ]


def equation(math: Element, number: Sequence[Element], room: float) -> Element:
    """A numbered formula: centred, its number at the margin."""
    side = 34.0
    right = [w("jc", val="right")]
    contents = (paragraph("Equation"), paragraph("Equation", math), paragraph("Equation", *number, properties=right))
    cells = [[content] for content in contents]
    return _frame(cells, (side, room - 2 * side, side), middle=True)


def beside(left: Sequence[Element], right: Sequence[Element], room: float, width: float) -> Element:
    """Text, and at its right what is `width` wide."""
    return _frame((left, right), (room - width, width))


def _frame(cells: Sequence[Sequence[Element]], widths: Sequence[float], *, middle: bool = False) -> Element:
    """Things that stand side by side: a row without rules that is not torn."""
    centred = [w("vAlign", val="center") if middle else None for _cell in cells]
    made = [
        w("tc", w("tcPr", w("tcW", w=twips(width), type="dxa"), where), *content)
        for content, width, where in zip(cells, widths, centred, strict=True)
    ]
    flush = w("tblCellMar", w("left", w=0, type="dxa"), w("right", w=twips(_PAD), type="dxa"))
    return w(
        "tbl",
        w("tblPr", w("tblW", w=twips(sum(widths)), type="dxa"), w("tblLayout", type="fixed"), flush),
        w("tblGrid", *(w("gridCol", w=twips(width)) for width in widths)),
        w("tr", w("trPr", w("cantSplit")), *made),
    )
