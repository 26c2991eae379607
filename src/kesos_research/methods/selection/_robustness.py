"""How strong an unobserved cause would have to be to take an effect away (Cinelli and Hazlett 2020).

f = |t|/√df of the treatment in the regression of the outcome on treatment and covariates; the robustness value is the
share of what is left of treatment and outcome that a cause must explain, of both alike: RV = ½(√(f⁴ + 4f²) − f²).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.estimates import Check
from kesos_research.methods._checks import percent
from kesos_research.methods._people import People

Array = NDArray[np.float64]


def robustness_value(t: float, df: float) -> float:
    """The share that would take the estimate to nought."""
    return _value(abs(t) / np.sqrt(df))


def robustness_of_interval(t: float, df: float, level: float) -> float:
    """The share that would take the nearer end of the interval to nought."""
    f = abs(t) / np.sqrt(df)
    critical = float(stats.t.ppf((1 + level) / 2, df - 1)) / np.sqrt(df - 1)
    left = f - critical
    if left <= 0:
        return 0.0
    return _value(left) if f <= 1 / critical else float((f**2 - critical**2) / (1 + f**2))


def _value(f: float) -> float:
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def table(people: People, y: Array, level: float) -> pd.DataFrame:
    """First row the treatment; the others the partial R² of each covariate with treatment and outcome."""
    A = people.A.astype(float)
    ones = np.ones((people.n, 1))
    t, df = _t(np.column_stack([ones, A, people.X]), y, people.w)
    s, df_s = _t(np.column_stack([ones, people.X]), A, people.w)
    rows: list[dict[str, object]] = [
        {
            "covariate": "",
            "robustness_value": robustness_value(t[1], df),
            "robustness_value_interval": robustness_of_interval(t[1], df, level),
            "n": people.n,
        }
    ]
    for j, term in enumerate(people.terms):
        rows.append(
            {
                "covariate": term,
                "r2_treatment": float(s[j + 1] ** 2 / (s[j + 1] ** 2 + df_s)),
                "r2_outcome": float(t[j + 2] ** 2 / (t[j + 2] ** 2 + df)),
                "n": people.n,
            }
        )
    columns = ["covariate", "r2_treatment", "r2_outcome", "robustness_value", "robustness_value_interval", "n"]
    return pd.DataFrame(rows, columns=columns)


def check(table: pd.DataFrame) -> Check:
    """Would a cause as strong as the strongest covariate take the effect away?"""
    first, others = table.iloc[0], table.iloc[1:]
    weaker = others[["r2_treatment", "r2_outcome"]].min(axis=1)
    strongest = others.iloc[int(np.argmax(weaker.to_numpy()))]
    evidence = {
        "rv": percent(float(first["robustness_value"]), 1),
        "rv_interval": percent(float(first["robustness_value_interval"]), 1),
        "covariate": str(strongest["covariate"]),
        "treatment": percent(float(strongest["r2_treatment"]), 1),
        "outcome": percent(float(strongest["r2_outcome"]), 1),
    }
    if float(weaker.max()) >= float(first["robustness_value"]):
        return Check(
            "unobserved",
            "warn",
            "Nobody sees what was not observed, and here it matters: a cause as strong as {covariate} (it explains "
            "{treatment} % of treatment and {outcome} % of the outcome) could take the effect away, for which {rv} % "
            "of both is enough.",
            evidence,
        )
    return Check(
        "unobserved",
        "info",
        "Nobody sees what was not observed: a cause that explains {rv} % of what is left of treatment and outcome "
        "would take the effect away, one that explains {rv_interval} % would leave it within chance. The strongest "
        "covariate, {covariate}, explains {treatment} % and {outcome} %.",
        evidence,
    )


def _t(X: Array, y: Array, w: Array) -> tuple[Array, float]:
    """t of weighted least squares with equal errors."""
    w = w / w.mean()
    M = np.linalg.inv(X.T @ (w[:, None] * X))
    b = M @ (X.T @ (w * y))
    df = len(X) - X.shape[1]
    s2 = float(w @ (y - X @ b) ** 2) / df
    return b / np.sqrt(np.maximum(np.diag(M) * s2, 1e-300)), float(df)
