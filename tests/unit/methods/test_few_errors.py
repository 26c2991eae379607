"""Rows that cannot carry a method: refused with what was found, what was expected and what to try."""

import numpy as np
import pytest

from kesos_research import methods
from kesos_research.errors import MethodError

CALLS = {
    "randomization_inference": {"seed": 1},
    "rescaled_randomization": {"seed": 1},
    "exchangeability": {"seed": 1},
    "synthetic_control": {"seed": 1},
    "augmented_synthetic_control": {"seed": 1},
    "conformal_synthetic_control": {},
    "synthetic_did": {"seed": 1},
    "placebo_in_time": {"seed": 1},
    "donor_rules": {"similar": 2.0},
}

BAD = {
    "no never-treated": (lambda r: r.assign(pilot=True), "All 8 units are treated"),
    "nobody treated": (lambda r: r.assign(pilot=False), "No unit is treated"),
    "one period": (lambda r: r[r.year == 2012], "no period"),
    "treated from the start": (lambda r: r[r.year >= 2013], "no period before"),
    "unbalanced": (lambda r: r.drop(index=3), "lack a period: u000"),
    "duplicates": (lambda r: r.loc[[*r.index, 5]], "repeat a unit and period"),
    "outcome all missing": (lambda r: r.assign(poor=np.nan), "Values are missing"),
    "outcome constant": (lambda r: r.assign(poor=3.0), "same everywhere"),
    "no rows": (lambda r: r[:0], "no rows"),
    "infinite": (lambda r: r.assign(poor=np.inf), "infinite"),
    "treated changes": (lambda r: r.assign(pilot=r.pilot & (r.year > 2012)), "changes within"),
    "treated is text": (lambda r: r.assign(pilot=r.pilot.map({True: "y", False: "n"})), "pilot"),
}


@pytest.fixture
def rows(make):
    return make(np.random.default_rng(1).normal(10, 2, (8, 6)), np.arange(8) < 2)


@pytest.mark.parametrize("fault", BAD)
@pytest.mark.parametrize("name", CALLS)
def test_bad_rows_are_refused_in_words(name, fault, rows, roles):
    change, said = BAD[fault]
    with pytest.raises(MethodError, match=said) as caught:
        getattr(methods, name)(change(rows), **roles, since=2013, **CALLS[name])
    assert caught.value.expected


@pytest.mark.parametrize("name", ["synthetic_control", "augmented_synthetic_control", "conformal_synthetic_control"])
def test_fewer_donors_than_needed(name, rows, roles):
    with pytest.raises(MethodError, match="one comparison unit"):
        getattr(methods, name)(rows[rows.place <= "u002"], **roles, since=2013, **CALLS[name])


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("randomization_inference", {"statistic": "median"}),
        ("synthetic_did", {"std_error": "bootstrap"}),
        ("placebo_in_time", {"estimator": "regression"}),
        ("augmented_synthetic_control", {"ridge": 0}),
        ("donor_rules", {"breaks": 0.0}),
        ("conformal_synthetic_control", {"level": 95}),
    ],
)
def test_a_setting_out_of_range_is_named(name, setting, rows, roles):
    with pytest.raises(MethodError, match=next(iter(setting))):
        getattr(methods, name)(rows, **roles, since=2013, **{**CALLS[name], **setting})
