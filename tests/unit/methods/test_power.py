"""Held to a search over a fine grid, and to the normal formula where the distribution is normal."""

import numpy as np
import pytest
from scipy import stats

from kesos_research.methods import _randomize, minimum_detectable_effect


def by_search(T, level, power):
    q = np.quantile(np.abs(T), level)
    d = np.arange(1e-4, 15, 1e-4)
    reached = (np.abs(T[:, None] + d) >= q).mean(axis=0) >= power
    return d[np.argmax(reached)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("level", "power"), [(0.95, 0.8), (0.9, 0.5)])
def test_smallest_effect_by_search(seed, level, power):
    rng = np.random.default_rng(seed)
    T = rng.normal(0.1, 1, 60) * rng.choice([1, 3], 60)
    assert _randomize.minimum_detectable(T, level, power) == pytest.approx(by_search(T, level, power), abs=2e-4)


def test_normal_distribution():
    T = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    expected = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)  # the other tail adds 1e-6
    assert _randomize.minimum_detectable(T, 0.95, 0.8) == pytest.approx(expected, abs=1e-3)


def test_the_method_gives_it_in_the_outcomes_unit(noisy_panel, roles):
    answer = minimum_detectable_effect(noisy_panel, **roles, since=2014, seed=1)
    mde = answer.row(term="mde").estimate
    curve = answer.evidence["power"]
    assert curve.effect.iloc[20] == pytest.approx(mde)
    assert curve.power.iloc[20] >= 0.8
    assert curve.power.iloc[19] < 0.8
    thousand = minimum_detectable_effect(noisy_panel.assign(poor=1000 * noisy_panel.poor), **roles, since=2014, seed=1)
    assert thousand.row(term="mde").estimate == pytest.approx(1000 * mde)


def test_more_power_needs_a_larger_effect(noisy_panel, roles):
    found = [
        minimum_detectable_effect(noisy_panel, **roles, since=2014, seed=1, power=p).row(term="mde").estimate
        for p in (0.5, 0.8, 0.95)
    ]
    assert found == sorted(found)


def test_absent_where_nothing_could_be_told_from_zero(make, roles):
    Y = np.random.default_rng(2).normal(size=(12, 3))
    answer = minimum_detectable_effect(make(Y, np.arange(12) < 1), **roles, since=2012, seed=1)
    assert np.isnan(answer.row(term="mde").estimate)
    assert answer.evidence["power"].empty
