"""A text searched for people: first written plainly, then numbers and names looked up or judged by their shape."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

import numpy as np

from kesos_research.data.identity import is_kk, is_nik
from kesos_research.data.identity_set import IdentitySet, words_in
from kesos_research.domain import regions
from kesos_research.mask import mask

Certainty = Literal["known", "suspect"]

_FULL = 16
_GAP = 4
"""How far apart two digits of one number may stand: up to three marks between them."""
_ROUNDS = 3
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\})")
_BREAK = re.compile(r"(?<=\d)\\+[nrt](?=\d)")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_POWER = re.compile(r"(?<![\d.,])(\d)[.,](\d{11,15})[eE]\+?15(?!\d)")
_ABOUT = re.compile(
    r"(?<![a-z])(?:nik|n\.i\.k|e-?ktp|ktp|kk|no[._ ]?kk|nomor[_ ]kk|kartu[_ ]keluarga|nomor[_ ]induk|kependudukan"
    r"|identitas|family[_ -]card|identity[_ ](?:card|number))(?![a-z])",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:doi|10\.\d{4,9}/\S*|isbn|issn|time|timestamp|epoch|waktu|faktur|invoice|rekening|account|resi|npwp|seed|hash"
    r"|sha|md5|crc|uuid)[^a-z]{0,12}$",
    re.IGNORECASE,
)
"""What says, just before it, that a number is something else."""
_BEFORE, _AFTER = 60, 24
_GROUPS = (
    # as people write them: in fours, in the parts of the number, in thousands
    *((4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4), (2, 2, 2, 2, 2, 2, 4), (6, 2, 2, 2, 4), (8, 8), (6, 10), (12, 4)),
    *((1, 3, 3, 3, 3, 3), (3, 3, 3, 3, 4), (4, 3, 3, 3, 3), (5, 5, 6), (2,) * 8),
)
_MARKS = frozenset(" .,-/_'’:")
_FRACTION = re.compile(r"\d[.,]$")
_WORD_BEFORE, _WORD_AFTER = re.compile(r"[0-9A-Za-z]*$"), re.compile(r"[0-9A-Za-z]*")
_HASH = re.compile(r"[0-9]*[a-fA-F][0-9a-fA-F]*")
_DISTRICTS = 60
"""No kabupaten or kota has had a kecamatan with a higher number."""


@dataclass(frozen=True)
class Hit:
    """Something in a text that leads to a person.

    Attributes
    ----------
    kind
        ``"nik"``, ``"nomor_kk"``, or the column whose value it is.
    value
        As it was found, for comparing only.
    certainty
        ``"known"`` where it was looked up, ``"suspect"`` where only its form tells.
    """

    kind: str
    value: str = field(repr=False)
    certainty: Certainty

    @property
    def shown(self) -> str:
        """The value, hidden."""
        return mask(self.value)


def look(text: str, known: IdentitySet | None = None) -> list[Hit]:
    """Who is named in this text?

    Parameters
    ----------
    text
        Any text, also with entities, escapes, and marks between digits.
    known
        Numbers and names of the study's rows; without them only the form of a number tells.

    Returns
    -------
    list of Hit
        Each value once, those looked up first.
    """
    plain = canonical(text)
    written = _Digits.of(plain)
    found: dict[str, Hit] = {}
    if known is not None and len(known):
        for value, kind in _looked_up(plain, written, known):
            found.setdefault(value, Hit(kind, value, "known"))
    for value, kind in _suspected(plain, written, strict=known is not None):
        found.setdefault(value, Hit(kind, value, "suspect"))
    return list(found.values())


def speaks_of_numbers(text: str) -> bool:
    """Is this a short text, such as the heading of a column, about numbers of people?"""
    return len(text) < 80 and _ABOUT.search(text) is not None


def canonical(text: str) -> str:
    """The text as a person reads it: entities, escapes and URL codes resolved, digits as 0–9, nothing invisible.

    Examples
    --------
    >>> canonical("３３１４&#48;555&shy;0190%30001")
    '3314055501900001'
    """
    for _round in range(_ROUNDS):
        before = text
        if "&" in text:
            text = html.unescape(text)
        if "\\" in text:
            text = _BREAK.sub(" ", text)
            text = _whole(_ESCAPE.sub(lambda m: _character(m[1] or m[2] or m[3]), text))
        if "%" in text and _PERCENT.search(text):
            text = unquote(text, errors="replace")
        if text == before:
            break
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return text.translate({ord(c): _as_read(c) for c in set(text) if not c.isascii()})


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 else ""


def _whole(text: str) -> str:
    """Characters that were escaped as two halves, whole again."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@cache
def _as_read(c: str) -> str:
    if c.isascii():
        return c
    if c.isdecimal():
        return str(int(c))
    category = unicodedata.category(c)
    if category in ("Cf", "Mn", "Me") or c == "\u115f":
        return ""
    if category == "Pd" or c == "\N{MINUS SIGN}":
        return "-"
    return " " if category.startswith("Z") else c


# --- numbers and names of the study's own rows


def _looked_up(text: str, written: _Digits, known: IdentitySet) -> Iterator[tuple[str, str]]:
    if known.lengths:
        for value in _numbers(written, known):
            if kind := known.number(value):
                yield value, kind
        for value, _start, _end in _powers(text):
            if kind := known.number(value):
                yield value, kind
    if known.words:
        yield from _names(text, known)


def _numbers(written: _Digits, known: IdentitySet) -> Iterator[str]:
    """Every number that the digits, with up to three marks between them, can spell."""
    for length in sorted(known.lengths | {_FULL}):
        starts = written.windows(length)
        if length != _FULL:
            starts = starts[written.stand_alone(starts, length)]
        values = written.values(starts, length)
        if length == _FULL:
            values = values[known.possible(values)]
        for value in np.unique(values):
            yield f"{int(value):0{length}d}"


