"""A series before and after a date, beside what it would have been had it gone on as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.language import Words, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Paint, Sheet
from kesos_research.report.figure._input import (
    Name,
    Panel,
    Source,
    alike,
    chosen,
    figure,
    first,
    gather,
    level_of,
    numbers,
    shown,
    unique,
)
from kesos_research.report.figure._plot import (
    Cell,
    End,
    Entry,
    Grid,
    Look,
    at_level,
    beside,
    heading,
    mark,
    name_ends,
    plots,
    room_for,
    upright,
)
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis, year_axis
from kesos_research.report.figure.event import BEGINS

OBSERVED = words(id="diamati", en="observed")
NAMES = {
    "fitted": words(id="taksiran", en="fitted"),
    "counterfactual": words(id="seandainya berlanjut seperti sebelumnya", en="had it gone on as before"),
}
_INTERVAL = words(id="selang {level}kelanjutan itu", en="{level}interval of going on as before")
_LOOKS = {
    "fitted": Look(style.TREATED, style.TREATED_INK),
    "counterfactual": Look(style.SYNTHETIC, style.SYNTHETIC_INK, dash=(5, 1.5)),
}


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    since: float
    begins: Name
    foot: Name
    key: Sequence[Entry]


def interrupted(
    source: Source,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    since: float,
    begins: Name = BEGINS,
    foot: Name = "",
    level: float | None = None,
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """Did the series leave the way it was going when the programme began?

    Parameters
    ----------
    source
        Estimates of `interrupted_series` (their evidence ``"path"``), or rows with its columns: `period` (years, or
        any numbers), `observed`, `fitted`, `counterfactual`, `low`, `high` (the interval of the counterfactual, missing
        before `since`). Several, by the keys of `panels`, stand side by side.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is measured, and its unit; panels of one unit share their scale. One `Panel` with any key where there is
        one.
    since
        The first period with the programme; the line stands half a period before it.
    begins
        What that line is called.
    foot
        What the periods are, where they are not years.
    level
        Of the intervals, where the rows do not bring it along from their estimates; written beside their mark.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.
    """
    columns = ("observed", "fitted", "counterfactual", "low", "high")
    given, rows = gather(source, "path", ("period", *columns), default=first(panels))
    numbers(rows, columns)
    rows = shown(rows, panels, ("period", "observed"))
    unique(rows, ("panel", "period"))
    rows = rows.sort_values(["panel", "period"], ignore_index=True)
    key = [Entry(OBSERVED, style.INK)]
    if rows["low"].notna().any():
        key.append(Entry(at_level(_INTERVAL, level_of(given, level)), style.SYNTHETIC, "#"))
    story = _Story(rows, panels, since, begins, foot, key)
    few = chosen(panels, on_slide)
    return figure(
        given, rows, id=id, alt=alt, width=width, page=_paint(story, panels), slide=_paint(story, few) if few else None
    )


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    period = story.rows["period"].to_numpy(float)
    low, high = float(period.min()), float(period.max())
    years = bool((period == np.round(period)).all() and low > 1800 and high < 2200)

    def across(sheet: Sheet, plane: Plane) -> None:
        if years:
            year_axis(sheet, plane, range(int(low), int(high) + 1))
        else:
            x_axis(sheet, plane, ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))

    cells = [_cell(story, panel, (low - 0.02 * (high - low), high + 0.02 * (high - low))) for panel in panels]
    return plots(Grid(cells, across, foot=story.foot, key=story.key, over=1, right=room_for(NAMES), columns=2))


def _cell(story: _Story, panel: Panel, xlim: tuple[float, float]) -> Cell:
    same = alike(story.rows, panel, story.panels)
    ylim = limits(same[["observed", "fitted", "counterfactual", "low", "high"]])
    own = story.rows[story.rows["panel"] == panel.key]
    step = float(np.min(np.diff(own["period"]))) if len(own) > 1 else 1.0
    after = own["period"] >= story.since

    def paint(sheet: Sheet, plane: Plane) -> None:
        line, x = sheet.pen.medium.line, plane.x(own["period"])
        sheet.area(
            x, plane.y(own["low"]), plane.y(own["high"]), color=style.SYNTHETIC, alpha=style.FAINT, clip=plane.box
        )
        mark(sheet, x, plane.y(own["observed"]), color=style.INK, size=1.8 if len(own) < 60 else 1.0)
        ends = []
        for column, look in _LOOKS.items():
            value = own[column] if column == "fitted" else own[column].where(after)
            y = plane.y(value)
            for part in (~after, after):
                # nothing joins what went before and what came after
                some = np.where(part, y, np.nan)
                sheet.line(x, some, color=look.color, width=1.4 * line, dash=look.dash, front=3)
            seen = np.flatnonzero(np.isfinite(y))
            if seen.size:
                last = int(seen[-1])
                ends.append(End(float(x[last]), float(y[last]), beside(sheet.pen, NAMES[column]), look))
        name_ends(sheet, plane, ends)
        upright(sheet, plane, story.since - step / 2, sheet.pen.say(story.begins), room=room_for(NAMES)(sheet.pen))

    return Cell(heading(panel), xlim, ylim, paint)
