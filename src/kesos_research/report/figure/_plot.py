"""Plots side by side: heads, axes, what the marks stand for above, and lines named where they end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kesos_research.language import LANGUAGES, Words, number
from kesos_research.report import style
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, Panel
from kesos_research.report.figure._scale import Plane, spread, ticks, y_axis

DASH = (3.0, 2.0)
_NARROW_MM = 120.0
_BESIDE = 8.0
"""Names at the ends of lines are broken so as to be no wider than so many sizes of their type."""


@dataclass(frozen=True)
class Look:
    """How one of several groups is told apart, in grey too: hue, mark and dash."""

    color: str
    ink: str
    shape: str = "o"
    dash: tuple[float, ...] = ()


LOOKS = (
    Look(style.TREATED, style.TREATED_INK),
    Look(style.SYNTHETIC, style.SYNTHETIC_INK, "s", (5, 1.5)),
    Look(style.HIGHLIGHT, style.HIGHLIGHT_INK, "D", (1.2, 1.2)),
    Look(style.COMPARISON, style.COMPARISON_INK, "^", (6, 1.5, 1.2, 1.5)),
)


@dataclass(frozen=True)
class Entry:
    """A mark above the plots and what it stands for: a marker of matplotlib's, ``"-"`` a line, ``"#"`` a tint."""

    text: Name
    color: str
    shape: str = "o"
    hollow: bool = False
    dash: tuple[float, ...] = ()
    width: float = 1.0
    ink: str = style.INK
    alpha: float = style.FAINT


@dataclass(frozen=True)
class Cell:
    """One plot: what stands over it, its scales, and what is drawn in it."""

    head: Name
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    paint: Callable[[Sheet, Plane], None]
    beneath: Callable[[Sheet, Plane, float], None] | None = None
    """Writes under the axis, from the given height downward."""


@dataclass(frozen=True)
class Grid:
    """Plots that share what lies across.

    `over` and `under` are lines of text that the cells write over their plots and beneath their axes; `left` is the
    least room beside each, where numbers of the axis take less, and `right` the room for names.
    """

    cells: Sequence[Cell]
    across: Callable[[Sheet, Plane], None]
    foot: Name = ""
    key: Sequence[Entry] = ()
    height: float = 40.0
    over: int = 0
    under: int = 0
    left: Callable[[Pen], float] | None = None
    right: Callable[[Pen], float] | None = None
    columns: int = 3


def heading(panel: Panel) -> Words:
    """A panel's name with its unit."""
    label, unit = (
        {lang: t if isinstance(t, str) else t[lang] for lang in LANGUAGES} for t in (panel.label, panel.unit)
    )
    return {lang: f"{label[lang]} ({unit[lang]})" if unit[lang] else label[lang] for lang in LANGUAGES}


def fill(text: Words, /, **values: tuple[float, int] | Name) -> Words:
    """`text` with its fields filled: numbers, given with their decimals, as each language writes them."""
    return {lang: text[lang].format(**{k: _said(v, lang) for k, v in values.items()}) for lang in LANGUAGES}


def _said(value: Any, lang: Any) -> str:
    if isinstance(value, tuple):
        return number(value[0], value[1], lang)
    return value if isinstance(value, str) else value[lang]


def at_level(text: Words, level: float | None) -> Words:
    """`text` with its level of confidence in percent, or without where it is not known."""
    if level is None:
        return {lang: text[lang].format(level="") for lang in LANGUAGES}
    said = {"id": "{n} persen ", "en": "{n} percent "}
    return fill(text, level=fill(said, n=(100 * level, decimals(100 * level))))


def decimals(value: float) -> int:
    """The places that `value` needs, at most three."""
    return next((d for d in range(3) if math.isclose(round(value, d), value, rel_tol=1e-6)), 3)


