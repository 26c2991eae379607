"""Proportional hazards: how much sooner does it happen to some than to others?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import probability
from kesos_research.methods._covariates import coded, independent, matrix, several
from kesos_research.methods.small_area import one_of
from kesos_research.methods.survival import _partial as partial
from kesos_research.methods.survival import _product_limit as limit
from kesos_research.methods.survival import _spells
from kesos_research.methods.survival._partial import Array, Stratum
from kesos_research.methods.survival._spells import Spells

Ties = Literal["efron", "breslow"]

PER_TERM = 10
"""Events for each term below which coefficients are far from their values in the long run."""
ALL = "(all)"


def cox(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    covariates: str | Sequence[str],
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    ties: Ties = "efron",
    level: float = 0.95,
) -> Estimates:
    """How much sooner, or later, does the event come to those who differ in their covariates?

    Estimand: β in the hazard h(t) exp(x'β), with an h of its own in each stratum: log ratios of hazards, the same at
    all times. They are effects only of what was assigned at random.

    Parameters
    ----------
    data, time, event
        As for `kaplan_meier`.
    covariates
        Columns of numbers, of true and false, or of categories: each category but the first gets a term
        ``column=value``.
    strata
        Columns within whose values rows are compared.
    cluster
        Where the rows were assigned or drawn together; the errors are then from the sums of clusters.
    ties
        How events at the same time are counted: ``"efron"``, or ``"breslow"``.
    level
        Of the intervals: normal, or Student's t with the clusters less one.

    Returns
    -------
    Estimates
        One row a term, `estimate` the log hazard ratio, `n` rows. Evidence: ``hazard_ratios``, ``proportional_hazards``
        (score tests of coefficients that move with the share still without the event), ``fit``.

    Raises
    ------
    MethodError
        As `kaplan_meier`; when there is no event, covariates depend on each other, or a coefficient has no finite
        value.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "months": [1.0, 2, 3, 4, 5, 6], "back": [True, True, False, True, True, True],
    ...     "loan": [False, True, False, True, False, True]})
    >>> answer = cox(rows, time="months", event="back", covariates="loan")
    >>> round(float(answer.row(term="loan").estimate), 3)
    -0.274

    References
    ----------
    Therneau, T. M., & Grambsch, P. M. (2000). Modeling survival data. Springer, ch. 3, 6, 7. — Efron, B. (1977). The
    efficiency of Cox's likelihood function for censored data. JASA 72, 557–565. — Lin, D. Y., & Wei, L. J. (1989). The
    robust inference for the Cox proportional hazards model. JASA 84, 1074–1078.
    """
    level, columns = _rows.fraction(level, "level"), several(covariates)
    one_of(ties, "ties", get_args(Ties))
    if not columns:
        raise MethodError(_("No covariate is named."), expected=_("at least one column"), where=Where(key="covariates"))
    spells = _spells.read(
        data, time=time, event=event, cluster=cluster, others=[("covariates", columns), ("strata", strata)]
    )
    _spells.some_events(spells, event)
    made = matrix(spells.frame, columns)
    independent(made.X, columns)
    centre, scale = made.X.mean(axis=0), made.X.std(axis=0)
    parts = in_strata((made.X - centre) / scale, spells, several(strata or ()), ties)
    fit = partial.fit(parts, len(scale))
    if not fit.converged:
        raise MethodError(
            _("The regression has no finite solution."),
            expected=_("events at every value of the covariates"),
            remedy=_("a category or value that nobody with the event has, or all have: join it or leave it out"),
            where=Where(key=", ".join(columns)),
        )
    inverse = np.asarray(np.linalg.inv(fit.information), float)
    V = robust(parts, fit.beta, inverse, spells) if spells.clustered else inverse
    beta, error = fit.beta / scale, np.sqrt(np.diag(V)) / scale
    table = wald(made.terms, beta, error, spells, level)
    tests = _tests(parts, fit.beta, made.terms, spells)
    return Estimates(
        table,
        "cox",
        "Log ratios of the hazards of units that differ in their covariates, the same at all times",
        level=level,
        checks=(
            _proportional(tests, level),
            _events_per_term(spells, len(made.terms)),
            _describes(),
            _spells.competing(),
            *_spells.few_clusters(spells),
        ),
        evidence={
            "hazard_ratios": ratios(table, "hazard_ratio"),
            "proportional_hazards": tests,
            "fit": pd.DataFrame(
                [
                    {
                        "log_likelihood_null": fit.null,
                        "log_likelihood": fit.loglik,
                        "events": int(spells.event.sum()),
                        "n": len(spells.time),
                    }
                ]
            ),
        },
    )


def in_strata(X: Array, spells: Spells, strata: tuple[str, ...], ties: str) -> list[Stratum]:
    """The slots of each stratum that has an event."""
    codes = coded(spells.frame, strata)
    parts = []
    for k in np.unique(codes):
        rows = np.flatnonzero(codes == k)
        parts.append(partial.stratum(X[rows], spells.time[rows], spells.event[rows], rows, ties))
    return parts


def robust(parts: list[Stratum], beta: Array, inverse: Array, spells: Spells) -> Array:
    """Sandwich of the sums of score residuals over clusters, without a small-sample factor: (p, p)."""
    sums = cluster_sums(partial.score_residuals(parts, beta, len(spells.time)), spells)
    return inverse @ (sums.T @ sums) @ inverse


def cluster_sums(u: Array, spells: Spells) -> Array:
    """Sums over the rows of each cluster: (G, p)."""
    names, own = np.unique(spells.cluster, return_inverse=True)
    sums = np.zeros((len(names), u.shape[1]))
    np.add.at(sums, own, u)
    return sums


def wald(terms: Sequence[str], beta: Array, error: Array, spells: Spells, level: float) -> pd.DataFrame:
    """Normal, or with clusters Student's t."""
    law = stats.t(spells.df) if spells.clustered else stats.norm()
    reach = law.ppf((1 + level) / 2) * error
    return pd.DataFrame(
        {
            "term": list(terms),
            "estimate": beta,
            "std_error": error,
            "conf_low": beta - reach,
            "conf_high": beta + reach,
            "p_value": 2 * law.sf(np.abs(beta / error)),
            "df": spells.df,
            "n": len(spells.time),
        }
    )


