"""The words a study may use are those the rooms know."""

import pytest
from pydantic import ValidationError

from kesos_research.domain import indicators, programmes
from kesos_research.study.plan import Plan, Years


def test_reasons_are_given_for_methods_and_settings_in_both_languages():
    plan = Plan.model_validate({"reasons": {"cox": {"id": "a", "en": "b"}, "level": {"id": "c", "en": "d"}}})
    assert plan.reasons["cox"] == {"id": "a", "en": "b"}
    for bad in ({"twfe": {"id": "a", "en": "b"}}, {"cox": "a"}, {"cox": {"id": "a"}}, "cox"):
        with pytest.raises(ValidationError):
            Plan.model_validate({"reasons": bad})


def test_without_methods_nothing_is_planned():
    assert Plan().methods == ()


def test_the_standing_settings_are_those_of_the_notes():
    """λ = .1 on the headline, at least 9,999 draws, power .8, level .95 (docs/methods)."""
    plan = Plan()
    assert (plan.penalty, plan.draws, plan.power, plan.level) == (0.1, 9999, 0.8, 0.95)
    assert plan.penalty in plan.penalties


def test_a_single_year():
    year = Years.model_validate("2012")
    assert (year.name, year.label, year.years) == ("2012", "2012", (2012,))


def test_the_registers_are_not_empty():
    assert {"p0", "tpt", "rls", "pdrb_kapita"} <= {i.code for i in indicators()}
    assert "PKST" in {p.code for p in programmes()}
