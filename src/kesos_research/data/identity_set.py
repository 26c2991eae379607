"""The identifiers of a study's own rows, kept as keyed hashes, so that a text can be searched for them.

What is kept tells nobody's number: 64 bits of a keyed hash (BLAKE2b, which has a key by design and is several times
quicker than HMAC) under a key that lives in memory, or in a file of its own. A number of sixteen digits is looked up a
second time by its first fifteen, since spreadsheets keep no more.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kesos_research.data.codebook import IDENTIFIERS
from kesos_research.errors import DataError, Where
from kesos_research.language import _

if TYPE_CHECKING:
    from kesos_research.data.cells import Cells
    from kesos_research.data.codebook import Codebook

WORDS = range(2, 7)
"""How many words a name may have to be looked for; one word alone is in too many honest texts."""
_LEAST, _MOST = 9, 19
"""Digits that a number must have to be looked for."""
_FULL = 16
_FORMAT = "kesos identity set 1"
_BITS = 64
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class IdentitySet:
    """Numbers and names that must not leave, as keyed hashes; made by `of`, `of_cells` and `|`.

    Attributes
    ----------
    key
        32 bytes.
    hashes
        Sorted hashes, shape (n,), by what they are of: ``"nik"``, ``"nomor_kk"``, or the name of a column.
    lengths
        Digits that its numbers have.
    skipped
        Values too short or too common to be looked for, by column.
    """

    key: bytes = field(repr=False)
    hashes: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    cut: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    """Hashes of the first fifteen digits."""
    beginnings: np.ndarray = field(default_factory=lambda: np.empty(0, np.uint64), repr=False)
    """Hashes of the first two words of names."""
    lengths: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()
    skipped: Mapping[str, int] = field(default_factory=dict)
    _sieve: np.ndarray | None = field(default=None, repr=False, compare=False)
    _odd: int = field(default=0, repr=False, compare=False)
    _begun: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    """Answers given before: a release says the same words often."""

    @classmethod
    def of(cls, values: Mapping[str, Iterable[str]], *, key: bytes | None = None) -> IdentitySet:
        """The set of `values`, by what they are; a key of its own, for this process only, where none is given."""
        key = secrets.token_bytes(32) if key is None else key
        told = {kind: _Sorted.of(given) for kind, given in values.items()}
        numbers = {n for held in told.values() for n in held.numbers}
        names = {n for held in told.values() for n in held.names}
        fifteen = {kind: {n[:-1] for n in held.numbers if len(n) == _FULL} for kind, held in told.items()}
        odd = secrets.randbits(_BITS) | 1
        return cls(
            key,
            {kind: _hashed(key, "value", held.numbers | held.names) for kind, held in told.items()},
            {
                kind: _hashed(key, "cut", {n[:-1] for n in held.numbers if len(n) == _FULL})
                for kind, held in told.items()
            },
            _hashed(key, "beginning", {" ".join(name.split()[:2]) for name in names}),
            frozenset(map(len, numbers)),
            frozenset(len(name.split()) for name in names),
            {kind: held.skipped for kind, held in told.items() if held.skipped},
            _sieve(set().union(*fifteen.values()), odd),
            odd,
        )

    @classmethod
    def of_cells(cls, cells: Cells, codebook: Codebook, *, key: bytes | None = None) -> IdentitySet:
        """The identifiers of a file: its NIK and family-card numbers, and what its codebook calls `rahasia`."""
        values: dict[str, list[str]] = {}
        for name, column in codebook.columns.items():
            if name not in cells.columns or column.kind in _NO_NAMES:
                continue
            if column.kind in IDENTIFIERS or column.sensitivity == "rahasia":
                kind = column.kind if column.kind in IDENTIFIERS else name
                values.setdefault(kind, []).extend(_rare(cells, name, codebook.missing))
        return cls.of(values, key=key)

    def __or__(self, other: IdentitySet) -> IdentitySet:
        """Both, under one key; their keys must be the same."""
        if self.key != other.key:
            raise ValueError("sets under different keys cannot be joined")
        return IdentitySet(
            self.key,
            _joined(self.hashes, other.hashes),
            _joined(self.cut, other.cut),
            np.union1d(self.beginnings, other.beginnings),
            self.lengths | other.lengths,
            self.words | other.words,
            {k: self.skipped.get(k, 0) + other.skipped.get(k, 0) for k in {*self.skipped, *other.skipped}},
        )

    def __len__(self) -> int:
        return sum(map(len, self.hashes.values()))

    def number(self, digits: str) -> str | None:
        """What this number is of, or None; one whose last digit a spreadsheet has lost is known too."""
        found = _kind(self.hashes, _hash(self.key, "value", digits))
        if found is None and len(digits) == _FULL and (digits[-1] == "0" or digits[0] == "9"):
            return _kind(self.cut, _hash(self.key, "cut", digits[:-1]))
        return found

    def name(self, text: str) -> str | None:
        """What these words, in small letters with single spaces, are of, or None."""
        return _kind(self.hashes, _hash(self.key, "value", text))

    def begins(self, text: str) -> bool:
        """Does any name begin with these two words?"""
        if text not in self._begun:
            self._begun[text] = _has(self.beginnings, _hash(self.key, "beginning", text))
        return self._begun[text]

    def possible(self, numbers: np.ndarray) -> np.ndarray:
        """Which of these numbers of sixteen digits are worth a look: a quick sieve that lets all its own pass.

        Parameters
        ----------
        numbers
            uint64, shape (n,).
        """
        if self._sieve is None:
            return np.ones(len(numbers), bool)
        return self._sieve[_slot(numbers // np.uint64(10), self._odd, self._sieve)]

    def save(self, path: Path) -> None:
        """Write the hashes, without the key."""
        told = {
            "format": _FORMAT,
            "hashes": {k: _packed(v) for k, v in self.hashes.items()},
            "cut": {k: _packed(v) for k, v in self.cut.items()},
            "beginnings": _packed(self.beginnings),
            "lengths": sorted(self.lengths),
            "words": sorted(self.words),
            "skipped": dict(self.skipped),
        }
        path.write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, path: Path, *, key: bytes) -> IdentitySet:
        """The set that `save` wrote.

        Raises
        ------
        DataError
            When the file is no such set.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            if told["format"] != _FORMAT:
                raise ValueError(told["format"])
            return cls(
                key,
                {k: _unpacked(v) for k, v in told["hashes"].items()},
                {k: _unpacked(v) for k, v in told["cut"].items()},
                _unpacked(told["beginnings"]),
                frozenset(told["lengths"]),
                frozenset(told["words"]),
                told["skipped"],
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise DataError(
                _("The file is no set of identifiers."),
                remedy=_("make it again from the data of the study"),
                where=Where(path.name),
            ) from None


@dataclass(frozen=True)
class _Sorted:
    """Values told apart: numbers by their digits, names by their words, and how many are neither."""

    numbers: frozenset[str]
    names: frozenset[str]
    skipped: int

    @classmethod
    def of(cls, values: Iterable[str]) -> _Sorted:
        texts = {str(v) for v in values if v is not None and str(v).strip()}
        numbers = {text: number_in(text) for text in texts}
        rest = [words_in(text) for text, digits in numbers.items() if digits is None]
        names = {" ".join(words) for words in rest if len(words) in WORDS}
        return cls(frozenset(filter(None, numbers.values())), frozenset(names), sum(len(w) not in WORDS for w in rest))


def _rare(cells: Cells, name: str, missing: Collection[str]) -> Iterator[str]:
    """The values of a column, without words that stand in many rows, as “tidak ada” does, which is nobody's name."""
    most = max(_COMMON, cells.rows // 50)
    for entry in cells.table.column(name).value_counts().to_pylist():
        text = entry["values"]
        if text and text not in missing and (entry["counts"] <= most or any(map(str.isdecimal, text))):
            yield text


_COMMON = 5
_NO_NAMES = ("wilayah", "tahun", "pilihan", "pilihan_ganda", "tanggal", "angka", "bilangan")


def number_in(text: str) -> str | None:
    """The digits of a text that is a number and its punctuation; None for any other text.

    Examples
    --------
    >>> number_in("3314 0555-0190.0001"), number_in("+62 812-3456-789"), number_in("Jl. Merdeka 17")
    ('3314055501900001', '628123456789', None)
    """
    if text.isascii() and text.isdecimal():
        digits = text
    else:
        plain = unicodedata.normalize("NFKC", text)
        if any(map(str.isalpha, plain)):
            return None
        digits = "".join(str(int(c)) for c in plain if c.isdecimal())
    return digits if _LEAST <= len(digits) <= _MOST else None


def words_in(text: str) -> list[str]:
    """The words of a text as names are compared: small letters, without accents and marks.

    Examples
    --------
    >>> words_in("Ny. Siti  AMINAH, S.Pd.")
    ['ny', 'siti', 'aminah', 's', 'pd']
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = text.translate(dict.fromkeys(ord(c) for c in set(text) if unicodedata.combining(c)))
    return _WORD.findall(text.casefold())


def _digest(key: bytes, what: str, value: str) -> bytes:
    return blake2b(value.encode(), digest_size=8, key=key, person=what.encode()).digest()


def _hash(key: bytes, what: str, value: str) -> int:
    return int.from_bytes(_digest(key, what, value), "big")


def _hashed(key: bytes, what: str, values: Iterable[str]) -> np.ndarray:
    joined = b"".join([_digest(key, what, value) for value in values])
    return np.unique(np.frombuffer(joined, ">u8").astype(np.uint64))


def _has(hashes: np.ndarray, wanted: int) -> bool:
    at = int(np.searchsorted(hashes, np.uint64(wanted)))
    return at < len(hashes) and int(hashes[at]) == wanted


def _kind(hashes: Mapping[str, np.ndarray], wanted: int) -> str | None:
    return next((kind for kind, held in hashes.items() if _has(held, wanted)), None)


def _joined(left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    nothing = np.empty(0, np.uint64)
    return {k: np.union1d(left.get(k, nothing), right.get(k, nothing)) for k in dict.fromkeys([*left, *right])}


def _sieve(numbers: Collection[str], odd: int) -> np.ndarray:
    """A table of flags, sixteen places or more for each number, where the first fifteen digits of each have set one."""
    size = 1 << max(16, (16 * len(numbers)).bit_length())
    sieve = np.zeros(size, bool)
    sieve[_slot(np.fromiter(map(int, numbers), np.uint64, len(numbers)), odd, sieve)] = True
    return sieve


def _slot(numbers: np.ndarray, odd: int, sieve: np.ndarray) -> np.ndarray:
    """The upper bits of the product with a secret odd number."""
    return (numbers * np.uint64(odd)) >> np.uint64(_BITS - (len(sieve).bit_length() - 1))


def _packed(hashes: np.ndarray) -> str:
    return hashes.astype(">u8").tobytes().hex()


def _unpacked(text: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(text), dtype=">u8").astype(np.uint64)
