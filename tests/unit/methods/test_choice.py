"""Held to the table of the method notes: what is used, what is refused, and why, with the number of the cell."""

from math import comb

import numpy as np
import pandas as pd
import pytest

from kesos_research.errors import MethodError
from kesos_research.language import number
from kesos_research.methods import chooser, randomization_inference
from kesos_research.methods._checks import probability
from kesos_research.methods._sizes import true_size
from kesos_research.methods.choice import verdicts as quick


def panel(make, k, n=40, T=6, seed=4):
    Y = np.random.default_rng(seed).normal(10, 1, (n, T))
    return make(Y, np.arange(n) < k)


def adopting(make, starts, n=40, T=8, seed=4):
    """The first units begin at `starts`, the rest never."""
    rows = panel(make, len(starts), n, T, seed).drop(columns="pilot")
    dates = dict(zip(sorted(rows.place.unique()), starts, strict=False))
    return rows.assign(start=rows.place.map(dates).astype(float))


def designs(answer):
    return answer.evidence["designs"].set_index(["design", "variant"])


def verdicts(answer):
    return designs(answer).verdict.to_dict()


def due(answer, design):
    frame = answer.evidence["checks_due"]
    return set(frame.check[frame.design == design])


STAGGERED = {"outcome": "poor", "unit": "place", "period": "year", "since": "start", "seed": 1}
CR1 = ("two_way_fixed_effects", "CR1")


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_few_treated_refuse_cluster_robust_errors_with_their_true_size(make, roles, k):
    answer = chooser(panel(make, k), **roles, since=2014, seed=1)
    row = designs(answer).loc[CR1]
    cell = true_size("cr1", units=40, treated=k)
    assert row.verdict == "refused"
    assert (row.size_units, row.size_treated, row.size_panels) == (38, k, cell.panels), "the cell nearest to 40 units"
    assert row["size"] == cell.share
    assert number(100 * cell.share, 1 if cell.share < 0.1 else 0, "en") + " %" in row.reason["en"]
    assert "38 units" in row.reason["en"]
    assert verdicts(answer)["synthetic_control", ""] == "used"
    assert verdicts(answer)["randomization_inference", ""] != "refused"
    assert verdicts(answer).get(("synthetic_control", "pooled")) == (None if k == 1 else "used")


def test_the_table_of_sizes_is_that_of_the_notes():
    """About 63–73 % with one treated, 24–29 % with two, 14–18 % with three, 7–11 % with five, of 20 to 38 units."""
    for k, (low, high) in {1: (0.60, 0.80), 2: (0.22, 0.33), 3: (0.12, 0.21), 5: (0.06, 0.12)}.items():
        for n in (20, 38):
            assert low <= true_size("cr1", units=n, treated=k).share <= high
    assert true_size("cr1", units=514, treated=5).units == 491
    assert true_size("cr1", units=514, treated=5).share > true_size("cr1", units=38, treated=5).share
    assert true_size("nothing of the kind", units=20, treated=3) is None


def test_a_cell_is_the_worst_of_its_correlations_over_time():
    from kesos_research.methods._sizes import _table

    cell = true_size("cr1", units=38, treated=3)
    alike = [c.share for c in _table() if (c.design, c.units, c.treated, c.noise) == ("cr1", 38, 3, 1.0)]
    assert len(alike) == 3
    assert cell.share == max(alike)


def test_the_bootstrap_is_refused_where_it_never_rejects(make, roles):
    answer = chooser(panel(make, 2), **roles, since=2014, seed=1)
    row = designs(answer).loc[("wild_bootstrap", "")]
    assert row.verdict == "refused"
    assert row["size"] < 0.01
    assert "never" in row.reason["en"] or "hardly ever" in row.reason["en"]


def test_one_treated_unit_has_no_spread(make, roles):
    found = verdicts(chooser(panel(make, 1), **roles, since=2014, seed=1))
    for design in [
        ("event_study", ""),
        ("callaway_santanna", ""),
        *(("two_way_fixed_effects", f"CR{i}") for i in (1, 2, 3)),
    ]:
        assert found[design] == "refused"


