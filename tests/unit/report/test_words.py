"""Numbers as each language writes them, held to Babel's CLDR data, and verdicts without causal words."""

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kesos_research.language import Language, number
from kesos_research.language import words as both_words
from kesos_research.report import words
from kesos_research.report.exhibit import Claim, Column

LANGUAGES = st.sampled_from(["id", "en"])


@given(st.decimals(-(10**7), 10**7, places=3), st.integers(3, 5), LANGUAGES)
def test_numbers_are_those_of_cldr(value: Decimal, places: int, lang: Language):
    pattern = "#,##0." + "0" * places
    expected = format_decimal(value or Decimal(0), format=pattern, locale=lang).replace("-", "\N{MINUS SIGN}")
    assert number(float(value), places, lang) == expected


@given(st.integers(-(10**9), 10**9), LANGUAGES)
def test_integers_are_those_of_cldr(value: int, lang: Language):
    expected = format_decimal(value, locale=lang).replace("-", "\N{MINUS SIGN}")
    assert words.integer(value, lang) == expected


@pytest.mark.parametrize(
    ("value", "decimals", "id", "en"),
    [(0.034, 2, "+0,03", "+0.03"), (-1.25, 1, "−1,2", "−1.2"), (0.001, 2, "0,00", "0.00"), (-0.001, 2, "0,00", "0.00")],
)
def test_signed(value: float, decimals: int, id: str, en: str):
    assert (words.signed(value, decimals, "id"), words.signed(value, decimals, "en")) == (id, en)


def test_an_interval_is_parted_by_a_semicolon_where_the_comma_is_decimal():
    assert words.interval(-1.9, 2.0, 1, "id") == "[−1,9; 2,0]"
    assert words.interval(-1.9, 2.0, 1, "en") == "[−1.9, 2.0]"


@pytest.mark.parametrize(
    ("p", "id"),
    # AMA Manual of Style: two digits; three below .01 and where rounding would move p across .05; never 0.000
    [
        (0.03, "0,03"),
        (0.964, "0,96"),
        (0.0499, "0,050"),
        (0.049, "0,049"),
        (0.05, "0,05"),
        (0.004, "0,004"),
        (0.0009, "< 0,001"),
        (0.0, "< 0,001"),
        (1.0, "1,00"),
    ],
)
def test_p_values(p: float, id: str):
    assert words.p_value(p, "id") == id
    assert words.p_value(p, "en") == id.replace(",", ".")


def test_lists_dates_shares_and_small_counts():
    assert words.joined(["a", "b", "c"], "id") == "a, b, dan c"
    assert words.joined(["a", "b"], "en") == "a and b"
    assert words.joined(["a"], "en") == "a"
    assert words.date("2013-05-01", "id") == "1 Mei 2013"
    assert words.date("2013-05-01", "en") == "1 May 2013"
    assert words.percent(0.95, 0, "id") == "95 persen"
    assert words.percent(0.021, 1, "en") == "2.1 percent"
    assert (words.spelled(5, "id"), words.spelled(11, "en"), words.spelled(1200, "id")) == ("lima", "eleven", "1.200")


def claim(estimate: float | None, p: float | None = None, **more: float) -> Claim:
    return Claim("x", estimate, p_value=p, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "id", "en"),
    [
        (
            claim(0.03, 0.96),
            "tidak dapat dibedakan dari nol pada taraf 5 persen",
            "not distinguishable from zero at the 5",
        ),
        (claim(-1.5, 0.004), "lebih rendah daripada nol pada taraf 5 persen", "lower than zero at the 5 percent level"),
        (claim(1.5, 0.05), "lebih tinggi daripada nol pada taraf 5 persen", "higher than zero at the 5 percent level"),
        (claim(1.5, 0.05, level=0.9), "lebih tinggi daripada nol pada taraf 10 persen", "higher than zero at the 10"),
        (claim(1.5, conf_low=0.1, conf_high=2.9, level=0.95), "lebih tinggi daripada nol", "higher than zero"),
        (claim(1.5, conf_low=-0.1, conf_high=2.9), "tidak dapat dibedakan dari nol", "not distinguishable"),
    ],
)
def test_a_verdict_follows_the_numbers(told: Claim, id: str, en: str):
    assert (words.verdict(told, "id") or "").startswith(id)
    assert (words.verdict(told, "en") or "").startswith(en)


def test_no_verdict_without_a_p_value_or_an_interval():
    assert words.verdict(claim(1.5), "id") is None
    assert words.verdict(claim(None, 0.01), "id") is None
    # an interval of another level says nothing about this one
    assert words.verdict(claim(1.5, conf_low=0.1, conf_high=2.9, level=0.95), "id", level=0.99) is None


def test_no_verdict_uses_a_causal_word():
    said = [words.verdict(claim(e, p), lang) or "" for e in (-1.0, 1.0) for p in (0.001, 0.9) for lang in ("id", "en")]
    said += [words.direction(e, 2, lang) for e in (-1.0, 0.001, 1.0) for lang in ("id", "en")]
    causal = ("menurunkan", "menaikkan", "pengaruh", "dampak", "effect", "reduce", "increase", "cause", "impact")
    assert not [s for s in said for word in causal if word in s]


def test_direction_is_that_of_the_printed_number():
    assert words.direction(-0.2, 2, "id") == "lebih rendah"
    assert words.direction(0.2, 2, "en") == "higher"
    assert words.direction(0.004, 2, "id") == "sama"


@pytest.mark.parametrize(
    ("kind", "value", "id", "en"),
    [
        ("number", -1.234, "−1,23", "−1.23"),
        ("number", None, "–", "–"),
        ("number", float("nan"), "–", "–"),
        ("integer", 1234.0, "1.234", "1,234"),
        ("interval", [-1.9, 2.0], "[−1,90; 2,00]", "[−1.90, 2.00]"),
        ("interval", [None, None], "–", "–"),
        ("p", 0.03, "0,03", "0.03"),
        ("p", 0.0001, "< 0,001", "< 0.001"),
        ("text", both_words(id="ya", en="yes"), "ya", "yes"),
        ("text", 2014, "2014", "2014"),
    ],
)
def test_cells(kind, value: object, id: str, en: str):
    column = Column("x", both_words(id="x", en="x"), kind)
    assert (words.cell(value, column, "id"), words.cell(value, column, "en")) == (id, en)


def test_a_row_may_have_its_own_decimals():
    column = Column("x", both_words(id="x", en="x"))
    assert words.cell(23456.7, column, "id", 0) == "23.457"
