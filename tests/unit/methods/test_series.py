"""Interrupted series: statsmodels' regressions, brute force, true size against autocorrelation, laws, refusals."""

import numpy as np
import pandas as pd
import pytest
from monte_carlo_series import noise, sizes
from scipy.linalg import toeplitz
from scipy.stats import t as student

from kesos_research.errors import MethodError
from kesos_research.methods import interrupted_series
from kesos_research.methods.series import _segmented

ROLES = {"outcome": "poor", "period": "month", "since": 21}


def series(T=36, rho=0.4, seed=1):
    rng = np.random.default_rng(seed)
    month = np.arange(1, T + 1)
    after = month >= ROLES["since"]
    poor = 20 - 0.1 * month - 3 * after - 0.2 * after * (month - 21) + noise(T, rho, rng)
    return pd.DataFrame({"month": month, "poor": poor})


@pytest.fixture(scope="module")
def rows():
    return series()


def design(month):
    D = (month >= 21) * 1.0
    return np.column_stack([np.ones(len(month)), month - 21, D, D * (month - 21)])


def test_newey_west_is_that_of_statsmodels(rows):
    from statsmodels.api import OLS

    fit = OLS(rows.poor.to_numpy(), design(rows.month.to_numpy())).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    table = interrupted_series(rows, **ROLES, method="newey_west").table
    assert _segmented.bandwidth(36) == 3
    np.testing.assert_allclose(table["estimate"][:3], fit.params[1:], rtol=1e-8)
    np.testing.assert_allclose(table["std_error"][:3], fit.bse[1:], rtol=1e-8)
    np.testing.assert_allclose(table["p_value"][:3], fit.pvalues[1:], rtol=1e-6)


def test_prais_winsten_is_generalised_least_squares_at_its_rho(rows):
    from statsmodels.api import GLS

    answer = interrupted_series(rows, **ROLES, method="prais_winsten")
    rho = answer.evidence["autocorrelation"].set_index("test").loc["rho", "statistic"]
    fit = GLS(rows.poor.to_numpy(), design(rows.month.to_numpy()), sigma=toeplitz(rho ** np.arange(36))).fit()
    np.testing.assert_allclose(answer.table["estimate"][:3], fit.params[1:], rtol=1e-7)
    np.testing.assert_allclose(answer.table["std_error"][:3], fit.bse[1:], rtol=1e-7)


def test_integrated_is_the_mixture_of_generalised_least_squares_over_rho(rows):
    from statsmodels.api import GLS

    y, X, grid = rows.poor.to_numpy(), design(rows.month.to_numpy()), np.linspace(-0.99, 0.99, 199)
    fits, weights = [], []
    for rho in grid:
        R = toeplitz(rho ** np.arange(36))
        fit = GLS(y, X, sigma=R).fit()
        rest = y - X @ fit.params
        inverse = np.linalg.inv(R)
        fits.append((fit.params[2], fit.bse[2]))
        weights.append(
            -0.5 * np.linalg.slogdet(R)[1]
            - 0.5 * np.linalg.slogdet(X.T @ inverse @ X)[1]
            - 16 * np.log(rest @ inverse @ rest)
            - np.log(1 - rho)
        )
    w = np.exp(np.array(weights) - max(weights))
    w /= w.sum()
    b, s = np.array(fits).T
    row = interrupted_series(rows, **ROLES).row(term="level_change")
    assert row.estimate == pytest.approx(w @ b, rel=1e-8)
    assert row.std_error == pytest.approx(np.sqrt(w @ (s**2 + (b - w @ b) ** 2)), rel=1e-8)
    for end, share in ((row.conf_low, 0.025), (row.conf_high, 0.975)):
        assert w @ student.cdf((end - b) / s, 32) == pytest.approx(share, abs=1e-9)
    under = w @ student.cdf(-b / s, 32)
    assert row.p_value == pytest.approx(2 * min(under, 1 - under), rel=1e-6)


def test_true_size_holds_where_newey_and_west_fail():
    """24 periods, ρ = .6, nothing changed: 5 % tests of level and slope over 100 series."""
    found = sizes(24, 0.6, draws=100, seed=20).set_index("method")[["level", "slope"]]
    assert (found.loc["integrated"] <= 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / 100)).all()
    assert (found.loc["newey_west"] >= 0.18).all()


