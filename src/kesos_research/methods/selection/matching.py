"""Matching: comparison units that look like the treated, one by one or stratum by stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods._people import People
from kesos_research.methods._sample import label_codes, names
from kesos_research.methods._settings import choice
from kesos_research.methods.selection import _matched, _nearest, _propensity
from kesos_research.methods.selection._answer import evidence, read, scaled
from kesos_research.methods.selection._strata import coarse, tenths

Array = NDArray[np.float64]
Distance = Literal["propensity", "probit", "mahalanobis", "exact", "coarsened", "subclass"]
Replacement = Literal["without", "with"]
Adjustment = Literal["difference", "ancova"]

DISTANCES = ("propensity", "probit", "mahalanobis", "exact", "coarsened", "subclass")
PAIRED = DISTANCES[:3]


@dataclass(frozen=True)
class _Plan:
    distance: str
    exact: tuple[str, ...]
    caliper: float | None
    ratio: int
    replacement: bool
    subclasses: int


def matching(
    data: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    covariates: str | Sequence[str],
    distance: Distance = "propensity",
    exact: str | Sequence[str] = (),
    caliper: float | None = None,
    ratio: int = 1,
    replacement: Replacement = "without",
    subclasses: int = 6,
    adjustment: Adjustment = "difference",
    cluster: str | None = None,
    design: SurveyDesign | None = None,
    seed: int,
    level: float = 0.95,
) -> Estimates:
    """What did the programme change for the treated, set against comparison units matched to them?

    Estimand: mean effect on the treated that found a match, if treated and comparison units alike in the covariates
    would without the programme have had the same outcome on average.

    Parameters
    ----------
    data, outcome, treated, covariates, cluster, design, level
        As for `entropy_balancing`.
    distance
        One by one: ``"propensity"`` and ``"probit"`` (score of a logit or probit regression; treated with the highest
        score choose first), ``"mahalanobis"`` (closest pairs first). By strata: ``"exact"`` (same values of all
        covariates), ``"coarsened"`` (same bins, Sturges' number of equal width), ``"subclass"`` (bins of the score with
        as many treated each).
    exact
        Columns that must be the same within a pair.
    caliper
        The largest distance of a pair: in standard deviations of the score, or as Mahalanobis' distance.
    ratio
        Comparison units for each treated one.
    replacement
        ``"with"``: a comparison unit may serve several treated ones.
    subclasses
        Number of bins of the score.
    adjustment
        ``"ancova"``: regression on the covariates among the matched.
    seed
        Of the order in which equally near units are taken. Rows are put in the order of their data first.

    Returns
    -------
    Estimates
        One row, ``term="treated"``. Standard errors: by matched set (one by one, without replacement); Abadie and
        Imbens (with); of the strata's means; CR2 over `cluster` or the design's, where rows came in clusters. Those by
        set and of Abadie and Imbens take the score as known. Evidence: ``balance``, ``weights``, ``matched``,
        ``overlap``, ``robustness``.

    Raises
    ------
    DataError, MethodError
        As for `entropy_balancing`; when no treated unit finds a match, or comparison units run out.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "joined": [True] * 3 + [False] * 5, "age": [40.0, 50.0, 61.0, 30.0, 41.0, 50.0, 60.0, 70.0],
    ...     "income": [5.0, 7.0, 8.0, 2.0, 4.0, 4.0, 6.0, 6.0]})
    >>> answer = matching(
    ...     rows, outcome="income", treated="joined", covariates="age", distance="mahalanobis", seed=1)
    >>> round(float(answer.row(term="treated").estimate), 6)
    2.0

    References
    ----------
    Stuart, E. A. (2010). Matching methods for causal inference. Statistical Science 25(1), 1–21. — Abadie, A., &
    Imbens, G. W. (2006). Econometrica 74(1), 235–267. — Abadie, A., & Spiess, J. (2022). Robust post-matching
    inference. Journal of the American Statistical Association 117, 983–995. — Iacus, S. M., King, G., & Porro, G.
    (2012). Causal inference without balance checking: coarsened exact matching. Political Analysis 20(1), 1–24.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    plan = _plan(
        distance=distance,
        exact=exact,
        caliper=caliper,
        ratio=ratio,
        replacement=replacement,
        subclasses=subclasses,
    )
    choice(adjustment, "adjustment", ("difference", "ancova"))
    rows, y = read(data, outcome, treated, covariates, cluster=cluster, design=design, also=plan.exact)
    if rows.sample.replicates is not None:
        raise MethodError(
            _("This method does not use replicate weights."),
            expected=_("a design with weight, strata and cluster"),
            where=Where(key="design"),
        )
    V, scores = _coordinates(rows, plan)
    m = _match(rows, y, V, scores, plan, seed=seed)
    X = rows.X if adjustment == "ancova" else np.zeros((rows.n, 0))
    found = _estimated(rows, y, X, m, V)
    frames, said = evidence(
        rows, y, scaled(m.weights, rows.A, m.weights, "treated"), scores, target="treated", level=level
    )
    reach = float(stats.t.ppf((1 + level) / 2, found.df)) * found.error
    row = {
        "term": "treated",
        "estimate": found.tau,
        "std_error": found.error,
        "conf_low": found.tau - reach,
        "conf_high": found.tau + reach,
        "p_value": float(2 * stats.t.sf(abs(found.tau) / found.error, found.df)),
        "df": found.df,
        "n": int((m.weights > 0).sum()),
    }
    return Estimates(
        pd.DataFrame([row]),
        "matching",
        "Mean effect on the treated that found a match, if nothing unobserved decided both treatment and outcome",
        level=level,
        checks=(*rows.checks, *said, _left_out(rows, m), _made(found.how)),
        evidence={**frames, "matched": _sets(rows, m)},
    )


