"""Tables built the way BPS lays them out, against numbers written out by hand."""

import openpyxl
import pytest

from kesos_research.data.read.bps import read_bps_table
from kesos_research.data.read.bps_region import Found, region_of, section
from kesos_research.data.read.bps_value import style_of, value
from kesos_research.domain import regions
from kesos_research.errors import KesosError
from kesos_research.language import use


@pytest.fixture(autouse=True)
def _english():
    with use("en"):
        yield


@pytest.fixture
def table(tmp_path):
    """A sheet of a provincial publication, to be changed."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "4.4.1"
    for row in (
        ["Tabel 4.4.1 Penduduk Miskin Menurut Kabupaten/Kota di Provinsi Jawa Barat, 2019 dan 2020"],
        ["Table 4.4.1 Poor People by Regency/Municipality"],
        [],
        ["Kabupaten/Kota\nRegency/Municipality", "Jumlah (ribu)", None, "Persentase", None],
        [None, "2019", "2020*", 2019, 2020],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["Kabupaten/Regency"],
        ["1. Bogor", "1.234,5", 400.2, "…", 6.9],
        ["   Sukabumi", "12,5*", "x", 7.1, None],
        ["Kota/Municipality"],
        ["Sukabumi", "–", "1.111,0", 8, 8.1],
        ["JAWA BARAT", 3000, 3100.5, 7, 8],
        ["Catatan: * angka sementara"],
        ["Sumber: BPS, Survei Sosial Ekonomi Nasional"],
    ):
        sheet.append(row)
    for cells in ("A1:E1", "A2:E2", "A4:A5", "B4:C4", "D4:E4"):
        sheet.merge_cells(cells)

    def read(**how):
        made.save(tmp_path / "t.xlsx")
        return read_bps_table(tmp_path / "t.xlsx", name="t.xlsx", **how)

    sheet.read = read
    return sheet


def rows(cells):
    return list(zip(*cells.table.to_pydict().values(), strict=True))


def refused(table, **how):
    with pytest.raises(KesosError) as caught:
        table.read(**how)
    assert "t.xlsx" in str(caught.value)
    assert "Try:" in str(caught.value)
    return str(caught.value)


def test_a_printed_table_is_tidy(table):
    cells = table.read()
    assert cells.columns == ("tingkat", "wilayah", "nama", "variabel", "periode", "nilai", "tanda")
    assert rows(cells)[:8] == [
        ("kabupaten_kota", "32.01", "1. Bogor", "Jumlah (ribu)", "2019", "1234.5", None),
        ("kabupaten_kota", "32.01", "1. Bogor", "Jumlah (ribu)", "2020", "400.2", "*"),
        ("kabupaten_kota", "32.01", "1. Bogor", "Persentase", "2019", None, "…"),
        ("kabupaten_kota", "32.01", "1. Bogor", "Persentase", "2020", "6.9", None),
        ("kabupaten_kota", "32.02", "Sukabumi", "Jumlah (ribu)", "2019", "12.5", "*"),
        ("kabupaten_kota", "32.02", "Sukabumi", "Jumlah (ribu)", "2020", None, "x"),
        ("kabupaten_kota", "32.02", "Sukabumi", "Persentase", "2019", "7.1", None),
        ("kabupaten_kota", "32.02", "Sukabumi", "Persentase", "2020", None, None),
    ]
    assert [r[1] for r in rows(cells)[8::4]] == ["32.72", "32"]
    assert [cells.place(i) for i in (0, 4, 8, 12)] == [8, 9, 11, 12]
    assert cells.detected["notes"] == "Catatan: * angka sementara"
    assert cells.detected["source"] == "Sumber: BPS, Survei Sosial Ekonomi Nasional"
    assert "Jawa Barat" in cells.detected["title"]


def test_a_name_of_two_regions_is_never_decided_in_silence(table):
    table["A7"] = None
    said = refused(table)
    assert "row 8" in said
    assert "'32.01' (Kab. Bogor), '32.71' (Kota Bogor)" in said
    assert [r[1] for r in rows(table.read(unmarked="kabupaten"))[:8:4]] == ["32.01", "32.02"]


def test_what_a_person_does_not_see_is_told(table):
    table["E8"].number_format = "0.0%"
    table.row_dimensions[9].hidden = True
    told = table.read().detected
    assert (told["shown_as_percent"], told["hidden_rows"]) == ("E", "9")


def test_names_that_no_region_has(table):
    table["A8"] = "Bogorr"
    assert "did you mean Kab. Bogor" in refused(table)


def test_cells_that_are_no_numbers_are_told_with_row_and_column(table):
    table["B8"], table["D9"] = "banyak", "#REF!"
    said = refused(table)
    assert "row 8, column B" in said
    assert "row 9, column D" in said


def test_the_first_row_is_never_taken_for_a_head(tmp_path):
    for first, said in (
        ("Kab. Sragen;12 apel", "line 2, column B"),
        (";12", "line 2, column A"),
        ("Sragenn;12", "did you mean Kab. Sragen"),
    ):
        (tmp_path / "t.csv").write_text(f"Wilayah;2020\n{first}\nKab. Boyolali;12\n", encoding="utf-8")
        with pytest.raises(KesosError) as caught:
            read_bps_table(tmp_path / "t.csv")
        assert said in str(caught.value)


def test_a_table_that_goes_on_under_its_heads_again(tmp_path):
    text = "Kabupaten/Kota;2020\nKab. Sragen;1\nLanjutan Tabel;\nKabupaten/Kota;2020\nKab. Boyolali;12\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(KesosError, match="line 3"):
        read_bps_table(tmp_path / "t.csv")


def test_a_second_table_below_the_notes_is_not_lost(table):
    table["A16"], table["B16"] = "Kab. Garut", 3
    assert "row 16" in refused(table)


def test_points_and_commas_that_contradict(table):
    table["C9"] = "12.75"
    assert "decimal comma and others with a decimal point" in refused(table)


def test_a_region_that_is_there_twice(table):
    table["A10"] = None
    assert "row 11" in refused(table)
    assert "first in row 9" in refused(table)


def test_rows_with_numbers_and_no_name(table):
    table["A11"] = None
    assert "row 11" in refused(table)


def test_formulas_without_a_result(table):
    table["E9"] = "=D9"
    assert "row 9, column E" in refused(table)


def test_sheets_that_are_no_such_table(tmp_path):
    made = openpyxl.Workbook()
    made.active.append(["a", "b"])
    made.active.append(["x", 1])
    made.save(tmp_path / "t.xlsx")
    with pytest.raises(KesosError, match="No column names provinces"):
        read_bps_table(tmp_path / "t.xlsx")


def test_a_national_table_with_provinces_between(tmp_path):
    text = (
        "Persentase Penduduk Miskin Menurut Provinsi dan Kabupaten/Kota (Persen);;\n;;\n"
        "Provinsi/Kabupaten/Kota;2021;2022\n"
        "ACEH;15,53;14,75\nSimeulue;18,98;18,37\nKota Banda Aceh;7,61;7,13\n"
        "GORONTALO;15,41;15,51\nKab. Gorontalo;17,57;17,34\nKota Gorontalo;5,93;NA\n"
        "INDONESIA;10,14;9,54\nSumber: BPS;;\n"
    )
    (tmp_path / "t.csv").write_text(text, encoding="cp1252")
    made = rows(read_bps_table(tmp_path / "t.csv"))
    assert [(r[0], r[1]) for r in made[::2]] == [
        ("provinsi", "11"),
        ("kabupaten_kota", "11.09"),
        ("kabupaten_kota", "11.71"),
        ("provinsi", "75"),
        ("kabupaten_kota", "75.01"),
        ("kabupaten_kota", "75.71"),
        ("jumlah", None),
    ]
    assert made[11][4:] == ("2022", None, "NA")
    assert {r[3] for r in made} == {"Persentase Penduduk Miskin Menurut Provinsi dan Kabupaten/Kota (Persen)"}


def test_bps_codes_beside_the_names_decide(tmp_path):
    text = "Kode,Wilayah,Jumlah\n3202,Sukabumi,1\n3272,Sukabumi,2\n6403,Berau,3\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(KesosError, match="Berau"):  # 6403 is Kutai Kartanegara at BPS
        read_bps_table(tmp_path / "t.csv")
    (tmp_path / "t.csv").write_text(text.replace("6403", "6405"), encoding="utf-8")
    assert [r[1] for r in rows(read_bps_table(tmp_path / "t.csv"))] == ["32.02", "32.72", "64.03"]


def test_every_region_of_the_register_is_found_by_its_name():
    for r in regions():
        for name in (r.label, r.official_name, f"{r.label.upper()}*)", f"  12. {r.label}"):
            assert region_of(name) == Found("kabupaten_kota", r.code, r.label), name
        found = region_of(r.name, within=r.type)
        assert isinstance(found, Found)
        assert found.code == r.code
    for name in ("DKI Jakarta", "DI Yogyakarta", "D.I. Yogyakarta", "Kep. Riau", "Prov. Jambi", "SULAWESI BARAT"):
        found = region_of(name)
        assert isinstance(found, Found)
        assert found.level == "provinsi"


def test_names_of_a_province_and_a_kota_are_told_apart_or_refused():
    assert not isinstance(region_of("Jambi"), Found)
    assert isinstance(region_of("Jambi", within="kota"), Found)
    assert region_of("Jambi", within="kota").code == "15.71"
    assert region_of("Provinsi Jambi").code == "15"


def test_headings():
    assert section("Kabupaten") == section("Kabupaten/Regency") == "kabupaten"
    assert section("KOTA / Municipality") == "kota"
    assert section("Kota Bogor") is None


@pytest.mark.parametrize(
    ("text", "style", "number", "mark"),
    [
        ("1.234.567", "comma", "1234567", None),
        ("1 234,5", "comma", "1234.5", None),
        ("1,234.5", "point", "1234.5", None),
        ("-12,5", "comma", "-12.5", None),
        ("(3,2)", "comma", "-3.2", None),
        ("9,1 r", "comma", "9.1", "r"),
        ("10**", "comma", "10", "**"),
        ("n.a.", "comma", None, "n.a."),
        ("...", "comma", None, "..."),
        ("0", "comma", "0", None),
    ],
)
def test_numbers_and_marks(text, style, number, mark):
    found = value(text, style)
    assert found is not None
    assert (found.number, found.mark) == (number, mark)


@pytest.mark.parametrize("text", ["12a", "1.23.4", "1,2,3", "--", "satu", "12 orang", "1..2"])
def test_what_is_neither(text):
    assert value(text, "comma") is None


def test_which_decimal_mark():
    assert style_of(["1.234,5", "12"]) == ("comma", "told")
    assert style_of(["1234.56", "12"]) == ("point", "told")
    assert style_of(["1.234"]) == ("comma", "assumed")
    assert style_of(["1,5", "2.75"]) is None
