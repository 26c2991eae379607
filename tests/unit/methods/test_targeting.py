"""Targeting: hand counts, the survey's own ratios, and a jackknife over sampled units written without this package."""

import numpy as np
import pandas as pd
import pytest

from kesos_research import SurveyDesign
from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.methods.means import ratio
from kesos_research.methods.targeting import overlap, register_change, targeting

DESIGN = SurveyDesign(weight="w", strata="stratum", cluster="psu")


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


@pytest.fixture
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(20260405)
    n = 600
    psu = np.repeat(np.arange(60), 10)
    spent = np.exp(rng.normal(0, 0.6, n) + rng.normal(0, 0.3, 60)[psu])
    score = np.log(spent) + rng.normal(0, 0.4, n)
    return pd.DataFrame(
        {
            "psu": psu,
            "stratum": psu // 20,
            "w": rng.uniform(50, 150, 60)[psu],
            "kab": np.where(psu % 2, "a", "b"),
            "poor": spent < np.quantile(spent, 0.3),
            "pkh": score < np.quantile(score, 0.25),
            "bpnt": score + rng.normal(0, 0.8, n) < np.quantile(score, 0.35),
        }
    )


def test_hand_counted_errors():
    # 10 units: 4 eligible of whom 3 receive, 6 not eligible of whom 2 receive
    hand = pd.DataFrame({"w": 1.0, "e": [1] * 4 + [0] * 6, "r": [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]})
    answer = targeting(hand, of="r", eligible="e", design=SurveyDesign(weight="w"))
    found = answer.table.set_index("term")["estimate"]
    assert found.to_dict() == pytest.approx(
        {
            "coverage": 3 / 4,
            "exclusion_error": 1 / 4,
            "inclusion_error": 2 / 5,
            "leakage": 2 / 6,
            "targeting_differential": 3 / 4 - 2 / 6,
            "reached": 5 / 10,
            "eligible": 4 / 10,
        }
    )


def test_coverage_is_the_ratio_that_the_survey_core_gives(rows):
    rows["both"] = rows["pkh"] & rows["poor"]
    answer = targeting(rows, of="pkh", eligible="poor", by="kab", design=DESIGN)
    other = ratio(rows, of="both", to="poor", by="kab", design=DESIGN)
    mine = answer.table[answer.table.term == "coverage"].reset_index(drop=True)
    for column in ("estimate", "std_error", "conf_low", "conf_high", "df"):
        assert mine[column].to_numpy() == pytest.approx(other.table[column].to_numpy(), rel=1e-12)


def jackknife(rows: pd.DataFrame, statistic) -> float:
    """Standard error by leaving out one sampled unit of a stratum at a time (JKn)."""
    total = 0.0
    for _stratum, part in rows.groupby("stratum"):
        units = part["psu"].unique()
        n = len(units)
        for unit in units:
            w = rows["w"].where(rows["stratum"] != part["stratum"].iloc[0], rows["w"] * n / (n - 1))
            total += (n - 1) / n * (statistic(w.where(rows["psu"] != unit, 0.0)) - statistic(rows["w"])) ** 2
    return total**0.5


def test_standard_errors_are_those_of_a_jackknife(rows):
    e, r = rows["poor"], rows["pkh"]

    def differential(w):
        return (w * e * r).sum() / (w * e).sum() - (w * ~e * r).sum() / (w * ~e).sum()

    answer = targeting(rows, of="pkh", eligible="poor", design=DESIGN).row(term="targeting_differential")
    assert answer.estimate == pytest.approx(differential(rows["w"]), rel=1e-12)
    assert answer.std_error == pytest.approx(jackknife(rows, differential), rel=0.03)


def test_a_change_of_register_knows_that_the_lists_share_their_errors(rows):
    b, a, e = rows["pkh"], rows["bpnt"], rows["poor"]

    def change(w):
        return ((w * e * ~a).sum() - (w * e * ~b).sum()) / (w * e).sum()

    def dropped(w):
        return (w * b * ~a * e).sum() / (w * b * ~a).sum()

    answer = register_change(rows, before="pkh", after="bpnt", eligible="poor", design=DESIGN)
    for term, statistic in (("exclusion_change", change), ("dropped_eligible", dropped)):
        assert answer.row(term=term).estimate == pytest.approx(statistic(rows["w"]), rel=1e-12)
        assert answer.row(term=term).std_error == pytest.approx(jackknife(rows, statistic), rel=0.05)
    apart = [answer.row(term=f"exclusion_{when}").std_error for when in ("before", "after")]
    assert answer.row(term="exclusion_change").std_error < np.hypot(*apart)


def test_errors_of_each_list_are_those_of_targeting(rows):
    change = register_change(rows, before="pkh", after="bpnt", eligible="poor", design=DESIGN)
    for when, of in (("before", "pkh"), ("after", "bpnt")):
        alone = targeting(rows, of=of, eligible="poor", design=DESIGN)
        for kind in ("exclusion", "inclusion"):
            mine, other = change.row(term=f"{kind}_{when}"), alone.row(term=f"{kind}_error")
            assert (mine.estimate, mine.std_error) == pytest.approx((other.estimate, other.std_error), rel=1e-12)


def test_combinations_sum_to_one_and_conditional_shares_are_ratios(rows):
    rows["kip"] = rows["pkh"] ^ rows["bpnt"]
    answer = overlap(rows, of=["pkh", "bpnt", "kip"], by="kab", design=DESIGN)
    shares = answer.table[~answer.table.term.str.contains("|", regex=False)]
    assert shares.groupby("kab")["estimate"].sum().to_numpy() == pytest.approx([1, 1], abs=1e-12)
    assert len(shares) == 2 * 2**3
    w, in_a = rows["w"], rows["kab"] == "a"
    hand = (w * in_a * rows["pkh"] * rows["bpnt"]).sum() / (w * in_a * rows["bpnt"]).sum()
    assert answer.row(kab="a", term="pkh|bpnt").estimate == pytest.approx(hand, rel=1e-12)


def test_nobody_eligible_is_said_and_not_a_number(rows):
    rows.loc[rows["kab"] == "a", "poor"] = False
    answer = targeting(rows, of="pkh", eligible="poor", by="kab", design=DESIGN)
    assert np.isnan(answer.row(kab="a", term="coverage").estimate)
    assert answer.row(kab="a", term="inclusion_error").estimate == 1
    assert any(check.name == "undefined" and "a" in check.say("en") for check in answer.checks)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r: targeting(r.assign(pkh=2.0), of="pkh", eligible="poor", design=DESIGN), "true and false"),
        (lambda r: overlap(r, of=["pkh"], design=DESIGN), "two to 5"),
        (lambda r: overlap(r, of=["pkh", "pkh"], design=DESIGN), "two to 5"),
        (lambda r: targeting(r, of="pkhh", eligible="poor", design=DESIGN), "pkhh"),
    ],
)
def test_refused(rows, call, says):
    with pytest.raises(KesosError, match=says):
        call(rows)