def _plan(
    *, distance: str, exact: str | Sequence[str], caliper: float | None, ratio: int, replacement: str, subclasses: int
) -> _Plan:
    choice(distance, "distance", DISTANCES)
    choice(replacement, "replacement", ("without", "with"))
    ratio, subclasses = _rows.whole(ratio, "ratio", least=1), _rows.whole(subclasses, "subclasses", least=2)
    caliper = None if caliper is None else _rows.nonnegative(caliper, "caliper")
    if distance not in PAIRED and (names(exact) or caliper is not None or ratio > 1 or replacement == "with"):
        raise MethodError(
            _("Strata have no caliper, ratio, replacement or exact columns."),
            expected=_("those only with {names}", names=", ".join(PAIRED)),
            where=Where(key="distance"),
        )
    return _Plan(distance, names(exact), caliper, ratio, replacement == "with", subclasses)


def _coordinates(rows: People, plan: _Plan) -> tuple[Array, Array | None]:
    """Where units lie for the distance, and their scores: those of a score lie in its standard deviations."""
    if plan.distance in ("exact", "coarsened"):
        return rows.X, None
    if plan.distance == "mahalanobis":
        return _nearest.whitened(rows.X, rows.A, rows.w), None
    link = "probit" if plan.distance == "probit" else "logit"
    Z = _propensity.design_matrix(rows.X)
    p = _propensity.scores(Z, _propensity.fit(Z, rows.A, rows.w, link), link)
    spread = np.sqrt((p[rows.A].var(ddof=1) + p[~rows.A].var(ddof=1)) / 2)
    if spread <= 1e-12:
        raise MethodError(
            _("The covariates {names} are constant, or follow from the others.", names=", ".join(rows.terms)),
            expected=_("covariates in which units differ"),
            where=Where(key="covariates"),
        )
    return (p / spread)[:, None], p


def _match(rows: People, y: Array, V: Array, scores: Array | None, plan: _Plan, *, seed: int) -> _matched.Matched:
    A, w = rows.A, rows.w
    if plan.distance == "subclass":
        assert scores is not None
        m = _matched.of_strata(tenths(scores, A, plan.subclasses), A, w)
    elif plan.distance in ("exact", "coarsened"):
        m = _matched.of_strata(coarse(rows.Z, bins=plan.distance == "coarsened"), A, w)
    else:
        m = _pairs(rows, y, V, scores, plan, seed=seed)
    if not (m.weights[A] > 0).sum() >= 2 or not (m.weights[~A] > 0).sum() >= 2:
        raise MethodError(
            _("Fewer than two treated units found a match."),
            expected=_("comparison units like the treated"),
            remedy=_("widen the caliper, join categories, or name fewer covariates"),
            where=Where(key="covariates"),
        )
    return m


