"""Each effect beside the smallest that could have been seen: why "no difference found" is not "no effect"."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, number, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure
from kesos_research.report.figure._canvas import SLIDE_HEIGHT, Box, Paint, Pen, Sheet
from kesos_research.report.figure._input import Name, figure, frame, known, numbers, unique
from kesos_research.report.figure._scale import Plane, limits, ticks_that_fit, x_axis
from kesos_research.report.words import interval

ESTIMATE = words(id="Perbedaan", en="Difference")
SMALLEST = words(id="Terkecil yang dapat dideteksi", en="Smallest detectable")
AXIS = words(
    id="perbedaan dalam kelipatan perbedaan terkecil yang dapat dideteksi",
    en="difference in multiples of the smallest detectable difference",
)
BAND = words(id="terlalu kecil untuk dideteksi", en="too small to be detected")
_ROW_MM = 5.2


@dataclass(frozen=True)
class _Story:
    rows: pd.DataFrame
    names: Mapping[str, Name]
    units: Mapping[str, Name]
    decimals: Mapping[str, int]


def detectable(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    names: Mapping[str, Name],
    units: Mapping[str, Name],
    decimals: int | Mapping[str, int] = 2,
    slide: bool = True,
) -> Figure:
    """How does each effect compare with the smallest that the design could have seen?

    Parameters
    ----------
    protected
        Rows with the columns `term` (an outcome), `estimate`, `conf_low`, `conf_high` and `mde` (the minimum detectable
        effect, above zero, in the units of the estimate). Outcomes in different units stand on one scale because each
        is drawn as a multiple of its own minimum detectable effect.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    names, units
        Name and unit of each term.
    decimals
        Places of the numbers printed; a mapping where terms differ.
    slide
        Whether it is drawn again for a slide.
    """
    rows = frame(protected, ("term", "estimate", "conf_low", "conf_high", "mde"))
    numbers(rows, ("estimate", "conf_low", "conf_high", "mde"))
    unique(rows, ("term",))
    known(rows, "term", names)
    known(rows, "term", units)
    wrong = rows[~(rows["mde"] > 0) | rows["estimate"].isna()]
    if len(wrong):
        raise DataError(
            _("Term {term} has no estimate or no minimum detectable effect.", term=wrong.iloc[0]["term"]),
            expected=_("an estimate, and a minimum detectable effect above zero"),
        )
    places = decimals if isinstance(decimals, Mapping) else dict.fromkeys(rows["term"], decimals)
    story = _Story(rows, names, units, places)
    return figure(
        protected,
        rows,
        id=id,
        alt=alt,
        width="page",
        page=_paint(story, slide=False),
        slide=_paint(story, slide=True) if slide else None,
    )


def _paint(story: _Story, *, slide: bool) -> Paint:
    def paint(pen: Pen) -> Sheet:
        em, leading = pen.em, pen.medium.leading
        lines = [_texts(pen, story, r) for r in story.rows.to_dict("records")]
        left = 0.8 * em + max(max(pen.wide(t[0], bold=True), pen.wide(t[1])) for t in lines)
        heads = [pen.wrap(pen.say(ESTIMATE), 9 * em), pen.wrap(pen.say(SMALLEST), 7 * em)]
        beside = max(pen.widest([t[3] for t in lines]), pen.widest(heads[1], bold=True)) + 1.2 * em
        wide = max(pen.widest([t[2] for t in lines]), pen.widest(heads[0], bold=True)) + 1.2 * em
        head = max(len(h) for h in heads) * leading + 0.5 * em
        axis = pen.wrap(pen.say(AXIS), pen.medium.width - left)
        foot = 1.6 * em + len(axis) * leading + 0.3 * em
        row = (SLIDE_HEIGHT - head - foot) / len(lines) if slide else max(_ROW_MM, 2.6 * em)
        row = min(row, 4.5 * em)
        sheet = pen.sheet(head + row * len(lines) + foot)
        box = Box(left, head, pen.medium.width - left - beside - wide, row * len(lines))
        _strip(sheet, story, box, row)
        for k, text in enumerate(axis):
            sheet.text(left, box.bottom + 2.4 * em + k * leading, text, color=style.COMPARISON_INK)
        ends = (pen.medium.width - beside, pen.medium.width)
        for end, texts in zip(ends, heads, strict=True):
            for k, text in enumerate(texts):
                y = head - 0.5 * em - (len(texts) - 1 - k) * leading
                sheet.text(end, y, text, align="right", bold=True)
        for i, (name, unit, estimate, mde) in enumerate(lines):
            y = head + (i + 0.5) * row
            sheet.text(0, y - 0.5 * leading, name, bold=True, middle=True)
            sheet.text(0, y + 0.5 * leading, unit, color=style.COMPARISON_INK, middle=True)
            sheet.text(ends[0], y, estimate, align="right", middle=True)
            sheet.text(ends[1], y, mde, align="right", middle=True)
        return sheet

    return paint


def _strip(sheet: Sheet, story: _Story, box: Box, row: float) -> None:
    pen, em, line = sheet.pen, sheet.pen.em, sheet.pen.medium.line
    rows = story.rows
    share = rows[["conf_low", "estimate", "conf_high"]].div(rows["mde"], axis=0)
    plane = Plane(box, limits(share, pad=0.05, include=[-1.3, 1.3]), (0.0, 1.0))
    low, nil, high = (float(v) for v in plane.x([-1.0, 0.0, 1.0]))
    sheet.rect(Box(low, box.top, high - low, box.height), fill=style.SPAN, front=0.4)
    text = pen.say(BAND)
    middle = min(max((low + high) / 2, box.left + pen.wide(text) / 2), box.right - pen.wide(text) / 2)
    sheet.text(middle, box.top - 0.5 * em, text, align="center", color=style.COMPARISON_INK)
    x_axis(sheet, plane, ticks_that_fit(pen, *plane.xlim, box.width))
    sheet.rule(nil, box.top, nil, box.bottom)
    for i, values in enumerate(share.to_numpy(float)):
        y = box.top + (i + 0.5) * row
        x = plane.x(values)
        sheet.line([x[0], x[2]], [y, y], color=style.TREATED, width=1.4 * line)
        sheet.dots(x[1], y, color=style.TREATED, size=4.4 * line, shape="D")


def _texts(pen: Pen, story: _Story, row: Mapping[Hashable, Any]) -> tuple[str, str, str, str]:
    term = row["term"]
    places = story.decimals.get(term, 2)
    estimate = number(row["estimate"], places, pen.lang)
    if math.isfinite(row["conf_low"]) and math.isfinite(row["conf_high"]):
        estimate += " " + interval(row["conf_low"], row["conf_high"], places, pen.lang)
    return pen.say(story.names[term]), pen.say(story.units[term]), estimate, number(row["mde"], places, pen.lang)
