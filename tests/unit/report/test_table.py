"""Tables from tidy rows: what is shown, in which order, with which words."""

import json

import numpy as np
import pandas as pd
import pytest

from kesos_research import report
from kesos_research.disclosure import Published, protect
from kesos_research.errors import DisclosureError, DocumentError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import words
from kesos_research.report.exhibit import EXHIBIT_MIME

RULE = Published(source=words(id="Sumber A", en="Source A"))
NAMES = {"p0": words(id="Kemiskinan", en="Poverty"), "tpt": words(id="Pengangguran", en="Unemployment")}


def effects():
    table = pd.DataFrame(
        {
            "outcome": ["p0", "tpt", "p0"],
            "term": ["2014_2015", "2014_2015", "2014_2019"],
            "estimate": [0.034, -0.7, np.nan],
            "conf_low": [-1.9, -2.1, np.nan],
            "conf_high": [2.0, 0.7, np.nan],
            "p_value": [0.96, 0.37, 0.87],
            "n": [491, 497, 490],
        }
    )
    checks = (Check("few", "warn", "{n} treated", {"n": 5}), Check("few", "warn", "{n} treated", {"n": 5}))
    return protect(Estimates(table, "did", "difference", by=("outcome",), checks=checks), rule=RULE)


def test_estimates_make_a_table_by_themselves():
    made = report.table(effects(), id="tbl-did").laid_out()
    assert [(c.key, c.kind) for c in made.columns] == [
        ("outcome", "text"),
        ("term", "text"),
        ("estimate", "number"),
        ("interval", "interval"),
        ("p_value", "p"),
        ("n", "integer"),
    ]
    assert made.rows[0]["interval"] == [-1.9, 2.0]
    assert made.rows[2]["estimate"] is None
    assert made.source["en"] == "Source A"
    assert made.public


def test_group_rows_in_words_whatever_the_order_of_verbs():
    table = report.table(effects(), id="tbl-did")
    first = table.with_groups("outcome").with_names(outcome=NAMES).with_columns("term", "estimate")
    second = table.with_columns("term", "estimate").with_names(outcome=NAMES).with_groups("outcome")
    assert first.laid_out() == second.laid_out()
    assert [dict(r) for r in first.laid_out().rows] == [
        {"group": NAMES["p0"]},
        {"term": "2014_2015", "estimate": 0.034},
        {"term": "2014_2019", "estimate": None},
        {"group": NAMES["tpt"]},
        {"term": "2014_2015", "estimate": -0.7},
    ]


def test_rows_are_chosen_and_ordered():
    made = report.table(effects(), id="tbl-did").with_rows(outcome=["tpt", "p0"], term=["2014_2015"]).laid_out()
    assert [(r["outcome"], r["term"]) for r in made.rows] == [("tpt", "2014_2015"), ("p0", "2014_2015")]


def test_labels_units_decimals_and_names():
    made = (
        report.table(effects(), id="tbl-did")
        .with_columns("term", "estimate")
        .with_labels(term=words(id="Masa", en="Window"))
        .with_units(estimate=words(id="poin", en="points"))
        .with_decimals(estimate=3, outcome={"tpt": 1})
        .with_names(term={"2014_2015": "2014–2015"})
        .with_caption(id="Judul", en="Title")
        .wide()
        .laid_out()
    )
    assert made.columns[0].label["id"] == "Masa"
    assert (made.columns[1].decimals, made.columns[1].unit["en"]) == (3, "points")
    assert made.rows[0]["term"] == words(id="2014–2015", en="2014–2015")
    assert [r.get("decimals") for r in made.rows] == [None, 1, None]
    assert (made.caption["id"], made.width) == ("Judul", "page")


