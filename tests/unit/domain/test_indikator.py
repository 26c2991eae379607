"""Indicators: units and directions as BPS publishes them."""

import pytest

from kesos_research.domain import indicator, indicators, ppks, psks
from kesos_research.errors import DataError
from kesos_research.language import use


def test_every_indicator_is_said_in_both_languages():
    for i in indicators():
        for text in (i.name, i.short, i.unit, i.unit_of_difference, i.definition, i.publisher):
            assert text["id"].strip()
            assert text["en"].strip()


@pytest.mark.parametrize(
    ("code", "unit", "decimals", "better"),
    [
        ("p0", "percent", 2, "lower"),
        ("tpt", "percent", 2, "lower"),
        ("rls", "years", 2, "higher"),
        ("ipm", "index 0–100", 2, "higher"),
        ("pdrb_kapita", "thousand rupiah per person", 0, "higher"),
        ("garis_kemiskinan", "rupiah per person per month", 0, "neither"),
    ],
)
def test_units_decimals_direction(code, unit, decimals, better):
    i = indicator(code)
    assert (i.unit["en"], i.decimals, i.better) == (unit, decimals, better)


def test_a_difference_of_percents_is_in_percentage_points():
    for i in indicators():
        assert (i.unit["en"] == "percent") == (i.unit_of_difference["en"] == "percentage points")


def test_an_unknown_indicator_is_refused_with_the_nearest():
    with use("en"), pytest.raises(DataError) as caught:
        indicator("P0")
    assert "p0" in caught.value.remedy


def test_permensos_08_2012_lists_26_ppks_and_12_psks():
    assert [c.number for c in ppks()] == list(range(1, 27))
    assert [c.number for c in psks()] == list(range(1, 13))
    assert {c.regulation for c in (*ppks(), *psks())} == {"Peraturan Menteri Sosial Nomor 08 Tahun 2012"}
    assert ppks()[7].name == "Lanjut Usia Terlantar"
    assert psks()[4].name == "Karang Taruna"


def test_only_what_was_not_read_is_marked():
    assert [c.name for c in (*ppks(), *psks()) if c.evidence == "belum diperiksa"] == ["Dunia Usaha"]
