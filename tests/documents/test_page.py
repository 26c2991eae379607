"""Web pages, read back with lxml and shown by a browser: nothing is asked of anyone, and a phone is wide enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from documents.sample_document import TITLES, line, page, small
from documents.sample_exhibits import chart
from documents.sample_profile import profile
from lxml import etree, html

from kesos_research.errors import DocumentError
from kesos_research.language import Language
from kesos_research.report.document.model import FigureBlock, Link, Math, Note, Paragraph, Row, Text
from kesos_research.report.figure._type import width
from kesos_research.report.render.page import html as rendered

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SVG = "{http://www.w3.org/2000/svg}"


@cache
def made(lang: Language, kind: str = "page") -> bytes:
    return rendered(profile(lang) if kind == "profile" else page(lang))


def tree(data: bytes) -> Any:
    return html.document_fromstring(data.decode("utf-8"))


BOTH = [(lang, kind) for lang in ("id", "en") for kind in ("page", "profile")]


@pytest.mark.parametrize(("lang", "kind"), BOTH)
def test_twice_the_same_bytes(lang: Language, kind: str) -> None:
    assert rendered(profile(lang) if kind == "profile" else page(lang)) == made(lang, kind)


@pytest.mark.parametrize(("lang", "kind"), BOTH)
def test_nothing_is_asked_of_anyone(lang: Language, kind: str) -> None:
    root = tree(made(lang, kind))
    policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy[0].startswith("default-src 'none'")
    assert not root.xpath("//script | //link | //iframe | //img | //object | //@src")
    assert not re.search(rb"@import|url\((?!#)", made(lang, kind))
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag != "a":
            assert not [v for k, v in element.attrib.items() if k.endswith("href") and not v.startswith("#")]


@pytest.mark.parametrize(("lang", "kind"), BOTH)
def test_ids_are_said_once_and_links_lead_somewhere(lang: Language, kind: str) -> None:
    root = tree(made(lang, kind))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    for target in root.xpath("//@href[starts-with(., '#')]"):
        assert target[1:] in ids
    for target in re.findall(rb"url\(#([^)]+)\)", made(lang, kind)):
        assert target.decode() in ids


@pytest.mark.parametrize("lang", ["id", "en"])
def test_language_title_and_the_other_edition(lang: Language) -> None:
    root = tree(made(lang))
    assert root.get("lang") == lang
    assert root.findtext(".//title") == TITLES[lang] == root.findtext(".//h1")
    other = root.xpath("//a[@rel='alternate']")[0]
    assert (other.get("href"), other.get("hreflang")) == (page(lang).other_language, "en" if lang == "id" else "id")
    assert [x.get("lang") for x in root.find_class("abstract")] == [lang, other.get("hreflang")]


def test_pictures_and_formulas_have_words() -> None:
    root = tree(made("id"))
    drawings = root.xpath("//*[local-name()='svg']")
    assert len(drawings) == 3
    assert all(d.get("role") == "img" and d.get("aria-label", "").startswith("Grafik garis") for d in drawings)
    assert [m.get("alttext") for m in root.xpath("//*[local-name()='math']")] == [
        "tau topi sama dengan selisih dari selisih",
        "kuadrat jarak terkecil",
        "lambda = 0,1",
    ]


def test_tables_have_heads_and_scroll_inside_themselves() -> None:
    for table in tree(made("id")).xpath("//table"):
        assert table.getparent().get("class") == "scroll"
        assert table.xpath("thead/tr/th[@scope='col']")
        assert table.xpath("tbody/tr/th[@scope='row']")


def test_footnotes_lead_there_and_back() -> None:
    note = Note([Paragraph([Text("Isi catatan.")])])
    root = tree(rendered(replace(small(line("Satu", note, " dua", note)), kind="page")))
    assert [x.get("href") for x in root.xpath("//a[@role='doc-noteref']")] == ["#note-1", "#note-2"]
    assert [x.get("href") for x in root.xpath("//a[@role='doc-backlink']")] == ["#note-from-1", "#note-from-2"]
    assert "Isi catatan." in root.xpath("//li[@id='note-2']")[0].text_content()


def test_text_is_never_markup() -> None:
    evil = '<script>alert(1)</script> & <b title="x">'
    document = replace(small(line(evil), title=evil, synthetic=True), kind="page")
    root = tree(rendered(document))
    assert root.findtext(".//h1") == evil
    assert not root.xpath("//script | //b")
    assert "NOT A RESEARCH RESULT" in root.find_class("banner")[0].text or "BUKAN" in root.find_class("banner")[0].text


def test_drawings_neither_act_nor_ask() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" '
        'onload="x()"><style>@import url(https://example.org/x.css);</style><script>x()</script>'
        '<image href="https://example.org/x.png"/><foreignObject><p/></foreignObject>'
        '<defs><clipPath id="c"><rect width="9" height="9" fill="url(https://example.org/#x)"/></clipPath></defs>'
        '<g id="unused" clip-path="url(#c)"><use xlink:href="#c"/></g></svg>'
    )
    blocks = [FigureBlock(f"fig-{k}", "Gambar", [], [], "Peta", drawing, "", "column") for k in "ab"]
    data = rendered(replace(small(*blocks), kind="page"))
    root = tree(data)
    assert b"example.org" not in data
    assert not root.xpath("//script | //svg//style | //*[local-name()='foreignobject'] | //@onload")
    ids = root.xpath("//*[local-name()='svg']//@id")
    assert len(ids) == len(set(ids)) == 2
    assert {f"url(#{i})" for i in ids} == set(root.xpath("//@clip-path"))


@pytest.mark.parametrize(
    "svg", ["<svg", "<p xmlns='http://www.w3.org/1999/xhtml'/>", chart(9, 9, label="").replace("viewBox", "x")]
)
def test_what_is_no_drawing_is_named(svg: str) -> None:
    with pytest.raises(DocumentError) as caught:
        rendered(replace(small(FigureBlock("fig-x", "Gambar 1", [], [], "x", svg, "", "column")), kind="page"))
    assert caught.value.where is not None
    assert caught.value.where.key == "fig-x"


def test_a_broken_formula_is_named() -> None:
    with pytest.raises(DocumentError):
        rendered(replace(small(line(Math("x^2", "x^2", "<math", "x"))), kind="page"))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.org"])
def test_links_lead_only_where_a_page_may_lead(url: str) -> None:
    with pytest.raises(DocumentError):
        rendered(replace(small(line(Link(url, [Text("x")]))), kind="page"))


def test_text_holds_no_soft_hyphens() -> None:
    assert "\N{SOFT HYPHEN}".encode() not in made("id")


def test_numbers_stand_on_their_mark() -> None:
    cells = tree(made("id")).xpath("//figure[@id='tbl-did']//tbody/tr[not(@class)]/td[1]")
    assert [c.text_content() for c in cells] == ["0,03", "0,14b", "0,83", "−0,71c", "–"]
    assert {c.find("span").get("style") for c in cells[:-1]} == {"width: 4ch"}


def test_rows_are_those_of_the_document() -> None:
    tables = [b for b in page("id").blocks if b.t == "table"]
    for block, table in zip(tables, tree(made("id")).xpath("//table"), strict=True):
        rows = [Row([c.text_content() for c in tr], tr.get("class") == "group") for tr in table.xpath("tbody/tr")]
        assert rows == [Row(list(r.cells), r.group) for r in block.rows]


def _shown(data: bytes, width: int, folder: Path) -> dict[str, int]:
    """What a browser of this width says of the page; the page's own rule against scripts is lifted for it."""
    ask = (
        b"<script>addEventListener('load', () => { const d = document.documentElement;"
        b"document.body.dataset.said = [d.scrollWidth, innerWidth, document.querySelector('.aside').offsetWidth,"
        b"document.querySelector('.fold').offsetWidth, performance.getEntriesByType('resource').length].join() })"
        b"</script></body>"
    )
    lifted = re.sub(rb"<meta http-equiv=[^>]+>", b"", data).replace(b"</body>", ask)
    # headless windows have a least width of their own, so the page is shown in a frame
    frame = f"<iframe srcdoc='' style='width:{width}px;height:800px;border:0' id='f'></iframe>"
    (folder / "page.html").write_bytes(lifted)
    (folder / "frame.html").write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><body>{frame}<script>f.removeAttribute('srcdoc'); f.src = 'page.html';"
        "f.onload = () => document.title = f.contentDocument.body.dataset.said</script>",
        encoding="utf-8",
    )
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--allow-file-access-from-files"]
    flags += [f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900", "--virtual-time-budget=5000"]
    command = [CHROMIUM, *flags, "--dump-dom", (folder / "frame.html").as_uri()]
    out = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode("utf-8")
    said = re.search(r"<title>([\d,]+)</title>", out)
    assert said, out[:500]
    names = ("content", "window", "aside", "fold", "requests")
    return dict(zip(names, map(int, said[1].split(",")), strict=True))


@pytest.mark.skipif(CHROMIUM is None, reason="no browser is installed")
@pytest.mark.parametrize(("kind", "width"), [("page", 360), ("profile", 360), ("page", 1280)])
def test_a_browser_shows_it_without_sideways_scrolling(kind: str, width: int, tmp_path: Path) -> None:
    said = _shown(made("id", kind), width, tmp_path)
    assert said["content"] <= said["window"] == width
    assert said["requests"] == 0
    assert (said["aside"] > 0) == (width > 1000)
    assert (said["fold"] > 0) == (width < 1000)


def test_drawings_stay_whole() -> None:
    block = next(b for b in page("id").blocks if b.t == "figure")
    before = etree.fromstring(block.svg.encode())
    after = tree(made("id")).xpath(f"//figure[@id='{block.id}']//*[local-name()='svg']")[0]
    for tag in ("text", "polyline", "path"):
        found = [sum(str(e.tag).rpartition("}")[2] == tag for e in root.iter()) for root in (before, after)]
        assert found[0] == found[1] > 0


def test_words_in_drawings_are_as_wide_as_drawn() -> None:
    """Readers without the typeface see another, in the same space; widths are those of the figures' own table."""
    for element in tree(made("id")).xpath("//*[local-name()='text']"):
        assert element.get("lengthadjust") == "spacingAndGlyphs"
        assert abs(float(element.get("textlength")) / 2.82 - width(element.text)) < 0.25
