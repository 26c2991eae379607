"""Tiles of a profile: value, where it lies, and its change beside what is usual."""

import pandas as pd
import pytest

from kesos_research import report
from kesos_research.disclosure import Published, protect
from kesos_research.errors import DataError, DisclosureError, DocumentError
from kesos_research.language import words

RULE = Published(source=words(id="BPS", en="BPS"))


def rows(**more: object) -> pd.DataFrame:
    return pd.DataFrame([{"outcome": "p0", "year": 2022, "value": 12.94, **more}])


def tile(**more: object):
    return report.glance(protect(rows(**more), rule=RULE), id="glance-33.14".replace(".", "-")).tiles[0]


def test_the_value_in_both_languages():
    made = tile()
    assert (made["value"]["id"], made["value"]["en"]) == ("12,94", "12.94")
    assert (made["year"]["id"], made["unit"]["id"]) == ("2022", "persen")
    assert (made["place"]["id"], made["change"]["id"]) == ("", "")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(13.0, 15.0, "below"), (10.0, 15.0, "in"), (10.0, 12.0, "above"), (12.94, 15.0, "in")],
)
def test_where_it_lies(low: float, high: float, said: str):
    made = tile(province_low=low, province_high=high, nation_low=None, nation_high=None)
    assert made["place"]["en"] == f"{said} the middle half of its province"


def test_the_change_beside_what_is_usual():
    made = tile(change=-1.2, since=2019, noise_low=-1.5, noise_high=0.4)
    assert made["change"]["en"] == "−1.20 since 2019 (most districts: −1.50 to +0.40)"
    assert "−1,20" in made["change"]["id"]
    assert "2019" in made["change"]["id"]


def test_an_absent_value_is_a_dash():
    assert tile(value=float("nan"), province_low=1.0, province_high=2.0)["value"]["id"] == "–"


def test_refusals():
    with pytest.raises(DisclosureError):
        report.glance(rows(), id="glance-x")
    with pytest.raises(DocumentError, match="year"):
        report.glance(protect(rows().drop(columns="year"), rule=RULE), id="glance-x")
    with pytest.raises(DataError):
        report.glance(protect(rows(outcome="nothing"), rule=RULE), id="glance-x")
