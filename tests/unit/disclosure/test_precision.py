"""BPS's marks: 25 and 50 per cent of relative standard error, on levels of a population only."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.disclosure import Precision, Published, protect
from kesos_research.errors import DisclosureError
from kesos_research.estimates import Estimates
from kesos_research.language import words

RULE = Published(words(id="BPS", en="BPS"))


def estimates(method: str) -> Estimates:
    errors = [0.025, 0.0250001, 0.05, 0.0500001, 0.0, np.nan]
    return Estimates(pd.DataFrame({"term": list("abcdef"), "estimate": 0.1, "std_error": errors}), method, "x")


def test_bounds_belong_to_the_better_class():
    assert protect(estimates("proportion"), rule=RULE).marks == ["", "b", "b", "c", "", ""]


@pytest.mark.parametrize("method", ["difference", "regression", "diff_in_diff", "describe"])
def test_what_is_no_level_is_not_marked(method):
    shown = protect(estimates(method), rule=RULE)
    assert "mark" not in shown.table
    assert shown.marks == [""] * 6


def test_nought_with_an_error_is_not_reliable():
    assert Precision().mark(0.0, 1.0) == "c"
    assert Precision().mark(-10.0, 3.0) == "b"


def test_bounds_may_be_others():
    shown = protect(estimates("mean"), rule=RULE, precision=Precision(good=0.5, fair=0.6))
    assert shown.marks == [""] * 3 + ["b", "", ""]
    assert shown.record.precise == (0.5, 0.6)
    with pytest.raises(DisclosureError):
        Precision(good=0.5, fair=0.5)
