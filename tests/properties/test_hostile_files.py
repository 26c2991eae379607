"""A few hundred bad files of every format, each refused with file, place and remedy; `assurance` tries thousands."""

from __future__ import annotations

import numpy as np
import pytest
from assurance._bad import MAKERS, Case, good, look

from kesos_research.language import use

EACH = 12
SLOW = {"_dta": 3, "_sav": 3, "_wide": 3, "_log": 6, "_headers": 8}
"""Fewer of what costs a process of its own, or is large."""


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.strip("_"))
def test_bad_files_are_refused_in_words(make, tmp_path):
    rng = np.random.default_rng(2026)
    with use("en"):
        for _ in range(SLOW.get(make.__name__, EACH)):
            look(make(rng), tmp_path)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".dbf", ".dta", ".sav"])
def test_the_files_they_are_made_from_are_good(suffix, tmp_path):
    assert not look(Case("good", f"a{suffix}", good(suffix), must=False), tmp_path)


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".dbf", ".csv"])
def test_a_file_cut_at_any_byte_is_refused(suffix, tmp_path):
    raw = good(suffix)
    with use("en"):
        for end in [*range(1, 60), *range(60, len(raw) - 1, max(1, len(raw) // 60))]:
            if suffix != ".csv" or not raw[:end].endswith(b"\n"):
                assert look(Case("cut", f"a{suffix}", raw[:end]), tmp_path)
