"""For whom a programme changed more: subgroups that the plan named, and those it did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _cluster_robust, _rows
from kesos_research.methods._checks import listed, probability, spoken
from kesos_research.methods._people import People, independent, people
from kesos_research.methods._sample import label_codes, names
from kesos_research.methods._settings import choice
from kesos_research.methods.hypothesis import _adjust

Array = NDArray[np.float64]
Adjust = Literal["holm", "bonferroni", "benjamini_hochberg"]

SMALL = 30
"""Rows of an arm below which a subgroup is called small."""
FEW = 10
"""Clusters of an arm below which a subgroup is called small."""
ALL = "all"


def planned_heterogeneity(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    by: str | Sequence[str],
    exploratory: str | Sequence[str] = (),
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    strata: str | None = None,
    design: SurveyDesign | None = None,
    adjust: Adjust = "holm",
    power: float = 0.8,
    level: float = 0.95,
) -> Estimates:
    """Did the programme change more for some than for others, as the plan asked?

    Estimand: for each column, the mean effect in each of its categories, and the difference between categories. Where
    treatment was drawn the effects are causal; the difference between categories is not what a category does.

    Parameters
    ----------
    data
        One row a unit.
    outcome
        Column of numbers, or of true and false.
    treated
        Boolean column: assigned to the programme.
    by
        Columns of categories that the plan named before results were seen.
    exploratory
        Further columns, marked as not planned; their p-values are adjusted for everything that was looked at.
    covariates
        Columns known before assignment; with one coefficient each. A column of `by` may be among them: where it makes
        the groups it is left out.
    cluster
        Column of the places where treatment was *assigned*, if it was drawn for places.
    strata
        Column within whose values treatment was drawn; each value has its own level.
    design
        How rows were *sampled*.
    adjust
        How p-values are adjusted for looking at several columns: as in `adjust_p_values`.
    power
        Probability with which ``interaction_mde`` would have been found.
    level
        Confidence level; intervals are not adjusted.

    Returns
    -------
    Estimates
        By ``subgroup`` (the column) and ``value``: ``treated``, the effect in a category, without a p-value, for
        whether it differs from zero says nothing of a difference; ``interaction``, with its adjusted p-value (of two
        categories the difference, of more the test alone); ``interaction_mde`` of two categories. Errors are CR2, with
        Satterthwaite's degrees of freedom. Evidence: ``interactions``, ``subgroups``.

    Raises
    ------
    DataError, MethodError
        As `intention_to_treat`; when a column has one category, or a category lacks treated or comparison units.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "offered": [True, False] * 8, "fund": ["a"] * 8 + ["b"] * 8,
    ...     "income": [5.0, 4, 6, 5, 5, 3, 6, 4, 9, 4, 8, 5, 9, 3, 8, 4]})
    >>> answer = planned_heterogeneity(rows, outcome="income", treated="offered", by="fund")
    >>> [round(float(x), 2) for x in answer.table.estimate[:3]]
    [1.5, 4.5, 3.0]

    References
    ----------
    Pocock, S. J., et al. (2002). Subgroup analysis, covariate adjustment and baseline comparisons in clinical trial
    reporting. Statistics in Medicine 21, 2917–2930. — Pustejovsky, J. E., & Tipton, E. (2018). Journal of Business &
    Economic Statistics 36(4), 672–683. — Holm, S. (1979). Scandinavian Journal of Statistics 6, 65–70.
    """
    level, power = _rows.fraction(level, "level"), _rows.fraction(power, "power")
    choice(adjust, "adjust", get_args(Adjust))
    planned, further = names(by), names(exploratory)
    _columns_once(planned, further)
    known = names(covariates)
    roles = {"outcome": outcome}
    roles |= {f"by {i}": c for i, c in enumerate((*planned, *further), 1) if c not in known}
    rows = people(data, roles, treated=treated, covariates=known, strata=strata, cluster=cluster, design=design)
    independent(rows.X, rows.terms, rows.w)
    y = rows.outcome(outcome)
    found = [_look(rows, y, column, level, power) for column in (*planned, *further)]
    p = _adjusted(np.array([f.p for f in found]), len(planned), adjust)
    return Estimates(
        pd.DataFrame([r for f, own in zip(found, p, strict=True) for r in f.table(own)]),
        "planned_heterogeneity",
        "Mean effect in each category of a column, and the difference between categories",
        level=level,
        by=("subgroup", "value"),
        checks=(
            *rows.checks,
            _several(found, p, len(planned), adjust),
            *_not_planned(further),
            _small(found, clustered=rows.clustered),
        ),
        evidence={
            "interactions": pd.DataFrame(
                [f.tested(planned=i < len(planned), p=own) for i, (f, own) in enumerate(zip(found, p, strict=True))]
            ),
            "subgroups": pd.DataFrame([r for i, f in enumerate(found) for r in f.shown(planned=i < len(planned))]),
        },
    )


@dataclass(frozen=True)
class _Found:
    """What one column shows. effects: rows of the table, one a category; least: fewest rows, clusters of an arm."""

    column: str
    labels: list[str]
    effects: list[dict[str, object]]
    difference: dict[str, object]
    F: float
    df1: int
    df2: float
    p: float
    mde: float
    n: int
    treated: list[int]
    least: tuple[int, int]

    def table(self, p: float) -> list[dict[str, object]]:
        two = len(self.labels) == 2
        value = f"{self.labels[1]} − {self.labels[0]}" if two else ALL
        said = [{"value": v, "term": "treated", **e} for v, e in zip(self.labels, self.effects, strict=True)]
        said.append({"value": value, "term": "interaction", **self.difference, "p_value": p, "n": self.n})
        if two:
            said.append({"value": value, "term": "interaction_mde", "estimate": self.mde, "n": self.n})
        return [{"subgroup": self.column, **r} for r in said]

    def tested(self, *, planned: bool, p: float) -> dict[str, object]:
        return {
            "subgroup": self.column,
            "planned": planned,
            "statistic": self.F,
            "df1": self.df1,
            "df2": self.df2,
            "p_value": self.p,
            "p_adjusted": p,
            "mde": self.mde,
        }

    def shown(self, *, planned: bool) -> list[dict[str, object]]:
        return [
            {
                "subgroup": self.column,
                "value": v,
                "planned": planned,
                **{k: e[k] for k in ("estimate", "std_error", "conf_low", "conf_high", "n")},
                "n_treated": k,
            }
            for v, e, k in zip(self.labels, self.effects, self.treated, strict=True)
        ]


def _look(rows: People, y: Array, column: str, level: float, power: float) -> _Found:
    codes, labels = label_codes(rows.sample.frame[column])
    used, codes = np.unique(codes, return_inverse=True)
    said = [str(labels[k]) for k in used]
    counts = _arms(rows, codes, said, column)
    G, A = np.eye(len(used))[codes], rows.A.astype(float)[:, None]
    C = _controls(rows, G)
    own = _cluster_robust.fit(np.column_stack([A * G, G, C]), y[:, None], rows.w, rows.cluster)
    against = _cluster_robust.fit(np.column_stack([A, A * G[:, 1:], G, C]), y[:, None], rows.w, rows.cluster)
    effects = [
        {**_spoken(float(own.beta[k, 0]), own.error(k), float(own.df[k]), level), "n": int(G[:, k].sum())}
        for k in range(len(used))
    ]
    q = len(used) - 1
    b, V, df = against.beta[1 : 1 + q, 0], against.covariance()[1 : 1 + q, 1 : 1 + q], against.df[1 : 1 + q]
    F, df2, p = _joint(b, V, float(np.min(df)))
    two = q == 1 and np.isfinite(df[0])
    error = float(np.sqrt(V[0, 0]))
    difference = _spoken(float(b[0]), error, float(df[0]), level) if q == 1 else {}
    return _Found(
        column,
        said,
        effects,
        difference,
        F,
        q,
        df2,
        p,
        float(stats.t.ppf((1 + level) / 2, df[0]) + stats.t.ppf(power, df[0])) * error if two else float("nan"),
        rows.n,
        [t for t, _c, _g in counts],
        (min(min(t, c) for t, c, _g in counts), min(g for _t, _c, g in counts)),
    )


def _arms(rows: People, codes: NDArray[np.intp], labels: list[str], column: str) -> list[tuple[int, int, int]]:
    """Treated and comparison rows of each category, and clusters in its smaller arm; refused where one lacks two."""
    if len(labels) < 2:
        raise MethodError(
            _("{column} has {n} groups.", column=column, n=len(labels)),
            expected=_("two groups or more"),
            where=Where(column=column),
        )
    counts = []
    for k, label in enumerate(labels):
        arms = [np.unique(rows.cluster[(codes == k) & a]) for a in (rows.A, ~rows.A)]
        if min(map(len, arms)) < 2:
            raise MethodError(
                _(
                    "The group {name} has {n} treated and {m} comparison units or clusters.",
                    name=f"{column}={label}",
                    n=len(arms[0]),
                    m=len(arms[1]),
                ),
                expected=_("two or more of each in every group"),
                remedy=_("join categories"),
                where=Where(column=column),
            )
        inside = codes == k
        counts.append((int((inside & rows.A).sum()), int((inside & ~rows.A).sum()), min(map(len, arms))))
    return counts


def _controls(rows: People, G: Array) -> Array:
    """Covariates, centred, and strata, without columns that follow from the groups and from those before."""
    X = rows.X - np.average(rows.X, axis=0, weights=rows.w) if rows.X.shape[1] else rows.X
    strata = np.eye(int(rows.strata.max()) + 1)[rows.strata]
    kept, basis = [], np.linalg.qr(G)[0]
    for v in np.column_stack([X, strata]).T:
        rest = v - basis @ (basis.T @ v)
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * float(np.linalg.norm(v)):
            kept.append(v)
            basis = np.column_stack([basis, rest / size])
    return np.column_stack(kept) if kept else np.zeros((len(G), 0))


def _spoken(value: float, error: float, df: float, level: float) -> dict[str, object]:
    """Student's t interval; nothing but the value where there is no spread."""
    if not error > 1e-12 * max(1.0, abs(value)) or not df > 0:
        return {"estimate": value, **dict.fromkeys(("std_error", "conf_low", "conf_high", "df"), float("nan"))}
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    return {"estimate": value, "std_error": error, "conf_low": value - reach, "conf_high": value + reach, "df": df}


