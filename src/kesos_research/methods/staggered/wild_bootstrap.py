"""The wild cluster bootstrap: how often would so few clusters give so large a t without an effect?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _rows
from kesos_research.methods._checks import finite, spoken
from kesos_research.methods.randomization import DRAWS
from kesos_research.methods.staggered import _absorb, _checks
from kesos_research.methods.staggered._panel import Codes, Rows, read
from kesos_research.methods.staggered._wild import drawn_signs, wild
from kesos_research.methods.staggered.bacon import decomposed

Signs = Literal["rademacher", "webb"]

FEW = 12
"""With no more clusters two signs give too few different draws, and Webb's six values are taken."""


def wild_bootstrap(
    data: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    period: str,
    since: str,
    seed: int,
    covariates: str | Sequence[str] = (),
    cluster: str | None = None,
    signs: Signs | None = None,
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """How often would so few clusters show so large a difference under treatment if there were none?

    Estimand: that of `two_way_fixed_effects`. Residuals of the regression without an effect are turned over, cluster by
    cluster, at random; the t-statistic is compared with those that this gives.

    Parameters
    ----------
    data, outcome, unit, period, since, covariates, level
        As for `two_way_fixed_effects`.
    seed
        Of the draws. Clusters are put in the order of their data first: names and row order change nothing.
    cluster
        Column that says where treatment was *assigned*; units if none is named.
    signs
        ``"rademacher"``: −1 and 1; ``"webb"``: six values. If not said, Webb's with twelve clusters or fewer.
    draws
        At least 9,999; all combinations where there are no more.

    Returns
    -------
    Estimates
        One row, ``term="treated"``: `std_error` is CR1, `p_value` is (1 + #)/(1 + B), or the share where all
        combinations were looked at, and the interval holds the effects that the test does not reject. Evidence:
        ``draws`` [t] of the null of no effect.

    Raises
    ------
    MethodError
        As `two_way_fixed_effects`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame([
    ...     {"place": i, "t": t, "start": 2 if i < 10 else None, "poor": i % 7 + t * (i % 3) + 5.0 * (i < 10 and t > 1)}
    ...     for i in range(30) for t in range(4)])
    >>> answer = wild_bootstrap(rows, outcome="poor", unit="place", period="t", since="start", seed=1)
    >>> float(answer.row(term="treated").p_value) <= 0.0002
    True

    References
    ----------
    Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2008). Bootstrap-based improvements for inference with clustered
    errors. Review of Economics and Statistics 90(3), 414–427. — Roodman, D., MacKinnon, J. G., Nielsen, M. Ø., & Webb,
    M. D. (2019). Fast and wild: Bootstrap inference in Stata using boottest. Stata Journal 19(1), 4–60.
    """
    level = _rows.fraction(level, "level")
    seed, draws = _rows.whole(seed, "seed", least=0), _rows.whole(draws, "draws", least=DRAWS)
    if signs is not None:
        _rows.choice(signs, "signs", ("rademacher", "webb"))
    rows = read(data, outcome=outcome, unit=unit, period=period, since=since, covariates=covariates, cluster=cluster)
    fit = _absorb.least_squares(rows, rows.treated.astype(float)[:, None])
    se = float(np.sqrt(_absorb.by_cluster(fit, np.eye(len(fit.beta))[:, :1], rows.cluster, "CR1").V[0, 0]))
    home = _ordered(rows, fit)
    kind = signs or ("webb" if rows.n_clusters <= FEW else "rademacher")
    V, exact = drawn_signs(rows.n_clusters, kind, draws, seed)
    made = wild(fit.X[:, 0], fit.X[:, 1:], fit.y, home, signs=V, exact=exact)
    low, high = made.interval(level, se)
    row = {
        "term": "treated",
        "estimate": made.beta,
        "std_error": se,
        "conf_low": finite(low),
        "conf_high": finite(high),
        "p_value": made.p_value(0.0),
        "n": len(rows.y),
    }
    h = made.beta
    t = (made.a + made.b * h) / np.sqrt(made.q0 + made.q1 * h + made.q2 * h * h)
    return Estimates(
        pd.DataFrame([row]),
        "wild_bootstrap",
        "Difference under treatment, levels of units and periods taken out; the mean effect on the treated where all "
        "start together or effects are all alike",
        level=level,
        checks=(
            _checks.cohorts(rows.cohorts),
            _checks.few_treated(rows),
            _draws(len(V), rows.n_clusters, kind, exact),
            _checks.forbidden(decomposed(rows).forbidden if len(rows.starts) > 1 else 0.0),
        ),
        evidence={"draws": pd.DataFrame({"t": np.sort(t)})},
    )


def _ordered(rows: Rows, fit: _absorb.Fit) -> Codes:
    """Numbers of the clusters in the order of what they hold."""
    G = rows.n_clusters
    held: list[Any] = [np.bincount(rows.cluster, minlength=G).astype(float)]
    held += [np.round(np.bincount(rows.cluster, c, minlength=G), 9) for c in (fit.e**2, fit.e * fit.X[:, 0], fit.y**2)]
    place = np.empty(G, np.intp)
    place[np.lexsort(held)] = np.arange(G)
    return place[rows.cluster]


def _draws(B: int, G: int, kind: str, exact: bool) -> Check:
    evidence = {"B": spoken(B, 0), "G": G}
    if exact:
        return Check(
            "bootstrap_draws", "info", "All {B} combinations of signs of {G} clusters were looked at.", evidence
        )
    if kind == "webb":
        return Check(
            "bootstrap_draws", "info", "{B} draws of Webb's six values for {G} clusters, the null imposed.", evidence
        )
    return Check("bootstrap_draws", "info", "{B} draws of signs for {G} clusters, the null imposed.", evidence)
