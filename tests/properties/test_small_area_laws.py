"""Laws of small areas: what must not change an answer, and what must change it by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kesos_research.methods import battese_harter_fuller, benchmark, bootstrap_mse, fay_herriot

ROLES = {"of": "y", "variance": "v", "area": "area", "covariates": ["x", "z"]}
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]
FEW = settings(max_examples=6, deadline=None)


@st.composite
def areas(draw):
    """Figures with two decimals, some areas without a sample."""
    m = draw(st.integers(8, 16))
    cents = st.integers(100, 4000).map(lambda c: c / 100)
    column = st.lists(cents, min_size=m, max_size=m)
    rows = pd.DataFrame({"y": draw(column), "v": draw(column), "x": draw(column), "z": draw(column)})
    rows[["x", "z"]] += 0.01 * np.arange(m)[:, None] ** np.array([1, 2])
    rows["y"] += 0.001 * np.arange(m)
    without = draw(st.integers(0, 2))
    rows.loc[m - without :, ["y", "v"]] = np.nan
    return rows.assign(area=[f"a{i:02d}" for i in range(m)])


def numbers(rows, method="reml", **more):
    answer = fay_herriot(rows, **{**ROLES, **more}, method=method)
    return bootstrap_mse(answer, seed=4, draws=200).table.set_index("area")[NUMBERS]


def same(a, b, rel=1e-6):
    pd.testing.assert_frame_equal(a, b, rtol=rel, atol=1e-7 * float(np.abs(a.to_numpy()).max()), check_names=False)


METHOD = pytest.mark.parametrize("method", ["reml", "ml", "moment"])


@METHOD
@FEW
@given(rows=areas(), order=st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(method, rows, order):
    names = [f"b{i:02d}" for i in range(len(rows))]
    order.shuffle(names)
    first = numbers(rows, method)
    second = numbers(rows.assign(area=names).sample(frac=1, random_state=order.randint(0, 99)), method)
    same(first.set_axis(names), second.loc[names])


@METHOD
@FEW
@given(rows=areas(), scale=st.sampled_from([0.001, 8.0, 1e6]))
def test_another_unit_of_measurement(method, rows, scale):
    same(numbers(rows, method) * scale, numbers(rows.assign(y=rows.y * scale, v=rows.v * scale**2), method))
    same(numbers(rows, method), numbers(rows.assign(x=rows.x * scale - 3, z=100 - rows.z), method))


@METHOD
@FEW
@given(rows=areas(), slope=st.integers(-5, 5))
def test_what_the_covariates_say_exactly_is_added_exactly(method, rows, slope):
    added = 7 + slope * rows.x
    moved = fay_herriot(rows.assign(y=rows.y + added), **ROLES, method=method).table[NUMBERS]
    first = fay_herriot(rows, **ROLES, method=method).table[NUMBERS]
    for end in ("estimate", "conf_low", "conf_high"):
        first[end] += added.to_numpy()
    same(first, moved)


@FEW
@given(rows=areas())
def test_another_column_changes_nothing(rows):
    same(numbers(rows), numbers(rows.assign(other=np.arange(len(rows)))), rel=0)


@FEW
@given(rows=areas(), method=st.sampled_from(["ratio", "difference"]))
def test_a_benchmark_that_is_met_already_moves_nothing(rows, method):
    answer = fay_herriot(rows, **ROLES)
    size = np.arange(1.0, len(rows) + 1)
    met = float(size @ answer.table.estimate / size.sum())
    if method == "ratio" and met <= 0:
        return
    told = rows.assign(people=size, told=met)
    level = benchmark(answer, population=told, size="people", target="told", method=method)
    same(answer.table[NUMBERS], level.table[NUMBERS], rel=1e-9)


@FEW
@given(seed=st.integers(0, 999), scale=st.sampled_from([0.01, 1000.0]))
def test_units_of_measurement_of_unit_records(seed, scale):
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"area": np.repeat(list("abcdefgh"), 4), "x": rng.normal(size=32)})
    rows["y"] = rows.x + np.repeat(rng.normal(size=8), 4) + rng.normal(size=32)
    means = pd.DataFrame({"area": list("abcdefghi"), "x": rng.normal(size=9)})
    roles = {"of": "y", "area": "area", "covariates": ["x"]}
    first = battese_harter_fuller(rows, **roles, population=means).table
    second = battese_harter_fuller(rows.assign(y=rows.y * scale + 5), **roles, population=means).table
    expected = first[NUMBERS] * scale + np.array([5, 0, 5, 5])
    same(expected, second[NUMBERS])
    third = battese_harter_fuller(
        rows.assign(x=3 - rows.x * scale), **roles, population=means.assign(x=3 - means.x * scale)
    ).table
    same(first[NUMBERS], third[NUMBERS])