def plots(grid: Grid) -> Paint:
    """Draw the grid: in the room the page gives, or filling the slide."""

    def paint(pen: Pen) -> Sheet:
        layout = _Layout(pen, grid)
        fixed = layout.key.height + layout.rows * (layout.above + layout.below) + layout.foot
        height = (SLIDE_HEIGHT - fixed) / layout.rows if pen.medium.slide else grid.height
        sheet = pen.sheet(fixed + layout.rows * height)
        layout.key.draw(sheet)
        for i, cell in enumerate(grid.cells):
            row, column = divmod(i, layout.columns)
            top = layout.key.height + row * (layout.above + height + layout.below)
            left = layout.starts[column]
            for n, text in enumerate(layout.heads[i]):
                sheet.text(left, top + 0.85 * pen.em + n * pen.medium.leading, text, bold=True)
            box = Box(left + layout.lefts[column], top + layout.above, layout.wide, height)
            plane = Plane(box, cell.xlim, cell.ylim)
            y_axis(sheet, plane, layout.marks[i], labels=layout.labelled[i])
            grid.across(sheet, plane)
            cell.paint(sheet, plane)
            if cell.beneath:
                cell.beneath(sheet, plane, box.bottom + 1.6 * pen.em + (layout.foot if row + 1 == layout.rows else 0.0))
        _foot(sheet, layout, sheet.height - layout.foot - grid.under * pen.medium.leading - layout.apart)
        return sheet

    return paint


