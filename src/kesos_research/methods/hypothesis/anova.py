"""Analysis of variance: means of several groups."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import probability
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._found import Found, assemble, read_groups, row, run, several
from kesos_research.methods.hypothesis._shape import few, independent, normal, summary
from kesos_research.methods.small_area import one_of

Array = NDArray[np.float64]
Variances = Literal["welch", "equal"]


def anova(
    data: pd.DataFrame,
    *,
    of: str,
    group: str,
    variances: Variances = "welch",
    by: str | tuple[str, ...] = (),
    level: float = 0.95,
) -> Estimates:
    """Do several groups have different means?

    Estimand: η², the share of the figure's variance that lies between groups, and ω², which is not biased upwards.

    Parameters
    ----------
    data, of, by, level
        As for `welch_t`.
    group
        Column of two or more groups.
    variances
        ``"welch"``: they may differ between groups; ``"equal"``: Fisher's classic F.

    Returns
    -------
    Estimates
        ``eta_squared`` with the p-value and an interval from the non-central F, ``omega_squared``. Evidence: ``test``,
        ``groups``.

    Raises
    ------
    MethodError
        When a group has fewer than two rows, or nothing varies.

    Examples
    --------
    >>> rows = pd.DataFrame({"zone": list("aaabbbccc"), "score": [1.0, 2, 3, 2, 3, 4, 6, 7, 8]})
    >>> answer = anova(rows, of="score", group="zone", variances="equal")
    >>> round(float(answer.row(term="eta_squared").estimate), 3), round(float(answer.table.p_value[0]), 4)
    (0.875, 0.002)

    References
    ----------
    Welch, B. L. (1951). Biometrika 38, 330–336. — Steiger, J. H. (2004). Psychological Methods 9(2), 164–182.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    one_of(variances, "variances", get_args(Variances))
    read_groups(data, of, group, groups)
    return assemble(
        run(data, groups, lambda part: _anova(part, of, group, variances, level)),
        groups,
        method="anova",
        estimand="Share of the variance that lies between groups",
        level=level,
    )


def _anova(data: pd.DataFrame, of: str, group: str, variances: Variances, level: float) -> Found:
    from scipy import stats

    parts = [(str(name), np.sort(part[of].to_numpy(float))) for name, part in data.groupby(group, observed=True)]
    if len(parts) < 2 or min(len(x) for _name, x in parts) < 2:
        raise MethodError(
            _("A group has fewer than two rows, or there is one group."), expected=_("two groups or more, of two rows")
        )
    values = [x for _name, x in parts]
    whole = np.concatenate(values)
    n, k = len(whole), len(values)
    between = sum(len(x) * (x.mean() - whole.mean()) ** 2 for x in values)
    within = sum(((x - x.mean()) ** 2).sum() for x in values)
    if within == 0 or (variances == "welch" and min(x.var() for x in values) == 0):
        raise MethodError(_("A group does not vary."), expected=_("values that vary in every group"))
    classic = (between / (k - 1)) / (within / (n - k))
    F, df2 = (classic, float(n - k)) if variances == "equal" else _welch_f(values)
    p = float(stats.f.sf(F, k - 1, df2))
    low, high = _effects.noncentral_f(classic, k - 1, n - k, level)
    mean_square = within / (n - k)
    omega = (between - (k - 1) * mean_square) / (between + within + mean_square)
    levene = float(stats.levene(*values).pvalue)
    return Found(
        [
            row("eta_squared", between / (between + within), (low / (low + n), high / (high + n)), p=p, df=k - 1, n=n),
            row("omega_squared", max(0.0, float(omega)), n=n),
        ],
        "welch_f" if variances == "welch" else "f",
        float(F),
        p,
        float(k - 1),
        df2,
        frames={"groups": pd.DataFrame([summary(name, x) for name, x in parts])},
        checks=(
            few(min(len(x) for x in values)),
            normal(np.concatenate([x - x.mean() for x in values])),
            _spreads(levene, variances),
            independent(),
        ),
    )


def _welch_f(values: list[Array]) -> tuple[float, float]:
    """Welch's F and its second degrees of freedom."""
    k = len(values)
    w = np.array([len(x) / x.var(ddof=1) for x in values])
    means, n = np.array([x.mean() for x in values]), np.array([len(x) for x in values])
    centre = (w * means).sum() / w.sum()
    lost = ((1 - w / w.sum()) ** 2 / (n - 1)).sum()
    F = (w * (means - centre) ** 2).sum() / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * lost)
    return float(F), float((k**2 - 1) / (3 * lost))


def _spreads(p: float, variances: Variances) -> Check:
    evidence = {"p": probability(p)}
    if p <= 0.05 and variances == "equal":
        return Check(
            "equal_variances",
            "warn",
            "The groups do not vary equally (Levene p = {p}): take variances='welch'.",
            evidence,
        )
    return Check("equal_variances", "info", "Whether groups vary equally: Levene p = {p}.", evidence)
