"""How far trends may have parted before the conclusion changes: robust intervals against the bound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected
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
    Entry,
    Grid,
    at_level,
    decimals,
    fill,
    heading,
    mark,
    plots,
    upright,
)
from kesos_research.report.figure._scale import Plane, Ticks, limits, ticks_that_fit, x_axis

Restriction = Literal["relative_magnitudes", "smoothness"]
BOUNDS: Mapping[str, Words] = {
    "relative_magnitudes": words(
        id="M: penyimpangan dari tren sejajar, dibagi yang terbesar sebelum program",
        en="M: departure from parallel trends over the largest before the programme",
    ),
    "smoothness": words(
        id="M: perubahan kemiringan selisih tren dari satu periode ke berikutnya",
        en="M: change of the slope of the trends’ difference from one period to the next",
    ),
}
_APART = words(id="selang {level}di luar 0", en="{level}interval excludes 0")
_WITHIN = words(id="selang {level}memuat 0", en="{level}interval holds 0")
_UP_TO = words(id="di luar 0 sampai M = {m}", en="excludes 0 up to M = {m}")
_NEVER = words(id="memuat 0 pada setiap M", en="holds 0 at every M")
_ALWAYS = words(id="di luar 0 pada setiap M yang dihitung", en="excludes 0 at every M looked at")


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    breaks: Mapping[str, float]
    foot: Name
    key: Sequence[Entry]


def sensitivity(
    source: Source,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    restriction: Restriction = "relative_magnitudes",
    foot: Name | None = None,
    level: float | None = None,
    on_slide: Sequence[str] | None = None,
    width: Width = "column",
) -> Figure:
    """How far may trends have parted before zero can no longer be excluded?

    Parameters
    ----------
    source
        Estimates of `honest_did` (their evidence ``"robust"`` and ``"breakdown"``), or rows with the columns `bound`,
        `conf_low`, `conf_high`, and `estimate` where it is to be drawn. An end that is missing is open: the interval
        runs to the edge. Several, by the keys of `panels`, stand side by side.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is measured, and its unit; panels of one unit share their scale. One `Panel` with any key where there is
        one.
    restriction
        What the bound means, as `honest_did` was asked; written beneath.
    foot
        Something else to write beneath.
    level
        Of the intervals, where the rows do not bring it along from their estimates; written beside their mark.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of one column or of the page.

    Notes
    -----
    The breakdown value, the largest bound up to which every interval excludes zero, is marked and written over the
    plot: as `honest_did` found it, or else the last such bound of the rows.
    """
    given, rows = gather(
        source, "robust", ("bound", "conf_low", "conf_high"), optional={"estimate": np.nan}, default=first(panels)
    )
    numbers(rows, ("conf_low", "conf_high", "estimate"))
    rows = shown(rows.dropna(subset="bound"), panels, ("bound",))
    unique(rows, ("panel", "bound"))
    rows = rows.sort_values(["panel", "bound"], kind="stable", ignore_index=True)
    found = _found(source, first(panels))
    breaks = {p.key: found.get(p.key, _last(rows[rows["panel"] == p.key])) for p in panels}
    story = _Story(rows, panels, breaks, foot or BOUNDS[restriction], _entries(rows, level_of(given, level)))
    few = chosen(panels, on_slide)
    return figure(
        given, rows, id=id, alt=alt, width=width, page=_paint(story, panels), slide=_paint(story, few) if few else None
    )


def _found(source: Source, default: str) -> dict[str, float]:
    """The breakdown values that come with the estimates."""
    parts = source if isinstance(source, Mapping) else {default: source}
    told = {k: p.behind("breakdown").table for k, p in parts.items() if _tells(p)}
    return {k: float(table["bound"].iloc[0]) for k, table in told.items() if table["bound"].notna().any()}


def _tells(given: Protected) -> bool:
    return "breakdown" in given.evidence and len(given.evidence["breakdown"]) == 1


def _excludes(rows: pd.DataFrame) -> pd.Series:
    return (rows["conf_low"] > 0) | (rows["conf_high"] < 0)


def _last(rows: pd.DataFrame) -> float:
    """The largest bound up to which all intervals exclude zero; NaN where the first does not."""
    held = _excludes(rows).cummin()
    return float(rows.loc[held.astype(bool), "bound"].max()) if held.any() else math.nan


def _entries(rows: pd.DataFrame, level: float | None) -> list[Entry]:
    apart = _excludes(rows)
    found = [Entry(at_level(_APART, level), style.TREATED, "-", width=1.4)] if apart.any() else []
    return found + ([Entry(at_level(_WITHIN, level), style.COMPARISON, "-")] if not apart.all() else [])


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    bounds = sorted(set(story.rows["bound"]))
    places = max(decimals(b) for b in bounds)

    def across(sheet: Sheet, plane: Plane) -> None:
        marks = Ticks(tuple(bounds), places)
        room = len(bounds) * (sheet.pen.widest(marks.labels(sheet.pen)) + 0.6 * sheet.pen.em)
        fits = room <= plane.box.width
        x_axis(sheet, plane, marks if fits else ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))

    return plots(Grid([_cell(story, p, bounds) for p in panels], across, foot=story.foot, key=story.key, over=1))


def _cell(story: _Story, panel: Panel, bounds: Sequence[float]) -> Cell:
    own = story.rows[story.rows["panel"] == panel.key]
    same = alike(story.rows, panel, story.panels)
    ylim = limits(same[["conf_low", "conf_high", "estimate"]], include=(0.0,))
    step = min(np.diff(bounds), default=1.0)
    xlim = (bounds[0] - 0.5 * step, bounds[-1] + 0.5 * step)

    def paint(sheet: Sheet, plane: Plane) -> None:
        pen, box = sheet.pen, plane.box
        nil = float(plane.y(0.0))
        sheet.rule(box.left, nil, box.right, nil)
        for apart, row in zip(_excludes(own), own.to_dict("records"), strict=True):
            _interval(sheet, plane, row["bound"], (row["conf_low"], row["conf_high"]), apart=apart)
            if math.isfinite(row["estimate"]):
                color = style.TREATED if apart else style.COMPARISON
                mark(sheet, float(plane.x(row["bound"])), float(plane.y(row["estimate"])), color=color, size=2.8)
        at = story.breaks[panel.key]
        if not math.isfinite(at):
            sheet.text(box.left, box.top - 0.3 * pen.em, pen.say(_NEVER), color=style.COMPARISON_INK)
        elif at >= bounds[-1]:
            sheet.text(box.left, box.top - 0.3 * pen.em, pen.say(_ALWAYS), color=style.COMPARISON_INK)
        else:
            # not rounded upward: there the interval holds zero
            upright(sheet, plane, at, pen.say(fill(_UP_TO, m=(math.floor(100 * at + 1e-6) / 100, 2))))

    return Cell(heading(panel), xlim, ylim, paint)


def _interval(sheet: Sheet, plane: Plane, bound: float, ends: tuple[float, float], *, apart: bool) -> None:
    """An upright stroke with a foot at each end that is known."""
    x, line, half = float(plane.x(bound)), sheet.pen.medium.line, 0.35 * sheet.pen.em
    color, width = (style.TREATED, 1.4 * line) if apart else (style.COMPARISON, line)
    edges = (plane.box.bottom, plane.box.top)
    y = [float(plane.y(v)) if math.isfinite(v) else edge for v, edge in zip(ends, edges, strict=True)]
    sheet.line([x, x], y, color=color, width=width)
    for at, value in zip(y, ends, strict=True):
        if math.isfinite(value):
            sheet.line([x - half, x + half], [at, at], color=color, width=width)
