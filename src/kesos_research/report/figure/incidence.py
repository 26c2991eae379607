"""Bars over ordered groups of a population, from the poorest to the richest, each with its interval and its number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, Panel, alike, chosen, figure, frame, numbers, unique
from kesos_research.report.figure._scale import Plane, Ticks, limits, ticks, y_axis
from kesos_research.report.marks import LETTERS

EVEN = words(id="rata-rata", en="mean")
_HEIGHT_MM = 46.0
_DASH = (3.0, 2.0)
_BAR = 0.66
"""Width of a bar as a share of its place."""


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    steps: tuple[int, ...]
    foot: Name
    meant: int
    even: Name | None
    decimals: int


def incidence(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    foot: Name,
    meant: int = 0,
    even: Name | None = EVEN,
    decimals: int = 0,
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """Which tenths of a population does something reach, and how sure is that of each?

    Parameters
    ----------
    protected
        Rows with the columns `quantile` (whole numbers, the poorest first), `estimate`, `conf_low`, `conf_high`, and
        `panel` where there are several panels. A row that is withheld is a dash without a bar.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        Side by side; panels of one unit share their scale. One `Panel` with any key where there is no column `panel`.
    foot
        What the groups are; written beneath each panel.
    meant
        Up to this group the bars have the colour of those a programme is for; the others are grey.
    even
        What the dashed line at the mean of a panel's groups is called; None for no line. Where groups are of one size,
        as tenths are, it is what each would have if nobody were preferred. A panel that withholds a group has none.
    decimals
        Places of the numbers above the bars.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.
    """
    needed = ("quantile", "estimate", "conf_low", "conf_high")
    rows = frame(protected, needed, optional={"panel": panels[0].key if panels else ""})
    numbers(rows, needed)
    rows = rows[rows["panel"].isin([p.key for p in panels])]
    rows = rows.assign(mark=rows["mark"] if protected.marked else "")
    if not rows["estimate"].notna().any():
        raise DataError(_("There are no estimates to draw."), expected=", ".join(p.key for p in panels))
    unique(rows, ("panel", "quantile"))
    steps = tuple(sorted({int(q) for q in rows["quantile"]}))
    story = _Story(rows, panels, steps, foot, meant, even, decimals)
    few = chosen(panels, on_slide)
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width=width,
        page=_paint(story, panels),
        slide=_paint(story, few) if few else None,
    )


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        gap = 1.5 * em
        lefts = [_left(pen, story, panels, i) for i in range(len(panels))]
        wide = (pen.medium.width - sum(lefts) - gap * (len(panels) - 1)) / len(panels)
        heads = [
            pen.wrap(_head(pen, p), wide + left - 0.5 * em, bold=True) for p, left in zip(panels, lefts, strict=True)
        ]
        lines = max(len(h) for h in heads) + (story.even is not None)
        foot = pen.wrap(pen.say(story.foot), wide)
        above, below = lines * leading + 1.6 * em, 1.5 * em + len(foot) * leading
        sheet = pen.sheet(SLIDE_HEIGHT if pen.medium.slide else above + _HEIGHT_MM * 0.75 + below)
        x = 0.0
        for panel, left, head in zip(panels, lefts, heads, strict=True):
            for k, text in enumerate(head):
                sheet.text(x, 0.85 * em + k * leading, text, bold=True)
            box = Box(x + left, above, wide, sheet.height - above - below)
            _key(sheet, story, panel, x, 0.85 * em + len(head) * leading)
            _bars(sheet, story, panel, box, labels=left > 0)
            for k, text in enumerate(foot):
                sheet.text(
                    box.left + box.width / 2,
                    box.bottom + 2.5 * em + k * leading,
                    text,
                    align="center",
                    color=style.COMPARISON_INK,
                )
            x += left + wide + gap
        return sheet

    return paint


def _left(pen: Pen, story: _Story, panels: Sequence[Panel], nth: int) -> float:
    """Room for the numbers of the axis; none where the panel before it has the same."""
    if nth and panels[nth].unit == panels[nth - 1].unit:
        return 0.0
    return pen.widest(_scale(story, panels[nth])[1].labels(pen)) + 0.6 * pen.em


def _scale(story: _Story, panel: Panel) -> tuple[tuple[float, float], Ticks]:
    """From nought, unless an estimate lies below it."""
    same = alike(story.rows, panel, story.panels)
    low, high = limits(same[["estimate", "conf_low", "conf_high"]], include=[0.0])
    least = low if float(same["estimate"].min()) < 0 else 0.0
    return (least, high), ticks(least, high)


def _head(pen: Pen, panel: Panel) -> str:
    unit = pen.say(panel.unit)
    return f"{pen.say(panel.label)} ({unit})" if unit else pen.say(panel.label)


def _mean(story: _Story, panel: Panel) -> float:
    """The mean of the panel's groups; NaN where one is withheld."""
    own = story.rows.loc[story.rows["panel"] == panel.key, "estimate"]
    return float(own.mean(skipna=False))


