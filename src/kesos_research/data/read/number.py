"""A number of a spreadsheet or statistical file as the text a person means: no float noise, no lost digits unsaid."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

EXACT = 10**15
"""Whole numbers below this keep all their digits in every spreadsheet and in every double."""

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,14})", re.ASCII)
_ZEROS = re.compile(r"0{2,}")


@dataclass(frozen=True)
class Style:
    """How a number is shown: as a date, with so many digits, as percent."""

    date: bool = False
    digits: int = 0
    percent: bool = False


@dataclass(frozen=True)
class Shown:
    """A number as text, and what is to be told of it."""

    text: str
    fault: Literal["long", "date", "percent", "padded"] | None = None


def style(code: str | None, number: str) -> Style:
    """How the format `code`, or the built-in format `number`, shows a number."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

    known = code if code is not None else BUILTIN_FORMATS.get(int(number) if number.isdecimal() else 0, "General")
    digits = len(known) if _ZEROS.fullmatch(known) else 0
    return Style(bool(is_date_format(known)), digits, "%" in known)


def shown(raw: str, style: Style, since_1904: bool = False) -> Shown | None:
    """A number of a sheet as text; None where it is none."""
    text = plain(raw)
    if text is None:
        return None
    if style.date:
        day = _date(float(raw), since_1904)
        return Shown(day) if day else Shown(text, "date")
    whole = not ({".", "e"} & set(text))
    if whole and abs(int(text)) >= EXACT:
        return Shown(text, "long")
    if style.digits and whole and not text.startswith("-"):
        return Shown(text.zfill(style.digits), "padded" if len(text) < style.digits else None)
    return Shown(text, "percent" if style.percent else None)


def plain(raw: str) -> str | None:
    """A number without float noise and without an exponent where it can be; None where it is none.

    Examples
    --------
    >>> plain("0.30000000000000004"), plain("1.2E3"), plain("12"), plain("x")
    ('0.3', '1200', '12', None)
    """
    if _WHOLE.fullmatch(raw):
        return raw
    try:
        value = float(raw)
    except ValueError:
        return None
    return spelled(value) if math.isfinite(value) else None


def spelled(value: float) -> str:
    """A finite float with the fifteen digits that are its own."""
    if value.is_integer() and abs(value) < 10**22:
        return str(int(value))
    short = f"{value:.15g}"
    if "e" not in short:
        return short
    return format(Decimal(short), "f") if abs(value) > 1e-15 and abs(value) < 1e22 else short


def texts(values: np.ndarray, *, short: bool = False) -> list[str | None]:
    """Floats as text, shape (n,): whole ones without a point, none where there is no number.

    Parameters
    ----------
    short
        The numbers were kept in four bytes, of which only seven digits are their own.
    """
    import numpy as np

    known = np.isfinite(values)
    if not known.all():
        said = texts(np.where(known, values, 0), short=short)
        return [text if here else None for text, here in zip(said, known.tolist(), strict=True)]
    if (np.abs(values) < 2**63).all() and (values == np.floor(values)).all():
        return list(map(str, values.astype(np.int64).tolist()))
    if short:
        return [np.format_float_positional(v, trim="-") for v in values.astype(np.float32)]
    return list(map(spelled, values.tolist()))


def _date(serial: float, since_1904: bool) -> str:
    """The day, time or both that a serial number stands for; empty where it stands for none."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        found = from_excel(serial, MAC_EPOCH if since_1904 else WINDOWS_EPOCH)
    except (OverflowError, ValueError):
        return ""
    if isinstance(found, datetime.datetime):
        found = (found + datetime.timedelta(microseconds=500)).replace(microsecond=found.microsecond // 1000 * 1000)
        return found.date().isoformat() if found.time() == datetime.time() else found.isoformat()
    return found.isoformat() if isinstance(found, datetime.time) else ""
