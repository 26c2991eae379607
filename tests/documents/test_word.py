"""The Word edition: what Word's own format says a heading, a caption field, a footnote and a table are."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import docx as python_docx
import pytest
from documents import office, office_sample
from documents.office import W
from docx.shared import Mm

from kesos_research.errors import DocumentError
from kesos_research.report.document.model import (
    Cite,
    Document,
    Equation,
    Heading,
    Inline,
    Link,
    Math,
    Meta,
    Note,
    Paragraph,
    Ref,
    Row,
    TableBlock,
    Text,
)
from kesos_research.report.render.word import docx

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
LANGUAGES = ("id", "en")


def opened(data: bytes):
    return python_docx.Document(io.BytesIO(data))


def only(*inlines: Inline) -> Document:
    return Document("paper", "en", Meta("Title", "Short", date="2026-03-01"), [Paragraph(inlines)])


def words(data: bytes) -> str:
    return "".join(office.xml(data, "word/document.xml").itertext(f"{W}t"))


def styles(data: bytes) -> list[str]:
    return [one.get(f"{W}val") for one in office.xml(data, "word/document.xml").iter(f"{W}pStyle")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_document_gives_the_same_bytes(lang):
    first, second = docx(office_sample.paper(lang)), docx(office_sample.paper(lang))
    assert first == second
    assert office.times(first) == {office.FIXED}
    assert list(office.parts(first))[:2] == ["[Content_Types].xml", "_rels/.rels"]


def test_another_process_with_other_hashes_gives_the_same_bytes():
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "from documents import deck_sample, office_sample\n"
        "from kesos_research.report.render.word import docx\n"
        "from kesos_research.report.render.slides import pptx\n"
        "made = docx(office_sample.paper('id')) + pptx(deck_sample.deck('id'))\n"
        "print(hashlib.sha256(made).hexdigest())"
    )
    tests = str(Path(__file__).parents[1])
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, tests],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            timeout=120,
        ).stdout
        for seed, zone in (("1", "Asia/Jakarta"), ("2", "UTC"))
    }
    assert len(runs) == 1


@pytest.mark.parametrize("make", [office_sample.paper, office_sample.manuscript, office_sample.profile])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_schemas_of_office_find_nothing_wrong(make, lang, tmp_path):
    assert office.findings(docx(make(lang)), ".docx", tmp_path) == []


def test_headings_are_headings_and_number_themselves_as_the_paper_does():
    made = opened(docx(office_sample.paper("id")))
    headings = [(p.style.name, p.text) for p in made.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0] == ("Heading 1", "Pendahuluan")
    assert ("Heading 2", "Kontrol sintetis") in headings
    assert ("Heading 3", "Langkah") in headings
    linked = made.styles["Heading 1"].element.find(f"{W}pPr/{W}numPr/{W}numId")
    assert linked.get(f"{W}val") == "1"
    thanks = next(p for p in made.paragraphs if p.text == "Ucapan terima kasih")
    assert thanks._p.pPr.numPr.numId.val == 0


def test_numbers_word_would_not_give_are_written_out():
    blocks = [Heading(1, "a", [Text("One")], "1"), Heading(1, "b", [Text("Three")], "3")]
    made = opened(docx(replace(only(), blocks=blocks)))
    assert [p.text for p in made.paragraphs if p.style.name == "Heading 1"] == ["1 One", "3 Three"]
    assert made.styles["Heading 1"].element.find(f"{W}pPr/{W}numPr") is None


def test_tables_are_native_repeat_their_head_and_tear_no_row():
    paper = office_sample.paper("id")
    made = opened(docx(paper))
    blocks = [b for b in paper.blocks if isinstance(b, TableBlock)]
    tables = [table for table in made.tables if table.style.name == "Kesos Table"]
    assert len(tables) == len(blocks) == 3
    for table, block in zip(tables, blocks, strict=True):
        rows = table._tbl.tr_lst
        assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        assert table.rows[0].cells[0].text.startswith(block.columns[0].label)
        for row, shown in zip(block.rows, table.rows[1:], strict=True):
            if not row.group:
                assert [cell.text for cell in shown.cells] == list(row.cells)
    grouped = tables[1].rows[1].cells
    assert len({id(cell._tc) for cell in grouped}) == 1
    assert tables[1].rows[2].cells[1].paragraphs[0].alignment == 2


def test_only_the_head_and_the_edges_of_a_table_are_ruled():
    style = opened(docx(office_sample.paper("id"))).styles["Kesos Table"].element
    assert {edge.tag for edge in style.find(f"{W}tblPr/{W}tblBorders")} == {f"{W}top", f"{W}bottom"}
    assert [edge.tag for edge in style.find(f"{W}tblStylePr/{W}tcPr/{W}tcBorders")] == [f"{W}bottom"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reference_points_to_a_bookmark_and_shows_what_the_paper_says(lang):
    data = docx(office_sample.paper(lang))
    body = office.xml(data, "word/document.xml")
    marks = [mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")]
    assert len(marks) == len(set(marks))
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", name) for name in marks)
    codes = [code.text.split() for code in body.iter(f"{W}instrText")]
    anchors = [link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink") if link.get(f"{W}anchor")]
    targets = [code[1] for code in codes if code[0] == "REF"]
    assert {"tbl_did", "fig_trends", "eq_did", "sec_sc"} <= set(targets)
    assert set(targets) | set(anchors) <= set(marks)
    series = [code[1] for code in codes if code[0] == "SEQ"]
    table, figure = ("Tabel", "Gambar") if lang == "id" else ("Table", "Figure")
    assert series.count(table) == 3
    assert series.count(figure) == 2
    assert series.count("equation") == 2
    caption = next(p for p in opened(data).paragraphs if p.style.name == "Caption" and f"{table} 2" in p.text)
    assert caption.text.startswith(f"{table} 2. ")


def test_a_citation_of_two_works_links_to_each():
    body = office.xml(docx(office_sample.paper("id")), "word/document.xml")
    links = {link.get(f"{W}anchor"): "".join(link.itertext(f"{W}t")) for link in body.iter(f"{W}hyperlink")}
    assert links["ref_abadie2010"] == "(Abadie dkk., 2010"
    assert links["ref_abadie2021"] == "Abadie & L'Hour, 2021)"


def test_footnotes_are_footnotes_and_their_links_work():
    data = docx(office_sample.paper("id"))
    notes = office.xml(data, "word/footnotes.xml").findall(f"{W}footnote")
    assert [note.get(f"{W}id") for note in notes] == ["-1", "0", "1"]
    assert "".join(notes[-1].itertext(f"{W}t")).strip() == "Lihat bps.go.id."
    called = office.xml(data, "word/document.xml").find(f".//{W}footnoteReference")
    assert called.get(f"{W}id") == "1"
    assert b"https://www.bps.go.id" in office.parts(data)["word/_rels/footnotes.xml.rels"]


def test_formulas_are_words_own():
    body = office.xml(docx(office_sample.paper("en")), "word/document.xml")
    assert len(list(body.iter(f"{M}oMath"))) == 4
    assert len(list(body.iter(f"{M}nary"))) == 4
    fractionless = "".join(next(body.iter(f"{M}oMathPara")).itertext(f"{M}t"))
    assert fractionless.replace(" ", "") == "δ=Y1,post−Y1,pre−Y0,post−Y0,pre"
    # pairs with an exponent are pairs, which LibreOffice needs
    assert len(list(body.iter(f"{M}d"))) == 6


def test_figures_carry_words_and_keep_their_size():
    made = opened(docx(office_sample.paper("id")))
    column, page = made.inline_shapes
    assert column._inline.docPr.get("descr") == "Dua garis yang turun sejajar sejak 2009."
    assert column.width == pytest.approx(Mm(84 * 1.25), rel=0.01)
    assert page.width == pytest.approx(Mm(166), rel=0.01)


def test_the_page_is_a4_with_a_running_head_and_page_numbers():
    data = docx(office_sample.paper("id"))
    section = opened(data).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "Pelayanan terpadu dan kemiskinan" in section.header.paragraphs[0].text
    assert b" PAGE " in office.parts(data)["word/footer1.xml"]
    assert office.xml(data, "word/document.xml").find(f".//{W}lnNumType") is None


def test_a_manuscript_numbers_its_lines_and_a_synthetic_one_says_so_on_every_page():
    data = docx(office_sample.manuscript("id"))
    assert office.xml(data, "word/document.xml").find(f".//{W}lnNumType").get(f"{W}countBy") == "1"
    for part in ("word/header1.xml", "word/header2.xml"):
        assert "DATA SINTETIS – BUKAN HASIL PENELITIAN" in "".join(office.xml(data, part).itertext())
    assert "SINTETIS" not in "".join(office.xml(docx(office_sample.paper("id")), "word/header1.xml").itertext())


@pytest.mark.parametrize(("lang", "own", "other"), [("id", "id-ID", "en-GB"), ("en", "en-GB", "id-ID")])
def test_each_language_is_proofread_as_itself(lang, own, other):
    data = docx(office_sample.paper(lang))
    default = office.xml(data, "word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert default.get(f"{W}val") == own
    spoken = {}
    for r in office.xml(data, "word/document.xml").iter(f"{W}r"):
        said = r.find(f"{W}rPr/{W}lang")
        if said is not None:
            spoken.setdefault(said.get(f"{W}val"), []).append("".join(r.itertext()))
    assert set(spoken) == {other}
    assert office_sample.meta(lang).other_title in spoken[other]


def test_the_styles_of_the_house_are_used():
    used = set(styles(docx(office_sample.paper("id"))))
    assert {"Title", "Author", "Abstract", "BodyText", "Caption", "TableText", "TableNote", "Bibliography"} <= used
    made = opened(docx(office_sample.paper("id")))
    assert used <= {style.style_id for style in made.styles}


def test_properties_come_from_the_study_and_not_from_the_clock():
    known = opened(docx(office_sample.paper("en"))).core_properties
    assert known.title == office_sample.meta("en").title
    assert known.author == "Nama Penulis; Nama Kedua"
    assert known.created.isoformat()[:10] == known.modified.isoformat()[:10] == "2026-03-01"
    assert known.language == "en-GB"


def test_an_anonymous_paper_names_nobody():
    paper = office_sample.paper("id")
    data = docx(replace(paper, meta=replace(paper.meta, anonymous=True)))
    for name, part in office.parts(data).items():
        assert b"Nama Penulis" not in part, name
        assert b"penulis@contoh.id" not in part, name


def test_a_profile_shows_its_tiles():
    made = opened(docx(office_sample.profile("id")))
    text = "\n".join(cell.text for table in made.tables for row in table.rows for cell in row.cells)
    assert "12,9 persen (2022)" in text
    assert "310 dari 514" in text


def test_hostile_text_is_only_text():
    evil = '<script>alert("x")</script> =HYPERLINK("http://x") { SEQ Tabel } &lt; REF'
    table = TableBlock("tbl-x", "Table 1", [Text(evil)], [], [], [Row([evil], group=True)], "column")
    doc = only(Text(evil))
    data = docx(replace(doc, blocks=[*doc.blocks, table], meta=replace(doc.meta, title=evil)))
    assert words(data).count(evil) == 4
    assert [code.text for code in office.xml(data, "word/document.xml").iter(f"{W}instrText")] == [
        " SEQ Table \\* ARABIC "
    ]


def test_soft_hyphens_stay_out():
    assert words(docx(only(Text("kese\N{SOFT HYPHEN}jahteraan")))) == "Titlekesejahteraan"


BAD = Math(r"\frac{1", "", "", "")


@pytest.mark.parametrize(
    ("inline", "found"),
    [
        (Text("pasted\x0btext"), "U+000B"),
        (Text("half \ud800 a letter"), "U+D800"),
        (Link("javascript:alert(1)", [Text("x")]), "javascript"),
        (Link("file:///etc/passwd", [Text("x")]), "file:"),
        (Ref("tbl-nowhere", "Table 9"), "tbl-nowhere"),
        (BAD, "frac"),
        (Note([Paragraph([Note([Paragraph([Text("x")])])])]), "footnote"),
    ],
)
def test_what_word_cannot_carry_is_refused(inline, found):
    with pytest.raises(DocumentError, match=re.escape(found)) as caught:
        docx(only(inline))
    assert caught.value.expected


def test_an_unnumbered_equation_and_a_citation_without_entry_are_set_plainly():
    doc = only(Cite(["x"], [Text("(X, 2020)")]))
    data = docx(replace(doc, blocks=[*doc.blocks, Equation("", "", office_sample.DID)]))
    assert "(X, 2020)" in words(data)
    assert not list(office.xml(data, "word/document.xml").iter(f"{W}hyperlink"))
    assert not opened(data).tables


@office.needs_office
@pytest.mark.parametrize("lang", LANGUAGES)
def test_libreoffice_shows_the_same_content(lang, tmp_path: Path):
    paper = office_sample.paper(lang)
    shown = office.printed(docx(paper), ".docx", tmp_path)
    for block in paper.blocks:
        if isinstance(block, TableBlock):
            assert block.label in shown
            for row in block.rows:
                assert all(word in shown for cell in row.cells for word in cell.split())
    number = "0,03" if lang == "id" else "0.03"
    assert number in shown
    for said in (
        ("Tabel 2 dan Gambar 1", "Bagian 2.2", "Persamaan 1")
        if lang == "id"
        else (
            "Table 2 and Figure 1",
            "Section 2.2",
            "Equation 1",
        )
    ):
        assert said in shown
    assert "Error" not in shown
