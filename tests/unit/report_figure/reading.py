"""What a drawing holds: its texts, its lines, its marks."""

import re

from lxml import etree


def said(svg: str) -> list[str]:
    return [t.text for t in etree.fromstring(svg.encode()).iter("{*}text")]


def strokes(svg: str, colour: str, width: float) -> list[str]:
    """The paths of lines of one colour and width."""
    found = etree.fromstring(svg.encode()).iter("{*}path")
    css = re.compile(rf"stroke: {colour.lower()};.*stroke-width: {width:g}(;|$)")
    return [p.get("d") for p in found if css.search(p.get("style", ""))]


def ends(svg: str, colour: str, width: float) -> list[list[tuple[float, float]]]:
    """The corners of those paths, in points."""
    return [
        [(float(x), float(y)) for x, y in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", d)]
        for d in strokes(svg, colour, width)
    ]


def marks(svg: str, **css: str) -> list[tuple[float, float]]:
    """Where the markers are whose style says so, in points."""
    found = []
    for mark in etree.fromstring(svg.encode()).iter("{*}use"):
        look = mark.get("style") or mark.getparent().get("style") or ""
        if all(f"{name.replace('_', '-')}: {value.lower()}" in look for name, value in css.items()):
            found.append((float(mark.get("x")), float(mark.get("y"))))
    return found