@dataclass(frozen=True)
class _Digits:
    """The digits of a text, and where they stand.

    Attributes
    ----------
    at
        Their places in the text; shape (n,).
    digits
        What they are, uint64; shape (n,).
    run
        Number of the run of digits each belongs to: a letter or four other characters end a run; shape (n,).
    """

    at: np.ndarray
    digits: np.ndarray
    run: np.ndarray

    @classmethod
    def of(cls, text: str) -> _Digits:
        raw = np.frombuffer(text.encode("ascii", "replace"), np.uint8)
        at = np.flatnonzero((raw >= ord("0")) & (raw <= ord("9")))
        lower = raw | 0x20
        letters = np.cumsum((lower >= ord("a")) & (lower <= ord("z")))[at]
        apart = np.flatnonzero((np.diff(at) > _GAP) | (np.diff(letters) > 0)) + 1
        run = np.searchsorted(apart, np.arange(len(at)), side="right")
        return cls(at, (raw[at] - ord("0")).astype(np.uint64), run)

    def windows(self, length: int) -> np.ndarray:
        """Where `length` digits of one run begin."""
        if len(self.at) < length:
            return np.empty(0, np.int64)
        return np.flatnonzero(self.run[: len(self.at) - length + 1] == self.run[length - 1 :])

    def values(self, starts: np.ndarray, length: int) -> np.ndarray:
        """The numbers that begin there."""
        values = np.zeros(len(starts), np.uint64)
        for i in range(length):
            values = values * np.uint64(10) + self.digits[starts + i]
        return values

    def stand_alone(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Whether no other digit touches the number that begins there."""
        step = np.concatenate(([_GAP], np.diff(self.at), [_GAP]))
        return (step[starts] > 1) & (step[starts + length] > 1)


def _names(text: str, known: IdentitySet) -> Iterator[tuple[str, str]]:
    words = words_in(text)
    for i, two in enumerate(map(" ".join, pairwise(words))):
        if not known.begins(two):
            continue
        for n in sorted(known.words):
            value = " ".join(words[i : i + n])
            if i + n <= len(words) and (kind := known.name(value)):
                yield value, kind


# --- numbers that only have the form


def _suspected(text: str, written: _Digits, *, strict: bool) -> Iterator[tuple[str, str]]:
    """Numbers of the right form, with words about them that say what they are.

    Unless `strict`, also those of a region in the register that nothing says to be something else.

    A number of sixteen digits that is something else has the form of a NIK once in forty; the region known as well,
    once in five hundred.
    """
    for value, start, end in (*_candidates(text, written), *_powers(text)):
        kind = "nik" if is_nik(value) else "nomor_kk" if is_kk(value) else ""
        if not kind:
            continue
        said = _ABOUT.search(text, max(0, start - _BEFORE), start) or _ABOUT.search(text, end, end + _AFTER)
        other = _OTHER.search(text, max(0, start - _BEFORE), start)
        if said or (not (strict or other) and _place_known(value)):
            yield value, kind


def _powers(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers in scientific notation, the digits that they have lost as zeros."""
    if any(mark in text for mark in ("e15", "e+15", "E15", "E+15")):
        for found in _POWER.finditer(text):
            yield (found[1] + found[2]).ljust(_FULL, "0"), found.start(), found.end()


def _candidates(text: str, written: _Digits) -> Iterator[tuple[str, int, int]]:
    """Sixteen digits that stand alone, have a date in them, and are written as one number; with start and end."""
    starts = written.windows(_FULL)
    starts = starts[written.stand_alone(starts, _FULL)]
    starts = starts[_dated(written, starts)]
    for i in starts:
        start, end = int(written.at[i]), int(written.at[i + _FULL - 1]) + 1
        if _as_one(text, start, end):
            yield "".join(map(str, written.digits[i : i + _FULL])), start, end


def _dated(written: _Digits, starts: np.ndarray) -> np.ndarray:
    """A quick look at day, month and serial, before the whole form is looked at."""
    day = written.values(starts + 6, 2) % np.uint64(40)
    month = written.values(starts + 8, 2)
    return (day <= 31) & (month >= 1) & (month <= 12) & (written.values(starts + 12, 4) > 0)


def _as_one(text: str, start: int, end: int) -> bool:
    """Whether a person would read these digits as one number."""
    shown = text[start:end]
    marks = [m for m in re.split(r"\d+", shown) if m]
    if not marks:
        return not _FRACTION.search(text, max(0, start - 2), start) and not _in_hash(text, start, end)
    sizes = tuple(map(len, re.findall(r"\d+", shown)))
    if sizes in _GROUPS and len(set(marks)) == 1 and (marks[0] in _MARKS or marks[0].isspace()):
        return True
    alone = not re.search(r"\d[\s.,]{0,2}$", text[max(0, start - 3) : start]) and not re.match(
        r"[.,]?\d|\s{1,2}\d", text[end : end + 3]
    )
    return alone and all(m.isspace() and len(m) <= 2 for m in marks)


def _in_hash(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of a longer hexadecimal word."""
    before = _WORD_BEFORE.search(text, max(0, start - 64), start)
    after = _WORD_AFTER.match(text, end)
    around = (before[0] if before else "") + (after[0] if after else "")
    return _HASH.fullmatch(around) is not None


@cache
def _places() -> frozenset[str]:
    return frozenset(r.code.replace(".", "") for r in regions())


def _place_known(value: str) -> bool:
    return value[:4] in _places() and 1 <= int(value[4:6]) <= _DISTRICTS
