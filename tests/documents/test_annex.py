"""The annex: numbers that are numbers, text that is never a formula, sheets a reader finds."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from documents import compose_sample, office

from kesos_research.domain import indicators
from kesos_research.errors import DocumentError
from kesos_research.estimates import Check
from kesos_research.language import words
from kesos_research.report.collect import Results
from kesos_research.report.document.captions import Caption
from kesos_research.report.exhibit import Claim, Column, Figure, Table
from kesos_research.report.render.annex import xlsx

EVIL = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "<script>alert(1)</script>")
TABLE = Table(
    "tbl-did",
    caption=words(id="Tidak terbedakan dari nol.", en="Cannot be told from zero."),
    note=words(id="n termasuk lima daerah.", en="n includes five districts."),
    source=words(id="BPS", en="BPS"),
    columns=(
        Column("window", words(id="Jendela", en="Window"), "text"),
        Column("e", words(id="Selisih", en="Difference"), unit=words(id="poin persen", en="points")),
        Column("i", words(id="Selang", en="Interval"), "interval", unit=words(id="poin persen", en="points")),
        Column("p", words(id="Nilai p", en="p value"), "p"),
        Column("n", words(id="n", en="n"), "integer"),
    ),
    rows=(
        {"group": words(id="Kemiskinan", en="Poverty")},
        {"window": "2014–2015", "e": 0.034123456789, "i": [-1.93, 2.0], "p": 0.96, "n": 491},
        {"group": words(id="PDRB", en="GRDP")},
        {"window": words(id="semua", en="all"), "e": 1234.5, "i": [None, None], "p": None, "n": 491, "decimals": 0},
    ),
)
FIGURE = Figure(
    "fig-trends",
    caption=words(id="Kemiskinan turun.", en="Poverty fell."),
    data=[{"unit": "33.14", "year": 2009 + i, "value": 12.5 - i} for i in range(3)],
)
CLAIM = Claim("p0.sc.33.14", 0.0341, 0.9, -1.93, 2.0, 0.96, 491, "poin persen", "synthetic_control", True, 0.95)
STUDY = SimpleNamespace(
    title=words(id="Pelayanan terpadu dan kemiskinan", en="Integrated services and poverty"),
    short_title=words(id="Layanan & kemiskinan", en="Services & poverty"),
    question=words(id="Apakah kemiskinan turun lebih cepat?", en="Did poverty fall faster?"),
    authors=[SimpleNamespace(name="Nama Penulis")],
    date="2026-03-01",
    outcomes=("tpt", "p0"),
    anonymous=False,
    synthetic=False,
    sources=[
        SimpleNamespace(
            id="kabupaten-kota",
            file=Path("/home/somebody/data/kabupaten_kota.csv"),
            publisher=words(id="Badan Pusat Statistik", en="Statistics Indonesia"),
            licence="CC BY 4.0",
            public=True,
            synthetic=False,
        )
    ],
)
RESULTS = Results({CLAIM.name: CLAIM}, {"tbl-did": TABLE, "fig-trends": FIGURE}, {})
CHECKS = (Check("balance", "warn", "Two of {n} years are missing.", {"n": 5}),)


def opened(data: bytes):
    return openpyxl.load_workbook(io.BytesIO(data))


def made(lang="id", *, results=RESULTS, study=STUDY, captions=(), **more):
    return opened(xlsx(study, results, lang, captions=None if captions is None else dict(captions), **more))


def table_of(sheet) -> list[list]:
    """The rows from the head on: it is the row above the frozen pane."""
    top = int("".join(c for c in sheet.freeze_panes if c.isdigit())) - 1
    wide = sum(cell.value is not None for cell in sheet[top])
    rows = [list(row) for row in sheet.iter_rows(min_row=top, max_col=wide, values_only=True)]
    end = next((i for i, row in enumerate(rows) if all(v is None for v in row)), len(rows))
    return rows[:end]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_same_results_give_the_same_bytes(lang):
    first = xlsx(STUDY, RESULTS, lang, captions={}, checks=CHECKS)
    assert first == xlsx(STUDY, RESULTS, lang, captions={}, checks=CHECKS)
    assert office.times(first) == {office.FIXED}
    known = opened(first).properties
    assert (known.creator, known.created.isoformat()[:10]) == ("Nama Penulis", "2026-03-01")


def test_the_first_sheet_leads_to_all_others_in_the_language_of_the_document():
    book = made("id", checks=CHECKS)
    others = ["Tabel did", "Gambar trends", "Klaim", "Pemeriksaan", "Definisi operasional", "Sumber data"]
    assert book.sheetnames == ["Isi", *others]
    links = {cell.value: cell.hyperlink.location for row in book["Isi"].iter_rows() for cell in row if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in others}
    assert made("en").sheetnames == ["Contents", "Table did", "Figure trends", "Claims", "Definitions", "Data sources"]


def test_a_table_holds_real_numbers_and_intervals_are_two_columns():
    sheet = made("en")["Table did"]
    head, *rows = table_of(sheet)
    assert head == ["Group", "Window", "Difference (points)", "Interval (points), low", "Interval (points), high",
                    "p value", "n"]  # fmt: skip
    assert rows == [
        ["Poverty", "2014–2015", 0.034123456789, -1.93, 2, 0.96, 491],
        ["GRDP", "all", 1234.5, None, None, None, 491],
    ]
    formats = {cell.value: cell.number_format for row in sheet.iter_rows() for cell in row}
    assert formats[0.034123456789] == "#,##0.00"
    assert formats[1234.5] == "#,##0"
    assert formats[0.96] == "0.000"
    said = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "n includes five districts." in said
    assert "Source: BPS" in said


def test_captions_are_those_the_documents_print():
    captions = {"tbl-did": Caption("Tabel 2", "p = 0,96.", "Catatan: n. Sumber: BPS.")}
    sheet = made("id", captions=captions)["Tabel 2"]
    assert sheet["A1"].value == "Tabel 2. p = 0,96."
    template = replace(TABLE, caption=words(id="{{ claim('p0.mde') }}", en="x"))
    with pytest.raises(DocumentError, match="tbl-did"):
        made("id", results=replace(RESULTS, exhibits={"tbl-did": template}))


def test_without_captions_those_of_the_page_are_used(tmp_path):
    found = compose_sample.study(tmp_path, outcomes=("p0",), synthetic=False, sources=STUDY.sources)
    book = made("id", results=compose_sample.results(), study=found, captions=None)
    shown = [sheet["A1"].value for sheet in book]
    assert any("Selisihnya 0,03 poin. Ini tabelnya." in title for title in shown)
    assert not [title for title in shown if "{{" in title]


def test_the_data_of_a_figure_are_there():
    head, *rows = table_of(made("en")["Figure trends"])
    assert head == ["unit", "year", "value"]
    assert rows == [["33.14", 2009, 12.5], ["33.14", 2010, 11.5], ["33.14", 2011, 10.5]]


def test_a_column_of_a_figures_data_that_holds_nothing_is_left_out():
    data = [{"x": 1, "mark": "", "p": None}, {"x": 2, "mark": "", "p": 0.5}]
    results = replace(RESULTS, exhibits={FIGURE.id: replace(FIGURE, data=data)})
    assert table_of(made("en", results=results)["Figure trends"]) == [["x", "p"], [1, None], [2, 0.5]]


def test_all_claims_are_there_in_full_precision_with_where_they_are_used():
    head, row = table_of(made("en", used_in={"p0.sc.33.14": ["paper_id", "slides_en"]})["Claims"])
    said = dict(zip(head, row, strict=True))
    assert said["Name"] == "p0.sc.33.14"
    assert said["Estimate"] == 0.0341
    assert said["Interval low"] == -1.93
    assert said["n"] == 491
    assert said["Used in"] == "paper_id, slides_en"


def test_checks_definitions_and_sources():
    book = made("id", checks=CHECKS)
    assert table_of(book["Pemeriksaan"])[1][:2] == ["balance", "perlu kehati-hatian"]
    definitions = table_of(book["Definisi operasional"])[1:]
    assert [row[0] for row in definitions[:2]] == ["tpt", "p0"]
    assert len(definitions) == len(indicators())
    assert all(row[3] for row in definitions)
    source = table_of(book["Sumber data"])[1]
    assert source == ["kabupaten-kota", "kabupaten_kota.csv", "Badan Pusat Statistik", "CC BY 4.0", "ya", "tidak"]


CODEBOOK = """
satuan_pengamatan: household
kunci: [id]
kolom:
  id: {label: {id: Nomor, en: Number}, jenis: teks, pola: "R[0-9]{6}", peran: id, sensitivitas: terbatas}
  makan: {label: {id: "=1+1", en: Food}, jenis: angka, rentang: [0, 10], satuan: {id: rupiah, en: rupiah},
          peran: outcome, sensitivitas: terbatas, penerbit: {id: BPS, en: Statistics Indonesia}, lisensi: CC BY 4.0}
