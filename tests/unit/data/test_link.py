"""Joins, held to SQL: sqlite's left join on the same rows, and to what a wrong join would silently do."""

import datetime
import sqlite3

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesos_research.data.link import join
from kesos_research.errors import DataError, KesosError
from kesos_research.language import use


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


PEOPLE = pd.DataFrame({"ruta": ["R1", "R1", "R2", "R9"], "umur": [40, 12, 33, 8]}, index=[10, 11, 12, 13])
HOMES = pd.DataFrame({"ruta": ["R1", "R2", "R3"], "lantai": ["tanah", "semen", "keramik"], "kamar": [1, 2, 3]})


def found(joined):
    return {check.name: (check.status, check.evidence) for check in joined.report}


@given(left=st.lists(st.integers(0, 30), max_size=40), right=st.lists(st.integers(0, 30), max_size=30, unique=True))
def test_every_left_row_comes_back_once_as_a_left_join_in_sql_gives_it(left, right):
    ours = pd.DataFrame({"k": left, "a": range(len(left))}, dtype="int64")
    theirs = pd.DataFrame({"k": right, "b": [10 * x for x in right]}, dtype="int64")
    joined = join(ours, theirs, on="k", how="m:1")
    with sqlite3.connect(":memory:") as sql:
        sql.execute("create table l(k integer, a integer)")
        sql.execute("create table r(k integer, b integer)")
        sql.executemany("insert into l values (?, ?)", ours.to_numpy().tolist())
        sql.executemany("insert into r values (?, ?)", theirs.to_numpy().tolist())
        wanted = sql.execute("select l.k, a, b from l left join r on l.k = r.k order by a").fetchall()
        unused = sql.execute("select count(*) from r where k not in (select k from l)").fetchone()[0]
    sql.close()
    got = joined.rows.astype(object).where(joined.rows.notna(), None)
    assert [tuple(row) for row in got.itertuples(index=False)] == wanted
    assert joined.matched.tolist() == [row[2] is not None for row in wanted]
    assert len(joined.unused) == unused == found(joined)["join.right"][1]["n"]


def test_persons_take_what_their_household_has_and_the_others_are_told():
    before = PEOPLE.copy(), HOMES.copy()
    joined = join(PEOPLE, HOMES, on="ruta", how="m:1")
    assert joined.rows.index.tolist() == [10, 11, 12, 13]
    assert joined.rows["lantai"].tolist()[:3] == ["tanah", "tanah", "semen"]
    assert joined.rows["lantai"].isna().tolist() == [False, False, False, True]
    assert joined.unused["ruta"].tolist() == ["R3"]
    assert found(joined)["join.left"] == ("warn", {"n": 1, "all": 4, "share": 25.0})
    assert "25.00 %" in joined.report[1].say("en")
    pd.testing.assert_frame_equal(PEOPLE, before[0])
    pd.testing.assert_frame_equal(HOMES, before[1])


def test_a_join_that_is_complete_keeps_the_kinds_of_its_columns():
    joined = join(PEOPLE.iloc[:3], HOMES, on=["ruta"], how="m:1")
    assert joined.rows.dtypes["kamar"] == "int64"
    assert found(joined)["join.left"][0] == "pass"


def test_rows_are_never_multiplied():
    with pytest.raises(DataError) as refused:
        join(PEOPLE, HOMES, on="ruta", how="1:1")
    assert "2 rows of the left share 1 keys" in str(refused.value)
    assert "row 2" in str(refused.value)
    twice = pd.concat([HOMES, HOMES.iloc[:1]])
    with pytest.raises(DataError, match="2 rows of the right share 1 keys"):
        join(PEOPLE, twice, on="ruta", how="m:1")
    with pytest.raises(KesosError, match="2 problems"):
        join(PEOPLE, twice, on="ruta", how="1:1")


@pytest.mark.parametrize("how", ["1:m", "m:m", "left", ""])
def test_other_joins_are_not_offered(how):
    with pytest.raises(DataError, match="1:1, m:1"):
        join(PEOPLE, HOMES, on="ruta", how=how)


def test_a_number_is_not_a_text_that_looks_like_one():
    text = pd.DataFrame({"desa": ["0071", "0072"], "a": [1, 2]})
    number = pd.DataFrame({"desa": [71, 72], "b": [1, 2]})
    with pytest.raises(DataError, match="text on the left and number on the right"):
        join(text, number, on="desa")
    with pytest.raises(DataError, match="0071 is 71"):
        join(number.rename(columns={"b": "c"}), text, on="desa")


def test_keys_that_differ_only_in_writing_are_told_and_not_matched():
    left = pd.DataFrame({"desa": ["0071", " Melati", "x"], "a": [1, 2, 3]})
    right = pd.DataFrame({"desa": ["71", "MELATI", "y"], "b": [1, 2, 3]})
    joined = join(left, right, on="desa")
    assert not joined.matched.any()
    assert found(joined)["join.spelling"] == ("warn", {"n": 2})


