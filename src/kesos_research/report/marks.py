"""How withheld and imprecise numbers are shown: a dash or a small letter, and a line that explains it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kesos_research.disclosure import Protected
from kesos_research.language import LANGUAGES, Words, _, both, words

WITHHELD = "withheld"
LETTERS: Mapping[str, str] = {"b": "ᵇ", "c": "ᶜ"}
"""Marks as they stand behind a number."""

MARK = "_mark"
"""Where a row of a table keeps its mark."""


def records(protected: Protected) -> list[dict[str, Any]]:
    """The rows, the guard's mark apart from the columns that are shown."""
    frame = protected.table
    if not protected.marked:
        return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    rows = frame.drop(columns="mark").to_dict("records")
    made = zip(rows, protected.marks, strict=True)
    return [{**{str(k): v for k, v in row.items()}, **({MARK: mark} if mark else {})} for row, mark in made]


def note(used: Collection[str], precise: tuple[float, ...]) -> Words:
    """What the marks mean; empty where none is used."""
    told: list[Words] = []
    if WITHHELD in used:
        told.append(both("–: withheld to protect respondents."))
    good, fair = (round(100 * bound) for bound in (*precise, 0.25, 0.50)[:2])
    if "b" in used:
        told.append(
            both(
                "{mark} relative standard error above {low} and up to {high} percent: use with care.",
                mark=LETTERS["b"],
                low=good,
                high=fair,
            )
        )
    if "c" in used:
        told.append(
            both("{mark} relative standard error above {high} percent: not reliable.", mark=LETTERS["c"], high=fair)
        )
    return {lang: " ".join(t[lang] for t in told) for lang in LANGUAGES}


def remark(claim: str, quality: str) -> str:
    """What an author should know of a number the text states."""
    if quality == WITHHELD:
        return _("The claim {name} is withheld; the text shows a dash in its place.", name=claim)
    return _("The claim {name} is imprecise ({mark}); say so where the text states it.", name=claim, mark=quality)


def joined(one: Words, other: Words) -> Words:
    """Two notes as one."""
    return words(**{lang: " ".join(filter(None, (one[lang], other[lang]))) for lang in LANGUAGES})
