"""Programmes: the scope as the ministry's news of 2013 lists it, dates and numbers as the sources print them."""

from datetime import date
from decimal import Decimal

import pytest

from kesos_research.domain import fact, programme, programmes, region
from kesos_research.errors import DocumentError, StudyError
from kesos_research.language import use


def test_pkst_has_eleven_items_in_order():
    assert [i.id for i in programme("PKST").scope] == [
        "A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4", "B5",
    ]  # fmt: skip


def test_pkst_has_five_districts_and_three_phases():
    pkst = programme("PKST")
    assert {region(code).label for code in pkst.regions} == {
        "Kab. Sragen",
        "Kab. Berau",
        "Kab. Bantaeng",
        "Kota Payakumbuh",
        "Kota Sukabumi",
    }
    assert [(p.first, p.last) for p in pkst.phases] == [(2013, 2013), (2014, 2015), (2016, None)]
    assert pkst.phase(2012) is None
    assert pkst.phase(2013).code == "peralihan"
    assert pkst.phase(2030).code == "slrt"


@pytest.mark.parametrize(
    ("programme_code", "key", "value"),
    [
        ("PKST", "launch_date", date(2013, 5, 1)),
        ("PKST", "pilot_regions", 5),
        ("ProKUS", "kpm_2020_apbn", 1000),
        ("ProKUS", "kpm_2020_hdn", 8282),
        ("ProKUS", "target_2021", 7000),
        ("KAT/PKATBest", "stock_families", 156512),
        ("KAT/PKATBest", "empowered_last_5y", 11039),
        ("KAT/PKATBest", "target_2021", 2500),
        ("Pilar sosial", "PSM", 60258),
        ("Pilar sosial", "TKSK", 7230),
        ("Pilar sosial", "Karang Taruna", 35248),
        ("Pilar sosial", "LKS", 12377),
        ("Pilar sosial", "provinces", 34),
        ("Puskesos-SLRT", "existing_kabkota", 150),
        ("Puskesos-SLRT", "existing_desa_kelurahan", 7154),
        ("Puskesos-SLRT", "target_2021_kabkota", 280),
        ("Puskesos-SLRT", "target_2021_desa_kelurahan", 560),
        ("Bone Bolango", "poverty_target_2026", Decimal("12.34")),
        ("Konferensi III 2014", "participants", 150),
        ("Rakor 2021", "participants", 155),
    ],
)
def test_facts(programme_code, key, value):
    assert fact(programme_code, key).value == value


def test_facts_are_written_as_the_language_writes_them():
    assert fact("PKST", "launch_date").say("id") == "1 Mei 2013"
    assert fact("PKST", "launch_date").say("en") == "1 May 2013"
    assert fact("Bone Bolango", "poverty_target_2026").say("id") == "12,34"
    with use("id"):
        assert f"{fact('KAT/PKATBest', 'stock_families')}" == "156.512"
    with use("en"):
        assert f"{fact('SLRT', 'launch_year')}" == "2016"


def test_every_fact_has_a_source_a_citation_and_a_name_in_both_languages():
    for p in programmes():
        assert p.facts or p.scope
        for f in p.facts.values():
            for text in (f.source, f.name, p.name):
                assert text["id"].strip()
                assert text["en"].strip()
            assert f.citation
            assert "seed" not in f.source["en"]
            assert f.until is None or f.since <= f.until


def test_a_fact_does_not_speak_of_other_years():
    assert fact("ProKUS", "kpm_2020_apbn", year=2020).value == 1000
    with use("en"), pytest.raises(DocumentError) as caught:
        fact("ProKUS", "kpm_2020_apbn", year=2024)
    assert "2024" in caught.value.found


def test_unknown_names_are_refused_with_the_nearest():
    with use("en"):
        with pytest.raises(StudyError) as caught:
            programme("pkts")
        assert "PKST" in caught.value.remedy
        with pytest.raises(DocumentError) as missing:
            fact("PKST", "lunch_date")
        assert "launch_date" in missing.value.remedy
