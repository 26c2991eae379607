"""The deck: real placeholders, nothing that overflows, type that is read from the last row."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import combinations

import pytest
from documents import deck_sample, office, office_sample
from documents.office import A
from pptx import Presentation
from pptx.util import Emu

from kesos_research.errors import DocumentError, Problems
from kesos_research.report import style
from kesos_research.report.document.model import (
    Equation,
    FigureBlock,
    Items,
    Link,
    Math,
    Note,
    Paragraph,
    Row,
    Slide,
    Styled,
    TableBlock,
    Text,
)
from kesos_research.report.render.slides import pptx

LANGUAGES = ("id", "en")


def opened(data: bytes):
    return Presentation(io.BytesIO(data))


def deck(*slides: Slide, lang="en"):
    return replace(deck_sample.deck(lang), slides=slides)


def slide(title: str, *blocks, notes: str = "") -> Slide:
    return Slide([Text(title)], blocks, notes)


def texts(one) -> str:
    return "\n".join(shape.text_frame.text for shape in one.shapes if shape.has_text_frame)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_deck_gives_the_same_bytes(lang):
    first = pptx(deck_sample.deck(lang))
    assert first == pptx(deck_sample.deck(lang))
    assert office.times(first) == {office.FIXED}
    assert not [name for name in office.parts(first) if "thumbnail" in name or "printerSettings" in name]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_schemas_of_office_find_nothing_wrong(lang, tmp_path):
    assert office.findings(pptx(deck_sample.deck(lang)), ".pptx", tmp_path) == []


def test_slides_are_wide_and_titles_are_titles():
    sample = deck_sample.deck("id")
    made = opened(pptx(sample))
    assert (Emu(made.slide_width).mm, Emu(made.slide_height).mm) == pytest.approx(style.SLIDE_MM, abs=0.1)
    assert len(made.slides) == len(sample.slides)
    for content, one in zip(sample.slides, made.slides, strict=True):
        assert one.shapes.title.text_frame.text == content.title[0].s
        assert one.shapes.title.is_placeholder


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_leaves_the_slide_and_no_text_lies_on_other_things(lang):
    made = opened(pptx(deck_sample.deck(lang)))
    for one in made.slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in one.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0
            assert top >= 0
            assert right <= made.slide_width
            assert bottom <= made.slide_height
        for a, b in combinations(boxes, 2):
            across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            assert min(across, down) <= Emu(12700), (one.shapes.title.text_frame.text, a, b)


def test_text_is_read_from_the_last_row():
    for one in opened(pptx(deck_sample.deck("id"))).slides:
        for shape in one.shapes:
            if shape.is_placeholder and shape.placeholder_format.idx in (11, 12, 13):
                continue
            for properties in shape._element.iter(f"{A}rPr"):
                assert int(properties.get("sz", 1800)) >= 1800


def test_a_figure_fills_most_of_the_slide_and_is_told_in_words():
    made = opened(pptx(deck_sample.deck("id")))
    [picture] = [s for s in made.slides[2].shapes if not s.is_placeholder]
    assert picture.width * picture.height > 0.6 * made.slide_width * made.slide_height
    assert picture._element.nvPicPr.cNvPr.get("descr") == "Dua garis yang turun sejajar sejak 2009."
    assert picture.image.size[0] > 1900


def test_a_table_is_native_and_ruled_above_below_and_under_the_head():
    made = opened(pptx(deck_sample.deck("en")))
    [frame] = [s for s in made.slides[3].shapes if s.has_table]
    table = frame.table
    assert [cell.text for cell in table.rows[1].cells] == ["2014–2015", "0.03", "[−1.93, 2.00]", "0.96"]
    assert table.first_row
    assert not table.horz_banding

    def ruled(row):
        properties = table.cell(row, 1)._tc.tcPr
        return tuple(properties.find(f"{A}{side}").get("w") != "0" for side in ("lnT", "lnB", "lnL"))

    assert [ruled(row) for row in range(5)] == [
        (True, True, False),
        *[(False, False, False)] * 3,
        (False, True, False),
    ]


def test_group_rows_span_the_table():
    table = office_sample.did_table("en")
    rows = [row if row.group else Row(row.cells[:4]) for row in table.rows[:3]]
    made = opened(pptx(deck(slide("One", replace(table, columns=table.columns[:4], rows=rows)))))
    cells = next(s for s in made.slides[0].shapes if s.has_table).table.rows[1].cells
    assert [cell.is_merge_origin for cell in cells] == [True, False, False, False]


def test_the_foot_names_source_short_title_and_number():
    sample = deck_sample.deck("id")
    one = opened(pptx(sample)).slides[1]
    assert sample.meta.footer in texts(one)
    assert sample.meta.short_title in texts(one)
    assert one.shapes._spTree.find(f".//{A}fld").get("type") == "slidenum"


def test_the_cover_tells_a_stranger_who_and_when_once():
    cover = texts(opened(pptx(deck_sample.deck("en"))).slides[0])
    assert "Nama Penulis, Nama Kedua" in cover
    assert "Konferensi Nasional Litbang Kesos · 1 March 2026" in cover
    sample = deck_sample.deck("en")
    told = replace(sample.slides[0], blocks=[Paragraph([Text("Nama Penulis and Nama Kedua")])])
    assert texts(opened(pptx(deck(told))).slides[0]).count("Nama Penulis") == 1
    assert "Nama" not in texts(opened(pptx(replace(sample, meta=replace(sample.meta, anonymous=True)))).slides[0])


def test_notes_say_what_to_say_and_what_the_page_prints():
    aside = Paragraph([Text("x"), Note([Paragraph([Text("An aside.")])])])
    figure = office_sample.figure("en")
    made = opened(pptx(deck(slide("One", aside), slide("Two", figure, notes="Point at it."))))
    first, second = (one.notes_slide.notes_text_frame.text for one in made.slides)
    assert first == "An aside."
    assert second.startswith("Point at it.")
    assert "Figure 1. Poverty fell" in second


@pytest.mark.parametrize(("lang", "code"), [("id", "id-ID"), ("en", "en-GB")])
def test_every_text_is_proofread_in_its_language(lang, code):
    for name, part in office.parts(pptx(deck_sample.deck(lang))).items():
        if name.endswith(".xml"):
            assert b'lang="en-US"' not in part, name
    run = opened(pptx(deck_sample.deck(lang))).slides[1].shapes.title.text_frame.paragraphs[0].runs[0]
    assert run.font._element.get("lang") == code


def test_a_deck_on_invented_rows_says_so_on_every_slide():
    sample = deck_sample.deck("id")
    made = opened(pptx(replace(sample, meta=replace(sample.meta, synthetic=True))))
    assert all("DATA SINTETIS – BUKAN HASIL PENELITIAN" in texts(one) for one in made.slides)


def test_the_accent_is_used_once():
    strong = Styled("strong", [Text("1.96")])
    lines = Items(False, [[Paragraph([strong])], [Paragraph([strong])]])
    one = opened(pptx(deck(slide("One", lines)))).slides[0]
    assert len(list(one._element.iter(f"{A}srgbClr"))) == 1


def test_hostile_text_is_only_text():
    evil = '<script>alert("x")</script> =HYPERLINK("http://x")'
    made = opened(pptx(deck(slide(evil, Paragraph([Text(evil)]), notes=evil))))
    assert texts(made.slides[0]).count(evil) == 2
    assert made.slides[0].notes_slide.notes_text_frame.text == evil


LONG = "Word " * 60
TABLE = office_sample.did_table("en")


@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        ([Paragraph([Text("pasted\x0btext")])], "U+000B"),
        ([Paragraph([Link("javascript:alert(1)", [Text("x")])])], "javascript"),
        ([Paragraph([Text(LONG * 4)])], "18"),
        ([replace(TABLE, rows=[Row(["x", *["1"] * 5])] * 6)], "6 rows"),
        ([replace(TABLE, rows=[Row([LONG, *["1,234,567,890,123"] * 5])])], "does not fit"),
        ([TABLE, office_sample.figure("en")], "Two exhibits"),
        ([office_sample.figure("en"), *[Paragraph([Text(LONG)])] * 2], "too small"),
        ([Equation("", "", Math("x", "x", "", "x"))], "equation"),
    ],
)
def test_what_does_not_fit_is_refused(blocks, found):
    with pytest.raises(DocumentError, match=re.escape(found)) as caught:
        pptx(deck(slide("A title", *blocks)))
    assert "A title" in str(caught.value)
    assert caught.value.expected


@pytest.mark.parametrize("title", ["", "Word " * 40])
def test_a_title_is_one_sentence(title):
    with pytest.raises(DocumentError):
        pptx(deck(slide(title)))


def test_a_title_of_two_lines_keeps_its_size_and_a_longer_one_shrinks_a_little():
    two = "Poverty fell in the five pilot districts and in all the others, nearly side by side"
    three = two + ", in every year from 2009 to 2019"
    made = opened(pptx(deck(slide(two), slide(three))))
    sizes = [one.shapes.title.text_frame.paragraphs[0].runs[0].font.size for one in made.slides]
    assert sizes[0] is None
    assert 22 <= sizes[1].pt < 28


def test_all_problems_are_told_at_once():
    with pytest.raises(Problems) as caught:
        pptx(deck(slide(""), slide("Good"), slide("Bad", Paragraph([Text(LONG * 4)]))))
    assert len(caught.value.problems) == 2


def test_figures_without_a_drawing_for_slides_use_the_one_of_the_page():
    figure = replace(office_sample.figure("en", wide=True), slide_svg="")
    assert isinstance(figure, FigureBlock)
    made = opened(pptx(deck(slide("One", figure))))
    assert [s for s in made.slides[0].shapes if not s.is_placeholder]


@office.needs_office
@pytest.mark.parametrize("lang", LANGUAGES)
def test_libreoffice_shows_the_same_content(lang, tmp_path):
    sample = deck_sample.deck(lang)
    shown = office.printed(pptx(sample), ".pptx", tmp_path)
    for content in sample.slides:
        assert all(word in shown for word in content.title[0].s.split())
        for block in content.blocks:
            if isinstance(block, TableBlock):
                assert all(word in shown for row in block.rows for cell in row.cells for word in cell.split())
    assert sample.meta.footer in shown
