"""Figures for programs that want pixels."""

from __future__ import annotations

import io
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
    png = _few_colours(typst.png(svg, ppi))
    wide, high = struct.unpack(">II", png[16:24])
    return Picture(png, wide * 72 / ppi, high * 72 / ppi)


def _few_colours(png: bytes) -> bytes:
    """The same drawing in at most 256 colours, a third of its bytes: shades at edges that no eye parts become one."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as drawn:
        few = drawn.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette() or []
    # white stays white
    few.putpalette(
        [255 if min(palette[n - n % 3 : n - n % 3 + 3]) >= 250 else shade for n, shade in enumerate(palette)]
    )
    written = io.BytesIO()
    few.save(written, "png", optimize=True)
    return written.getvalue()
