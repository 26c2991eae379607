"""Exhibits that float: whether two lie on each other, and where else they may stand.

typst places column-wide and page-wide floats without regard to each other (its issues 6297 and 6948); where they meet,
they overlap or are squeezed. An exhibit that does is put behind the next paragraph, and the next, until it stands free.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

TOP_PT, TALL_PT, MIDDLE_PT = 56.7, 728.5, 297.6
"""Where a paper's type area begins, how tall it is, and beyond which its second column lies."""
_SLACK_PT = 3.0
_EXHIBITS = ("table", "figure")
_TEXT = ("paragraph", "items", "quote")


@dataclass(frozen=True)
class Standing:
    """Where an exhibit stands, in points, and how tall it is where nothing presses it."""

    id: str
    wide: bool
    page: int
    left: float
    top: float
    bottom: float
    tall: float

    @property
    def pressed(self) -> bool:
        """Whether it leaves the type area, or has less room than it needs."""
        outside = self.top < TOP_PT - _SLACK_PT or self.bottom > TOP_PT + TALL_PT + _SLACK_PT
        return outside or self.bottom - self.top < self.tall - _SLACK_PT

    def lies_on(self, other: Standing) -> bool:
        """Whether the two share a piece of the page."""
        beside = not (self.wide or other.wide) and (self.left > MIDDLE_PT) != (other.left > MIDDLE_PT)
        apart = self.bottom < other.top + _SLACK_PT or other.bottom < self.top + _SLACK_PT
        return self.page == other.page and not beside and not apart


def standings(edges: Sequence[Any]) -> list[Standing]:
    """What typst says of where exhibits begin and end: `[[id, wide, end, height], page, x, y]`."""
    begun: dict[str, Any] = {}
    found = []
    for (id, wide, end, tall), page, x, y in edges:
        if not end:
            begun[id] = (page, x, y)
        elif id in begun:
            first, left, top = begun[id]
            found.append(Standing(id, wide, first, left, top, y, tall))
    return found


def in_the_way(
    standing: Sequence[Standing], order: Sequence[str]
) -> tuple[Standing, Standing] | tuple[Standing, None] | None:
    """The first exhibit that should stand elsewhere, and the one it meets: of two, the later one moves."""
    place = {id: k for k, id in enumerate(order)}
    movable = sorted((s for s in standing if s.id in place), key=lambda s: place[s.id])
    for one, other in combinations([*(s for s in standing if s.id not in place), *movable], 2):
        if one.lies_on(other):
            return other, one
    pressed = next((s for s in movable if s.pressed), None)
    return (pressed, None) if pressed else None


def arranged(
    blocks: Sequence[Mapping[str, Any]], late: Mapping[str, int], wide: Collection[str]
) -> list[Mapping[str, Any]]:
    """The blocks with exhibits put behind as many paragraphs as `late` says, and those of `wide` across the page.

    Exhibits keep their order, and none is put behind the references.
    """
    last = next((k for k, b in enumerate(blocks) if b["t"] == "references"), len(blocks))
    if last and last < len(blocks) and blocks[last - 1]["t"] == "heading":
        last -= 1
    made: list[Mapping[str, Any]] = []
    waiting: list[tuple[int, Mapping[str, Any]]] = []
    passed = 0
    for k, block in enumerate(blocks):
        if k == last:
            made += [b for _due, b in waiting]
            waiting = []
        if block["t"] in _EXHIBITS:
            own = {**block, "width": "page", "widened": True} if block["id"] in wide else block
            waiting.append((passed + late.get(block["id"], 0), own))
        else:
            made.append(block)
            passed += block["t"] in _TEXT
        while waiting and waiting[0][0] <= passed:
            made.append(waiting.pop(0)[1])
    return made + [b for _due, b in waiting]