def _joint(b: Array, V: Array, df: float) -> tuple[float, float, float]:
    """Hotelling's F of the differences, with the fewest degrees of freedom of any."""
    q, scale = len(b), np.sqrt(np.diag(V))
    df2 = df - q + 1
    if not (scale > 1e-12 * max(1.0, float(np.abs(b).max()))).all() or not df2 > 0:
        return float("nan"), float("nan"), float("nan")
    unit = b / scale
    if np.linalg.matrix_rank(V / np.outer(scale, scale)) < q:
        return float("nan"), float("nan"), float("nan")
    Q = float(unit @ np.linalg.solve(V / np.outer(scale, scale), unit))
    F = Q * df2 / (df * q)
    return F, df2, float(stats.f.sf(F, q, df2))


def _adjusted(p: Array, planned: int, adjust: str) -> Array:
    """Planned tests among themselves, others among all."""
    rule = {"holm": _adjust.holm, "bonferroni": _adjust.bonferroni, "benjamini_hochberg": _adjust.benjamini_hochberg}
    return np.concatenate([rule[adjust](p[:planned]), rule[adjust](p)[planned:]])


def _columns_once(planned: tuple[str, ...], further: tuple[str, ...]) -> None:
    if not planned:
        raise MethodError(_("No subgroup is named."), expected=_("at least one column"), where=Where(key="by"))
    twice = [c for c in (*planned, *further) if (*planned, *further).count(c) > 1]
    if twice:
        raise MethodError(
            _("The column {column} is given twice.", column=twice[0]),
            expected=_("each column either planned or exploratory, once"),
            where=Where(key="by"),
        )


