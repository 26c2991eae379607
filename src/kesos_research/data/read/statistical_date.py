"""Dates of Stata and SPSS: numbers counted from a day of their own, as ISO text."""

from __future__ import annotations

import re
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_SPSS_DAY = re.compile(r"(?:A|E|S|J)?DATE\d+(?:\.\d+)?")
_SPSS_MOMENT = re.compile(r"(?:DATETIME|YMDHMS)\d+(?:\.\d+)?")
_SPSS_CLOCK = re.compile(r"TIME\d+(?:\.\d+)?")
_STATA = re.compile(r"%-?\d*(t[cCdwmqhy]|d)")
_SPSS_EPOCH, _STATA_EPOCH = "1582-10-14", "1960-01-01"
_DAY = 86_400


def dated(values: np.ndarray, format_: str) -> list[str | None] | None:
    """Days and times as text; None where the format is no date.

    Parameters
    ----------
    values
        Numbers as the file holds them, shape (n,); NaN where there is none.
    format_
        The format of the column, such as ``DATE11`` or ``%td``.

    Returns
    -------
    list or None
        ISO text, None where there is no value or the number is no day between the years 1583 and 9999.

    Examples
    --------
    >>> import numpy as np
    >>> dated(np.array([0.0, np.nan]), "%td"), dated(np.array([1.0]), "%tq"), dated(np.array([5.0]), "%9.0g")
    (['1960-01-01', None], ['1960Q2'], None)
    """
    if _SPSS_DAY.fullmatch(format_) or _SPSS_MOMENT.fullmatch(format_):
        return _moments(values, _SPSS_EPOCH, 1)
    if _SPSS_CLOCK.fullmatch(format_):
        return [None if isnan(v) else _clock(v) for v in values.tolist()]
    found = _STATA.match(format_)
    if not found:
        return None
    unit = found[1][-1]
    if unit in "cCd":
        return _moments(values, _STATA_EPOCH, _DAY if unit == "d" else 1 / 1000)
    return [None if isnan(v) else _period(v, unit) for v in values.tolist()]


def _moments(values: np.ndarray, epoch: str, seconds: float) -> list[str | None]:
    import numpy as np

    start = np.datetime64(epoch, "ms")
    milliseconds = values * (seconds * 1000)
    first, last = (int((np.datetime64(end, "ms") - start).astype(np.int64)) for end in ("1583-01-01", "9999-12-31"))
    known = np.isfinite(values) & (milliseconds >= first) & (milliseconds <= last)
    at = start + np.where(known, np.round(milliseconds), 0).astype(np.int64).astype("timedelta64[ms]")
    said = np.datetime_as_string(at, unit="ms").tolist()
    return [_short(text) if here else None for text, here in zip(said, known.tolist(), strict=True)]


def _short(text: str) -> str:
    return text.removesuffix(".000").removesuffix("T00:00:00")


def _clock(seconds: float) -> str | None:
    if not 0 <= seconds < _DAY:
        return None
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _period(value: float, unit: str) -> str | None:
    """A year, half, quarter, month or week counted from the first of 1960."""
    each = {"y": 1, "h": 2, "q": 4, "m": 12, "w": 52}[unit]
    if value != int(value) or abs(value) > 10_000 * each:
        return None
    if unit == "y":
        return str(int(value))
    year, part = divmod(int(value), each)
    year += 1960
    return f"{year:04d}-{part + 1:02d}" if unit == "m" else f"{year:04d}{unit.upper()}{part + 1}"
