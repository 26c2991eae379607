"""How a programme spread: how many began in each year, and what share had begun."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Box, Paint, Sheet
from kesos_research.report.figure._input import Name, Source, figure, gather, numbers, unique, whole
from kesos_research.report.figure._plot import Cell, Grid, plots, stairs
from kesos_research.report.figure._scale import Plane, limits, year_axis

BEGAN = words(id="Daerah yang memulai", en="Districts that began")
SHARE = words(id="Daerah yang sudah memulai (persen)", en="Districts that had begun (percent)")
_BAR = 0.66


def adoption(
    source: Source,
    *,
    id: str,
    alt: Words,
    total: int | None = None,
    years: Sequence[int] = (),
    began: Name = BEGAN,
    share: Name = SHARE,
    slide: bool = True,
    width: Width = "page",
) -> Figure:
    """When did how many take the programme up, and how many are left to compare with?

    Parameters
    ----------
    source
        Estimates of `callaway_santanna` (their evidence ``"cohorts"``), or rows with its columns: `since` (the first
        year with the programme; missing for those who never had it) and `n`, how many units.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    total
        All units, those who never had it too; by default the sum of the rows.
    years
        First and last year shown; by default from the year before the first to the last that began.
    began, share
        What stands over the two plots.
    slide
        Whether it is drawn again for a slide.
    width
        Of the page, where the plots stand side by side, or of one column.
    """
    given, rows = gather(source, "cohorts", ("since", "n"))
    numbers(rows, ("n",))
    whole(rows, "since")
    unique(rows, ("since",))
    starts = rows.dropna(subset="since")
    if starts.empty or not (starts["n"] > 0).any():
        raise DataError(_("No unit ever began."), expected=_("a first period of somebody"))
    every = int(rows["n"].sum()) if total is None else total
    if every < starts["n"].sum():
        raise DataError(
            _("More units began than there are: {n} of {total}.", n=int(starts["n"].sum()), total=every),
            expected=_("the number of all units"),
        )
    ends = (int(years[0]), int(years[-1])) if years else (int(starts["since"].min()) - 1, int(starts["since"].max()))
    periods = np.arange(ends[0], ends[1] + 1)
    n = starts.groupby("since")["n"].sum().reindex(periods, fill_value=0).to_numpy(float)
    before = float(starts.loc[starts["since"] < ends[0], "n"].sum())
    table = pd.DataFrame({"year": periods, "began": n, "share": (before + np.cumsum(n)) / every})
    paint = _paint(table, began, share)
    return figure(given, table.assign(mark=""), id=id, alt=alt, width=width, page=paint, slide=paint if slide else None)


def _paint(table: pd.DataFrame, began: Name, share: Name) -> Paint:
    years = [int(y) for y in table["year"]]
    xlim = (years[0] - 0.6, years[-1] + 0.6)

    def across(sheet: Sheet, plane: Plane) -> None:
        year_axis(sheet, plane, years)

    def bars(sheet: Sheet, plane: Plane) -> None:
        pen, nil = sheet.pen, float(plane.y(0.0))
        half = _BAR * plane.box.width / len(years) / 2
        for year, n in zip(years, table["began"], strict=True):
            x, y = float(plane.x(year)), float(plane.y(n))
            if n > 0:
                bar = Box(x - half, y, 2 * half, nil - y)
                sheet.rect(bar, fill=style.PAPER, front=1.5)
                sheet.rect(bar, fill=style.TREATED, alpha=0.45, front=1.6)
                text = number(n, 0, pen.lang)
                sheet.rect(
                    Box(x - pen.wide(text) / 2, y - 1.1 * pen.em, pen.wide(text), 0.8 * pen.em), fill=style.PAPER
                )
                sheet.text(x, y - 0.4 * pen.em, text, align="center")

    def steps(sheet: Sheet, plane: Plane) -> None:
        pen, value = sheet.pen, 100 * table["share"].to_numpy(float)
        edges = np.append(np.array(years) - 0.5, years[-1] + 0.5)
        x, y = stairs(plane.x(edges), plane.y(np.append(value, value[-1])))
        nil = np.full(len(x), float(plane.y(0.0)))
        sheet.area(x, y, nil, color=style.TREATED, alpha=style.FAINT, clip=plane.box)
        sheet.line(x, y, color=style.TREATED, width=1.4 * pen.medium.line, front=3)
        text = number(value[-1], 0, pen.lang)
        sheet.text(float(x[-1]), float(y[-1]) - 0.5 * pen.em, text, align="right", color=style.TREATED_INK, bold=True)

    cells = [
        Cell(began, xlim, (0.0, 1.12 * limits(table["began"], include=(0.0,))[1]), bars),
        Cell(share, xlim, (0.0, 100.0), steps),
    ]
    return plots(Grid(cells, across, height=32, columns=2))