def _pairs(rows: People, y: Array, V: Array, scores: Array | None, plan: _Plan, *, seed: int) -> _matched.Matched:
    """Units are put in the order of their data, then in a random one, so that ties go to anybody."""
    group = np.zeros(rows.n, np.intp)
    for column in plan.exact:
        group = group * (int(group.max()) + 2) * rows.n + label_codes(rows.sample.frame[column].astype(str))[0]
        group = np.unique(group, return_inverse=True)[1]
    if plan.exact == () and not plan.replacement and plan.ratio * rows.A.sum() > (~rows.A).sum():
        raise MethodError(
            _(
                "{n} treated units ask for {m} comparison units; there are {all}.",
                n=int(rows.A.sum()),
                m=int(plan.ratio * rows.A.sum()),
                all=int((~rows.A).sum()),
            ),
            expected=_("enough comparison units, or such as may be used again"),
            remedy=_("name replacement='with', or a smaller ratio"),
            where=Where(key="ratio"),
        )
    order = np.lexsort([*rows.Z.T, y, rows.w, rows.A, group])
    order = order[np.random.default_rng(seed).permutation(rows.n)]
    terms = _nearest.Terms(group[order], plan.ratio, plan.replacement, np.inf if plan.caliper is None else plan.caliper)
    A = rows.A[order]
    first = None if scores is None else scores[order][A]
    found = _nearest.matched(V[order], A, terms, first)
    matches = np.full((int(A.sum()), plan.ratio), -1, np.intp)
    place = np.cumsum(rows.A) - 1
    matches[place[order[A]]] = np.where(found >= 0, order[found], -1)
    return _matched.of_pairs(matches, rows.A, rows.w)


def _estimated(rows: People, y: Array, X: Array, m: _matched.Matched, V: Array) -> _matched.Found:
    if rows.clustered:
        found = _matched.by_clusters(y, rows.A, X, m, rows.cluster)
    elif m.matches is None:
        found = _matched.by_strata(y, rows.A, X, m)
    elif len(np.unique(m.matches[m.matches >= 0])) < (m.matches >= 0).sum():
        found = _matched.by_neighbours(y, rows.A, X, m, V)
    else:
        found = _matched.by_sets(y, rows.A, X, m)
    if not found.error > 1e-12 * max(1.0, abs(found.tau)) or not found.df > 0:
        raise MethodError(
            _("The outcome does not vary within the arms: there is no spread to measure an error with."),
            expected=_("an outcome that varies within the arms"),
        )
    return found


def _made(how: str) -> Check:
    if how == "sets":
        return Check("standard_error", "info", "Standard errors are by matched set; scores are taken as known.")
    if how == "neighbours":
        return Check(
            "standard_error",
            "info",
            "Standard errors are Abadie and Imbens's, for units used again; scores are taken as known.",
        )
    if how == "strata":
        return Check("standard_error", "info", "Standard errors are of the means within strata, taken as given.")
    return Check("standard_error", "info", "Standard errors are CR2 over clusters; the matches are taken as given.")


def _left_out(rows: People, m: _matched.Matched) -> Check:
    lost = int((m.weights[rows.A] == 0).sum())
    told = {
        "n": lost,
        "all": int(rows.A.sum()),
        "share": percent(lost / rows.A.sum(), 1),
        "used": int((m.weights[~rows.A] > 0).sum()),
        "others": int((~rows.A).sum()),
    }
    if lost:
        return Check(
            "left_out",
            "warn",
            "{n} of {all} treated units ({share} %) found no match: the answer is of the others.",
            told,
        )
    return Check(
        "left_out",
        "pass",
        "All {all} treated units found a match; {used} of {others} comparison units serve.",
        told,
    )


def _sets(rows: People, m: _matched.Matched) -> pd.DataFrame:
    """Who was matched with whom, or lies in which stratum."""
    T = np.flatnonzero(rows.A)
    if m.matches is None:
        used = np.flatnonzero(m.weights > 0)
        frame = pd.DataFrame({"set": m.sets[used], "row": rows.index[used], "treated": rows.A[used]})
        return frame.assign(weight=m.weights[used]).sort_values(["set", "treated"], ignore_index=True)
    parts = []
    for number, (i, row) in enumerate(zip(T, m.matches, strict=True)):
        held = row[row >= 0]
        if len(held):
            parts.append((number, rows.index[int(i)], True, rows.w[i]))
            parts += [(number, rows.index[int(j)], False, rows.w[i] / len(held)) for j in held]
    return pd.DataFrame(parts, columns=["set", "row", "treated", "weight"])
