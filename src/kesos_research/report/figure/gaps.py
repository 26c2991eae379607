"""The gap between each pilot and its synthetic control, on top of the gaps of districts that were no pilots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, figure, frame, known, numbers, unique
from kesos_research.report.figure._scale import Plane, ticks, y_axis, year_axis

POOLED = "pooled"
_PLOT_MM = 30.0
_BUNDLES = 8
"""Lines of one path do not darken where they cross: several paths show where the cloud is dense."""

GAP = words(id="Selisih dari kontrol sintetis", en="Gap to the synthetic control")
ZERO = words(id="0: tidak ada selisih", en="0: no gap")
POOLED_NAME = words(id="Rata-rata percontohan", en="Mean of the pilots")
CLOUD = words(
    id="abu-abu tipis: {n} daerah bukan percontohan, masing-masing dengan kontrol sintetisnya",
    en="thin grey: {n} districts that were no pilots, each with its own synthetic control",
)
JOINT = words(
    id="garis tipis pada rata-rata: tiap daerah percontohan",
    en="thin lines around the mean: each pilot",
)
SETS = words(
    id="abu-abu pada rata-rata: {n} himpunan daerah lain, masing-masing sebanyak percontohan",
    en="grey around the mean: {n} sets of other districts, as many in each as there are pilots",
)
_SINCE = words(id="sejak {year}", en="since {year}")


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    names: Mapping[str, Name]
    since: int
    unit: Name
    units: tuple[str, ...]
    years: tuple[int, ...]
    ylim: tuple[float, float]


def gaps(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    names: Mapping[str, Name],
    since: int,
    unit: Name,
    on_slide: Sequence[str] | None = None,
) -> Figure:
    """Do the pilots leave their synthetic controls more than other districts leave theirs?

    Parameters
    ----------
    protected
        Estimates of `synthetic_control` (their evidence ``"gaps"``), or rows with its columns: `unit`, `period`,
        `gap`, `kind` (``"treated"``, ``"placebo"`` or ``"pooled"``). Years that were left out stay a gap.
        Rows of kind ``"joint"`` (mean gaps of sets of as many units as there are pilots), where there are any, are the
        cloud behind the pooled gap.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    names
        Name of each treated unit; `POOLED` ("pooled") may be named too.
    since
        First year of the programme, marked by a line.
    unit
        Unit of the gaps.
    on_slide
        Which units go on the slide; by default the pooled gap and the unit with the largest gap afterwards.
        `()` for no slide.

    Notes
    -----
    All panels share both scales. Placebos that leave the vertical scale are cut at its edge: it shows all of the
    pilots and 98 % of the placebo values.
    """
    source = (
        protected.behind("gaps") if isinstance(protected, Protected) and "gaps" in protected.evidence else protected
    )
    rows = frame(source, ("unit", "period", "gap", "kind"))
    numbers(rows, ("period", "gap"))
    unique(rows, ("kind", "unit", "period"))
    shown = rows[rows["kind"].isin(("treated", "pooled"))]
    if shown.empty:
        raise DataError(_("No gap is of a treated unit."), expected=_("rows of kind treated or pooled"))
    labels = {POOLED: POOLED_NAME, **names}
    treated = rows[rows["kind"] == "treated"]
    known(treated, "unit", labels)
    units = tuple(u for u in names if u in set(treated["unit"])) + ((POOLED,) if "pooled" in set(rows["kind"]) else ())
    years = tuple(range(int(rows["period"].min()), int(rows["period"].max()) + 1))
    story = _Story(rows, labels, since, unit, units, years, _limits(rows))
    few = _few(story) if on_slide is None else tuple(u for u in units if u in on_slide)
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width="page",
        page=_page(story),
        slide=_slide(story, few) if few else None,
    )


def _page(story: _Story) -> Paint:
    def paint(pen: Pen) -> Sheet:
        columns = min(3, len(story.units))
        head, lines = _heads(pen, story, story.units)
        above, below = 1.9 * pen.medium.leading, 2.2 * pen.em
        rows = -(-len(story.units) // columns)
        sheet = pen.sheet(head + rows * (above + _PLOT_MM + below) - 0.5 * pen.em)
        _paint(sheet, story, story.units, lines, columns=columns, heights=(head, above, below, _PLOT_MM))
        return sheet

    return paint


def _slide(story: _Story, units: tuple[str, ...]) -> Paint:
    def paint(pen: Pen) -> Sheet:
        head, lines = _heads(pen, story, units)
        columns = min(3, len(units))
        rows = -(-len(units) // columns)
        above, below = 1.9 * pen.medium.leading, 1.7 * pen.em
        sheet = pen.sheet(SLIDE_HEIGHT)
        plot = (SLIDE_HEIGHT - head) / rows - above - below
        _paint(sheet, story, units, lines, columns=columns, heights=(head, above, below, plot))
        return sheet

    return paint


def _heads(pen: Pen, story: _Story, units: Sequence[str]) -> tuple[float, list[tuple[list[str], bool]]]:
    """The line over all panels: what the vertical scale measures, what is grey; and how high it is."""
    n, sets = (story.rows.loc[story.rows["kind"] == kind, "unit"].nunique() for kind in ("placebo", "joint"))
    what = f"{pen.say(GAP)} ({pen.say(story.unit)}; {pen.say(ZERO)})"
    key = pen.say(CLOUD).format(n=number(n, 0, pen.lang)) if n else ""
    if POOLED in units:
        grey = pen.say(SETS).format(n=number(sets, 0, pen.lang)) if sets else ""
        key = "; ".join(filter(None, (key, grey, pen.say(JOINT))))
    lines = [(pen.wrap(what, pen.medium.width, bold=True), True), (pen.wrap(key, pen.medium.width), False)]
    return sum(len(t) for t, _ in lines) * pen.medium.leading + 0.8 * pen.em, lines


def _paint(
    sheet: Sheet,
    story: _Story,
    units: Sequence[str],
    lines: list[tuple[list[str], bool]],
    *,
    columns: int,
    heights: tuple[float, float, float, float],
) -> None:
    """`heights`: of the head, above a plot, below it, and of the plot itself."""
    pen, em = sheet.pen, sheet.pen.em
    head, above, below, plot = heights
    baseline = 0.85 * em
    for texts, bold in lines:
        for text in texts:
            sheet.text(0, baseline, text, bold=bold, color=style.INK if bold else style.COMPARISON_INK)
            baseline += pen.medium.leading
    marks = ticks(*story.ylim)
    axis = pen.widest(marks.labels(pen)) + 0.6 * em
    gap = 1.2 * em
    width = (pen.medium.width - axis - gap * (columns - 1) - 0.6 * em) / columns
    for i, unit in enumerate(units):
        left = axis + (i % columns) * (width + gap)
        top = head + (i // columns) * (above + plot + below)
        plane = Plane(Box(left, top + above, width, plot), (story.years[0] - 0.4, story.years[-1] + 0.4), story.ylim)
        sheet.text(left, top + 0.85 * em, pen.say(story.names[unit]), bold=True, color=style.TREATED_INK)
        y_axis(sheet, plane, marks, labels=i % columns == 0)
        year_axis(sheet, plane, story.years)
        _since(sheet, plane, story)
        _unit(sheet, plane, story, unit)


def _unit(sheet: Sheet, plane: Plane, story: _Story, unit: str) -> None:
    line, box = sheet.pen.medium.line, plane.box
    kind = "joint" if unit == POOLED else "placebo"
    cloud = _paths(story, kind)
    for start in range(min(_BUNDLES, len(cloud))):
        some = cloud[start::_BUNDLES]
        x = np.tile(np.r_[plane.x(story.years) - box.left, np.nan], len(some))
        y = np.c_[plane.y(some) - box.top, np.full(len(some), np.nan)].ravel()
        sheet.cloud(x, y, at=box, color=style.COMPARISON, width=0.3 * line, alpha=style.CLOUD)
    zero = float(plane.y(0))
    sheet.line([box.left, box.right], [zero, zero], color=style.RULE, width=sheet.pen.medium.axis, front=1.8)
    if unit == POOLED:
        own = _paths(story, "pooled")[0]
        for each in _paths(story, "treated"):
            sheet.line(
                plane.x(story.years),
                plane.y(each),
                color=style.TREATED,
                width=0.5 * line,
                alpha=0.6,
                clip=box,
                front=2.9,
            )
    else:
        own = _paths(story, "treated", unit)[0]
    x, y = plane.x(story.years), plane.y(own)
    # white around it, so that it stands out of the cloud in grey print too
    sheet.line(x, y, color=style.PAPER, width=3 * line, clip=box, front=2.8)
    sheet.line(x, y, color=style.TREATED, width=1.5 * line, clip=box, front=3)
    seen = np.isfinite(y)
    sheet.dots(x[seen], y[seen], color=style.TREATED, size=3.2 * line, edge=style.PAPER, edge_width=0.4 * line)


def _since(sheet: Sheet, plane: Plane, story: _Story) -> None:
    pen, box = sheet.pen, plane.box
    x = float(plane.x(story.since - 0.5))
    if not box.left <= x <= box.right:
        return
    sheet.line([x, x], [box.top - 0.2 * pen.em, box.bottom], color=style.RULE, width=pen.medium.axis, dash=(3, 2))
    text = pen.say(_SINCE).format(year=story.since)
    left = min(x + 0.3 * pen.em, box.right - pen.wide(text))
    sheet.text(left, box.top - 0.15 * pen.em, text, color=style.COMPARISON_INK)


def _paths(story: _Story, kind: str, unit: str | None = None) -> NDArray[np.float64]:
    """One row per unit, one column per year; NaN where a year was left out."""
    rows = story.rows[story.rows["kind"] == kind]
    if unit is not None:
        rows = rows[rows["unit"] == unit]
    if rows.empty:
        return np.empty((0, len(story.years)))
    return rows.pivot(index="unit", columns="period", values="gap").reindex(columns=list(story.years)).to_numpy(float)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Symmetric about zero."""
    own = rows.loc[rows["kind"].isin(("treated", "pooled")), "gap"].abs().max()
    others = rows.loc[rows["kind"].isin(("placebo", "joint")), "gap"].abs()
    most = 1.08 * max(float(own), float(others.quantile(0.98)) if len(others) else 0.0)
    return -most or -1.0, most or 1.0


def _few(story: _Story) -> tuple[str, ...]:
    after = story.rows[(story.rows["kind"] == "treated") & (story.rows["period"] >= story.since)]
    largest = after.groupby("unit")["gap"].mean().abs()
    first = (str(largest.idxmax()),) if len(largest) else ()
    return first + tuple(u for u in story.units if u == POOLED)