def test_missing_keys_are_refused_on_both_sides_with_counts():
    left = PEOPLE.assign(ruta=["R1", None, "  ", "R2"])
    with pytest.raises(KesosError) as refused:
        join(left, HOMES.assign(ruta=["R1", None, "R3"]), on="ruta", how="m:1")
    assert "2 rows have no key" in str(refused.value)
    assert "1 rows have no key" in str(refused.value)
    assert "row 2" in str(refused.value)


def test_a_number_that_a_spreadsheet_has_cut_joins_nothing():
    wide = pd.DataFrame({"nik": [3314055501900000, 3314055501900010], "a": [1, 2]})
    with pytest.raises(KesosError, match="16 digits"):
        join(wide, wide.rename(columns={"a": "b"}), on="nik")
    tall = pd.DataFrame({"nik": [3314055501900001.0], "a": [1]})
    with pytest.raises(KesosError, match="16 digits"):
        join(tall, tall.rename(columns={"a": "b"}), on="nik")


def test_no_identifier_is_told():
    niks = pd.DataFrame({"nik": ["3314055501900001"] * 2, "a": [1, 2]})
    names = pd.DataFrame({"nik": ["Siti"] * 2, "b": [1, 2]})
    for left, right in ((niks, names), (names, niks)):
        with pytest.raises(KesosError) as refused:
            join(left, right, on="nik")
        assert "3314055501900001"[2:] not in str(refused.value)
        assert "Siti" not in str(refused.value)


def test_codes_and_years_are_told_as_they_are():
    panel = pd.DataFrame({"wilayah": ["33.14"] * 2, "tahun": [2014, 2014], "b": [1, 2]})
    with pytest.raises(DataError, match=r"'33\.14' '2014'"):
        join(panel.iloc[:1].rename(columns={"b": "a"}), panel, on=["wilayah", "tahun"], how="m:1")


def test_two_columns_of_one_name_are_refused_before_they_are_renamed_in_silence():
    with pytest.raises(DataError, match="Both tables have a column kamar"):
        join(PEOPLE.assign(kamar=1), HOMES, on="ruta", how="m:1")
    with pytest.raises(DataError, match="'umur' is there twice"):
        join(pd.concat([PEOPLE, PEOPLE[["umur"]]], axis=1), HOMES, on="ruta", how="m:1")
    with pytest.raises(KesosError, match="'rumah' is missing"):
        join(PEOPLE, HOMES, on="rumah", how="m:1")
    with pytest.raises(DataError, match="No column"):
        join(PEOPLE, HOMES, on=[], how="m:1")


DAYS = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pd.Series(["a", "b"], dtype="category"), pd.Series(["b", "a"], dtype=object)),
        (pd.Series([1, 2], dtype="int8"), pd.Series([2.0, 1.0])),
        (pd.Series([1, 2], dtype="Int64"), pd.Series([2, 1], dtype="int64")),
        (pd.Series(pd.to_datetime(DAYS)), pd.Series(pd.to_datetime(DAYS[::-1]).as_unit("ns"))),
        (pd.Series(DAYS), pd.Series(DAYS[::-1])),
        (pd.Series([True, False]), pd.Series([False, True], dtype="boolean")),
    ],
)
def test_the_same_values_in_other_dress_are_the_same(left, right):
    joined = join(pd.DataFrame({"k": left}), pd.DataFrame({"k": right, "b": [1, 2]}), on="k")
    assert joined.rows["b"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([1.5, 2.5], [1.5, 2.5]),
        ([1, "1"], ["1", "2"]),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), ["2020-01-01", "2020-01-02"]),
        (pd.to_datetime(["2020-01-01"] * 2), pd.to_datetime(["2020-01-01", "2020-01-02"]).tz_localize("Asia/Jakarta")),
        ([True, False], [1, 0]),
    ],
)
def test_keys_that_cannot_be_compared_safely_are_refused(left, right):
    with pytest.raises(KesosError, match=r"kind|on the left"):
        join(pd.DataFrame({"k": left}), pd.DataFrame({"k": right, "b": [1, 2]}), on="k", how="m:1")


def test_no_digit_is_lost_where_a_row_has_no_partner():
    right = pd.DataFrame({"k": ["a", "b"], "saldo": [2**60 + 1, 1], "ya": [True, False]})
    joined = join(pd.DataFrame({"k": ["a", "c"]}), right, on="k").rows
    assert int(joined["saldo"].iloc[0]) == 2**60 + 1
    assert joined["ya"].tolist() == [True, pd.NA]


def test_empty_tables_are_joined_too():
    joined = join(PEOPLE.iloc[:0], HOMES, on="ruta", how="m:1")
    assert (len(joined.rows), len(joined.unused)) == (0, 3)
    joined = join(PEOPLE, HOMES.iloc[:0], on="ruta", how="m:1")
    assert joined.rows["lantai"].isna().all()
    assert np.array_equal(joined.matched, [False] * 4)
