"""The regression of an outcome on the assignment: terms, fit, and what one coefficient says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods import _cluster_robust
from kesos_research.methods._checks import listed
from kesos_research.methods._people import People, independent

Array = NDArray[np.float64]

ADJUSTMENTS = ("interacted", "ancova", "difference")
FEW = 10
"""With fewer clusters in an arm the interval rests on the correction for few clusters."""


@dataclass(frozen=True)
class Regression:
    """fit of Y: (n, K); the coefficient of the assignment is number 1."""

    people: People
    fit: _cluster_robust.Fit
    terms: tuple[str, ...]


def regress(people: People, Y: Array, adjustment: str) -> Regression:
    """Y: (n, K) on the assignment, the covariates and the strata of assignment, interacted where asked."""
    if people.sample.replicates is not None:
        raise MethodError(
            _("This method does not use replicate weights."),
            expected=_("a design with weight, strata and cluster"),
            where=Where(key="design"),
        )
    A = people.A.astype(float)
    _two_clusters(people)
    C, names = controls(people, adjustment)
    independent(C, names, people.w)
    _overlapping(C, names, people)
    parts, terms = [np.ones(people.n), A, C], ["(intercept)", "treated", *names]
    if adjustment == "interacted" and C.shape[1]:
        C = C - people.w @ C / people.w.sum()
        parts, terms = [np.ones(people.n), A, C, A[:, None] * C], [*terms, *(f"treated × {c}" for c in names)]
    X = np.column_stack(parts)
    if len(X) <= X.shape[1]:
        raise MethodError(
            _("There are {n} rows for {p} terms.", n=len(X), p=X.shape[1]),
            expected=_("more rows than terms"),
            remedy=_("name fewer covariates, or adjustment='ancova'"),
            where=Where(key="covariates"),
        )
    return Regression(people, _cluster_robust.fit(X, Y, people.w, people.cluster), tuple(terms))


def controls(people: People, adjustment: str) -> tuple[Array, list[str]]:
    """Covariates, and strata but the first; with ``"difference"`` strata only."""
    X = people.X if adjustment != "difference" else np.zeros((people.n, 0))
    terms = list(people.terms) if adjustment != "difference" else []
    used = np.unique(people.strata)
    _strata_hold_both(people, used, adjustment)
    dummies = [(people.strata == s).astype(float) for s in used[1:]]
    return np.column_stack([X, *dummies]), [*terms, *(people.strata_names[s] for s in used[1:])]


def coefficient(r: Regression, j: int, level: float, k: int = 0) -> dict[str, float]:
    """Estimate, CR2 error, and Student's t with Satterthwaite's degrees of freedom; refused without spread."""
    row = spoken_of(r, j, level, k)
    if not np.isfinite(row["std_error"]):
        raise MethodError(
            _("The outcome does not vary within the arms: there is no spread to measure an error with."),
            expected=_("an outcome that varies within the arms"),
        )
    return row


def spoken_of(r: Regression, j: int, level: float, k: int = 0) -> dict[str, float]:
    """The same, without an error where there is no spread."""
    value, error, df = float(r.fit.beta[j, k]), r.fit.error(j, k), float(r.fit.df[j])
    if not error > 1e-12 * max(1.0, abs(value)) or not df > 0:
        return (
            {"estimate": value}
            | dict.fromkeys(("std_error", "conf_low", "conf_high", "p_value", "df"), float("nan"))
            | {"n": r.people.n}
        )
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    return {
        "estimate": value,
        "std_error": error,
        "conf_low": value - reach,
        "conf_high": value + reach,
        "p_value": float(2 * stats.t.sf(abs(value) / error, df)),
        "df": df,
        "n": r.people.n,
    }


def arms(people: People, y: Array) -> pd.DataFrame:
    """Means of both arms, before any adjustment."""
    rows = []
    for group, a in (("treated", people.A), ("comparison", ~people.A)):
        w = people.w[a]
        mean = float(w @ y[a] / w.sum())
        spread = float(np.sqrt(w @ (y[a] - mean) ** 2 / w.sum() * len(w) / (len(w) - 1)))
        rows.append(
            {
                "group": group,
                "n": int(a.sum()),
                "clusters": len(np.unique(people.cluster[a])),
                "mean": mean,
                "std_dev": spread,
            }
        )
    return pd.DataFrame(rows)


def coefficients(r: Regression, level: float) -> pd.DataFrame:
    """All coefficients; those of covariates describe."""
    return pd.DataFrame([{"term": t, **spoken_of(r, j, level)} for j, t in enumerate(r.terms)])


def checks(r: Regression) -> tuple[Check, ...]:
    """How the standard error was made, and what it rests on."""
    people = r.people
    clusters = [len(np.unique(people.cluster[a])) for a in (people.A, ~people.A)]
    evidence = {"treated": clusters[0], "others": clusters[1], "limit": FEW}
    if not people.clustered:
        made = [Check("standard_error", "info", "Standard errors are HC2: rows are taken as assigned one by one.")]
    else:
        made = [
            Check(
                "standard_error",
                "info",
                "Standard errors are CR2 over {treated} treated and {others} comparison clusters, with Satterthwaite's "
                "degrees of freedom.",
                evidence,
            )
        ]
        both = len(np.intersect1d(people.cluster[people.A], people.cluster[~people.A]))
        if both:
            made.append(
                Check(
                    "clusters_hold_both",
                    "warn",
                    "{n} clusters hold treated and comparison units: if treatment was drawn within clusters, name them "
                    "as strata; if it was drawn by cluster, somebody crossed over.",
                    {"n": both},
                )
            )
        elif min(clusters) < FEW:
            made.append(
                Check(
                    "few_clusters",
                    "warn",
                    "An arm has fewer than {limit} clusters ({treated} treated, {others} comparison): the interval "
                    "rests on the correction for few clusters; randomisation inference rests on less.",
                    evidence,
                )
            )
    if r.fit.alone:
        made.append(
            Check(
                "decided_alone",
                "warn",
                "{n} clusters or rows decide a coefficient of a covariate alone; their part of the error is unknown.",
                {"n": r.fit.alone},
            )
        )
    return (*people.checks, *made)


def _two_clusters(people: People) -> None:
    for a, arm in ((people.A, _("treated")), (~people.A, _("comparison"))):
        if len(np.unique(people.cluster[a])) < 2:
            raise MethodError(
                _("The {arm} arm is one cluster: a programme and a place cannot be told apart.", arm=arm),
                expected=_("two clusters or more in each arm"),
                where=Where(key="cluster"),
            )


def _strata_hold_both(people: People, used: NDArray[np.intp], adjustment: str) -> None:
    if len(used) == 1:
        return
    least = 2 if adjustment == "interacted" else 1
    held = [min(len(np.unique(people.cluster[(people.strata == s) & a])) for a in (people.A, ~people.A)) for s in used]
    short = [people.strata_names[s] for s, n in zip(used, held, strict=True) if n < least]
    if short:
        raise MethodError(
            _(
                "{n} strata have fewer than {least} units in an arm ({names}).",
                n=len(short),
                least=least,
                names=listed(short),
            ),
            expected=_("{least} or more treated and comparison units in each stratum", least=least),
            remedy=_("join strata, or name adjustment='ancova', which takes their mean as one"),
            where=Where(key="strata"),
        )


def _overlapping(C: Array, names: list[str], people: People) -> None:
    """No covariate that is the assignment itself."""
    if not C.shape[1]:
        return
    independent(np.column_stack([people.A.astype(float), C]), [_("treated"), *names], people.w)
