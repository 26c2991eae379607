"""Many panels at once: the array forms behind `make coverage` are the public methods, panel by panel."""

import numpy as np
import pandas as pd
import pytest

from kesos_research.methods import callaway_santanna, diff_in_diff, two_way_fixed_effects, wild_bootstrap
from kesos_research.methods._checks import noisier
from kesos_research.methods._randomize import noise, randomise
from tests import monte_carlo_adoption as adoption
from tests import monte_carlo_changes as changes
from tests.coverage.run import SIZES, cells_of, page, sections
from tests.coverage.tables import Cell, Section, sizes_csv
from tests.monte_carlo import BEFORE
from tests.monte_carlo import changes as change

N, K = 14, 4


@pytest.fixture(scope="module")
def noise_panels():
    return changes.noise_of(np.random.default_rng(5), 3, N, 0.5)


def rows(Y, starts):
    """Tidy rows of one panel, with `since` missing for never."""
    n, T = Y.shape
    return pd.DataFrame(
        {
            "u": np.repeat(np.arange(n), T),
            "t": np.tile(np.arange(T), n),
            "y": Y.ravel(),
            "since": np.repeat(np.asarray(starts, float), T),
        }
    )


def one_date(Y):
    return rows(Y, np.where(np.arange(len(Y)) < K, BEFORE, np.nan))


ROLES = {"outcome": "y", "unit": "u", "period": "t"}


@pytest.mark.parametrize("error", ["CR1", "CR2", "CR3"])
def test_p_values_are_those_of_the_two_way_regression(noise_panels, error):
    Y = noise_panels[0]
    public = two_way_fixed_effects(one_date(Y), **ROLES, since="since", std_error=error).row(term="treated")
    ours = changes.t_tests(changes.changes_of(noise_panels), K)[error.lower()][0]
    assert ours == pytest.approx(public.p_value, rel=1e-6)


def test_cr2_is_that_of_diff_in_diff():
    Y = changes.noise_of(np.random.default_rng(6), 1, 24, 0.5)
    frame = rows(Y[0], np.where(np.arange(24) < 10, BEFORE, np.nan)).assign(a=lambda d: d.u < 10)
    public = diff_in_diff(frame, **ROLES, treated="a", since=BEFORE).row(term="treated")
    assert changes.t_tests(changes.changes_of(Y), 10)["cr2"][0] == pytest.approx(public.p_value, rel=1e-9)


def test_the_bootstrap_is_that_of_the_library(noise_panels):
    """All patterns of signs of fourteen clusters against the library's, to the share a few draws make."""
    Y = noise_panels[1]
    public = wild_bootstrap(one_date(Y), **ROLES, since="since", seed=1, signs="rademacher").row(term="treated")
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (40_000, N))
    ours = changes.wild(changes.changes_of(noise_panels), K, signs)[1]
    assert ours == pytest.approx(public.p_value, abs=0.012)


def test_randomisation_is_that_of_the_package(noise_panels):
    member, exact = changes.sets_of(N, K, 9_999, np.random.default_rng(1))
    assert exact
    D, v = changes.changes_of(noise_panels), changes.steps_of(noise_panels)
    p, warned = changes.randomised(D, K, member, exact), changes.cautioned(v, K, member, exact)
    treated, before, one = np.arange(N) < K, np.arange(noise_panels.shape[2]) < BEFORE, np.zeros(N, np.intp)
    for i, Y in enumerate(noise_panels):
        assert D[i] == pytest.approx(change(Y, before))
        assert v[i] == pytest.approx(noise(Y, before))
        assert p[i] == pytest.approx(randomise(D[i], treated, one, 9_999, 1).p_value)
        assert warned[i] == (noisier(v[i], treated, one, draws=9_999, seed=1)[0] <= 1 / 6)


def test_the_interval_misses_exactly_where_the_test_rejects():
    D = changes.changes_of(changes.noise_of(np.random.default_rng(8), 300, N, 0.5))
    treated, one = np.arange(N) < K, np.zeros(N, np.intp)
    for d in D:
        reference = randomise(d, treated, one, 9_999, 1)
        low, high = reference.interval(0.95)
        assert (low <= 0 <= high) == (reference.p_value > 0.05)


