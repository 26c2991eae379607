"""Texts of a regular expression, held to Python's own reading of it."""

import re

import numpy as np
import pytest

from kesos_research.data.pattern import texts_of


@pytest.mark.parametrize(
    ("pattern", "every"),
    [
        ("[ab]c?", {"a", "b", "ac", "bc"}),
        ("x{2,3}|y", {"xx", "xxx", "y"}),
        ("(?:a|b){2}", {"aa", "ab", "ba", "bb"}),
        ("^[0-1]-\\.$", {"0-.", "1-."}),
        ("", {""}),
    ],
)
def test_every_text_of_a_pattern_is_numbered_once(pattern, every):
    texts = texts_of(pattern)
    assert sorted(texts.at(np.arange(texts.count))) == sorted(every)


@pytest.mark.parametrize("pattern", [r"[A-Z]{3}\d+\w*", r"[^a-z]{30}.{30}", r"(a|b|[c-e]{2}){1,4}\s?x", r"\D\W\S{2}"])
def test_texts_match_their_pattern(pattern):
    texts = texts_of(pattern)
    found = texts.draw(300, np.random.default_rng(1))
    assert all(re.fullmatch(pattern, text) for text in found)
    assert len(set(found)) > 40
