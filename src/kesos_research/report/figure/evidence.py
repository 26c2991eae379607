"""What is known of a programme, and what is not: an empty cell is visibly empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import MM_PER_PT, SLIDE_HEIGHT, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, figure, frame, known, unique

FOUND = words(id="ada temuan", en="a finding")
NOT_YET = words(id="belum ada bukti", en="no evidence yet")
TOTAL = words(id="Temuan", en="Findings")
OF = words(id="dari {n}", en="of {n}")
NO_SCOPE = words(
    id="Butir lingkup program ini belum terdaftar.", en="No scope items are registered for this programme."
)
EACH_ASPECT = words(id="Kotak, dari kiri:", en="Squares, from the left:")
EACH_ITEM = words(id="Kotak, dari kiri: butir", en="Squares, from the left: items")

Squares = dict[bool, list[tuple[float, float]]]
"""Centres of the squares with a finding (True) and without."""


@dataclass(frozen=True)
class _Story:
    found: frozenset[tuple[str, str, str]]
    """(item, unit, aspect) with a finding."""
    items: Mapping[str, Name]
    units: Mapping[str, Name]
    aspects: Mapping[str, Name]
    groups: Mapping[str, Name]

    def count(self, *, item: str = "", unit: str = "", aspect: str = "") -> int:
        return sum((not item or i == item) and (not unit or u == unit) and (not aspect or a == aspect)
                   for i, u, a in self.found)  # fmt: skip

    def grouped(self) -> list[tuple[str, list[str]]]:
        """Items by the group whose key their own begins with."""
        if not self.groups:
            return [("", list(self.items))]
        return [(g, [i for i in self.items if i.startswith(g)]) for g in self.groups]


def evidence_matrix(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    items: Mapping[str, Name],
    units: Mapping[str, Name],
    aspects: Mapping[str, Name],
    groups: Mapping[str, Name] | None = None,
    slide: bool = True,
) -> Figure:
    """For which parts of the programme is there evidence, and for which not yet?

    Parameters
    ----------
    protected
        One row for each item, unit and aspect: the columns `item`, `unit`, `aspect` and `found` (true or false).
        Every combination must be there: what is not known is a row too.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    items, units, aspects
        Names by key, in the order they are drawn: down, across, and within each cell from the left.
    groups
        Headings, by the beginning of the keys of their items (``"A"`` for ``"A1"``, ``"A2"`` …).
    slide
        Whether it is drawn again for a slide, where aspects go down and items are the squares.
    """
    if not items:
        return figure(protected, protected.table, id=id, alt=alt, width="page", page=_nothing, slide=None)
    rows = frame(protected, ("item", "unit", "aspect", "found"))
    unique(rows, ("item", "unit", "aspect"))
    for column, names in (("item", items), ("unit", units), ("aspect", aspects)):
        known(rows, column, names)
    given = set(zip(rows["item"], rows["unit"], rows["aspect"], strict=True))
    lacking = [cell for cell in product(items, units, aspects) if cell not in given]
    if lacking:
        raise DataError(
            _("The evidence matrix has no row for {cell}.", cell=", ".join(lacking[0])),
            expected=_("{n} rows, one for each item, district and aspect", n=len(items) * len(units) * len(aspects)),
            remedy=_("write a row that says there is no evidence yet"),
        )
    astray = [i for i in items if groups and sum(i.startswith(g) for g in groups) != 1]
    if astray:
        raise DataError(
            _("Item {item} belongs to no group or to several.", item=astray[0]), expected=", ".join(groups or ())
        )
    if not rows["found"].isin([True, False]).all():
        raise DataError(_("Column {column} holds something else than true and false.", column="found"))
    hits = rows[rows["found"].astype(bool)]
    found = frozenset(zip(hits["item"], hits["unit"], hits["aspect"], strict=True))
    story = _Story(found, items, units, aspects, groups or {})
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width="page",
        page=_page(story),
        slide=_slide(story) if slide else None,
    )


def _nothing(pen: Pen) -> Sheet:
    sheet = pen.sheet(2 * pen.medium.leading)
    sheet.text(0, pen.medium.leading, pen.say(NO_SCOPE))
    return sheet


def _page(story: _Story) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        pitch = 0.97 * em
        cell = len(story.aspects) * pitch + 0.9 * em
        heads = [pen.wrap(pen.say(n), cell - 0.4 * em, bold=True) for n in story.units.values()]
        total = [pen.say(TOTAL), pen.say(OF).format(n=len(story.units) * len(story.aspects))]
        right = pen.widest(total) + 0.2 * em
        left = pen.medium.width - right - cell * len(story.units)
        code = pen.widest(list(story.items), bold=False) + 0.6 * em
        labels = {i: pen.wrap(pen.say(n), left - code - em) for i, n in story.items.items()}
        head = max(len(h) for h in [*heads, total]) * leading + 1.5 * em
        body = sum(len(lines) * leading + 0.35 * em for lines in labels.values())
        body += sum(1.5 * leading for g, _items in story.grouped() if g)
        legend = _legend_lines(pen, story)
        sheet = pen.sheet(head + body + 1.7 * leading + (len(legend) + 1) * leading + 0.6 * em)
        columns = [left + k * cell for k in range(len(story.units))]
        _heads(sheet, columns, heads, total, bottom=head - 1.7 * em)
        for x in columns:
            for k in range(len(story.aspects)):
                sheet.text(
                    x + (k + 0.5) * pitch, head - 0.35 * em, str(k + 1), align="center", color=style.COMPARISON_INK
                )
        squares: Squares = {True: [], False: []}
        y = head
        sheet.rule(0, y, pen.medium.width, y)
        for group, items in story.grouped():
            if group:
                y += 0.3 * leading
                sheet.text(0, y + 0.95 * em, f"{group}  {pen.say(story.groups[group])}", bold=True)
                y += 1.2 * leading
            for item in items:
                high = len(labels[item]) * leading + 0.35 * em
                sheet.text(0, y + high / 2 - (len(labels[item]) - 1) / 2 * leading, item, middle=True)
                sheet.lines(code, y + high / 2, labels[item])
                for x, unit in zip(columns, story.units, strict=True):
                    for k, aspect in enumerate(story.aspects):
                        filled = (item, unit, aspect) in story.found
                        squares[filled].append((x + (k + 0.5) * pitch, y + high / 2))
                sheet.text(
                    pen.medium.width, y + high / 2, _count(pen, story.count(item=item)), align="right", middle=True
                )
                y += high
                sheet.rule(0, y, pen.medium.width, y, color=style.GRID)
        _squares(sheet, squares, 0.68 * em)
        _totals(sheet, story, columns, y, cell - 0.9 * em)
        _legend(sheet, legend, y + 1.9 * leading)
        return sheet

    return paint


def _slide(story: _Story) -> Paint:
    """Aspects go down; the items are the squares of a cell, one line a group."""

    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        grouped = story.grouped()
        most = max(len(items) for _group, items in grouped)
        labels = {a: pen.say(n) for a, n in story.aspects.items()}
        marks = pen.widest([g for g, _items in grouped], bold=True) + 0.5 * em
        left = pen.widest(list(labels.values())) + 0.8 * em + marks
        total = [pen.say(TOTAL), pen.say(OF).format(n=len(story.units) * len(story.items))]
        right = pen.widest(total) + 0.2 * em
        cell = (pen.medium.width - left - right) / len(story.units)
        pitch = min((cell - 0.8 * em) / most, 0.9 * em)
        heads = [pen.wrap(pen.say(n), cell - 0.4 * em) for n in story.units.values()]
        head = max(len(h) for h in [*heads, total]) * leading + 0.3 * em
        which = [f"{items[0]}–{items[-1]}" + (f" ({pen.say(story.groups[g])})" if g else "") for g, items in grouped]
        legend = pen.wrap(f"{pen.say(EACH_ITEM)} {', '.join(which)}.", pen.medium.width)
        sheet = pen.sheet(SLIDE_HEIGHT)
        high = (SLIDE_HEIGHT - head - 1.6 * leading - (len(legend) + 1) * leading - 0.3 * em) / len(labels)
        columns = [left + k * cell for k in range(len(story.units))]
        _heads(sheet, columns, heads, total, bottom=head - 0.5 * em)
        sheet.rule(0, head, pen.medium.width, head)
        step = min(high / len(grouped), 1.1 * em)
        squares: Squares = {True: [], False: []}
        for n, (aspect, label) in enumerate(labels.items()):
            middle = head + (n + 0.5) * high
            sheet.text(0, middle, label, middle=True)
            for k, (group, items) in enumerate(grouped):
                y = middle + (k - (len(grouped) - 1) / 2) * step
                sheet.text(left - 0.5 * em, y, group, align="right", middle=True, color=style.COMPARISON_INK)
                for x, unit in zip(columns, story.units, strict=True):
                    for j, item in enumerate(items):
                        filled = (item, unit, aspect) in story.found
                        squares[filled].append((x + (j + 0.5) * pitch, y))
            count = _count(pen, story.count(aspect=aspect))
            sheet.text(pen.medium.width, middle, count, align="right", middle=True)
            sheet.rule(0, middle + high / 2, pen.medium.width, middle + high / 2, color=style.GRID)
        bottom = head + len(labels) * high
        _squares(sheet, squares, 0.75 * min(pitch, step))
        _totals(sheet, story, columns, bottom, most * pitch)
        _legend(sheet, legend, bottom + 1.7 * leading)
        return sheet

    return paint


def _heads(
    sheet: Sheet,
    columns: Sequence[float],
    heads: Sequence[Sequence[str]],
    total: Sequence[str],
    *,
    bottom: float,
) -> None:
    """Names over their columns, standing on one line."""
    leading = sheet.pen.medium.leading
    for x, lines in zip(columns, heads, strict=True):
        for k, line in enumerate(lines):
            sheet.text(x, bottom - (len(lines) - 1 - k) * leading, line, bold=not sheet.pen.medium.slide)
    for k, line in enumerate(total):
        y = bottom - (len(total) - 1 - k) * leading
        sheet.text(
            sheet.width, y, line, align="right", bold=k == 0, color=style.INK if k == 0 else style.COMPARISON_INK
        )


def _totals(sheet: Sheet, story: _Story, columns: Sequence[float], y: float, width: float) -> None:
    pen = sheet.pen
    baseline = y + 0.85 * pen.medium.leading
    sheet.rule(0, y, sheet.width, y)
    of = pen.say(OF).format(n=number(len(story.items) * len(story.aspects), 0, pen.lang))
    sheet.text(0, baseline, pen.say(TOTAL), bold=True)
    sheet.text(pen.wide(pen.say(TOTAL), bold=True) + 0.3 * pen.em, baseline, of, color=style.COMPARISON_INK)
    for x, unit in zip(columns, story.units, strict=True):
        sheet.text(x + width / 2, baseline, _count(pen, story.count(unit=unit)), align="center")
    sheet.text(sheet.width, baseline, _count(pen, len(story.found)), align="right", bold=True)


def _legend_lines(pen: Pen, story: _Story) -> list[str]:
    named = ", ".join(f"{k} {pen.say(n)}" for k, n in enumerate(story.aspects.values(), 1))
    return pen.wrap(f"{pen.say(EACH_ASPECT)} {named}.", pen.medium.width)


def _legend(sheet: Sheet, lines: Sequence[str], top: float) -> None:
    pen, em = sheet.pen, sheet.pen.em
    x = 0.0
    for filled, text in ((True, pen.say(FOUND)), (False, pen.say(NOT_YET))):
        _squares(sheet, {filled: [(x + 0.4 * em, top + 0.5 * em)]}, 0.72 * em)
        sheet.text(x + 1.1 * em, top + 0.5 * em, text, middle=True)
        x += 1.1 * em + pen.wide(text) + 1.4 * em
    for k, line in enumerate(lines):
        sheet.text(0, top + 0.5 * em + (k + 1) * pen.medium.leading, line, middle=True)


def _squares(sheet: Sheet, squares: Mapping[bool, Sequence[tuple[float, float]]], mm: float) -> None:
    """Squares of `mm` around their centres, filled and empty."""
    axis = sheet.pen.medium.axis
    looks = {True: (style.HIGHLIGHT, style.HIGHLIGHT_INK, axis), False: (style.PAPER, style.COMPARISON, 0.7 * axis)}
    for filled, centres in squares.items():
        if centres:
            fill, edge, width = looks[filled]
            x, y = zip(*centres, strict=True)
            sheet.dots(x, y, color=fill, size=mm / MM_PER_PT, edge=edge, edge_width=width, front=1, shape="s")


def _count(pen: Pen, n: int) -> str:
    return number(n, 0, pen.lang)
