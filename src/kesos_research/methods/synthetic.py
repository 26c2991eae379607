"""Synthetic control: each treated unit against a weighted mean of comparison units that resembled it before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import (
    attainable,
    chosen_not_drawn,
    draws_made,
    equally_noisy,
    estimate_row,
    listed,
    probability,
    spoken,
)
from kesos_research.methods._placebo import Synthetics, joint_gaps, joint_placebo, placebo
from kesos_research.methods._randomize import Reference, p_value
from kesos_research.methods.few._predictors import Predictors, balance, matched, read_predictors
from kesos_research.methods.randomization import DRAWS, inference

Array = NDArray[np.float64]

POOLED = "pooled"
GAP = 1e-8
"""The largest duality gap, relative to max(1, objective), at which a problem counts as solved."""
PERFECT = 1e-6
"""A root mean squared error before treatment this small, relative to the outcome's spread, is a perfect fit."""


class Gapped(Protocol):
    """Whatever has a synthetic control for each unit."""

    def gaps(self, i: int, /) -> Array: ...


def synthetic_control(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    treated: str,
    since: float | str,
    seed: int,
    covariates: Sequence[str] = (),
    penalty: float = 0.1,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How far is each treated unit from a weighted mean of comparison units that resembled it before?

    Estimand: for each treated unit, the mean effect over the periods from `since` on, if without treatment it would
    have moved as its synthetic control did; and the mean of these over the treated (``term="pooled"``).

    Weights minimise (1/T₀) Σ_t (y_t − Σ_j w_j y_jt)² + λ Σ_j w_j (1/T₀) Σ_t (y_t − y_jt)² on the simplex. With
    covariates they minimise the same over predictors x_p in place of y_t, each weighted by an importance v_p that is
    chosen so that the outcome before is matched best. Treated units never donate, not even to placebos.

    Parameters
    ----------
    data, outcome, unit, period, treated, since, level
        As for `diff_in_diff`.
    seed
        Of the joint placebo's draws. Units are put in the order of their outcomes first.
    covariates
        Columns to match instead of the outcome in each period: each is averaged over the periods before in which units
        have it (missing for all of them elsewhere), so that a column may hold a single year, the outcome of 2010 say.
        Importance is chosen anew for every placebo, which takes a while with hundreds of donors.
    penalty
        λ ≥ 0, the price of donors that are themselves far away. 0 gives classic synthetic control, whose weights are
        not unique when there are more donors than periods before.
    draws
        Sets of units of the joint placebo, at least 9,999; all sets where no more than that exist.

    Returns
    -------
    Estimates
        One row for each treated unit (`n`: it and its possible donors) and one ``"pooled"``. `p_value` of a unit is its
        rank among the comparison units treated in its stead, that of the pooled effect among the means of sets of as
        many units (of which none donates to another); `std_error` is the standard deviation of those placebo effects;
        intervals hold the effects that the test does not reject, and are absent where it rejects none. Evidence:
        ``gaps`` of treated, placebos, pooled, and of some sets of the joint placebo; ``paths``, ``weights``, ``fit``,
        ``inference``, ``placebos``, and with covariates ``predictors``: importance and values of the treated, their
        synthetic control, and the mean donor.

    Raises
    ------
    MethodError
        As `diff_in_diff`; when covariates are collinear, constant, or missing for some; with fewer than
        two comparison units; when a problem cannot be solved to the promised gap.

    Examples
    --------
    >>> import pandas as pd
    >>> paths = {"p": [4.0, 5.0, 9.0], "a": [3.0, 4.0, 5.0], "b": [5.0, 6.0, 7.0], "c": [9.0, 9.0, 9.0]}
    >>> rows = pd.DataFrame([
    ...     {"place": u, "year": t, "poor": y, "pilot": u == "p"} for u, ys in paths.items() for t, y in enumerate(ys)])
    >>> answer = synthetic_control(
    ...     rows, outcome="poor", unit="place", period="year", treated="pilot", since=2, seed=1, penalty=0)
    >>> round(float(answer.row(term="p").estimate), 6)  # 9 − (5 + 7)/2
    3.0

    References
    ----------
    Abadie, A., Diamond, A., & Hainmueller, J. (2010). Synthetic control methods for comparative case studies. JASA
    105(490), 493–505. — Abadie, A., & L'Hour, J. (2021). A penalized synthetic control estimator for disaggregated
    data. JASA 116(536), 1817–1834.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    panel = _rows.read_design(data, outcome=outcome, unit=unit, period=period, treated=treated, since=since)
    predictors = read_predictors(data, covariates, panel, unit=unit, period=period)
    synthetics = solve(panel, range(len(panel.units)), penalty=penalty, predictors=predictors)
    references = {str(u): placebo(synthetics, panel.place(u)) for u in panel.treated_units}
    joint = joint_placebo(synthetics, draws, seed)
    pooled = float(np.mean([r.observed for r in references.values()]))
    units = [estimate_row(term, r, level, 1 + len(r.T)) for term, r in references.items()]
    n = len(panel.units)
    units.append(
        {"term": POOLED, "estimate": pooled, "n": n} if joint is None else estimate_row(POOLED, joint, level, n)
    )
    gap = [synthetics.fit(i).relative_gap for i in range(len(panel.units))]
    fit = treated_first(fit_frame(panel, synthetics).assign(duality_gap=gap))
    return Estimates(
        pd.DataFrame(units),
        "synthetic_control",
        "Mean effect on each treated unit in the periods after, if without treatment it had moved as its synthetic "
        "control did",
        level=level,
        checks=(
            chosen_not_drawn(panel.k),
            _perfect_fit(panel, fit, penalty) if predictors is None else matched(panel, synthetics, predictors),
            _fit_before(panel, fit),
            *inference_checks(panel, references, joint, level),
            _ratio(panel, fit),
            equally_noisy(panel, draws=draws, seed=seed),
            _solved(fit),
        ),
        evidence={
            "gaps": gaps_frame(panel, synthetics, joint_gaps(synthetics, draws, seed)),
            "paths": paths_frame(panel, synthetics),
            "weights": _weights(panel, synthetics),
            "fit": fit,
            "inference": inference(references | ({POOLED: joint} if joint else {}), level),
            "placebos": pd.DataFrame({"statistic": np.sort(joint.T) if joint else np.zeros(0)}),
        }
        | ({} if predictors is None else {"predictors": balance(panel, synthetics, predictors)}),
    )


def solve(
    panel: _rows.Panel, which: Iterable[int], *, penalty: float, predictors: Predictors | None = None
) -> Synthetics:
    """The synthetic controls of the panel, those of the named rows solved to the promised gap."""
    penalty = _rows.nonnegative(penalty, "penalty")
    if (~panel.treated).sum() < 2:
        raise MethodError(
            _("There is one comparison unit."),
            expected=_("at least two, so that one can stand in for the treated and the other donate"),
        )
    X = None if predictors is None else predictors.scaled
    synthetics = Synthetics(panel.Y, panel.before, panel.treated, penalty, X)
    worst = max(synthetics.fit(int(i)).relative_gap for i in which)
    if not worst <= GAP:
        raise MethodError(
            _("A synthetic control was solved only to a gap of {gap}.", gap=f"{worst:.0e}"),
            expected=_("a relative duality gap of at most {gap}", gap=f"{GAP:.0e}"),
            remedy=_("rescale the outcome, so that its values are of the order of one to a thousand"),
        )
    return synthetics


def fit_frame(panel: _rows.Panel, synthetics: Gapped) -> pd.DataFrame:
    """How well each unit is matched before, and how far it is off after; in the order of the panel."""
    gaps = np.array([synthetics.gaps(i) for i in range(len(panel.units))])
    before = np.sqrt((gaps[:, panel.before] ** 2).mean(axis=1))
    after = np.sqrt((gaps[:, ~panel.before] ** 2).mean(axis=1))
    matched = before <= PERFECT * panel.Y[:, panel.before].std()
    return pd.DataFrame(
        {
            "unit": panel.units,
            "treated": panel.treated,
            "rmspe_before": before,
            "rmspe_after": after,
            # a ratio to a rounding error says nothing
            "ratio": np.where(matched, np.nan, after / np.where(matched, 1.0, before)),
        }
    )


def treated_first(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["treated", "unit"], ascending=[False, True], ignore_index=True)


def gaps_frame(panel: _rows.Panel, synthetics: Gapped, joint: Array | None = None) -> pd.DataFrame:
    """Of treated, placebos and their mean; of sets that stand in for the treated, (S, T), where they are given."""
    order = sorted(range(len(panel.units)), key=lambda i: (not panel.treated[i], str(panel.units[i])))
    gaps = np.array([synthetics.gaps(i) for i in order])
    pooled = gaps[: panel.k].mean(axis=0)
    T = len(panel.periods)
    sets = np.empty((0, T)) if joint is None else joint
    kinds = {"treated": panel.k, "placebo": len(order) - panel.k, "pooled": 1, "joint": len(sets)}
    units = [*(panel.units[i] for i in order), POOLED, *(str(1 + s) for s in range(len(sets)))]
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array(units, object), T),
            "period": [*panel.periods] * len(units),
            "gap": np.concatenate([gaps.ravel(), pooled, sets.ravel()]),
            "kind": np.repeat(list(kinds), [n * T for n in kinds.values()]),
        }
    )


