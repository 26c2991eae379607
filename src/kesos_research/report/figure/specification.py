"""Every defensible specification: its estimate above, the choices that made it beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import MM_PER_PT, SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, Panel, alike, chosen, figure, frame, known, numbers
from kesos_research.report.figure._scale import Plane, limits, ticks, y_axis

ZERO = words(id="0: tidak ada perbedaan", en="0: no difference")
HEADLINE = words(id="utama", en="headline")
_CURVE_MM = 36.0
_ROW_MM = 3.8


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    choices: Mapping[str, Name]
    names: Mapping[str, Mapping[str, Name]]
    zero: Name
    headline: Name


def specification_curve(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    choices: Mapping[str, Name],
    names: Mapping[str, Mapping[Any, Name]],
    headline: Mapping[str, object],
    zero: Name = ZERO,
    on_slide: Sequence[str] | None = None,
) -> Figure:
    """Does the answer hang on one choice among many defensible ones?

    Parameters
    ----------
    protected
        One row a specification: `estimate`, `conf_low`, `conf_high`, a column for each choice, and `panel` where
        estimates are in several units (levels and logs), which must not share a scale.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        Side by side over one matrix of choices; panels of one unit share their scale. One `Panel` with any key where
        there is no column `panel`.
    choices
        The columns that hold choices and their headings, from top to bottom.
    names
        For each of those columns the name of each value, from top to bottom.
    headline
        The value of every choice in the specification announced beforehand. It is marked, and there must be just one.
    zero
        What zero means; written at its line.
    on_slide
        Keys of the panels on the slide; by default the first, `()` for no slide.

    Notes
    -----
    Specifications are ordered by their estimate; one without an interval has none drawn.
    """
    first = panels[0].key if panels else ""
    rows = frame(protected, ("estimate", "conf_low", "conf_high", *choices), optional={"panel": first})
    numbers(rows, ("estimate", "conf_low", "conf_high"))
    rows = rows[rows["panel"].isin([p.key for p in panels]) & rows["estimate"].notna()]
    if rows.empty:
        raise DataError(_("There are no estimates to draw."), expected=_("at least one specification"))
    for column in choices:
        known(rows, column, {str(k): v for k, v in names.get(column, {}).items()})
    strange = [c for c in headline if c not in rows]
    if strange or not headline:
        raise DataError(
            _("The headline is named by {columns}.", columns=", ".join(strange) or _("nothing")),
            expected=", ".join(choices),
        )
    is_headline = np.all([(rows[c].astype(str) == str(v)).to_numpy() for c, v in headline.items()], axis=0)
    if is_headline.sum() != 1:
        raise DataError(
            _("{n} specifications are the headline.", n=int(is_headline.sum())),
            expected=_("exactly one"),
            remedy=_("name in `headline` the value of every choice"),
        )
    rows = rows.assign(headline=is_headline).sort_values(
        ["panel", "estimate", *choices], key=lambda s: s if s.name == "estimate" else s.astype(str)
    )
    text_names = {c: {str(k): v for k, v in names[c].items()} for c in choices}
    story = _Story(rows.reset_index(drop=True), panels, choices, text_names, zero, HEADLINE)
    few = chosen(panels, on_slide)[: 1 if on_slide is None else None]
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width="page",
        page=_paint(story, panels, slide=False),
        slide=_paint(story, few, slide=True) if few else None,
    )


def _matrix(story: _Story, *, slide: bool) -> list[tuple[str, str | None]]:
    """(column, value) from top to bottom; a heading has no value. A choice nobody varied is no line."""
    lines: list[tuple[str, str | None]] = []
    column: str
    for column in story.choices:
        used = set(story.rows[column].astype(str))
        values = [v for v in story.names[column] if v in used]
        if len(values) > 1:
            lines += [] if slide else [(column, None)]
            lines += [(column, v) for v in values]
    return lines


def _paint(story: _Story, panels: Sequence[Panel], *, slide: bool) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em = pen.em
        lines = _matrix(story, slide=slide)
        texts = [_text(pen, story, c, v) for c, v in lines]
        left = max(pen.widest(texts) + 1.6 * em, pen.wide(pen.say(story.zero)))
        counts = [max(1, int((story.rows["panel"] == p.key).sum())) for p in panels]
        axis, gap = 3.2 * em, 1.0 * em
        free = pen.medium.width - left - len(panels) * axis - (len(panels) - 1) * gap
        heads = [
            pen.wrap(_head(pen, p), axis + free * n / sum(counts), bold=True)
            for p, n in zip(panels, counts, strict=True)
        ]
        head = max(len(h) for h in heads) * pen.medium.leading + 1.6 * em
        between = 1.0 * em
        if slide:
            row = min(1.1 * em, (SLIDE_HEIGHT - head) * 0.5 / max(len(lines), 1))
            curve = SLIDE_HEIGHT - head - between - row * len(lines) - 0.3 * em
            sheet = pen.sheet(SLIDE_HEIGHT)
        else:
            row, curve = _ROW_MM, _CURVE_MM
            sheet = pen.sheet(head + curve + between + row * len(lines) + 0.3 * em)
        top = head + curve + between
        for i, ((_column, value), text) in enumerate(zip(lines, texts, strict=True)):
            sheet.text(0 if value is None else em, top + (i + 0.5) * row, text, bold=value is None, middle=True)
        start = left
        for panel, texts_of, n in zip(panels, heads, counts, strict=True):
            for k, text in enumerate(texts_of):
                sheet.text(start, 0.85 * em + k * pen.medium.leading, text, bold=True)
            at = Box(start + axis, head, free * n / sum(counts), curve)
            first = Box(at.left, top, at.width, row)
            _panel(sheet, story, panel, lines, at=at, first=first, named=panel is panels[0])
            start = at.right + gap
        return sheet

    return paint


def _panel(
    sheet: Sheet,
    story: _Story,
    panel: Panel,
    lines: Sequence[tuple[str, str | None]],
    *,
    at: Box,
    first: Box,
    named: bool,
) -> None:
    pen, em = sheet.pen, sheet.pen.em
    rows = story.rows[story.rows["panel"] == panel.key].reset_index(drop=True)
    if rows.empty:
        return
    same = alike(story.rows, panel, story.panels)
    scale = limits(same["estimate"], same["conf_low"], same["conf_high"], include=[0.0])
    plane = Plane(at, (-0.7, len(rows) - 0.3), scale)
    step = at.width / len(rows)
    weight = min(pen.medium.line, 0.45 * step / MM_PER_PT)
    main = np.flatnonzero(rows["headline"].to_numpy(bool))
    bottom = first.top + len(lines) * first.height
    if len(main):
        x = float(plane.x(main[0]))
        sheet.rect(Box(x - step * 0.45, at.top, step * 0.9, bottom - at.top), fill=style.SPAN, front=0.4)
        text = pen.say(story.headline)
        wide = pen.wide(text, bold=True)
        middle = min(max(x, at.left + wide / 2), at.right - wide / 2)
        sheet.text(middle, at.top - 0.4 * em, text, bold=True, align="center", color=style.TREATED_INK)
    marks = ticks(*plane.ylim)
    y_axis(sheet, plane, marks)
    nil = float(plane.y(0))
    sheet.rule(at.left, nil, at.right, nil)
    if named:
        # in the empty corner over the choices' names, in line with the zero it explains
        end = at.left - pen.widest(marks.labels(pen)) - 1.2 * em
        sheet.text(end, nil, pen.say(story.zero), align="right", middle=True, color=style.COMPARISON_INK)
    empty: list[tuple[float, float]] = []
    for i, r in enumerate(rows.to_dict("records")):
        own = bool(r["headline"])
        color = style.TREATED if own else style.COMPARISON
        x = float(plane.x(i))
        y = [float(plane.y(v)) for v in (r["conf_low"], r["estimate"], r["conf_high"])]
        sheet.line([x, x], [y[0], y[2]], color=color, width=weight, alpha=1.0 if own else 0.6)
        size = min((4.0 if own else 2.8) * pen.medium.line, 0.9 * step / MM_PER_PT)
        sheet.dots(x, y[1], color=color if own else style.INK, size=size, shape="D" if own else "o")
        for k, (column, value) in enumerate(lines):
            if value is None:
                continue
            middle = first.top + (k + 0.5) * first.height
            if str(r[column]) == value:
                cell = Box(x - 0.3 * step, middle - 0.28 * em, 0.6 * step, 0.56 * em)
                sheet.rect(cell, fill=style.TREATED if own else style.RULE)
            else:
                empty.append((x, middle))
    if empty:
        sheet.dots(*zip(*empty, strict=True), color=style.COMPARISON, size=0.8 * pen.medium.line)


def _text(pen: Pen, story: _Story, column: str, value: str | None) -> str:
    return pen.say(story.choices[column] if value is None else story.names[column][value])


def _head(pen: Pen, panel: Panel) -> str:
    unit = pen.say(panel.unit)
    return f"{pen.say(panel.label)} ({unit})" if unit else pen.say(panel.label)
