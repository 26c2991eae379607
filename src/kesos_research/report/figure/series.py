"""Outcomes over years: pilots beside the rest, and a region beside its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError
from kesos_research.language import Words, _, words
from kesos_research.report import style
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure import _series
from kesos_research.report.figure._input import Name, Panel, Span, chosen, figure, frame, known, numbers, unique

_OPTIONAL = {"low": float("nan"), "high": float("nan"), "flag": False}
_COLUMNS = ("panel", "period", "group", "value")

TREND_NAMES = {
    "treated": words(id="Percontohan: rata-rata", en="Pilots: mean"),
    "treated_and_units": words(
        id="Percontohan: rata-rata; garis tipis: tiap daerah", en="Pilots: mean; each district thin"
    ),
    "comparison": words(id="Pembanding: median dan kuartil", en="Comparison: median and quartiles"),
}
PEER_NAMES = {
    "region": words(id="Wilayah ini", en="This region"),
    "province": words(id="Provinsi: median dan kuartil", en="Province: median and quartiles"),
    "nation": words(id="Indonesia: median dan kuartil", en="Indonesia: median and quartiles"),
    "peers": words(id="Sepuluh wilayah terdekat: median", en="Ten nearest peers: median"),
}
JUMP = words(
    id="Lingkaran: lompatan angka dari tahun sebelumnya, bukan perkembangan.",
    en="Circle: a jump from the year before in the published figure, not a development.",
)

_MEAN = _series.Look(style.TREATED, style.TREATED_INK, width=1.5, bold=True, front=3)
_REST = _series.Look(style.COMPARISON, style.COMPARISON_INK, dash=(6, 1.5))
_UNIT = _series.Look(style.TREATED, style.TREATED_INK, width=0.5, alpha=0.55, front=2.5)
_PEER_LOOKS = {
    "nation": _series.Look(style.COMPARISON, style.COMPARISON_INK),
    "province": _series.Look(style.HIGHLIGHT, style.HIGHLIGHT_INK, dash=(5, 1.5)),
    "peers": _series.Look(style.SYNTHETIC, style.SYNTHETIC_INK, dash=(1.2, 1.2)),
    "region": _series.Look(style.TREATED, style.TREATED_INK, width=1.4, bold=True, dots=True, front=3),
}


def trends(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    names: Mapping[str, Name] | None = None,
    spans: Sequence[Span] = (),
    flagged: Name = JUMP,
    on_slide: Sequence[str] | None = None,
    width: Width = "page",
) -> Figure:
    """Did the pilots move unlike the rest?

    Parameters
    ----------
    protected
        Tidy rows with the columns `panel` (a panel's key), `period` (year), `group`, `value`, and optionally `low`,
        `high` (a band, e.g. the quartiles) and `flag` (true where the value jumps and is marked). `group` is
        ``"treated"``, ``"comparison"``, or any other key: a single unit, drawn as a thin line. A year without a row
        leaves a gap.
    id, alt
        The exhibit's id (`fig-…`) and the text for readers who do not see it.
    panels
        What is shown, in order, each with its own vertical scale; the years are common.
    names
        Labels of groups, added to `TREND_NAMES`. Single units are labelled on paper when all of them have a name.
    spans
        Years to tint and name, such as the transition.
    flagged
        What the circle around a flagged value means; printed when there is one.
    on_slide
        Keys of the panels that go on a slide; by default the first two, `()` for no slide.
    width
        Of the page or of one column.

    Raises
    ------
    DataError, DocumentError, DisclosureError
        When rows lack a column, stand twice for one mark, or have not passed the guard.
    """
    rows = _rows(protected, panels)
    units = sorted(set(rows["group"]) - {"treated", "comparison"})
    looks = {"comparison": _REST, **dict.fromkeys(units, _UNIT), "treated": _MEAN}
    named = {**TREND_NAMES, **(names or {})}
    # where thin lines go without their names, as on a slide, they are explained where their mean is named
    unnamed = {g: n for g, n in named.items() if g not in units}
    unnamed |= {"treated": named["treated_and_units"]} if units else {}
    story = _series.Story(rows, looks, named if set(units) <= set(named) else unnamed, spans, flagged)
    few = replace(story, names=unnamed)
    return _drawn(protected, story, few, panels, id=id, alt=alt, on_slide=on_slide, width=width)


def trajectory(
    protected: Protected,
    *,
    id: str,
    alt: Words,
    panels: Sequence[Panel],
    names: Mapping[str, Name] | None = None,
    spans: Sequence[Span] = (),
    flagged: Name = JUMP,
    on_slide: Sequence[str] | None = (),
    width: Width = "page",
) -> Figure:
    """Where does a region stand beside its province, the nation, and the regions most like it?

    Parameters
    ----------
    protected
        Tidy rows as for `trends`, where `group` is ``"region"``, ``"province"``, ``"nation"`` or ``"peers"``. For
        province and nation `value`, `low` and `high` are the median and quartiles of their districts; for peers the
        median. `flag` marks the region's own breaks.
    id, alt, panels, spans, flagged, on_slide, width
        As for `trends`; by default there is no slide.
    names
        Labels that replace those of `PEER_NAMES`, e.g. the region's and the province's names.
    """
    rows = _rows(protected, panels)
    known(rows, "group", PEER_NAMES)
    story = _series.Story(rows, _PEER_LOOKS, {**PEER_NAMES, **(names or {})}, spans, flagged, height=30.0)
    return _drawn(protected, story, story, panels, id=id, alt=alt, on_slide=on_slide, width=width)


def _rows(protected: Protected, panels: Sequence[Panel]) -> pd.DataFrame:
    rows = frame(protected, _COLUMNS, optional=_OPTIONAL)
    numbers(rows, ("period", "value", "low", "high"))
    rows = rows[rows["panel"].isin([p.key for p in panels])]
    lacking = [p.key for p in panels if not rows.loc[rows["panel"] == p.key, "value"].notna().any()]
    if lacking or rows.empty:
        raise DataError(
            _("There are no values for panel {panel}.", panel=", ".join(lacking)),
            expected=", ".join(map(str, dict.fromkeys(protected.table["panel"]))),
        )
    unique(rows, ("panel", "group", "period"))
    return rows.assign(flag=rows["flag"].eq(True))


def _drawn(
    protected: Protected,
    story: _series.Story,
    slide: _series.Story,
    panels: Sequence[Panel],
    *,
    id: str,
    alt: Words,
    on_slide: Sequence[str] | None,
    width: Width,
) -> Figure:
    few = chosen(panels, on_slide)
    return figure(
        protected,
        story.rows,
        id=id,
        alt=alt,
        width=width,
        page=_series.page(story, panels),
        slide=_series.slide(slide, few) if few else None,
    )
