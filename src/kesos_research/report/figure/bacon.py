"""Of which comparisons a two-way estimate is made: each at its weight, the forbidden ones crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kesos_research.language import Words, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import Paint, Sheet
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
    numbers,
    shown,
)
from kesos_research.report.figure._plot import DASH, Cell, Entry, Grid, fill, heading, mark, plots
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis

KINDS: Mapping[str, Name] = {
    "treated_vs_never": words(id="pembanding: tidak pernah ikut", en="compared with: never treated"),
    "earlier_vs_later": words(id="pembanding: belum ikut", en="compared with: not yet treated"),
    "later_vs_earlier": words(id="pembanding: sudah ikut (terlarang)", en="compared with: already treated (forbidden)"),
}
WEIGHT = words(id="bobot (persen)", en="weight (percent)")
_TWO_WAY = words(id="rata-rata berbobot, taksiran dua arah: {mean}", en="weighted mean, the two-way estimate: {mean}")
_MEAN = words(id="rata-rata berbobot, taksiran dua arah", en="weighted mean, the two-way estimate")
_SHARE = words(id="{kind}; bobot {share} persen, rata-rata {mean}", en="{kind}; weight {share} percent, mean {mean}")
_LOOKS = {
    "treated_vs_never": (style.TREATED, "o"),
    "earlier_vs_later": (style.SYNTHETIC, "s"),
    "later_vs_earlier": (style.INK, "x"),
}


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    names: Mapping[str, Name]
    decimals: int


def bacon(
    source: Source,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    names: Mapping[str, Name] = KINDS,
    decimals: int = 2,
    on_slide: Sequence[str] | None = None,
    width: Width = "column",
) -> Figure:
    """Which comparisons make up the two-way estimate, and how much of it is forbidden?

    Parameters
    ----------
    source
        Estimates of `bacon_decomposition` (their evidence ``"comparisons"``), or rows with its columns: `kind`
        (``"treated_vs_never"``, ``"earlier_vs_later"`` or ``"later_vs_earlier"``), `estimate`, `weight` (shares that
        sum to one). Several, by the keys of `panels`, stand side by side.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is measured, and its unit. One `Panel` with any key where there is one.
    names
        Of the kinds. Comparisons of later with already treated take an effect for a trend: they are black crosses.
    decimals
        Places of the means printed.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of one column or of the page.
    """
    given, rows = gather(source, "comparisons", ("kind", "estimate", "weight"), default=first(panels))
    numbers(rows, ("weight",))
    rows = shown(rows, panels, ("estimate", "weight"))
    known(rows, "kind", {k: names[k] for k in _LOOKS if k in names})
    story = _Story(rows, panels, names, decimals)
    few = chosen(panels, on_slide)
    return figure(
        given, rows, id=id, alt=alt, width=width, page=_paint(story, panels), slide=_paint(story, few) if few else None
    )


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    def across(sheet: Sheet, plane: Plane) -> None:
        x_axis(sheet, plane, ticks_that_fit(sheet.pen, *plane.xlim, plane.box.width))

    cells = [_cell(story, panel) for panel in panels]
    return plots(Grid(cells, across, foot=WEIGHT, key=_entries(story, panels)))


def _entries(story: _Story, panels: Sequence[Panel]) -> list[Entry]:
    """What the marks are; where there is one plot, with their weight and mean."""
    rows = story.rows[story.rows["panel"].isin([p.key for p in panels])]
    found = []
    for kind, (color, shape) in _LOOKS.items():
        own = rows[rows["kind"] == kind]
        if own.empty:
            continue
        name = story.names[kind]
        if len(panels) == 1:
            share = 100 * float(own["weight"].sum())
            name = fill(_SHARE, kind=name, share=(share, int(share < 1)), mean=(_mean(own), story.decimals))
        found.append(Entry(name, color, shape))
    mean = fill(_TWO_WAY, mean=(_mean(rows), story.decimals)) if len(panels) == 1 else _MEAN
    return [*found, Entry(mean, style.RULE, "-", dash=DASH, width=0.6)]


def _mean(rows: pd.DataFrame) -> float:
    seen = rows.dropna(subset=["estimate", "weight"])
    total = float(seen["weight"].sum())
    return float((seen["estimate"] * seen["weight"]).sum()) / total if total else float("nan")


def _cell(story: _Story, panel: Panel) -> Cell:
    own = story.rows[story.rows["panel"] == panel.key].dropna(subset=["estimate", "weight"])
    ylim = limits(alike(story.rows, panel, story.panels)["estimate"], include=(0.0,))
    xlim = (0.0, limits(100 * story.rows["weight"], include=(0.0,))[1])

    def paint(sheet: Sheet, plane: Plane) -> None:
        box, nil, mean = plane.box, float(plane.y(0.0)), float(plane.y(_mean(own)))
        sheet.rule(box.left, nil, box.right, nil)
        sheet.line([box.left, box.right], [mean, mean], color=style.RULE, width=0.6 * sheet.pen.medium.line, dash=DASH)
        for kind, (color, shape) in _LOOKS.items():
            some = own[own["kind"] == kind]
            if len(some):
                x, y = plane.x(100 * some["weight"]), plane.y(some["estimate"])
                mark(sheet, x, y, color=color, shape=shape)

    return Cell(heading(panel), xlim, ylim, paint)
