"""NIK and family-card numbers that have the right form and can be nobody's.

The two digits of the sub-district (kecamatan) are 00, which no sub-district has, and the serial number begins with 99;
the region, the date and the sex agree with the row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from kesos_research.data.codebook import Column
from kesos_research.data.condition_rows import missing
from kesos_research.data.draw import Draw, Rows
from kesos_research.domain import regions
from kesos_research.errors import DataError, Where
from kesos_research.language import _

INVENTED = re.compile(r"\d{4}00\d{6}99\d\d", re.ASCII)
"""What the numbers made here look like, and no real one does."""

_BIRTH = ("tanggal_lahir", "tgl_lahir")
_TRIES = 400
_WOMAN = ("perempuan", "wanita", "female", "woman", "women")


def identify(draw: Draw, rows: Rows, group: np.ndarray) -> None:
    """Fill the columns of NIK, one for each person, and of family-card numbers, one for each household."""
    first = np.unique(group, return_index=True)[1]
    n = len(group)
    for column in draw.codebook.columns.values():
        if column.name in rows:
            continue
        if column.kind == "nik":
            day, woman = _birthdays(draw, rows, n), _women(draw, rows, n)
            if column.name in draw.codebook.key:  # the rows of a group are one person's
                rows[column.name] = _numbers(draw, column, day[first], woman[first])[group]
            else:
                rows[column.name] = _numbers(draw, column, day, woman)
        elif column.kind == "nomor_kk":
            day = _days(draw, len(first), "1998-01-01", "2024-12-31")
            rows[column.name] = _numbers(draw, column, day, np.zeros(len(first), dtype=bool))[group]


def _numbers(draw: Draw, column: Column, day: np.ndarray, woman: np.ndarray) -> np.ndarray:
    """Different numbers for these dates; missing as often as declared."""
    found = _drawn(draw, day, woman)
    for _step in range(_TRIES):
        again = np.ones(len(found), dtype=bool)
        again[np.unique(found.astype(str), return_index=True)[1]] = False
        if not again.any():
            break
        found[again] = _drawn(draw, day[again], woman[again])
    else:
        raise DataError(
            _("So many people born on one day cannot be told apart by invented numbers."),
            remedy=_("ask for fewer rows, or widen the range of birthdays"),
            where=Where(key=f"kolom.{column.name}"),
        )
    share = column.distribution.missing if column.distribution and not column.required else 0.0
    if share and column.name not in draw.codebook.key:
        found[draw.random.random(len(found)) < share] = None
    return found


def _drawn(draw: Draw, day: np.ndarray, woman: np.ndarray) -> np.ndarray:
    codes = np.array([r.code.replace(".", "") for r in regions()], dtype=object)
    places = codes[draw.random.integers(0, len(codes), len(day))]
    serial = draw.random.integers(9900, 10_000, len(day))
    dates = [f"{int(d[8:]) + 40 * w:02d}{d[5:7]}{d[2:4]}" for d, w in zip(day.astype(str), woman, strict=True)]
    found = np.empty(len(day), dtype=object)
    found[:] = [f"{place}00{date}{number}" for place, date, number in zip(places, dates, serial, strict=True)]
    return found


def _birthdays(draw: Draw, rows: Rows, n: int) -> np.ndarray:
    """The birthday told in the row, or any."""
    any_day = _days(draw, n, "1940-01-01", "2020-12-31")
    columns: Mapping[str, Column] = draw.codebook.columns
    name = next((b for b in _BIRTH if b in rows and columns[b].kind == "tanggal"), None)
    if name is None:
        return any_day
    return np.where(missing(rows[name]), any_day, rows[name])


def _women(draw: Draw, rows: Rows, n: int) -> np.ndarray:
    """The sex told in the row, or either."""
    either = draw.random.random(n) < 0.5
    for column in draw.codebook.columns.values():
        codes = [code for code, said in column.choices.items() if said["en"].casefold() in _WOMAN
                 or said["id"].casefold() in _WOMAN]  # fmt: skip
        if column.kind == "pilihan" and len(codes) == 1 and column.name in rows:
            told = rows[column.name]
            return np.where(missing(told), either, told == codes[0])
    return either


def _days(draw: Draw, n: int, first: str, last: str) -> np.ndarray:
    start, end = np.datetime64(first, "D"), np.datetime64(last, "D")
    return start + draw.random.integers(0, (end - start).astype(int) + 1, n).astype("timedelta64[D]")
