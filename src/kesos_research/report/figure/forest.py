"""Estimates with their intervals on one line of zero, grouped, with the numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, Panel, alike, chosen, figure, frame, known, numbers, unique
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis
from kesos_research.report.marks import LETTERS
from kesos_research.report.words import interval

ZERO = words(id="0: tidak ada perbedaan", en="0: no difference")
_ROW_MM = 4.4


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    names: Mapping[str, Name]
    lines: tuple[tuple[str, str], ...]
    """(group, term) from top to bottom; a group's heading has the term ""."""
    zero: Name
    decimals: Mapping[str, int]
    headline: str


def forest(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    names: Mapping[str, Name],
    zero: Name = ZERO,
    decimals: int | Mapping[str, int] = 2,
    headline: str = "",
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """Which estimates are apart from zero, and how precise is each?

    Parameters
    ----------
    protected
        Rows with the columns `group`, `term`, `estimate`, `conf_low`, `conf_high`, and `panel` where there are several
        panels. Groups and terms appear in the order of the rows. An estimate without an interval is a hollow mark;
        one that lacks in a panel leaves its place empty.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        Side by side; panels of one unit share their scale. One `Panel` with any key where there is no column
        `panel`.
    names
        Name of each group and each term.
    zero
        What zero means; written under the axis.
    decimals
        Places of the numbers printed; a mapping where panels differ.
    headline
        Key of the group drawn in the colour of the pilots and in bold; the others are grey.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.
    """
    rows = frame(
        protected,
        ("group", "term", "estimate", "conf_low", "conf_high"),
        optional={"panel": panels[0].key if panels else ""},
    )
    numbers(rows, ("estimate", "conf_low", "conf_high"))
    rows = rows[rows["panel"].isin([p.key for p in panels])]
    rows = rows.assign(mark=rows["mark"] if protected.marked else "")
    if not rows["estimate"].notna().any():
        raise DataError(_("There are no estimates to draw."), expected=", ".join(p.key for p in panels))
    unique(rows, ("panel", "group", "term"))
    known(rows, "group", names)
    known(rows, "term", names)
    places = decimals if isinstance(decimals, Mapping) else {p.key: decimals for p in panels}
    story = _Story(rows, panels, names, _order(rows), zero, places, headline)
    few = chosen(panels, on_slide)
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width=width,
        page=_paint(story, panels, slide=False),
        slide=_paint(story, few, slide=True) if few else None,
    )


