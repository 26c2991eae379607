"""The statistical sheet: the eight items of UU 16/1997, article 14, a ministry's number, or that nobody was asked."""

import re
from pathlib import Path

import pytest
from toy_study import toy

from kesos_research.language import words
from kesos_research.run.markdown import plain, table
from kesos_research.run.sheet import statistical_sheet
from kesos_research.study import Survey

SURVEY = Survey.model_validate(
    {
        "kind": "khusus",
        "title": {"id": "Survei penerima", "en": "Survey of clients"},
        "area": {"id": "Kabupaten Sragen", "en": "Sragen district"},
        "population": {"id": "Penerima layanan", "en": "Clients"},
        "respondents": "1240",
        "begins": "2014-03-01",
        "ends": "2014-04-15",
        "method": {"id": "Acak sederhana", "en": "Simple random sample"},
        "organiser": "Universitas Contoh",
        "address": "Jalan Contoh 1",
        "abstract": {"id": "Kepuasan.", "en": "Satisfaction."},
    }
)
ITEMS = {
    "id": (
        *("Survei penerima", "Kabupaten Sragen", "Penerima layanan", "1.240", "1 Maret 2014 – 15 April 2014"),
        *("Acak sederhana", "Universitas Contoh, Jalan Contoh 1", "Kepuasan."),
    ),
    "en": (
        *("Survey of clients", "Sragen district", "Clients", "1,240", "1 March 2014 – 15 April 2014"),
        *("Simple random sample", "Universitas Contoh, Jalan Contoh 1", "Satisfaction."),
    ),
}


def sheet(root: Path, lang, **changes) -> str:
    study = toy(root)
    source = study.sources[0].model_copy(
        update={"publisher": words(id="Badan Pusat Statistik", en="Statistics Indonesia"), "licence": "BPS"}
        | {k: changes.pop(k) for k in ("public", "synthetic") if k in changes}
    )
    given = {"sources": (source,), "authors": (), "anonymous": False, **changes}
    return statistical_sheet(study.model_copy(update=given), "1.0", lang).decode("utf-8")


def cells(text: str) -> list[str]:
    return [cell.strip() for line in text.splitlines() if line.startswith("|") for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_synopsis_holds_the_eight_items_in_the_order_of_the_law(tmp_path, lang):
    text = sheet(tmp_path, lang, survey=SURVEY, public=False)
    found = [cell for cell in cells(text) if cell in ITEMS[lang]]
    assert tuple(found) == ITEMS[lang]
    assert "14" in text
    assert "21" in text
    assert "Rekomendasi" not in text


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_ministrys_survey_prints_its_number(tmp_path, lang):
    ministry = SURVEY.model_copy(update={"kind": "sektoral", "recommendation": "V-14.3314.001"})
    text = sheet(tmp_path, lang, survey=ministry, public=False)
    assert "Rekomendasi Statistik" in text
    assert "**V-14.3314.001**" in text
    assert tuple(cell for cell in cells(text) if cell in ITEMS[lang]) == ITEMS[lang]


@pytest.mark.parametrize(
    ("lang", "said"), [("id", "Tidak ada data yang dikumpulkan"), ("en", "No data were collected")]
)
def test_published_figures_say_that_nobody_was_asked(tmp_path, lang, said):
    text = sheet(tmp_path, lang)
    assert said in text
    assert {"id": "Badan Pusat Statistik", "en": "Statistics Indonesia"}[lang] in cells(text)


def test_rows_of_others_are_not_ours_to_report(tmp_path):
    text = sheet(tmp_path, "en", survey=Survey.model_validate({"kind": "secondary"}), public=False)
    assert "No data were collected" in text
    assert "theirs" in text


@pytest.mark.parametrize(("lang", "mark"), [("id", "DATA SINTETIS"), ("en", "SYNTHETIC DATA")])
def test_invented_rows_say_so(tmp_path, lang, mark):
    text = sheet(tmp_path, lang, survey=SURVEY, synthetic=True)
    assert mark in text
    assert not set(ITEMS[lang]) & set(cells(text))


@pytest.mark.parametrize(
    "hostile",
    ["a | b", "line\nbreak", "<script>alert(1)</script>", "![x](http://e/x.png)", "[l](javascript:x)", "`x`", "a\\|b"],
)
def test_no_text_leaves_its_cell_or_becomes_markup(hostile):
    line = table(("a", "b"), [(hostile, "end")]).splitlines()[-1]
    assert len(re.split(r"(?<!\\)(?:\\\\)*\|", line)) == 4
    assert "<script" not in plain(hostile)
    assert not re.search(r"(?<!\\)\[", plain(hostile))
    assert "\n" not in plain(hostile)


def test_the_authors_of_an_anonymous_study_are_not_named(tmp_path):
    from kesos_research.study import Author

    author = Author(name="Siti Rahma", affiliation="Universitas Contoh")
    assert "Siti Rahma" in sheet(tmp_path, "id", authors=(author,))
    assert "Siti Rahma" not in sheet(tmp_path, "id", authors=(author,), anonymous=True)
