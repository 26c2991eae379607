"""What a figure is given, looked at before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DataError, DisclosureError, DocumentError
from kesos_research.language import LANGUAGES, Words, _
from kesos_research.report import marks
from kesos_research.report.exhibit import Figure, Width
from kesos_research.report.figure._canvas import SLIDE, Paint, draw, paper

Name = Words | str
"""What a key is called: in each language, or alike in all (the name of a region)."""
Source = Protected | Mapping[str, Protected]
"""What may be drawn: one, or several by their keys."""


@dataclass(frozen=True)
class Panel:
    """One of a figure's small multiples: the rows whose `panel` is `key`.

    `label` names what is measured, `unit` the unit on its axis.
    """

    key: str
    label: Name
    unit: Name


PLAIN = (Panel("", "", ""),)
"""One panel without a name."""


@dataclass(frozen=True)
class Span:
    """Years set apart by a tint and named above it: a transition, another programme's start."""

    first: int
    last: int
    label: Name


def frame(protected: Protected, columns: Sequence[str], *, optional: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The rows to draw, with every column asked for; an optional one that lacks is filled with its default."""
    if not isinstance(protected, Protected):
        raise DisclosureError(
            _("A figure was given {kind}.", kind=type(protected).__name__),
            expected=_("rows or estimates that may be shown"),
            remedy=_("pass them through disclosure.protect(…, rule=…) first"),
        )
    rows = protected.table
    lacking = [c for c in columns if c not in rows]
    if lacking:
        raise DataError(
            _("Columns needed to draw are not there: {columns}.", columns=", ".join(lacking)),
            expected=", ".join(columns),
            remedy=_("give the columns these names"),
        )
    if rows.empty:
        raise DataError(_("There are no rows to draw."), expected=_("at least one row"))
    filled = rows.reset_index(drop=True)
    for column, value in (optional or {}).items():
        if column not in filled:
            filled[column] = value
    return filled


def gather(
    source: Source,
    evidence: str,
    columns: Sequence[str],
    *,
    optional: Mapping[str, Any] | None = None,
    key: str = "panel",
    default: str = "",
) -> tuple[tuple[Protected, ...], pd.DataFrame]:
    """The rows of one or several, taken from their `evidence` where they have it; column `key` says whose a row is."""
    several = isinstance(source, Mapping)
    parts = dict(source) if several else {default: source}
    if not parts:
        raise DataError(_("There are no rows to draw."), expected=_("at least one row"))
    passed: list[Protected] = []
    frames: list[pd.DataFrame] = []
    for name, given in parts.items():
        own = given.behind(evidence) if isinstance(given, Protected) and evidence in given.evidence else given
        rows = frame(own, columns, optional={**(optional or {}), key: name})
        passed.append(own)
        frames.append(rows.assign(**{key: name if several else rows[key]}, mark=rows["mark"] if own.marked else ""))
    return tuple(passed), pd.concat(frames, ignore_index=True)


def whole(rows: pd.DataFrame, column: str) -> None:
    """Refuse times between two steps; a missing one is left to the figure."""
    numbers(rows, (column,))
    seen = rows[column].dropna()
    odd = seen[seen != seen.round()]
    if len(odd):
        raise DataError(
            _("Column {column} holds {value}.", column=column, value=float(odd.iloc[0])), expected=_("whole numbers")
        )


def level_of(passed: Sequence[Protected], asked: float | None) -> float | None:
    """The level of confidence of what is drawn, where it is told and the same; what was asked for must not differ."""
    told = {p.level for p in passed if p.level is not None} | ({asked} if asked is not None else set())
    if asked is not None and (len(told) > 1 or not 0 < asked < 1):
        raise DataError(
            _("The intervals are said to be of level {level}.", level=str(asked)),
            expected=", ".join(str(v) for v in sorted(told - {asked})) or _("a share between 0 and 1"),
        )
    return told.pop() if len(told) == 1 and (asked is not None or all(p.level is not None for p in passed)) else None


def unique(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse two rows where the drawing has one place."""
    twice = rows[rows.duplicated(list(columns), keep=False)]
    if len(twice):
        what = ", ".join(f"{c} {twice.iloc[0][c]}" for c in columns)
        raise DataError(_("Several rows stand for the same mark: {what}.", what=what), expected=_("one row each"))


def numbers(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse text where a number is drawn."""
    for column in columns:
        if not pd.api.types.is_numeric_dtype(rows[column]):
            raise DataError(
                _("Column {column} holds something else than numbers.", column=column), expected=_("numbers")
            )


def shown(rows: pd.DataFrame, panels: Sequence[Panel], columns: Sequence[str]) -> pd.DataFrame:
    """The rows of the panels; one that has no number to draw in all `columns` is refused."""
    numbers(rows, columns)
    own = rows[rows["panel"].isin([p.key for p in panels])]
    full = set(own.loc[own[list(columns)].notna().all(axis=1), "panel"])
    lacking = [p.key for p in panels if p.key not in full]
    if lacking or not panels:
        raise DataError(
            _("There are no values for panel {panel}.", panel=", ".join(lacking) or "–"), expected=", ".join(columns)
        )
    return own


def known(rows: pd.DataFrame, column: str, names: Mapping[str, Name]) -> None:
    """Refuse a value that has no name a reader would know."""
    lacking = sorted({str(v) for v in rows[column]} - set(names))
    if lacking:
        raise DocumentError(
            _("No name is given for {values} in column {column}.", values=", ".join(lacking[:5]), column=column),
            expected=_("a name in both languages for each value"),
            remedy=_("add it to `names`"),
        )


def alike(rows: pd.DataFrame, panel: Panel, panels: Sequence[Panel]) -> pd.DataFrame:
    """Rows of all panels in the unit of this one: they share a scale."""
    return rows[rows["panel"].isin([p.key for p in panels if p.unit == panel.unit])]


def first(panels: Sequence[Panel]) -> str:
    """The key that rows without a column `panel` have."""
    return panels[0].key if panels else ""


def chosen(panels: Sequence[Panel], keys: Sequence[str] | None) -> tuple[Panel, ...]:
    """The panels that go on the slide: those named, or as many of the first as a slide holds."""
    if keys is None:
        return tuple(panels[:2])
    lacking = [k for k in keys if k not in {p.key for p in panels}]
    if lacking:
        raise DocumentError(
            _("There is no panel {key} to put on the slide.", key=", ".join(lacking)),
            expected=", ".join(p.key for p in panels),
        )
    return tuple(p for p in panels if p.key in keys)


def figure(
    protected: Protected | Sequence[Protected],
    rows: pd.DataFrame,
    *,
    id: str,
    alt: Words,
    width: Width,
    page: Paint,
    slide: Paint | None,
    mm: float | None = None,
) -> Figure:
    """Draw in each language, on paper and, where `slide` is given, for a slide.

    `rows` are what is drawn, for the annex. `mm` is a printed width other than the column's or the page's.
    """
    if not id.startswith("fig-"):
        raise DocumentError(_("The figure is called {id}.", id=id), expected=_("an id that begins with fig-"))
    if not all(alt.get(lang, "").strip() for lang in LANGUAGES):
        raise DocumentError(
            _("Figure {id} has no text for readers who do not see it.", id=id),
            expected=_("alt text in both languages"),
            remedy=_("say in `alt` what the picture shows"),
        )
    svg = {lang: draw(page, id=id, lang=lang, medium=paper(mm or width)) for lang in LANGUAGES}
    slides = {lang: draw(slide, id=id, lang=lang, medium=SLIDE) if slide else "" for lang in LANGUAGES}
    every = (protected,) if isinstance(protected, Protected) else tuple(protected)
    records = tuple({p.record.digest: p.record for p in every}.values())
    used = set(rows["mark"]) if any(p.marked for p in every) else set()
    precise = next((tuple(record.precise) for record in records if record.precise), ())
    return Figure(
        id,
        width=width,
        public=all(p.public for p in every),
        guards=tuple(record.digest for record in records),
        records=records,
        note=marks.note(used, precise),
        source=_sources(every),
        svg=svg,
        slide_svg=slides,
        alt=alt,
        data=[{str(k): _plain(v) for k, v in row.items()} for row in rows.to_dict("records")],
    )


def _sources(every: Sequence[Protected]) -> Words:
    """Where the rows come from, each source once."""
    told = [p.rule.source for p in every]
    return {lang: "; ".join(dict.fromkeys(t[lang] for t in told if t.get(lang))) for lang in LANGUAGES}


def _plain(value: Any) -> Any:
    """A value that JSON knows; what is missing is None."""
    item: Callable[[], Any] | None = getattr(value, "item", None)
    value = item() if item else value
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)
