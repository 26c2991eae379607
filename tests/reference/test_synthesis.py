"""Random effects against metafor's published numbers and statsmodels, on the 13 trials of the BCG vaccine.

Rows: tuberculosis and none among the vaccinated, tuberculosis and none among the others, latitude: Colditz et al.
(1994), JAMA 271, 698–702. metafor prints for log risk ratios (REML): −.7145 (.1798), τ² .3132 [.1197, 1.1115],
I² 92.22 % [81.92, 97.68], Q 152.2330 on 12; DL: τ² .3088, −.7141 [−1.0644, −.3638]; equal effects: −.4303
[−.5097, −.3509]; with latitude: τ² .0764, −.0291; its tests hold the same numbers. Agreement to the printed places.
"""

import numpy as np
import pandas as pd
import pytest
from reference.oracles import close
from scipy import stats

from kesos_research.methods import meta_analysis, transferability

BCG = [
    (4, 119, 11, 128, 44),
    (6, 300, 29, 274, 55),
    (3, 228, 11, 209, 42),
    (62, 13536, 248, 12619, 52),
    (33, 5036, 47, 5761, 13),
    (180, 1361, 372, 1079, 44),
    (8, 2537, 10, 619, 19),
    (505, 87886, 499, 87892, 13),
    (29, 7470, 45, 7232, 27),
    (17, 1699, 65, 1600, 42),
    (186, 50448, 141, 27197, 18),
    (5, 2493, 3, 2338, 33),
    (27, 16886, 29, 17825, 33),
]


@pytest.fixture(scope="module")
def trials():
    a, b, c, d, latitude = np.array(BCG, float).T
    return pd.DataFrame(
        {
            "unit": [f"{i:02d}" for i in range(1, 14)],
            "estimate": np.log(a / (a + b)) - np.log(c / (c + d)),
            "std_error": np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)),
            "latitude": latitude,
        }
    )


def printed(row, names):
    return [round(float(row[n]), 4) for n in names]


def test_reml_as_metafor_prints_it(trials):
    answer = meta_analysis(trials, interval="normal")
    assert printed(answer.row(term="pooled"), ("estimate", "std_error")) == [-0.7145, 0.1798]
    assert printed(answer.row(term="tau_squared"), ("estimate", "conf_low", "conf_high")) == [0.3132, 0.1197, 1.1115]
    assert printed(answer.row(term="i_squared"), ("estimate", "conf_low", "conf_high")) == [0.9222, 0.8192, 0.9768]
    assert printed(answer.row(term="q"), ("estimate", "df")) == [152.2330, 12.0]


def test_other_methods_as_metafor_prints_them(trials):
    dl, fixed = (meta_analysis(trials, method=m, interval="normal") for m in ("dl", "fixed"))
    assert printed(dl.row(term="tau_squared"), ("estimate",)) == [0.3088]
    assert printed(dl.row(term="pooled"), ("estimate", "conf_low", "conf_high")) == [-0.7141, -1.0644, -0.3638]
    assert printed(fixed.row(term="pooled"), ("estimate", "conf_low", "conf_high")) == [-0.4303, -0.5097, -0.3509]


def test_dersimonian_laird_and_hksj_are_those_of_statsmodels(trials):
    from statsmodels.stats.meta_analysis import combine_effects

    theirs = combine_effects(trials.estimate.to_numpy(), trials.std_error.to_numpy() ** 2, method_re="dl")
    answer = meta_analysis(trials, method="dl")
    row = answer.row(term="pooled")
    close(answer.row(term="tau_squared").estimate, theirs.tau2)
    close([row.estimate, row.std_error], [theirs.mean_effect_re, theirs.sd_eff_w_re_hksj])
    reach = stats.t.ppf(0.975, 12) * theirs.sd_eff_w_re_hksj
    close([row.conf_low, row.conf_high], theirs.mean_effect_re + np.array([-reach, reach]))


def test_reml_is_where_the_restricted_likelihood_is_highest(trials):
    y, v = trials.estimate.to_numpy(), trials.std_error.to_numpy() ** 2

    def restricted(t):
        w = 1 / (v + t)
        mean = w @ y / w.sum()
        return 0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ (y - mean) ** 2)

    t = meta_analysis(trials).row(term="tau_squared").estimate
    assert all(restricted(t) > restricted(t * (1 + d)) for d in (-1e-4, 1e-4))


def test_regression_on_latitude_as_metafor_prints_it(trials):
    target = pd.DataFrame({"unit": ["t"], "latitude": [40.0]})
    answer = transferability(pd.concat([trials, target]), unit="unit", covariates="latitude", moderators="latitude")
    found = answer.evidence["coefficients"].set_index("term")
    assert round(found.loc["latitude", "estimate"], 4) == -0.0291
    assert found["tau_squared"].iloc[0] == pytest.approx(0.0764, abs=6e-5)  # metafor stops within 1e-5
    mean = found.loc["(intercept)", "estimate"] + found.loc["latitude", "estimate"] * (40 - trials.latitude.mean())
    close(answer.row(unit="t").estimate, mean)


def test_prediction_against_draws(trials):
    """τ² drawn from its pivot, then mean and effect: what the evenly spread points stand for."""
    y, v, rng = trials.estimate.to_numpy(), trials.std_error.to_numpy() ** 2, np.random.default_rng(7)
    grid = np.concatenate([[0.0], np.geomspace(1e-7, 1e3, 5000)])
    w = 1 / (v + grid[:, None])
    mean = w @ y / w.sum(axis=1)
    Q = (w * (y - mean[:, None]) ** 2).sum(axis=1)
    t = np.interp(rng.chisquare(12, 200_000), Q[::-1], grid[::-1])
    error = np.interp(t, grid, np.sqrt(Q / 12 / w.sum(axis=1)))
    found = np.interp(t, grid, mean) + rng.standard_t(12, len(t)) * error + np.sqrt(t) * rng.normal(size=len(t))
    row = meta_analysis(trials).row(term="prediction")
    assert [row.conf_low, row.conf_high] == pytest.approx(np.quantile(found, [0.025, 0.975]).tolist(), abs=0.02)
