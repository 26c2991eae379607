"""How much room text takes, before it is set.

Office files carry no lines: each program breaks them with the fonts it has. We measure with the DejaVu typefaces, which
come with matplotlib and are wider than any other a reader's machine may put in its place, so that what fits here fits
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import matplotlib as mpl
from PIL import ImageFont

from kesos_research.language import Language
from kesos_research.report.document.model import Head, Row
from kesos_research.report.render._decimals import aligned

OURS = 0.82
"""The width of our typeface (`theme.TYPEFACE`) as a share of what is measured here."""
_EM = 100


@cache
def _fonts(bold: bool) -> tuple[ImageFont.FreeTypeFont, ...]:
    folder = Path(mpl.get_data_path(), "fonts", "ttf")
    names = ("DejaVuSerif", "DejaVuSans")
    return tuple(
        ImageFont.truetype(folder / f"{name}{'-Bold' * bold}.ttf", _EM, layout_engine=ImageFont.Layout.BASIC)
        for name in names
    )


@cache
def _word(text: str, bold: bool) -> float:
    return max(font.getlength(text) for font in _fonts(bold)) / _EM


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Points the longest line of `text` takes at `size` points."""
    return max((_word(line, bold) * size for line in text.split("\n")), default=0.0)


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """Lines `text` takes when broken between words to fit `room` points."""
    count = 0
    room += 0.5  # a cell as wide as its words holds them
    space = _word(" ", bold) * size
    for paragraph in text.split("\n"):
        used = room + 1.0
        for word in paragraph.split() or [""]:
            long = _word(word, bold) * size
            if used + space + long > room:
                # a word longer than the room is broken by the program that shows it
                count += max(1, -(-int(long) // max(1, int(room))))
                used = long
            else:
                used += space + long
    return count


def indents(cells: Sequence[str], lang: Language, size: float) -> list[float]:
    """Points by which cells that stand flush right are moved left, so that their decimal marks stand in one line."""
    tails = [width(one[1], size) if isinstance(one, tuple) else 0.0 for one in aligned(cells, lang)]
    numbers = [isinstance(one, tuple) for one in aligned(cells, lang)]
    return [max(tails) - tail if number else 0.0 for tail, number in zip(tails, numbers, strict=True)]


def columns(
    heads: Sequence[Head], rows: Sequence[Row], lang: Language, *, room: float, size: float, pad: float, fill: bool
) -> list[float] | None:
    """Widths of a table's columns in points, or None where it cannot be set in `room` at this size.

    Columns of numbers (`weight` 0) are as wide as their content; where that leaves too little, text columns share the
    room by weight, none narrower than its longest word. `fill`: the table takes the whole room.
    """
    body = [row.cells for row in rows if not row.group]
    least, natural = [], []
    for j, head in enumerate(heads):
        cells = [cells[j] for cells in body]
        moved = indents(cells, lang, size) if head.align == "right" else [0.0] * len(cells)
        whole = max((width(c, size) + left for c, left in zip(cells, moved, strict=True)), default=0.0)
        label = max(width(head.label, size, bold=True), width(head.unit, size))
        shortest = max((width(w, size, bold=True) for w in f"{head.label} {head.unit}".split()), default=0.0)
        if head.weight:
            shortest = max([shortest, *(width(w, size) for c in cells for w in c.split())])
        else:
            # the head may take three lines, the numbers never
            shortest = max(shortest, whole, 0.4 * label)
        least.append(shortest + pad)
        natural.append(max(whole, label, shortest) + pad)
    if sum(least) > room:
        return None
    widths = natural if sum(natural) <= room else _shared(heads, least, natural, room)
    if fill and (spare := room - sum(widths)) > 0:
        # columns of numbers stand apart evenly; where there are none, text takes the room
        shares = [0.0 if h.weight else 1.0 for h in heads]
        shares = shares if any(shares) else [h.weight for h in heads]
        widths = [w + spare * s / sum(shares) for w, s in zip(widths, shares, strict=True)]
    return widths


def _shared(heads: Sequence[Head], least: list[float], natural: list[float], room: float) -> list[float]:
    """Columns grow from their least to their natural width: text by weight, then the heads of numbers."""
    widths = list(least)
    for shares in ([h.weight for h in heads], [0.0 if h.weight else 1.0 for h in heads]):
        growing = {j for j, share in enumerate(shares) if share and natural[j] > widths[j]}
        while growing and (spare := room - sum(widths)) > 0.5:
            total = sum(shares[j] for j in growing)
            for j in sorted(growing):
                widths[j] = min(natural[j], widths[j] + spare * shares[j] / total)
            growing = {j for j in growing if natural[j] - widths[j] > 0.1}
    return widths
