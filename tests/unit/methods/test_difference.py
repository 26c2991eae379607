"""Held to hand arithmetic and to Bell and McCaffrey's matrices."""

import numpy as np
import pytest
from scipy import stats

from kesos_research.errors import MethodError
from kesos_research.methods import diff_in_diff


def test_the_difference_of_changes_by_hand(make, roles):
    rows = make([[10, 12, 5, 7], [20, 22, 20, 20], [30, 30, 33, 31]], [True, False, False])
    answer = diff_in_diff(rows, **roles, since=2012)
    # treated 11 → 6; others 21 → 20 and 30 → 32
    assert answer.row(term="treated").estimate == pytest.approx(-5 - (-1 + 2) / 2)
    assert answer.row(term="treated").n == 3
    means = answer.evidence["means"].set_index(["group", "window"])["mean"]
    assert means["treated", "before"] == 11
    assert means["comparison", "change"] == pytest.approx(0.5)


def test_few_treated_get_no_standard_error_and_are_told_why(noisy_panel, roles):
    answer = diff_in_diff(noisy_panel, **roles, since=2014)
    assert answer.table[["std_error", "conf_low", "conf_high", "p_value", "df"]].isna().all(axis=None)
    assert {c.name: c.status for c in answer.checks}["few_treated"] == "warn"


def bell_mccaffrey(Y, treated, after):
    """CR2 and its degrees of freedom for the two-way fixed-effects regression, clusters are units; plain matrices."""
    n, T = Y.shape
    units, years = np.repeat(np.eye(n), T, axis=0), np.tile(np.eye(T), (n, 1))
    d = np.outer(treated, after).ravel().astype(float)
    X = np.column_stack([d, units, years[:, 1:]])
    inverse = np.linalg.pinv(X.T @ X)
    H = X @ inverse @ X.T
    e = Y.ravel() - H @ Y.ravel()
    pick = inverse[0]
    q, score = [], []
    for i in range(n):
        rows = slice(i * T, (i + 1) * T)
        value, vector = np.linalg.eigh(np.eye(T) - H[rows, rows])
        A = vector @ np.diag([v**-0.5 if v > 1e-9 else 0 for v in value]) @ vector.T
        a = A @ X[rows] @ pick
        score.append(a @ e[rows])
        q.append((np.eye(n * T) - H)[:, rows] @ a)
    G = np.array(q) @ np.array(q).T
    return np.sqrt(np.sum(np.square(score))), np.trace(G) ** 2 / np.sum(G * G)


def test_ten_treated_get_cr2_of_the_regression(make, roles):
    rng = np.random.default_rng(3)
    Y = rng.normal(size=(28, 5)).cumsum(axis=1)
    treated = np.arange(28) < 11
    row = diff_in_diff(make(Y, treated), **roles, since=2013).row(term="treated")
    se, df = bell_mccaffrey(Y, treated, np.arange(5) >= 3)
    assert row.std_error == pytest.approx(se, rel=1e-8)
    assert row.df == pytest.approx(df, rel=1e-8)
    assert row.p_value == pytest.approx(2 * stats.t.cdf(-abs(row.estimate) / se, df))
    assert row.conf_high - row.conf_low == pytest.approx(2 * stats.t.ppf(0.975, df) * se)


def test_no_spread_in_either_group_is_refused(make, roles):
    Y = np.zeros((24, 2))
    Y[:12, 1] = 1
    with pytest.raises(MethodError):
        diff_in_diff(make(Y, np.arange(24) < 12), **roles, since=2011)


def test_the_trend_before_is_said(make, roles):
    rows = make([[1, 2, 3, 9], [5, 5, 5, 5], [7, 7, 7, 7]], [True, False, False])
    check = next(c for c in diff_in_diff(rows, **roles, since=2013).checks if c.name == "trend_before")
    assert "moved by 1.00 a period, that of the others by 0.00" in check.say("en")
