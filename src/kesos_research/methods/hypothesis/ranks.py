"""Tests of ranks, which the shape of the distribution does not move."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import percent
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._found import (
    Found,
    assemble,
    enough,
    pair,
    read_groups,
    read_pair,
    row,
    run,
    several,
    two,
)

Array = NDArray[np.float64]

_EXACT = 50
"""Without ties p-values of fewer units than this in either group are exact."""


def mann_whitney(
    data: pd.DataFrame, *, of: str, group: str, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Does a unit of one group tend to have more than a unit of the other?

    Estimand: the rank-biserial correlation, P(X > Y) − P(X < Y) for X of the first group and Y of the second (in the
    order of their names): 0 where neither tends to have more, ±1 where one always does.

    Parameters
    ----------
    data, of, group, by, level
        As for `welch_t`. The test is about order, not about medians.

    Returns
    -------
    Estimates
        ``rank_biserial`` with the p-value (exact without ties where a group has fewer than 50 units, else normal with
        ties and continuity counted), and ``superiority``, P(X > Y) + ½P(X = Y). Evidence: ``test``, ``groups``.

    Raises
    ------
    MethodError
        As `welch_t`.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("aaaabbbb"), "score": [1.0, 2.0, 3.0, 5.0, 4.0, 6.0, 7.0, 8.0]})
    >>> answer = mann_whitney(rows, of="score", group="sex")
    >>> float(answer.row(term="rank_biserial").estimate), round(float(answer.table.p_value[0]), 4)
    (-0.875, 0.0571)

    References
    ----------
    Mann, H. B., & Whitney, D. R. (1947). Annals of Mathematical Statistics 18, 50–60. — DeLong, E. R., DeLong, D. M., &
    Clarke-Pearson, D. L. (1988). Biometrics 44, 837–845.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    read_groups(data, of, group, groups)
    return assemble(
        run(data, groups, lambda part: _two_groups(part, of, group, level)),
        groups,
        method="mann_whitney",
        estimand="How often a unit of the first group has more than one of the second, less how often it has less",
        level=level,
    )


def wilcoxon(
    data: pd.DataFrame, *, of: str, against: str, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Do units tend to have more at one measurement than at the other?

    Estimand: the matched rank-biserial correlation: the share of signed ranks that are positive less that of negative
    ones.

    Parameters
    ----------
    data, of, against, by, level
        As for `paired_t`.

    Returns
    -------
    Estimates
        ``rank_biserial`` with the p-value (exact without ties and zeros up to 50 units), `n` units that changed.
        Evidence: ``test``.

    Raises
    ------
    MethodError
        When no unit changed.

    Examples
    --------
    >>> rows = pd.DataFrame({"after": [5.0, 6.5, 7.0, 9.0, 8.0], "before": [4.0, 6.0, 5.5, 6.0, 8.4]})
    >>> round(float(wilcoxon(rows, of="after", against="before").row(term="rank_biserial").estimate), 4)
    0.8667

    References
    ----------
    Wilcoxon, F. (1945). Biometrics Bulletin 1, 80–83. — Kerby, D. S. (2014). The simple difference formula.
    Comprehensive Psychology 3, 1.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    read_pair(data, of, against, groups)
    return assemble(
        run(data, groups, lambda part: _signed((part[of] - part[against]).to_numpy(float), level)),
        groups,
        method="wilcoxon",
        estimand="Share of signed ranks that are positive less that of negative ones",
        level=level,
    )


def kruskal_wallis(
    data: pd.DataFrame, *, of: str, group: str, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Do units of some groups tend to have more than those of others?

    Estimand: ε², the share of the ranks' variance that lies between groups.

    Parameters
    ----------
    data, of, by, level
        As for `welch_t`.
    group
        Column of two or more groups.

    Returns
    -------
    Estimates
        ``epsilon_squared`` = H/(n − 1) with the p-value of χ², and an interval from the non-central χ². Evidence:
        ``test``, ``groups``.

    Raises
    ------
    MethodError
        When there is one group or all values are equal.

    Examples
    --------
    >>> rows = pd.DataFrame({"zone": list("aaabbbccc"), "score": [1.0, 2, 3, 2.5, 3.5, 4, 6, 7, 8]})
    >>> round(float(kruskal_wallis(rows, of="score", group="zone").row(term="epsilon_squared").estimate), 3)
    0.811

    References
    ----------
    Kruskal, W. H., & Wallis, W. A. (1952). JASA 47, 583–621. — Kelley, T. L. (1935). PNAS 21, 554–559.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    read_groups(data, of, group, groups)
    return assemble(
        run(data, groups, lambda part: _several_groups(part, of, group, level)),
        groups,
        method="kruskal_wallis",
        estimand="Share of the variance of ranks that lies between groups",
        level=level,
    )


def _two_groups(data: pd.DataFrame, of: str, group: str, level: float) -> Found:
    from scipy import stats

    names, x, y = two(data, of, group)
    tied = len(np.unique(np.concatenate([x, y]))) < len(x) + len(y)
    exact = not tied and min(len(x), len(y)) < _EXACT
    U, p = pair(stats.mannwhitneyu(x, y, method="exact" if exact else "asymptotic"))
    theta, bounds, variance = _effects.superiority(x, y, level)
    n = len(x) + len(y)
    return Found(
        [
            row(
                "rank_biserial",
                2 * theta - 1,
                (2 * bounds[0] - 1, 2 * bounds[1] - 1),
                error=2 * math.sqrt(variance),
                p=p,
                n=n,
            ),
            row("superiority", theta, bounds, error=math.sqrt(variance), n=n),
        ],
        "mann_whitney_exact" if exact else "mann_whitney",
        U,
        p,
        frames={"groups": pd.DataFrame([_middle(names[0], x), _middle(names[1], y)])},
        checks=(_ties(np.concatenate([x, y])),),
    )


def _signed(x: Array, level: float) -> Found:
    from scipy import stats

    changed = np.sort(x[x != 0])
    if len(changed) == 0:
        raise MethodError(_("No unit changed."), expected=_("differences other than 0"))
    ranks = np.asarray(stats.rankdata(np.abs(changed)), float)
    n = len(changed)
    up = float(ranks[changed > 0].sum())
    total = n * (n + 1) / 2
    exact = n <= _EXACT and len(np.unique(np.abs(changed))) == n and len(changed) == len(x)
    _W, p = pair(stats.wilcoxon(changed, method="exact" if exact else "asymptotic", correction=not exact))
    effect = 2 * up / total - 1
    # standard deviation of W⁺ − W⁻ under symmetry, relative to their sum
    error = math.sqrt(n * (n + 1) * (2 * n + 1) / 6) / total
    return Found(
        [
            row(
                "rank_biserial",
                effect,
                _effects.fisher_z(effect, error, level),
                error=error,
                p=p,
                n=n,
            )
        ],
        "wilcoxon_exact" if exact else "wilcoxon",
        up,
        p,
        checks=(
            Check(
                "unchanged",
                "info",
                "{n} of {all} units did not change and are left out of the ranks.",
                {"n": len(x) - n, "all": len(x)},
            ),
            _ties(np.abs(changed)),
        ),
    )


def _several_groups(data: pd.DataFrame, of: str, group: str, level: float) -> Found:
    from scipy import stats

    parts = [(str(name), np.sort(part[of].to_numpy(float))) for name, part in data.groupby(group, observed=True)]
    values = [x for _name, x in parts]
    whole = np.concatenate(values)
    enough(len(whole), 3)
    if len(parts) < 2 or np.ptp(whole) == 0:
        raise MethodError(_("There is one group, or all values are equal."), expected=_("groups, and values that vary"))
    H, p = pair(stats.kruskal(*values))
    n, df = len(whole), len(parts) - 1
    low, high = _effects.noncentral_chi2(H, df, level)
    small = min(len(x) for x in values)
    return Found(
        [row("epsilon_squared", H / (n - 1), (low / (low + n), high / (high + n)), p=p, df=df, n=n)],
        "kruskal_wallis",
        H,
        p,
        df,
        frames={"groups": pd.DataFrame([_middle(name, x) for name, x in parts])},
        checks=(
            Check(
                "small_groups",
                "warn" if small < 5 else "pass",
                "The smallest group has {n} units; the p-value of χ² is good from about five on.",
                {"n": small},
            ),
            _ties(whole),
        ),
    )


def _middle(name: str, x: Array) -> dict[str, object]:
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75])
    return {"group": name, "median": float(median), "q1": float(q1), "q3": float(q3), "n": len(x)}


def _ties(x: Array) -> Check:
    share = 1 - len(np.unique(x)) / len(x)
    return Check("ties", "info", "{share} % of the values are tied.", {"share": percent(share)})
