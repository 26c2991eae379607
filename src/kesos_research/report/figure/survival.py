"""How many are still without the event, and how long: steps with their intervals, and who is still at risk beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Paint, Pen, Sheet
from kesos_research.report.figure._input import (
    Name,
    Panel,
    Source,
    chosen,
    figure,
    first,
    gather,
    known,
    level_of,
    numbers,
    shown,
    unique,
)
from kesos_research.report.figure._plot import (
    LOOKS,
    Cell,
    End,
    Entry,
    Grid,
    Look,
    at_level,
    beside,
    decimals,
    heading,
    name_ends,
    plots,
    room_for,
    stairs,
)
from kesos_research.report.figure._scale import Plane, Ticks, limits, ticks_that_fit, x_axis

Show = Literal["survival", "incidence"]
AT_RISK = words(id="masih diamati", en="still at risk")
_INTERVAL = words(id="selang {level}", en="{level}interval")
_CENSORED = words(id="tidak diamati lebih lama", en="not observed any longer")


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    groups: Mapping[str, tuple[Name, Look]]
    show: Show
    foot: Name
    at: tuple[float, ...] | None
    key: Sequence[Entry]
    last: float
    top: float


def survival(
    source: Source,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    foot: Name,
    names: Mapping[str, Name] | None = None,
    show: Show = "survival",
    at: Sequence[float] | None = None,
    level: float | None = None,
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """How long does it last, and for whom longer?

    Parameters
    ----------
    source
        Estimates with the evidence ``"curve"``, or rows with its columns: `time`, `survival`, `conf_low`, `conf_high`
        (shares from 0 to 1), `at_risk` (just before that time), `events`, and `group` where there are several. Each
        row's share holds from its time until the next. Several, by the keys of `panels`, stand side by side.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is shared out, and its unit: shares are drawn in percent. One `Panel` with any key where there is one.
    foot
        What lies across, with its unit: months since graduation.
    names
        Of the groups (at most four), in the order drawn; none where there is one group.
    show
        ``"survival"``: the share still without the event, from 100 percent downward. ``"incidence"``: the share that
        has had it, one minus that, from nought upward.
    at
        Times at which the axis has numbers and those at risk are counted; by default round ones.
    level
        Of the intervals, where the rows do not bring it along from their estimates; written beside their mark.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.

    Notes
    -----
    A short stroke on a curve stands where somebody was last observed without the event: where more leave those at
    risk, until the next row, than had the event. Those at risk at a time are the `at_risk` of the first row not before
    it.
    """
    given, rows = gather(
        source,
        "curve",
        ("time", "survival", "conf_low", "conf_high", "at_risk", "events"),
        optional={"group": ""},
        default=first(panels),
    )
    numbers(rows, ("conf_low", "conf_high", "at_risk", "events"))
    rows = shown(rows, panels, ("time", "survival"))
    unique(rows, ("panel", "group", "time"))
    if (rows[["survival", "conf_low", "conf_high"]] > 1 + 1e-9).any(axis=None) or (rows["survival"] < -1e-9).any():
        raise DataError(_("A share without the event lies outside 0 and 1."), expected=_("shares, not percent"))
    several = names or dict.fromkeys(rows["group"], "")
    known(rows, "group", several)
    groups = [g for g in several if g in set(rows["group"])]
    if len(groups) > len(LOOKS):
        raise DataError(
            _("{n} groups are to be drawn in one plot.", n=len(groups)), expected=_("one to {n}", n=len(LOOKS))
        )
    looks = {g: (several[g], look) for g, look in zip(groups, LOOKS, strict=False)}
    rows = rows.sort_values(["panel", "group", "time"], kind="stable", ignore_index=True)
    highest = 1 - rows["conf_low"].fillna(rows["survival"]).min() if show == "incidence" else 1.0
    top = 100.0 if highest > 0.7 else limits([100 * highest], include=(0.0,))[1]
    key, last = _entries(rows, level_of(given, level)), float(rows["time"].max())
    story = _Story(rows, looks, show, foot, tuple(at) if at is not None else None, key, last, top)
    few = chosen(panels, on_slide)
    return figure(
        given, rows, id=id, alt=alt, width=width, page=_paint(story, panels), slide=_paint(story, few) if few else None
    )


def _entries(rows: pd.DataFrame, level: float | None) -> list[Entry]:
    found = []
    if rows["conf_low"].notna().any():
        found.append(Entry(at_level(_INTERVAL, level), style.INK, "#"))
    if any(_leaving(own).any() for _keys, own in rows.groupby(["panel", "group"])):
        found.append(Entry(_CENSORED, style.INK, "|"))
    return found


def _leaving(own: pd.DataFrame) -> np.ndarray:
    """How many leave those at risk from each row's time until the next without the event."""
    after = np.append(own["at_risk"].to_numpy(float)[1:], np.nan)
    left = own["at_risk"].to_numpy(float) - own["events"].to_numpy(float) - after
    # those who are left at the end are counted where the curve ends
    left[-1:] = own["at_risk"].to_numpy(float)[-1:] - own["events"].to_numpy(float)[-1:]
    return np.nan_to_num(left) > 0.5


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    named = {g: name for g, (name, _look) in story.groups.items() if name}
    counted = story.rows["at_risk"].notna().any()

    def across(sheet: Sheet, plane: Plane) -> None:
        x_axis(sheet, plane, _times(sheet.pen, story, plane))

    def left(pen: Pen) -> float:
        """Room for a stroke of the line and half a number."""
        return 1.6 * pen.em + pen.wide(number(story.rows["at_risk"].max(), 0, pen.lang)) / 2

    cells = [_cell(story, panel, counted=bool(counted)) for panel in panels]
    return plots(
        Grid(
            cells,
            across,
            foot=story.foot,
            key=story.key,
            left=left if counted else None,
            under=1 + len(story.groups) if counted else 0,
            right=room_for(named) if named else None,
            columns=2,
        )
    )