class _Layout:
    """Widths and heights that all plots have in common, so that they stand in line."""

    def __init__(self, pen: Pen, grid: Grid) -> None:
        em, leading, n = pen.em, pen.medium.leading, len(grid.cells)
        most = 1 if pen.medium.width < _NARROW_MM else grid.columns
        self.rows = -(-n // most)
        self.columns = -(-n // self.rows)
        self.key = Key(pen, grid.key)
        limits = [c.ylim for c in grid.cells]
        self.marks = [ticks(*lim, most=4 if pen.medium.slide and self.rows > 1 else 6) for lim in limits]
        self.labelled = [i % self.columns == 0 or limits[i] != limits[i - 1] for i in range(n)]
        self.lefts = [
            max(
                pen.widest(self.marks[i].labels(pen)) + 0.6 * em if self.labelled[i] else 0.0
                for i in range(column, n, self.columns)
            )
            for column in range(self.columns)
        ]
        self.lefts = [max(left, grid.left(pen) if grid.left else 0.0) for left in self.lefts]
        gap = 1.5 * em
        cell = (pen.medium.width - sum(self.lefts) - gap * (self.columns - 1)) / self.columns
        end = grid.right(pen) if grid.right else 0.4 * em
        self.wide = cell - end
        self.starts = [sum(self.lefts[:c]) + c * (cell + gap) for c in range(self.columns)]
        self.heads = [
            pen.wrap(pen.say(c.head), cell + self.lefts[i % self.columns], bold=True) for i, c in enumerate(grid.cells)
        ]
        lines = max(len(h) for h in self.heads) + grid.over
        self.above = lines * leading + (0.7 * em if lines else 0.4 * em)
        self.apart = 1.0 * em if self.rows > 1 else 0.0
        self.below = 1.6 * em + grid.under * leading + self.apart
        self.first = self.starts[0] + self.lefts[0]
        self.last = self.starts[-1] + self.lefts[-1] + self.wide
        self.foot_lines = pen.wrap(pen.say(grid.foot), pen.medium.width)
        self.foot = len(self.foot_lines) * leading + 0.2 * em


def _foot(sheet: Sheet, layout: _Layout, top: float) -> None:
    """What lies across, once, under the middle of all plots."""
    pen, wide = sheet.pen, sheet.pen.widest(layout.foot_lines)
    middle = min(max((layout.first + layout.last) / 2, wide / 2), sheet.width - wide / 2)
    for n, text in enumerate(layout.foot_lines):
        y = top + 0.85 * pen.em + n * pen.medium.leading
        sheet.text(middle, y, text, align="center", color=style.COMPARISON_INK)


class Key:
    """What marks stand for, side by side while there is room."""

    def __init__(self, pen: Pen, entries: Sequence[Entry]) -> None:
        em, leading, wide = pen.em, pen.medium.leading, pen.medium.width
        self.entries: list[tuple[Entry, list[str], float, float]] = []
        x, y = 0.0, 0.0
        for entry in entries:
            lines = pen.wrap(pen.say(entry.text), wide - 1.8 * em)
            needed = 1.8 * em + pen.widest(lines)
            if x and x + needed > wide + 1e-6:
                x, y = 0.0, y + leading
            self.entries.append((entry, lines, x, y))
            x += needed + 1.4 * em
            if len(lines) > 1:
                x, y = wide, y + (len(lines) - 1) * leading
        self.height = y + leading + 0.6 * em if entries else 0.0

    def draw(self, sheet: Sheet) -> None:
        """At the top of the sheet."""
        pen, em = sheet.pen, sheet.pen.em
        for entry, lines, x, y in self.entries:
            symbol(sheet, entry, x + 0.7 * em, y + 0.55 * em)
            for n, text in enumerate(lines):
                sheet.text(x + 1.8 * em, y + 0.85 * em + n * pen.medium.leading, text, color=entry.ink)


def symbol(sheet: Sheet, entry: Entry, x: float, y: float) -> None:
    """The mark of an entry, centred on a place."""
    em, line = sheet.pen.em, sheet.pen.medium.line
    if entry.shape == "#":
        sheet.rect(Box(x - 0.7 * em, y - 0.35 * em, 1.4 * em, 0.7 * em), fill=entry.color, alpha=entry.alpha)
    elif entry.shape == "-":
        width = entry.width * line
        sheet.line([x - 0.7 * em, x + 0.7 * em], [y, y], color=entry.color, width=width, dash=entry.dash)
    else:
        mark(sheet, x, y, color=entry.color, shape=entry.shape, hollow=entry.hollow)


def mark(
    sheet: Sheet, x: Any, y: Any, *, color: str, shape: str = "o", hollow: bool = False, size: float = 3.6
) -> None:
    """Marks of `size` data lines across; a cross has no inside."""
    line = sheet.pen.medium.line
    fill = style.PAPER if hollow else color
    sheet.dots(x, y, color=fill, size=size * line, edge=color, edge_width=0.8 * line, shape=shape, front=3.5)


@dataclass(frozen=True)
class End:
    """Where a line ends, and what it is called."""

    x: float
    y: float
    lines: Sequence[str]
    look: Look
    bold: bool = False


def room_for(names: Mapping[str, Name]) -> Callable[[Pen], float]:
    """The width that names at the ends of lines take."""

    def right(pen: Pen) -> float:
        return 1.9 * pen.em + max((pen.widest(beside(pen, n)) for n in names.values()), default=0.0)

    return right


def beside(pen: Pen, name: Name) -> list[str]:
    """A name on lines short enough to stand beside a plot."""
    return pen.wrap(pen.say(name), _BESIDE * pen.em)


def name_ends(sheet: Sheet, plane: Plane, ends: Sequence[End]) -> None:
    """Write each line's name beside its end, moved apart where ends meet."""
    pen, box = sheet.pen, plane.box
    sizes = [len(e.lines) * pen.medium.leading for e in ends]
    room = max(0.0, sum(sizes) - box.height)
    centres = spread([e.y for e in ends], sizes, box.top - room / 2, box.bottom + room / 2)
    start = box.right + 1.9 * pen.em
    for end, centre in zip(ends, centres, strict=True):
        x = end.x + 0.3 * pen.em
        sheet.line(
            [x, max(x, box.right), start - 0.2 * pen.em],
            [end.y, end.y, centre],
            color=end.look.color,
            width=pen.medium.axis,
        )
        sheet.lines(start, centre, end.lines, color=end.look.ink, bold=end.bold)


def upright(sheet: Sheet, plane: Plane, at: float, text: str, *, room: float = 0.0) -> None:
    """A dashed line up and down at `at`, named over the plot on the side where there is space.

    `room` mm beside the plot on the right are free for it too.
    """
    pen, box, x = sheet.pen, plane.box, float(plane.x(at))
    if not box.left - 1e-6 <= x <= box.right + 1e-6:
        return
    sheet.line([x, x], [box.top - 0.9 * pen.em, box.bottom], color=style.RULE, width=pen.medium.axis, dash=DASH)
    wide, gap, end = pen.wide(text), 0.4 * pen.em, box.right + room
    after = x + gap + wide <= end or end - x >= x - box.left
    left = x + gap if after else x - gap - wide
    left = min(max(left, 0.0), sheet.width - wide)
    sheet.text(left, box.top - 0.45 * pen.em, text, color=style.COMPARISON_INK)


def stairs(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a line that keeps each value until the next."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
