"""Conformal synthetic control: intervals for single treated units from their own past."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import finite, percent, probability, spoken
from kesos_research.methods._simplex import minimise
from kesos_research.methods.few._conformal import Series
from kesos_research.methods.synthetic import PERFECT, POOLED, solve

Array = _rows.Array

MEAN = "mean"


def conformal_synthetic_control(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    penalty: float = 0.1,
    level: float = 0.95,
) -> Estimates:
    """Which effects would make a treated unit's gap after treatment look like its gaps before?

    Estimand: for each treated unit, and for the mean series of all treated (``"pooled"``), the effect in each period
    from `since` on and its mean, if without treatment it would have moved as its synthetic control did.

    The test needs no other unit to be like the treated: it asks whether the gap stands out among the unit's own gaps,
    which are taken to be stationary and only weakly dependent. It therefore needs many periods before. Nothing is
    drawn.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    penalty
        λ of `synthetic_control`.

    Returns
    -------
    Estimates
        By ``unit``: one row for each period from `since` on (the period as text; tested with the periods before and it
        alone), and ``"mean"``, tested under an effect that is the same in every period after. `n`: periods among which
        is shifted; p-values cannot be below 1/n, and intervals are absent where that is above 1 − `level`. Evidence:
        ``paths`` [unit, period, observed, synthetic, gap, conf_low, conf_high] and ``periods``.

    Raises
    ------
    MethodError
        As `synthetic_control`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": (u * 7 + t * (3 + u)) % 5 / 5 - 4 * (u == 0 and t >= 24), "pilot": u == 0}
    ...     for u in range(8) for t in range(25)])
    >>> answer = conformal_synthetic_control(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=24)
    >>> round(float(answer.row(unit=0, term="24").p_value), 2)  # 1 of 25
    0.04

    References
    ----------
    Chernozhukov, V., Wüthrich, K., & Zhu, Y. (2021). An exact and robust conformal inference method for counterfactual
    and synthetic controls. JASA 116(536), 1849–1864.
    """
    level = _rows.fraction(level, "level")
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    solve(panel, np.flatnonzero(panel.treated), penalty=penalty)
    series: dict[object, Array] = {u: panel.Y[panel.place(u)] for u in panel.treated_units}
    series[POOLED] = np.mean(list(series.values()), axis=0)
    donors = panel.Y[~panel.treated]
    rows: list[dict[str, object]] = []
    paths: list[pd.DataFrame] = []
    for name, y in series.items():
        synthetic = _synthetic(y, donors, panel.before, penalty)
        found = _terms(y, y - synthetic, donors, panel, penalty=penalty, level=level)
        rows += [{"unit": name, **row} for row in found]
        paths.append(_path(name, y, synthetic, panel, found))
    table = pd.DataFrame(rows)
    return Estimates(
        table,
        "conformal_synthetic_control",
        "Effect on each treated unit in the periods after, if without treatment it had moved as its synthetic control "
        "did",
        level=level,
        by=("unit",),
        checks=(
            _enough(panel, level),
            _stable(paths[-1], panel),
            _fitted(pd.concat(paths), panel, penalty),
        ),
        evidence={
            "paths": pd.concat(paths, ignore_index=True),
            "periods": table[["unit", "term"]].assign(shifts=table.n, smallest_p=1 / table.n),
        },
    )


def _synthetic(y: Array, donors: Array, before: _rows.Mask, penalty: float) -> Array:
    """(T,) with weights from the periods before."""
    X = (donors[:, before] - y[before]) / np.sqrt(before.sum())
    return minimise(X, penalty * np.einsum("ij,ij->i", X, X)).w @ donors


def _terms(
    y: Array, gap: Array, donors: Array, panel: _rows.Panel, *, penalty: float, level: float
) -> list[dict[str, object]]:
    """A row for the mean of the periods after, and one for each."""
    before, after = np.flatnonzero(panel.before), np.flatnonzero(~panel.before)
    rows = []
    for term, periods in ((MEAN, after), *((str(panel.periods[t]), np.array([t])) for t in after)):
        used = np.concatenate([before, periods])
        test = Series(y[used], donors[:, used], len(periods), penalty)
        estimate = float(gap[periods].mean())
        low, high = test.interval(estimate, 1 - level)
        rows.append(
            {
                "term": term,
                "estimate": estimate,
                "conf_low": finite(low),
                "conf_high": finite(high),
                "p_value": test.p_value(0.0),
                "n": test.shifts,
            }
        )
    return rows


def _path(name: object, y: Array, synthetic: Array, panel: _rows.Panel, found: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"unit": name, "period": list(panel.periods), "observed": y, "synthetic": synthetic, "gap": y - synthetic}
    )
    ends = np.full((len(frame), 2), np.nan)
    ends[~panel.before] = [(row["conf_low"], row["conf_high"]) for row in found[1:]]
    return frame.assign(conf_low=ends[:, 0], conf_high=ends[:, 1])


def _enough(panel: _rows.Panel, level: float) -> Check:
    before, after = int(panel.before.sum()), int((~panel.before).sum())
    needed = int(np.ceil(round(1 / (1 - level), 6)))
    evidence = {
        "before": before,
        "p": probability(1 / (before + 1)),
        "needed": needed - 1,
        "level": percent(1 - level),
        "all": before + after,
    }
    if before + 1 >= needed:
        return Check(
            "enough_periods",
            "pass",
            "{before} periods before: a single period's p-value can be as small as {p}; the test is at {level} %.",
            evidence,
        )
    if before + after >= needed:
        return Check(
            "enough_periods",
            "warn",
            "{before} periods before are too few for the interval of a single period, which needs {needed}: only the "
            "mean over the periods after has one.",
            evidence,
        )
    return Check(
        "enough_periods",
        "fail",
        "{before} periods before are too few: among {all} periods no effect, however large, would be told from zero at "
        "{level} %, and no interval has ends. A single period's interval needs {needed} periods before.",
        evidence,
    )


def _stable(path: pd.DataFrame, panel: _rows.Panel) -> Check:
    """Do the gaps before drift?"""
    gap = path.gap.to_numpy()[panel.before]
    T = len(gap)
    if T < 6 or np.ptp(gap) <= PERFECT * np.ptp(panel.Y):
        return Check(
            "stable_residuals",
            "info",
            "{n} periods before cannot show whether gaps are stationary; the test takes them to be.",
            {"n": T},
        )
    u = gap - gap.mean()
    r = float((u[1:] * u[:-1]).sum() / (u * u).sum())
    evidence = {"r": spoken(r, 2), "n": T}
    if r > 2 / np.sqrt(T):
        return Check(
            "stable_residuals",
            "warn",
            "Gaps before drift (autocorrelation {r} over {n} periods): the test then calls too much an effect.",
            evidence,
        )
    return Check(
        "stable_residuals",
        "pass",
        "Gaps before do not drift (autocorrelation {r} over {n} periods).",
        evidence,
    )


def _fitted(paths: pd.DataFrame, panel: _rows.Panel, penalty: float) -> Check:
    donors, before = int((~panel.treated).sum()), int(panel.before.sum())
    evidence = {"donors": donors, "periods": before, "penalty": spoken(penalty, 2)}
    early = paths[paths.period.isin([p for p, b in zip(panel.periods, panel.before, strict=True) if b])]
    perfect = early.gap.abs().groupby(early.unit).max() <= PERFECT * panel.Y[:, panel.before].std()
    if donors > before and bool(perfect.any()):
        return Check(
            "perfect_fit",
            "fail",
            "{donors} donors match {periods} periods before perfectly: there are no gaps before to compare with.",
            evidence,
        )
    if donors > before:
        return Check(
            "perfect_fit",
            "warn",
            "{donors} donors for {periods} periods before: gaps before are small because the fit is free to make them "
            "so. The test fits periods before and after alike, which answers for that; show other penalties than "
            "{penalty}.",
            evidence,
        )
    return Check(
        "perfect_fit", "pass", "{donors} donors for {periods} periods before: the fit could have failed.", evidence
    )
