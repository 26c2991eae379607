"""Markdown that reads well as plain text too: pages for people who check a release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; every cell is text and cannot become anything else."""
    lines = [_row(head), "|" + "---|" * len(head), *(_row([plain(cell) for cell in row]) for row in rows)]
    return "\n".join(lines)


def plain(text: object) -> str:
    """Text on one line that no reader of Markdown takes for a link, a picture, HTML or the end of a cell."""
    said = " ".join(str(text).split())
    said = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in said)
    for mark, instead in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("[", "\\["), ("`", "\\`")):
        said = said.replace(mark, instead)
    return said


def page(*parts: str) -> bytes:
    """Paragraphs, headings and tables as a file; empty parts are left out."""
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
