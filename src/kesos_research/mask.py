"""Numbers of people in a text, hidden before the text is shown, logged, or put into an error.

A NIK or family-card number has 16 digits: region (6), date (6), serial (4). What looks like one is hidden wherever it
stands: hiding a sum of money in a message costs little, showing a person's number cannot be undone.
"""

from __future__ import annotations

import re

HIDDEN = "•"
_KEPT = 2
"""Digits left to see: those of the province."""

_INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufffd\u180e\u034f"
# a digit, also as an entity, in a URL, or escaped; and what may stand between two of them
_DIGIT = r"(?:\d|&\#(?:x0*3[0-9]|0*(?:4[89]|5[0-7]));|%3[0-9]|\\+(?:u003|x3)[0-9])"
_ESCAPE = r"%[0-9a-fA-F]{2}|&\#?\w{2,8};|\\+(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrt])"
_GAP = rf"(?:[\s.,\-‐‑–—_/'’`:{_INVISIBLE}]|{_ESCAPE})"
_DAY = r"(?:[04][1-9]|[1256]\d|[37][01])"
_DATE = rf"{_DAY}(?:0[1-9]|1[0-2])\d\d"
SHAPE = re.compile(rf"[1-9]\d{{5}}{_DATE}(?!0000)\d{{4}}", re.ASCII)
"""What 16 digits of a NIK or family-card number look like, without the register of provinces."""

_FIND = re.compile(
    rf"""
    (?P<power>(?<!\d)\d[.,]\d{{9,}}[eE]\+?1[45])               # 3.314055501900001E+15
    | (?P<plain>\d{{16,}})
    | (?P<parted>(?<!\d){_DIGIT}(?:{_GAP}{{0,3}}?{_DIGIT}){{15}}(?!\d))
    """,
    re.VERBOSE,
)
_EACH = re.compile(rf"({_DIGIT})|{_GAP}")
_FRACTION = re.compile(r"\d[.,]$")


def mask(value: object) -> str:
    """A value of a column that identifies people, as a message may show it.

    Of long numbers the first two digits and the punctuation stay, so that a person sees what is wrong with their form;
    of any other text nothing does.

    Examples
    --------
    >>> mask("3314055501900001"), mask("3314 0555 0190 0001"), mask("Siti Aminah"), mask("")
    ('33••••••••••••••', '33•• •••• •••• ••••', '•••', '')
    """
    text = str(value)
    if sum(c.isdecimal() for c in text) < 9:
        return HIDDEN * 3 if text.strip() else text
    return _hidden(text)


def mask_text(text: str) -> str:
    """`text` with every number in it hidden that may be a NIK or a family-card number.

    Sixteen digits or more in a row are hidden whatever they say, for a mistyped NIK still leads to its owner; the
    decimals of a number, and digits parted by spaces or marks, where they have the shape of one.

    Examples
    --------
    >>> mask_text("nik '3314055501900001' at row 7, p = 0.1234567890123456")
    "nik '33••••••••••••••' at row 7, p = 0.1234567890123456"
    >>> mask_text("years 2010, 2011, 2012, 2013")
    'years 2010, 2011, 2012, 2013'
    """
    if sum(map(str.isdecimal, text)) < 10:
        return text
    return _FIND.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    shown = found.group()
    if not found["parted"] and not (found["plain"] and _FRACTION.search(found.string, 0, found.start())):
        return _hidden(shown)
    digits = "".join(_digit(m[1]) for m in _EACH.finditer(shown) if m[1])
    return _hidden(shown) if SHAPE.fullmatch(digits) else shown


def _digit(written: str) -> str:
    """The digit that is written so."""
    if len(written) == 1:
        return str(int(written))
    code = written.rstrip(";")
    return str(int(code[2:]) - ord("0")) if code.startswith("&#") and code[2] != "x" else code[-1]


def _hidden(text: str) -> str:
    """Digits after the second, and letters, give way; what stands between them stays."""
    seen, out = 0, []
    for c in text:
        seen += c.isdecimal()
        out.append(HIDDEN if c.isalnum() and not (c.isdecimal() and seen <= _KEPT) else c)
    return "".join(out)
