"""Withheld is a dash, imprecise a letter; a note explains both in both languages; claims carry it."""

import json

import pandas as pd
import pytest

from kesos_research import report
from kesos_research.disclosure import RECORD_MIME, PersonRule, protect
from kesos_research.errors import DocumentError
from kesos_research.estimates import Estimates
from kesos_research.language import words
from kesos_research.report.collect import Results, collect
from kesos_research.report.document.narrative import Source
from kesos_research.report.document.template import Telling
from kesos_research.report.exhibit import CLAIM_MIME, EXHIBIT_MIME
from kesos_research.report.words import cell

RULE = PersonRule(decided_by="Tim", population="survei", unit="household")


def shown():
    table = pd.DataFrame(
        {
            "kab": ["a", "b", "c", "d"],
            "term": "p0",
            "estimate": [0.10, 0.20, 0.30, 0.40],
            "std_error": [0.01, 0.08, 0.2, 0.01],
            "conf_low": [0.08, 0.1, 0.0, 0.38],
            "conf_high": [0.12, 0.3, 0.7, 0.42],
            "n": [400, 100, 60, 4],
        }
    )
    return protect(Estimates(table, "mean", "x", by=("kab",)), rule=RULE)


def test_a_table_shows_dash_and_letters_and_explains_them():
    made = report.table(shown(), id="tbl-x").laid_out()
    column = next(c for c in made.columns if c.key == "estimate")
    said = [cell(r["estimate"], column, "id", mark=r.get("marks", {}).get("estimate", "")) for r in made.rows]
    assert said == ["0,10", "0,20ᵇ", "0,30ᶜ", "–"]
    assert all(mark in made.note["id"] and mark in made.note["en"] for mark in ("–:", "ᵇ", "ᶜ"))
    assert "above 25 and up to 50 percent" in made.note["en"]
    assert not {"mark", "_mark"} & {c.key for c in made.columns}


def test_only_the_marks_that_are_used_are_explained():
    made = report.table(shown().only(kab=["a", "b"]), id="tbl-x").laid_out()
    assert "ᵇ" in made.note["en"]
    assert not any(mark in made.note["en"] for mark in ("ᶜ", "–:"))


def test_marks_stay_with_their_numbers_when_spread():
    made = report.table(shown(), id="tbl-x").with_columns("term").with_spread("kab").laid_out()
    (row,) = made.rows
    assert row["marks"] == {"estimate:b": "b", "estimate:c": "c"}
    assert row["estimate:d"] is None


def test_claims_carry_their_quality_and_no_hidden_number():
    made = report.claims(shown(), "p0.{kab}", unit="").claims
    assert {c.name: c.quality for c in made} == {"p0.a": "", "p0.b": "b", "p0.c": "c", "p0.d": "withheld"}
    hidden = made[3]
    assert (hidden.estimate, hidden.std_error, hidden.n) == (None, None, None)


def test_the_hash_of_a_claim_does_not_hang_on_what_is_hidden():
    other = shown().table.copy()
    frame = pd.DataFrame({"kab": ["a", "d"], "n": [400, 4], "y": [1.0, 2.0]})
    one, two = (protect(frame.assign(y=[1.0, v]), rule=RULE, by="kab", n="n") for v in (2.0, 3.0))
    first, second = (report.claim(p, "y", unit="", of="y", kab="a").claims[0] for p in (one, two))
    assert first.inputs == second.inputs
    assert first.guard == second.guard
    assert other.loc[3, "estimate"] != other.loc[3, "estimate"]


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize(
    "asked",
    [
        "| number(2)", "| integer", "| signed", "| magnitude", "| percent", "| spelled", "| year", "| interval",
        "| p", "| verdict", "| direction", ".estimate | number(1)", ".n | integer",
    ],
)  # fmt: skip
def test_a_withheld_claim_is_a_dash_in_every_filter(lang, asked):
    claims = {c.name: c for c in report.claims(shown(), "p0.{kab}", unit="").claims}
    telling = Telling(None, Results(claims), lang, {})
    text = telling.fill(Source("narasi", "{{ claim('p0.d') " + asked + " }}", lang))
    telling.finish()
    assert text == "–"


def test_withheld_is_never_distinguishable():
    claims = {c.name: c for c in report.claims(shown(), "p0.{kab}", unit="").claims}
    telling = Telling(None, Results(claims), "en", {})
    assert telling.fill(Source("n", "{% if claim('p0.d') is distinguishable %}x{% else %}y{% endif %}", "en")) == "y"
    telling.finish()


def test_records_travel_beside_exhibits_and_claims(tmp_path):
    table, claim = report.table(shown(), id="tbl-x"), report.claim(shown(), "p0", unit="", kab="a")
    outputs = [
        {"output_type": "execute_result", "data": json.loads(json.dumps(o._repr_mimebundle_()))} for o in (table, claim)
    ]
    assert "records" not in outputs[0]["data"][EXHIBIT_MIME]
    assert outputs[1]["data"][CLAIM_MIME][0]["guard"] == outputs[0]["data"][EXHIBIT_MIME]["guards"][0]
    path = tmp_path / "b.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "", "outputs": outputs}]}))
    results = collect([path])
    assert results.guards == {shown().record.digest: shown().record}
    assert results.exhibits["tbl-x"].guards == (shown().record.digest,)
    outputs[0]["data"][RECORD_MIME][0]["primary"] = 0
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "", "outputs": outputs}]}))
    with pytest.raises(DocumentError):
        collect([path])


def test_figures_show_what_is_withheld():
    from kesos_research.disclosure import Published

    places = pd.DataFrame({"code": list("abcd"), "lat": [0.0, -2.0, -5.0, 3.0], "lon": [98.0, 110.0, 120.0, 135.0]})
    public = protect(places, rule=Published(words(id="x", en="x")))
    alt = words(id="Peta.", en="A map.")
    made = report.figure.dot_map(
        shown().renamed(kab="code", estimate="value").beside(public, on="code"),
        id="fig-x", alt=alt, label="P0", unit="", names={}, breaks=[0.15, 0.25],
    )  # fmt: skip
    assert "withheld" in made.svg["en"]
    assert "tidak ditampilkan" in made.svg["id"]
    assert "no figure" not in made.svg["en"]
    assert all(mark in made.note["id"] for mark in ("ᵇ", "–:"))
    forest = report.figure.forest(
        shown().renamed(kab="group"),
        id="fig-y", alt=alt, panels=[report.figure.Panel("all", "P0", "")],
        names={k: k for k in ("a", "b", "c", "d", "p0")},
    )  # fmt: skip
    assert all(mark in forest.svg["en"] for mark in ("ᵇ", "ᶜ", "–"))
