"""A notebook as a document: its tagged cells and its exhibits, in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.compose_sample import claims, exhibits, study

from kesos_research.errors import DocumentError
from kesos_research.language import words
from kesos_research.report import compose
from kesos_research.report.collect import Prose, Results, Told
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat
from kesos_research.report.exhibit import Glance

TILE = {
    "label": words(id="Kemiskinan", en="Poverty"),
    "value": words(id="12,9", en="12.9"),
    "unit": words(id="persen", en="percent"),
    "year": words(id="2022", en="2022"),
    "place": words(id="di bawah", en="below"),
    "change": words(id="−1,2", en="−1.2"),
}
GLANCE = Glance("glance-x", caption=words(id="Ringkas", en="At a glance"), tiles=(TILE,))


def told(code: str) -> Told:
    items = (
        Prose("id", "# Profil {{ region(parameters.wilayah).label }}", 2),
        Prose("en", "# Profile of {{ region(parameters.wilayah).label }}", 3),
        GLANCE,
        Prose("id", '## Kemiskinan\n\nPerubahan {{ claim("p0.sc." ~ parameters.wilayah) | number }} (@fig-map).', 5),
        Prose("en", '## Poverty\n\nChange {{ claim("p0.sc." ~ parameters.wilayah) | number }} (@fig-map).', 6),
        exhibits()["fig-map"],
    )
    return Told(f"profil_{code}", items, parameters={"wilayah": code})


def results() -> Results:
    return Results(claims(), {}, {"profil_33.14": told("33.14")})


@pytest.mark.parametrize("notebook", ["profil_33.14", Path("work") / "profil_33.14.ipynb"])
def test_a_profile(tmp_path: Path, notebook: str | Path):
    made = compose(study(tmp_path), results(), kind="profile", lang="id", notebook=notebook)
    assert (made.meta.title, made.meta.other_title) == ("Profil Kab. Sragen", "Profile of Kab. Sragen")
    assert made.meta.abstracts == ()
    tiles, heading, paragraph, figure = made.blocks
    assert isinstance(tiles, m.Tiles)
    assert tiles.tiles[0] == m.Tile("Kemiskinan", "12,9", "persen", "2022", "di bawah", "−1,2")
    assert isinstance(heading, m.Heading)
    assert (heading.level, heading.number) == (1, "")
    assert isinstance(paragraph, m.Paragraph)
    assert flat(paragraph.c).startswith("Perubahan −1,13 (")
    assert isinstance(figure, m.FigureBlock)
    assert made.claims == ("p0.sc.33.14", "spec.n")


def test_in_english(tmp_path: Path):
    made = compose(study(tmp_path), results(), kind="profile", lang="en", notebook="profil_33.14")
    assert (made.meta.title, made.meta.other_title) == ("Profile of Kab. Sragen", "Profil Kab. Sragen")
    assert flat(made.blocks[2].c) == "Change −1.13 (Figure 1)."


def test_a_study_without_narrative_tells_its_notebooks(tmp_path: Path):
    made = compose(study(tmp_path, id=None, en=None), results(), kind="paper", lang="en")
    assert [type(b).__name__ for b in made.blocks] == ["Heading", "Tiles", "Heading", "Paragraph", "FigureBlock"]
    assert [h.number for h in made.blocks if isinstance(h, m.Heading)] == ["1", "1.1"]


def test_an_unknown_notebook(tmp_path: Path):
    with pytest.raises(DocumentError, match=r"profil_33\.14"):
        compose(study(tmp_path), results(), kind="profile", lang="id", notebook="profil_99.99")


def test_an_error_names_the_cell(tmp_path: Path):
    wrong = Told("profil", (Prose("id", '# A\n\n{{ claim("p0.did2") | number }}', 7),))
    with pytest.raises(DocumentError) as caught:
        compose(study(tmp_path), Results(claims(), {}, {"profil": wrong}), kind="profile", lang="id", notebook="profil")
    where = caught.value.where
    assert where is not None
    assert "profil.ipynb" in str(where)
    assert where.line == 3
    assert "7" in str(where.file)