def test_characteristics_stand_beside_each_other():
    rows = pd.DataFrame(
        {
            "term": ["p0", "p0", "tpt", "tpt"],
            "group_of": ["treated", "others", "treated", "others"],
            "estimate": [10.1, 14.2, 5.0, 6.0],
        }
    )
    made = (
        report.table(protect(rows, rule=RULE), id="tbl-characteristics")
        .with_spread("group_of")
        .with_names(term=NAMES, group_of={"treated": words(id="Percontohan", en="Pilots"), "others": "x"})
        .with_decimals(term={"p0": 1})
        .laid_out()
    )
    assert [c.label["en"] for c in made.columns] == ["Term", "Pilots", "x"]
    assert [list(r.values()) for r in made.rows] == [[NAMES["p0"], 10.1, 14.2, 1], [NAMES["tpt"], 5.0, 6.0]]


def test_two_values_for_one_cell_are_refused():
    rows = pd.DataFrame({"term": ["p0", "p0"], "by": ["a", "a"], "estimate": [1.0, 2.0]})
    with pytest.raises(DocumentError):
        report.table(protect(rows, rule=RULE), id="tbl-x").with_spread("by").laid_out()


def test_years_have_no_thousands_mark():
    rows = pd.DataFrame({"year": [2014], "value": [1.5], "k": [3], "known": [True]})
    made = report.table(protect(rows, rule=RULE), id="tbl-x").laid_out()
    assert [c.kind for c in made.columns] == ["text", "number", "integer", "text"]


def test_checks_are_told_once_in_both_languages():
    made = report.checks(effects(), effects(), id="tbl-checks").laid_out()
    assert [r["check"] for r in made.rows] == [words(id="5 treated", en="5 treated")]
    grouped = report.checks(effects(), id="tbl-checks", names=[NAMES["p0"]]).laid_out()
    assert grouped.rows[0] == {"group": NAMES["p0"]}
    with pytest.raises(DocumentError):
        report.checks(effects(), id="tbl-checks", names=[NAMES["p0"], NAMES["tpt"]])


def test_checks_name_columns_in_words():
    seen = Check("seen", "info", "{covariate} and {others}, {n}", {"covariate": "p0", "others": "tpt, x", "n": 5})
    table = pd.DataFrame({"term": ["all"], "estimate": [1.0]})
    found = protect(Estimates(table, "mean", "mean", checks=(seen,)), rule=RULE)
    said = report.checks(found, id="tbl-checks", columns=NAMES).laid_out().rows[0]["check"]
    assert said == {lang: f"{NAMES['p0'][lang]} and {NAMES['tpt'][lang]}, x, 5" for lang in ("id", "en")}
    assert report.checks(found, id="tbl-checks").laid_out().rows[0]["check"]["en"] == "p0 and tpt, x, 5"


def test_the_bundle_is_plain_json_with_what_is_shown_only():
    bundle = report.table(effects(), id="tbl-did").with_columns("term", "n")._repr_mimebundle_()
    told = json.loads(json.dumps(bundle[EXHIBIT_MIME], allow_nan=False))
    assert told["kind"] == "table"
    assert set(told["rows"][0]) == {"term", "n"}


def test_only_protected_rows_are_accepted():
    for given in (pd.DataFrame({"a": [1]}), None):
        with pytest.raises(DisclosureError):
            report.table(given, id="tbl-x")
        with pytest.raises(DisclosureError):
            report.checks(given, id="tbl-x")


@pytest.mark.parametrize("id", ["did", "fig-did", "tbl-", "tbl-a b", "tbl-<b>"])
def test_ids_that_cannot_be_referred_to_are_refused(id: str):
    with pytest.raises(DocumentError):
        report.table(effects(), id=id)


def test_what_is_not_there_is_refused():
    table = report.table(effects(), id="tbl-did")
    for ask in (
        lambda: table.with_columns("nothing"),
        lambda: table.with_labels(nothing=words(id="", en="")),
        lambda: table.with_groups("nothing"),
        lambda: table.with_names(nothing={}),
        lambda: table.with_rows(term=["1999"]),
        lambda: table.with_columns("term").with_decimals(estimate=1),
    ):
        with pytest.raises(DocumentError):
            ask()
