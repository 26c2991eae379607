"""NIK and family-card numbers (nomor KK): what their form can tell, which is only what they cannot be.

Sixteen digits: six of a region, six of a date, four of a serial that begins with 0001; there is no check digit. The
date of a NIK is the birth date, its day raised by 40 for women; that of a family card is the day of its registration.
The region is where the number was first given, perhaps one that is no more, and never where a person lives now.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Literal

from kesos_research.domain import regions
from kesos_research.language import _
from kesos_research.mask import mask, mask_text

__all__ = [
    "IdentityKind",
    "birth_disagrees",
    "fault",
    "fault_in",
    "fault_words",
    "is_kk",
    "is_nik",
    "kk_pattern",
    "mask",
    "mask_text",
    "nik_pattern",
    "region_unknown",
    "rounded",
    "sex_disagrees",
    "well_formed",
]

IdentityKind = Literal["nik", "nomor_kk"]

_MONTHS = (
    (r"0[1-9]|[12]\d|3[01]", r"4[1-9]|[56]\d|7[01]", r"0[13578]|1[02]"),
    (r"0[1-9]|[12]\d|30", r"4[1-9]|[56]\d|70", r"0[469]|11"),
    (r"0[1-9]|1\d|2[0-8]", r"4[1-9]|5\d|6[0-8]", r"02"),
)
_LEAP = r"[02468][048]|[13579][26]"
_SERIAL = r"(?:\d{3}[1-9]|\d\d[1-9]0|\d[1-9]00|[1-9]000)"


@cache
def nik_pattern() -> str:
    """The form of a NIK as a regular expression, for `re` with ASCII digits and for DuckDB alike; without anchors."""
    return _pattern(women=True)


@cache
def kk_pattern() -> str:
    """The form of a family-card number, likewise."""
    return _pattern(women=False)


def _pattern(*, women: bool) -> str:
    provinces = "|".join(sorted({r.province_code for r in regions()}))
    days = [(f"{men}|{w}" if women else men, month) for men, w, month in _MONTHS]
    dates = [rf"(?:{day})(?:{month})\d\d" for day, month in days]
    dates.append(rf"(?:{'29|69' if women else '29'})02(?:{_LEAP})")
    return rf"(?:{provinces})\d{{4}}(?:{'|'.join(dates)}){_SERIAL}".replace(r"\d", "[0-9]")


def is_nik(text: str) -> bool:
    """Could this be a NIK?

    Examples
    --------
    >>> is_nik("3314055501900001"), is_nik("3314053002900001"), is_nik("3314055501900000")
    (True, False, False)
    """
    return fault("nik", text) is None


def is_kk(text: str) -> bool:
    """Could this be the number of a family card?"""
    return fault("nomor_kk", text) is None


def well_formed(kind: IdentityKind, text: str) -> str:
    """SQL that is true where `text`, an expression of SQL, has the form of `kind`; null where it is null."""
    return f"regexp_full_match({text}, '{nik_pattern() if kind == 'nik' else kk_pattern()}')"


@cache
def _faults(kind: IdentityKind) -> tuple[tuple[str, str, str], ...]:
    """What can be wrong with the form: a name, the texts it is about, and among them those that do not have it.

    The first that fits is told. The first four are what a spreadsheet does to a number of sixteen digits.
    """
    gap = r"[\s\x{00A0}\x{202F}.,/_\x{2010}-\x{2014}-]"
    provinces = "|".join(sorted({r.province_code for r in regions()}))
    days = "0[1-9]|[1-6][0-9]|7[01]" if kind == "nik" else "0[1-9]|[12][0-9]|3[01]"
    return (
        ("scientific", r"\s*[0-9](?:[.,][0-9]*)?[eE]\+?[0-9]{1,2}\s*", ""),
        ("decimal", r"[0-9]{16}[.,]0*", ""),
        ("apostrophe", r"['\x{2018}\x{2019}\x{60}\x{B4}\x22]+[0-9]{16}['\x22]*", ""),
        ("parted", rf"{gap}*[0-9](?:{gap}*[0-9]){{15}}{gap}*", r"[0-9]{16}"),
        ("characters", r"(?s).*", r"[0-9]*"),
        ("length", r"[0-9]*", r"[0-9]{16}"),
        ("province", r"[0-9]*", rf"(?:{provinces})[0-9]{{14}}"),
        ("date", r"[0-9]*", rf"[0-9]{{6}}(?:{days})[0-9]{{8}}"),
        ("serial", r"[0-9]*", rf"[0-9]{{12}}{_SERIAL}".replace(r"\d", "[0-9]")),
        ("date", r"[0-9]*", nik_pattern() if kind == "nik" else kk_pattern()),
    )


def fault_in(kind: IdentityKind, text: str) -> str:
    """SQL that names what is wrong with `text`, an expression of SQL; null where nothing is, or there is no text."""
    cases = [
        f"when regexp_full_match({text}, '{_quoted(about)}')"
        + (f" and not regexp_full_match({text}, '{_quoted(but)}')" if but else "")
        + f" then '{name}'"
        for name, about, but in _faults(kind)
    ]
    return f"case when {well_formed(kind, text)} then null {' '.join(cases)} end"


def fault(kind: IdentityKind, text: str) -> str | None:
    """What is wrong with the form of one number, by name; None where nothing is.

    Examples
    --------
    >>> fault("nik", "3.31406E+15"), fault("nik", "'3314055501900001"), fault("nik", "331405550190001")
    ('scientific', 'apostrophe', 'length')
    """
    for name, about, but in _python_faults(kind):
        if about.fullmatch(text) and not (but and but.fullmatch(text)):
            return name
    return None


@cache
def _python_faults(kind: IdentityKind) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: f"\\u{int(m[1], 16):04x}", pattern))

    return tuple((name, compiled(about), compiled(but) if but else None) for name, about, but in _faults(kind))


def fault_words(kind: IdentityKind, name: str) -> tuple[str, str]:
    """A fault as a reader understands it, and what to do about it. Nothing is ever mended in silence."""
    number = "NIK" if kind == "nik" else _("family-card number")
    again = _("take the column from its source again and import it as text, not as a number")
    text = {
        "scientific": (_("{number} in scientific notation: a spreadsheet has lost digits", number=number), again),
        "decimal": (
            _("{number} with decimals: a program took it for a number", number=number),
            _("compare with the source: beyond 15 digits the last may be lost; import the column as text"),
        ),
        "apostrophe": (
            _("{number} with a quotation mark before it", number=number),
            _("delete the mark; in a spreadsheet set the format of the column to text"),
        ),
        "parted": (
            _("{number} with spaces or marks between its digits", number=number),
            _("delete them; save the column as text"),
        ),
        "characters": (_("{number} with something that is no digit", number=number), _("look it up in the source")),
        "length": (_("{number} that has not 16 digits", number=number), _("look it up in the source")),
        "province": (_("{number} that begins with no province", number=number), _("look it up in the source")),
        "date": (_("{number} whose digits 7 to 12 are no date", number=number), _("look it up in the source")),
        "serial": (
            _("{number} that ends in 0000, which is no serial number", number=number),
            _("look it up in the source: a spreadsheet may have lost digits"),
        ),
        "rounded": (_("{number} whose last digits a spreadsheet has set to zero", number=number), again),
    }
    return text[name]


def rounded(n: int, zeros: int) -> bool:
    """Do so many of `n` numbers end in 0 that a spreadsheet, which keeps 15 digits, must have cut them?

    One in ten would by chance; the answer is yes where chance gives as many less than once in a million.

    Examples
    --------
    >>> rounded(1000, 120), rounded(1000, 1000), rounded(3, 3)
    (False, True, False)
    """
    share = zeros / n if n else 0.0
    if share <= 0.1:
        return False
    # Chernoff: P(at least `zeros`) <= exp(-n KL(share, 1/10))
    rest = (1 - share) * math.log((1 - share) / 0.9) if share < 1 else 0.0
    return n * (share * math.log(share / 0.1) + rest) > math.log(1e6)


def region_unknown(text: str) -> str:
    """SQL: does the number name a kabupaten or kota that is not in the register? A warning: it may be an old one."""
    codes = ", ".join(f"'{r.code.replace('.', '')}'" for r in regions())
    return f"substr({text}, 1, 4) not in ({codes})"


def birth_disagrees(nik: str, birth: str) -> str:
    """SQL: does the NIK tell another birthday than `birth`, an ISO date as text? A warning: either may be wrong."""
    day = f"lpad((cast(substr({nik}, 7, 2) as integer) % 40)::varchar, 2, '0')"
    told = f"{day} || substr({nik}, 9, 4)"
    given = f"substr({birth}, 9, 2) || substr({birth}, 6, 2) || substr({birth}, 3, 2)"
    return f"({told}) <> ({given})"


def sex_disagrees(nik: str, woman: str) -> str:
    """SQL: does the NIK tell another sex than `woman`, an SQL condition? A warning: either may be wrong."""
    return f"(cast(substr({nik}, 7, 2) as integer) > 40) <> ({woman})"


def _quoted(pattern: str) -> str:
    return pattern.replace("'", "''")
