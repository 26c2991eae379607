"""A region's figures at a glance: the tiles of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kesos_research.disclosure import Protected
from kesos_research.domain import Indicator, indicator
from kesos_research.errors import DocumentError
from kesos_research.language import LANGUAGES, Language, Words, _, both, number, words
from kesos_research.report import marks
from kesos_research.report.exhibit import Glance
from kesos_research.report.table import _identified, _plain, guarded
from kesos_research.report.words import signed

_NEEDED = ("outcome", "year", "value")


def glance(protected: Protected, *, id: str) -> Glance:
    """One tile for each row of one region's figures.

    Parameters
    ----------
    protected
        Tidy rows that may be shown. Needed columns: `outcome` (code of an indicator), `year`, `value`. Used where they
        are there and not missing: `province_low`, `province_high`, `nation_low`, `nation_high` (quartiles of the
        districts' values), `change` and `since` (the value less that of the year `since`), `noise_low`, `noise_high`
        (the range in which the change of most other districts lies).
    id
        ``"glance-"`` and a name.
    """
    frame = guarded(protected).table
    _identified(id, "glance-")
    lacking = [c for c in _NEEDED if c not in frame.columns]
    if lacking:
        raise DocumentError(
            _("The figures at a glance lack the column {name}.", name=lacking[0]), expected=", ".join(_NEEDED)
        )
    rows = [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]
    return Glance(
        id,
        source=dict(protected.rule.source),
        public=protected.public,
        guards=(protected.record.digest,),
        records=(protected.record,),
        note=marks.note(set(protected.marks), tuple(protected.record.precise)),
        tiles=tuple(_tile(row) for row in rows),
    )


def _tile(row: Mapping[str, Any]) -> dict[str, Words]:
    what = indicator(row["outcome"])
    value = row["value"]
    year = str(row["year"]).removesuffix(".0")
    return {
        "label": dict(what.short),
        "value": {lang: "–" if value is None else number(value, what.decimals, lang) for lang in LANGUAGES},
        "unit": dict(what.unit),
        "year": words(id=year, en=year),
        "place": {lang: _place(row, lang) for lang in LANGUAGES},
        "change": {lang: _change(row, what, lang) for lang in LANGUAGES},
    }


def _place(row: Mapping[str, Any], lang: Language) -> str:
    """Where the value lies between the quartiles of the province's and of the nation's districts."""
    texts = {
        "province": (
            both("below the middle half of its province"),
            both("in the middle half of its province"),
            both("above the middle half of its province"),
        ),
        "nation": (
            both("below the middle half of the nation"),
            both("in the middle half of the nation"),
            both("above the middle half of the nation"),
        ),
    }
    said = []
    for area, (below, inside, above) in texts.items():
        low, high, value = row.get(f"{area}_low"), row.get(f"{area}_high"), row["value"]
        if low is None or high is None or value is None:
            continue
        said.append((below if value < low else above if value > high else inside)[lang])
    return "; ".join(said)


def _change(row: Mapping[str, Any], what: Indicator, lang: Language) -> str:
    change, since = row.get("change"), row.get("since")
    if change is None or since is None:
        return ""
    year = str(since).removesuffix(".0")
    said = both("{change} since {year}", change=_each(change, what.decimals), year=year)[lang]
    low, high = row.get("noise_low"), row.get("noise_high")
    if low is None or high is None:
        return said
    usual = both(
        "most districts: {low} to {high}",
        low=_each(low, what.decimals),
        high=_each(high, what.decimals),
    )[lang]
    return f"{said} ({usual})"


def _each(value: float, decimals: int) -> Words:
    return {lang: signed(value, decimals, lang) for lang in LANGUAGES}
