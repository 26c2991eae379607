"""Every kabupaten and kota as a dot on a plain sea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import MM_PER_PT, SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, figure, frame, numbers, unique
from kesos_research.report.figure._places import edge, place
from kesos_research.report.figure._scale import limits
from kesos_research.report.marks import WITHHELD

NO_VALUE = words(id="tanpa angka", en="no figure")
HIDDEN = words(id="tidak ditampilkan", en="withheld")
_NONE, _WITHHELD = -1, -2
"""Classes of regions without a figure, and of those whose figure protects respondents."""
_CLASSES = len(style.CLASSES)
_TALLEST = 0.5
"""Height of a map of the page, of its width: a round country does not take a page."""
_PAD = 1.2
"""Degrees of sea around the outermost dots."""


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    names: Mapping[str, Name]
    label: Name
    unit: Name
    breaks: tuple[float, ...]
    decimals: int


def dot_map(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    label: Name,
    unit: Name,
    names: Mapping[str, Name],
    breaks: Sequence[float] | None = None,
    decimals: int = 1,
    slide: bool = True,
) -> Figure:
    """Where in the country is a figure high, and where do the pilots lie?

    Parameters
    ----------
    protected
        Rows with the columns `code`, `lat`, `lon` (degrees) and `value`; one row a region. A region without a value
        is a cross, one whose value is withheld a hollow square.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    label, unit
        What `value` is, and in which unit; with the year where that matters.
    names
        Regions to ring and name, by code.
    breaks
        Inner limits of the classes, ascending, at most four; by default quintiles. A value on a limit belongs to the
        upper class.
    decimals
        Places of the limits printed.
    slide
        Whether it is drawn again for a slide.
    """
    rows = _dots(protected, ("code", "lat", "lon", "value"))
    numbers(rows, ("value",))
    values = rows["value"].dropna().to_numpy(float)
    if not values.size:
        raise DataError(_("No region has a value."), expected=_("at least one value to draw"))
    _there(rows, names)
    inner = np.quantile(values, np.arange(1, _CLASSES) / _CLASSES) if breaks is None else np.asarray(breaks, float)
    inner = np.unique(np.round(inner, decimals) if breaks is None else inner)
    if len(inner) >= _CLASSES or (breaks is not None and len(inner) != len(breaks)):
        raise DataError(
            _("The limits of the classes are {limits}.", limits=list(breaks or ())),
            expected=_("at most {n} different limits, ascending", n=_CLASSES - 1),
        )
    rows = rows.assign(
        **{"class": np.where(rows["value"].isna(), _NONE, np.searchsorted(inner, rows["value"], side="right"))}
    )
    if protected.marked:
        rows.loc[rows["mark"] == WITHHELD, "class"] = _WITHHELD
    story = _Story(rows, names, label, unit, tuple(float(b) for b in inner), decimals)
    return figure(protected, rows, id=id, alt=alt, width="page", page=_map(story), slide=_map(story) if slide else None)


def locator(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    code: str,
    name: Name,
    province: str | None = None,
    mm: float = 60.0,
) -> Figure:
    """Where in the country does one region lie?

    Parameters
    ----------
    protected
        Rows with the columns `code`, `lat`, `lon`, and `province` where the region's province is to be darker.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    code, name
        The region to mark, and what it is called.
    province
        Value of the column `province` whose regions are drawn darker; by default none.
    mm
        Printed width.
    """
    rows = _dots(protected, ("code", "lat", "lon"), optional={"province": ""})
    _there(rows, {code: name})

    def paint(pen: Pen) -> Sheet:
        height = pen.medium.width / _aspect(rows)
        sheet = pen.sheet(height)
        box = Box(0, 0, pen.medium.width, height)
        sheet.rect(box, fill=style.SEA, front=0)
        points = _project(rows, box)
        size = 1.1 * pen.medium.line
        near = (rows["province"] == province).to_numpy() if province else np.zeros(len(rows), bool)
        _dot(sheet, points[~near], color=style.COMPARISON, size=size)
        _dot(sheet, points[near], color=style.INK, size=size)
        here = (rows["code"] == code).to_numpy()
        sheet.dots(*points[here].T, color=style.TREATED, size=2 * size, front=4)
        _ring_and_name(sheet, points[here], [pen.say(name)], points, box)
        return sheet

    return figure(protected, rows, id=id, alt=alt, width="column", page=paint, slide=None, mm=mm)


def _map(story: _Story) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        legend = 3 * leading + 0.6 * em
        wide = pen.medium.width
        most = SLIDE_HEIGHT - legend if pen.medium.slide else _TALLEST * wide
        high = min(wide / _aspect(story.rows), most)
        sheet = pen.sheet(high + legend)
        sea = Box(0, 0, wide, high)
        sheet.rect(sea, fill=style.SEA, front=0)
        points = _project(story.rows, sea)
        size = 2.0 * pen.medium.line
        group = story.rows["class"].to_numpy()
        for k in range(_WITHHELD, len(story.breaks) + 1):
            _dot(sheet, points[group == k], **_mark(pen, _color(story, k), size, hidden=k == _WITHHELD))
        marked = [int(np.flatnonzero(story.rows["code"] == code)[0]) for code in story.names]
        if marked:
            labels = [pen.say(name) for name in story.names.values()]
            _ring_and_name(sheet, points[marked], labels, points, sea)
        _legend(sheet, story, high + 0.4 * em, size)
        return sheet

    return paint


def _legend(sheet: Sheet, story: _Story, top: float, size: float) -> None:
    """Title, then a dot, a range and a count for each class, side by side."""
    pen, em = sheet.pen, sheet.pen.em
    unit = pen.say(story.unit)
    sheet.text(0, top + em, pen.say(story.label), bold=True)
    if unit:
        sheet.text(pen.wide(pen.say(story.label), bold=True) + 0.3 * em, top + em, f"({unit})")
    group = story.rows["class"]
    classes = [*range(len(story.breaks) + 1), *(k for k in (_NONE, _WITHHELD) if (group == k).any())]
    step = pen.medium.width / max(len(classes), _CLASSES)
    for i, k in enumerate(classes):
        x = i * step
        line = top + em + pen.medium.leading
        sheet.dots(x + 0.5 * em, line - 0.3 * em, **_mark(pen, _color(story, k), 1.4 * size, hidden=k == _WITHHELD))
        sheet.text(x + 1.2 * em, line, _range(pen, story, k))
        count = number(int((group == k).sum()), 0, pen.lang)
        sheet.text(x + 1.2 * em, line + pen.medium.leading, f"n = {count}", color=style.COMPARISON_INK)


def _range(pen: Pen, story: _Story, k: int) -> str:
    if k < 0:
        return pen.say(HIDDEN if k == _WITHHELD else NO_VALUE)
    at = [number(b, story.decimals, pen.lang) for b in story.breaks]
    if not at:
        return "–"
    if k == 0:
        return f"< {at[0]}"
    return f"≥ {at[-1]}" if k == len(at) else f"{at[k - 1]} – < {at[k]}"


def _ring_and_name(
    sheet: Sheet, points: NDArray[np.float64], labels: Sequence[str], crowd: NDArray[np.float64], frame: Box
) -> None:
    pen, em, line = sheet.pen, sheet.pen.em, sheet.pen.medium.line
    sizes = [(pen.wide(text, bold=True), em) for text in labels]
    inner = Box(frame.left + 0.3 * em, frame.top + 0.3 * em, frame.width - 0.6 * em, frame.height - 0.6 * em)
    for point, text, box in zip(points, labels, place(points, sizes, crowd, inner, near=0.9 * em), strict=True):
        sheet.dots(*point, color="none", size=4.4 * line, edge=style.PAPER, edge_width=1.9 * line, front=4)
        sheet.dots(*point, color="none", size=4.4 * line, edge=style.TREATED, edge_width=line, front=5)
        end = np.asarray(edge(Box(box.left - 0.15 * em, box.top, box.width + 0.3 * em, box.height), point))
        away = end - point
        distance = float(np.hypot(*away))
        if distance > 2.2 * line * MM_PER_PT + 0.45 * em:
            start = point + away / distance * 2.6 * line * MM_PER_PT
            sheet.line(
                [start[0], end[0]], [start[1], end[1]], color=style.TREATED, width=pen.medium.axis * 1.3, front=5
            )
        sheet.text(box.left, box.top + 0.82 * em, text, bold=True, color=style.TREATED_INK)


def _dot(sheet: Sheet, points: NDArray[np.float64], **mark: Any) -> None:
    if len(points):
        sheet.dots(points[:, 0], points[:, 1], **mark)


def _mark(pen: Pen, color: str, size: float, *, hidden: bool = False) -> dict:
    line = pen.medium.line
    if hidden:
        return {
            "color": "none",
            "size": 0.9 * size,
            "edge": style.COMPARISON_INK,
            "edge_width": 0.5 * line,
            "shape": "s",
        }
    if color == style.PAPER:  # a cross: a hollow dot and the palest class are alike in grey
        return {"color": color, "size": 0.8 * size, "edge": style.COMPARISON, "edge_width": 0.5 * line, "shape": "x"}
    return {"color": color, "size": size, "edge": style.COMPARISON_INK, "edge_width": 0.25 * line}


def _color(story: _Story, k: int) -> str:
    """Fewer classes take colours as far apart as there are."""
    if k < 0:
        return style.PAPER
    most = len(story.breaks)
    return style.CLASSES[round(k * (_CLASSES - 1) / most) if most else _CLASSES // 2]


def _aspect(rows: pd.DataFrame) -> float:
    """Width over height: a degree is as long either way near the equator."""
    (west, east), (south, north) = _extent(rows)
    return (east - west) / (north - south)


def _extent(rows: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    west, east = limits(rows["lon"], pad=0.0)
    south, north = limits(rows["lat"], pad=0.0)
    return (west - _PAD, east + _PAD), (south - _PAD, north + _PAD)


def _project(rows: pd.DataFrame, box: Box) -> NDArray[np.float64]:
    """Plate carrée, centred in the box."""
    (west, east), (south, north) = _extent(rows)
    scale = min(box.width / (east - west), box.height / (north - south))
    left = box.left + (box.width - scale * (east - west)) / 2
    top = box.top + (box.height - scale * (north - south)) / 2
    x = left + (rows["lon"].to_numpy(float) - west) * scale
    y = top + (north - rows["lat"].to_numpy(float)) * scale
    return np.column_stack([x, y])


def _dots(protected: Protected, columns: Sequence[str], optional: Mapping[str, Any] | None = None) -> pd.DataFrame:
    rows = frame(protected, columns, optional=optional)
    numbers(rows, ("lat", "lon"))
    unique(rows, ("code",))
    off = rows[~(rows["lat"].abs().le(90) & rows["lon"].abs().le(180))]
    if len(off):
        raise DataError(
            _("Region {code} has no place on the map.", code=off.iloc[0]["code"]),
            expected=_("latitude and longitude in degrees"),
        )
    return rows.sort_values("code", ignore_index=True)


def _there(rows: pd.DataFrame, names: Mapping[str, Name]) -> None:
    lacking = [c for c in names if c not in set(rows["code"])]
    if lacking:
        raise DataError(
            _("Regions to be named are not among the rows: {codes}.", codes=", ".join(lacking)),
            expected=_("a row for each region that is named"),
        )
