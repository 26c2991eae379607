"""dBase tables built by hand, byte for byte as the format is described."""

import struct

import pytest
from unit.data.dbf import dbf

from kesos_research.data.read import read_cells
from kesos_research.errors import KesosError
from kesos_research.language import use

FIELDS = [("B1R1", "C", 6, 0), ("UMUR", "N", 3, 0), ("TGL", "D", 8, 0), ("MENIKAH", "L", 1, 0)]


@pytest.fixture
def table(tmp_path):
    def write(raw):
        (tmp_path / "susenas.dbf").write_bytes(raw)
        return tmp_path / "susenas.dbf"

    with use("en"):
        yield write


def told(path):
    with pytest.raises(KesosError) as caught:
        read_cells(path, name="susenas.dbf")
    assert "susenas.dbf" in str(caught.value)
    assert "Try:" in str(caught.value)
    return str(caught.value)


def test_fields_are_text_and_deleted_records_are_told(table):
    rows = [["00123", "12", "20200229", "T"], ["x", "", "", "?"], ["y", "9", "19990101", "F"], ["z", "-1", "", "N"]]
    cells = read_cells(table(dbf(FIELDS, rows, deleted=[2])))
    assert cells.table.to_pydict() == {
        "B1R1": ["00123", "x", "z"],
        "UMUR": ["12", None, "-1"],
        "TGL": ["2020-02-29", None, None],
        "MENIKAH": ["1", None, "0"],
    }
    assert cells.detected["deleted_records"] == "1"
    assert [cells.place(i) for i in range(3)] == [1, 2, 4]


@pytest.mark.parametrize(("driver", "encoding"), [(1, "cp437"), (2, "cp850"), (3, "cp1252"), (0x57, "cp1252")])
def test_the_language_driver_tells_the_encoding(table, driver, encoding):
    cells = read_cells(table(dbf(FIELDS, [["é", "1", "", " "]], driver=driver, encoding=encoding)))
    assert cells.table.column("B1R1").to_pylist() == ["é"]
    assert encoding in cells.detected["encoding"]


def test_without_a_driver_the_codebook_tells_it_or_nobody(table):
    path = table(dbf(FIELDS, [["é", "1", "", " "]], driver=0))
    assert "pengodean" in told(path)
    path.with_suffix(".cpg").write_text("1252")
    assert read_cells(path).table.column("B1R1").to_pylist() == ["é"]


def test_a_number_that_did_not_fit_is_told_with_row_and_column(table):
    said = told(table(dbf(FIELDS, [["a", "1", "", " "], ["b", "***", "", " "]])))
    assert "row 2, column UMUR" in said


def test_every_wrong_cell_is_told_at_once(table):
    said = told(table(dbf(FIELDS, [["a", "***", "2020x1", "X"]])))
    for column in ("UMUR", "TGL", "MENIKAH"):
        assert f"row 1, column {column}" in said


def test_a_cut_table_is_told_with_the_record_it_ends_in(table):
    raw = dbf(FIELDS, [["a", "1", "", " "]] * 5)
    assert "row 4" in told(table(raw[:-25]))
    assert "5 records" in told(table(dbf(FIELDS, [["a", "1", "", " "]] * 2, count=5)))


def test_an_encrypted_table_and_one_without_rows(table):
    raw = bytearray(dbf(FIELDS, [["a", "1", "", " "]]))
    raw[15] = 1
    assert "encrypted" in told(table(bytes(raw)))
    assert "no rows" in told(table(dbf(FIELDS, [])))


def test_fields_named_twice(table):
    assert "'UMUR'" in told(table(dbf([*FIELDS, FIELDS[1]], [["a", "1", "", " ", "2"]])))


def test_notes_lie_beside_the_table(table):
    path = table(dbf([("ID", "C", 2, 0), ("CAT", "M", 10, 0)], [["a", "1"], ["b", ""]], version=0x83))
    assert "column CAT" in told(path)
    assert ".dbt" in told(path)
    memo = struct.pack("<L", 2).ljust(512, b"\x00") + b"catatan panjang\x1a\x1a".ljust(512, b"\x00")
    path.with_suffix(".dbt").write_bytes(memo)
    assert read_cells(path).table.column("CAT").to_pylist() == ["catatan panjang", None]
