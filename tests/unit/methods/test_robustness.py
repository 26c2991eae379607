"""Held to running the estimator again without each unit."""

import numpy as np
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import diff_in_diff, leave_one_out, synthetic_control


@pytest.mark.parametrize("leave", ["treated", "donors"])
def test_difference_in_differences_without_each(noisy_panel, roles, leave):
    answer = leave_one_out(noisy_panel, **roles, since=2014, leave=leave)
    left = answer.evidence["left_out"]
    units = sorted(noisy_panel.loc[noisy_panel.pilot == (leave == "treated"), "place"].unique())
    assert left.unit.tolist() == units
    for u, estimate in zip(left.unit, left.estimate, strict=True):
        again = diff_in_diff(noisy_panel[noisy_panel.place != u], **roles, since=2014)
        assert estimate == pytest.approx(again.row(term="treated").estimate)
    assert answer.row(term="low").estimate == left.estimate.min()
    assert answer.row(term="high").estimate == left.estimate.max()


@pytest.mark.parametrize("leave", ["treated", "donors"])
def test_synthetic_control_without_each(noisy_panel, roles, leave):
    noisy_panel = noisy_panel[noisy_panel.place < "u016"]
    answer = leave_one_out(noisy_panel, **roles, since=2014, estimator="synthetic_control", leave=leave)
    whole = synthetic_control(noisy_panel, **roles, since=2014, seed=1)
    assert answer.row(term="all").estimate == pytest.approx(whole.row(term="pooled").estimate)
    left = answer.evidence["left_out"]
    if leave == "donors":
        assert set(left.unit) == set(whole.evidence["weights"].donor)
    # leaving out a treated unit must not make it a donor: it leaves the rows
    for u, estimate in zip(left.unit, left.estimate, strict=True):
        again = synthetic_control(noisy_panel[noisy_panel.place != u], **roles, since=2014, seed=1)
        assert estimate == pytest.approx(again.row(term="pooled").estimate)


def test_a_sign_that_hangs_on_one_unit_is_said(make, roles):
    Y = np.zeros((8, 2))
    Y[:, 1] = [9, -1, -1, 0.1, -0.1, 0.2, -0.2, 0]
    check = leave_one_out(make(Y, np.arange(8) < 3), **roles, since=2011).checks[0]
    assert check.status == "warn"
    assert "−1.00" in check.say("en")
    assert "−1,00" in check.say("id")


@pytest.mark.parametrize(("estimator", "leave", "keep"), [
    ("diff_in_diff", "treated", ["u000", "u010", "u011"]),
    ("diff_in_diff", "donors", ["u000", "u001", "u010"]),
    ("synthetic_control", "donors", ["u000", "u001", "u010", "u011"]),
])  # fmt: skip
def test_nobody_to_leave_out_is_refused(noisy_panel, roles, estimator, leave, keep):
    with pytest.raises(MethodError):
        leave_one_out(noisy_panel[noisy_panel.place.isin(keep)], **roles, since=2014, estimator=estimator, leave=leave)
