"""Do two figures of the same units go together?"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._checks import probability, spoken
from kesos_research.methods._estimate import Moments, assess
from kesos_research.methods._sample import read
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._found import Found, assemble, enough, pair, read_pair, row, run, several
from kesos_research.methods.small_area import one_of

Array = NDArray[np.float64]
Kind = Literal["pearson", "spearman", "kendall"]


def correlation(
    data: pd.DataFrame,
    *,
    of: str,
    against: str,
    kind: Kind = "pearson",
    by: str | tuple[str, ...] = (),
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """Do two figures of the same units go together, and how closely?

    Estimand: the correlation in the population: of the figures along a line (``"pearson"``), of their ranks
    (``"spearman"``), or of the order of pairs (``"kendall"``, τ-b).

    Parameters
    ----------
    data
        One row a unit.
    of, against
        Columns of numbers.
    kind
        Which correlation; with a design only ``"pearson"``.
    by, design, level
        As for `welch_t`.

    Returns
    -------
    Estimates
        One row, ``term`` the kind, with p-value and interval (by Fisher's z; of ranks with Bonett and Wright's
        variance; with a design by linearisation on Fisher's scale). Evidence: ``test``.

    Raises
    ------
    MethodError
        When a column does not vary, or there are fewer than four rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "y": [2.0, 1, 4, 3, 7, 5]})
    >>> round(float(correlation(rows, of="x", against="y", kind="spearman").row(term="spearman").estimate), 4)
    0.8286

    References
    ----------
    Fisher, R. A. (1921). Metron 1, 3–32. — Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for
    estimating Pearson, Kendall and Spearman correlations. Psychometrika 65(1), 23–28.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    one_of(kind, "kind", get_args(Kind))
    if design is not None:
        if kind != "pearson":
            raise MethodError(
                _("Correlations of ranks are not given for a design."),
                expected="kind='pearson'",
                where=Where(key="kind"),
            )
        found = _by_design(data, of, against, groups, design=design, level=level)
    else:
        read_pair(data, of, against, groups)
        found = run(data, groups, lambda part: _plain(part, of, against, kind, level))
    return assemble(
        found,
        groups,
        method="correlation",
        estimand="How closely two figures of the same units go together, from −1 to 1",
        level=level,
        checks=(
            Check(
                "no_direction",
                "info",
                "A correlation says that two figures go together, not that one brings about the other.",
            ),
        ),
    )


def _plain(data: pd.DataFrame, of: str, against: str, kind: Kind, level: float) -> Found:
    from scipy import stats

    x, y = data[of].to_numpy(float), data[against].to_numpy(float)
    n = len(x)
    enough(n, 4)
    for column, values in ((of, x), (against, y)):
        if np.ptp(values) == 0:
            raise MethodError(
                _("The column {column} does not vary.", column=column),
                expected=_("values that vary"),
                where=Where(column=column),
            )
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    if kind == "kendall":
        r, p = pair(stats.kendalltau(x, y))
        error = math.sqrt(0.437 / (n - 4)) if n > 4 else math.nan
    else:
        r, p = pair(stats.pearsonr(x, y) if kind == "pearson" else stats.spearmanr(x, y))
        error = math.sqrt((1 + r**2 / 2) / (n - 3)) if kind == "spearman" else 1 / math.sqrt(n - 3)
    bounds = _effects.fisher_z(r, error, level) if math.isfinite(error) else (math.nan, math.nan)
    df = n - 2 if kind != "kendall" else math.nan
    return Found([row(kind, r, bounds, p=p, df=df, n=n)], kind, r, p, df, checks=_shape(x, y, kind))


def _by_design(
    data: pd.DataFrame, of: str, against: str, by: tuple[str, ...], *, design: SurveyDesign, level: float
) -> list[tuple[tuple[object, ...], Found]]:
    """Pearson's r as a function of weighted totals, with the variance of its linearisation."""
    from scipy import special

    sample = read(data, {"of": of, "against": against}, by=by, design=design)
    x, y = sample.number(of), sample.number(against)
    # about their means, so that squares lose no digits
    x, y = x - x.mean(), y - y.mean()
    answer = assess(sample, Moments([None, x, y, x * x, y * y, x * y], pearson))
    keys = list(sample.groups.itertuples(index=False, name=None)) if by else [()]
    found = []
    for d, key in enumerate(keys):
        r, error, df = float(answer.theta[0, d]), float(np.sqrt(answer.var[0, d])), float(answer.df[d])
        n = float(sample.layout.rows[d])
        if not np.isfinite(r) or not np.isfinite(error) or df < 1:
            raise MethodError(
                _("The design leaves no degrees of freedom for this comparison."),
                expected=_("more sampled units than strata, in both groups"),
            )
        half = float(special.stdtrit(df, (1 + level) / 2)) * error / (1 - r**2)
        t = r / error
        p = float(2 * special.stdtr(df, -abs(t)))
        bounds = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
        found.append(
            (key, Found([row("pearson", r, bounds, error=error, p=p, df=df, n=n)], "design_based_t", t, p, df))
        )
    return found


def pearson(T: Array) -> tuple[Array, Array]:
    """r of T = Σ w (1, x, y, x², y², xy): (6, D), and its gradient: (1, 6, D)."""
    N, X, Y, XX, YY, XY = T
    mx, my = X / N, Y / N
    vx, vy, c = XX / N - mx**2, YY / N - my**2, XY / N - mx * my
    root = np.sqrt(vx * vy)
    r = c / root
    # derivatives by the moments, then by the totals they are made of
    by_c, by_vx, by_vy = 1 / root, -r / (2 * vx), -r / (2 * vy)
    by_mx, by_my = -2 * mx * by_vx - my * by_c, -2 * my * by_vy - mx * by_c
    own = by_mx * mx + by_my * my + by_vx * XX / N + by_vy * YY / N + by_c * XY / N
    G = np.stack([-own, by_mx, by_my, by_vx, by_vy, by_c]) / N
    return r[None], G[None]


def _shape(x: Array, y: Array, kind: Kind) -> tuple[Check, ...]:
    """A line where the ranks say something else."""
    from scipy import stats

    if kind != "pearson":
        return ()
    ranks, _p = pair(stats.spearmanr(x, y))
    r, p = pair(stats.pearsonr(x, y))
    evidence = {"r": spoken(r, 2), "ranks": spoken(ranks, 2), "p": probability(p)}
    if abs(abs(r) - abs(ranks)) > 0.15:
        return (
            Check(
                "one_line",
                "warn",
                "Along a line the correlation is {r}, of the ranks {ranks}: a few units far out, or a curve; look at "
                "the points.",
                evidence,
            ),
        )
    return (Check("one_line", "pass", "Along a line the correlation is {r}, of the ranks {ranks}.", evidence),)