@pytest.mark.parametrize("method", ["integrated", "newey_west", "prais_winsten"])
def test_scale_shift_and_order(rows, method):
    answer = interrupted_series(rows, **ROLES, method=method).table
    moved = rows.assign(poor=1000 - 10 * rows.poor).sample(frac=1, random_state=2)
    other = interrupted_series(moved, **ROLES, method=method).table
    np.testing.assert_allclose(other["estimate"], -10 * answer["estimate"], rtol=1e-7)
    np.testing.assert_allclose(other["conf_low"], -10 * answer["conf_high"], rtol=1e-7)
    np.testing.assert_allclose(other["p_value"], answer["p_value"], rtol=1e-6)
    later = interrupted_series(rows.assign(month=rows.month + 2000), **ROLES | {"since": 2021}, method=method).table
    np.testing.assert_allclose(later["estimate"], answer["estimate"], rtol=1e-6)


def test_gaps_follow_from_level_and_slope(rows):
    answer = interrupted_series(rows, **ROLES)
    value = answer.table.set_index("term")["estimate"]
    assert value["last_gap"] == pytest.approx(value["level_change"] + 15 * value["slope_change"])
    assert value["mean_gap"] == pytest.approx(value["level_change"] + 7.5 * value["slope_change"])
    path = answer.evidence["path"].set_index("period")
    assert path.loc[36, "fitted"] - path.loc[36, "counterfactual"] == pytest.approx(value["last_gap"])
    assert (path["low"] < path["counterfactual"]).all()
    assert (path["counterfactual"] < path["high"]).all()
    np.testing.assert_allclose(path.loc[:20, "fitted"], path.loc[:20, "counterfactual"])


def test_a_comparison_is_taken_off(rows):
    other = series(seed=9).assign(pilot=False)
    both = pd.concat([rows.assign(pilot=True), other])
    answer = interrupted_series(both, **ROLES, treated="pilot")
    single = interrupted_series(rows.assign(poor=rows.poor - other.poor), **ROLES)
    pd.testing.assert_frame_equal(answer.table, single.table)
    names = {c.name for c in answer.checks}
    assert names & {"comparison_trend", "no_comparison"} == {"comparison_trend"}
    np.testing.assert_allclose(answer.evidence["path"]["observed"], rows.poor)


def test_seasons_have_a_level_of_their_own(rows):
    waves = rows.assign(quarter=rows.month % 4)
    with_waves = waves.assign(poor=waves.poor + 5 * (waves.quarter == 2))
    plain = interrupted_series(waves, **ROLES, season="quarter").table
    np.testing.assert_allclose(
        interrupted_series(with_waves, **ROLES, season="quarter").table["estimate"], plain["estimate"], rtol=1e-7
    )
    missed = {c.name: c.status for c in interrupted_series(with_waves, **ROLES).checks}
    assert missed["autocorrelation"] == "warn"


def test_short_series_are_said_to_be_short():
    checks = {c.name: c.status for c in interrupted_series(series(T=26), **ROLES).checks}
    assert {checks["points"], checks["no_comparison"]} == {"warn"}
    west = interrupted_series(series(T=36), **ROLES, method="newey_west")
    assert {c.name: c.status for c in west.checks}["standard_error"] == "warn"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda f: f.head(22), "2 periods"),
        (lambda f: f.tail(18), "2 periods"),
        (lambda f: f[f.month != 10], "unevenly"),
        (lambda f: pd.concat([f, f.head(1)]), "several rows"),
        (lambda f: f.assign(poor=1.0), "same everywhere"),
        (lambda f: f.assign(poor=2.0 * f.month), "lies on its lines"),
        (lambda f: f.assign(poor=f.poor.where(f.month > 3)), "missing"),
    ],
)
def test_what_cannot_be_answered_is_refused(rows, change, found):
    with pytest.raises(MethodError, match=found):
        interrupted_series(change(rows), **ROLES)


def test_a_transition_may_be_left_out(rows):
    short = rows[(rows.month < 19) | (rows.month >= 21)]
    assert len(interrupted_series(short, **ROLES).evidence["path"]) == 34


def test_wrong_settings_are_refused(rows):
    with pytest.raises(MethodError, match="method"):
        interrupted_series(rows, **ROLES, method="ols")
    with pytest.raises(MethodError, match="since"):
        interrupted_series(rows, **ROLES | {"since": "2014"})
    with pytest.raises(MethodError, match="few for"):
        interrupted_series(rows.head(26).assign(m=rows.month), **ROLES, season="m")
    with pytest.raises(MethodError, match="different periods"):
        interrupted_series(pd.concat([rows.assign(p=True), rows.head(30).assign(p=False)]), **ROLES, treated="p")
