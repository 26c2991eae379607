"""An SVG as matplotlib writes it, made fit to travel: small, without a clock, with ids that are nobody else's."""

from __future__ import annotations

import re
from itertools import count

from lxml import etree

from kesos_research.report import style

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_FAMILY = re.compile(r"font-family:[^;]*;?\s*")
_POINTS = ("d", "x", "y", "width", "height", "transform")


def finish(raw: bytes, *, id: str, width_mm: float, height_mm: float) -> str:
    """The drawing `raw` as text: sizes in millimetres, two decimals, ids beginning with `id`, no metadata."""
    root = etree.fromstring(raw, etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True))
    for metadata in root.findall(f"{_SVG}metadata"):
        root.remove(metadata)
    _name_ids(root, id)
    for element in root.iter():
        _shorten(element)
    for group in root.iter(f"{_SVG}g"):
        _share_style(group)
    _unwrap(root)
    root.set("width", f"{width_mm:g}mm")
    root.set("height", f"{height_mm:g}mm")
    root.set("font-family", f"'{style.FONT}', 'STIX Two Text', 'Times New Roman', serif")
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _name_ids(root: etree._Element, prefix: str) -> None:
    """Keep only ids that are referred to: several figures share one page, and each id may stand there once."""
    text = " ".join(v for e in root.iter() for k, v in e.attrib.items() if k != "id")
    number = count(1)
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old is None or f"#{old}" not in text:
            continue
        new = f"{prefix}-{next(number)}"
        element.set("id", new)
        for user in root.iter():
            if user.get(_HREF) == f"#{old}":
                user.set(_HREF, f"#{new}")
            if user.get("clip-path") == f"url(#{old})":
                user.set("clip-path", f"url(#{new})")


def _shorten(element: etree._Element) -> None:
    for name in _POINTS:
        value = element.get(name)
        if value is not None:
            element.set(name, " ".join(_NUMBER.sub(_two_decimals, value).split()))
    if element.tag == f"{_SVG}text":
        element.set("style", _FAMILY.sub("", element.get("style", "")))  # the root says it once
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    element.tail = None
    if element.tag != f"{_SVG}text":
        element.text = None


def _two_decimals(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 2) + 0.0:g}" if abs(float(number[0])) < 1e4 else number[0]


def _share_style(group: etree._Element) -> None:
    """Marks of one look say it once."""
    looks = {mark.get("style") for mark in group}
    if len(group) > 1 and len(looks) == 1 and all(mark.tag == f"{_SVG}use" for mark in group):
        group.set("style", looks.pop() or "")
        for mark in group:
            del mark.attrib["style"]


def _unwrap(root: etree._Element) -> None:
    """Groups that say nothing go; what they hold stays."""
    for group in list(root.iter(f"{_SVG}g")):
        parent = group.getparent()
        if parent is not None and not group.attrib:
            at = parent.index(group)
            parent[at : at + 1] = list(group)
