"""Ticks, limits and labels that keep apart."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesos_research.report.figure._canvas import Box
from kesos_research.report.figure._places import place
from kesos_research.report.figure._scale import limits, spread, ticks


@pytest.mark.parametrize(
    ("low", "high", "at", "decimals"),
    [(-3.1, 3.1, (-2, 0, 2), 0), (0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1.0), 1), (0, 12.4, (0, 2.5, 5, 7.5, 10), 1)],
)
def test_ticks_are_round_and_inside(low, high, at, decimals):
    marks = ticks(low, high)
    assert marks.at == pytest.approx(at)
    assert marks.decimals == decimals


def test_limits_keep_a_margin_and_take_a_single_value():
    assert limits([0.0, 10.0], pad=0.1) == (-1.0, 11.0)
    assert limits([0.0, 10.0], pad=0.0) == (0.0, 10.0)
    assert limits([np.nan]) == (0.0, 1.0)
    low, high = limits([5.0, 5.0])
    assert low < 5.0 < high


sizes = st.lists(st.tuples(st.floats(0, 100), st.floats(1, 8)), min_size=1, max_size=9)


@given(sizes)
def test_labels_keep_apart_and_inside(labels):
    wanted, size = [w for w, _ in labels], [s for _, s in labels]
    centres = spread(wanted, size, 0.0, 100.0)
    order = np.argsort(centres, kind="stable")
    for a, b in pairwise(order):
        assert centres[b] - centres[a] >= (size[a] + size[b]) / 2 - 1e-6
    for centre, s in zip(centres, size, strict=True):
        assert s / 2 - 1e-6 <= centre <= 100 - s / 2 + 1e-6


def test_labels_with_room_stay_where_they_are():
    assert spread([10, 50, 90], [4, 4, 4], 0, 100) == pytest.approx([10, 50, 90])


def test_names_cover_neither_each_other_nor_what_is_named():
    rng = np.random.default_rng(1)
    crowd = rng.uniform(0, 1, (80, 2)) * (60, 30)
    points = crowd[:5]
    frame = Box(0, 0, 100, 60)
    found = place(points, [(15.0, 3.0)] * 5, crowd, frame, near=1.5)
    for i, box in enumerate(found):
        assert frame.left <= box.left
        assert box.right <= frame.right
        inside = (points[:, 0] > box.left) & (points[:, 0] < box.right)
        inside &= (points[:, 1] > box.top) & (points[:, 1] < box.bottom)
        assert not inside.any()
        for other in found[:i]:
            apart = box.right <= other.left or other.right <= box.left
            assert apart or box.bottom <= other.top or other.bottom <= box.top
