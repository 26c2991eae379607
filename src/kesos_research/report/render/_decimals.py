"""Cells of a number column that stand below each other on the decimal mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"(?:[<>≤≥] ?)?[−+-]?\d[\d.,]*")
_MARK = {"id": ",", "en": "."}


def aligned(cells: Sequence[str], lang: str) -> list[str | tuple[str, str]]:
    """Each number as what stands left and what stands right of the decimal mark, where flush right is not enough.

    Numbers with the same places after the mark, and cells that are no numbers, stay as they are.
    """
    split = [_split(cell, _MARK[lang]) for cell in cells]
    tails = {re.sub(r"\d", "0", s[1]) for s in split if isinstance(s, tuple)}
    return split if len(tails) > 1 else list(cells)


def _split(cell: str, mark: str) -> str | tuple[str, str]:
    match = _NUMBER.match(cell)
    if not match:
        return cell
    cut = match[0].rfind(mark) if mark in match[0] else match.end()
    return cell[:cut], cell[cut:]
