"""Costs: annuities and ratios by hand and by brute force, laws, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import cost_effectiveness, cost_per_outcome, ingredients, scale_out

ITEMS = {"ingredient": "item", "quantity": "much", "price": "price", "years": "years", "fixed": "stays"}
UNITS = {"cost": "spent", "outcome": "income", "treated": "offered", "seed": 1}
PLACES = {"unit": "place", "treated": "pilot", "served": "families", "effect": "effect", "effect_error": "error"}
RATIO = {"cost": "cost", "effect": "effect", "effect_error": "error", "cost_error": "cost_error", "seed": 3}


@pytest.fixture
def items():
    return pd.DataFrame(
        {
            "fund": ["apbn"] * 3 + ["hdn"] * 2,
            "item": ["loan", "officer", "motorbike", "loan", "officer"],
            "much": [100.0, 2.0, 2.0, 80.0, 1.5],
            "price": [5.0, 60.0, 25.0, 6.0, 60.0],
            "part": [1.0, 0.5, 0.25, 1.0, 1.0],
            "years": [1, None, 5, 1, 1],
            "stays": [False, True, True, False, True],
            "families": [100, 100, 100, 80, 80],
        }
    )


def option(C=2.5, E=0.1, error=0.02, cost_error=0.2, **more):
    return pd.DataFrame([{"cost": C, "effect": E, "error": error, "cost_error": cost_error, **more}])


class TestIngredients:
    def test_by_hand(self, items):
        answer = ingredients(items, **ITEMS, by="fund", served="families", share="part", discount=0.04)
        bike = 2 * 25 * 0.25 * 0.04 / (1 - 1.04**-5)
        assert answer.row(fund="apbn", term="total").estimate == pytest.approx(500 + 60 + bike)
        assert answer.row(fund="apbn", term="fixed").estimate == pytest.approx(60 + bike)
        assert answer.row(fund="hdn", term="per_unit").estimate == pytest.approx((480 + 90) / 80)
        shares = answer.evidence["ingredients"].groupby("fund")["share_of_total"].sum()
        assert shares.tolist() == pytest.approx([1, 1])

    def test_yearly_costs_pay_the_price_back(self, items):
        """The present value of five yearly costs is the price."""
        bike = items.iloc[[2]].drop(columns="fund")
        yearly = ingredients(bike, **ITEMS, served=1, discount=0.07).row(term="total").estimate
        assert sum(yearly / 1.07**t for t in range(1, 6)) == pytest.approx(50.0)
        plain = ingredients(bike, **ITEMS, served=1, discount=0.0).row(term="total").estimate
        assert plain == pytest.approx(10.0)

    def test_sensitivity_is_what_the_answer_would_be(self, items):
        own = items[items.fund == "apbn"]
        answer = ingredients(own, **ITEMS, served=100)
        moved = answer.evidence["sensitivity"].set_index("ingredient")
        dearer = own.assign(price=own.price * np.where(own.item == "loan", 1.2, 1.0))
        higher = ingredients(dearer, **ITEMS, served=100).row(term="per_unit").estimate
        assert moved.loc["loan", "high"] == pytest.approx(higher)
        rate = ingredients(own, **ITEMS, served=100, discount=0.036).row(term="per_unit").estimate
        assert moved.loc["(discount)", "high"] == pytest.approx(rate)
        more = ingredients(own, **ITEMS, served=120).row(term="per_unit").estimate
        assert moved.loc["(served)", "low"] == pytest.approx(more)

    def test_order_and_splitting_change_nothing(self, items):
        base = ingredients(items, **ITEMS, by="fund", served="families").table
        mixed = items.sample(frac=1, random_state=1)
        pd.testing.assert_frame_equal(ingredients(mixed, **ITEMS, by="fund", served="families").table, base)
        half = items.assign(much=items.much / 2)
        split = pd.concat([half, half.assign(item=half.item + " 2")])
        again = ingredients(split, **ITEMS, by="fund", served="families").table
        np.testing.assert_allclose(again["estimate"], base["estimate"])

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({"price": -1.0}, "negative"),
            ({"part": 1.5}, "above 1"),
            ({"years": 0.5}, "below 1"),
            ({"item": "loan"}, "named twice"),
            ({"families": [1, 2, 3, 4, 5]}, "values in a group"),
            ({"families": 0}, "served"),
            ({"much": None}, "missing"),
        ],
    )
    def test_refusals(self, items, change, found):
        with pytest.raises(MethodError, match=found):
            ingredients(items.assign(**change), **ITEMS, by="fund", served="families", share="part")


class TestRatio:
    def test_fieller_holds_exactly_the_values_that_are_not_rejected(self):
        rows = option(correlation=0.3)
        row = cost_per_outcome(rows, **RATIO, correlation="correlation").row(term="cost_per_outcome")
        grid = np.linspace(5, 80, 200_001)
        error = np.sqrt(0.2**2 - 2 * grid * 0.3 * 0.2 * 0.02 + grid**2 * 0.02**2)
        kept = grid[np.abs(2.5 - grid * 0.1) <= stats.norm.ppf(0.975) * error]
        assert [row.conf_low, row.conf_high] == pytest.approx([kept.min(), kept.max()], abs=1e-3)

    def test_degrees_of_freedom_widen_it(self):
        wide = cost_per_outcome(option(df=8.0), **RATIO, df="df").row(term="cost_per_outcome")
        narrow = cost_per_outcome(option(), **RATIO).row(term="cost_per_outcome")
        assert wide.conf_low < narrow.conf_low < narrow.conf_high < wide.conf_high

    def test_an_effect_that_may_be_nothing_has_no_upper_end(self):
        answer = cost_per_outcome(option(E=0.03), **RATIO)
        row = answer.row(term="cost_per_outcome")
        assert row.estimate == pytest.approx(2.5 / 0.03)
        assert np.isnan(row.conf_high)
        reach = stats.norm.ppf(0.975)
        test = (2.5 - row.conf_low * 0.03) / np.sqrt(0.2**2 + row.conf_low**2 * 0.02**2)
        assert test == pytest.approx(reach)
        assert {c.name: c.status for c in answer.checks}["undefined_ratio"] == "fail"
        assert answer.evidence["fieller"]["kind"].tolist() == ["outside"]

    def test_no_ratio_where_nothing_is_gained_or_nothing_is_paid(self):
        worse = cost_per_outcome(option(E=-0.1), **RATIO)
        saves = cost_per_outcome(option(C=-1.0), **RATIO)
        for answer in (worse, saves):
            assert answer.row(term="cost_per_outcome")[["estimate", "conf_low", "conf_high"]].isna().all()
        assert {c.name: c.status for c in worse.checks}["dominated"] == "fail"
        assert "saves" in {c.name for c in saves.checks}

    def test_acceptability_is_the_share_of_the_plane_below_the_line(self):
        answer = cost_per_outcome(option(), **RATIO, thresholds=[20.0, 30.0], draws=40_000, correlation=-0.4)
        plane = answer.evidence["plane"]
        shares = [(t * plane["effect"] > plane["cost"]).mean() for t in (20.0, 30.0)]
        assert answer.evidence["acceptability"]["probability"].tolist() == pytest.approx(shares, abs=0.01)
        assert np.corrcoef(plane["cost"], plane["effect"])[0, 1] == pytest.approx(-0.4, abs=0.02)
        assert plane["cost"].std() == pytest.approx(0.2, rel=0.02)

    def test_currency_names_and_order(self):
        rows = pd.concat([option(fund="a"), option(C=3.0, E=0.15, fund="b")])
        base = cost_per_outcome(rows, **RATIO, by="fund")
        dear = rows.assign(cost=1000 * rows.cost, cost_error=1000 * rows.cost_error)
        ratio = cost_per_outcome(dear, **RATIO, by="fund").table.query("term == 'cost_per_outcome'")
        own = base.table.query("term == 'cost_per_outcome'")
        np.testing.assert_allclose(ratio["conf_high"], 1000 * own["conf_high"])
        swapped = rows.iloc[::-1].assign(fund=["x", "y"])
        again = cost_per_outcome(swapped, **RATIO, by="fund").evidence["plane"]
        first = base.evidence["plane"].query("fund == 'a'")[["cost", "effect"]].to_numpy()
        np.testing.assert_array_equal(again.query("fund == 'y'")[["cost", "effect"]].to_numpy(), first)

    def test_the_frontier_names_what_is_dominated(self):
        points = {"a": (1.0, 0.1), "b": (3.0, 0.15), "c": (3.2, 0.3), "d": (4.0, 0.12), "e": (9.0, 0.4)}
        rows = pd.concat([option(C=c, E=e, fund=f) for f, (c, e) in points.items()])
        found = cost_per_outcome(rows, **RATIO, by="fund").evidence["frontier"].set_index("fund")
        assert found["status"].to_dict() == {
            "a": "frontier",
            "b": "extended",
            "c": "frontier",
            "d": "dominated",
            "e": "frontier",
        }
        assert found.loc[["a", "c", "e"], "next_outcome_costs"].tolist() == pytest.approx([10, 11, 58])

    @pytest.mark.parametrize(
        ("change", "more", "found"),
        [
            ({"error": 0.0}, {}, "no error"),
            ({"error": -1.0}, {}, "negative"),
            ({}, {"correlation": 2.0}, "correlation"),
            ({}, {"draws": 10}, "draws"),
            ({}, {"thresholds": [-1.0]}, "thresholds"),
            ({"cost": None}, {}, "missing"),
        ],
    )
    def test_refusals(self, change, more, found):
        with pytest.raises(MethodError, match=found):
            cost_per_outcome(option().assign(**change), **RATIO, **more)

    def test_options_must_be_named(self):
        two = pd.concat([option(fund="a"), option(fund="a")])
        with pytest.raises(MethodError, match="2 rows"):
            cost_per_outcome(two, **RATIO)
        with pytest.raises(MethodError, match="several rows"):
            cost_per_outcome(two, **RATIO, by="fund")


@pytest.fixture(scope="module")
def families():
    rng = np.random.default_rng(6)
    n = 240
    offered = rng.random(n) < 0.5
    gain = rng.normal(size=n)
    return pd.DataFrame(
        {
            "offered": offered,
            "spent": 1 + 4 * offered + 0.5 * gain + rng.gamma(2, 0.5, n),
            "income": 10 + 1.0 * offered + gain,
            "village": rng.integers(0, 30, n),
        }
    )


class TestRows:
    def test_covariance_is_that_of_two_means(self, families):
        answer = cost_effectiveness(families, **UNITS)
        arms = [families[families.offered == a][["spent", "income"]] for a in (True, False)]
        V = sum(a.cov().to_numpy() / len(a) for a in arms)  # HC2 of two means is the unequal-variance error
        C, E = arms[0].mean() - arms[1].mean()
        cost, effect = (answer.row(term=t) for t in ("cost", "effect"))
        assert [cost.estimate, effect.estimate] == pytest.approx([C, E])
        assert [cost.std_error**2, effect.std_error**2] == pytest.approx([V[0, 0], V[1, 1]])
        row = answer.row(term="cost_per_outcome")
        for end in (row.conf_low, row.conf_high):
            error = np.sqrt(V[0, 0] - 2 * end * V[0, 1] + end**2 * V[1, 1])
            assert abs(C - end * E) / error == pytest.approx(stats.t.ppf(0.975, effect.df), rel=1e-6)

    def test_a_cost_that_all_have_is_known(self, families):
        answer = cost_effectiveness(families.assign(spent=families.offered * 3.0), **UNITS)
        cost, effect = (answer.row(term=t) for t in ("cost", "effect"))
        assert cost.estimate == pytest.approx(3.0)
        assert np.isnan(cost.std_error)
        row = answer.row(term="cost_per_outcome")
        assert [row.conf_low, row.conf_high] == pytest.approx([3 / effect.conf_high, 3 / effect.conf_low])
        assert "known_cost" in {c.name for c in answer.checks}

    def test_bootstrap_spreads_as_the_errors_say(self, families):
        for more in ({}, {"cluster": "village"}):
            answer = cost_effectiveness(families, **UNITS, **more, draws=4000)
            spread = answer.evidence["plane"].std()
            errors = [answer.row(term=t).std_error for t in ("cost", "effect")]
            assert [spread["cost"], spread["effect"]] == pytest.approx(errors, rel=0.12)

    def test_row_order_and_names_change_nothing(self, families):
        mixed = families.sample(frac=1, random_state=5)
        mixed = mixed.assign(village=mixed.village.map(lambda v: f"v{97 - v}"))
        first, second = (cost_effectiveness(f, **UNITS, cluster="village") for f in (families, mixed))
        pd.testing.assert_frame_equal(first.table, second.table)
        np.testing.assert_allclose(first.evidence["plane"].mean(), second.evidence["plane"].mean(), rtol=0.02)


class TestScale:
    @pytest.fixture
    def places(self):
        return pd.DataFrame(
            {
                "place": ["p1", "p2", "t1", "t2"],
                "pilot": [True, True, False, False],
                "families": [100, 300, 150, 250],
                "effect": [np.nan, np.nan, 0.1, 0.2],
                "error": [np.nan, np.nan, 0.03, 0.04],
                "poor": [10.0, 20.0, 15.0, 30.0],
                "level": [1.0, 1.0, 1.0, 1.5],
            }
        )

    def test_by_hand(self, places):
        answer = scale_out(places, **PLACES, fixed=50.0, variable=2.0, price="level")
        assert answer.row(place="t1", term="cost").estimate == pytest.approx(350)
        assert answer.row(place="t2", term="cost").estimate == pytest.approx(550 * 1.5)
        everything = answer.row(place="(all)", term="outcomes")
        assert everything.estimate == pytest.approx(15 + 50)
        assert everything.std_error == pytest.approx(150 * 0.03 + 250 * 0.04)
        assert answer.row(place="(all)", term="cost_per_outcome").estimate == pytest.approx((350 + 825) / 65)

    def test_fixed_costs_are_borne_anew_or_once(self, places):
        totals = [
            scale_out(places, **PLACES, fixed=50.0, variable=2.0, sharing=s).row(place="(all)", term="cost").estimate
            for s in ("repeated", "shared")
        ]
        assert totals == pytest.approx([900, 850])

    def test_outside_the_range_is_a_failed_check(self, places):
        for columns, status in (("poor", "fail"), ((), "pass")):
            answer = scale_out(places, **PLACES, fixed=1.0, variable=1.0, covariates=columns)
            check = next(c for c in answer.checks if c.name == "extrapolation")
            assert check.status == status
        larger = places.assign(families=[100, 300, 150, 900])
        answer = scale_out(larger, **PLACES, fixed=1.0, variable=1.0)
        assert answer.evidence["units"]["outside"].tolist() == ["", "families", ""]

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({"pilot": True}, "no target"),
            ({"pilot": False}, "no place"),
            ({"families": 0}, "nought or less"),
            ({"place": "a"}, "several rows"),
            ({"error": 0.0}, "nought or less"),
            ({"effect": None}, "missing"),
        ],
    )
    def test_refusals(self, places, change, found):
        with pytest.raises(MethodError, match=found):
            scale_out(places.assign(**change), **PLACES, fixed=1.0, variable=1.0)
