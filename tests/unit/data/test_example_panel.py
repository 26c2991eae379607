"""A panel of invented rows knows the regions of the country that does not exist, and no others."""

from dataclasses import replace

import pytest

from kesos_research.data import read_panel, remarks
from kesos_research.domain import example_region
from kesos_research.errors import RegionError

CODES = {"33.14": "01.01", "32.10": "01.02", "33.01": "02.01", "64.03": "03.71", "73.03": "09.01"}


@pytest.fixture
def panel(workspace):
    real = read_panel(workspace.study)
    codes = {"wilayah": lambda frame: frame["wilayah"].map(CODES)}
    return replace(
        real,
        rows=real.rows.assign(**codes),
        flags=real.flags.assign(**codes),
        codebook=replace(real.codebook, synthetic=True),
    )


def test_the_same_regions_are_compared_as_if_they_were_real(panel):
    balanced = panel.balanced("p0", [2010, 2011, 2013, 2014], treated=["01.01"])
    assert (balanced.treated, balanced.comparison) == (("01.01",), ("01.02", "02.01"))
    assert balanced.donors("same_island", of="01.01") == ("01.02", "02.01")
    assert balanced.within(["01.02"]).donors("all", of="01.01") == ("01.02",)
    assert panel.available("p0", of="09.01") == (2010, 2011, 2013, 2014)
    assert panel.region("01.01") == example_region("01.01")
    assert set(remarks(panel, outcomes=["p0"], of="01.01", since=2010)["outcome"]) == {"p0"}


@pytest.mark.parametrize("code", ["33.14", "01.99"])
def test_other_regions_are_refused(panel, code):
    for ask in (
        lambda: panel.balanced("p0", [2010, 2011], treated=[code]),
        lambda: panel.available("p0", of=code),
        lambda: remarks(panel, outcomes=["p0"], of=code, since=2010),
    ):
        with pytest.raises(RegionError):
            ask()


def test_example_regions_have_no_place_among_real_ones(workspace):
    with pytest.raises(RegionError, match="01"):
        read_panel(workspace.study).balanced("p0", [2010, 2011], treated=["01.01"])
