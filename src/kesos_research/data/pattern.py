"""The texts that a regular expression matches, counted and numbered, so that different ones can be drawn."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from re import _constants as sign  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import numpy as np

_PLAIN = string.ascii_uppercase + string.ascii_lowercase + string.digits
_MORE = 8
"""How often a part that may be repeated without end is repeated at most, beyond its least."""
_MOST = 2**62


def texts_of(pattern: str) -> Texts:
    """The texts that `pattern` matches as a whole.

    Of what has no end, a part: a repetition goes on at most 8 times, and ``.`` is a letter or a digit.

    Examples
    --------
    >>> texts = texts_of("R[0-9]{2}(A|B)?")
    >>> texts.count, texts.at(np.array([0, 1, 100])).tolist()
    (300, ['R00', 'R00A', 'R33A'])
    """
    return _sequence(parser.parse(pattern))


@dataclass(frozen=True)
class Texts:
    """A set of texts.

    Attributes
    ----------
    parts
        One after another (`joined`), or one of them.
    letters
        Of a set of single characters: these.
    """

    parts: tuple[Texts, ...] = ()
    joined: bool = True
    letters: str | None = None

    @cached_property
    def count(self) -> int:
        """How many texts there are, by how they are built."""
        if self.letters is not None:
            return len(self.letters)
        counts = [part.count for part in self.parts]
        return int(np.prod(np.array(counts, dtype=object))) if self.joined else sum(counts)

    def at(self, index: np.ndarray) -> np.ndarray:
        """The texts with these numbers, 0 to `count` - 1; shape (n,), object."""
        if self.letters is not None:
            return np.array(list(self.letters), dtype=object)[index.astype(np.int64)]
        if not self.joined:
            return self._one_of(index)
        found = np.full(len(index), "", dtype=object)
        for part in reversed(self.parts):
            index, here = np.divmod(index, part.count)
            found = part.at(here) + found
        return found

    def _one_of(self, index: np.ndarray) -> np.ndarray:
        found = np.full(len(index), "", dtype=object)
        start = 0
        for part in self.parts:
            here = (index >= start) & (index < start + part.count)
            if here.any():
                found[here] = part.at(index[here] - start)
            start += part.count
        return found

    def draw(self, n: int, random: np.random.Generator) -> np.ndarray:
        """`n` of the texts, any of them as often as chance has it."""
        if self.count <= _MOST:
            return self.at(random.integers(0, self.count, n))
        if not self.joined:
            share = np.array([part.count for part in self.parts], dtype=object) / self.count
            which = random.choice(len(self.parts), n, p=share.astype(float))
            drawn = [part.draw(n, random) for part in self.parts]
            return np.choose(which, drawn) if n else np.array([], dtype=object)
        found = np.full(n, "", dtype=object)
        for part in self.parts:
            found = found + part.draw(n, random)
        return found


def _sequence(nodes: Any) -> Texts:
    return Texts(tuple(part for node in nodes if (part := _node(*node)) is not None))


def _node(kind: Any, told: Any) -> Texts | None:
    if kind in (sign.LITERAL, sign.NOT_LITERAL, sign.ANY, sign.IN):
        return Texts(letters=_letters(kind, told))
    if kind in (sign.MAX_REPEAT, sign.MIN_REPEAT):
        low, high, inside = told
        one = _sequence(inside)
        high = low + _MORE if high is sign.MAXREPEAT else int(high)
        repeats = tuple(Texts((one,) * times) for times in range(low, high + 1))
        return repeats[0] if len(repeats) == 1 else Texts(repeats, joined=False)
    if kind is sign.SUBPATTERN:
        return _sequence(told[-1])
    if kind is sign.BRANCH:
        return Texts(tuple(_sequence(branch) for branch in told[1]), joined=False)
    return None  # an anchor: the whole text is matched anyway


def _letters(kind: Any, told: Any) -> str:
    if kind is sign.IN:
        return _class(told)
    if kind is sign.LITERAL:
        return chr(told)
    return _PLAIN.replace(chr(told), "") if kind is sign.NOT_LITERAL else _PLAIN


_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_NOT_DIGIT": string.ascii_uppercase,
    "CATEGORY_WORD": _PLAIN + "_",
    "CATEGORY_NOT_WORD": "-",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": _PLAIN,
}


def _class(told: Sequence[Any]) -> str:
    letters: dict[str, None] = {}
    for kind, value in told:
        if kind is sign.LITERAL:
            letters[chr(value)] = None
        elif kind is sign.RANGE:
            letters.update(dict.fromkeys(map(chr, range(value[0], min(value[1], value[0] + 255) + 1))))
        elif kind is sign.CATEGORY:
            letters.update(dict.fromkeys(_CATEGORIES[str(value)]))
    if told[0][0] is sign.NEGATE:
        return "".join(c for c in _PLAIN if c not in letters)
    return "".join(letters)
