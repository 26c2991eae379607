"""Numbers, intervals, p-values and verdicts, as a sentence or a table writes them in each language."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import Any

from babel.dates import format_date

from kesos_research.language import Language, Words, number, words
from kesos_research.report.exhibit import Claim, Column
from kesos_research.report.marks import LETTERS

ABSENT = "–"

_SPELLED = {
    "id": ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
}
_VERDICT = {
    0: words(
        id="tidak dapat dibedakan dari nol pada taraf {a} persen",
        en="not distinguishable from zero at the {a} percent level",
    ),
    -1: words(id="lebih rendah daripada nol pada taraf {a} persen", en="lower than zero at the {a} percent level"),
    1: words(id="lebih tinggi daripada nol pada taraf {a} persen", en="higher than zero at the {a} percent level"),
}
_DIRECTION = {
    0: words(id="sama", en="the same"),
    -1: words(id="lebih rendah", en="lower"),
    1: words(id="lebih tinggi", en="higher"),
}


def signed(value: float, decimals: int, lang: Language) -> str:
    """`value` with its sign, also where it is positive: +0,03. Zero has none."""
    text = number(value, decimals, lang)
    return f"+{text}" if value > 0 and any(c in "123456789" for c in text) else text


def interval(low: float, high: float, decimals: int, lang: Language) -> str:
    """[−1,9; 2,0] in Indonesian, where a comma is the decimal mark; [−1.9, 2.0] in English."""
    mark = "; " if lang == "id" else ", "
    return f"[{number(low, decimals, lang)}{mark}{number(high, decimals, lang)}]"


def p_value(value: float, lang: Language) -> str:
    """Two decimals; three below .01 and where two would hide on which side of .05 it lies (AMA Manual of Style)."""
    if not math.isfinite(value):
        return ABSENT
    if value < 0.001:
        return f"< {number(0.001, 3, lang)}"
    close = round(value, 2) == 0.05 and value != 0.05
    return number(value, 3 if close or value < 0.01 else 2, lang)


def integer(value: float, lang: Language) -> str:
    """A count, its thousands marked: 1.234 in Indonesian, 1,234 in English."""
    return number(value, 0, lang)


def percent(share: float, decimals: int, lang: Language) -> str:
    """A share between 0 and 1 as a sentence says it: 95 persen, 95 percent."""
    return f"{number(share * 100, decimals, lang)} {'persen' if lang == 'id' else 'percent'}"


def date(value: datetime.date | str, lang: Language) -> str:
    """1 Mei 2013, 1 May 2013."""
    day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(day, "d MMMM y", locale=lang)


def joined(items: Sequence[str], lang: Language) -> str:
    """a, b, dan c; a, b, and c."""
    conjunction = "dan" if lang == "id" else "and"
    if len(items) < 3:
        return f" {conjunction} ".join(items)
    return f"{', '.join(items[:-1])}, {conjunction} {items[-1]}"


def spelled(count: int, lang: Language) -> str:
    """Small counts as words (lima, five), as prose writes them; from twelve on as digits."""
    return _SPELLED[lang][count] if 0 <= count < len(_SPELLED[lang]) else integer(count, lang)


def direction(value: float, decimals: int, lang: Language) -> str:
    """Lower, higher, or the same at the precision printed."""
    return _DIRECTION[_sign(round(value, decimals))][lang]


def side(claim: Claim, level: float | None = None) -> int | None:
    """On which side of zero a claim lies: −1 or 1 where it can be told from zero, 0 where it cannot, None if unknown.

    By its p-value; by its interval where it has no p-value and `level` is the interval's own.
    """
    if claim.estimate is None:
        return None
    wanted = level or claim.level or 0.95
    if claim.p_value is not None:
        # the tolerance keeps p = .05 at level .95 on its side: 1 − .95 is not .05 in binary
        apart = claim.p_value <= 1 - wanted + 1e-12
    elif claim.conf_low is not None and claim.conf_high is not None and wanted == (claim.level or 0.95):
        apart = claim.conf_low > 0 or claim.conf_high < 0
    else:
        return None
    return _sign(claim.estimate) if apart else 0


def verdict(claim: Claim, lang: Language, level: float | None = None) -> str | None:
    """What may be said of a claim against zero, without a causal word; None where nothing can be."""
    found = side(claim, level)
    if found is None:
        return None
    alpha = round(100 * (1 - (level or claim.level or 0.95)), 6)
    return _VERDICT[found][lang].format(a=number(alpha, 0 if alpha == round(alpha) else 1, lang))


def cell(value: Any, column: Column, lang: Language, decimals: int | None = None, mark: str = "") -> str:
    """A table's value as its cell shows it; `decimals` overrides the column's for this row, `mark` stands behind."""
    if mark and value is not None:
        return cell(value, column, lang, decimals) + LETTERS.get(mark, "")
    places = column.decimals if decimals is None else decimals
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ABSENT
    if isinstance(value, list | tuple):
        return ABSENT if None in value else interval(value[0], value[1], places, lang)
    if isinstance(value, Mapping | str):
        return say(value, lang)
    return _figure(value, column, places, lang)


def _figure(value: Any, column: Column, places: int, lang: Language) -> str:
    if column.kind == "p":
        return p_value(value, lang)
    if column.kind == "text":
        return str(value)
    return number(value, 0 if column.kind == "integer" else places, lang)


def say(value: Words | str, lang: Language) -> str:
    """A text that may be in one language or in each."""
    return value if isinstance(value, str) else value[lang]


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
