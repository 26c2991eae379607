"""Effects before and after a programme begins, each with its own interval and the band that holds them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Box, Paint, Sheet
from kesos_research.report.figure._input import (
    Name,
    Panel,
    Source,
    alike,
    chosen,
    figure,
    first,
    gather,
    known,
    level_of,
    numbers,
    shown,
    unique,
    whole,
)
from kesos_research.report.figure._plot import LOOKS, Cell, Entry, Grid, Look, at_level, heading, mark, plots, upright
from kesos_research.report.figure._scale import Plane, limits, whole_axis
from kesos_research.report.figure.forest import ZERO

BEGINS = words(id="program dimulai", en="programme begins")
SINCE = words(id="tahun sejak program dimulai", en="years since the programme began")
_POINTWISE = words(id="selang {level}untuk tiap waktu", en="{level}interval for each time")
_BAND = words(id="pita {level}untuk semua waktu sekaligus", en="{level}band for all times at once")
_REFERENCE = words(id="acuan, nol menurut definisi", en="reference, zero by definition")
_TINT = 0.3
_STEP = 0.24
"""How far groups stand apart, in steps of event time."""


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    groups: Mapping[str, tuple[Name, Look]]
    reference: int | None
    begins: Name
    foot: Name
    key: Sequence[Entry]
    steps: tuple[int, ...]


def event_study(
    source: Source,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    names: Mapping[str, Name] | None = None,
    reference: int | None = -1,
    begins: Name = BEGINS,
    foot: Name = SINCE,
    level: float | None = None,
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """When did treated units begin to differ, and did they before?

    Parameters
    ----------
    source
        Estimates with the evidence ``"event_time"``, or rows with its columns: `event_time` (whole numbers, 0 is the
        first period with the programme), `estimate`, `conf_low`, `conf_high`, and where there is a simultaneous band
        `band_low`, `band_high`. Several, by keys: with `names` the keys are groups that stand side by side in each
        plot (estimators, cohorts; at most four), without `names` they are panels.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is measured, and its unit; panels of one unit share their scale. One `Panel` with any key where there is
        no column `panel`.
    names
        Names of groups, which rows know by the column `group` where `source` is not several.
    reference
        The period that others are compared with: a hollow mark at zero, whether it has a row or not. None where
        there is none, as when each period is compared with the one before it.
    begins
        What the line between before and after is called; before it is tinted.
    foot
        What lies across.
    level
        Of the intervals, where the rows do not bring it along from their estimates; written beside their mark.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.
    """
    dodged = names is not None
    given, rows = gather(
        source,
        "event_time",
        ("event_time", "estimate", "conf_low", "conf_high"),
        optional={"band_low": np.nan, "band_high": np.nan, ("panel" if dodged else "group"): first(panels) * dodged},
        key="group" if dodged else "panel",
        default="" if dodged else first(panels),
    )
    numbers(rows, ("conf_low", "conf_high", "band_low", "band_high"))
    whole(rows, "event_time")
    rows = shown(rows.dropna(subset="event_time"), panels, ("estimate",))
    unique(rows, ("panel", "group", "event_time"))
    known(rows, "group", names if names is not None else dict.fromkeys(rows["group"], ""))
    groups = [g for g in (names or dict.fromkeys(rows["group"], "")) if g in set(rows["group"])]
    if len(groups) > len(LOOKS):
        raise DataError(
            _("{n} groups are to be drawn in one plot.", n=len(groups)), expected=_("one to {n}", n=len(LOOKS))
        )
    _no_interval_at(rows, reference)
    looks = {g: ((names or {}).get(g, ""), look) for g, look in zip(groups, LOOKS, strict=False)}
    every = {*(int(t) for t in rows["event_time"]), *(() if reference is None else (reference,)), 0}
    steps = tuple(range(min(every), max(every) + 1))
    key = _entries(rows, looks, level_of(given, level), reference)
    story = _Story(rows, panels, looks, reference, begins, foot, key, steps)
    few = chosen(panels, on_slide)
    return figure(
        given, rows, id=id, alt=alt, width=width, page=_paint(story, panels), slide=_paint(story, few) if few else None
    )


def _no_interval_at(rows: pd.DataFrame, reference: int | None) -> None:
    """A period with an interval was estimated: others are not compared with it."""
    own = rows[rows["event_time"] == reference]
    if (own["conf_high"] > own["conf_low"]).any() or (own["estimate"].fillna(0.0) != 0).any():
        raise DataError(
            _("Event time {time} is no reference: it has an estimate of its own.", time=number(reference or 0, 0)),
            expected=_("zero without an interval there"),
            remedy=_("give `reference` the period of comparison, or None where there is none"),
        )


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    cells = [_cell(story, panel) for panel in panels]

    def across(sheet: Sheet, plane: Plane) -> None:
        whole_axis(sheet, plane, story.steps)

    return plots(Grid(cells, across, foot=story.foot, key=story.key, over=1))


def _cell(story: _Story, panel: Panel) -> Cell:
    same = alike(story.rows, panel, story.panels)
    ylim = limits(same[["estimate", "conf_low", "conf_high", "band_low", "band_high"]], include=(0.0,))

    def paint(sheet: Sheet, plane: Plane) -> None:
        pen, box = sheet.pen, plane.box
        start, nil = float(plane.x(-0.5)), float(plane.y(0.0))
        if start > box.left:
            sheet.rect(Box(box.left, box.top, start - box.left, box.height), fill=style.SPAN, front=0.4)
        sheet.rule(box.left, nil, box.right, nil)
        upright(sheet, plane, -0.5, pen.say(story.begins))
        own = story.rows[story.rows["panel"] == panel.key]
        for n, (group, (_name, look)) in enumerate(story.groups.items()):
            shift = (n - (len(story.groups) - 1) / 2) * _STEP
            _effects(sheet, plane, own[own["group"] == group], look, shift, reference=story.reference)
        if story.reference is not None:
            mark(sheet, float(plane.x(story.reference)), nil, color=style.INK, hollow=True)

    return Cell(heading(panel), (story.steps[0] - 0.6, story.steps[-1] + 0.6), ylim, paint)


def _effects(
    sheet: Sheet, plane: Plane, rows: pd.DataFrame, look: Look, shift: float, *, reference: int | None
) -> None:
    line = sheet.pen.medium.line
    unit = float(plane.x(1) - plane.x(0))
    half = min(0.5 * _STEP * unit * 0.85, 0.45 * sheet.pen.em)
    columns = ["event_time", "estimate", "conf_low", "conf_high", "band_low", "band_high"]
    for time, estimate, low, high, band_low, band_high in rows[columns].to_numpy(float):
        if time == reference or not np.isfinite(estimate):
            continue
        x = float(plane.x(time + shift))
        if np.isfinite(band_low) and np.isfinite(band_high):
            top, bottom = float(plane.y(band_high)), float(plane.y(band_low))
            band = Box(x - half, top, 2 * half, bottom - top)
            sheet.rect(band, fill=look.color, alpha=_TINT, front=1.6)
        if np.isfinite(low) and np.isfinite(high):
            sheet.line([x, x], [float(plane.y(low)), float(plane.y(high))], color=look.color, width=line)
        mark(sheet, x, float(plane.y(estimate)), color=look.color, shape=look.shape, size=2.8)


def _entries(
    rows: pd.DataFrame, looks: Mapping[str, tuple[Name, Look]], level: float | None, reference: int | None
) -> list[Entry]:
    """The groups, then what the interval, the band and the hollow mark are."""
    several = len(looks) > 1
    found = [Entry(name, look.color, look.shape, ink=look.ink) for name, look in looks.values() if several]
    color = style.INK if several else style.TREATED
    if rows["conf_low"].notna().any():
        found.append(Entry(at_level(_POINTWISE, level), color, "-"))
    if rows["band_low"].notna().any():
        found.append(Entry(at_level(_BAND, level), color, "#", alpha=_TINT))
    if reference is not None:
        found.append(Entry(_REFERENCE, style.INK, hollow=True))
    return [*found, Entry(ZERO, style.RULE, "-", width=0.5)]
