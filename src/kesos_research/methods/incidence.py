"""Where benefits go along the ranking of welfare, and what a transfer would do to poverty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _incidence, _lines, _poverty, _rows
from kesos_research.methods._estimate import Moments, assess, estimates, p_values
from kesos_research.methods._linearize import Array
from kesos_research.methods._quotients import Part, quotients
from kesos_research.methods._sample import Sample, read

MEASURES = ("coverage", "share_of_recipients", "share_of_benefits", "benefit", "generosity")


def incidence(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    rank: str,
    groups: int = 10,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which tenths of the population receive a benefit, how much of it, and how much is it to them?

    Estimand: in each quantile group k of the ranking and each group of `by`, ``coverage`` recipients over units,
    ``share_of_recipients`` and ``share_of_benefits`` that fall to k, ``benefit`` mean amount of a recipient,
    ``generosity`` amounts over recipients' own `rank` amounts.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Quantiles are those of all rows, not of each group of `by`.
    of
        Column of amounts of 0 or more (true and false: one unit each); who has more than 0 receives.
    rank
        Column of amounts by which units are ranked, such as expenditure a head.
    groups
        10 for deciles, 5 for quintiles.

    Returns
    -------
    Estimates
        One row a group of `by`, ``quantile`` (1 the poorest) and measure. The error of the estimated limits of the
        groups is in the standard errors.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when there are fewer than 2 groups, amounts are negative, or the ranking has fewer different
        values than groups.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "spent": [1.0, 2.0, 3.0, 4.0], "aid": [5.0, 5.0, 0.0, 10.0]})
    >>> answer = incidence(rows, of="aid", rank="spent", groups=2, design=SurveyDesign(weight="w"))
    >>> [float(answer.row(quantile=k, term="share_of_benefits").estimate) for k in (1, 2)]
    [0.5, 0.5]

    References
    ----------
    World Bank (2018). The state of social safety nets, app. F (indicators as in ADePT). — Beach, C. M., & Davidson, R.
    (1983). Review of Economic Studies 50(4), 723–735 (limits that are estimated).
    """
    level = _rows.fraction(level, "level")
    K = _rows.whole(groups, "groups", least=2)
    sample = read(data, {"of": of, "rank": rank}, by=by, design=design)
    b, y = sample.amount(of), sample.amount(rank)
    _enough(y, K, rank)
    r = (b > 0).astype(float)
    V = [np.ones(len(b)), r, b, r * y]
    parts: list[Part] = []
    unit = np.eye(4 * K)
    everyone = [unit[j::4].sum(axis=0) for j in range(4)]
    for k in range(K):
        one, recipients, amount, own = unit[4 * k : 4 * k + 4]
        parts += [
            (recipients, one),
            (recipients, everyone[1]),
            (amount, everyone[2]),
            (amount, recipients),
            (amount, own),
        ]
    answer = assess(sample, _incidence.statistic(sample, y, V, np.arange(1, K) / K, quotients(parts)))
    made = estimates(
        answer,
        [f"{measure}:{k + 1}" for k in range(K) for measure in MEASURES],
        method="incidence",
        estimand="Benefits along the ranking of welfare",
        level=level,
    )
    return _counted(parted(made, "quantile"), sample, y, K)


def _counted(made: Estimates, sample: Sample, y: Array, K: int) -> Estimates:
    """With the rows of each quantile group as n: the guard looks at them, not at those of all groups together."""
    group = _incidence.cuts(y, sample.w, np.arange(1, K) / K, linear=False).group
    n = np.bincount(sample.domain * K + group, minlength=sample.layout.size * K)
    each = np.repeat(n, len(MEASURES)).astype(float)
    precise = made.evidence["precision"].assign(n=each)
    return replace(made, table=made.table.assign(n=each), evidence={**made.evidence, "precision": precise})


