"""Workbooks made by openpyxl and by hand: what a person sees, cell for cell, and every way a sheet is no rows."""

import datetime
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from unit.data.handmade import xlsx

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read import read_cells
from kesos_research.errors import KesosError
from kesos_research.language import use


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "Data"

    def save():
        made.save(tmp_path / "buku.xlsx")
        return tmp_path / "buku.xlsx"

    made.kept = save
    with use("en"):
        yield made


def fill(sheet, *rows):
    for row in rows:
        sheet.append(row)


def told(path, **how):
    with pytest.raises(KesosError) as caught:
        read_cells(path, name="buku.xlsx", **how)
    assert "buku.xlsx" in str(caught.value)
    assert "Try:" in str(caught.value)
    return str(caught.value)


def with_part(path, part, change):
    """The workbook with one part changed."""
    with zipfile.ZipFile(path) as before:
        parts = {name: before.read(name) for name in before.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name, raw in parts.items():
            after.writestr(name, raw)
    return path


def test_cells_are_the_text_a_person_sees(book):
    rich = CellRichText("dua ", TextBlock(InlineFont(b=True), "tebal"))
    fill(
        book.active,
        ["kode", "x", "tgl", "jam", "ya", "t"],
        ["0012", 1.1 + 2.2, datetime.date(2020, 2, 29), datetime.time(7, 30), True, rich],
        ["Ä", 1e-7, datetime.datetime(2020, 1, 2, 3, 4, 5), None, False, " a\nb "],
        [None, 12, None, None, None, "x"],
    )
    cells = read_cells(book.kept())
    assert cells.table.to_pydict() == {
        "kode": ["0012", "Ä", None],
        "x": ["3.3", "0.0000001", "12"],
        "tgl": ["2020-02-29", "2020-01-02T03:04:05", None],
        "jam": ["07:30:00", None, None],
        "ya": ["TRUE", "FALSE", None],
        "t": ["dua tebal", " a\nb ", "x"],
    }
    assert (cells.sheet, cells.counted, cells.place(0)) == ("Data", "row", 2)


def test_every_number_is_openpyxls_own(book, tmp_path):
    numbers = [0, -1, 0.1, 12345678.25, 123456789012345, -2.5e-9, 1 / 3, 1e13 + 0.5]
    fill(book.active, ["x"], *([n] for n in numbers))
    told_ = read_cells(book.kept()).table.column("x").to_pylist()
    seen = [row[0].value for row in openpyxl.load_workbook(tmp_path / "buku.xlsx").active.iter_rows(min_row=2)]
    assert [float(t) for t in told_] == pytest.approx(seen, rel=1e-15)


def test_a_nik_typed_as_a_number_is_lost_and_told(book):
    fill(book.active, ["nik", "n"], ["3314055501900001", 1], [3314055501900001, 2])
    said = told(book.kept())
    assert "row 3, column nik" in said
    assert "A3" in said
    assert "3314055501900001" not in said


def test_sums_of_money_may_be_long(book):
    text = (
        "satuan_pengamatan: region\nkunci: [x]\nkolom:\n"
        "  x: {label: {id: a, en: b}, jenis: angka, peran: id, sensitivitas: publik}\n"
    )
    fill(book.active, ["x"], [3123456789012000])
    cells = read_cells(book.kept(), codebook=parse_codebook(text, "buku.yaml"))
    assert cells.table.column("x").to_pylist() == ["3123456789012000"]


def test_formulas_are_their_last_result_or_refused(book):
    fill(book.active, ["a", "b"], [1, "=A2+1"], [2, 5])
    path = book.kept()
    assert "B2" in told(path)
    assert "never worked out" in told(path)
    path = with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"),
    )
    cells = read_cells(path)
    assert cells.table.column("b").to_pylist() == ["2", "5"]
    assert cells.detected["formulas"] == "b"


def test_error_values_are_told_with_their_cell(book):
    fill(book.active, ["a", "b"], [1, "#REF!"], [2, "#N/A"])
    said = told(book.kept())
    assert "B2: 2 cells" in said
    assert "row 2, column b" in said


def test_merged_cells_gaps_and_names_are_told_at_once(book):
    fill(book.active, ["a", "b"], [1, 2], [], [3, 4])
    book.active.merge_cells("A2:B2")
    said = told(book.kept())
    assert "A2:B2" in said
    assert "row 3" in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["a", None, "c"], "column B"),
        (["a", "b", "a"], "'a' is column 1"),
        ([None, None, None], "first row is empty"),
        (["Tabel 4.1", None, None], "read_bps_table"),
    ],
)
def test_headers_that_name_no_columns(book, header, said):
    fill(book.active, header, [1, 2, 3])
    assert said in told(book.kept())


def test_hidden_things_are_told(book):
    fill(book.active, ["a", "b"], [1, 2], [3, 4])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("Rahasia").append(["x"])
    book["Rahasia"].sheet_state = "hidden"
    told_ = read_cells(book.kept()).detected
    assert (told_["hidden_rows"], told_["hidden_columns"], told_["hidden_sheets"]) == ("3", "b", "Rahasia")


