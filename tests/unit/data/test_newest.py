"""Which figures of a region can be set beside those of the others: the newest year that most regions have."""

import numpy as np
import pytest

from kesos_research.data import read_panel
from kesos_research.errors import DataError, RegionError


@pytest.fixture
def panel(workspace):
    return read_panel(workspace.study)


def test_years_of_one_region(panel):
    assert panel.available("p0", of="64.03") == (2010, 2013, 2014)
    assert panel.available("p1", of="64.03") == ()
    with pytest.raises(RegionError):
        panel.available("p0", of="6403")


def test_common_years_are_those_of_more_than_half(panel):
    assert panel.common("p0") == (2010, 2011, 2013, 2014)
    assert panel.common("p1") == ()  # one region of five


def test_the_newest_figures_of_all(panel):
    newest = panel.newest(["p0", "p1"], of="33.14").set_index("wilayah")
    assert set(newest["outcome"]) == {"p0"}  # nobody else has p1
    assert list(newest.index) == ["32.10", "33.01", "33.14", "64.03", "73.03"]
    assert newest.loc["33.14", ["year", "since"]].tolist() == [2014, 2013]
    assert newest["change"].to_numpy() == pytest.approx([-0.1, -1.0, -1.0, 0.1, 0.1])


def test_the_year_is_one_the_region_has(workspace):
    workspace.change("tabel.csv", "33.14,2014,8.0,", "33.14,2014,,")
    newest = read_panel(workspace.study).newest(["p0"], of="33.14")
    assert set(newest["year"]) == {2013}
    assert set(newest["since"]) == {2011}


def test_across_a_break_there_is_no_change(workspace):
    workspace.change("tanda.csv", "73.03,2013,p0,level_break", "73.03,2014,p0,level_break")
    newest = read_panel(workspace.study).newest(["p0"], of="33.14").set_index("wilayah")
    assert np.isnan(newest.loc["73.03", "change"])
    assert newest["change"].notna().sum() == 4


def test_one_year_alone_has_no_change(workspace):
    lines = workspace.texts["tabel.csv"].splitlines(keepends=True)
    workspace.texts["tabel.csv"] = lines[0] + "".join(line for line in lines if ",2014," in line)
    flags = workspace.texts["tanda.csv"].splitlines(keepends=True)
    workspace.texts["tanda.csv"] = flags[0] + flags[-1]  # only the note stays
    newest = read_panel(workspace.study).newest(["p0"], of="33.14")
    assert newest[["since", "change"]].isna().all(axis=None)


def test_a_region_without_a_comparable_figure(panel):
    with pytest.raises(DataError, match="Sragen"):
        panel.newest(["p1"], of="33.14")