"""


def test_the_columns_of_each_source_are_defined_as_its_codebook_declares_them(tmp_path):
    path = tmp_path / "buku.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    source = SimpleNamespace(**vars(STUDY.sources[0]), codebook=path)
    book = made("en", study=SimpleNamespace(**{**vars(STUDY), "sources": [source]}))
    assert book.sheetnames[-2:] == ["Definitions kabupaten-kota", "Data sources"]
    head, *rows = table_of(book["Definitions kabupaten-kota"])
    said = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["Column"] for row in said] == ["id", "makan"]
    assert said[0]["Unit of observation"] == "household"
    assert said[0]["Checked rule"] == "a value in every row; written as R[0-9]{6}; told apart by id"
    assert said[1]["Checked rule"] == "a number; from 0 to 10"
    assert (said[1]["Unit of measure"], said[1]["Published by"]) == ("rupiah", "Statistics Indonesia · CC BY 4.0")
    [cell] = [c for row in made("id", study=SimpleNamespace(**{**vars(STUDY), "sources": [source]}))[
        "Definisi kabupaten-kota"].iter_rows() for c in row if c.value == "=1+1"]  # fmt: skip
    assert cell.data_type == "s"


@pytest.mark.parametrize("evil", EVIL)
def test_text_is_never_a_formula(evil):
    table = replace(TABLE, rows=({"window": evil, "e": 1.0, "i": [0, 1], "p": 0.5, "n": 1},))
    book = made(results=replace(RESULTS, exhibits={"tbl-did": table}))
    [cell] = [c for row in book["Tabel did"].iter_rows() for c in row if c.value == evil]
    assert cell.data_type == "s"
    assert cell.quotePrefix == (not evil.startswith("<"))
    for sheet in book:
        assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_control_characters_are_refused():
    table = replace(TABLE, caption=words(id="pasted\x0btext", en=""))
    with pytest.raises(DocumentError, match=r"U\+000B"):
        made(results=replace(RESULTS, exhibits={"tbl-did": table}))


def test_names_of_sheets_are_such_as_excel_takes():
    ids = [f"tbl-{'a' * 40}{i}" for i in range(3)]
    captions = {"tbl-x": Caption("A/B: [C]*?", "x", ""), "tbl-y": Caption("claims", "x", "")}
    exhibits = {id: replace(TABLE, id=id) for id in [*ids, *captions]}
    book = made("en", results=replace(RESULTS, exhibits=exhibits), captions=captions)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
    assert len({name.casefold() for name in book.sheetnames}) == len(book.sheetnames) == 9


def test_sheets_are_frozen_beneath_their_head_and_print_on_a_page_wide():
    for sheet in made("id"):
        assert sheet.freeze_panes
        assert sheet.print_title_rows
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)


def test_a_study_on_invented_rows_says_so_on_every_sheet_and_an_anonymous_one_names_nobody():
    study = SimpleNamespace(**{**vars(STUDY), "synthetic": True, "anonymous": True})
    data = xlsx(study, RESULTS, "id", captions={})
    assert all(sheet["A1"].value == "DATA SINTETIS – BUKAN HASIL PENELITIAN" for sheet in opened(data))
    assert not [name for name, part in office.parts(data).items() if b"Nama Penulis" in part]


def test_nobody_learns_where_the_data_lie_on_this_machine():
    assert not [n for n, part in office.parts(xlsx(STUDY, RESULTS, "id", captions={})).items() if b"somebody" in part]


@office.needs_office
def test_libreoffice_opens_it(tmp_path):
    shown = office.printed(xlsx(STUDY, RESULTS, "en", captions={}), ".xlsx", tmp_path)
    for said in ("Table did", "0.03", "491", "p0.sc.33.14", "Statistics Indonesia"):
        assert said in shown
