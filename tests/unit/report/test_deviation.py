"""The plan against what was run: every departure is told, and nothing else is called one."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from kesos_research.estimates import Call
from kesos_research.language import words
from kesos_research.report.collect import Results, Told
from kesos_research.report.deviation import against_plan, lines, summary, with_plan
from kesos_research.study import NotebookUse
from kesos_research.study.plan import Plan

ASKED = ("diff_in_diff", "synthetic_control")
CODEBOOK = """
berkas: rows.csv
sintetis: ya
satuan_pengamatan: region
kunci: [kode]
kosong: [""]
kolom:
  kode: {label: {id: Kode, en: Code}, jenis: wilayah, wajib: ya, peran: id, sensitivitas: publik}
  p0:
    label: {id: Persentase penduduk miskin, en: Poverty rate}
    jenis: bilangan
    satuan: {id: persen, en: percent}
    peran: outcome
    sensitivitas: publik
"""
SHOWN = words(id="Sebagai contoh buruk.", en="As what not to do.")


def study(tmp_path: Path, profile: str = "", **plan):
    path = tmp_path / "profil.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": profile}]}), encoding="utf-8")
    return SimpleNamespace(
        plan=Plan(**{"methods": ASKED, **plan}) if plan.get("methods") != () else Plan(),
        notebooks=(NotebookUse.model_construct(notebook="profil", per="treated"),),
        notebook=lambda name: tmp_path / f"{name}.ipynb",
    )


def ran(*calls: Call) -> Results:
    return Results(sequences={"evaluasi": Told("evaluasi", calls=calls)})


DONE = (Call("diff_in_diff", "p0", 0.95), Call("synthetic_control", "p0", 0.95, 9999))


def departing(study, *calls: Call) -> list[tuple[str, str, str]]:
    return [(x.planned["en"], x.deviation["en"], x.reason["en"]) for x in lines(study, ran(*calls)) if x.departs]


def test_a_plan_that_was_kept_says_so(tmp_path):
    found = lines(study(tmp_path), ran(*DONE))
    assert [line.departs for line in found] == [False, False]
    assert [line.done["en"] for line in found] == ["yes (p0)", "yes (p0)"]
    assert summary(found)["en"].startswith("No deviations from the plan")
    assert summary(found)["id"] != summary(found)["en"]


def test_outcomes_are_told_in_the_words_of_the_study(tmp_path):
    asked = study(tmp_path)
    asked.outcomes, asked.headline = ("p0", "tpt"), "p0"
    both_outcomes = (*DONE, Call("diff_in_diff", "tpt", 0.95))
    found = [line.done["en"] for line in lines(asked, ran(*both_outcomes))]
    assert found == ["yes, on every outcome", "yes, on the main outcome"]
    assert "yes (p0, x)" in [line.done["en"] for line in lines(asked, ran(*DONE, Call("synthetic_control", "x")))]


def test_a_codebook_gives_outcomes_their_words(tmp_path):
    book = tmp_path / "codebook.yaml"
    book.write_text(CODEBOOK, encoding="utf-8")
    asked = study(tmp_path)
    asked.sources = (SimpleNamespace(codebook=book),)
    asked.evaluation = SimpleNamespace(
        headline=SimpleNamespace(id="kerja"), outcomes=[SimpleNamespace(id="kerja", name=words(id="Kerja", en="Work"))]
    )
    calls = [Call("diff_in_diff", o, 0.95) for o in ("kerja, p0", "made_here")]
    found = lines(asked, ran(*calls, Call("synthetic_control", "made_here", 0.95)))
    assert [line.done["en"] for line in found] == ["yes, on every outcome; also poverty rate", "yes"]
    assert found[0].done["id"].endswith("persentase penduduk miskin")


def test_planned_and_not_run(tmp_path):
    assert departing(study(tmp_path), DONE[0]) == [("Synthetic control", "planned, not run", "not given")]
    told = study(tmp_path, reasons={"synthetic_control": words(id="Donor kurang.", en="Too few donors.")})
    assert departing(told, DONE[0]) == [("Synthetic control", "planned, not run", "Too few donors.")]


def test_a_method_that_refused_the_rows_was_not_carried_out(tmp_path):
    refused = replace(DONE[1], answered=False)
    found = lines(study(tmp_path), ran(DONE[0], refused))[1]
    assert found.departs
    assert "refused" in found.done["en"]


def test_run_and_not_planned(tmp_path):
    extra = Call("two_way_fixed_effects", "p0", 0.95)
    assert departing(study(tmp_path), *DONE, extra) == [("–", "run, not planned", "not given")]
    assert summary(lines(study(tmp_path), ran(*DONE, extra)))["en"].startswith("One deviation")
    told = study(tmp_path, reasons={"two_way_fixed_effects": SHOWN})
    assert departing(told, *DONE, extra) == [("–", "run, not planned", SHOWN["en"])]


def test_what_the_chooser_takes_and_what_only_checks_is_no_deviation(tmp_path):
    chooser = Call("chooser", "p0", 0.95, 9999, verdicts={"event_study": "used", "imputation": "open"})
    more = (chooser, Call("event_study", "p0", 0.95, 9999), Call("placebo_in_time", "p0", 0.95, 9999))
    found = lines(study(tmp_path), ran(*DONE, *more))
    assert [line.departs for line in found] == [False] * 5
    assert departing(study(tmp_path), *DONE, chooser, Call("imputation", "p0", 0.95)) != []


def test_statistics_that_are_no_impact_method_are_not_looked_at(tmp_path):
    assert len(lines(study(tmp_path), ran(*DONE, Call("mean", "p0", 0.95)))) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("diff_in_diff", "p0", 0.9), ("Confidence level 0.95", "Difference in differences: 0.90")),
        (Call("synthetic_control", "p0", 0.95, 19_999), ("Draws 9,999", "Synthetic control: 19,999")),
    ],
    ids=["level", "draws"],
)
def test_settings_that_differ(tmp_path, call, said):
    found = [x for x in lines(study(tmp_path), ran(*DONE, call)) if x.departs]
    assert [(x.planned["en"], x.done["en"]) for x in found] == [said]
    assert found[0].deviation["en"] == "another setting"


def test_draws_of_another_kind_are_not_the_plans(tmp_path):
    plan = study(tmp_path, methods=(*ASKED, "synthetic_did"))
    assert departing(plan, *DONE, Call("synthetic_did", "p0", 0.95, 200)) == []


def test_a_method_of_each_regions_profile_is_done_there(tmp_path):
    plan = study(tmp_path, "found = methods.nearest_units(rows, n=5)", methods=(*ASKED, "nearest_units"))
    assert departing(plan, *DONE) == []
    assert "profile" in lines(plan, ran(*DONE))[2].done["en"]
    silent = study(tmp_path, "x = nearest_units", methods=(*ASKED, "nearest_units"))
    assert departing(silent, *DONE) == [("Most similar units", "planned, not run", "not given")]


def test_without_planned_methods_there_is_no_table(tmp_path):
    results = ran(*DONE)
    assert against_plan(study(tmp_path, methods=()), results) is None
    assert with_plan(SimpleNamespace(), results) is results


def test_the_table_is_an_exhibit_in_both_languages(tmp_path):
    made = with_plan(study(tmp_path), ran(*DONE)).exhibits["tbl-plan"]
    assert [c.key for c in made.columns] == ["planned", "done", "deviation"], "no reasons, no column of them"
    told = with_plan(study(tmp_path, reasons={"synthetic_control": SHOWN}), ran(*DONE)).exhibits["tbl-plan"]
    assert [c.key for c in told.columns] == ["planned", "done", "deviation", "reason"]
    assert all(set(row[key]) == {"id", "en"} for row in made.rows for key in row)
    assert made.caption["id"].startswith("Tidak ada penyimpangan")
