"""The guard: only `protect` makes what may be shown, and only under a rule."""

import copy
import dataclasses

import pandas as pd
import pytest

from kesos_research.disclosure import Protected, Published, protect
from kesos_research.errors import DisclosureError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import words

RULE = Published(source=words(id="BPS", en="BPS"))
FRAME = pd.DataFrame({"wilayah": ["33.14"], "p0": [15.0]})


def estimates() -> Estimates:
    return Estimates(
        pd.DataFrame({"term": ["treated"], "estimate": [0.03], "n": [491]}),
        method="diff_in_diff",
        estimand="a difference",
        checks=(Check("balance", "pass", "balanced"),),
        evidence={"draws": pd.DataFrame({"draw": [1.0]})},
    )


def test_rows_and_estimates_pass_under_a_rule_and_are_marked():
    shown = protect(FRAME, rule=RULE)
    assert shown.public
    assert shown.rule.source["id"] == "BPS"
    assert shown.table.equals(FRAME)
    answer = protect(estimates(), rule=RULE)
    assert (answer.method, answer.level, [c.name for c in answer.checks]) == ("diff_in_diff", 0.95, ["balance"])


@pytest.mark.parametrize("rule", [None, "public", {"source": "BPS"}, True])
def test_without_a_rule_nothing_leaves(rule):
    with pytest.raises(DisclosureError):
        protect(FRAME, rule=rule)


def test_the_rule_must_be_said():
    with pytest.raises(TypeError):
        protect(FRAME)  # type: ignore[call-arg]


def test_nobody_else_makes_protected():
    for forged in (
        lambda: Protected(FRAME, RULE),
        lambda: Protected(FRAME, RULE, _key=object()),
        lambda: dataclasses.replace(protect(FRAME, rule=RULE), _key=None),
    ):
        with pytest.raises(TypeError):
            forged()


def test_what_is_shown_is_a_copy_of_the_rows():
    frame = FRAME.copy()
    shown = protect(frame, rule=RULE)
    frame.loc[0, "p0"] = 99.0
    assert shown.table.loc[0, "p0"] == 15.0


def test_evidence_goes_out_under_the_same_rule_only():
    answer = protect(estimates(), rule=RULE)
    behind = answer.behind("draws")
    assert isinstance(behind, Protected)
    assert behind.rule is RULE
    with pytest.raises(DisclosureError):
        answer.behind("weights")
    with pytest.raises(TypeError):
        answer.evidence["draws"] = FRAME  # type: ignore[index]


def test_a_protected_table_cannot_be_replaced():
    shown = protect(FRAME, rule=RULE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown.table = FRAME  # type: ignore[misc]
    assert copy.copy(shown).table.equals(FRAME)


def test_another_unit_is_taken_on_after_the_guard():
    shown = protect(
        pd.DataFrame({"estimate": [0.25], "std_error": [0.05], "conf_low": [0.15], "n": [40]}), rule=RULE
    ).scaled(100)
    assert shown.table.iloc[0].to_dict() == {"estimate": 25.0, "std_error": 5.0, "conf_low": 15.0, "n": 40.0}