def test_which_sheet_is_asked_where_there_are_several(book):
    fill(book.active, ["a"], [1])
    fill(book.create_sheet("Lain"), ["b"], [2])
    book.create_sheet("Kosong")
    path = book.kept()
    assert "Data, Lain" in told(path)
    assert read_cells(path, sheet="Lain").columns == ("b",)
    assert "did you mean Lain" in told(path, sheet="Lian")


def test_looks_that_change_what_is_seen(book):
    fill(book.active, ["kode", "p"], [7, 0.25])
    book.active["A2"].number_format, book.active["B2"].number_format = "0000", "0%"
    cells = read_cells(book.kept())
    assert cells.table.to_pydict() == {"kode": ["0007"], "p": ["0.25"]}
    assert (cells.detected["shown_with_zeros"], cells.detected["shown_as_percent"]) == ("kode", "p")


def test_dates_counted_from_1904(book):
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    fill(book.active, ["t"], [datetime.date(2020, 2, 29)])
    assert read_cells(book.kept()).table.column("t").to_pylist() == ["2020-02-29"]


def test_shared_strings_rich_text_and_cells_without_an_address(tmp_path):
    strings = (
        "<t>a</t>",
        '<r><t>b</t></r><r><rPr><b/></rPr><t xml:space="preserve"> c</t></r><rPh sb="0" eb="1"><t>no</t></rPh>',
        "<t>x_x0041_ _x005F_x0041_</t>",
    )
    rows = (
        '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c>'
        '<c t="inlineStr"><is><r><t>i</t></r><r><t>j</t></r></is></c></row>'
        '<row><c t="s"><v>2</v></c><c><v>1.5E3</v></c><c t="b"><v>1</v></c></row>'
        '<row><c t="str"><f>A1</f><v>hasil</v></c><c t="d"><v>2020-02-29</v></c><c t="str"><f>""</f><v></v></c></row>'
    )
    with use("en"):
        cells = read_cells(xlsx(tmp_path / "a.xlsx", rows, strings))
    assert cells.table.to_pydict() == {
        "a": ["xA _x0041_", "hasil"],
        "b c": ["1500", "2020-02-29"],
        "ij": ["TRUE", None],
    }
    assert cells.detected["formulas"] == "a, ij"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('<c t="s"><v>7</v></c>', "text that is not there"),
        ('<c t="s"><v>x</v></c>', "text that is not there"),
        ("<c><v>12x</v></c>", "no number"),
        ("<c><v>1e999</v></c>", "no number"),
        ('<c r="A9"><v>1</v></c>', "'A9'"),
        ('<c r="ZZZZ2"><v>1</v></c>', "'ZZZZ2'"),
        ('<c t="e"><v>#REF!</v></c>', "A2"),
        ("<c><f>1+1</f></c>", "never worked out"),
    ],
)
def test_cells_that_say_nothing_are_told_with_their_row(tmp_path, row, said):
    rows = f'<row r="1"><c t="s"><v>0</v></c></row><row r="2">{row}</row>'
    assert said in told(xlsx(tmp_path / "buku.xlsx", rows, ["<t>a</t>"]))
    assert "row 2" in told(tmp_path / "buku.xlsx")


def test_entities_are_refused(book):
    fill(book.active, ["a"], [1])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    path = with_part(book.kept(), "xl/worksheets/sheet1.xml", lambda xml: bomb + xml)
    assert "entities" in told(path)


def test_bombs_are_not_unpacked(book, tmp_path):
    fill(book.active, ["a"], [1])
    path = with_part(book.kept(), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * (30 * 2**20))
    assert "31 megabytes" in told(path)
    assert "100 times" in told(path)


def test_parts_named_outside_the_archive(book):
    fill(book.active, ["a"], [1])
    path = book.kept()
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("../luar.xml", "x")
    assert "../luar.xml" in told(path)


def test_one_string_for_a_million_cells(tmp_path):
    rows = "".join(['<row><c t="s"><v>0</v></c></row>'] * 40_000)
    assert "characters" in told(xlsx(tmp_path / "buku.xlsx", rows, [f"<t>{'x' * 32_767}</t>"], zipfile.ZIP_STORED))


def test_a_cell_far_away_spans_no_memory(book):
    fill(book.active, ["a"], [1])
    book.active["XFD1048576"] = 1
    assert "XFD1048576" in told(book.kept())


def test_old_encrypted_and_other_files(tmp_path):
    with use("en"):
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
        for name, raw, said in (
            ("a.xls", ole, "save it as .xlsx"),
            ("a.xlsx", ole, "before 2007"),
            ("a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "password"),
            ("a.xls", b"<html><table>", "web page"),
            ("a.ods", b"PK\x03\x04" + b"\x00" * 60, "save it as .xlsx"),
            ("a.xlsx", b"a,b\n1,2\n", "plain text"),
            ("a.xlsx", b"PK\x03\x04" + b"\x00" * 60, "cut or damaged"),
        ):
            (tmp_path / name).write_bytes(raw)
            with pytest.raises(KesosError) as caught:
                read_cells(tmp_path / name, name=name)
            assert said in str(caught.value)
            assert name in str(caught.value)


def test_a_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as parts:
        parts.writestr("data.csv", "a,b\n")
    with use("en"), pytest.raises(KesosError, match=r"data\.csv"):
        read_cells(tmp_path / "a.xlsx")
