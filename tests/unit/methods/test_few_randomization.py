"""Held to enumeration by brute force, to the tests that intervals invert, and to panels of known noise."""

from itertools import combinations, product

import numpy as np
import pytest

from kesos_research.errors import MethodError
from kesos_research.methods import exchangeability, randomization_inference, rescaled_randomization
from kesos_research.methods.few._rescale import variance_by_size


def matched(make, sizes, treated, seed):
    """Two years of sets of units, the first `treated` of each set treated, moved by something."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    first = np.concatenate([np.arange(s) for s in sizes])
    A = first < np.repeat(treated, sizes)
    Y = rng.normal(10, 1, (n, 2))
    Y[A, 1] += rng.normal(0, 3)
    rows = make(Y, A)
    rows["group"] = [f"g{g}" for g in np.repeat(labels, 2)]
    return Y[:, 1] - Y[:, 0], A, [np.flatnonzero(labels == g) for g in range(len(sizes))], rows


def within(D, groups, taken):
    """Difference over its standard error, strata weighted by their treated units."""
    k = sum(map(len, taken))
    T = V = 0.0
    for g, a in zip(groups, taken, strict=True):
        inside, out = D[list(a)], D[[i for i in g if i not in a]]
        T += len(a) / k * (inside.mean() - out.mean())
        V += (len(a) / k) ** 2 * (inside.var(ddof=1) / len(inside) + out.var(ddof=1) / len(out))
    return T / np.sqrt(V)


def between(D, groups, taken):
    """The mean difference within matched sets over its standard error between them."""
    d = [D[a[0]] - D[[i for i in g if i not in a]].mean() for g, a in zip(groups, taken, strict=True)]
    return np.mean(d) / np.sqrt(np.var(d, ddof=1) / len(d))


CASES = [
    ("one stratum", within, [10], [3]),
    ("strata", within, [5, 6], [2, 3]),
    ("matched sets", between, [3, 4, 2, 3, 3], [1] * 5),
    ("pairs", between, [2] * 7, [1] * 7),
]


@pytest.mark.parametrize(("t", "sizes", "treated"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
@pytest.mark.parametrize("seed", [3, 4])
def test_the_studentised_difference_and_its_interval_by_enumeration(make, roles, t, sizes, treated, seed):
    D, A, groups, rows = matched(make, sizes, treated, seed)
    every = list(product(*(combinations(g.tolist(), k) for g, k in zip(groups, treated, strict=True))))
    own = [tuple(i for i in g.tolist() if A[i]) for g in groups]

    def p(tau):
        E = D - tau * A
        at = abs(t(E, groups, own))
        return np.mean([not abs(t(E, groups, a)) < at * (1 - 1e-9) for a in every])

    answer = randomization_inference(rows, **roles, since=2011, seed=1, strata="group", statistic="studentized")
    row = answer.row(term="treated")
    assert row.p_value == pytest.approx(p(0.0))
    assert len(answer.evidence["draws"]) == len(every)
    for end, inward in ((row.conf_low, 1), (row.conf_high, -1)):
        assert p(end + inward * 1e-5) > 0.05
        assert p(end - inward * 1e-5) <= 0.05
    plain = randomization_inference(rows, **roles, since=2011, seed=1, strata="group").row(term="treated")
    assert row.estimate == pytest.approx(plain.estimate)


def test_the_interval_of_the_difference_is_exact_within_matched_sets(make, roles):
    D, A, groups, rows = matched(make, [3, 4, 2, 3, 3], [1] * 5, 8)
    every = list(product(*(g.tolist() for g in groups)))

    def T(E, taken):
        return np.mean([E[i] - E[g[g != i]].mean() for i, g in zip(taken, groups, strict=True)])

    def p(tau):
        E = D - tau * A
        at = abs(T(E, [int(g[0]) for g in groups]))
        return np.mean([abs(T(E, a)) >= at - 1e-12 for a in every])

    answer = randomization_inference(rows, **roles, since=2011, seed=1, strata="group")
    row = answer.row(term="treated")
    assert row.p_value == pytest.approx(p(0.0))
    for end, inward in ((row.conf_low, 1), (row.conf_high, -1)):
        assert p(end + inward * 1e-6) > 0.05
        assert p(end - inward * 1e-6) <= 0.05
    said = {c.name: c.say("en") for c in answer.checks}
    assert "5 matched sets" in said["exchanged_within"]


def test_one_treated_unit_has_no_standard_error(make, roles):
    Y = np.random.default_rng(1).normal(size=(12, 2))
    with pytest.raises(MethodError, match="too small"):
        randomization_inference(make(Y, np.arange(12) < 1), **roles, since=2011, seed=1, statistic="studentized")


class TestRescaled:
    @pytest.fixture
    def loud(self, make):
        """30 units of which the first three are twice as noisy and small."""
        rng = np.random.default_rng(3)
        Y = rng.normal(0, 1, (30, 6))
        Y[:3] *= 2
        rows = make(10 + Y, np.arange(30) < 3)
        rows["households"] = np.repeat(np.where(np.arange(30) < 3, 50, 200 + np.arange(30)), 6)
        return 10 + Y, rows

    def test_each_set_is_held_to_its_own_noise_by_hand(self, loud, roles):
        Y, rows = loud
        D = Y[:, 4:].mean(axis=1) - Y[:, :4].mean(axis=1)
        steps = np.diff(Y[:, :4], axis=1)
        v = ((steps - np.median(steps, axis=0)) ** 2).mean(axis=1)

        def ratio(a):
            b = [i for i in range(30) if i not in a]
            return (D[a].mean() - D[b].mean()) / np.sqrt(v[a].sum() / 9 + v[b].sum() / 27**2)

        T = np.array([ratio(list(a)) for a in combinations(range(30), 3)])
        row = rescaled_randomization(rows, **roles, since=2014, seed=1).row(term="treated")
        assert row.estimate == pytest.approx(D[:3].mean() - D[3:].mean())
        assert row.p_value == pytest.approx((np.abs(T) >= abs(ratio([0, 1, 2])) - 1e-12).mean())

    def test_the_interval_inverts_the_test(self, loud, roles):
        _Y, rows = loud
        after = rows.pilot & (rows.year >= 2014)
        # permutations are drawn in the order of the changes, which an effect moves: hence the slack
        for size, slack in ((None, 0.0), ("households", 0.01)):
            row = rescaled_randomization(rows, **roles, since=2014, seed=1, size=size).row(term="treated")

            def p(tau, size=size):
                moved = rows.assign(poor=rows.poor - tau * after)
                return rescaled_randomization(moved, **roles, since=2014, seed=1, size=size).row(term="treated").p_value

            for end, inward in ((row.conf_low, 1), (row.conf_high, -1)):
                assert p(end + inward * 1e-4) > 0.05 - slack
                assert p(end - inward * 1e-4) <= 0.05 + slack

    def test_equal_sizes_give_the_plain_test(self, loud, roles):
        _Y, rows = loud
        plain = randomization_inference(rows, **roles, since=2014, seed=1).row(term="treated")
        same = rescaled_randomization(rows.assign(households=100.0), **roles, since=2014, seed=1, size="households")
        assert same.row(term="treated").p_value == pytest.approx(plain.p_value, abs=0.01)
        assert {c.name: c.status for c in same.checks}["variance_model"] == "warn"

    def test_a_variance_that_falls_with_size_is_found(self):
        rng = np.random.default_rng(5)
        M = np.exp(rng.normal(5, 1, 4000))
        a, b = variance_by_size(rng.normal(size=4000) ** 2 * (2 + 300 / M), M)
        assert (a, b) == pytest.approx((2, 300), rel=0.15)

    def test_a_size_of_nought_is_refused(self, loud, roles):
        _Y, rows = loud
        with pytest.raises(MethodError, match="households"):
            rescaled_randomization(
                rows.assign(households=rows.households - 50), **roles, since=2014, seed=1, size="households"
            )

    def test_one_period_before_shows_no_noise(self, loud, roles):
        _Y, rows = loud
        with pytest.raises(MethodError, match="one period before"):
            rescaled_randomization(rows[rows.year >= 2013], **roles, since=2014, seed=1)


class TestExchangeability:
    def test_differences_before_by_hand(self, noisy_panel, roles):
        answer = exchangeability(noisy_panel, **roles, since=2014, seed=1)
        early = noisy_panel[noisy_panel.year < 2014]
        wide = early.pivot(index="place", columns="year", values="poor").to_numpy()
        A = np.arange(30) < 3
        level = wide.mean(axis=1)
        slope = np.polyfit(np.arange(4), wide.T, 1)[0]
        steps = np.diff(wide, axis=1)
        v = ((steps - np.median(steps, axis=0)) ** 2).mean(axis=1)
        found = answer.table.set_index("term").estimate
        assert found["level"] == pytest.approx(level[A].mean() - level[~A].mean())
        assert found["trend"] == pytest.approx(slope[A].mean() - slope[~A].mean())
        assert found["noise"] == pytest.approx(np.sqrt(v[A].mean() / v[~A].mean()))
        T = [slope[list(a)].mean() - np.delete(slope, a).mean() for a in combinations(range(30), 3)]
        assert answer.row(term="trend").p_value == pytest.approx((np.abs(T) >= abs(found["trend"]) - 1e-12).mean())

    def test_what_happens_after_does_not_matter(self, noisy_panel, roles):
        later = noisy_panel.assign(poor=noisy_panel.poor + 50 * (noisy_panel.year >= 2014) * noisy_panel.pilot)
        first, second = (exchangeability(rows, **roles, since=2014, seed=1).table for rows in (noisy_panel, later))
        np.testing.assert_allclose(first.drop(columns="term").astype(float), second.drop(columns="term").astype(float))

    def test_one_period_before_is_said(self, make, roles):
        Y = np.random.default_rng(1).normal(size=(20, 2))
        answer = exchangeability(make(Y, np.arange(20) < 2), **roles, since=2011, seed=1)
        assert np.isnan(answer.row(term="trend").estimate)
        assert {c.name: c.status for c in answer.checks}["same_trend"] == "info"
