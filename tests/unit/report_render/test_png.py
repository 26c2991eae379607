"""Figures as pictures, for Word and slides."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from documents.sample_exhibits import chart
from PIL import Image

from kesos_research.errors import DocumentError
from kesos_research.report.render.picture import picture
from kesos_research.report.render.typst import png


def size(image: bytes) -> tuple[int, int]:
    return struct.unpack(">II", image[16:24])


def test_a_figure_has_its_printed_size() -> None:
    wide, high = size(png(chart(84, 42, label="%"), ppi=300))
    assert abs(wide - 84 / 25.4 * 300) <= 1
    assert abs(high - 42 / 25.4 * 300) <= 1


def test_a_width_may_be_asked_for() -> None:
    assert abs(size(png(chart(84, 42, label="%"), ppi=150, width_mm=100))[0] - 100 / 25.4 * 150) <= 1


def test_the_same_figure_is_the_same_bytes() -> None:
    assert png(chart(40, 20, label="a"), 72) == png(chart(40, 20, label="a"), 72)


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(DocumentError):
        png("<svg")


def test_a_picture_for_word_keeps_its_look_in_a_third_of_the_bytes() -> None:
    svg = chart(84, 42, label="%")
    plain, few = (Image.open(io.BytesIO(data)) for data in (png(svg, 300), picture(svg).png))
    assert few.size == plain.size
    before, after = (np.asarray(image.convert("RGB")).astype(int) for image in (plain, few))
    assert np.abs(before - after).max() <= 16  # of 255
    assert (after[(before == 255).all(axis=2)] == 255).all()
    assert len(picture(svg).png) < len(png(svg, 300)) / 1.5
    first = picture(svg).png
    picture.cache_clear()
    assert picture(svg).png == first
