"""Delimited text: what other readers let pass is found with its line; what is sound is read as it stands."""

import csv
import io

import pytest

from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read.text import LONGEST, cells_of
from kesos_research.errors import KesosError
from kesos_research.language import use

TABLE = [["a", "b"], ["1", "x"], ["2", "é, “ß”"], ["", 'say "hi"'], ["4", "two\nlines"], ["5", ""]]


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def written(rows, delimiter=",", **more) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=more.pop("end", "\n"), **more).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_what_the_standard_library_writes_is_read_back(encoding, delimiter, quoting):
    cells = cells_of(written(TABLE, delimiter, quoting=quoting).encode(encoding), "t.csv")
    assert [list(cells.columns), *map(list, zip(*cells.table.to_pydict().values(), strict=True))] == TABLE
    assert cells.detected["delimiter"] == {"\t": "tab"}.get(delimiter, delimiter)
    assert cells.detected["encoding"] == encoding.removesuffix("-sig")
    assert [cells.place(i) for i in range(5)] == [2, 3, 4, 5, 7]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_windows_and_linux(end):
    cells = cells_of(written([r for r in TABLE if "\n" not in r[1]], end=end).encode(), "t.csv")
    assert cells.table.to_pydict()["a"] == ["1", "2", "", "5"]
    assert cells.lines is None


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"", None, "empty"),
        (b"PK\x03\x04xx", None, "workbook"),
        (b"a,b\n1,\x002\n", 2, "NUL"),
        (b"a,b\n1,2\n3,4", 3, "last line"),
        (b"a,b\n1,2\n3\n4,5,6\n", 3, "2 rows have more or fewer"),
        (b"a,b\n1,2\n\n3,4\n", 3, "1 rows have more or fewer"),
        (b'a,b\n1,2\n3,"4\n5,6\n', 3, "quotation mark"),
        (b'a,b\n1,2\n3,"4\n5,"6\n7,8\n', 3, "quotation mark"),
        (b'a,b\n1,2\n3,4"\n5,6\n', 3, "quotation mark"),
        (b'a,b\n1,2\n3,"4" x\n5,6\n', 3, "quotation mark"),
        (b"a,b\n1,2\r\n3,4\n", 2, "another way"),
        (b"a,b\n1,2\n3\r,4\n", 3, "carriage return"),
        (b"a,b\r1,2\r3,4\r", 1, "carriage return"),
        (b"a,b\n" + b"1,2," * 400_000 + b"\n", 2, "longer than"),
        (b"x," * 20_000 + b"x\n1\n", 1, "20001 cells"),
        (b"a;b,c\n1;2,3\n", 1, "may be separated"),
        (b"a,b\n1,\x81\n", 2, "cannot be told"),
    ],
)
def test_damage_is_told_with_its_line(raw, line, said):
    with pytest.raises(KesosError) as caught:
        cells_of(raw, "t.csv")
    assert said in str(caught.value)
    assert "t.csv" in str(caught.value)
    if line:
        assert f"line {line}" in str(caught.value)


def book(head: str):
    column = "{label: {id: x, en: x}, jenis: teks, peran: note, sensitivitas: publik}"
    return parse_codebook(
        f"{head}\nsatuan_pengamatan: person\nkunci: []\nkolom:\n  a: {column}\n  b: {column}\n", "buku.yaml"
    )


@pytest.mark.parametrize(
    ("head", "raw", "said"),
    [
        ("pengodean: utf-8", "a,b\né,1\n".encode("cp1252"), "pengodean: cp1252"),
        ("pengodean: utf-8", "a,b\né,1\n".encode("utf-16"), "not in utf-8"),
        ("pengodean: cp1252", "a,b\né,1\n".encode(), "not in cp1252"),
        ("pengodean: cp1252", "a,b\né,1\n".encode("utf-8-sig"), "not in cp1252"),
        ("pengodean: utf-16", b"a,b\n1,2\n", "not in utf-16"),
        ('pemisah: ";"', b"a,b\n1,2\n", "separated by ','"),
        ("pemisah: tab", b"a;b\n1;2\n", "separated by ';'"),
    ],
)
def test_what_the_codebook_says_is_held_against_the_file(head, raw, said):
    with pytest.raises(KesosError) as caught:
        cells_of(raw, "t.csv", book(head))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "codec"), [("utf-8", "utf-8"), ("cp1252", "cp1252"), ("latin-1", "latin-1"), ("utf-16", "utf-16")]
)
def test_declared_encodings_are_read(name, codec):
    cells = cells_of("a,b\né,ü\n".encode(codec), "t.csv", book(f"pengodean: {name}"))
    assert cells.table.to_pydict() == {"a": ["é"], "b": ["ü"]}


def test_all_damage_is_told_at_once():
    with pytest.raises(KesosError) as caught:
        cells_of(b"a,b\n1\r,2\r\n3,4\n5,6", "t.csv")
    assert "3 problems" in str(caught.value)


def test_a_row_may_be_long_but_not_too_long():
    cells = cells_of(b"a,b\n1," + b"x" * (LONGEST - 10) + b"\n", "t.csv")
    assert len(cells.table.to_pydict()["b"][0]) == LONGEST - 10


def test_a_header_alone_has_no_rows():
    cells = cells_of(b"a,b\n", "t.csv")
    assert (cells.rows, cells.columns) == (0, ("a", "b"))
