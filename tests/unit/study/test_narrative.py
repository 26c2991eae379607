"""What the prose names, and how long it may become, is known before any number is."""

from pathlib import Path

import pytest

from kesos_research.errors import StudyError
from kesos_research.study.narrative import Narrative, entries, read_narrative

TEXT = """\
{#- claim("nor.this") -#}<!-- claim("not.this") and @not_cited -->
{%- set did = claim("p0.did.2014_2015") -%}

# Abstrak {.abstract lang=id}

Satu dua {{ did | number(2) }} empat{% if did.p_value < 0.05 %} lima enam tujuh{% else %} lima{% endif %}.

# Hasil {#sec-results}

{{ exhibit("tbl-did") }}

Lihat @tbl-did, @eq-did dan [@abadie2010, p. 3; -@conley2011]; surat ke nama@contoh.id. {{ claim("p0.mde").n }}

$$ x @ y $$ {#eq-did alt="x"}

# Paparan {.slides}

## Satu
## Dua
"""


def narrative(tmp_path: Path, text: str) -> Narrative:
    path = tmp_path / "narrative.id.md"
    path.write_text(text, encoding="utf-8", newline="")
    return read_narrative(path, "id", name=path.name)


@pytest.fixture(params=["\n", "\r\n"], ids=["unix", "windows"])
def told(tmp_path: Path, request: pytest.FixtureRequest) -> Narrative:
    return narrative(tmp_path, TEXT.replace("\n", request.param))


def test_sections_and_their_languages(told: Narrative):
    assert [(s.title, s.classes, s.lang) for s in told.sections] == [
        ("Abstrak", ("abstract",), "id"),
        ("Hasil", (), "id"),
        ("Paparan", ("slides",), "id"),
    ]


def test_the_shortest_and_the_longest_a_section_may_become(told: Narrative):
    """By hand: Satu dua <number> empat lima, or Satu dua <number> empat lima enam tujuh."""
    assert told.sections[0].words == (5, 7)


def test_slides_are_headings_of_the_second_level(told: Narrative):
    assert told.sections[-1].slides == 2


def test_what_is_looked_up_with_its_line(told: Narrative):
    assert [(m.name, m.line) for m in told.looked_up("claim")] == [("p0.did.2014_2015", 2), ("p0.mde", 12)]
    assert [m.name for m in told.looked_up("exhibit")] == ["tbl-did"]


def test_citations_and_references(told: Narrative):
    """An e-mail address, a comment and a formula cite nothing."""
    assert [(m.name, m.line) for m in told.citations()] == [("abadie2010", 12), ("conley2011", 12)]
    assert [m.name for m in told.references()] == ["tbl-did", "eq-did"]
    assert told.labels() == {"sec-results", "eq-did"}


@pytest.mark.parametrize(
    ("text", "line"), [("a\n{{ claim( }}", 2), ("{% if x %}", 1), ("a\n\n{{ 'x }}", 3), ("{% include 'x' %", 1)]
)
def test_a_template_that_cannot_be_read(tmp_path: Path, text: str, line: int):
    with pytest.raises(StudyError) as error:
        narrative(tmp_path, text)
    assert error.value.where is not None
    assert error.value.where.line == line


@pytest.mark.parametrize(
    "text", ["", "no heading", "{{ " + "(" * 5000 + " }}", "{% if a %}" * 3000 + "{% endif %}" * 3000]
)
def test_odd_texts_end_as_text(tmp_path: Path, text: str):
    try:
        assert narrative(tmp_path, text).sections == ()
    except StudyError as error:
        assert "narrative.id.md" in str(error)  # noqa: PT017 - either way is right


def test_entries_of_a_bibliography():
    bibtex = """
    % @article{commented, ...
    @comment{not, this}
    @string{jasa = {Journal}}
    @Article{abadie2010, title = {A}}
    @misc { kemensos2013pkst ,
      title = {B}}
    """
    assert entries(bibtex) == {"abadie2010": "article", "kemensos2013pkst": "misc"}