def paths_frame(panel: _rows.Panel, synthetics: Gapped) -> pd.DataFrame:
    observed = {str(u): panel.Y[panel.place(u)] for u in panel.treated_units}
    synthetic = {str(u): observed[str(u)] - synthetics.gaps(panel.place(u)) for u in panel.treated_units}
    for paths in (observed, synthetic):
        paths[POOLED] = np.mean(list(paths.values()), axis=0)
    return pd.DataFrame(
        [
            {"unit": u, "period": p, "observed": observed[u][t], "synthetic": synthetic[u][t]}
            for u in observed
            for t, p in enumerate(panel.periods)
        ]
    )


def _weights(panel: _rows.Panel, synthetics: Synthetics) -> pd.DataFrame:
    rows = []
    for u in panel.treated_units:
        fit = synthetics.fit(panel.place(u))
        given = sorted(
            zip(fit.weights.tolist(), fit.donors, strict=True), key=lambda d: (-d[0], str(panel.units[d[1]]))
        )
        rows += [{"unit": u, "donor": panel.units[j], "weight": w} for w, j in given]
    return pd.DataFrame(rows, columns=["unit", "donor", "weight"])


def _perfect_fit(panel: _rows.Panel, fit: pd.DataFrame, penalty: float) -> Check:
    donors, years = len(panel.units) - panel.k, int(panel.before.sum())
    perfect = fit.loc[fit.treated & fit.ratio.isna(), "unit"].tolist()
    evidence = {"donors": donors, "periods": years, "penalty": spoken(penalty, 2), "n": len(perfect)}
    if donors <= years:
        return Check(
            "perfect_fit",
            "pass",
            "{donors} donors for {periods} periods before: the weights are unique and the fit could have failed.",
            evidence,
        )
    if penalty > 0:
        return Check(
            "perfect_fit",
            "warn",
            "{donors} donors for {periods} periods before: a close fit proves little. The penalty of {penalty} prefers "
            "donors that are alike and so makes the weights unique; show other penalties beside it.",
            evidence,
        )
    return Check(
        "perfect_fit",
        "fail" if perfect else "warn",
        "{donors} donors for {periods} periods before and no penalty: {n} treated units are matched perfectly, their "
        "weights are not unique, and the effect depends on which are taken.",
        evidence,
    )


