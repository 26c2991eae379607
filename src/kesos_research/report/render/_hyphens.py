"""Soft hyphens for typst, which has no Indonesian patterns, and only where a line really breaks.

A soft hyphen that is not used stays in the PDF's text layer, where it hides the word from every search. So the
document is laid out twice: first with every possible hyphen and with marks that tell on which line each piece of a
word came to stand, then with the few hyphens that were used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from functools import cache, lru_cache
from typing import Any

import pyphen

SHORTEST = 10
"""Letters a word must have before it may be broken."""
MARK = "\ue000"
"""Stands in a string where typst shall set an invisible mark."""
SOFT = "\N{SOFT HYPHEN}"

Place = tuple[int, float, float]
"""Page, and how far from its left and top edge, in points."""

_WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")
_ADDRESS = re.compile(r"\S*(?:://|www\.|@|[^\W\d_]\.[^\W\d_]|[\d_])\S*")
_WHOLE = ("ref", "math", "heading", "references", "table", "figure", "tiles")
"""Blocks and inlines whose words stay whole: what is not justified needs no hyphens."""


@cache
def _patterns() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="id_ID", left=3, right=3)


@lru_cache(maxsize=20_000)
def pieces(word: str) -> tuple[str, ...]:
    """The parts between which `word` may be broken; one part where it may not."""
    if len(word) < SHORTEST or word.isupper():
        return (word,)
    return tuple(_patterns().inserted(word, "\0").split("\0"))


def hyphenated(data: Any, lang: str, used: Set[int] | None = None) -> Any:
    """A document as JSON with soft hyphens in its Indonesian words.

    Parameters
    ----------
    data
        The document model's JSON; it is not changed.
    lang
        The language in force, until a mapping in `data` says its own.
    used
        Numbers of the pieces of words after which a line ends: hyphens come there only. None: hyphens come
        everywhere, and each piece of a word holds a mark; a marked string becomes `{"s": …, "n": its first number}`.
    """
    return _Walk(used).walk(data, lang)


def line_ends(places: Mapping[int, Place]) -> frozenset[int]:
    """Numbers of the pieces after which a new line, column or page begins."""
    return frozenset(n for n, here in places.items() if (after := places.get(n + 1)) and _apart(here, after))


def _apart(here: Place, after: Place) -> bool:
    return here[0] != after[0] or abs(here[2] - after[2]) > 1 or after[1] < here[1]


class _Walk:
    """One walk through a document; pieces of words are numbered as they come."""

    def __init__(self, used: Set[int] | None) -> None:
        self.used, self.next = used, 0

    def walk(self, node: Any, lang: str) -> Any:
        if isinstance(node, Mapping):
            return self._mapping(node, node.get("lang", lang))
        if isinstance(node, Sequence) and not isinstance(node, str):
            return [self.walk(x, lang) for x in node]
        return node

    def _mapping(self, node: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
        kind = node.get("t")
        # a word in italics is a foreign word
        if kind in _WHOLE or (kind == "styled" and node["style"] in ("emph", "code")):
            return node
        done: dict[str, Any] = {}
        for key, value in node.items():
            done[key] = self._text(value, lang) if kind == "text" and key == "s" else self.walk(value, lang)
        return done

    def _text(self, text: str, lang: str) -> str | dict[str, Any]:
        if lang != "id":
            return text  # typst knows how English is broken
        start = self.next
        addresses = [m.span() for m in _ADDRESS.finditer(text)]

        def broken(match: re.Match[str]) -> str:
            parts = pieces(match[0])
            if len(parts) == 1 or any(a <= match.start() < b for a, b in addresses):
                return match[0]
            first, self.next = self.next, self.next + len(parts)
            if self.used is None:
                return SOFT.join(p[0] + MARK + p[1:] for p in parts)
            ends = [SOFT if first + k in self.used else "" for k in range(len(parts) - 1)]
            return "".join(p + end for p, end in zip(parts, [*ends, ""], strict=True))

        done = _WORD.sub(broken, text)
        return {"s": done, "n": start} if MARK in done else done
