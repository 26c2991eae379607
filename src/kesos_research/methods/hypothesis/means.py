"""Tests of means: one against a value, two against each other."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _moments, _rows
from kesos_research.methods._estimate import Moments, alone, assess
from kesos_research.methods._sample import read
from kesos_research.methods.hypothesis import _effects
from kesos_research.methods.hypothesis._found import (
    Found,
    assemble,
    enough,
    read_groups,
    read_pair,
    row,
    run,
    several,
    two,
)
from kesos_research.methods.hypothesis._shape import few, independent, normal, summary

Array = NDArray[np.float64]


def one_sample_t(
    data: pd.DataFrame, *, of: str, value: float = 0.0, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Is the mean of the units another than a given value?

    Estimand: mean − `value`, and the same in standard deviations.

    Parameters
    ----------
    data
        One row an independent unit.
    of
        Column of numbers.
    value
        What the mean is held against.
    by, level
        As for `cross_table`.

    Returns
    -------
    Estimates
        ``difference`` with t's p-value, ``cohens_d`` with its exact interval for normal values. Evidence: ``test``,
        ``groups``.

    Raises
    ------
    MethodError
        When values are missing, no numbers, all equal, or fewer than two.

    Examples
    --------
    >>> rows = pd.DataFrame({"score": [3.1, 3.4, 2.9, 3.6, 3.3]})
    >>> round(float(one_sample_t(rows, of="score", value=3.0).row(term="difference").estimate), 2)
    0.26

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1–25. — Steiger, J. H. (2004). Beyond the F test.
    Psychological Methods 9(2), 164–182.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    _rows.columns(data, {"of": of, **{f"by {i}": c for i, c in enumerate(groups, 1)}})
    _rows.numeric(data, of)
    return assemble(
        run(data, groups, lambda part: _single(part[of].to_numpy(float) - value, "one_sample_t", level)),
        groups,
        method="one_sample_t",
        estimand="Mean less the given value",
        level=level,
    )


def paired_t(
    data: pd.DataFrame, *, of: str, against: str, by: str | tuple[str, ...] = (), level: float = 0.95
) -> Estimates:
    """Did the mean change between two measurements of the same units?

    Estimand: mean of `of` − `against`, and the same in standard deviations of the change.

    Parameters
    ----------
    data
        One row a unit, measured twice.
    of, against
        Columns of numbers: after and before.
    by, level
        As for `cross_table`.

    Returns
    -------
    Estimates
        As `one_sample_t`, of the change.

    Raises
    ------
    MethodError
        As `one_sample_t`.

    Examples
    --------
    >>> rows = pd.DataFrame({"after": [5.0, 6.0, 7.0, 9.0], "before": [4.0, 6.0, 5.0, 7.0]})
    >>> float(paired_t(rows, of="after", against="before").row(term="difference").estimate)
    1.25

    References
    ----------
    Student (1908). Biometrika 6, 1–25. — Steiger, J. H. (2004). Psychological Methods 9(2), 164–182.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    read_pair(data, of, against, groups)
    return assemble(
        run(data, groups, lambda part: _single((part[of] - part[against]).to_numpy(float), "paired_t", level)),
        groups,
        method="paired_t",
        estimand="Mean change between two measurements of the same units",
        level=level,
    )