def _times(pen: Pen, story: _Story, plane: Plane) -> Ticks:
    if story.at is None:
        return ticks_that_fit(pen, *plane.xlim, plane.box.width)
    seen = tuple(v for v in story.at if v <= plane.xlim[1])
    return Ticks(seen, max((decimals(v) for v in seen), default=0))


def _cell(story: _Story, panel: Panel, *, counted: bool) -> Cell:
    own = story.rows[story.rows["panel"] == panel.key]

    def paint(sheet: Sheet, plane: Plane) -> None:
        ends = []
        for group, (name, look) in story.groups.items():
            each = own[own["group"] == group]
            if each["survival"].notna().any():
                x, y = _curve(sheet, plane, each, look, story.show)
                ends.append(End(x, y, beside(sheet.pen, name), look))
        if any(name for name, _look in story.groups.values()):
            name_ends(sheet, plane, ends)

    def beneath(sheet: Sheet, plane: Plane, top: float) -> None:
        pen, box = sheet.pen, plane.box
        sheet.text(box.left, top + 0.85 * pen.em, pen.say(AT_RISK), color=style.COMPARISON_INK)
        marks = _times(pen, story, plane)
        for n, (group, (_name, look)) in enumerate(story.groups.items()):
            y = top + 0.85 * pen.em + (n + 1) * pen.medium.leading
            start = box.left - pen.wide(number(story.rows["at_risk"].max(), 0, pen.lang)) / 2 - 1.6 * pen.em
            stroke = [start, start + 1.2 * pen.em]
            sheet.line(stroke, [y - 0.3 * pen.em] * 2, color=look.color, width=pen.medium.line, dash=look.dash)
            for time, n_at_risk in zip(marks.at, _at_risk(own[own["group"] == group], marks.at), strict=True):
                text = number(n_at_risk, 0, pen.lang)
                sheet.text(float(plane.x(time)), y, text, align="center", color=look.ink)

    return Cell(heading(panel), (0.0, 1.01 * story.last), (0.0, story.top), paint, beneath if counted else None)


def _curve(sheet: Sheet, plane: Plane, own: pd.DataFrame, look: Look, show: Show) -> tuple[float, float]:
    """One group's steps from the beginning on; where they end."""
    line = sheet.pen.medium.line
    values = own[["time", "survival", "conf_low", "conf_high"]].to_numpy(float)
    if values[0, 0] > 0:
        values = np.vstack([[0.0, 1.0, 1.0, 1.0], values])
    shares = 100 * (values[:, 1:] if show == "survival" else 1 - values[:, 1:])
    time = values[:, 0]
    x, y = stairs(plane.x(time), plane.y(shares[:, 0]))
    _x, low = stairs(time, plane.y(shares[:, 1]))
    _x, high = stairs(time, plane.y(shares[:, 2]))
    sheet.area(x, low, high, color=look.color, alpha=style.FAINT, clip=plane.box)
    sheet.line(x, y, color=look.color, width=1.2 * line, dash=look.dash, front=3)
    gone = own.loc[_leaving(own), ["time", "survival"]].to_numpy(float)
    half = 0.35 * sheet.pen.em
    at = plane.y(100 * (gone[:, 1] if show == "survival" else 1 - gone[:, 1]))
    strokes = [(a, b - half, b + half) for a, b in zip(plane.x(gone[:, 0]), at, strict=True) if np.isfinite(b)]
    if strokes:
        xs = [v for a, _b, _c in strokes for v in (a, a, np.nan)]
        ys = [v for _a, b, c in strokes for v in (b, c, np.nan)]
        sheet.line(xs, ys, color=look.color, width=0.6 * line, front=3)
    seen = np.flatnonzero(np.isfinite(y))
    return float(x[seen[-1]]), float(y[seen[-1]])


def _at_risk(own: pd.DataFrame, times: Sequence[float]) -> list[float]:
    """Those at risk just before each time: nobody after a group's last row, NaN where the row was withheld."""
    time, n = own["time"].to_numpy(float), own["at_risk"].to_numpy(float)
    return [float(n[i]) if i < len(n) else 0.0 for i in np.searchsorted(time, times, side="left")]
