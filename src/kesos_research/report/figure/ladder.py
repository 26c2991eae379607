"""Estimates of many areas side by side in their order, several ways of estimating on each rung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, figure, frame, known, numbers, unique
from kesos_research.report.figure._scale import Plane, limits, ticks, y_axis

_HEIGHT_MM = 64.0
_LOOKS = (
    (style.COMPARISON, style.COMPARISON_INK, "o"),
    (style.SYNTHETIC, style.SYNTHETIC_INK, "o"),
    (style.INK, style.INK, "_"),
    (style.HIGHLIGHT, style.HIGHLIGHT_INK, "D"),
)


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    series: Mapping[str, Name]
    area: str
    areas: tuple[str, ...]
    label: Name
    foot: Name


def ladder(
    series: Mapping[str, Protected],
    *,
    id: str,
    alt: Words,
    names: Mapping[str, Name],
    area: str,
    sort: str,
    label: Name,
    foot: Name,
) -> Figure:
    """How far apart are many areas, and how far does each way of estimating let one see it?

    Parameters
    ----------
    series
        At most four ways of estimating, in the order drawn: the first grey, the second blue, the third a black stroke.
        Each has rows with the columns `area`, `estimate` and, where it has intervals, `conf_low` and `conf_high`. A row
        without an interval is a mark alone; one that is withheld is not drawn.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    names
        Of the series.
    area
        The column that tells areas apart.
    sort
        The series whose estimates order the areas, the lowest at the left; an area it lacks is not drawn.
    label, foot
        What is on the axis, with its unit; what stands beneath.
    """
    if not 0 < len(series) <= len(_LOOKS):
        raise DataError(_("{n} series are to be drawn.", n=len(series)), expected=_("one to {n}", n=len(_LOOKS)))
    parts = {name: _rows(protected, area) for name, protected in series.items()}
    rows = pd.concat(parts, names=["series"]).reset_index("series")
    known(rows, "series", names)
    ordering = parts.get(sort, rows.iloc[:0]).dropna(subset="estimate").sort_values(["estimate", area])
    if ordering.empty:
        raise DataError(_("No area has an estimate of {name} to be ordered by.", name=sort), expected=", ".join(series))
    rows = rows[rows[area].isin(ordering[area])]
    story = _Story(rows, {name: names[name] for name in series}, area, tuple(ordering[area]), label, foot)
    first, *others = series.values()
    drawn = figure(first, rows, id=id, alt=alt, width="page", page=_paint(story), slide=_paint(story))
    records = (*drawn.records, *(p.record for p in others if p.record.digest not in drawn.guards))
    return replace(drawn, records=records, guards=tuple(r.digest for r in records))


def _rows(protected: Protected, area: str) -> pd.DataFrame:
    optional = {"conf_low": np.nan, "conf_high": np.nan}
    rows = frame(protected, (area, "estimate"), optional=optional)
    rows = rows.assign(mark=rows["mark"] if protected.marked else "")
    numbers(rows, ("estimate", "conf_low", "conf_high"))
    unique(rows, (area,))
    return rows[[area, "estimate", "conf_low", "conf_high", "mark"]]


def _paint(story: _Story) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em = pen.em
        sheet = pen.sheet(SLIDE_HEIGHT if pen.medium.slide else _HEIGHT_MM)
        values = story.rows[["estimate", "conf_low", "conf_high"]].to_numpy(float)
        low, high = limits(values, include=[0.0])
        marks = ticks(max(low, 0.0) if np.nanmin(values) >= 0 else low, high)
        left = pen.widest(marks.labels(pen)) + 0.8 * em
        box = Box(left, 3.2 * em, pen.medium.width - left, sheet.height - 5.4 * em)
        plane = Plane(box, (-0.7, len(story.areas) - 0.3), (min(marks.at[0], low if low < 0 else 0.0), high))
        sheet.text(0, 0.85 * em, pen.say(story.label), bold=True)
        _key(sheet, story, 2.4 * em, left)
        y_axis(sheet, plane, marks)
        for n, name in enumerate(story.series):
            _rungs(sheet, story, name, n, plane)
        sheet.rule(box.left, box.bottom, box.right, box.bottom)
        sheet.text(
            (box.left + box.right) / 2,
            box.bottom + 1.4 * em,
            pen.say(story.foot),
            align="center",
            color=style.COMPARISON_INK,
        )
        return sheet

    return paint


def _key(sheet: Sheet, story: _Story, y: float, left: float) -> None:
    """Each series' mark and name on one line, since marks have no ends to be labelled at."""
    pen, x = sheet.pen, left
    for (color, ink, shape), name in zip(_LOOKS, story.series.values(), strict=False):
        _mark(sheet, x + 0.4 * pen.em, y - 0.32 * pen.em, color=color, shape=shape)
        said = pen.say(name)
        sheet.text(x + 1.1 * pen.em, y, said, color=ink)
        x += pen.wide(said) + 2.6 * pen.em


def _rungs(sheet: Sheet, story: _Story, name: str, nth: int, plane: Plane) -> None:
    color, _ink, shape = _LOOKS[nth]
    own = story.rows[story.rows["series"] == name].set_index(story.area).reindex(list(story.areas))
    step = plane.box.width / len(story.areas)
    # with intervals side by side, without one in the middle of the rung
    ranged = own["conf_low"].notna().any()
    shift = (nth - 0.5) * 0.36 * step if ranged and len(story.series) > 1 else 0.0
    values = own[["estimate", "conf_low", "conf_high"]].to_numpy(float)
    for i, (estimate, low, high) in enumerate(values):
        if not np.isfinite(estimate):
            continue
        x = float(plane.x(i)) + shift
        if np.isfinite(low) and np.isfinite(high):
            ends = [float(plane.y(low)), float(plane.y(high))]
            sheet.line([x, x], ends, color=color, width=0.7 * sheet.pen.medium.line, alpha=0.75)
        _mark(sheet, x, float(plane.y(estimate)), color=color, shape=shape)


def _mark(sheet: Sheet, x: float, y: float, *, color: str, shape: str) -> None:
    line = sheet.pen.medium.line
    if shape == "_":
        half = 1.3 * line * 0.6
        sheet.line([x - half, x + half], [y, y], color=color, width=line, front=4)
    else:
        sheet.dots(x, y, color=color, size=2.4 * line, shape=shape)
