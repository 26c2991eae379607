"""Laws of the tests of hypotheses: what must not change an answer, and what must change it by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kesos_research import methods
from kesos_research.errors import MethodError

FEW = settings(max_examples=8, deadline=None)
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n"]
CALLS = {
    "one_sample_t": {"of": "x"},
    "paired_t": {"of": "x", "against": "y"},
    "welch_t": {"of": "x", "group": "g"},
    "anova": {"of": "x", "group": "z"},
    "mann_whitney": {"of": "x", "group": "g"},
    "wilcoxon": {"of": "x", "against": "y"},
    "kruskal_wallis": {"of": "x", "group": "z"},
    "cross_table": {"of": "g", "group": "z"},
    "mcnemar": {"of": "p", "against": "q"},
    "correlation": {"of": "x", "against": "y"},
    "item_validity": {"items": ["x", "y", "u"]},
    "cronbach_alpha": {"items": ["x", "y", "u"]},
}
EVERY = pytest.mark.parametrize("name", CALLS)


@st.composite
def tables(draw):
    """Answers on a scale of ten and two groupings, as small surveys have them."""
    n = draw(st.integers(8, 24))
    answers = st.lists(st.integers(0, 10), min_size=n, max_size=n)
    rows = pd.DataFrame({name: draw(answers) for name in ("x", "y", "u")}).astype(float)
    rows["x"] += 0.1 * (np.arange(n) % 3)
    rows["g"] = np.array(["a", "b"])[np.arange(n) % 2]
    rows["z"] = np.array(draw(st.lists(st.sampled_from("klm"), min_size=n, max_size=n)))
    for name in ("p", "q"):
        rows[name] = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return rows


def run(name, rows, **more):
    try:
        return getattr(methods, name)(rows, **{**CALLS[name], **more}).table.set_index("term")[NUMBERS].astype(float)
    except MethodError as error:
        return type(error)


def same(a, b, rel=1e-7):
    if isinstance(a, type) or isinstance(b, type):
        assert a is b
        return
    pd.testing.assert_frame_equal(a, b, rtol=rel, atol=1e-9)


@EVERY
@FEW
@given(rows=tables(), seed=st.integers(0, 999))
def test_row_order_and_another_column_do_not_matter(name, rows, seed):
    other = rows.sample(frac=1, random_state=seed).assign(irrelevant=1.0)
    same(run(name, rows), run(name, other))


@pytest.mark.parametrize("name", ["welch_t", "mann_whitney"])
@FEW
@given(rows=tables())
def test_groups_in_the_other_order_turn_the_sign(name, rows):
    first, second = run(name, rows), run(name, rows.assign(g=rows.g.map({"a": "y", "b": "x"})))
    if isinstance(first, type):
        assert first is second
        return
    row, turned = first.iloc[0], second.iloc[0]
    assert (turned.estimate, turned.conf_low, turned.conf_high) == pytest.approx(
        (-row.estimate, -row.conf_high, -row.conf_low), abs=1e-9
    )
    assert turned.p_value == pytest.approx(row.p_value)


@pytest.mark.parametrize("name", ["welch_t", "paired_t", "anova", "correlation", "cronbach_alpha", "item_validity"])
@FEW
@given(rows=tables(), scale=st.sampled_from([0.001, 7.0, 1e6]))
def test_effect_sizes_have_no_unit(name, rows, scale):
    first = run(name, rows)
    second = run(name, rows.assign(**{c: rows[c] * scale for c in "xyu"}))
    if not isinstance(first, type) and not isinstance(second, type):
        first, second = (t.drop(index="difference", errors="ignore") for t in (first, second))
    same(first, second, rel=1e-6)


@pytest.mark.parametrize("name", ["mann_whitney", "kruskal_wallis"])
@FEW
@given(rows=tables())
def test_ranks_see_nothing_but_order(name, rows):
    same(run(name, rows), run(name, rows.assign(x=np.exp(rows.x / 3))))


@FEW
@given(rows=tables())
def test_a_table_turned_is_the_same_table(rows):
    same(run("cross_table", rows), run("cross_table", rows, of="z", group="g"))


@EVERY
@FEW
@given(rows=tables())
def test_a_wider_level_gives_a_wider_interval_about_the_same_estimate(name, rows):
    first, second = run(name, rows, level=0.8), run(name, rows, level=0.99)
    if isinstance(first, type):
        assert first is second
        return
    assert first.estimate.equals(second.estimate)
    low = first.conf_low.notna() & second.conf_low.notna()
    high = first.conf_high.notna() & second.conf_high.notna()
    assert (first.conf_low[low] >= second.conf_low[low] - 1e-9).all()
    assert (first.conf_high[high] <= second.conf_high[high] + 1e-9).all()