def welch_t(
    data: pd.DataFrame,
    *,
    of: str,
    group: str,
    by: str | tuple[str, ...] = (),
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """Do two groups have different means?

    Estimand: mean of the first group − mean of the second (in the order of their names), and the same in standard
    deviations, of which the mean of both variances is taken.

    Parameters
    ----------
    data
        One row a unit.
    of
        Column of numbers.
    group
        Column of the two groups.
    by, level
        As for `cross_table`.
    design
        How the rows were sampled; without it every row counts as an independent unit.

    Returns
    -------
    Estimates
        ``difference`` with the p-value of Welch's t (variances need not be equal), ``cohens_d``. With a design: of the
        linearised difference, with sampled units less strata less one degree of freedom. Evidence: ``test``,
        ``groups``.

    Raises
    ------
    MethodError
        When there are not two groups of two, or values are missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("aaabbb"), "score": [1.0, 2.0, 3.0, 4.0, 6.0, 8.0]})
    >>> answer = welch_t(rows, of="score", group="sex")
    >>> float(answer.row(term="difference").estimate), round(float(answer.table.p_value[0]), 4)
    (-4.0, 0.0548)

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28–35. — Bonett, D. G. (2008). Confidence intervals for standardized linear
    contrasts of means. Psychological Methods 13(2), 99–109. — Lumley, T. (2010). Complex surveys. Wiley, §2.3.
    """
    level, groups = _rows.fraction(level, "level"), several(by)
    if design is not None:
        found = _by_design(data, of, group, groups, design=design, level=level)
    else:
        read_groups(data, of, group, groups)
        found = run(data, groups, lambda part: _welch(part, of, group, level))
    return assemble(
        found, groups, method="welch_t", estimand="Mean of the first group less that of the second", level=level
    )


def _single(x: Array, name: str, level: float) -> Found:
    from scipy import stats

    enough(len(x), 2)
    x = np.sort(x)
    n, df = len(x), len(x) - 1
    error = float(x.std(ddof=1) / math.sqrt(n))
    if error == 0:
        raise MethodError(_("All values are equal: nothing varies."), expected=_("values that vary"))
    mean = float(x.mean())
    t = mean / error
    p = float(2 * stats.t.sf(abs(t), df))
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    d, bounds = _effects.single_d(x, level)
    return Found(
        [
            row("difference", mean, (mean - reach, mean + reach), error=error, p=p, df=df, n=n),
            row("cohens_d", d, bounds, n=n),
        ],
        name,
        t,
        p,
        df,
        frames={"groups": pd.DataFrame([summary("", x)])},
        checks=(few(n), normal(x)),
    )


def _welch(data: pd.DataFrame, of: str, group: str, level: float) -> Found:
    from scipy import stats

    names, x, y = two(data, of, group)
    vx, vy = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if vx + vy == 0:
        raise MethodError(_("All values are equal: nothing varies."), expected=_("values that vary"))
    error, difference = math.sqrt(vx + vy), float(x.mean() - y.mean())
    df = float((vx + vy) ** 2 / (vx**2 / (len(x) - 1) + vy**2 / (len(y) - 1)))
    t = difference / error
    p = float(2 * stats.t.sf(abs(t), df))
    reach = float(stats.t.ppf((1 + level) / 2, df)) * error
    d, bounds = _effects.average_d(x, y, level)
    n = len(x) + len(y)
    return Found(
        [
            row("difference", difference, (difference - reach, difference + reach), error=error, p=p, df=df, n=n),
            row("cohens_d", d, bounds, n=n),
        ],
        "welch_t",
        t,
        p,
        df,
        frames={"groups": pd.DataFrame([summary(names[0], x), summary(names[1], y)])},
        checks=(few(min(len(x), len(y))), normal(np.concatenate([x - x.mean(), y - y.mean()])), independent()),
    )


def _by_design(
    data: pd.DataFrame, of: str, group: str, by: tuple[str, ...], *, design: SurveyDesign, level: float
) -> list[tuple[tuple[object, ...], Found]]:
    """The linearised difference of two domains, in each group of `by`."""
    from scipy import special

    sample = read(data, {"of": of}, by=(*by, group), design=design)
    y = sample.number(of)
    answer = assess(sample, Moments([None, y], _moments.means))
    spread = assess(sample, Moments([None, y, y * y], _moments.means)).theta
    labels, rows = sample.groups, sample.layout.rows
    keys = list(dict.fromkeys(labels[list(by)].itertuples(index=False, name=None))) if by else [()]
    found = []
    for key in keys:
        inside = np.ones(len(labels), bool) if not by else (labels[list(by)] == list(key)).all(axis=1).to_numpy()
        pair = np.flatnonzero(inside & (rows > 0))
        if len(pair) != 2:
            raise MethodError(
                _("{column} has {n} groups.", column=group, n=len(pair)),
                expected=_("two groups"),
                where=Where(column=group),
            )
        L = np.zeros((len(rows), 1))
        L[pair[0]], L[pair[1]] = 1.0, -1.0
        theta, var, full = answer.contrast(L)
        value, error, df = float(theta[0, 0]), float(np.sqrt(var[0, 0])), float(full[0]) - 1
        if alone(sample)[pair].any() or df < 1 or error == 0:
            raise MethodError(
                _("The design leaves no degrees of freedom for this comparison."),
                expected=_("more sampled units than strata, in both groups"),
            )
        t = value / error
        p = float(2 * special.stdtr(df, -abs(t)))
        half = float(special.stdtrit(df, (1 + level) / 2)) * error
        n = float(rows[pair].sum())
        scale = math.sqrt(float((spread[1, pair] - spread[0, pair] ** 2).mean()))
        groups = pd.DataFrame(
            {"group": [str(labels[group].iloc[i]) for i in pair], "mean": answer.theta[0, pair], "n": rows[pair]}
        )
        found.append(
            (
                key,
                Found(
                    [
                        row("difference", value, (value - half, value + half), error=error, p=p, df=df, n=n),
                        # the spread of the population is taken as known
                        row("cohens_d", value / scale, ((value - half) / scale, (value + half) / scale), n=n),
                    ],
                    "design_based_t",
                    t,
                    p,
                    df,
                    frames={"groups": groups},
                ),
            )
        )
    return found
