"""Held to all combinations of stand-ins by brute force, and to the estimates that go in."""

from itertools import product

import numpy as np
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import pool, randomization_inference, synthetic_control


@pytest.fixture
def parts(make, roles):
    """Three treated units, each with seven comparison units of its own."""
    rng = np.random.default_rng(8)
    found = {}
    for name in "abc":
        Y = rng.normal(10, 1, (8, 4))
        Y[0, 2:] -= 1.5
        found[name] = randomization_inference(make(Y, np.arange(8) < 1), **roles, since=2012, seed=1)
    return found


def test_the_mean_against_means_of_stand_ins(parts):
    answer = pool(parts, seed=1, draws=200_000)
    row = answer.row(term="pooled")
    own = [p.evidence["draws"].statistic.to_numpy() for p in parts.values()]
    T = np.array([np.mean(c) for c in product(*own)])
    estimate = np.mean([p.row(term="treated").estimate for p in parts.values()])
    assert row.estimate == pytest.approx(estimate)
    assert row.std_error == pytest.approx(T.std(), rel=0.01)
    assert row.p_value == pytest.approx((np.abs(T) >= abs(estimate) - 1e-12).mean(), abs=0.004)
    assert answer.evidence["inference"].smallest_p[0] == pytest.approx(1 / len(T))
    assert answer.evidence["units"].unit.tolist() == ["a", "b", "c"]


def test_order_and_names_do_not_matter(parts):
    other = {name.upper(): parts[name] for name in reversed(parts)}
    assert pool(other, seed=5).table.equals(pool(parts, seed=5).table)


def test_synthetic_controls_pool_too(noisy_panel, roles):
    parts = {
        u: synthetic_control(noisy_panel[(noisy_panel.place == u) | ~noisy_panel.pilot], **roles, since=2014, seed=1)
        for u in ("u000", "u001", "u002")
    }
    together = synthetic_control(noisy_panel, **roles, since=2014, seed=1)
    assert pool(parts, seed=1).row(term="pooled").estimate == pytest.approx(together.row(term="pooled").estimate)


def test_parts_that_do_not_belong_together_are_refused(parts, noisy_panel, roles):
    several = randomization_inference(noisy_panel, **roles, since=2014, seed=1)
    other = synthetic_control(noisy_panel[noisy_panel.place != "u000"], **roles, since=2014, seed=1)
    for wrong in ({}, parts | {"d": other}):
        with pytest.raises(MethodError):
            pool(wrong, seed=1)
    with pytest.raises(MethodError, match="treated"):
        pool({"a": other}, seed=1)
    assert pool({"a": several}, seed=1).table.estimate[0] == pytest.approx(several.table.estimate[0])