def _fit_before(panel: _rows.Panel, fit: pd.DataFrame) -> Check:
    rows = fit[fit.treated]
    worst = rows.sort_values("rmspe_before").iloc[-1]
    before = panel.Y[:, panel.before]
    low, high = before[~panel.treated].min(axis=0), before[~panel.treated].max(axis=0)
    outside = [u for u in panel.treated_units if ((y := before[panel.place(u)]) < low).any() or (y > high).any()]
    evidence = {
        "rmspe": spoken(worst.rmspe_before, 3),
        "unit": str(worst.unit),
        "spread": spoken(before.std(axis=0).mean(), 2),
        "outside": listed(outside),
    }
    if outside:
        return Check(
            "fit_before",
            "fail",
            "Outside the range of all donors before treatment: {outside}. No weighted mean can match them.",
            evidence,
        )
    return Check(
        "fit_before",
        "info",
        "Before treatment the synthetic controls miss by at most {rmspe} ({unit}), where units differ by a standard "
        "deviation of {spread}.",
        evidence,
    )


def inference_checks(
    panel: _rows.Panel, references: dict[str, Reference], joint: Reference | None, level: float
) -> tuple[Check, ...]:
    if joint is None:
        return (
            Check(
                "joint_placebo",
                "fail",
                "{k} treated and {m} comparison units: a set of as many comparison units leaves no donor, so the "
                "pooled effect has no p-value.",
                {"k": panel.k, "m": len(panel.units) - panel.k},
            ),
        )
    one = next(iter(references.values()))
    each = Check(
        "smallest_p_unit",
        "info" if one.smallest_p <= 1 - level + 1e-12 else "warn",
        "One unit's p-value cannot be below {p}: it is a rank among {n}.",
        {"p": probability(one.smallest_p), "n": 1 + len(one.T)},
    )
    return attainable(joint, level), each, draws_made(joint)


def _ratio(panel: _rows.Panel, fit: pd.DataFrame) -> Check:
    """The rank of each treated unit by the ratio of its errors after and before, which forgives a poor fit."""
    ratios = fit.loc[~fit.treated, "ratio"].to_numpy()
    mine = fit[fit.treated]
    if fit.ratio.isna().any():
        return Check(
            "rmspe_ratio",
            "info",
            "The ratio of errors after and before is not ranked: {n} units are matched perfectly before.",
            {"n": int(fit.ratio.isna().sum())},
        )
    p = {str(u): p_value(float(r), ratios, own=False) for u, r in zip(mine.unit, mine.ratio, strict=True)}
    least = min(p, key=lambda u: (p[u], u))
    return Check(
        "rmspe_ratio",
        "info",
        "By the ratio of errors after and before, {unit} stands out most among the treated: p = {p}, the smallest of "
        "{k}.",
        {"unit": least, "p": probability(p[least]), "k": panel.k},
    )


def _solved(fit: pd.DataFrame) -> Check:
    return Check(
        "duality_gap",
        "pass",
        "All {n} problems are solved: no weights fit better by more than {gap} of the objective.",
        {"n": len(fit), "gap": "10⁻⁸"},
    )
