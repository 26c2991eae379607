"""Curves named where they end: how probably it is worth a price, and how probably an effect would be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Paint, Pen, Sheet
from kesos_research.report.figure._groups import Group, groups
from kesos_research.report.figure._input import Name, Source, figure, gather, numbers, unique
from kesos_research.report.figure._plot import (
    DASH,
    Cell,
    End,
    Entry,
    Grid,
    beside,
    decimals,
    fill,
    mark,
    name_ends,
    plots,
    room_for,
    upright,
)
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis

WORTH = words(id="Peluang biayanya sepadan (persen)", en="Probability of being worth its cost (percent)")
FOUND = words(id="Peluang efek sebesar itu ditemukan (persen)", en="Probability of finding such an effect (percent)")
_FROM = words(id="peluang {power} persen mulai dari {effect}", en="{power} percent from {effect} on")
_NEVER = words(id="peluang {power} persen tidak tercapai", en="{power} percent is not reached")
_OF = words(id="{group}: {text}", en="{group}: {text}")


@dataclass(frozen=True)
class Level:
    """A height that curves are to reach, in percent, and the places of where they do."""

    at: float
    decimals: int


@dataclass(frozen=True)
class _Story:
    groups: Sequence[Group]
    x: str
    label: Name
    foot: Name
    ylim: tuple[float, float]
    marked: float | None
    marked_name: Name
    level: Level | None = None

    def curve(self, group: Group) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Along and upward; shares in percent."""
        y = next(c for c in ("probability", "power", "mde") if c in group.rows)
        return group.rows[self.x].to_numpy(float), group.rows[y].to_numpy(float) * (1 if y == "mde" else 100)


