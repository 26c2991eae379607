"""Numbers below each other on the decimal mark."""

from __future__ import annotations

import pytest

from kesos_research.report.render._decimals import aligned


def test_one_precision_needs_nothing() -> None:
    cells = ["−1,25", "10,40", "–"]
    assert aligned(cells, "id") == cells


@pytest.mark.parametrize(
    ("lang", "cell", "split"),
    [
        ("id", "−0,71c", ("−0", ",71c")),
        ("id", "1.234.567", ("1.234.567", "")),
        ("id", "< 0,001", ("< 0", ",001")),
        ("en", "+0.03", ("+0", ".03")),
        ("en", "12,345.6 b", ("12,345", ".6 b")),
    ],
)
def test_numbers_are_split_at_their_mark(lang: str, cell: str, split: tuple[str, str]) -> None:
    mark = "," if lang == "id" else "."
    assert aligned([cell, f"0{mark}5"], lang)[0] == split


def test_what_is_no_number_stays_whole() -> None:
    assert aligned(["0,5", "1,25", "–", "[−1,0; 2,0]"], "id")[2:] == ["–", "[−1,0; 2,0]"]
