"""Both sides of a threshold: how many there are, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Box, Paint, Sheet
from kesos_research.report.figure._input import Name, Source, figure, gather, known, numbers, unique
from kesos_research.report.figure._plot import Cell, Entry, Grid, Look, fill, mark, plots, upright
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis

Side = Literal["below", "above"]
SIDES: Mapping[str, Name] = {
    "comparison": words(id="sisi pembanding", en="comparison side"),
    "treated": words(id="sisi program", en="programme’s side"),
}
THRESHOLD = words(id="ambang", en="threshold")
COUNT = words(id="Banyaknya", en="Number")
_TOTAL = words(id="{side}: {n}", en="{side}: {n}")
_BAR = 0.45
_LOOKS = {
    "comparison": Look(style.COMPARISON, style.COMPARISON_INK, "s"),
    "treated": Look(style.TREATED, style.TREATED_INK),
}
FIT = words(id="garis: taksiran di sekitar ambang", en="line: fit near the threshold")


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    cutoff: float
    names: Mapping[str, Name]
    mark: Name
    foot: Name
    label: Name


def density(
    source: Source,
    *,
    id: str,
    alt: Words,
    cutoff: float,
    foot: Name,
    side: Side = "above",
    names: Mapping[str, Name] = SIDES,
    threshold: Name = THRESHOLD,
    label: Name = COUNT,
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """Do more stand just on one side of the threshold than would by chance?

    Parameters
    ----------
    source
        Estimates of `density_test` (their evidence ``"bins"``), or rows with its columns: `low`, `high` (the ends of a
        bin) and `n`. Bins are of one width, and none holds the threshold inside.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    cutoff
        The threshold.
    foot
        What lies across, with its unit.
    side
        On which side of the threshold the programme is.
    names
        Of the sides, ``"comparison"`` and ``"treated"``; how many they are is written beside.
    threshold
        What the line between the sides is called.
    label
        What is counted.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.
    """
    given, rows = gather(source, "bins", ("low", "high", "n"))
    numbers(rows, ("low", "high", "n"))
    rows = rows.dropna(subset=["low", "high"]).sort_values("low", ignore_index=True)
    unique(rows, ("low",))
    widths = rows["high"] - rows["low"]
    if not (widths > 0).all() or np.ptp(widths) > 1e-6 * widths.max():
        raise DataError(_("The bins are not of one width."), expected=_("bins of one width, above zero"))
    inside = (rows["low"] < cutoff - 1e-9 * widths) & (rows["high"] > cutoff + 1e-9 * widths)
    if inside.any():
        raise DataError(
            _("A bin holds the threshold {value}.", value=cutoff),
            expected=_("bins that begin or end there"),
        )
    above = (rows["low"] + rows["high"]) / 2 > cutoff
    rows = rows.assign(side=np.where(above == (side == "above"), "treated", "comparison"))
    paint = _counts(_Story(rows, cutoff, names, threshold, foot, label))
    return figure(given, rows, id=id, alt=alt, width=width, page=paint, slide=paint if slide else None)


def discontinuity(
    source: Source,
    *,
    id: str,
    alt: Words,
    cutoff: float,
    label: Name,
    foot: Name,
    names: Mapping[str, Name] = SIDES,
    threshold: Name = THRESHOLD,
    fit: Name = FIT,
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """Does the outcome jump where the threshold is crossed?

    Parameters
    ----------
    source
        Estimates of `regression_discontinuity` (their evidence ``"binned"``), or rows with its columns: `side`
        (``"comparison"``, ``"treated"``), `running`, `outcome` (the mean of a bin, and where it lies), and where they
        are to be drawn `fitted`, and `conf_low`, `conf_high` of the mean.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    cutoff
        The threshold.
    label, foot
        What stands upward and what lies across, each with its unit.
    names
        Of the sides.
    threshold
        What the line between the sides is called.
    fit
        What the lines are.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.
    """
    optional = {"fitted": np.nan, "conf_low": np.nan, "conf_high": np.nan}
    given, rows = gather(source, "binned", ("side", "running", "outcome"), optional=optional)
    numbers(rows, ("running", "outcome", "fitted", "conf_low", "conf_high"))
    known(rows, "side", {side: names[side] for side in _LOOKS if side in names})
    rows = rows.dropna(subset="running").sort_values(["side", "running"], ignore_index=True)
    unique(rows, ("side", "running"))
    ends = rows.groupby("side")["running"].agg(["min", "max"])
    if len(ends) == 2 and not (ends["max"].min() <= cutoff <= ends["min"].max()):
        raise DataError(
            _("The threshold {value} does not lie between the two sides.", value=cutoff),
            expected=_("all of one side below it, all of the other above"),
        )
    if not rows["outcome"].notna().any():
        raise DataError(_("There are no estimates to draw."), expected="outcome")
    paint = _means(_Story(rows, cutoff, names, threshold, foot, label), fit)
    return figure(given, rows, id=id, alt=alt, width=width, page=paint, slide=paint if slide else None)


def _across(sheet: Sheet, plane: Plane) -> None:
    x_axis(sheet, plane, ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))


def _counts(story: _Story) -> Paint:
    rows = story.rows
    low, high = float(rows["low"].min()), float(rows["high"].max())
    room = 0.02 * (high - low)

    def paint(sheet: Sheet, plane: Plane) -> None:
        nil = float(plane.y(0.0))
        gap = 0.15 * sheet.pen.medium.axis
        for side, own in rows.groupby("side"):
            look = _LOOKS[str(side)]
            for left, right, n in own[["low", "high", "n"]].to_numpy(float):
                x, y = float(plane.x(left)) + gap, float(plane.y(n))
                bar = Box(x, y, float(plane.x(right)) - gap - x, nil - y)
                if n > 0:
                    sheet.rect(bar, fill=style.PAPER, front=1.5)
                    sheet.rect(bar, fill=look.color, alpha=_BAR, front=1.6)
        upright(sheet, plane, story.cutoff, sheet.pen.say(story.mark))

    key = []
    for side, look in _LOOKS.items():
        n = float(rows.loc[rows["side"] == side, "n"].sum())
        key.append(Entry(fill(_TOTAL, side=story.names[side], n=(n, 0)), look.color, "#", alpha=_BAR))
    ylim = (0.0, limits(rows["n"], include=(0.0,))[1])
    return plots(
        Grid([Cell(story.label, (low - room, high + room), ylim, paint)], _across, foot=story.foot, key=key, over=1)
    )


def _means(story: _Story, fit: Name) -> Paint:
    rows = story.rows

    def paint(sheet: Sheet, plane: Plane) -> None:
        line = sheet.pen.medium.line
        for side, own in rows.groupby("side"):
            look = _LOOKS[str(side)]
            for x, low, high in own[["running", "conf_low", "conf_high"]].dropna().to_numpy(float):
                at = float(plane.x(x))
                sheet.line([at, at], plane.y([low, high]), color=look.color, width=0.6 * line, front=1.8)
            seen = own.dropna(subset="outcome")
            if len(seen):
                x, y = plane.x(seen["running"]), plane.y(seen["outcome"])
                mark(sheet, x, y, color=look.color, shape=look.shape, hollow=True, size=2.6)
            sheet.line(plane.x(own["running"]), plane.y(own["fitted"]), color=look.ink, width=1.5 * line, front=4)
        upright(sheet, plane, story.cutoff, sheet.pen.say(story.mark))

    key = [
        Entry(story.names[side], look.color, look.shape, hollow=True)
        for side, look in _LOOKS.items()
        if (rows["side"] == side).any()
    ]
    if rows["fitted"].notna().any():
        key.append(Entry(fit, style.INK, "-", width=1.5))
    ylim = limits(rows[["outcome", "fitted", "conf_low", "conf_high"]])
    cell = Cell(story.label, limits(rows["running"], pad=0.03, include=(story.cutoff,)), ylim, paint)
    return plots(Grid([cell], _across, foot=story.foot, key=key, over=1))