def test_ten_treated_use_cr2(make, roles):
    found = verdicts(chooser(panel(make, 10), **roles, since=2014, seed=1))
    assert {d for d, v in found.items() if v == "used"} == {
        ("diff_in_diff", ""),
        ("event_study", ""),
        ("randomization_inference", ""),
        ("two_way_fixed_effects", "CR2"),
    }
    assert found["synthetic_did", ""] == "open"


def test_counts_and_smallest_p(make, roles):
    answer = chooser(panel(make, 3), **roles, since=2014, seed=1)
    found = answer.table.set_index("term").estimate
    assert found[["treated", "comparison", "periods_before", "periods_after", "dates"]].tolist() == [3, 37, 4, 2, 1]
    assert found["smallest_p"] == pytest.approx(1 / comb(40, 3))
    assert found["smallest_p_drawn"] == pytest.approx(1 / comb(40, 3))
    other = randomization_inference(panel(make, 3), **roles, since=2014, seed=1)
    assert found["mde"] == pytest.approx(other.evidence["inference"].mde[0])


def test_a_test_that_could_never_reject_is_refused(make, roles):
    row = designs(chooser(panel(make, 1, n=12), **roles, since=2014, seed=1)).loc[("randomization_inference", "")]
    assert row.verdict == "refused"
    assert "0.083" in row.reason["en"]
    assert "0,083" in row.reason["id"]


@pytest.mark.parametrize(
    ("k", "since", "used"),
    [(40, 2014, [("before_after", "")]), (0, 2014, []), (3, 2010, []), (3, 2016, [])],
    ids=["no comparison", "nobody treated", "no period before", "no period after"],
)
def test_without_a_comparison_nothing_is_called_an_effect(make, roles, k, since, used):
    answer = chooser(panel(make, k), **roles, since=since, seed=1)
    assert [d for d, v in verdicts(answer).items() if v == "used"] == used
    assert answer.table.set_index("term").estimate[["smallest_p", "mde"]].isna().all()
    assert answer.checks[0].status == "fail"


def test_noisier_treated_units_call_for_the_rescaled_test(make, roles):
    Y = np.random.default_rng(4).normal(10, 1, (40, 6))
    Y[:4] = 10 + 5 * (Y[:4] - 10)
    answer = chooser(make(Y, np.arange(40) < 4), **roles, since=2014, seed=1)
    assert verdicts(answer)["rescaled_randomization", ""] == "used"
    plain = designs(answer).loc[("randomization_inference", "")]
    assert plain.verdict == "open"
    assert plain["size"] > 0.15
    assert "noisier" in plain.reason["en"]


