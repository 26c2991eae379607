"""Small multiples of lines over years: bands, breaks, spans, and each line named where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from kesos_research.report import style
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, Panel, Span
from kesos_research.report.figure._scale import Plane, limits, spread, ticks, y_axis, year_axis

PLOT_MM = 36.0
"""Height of one panel's plot on paper."""


@dataclass(frozen=True)
class Look:
    """How one group's line is drawn; `width` is relative to a data line's."""

    color: str
    ink: str
    width: float = 1.0
    dash: tuple[float, ...] = ()
    alpha: float = 1.0
    bold: bool = False
    dots: bool = False
    front: float = 2.0


@dataclass(frozen=True)
class Story:
    """Everything a set of panels shares."""

    rows: pd.DataFrame
    looks: Mapping[str, Look]
    names: Mapping[str, Name]
    spans: Sequence[Span]
    flagged: Name
    height: float = PLOT_MM


def page(story: Story, panels: Sequence[Panel]) -> Paint:
    """On paper: two panels side by side where the page is wide enough, each as high as the names beside it."""

    def paint(pen: Pen) -> Sheet:
        columns = 2 if pen.medium.width > 120 and len(panels) > 1 else 1
        layout = _Layout(pen, story, panels, columns)
        names = sum(len(lines) for lines in layout.labels.values()) * pen.medium.leading
        height = max(story.height, names)
        sheet = pen.sheet(layout.rows * (layout.above + height + layout.below) + layout.foot)
        _paint(sheet, story, panels, layout, height)
        return sheet

    return paint


def slide(story: Story, panels: Sequence[Panel]) -> Paint:
    """On a slide: the panels fill the area."""

    def paint(pen: Pen) -> Sheet:
        layout = _Layout(pen, story, panels, min(2, len(panels)))
        sheet = pen.sheet(SLIDE_HEIGHT)
        height = (SLIDE_HEIGHT - layout.foot) / layout.rows - layout.above - layout.below
        _paint(sheet, story, panels, layout, height)
        return sheet

    return paint


