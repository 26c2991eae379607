"""Laws of the staggered methods: names and order never matter, units of measurement do what they should."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.design import SurveyDesign
from kesos_research.methods import callaway_santanna, event_study, sun_abraham, two_way_fixed_effects, wild_bootstrap

ROLES = {"outcome": "y", "unit": "unit", "period": "t", "since": "since"}


def made(starts):
    rng = np.random.default_rng(11)
    starts = np.array(starts, float)
    frame = pd.DataFrame([(i, t) for i in range(len(starts)) for t in range(6)], columns=["unit", "t"])
    frame["since"] = starts[frame.unit]
    frame["y"] = rng.normal(size=len(starts))[frame.unit] + rng.normal(size=len(frame)) + (frame.t >= frame.since)
    return frame


ONE = made([3] * 12 + [np.nan] * 16)
TWO = made([2] * 9 + [4] * 9 + [np.nan] * 12)
METHODS = {
    "callaway_santanna": (callaway_santanna, TWO, {"seed": 1}),
    "not_yet_treated": (callaway_santanna, TWO, {"seed": 1, "comparison": "not_yet_treated", "base": "universal"}),
    "repeated": (callaway_santanna, TWO, {"seed": 1, "unit": None}),
    "sun_abraham": (sun_abraham, TWO, {"seed": 1}),
    "event_study": (event_study, ONE, {"seed": 1}),
    "wild_bootstrap": (wild_bootstrap, ONE, {"seed": 1}),
    "CR2": (two_way_fixed_effects, ONE, {}),
    "CR3": (two_way_fixed_effects, ONE, {"std_error": "CR3"}),
}


@pytest.fixture(params=METHODS, ids=str)
def ask(request):
    method, frame, told = METHODS[request.param]
    return frame, lambda rows, **more: method(rows, **(ROLES | told | more))


def numbers(answer):
    """The table and every frame of estimates, as arrays."""
    shown = [answer.evidence[name] for name in ("event_time", "att_gt", "group") if name in answer.evidence]
    frames = [answer.table.drop(columns="term"), *shown]
    return [frame.to_numpy(float) for frame in frames]


def alike(one, other):
    for a, b in zip(numbers(one), numbers(other), strict=True):
        assert a == pytest.approx(b, nan_ok=True, rel=1e-7, abs=1e-9)


def test_names_and_row_order_change_nothing(ask):
    frame, method = ask
    other = frame.assign(unit=[f"k{(u * 37 + 5) % 101:03d}" for u in frame.unit]).sample(frac=1, random_state=2)
    alike(method(frame), method(other))


def test_an_irrelevant_column_and_the_index_change_nothing(ask):
    frame, method = ask
    alike(method(frame), method(frame.assign(extra="x").set_index(np.arange(len(frame)) + 7)))


def test_calendar_may_start_anywhere(ask):
    frame, method = ask
    before, after = method(frame).table, method(frame.assign(t=frame.t + 2010, since=frame.since + 2010)).table
    assert before.estimate.to_numpy() == pytest.approx(after.estimate.to_numpy())
    assert before.std_error.to_numpy() == pytest.approx(after.std_error.to_numpy())


def test_scale_scales_and_shift_does_nothing(ask):
    frame, method = ask
    before, after = method(frame).table, method(frame.assign(y=10 * frame.y + 7)).table
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert after[column].to_numpy() == pytest.approx(10 * before[column].to_numpy(), rel=1e-6)
    assert after.p_value.to_numpy() == pytest.approx(before.p_value.to_numpy())


def test_a_common_course_changes_nothing(ask):
    frame, method = ask
    moved = frame.assign(y=frame.y + 0.5 * frame.t**2)
    assert method(moved).table.estimate.to_numpy() == pytest.approx(method(frame).table.estimate.to_numpy())


def test_an_effect_added_to_the_treated_is_found(ask):
    frame, method = ask
    moved = frame.assign(y=frame.y + 5.0 * (frame.t >= frame.since))
    assert method(moved).table.estimate.to_numpy() == pytest.approx(method(frame).table.estimate.to_numpy() + 5)


def test_the_mirror_image_has_the_mirrored_interval(ask):
    frame, method = ask
    before, after = method(frame).table, method(frame.assign(y=-frame.y)).table
    assert after.conf_low.to_numpy() == pytest.approx(-before.conf_high.to_numpy(), rel=1e-6)


@pytest.mark.parametrize("name", ["callaway_santanna", "sun_abraham", "event_study", "CR2"])
def test_equal_weights_are_no_weights_and_their_scale_is_nothing(name):
    method, frame, told = METHODS[name]
    plain = method(frame, **ROLES, **told)
    weighted = method(frame.assign(w=37.0), **ROLES, **told, design=SurveyDesign(weight="w"))
    alike(plain, weighted)


def test_a_weight_split_over_two_persons_leaves_the_estimates_and_errors_by_cluster():
    rng = np.random.default_rng(2)
    frame = TWO.assign(w=rng.uniform(1, 3, 30)[TWO.unit])
    twice = pd.concat([frame.assign(w=frame.w / 3), frame.assign(w=2 * frame.w / 3)])
    told = {**ROLES, "unit": None, "seed": 1, "cluster": "unit", "design": SurveyDesign(weight="w")}
    one, two = callaway_santanna(frame, **told).table, callaway_santanna(twice, **told).table
    assert two.estimate.to_numpy() == pytest.approx(one.estimate.to_numpy())
    assert two.std_error.to_numpy() == pytest.approx(one.std_error.to_numpy())


def test_units_as_clusters_are_the_default():
    plain = callaway_santanna(TWO, **ROLES, seed=1)
    alike(plain, callaway_santanna(TWO.assign(c=TWO.unit * 3), **ROLES, seed=1, cluster="c"))


def test_the_band_holds_every_interval():
    shown = callaway_santanna(TWO, **ROLES, seed=1).evidence["event_time"]
    assert (shown.band_low <= shown.conf_low).all()
    assert (shown.band_high >= shown.conf_high).all()


def test_rows_are_left_as_they_were():
    before = TWO.copy()
    callaway_santanna(TWO, **ROLES, seed=1)
    pd.testing.assert_frame_equal(before, TWO)
