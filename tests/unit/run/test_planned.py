"""A plan that names what the chooser refuses for the study's own data stops before anything is run."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kesos_research.language import use, words
from kesos_research.run import planned
from kesos_research.study.plan import Plan

REASON = {"two_way_fixed_effects": words(id="Contoh buruk.", en="As what not to do.")}


def study(tmp_path, *methods, reasons=None):
    return SimpleNamespace(
        plan=Plan(**({"methods": methods} if methods else {}), reasons=reasons or {}),
        windows=None,
        adoption=SimpleNamespace(roles={"unit": "u", "period": "t", "since": "s"}, headline="y"),
        folder=tmp_path / "notebooks" / "studies" / "x",
        root=tmp_path,
    )


def panel(starts, n=40):
    dates = dict(enumerate(starts))
    rng = np.random.default_rng(1)
    rows = [{"u": u, "t": t, "y": rng.normal(), "s": dates.get(u, np.nan)} for u in range(n) for t in range(8)]
    return pd.DataFrame(rows)


@pytest.fixture
def staggered(monkeypatch):
    monkeypatch.setattr("kesos_research.data.read_adoption", lambda _: panel([3] * 6 + [5] * 6))


def test_a_refused_method_is_told_with_its_number_and_what_to_do(tmp_path, staggered):
    with use("en"):
        found = planned.refusals(study(tmp_path, "callaway_santanna", "two_way_fixed_effects"))
    assert [r.method for r in found] == ["two_way_fixed_effects"]
    assert not found[0].explained
    told = str(found[0].error)
    assert "plan.methods.2" in told
    assert "turn the sign" in told
    assert "%" in told
    assert "callaway_santanna" in told, "what to use instead"
    assert "reasons: two_way_fixed_effects:" in told
    assert found[0].error.exit_code == 2


def test_a_reason_lets_it_stay_and_is_told(tmp_path, staggered):
    with use("en"):
        (found,) = planned.refusals(study(tmp_path, "two_way_fixed_effects", reasons=REASON))
        assert found.explained
        assert "says why" in str(planned.kept(found))


def test_what_the_chooser_does_not_judge_is_left_alone(tmp_path, staggered):
    asked = ("callaway_santanna", "bacon_decomposition", "honest_did", "describe", "kaplan_meier", "before_after")
    assert planned.refusals(study(tmp_path, *asked)) == ()


def test_without_planned_methods_no_data_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr("kesos_research.data.read_adoption", lambda _: pytest.fail("read"))
    assert planned.refusals(study(tmp_path)) == ()


def test_studies_of_persons_are_not_judged(tmp_path):
    asked = study(tmp_path, "two_way_fixed_effects")
    asked.adoption = None
    assert planned.refusals(asked) == ()


@pytest.mark.parametrize(
    ("treated", "refused"),
    [
        (1, {"two_way_fixed_effects", "wild_bootstrap", "event_study", "callaway_santanna"}),
        (4, {"callaway_santanna"}),
        (12, set()),
    ],
)
def test_one_date_by_the_number_of_treated(tmp_path, monkeypatch, treated, refused):
    monkeypatch.setattr("kesos_research.data.read_adoption", lambda _: panel([5] * treated))
    asked = ("two_way_fixed_effects", "wild_bootstrap", "event_study", "callaway_santanna", "diff_in_diff")
    found = {r.method for r in planned.refusals(study(tmp_path, *asked))}
    assert found - {"wild_bootstrap"} == refused - {"wild_bootstrap"}
    assert ("wild_bootstrap" in found) >= ("wild_bootstrap" in refused)
