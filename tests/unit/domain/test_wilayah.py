"""The register of regions, held to Kepmendagri 300.2.2-2138/2025 and to what BPS's own codes are."""

from collections import Counter

import pytest

from kesos_research.domain import ISLANDS, region, regions
from kesos_research.errors import RegionError
from kesos_research.language import use


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def test_there_are_514_regions_in_38_provinces():
    assert len(regions()) == 514
    assert Counter(r.type for r in regions()) == {"kabupaten": 416, "kota": 98}
    assert len({r.province_code for r in regions()}) == 38


def test_codes_say_province_and_type():
    for r in regions():
        assert r.code[:2] == r.province_code
        assert (r.code[3] == "7") == (r.type == "kota")
        assert region(r.code) is r


def test_codes_slugs_and_bps_codes_are_each_used_once():
    for of in ("code", "slug", "bps_code", "bps_code_34"):
        assert max(Counter(getattr(r, of) for r in regions()).values()) == 1


def test_bps_digits_differ_for_199_regions_and_26_names_are_shared():
    assert sum(r.bps_code != r.code.replace(".", "") for r in regions()) == 199
    assert sum(n > 1 for n in Counter(r.name for r in regions()).values()) == 26


def test_points_lie_in_indonesia():
    assert all(-11.1 < r.lat < 6.1 and 94.9 < r.lon < 141.1 for r in regions())


def test_names_are_clean():
    for r in regions():
        for text in (r.name, r.official_name, r.province):
            assert text == " ".join(text.split())
        assert r.official_name.startswith(("Kabupaten ", "Kota "))


@pytest.mark.parametrize(
    ("province", "island"),
    [
        ("11", "Sumatera"),
        ("21", "Sumatera"),
        ("31", "Jawa"),
        ("36", "Jawa"),
        ("51", "Bali-Nusa Tenggara"),
        ("53", "Bali-Nusa Tenggara"),
        ("65", "Kalimantan"),
        ("76", "Sulawesi"),
        ("82", "Maluku-Papua"),
        ("96", "Maluku-Papua"),
    ],
)
def test_every_province_lies_in_one_island_group(province, island):
    assert {r.island for r in regions() if r.province_code == province} == {island}


def test_six_island_groups_hold_all_provinces():
    provinces = Counter(island for _, island in {(r.province_code, r.island) for r in regions()})
    assert provinces == {
        "Sumatera": 10,
        "Jawa": 6,
        "Bali-Nusa Tenggara": 3,
        "Kalimantan": 5,
        "Sulawesi": 6,
        "Maluku-Papua": 8,
    }
    assert set(provinces) == set(ISLANDS)


@pytest.mark.parametrize(
    ("code", "label", "slug"),
    [
        ("33.14", "Kab. Sragen", "kab-sragen"),
        ("64.03", "Kab. Berau", "kab-berau"),
        ("73.03", "Kab. Bantaeng", "kab-bantaeng"),
        ("13.76", "Kota Payakumbuh", "kota-payakumbuh"),
        ("32.72", "Kota Sukabumi", "kota-sukabumi"),
        ("32.10", "Kab. Majalengka", "kab-majalengka"),
    ],
)
def test_labels_and_slugs(code, label, slug):
    assert (region(code).label, region(code).slug) == (label, slug)


@pytest.mark.parametrize(
    ("given", "found", "offered"),
    [
        ("6405", "BPS code", ["64.03"]),
        (6405, "BPS code", ["64.03"]),
        ("7504", "BPS code", ["75.03"]),
        ("9401", "BPS code", ["93.01"]),  # as numbered with 34 provinces
        ("Sukabumi", "2 regions", ["32.02", "32.72"]),
        ("Kota Sukabumi", "a name", ["32.72"]),
        ("kabupaten bone bolango", "a name", ["75.03"]),
        ("Sragn", "is called", ["33.14"]),
        ("32.1", "final zero", ["32.10"]),
        (32.1, "final zero", ["32.10"]),
        (33.14, "not written as a code", ["33.14"]),
        (" 33.14", "not written as a code", ["33.14"]),
        ("33", "Jawa Tengah", ["33.01"]),
        ("64.3", "No kabupaten", ["64.03"]),
        ("99.99", "No kabupaten", []),
        ("", "No kabupaten", []),
        (None, "is called", []),
    ],
)
def test_what_is_no_code_is_refused_with_the_code_that_may_be_meant(given, found, offered):
    with pytest.raises(RegionError) as caught:
        region(given)
    assert found in caught.value.found
    assert caught.value.expected
    for code in offered:
        assert f"'{code}'" in caught.value.remedy


def test_every_bps_code_that_is_no_kemendagri_code_leads_to_its_region():
    for r in regions():
        with pytest.raises(RegionError) as caught:
            region(r.bps_code)
        assert f"'{r.code}'" in caught.value.remedy
