"""Published tables, statsmodels' power functions, and what samples of that size really do."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from kesos_research.errors import MethodError
from kesos_research.methods import allocation, sample_size, two_group_effect, two_group_power, two_group_size

INFINITE = float("inf")

KREJCIE_MORGAN = {10: 10, 50: 44, 100: 80, 220: 140, 500: 217, 1200: 291, 9000: 368}
"""Their table of 1970, as far as the domain notes give it."""


def value(answer, term):
    return float(answer.row(term=term).estimate)


def check(answer, name):
    return next(c for c in answer.checks if c.name == name)


@pytest.mark.parametrize(("N", "n"), KREJCIE_MORGAN.items())
def test_krejcie_and_morgan(N, n):
    assert value(sample_size(N, margin=0.05, rule="krejcie_morgan"), "drawn") == n


@pytest.mark.parametrize(("N", "margin", "n"), [(10_000, 0.05, 385), (1000, 0.1, 91), (500, 0.05, 223)])
def test_slovin_and_its_warning(N, margin, n):
    answer = sample_size(N, margin=margin, rule="slovin")
    assert value(answer, "simple_random") == n == math.ceil(N / (1 + N * margin**2))
    assert check(answer, "slovin").status == "warn"


def test_cochran():
    """384 before rounding up, 385 after: Cochran's z²pq/d², with the finite population as he corrects it."""
    assert value(sample_size(INFINITE, margin=0.05), "drawn") == 385
    n0 = stats.norm.ppf(0.975) ** 2 * 0.25 / 0.0025
    assert value(sample_size(2000, margin=0.05), "drawn") == math.ceil(n0 / (1 + (n0 - 1) / 2000))
    assert value(sample_size(INFINITE, margin=2, sd=20.0, level=0.9), "drawn") == math.ceil(
        (stats.norm.ppf(0.95) * 10) ** 2
    )


@pytest.mark.parametrize(("share", "N"), [(0.5, 800), (0.2, 3000), (0.35, 400)])
def test_an_interval_of_a_sample_of_that_size_has_the_margin(share, N):
    """The standard error of a share in simple random samples from the population itself (hypergeometric)."""
    n = int(value(sample_size(N, margin=0.05, share=share), "drawn"))
    poor = round(N * share)

    def half(n):
        return stats.norm.ppf(0.975) * stats.hypergeom(N, poor, n).std() / n

    assert half(n) <= 0.05 * 1.001 < half(n - 2)


def test_clusters_and_non_response():
    answer = sample_size(INFINITE, margin=0.05, cluster_size=10, icc=0.05, response=0.9)
    assert value(answer, "design_effect") == pytest.approx(1.45)
    assert value(answer, "completed") == math.ceil(385 * 1.45)
    assert value(answer, "drawn") == math.ceil(559 / 0.9)
    assert value(answer, "clusters") == math.ceil(622 / 10)
    assert check(answer, "design_effect").status == "info"
    assert check(sample_size(INFINITE, margin=0.05), "design_effect").status == "warn"


def test_never_more_than_there_are():
    answer = sample_size(30, margin=0.01, response=0.5)
    assert value(answer, "drawn") == 30
    assert check(answer, "census").evidence["n"] == 30


def test_rare_properties_are_warned_of():
    assert check(sample_size(INFINITE, margin=0.05, share=0.01), "rare").status == "warn"


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"margin": 5}, "margin is"),
        ({"margin": 0}, "margin is"),
        ({"margin": 0.05, "share": 0.5, "sd": 1}, "Both"),
        ({"margin": 0.05, "share": 1.2}, "share is"),
        ({"margin": 1, "sd": 2, "rule": "slovin"}, "not for means"),
        ({"margin": 0.05, "rule": "krejcie_morgan", "level": 0.9}, "90"),
        ({"margin": 0.05, "rule": "yamane"}, "rule is"),
        ({"margin": 0.05, "response": 1.2}, "response is"),
        ({"margin": 0.05, "icc": 2}, "icc is"),
        ({"margin": 0.05, "cluster_size": 0.5}, "cluster_size is"),
    ],
)
def test_refused(settings, text):
    with pytest.raises(MethodError, match=text):
        sample_size(1000, **settings)
    with pytest.raises(MethodError, match="population is"):
        sample_size(0, margin=0.05)


