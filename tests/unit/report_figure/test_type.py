"""Widths of words, against typst, which sets them."""

import json

import pytest
import typst

from kesos_research.domain import regions
from kesos_research.report import style
from kesos_research.report.figure._type import width

SAMPLE = [
    *[r.label for r in regions()[::25]],
    "0,034 [−1,96; 2,03]",
    "2014–2015",
    "≥ 18,9",
    "6,6 – < 9,8",
    "ribu rupiah per orang (harga konstan 2010)",
    "Selisih dari kontrol sintetis; λ = 0,1",
    "A & B: 100 % “dari” 5/5",
]


@pytest.mark.parametrize("bold", [False, True])
def test_words_are_as_wide_as_typst_sets_them(bold, tmp_path):
    quoted = ", ".join(json.dumps(s, ensure_ascii=False) for s in SAMPLE)
    file = tmp_path / "measure.typ"
    file.write_text(
        f"#set page(width: 500cm)\n"
        f'#set text(font: "{style.FONT}", size: 100pt, weight: "{"bold" if bold else "regular"}")\n'
        f"#context [#metadata(({quoted},).map(s => measure(text(s)).width.pt()))<widths>]",
        encoding="utf-8",
    )
    (measured,) = json.loads(typst.query(str(file), "<widths>", field="value"))
    for text, set_width in zip(SAMPLE, measured, strict=True):
        ours = width(text, bold=bold) * 100
        # pairs that are kerned together make words a little narrower than the sum of their letters
        assert set_width * 0.995 <= ours <= set_width * 1.04, text


def test_a_letter_with_an_accent_is_as_wide_as_without():
    assert width("é") == width("e")


def test_unknown_letters_are_given_room():
    assert width("字") >= 1.0
