"""Poverty: how many are poor, how far below the line, and how unequally."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.estimates import Check, Estimates
from kesos_research.methods import _inequality, _lines, _moments, _poverty, _quantiles, _rows
from kesos_research.methods._checks import spoken
from kesos_research.methods._columns import Gaps, Ones
from kesos_research.methods._estimate import Influence, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._lines import RelativeLine
from kesos_research.methods._sample import Sample, read
from kesos_research.methods._source import Rows, assess_totals


def fgt(
    data: Rows,
    *,
    of: str,
    line: float | str | RelativeLine,
    order: float | Sequence[float] = (0, 1, 2),
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """What share of the population is poor, how far is it below the line, and how unequally?

    Estimand: P_a = Σ (1 − y/z)^a 1(y < z) / N, in each group of `by`: P₀ the share below the line, P₁ the mean gap as
    a share of the line, P₂ the mean of its square. All from 0 to 1; ×100 is a matter of display.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Where rows are households, the weight has to count persons.
    of
        Column of amounts of 0 or more: income or expenditure a head. Negative ones are refused.
    line
        The line z: an amount, a column of amounts (a line for each region or year), or a `RelativeLine`, whose own
        sampling error is taken into account. An amount at the line is not poor.
    order
        The powers a ≥ 0.

    Returns
    -------
    Estimates
        One row a group and power, `term` ``"p0"``, ``"p1"``, ``"p2"``.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when amounts are negative, or the line is not larger than 0.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 1.0, 1.0], "spent": [5.0, 8.0, 10.0, 20.0]})
    >>> answer = fgt(rows, of="spent", line=10, order=(0, 1), design=SurveyDesign(weight="w"))
    >>> [round(float(p), 6) for p in answer.table.estimate]
    [0.5, 0.175]

    References
    ----------
    Foster, J., Greer, J., & Thorbecke, E. (1984). A class of decomposable poverty measures. Econometrica 52(3),
    761–766. — Osier, G. (2009). Variance estimation for complex indicators of poverty and inequality using
    linearization techniques. Survey Research Methods 3(3), 167–195.
    """
    level = _rows.fraction(level, "level")
    orders = _poverty.orders(order)
    checks: tuple[Check, ...] = ()
    if isinstance(line, RelativeLine):
        sample = read(data, {"of": of}, by=by, design=design)
        y = sample.amount(of)
        measures = [_poverty.foster_greer_thorbecke(a) for a in orders]
        answer, checks = assess(sample, _poverty.statistic(sample, y, line, measures)), _line_checks(sample, y, line)
    else:
        columns = [Ones(), Gaps(of, _lines.told(line), orders)]
        roles = {"of": of, **_lines.roles(line)}
        answer = assess_totals(data, roles, columns, _moments.means, by=by, design=design)
    return estimates(
        answer,
        [f"p{a:g}" for a in orders],
        method="fgt",
        estimand="Poverty of Foster, Greer and Thorbecke: share, gap and squared gap below the line",
        level=level,
        checks=checks,
    )


def watts(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    line: float | str | RelativeLine,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How many times over, on the scale of logarithms, do the poor fall short of the line?

    Estimand: Watts' index Σ log(z/y) 1(y < z) / N, in each group of `by`.

    Parameters
    ----------
    data, by, design, level, line
        As for `fgt`.
    of
        Column of amounts larger than 0.

    Returns
    -------
    Estimates
        One row a group, `term` ``"watts"``.

    Raises
    ------
    DataError, MethodError
        As for `fgt`; when an amount is 0, whose logarithm does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0], "spent": [5.0, 20.0]})
    >>> round(float(watts(rows, of="spent", line=10, design=SurveyDesign(weight="w")).row(term="watts").estimate), 4)
    0.3466

    References
    ----------
    Zheng, B. (1993). An axiomatic characterization of the Watts poverty index. Economics Letters 42(1), 81–86.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of, **_lines.roles(line)}, by=by, design=design)
    y = sample.amount(of, positive=True)
    answer = assess(sample, _poverty.statistic(sample, y, line, [_poverty.watts()]))
    return estimates(
        answer,
        ["watts"],
        method="watts",
        estimand="Watts' index of poverty",
        level=level,
        checks=_line_checks(sample, y, line),
    )


def sen(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    line: float,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How poor is the population when the poorest of the poor weigh most, by their rank?

    Estimand: Sen's index P₁ + (P₀ − P₁) G_p, with G_p the Gini index among the poor; and that of Sen, Shorrocks and
    Thon, P₁ (1 + G_g), with G_g the Gini index of everyone's gap. In each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `fgt`.
    line
        One amount larger than 0.

    Returns
    -------
    Estimates
        One row a group and index, `term` ``"sen"`` and ``"sst"``; both 0 where nobody is poor.

    Raises
    ------
    DataError, MethodError
        As for `fgt`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0, 1.0, 1.0], "spent": [4.0, 8.0, 10.0, 20.0]})
    >>> answer = sen(rows, of="spent", line=10, design=SurveyDesign(weight="w"))
    >>> [round(float(s), 6) for s in answer.table.estimate]
    [0.25, 0.325]

    References
    ----------
    Sen, A. (1976). Poverty: an ordinal approach to measurement. Econometrica 44(2), 219–231. — Shorrocks, A. F.
    (1995). Revisiting the Sen poverty index. Econometrica 63(5), 1225–1230.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of}, by=by, design=design)
    y, z = sample.amount(of), float(np.asarray(_lines.given(sample, line).z))
    answer = assess(sample, lambda w, *, linear: _sen(sample, y, z, w, linear=linear))
    return estimates(
        answer, ["sen", "sst"], method="sen", estimand="Poverty weighted by rank among the poor", level=level
    )


def _sen(sample: Sample, y: Array, line: float, w: Array, *, linear: bool) -> Influence:
    layout = sample.layout
    poor, gap = (y < line).astype(float), np.maximum(1 - y / line, 0.0)
    ordered = _quantiles.order(y, w, layout.rows)
    among = _quantiles.placed(ordered.order, y, w * poor, layout.rows)
    backwards = _quantiles.order(gap, w, layout.rows)
    G_poor, z_poor = _inequality.concentration(among, y, linear=linear)
    G_gap, z_gap = _inequality.concentration(backwards, gap, linear=linear)
    nobody = layout.totals(poor) == 0
    G_poor, G_gap = np.where(nobody, 0.0, G_poor), np.where(nobody, 0.0, G_gap)
    N = layout.totals(w)
    with np.errstate(divide="ignore", invalid="ignore"):
        H, P1 = layout.totals(w * poor) / N, layout.totals(w * gap) / N
    theta = np.stack([P1 + (H - P1) * G_poor, P1 * (1 + G_gap)])
    if not linear:
        return Influence(theta, np.empty((0, 0)))
    on = layout.spread
    zH, z1 = (poor - on(H)) / on(N), (gap - on(P1)) / on(N)
    z_poor, z_gap = np.where(on(nobody), 0.0, z_poor * poor), np.where(on(nobody), 0.0, z_gap)
    return Influence(
        theta,
        np.stack(
            [
                z1 * on(1 - G_poor) + zH * on(G_poor) + on(H - P1) * z_poor,
                z1 * on(1 + G_gap) + on(P1) * z_gap,
            ]
        ),
    )


def _line_checks(sample: Sample, y: Array, line: float | str | RelativeLine) -> tuple[Check, ...]:
    if isinstance(line, RelativeLine):
        z = float(np.asarray(_lines.estimated(y, sample.w, line, linear=False).z))
        return (
            Check(
                "line",
                "info",
                "The line of {line} is estimated from all rows; its own error is in the standard errors.",
                {"line": spoken(z, 0)},
            ),
        )
    return ()
