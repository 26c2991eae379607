"""Figures for programs that want pixels."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

from kesos_research.report.render import typst

PPI = 300


@dataclass(frozen=True)
class Picture:
    """A PNG and the size it was drawn at, in points."""

    png: bytes
    width: float
    height: float


@lru_cache(maxsize=64)
def picture(svg: str, ppi: int = PPI) -> Picture:
    """`svg` as pixels; a figure stands in several documents and is drawn once."""
    png = typst.png(svg, ppi)
    wide, high = struct.unpack(">II", png[16:24])
    return Picture(png, wide * 72 / ppi, high * 72 / ppi)