class TestTwoGroups:
    @pytest.mark.parametrize("d", [0.2, 0.5, 0.8, 1.5])
    @pytest.mark.parametrize("ratio", [1.0, 2.0])
    @pytest.mark.parametrize("power", [0.8, 0.95])
    def test_means_are_those_of_statsmodels(self, d, ratio, power):
        theirs = TTestIndPower().solve_power(d, alpha=0.05, power=power, ratio=ratio)
        answer = two_group_size(10 * d, sd=10, power=power, ratio=ratio)
        assert value(answer, "first_group") == math.ceil(theirs)
        n = value(answer, "first_group")
        mine = value(two_group_power(n, effect=10 * d, sd=10, ratio=ratio), "power")
        assert mine == pytest.approx(TTestIndPower().power(d, n, 0.05, ratio=ratio), rel=1e-9)
        assert mine >= power
        found = value(two_group_effect(n, sd=10, power=power, ratio=ratio), "standardised")
        assert found == pytest.approx(
            TTestIndPower().solve_power(None, nobs1=n, alpha=0.05, power=power, ratio=ratio), rel=1e-4
        )

    def test_cohens_table(self):
        """Cohen (1988, table 2.4.1): 393, 64 and 26 in each group at .80 for small, medium and large."""
        found = [value(two_group_size(d, sd=1.0), "first_group") for d in (0.2, 0.5, 0.8)]
        assert found == pytest.approx([393, 64, 26], abs=1)

    @pytest.mark.parametrize(("base", "effect"), [(0.3, 0.1), (0.5, -0.2), (0.05, 0.05)])
    @pytest.mark.parametrize("ratio", [1.0, 0.5])
    def test_shares_are_those_of_statsmodels(self, base, effect, ratio):
        n = value(two_group_size(effect, share=base, ratio=ratio), "first_group")
        # theirs counts from the second group's share
        theirs = [
            power_proportions_2indep(-effect, base + effect, k, ratio=ratio, return_results=False) for k in (n, n - 1)
        ]
        assert value(two_group_power(n, effect=effect, share=base, ratio=ratio), "power") == pytest.approx(theirs[0])
        assert theirs[0] >= 0.8 > theirs[1]

    def test_clusters_against_worlds_of_clusters(self):
        """Power of the t test of cluster means, by simulation, at the number of clusters told."""
        answer = two_group_size(0.4, sd=1.0, cluster_size=20, icc=0.05)
        k = int(value(answer, "first_clusters"))
        assert value(answer, "first_group") == 20 * k
        rng = np.random.default_rng(5)
        v = rng.normal(0, np.sqrt(0.05), (4000, 2, k)) + rng.normal(0, np.sqrt(0.95 / 20), (4000, 2, k))
        p = stats.ttest_ind(v[:, 0] + 0.4, v[:, 1], axis=1).pvalue
        expected = value(two_group_power(20 * k, effect=0.4, sd=1.0, cluster_size=20, icc=0.05), "power")
        assert (p <= 0.05).mean() == pytest.approx(expected, abs=0.02)

    def test_no_possible_share_is_large_enough(self):
        answer = two_group_effect(3, share=0.9)
        assert math.isnan(value(answer, "effect"))
        assert check(answer, "unreachable").status == "fail"
        few = two_group_effect(5, sd=1.0, cluster_size=10, icc=0.1)
        assert check(few, "unreachable").status == "fail"

    @pytest.mark.parametrize(
        ("settings", "text"),
        [
            ({}, "Not exactly one"),
            ({"sd": 1, "share": 0.5}, "Not exactly one"),
            ({"share": 0.95}, "second share"),
            ({"sd": 1, "power": 80}, "power is"),
            ({"sd": 1, "ratio": 0}, "ratio is"),
            ({"sd": 1, "response": 1.5}, "response is"),
        ],
    )
    def test_refused(self, settings, text):
        with pytest.raises(MethodError, match=text):
            two_group_size(0.1, **settings)
        with pytest.raises(MethodError, match="effect is"):
            two_group_size(0, sd=1)


STRATA = pd.DataFrame({"zone": list("abcde"), "N": [5000, 3000, 1500, 400, 6], "sd": [10.0, 20.0, 40.0, 80.0, 5.0]})
ROLES = {"strata": "zone", "size": "N"}


class TestAllocation:
    @pytest.mark.parametrize("units", [10, 37, 500, 9000, 9906])
    @pytest.mark.parametrize("rule", ["proportional", "neyman", "power"])
    def test_adds_up_and_stays_within_bounds(self, units, rule):
        found = allocation(STRATA, **ROLES, units=units, rule=rule, spread="sd").table.estimate
        assert found.sum() == units
        assert (found >= 2).all()
        assert (found <= STRATA.N).all()

    def test_neyman_is_best_for_the_whole(self):
        """No move of one unit between two strata makes the variance of the whole smaller."""
        n = allocation(STRATA, **ROLES, units=200, rule="neyman", spread="sd").table.estimate.to_numpy()
        N, S = STRATA.N.to_numpy(), STRATA.sd.to_numpy()

        def variance(n):
            return (N**2 * S**2 * (1 / n - 1 / N)).sum()

        for i in range(5):
            for j in range(5):
                moved = n.copy()
                moved[i], moved[j] = moved[i] + 1, moved[j] - 1
                if i != j and moved[j] >= 2 and moved[i] <= N[i]:
                    assert variance(moved) >= variance(n) * (1 - 2e-4)

    def test_the_power_rule_between_equal_and_proportional(self):
        equal = allocation(STRATA.iloc[:4], **ROLES, units=100, rule="power", exponent=0).table.estimate
        assert equal.tolist() == [25.0] * 4
        one = allocation(STRATA, **ROLES, units=400, rule="power", exponent=1).table.estimate
        assert one.tolist() == allocation(STRATA, **ROLES, units=400).table.estimate.tolist()

    def test_order_does_not_matter(self):
        first = allocation(STRATA, **ROLES, units=123).table.set_index("zone").estimate
        second = allocation(STRATA.iloc[::-1], **ROLES, units=123).table.set_index("zone").estimate
        assert first.to_dict() == second.to_dict()

    @pytest.mark.parametrize(
        ("settings", "text"),
        [
            ({"units": 5}, "5 units"),
            ({"units": 99_999}, "units for"),
            ({"units": 50, "rule": "neyman"}, "standard deviation"),
            ({"units": 50, "rule": "optimal"}, "rule is"),
            ({"units": 50, "size": "sd", "strata": "N"}, "has"),
        ],
    )
    def test_refused(self, settings, text):
        rows = STRATA.assign(sd=[0.5, 1, 2, 3, 4.5])
        with pytest.raises(MethodError, match=text if text != "has" else "no numbers of units"):
            allocation(rows, **{**ROLES, **settings})
