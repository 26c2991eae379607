"""Probabilities by enumeration and by many draws; weights against the frame; estimates that are right on average."""

import itertools

import numpy as np
import pandas as pd
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import total
from kesos_research.methods._draw import inclusion, proportional, simple, systematic
from kesos_research.methods.draw import draw_sample


def frame(N=60, seed=2):
    rng = np.random.default_rng(seed)
    villages = rng.integers(0, 9, N)
    return pd.DataFrame(
        {
            "house": [f"h{i:03d}" for i in range(N)],
            "village": [f"v{v}" for v in villages],
            "zone": [f"z{v % 2}" for v in villages],
            "size": rng.integers(1, 40, N),
            "income": rng.normal(100, 30, N).round(1),
        }
    )


class Fixed:
    """A generator whose next uniform number is told."""

    def __init__(self, u):
        self.u = u

    def random(self):
        return self.u


def shares(draw, starts=20_000):
    """How often each unit is drawn over all starts of a systematic draw, spaced evenly."""
    counts = None
    for u in (np.arange(starts) + 0.5) / starts:
        drawn = draw(Fixed(u))
        counts = np.zeros(len(drawn.probability)) if counts is None else counts
        counts[drawn.places] += 1
        assert len(set(drawn.places)) == len(drawn.places)
    return counts / starts, drawn.probability


@pytest.mark.parametrize(("N", "n"), [(10, 3), (7, 2), (12, 12), (5, 1), (97, 11)])
def test_systematic_draws_give_every_unit_its_probability(N, n):
    seen, told = shares(lambda rng: systematic(N, n, rng), 2000)
    assert seen == pytest.approx(told, abs=1e-3)
    assert told.tolist() == [n / N] * N


@pytest.mark.parametrize(
    ("size", "n"),
    [
        ([1, 2, 3, 4, 5], 2),
        ([1, 1, 1, 50], 2),
        ([10, 9, 8, 1, 1, 1], 4),
        ([5, 5, 5, 5], 4),
        ([0.1, 3, 2.7, 900, 40], 3),
    ],
)
def test_draws_by_size_give_every_unit_its_probability(size, n):
    size = np.array(size, float)
    seen, told = shares(lambda rng: proportional(size, n, rng), 4000)
    assert seen == pytest.approx(told, abs=1e-3)
    assert told.sum() == pytest.approx(n)
    rest = told < 1
    if rest.any():
        ratio = told[rest] / size[rest]
        assert ratio == pytest.approx(np.full(rest.sum(), ratio[0]))
        assert (told[~rest] == 1).all()


def test_certain_units_are_found_again_once_the_largest_are_gone():
    """8 of 20 makes the second too large only after the first is taken for certain."""
    assert inclusion(np.array([100.0, 30.0, 10.0, 10.0, 10.0]), 3).tolist() == [1.0, 1.0, *[pytest.approx(1 / 3)] * 3]


def test_simple_draws_give_every_set_the_same_chance():
    rng = np.random.default_rng(1)
    sets = [tuple(simple(5, 2, rng).places) for _draw in range(10_000)]
    counts = pd.Series(sets).value_counts()
    assert set(counts.index) == set(itertools.combinations(range(5), 2))
    assert ((counts - 1000) ** 2 / 1000).sum() < 27.9, "χ² of nine degrees of freedom at .001"


PLANS = {
    "simple": {"n": 12},
    "systematic": {"n": 12, "method": "systematic", "order": "income"},
    "size": {"n": 12, "method": "proportional_to_size", "size": "size"},
    "stratified": {"n": {"z0": 7, "z1": 5}, "strata": "zone"},
    "stratified by size": {"n": {"z0": 7, "z1": 5}, "strata": "zone", "method": "proportional_to_size", "size": "size"},
    "clusters": {"n": 4, "cluster": "village", "within": 3},
    "clusters by size": {"n": 4, "cluster": "village", "within": 3, "method": "proportional_to_size"},
    "clusters in strata": {"n": {"z0": 2, "z1": 2}, "strata": "zone", "cluster": "village", "within": 2},
    "clusters, systematic": {"n": 3, "cluster": "village", "within": 2, "method": "systematic"},
}
EVERY = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())


@EVERY
def test_totals_are_right_on_average_and_probabilities_are_what_is_told(plan):
    rows = frame(24)
    told, counts, totals, weights = pd.Series(np.nan, rows.house), pd.Series(0, rows.house), [], []
    draws = 80
    for seed in range(draws):
        drawn = draw_sample(rows, seed=seed, **{**plan, "n": plan["n"]}).rows
        counts[drawn.house] += 1
        told[drawn.house] = drawn.inclusion.to_numpy()
        totals.append((drawn.weight * drawn.income).sum())
        weights.append(drawn.weight.sum())
        assert (drawn.weight == 1 / drawn.inclusion).all()
    told = told.fillna(0)
    noise = 4.5 * np.sqrt(told * (1 - told) / draws) + 1e-9
    assert ((counts / draws - told).abs() <= noise).all()
    assert np.mean(totals) == pytest.approx(rows.income.sum(), abs=4.5 * np.std(totals) / np.sqrt(draws) + 1e-6)
    assert np.mean(weights) == pytest.approx(24, abs=4.5 * np.std(weights) / np.sqrt(draws) + 1e-6)


