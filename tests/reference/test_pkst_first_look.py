"""The PKST pilots in the official figures, against a few lines of numpy and an independent first look.

The first look was computed before this project existed, by other people with other code, from the same figures and
flags: difference, randomisation p, comparison districts, minimum detectable effect. Its p-values and effects rest on
random draws: 0.02 and 0.05 are about three standard errors of both together.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kesos_research.methods import leave_one_out, minimum_detectable_effect, randomization_inference, synthetic_control

DATA = Path(__file__).parents[2] / "data"
PILOTS = ["33.14", "64.03", "73.03", "13.76", "32.72"]
ROLES = {"unit": "wilayah", "period": "tahun", "treated": "percontohan"}

FIRST_LOOK = {
    # outcome, years before, years after: difference, p, others, minimum detectable effect
    ("p0", (2010, 2012), (2014, 2015)): (0.034, 0.96, 486, 1.96),
    ("p0", (2010, 2012), (2014, 2019)): (0.137, 0.87, 485, 2.30),
    ("p0", (2009, 2010), (2011, 2012)): (0.825, 0.20, 462, 1.80),
    ("p0", (2007, 2009), (2010, 2012)): (2.03, 0.05, 441, None),
    ("tpt", (2010, 2012), (2014, 2015)): (-0.70, 0.37, 492, 2.24),
    ("tpt", (2010, 2012), (2014, 2019)): (-1.05, 0.12, 492, 1.92),
}
PER_PILOT = {"33.14": -1.13, "64.03": 0.67, "73.03": 1.55, "13.76": -1.66, "32.72": 0.74}
CASES = pytest.mark.parametrize(
    ("outcome", "before", "after"), FIRST_LOOK, ids=[f"{o} {b[0]}-{b[1]} {a[0]}-{a[1]}" for o, b, a in FIRST_LOOK]
)


def years(first, last):
    return list(range(first, last + 1))


def figures(outcome, before, after):
    """(districts × years), flags applied: what is excluded is missing, breaks are no comparison, whole rows only."""
    frame = pd.read_csv(DATA / "kabupaten_kota.csv", dtype={"wilayah": str})
    flags = pd.read_csv(DATA / "kabupaten_kota_tanda.csv", dtype={"wilayah": str}).query("indikator == @outcome")
    wide = frame.pivot(index="wilayah", columns="tahun", values=outcome)
    for code, year in flags.loc[flags.guna == "exclude", ["wilayah", "tahun"]].itertuples(index=False):
        wide.loc[code, year] = np.nan
    wide = wide[[*years(*before), *years(*after)]].dropna(axis=1, how="all").dropna()
    broken = flags[(flags.guna == "break") & (flags.tahun > wide.columns.min()) & (flags.tahun <= wide.columns.max())]
    return wide[~wide.index.isin(set(broken.wilayah) - set(PILOTS))]


def tidy(wide, outcome):
    rows = wide.stack().rename(outcome).rename_axis(["wilayah", "tahun"]).reset_index()
    return rows.assign(percontohan=rows.wilayah.isin(PILOTS))


def by_numpy(wide, after, draws=10_000):
    """Difference, p, spread and minimum detectable effect in plain numpy."""
    late = np.array([y >= after[0] for y in wide.columns])
    D = wide.to_numpy()[:, late].mean(axis=1) - wide.to_numpy()[:, ~late].mean(axis=1)
    A = wide.index.isin(PILOTS)
    rng, k, n = np.random.default_rng(99), A.sum(), len(D)
    sums = D[np.argpartition(rng.random((draws, n)), k, axis=1)[:, :k]].sum(axis=1)
    T = sums / k - (D.sum() - sums) / (n - k)
    observed = D[A].mean() - D[~A].mean()
    q = np.quantile(np.abs(T), 0.95)
    grid = np.arange(1, 4, 0.01)
    power = np.array([(np.abs(T + d) >= q).mean() for d in grid])
    return observed, (1 + (np.abs(T) >= abs(observed)).sum()) / (1 + draws), T.std(), grid[np.argmax(power >= 0.8)]


@CASES
def test_the_first_look_is_reproduced(outcome, before, after):
    difference, p, others, mde = FIRST_LOOK[outcome, before, after]
    wide = figures(outcome, before, after)
    rows, since = tidy(wide, outcome), after[0]
    answer = randomization_inference(rows, outcome=outcome, since=since, seed=20130501, **ROLES).row(term="treated")
    # the first look prints three decimals, or two
    assert answer.estimate == pytest.approx(difference, abs=0.0051 if round(difference, 2) == difference else 0.00051)
    assert answer.p_value == pytest.approx(p, abs=0.02)
    assert answer.n == others + 5
    detectable = minimum_detectable_effect(rows, outcome=outcome, since=since, seed=20130501, **ROLES).row(term="mde")
    if mde is not None:
        assert detectable.estimate == pytest.approx(mde, abs=0.05)

    plain = by_numpy(wide, after)
    assert answer.estimate == pytest.approx(plain[0], rel=1e-12)
    assert answer.p_value == pytest.approx(plain[1], abs=0.02)
    assert answer.std_error == pytest.approx(plain[2], rel=0.03)
    assert detectable.estimate == pytest.approx(plain[3], abs=0.06)


def test_each_pilot_alone():
    rows = tidy(figures("p0", (2010, 2012), (2014, 2015)), "p0")
    for code, expected in PER_PILOT.items():
        alone = rows[rows.wilayah.eq(code) | ~rows.percontohan]
        answer = randomization_inference(alone, outcome="p0", since=2014, seed=1, **ROLES)
        assert answer.row(term="treated").estimate == pytest.approx(expected, abs=0.0051)


@pytest.fixture(scope="module")
def synthetic_rows():
    return tidy(figures("p0", (2009, 2012), (2014, 2015)), "p0")


@pytest.fixture(scope="module")
def synthetic(synthetic_rows):
    return synthetic_control(synthetic_rows, outcome="p0", since=2014, seed=20130501, **ROLES)


def test_no_effect_on_poverty_is_told_from_zero(synthetic):
    """A platform that prints a significant effect from these figures has a bug or a bad design."""
    assert (synthetic.table.p_value > 0.05).all()


def test_pilots_do_not_donate_and_every_problem_is_solved(synthetic):
    assert not synthetic.evidence["weights"].donor.isin(PILOTS).any()
    assert synthetic.evidence["fit"].duality_gap.max() <= 1e-8
    assert synthetic.table.term.tolist() == [*sorted(PILOTS), "pooled"]


def test_weights_solve_the_objective_as_written(synthetic, synthetic_rows):
    """Donors with weight cost the same at the margin, and no other costs less: the conditions of Karush and Kuhn."""
    wide = synthetic_rows.pivot(index="wilayah", columns="tahun", values="p0").loc[:, 2009:2012]
    donors = wide.drop(index=PILOTS)
    for code in PILOTS:
        y = wide.loc[code].to_numpy()
        weights = synthetic.evidence["weights"].query("unit == @code").set_index("donor").weight
        w = weights.reindex(donors.index, fill_value=0.0).to_numpy()
        X = donors.to_numpy()
        slope = -2 / 4 * X @ (y - w @ X) + 0.1 * ((y - X) ** 2).mean(axis=1)
        level = w @ slope
        assert slope.min() >= level - 1e-8
        np.testing.assert_allclose(slope[w > 0], level, atol=1e-8)


def test_without_a_penalty_the_fit_is_perfect_and_says_so(synthetic_rows):
    answer = synthetic_control(synthetic_rows, outcome="p0", since=2014, seed=1, penalty=0.0, **ROLES)
    fit = answer.evidence["fit"].query("treated")
    assert fit.rmspe_before.max() < 1e-9
    assert {c.name: c.status for c in answer.checks}["perfect_fit"] == "fail"


def test_leaving_one_out_keeps_the_pooled_effect_small(synthetic_rows, synthetic):
    answer = leave_one_out(
        synthetic_rows, outcome="p0", since=2014, estimator="synthetic_control", leave="treated", **ROLES
    )
    assert answer.row(term="all").estimate == pytest.approx(synthetic.row(term="pooled").estimate)
    assert answer.row(term="low").estimate < answer.row(term="all").estimate < answer.row(term="high").estimate
