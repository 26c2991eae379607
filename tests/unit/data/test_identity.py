"""NIK and family-card numbers against the law's own description of them, and against DuckDB."""

from __future__ import annotations

import datetime
import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesos_research.data.identity import (
    birth_disagrees,
    fault,
    fault_in,
    fault_words,
    is_kk,
    is_nik,
    kk_pattern,
    mask,
    mask_text,
    nik_pattern,
    region_unknown,
    rounded,
    sex_disagrees,
    well_formed,
)
from kesos_research.domain import regions
from kesos_research.errors import DataError, Problems, Where

NIK = "3314055501900001"
FAULTS = {
    "3.31405550190000E+15": "scientific",
    "3,31405550190000e15": "scientific",
    f"{NIK}.0": "decimal",
    f"{NIK},00": "decimal",
    f"'{NIK}": "apostrophe",
    f"’{NIK}": "apostrophe",
    "3314 0555 0190 0001": "parted",
    "33.14.05.550190.0001": "parted",
    f" {NIK}": "parted",
    "3314055501\u00a0900001": "parted",
    "331405555O190001": "characters",
    "tidak ada": "characters",
    "３３１４０５５５０１９００００１": "characters",
    "331405550190001": "length",
    f"{NIK}1": "length",
    "0314055501900001": "province",
    "9914055501900001": "province",
    "3314053502900001": "date",
    "3314050013900001": "date",
    "3314057201900001": "date",
    "3314056902010001": "date",
    "3314055501900000": "serial",
}


@pytest.mark.parametrize(("text", "name"), FAULTS.items())
def test_what_is_wrong_is_named_alike_here_and_in_sql(text: str, name: str):
    assert fault("nik", text) == name
    told = duckdb.execute(f"select {fault_in('nik', 'x')} from (select ? as x)", [text]).fetchone()
    assert told == (name,)
    assert all(fault_words("nik", name))


@given(st.text(st.sampled_from("0123456789 .,'eE+-/O\n"), max_size=20), st.sampled_from(["nik", "nomor_kk"]))
def test_python_and_sql_never_disagree(text: str, kind):
    told = duckdb.execute(f"select {fault_in(kind, 'x')}, {well_formed(kind, 'x')} from (select ? as x)", [text])
    assert told.fetchone() == (fault(kind, text), fault(kind, text) is None)


@given(st.dates(datetime.date(1930, 1, 1), datetime.date(2029, 12, 31)), st.booleans(), st.integers(1, 9999))
def test_every_birthday_of_either_sex_is_one(day: datetime.date, woman: bool, serial: int):
    text = f"331405{day.day + 40 * woman:02d}{day:%m%y}{serial:04d}"
    assert is_nik(text)
    assert is_kk(text) is not woman
    sql = f"select {birth_disagrees('x', 'b')}, {sex_disagrees('x', 'w')} from (select ? as x, ? as b, ? as w)"
    assert duckdb.execute(sql, [text, day.isoformat(), woman]).fetchone() == (False, False)
    other = day + datetime.timedelta(days=1)
    assert duckdb.execute(sql, [text, other.isoformat(), not woman]).fetchone() == (True, True)


def test_every_province_of_today_and_no_other_begins_a_nik():
    provinces = {r.province_code for r in regions()}
    assert len(provinces) == 38
    assert {f"{n:02d}" for n in range(100) if is_nik(f"{n:02d}14055501900001")} == provinces


def test_a_region_that_is_no_more_is_only_a_warning():
    old = "3399055501900001"
    assert is_nik(old)
    assert duckdb.execute(f"select {region_unknown('x')} from (select ? as x)", [old]).fetchone() == (True,)
    assert duckdb.execute(f"select {region_unknown('x')} from (select ? as x)", [NIK]).fetchone() == (False,)


def test_patterns_have_nothing_that_a_plain_matcher_lacks():
    for pattern in (nik_pattern(), kk_pattern()):
        assert not re.search(r"\(\?[=!<]|\\[1-9]", pattern)


def test_a_column_that_a_spreadsheet_cut_is_seen():
    assert not rounded(5000, 520)  # one in ten by chance
    assert rounded(5000, 4990)
    assert rounded(12, 12)
    assert not rounded(2, 2)
    assert not rounded(0, 0)


HIDDEN = (
    NIK,
    "3314 0555 0190 0001",
    "33.14.05.550190.0001",
    "3,314,055,501,900,001",
    "3.314055501900001E+15",
    "331405\u200b5501\u00ad900001",
    "３３１４０５５５０１９００００１",
    "3314059999990001",
    f"{NIK}{NIK}",
)


@pytest.mark.parametrize("text", HIDDEN)
def test_no_form_of_a_number_is_left_in_a_text(text: str):
    shown = mask_text(f"baris 7: nilai '{text}' salah")
    assert shown.startswith("baris 7: nilai '")
    digits = "".join(str(int(c)) for c in shown.removeprefix("baris 7") if c.isdecimal())
    assert len(digits) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "tahun 2010, 2011, 2012, 2013 dan 2014",
        "p = 0.1234567890123456",
        "0812-3456-7890",
        "1.250.000.000",
        "baris 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
        "33.14.05.2001",
    ],
)
def test_other_numbers_stay(text: str):
    assert mask_text(text) == text


def test_a_value_of_a_secret_column_shows_its_form_and_no_more():
    assert mask(f"'{NIK}") == "'33••••••••••••••"
    assert mask("Siti Aminah") == mask("Budi") == "•••"
    assert mask("") == ""


def test_an_error_cannot_hold_a_number_of_a_person():
    where = Where(f"data/{NIK}.csv", line=3, column=NIK)
    error = DataError(f"found {NIK}", expected=f"not {NIK}", remedy=f"drop {NIK}", where=where)
    for said in (str(error), repr(error), str(Problems([error, error])), str(error.args)):
        assert NIK not in said
    assert NIK not in str(where)
