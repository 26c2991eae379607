"""Soft hyphens: where KBBI's syllables allow a break, nowhere else, and only where a line ends."""

from __future__ import annotations

import pytest

from kesos_research.report.render._hyphens import MARK, SOFT, hyphenated, line_ends, pieces


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("penyelenggaraan", ("penye", "leng", "ga", "raan")),
        ("Kesejahteraan", ("Kese", "jah", "te", "raan")),
        ("pemberdayaan", ("pem", "ber", "da", "yaan")),
        ("kabupaten", ("kabupaten",)),
        ("PUSLITBANGKESOS", ("PUSLITBANGKESOS",)),
    ],
)
def test_words_are_broken_at_syllables(word: str, parts: tuple[str, ...]) -> None:
    assert pieces(word) == parts


def test_first_pass_marks_every_piece_with_a_number() -> None:
    made = hyphenated({"t": "text", "s": "dan pemberdayaan masyarakatlah"}, "id")
    assert made["s"]["n"] == 0
    assert made["s"]["s"].count(MARK) == 4 + len(pieces("masyarakatlah"))
    assert made["s"]["s"].replace(MARK, "").replace(SOFT, "") == "dan pemberdayaan masyarakatlah"


def test_second_pass_keeps_only_the_hyphens_used() -> None:
    text = {"t": "text", "s": "pemberdayaan dan pemberdayaan"}
    assert hyphenated(text, "id", {5})["s"] == f"pemberdayaan dan pember{SOFT}dayaan"
    assert hyphenated(text, "id", {3})["s"] == "pemberdayaan dan pemberdayaan"


def test_a_line_ends_where_the_next_piece_stands_elsewhere() -> None:
    places = {0: (1, 50.0, 60.0), 1: (1, 61.0, 60.0), 2: (1, 50.0, 72.0), 3: (1, 60.0, 72.0), 9: (2, 50.0, 60.0)}
    assert line_ends(places) == {1}
    assert line_ends({0: (1, 200.0, 700.0), 1: (1, 310.0, 700.0), 2: (2, 60.0, 700.0)}) == {1}


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/program-pelayanan-kesejahteraan",
        "pemberdayaan.kesejahteraan@example.org",
        "berkas_penyelenggaraan",
        "www.kesejahteraansosial.go.id",
    ],
)
def test_addresses_stay_whole(text: str) -> None:
    assert hyphenated({"t": "text", "s": text}, "id")["s"] == text


def test_compounds_are_broken_in_each_part() -> None:
    made = hyphenated({"t": "text", "s": "kesejahteraan/pemberdayaan antarpemerintah-penyelenggaraan"}, "id", {0, 4, 8})
    assert made["s"].count(SOFT) == 3


def test_english_references_tables_and_italics_stay_whole() -> None:
    document = {
        "lang": "id",
        "blocks": [
            {"t": "references", "entries": [{"c": [{"t": "text", "s": "pemberdayaan"}]}]},
            {"t": "styled", "style": "emph", "c": [{"t": "text", "s": "counterfactual"}]},
            {"t": "table", "caption": [{"t": "text", "s": "pemberdayaan"}], "rows": [{"cells": ["pemberdayaan"]}]},
            {"t": "ref", "target": "tbl-x", "s": "Penyelenggaraan"},
            {"lang": "en", "blocks": [{"t": "text", "s": "implementation"}]},
        ],
    }
    assert hyphenated(document, "id") == document


def test_the_other_language_has_its_own_rule() -> None:
    document = {"lang": "en", "abstracts": [{"lang": "id", "blocks": [{"t": "text", "s": "pemberdayaan"}]}]}
    assert SOFT in hyphenated(document, "en")["abstracts"][0]["blocks"][0]["s"]["s"]
