"""Operational definitions, held to the codebook of the official figures."""

from pathlib import Path

import pytest

from kesos_research.data.definitions import COLUMNS, definitions, headings, kinds, units
from kesos_research.data.read import read_codebook
from kesos_research.language import LANGUAGES

BOOK = Path(__file__).parents[3] / "data" / "codebook.yaml"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_of_the_official_figures_is_defined(lang):
    codebook = read_codebook(BOOK)
    table = definitions(codebook, lang).set_index("kolom")
    assert list(table.index) == list(codebook.columns)
    assert (table["label"] != "").all()
    assert table.loc["p0", "label"] == codebook.columns["p0"].label[lang]
    assert table.loc["p0", "satuan"] == {"id": "persen", "en": "percent"}[lang]
    assert "BPS" in table.loc["p0", "sumber"]
    assert {"id": "dari 0 sampai 100", "en": "from 0 to 100"}[lang] in table.loc["p0", "aturan"]
    assert set(table["satuan_pengamatan"]) == {units()["region"][lang]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_heads_kinds_and_units_are_words(lang):
    assert tuple(headings(lang)) == COLUMNS
    for said in (headings(lang).values(), (w[lang] for w in kinds().values()), (w[lang] for w in units().values())):
        assert all(said)
