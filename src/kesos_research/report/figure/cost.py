"""What an outcome costs: cost against effect, with the uncertainty of both at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Paint, Sheet
from kesos_research.report.figure._groups import Group, groups
from kesos_research.report.figure._input import Name, Source, figure, gather, numbers
from kesos_research.report.figure._plot import DASH, Cell, Entry, Grid, Look, at_level, fill, mark, plots
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis

_ELLIPSE = words(id="daerah {level}untuk keduanya bersama", en="joint {level}region")
_DRAW = words(id="satu titik: satu undian", en="one dot: one draw")
_RAY = words(id="{price} per satuan", en="{price} a unit")
_BELOW = words(id="{what}: {share} persen undian di bawahnya", en="{what}: {share} percent of draws below it")
_BELOW_RAY = words(
    id="{what}: {share} persen undian di bawah garis", en="{what}: {share} percent of draws below the line"
)
_DRAWN = 400
"""Dots of a cloud: more tell nothing and weigh."""


def cost_plane(
    source: Source,
    *,
    id: str,
    alt: Words,
    effect: Name,
    cost: Name,
    names: Mapping[str, Name] | None = None,
    by: str = "group",
    ray: float | None = None,
    decimals: int = 0,
    level: float = 0.95,
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """What does it cost more, what does it bring more, and how sure is either?

    Parameters
    ----------
    source
        Estimates of `cost_per_outcome` or `cost_effectiveness` (their evidence ``"plane"``), or rows with its columns:
        `effect`, `cost`, one row a draw, and the column `by` where there are several programmes. Several may also be
        given by keys.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    effect, cost
        What lies across and what stands upward, each with its unit.
    names
        Of the programmes (at most four), in the order drawn; none where there is one.
    by
        The column that tells programmes apart.
    ray
        A price of one unit of effect: draws below its line bring effects that cost less.
    decimals
        Places in which that price is printed.
    level
        Share of the draws in the ellipse, as a normal distribution of both would have it.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.

    Notes
    -----
    The middle of each cloud is the mean of its draws. At most 400 dots of each are drawn, the first; ellipse and shares
    are of all draws.
    """
    given, rows = gather(source, "plane", ("effect", "cost"), optional={by: ""}, key=by)
    numbers(rows, ("effect", "cost"))
    rows = rows.dropna(subset=["effect", "cost"])
    several = groups(rows, names, by)
    if any(len(g.rows) < 3 for g in several):
        raise DataError(_("There are too few draws for a region."), expected=_("three or more of each programme"))
    if not 0 < level < 1:
        raise DataError(_("The level is {value}.", value=level), expected=_("a share between 0 and 1"))
    paint = _plane(several, effect, cost, ray=ray, decimals=decimals, level=level)
    some = rows.groupby(by, sort=False).head(_DRAWN)
    return figure(given, some, id=id, alt=alt, width=width, page=paint, slide=paint if slide else None)


def _ellipse(rows: pd.DataFrame, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The region of a normal distribution with the draws' mean and covariance, which holds a share `level`."""
    values = rows[["effect", "cost"]].to_numpy(float)
    # the symmetric root: it exists where a known cost does not vary, and the region is a line
    eigen, vectors = np.linalg.eigh(np.cov(values.T))
    root = vectors * np.sqrt(np.maximum(eigen, 0.0)) @ vectors.T
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = math.sqrt(-2 * math.log(1 - level)) * np.column_stack([np.cos(angle), np.sin(angle)])
    outline = values.mean(axis=0) + circle @ root
    return outline[:, 0], outline[:, 1]


def _plane(
    several: Sequence[Group], effect: Name, cost: Name, *, ray: float | None, decimals: int, level: float
) -> Paint:
    outlines = [_ellipse(g.rows, level) for g in several]
    drawn = [g.rows.head(_DRAWN) for g in several]
    xlim = limits(*(o[0] for o in outlines), *(d["effect"] for d in drawn), include=(0.0,))
    ylim = limits(*(o[1] for o in outlines), *(d["cost"] for d in drawn), include=(0.0,))

    def across(sheet: Sheet, plane: Plane) -> None:
        x_axis(sheet, plane, ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))

    def paint(sheet: Sheet, plane: Plane) -> None:
        box, line = plane.box, sheet.pen.medium.line
        x, y = float(plane.x(0.0)), float(plane.y(0.0))
        sheet.rules([(box.left, y, box.right, y), (x, box.top, x, box.bottom)])
        if ray is not None:
            ends = np.array(xlim)
            sheet.line(
                plane.x(ends), plane.y(ray * ends), color=style.INK, width=0.8 * line, dash=DASH, clip=box, front=2.6
            )
        for group, some, outline in zip(several, drawn, outlines, strict=True):
            look = group.look
            sheet.dots(plane.x(some["effect"]), plane.y(some["cost"]), color=look.color, size=0.8 * line, front=1.6)
            sheet.line(
                plane.x(outline[0]), plane.y(outline[1]), color=look.color, width=line, dash=look.dash, front=2.8
            )
            middle = group.rows[["effect", "cost"]].mean()
            at = float(plane.x(middle["effect"])), float(plane.y(middle["cost"]))
            sheet.dots(*at, color=style.PAPER, size=5.2 * line, shape=look.shape, front=3.4)
            mark(sheet, *at, color=look.color, shape=look.shape, size=3.4)

    key = _entries(several, ray=ray, decimals=decimals, level=level)
    return plots(Grid([Cell(cost, xlim, ylim, paint)], across, foot=effect, key=key, height=48))


def _entries(several: Sequence[Group], *, ray: float | None, decimals: int, level: float) -> list[Entry]:
    """The programmes, the region, the dots, and how many of each programme's draws lie below the ray."""
    lead = several[0].look if len(several) == 1 else Look(style.INK, style.INK)
    named = [g for g in several if g.name]
    found = [
        Entry(g.name if ray is None else _share(_BELOW_RAY, g.name, g, ray), g.look.color, g.look.shape, ink=g.look.ink)
        for g in named
    ]
    found += [Entry(at_level(_ELLIPSE, level), lead.color, "-"), Entry(_DRAW, lead.color, ".")]
    if ray is None:
        return found
    price = fill(_RAY, price=(ray, decimals))
    text = price if named else _share(_BELOW, price, several[0], ray)
    return [*found, Entry(text, style.INK, "-", dash=DASH, width=0.8)]


def _share(text: Words, what: Name, group: Group, ray: float) -> Words:
    share = 100 * float((group.rows["cost"] < ray * group.rows["effect"]).mean())
    return fill(text, what=what, share=(share, 0))
