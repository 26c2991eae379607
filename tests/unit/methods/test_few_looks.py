"""Held to counts by hand, and to the estimator itself run on the years before."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import donor_rules, placebo_in_time, randomization_inference, synthetic_control


class TestPlaceboInTime:
    def test_it_is_the_estimator_on_the_years_before(self, noisy_panel, roles):
        answer = placebo_in_time(noisy_panel, **roles, since=2014, seed=1)
        assert answer.table.term.tolist() == ["2011", "2012", "2013"]
        early = noisy_panel[noisy_panel.year < 2014]
        by_hand = randomization_inference(early, **roles, since=2012, seed=1).row(term="treated")
        row = answer.row(term="2012")
        for column in ("estimate", "std_error", "conf_low", "conf_high", "p_value", "n"):
            assert row[column] == pytest.approx(by_hand[column])
        assert answer.evidence["dates"].periods_before.tolist() == [1, 2, 3]

    def test_of_a_synthetic_control_it_is_the_pooled_effect(self, noisy_panel, roles):
        answer = placebo_in_time(noisy_panel, **roles, since=2014, seed=1, estimator="synthetic_control")
        early = noisy_panel[noisy_panel.year < 2014]
        by_hand = synthetic_control(early, **roles, since=2013, seed=1).row(term="pooled")
        assert answer.table.term.tolist() == ["2012", "2013"]
        assert answer.row(term="2013").estimate == pytest.approx(by_hand.estimate)
        assert answer.row(term="2013").p_value == pytest.approx(by_hand.p_value)

    def test_what_happens_after_does_not_matter(self, noisy_panel, roles):
        later = noisy_panel.assign(poor=noisy_panel.poor.where(noisy_panel.year < 2014, 99.0 * noisy_panel.pilot))
        first, second = (placebo_in_time(r, **roles, since=2014, seed=1).table for r in (noisy_panel, later))
        pd.testing.assert_frame_equal(first, second)

    def test_an_effect_before_treatment_is_found(self, noisy_panel, roles):
        early = noisy_panel.assign(poor=noisy_panel.poor + 9 * (noisy_panel.year >= 2012) * noisy_panel.pilot)
        status = {
            name: {c.name: c.status for c in placebo_in_time(rows, **roles, since=2014, seed=1).checks}
            for name, rows in (("early", early), ("late", noisy_panel))
        }
        assert status["early"]["placebo_in_time"] == "warn"
        assert status["late"]["placebo_in_time"] == "pass"

    @pytest.mark.parametrize("date", [2010, 2014])
    def test_a_date_with_nothing_on_one_side_is_refused(self, noisy_panel, roles, date):
        with pytest.raises(MethodError, match=str(date)):
            placebo_in_time(noisy_panel, **roles, since=2014, seed=1, dates=[date])


class TestDonorRules:
    @pytest.fixture
    def rows(self, make):
        """Levels 0, 10, …, 90, the treated at 50; a break in u002; two near, two with a programme."""
        rng = np.random.default_rng(1)
        Y = 10.0 * np.arange(10)[:, None] + rng.normal(0, 0.1, (10, 6))
        Y[2, 2:] += 4
        frame = make(Y, np.arange(10) == 5)
        return frame.assign(
            near=frame.place.isin(["u004", "u006"]), other=frame.place.isin(["u006", "u007"]),
        )  # fmt: skip

    def test_counts_and_reasons_by_hand(self, rows, roles):
        answer = donor_rules(
            rows, **roles, since=2014, neighbours=["near"], programmes=["other"], breaks=6, similar=1.4
        )  # one standard deviation of the levels is 30.3
        left = answer.table.set_index("term").estimate.astype(int).to_dict()
        assert left == {"all": 9, "neighbours:near": 7, "programmes:other": 6, "breaks": 5, "similar": 4, "kept": 4}
        rules = answer.evidence["rules"].set_index("rule")
        assert rules.alone.to_dict() == {"neighbours": 2, "programmes": 2, "breaks": 1, "similar": 1}
        assert rules.here.to_dict() == {"neighbours": 2, "programmes": 1, "breaks": 1, "similar": 1}
        donors = answer.evidence["donors"].set_index("unit")
        assert donors.index[donors.kept].tolist() == ["u001", "u003", "u008", "u009"]
        assert donors.reason["u006"] == "neighbours:near"
        assert donors.reason["u000"] == "similar"
        assert len(answer.evidence["exclusions"]) == 6
        assert {c.name: c.status for c in answer.checks} == {"donors_left": "warn", "donors_and_periods": "pass"}

    def test_what_happens_after_does_not_matter(self, rows, roles):
        later = rows.assign(poor=rows.poor + 500 * (rows.year >= 2014) * (rows.place > "u005"))
        first, second = (donor_rules(r, **roles, since=2014, breaks=6, similar=1.4).table for r in (rows, later))
        pd.testing.assert_frame_equal(first, second)

    def test_rules_that_leave_nobody_are_refused(self, rows, roles):
        with pytest.raises(MethodError, match="leave no donor"):
            donor_rules(rows.assign(near=True), **roles, since=2014, neighbours=["near"])

    def test_no_rule_is_refused(self, rows, roles):
        with pytest.raises(MethodError, match="No rule"):
            donor_rules(rows, **roles, since=2014)

    def test_a_mark_must_be_true_or_false(self, rows, roles):
        with pytest.raises(MethodError, match="near"):
            donor_rules(rows.assign(near="yes"), **roles, since=2014, neighbours=["near"])