@EVERY
def test_the_order_of_the_file_changes_nothing(plan):
    rows = frame()
    first = draw_sample(rows, seed=3, **plan)
    other = rows.sample(frac=1, random_state=1)[["income", "zone", "size", "village", "house"]]
    second = draw_sample(other, seed=3, **plan)
    assert sorted(first.rows.house) == sorted(second.rows.house)
    assert sorted(first.rows.house) != sorted(draw_sample(rows, seed=4, **plan).rows.house)


@EVERY
def test_the_design_is_ready_to_use(plan):
    drawn = draw_sample(frame(), seed=5, **plan)
    drawn.design.check(drawn.rows)
    assert ("fpc" in drawn.rows) == (plan.get("method", "simple") == "simple")
    answer = total(drawn.rows.assign(one=1.0), of="one", design=drawn.design)
    assert float(answer.table.estimate.iloc[0]) == pytest.approx(drawn.rows.weight.sum())


def test_weights_add_up_to_the_frame():
    rows = frame()
    for plan in ("simple", "systematic", "stratified"):
        drawn = draw_sample(rows, seed=1, **PLANS[plan])
        assert drawn.rows.weight.sum() == pytest.approx(60)
        assert drawn.checks[0].status == "pass"
    strata = draw_sample(rows, seed=1, **PLANS["stratified"]).rows
    assert strata.groupby("zone").weight.sum().tolist() == pytest.approx(rows.groupby("zone").size().tolist())


def test_clusters_by_the_number_of_their_units_weigh_the_same():
    rows = frame(90)
    drawn = draw_sample(rows, n=5, seed=2, method="proportional_to_size", cluster="village", within=2).rows
    assert drawn.groupby("village").size().tolist() == [2] * 5
    certain = drawn.weight.round(6).nunique()
    assert certain == 1
    assert drawn.weight.sum() == pytest.approx(90)


def test_a_sorted_frame_is_spread_over():
    """Implicit strata: of 60 houses sorted by income every fifth is drawn."""
    rows = frame()
    drawn = draw_sample(rows, n=12, seed=9, method="systematic", order="income").rows
    ranks = rows.income.rank(method="first")[rows.house.isin(drawn.house)]
    assert ((ranks - 1) // 5).nunique() == 12


def test_certain_units_are_said():
    rows = frame().assign(size=lambda r: np.where(r.index == 7, 5000, r["size"]))
    drawn = draw_sample(rows, n=6, seed=1, method="proportional_to_size", size="size")
    assert drawn.rows.set_index("house").weight["h007"] == 1
    assert next(c for c in drawn.checks if c.name == "certain_units").evidence["n"] == 1


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ({"n": 61}, "61 units are wanted"),
        ({"n": 0}, "n is"),
        ({"n": 5, "method": "proportional_to_size"}, "No sizes"),
        ({"n": 5, "size": "size"}, "does not use them"),
        ({"n": 5, "cluster": "village"}, "go together"),
        ({"n": 5, "strata": "zone"}, "one number"),
        ({"n": {"z0": 3}, "strata": "zone"}, "differ"),
        ({"n": {"z0": 3, "z1": 2, "z9": 1}, "strata": "zone"}, "differ"),
        ({"n": {"z0": 3}}, "no strata"),
        ({"n": 5, "method": "quota"}, "method is"),
        (
            {"n": 3, "cluster": "village", "within": 2, "size": "size", "method": "proportional_to_size"},
            "changes within",
        ),
        ({"n": 10, "cluster": "village", "within": 2}, "are wanted"),
    ],
)
def test_refused(plan, text):
    with pytest.raises(MethodError, match=text):
        draw_sample(frame(), seed=1, **plan)


def test_frames_that_cannot_be_drawn_from():
    rows = frame()
    with pytest.raises(MethodError, match="will make"):
        draw_sample(rows.assign(weight=1.0), n=3, seed=1)
    with pytest.raises(MethodError, match="size of 0"):
        draw_sample(rows.assign(size=0), n=3, seed=1, method="proportional_to_size", size="size")
    mixed = rows.assign(zone=["z0", "z1"] * 30)
    with pytest.raises(MethodError, match="more than one stratum"):
        draw_sample(mixed, n={"z0": 2, "z1": 2}, seed=1, strata="zone", cluster="village", within=1)
    with pytest.raises(MethodError, match="missing"):
        draw_sample(rows.assign(zone=rows.zone.where(rows.index > 0)), n={"z0": 1}, seed=1, strata="zone")