def coady_grosh_hoddinott(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    rank: str,
    poorest: float = 0.4,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How many times more of a benefit falls to the poorest than if it were handed out at random?

    Estimand: the share of benefits of the poorest p of the population, over p: 1 is neutral, 1/p the most.

    Parameters
    ----------
    data, by, design, level, of, rank
        As for `incidence`.
    poorest
        p, larger than 0 and smaller than 1.

    Returns
    -------
    Estimates
        One row a group, `term` ``"cgh"``; p-values are against 1, the neutral hand.

    Raises
    ------
    DataError, MethodError
        As for `incidence`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "spent": [1.0, 2.0, 3.0, 4.0], "aid": [6.0, 2.0, 1.0, 1.0]})
    >>> answer = coady_grosh_hoddinott(rows, of="aid", rank="spent", poorest=0.5, design=SurveyDesign(weight="w"))
    >>> float(answer.row(term="cgh").estimate)
    1.6

    References
    ----------
    Coady, D., Grosh, M., & Hoddinott, J. (2004). Targeting outcomes redux. World Bank Research Observer 19(1), 61–85.
    """
    level, p = _rows.fraction(level, "level"), _rows.fraction(poorest, "poorest")
    sample = read(data, {"of": of, "rank": rank}, by=by, design=design)
    b, y = sample.amount(of), sample.amount(rank)
    _enough(y, 2, rank)
    parts: list[Part] = [((1 / p, 0.0), (1.0, 1.0))]
    answer = assess(sample, _incidence.statistic(sample, y, [b], np.array([p]), quotients(parts)))
    return estimates(
        answer,
        ["cgh"],
        method="coady_grosh_hoddinott",
        estimand="Share of benefits of the poorest over their share of the population",
        level=level,
        p=p_values(answer.theta - 1, np.sqrt(answer.var), answer.df),
    )


def transfer_impact(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    amount: str,
    line: float | str,
    order: float | Sequence[float] = (0, 1, 2),
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """If a transfer were paid and nothing else moved, how far would poverty fall, and for what money?

    Estimand: Foster, Greer and Thorbecke's measures of y and of y + b (``before_p0``, ``after_p0``, ``change_p0`` …);
    ``cost`` the mean of b over all units; ``to_poor`` the share of b paid to those poor before; ``into_gap`` the share
    of b that fills gaps below the line: the rest lifts beyond it or goes to others. A computation on the same
    households, not an effect of a programme.

    Parameters
    ----------
    data, by, design, level, of, order
        As for `fgt`.
    amount
        Column of the transfer a head, in the units of `of`; 0 for those without.
    line
        An amount, or a column of amounts.

    Returns
    -------
    Estimates
        One row a group and term.

    Raises
    ------
    DataError, MethodError
        As for `fgt`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 4, "spent": [6.0, 8.0, 12.0, 20.0], "aid": [2.0, 4.0, 2.0, 0.0]})
    >>> answer = transfer_impact(rows, of="spent", amount="aid", line=10, design=SurveyDesign(weight="w"))
    >>> float(answer.row(term="change_p0").estimate), float(answer.row(term="into_gap").estimate)
    (-0.25, 0.5)

    References
    ----------
    Beckerman, W. (1979). The impact of income maintenance payments on poverty in Britain. Economic Journal 89(354),
    261–279 (efficiency: the shares of a transfer that reach the poor and their gap).
    """
    level = _rows.fraction(level, "level")
    orders = _poverty.orders(order)
    sample = read(data, {"of": of, "amount": amount, **_lines.roles(line)}, by=by, design=design)
    y, b = sample.amount(of), sample.amount(amount)
    z = _lines.given(sample, line).z
    poor, gap = (y < z).astype(float), np.maximum(z - y, 0.0)
    measures = [_poverty.foster_greer_thorbecke(a) for a in orders]
    V: list[Array] = [np.ones(len(y)), b, b * poor, np.minimum(b, gap)]
    V += [m.phi(x, z) for m in measures for x in (y, y + b)]
    unit = np.eye(len(V))
    N, B, to_poor, into_gap = unit[:4]
    parts: list[Part] = [(B, N), (to_poor, B), (into_gap, B)]
    terms = ["cost", "to_poor", "into_gap"]
    for i, a in enumerate(orders):
        before, after = unit[4 + 2 * i], unit[5 + 2 * i]
        parts += [(before, N), (after, N), (after - before, N)]
        terms += [f"before_p{a:g}", f"after_p{a:g}", f"change_p{a:g}"]
    answer = assess(sample, Moments(V, quotients(parts)))
    return estimates(
        answer,
        terms,
        method="transfer_impact",
        estimand="Poverty before and after a transfer on the same households",
        level=level,
    )


def _enough(y: Array, groups: int, column: str) -> None:
    different = len(np.unique(y))
    if different < groups:
        raise MethodError(
            _("The column {column} has {n} different values.", column=column, n=different),
            expected=_("at least {n}, one for each quantile group", n=groups),
            remedy=_("ask for fewer groups"),
            where=Where(column=column),
        )


def parted(made: Estimates, name: str) -> Estimates:
    """Terms ``measure:value`` as the measure and a by-column `name` of numbers."""

    def split(frame: pd.DataFrame) -> pd.DataFrame:
        parts = frame["term"].str.rsplit(":", n=1)
        return frame.assign(term=parts.str[0], **{name: pd.to_numeric(parts.str[1])})

    evidence = {**made.evidence, "precision": split(made.evidence["precision"])}
    return replace(made, table=split(made.table), by=(*made.by, name), evidence=evidence)