def test_the_rescaled_test_is_that_of_the_package(noise_panels):
    from kesos_research.methods import rescaled_randomization

    member, exact = changes.sets_of(N, K, 9_999, np.random.default_rng(1))
    D, v = changes.changes_of(noise_panels), changes.steps_before(noise_panels)
    happened = (np.arange(N) < K)[None, :].astype(float)
    observed, T = (
        np.abs(changes.differences(D, sets)) / np.sqrt(changes.noise_of_sets(v, sets)) for sets in (happened, member)
    )
    ours = changes.beyond(observed[:, 0], T, exact)
    for i, Y in enumerate(noise_panels):
        frame = one_date(Y).assign(a=lambda d: d.u < K)
        public = rescaled_randomization(frame, **ROLES, treated="a", since=BEFORE, seed=1)
        assert ours[i] == pytest.approx(public.row(term="treated").p_value)


def test_cohorts_are_those_of_callaway_and_santanna():
    w = adoption.world(24, True)
    Y = adoption.panels(np.random.default_rng(3), w, 2, 0.5)
    estimate, error = adoption.cohorts(Y, w)
    frame = rows(Y[0], np.where(w.since < adoption.PERIODS, w.since, np.nan))
    public = callaway_santanna(frame, **ROLES, since="since", seed=1).row(term="simple")
    assert estimate[0] == pytest.approx(public.estimate, rel=1e-9)
    assert error[0] == pytest.approx(public.std_error, rel=1e-6)


def test_the_two_way_answer_is_that_of_the_regression():
    w = adoption.world(24, True)
    Y = adoption.panels(np.random.default_rng(3), w, 2, 0.5)
    estimate, error = adoption.two_way(Y, w)
    frame = rows(Y[0], np.where(w.since < adoption.PERIODS, w.since, np.nan))
    public = two_way_fixed_effects(frame, **ROLES, since="since", std_error="CR1").row(term="treated")
    assert estimate[0] == pytest.approx(public.estimate, rel=1e-9)
    assert error[0] == pytest.approx(public.std_error, rel=1e-6)


def test_effects_of_the_made_world():
    """A quarter of the units at each date: 1.5, 1 and .5 for each period since, written out."""
    w = adoption.world(40, True)
    sums = [
        size * sum(range(1, adoption.PERIODS - g + 1)) for g, size in zip(adoption.DATES, (1.5, 1.0, 0.5), strict=True)
    ]
    assert w.truth == pytest.approx(sum(sums) / sum(adoption.PERIODS - g for g in adoption.DATES))


def test_the_change_of_a_unit_has_the_stated_spread():
    D = changes.changes_of(changes.noise_of(np.random.default_rng(1), 400, 200, 0.5))
    assert D.std() == pytest.approx(changes.change_sd(0.5), rel=0.01)


class TestTheTable:
    def test_the_order_of_cells_does_not_matter(self):
        cells = [Cell("b", 2, 1, 1.0, 0.5, 0.1, 9), Cell("a", 3, 1, 1.0, 0.5, 0.25, 9)]
        assert sizes_csv(cells) == sizes_csv(cells[::-1])
        assert sizes_csv(cells).splitlines() == [
            "design,units,treated,noise,ar,size,panels",
            "a,3,1,1.0,0.5,0.2500,9",
            "b,2,1,1.0,0.5,0.1000,9",
        ]

    def test_a_breach_is_said_at_the_top_of_the_page(self):
        assert "Outside their bands: x 1/2." in page(0.1, [Section("A", "text", breaches=["x 1/2"])])
        assert "keeps its band" in page(0.1, [Section("A", "text")])

    def test_the_package_has_every_cell_the_chooser_asks_for(self):
        found = {line.split(",")[0] for line in SIZES.read_text().splitlines()[1:]}
        wanted = "cr1 cr2 cr3 wild_bootstrap randomization_inference rescaled_randomization joint_placebo"
        assert found == {*wanted.split(), "callaway_santanna", "two_way_fixed_effects"}

    def test_the_whole_run_can_be_made(self, monkeypatch):
        """Tiny, so that a section that no longer fits the methods is seen before hours are spent."""
        import tests.coverage.few_treated as few

        for name, few_cells in (
            ("UNITS", (12,)),
            ("TREATED", (2,)),
            ("MORE_UNITS", (20, 38, 119, 491)),
            ("MORE_TREATED", (1, 2, 3)),
        ):
            monkeypatch.setattr(few, name, few_cells)
        monkeypatch.setattr(few, "naive_placebo", lambda *_, **__: 0.3)
        monkeypatch.setattr("tests.coverage.samples.PSUS", (2,))
        monkeypatch.setattr("tests.coverage.samples.finite", lambda *_, **__: 0.95)
        monkeypatch.setattr("tests.coverage.powers.CELLS", [(20, 3)])
        made = sections(0.001, 80)
        assert len(made) == 10
        assert all(s.text for s in made)
        assert {c.design for c in cells_of(made)} >= {"cr1", "wild_bootstrap", "callaway_santanna"}
