"""Where numbers and names go: round ticks, common limits, labels that keep apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from kesos_research.language import number
from kesos_research.report import style
from kesos_research.report.figure._canvas import Box, Pen, Sheet


@dataclass(frozen=True)
class Ticks:
    """Round numbers inside limits, and the decimals they need."""

    at: tuple[float, ...]
    decimals: int

    def labels(self, pen: Pen) -> list[str]:
        return [number(v, self.decimals, pen.lang) for v in self.at]


def ticks(low: float, high: float, *, most: int = 5) -> Ticks:
    """At most about `most` round numbers between `low` and `high`."""
    at = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    step = float(at[1] - at[0])
    decimals = next((d for d in range(7) if math.isclose(round(step, d), step, rel_tol=1e-6)), 6)
    slack = 1e-9 * max(abs(low), abs(high), step)
    return Ticks(tuple(float(v) for v in at if low - slack <= v <= high + slack), decimals)


def ticks_that_fit(pen: Pen, low: float, high: float, width: float) -> Ticks:
    """As many round numbers as can be written side by side on `width` mm."""
    for most in range(7, 1, -1):
        marks = ticks(low, high, most=most)
        if len(marks.at) * (pen.widest(marks.labels(pen)) + 0.8 * pen.em) <= width:
            return marks
    return ticks(low, high, most=1)


def limits(*values: ArrayLike, pad: float = 0.06, include: Iterable[float] = ()) -> tuple[float, float]:
    """The range of all finite values, with a margin; a single value gets room around it."""
    every = np.concatenate([np.ravel(np.asarray(v, float)) for v in (*values, list(include))])
    every = every[np.isfinite(every)]
    if not every.size:
        return 0.0, 1.0
    low, high = float(every.min()), float(every.max())
    room = (high - low) * pad if high > low else max(abs(high) * 0.1, 0.5)
    return low - room, high + room


@dataclass(frozen=True)
class Plane:
    """A box of the sheet with a scale on each side."""

    box: Box
    xlim: tuple[float, float]
    ylim: tuple[float, float]

    def x(self, value: ArrayLike) -> NDArray[np.float64]:
        low, high = self.xlim
        return self.box.left + (np.asarray(value, float) - low) / (high - low) * self.box.width

    def y(self, value: ArrayLike) -> NDArray[np.float64]:
        low, high = self.ylim
        return self.box.bottom - (np.asarray(value, float) - low) / (high - low) * self.box.height


def y_axis(sheet: Sheet, plane: Plane, marks: Ticks, *, labels: bool = True) -> None:
    """Light lines across, numbers at the left."""
    box, at = plane.box, [float(plane.y(v)) for v in marks.at]
    sheet.rules([(box.left, y, box.right, y) for y in at], color=style.GRID)
    for y, label in zip(at, marks.labels(sheet.pen) if labels else (), strict=labels):
        sheet.text(box.left - 0.4 * sheet.pen.em, y, label, align="right", middle=True)


def x_axis(sheet: Sheet, plane: Plane, marks: Ticks) -> None:
    """A line beneath, numbers under it."""
    _axis_beneath(sheet, plane, marks.at, marks.labels(sheet.pen))


def year_axis(sheet: Sheet, plane: Plane, years: Sequence[int]) -> None:
    """A line beneath with a tick a year, and as many years written as there is room for."""
    room = plane.box.width / max(len(years), 1)
    need = sheet.pen.wide("2000") + 0.6 * sheet.pen.em
    step = next((s for s in (1, 2, 3, 4, 5, 10) if s * room >= need), 20)
    _axis_beneath(sheet, plane, years, [str(y) if i % step == 0 else "" for i, y in enumerate(years)])


def whole_axis(sheet: Sheet, plane: Plane, steps: Sequence[int]) -> None:
    """A line beneath with a tick a step; nought is always written, others where there is room."""
    pen = sheet.pen
    labels = {v: number(v, 0, pen.lang) for v in steps}
    room = plane.box.width / max(len(labels), 1)
    need = pen.widest(list(labels.values())) + 0.6 * pen.em
    step = next((s for s in (1, 2, 3, 4, 5, 10, 12, 24, 60) if s * room >= need), 120)
    _axis_beneath(sheet, plane, steps, [label if v % step == 0 else "" for v, label in labels.items()])


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near to `wanted` as can be, so that intervals of `sizes` do not overlap and stay in [low, high]."""
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks: list[tuple[list[int], float, float]] = []  # members, top, size
    for i in order:
        members, size = [i], sizes[i]
        top = _inside(wanted[i] - size / 2, size, low, high)
        while blocks and blocks[-1][1] + blocks[-1][2] > top + 1e-9:
            before, _, before_size = blocks.pop()
            members, size = before + members, before_size + size
            offsets = np.concatenate([[0.0], np.cumsum([sizes[m] for m in members])[:-1]])
            tops = [wanted[m] - sizes[m] / 2 - o for m, o in zip(members, offsets, strict=True)]
            top = _inside(float(np.mean(tops)), size, low, high)
        blocks.append((members, top, size))
    centres = [0.0] * len(wanted)
    for members, top, _ in blocks:
        edge = top
        for m in members:
            centres[m] = edge + sizes[m] / 2
            edge += sizes[m]
    return centres


def _inside(top: float, size: float, low: float, high: float) -> float:
    return max(low, min(top, high - size))


def _axis_beneath(sheet: Sheet, plane: Plane, at: Sequence[float], labels: Sequence[str]) -> None:
    box, em = plane.box, sheet.pen.em
    places = [float(plane.x(v)) for v in at]
    ticks_down = [(x, box.bottom, x, box.bottom + 0.25 * em) for x in places]
    sheet.rules([(box.left, box.bottom, box.right, box.bottom), *ticks_down])
    for x, label in zip(places, labels, strict=True):
        if label:
            sheet.text(x, box.bottom + 1.2 * em, label, align="center")
