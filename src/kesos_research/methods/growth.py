"""What moved poverty between two periods: growth or redistribution, and for whom incomes grew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _inequality, _lines, _poverty, _quantiles, _rows
from kesos_research.methods._estimate import Influence, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, read

PERCENTILES = tuple(k / 20 for k in range(1, 20))


def growth_redistribution(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    line: float | str,
    period: str,
    order: float = 0,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Did poverty change because everyone's income grew, or because it was shared differently?

    Estimand: with P(μ, L) the poverty of a population of mean μ and Lorenz curve L: growth P(μ₁, L₀) − P(μ₀, L₀),
    redistribution P(μ₀, L₁) − P(μ₀, L₀), the residual, and Shapley's division of the residual, which gives growth and
    redistribution that do not depend on the base. In each group of `by`.

    Parameters
    ----------
    data, by, design, level
        As for `fgt`.
    of
        Column of amounts larger than 0, in prices of one period, or in any prices where `line` is a column.
    line
        As for `fgt`, not estimated: a column of lines makes amounts of both periods comparable (y/z).
    period
        Column with two different values; the smaller is the base.
    order
        The power a of P_a.

    Returns
    -------
    Estimates
        Terms ``"change"``, ``"growth"``, ``"redistribution"``, ``"residual"``, ``"growth_shapley"``,
        ``"redistribution_shapley"``. The errors of both means are in them.

    Raises
    ------
    DataError, MethodError
        As for `fgt`; with other than two periods.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "year": [1, 1, 2, 2], "spent": [8.0, 20.0, 12.0, 30.0]})
    >>> answer = growth_redistribution(
    ...     rows, of="spent", line=10, period="year", order=1, design=SurveyDesign(weight="w"))
    >>> round(float(answer.row(term="growth").estimate), 6), round(float(answer.row(term="redistribution").estimate), 6)
    (-0.1, 0.0)

    References
    ----------
    Datt, G., & Ravallion, M. (1992). Growth and redistribution components of changes in poverty measures. Journal of
    Development Economics 38(2), 275–295. — Shorrocks, A. F. (2013). Decomposition procedures for distributional
    analysis. Journal of Economic Inequality 11(1), 99–126.
    """
    level, order = _rows.fraction(level, "level"), _rows.nonnegative(order, "order")
    sample = read(data, {"of": of, "period": period, **_lines.roles(line)}, by=by, design=design)
    x = sample.amount(of, positive=True) / _lines.given(sample, line).z
    later = _later(sample, period)
    answer = assess(sample, lambda w, *, linear: _components(sample, x, later, order, w, linear=linear))
    return estimates(
        answer,
        ["change", "growth", "redistribution", "residual", "growth_shapley", "redistribution_shapley"],
        method="growth_redistribution",
        estimand="Change of poverty by growth of the mean and by redistribution",
        level=level,
    )