def _order(rows: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    lines: list[tuple[str, str]] = []
    for group, own in rows.groupby("group", sort=False):
        terms = [(str(group), str(t)) for t in dict.fromkeys(own["term"])]
        # a group of one line that bears its own name needs no heading
        lines += terms if [t for _, t in terms] == [str(group)] else [(str(group), ""), *terms]
    return tuple(lines)


def _paint(story: _Story, panels: Sequence[Panel], *, slide: bool) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em = pen.em
        # a group's heading may run over the plots, where its own line is empty
        left = 1.5 * em + max(pen.wide(pen.say(story.names[t])) + em * (t != g) for g, t in story.lines if t)
        gap = 1.5 * em
        cell = (pen.medium.width - left - gap * (len(panels) - 1)) / len(panels)
        heads = [pen.wrap(_head(pen, p), cell, bold=True) for p in panels]
        head = max(len(h) for h in heads) * pen.medium.leading + 0.4 * em
        zero = pen.wrap(pen.say(story.zero), cell)
        foot = 1.4 * em + len(zero) * pen.medium.leading + 0.4 * em
        if slide:
            row = (SLIDE_HEIGHT - head - foot) / len(story.lines)
            sheet = pen.sheet(SLIDE_HEIGHT)
        else:
            row = _ROW_MM
            sheet = pen.sheet(head + row * len(story.lines) + foot)
        for i, (group, term) in enumerate(story.lines):
            y = head + (i + 0.5) * row
            heading = not term or term == group
            text = pen.say(story.names[term or group])
            sheet.text(0 if heading else em, y, text, bold=heading, middle=True)
        for n, panel in enumerate(panels):
            at = Box(left + n * (cell + gap), head, cell, row * len(story.lines))
            for k, text in enumerate(heads[n]):
                sheet.text(at.left, 0.85 * em + k * pen.medium.leading, text, bold=True)
            _panel(sheet, story, panel, at, zero)
        return sheet

    return paint


def _panel(sheet: Sheet, story: _Story, panel: Panel, at: Box, zero: Sequence[str]) -> None:
    pen, em, line = sheet.pen, sheet.pen.em, sheet.pen.medium.line
    rows = story.rows.loc[
        story.rows["panel"] == panel.key, ["group", "term", "conf_low", "estimate", "conf_high", "mark"]
    ]
    places = story.decimals.get(panel.key, 2)
    values = {(g, t): (low, e, high) for g, t, low, e, high, _mark in rows.itertuples(index=False, name=None)}
    marked = {(g, t): mark for g, t, *_values, mark in rows.itertuples(index=False, name=None)}
    printed = {key: _printed(pen, v, places, marked[key]) for key, v in values.items()}
    same = alike(story.rows, panel, story.panels)
    every = [
        _printed(pen, (low, e, high), places, mark)
        for low, e, high, mark in same[["conf_low", "estimate", "conf_high", "mark"]].itertuples(index=False, name=None)
    ]
    column = pen.widest([a for a, _ in every], bold=True)
    beside = pen.widest([b for _, b in every])
    box = Box(at.left, at.top, at.width - column - beside - 1.4 * em, at.height)
    plane = Plane(
        box, limits(same["estimate"], same["conf_low"], same["conf_high"], pad=0.08, include=[0.0]), (0.0, 1.0)
    )
    x_axis(sheet, plane, ticks_that_fit(pen, *plane.xlim, box.width))
    nil = float(plane.x(0))
    row = at.height / len(story.lines)
    for i, (_group, term) in enumerate(story.lines):
        if term:
            sheet.rule(nil, box.top + i * row, nil, box.top + (i + 1) * row)
    wide = max(pen.wide(z) for z in zero)
    for k, text in enumerate(zero):
        middle = min(max(nil, at.left + wide / 2), at.right - wide / 2)
        y = box.bottom + 2.5 * em + k * pen.medium.leading
        sheet.text(middle, y, text, align="center", color=style.COMPARISON_INK)
    for i, (group, term) in enumerate(story.lines):
        if (group, term) not in values:
            continue
        y = at.top + (i + 0.5) * row
        own = group == story.headline
        color = style.TREATED if own else style.COMPARISON
        x = [float(plane.x(v)) for v in values[group, term]]
        estimate, rest = printed[group, term]
        sheet.text(at.right - beside - 0.4 * em, y, estimate, bold=own, align="right", middle=True)
        sheet.text(at.right - beside, y, rest, middle=True, color=style.COMPARISON_INK)
        if not math.isfinite(x[1]):
            continue
        sheet.line([x[0], x[2]], [y, y], color=color, width=line * (1.4 if own else 1.0))
        hollow = not (math.isfinite(x[0]) and math.isfinite(x[2]))
        shape, size = ("D", 4.4 * line) if own else ("o", 3.6 * line)
        fill = style.PAPER if hollow else color
        sheet.dots(x[1], y, color=fill, size=size, edge=color, edge_width=0.8 * line, shape=shape)


def _printed(pen: Pen, values: tuple[float, float, float], places: int, mark: str) -> tuple[str, str]:
    low, estimate, high = values
    told = math.isfinite(low) and math.isfinite(high)
    return number(estimate, places, pen.lang) + LETTERS.get(mark, ""), interval(
        low, high, places, pen.lang
    ) if told else ""


def _head(pen: Pen, panel: Panel) -> str:
    unit = pen.say(panel.unit)
    return f"{pen.say(panel.label)} ({unit})" if unit else pen.say(panel.label)
