"""Incidence: hand arithmetic, and standard errors against the spread of estimates over repeated samples."""

import numpy as np
import pandas as pd
import pytest

from kesos_research import SurveyDesign
from kesos_research.errors import KesosError
from kesos_research.language import use
from kesos_research.methods.incidence import coady_grosh_hoddinott, incidence, transfer_impact
from kesos_research.methods.poverty import fgt

DESIGN = SurveyDesign(weight="w", cluster="psu")


@pytest.fixture(autouse=True)
def english():
    with use("en"):
        yield


def drawn(rng: np.random.Generator, psus: int = 80, size: int = 8) -> pd.DataFrame:
    """A sample of clusters from an endless population: expenditure, and aid that leans towards the poor."""
    psu = np.repeat(np.arange(psus), size)
    n = len(psu)
    spent = np.exp(rng.normal(0, 0.5, n) + rng.normal(0, 0.3, psus)[psu])
    receives = rng.random(n) < 0.7 / (1 + spent**2)
    aid = np.where(receives, rng.uniform(0.1, 0.3, n), 0.0)
    return pd.DataFrame({"psu": psu, "w": 1.0, "kab": np.where(psu % 2, "a", "b"), "spent": spent, "aid": aid})


def test_hand_arithmetic_of_tenths():
    rows = pd.DataFrame({"w": 1.0, "psu": range(10), "spent": range(1, 11), "aid": [3, 0, 2, 0, 1, 0, 0, 4, 0, 0]})
    rows = rows.astype({"spent": float, "aid": float})
    answer = incidence(rows, of="aid", rank="spent", groups=2, design=DESIGN)
    first = answer.table[answer.table["quantile"] == 1].set_index("term")["estimate"]
    assert first.to_dict() == pytest.approx(
        {
            "coverage": 3 / 5,
            "share_of_recipients": 3 / 4,
            "share_of_benefits": 6 / 10,
            "benefit": 6 / 3,
            "generosity": 6 / (1 + 3 + 5),
        }
    )


def test_n_is_that_of_the_quantile_group_in_the_group():
    rows = drawn(np.random.default_rng(9))
    table = incidence(rows, of="aid", rank="spent", groups=5, by="kab", design=DESIGN).table
    cut = np.quantile(rows["spent"], np.arange(1, 5) / 5, method="inverted_cdf")
    counted = rows.groupby(["kab", np.searchsorted(cut, rows["spent"], side="left") + 1]).size()
    told = table[table.term == "coverage"].set_index(["kab", "quantile"])["n"]
    assert told.to_dict() == counted.to_dict()


def test_shares_sum_to_one_in_each_group():
    rows = drawn(np.random.default_rng(3))
    table = incidence(rows, of="aid", rank="spent", groups=5, by="kab", design=DESIGN).table
    for term in ("share_of_recipients", "share_of_benefits"):
        sums = table[table.term == term].groupby("kab")["estimate"].sum()
        assert sums.to_numpy() == pytest.approx([1, 1], abs=1e-12)


def test_the_ratio_of_coady_grosh_hoddinott_is_the_share_over_p():
    rows = drawn(np.random.default_rng(4))
    share = incidence(rows, of="aid", rank="spent", groups=5, design=DESIGN).table
    two = share[(share.term == "share_of_benefits") & (share["quantile"] <= 2)]["estimate"].sum()
    ratio = coady_grosh_hoddinott(rows, of="aid", rank="spent", poorest=0.4, design=DESIGN).row(term="cgh")
    assert ratio.estimate == pytest.approx(two / 0.4, rel=1e-9)
    even = coady_grosh_hoddinott(rows.assign(aid=1.0), of="aid", rank="spent", poorest=0.4, design=DESIGN)
    assert even.row(term="cgh").estimate == pytest.approx(1, abs=1e-9)


def test_standard_errors_are_the_spread_over_repeated_samples():
    """With limits estimated in each sample; without their part the errors of the middle tenths would be off by half."""
    rng = np.random.default_rng(20261128)
    found, told = [], []
    for _draw in range(150):
        rows = drawn(rng)
        table = incidence(rows, of="aid", rank="spent", groups=5, design=DESIGN).table
        cgh = coady_grosh_hoddinott(rows, of="aid", rank="spent", poorest=0.4, design=DESIGN).table
        found.append([*table["estimate"], *cgh["estimate"]])
        told.append([*table["std_error"], *cgh["std_error"]])
    spread, mean = np.std(found, axis=0), np.mean(told, axis=0)
    # the SD of 150 draws is known to 6 %: three of those, and the kernel's bias
    assert mean / spread == pytest.approx(np.ones(len(spread)), abs=0.22)


def test_a_transfer_moves_poverty_as_the_line_formula_says():
    rows = drawn(np.random.default_rng(5))
    answer = transfer_impact(rows, of="spent", amount="aid", line=0.8, by="kab", design=DESIGN)
    before = fgt(rows, of="spent", line=0.8, by="kab", design=DESIGN).table
    after = fgt(rows.assign(spent=rows.spent + rows.aid), of="spent", line=0.8, by="kab", design=DESIGN).table
    for order in ("p0", "p1", "p2"):
        for kab in ("a", "b"):
            here = (before.kab == kab) & (before.term == order)
            mine = answer.row(kab=kab, term=f"before_{order}")
            assert (mine.estimate, mine.std_error) == pytest.approx(
                (before[here].estimate.item(), before[here].std_error.item()), rel=1e-12
            )
            change = answer.row(kab=kab, term=f"change_{order}").estimate
            assert change == pytest.approx(after[here].estimate.item() - before[here].estimate.item(), abs=1e-12)
            assert change < 0


def test_what_fills_gaps_is_what_the_gap_loses():
    rows = drawn(np.random.default_rng(6))
    table = transfer_impact(rows, of="spent", amount="aid", line=0.8, order=1, design=DESIGN).table
    found = table.set_index("term")["estimate"]
    assert found["into_gap"] * found["cost"] == pytest.approx(-found["change_p1"] * 0.8, rel=1e-12)
    assert found["into_gap"] <= found["to_poor"] <= 1


def test_scaling_money_changes_nothing_but_amounts():
    rows = drawn(np.random.default_rng(7))
    one = incidence(rows, of="aid", rank="spent", groups=5, design=DESIGN).table
    two = incidence(
        rows.assign(aid=rows.aid * 1000, spent=rows.spent * 1000), of="aid", rank="spent", groups=5, design=DESIGN
    ).table
    amounts = one.term == "benefit"
    for column in ("estimate", "std_error"):
        assert two[column][~amounts].to_numpy() == pytest.approx(one[column][~amounts].to_numpy(), rel=1e-9)
        assert two[column][amounts].to_numpy() == pytest.approx(1000 * one[column][amounts].to_numpy(), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda r: incidence(r.assign(aid=-1.0), of="aid", rank="spent", design=DESIGN), "negative"),
        (lambda r: incidence(r.assign(spent=1.0), of="aid", rank="spent", design=DESIGN), "different values"),
        (lambda r: incidence(r, of="aid", rank="spent", groups=1, design=DESIGN), "groups"),
        (lambda r: coady_grosh_hoddinott(r, of="aid", rank="spent", poorest=1.0, design=DESIGN), "poorest"),
        (lambda r: transfer_impact(r, of="spent", amount="aid", line=0, design=DESIGN), "line"),
    ],
)
def test_refused(call, says):
    with pytest.raises(KesosError, match=says):
        call(drawn(np.random.default_rng(8)))