def growth_incidence(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    period: str,
    p: float | Sequence[float] = PERCENTILES,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """For whom did income grow: the poor, the middle, the rich?

    Estimand: Q₁(p)/Q₀(p) − 1 at each share p of the population, and μ₁/μ₀ − 1, over the whole time between the two
    periods. In each group of `by`. It follows places in the distribution, not persons.

    Parameters
    ----------
    data, by, design, level
        As for `fgt`.
    of
        Column of amounts larger than 0, in the same prices in both periods.
    period
        Column with two different values; the smaller is the base.
    p
        Shares between 0 and 1.

    Returns
    -------
    Estimates
        One row a share, `term` ``"p50"`` for the median, and ``"mean"``.

    Raises
    ------
    DataError, MethodError
        As for `fgt`; with other than two periods.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 6, "year": [1, 1, 1, 2, 2, 2], "spent": [4.0, 8.0, 12.0, 6.0, 8.0, 12.0]})
    >>> answer = growth_incidence(rows, of="spent", period="year", p=(0.2, 0.5), design=SurveyDesign(weight="w"))
    >>> answer.table.term.tolist(), [round(float(g), 6) for g in answer.table.estimate]
    (['p20', 'p50', 'mean'], [0.5, 0.0, 0.083333])

    References
    ----------
    Ravallion, M., & Chen, S. (2003). Measuring pro-poor growth. Economics Letters 78(1), 93–99.
    """
    level = _rows.fraction(level, "level")
    points = [_rows.fraction(s, "p") for s in ([p] if isinstance(p, int | float) else p)]
    sample = read(data, {"of": of, "period": period}, by=by, design=design)
    y, later = sample.amount(of, positive=True), _later(sample, period)
    answer = assess(sample, lambda w, *, linear: _incidence(sample, y, later, points, w, linear=linear))
    return estimates(
        answer,
        [*(f"p{100 * s:g}" for s in points), "mean"],
        method="growth_incidence",
        estimand="Growth of the income at each place of the distribution",
        level=level,
    )


def _later(sample: Sample, period: str) -> Array:
    """1 for rows of the later period, 0 for the earlier."""
    values = sample.frame[period]
    found = sorted(pd.unique(values))
    if len(found) != 2:
        raise MethodError(
            _("The column {column} holds {n} periods.", column=period, n=len(found)),
            expected=_("two"),
            remedy=_("keep the rows of two periods in a line of their own"),
            where=Where(column=period),
        )
    return (values == found[1]).to_numpy(dtype=float)


@dataclass(frozen=True)
class _Side:
    """One period: its weights, the mean with its influence."""

    w: Array
    inside: Array
    N: Array
    mu: Array
    z: Array


def _side(sample: Sample, x: Array, inside: Array, w: Array) -> _Side:
    layout = sample.layout
    own = w * inside
    N = layout.totals(own)
    mu = layout.totals(own * x) / N
    return _Side(own, inside, N, mu, inside * (x - layout.spread(mu)) / layout.spread(N))


def _components(sample: Sample, x: Array, later: Array, order: float, w: Array, *, linear: bool) -> Influence:
    """Poverty of one period's distribution at the other's mean is that at a line moved by the ratio of the means."""
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = [_side(sample, x, inside, w) for inside in (1 - later, later)]
        # P[r][s]: distribution of period r, mean of period s
        P = [[_at_mean(sample, x, sides[r], sides[s], order, linear=linear) for s in (0, 1)] for r in (0, 1)]

    def combine(*signs: tuple[float, int, int]) -> tuple[Array, Array]:
        return sum(c * P[r][s][0] for c, r, s in signs), sum(c * P[r][s][1] for c, r, s in signs)  # type: ignore[return-value]

    found = [
        combine((1, 1, 1), (-1, 0, 0)),
        combine((1, 0, 1), (-1, 0, 0)),
        combine((1, 1, 0), (-1, 0, 0)),
        combine((1, 1, 1), (1, 0, 0), (-1, 0, 1), (-1, 1, 0)),
        combine((0.5, 0, 1), (-0.5, 0, 0), (0.5, 1, 1), (-0.5, 1, 0)),
        combine((0.5, 1, 0), (-0.5, 0, 0), (0.5, 1, 1), (-0.5, 0, 1)),
    ]
    return Influence(np.stack([t for t, _z in found]), np.stack([z for _t, z in found]) if linear else np.empty((0, 0)))


def _at_mean(sample: Sample, x: Array, own: _Side, other: _Side, order: float, *, linear: bool) -> tuple[Array, Array]:
    """Poverty of the period `own` had it the mean of `other`: (D,), z: (n,). Amounts are in units of the line."""
    layout, on = sample.layout, sample.layout.spread
    line = own.mu / other.mu
    measure = _poverty.foster_greer_thorbecke(order)
    t = on(line)
    phi = measure.phi(x, t)
    theta = layout.totals(own.w * phi) / own.N
    if not linear:
        return theta, np.empty(0)
    z = own.inside * (phi - on(theta)) / on(own.N)
    if own is other:
        return theta, z
    if measure.slope is None:
        ordered = _quantiles.order(x, own.w, layout.rows)
        slope = _inequality.density(ordered, line, _inequality.bandwidths(ordered))
    else:
        slope = layout.totals(own.w * measure.slope(x, t)) / own.N
    return theta, z + on(slope) * (own.z / on(other.mu) - on(line / other.mu) * other.z)


def _incidence(sample: Sample, y: Array, later: Array, points: Sequence[float], w: Array, *, linear: bool) -> Influence:
    layout, on = sample.layout, sample.layout.spread
    theta: list[Array] = []
    z: list[Array] = []
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = [_side(sample, y, inside, w) for inside in (1 - later, later)]
        ordered = [_quantiles.order(y, s.w, layout.rows) for s in sides]
        h = [_inequality.bandwidths(o) for o in ordered]
        for p in points:
            found = [_inequality.quantile_influence(o, p, b) for o, b in zip(ordered, h, strict=True)]
            q0, q1 = (q for q, _z in found)
            theta.append(q1 / q0 - 1)
            if linear:
                z0, z1 = (s.inside * o.back(zq) for s, o, (_q, zq) in zip(sides, ordered, found, strict=True))
                z.append((z1 - on(q1 / q0) * z0) / on(q0))
        m0, m1 = sides[0].mu, sides[1].mu
        theta.append(m1 / m0 - 1)
        z.append((sides[1].z - on(m1 / m0) * sides[0].z) / on(m0))
    return Influence(np.stack(theta), np.stack(z) if linear else np.empty((0, 0)))