class _Layout:
    """The widths and heights that all panels have in common, so that their plots stand in line."""

    def __init__(self, pen: Pen, story: Story, panels: Sequence[Panel], columns: int) -> None:
        em = pen.em
        self.columns, self.rows = columns, -(-len(panels) // columns)
        self.gap = 1.5 * em
        self.leader = 1.9 * em
        self.cell = (pen.medium.width - self.gap * (columns - 1)) / columns
        self.limits = {p.key: _range(story.rows[story.rows["panel"] == p.key]) for p in panels}
        self.labels = {
            g: pen.wrap(pen.say(story.names[g]), max(0.26 * self.cell, 6 * em), bold=look.bold)
            for g, look in story.looks.items()
            if g in story.names
        }
        self.left = 0.6 * em + max(_tick_width(pen, self.limits[p.key]) for p in panels)
        self.right = self.leader + max(
            (pen.widest(lines, bold=story.looks[g].bold) for g, lines in self.labels.items()), default=0.0
        )
        self.heads = {p.key: _head(pen, p, self.cell) for p in panels}
        head = max(len(lines) for lines in self.heads.values())
        self.above = (head + bool(story.spans)) * pen.medium.leading + 0.4 * em
        self.below = 2.4 * em if self.rows > 1 else 1.7 * em
        marked = bool(story.rows["flag"].any())
        self.foot_lines = pen.wrap(pen.say(story.flagged), pen.medium.width - 2 * em) if marked else []
        self.foot = len(self.foot_lines) * pen.medium.leading + (0.5 * em if marked else 0.0)


def _paint(sheet: Sheet, story: Story, panels: Sequence[Panel], layout: _Layout, height: float) -> None:
    pen = sheet.pen
    years = [int(y) for y in range(int(story.rows["period"].min()), int(story.rows["period"].max()) + 1)]
    for i, panel in enumerate(panels):
        left = (i % layout.columns) * (layout.cell + layout.gap)
        top = (i // layout.columns) * (layout.above + height + layout.below)
        for n, (text, bold) in enumerate(layout.heads[panel.key]):
            start = left
            for piece, strong in zip(text, bold, strict=True):
                sheet.text(start, top + 0.85 * pen.em + n * pen.medium.leading, piece, bold=strong)
                start += pen.wide(piece, bold=strong) + 0.25 * pen.em
        box = Box(left + layout.left, top + layout.above, layout.cell - layout.left - layout.right, height)
        plane = Plane(box, (years[0] - 0.3, years[-1] + 0.3), layout.limits[panel.key])
        _spans(sheet, plane, story.spans)
        y_axis(sheet, plane, ticks(*plane.ylim, most=5 if height > 8 * pen.em else 4))
        year_axis(sheet, plane, years)
        _lines(sheet, plane, story, layout, panel=panel.key, years=years)
    for n, line in enumerate(layout.foot_lines):
        y = sheet.height - layout.foot + 1.3 * pen.em + n * pen.medium.leading
        if n == 0:
            sheet.dots(0.5 * pen.em, y - 0.3 * pen.em, **_ring(pen, style.INK))
        sheet.text(1.4 * pen.em, y, line)


def _lines(sheet: Sheet, plane: Plane, story: Story, layout: _Layout, *, panel: str, years: list[int]) -> None:
    rows = story.rows[story.rows["panel"] == panel]
    medium = sheet.pen.medium
    ends: list[tuple[str, float, float]] = []
    for group, look in story.looks.items():
        own = rows[rows["group"] == group].set_index("period").reindex(years)
        value = own["value"].to_numpy(float)
        if not np.isfinite(value).any():
            continue
        x, y = plane.x(years), plane.y(value)
        sheet.area(x, plane.y(own["low"]), plane.y(own["high"]), color=look.color, alpha=style.FAINT, clip=plane.box)
        sheet.line(
            x, y, color=look.color, width=look.width * medium.line, alpha=look.alpha, dash=look.dash, front=look.front
        )
        dots = np.isfinite(y) if look.dots else _alone(y)
        if dots.any():
            sheet.dots(x[dots], y[dots], color=look.color, size=2.2 * medium.line, front=look.front)
        marked = own["flag"].eq(True).to_numpy(bool) & np.isfinite(y)
        if marked.any():
            sheet.dots(x[marked], y[marked], **_ring(sheet.pen, look.color))
        last = int(np.flatnonzero(np.isfinite(y))[-1])
        if group in layout.labels:
            ends.append((group, float(x[last]), float(y[last])))
    _name(sheet, plane, story, ends, layout)


def _name(sheet: Sheet, plane: Plane, story: Story, ends: Sequence[tuple[str, float, float]], layout: _Layout) -> None:
    """Write each line's name beside its end, moved apart where ends meet."""
    pen, box = sheet.pen, plane.box
    sizes = [len(layout.labels[g]) * pen.medium.leading for g, _, _ in ends]
    room = max(0.0, sum(sizes) - box.height)  # more names than the plot is high: they may stand over its edges
    centres = spread([y for _, _, y in ends], sizes, box.top - room / 2, box.bottom + room / 2)
    for (group, x, y), centre in zip(ends, centres, strict=True):
        look = story.looks[group]
        start = box.right + layout.leader
        sheet.line(
            [x + 0.3 * pen.em, max(x + 0.3 * pen.em, box.right), start - 0.2 * pen.em],
            [y, y, centre],
            color=look.color,
            width=pen.medium.axis,
            alpha=max(look.alpha, 0.6),
        )
        sheet.lines(start, centre, layout.labels[group], color=look.ink, bold=look.bold)


def _spans(sheet: Sheet, plane: Plane, spans: Sequence[Span]) -> None:
    pen, box = sheet.pen, plane.box
    after = box.left - pen.em
    for span in sorted(spans, key=lambda s: s.first):
        left, right = (float(np.clip(plane.x(v), box.left, box.right)) for v in (span.first - 0.5, span.last + 0.5))
        if right <= left:
            continue
        sheet.rect(Box(left, box.top, right - left, box.height), fill=style.SPAN, front=0.5)
        text = pen.say(span.label)
        wide = pen.wide(text)
        start = max(min((left + right - wide) / 2, box.right - wide), after + 0.6 * pen.em, 0.0)
        sheet.text(start, box.top - 0.45 * pen.em, text, color=style.COMPARISON_INK)
        after = start + wide


def _ring(pen: Pen, color: str) -> dict:
    line = pen.medium.line
    return {"color": style.PAPER, "size": 3.4 * line, "edge": color, "edge_width": 0.8 * line, "front": 4}


def _alone(y: np.ndarray) -> np.ndarray:
    """Values with no neighbour, which a line would not show."""
    known = np.r_[False, np.isfinite(y), False]
    return known[1:-1] & ~known[:-2] & ~known[2:]


def _range(rows: pd.DataFrame) -> tuple[float, float]:
    return limits(rows["value"], rows["low"], rows["high"])


def _tick_width(pen: Pen, lim: tuple[float, float]) -> float:
    return pen.widest(ticks(*lim).labels(pen))


def _head(pen: Pen, panel: Panel, width: float) -> list[tuple[list[str], list[bool]]]:
    """A panel's name in bold and its unit, on as few lines as they take."""
    words = [(w, True) for w in pen.say(panel.label).split()]
    unit = pen.say(panel.unit)
    words += [(w, False) for w in f"({unit})".split()] if unit else []
    lines: list[list[tuple[str, bool]]] = [[]]
    used = 0.0
    for word, bold in words:
        wide = pen.wide(word + " ", bold=bold)
        if lines[-1] and used + wide > width:
            lines.append([])
            used = 0.0
        lines[-1].append((word, bold))
        used += wide
    pieces = [
        [(" ".join(w for w, _ in run), bold) for bold, run in groupby(line, key=lambda w: w[1])] for line in lines
    ]
    return [([text for text, _ in line], [bold for _, bold in line]) for line in pieces]
