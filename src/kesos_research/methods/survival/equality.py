"""Tests that several groups have the same curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._covariates import several
from kesos_research.methods._sample import label_codes
from kesos_research.methods.survival import _partial as partial
from kesos_research.methods.survival import _spells
from kesos_research.methods.survival._partial import Array
from kesos_research.methods.survival.hazards import cluster_sums, in_strata

FEW_EXPECTED = 5
"""Expected events in a group below which χ² is no good approximation."""


def log_rank(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    group: str,
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> Estimates:
    """Does the event come to some groups sooner than to others?

    Estimand: that the hazards of all groups are the same at all times is tested; with two groups the log ratio of their
    hazards is estimated by Peto's one step, which holds near no difference.

    Parameters
    ----------
    data, time, event
        As for `kaplan_meier`.
    group
        Column of two groups or more; the second in their order is held against the first.
    strata
        Columns within whose values the groups are compared.
    cluster
        Where the rows were assigned or drawn together; the variance of the score is then of sums over clusters.
    level
        Of the interval.

    Returns
    -------
    Estimates
        ``log_rank``: χ² with its degrees of freedom and p-value; with two groups ``log_hazard_ratio``, (O − E)/V.
        Evidence ``groups``: rows, events observed and expected, and their ratio.

    Raises
    ------
    MethodError
        As `kaplan_meier`; when there is no event, or fewer than two groups.

    Examples
    --------
    >>> rows = pd.DataFrame({
    ...     "months": [1.0, 2, 3, 4, 5, 6], "back": [True] * 6, "loan": [False, False, True, False, True, True]})
    >>> round(float(log_rank(rows, time="months", event="back", group="loan").row(term="log_rank").p_value), 3)
    0.11

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics. Cancer Chemotherapy Reports 50,
    163–170. — Peto, R., et al. (1977). Design and analysis of randomized clinical trials. II. British Journal of Cancer
    35, 1–39.
    """
    level = _rows.fraction(level, "level")
    spells = _spells.read(data, time=time, event=event, cluster=cluster, others=[("group", group), ("strata", strata)])
    _spells.some_events(spells, event)
    codes, labels = _groups(spells, group)
    inside = np.eye(len(labels))[codes]
    parts = in_strata(inside, spells, several(strata or ()), "breslow")
    expected, V = _expected(parts, len(labels))
    information = float(V[1, 1])
    observed = inside[spells.event].sum(axis=0)
    if spells.clustered:
        sums = cluster_sums(partial.score_residuals(parts, np.zeros(len(labels)), len(spells.time)), spells)
        V = sums.T @ sums
    U = observed - expected
    q = int(np.linalg.matrix_rank(V, tol=1e-9 * max(1.0, float(np.abs(V).max()))))
    if q == 0:
        raise MethodError(
            _("At every event only one group is still seen."),
            expected=_("groups that are seen at the same time"),
            where=Where(column=group),
        )
    statistic = float(U @ np.linalg.pinv(V, rcond=1e-9, hermitian=True) @ U)
    p = float(stats.chi2.sf(statistic, q))
    rows: list[dict[str, object]] = [
        {"term": "log_rank", "estimate": statistic, "p_value": p, "df": q, "n": len(spells.time)}
    ]
    if len(labels) == 2:
        rows.append({**_peto(U[1], V[1, 1], information, level), "p_value": p, "n": len(spells.time)})
    return Estimates(
        pd.DataFrame(rows),
        "log_rank",
        "Whether the hazards of groups are the same at all times",
        level=level,
        checks=(_few_expected(expected), _spells.competing(), *_spells.few_clusters(spells)),
        evidence={
            "groups": pd.DataFrame(
                {
                    "group": labels,
                    "n": inside.sum(axis=0).astype(int),
                    "observed": observed.astype(int),
                    "expected": expected,
                    "ratio": np.divide(observed, expected, out=np.full(len(labels), np.nan), where=expected > 0),
                }
            )
        },
    )


def _groups(spells: _spells.Spells, group: str) -> tuple[partial.Codes, list[str]]:
    codes, labels = label_codes(spells.frame[group])
    used, codes = np.unique(codes, return_inverse=True)
    if len(used) < 2:
        raise MethodError(
            _("{column} has {n} groups.", column=group, n=len(used)),
            expected=_("two groups or more"),
            where=Where(column=group),
        )
    return codes, [str(labels[k]) for k in used]


def _expected(parts: list[partial.Stratum], k: int) -> tuple[Array, Array]:
    """Events expected in each group: (k,), and the hypergeometric variance of what was observed: (k, k)."""
    expected, V = np.zeros(k), np.zeros((k, k))
    for s in parts:
        q = partial.slots(s, np.ones(len(s.time)))
        risk = (len(s.time) - s.first).astype(float)
        alone = np.divide(risk - s.ties, risk - 1, out=np.zeros(len(risk)), where=risk > 1)
        expected += q.a.sum(axis=0)
        V += (alone[:, None, None] * q.V).sum(axis=0)
    return expected, V


def _peto(U: float, var: float, information: float, level: float) -> dict[str, object]:
    """(O − E)/V of the second group; its error from the variance of O − E."""
    estimate, error = U / information, np.sqrt(var) / information
    reach = stats.norm.ppf((1 + level) / 2) * error
    return {
        "term": "log_hazard_ratio",
        "estimate": estimate,
        "std_error": error,
        "conf_low": estimate - reach,
        "conf_high": estimate + reach,
    }


def _few_expected(expected: Array) -> Check:
    evidence = {"least": float(expected.min()), "few": FEW_EXPECTED}
    if expected.min() < FEW_EXPECTED:
        return Check(
            "few_events",
            "warn",
            "In one group {least} events are expected, fewer than {few}: the p-value is rough.",
            evidence,
        )
    return Check("few_events", "pass", "At least {least} events are expected in every group.", evidence)
