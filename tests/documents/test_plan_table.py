"""The plan against what was run, in paper, page and annex: appended by itself, placed where a narrative asks for it."""

import io
from pathlib import Path

import openpyxl
import pytest
from documents.compose_sample import ID, claims, exhibits, study

from kesos_research.estimates import Call
from kesos_research.language import words
from kesos_research.report import compose
from kesos_research.report.collect import Results, Told
from kesos_research.report.document import model as m
from kesos_research.report.document.flat import flat
from kesos_research.report.render.annex import xlsx
from kesos_research.study.plan import Plan

WHY = words(id="Donornya terlalu sedikit.", en="There are too few donors.")
PLAN = Plan(methods=("diff_in_diff", "synthetic_control"), reasons={"synthetic_control": WHY})
RUN = (Call("diff_in_diff", "p0", 0.95), Call("wild_bootstrap", "p0", 0.9, 9999))


def results(*calls: Call) -> Results:
    return Results(claims(), exhibits(), {"evaluasi": Told("evaluasi", calls=calls)})


def asked(folder: Path, **more: object):
    return study(folder, **{"plan": PLAN, "notebooks": (), **more})


def table_of(made: m.Document) -> m.TableBlock:
    (found,) = [b for b in made.blocks if isinstance(b, m.TableBlock) and b.id == "tbl-plan"]
    return found


@pytest.mark.parametrize("kind", ["paper", "page"])
def test_deviations_stand_in_an_annex_with_their_reasons(tmp_path, kind):
    made = compose(asked(tmp_path), results(*RUN), kind=kind, lang="id")
    heading = next(b for b in made.blocks if isinstance(b, m.Heading) and flat(b.c) == "Rencana dan yang dijalankan")
    assert heading.number == "A"
    said = " ".join(cell for row in table_of(made).rows for cell in row.cells)
    assert WHY["id"] in said
    assert "direncanakan, tidak dijalankan" in said
    assert "dijalankan, tidak direncanakan" in said
    assert "0,90" in said, "the level that was not the plan's"
    assert flat(table_of(made).caption).startswith("3 penyimpangan dari rencana")


def test_that_there_are_none_is_said_in_the_text(tmp_path):
    plan = Plan(methods=("diff_in_diff",))
    for lang, sentence in (("id", "Tidak ada penyimpangan dari rencana."), ("en", "No deviations from the plan.")):
        made = compose(asked(tmp_path, plan=plan), results(RUN[0]), kind="paper", lang=lang)
        assert any(sentence in flat(b.c) for b in made.blocks if isinstance(b, m.Paragraph))
        assert not [r for r in made.remarks if "tbl-plan" in r]


def test_a_narrative_may_place_it(tmp_path):
    narrative = ID.replace(
        "# Metode {#sec-method}", '# Metode {#sec-method}\n\nLihat @tbl-plan.\n\n{{ exhibit("tbl-plan") }}'
    )
    made = compose(asked(tmp_path, id=narrative), results(*RUN), kind="paper", lang="id")
    assert table_of(made)
    assert not [b for b in made.blocks if isinstance(b, m.Heading) and flat(b.c) == "Rencana dan yang dijalankan"]


def test_slides_and_studies_without_planned_methods_have_none(tmp_path):
    assert "tbl-plan" not in str(compose(asked(tmp_path), results(*RUN), kind="slides", lang="id"))
    assert "tbl-plan" not in str(compose(asked(tmp_path, plan=Plan()), results(*RUN), kind="paper", lang="id"))


def test_the_annex_has_a_sheet_of_it(tmp_path):
    more = {"outcomes": (), "synthetic": False, "sources": ()}
    book = openpyxl.load_workbook(io.BytesIO(xlsx(asked(tmp_path, **more), results(*RUN), "en")))
    sheets = {s.title: [[c.value for c in row] for row in s.iter_rows()] for s in book}
    (found,) = [rows for rows in sheets.values() if any("Deviation" in row for row in rows)]
    said = " ".join(str(v) for row in found for v in row if v)
    assert WHY["en"] in said
    assert "run, not planned" in said
    assert "3 deviations from the plan" in said