def _several(found: list[_Found], p: Array, planned: int, adjust: str) -> Check:
    own = np.array([f.p for f in found[:planned]])
    if not np.isfinite(own).any():
        return Check("several_tests", "warn", "No planned difference between subgroups could be tested.")
    evidence = {
        "k": planned,
        "expected": spoken(0.05 * planned, 2),
        "p": probability(float(np.nanmin(own))),
        "adjusted": probability(float(np.nanmin(p[:planned]))),
        "rule": {"benjamini_hochberg": "Benjamini–Hochberg"}.get(adjust, adjust.capitalize()),
    }
    return Check(
        "several_tests",
        "info",
        "{k} planned differences are looked at together; without adjustment {expected} of them would come out below "
        "5 % by chance alone. The smallest p-value, {p}, is {adjusted} when adjusted ({rule}). Intervals are not "
        "adjusted.",
        evidence,
    )


def _not_planned(further: tuple[str, ...]) -> tuple[Check, ...]:
    if not further:
        return ()
    return (
        Check(
            "exploratory",
            "warn",
            "Not in the plan: {names}. What such subgroups show is a question for the next study, not a finding.",
            {"names": listed(further)},
        ),
    )


def _small(found: list[_Found], *, clustered: bool) -> Check:
    least, groups = min(f.least[0] for f in found), min(f.least[1] for f in found)
    evidence = {"least": least, "clusters": groups, "small": SMALL, "few": FEW}
    if clustered and groups < FEW:
        return Check(
            "small_subgroups",
            "warn",
            "In an arm of a subgroup there are {clusters} clusters, fewer than {few}: its interval rests on the "
            "correction for few clusters.",
            evidence,
        )
    if least < SMALL:
        return Check(
            "small_subgroups",
            "warn",
            "In an arm of a subgroup there are {least} rows, fewer than {small}: its interval rests on outcomes that "
            "are near normal.",
            evidence,
        )
    return Check("small_subgroups", "pass", "Every arm of every subgroup has {least} rows or more.", evidence)
