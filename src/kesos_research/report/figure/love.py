"""How alike two groups are, covariate by covariate, before and after they were made comparable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import (
    PLAIN,
    Name,
    Panel,
    Source,
    chosen,
    figure,
    first,
    gather,
    known,
    numbers,
    shown,
    unique,
)
from kesos_research.report.figure._plot import DASH, Entry, Key, decimals, fill, heading, mark
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis
from kesos_research.report.words import ABSENT

BEFORE = words(id="sebelum pembobotan", en="before weighting")
AFTER = words(id="sesudah pembobotan", en="after weighting")
AXIS = words(id="selisih rata-rata dalam simpangan baku", en="difference of means in standard deviations")
_NAMED = words(id="{when}: {n} dari {all} di luar ±{limit}", en="{when}: {n} of {all} beyond ±{limit}")
_BEYOND = words(id="di luar ±{limit}: {n} dari {all}", en="beyond ±{limit}: {n} of {all}")
_BEYOND_BOTH = words(
    id="di luar ±{limit}: {n}, lalu {after}, dari {all}", en="beyond ±{limit}: {n}, then {after}, of {all}"
)
_REST = words(id="{n} lainnya berbeda lebih sedikit sebelumnya", en="{n} others differ less before")
_ROW_MM = 4.2
_LOOKS = {"smd_before": (style.COMPARISON, "o", True), "smd_after": (style.TREATED, "D", False)}


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    panels: Sequence[Panel]
    names: Mapping[str, Name]
    covariates: tuple[str, ...]
    threshold: float
    when: Mapping[str, Name]


def love_plot(
    source: Source,
    *,
    id: str,
    alt: Words,
    names: Mapping[str, Name],
    panels: Sequence[Panel] = PLAIN,
    threshold: float = 0.1,
    before: Name = BEFORE,
    after: Name = AFTER,
    on_slide: Sequence[str] | None = None,
    width: Width = "column",
) -> Figure:
    """Were the groups alike, and are they after matching or weighting?

    Parameters
    ----------
    source
        Estimates with the evidence ``"balance"``, or rows with its columns: `covariate`, `smd_before`, and `smd_after`
        where something was done about it. Several, by the keys of `panels`, stand side by side on one scale: two
        populations, two ways of weighting.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    names
        Name of each covariate.
    panels
        What stands over each plot.
    threshold
        Standardised differences up to this size are tinted as small; how many lie beyond is printed.
    before, after
        What the two marks are called.
    on_slide
        Keys of the panels on the slide; by default the first two, `()` for no slide.
    width
        Of one column or of the page.

    Notes
    -----
    The covariate that differs most before, by the first panel that has it, stands on top.
    """
    given, rows = gather(
        source, "balance", ("covariate", "smd_before"), optional={"smd_after": np.nan}, default=first(panels)
    )
    numbers(rows, ("smd_after",))
    rows = shown(rows, panels, ("smd_before",))
    unique(rows, ("panel", "covariate"))
    known(rows, "covariate", names)
    if not threshold > 0:
        raise DataError(
            _("The limit of small differences is {value}.", value=threshold), expected=_("a number above zero")
        )
    story = _Story(rows, panels, names, _order(rows, panels), threshold, {"smd_before": before, "smd_after": after})
    few = chosen(panels, on_slide)
    return figure(
        given,
        rows,
        id=id,
        alt=alt,
        width=width,
        page=_paint(story, panels),
        slide=_paint(story, few) if few else None,
    )


def _order(rows: pd.DataFrame, panels: Sequence[Panel]) -> tuple[str, ...]:
    """By how much they differ before, the most on top; those of a later panel alone come after."""
    order: list[str] = []
    for panel in panels:
        own = rows[rows["panel"] == panel.key].set_index("covariate")["smd_before"].abs()
        order += [str(c) for c in own.sort_values(ascending=False, kind="stable").index if c not in order]
    return tuple(order)


def _paint(story: _Story, panels: Sequence[Panel]) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        gap = 1.5 * em
        names = {c: pen.wrap(pen.say(story.names[c]), _names_mm(pen, panels)) for c in story.covariates}
        left = 0.8 * em + max(pen.widest(lines) for lines in names.values())
        cell = (pen.medium.width - left - em - gap * (len(panels) - 1)) / len(panels)
        top = Key(pen, _entries(story, panels))
        heads = [_heads(pen, story, p, cell) if len(panels) > 1 or p.label else [] for p in panels]
        above = top.height + max(len(h) for h in heads) * leading + 0.5 * em * any(heads)
        foot = pen.wrap(pen.say(AXIS), pen.medium.width)
        below = 1.6 * em + len(foot) * leading + 0.1 * em
        few, rest = (
            _that_fit(names, SLIDE_HEIGHT - above - below - leading, leading) if pen.medium.slide else (names, 0)
        )
        if rest:
            foot += pen.wrap(pen.say(fill(_REST, n=(rest, 0))), pen.medium.width)
            below = 1.6 * em + len(foot) * leading + 0.1 * em
        rows = np.array([max(_ROW_MM, len(lines) * leading + 0.25 * em) for lines in few.values()])
        if pen.medium.slide:
            rows *= (SLIDE_HEIGHT - above - below) / rows.sum()
        at = above + np.cumsum(rows) - rows / 2
        sheet = pen.sheet(above + float(rows.sum()) + below)
        top.draw(sheet)
        for y, lines in zip(at, few.values(), strict=True):
            sheet.lines(0, float(y), lines)
        for n, panel in enumerate(panels):
            box = Box(left + n * (cell + gap), above, cell, float(rows.sum()))
            for k, (text, bold) in enumerate(heads[n]):
                y = top.height + 0.85 * em + k * leading
                sheet.text(box.left, y, text, bold=bold, color=style.INK if bold else style.COMPARISON_INK)
            _panel(sheet, story, panel, box, dict(zip(few, at, strict=True)))
        wide = pen.widest(foot)
        middle = min((left + pen.medium.width - em) / 2, pen.medium.width - wide / 2)
        for k, text in enumerate(foot):
            y = sheet.height - below + 2.45 * em + k * leading
            sheet.text(max(middle, wide / 2), y, text, align="center", color=style.COMPARISON_INK)
        return sheet

    return paint


def _that_fit(names: Mapping[str, list[str]], room: float, leading: float) -> tuple[dict[str, list[str]], int]:
    """The first covariates that a slide has room for, and how many are left out."""
    lines = np.cumsum([1.05 * len(n) for n in names.values()])
    if lines[-1] * leading <= room + leading:
        return dict(names), 0
    fit = max(1, int((lines * leading <= room).sum()))
    return dict(list(names.items())[:fit]), len(names) - fit


def _names_mm(pen: Pen, panels: Sequence[Panel]) -> float:
    """Names take at most so much of the width that the plots can be read."""
    return pen.medium.width * (0.45 if len(panels) == 1 else 0.3)


def _panel(sheet: Sheet, story: _Story, panel: Panel, box: Box, at: Mapping[str, float]) -> None:
    pen = sheet.pen
    values = story.rows[["smd_before", "smd_after"]].to_numpy(float)
    plane = Plane(box, limits(values, pad=0.06, include=(-1.5 * story.threshold, 1.5 * story.threshold)), (0.0, 1.0))
    low, nil, high = (float(v) for v in plane.x([-story.threshold, 0.0, story.threshold]))
    sheet.rect(Box(low, box.top, high - low, box.height), fill=style.SPAN, front=0.4)
    for x in (low, high):
        sheet.line([x, x], [box.top, box.bottom], color=style.RULE, width=pen.medium.axis, dash=DASH, front=1.2)
    sheet.rule(nil, box.top, nil, box.bottom)
    x_axis(sheet, plane, ticks_that_fit(pen, *plane.xlim, box.width))
    own = story.rows[story.rows["panel"] == panel.key].set_index("covariate").reindex(list(at))
    y = np.array(list(at.values()))
    before, after = (plane.x(own[c]) for c in _LOOKS)
    for x0, x1, each in zip(before, after, y, strict=True):
        sheet.line([x0, x1], [each, each], color=style.COMPARISON, width=0.5 * pen.medium.line)
    for each in y[~(np.isfinite(before) | np.isfinite(after))]:
        sheet.text(nil, float(each), ABSENT, align="center", middle=True)
    for (color, shape, hollow), x in zip(_LOOKS.values(), (before, after), strict=True):
        seen = np.isfinite(x)
        if seen.any():
            mark(sheet, x[seen], y[seen], color=color, shape=shape, hollow=hollow)


def _heads(pen: Pen, story: _Story, panel: Panel, width: float) -> list[tuple[str, bool]]:
    """A panel's name, and how many of its covariates lie beyond the limit."""
    values = [(float((v.abs() > story.threshold).sum()), 0) for v in _times(story, panel)]
    limit = (story.threshold, decimals(story.threshold))
    total = (float(len(_times(story, panel)[0])), 0)
    said = fill(_BEYOND if len(values) == 1 else _BEYOND_BOTH, n=values[0], after=values[-1], all=total, limit=limit)
    lines = [(line, True) for line in pen.wrap(pen.say(heading(panel)), width, bold=True)]
    return lines + [(line, False) for line in pen.wrap(pen.say(said), width)]


def _times(story: _Story, panel: Panel) -> list[pd.Series]:
    """The differences of a panel, before and where there are any after."""
    own = story.rows[story.rows["panel"] == panel.key]
    return [own[c].dropna() for c in _LOOKS if own[c].notna().any()]


def _entries(story: _Story, panels: Sequence[Panel]) -> list[Entry]:
    """With one plot that has no head, the marks' names count what lies beyond."""
    found = []
    alone = len(panels) == 1 and not panels[0].label
    for column, (color, shape, hollow) in _LOOKS.items():
        own = story.rows[column].dropna()
        if own.empty:
            continue
        n, total = (float((own.abs() > story.threshold).sum()), 0), (float(len(own)), 0)
        limit = (story.threshold, decimals(story.threshold))
        text = fill(_NAMED, when=story.when[column], n=n, all=total, limit=limit) if alone else story.when[column]
        found.append(Entry(text, color, shape, hollow=hollow))
    return found
