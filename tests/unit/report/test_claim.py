"""Claims come from protected rows only, and carry what the rows say."""

import json

import numpy as np
import pandas as pd
import pytest

from kesos_research import report
from kesos_research.disclosure import Published, protect
from kesos_research.errors import DisclosureError, DocumentError
from kesos_research.estimates import Estimates
from kesos_research.language import words
from kesos_research.report.exhibit import CLAIM_MIME

RULE = Published(source=words(id="BPS", en="BPS"))


def estimates() -> Estimates:
    table = pd.DataFrame(
        {
            "outcome": ["p0", "p0", "tpt"],
            "term": ["33.14", "pooled", "pooled"],
            "estimate": [np.float64(-1.13), 0.034, -0.7],
            "p_value": [np.nan, 0.96, 0.37],
            "conf_low": [np.nan, -1.9, -np.inf],
            "conf_high": [np.nan, 2.0, np.inf],
            "n": [491, 491, 497],
        }
    )
    return Estimates(table, "synthetic_control", "difference", by=("outcome",))


def test_a_claim_is_one_row():
    (made,) = report.claim(
        protect(estimates(), rule=RULE), "p0.sc.pooled", unit="points", outcome="p0", term="pooled"
    ).claims
    assert (made.name, made.estimate, made.conf_low, made.n) == ("p0.sc.pooled", 0.034, -1.9, 491)
    assert (made.std_error, made.method, made.public, made.level) == (None, "synthetic_control", True, 0.95)
    assert type(made.n) is int
    assert len(made.inputs) == 64


def test_claims_are_named_from_their_rows_with_a_unit_for_each_outcome():
    units = {"p0": words(id="poin persentase", en="percentage points"), "tpt": "pp"}
    made = report.claims(protect(estimates(), rule=RULE), "{outcome}.sc.{term}", unit=units).claims
    assert [(c.name, c.unit) for c in made] == [
        ("p0.sc.33.14", "percentage points"),
        ("p0.sc.pooled", "percentage points"),
        ("tpt.sc.pooled", "pp"),
    ]
    assert made[0].p_value is None
    assert (made[2].conf_low, made[2].conf_high) == (None, None)


def test_claims_of_chosen_rows():
    shown = protect(estimates(), rule=RULE)
    assert [c.name for c in report.claims(shown, "{outcome}.x", unit="", term="pooled").claims] == ["p0.x", "tpt.x"]
    assert len(report.claims(shown, "{outcome}.{term}", unit="", outcome=["p0"]).claims) == 2


def test_a_claim_of_another_column():
    counted = protect(pd.DataFrame({"cells": [330], "filled": [7]}), rule=RULE)
    together = report.together(
        report.claim(counted, "bukti.cells", unit="cells", of="cells"),
        report.claim(counted, "bukti.filled", unit="cells", of="filled"),
    )
    assert [(c.name, c.estimate) for c in together.claims] == [("bukti.cells", 330.0), ("bukti.filled", 7.0)]


def test_the_same_rows_have_the_same_digest_and_others_have_not():
    shown = protect(estimates(), rule=RULE)
    first, again = (report.claim(shown, "x", unit="", outcome="tpt").claims[0] for _ in range(2))
    other = protect(estimates().table.iloc[:1], rule=RULE)
    assert first.inputs == again.inputs != report.claim(other, "x", unit="").claims[0].inputs


@pytest.mark.parametrize("given", [estimates(), estimates().table, None, 0.03])
def test_only_protected_rows_are_accepted(given: object):
    for ask in (lambda: report.claim(given, "x", unit=""), lambda: report.claims(given, "{term}", unit="")):
        with pytest.raises(DisclosureError):
            ask()


@pytest.mark.parametrize("name", ["", "a b", "a..b", ".a", 'x") }}', "a-b", "á"])
def test_names_that_no_narrative_could_look_up_are_refused(name: str):
    with pytest.raises(DocumentError):
        report.claim(protect(estimates(), rule=RULE), name, unit="", outcome="tpt")


def test_what_is_not_one_row_is_refused():
    shown = protect(estimates(), rule=RULE)
    with pytest.raises(DocumentError, match="2"):
        report.claim(shown, "x", unit="", outcome="p0")
    with pytest.raises(DocumentError, match="0"):
        report.claim(shown, "x", unit="", outcome="hls")
    with pytest.raises(DocumentError, match="window"):
        report.claim(shown, "x", unit="", window="2014")
    with pytest.raises(DocumentError, match="p0"):
        report.claims(shown, "{outcome}", unit="")
    with pytest.raises(DocumentError):
        report.claims(shown, "{outcome}.{term}", unit="", outcome="hls")
    with pytest.raises(DocumentError, match="tpt"):
        report.claims(shown, "{outcome}.{term}", unit={"p0": "x"})


def test_a_cell_shows_json_without_nan():
    bundle = report.claims(protect(estimates(), rule=RULE), "{outcome}.{term}", unit="")._repr_mimebundle_()
    told = json.loads(json.dumps(bundle[CLAIM_MIME], allow_nan=False))
    assert told[0]["p_value"] is None
    assert "p0.33.14" in bundle["text/html"]
