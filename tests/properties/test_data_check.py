"""Planted defects are counted exactly by someone who planted them, whatever the file; clean files raise no alarm."""

import csv
import io
import re
from datetime import date

import pytest
from assurance import check_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from kesos_research.data.check import check_cells
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.describe import drafted
from kesos_research.data.read.text import cells_of
from kesos_research.errors import KesosError

FEW = settings(max_examples=25, deadline=None)
BOOK = parse_codebook(check_rows.BOOK, "buku.yaml")
WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8)
CELLS = st.one_of(
    WORDS,
    st.integers(-200, 200).map(str),
    st.floats(-1e6, 1e6, allow_nan=False).map(repr),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)).map(str),
    st.sampled_from(
        ["", ".", "33.14", "32.1", "1", "2", "2014", "1,5", "nan", "1e999", " 7", "R0000001", "٣", "２０１５"]
    ),
)


def written(rows, delimiter=",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def number(text: str) -> float | None:
    """Python's own reading of a number, held to the same form."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
        return None
    value = float(text)
    return value if abs(value) <= 1.7976931348623157e308 else None


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


JUDGES = {
    ("number", "total"): lambda c: not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", c),
    ("range", "total"): lambda c: number(c) is not None and not 0 <= number(c) <= 100_000_000,
    ("whole", "umur"): lambda c: not re.fullmatch("[+-]?[0-9]+", c),
    ("year", "tahun"): lambda c: not re.fullmatch("[0-9]{4}", c),
    ("date", "tgl"): lambda c: day(c) is None,
    ("range", "tgl"): lambda c: day(c) is not None and not date(2000, 1, 1) <= day(c) <= date(2024, 12, 31),
    ("choice", "jk"): lambda c: c not in ("1", "2"),
    ("pattern", "id_ruta"): lambda c: not re.fullmatch("R[0-9]{7}", c),
    ("required", "id_ruta"): lambda c: c == "missing",
}


@FEW
@given(st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=30))
def test_any_cells_are_counted_as_python_counts_them(rows):
    findings = check_cells(cells_of(written([check_rows.COLUMNS, *rows]), "x.csv", BOOK), BOOK)
    found = {(f.rule, f.columns[0]): f for f in findings.found}
    for (rule, column), wrong in JUDGES.items():
        cells = [row[check_rows.COLUMNS.index(column)] for row in rows]
        missing = [c in ("", ".") for c in cells]
        if rule == "required":
            lines = [i for i, gone in enumerate(missing, 2) if gone]
        else:
            lines = [i for i, (c, gone) in enumerate(zip(cells, missing, strict=True), 2) if not gone and wrong(c)]
        told = found.get((rule, column))
        assert (told.count if told else 0) == len(lines), (rule, column)
        if told:
            assert told.where.line == lines[0]
    ids = [row[0] for row in rows if row[0] not in ("", ".")]
    assert (found["key", "id_ruta"].count if ("key", "id_ruta") in found else 0) == len(ids) - len(set(ids))


def test_planted_defects_are_counted_exactly_and_clean_files_raise_no_alarm(tmp_path):
    planted = check_rows.held(tmp_path, rows=4000, files=5, seed=3)
    assert sum(count > 0 for count in planted.values()) >= 12


@FEW
@given(st.integers(1, 300), st.integers(0, 2**32))
def test_generated_clean_files_raise_no_alarm(rows, seed):
    made = check_rows.clean(rows, seed)
    text = written([check_rows.COLUMNS, *zip(*(made[name] for name in check_rows.COLUMNS), strict=True)])
    assert check_cells(cells_of(text, "x.csv", BOOK), BOOK).found == ()


@FEW
@given(
    st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(CELLS, min_size=k, max_size=k), min_size=1, max_size=40)),
    st.sampled_from(",;\t|"),
)
def test_any_file_passes_the_codebook_drafted_from_it(rows, delimiter):
    head = [f"kolom_{i}" for i in range(len(rows[0]))]
    raw = written([head, *rows], delimiter)
    try:
        cells = cells_of(raw, "x.csv")
    except KesosError:
        return  # the delimiter cannot be told, say
    if cells.columns != tuple(head):
        return  # read by another delimiter, and shown so
    book = drafted(cells)
    assert check_cells(cells_of(raw, "x.csv", book), book).errors == ()


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.sampled_from([b"a", b",", b";", b'"', b"\n", b"\r\n", b"\r", b"\x00", b"1"])).map(b"".join),
    )
)
def test_any_bytes_are_read_as_the_standard_library_reads_them_or_refused(raw):
    try:
        cells = cells_of(raw, "x.csv")
    except KesosError:
        return  # told, and not read
    text = raw.decode(cells.detected["encoding"]).removeprefix("\ufeff")
    delimiter = cells.detected["delimiter"].replace("tab", "\t")
    rows = [row or [""] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    assert list(cells.columns) == rows[0]
    assert [list(row) for row in zip(*(c.to_pylist() for c in cells.table.columns), strict=True)] == rows[1:]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_cut_file_is_never_read_as_a_whole(cut):
    raw = b"id_ruta,nama\nR1,a\nR2,b\nR3,long name here\n"
    if raw[:-cut].endswith(b"\n"):
        return  # cut between two rows: nothing in the text can tell
    with pytest.raises(KesosError):
        cells_of(raw[:-cut], "x.csv")
