"""Formulas as Word's own: TeX turned into OMML by pandoc, all formulas of a document in one go."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import pypandoc
from lxml import etree

from kesos_research.errors import DocumentError
from kesos_research.language import _
from kesos_research.report.render.package import legal, unpack
from kesos_research.report.render.word.markup import M, W, w

_API = [1, 23, 1]
_FENCE = re.compile(r"\\[bB]igg?([lr])(?![A-Za-z])")
_SIZED = re.compile(r"\\(left|right|middle|[bB]igg?[lrm]?)\s*$")
_OVERLINE = "\N{OVERLINE}"
_OVERBAR = "\N{COMBINING OVERLINE}"


def omml(formulas: Sequence[str]) -> dict[str, etree._Element]:
    """TeX → `m:oMath`."""
    wanted = tuple(sorted({legal(tex) for tex in formulas}))
    return dict(zip(wanted, map(etree.fromstring, _converted(wanted)), strict=True))


@lru_cache(maxsize=32)
def _converted(formulas: tuple[str, ...]) -> tuple[bytes, ...]:
    if not formulas:
        return ()
    blocks = [{"t": "Para", "c": [{"t": "Math", "c": [{"t": "DisplayMath"}, _stretching(tex)]}]} for tex in formulas]
    ast = {"pandoc-api-version": _API, "meta": {}, "blocks": blocks}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "formulas.docx")
        pypandoc.convert_text(
            json.dumps(ast), "docx", format="json", outputfile=str(path), extra_args=["--sandbox", "--quiet"]
        )
        body = etree.fromstring(unpack(path.read_bytes())["word/document.xml"])
    made = []
    for tex, paragraph in zip(formulas, body.iter(f"{{{W}}}p"), strict=True):
        math = paragraph.find(f".//{{{M}}}oMath")
        if math is None:
            raise DocumentError(
                _("Word cannot show the formula {tex}", tex=tex),
                expected=_("TeX that stands on its own, without packages or macros"),
            )
        made.append(etree.tostring(_tidy(math)))
    return tuple(made)


def _stretching(tex: str) -> str:
    """Fences of a fixed size as fences that fit, and pairs that carry an index as pairs: office programs need both."""
    sides = [found[1] for found in _FENCE.finditer(tex)]
    if sides.count("l") == sides.count("r"):
        tex = _FENCE.sub(lambda found: r"\left" if found[1] == "l" else r"\right", tex)
    pairs = dict(_indexed(tex))
    opening, closing = set(pairs), set(pairs.values())
    return "".join(
        r"\left(" if i in opening else r"\right)" if i in closing else character for i, character in enumerate(tex)
    )


def _indexed(tex: str) -> Iterator[tuple[int, int]]:
    """Where a bare pair of brackets stands whose closing one carries an exponent or index."""
    stack: list[tuple[int, int]] = []
    depth = 0
    for i, character in enumerate(tex):
        before = tex[:i]
        if before.endswith("\\"):
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        fenced = _SIZED.search(before) is not None
        if character == "(" and not fenced:
            stack.append((i, depth))
        elif character == ")" and not fenced and stack:
            start, level = stack.pop()
            broken = "&" in tex[start:i] or r"\\" in tex[start:i]
            if level == depth and not broken and tex[i + 1 :].lstrip()[:1] in ("^", "_"):
                yield start, i


def _tidy(math: etree._Element) -> etree._Element:
    for r in math.iter(f"{{{M}}}r"):
        properties = r.find(f"{{{M}}}rPr")
        if properties is not None and properties.find(f"{{{M}}}nor") is not None:
            # the schema allows upright text or a style, not both
            for style in properties.findall(f"{{{M}}}sty"):
                properties.remove(style)
        fonts = w("rPr", w("rFonts", ascii="Cambria Math", hAnsi="Cambria Math"))
        r.insert(0 if properties is None else 1, fonts)
    for accent in math.iter(f"{{{M}}}chr"):
        if accent.get(f"{{{M}}}val") == _OVERLINE:
            accent.set(f"{{{M}}}val", _OVERBAR)
    math.tail = None
    return math
