"""The pages as a typesetter sees them, measured with poppler: nothing leaves its column, no heading stands alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any

import pytest
from documents.sample_document import paper

from kesos_research.language import Language
from kesos_research.report.render.typst import pdf

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")

MM = 72 / 25.4
LEFT, RIGHT, TOP, BOTTOM = 18 * MM, 192 * MM, 20 * MM, 277 * MM
INNER = (102 * MM, 108 * MM)
HANG = 3.5
"""How far punctuation may hang over the edge, in points."""
_PAGE = re.compile(r"<page [^>]*>(.*?)</page>", re.DOTALL)
_LINE = re.compile(r'<line xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</line>', re.DOTALL)
_WORD = re.compile(r"<word [^>]*>(.*?)</word>")


@dataclass(frozen=True)
class Line:
    left: float
    top: float
    right: float
    bottom: float
    text: str


@cache
def pages(lang: Language, layout: Any = "proceedings") -> list[list[Line]]:
    """The lines of every page, without running head and page number."""
    data = pdf(paper(lang, layout=layout))
    out = subprocess.run(["pdftotext", "-bbox-layout", "-", "-"], input=data, capture_output=True, check=True)
    found = []
    for page in _PAGE.findall(out.stdout.decode("utf-8")):
        lines = [
            Line(*map(float, m.groups()[:4]), " ".join(unescape(w) for w in _WORD.findall(m[5])))
            for m in _LINE.finditer(page)
        ]
        found.append([x for x in lines if TOP - 3 < x.top < BOTTOM])
    return found


@pytest.mark.parametrize("lang", ["id", "en"])
def test_between_seven_and_twelve_pages(lang: Language) -> None:
    assert 6 < len(pages(lang)) <= 12


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("layout", ["proceedings", "manuscript"])
def test_nothing_leaves_the_type_area(lang: Language, layout: Any) -> None:
    margin = 12 * MM if layout == "manuscript" else 0  # line numbers stand in the margin
    for page in pages(lang, layout):
        for x in page:
            assert x.left >= LEFT - margin - 0.5, x
            assert x.right <= RIGHT + HANG, x
            assert x.bottom <= BOTTOM + 3, x


@pytest.mark.parametrize("lang", ["id", "en"])
def test_columns_do_not_touch(lang: Language) -> None:
    """A line of running text is in one column; only what belongs to a page-wide exhibit crosses the gutter."""
    exhibit = re.compile(r"(Tabel|Table|Gambar|Figure) \d\.|(Sumber|Source):")
    for page in pages(lang)[1:]:
        for x in page:
            if x.left < INNER[0] and x.right > INNER[0] + HANG and len(x.text.split()) > 4:
                assert exhibit.match(x.text), x


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_last_columns_end_level(lang: Language) -> None:
    last = pages(lang)[-1]
    ends = [max(x.bottom for x in last if side(x)) for side in (_in_left, _in_right)]
    assert abs(ends[0] - ends[1]) < 36


@pytest.mark.parametrize("lang", ["id", "en"])
def test_no_heading_stands_alone_at_a_foot(lang: Language) -> None:
    heading = re.compile(r"\d(\.\d)? [A-Z]\w+( \w+){0,6}$")
    for page in pages(lang):
        for side in (_in_left, _in_right):
            column = sorted((x for x in page if side(x)), key=lambda x: x.top)
            if column:
                assert not heading.match(column[-1].text), column[-1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_no_column_is_half_empty(lang: Language) -> None:
    for page in pages(lang)[1:-1]:
        for side in (_in_left, _in_right):
            column = sorted([x for x in page if side(x) or x.right - x.left > 100 * MM], key=lambda x: x.top)
            assert max(x.bottom for x in column) > BOTTOM - 80, column[-1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_few_paragraphs_end_in_a_single_word(lang: Language) -> None:
    body = [x for page in pages(lang) for x in page if x.bottom - x.top > 10]  # cells are set smaller
    alone = [x for x in body if x.right - x.left < 45 and re.fullmatch(r"[^\W\d_]+[.?!]", x.text)]
    assert len(alone) <= 2, alone


def _in_left(x: Line) -> bool:
    return x.right <= INNER[0] + HANG


def _in_right(x: Line) -> bool:
    return x.left >= INNER[1] - 1
