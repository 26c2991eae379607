"""Inequality of amounts in a population."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError, Where
from kesos_research.estimates import Estimates
from kesos_research.language import _
from kesos_research.methods import _inequality, _moments, _quantiles, _rows
from kesos_research.methods._estimate import Influence, Moments, Statistic, assess, estimates
from kesos_research.methods._linearize import Array
from kesos_research.methods._quantiles import Ordered
from kesos_research.methods._sample import Sample, read


def gini(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How unequal is the population, from 0 (all alike) to 1 (one has everything)?

    Estimand: the Gini index Σ_i Σ_j w_i w_j max(y_i, y_j)/(N Y) − 1, in each group of `by`; weights may be multiplied
    by any number.

    Parameters
    ----------
    data, by, design, level
        As for `mean`. Where rows are households, the weight has to count persons.
    of
        Column of amounts of 0 or more: income or expenditure a head.

    Returns
    -------
    Estimates
        One row a group, `term` ``"gini"``.

    Raises
    ------
    DataError, MethodError
        As for `mean`; when amounts are negative.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0], "spent": [1.0, 3.0]})
    >>> float(gini(rows, of="spent", design=SurveyDesign(weight="w")).row(term="gini").estimate)
    0.25

    References
    ----------
    Langel, M., & Tillé, Y. (2013). Variance estimation of the Gini index: revisiting a result several times
    published. Journal of the Royal Statistical Society A 176(2), 521–540.
    """
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of}, by=by, design=design)
    y = sample.amount(of)
    answer = assess(sample, ranked(sample, y, lambda o, linear: _inequality.concentration(o, y, linear=linear)))
    return estimates(answer, ["gini"], method="gini", estimand="Gini index of the population", level=level)


def generalized_entropy(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    alpha: float | Sequence[float] = (0, 1, 2),
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How unequal is the population, with a chosen weight on differences at the bottom or the top?

    Estimand: GE(α), in each group of `by`: 0 the mean log deviation, 1 Theil's index, 2 half the squared coefficient of
    variation. The smaller α, the more the poorest count.

    Parameters
    ----------
    data, by, design, level
        As for `gini`.
    of
        Column of amounts of 0 or more; larger than 0 where some α ≤ 0.
    alpha
        The parameters α.

    Returns
    -------
    Estimates
        One row a group and α, `term` ``"ge0"``, ``"ge1"``, ``"ge2"``.

    Raises
    ------
    DataError, MethodError
        As for `gini`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0], "spent": [1.0, 3.0]})
    >>> float(generalized_entropy(rows, of="spent", alpha=2, design=SurveyDesign(weight="w")).row(term="ge2").estimate)
    0.125

    References
    ----------
    Biewen, M., & Jenkins, S. P. (2006). Variance estimation for generalized entropy and Atkinson inequality indices:
    the complex survey data case. Oxford Bulletin of Economics and Statistics 68(3), 371–383.
    """
    level = _rows.fraction(level, "level")
    alphas = _numbers(alpha, "alpha")
    sample = read(data, {"of": of}, by=by, design=design)
    y = _scaled(sample.amount(of, positive=min(alphas) <= 0))
    answer = assess(sample, _joined([_moments.entropy(a) for a in alphas], y, alphas, _moments.entropy_column))
    return estimates(
        answer,
        [f"ge{a:g}" for a in alphas],
        method="generalized_entropy",
        estimand="Generalised entropy of the population",
        level=level,
    )


def atkinson(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    epsilon: float | Sequence[float] = (0.5, 1, 2),
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """Which share of all income could be given up, were the rest divided equally, without loss of welfare?

    Estimand: Atkinson's A(ε), in each group of `by`; ε is how much inequality is disliked.

    Parameters
    ----------
    data, by, design, level
        As for `gini`.
    of
        Column of amounts of 0 or more; larger than 0 where some ε ≥ 1.
    epsilon
        The parameters ε > 0.

    Returns
    -------
    Estimates
        One row a group and ε, `term` ``"a0.5"``, ``"a1"``, ``"a2"``.

    Raises
    ------
    DataError, MethodError
        As for `gini`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0, 1.0], "spent": [1.0, 4.0]})
    >>> answer = atkinson(rows, of="spent", epsilon=1, design=SurveyDesign(weight="w"))
    >>> round(float(answer.row(term="a1").estimate), 6)  # 1 − √(1·4)/2.5
    0.2

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory 2(3), 244–263. — Biewen and
    Jenkins (2006), as for `generalized_entropy`.
    """
    level = _rows.fraction(level, "level")
    values = _numbers(epsilon, "epsilon")
    if min(values) <= 0:
        raise MethodError(
            _("{name} is {value}.", name="epsilon", value=_rows.said(min(values))),
            expected=_("a number larger than 0"),
            where=Where(key="epsilon"),
        )
    sample = read(data, {"of": of}, by=by, design=design)
    y = _scaled(sample.amount(of, positive=max(values) >= 1))
    answer = assess(sample, _joined([_moments.atkinson(e) for e in values], y, [1 - e for e in values], _moments.power))
    return estimates(
        answer,
        [f"a{e:g}" for e in values],
        method="atkinson",
        estimand="Atkinson's index of the population",
        level=level,
    )


def quintile_share_ratio(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    share: float = 0.2,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How many times as much as the poorest fifth does the richest fifth have?

    Estimand: Σ y above the 80 % quantile over Σ y up to the 20 % quantile (S80/S20), in each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `gini`.
    share
        A fifth; 0.1 compares tenths.

    Returns
    -------
    Estimates
        One row a group, `term` ``"s80/s20"``.

    Raises
    ------
    DataError, MethodError
        As for `gini`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 5, "spent": [1.0, 2.0, 3.0, 4.0, 6.0]})
    >>> float(quintile_share_ratio(rows, of="spent", design=SurveyDesign(weight="w")).table.estimate[0])
    6.0

    References
    ----------
    Osier, G. (2009). Variance estimation for complex indicators of poverty and inequality using linearization
    techniques. Survey Research Methods 3(3), 167–195.
    """
    share = _rows.fraction(share, "share")
    if share > 0.5:
        raise MethodError(
            _("{name} is {value}.", name="share", value=_rows.said(share)),
            expected=_("at most 0.5"),
            where=Where(key="share"),
        )
    term = f"s{100 * (1 - share):g}/s{100 * share:g}"
    return _share_ratio(
        data, of, by, design, level=level, term=term, method="quintile_share_ratio", low=share, high=1 - share
    )


