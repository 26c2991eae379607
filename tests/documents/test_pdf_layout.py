"""The pages as a typesetter sees them, measured with poppler: nothing leaves its column, no heading stands alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from html import unescape
from itertools import combinations
from typing import Any

import pytest
from documents.sample_document import paper, paragraph, small
from documents.sample_exhibits import chart, figure, long_table

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
    return lines(pdf(paper(lang, layout=layout)))


def lines(data: bytes) -> list[list[Line]]:
    """The lines of every page, without running head and page number."""
    out = subprocess.run(["pdftotext", "-bbox-layout", "-", "-"], input=data, capture_output=True, check=True)
    found = []
    for page in _PAGE.findall(out.stdout.decode("utf-8")):
        read = [
            Line(*map(float, m.groups()[:4]), " ".join(unescape(w) for w in _WORD.findall(m[5])))
            for m in _LINE.finditer(page)
        ]
        found.append([x for x in read if TOP - 3 < x.top < BOTTOM])
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


def _on_each_other(page: list[Line]) -> list[tuple[str, str]]:
    """Texts of which more than a third lies on another."""
    found = []
    for one, other in combinations(page, 2):
        wide = min(one.right, other.right) - max(one.left, other.left)
        high = min(one.bottom, other.bottom) - max(one.top, other.top)
        least = min((x.right - x.left) * (x.bottom - x.top) for x in (one, other))
        if wide > 0 and high > 3 and wide * high > least / 3:
            found.append((one.text, other.text))
    return found


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("layout", ["proceedings", "manuscript"])
def test_no_text_lies_on_another(lang: Language, layout: Any) -> None:
    assert not [x for page in pages(lang, layout) for x in _on_each_other(page) if "=" not in x[0] + x[1]]


@pytest.mark.parametrize("rows", [16, 24, 34])
@pytest.mark.parametrize("height", [90, 140])
def test_exhibits_of_both_widths_keep_apart(rows: int, height: int) -> None:
    """Without care typst sets a tall column-wide table under a page-wide figure (its issues 6297 and 6948)."""
    caption: dict[Language, str] = {"id": "Keterangan gambar.", "en": "Caption."}
    figures = [figure("id", k, f"fig-{k}", "page", chart(174, height, label="x"), caption) for k in (1, 2)]
    table = long_table("id", "column", rows)
    for order in ([table, *figures], [figures[0], table, figures[1]]):
        text = [paragraph("id", k) for k in range(9)]
        made = lines(pdf(small(*text[:2], order[0], text[2], order[1], text[3], order[2], *text[4:])))
        assert not [x for page in made for x in _on_each_other(page)]
        assert sum("Keterangan gambar." in x.text for page in made for x in page) == 2
        assert sum("aras, 20" in x.text for page in made for x in page) == rows


def _in_left(x: Line) -> bool:
    return x.right <= INNER[0] + HANG


def _in_right(x: Line) -> bool:
    return x.left >= INNER[1] - 1
