"""Numbers and marks as BPS prints them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

MISSING = frozenset(
    {
        "-",
        "–",
        "—",
        "−",
        "…",
        "...",
        "..",
        "....",
        "na",
        "n/a",
        "n.a",
        "n.a.",
        "x",
        "xx",
        "*",
        "**",
        "/0",
        "nihil",
        ".",
        "‒",
    }
)
"""Marks that stand in place of a number, in small letters."""

Style = Literal["comma", "point"]
"""The decimal mark of numbers that are text."""

_TOKEN = re.compile(
    r"(?P<sign>[-–−(]?)\s*(?P<number>\d[\d.,\s\u00a0\u202f]*?)\s*\)?\s*(?P<mark>(?:\*{1,2}|r|e|x{1,2}|\^)?\)?)"
)
_GROUPED: dict[Style, re.Pattern[str]] = {
    "comma": re.compile(r"\d{1,3}(?:[. ]\d{3})*(?:,\d+)?"),
    "point": re.compile(r"\d{1,3}(?:[, ]\d{3})*(?:\.\d+)?"),
}
_BARE: dict[Style, re.Pattern[str]] = {"comma": re.compile(r"\d+(?:,\d+)?"), "point": re.compile(r"\d+(?:\.\d+)?")}


@dataclass(frozen=True)
class Value:
    """A number as text with a decimal point, None where there is none, and the mark beside or in place of it."""

    number: str | None
    mark: str | None


def is_mark(text: str) -> bool:
    """Whether the text stands in place of a number."""
    return text.strip().lower() in MISSING


def is_value(text: str) -> bool:
    """Whether the text is a number or stands in place of one."""
    return is_mark(text) or _TOKEN.fullmatch(text.strip()) is not None


def value(text: str, style: Style) -> Value | None:
    """What a cell says; None where it is neither a number nor a mark.

    Examples
    --------
    >>> value("1.234,5", "comma"), value("…", "comma"), value("12,5*", "comma"), value("12 apel", "comma")
    (Value(number='1234.5', mark=None), Value(number=None, mark='…'), Value(number='12.5', mark='*'), None)
    """
    bare = text.strip()
    if is_mark(bare):
        return Value(None, bare)
    found = _TOKEN.fullmatch(bare)
    if not found:
        return None
    digits = re.sub(r"[\s\u00a0\u202f]+", " ", found["number"].strip())
    if not (_GROUPED[style].fullmatch(digits) or _BARE[style].fullmatch(digits)):
        return None
    group, decimal = (".", ",") if style == "comma" else (",", ".")
    number = digits.replace(" ", "").replace(group, "").replace(decimal, ".")
    negative = found["sign"] != "" and Decimal(number) != 0
    return Value(f"-{number}" if negative else number, found["mark"] or None)


def style_of(texts: Iterable[str]) -> tuple[Style, str] | None:
    """The decimal mark that all numbers of a table agree with, and what decided it; None where they contradict.

    Returns
    -------
    tuple or None
        The mark, and ``"told"`` where a number shows it, ``"assumed"`` where `1.234` alone is taken, as BPS prints, for
        a thousand and more.
    """
    numbers = [
        re.sub(r"[\s\u00a0\u202f]+", " ", m["number"].strip()) for t in texts if (m := _TOKEN.fullmatch(t.strip()))
    ]
    comma, point = (
        all(_GROUPED[style].fullmatch(n) or _BARE[style].fullmatch(n) for n in numbers) for style in _GROUPED
    )
    if not comma:
        return ("point", "told") if point else None
    if not point:
        return "comma", "told"
    return "comma", "assumed" if any(mark in n for n in numbers for mark in ".,") else "told"
