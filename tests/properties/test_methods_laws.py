"""Laws of the methods: what must not change an answer, and what must change it by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kesos_research import methods
from kesos_research.errors import MethodError

ROLES = {"outcome": "poor", "unit": "place", "period": "year", "treated": "pilot", "since": 2013}
CALLS = {
    "diff_in_diff": {},
    "randomization_inference": {"seed": 5},
    "minimum_detectable_effect": {"seed": 5},
    "synthetic_control": {"seed": 5},
    "leave_one_out": {},
    "chooser": {"seed": 5},
}
EVERY = pytest.mark.parametrize("name", CALLS)
SLOW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def panels(draw):
    """(units, years) figures with two decimals, as offices publish them, and how many units are treated."""
    n = draw(st.integers(10, 15))
    cells = st.integers(0, 4000).map(lambda c: c / 100)
    Y = np.array(draw(st.lists(st.lists(cells, min_size=5, max_size=5), min_size=n, max_size=n)))
    return Y + 1e-3 * np.arange(n)[:, None] ** 2, draw(st.integers(2, 3))


def tidy(Y, k, names=None):
    names = names or [f"u{i:02d}" for i in range(len(Y))]
    return pd.DataFrame(
        {
            "place": np.repeat(names, Y.shape[1]),
            "year": list(range(2010, 2010 + Y.shape[1])) * len(Y),
            "poor": Y.ravel(),
            "pilot": np.repeat(np.arange(len(Y)) < k, Y.shape[1]),
        }
    )


def run(name, rows):
    """The numbers of the answer, or the refusal."""
    try:
        answer = getattr(methods, name)(rows, **ROLES, **CALLS[name])
    except MethodError as error:
        return type(error)
    return answer.table.set_index("term").astype(float)


def same(a, b, scale=1.0):
    if isinstance(a, type) or isinstance(b, type):
        assert a is b
        return
    a = a.assign(**{c: a[c] * scale for c in ("estimate", "std_error", "conf_low", "conf_high")})
    pd.testing.assert_frame_equal(a, b, rtol=1e-6, atol=1e-7 * max(1.0, abs(scale)))


@EVERY
@SLOW
@given(panel=panels(), order=st.randoms(use_true_random=False))
def test_row_order_does_not_matter(name, panel, order):
    rows = tidy(*panel)
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    same(run(name, rows), run(name, rows.iloc[shuffled]))


@EVERY
@SLOW
@given(panel=panels(), order=st.randoms(use_true_random=False))
def test_names_of_units_do_not_matter(name, panel, order):
    Y, k = panel
    names = [f"x{i:02d}" for i in range(len(Y))]
    order.shuffle(names)
    first, second = run(name, tidy(Y, k)), run(name, tidy(Y, k, names))
    if not isinstance(first, type) and name == "synthetic_control":
        first = first.rename(index={f"u{i:02d}": names[i] for i in range(k)}).sort_index()
        second = second.sort_index()
    same(first, second)


@EVERY
@SLOW
@given(panel=panels())
def test_another_column_changes_nothing(name, panel):
    rows = tidy(*panel)
    same(run(name, rows), run(name, rows.assign(irrelevant=np.arange(len(rows)) % 7)))


@EVERY
@SLOW
@given(panel=panels(), shift=st.integers(-50, 50))
def test_a_constant_added_to_all_changes_nothing(name, panel, shift):
    Y, k = panel
    same(run(name, tidy(Y, k)), run(name, tidy(Y + shift, k)))


@pytest.mark.parametrize("name", ["diff_in_diff", "randomization_inference", "synthetic_control"])
@SLOW
@given(panel=panels(), scale=st.sampled_from([0.25, 8.0, 1024.0]))
def test_another_unit_of_measurement_scales_the_answer(name, panel, scale):
    Y, k = panel
    first, second = run(name, tidy(Y, k)), run(name, tidy(scale * Y, k))
    same(first, second, scale)


@pytest.mark.parametrize("name", ["diff_in_diff", "randomization_inference"])
@SLOW
@given(panel=panels(), seed=st.integers(0, 99))
def test_levels_of_units_and_a_common_course_do_not_matter(name, panel, seed):
    Y, k = panel
    rng = np.random.default_rng(seed)
    moved = Y + rng.integers(0, 40, (len(Y), 1)) + rng.integers(-5, 5, Y.shape[1])
    same(run(name, tidy(Y, k)), run(name, tidy(moved, k)))


@pytest.mark.parametrize("name", ["diff_in_diff", "synthetic_control"])
@SLOW
@given(panel=panels(), effect=st.integers(-20, 20))
def test_an_effect_on_the_treated_is_found(name, panel, effect):
    Y, k = panel
    changed = Y.copy()
    changed[:k, 3:] += effect
    first, second = run(name, tidy(Y, k)), run(name, tidy(changed, k))
    if not isinstance(first, type) and not isinstance(second, type):
        np.testing.assert_allclose(second.estimate - first.estimate, effect, atol=1e-6)


@SLOW
@given(panel=panels(), effect=st.integers(-20, 20))
def test_an_effect_moves_the_randomisation_interval_with_it(panel, effect):
    """The interval inverts the test: what is added to the treated is added to both ends."""
    Y, k = panel
    changed = Y.copy()
    changed[:k, 3:] += effect
    first, second = run("randomization_inference", tidy(Y, k)), run("randomization_inference", tidy(changed, k))
    if not isinstance(first, type) and not isinstance(second, type):
        for end in ("conf_low", "conf_high"):
            np.testing.assert_allclose(second[end] - first[end], effect, atol=1e-6)


@SLOW
@given(panel=panels())
def test_weights_are_a_mean_of_donors(panel):
    Y, k = panel
    answer = methods.synthetic_control(tidy(Y, k), **ROLES, seed=1)
    weights = answer.evidence["weights"]
    np.testing.assert_allclose(weights.groupby("unit").weight.sum(), 1.0)
    assert (weights.weight > 0).all()
    assert not weights.donor.isin([f"u{i:02d}" for i in range(k)]).any()
    assert answer.evidence["fit"].duality_gap.max() <= 1e-8


@given(
    figures=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30),
    scale=st.sampled_from([-2.0, 0.5, 3.0]),
    shift=st.integers(-100, 100),
)
@settings(max_examples=30, deadline=None)
def test_statistics_follow_scale_and_shift(figures, scale, shift):
    rows = pd.DataFrame({"poor": figures})
    first = methods.describe(rows, of="poor").table.set_index("term").estimate
    second = methods.describe(rows.assign(poor=scale * rows.poor + shift), of="poor").table.set_index("term").estimate
    size = 1e-9 * max(1.0, *map(abs, figures))
    assert second["mean"] == pytest.approx(scale * first["mean"] + shift, abs=size)
    assert second["median"] == pytest.approx(scale * first["median"] + shift, abs=size)
    assert second["max"] == pytest.approx(scale * first["max" if scale > 0 else "min"] + shift, abs=size)
    assert second["sd"] == pytest.approx(abs(scale) * first["sd"], abs=size, nan_ok=True)