def _key(sheet: Sheet, story: _Story, panel: Panel, x: float, y: float) -> None:
    mean = _mean(story, panel)
    if story.even is None or not math.isfinite(mean):
        return
    pen = sheet.pen
    at = y - 0.32 * pen.em
    sheet.line([x, x + 2 * pen.em], [at, at], color=style.INK, width=0.7 * pen.medium.line, dash=_DASH)
    said = f"{pen.say(story.even)} {number(mean, max(story.decimals, 1), pen.lang)}"
    sheet.text(x + 2.5 * pen.em, y, said, color=style.COMPARISON_INK)


def _bars(sheet: Sheet, story: _Story, panel: Panel, box: Box, *, labels: bool) -> None:
    pen, em, line = sheet.pen, sheet.pen.em, sheet.pen.medium.line
    ylim, marks = _scale(story, panel)
    plane = Plane(box, (-0.5, len(story.steps) - 0.5), ylim)
    y_axis(sheet, plane, marks, labels=labels)
    own = story.rows.loc[story.rows["panel"] == panel.key, ["quantile", "estimate", "conf_low", "conf_high", "mark"]]
    at_step = {int(step): (e, low, high, mark) for step, e, low, high, mark in own.itertuples(index=False, name=None)}
    nil, half = float(plane.y(0.0)), _BAR * box.width / len(story.steps) / 2
    mean = _mean(story, panel)
    if story.even is not None and math.isfinite(mean):
        at = float(plane.y(mean))
        sheet.line([box.left, box.right], [at, at], color=style.INK, width=0.7 * line, dash=_DASH, front=2.5)
    for i, step in enumerate(story.steps):
        x = float(plane.x(i))
        sheet.text(x, box.bottom + 1.2 * em, str(step), align="center")
        if step not in at_step:
            continue
        estimate, low, high, mark = at_step[step]
        ink = style.TREATED_INK if step <= story.meant else style.COMPARISON_INK
        top = nil
        if math.isfinite(estimate):
            top = min(nil, float(plane.y(estimate)))
            bar = Box(x - half, top, 2 * half, max(nil, float(plane.y(estimate))) - top)
            color = style.TREATED if step <= story.meant else style.COMPARISON
            # on paper of its own, so that the grid does not shine through
            sheet.rect(bar, fill=style.PAPER, front=1.5)
            sheet.rect(bar, fill=color, alpha=0.45, front=1.6)
        if math.isfinite(low) and math.isfinite(high):
            ends = [float(plane.y(low)), float(plane.y(high))]
            sheet.line([x, x], ends, color=ink, width=line, clip=box, front=3)
            top = min(top, ends[1])
        _written(sheet, x, top - 0.4 * em, number(estimate, story.decimals, pen.lang), mark)
    # over the feet of the bars, which would cover half of it
    sheet.line([box.left, box.right], [nil, nil], color=style.RULE, width=pen.medium.axis, front=2.6)


def _written(sheet: Sheet, x: float, y: float, text: str, mark: str) -> None:
    """A number above its bar, on paper of its own, so that no line runs through it."""
    pen = sheet.pen
    said = text + LETTERS.get(mark, "")
    wide = pen.wide(said)
    sheet.rect(Box(x - wide / 2, y - 0.7 * pen.em, wide, 0.8 * pen.em), fill=style.PAPER, front=2.8)
    sheet.text(x, y, said, align="center")
