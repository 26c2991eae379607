"""The words a study may use are those the rooms know."""

from typing import get_args

from kesos_research import methods
from kesos_research.domain import indicators, programmes
from kesos_research.study.plan import Method, Plan, Years


def test_every_method_of_a_plan_exists():
    assert set(get_args(Method)) <= set(methods.__all__)


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
