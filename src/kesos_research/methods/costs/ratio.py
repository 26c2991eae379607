"""What one more good outcome costs, and how well that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods._covariates import numbered, several
from kesos_research.methods.costs import _answer, _fieller
from kesos_research.methods.costs._answer import Option
from kesos_research.methods.costs._fieller import Array, Pair

DRAWS = 2000


def cost_per_outcome(
    data: pd.DataFrame,
    *,
    cost: str,
    effect: str,
    effect_error: str,
    seed: int,
    cost_error: str | None = None,
    correlation: str | float = 0.0,
    df: str | None = None,
    by: str | Sequence[str] = (),
    thresholds: Sequence[float] = (),
    draws: int = DRAWS,
    level: float = 0.95,
) -> Estimates:
    """What does one more outcome cost, given how well its cost and the effect are known?

    Estimand: extra cost for each unit served, over extra outcomes for each unit served, both against the same
    comparison; for each option.

    Parameters
    ----------
    data
        One row an option (a programme, a source of funds).
    cost, effect
        Columns of the extra cost and of the effect (a share of units, or outcomes for each unit): the programme less
        what it is compared with, for each unit served.
    effect_error, cost_error
        Columns of their standard errors; without `cost_error` the cost is taken as known.
    seed
        Of the draws on the plane; options are drawn in the order of their numbers.
    correlation
        Of the two errors: a number, or a column.
    df
        Column of degrees of freedom of the errors; normal without.
    by
        Columns that name the options; without, there is one row.
    thresholds
        What an outcome may cost, for ``acceptability``; without, a grid to four times the ratio.
    draws
        Points on the plane for each option, at least 100.
    level
        Confidence level.

    Returns
    -------
    Estimates
        For each option ``cost``, ``effect`` and ``cost_per_outcome`` with Fieller's interval. Where the effect is not
        told from zero the interval has no upper end (`conf_high` absent), or no end at all; where effect or cost is not
        above zero there is no ratio. Evidence: ``plane``, ``acceptability`` (P(threshold × effect > cost)),
        ``fieller``, and of several options ``frontier``.

    Raises
    ------
    MethodError
        When values are missing, an error is not above zero, or an option has two rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"cost": [2.5], "graduated": [0.10], "error": [0.02]})
    >>> answer = cost_per_outcome(rows, cost="cost", effect="graduated", effect_error="error", seed=1)
    >>> [round(float(x), 1) for x in answer.row(term="cost_per_outcome")[["estimate", "conf_low", "conf_high"]]]
    [25.0, 18.0, 41.1]

    References
    ----------
    Fieller, E. C. (1954). Some problems in interval estimation. JRSS B 16, 175–185. — Willan, A. R., & Briggs, A. H.
    (2006). Statistical analysis of cost-effectiveness data. Wiley. — van Hout, B. A., et al. (1994). Costs, effects and
    C/E-ratios alongside a clinical trial. Health Economics 3, 309–319.
    """
    level, seed = _rows.fraction(level, "level"), _rows.whole(seed, "seed", least=0)
    draws, groups = _answer.amount(draws, "draws"), several(by)
    roles = {"cost": cost, "effect": effect, "effect_error": effect_error} | numbered("by", groups)
    roles |= {r: c for r, c in (("cost_error", cost_error), ("df", df)) if c is not None}
    roles |= {"correlation": correlation} if isinstance(correlation, str) else {}
    _rows.columns(data, roles)
    for role, column in roles.items():
        if not role.startswith("by "):
            _rows.numeric(data, column)
    rows = _options(data, groups)
    pairs = [
        _pair(row, (cost, effect, effect_error), cost_error=cost_error, correlation=correlation, df=df)
        for _i, row in rows.iterrows()
    ]
    names = [dict(zip(groups, row[list(groups)], strict=True)) for _i, row in rows.iterrows()]
    options = [Option(n, p, d) for n, p, d in zip(names, pairs, _drawn(pairs, draws, seed), strict=True)]
    for option in options:
        _answer.settled(option.pair, option.label)
    grid = _answer.thresholds_of(thresholds, options)
    return Estimates(
        _answer.table(options, level),
        "cost_per_outcome",
        "Extra cost of one more outcome, against the same comparison",
        level=level,
        by=groups,
        checks=_answer.checks(options, level),
        evidence=_answer.evidence(options, grid, level, [_fieller.acceptable(p, grid) for p in pairs]),
    )


def _options(data: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """One row for each option, in the order of their names."""
    if not by:
        if len(data) != 1:
            raise MethodError(
                _("There are {n} rows.", n=len(data)),
                expected=_("one row, or columns in `by` that name the options"),
                where=Where(key="by"),
            )
        return data
    twice = data.duplicated(list(by))
    if twice.any():
        raise MethodError(
            _("The option {name} has several rows.", name=" / ".join(map(str, data.loc[twice, list(by)].iloc[0]))),
            expected=_("one row for each option"),
            where=Where(column=by[0]),
        )
    return data.sort_values(list(by), kind="stable")


def _pair(
    row: pd.Series,
    columns: tuple[str, str, str],
    *,
    cost_error: str | None,
    correlation: str | float,
    df: str | None,
) -> Pair:
    C, E, e = (float(row[c]) for c in columns)
    c = 0.0 if cost_error is None else float(row[cost_error])
    if e < 0 or c < 0:
        raise MethodError(
            _("A standard error is negative."), expected=_("standard errors above 0"), where=Where(column=columns[2])
        )
    r = float(row[correlation]) if isinstance(correlation, str) else correlation
    if not isinstance(r, int | float | np.number) or isinstance(r, bool) or not -1.0 <= r <= 1.0:
        raise MethodError(
            _("{name} is {value}.", name="correlation", value=_rows.said(r)),
            expected=_("a number from −1 to 1"),
            where=Where(key="correlation"),
        )
    free = np.inf if df is None else float(row[df])
    if not free >= 1:
        raise MethodError(
            _("{name} is {value}.", name="df", value=_rows.said(free)),
            expected=_("degrees of freedom of 1 or more"),
            where=Where(column=str(df)),
        )
    return Pair(C, E, c**2, e**2, float(r) * c * e, free)


def _drawn(pairs: list[Pair], draws: int, seed: int) -> list[Array]:
    """Draws of each option, taken in the order of their numbers."""
    rng = np.random.default_rng(seed)
    order = sorted(range(len(pairs)), key=lambda i: (pairs[i].C, pairs[i].E, pairs[i].c, pairs[i].e, pairs[i].k))
    made = {i: _fieller.plane(pairs[i], draws, rng) for i in order}
    return [made[i] for i in range(len(pairs))]