class TestSeveralDates:
    def test_cohorts_are_the_default_and_two_way_fixed_effects_are_refused(self, make):
        answer = chooser(adopting(make, [2012] * 5 + [2013] * 5 + [2014] * 5), **STAGGERED)
        found = verdicts(answer)
        assert {d for d, v in found.items() if v == "used"} == {("callaway_santanna", ""), ("imputation", "")}
        assert found["two_way_fixed_effects", ""] == found["wild_bootstrap", ""] == "refused"
        assert designs(answer).loc[("two_way_fixed_effects", "")]["size"] > 0.5, "the negative control of the table"
        assert "bacon_decomposition" in due(answer, "callaway_santanna")
        assert {"honest_did", "pretrend_power", "pre_trend"} <= due(answer, "callaway_santanna")

    def test_few_treated_take_one_date_at_a_time(self, make):
        found = verdicts(chooser(adopting(make, [2012, 2012, 2013, 2014]), **STAGGERED))
        assert [d for d, v in found.items() if v == "used"] == [("pool", "")]
        assert found["callaway_santanna", ""] == "refused"

    def test_without_never_treated_those_not_yet_treated_compare(self, make):
        answer = chooser(adopting(make, [2012] * 20 + [2014] * 20), **STAGGERED)
        assert verdicts(answer)["callaway_santanna", "not_yet_treated"] == "used"
        assert "bacon_decomposition" not in due(answer, "callaway_santanna")
        assert answer.table.set_index("term").estimate[["smallest_p", "mde"]].isna().all()

    def test_the_detectable_effect_is_found_four_times_in_five(self, make):
        """Of dates dealt anew: the power at the printed effect, by the definition of the notes."""
        from kesos_research.methods._dealt_dates import dealt

        rows = adopting(make, [2012] * 5 + [2013] * 5)
        answer = chooser(rows, **STAGGERED)
        wide = rows.pivot(index="place", columns="year", values="poor")
        dates = rows.drop_duplicates("place").set_index("place").start.loc[wide.index].to_numpy()
        T = dealt(wide.to_numpy(), dates, wide.columns.to_numpy(float), 9_999, 2).T
        mde = float(answer.table.set_index("term").estimate["mde"])
        assert (np.abs(T + mde) >= np.quantile(np.abs(T), 0.95)).mean() == pytest.approx(0.8, abs=0.03)

    def test_the_statistic_is_the_mean_over_cohorts_and_periods(self):
        """ATT(g, t) written out by hand for two cohorts."""
        from kesos_research.methods._dealt_dates import dealt

        Y = np.array([[1, 4, 5, 6], [2, 3, 9, 9], [0, 1, 1, 3], [1, 1, 2, 2.0]])
        starts, periods = np.array([2, 3, np.nan, np.nan]), np.array([1.0, 2, 3, 4])
        base = Y[2:]
        first = np.mean([Y[0, t] - Y[0, 0] - (base[:, t] - base[:, 0]).mean() for t in (1, 2, 3)])
        second = np.mean([Y[1, t] - Y[1, 1] - (base[:, t] - base[:, 1]).mean() for t in (2, 3)])
        assert dealt(Y, starts, periods, 9, 1).observed == pytest.approx((3 * first + 2 * second) / 5)

    def test_names_and_row_order_change_nothing(self, make):
        rows = adopting(make, [2012] * 6 + [2013] * 6)
        other = rows.assign(place=rows.place.map(lambda u: f"z{999 - int(u[1:]):03}")).sample(frac=1, random_state=1)
        pd.testing.assert_frame_equal(chooser(rows, **STAGGERED).table, chooser(other, **STAGGERED).table)


def test_who_is_treated_must_be_said_somewhere(make, roles):
    rows = panel(make, 3).drop(columns="pilot")
    with pytest.raises(MethodError, match="Nothing says"):
        chooser(rows, outcome="poor", unit="place", period="year", since=2014, seed=1)


@pytest.mark.parametrize("k", [1, 2, 4, 9, 12, 30, 39])
def test_every_design_has_a_verdict_and_reasons_in_both_languages(make, roles, k):
    answer = chooser(panel(make, k), **roles, since=2014, seed=1)
    frame = answer.evidence["designs"]
    assert set(frame.verdict) <= {"used", "refused", "open"}
    assert not frame.duplicated(["design", "variant"]).any()
    for column in ("label", "reason", "verdict_label"):
        assert all(w["en"] and w["id"] and "{" not in w["en"] for w in frame[column])
    said = " ".join(w["en"] for w in frame.reason)
    assert "not built" not in said
    owed = answer.evidence["checks_due"]
    assert set(owed.design) <= set(frame.design[frame.verdict == "used"])
    assert all(w["en"] and w["id"] for w in owed.label)


@pytest.mark.parametrize("k", [1, 3, 12])
def test_the_quick_look_says_the_same_as_the_chooser(make, roles, k):
    """But for the noise of the treated, which it does not look at."""
    slow = verdicts(chooser(panel(make, k), **roles, since=2014, seed=1))
    fast = {(d.name, d.variant): d.verdict for d in quick(panel(make, k), **roles, since=2014)}
    apart = {d for d in slow if slow[d] != fast[d]}
    assert apart <= {("randomization_inference", ""), ("rescaled_randomization", "")}


@pytest.mark.parametrize(
    ("p", "said"), [(0.25, "0,250"), (0.0004, "0,0004"), (0.0001, "0,0001"), (3.2e-5, "3 × 10⁻⁵"), (1e-12, "10⁻¹²")]
)
def test_no_probability_is_said_to_be_nought(p, said):
    assert probability(p)["id"] == said
