"""What JupyterLab shows where a cell ends in an exhibit or in claims. Every text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from kesos_research.language import Language, number, translate
from kesos_research.report.exhibit import Claim, Column, Exhibit, Glance, Table
from kesos_research.report.marks import LETTERS
from kesos_research.report.words import ABSENT, cell, interval, p_value, say

_STYLE = "border-collapse:collapse;font-variant-numeric:tabular-nums"
_CELL = "padding:.15em .7em;text-align:"


def table_html(table: Table, lang: Language) -> str:
    """A table as JupyterLab shows it."""
    head = "".join(_th(column, lang) for column in table.columns)
    body = "".join(_tr(row, table.columns, lang) for row in table.rows)
    return _figure(table, f'<table style="{_STYLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>', lang)


def claims_html(claims: Sequence[Claim], lang: Language) -> str:
    """Claims as JupyterLab shows them: the name by which a narrative looks each up, and its numbers."""
    heads = (
        translate("claim", lang),
        translate("estimate", lang),
        translate("interval", lang),
        "p",
        "n",
        translate("unit", lang),
    )
    head = "".join(f'<th style="{_CELL}left">{escape(h)}</th>' for h in heads)
    body = "".join(f"<tr>{''.join(_td(text, 'left') for text in _told(claim, lang))}</tr>" for claim in claims)
    return f'<table style="{_STYLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def glance_html(glance: Glance, lang: Language) -> str:
    """The tiles of a profile as JupyterLab shows them."""
    tiles = "".join(
        '<div style="border:1px solid #ddd;padding:.5em .8em;min-width:11em">'
        f"<div>{_text(tile, 'label', lang)} ({_text(tile, 'year', lang)})</div>"
        f'<div style="font-size:1.5em">{_text(tile, "value", lang)} <small>{_text(tile, "unit", lang)}</small></div>'
        f"<div>{_text(tile, 'place', lang)}</div><div>{_text(tile, 'change', lang)}</div></div>"
        for tile in glance.tiles
    )
    return _figure(glance, f'<div style="display:flex;flex-wrap:wrap;gap:.6em">{tiles}</div>', lang)


def _figure(exhibit: Exhibit, inner: str, lang: Language) -> str:
    caption = f"<figcaption><b>{escape(exhibit.id)}</b> {escape(exhibit.caption[lang])}</figcaption>"
    below = " ".join(filter(None, (exhibit.note[lang], exhibit.source[lang])))
    note = f"<small>{escape(below)}</small>" if below else ""
    return f"<figure>{caption}{inner}{note}</figure>"


def _th(column: Column, lang: Language) -> str:
    unit = f" ({column.unit[lang]})" if column.unit[lang] else ""
    return f'<th style="{_CELL}{_side(column)}">{escape(column.label[lang] + unit)}</th>'


def _tr(row: Mapping[str, Any], columns: Sequence[Column], lang: Language) -> str:
    if set(row) == {"group"}:
        heading = escape(say(row["group"], lang))
        return f'<tr><th colspan="{len(columns)}" style="{_CELL}left">{heading}</th></tr>'
    cells = (
        _td(cell(row.get(c.key), c, lang, row.get("decimals"), row.get("marks", {}).get(c.key, "")), _side(c))
        for c in columns
    )
    return f"<tr>{''.join(cells)}</tr>"


def _td(text: str, side: str) -> str:
    return f'<td style="{_CELL}{side}">{escape(text)}</td>'


def _side(column: Column) -> str:
    return "left" if column.kind == "text" else "right"


def _told(claim: Claim, lang: Language) -> tuple[str, ...]:
    between = (
        ABSENT
        if claim.conf_low is None or claim.conf_high is None
        else interval(claim.conf_low, claim.conf_high, 3, lang)
    )
    return (
        claim.name,
        ABSENT if claim.estimate is None else number(claim.estimate, 3, lang) + LETTERS.get(claim.quality, ""),
        between,
        ABSENT if claim.p_value is None else p_value(claim.p_value, lang),
        ABSENT if claim.n is None else number(claim.n, 0, lang),
        claim.unit,
    )


def _text(tile: Mapping[str, Any], key: str, lang: Language) -> str:
    return escape(say(tile.get(key, ""), lang))