def ratios(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Exponentials of estimates and their bounds, none where one is too large to be held."""
    with np.errstate(over="ignore"):
        held = table[["estimate", "conf_low", "conf_high"]].apply(np.exp).replace(np.inf, np.nan)
    return pd.concat([table[["term"]], held], axis=1).rename(columns={"estimate": name})


def _tests(parts: list[Stratum], beta: Array, terms: Sequence[str], spells: Spells) -> pd.DataFrame:
    """Against a coefficient that moves with 1 − S(t−) of all rows."""
    s = limit.steps(spells.time, spells.event)
    before = np.concatenate([[1.0], s.S[:-1]])
    g = [1 - before[np.searchsorted(s.t, part.time[part.dead])] for part in parts]
    middle = np.concatenate(g).mean()
    own, joint = np.full(len(terms), np.nan), np.nan
    if spells.event.sum() > 2 * len(terms):
        own, joint = partial.proportional(parts, beta, [x - middle for x in g])
    return pd.DataFrame(
        {
            "term": [*terms, ALL],
            "statistic": [*own, joint],
            "df": [1] * len(terms) + [len(terms)],
            "p_value": [*stats.chi2.sf(own, 1), stats.chi2.sf(joint, len(terms))],
        }
    )


def _proportional(tests: pd.DataFrame, level: float) -> Check:
    p = float(tests["p_value"].iloc[-1])
    if not np.isfinite(p):
        return Check(
            "proportional_hazards",
            "info",
            "There are too few events to see whether the ratios stay the same over time.",
        )
    worst = tests.iloc[:-1].sort_values(["p_value", "term"], kind="stable").iloc[0]
    evidence = {"p": probability(p), "term": worst["term"], "worst": probability(float(worst["p_value"]))}
    if p < 1 - level:
        return Check(
            "proportional_hazards",
            "warn",
            "The ratios change over time (p = {p}; most for {term}, p = {worst}): one number says their average over "
            "the times of events, which hangs on how long rows were seen.",
            evidence,
        )
    return Check(
        "proportional_hazards",
        "pass",
        "No sign that the ratios change over time (p = {p}; smallest for {term}, p = {worst}).",
        evidence,
    )


def _events_per_term(spells: Spells, p: int) -> Check:
    events = int(spells.event.sum())
    evidence = {"events": events, "p": p, "few": PER_TERM}
    if events < PER_TERM * p:
        return Check(
            "events_per_term",
            "warn",
            "{events} events for {p} terms are fewer than {few} for each: intervals are too narrow.",
            evidence,
        )
    return Check("events_per_term", "pass", "{events} events for {p} terms.", evidence)


def _describes() -> Check:
    return Check(
        "describes",
        "info",
        "The coefficients describe to whom the event comes sooner; only that of what was assigned at random is an "
        "effect.",
    )
