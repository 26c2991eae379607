"""Slides from the narrative's section for them, or from the exhibits where it has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.compose_sample import results, study

from kesos_research.errors import DocumentError
from kesos_research.report import compose
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import first_sentence, flat


def slides(folder: Path, narrative: str | None = None, **more: object) -> m.Document:
    made = study(folder, **more) if narrative is None else study(folder, id=narrative, **more)
    return compose(made, results(), kind="slides", lang="id")


def test_a_slide_for_each_heading(tmp_path: Path):
    made = slides(tmp_path)
    assert [(s.layout, flat(s.title)) for s in made.slides][:3] == [
        ("title", "Judul"),
        ("content", "Selisihnya tidak dapat dibedakan dari nol pada taraf 5 persen"),
        ("content", "Peta"),
    ]
    assert made.slides[-1].layout == "closing"
    assert made.slides[1].notes == "Katakan ini dengan tenang."
    assert [type(b).__name__ for b in made.slides[1].blocks] == ["Items"]
    assert made.blocks == ()


def test_the_first_slides_speaker_asks_the_question_unless_the_narrative_opens_otherwise(tmp_path: Path):
    first = slides(tmp_path).slides[0]
    assert (first.blocks, first.notes) == ((), "Apakah?")
    made = slides(tmp_path, "# P {.slides}\n\nPembuka.\n\n::: notes\nSalam.\n:::\n\n## Satu\n\n- a\n")
    assert [flat(b.c) for b in made.slides[0].blocks] == ["Pembuka."]
    assert made.slides[0].notes == "Salam."


def test_the_last_slide_says_whom_to_ask_unless_the_narrative_does(tmp_path: Path):
    last = slides(tmp_path).slides[-1]
    assert flat(last.blocks[0].c) == "Rini Peneliti: rini@example.org"
    made = slides(tmp_path, "# P {.slides}\n\n## Satu\n\n- a\n\n## Apa yang perlu dilakukan {.closing}\n\n- b\n")
    assert [s.layout for s in made.slides] == ["title", "content", "closing"]


def test_only_what_the_slides_say_is_used(tmp_path: Path):
    assert slides(tmp_path).claims == ("p0.did", "spec.n")


def test_at_most_one_exhibit(tmp_path: Path):
    narrative = '# P {.slides}\n\n## Dua sekaligus\n\n{{ exhibit("fig-map") }}\n\n{{ exhibit("tbl-did") }}\n'
    with pytest.raises(DocumentError) as caught:
        slides(tmp_path, narrative)
    assert "Dua sekaligus" in str(caught.value)
    assert "narrative.id.md" in str(caught.value)


def test_without_a_section_each_exhibit_is_a_slide(tmp_path: Path):
    made = slides(tmp_path, '# Hasil\n\nTeks.\n\n{{ exhibit("fig-map") }}\n\n{{ exhibit("tbl-did") }}\n')
    assert [flat(s.title) for s in made.slides][1:-1] == ["Lima daerah tersebar", "Selisihnya 0,03 poin"]
    assert isinstance(made.slides[1].blocks[0], m.FigureBlock)


def test_twelve_to_fifteen_are_asked_for(tmp_path: Path):
    few = slides(tmp_path).remarks
    enough = slides(tmp_path, "# P {.slides}\n\n" + "".join(f"## Pesan {n}\n\n- a\n\n" for n in range(10))).remarks
    assert len(few) == 1
    assert "12" in few[0]
    assert enough == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Kab. Sragen naik. Lalu turun.", "Kab. Sragen naik"),
        ("Menurut Abadie dkk. (2010) begitu. Ya.", "Menurut Abadie dkk. (2010) begitu"),
        ("Naik 0,3 poin", "Naik 0,3 poin"),
        ("Benarkah? Ya.", "Benarkah?"),
        ("", ""),
    ],
)
def test_first_sentences(text: str, sentence: str):
    assert first_sentence(text)[0] == sentence
