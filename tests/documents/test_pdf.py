"""Papers and profiles as PDF, read back with pypdf: what a reader, a search engine and a screen reader get."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from documents.sample_document import TITLES, line, paper, small
from documents.sample_exhibits import chart, long_table, wide_table
from documents.sample_profile import profile
from pypdf import PdfReader

from kesos_research.errors import DocumentError
from kesos_research.language import Language
from kesos_research.report.document.model import (
    Abstract,
    Block,
    Document,
    Equation,
    FigureBlock,
    Head,
    Heading,
    Math,
    Note,
    Ref,
    Row,
    TableBlock,
    Text,
)
from kesos_research.report.render.typst import pdf

SOFT = "\N{SOFT HYPHEN}"


@cache
def made(lang: Language, kind: str = "paper", layout: Any = "proceedings") -> bytes:
    return pdf(profile(lang) if kind == "profile" else paper(lang, layout=layout))


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def words(data: bytes) -> str:
    """All text, words that end a line joined. pypdf knows one meaning a glyph: a soft hyphen is a hyphen to it."""
    text = "\n".join(page.extract_text() for page in read(data).pages)
    return re.sub(r"(?<=\w)-+\n", "", text.replace(SOFT, "-"))


def tags(data: bytes) -> tuple[Counter[str], list[str]]:
    """How often each tag is used, and the alternatives of figures and formulas."""
    seen: Counter[str] = Counter()
    alternatives: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                seen[node["/S"]] += 1
                if node["/S"] in ("/Figure", "/Formula"):
                    alternatives.append(str(node.get("/Alt", "")))
            if "/K" in node:
                walk(node.raw_get("/K"))

    walk(read(data).trailer["/Root"]["/StructTreeRoot"])
    return seen, alternatives


@pytest.mark.parametrize("lang", ["id", "en"])
def test_twice_the_same_bytes(lang: Language) -> None:
    assert pdf(paper(lang)) == made(lang)
    assert pdf(profile(lang)) == made(lang, "profile")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_file_says_what_it_is(lang: Language) -> None:
    reader = read(made(lang))
    root = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == TITLES[lang]
    assert reader.metadata.author == "Siti Rahmawati, Budi Santoso, Maria Latuheru"
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"]
    assert str(reader.metadata.creation_date).startswith("2024-11-25")
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_every_typeface_is_embedded() -> None:
    for page in read(made("id")).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_structure_is_tagged_and_pictures_have_words() -> None:
    seen, alternatives = tags(made("id"))
    assert seen["/Title"] == 1
    assert (seen["/Table"], seen["/Figure"], seen["/Formula"], seen["/Note"]) == (4, 3, 3, 1)
    assert seen["/TH"] > 15
    assert all(alternatives)


def test_references_are_links() -> None:
    links = [a.get_object() for page in read(made("id")).pages for a in page.get("/Annots", [])]
    assert sum("/Dest" in a or a.get("/A", {}).get("/S") == "/GoTo" for a in links) >= 7
    assert sum(a.get("/A", {}).get("/S") == "/URI" for a in links) >= 20


def test_words_can_be_found() -> None:
    found = " ".join(words(made("id")).split()).lower()
    for word in ("dipertanggungjawabkan", "penyelenggaraan kesejahteraan", "ketidakseragaman", "tumpang-tindih"):
        assert word in found


def test_hyphens_are_where_a_line_ends_and_nowhere_else() -> None:
    text = "\n".join(page.extract_text() for page in read(made("id")).pages)
    assert SOFT not in text, "a glyph is known as a soft hyphen that is a hyphen elsewhere"
    assert len(re.findall(r"[^\W\d_]-+\n[^\W\d_]", text)) > 40, "nothing was hyphenated"
    inside = set(re.findall(r"\w+-\w+", text)) - {"differences-in", "difference-in", "in-differences"}
    assert inside <= set(re.findall(r"\w+-\w+", str(paper("id").as_json()))) | {"2024-11"}


def test_indonesian_abstract_in_an_english_paper_is_hyphenated() -> None:
    first = read(made("en")).pages[0].extract_text().replace(SOFT, "-")
    assert re.search(r"(pem|per|kan|leng|tung|ru|ngan|pem|ga|ta|pu)-+\n", first.partition("Abstrak")[2])


@pytest.mark.parametrize("layout", ["proceedings", "manuscript"])
def test_invented_data_are_named_on_every_page(layout: Any) -> None:
    reader = read(pdf(paper("en", synthetic=True, layout=layout)))
    assert all("SYNTHETIC DATA" in page.extract_text() for page in reader.pages)
    assert "SYNTHETIC DATA" not in words(made("en"))


def test_a_blinded_paper_names_nobody() -> None:
    data = pdf(paper("id", anonymous=True))
    assert not read(data).metadata.author  # type: ignore[union-attr]
    assert "Rahmawati" not in words(data)
    assert "example.org" not in words(data).partition("Pendahuluan")[0]


def test_manuscripts_have_numbered_lines() -> None:
    page = read(made("id", layout="manuscript")).pages[1].extract_text()
    numbers = [n for x in re.findall(r"^(\d{1,3})$", page, re.MULTILINE) if (n := int(x)) != 2]  # the page's own
    assert len(numbers) > 20
    assert sorted(numbers) == list(range(min(numbers), max(numbers) + 1))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_profiles_take_two_pages(lang: Language) -> None:
    reader = read(made(lang, "profile"))
    assert len(reader.pages) == 2
    assert "33.14 · Jawa Tengah" in reader.pages[0].extract_text()
    assert tags(made(lang, "profile"))[0]["/Figure"] == 2


def test_numbers_keep_their_minus_and_mark() -> None:
    assert "−0,71c" in re.sub(r"\s", "", words(made("id")))
    assert "−0.71c" in re.sub(r"\s", "", words(made("en")))


def _table(columns: int, head: str = "Penyelenggaraan", width: Any = "page") -> TableBlock:
    heads = [Head(head, "", "right", 0)] * columns
    return TableBlock("tbl-x", "Tabel 1", [Text("Judul.")], [], heads, [Row(["1,00"] * columns)], width)


def test_a_table_too_wide_for_its_column_takes_the_page() -> None:
    sizes: list[float] = []
    read(pdf(small(_table(5, width="column")))).pages[0].extract_text(
        visitor_text=lambda text, _cm, tm, _font, size: sizes.append(size * abs(tm[3])) if text.strip() else None
    )
    assert min(sizes) >= 7.5


def test_a_long_table_goes_on_with_its_head() -> None:
    reader = read(pdf(small(line("Teks."), long_table("id", "page", 150))))
    with_head = [p.extract_text() for p in reader.pages if "Spesifikasi" in p.extract_text()]
    assert len(with_head) == 3
    assert [("Tabel 4. (" in text) for text in with_head] == [False, True, True]
    assert sum(len(re.findall(r"aras, 20\d\d", text)) for text in with_head) == 150


def test_markup_in_strings_is_text() -> None:
    evil = "#eval(1) $x$ *tebal* @ref <label> `kode` [isi] \\ //"
    assert evil in words(pdf(small(line(evil)))).replace("\n", " ")


def _formula(typst: str) -> Equation:
    return Equation("eq-x", "1", Math("x", typst, "", "x"))


def _picture(svg: str, alt: str = "Grafik") -> FigureBlock:
    return FigureBlock("fig-x", "Gambar 1", [], [], alt, svg, "", "column")


@pytest.mark.parametrize(
    ("block", "place"),
    [
        (_table(14), "tbl-x"),
        (_picture("<svg"), "fig-x"),
        (_picture(chart(84, 40, label="x"), alt=""), "fig-x"),
        (_formula("frac("), "eq-x"),
        (_formula("notasymbol"), "eq-x"),
        (_formula(" + ".join(["alpha_(12345)"] * 20)), "eq-x"),
        (line("lihat ", Ref("tbl-none", "Tabel 9")), "tbl-none"),
        (line("huruf \U00012000 asing"), "paragraph 2"),
        (Heading(3, "sec-deep", [Text("Dalam")]), "sec-deep"),
    ],
)
def test_what_cannot_be_set_is_named(block: Block, place: str) -> None:
    with pytest.raises(DocumentError) as caught:
        pdf(small(line("Sebelumnya."), block, line("Sesudahnya.")))
    assert caught.value.where is not None
    assert caught.value.where.key == place


@pytest.mark.parametrize("where", ["abstract", "tbl-characteristics"])
def test_footnotes_that_would_be_lost_are_refused(where: str) -> None:
    note = Note([line("Catatan.")])
    abstract = Abstract("id", "Abstrak", [line("Isi", *([note] if where == "abstract" else []))], "Kata kunci", ())
    table = wide_table("id")
    if where != "abstract":
        table = replace(table, caption=[*table.caption, note])
    with pytest.raises(DocumentError) as caught:
        pdf(small(table, abstracts=(abstract,)))
    assert caught.value.where is not None
    assert caught.value.where.key == where


def test_an_id_used_twice_is_refused() -> None:
    with pytest.raises(DocumentError, match="tbl-characteristics"):
        pdf(small(wide_table("id"), wide_table("id")))


def test_slides_are_not_set_here() -> None:
    with pytest.raises(DocumentError):
        pdf(Document("slides", "id", small().meta))
