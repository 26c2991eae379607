"""The example register: shaped as the real one, and never to be taken for it."""

import math
from collections import Counter

import pytest

from kesos_research.domain import ISLANDS, example_region, example_regions, region, regions, register
from kesos_research.errors import RegionError
from kesos_research.language import use


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def test_it_has_as_many_regions_as_the_real_register_and_none_in_common():
    made = example_regions()
    assert len(made) == len(regions()) == 514
    for of in ("code", "label", "slug", "bps_code", "official_name"):
        assert max(Counter(getattr(r, of) for r in made).values()) == 1
        assert not {getattr(r, of) for r in made} & {getattr(r, of) for r in regions()}
    assert [r.code for r in made] == sorted(r.code for r in made)
    assert len({r.province_code for r in made}) == 9


def test_codes_say_province_and_type_as_real_ones_do():
    for r in example_regions():
        assert r.code[:2] == r.province_code
        assert (r.code[3] == "7") == (r.type == "kota")
        assert "Contoh" in r.label
        assert "Contoh" in r.province
        assert example_region(r.code) is r


def test_no_point_lies_in_indonesia_and_no_island_is_one_of_its_own():
    for r in example_regions():
        assert math.hypot(r.lat, r.lon) < 5 < 95 < min(real.lon for real in regions())
        assert r.island not in ISLANDS


def test_a_study_refuses_an_example_code_and_an_example_refuses_a_real_one():
    with pytest.raises(RegionError, match="invented"):
        region("01.01")
    with pytest.raises(RegionError, match=r"Kab\. Sragen"):
        example_region("33.14")
    with pytest.raises(RegionError, match="No example region"):
        example_region("01.99")


def test_the_register_for_rows():
    assert register() == regions()
    assert register(synthetic=True) == example_regions()