def palma(
    data: pd.DataFrame | Sample,
    *,
    of: str,
    by: str | Sequence[str] = (),
    design: SurveyDesign,
    level: float = 0.95,
) -> Estimates:
    """How many times as much as the poorest 40 per cent does the richest tenth have?

    Estimand: Σ y above the 90 % quantile over Σ y up to the 40 % quantile, in each group of `by`.

    Parameters
    ----------
    data, of, by, design, level
        As for `gini`.

    Returns
    -------
    Estimates
        One row a group, `term` ``"palma"``.

    Raises
    ------
    DataError, MethodError
        As for `gini`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"w": [1.0] * 10, "spent": [1.0, 1, 1, 1, 2, 2, 2, 2, 2, 8]})
    >>> float(palma(rows, of="spent", design=SurveyDesign(weight="w")).table.estimate[0])
    2.0

    References
    ----------
    Cobham, A., & Sumner, A. (2013). Is it all about the tails? The Palma measure of income inequality. Center for
    Global Development Working Paper 343.
    """
    return _share_ratio(data, of, by, design, level=level, term="palma", method="palma", low=0.4, high=0.9)


def ranked(sample: Sample, x: Array, of_order: Callable[[Ordered, bool], tuple[Array, Array]]) -> Statistic:
    """A statistic of rows put in the order of x."""

    def at(w: Array, *, linear: bool) -> Influence:
        theta, z = of_order(_quantiles.order(x, w, sample.layout.rows), linear)
        return Influence(theta[None], z[None])

    return at


def _share_ratio(
    data: pd.DataFrame | Sample,
    of: str,
    by: str | Sequence[str],
    design: SurveyDesign,
    *,
    level: float,
    term: str,
    method: str,
    low: float,
    high: float,
) -> Estimates:
    level = _rows.fraction(level, "level")
    sample = read(data, {"of": of}, by=by, design=design)
    answer = assess(sample, ranked(sample, sample.amount(of), lambda o, _linear: _inequality.share_ratio(o, low, high)))
    return estimates(
        answer, [term], method=method, estimand="What the richest have over what the poorest have", level=level
    )


def _joined(
    functions: Sequence[Callable[[Array], tuple[Array, Array]]],
    y: Array,
    powers: Sequence[float],
    column: Callable[[Array, float], Array],
) -> Moments:
    """Several functions of Σ w (1, y, s_k), each with a column s_k of its own."""

    def g(T: Array) -> tuple[Array, Array]:
        found = [f(np.stack([T[0], T[1], T[2 + k]])) for k, f in enumerate(functions)]
        G = np.zeros((len(functions), *T.shape))
        for k, (_theta, own) in enumerate(found):
            G[k, [0, 1, 2 + k]] = own[0]
        return np.concatenate([theta for theta, _own in found]), G

    return Moments([None, y, *(column(y, a) for a in powers)], g)


def _scaled(y: Array) -> Array:
    """Amounts near 1, so that their powers neither vanish nor overflow; no measure here depends on the unit."""
    size = float(y.mean())
    return y / size if size > 0 else y


def _numbers(told: float | Sequence[float], name: str) -> list[float]:
    values = [told] if isinstance(told, int | float) else list(told)
    for value in values:
        if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not np.isfinite(value):
            raise MethodError(
                _("{name} is {value}.", name=name, value=_rows.said(value)),
                expected=_("a finite number"),
                where=Where(key=name),
            )
    if not values:
        raise MethodError(_("{name} is {value}.", name=name, value="[]"), expected=_("a finite number"))
    return [float(v) for v in values]
