"""Tables that are written in the narrative, such as the matrix of recommendations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from kesos_research.report.document import model as m
from kesos_research.report.document.labels import plain

if TYPE_CHECKING:
    from kesos_research.report.document.reader import Reader

_NUMBERS = re.compile(r"[−+<–]?\s*[\d.,]*\d[\d.,]*\s*%?|–|")

_SPACE = re.compile(r"\s+", re.ASCII)  # not the space that must not be broken


def table(content: Any, reader: Reader) -> m.TableBlock:
    """The block of a table of pandoc's tree. Its cells are words; their look is the page's affair."""
    (id, classes, _pairs), (_short, caption), specs, (_head, heads), bodies, _foot = content
    rows = [row for body in bodies for row in [*body[2], *body[3]]]
    cells = [[_text(cell) for cell in row[1]] for row in rows]
    labels = [_text(cell) for cell in heads[0][1]] if heads else [""] * len(specs)
    inlines = [part for block in caption for part in block["c"]]
    columns = tuple(
        _column(label, spec, [row[k] for row in cells if len(row) == len(specs)])
        for k, (label, spec) in enumerate(zip(labels, specs, strict=True))
    )
    return m.TableBlock(
        id=id,
        label=reader.labels.said.get(id, ""),
        caption=reader.inlines(inlines),
        note=(),
        columns=columns,
        rows=tuple(m.Row(tuple(row), group=len(row) == 1 < len(specs)) for row in cells),
        width="page" if "wide" in classes or len(specs) > 3 else "column",
    )


def _column(label: str, spec: Any, values: Sequence[str]) -> m.Head:
    aligned: dict[str, Literal["left", "right", "center"]] = {"AlignRight": "right", "AlignCenter": "center"}
    align = aligned.get(spec[0]["t"], "left")
    if values and all(_NUMBERS.fullmatch(v) for v in values):
        return m.Head(label, "", "right" if align == "left" else align, 0.0)
    if spec[1]["t"] == "ColWidth":
        return m.Head(label, "", align, round(10 * spec[1]["c"], 3))
    longest = max([len(label), *map(len, values)])
    return m.Head(label, "", align, round(max(1.0, longest**0.5), 3))


def _text(cell: Any) -> str:
    """All words of a cell; its paragraphs and items follow each other."""
    return " ".join(_SPACE.sub(" ", "".join(plain(block))).strip(" ") for block in cell[4])