def acceptability(
    source: Source,
    *,
    id: str,
    alt: Words,
    foot: Name,
    names: Mapping[str, Name] | None = None,
    by: str = "group",
    marked: float | None = None,
    marked_name: Name = "",
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """How probably is it worth its cost, at what price of one unit of effect?

    Parameters
    ----------
    source
        Estimates of `cost_per_outcome` or `cost_effectiveness` (their evidence ``"acceptability"``), or rows with its
        columns: `threshold` (a price), `probability` (from 0 to 1), and the column `by` where there are several
        programmes. Several may also be given by keys.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    foot
        What the price is, with its unit.
    names
        Of the programmes (at most four), in the order drawn; none where there is one.
    by
        The column that tells programmes apart.
    marked, marked_name
        A price to mark, and what it is called.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.
    """
    given, rows = _rows(source, "acceptability", "threshold", "probability", by)
    story = _Story(groups(rows, names, by), "threshold", WORTH, foot, (0.0, 100.0), marked, marked_name)
    return _drawn(given, rows, story, id=id, alt=alt, slide=slide, width=width)


def power_curve(
    source: Source,
    *,
    id: str,
    alt: Words,
    foot: Name,
    names: Mapping[str, Name] | None = None,
    by: str = "group",
    target: float = 0.8,
    decimals: int = 2,
    marked: float | None = None,
    marked_name: Name = "",
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """How large must an effect be, to be found with the power asked for?

    Parameters
    ----------
    source
        Estimates of `minimum_detectable_effect` (their evidence ``"power"``), or rows with its columns: `effect`,
        `power` (from 0 to 1), and the column `by` where there are several designs. Several may also be given by keys.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    foot
        What the effect is, with its unit.
    names
        Of the designs (at most four), in the order drawn; none where there is one.
    by
        The column that tells designs apart.
    target
        The power asked for: a line across, with a mark where each curve first reaches it.
    decimals
        Places of the effects written there.
    marked, marked_name
        An effect to mark, such as the one expected, and what it is called.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.
    """
    if not 0 < target < 1:
        raise DataError(_("The power asked for is {value}.", value=target), expected=_("a share between 0 and 1"))
    given, rows = _rows(source, "power", "effect", "power", by)
    own = groups(rows, names, by)
    level = Level(100 * target, decimals)
    story = _Story(own, "effect", FOUND, foot, (0.0, 100.0), marked, marked_name, level)
    return _drawn(given, rows, story, id=id, alt=alt, slide=slide, width=width)


def mde_curve(
    source: Source,
    *,
    id: str,
    alt: Words,
    of: str,
    label: Name,
    foot: Name,
    names: Mapping[str, Name] | None = None,
    by: str = "group",
    marked: float | None = None,
    marked_name: Name = "",
    slide: bool = True,
    width: Width = "column",
) -> Figure:
    """How much smaller an effect could be seen with more?

    Parameters
    ----------
    source
        Rows with the column that `of` names (clusters, years, households in each cluster), `mde` (the minimum
        detectable effect), and the column `by` where there are several designs. Several may also be given by keys.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    of
        The column of what there is more of.
    label, foot
        What stands upward (the smallest effect that would be found, its unit) and what lies across.
    names
        Of the designs (at most four), in the order drawn; none where there is one.
    by
        The column that tells designs apart.
    marked, marked_name
        How many there are, to be marked, and what that is called.
    slide
        Whether it is drawn again for a slide.
    width
        Of one column or of the page.
    """
    given, rows = _rows(source, "mde", of, "mde", by)
    ylim = (0.0, limits(rows["mde"], include=(0.0,))[1])
    story = _Story(groups(rows, names, by), of, label, foot, ylim, marked, marked_name)
    return _drawn(given, rows, story, id=id, alt=alt, slide=slide, width=width)


def _rows(source: Source, evidence: str, x: str, y: str, by: str) -> tuple[tuple[Protected, ...], pd.DataFrame]:
    """The rows in the order of `x`, their heights in the column `at`: shares in percent."""
    given, rows = gather(source, evidence, (x, y), optional={by: ""}, key=by)
    numbers(rows, (x, y))
    rows = rows.dropna(subset=[x, y]).sort_values([by, x], kind="stable", ignore_index=True)
    unique(rows, (by, x))
    if y != "mde" and not rows[y].between(-1e-9, 1 + 1e-9).all():
        raise DataError(_("A probability lies outside 0 and 1."), expected=_("shares, not percent"))
    return given, rows


def _drawn(
    given: Sequence[Protected], rows: pd.DataFrame, story: _Story, *, id: str, alt: Words, slide: bool, width: Width
) -> Figure:
    paint = _paint(story)
    return figure(given, rows, id=id, alt=alt, width=width, page=paint, slide=paint if slide else None)


def _paint(story: _Story) -> Paint:
    every = np.concatenate([g.rows[story.x].to_numpy(float) for g in story.groups])
    xlim = (float(every.min()), float(every.max())) if np.ptp(every) else limits(every)
    # curves of power end in the same place: they are named above instead
    named = {} if story.level else {str(i): g.name for i, g in enumerate(story.groups) if g.name}
    reached = [_first_at(x, y, story.level.at) if story.level else None for x, y in map(story.curve, story.groups)]

    def across(sheet: Sheet, plane: Plane) -> None:
        x_axis(sheet, plane, ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))

    def paint(sheet: Sheet, plane: Plane) -> None:
        ends, line = [], sheet.pen.medium.line
        if story.level:
            at = float(plane.y(story.level.at))
            sheet.line([plane.box.left, plane.box.right], [at, at], color=style.RULE, width=0.6 * line, dash=DASH)
        for group, effect in zip(story.groups, reached, strict=True):
            x, y = story.curve(group)
            x, y = plane.x(x), plane.y(y)
            sheet.line(x, y, color=group.look.color, width=1.3 * line, dash=group.look.dash, front=3)
            ends.append(End(float(x[-1]), float(y[-1]), beside(sheet.pen, group.name), group.look))
            if story.level and effect is not None:
                mark(sheet, float(plane.x(effect)), float(plane.y(story.level.at)), color=group.look.color)
        if named:
            name_ends(sheet, plane, ends)
        if story.marked is not None:
            upright(sheet, plane, story.marked, sheet.pen.say(story.marked_name))

    def right(pen: Pen) -> float:
        """Room for the names, or for half of the last number across."""
        return (
            room_for(named)(pen)
            if named
            else 0.5 * pen.widest(ticks_that_fit(pen, *xlim, pen.medium.width).labels(pen))
        )

    cell, over = Cell(story.label, xlim, story.ylim, paint), int(story.marked is not None)
    return plots(Grid([cell], across, foot=story.foot, key=_entries(story, reached), over=over, right=right))


def _first_at(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> float | None:
    """Where the curve first reaches `level`, between the rows on either side; None where it does not."""
    over = np.flatnonzero(y >= level)
    if not over.size:
        return None
    i = int(over[0])
    return float(x[0] if i == 0 else np.interp(level, [y[i - 1], y[i]], [x[i - 1], x[i]]))


def _entries(story: _Story, reached: Sequence[float | None]) -> list[Entry]:
    """Where each curve reaches the power asked for."""
    if story.level is None:
        return []
    found = []
    for group, effect in zip(story.groups, reached, strict=True):
        power = (story.level.at, decimals(story.level.at))
        text = fill(_NEVER, power=power)
        if effect is not None:
            text = fill(_FROM, power=power, effect=(effect, story.level.decimals))
        text = fill(_OF, group=group.name, text=text) if group.name else text
        found.append(Entry(text, group.look.color, "-", dash=group.look.dash, width=1.3))
    return found
