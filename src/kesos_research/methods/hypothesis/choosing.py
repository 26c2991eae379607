"""The test that fits two columns, found from what they hold."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods import _rows
from kesos_research.methods.hypothesis._found import several
from kesos_research.methods.hypothesis.anova import anova
from kesos_research.methods.hypothesis.association import correlation
from kesos_research.methods.hypothesis.means import paired_t, welch_t
from kesos_research.methods.hypothesis.tables import cross_table, mcnemar


def hypothesis_test(
    data: pd.DataFrame,
    *,
    of: str,
    group: str | None = None,
    against: str | None = None,
    by: str | tuple[str, ...] = (),
    design: SurveyDesign | None = None,
    level: float = 0.95,
) -> Estimates:
    """Which test fits these two columns, and what does it say?

    Estimand: that of the test chosen; it is the method of the answer, and the first check says why. The choice looks at
    what the columns are, never at which answer comes out.

    Parameters
    ----------
    data
        One row a unit.
    of
        The figure or property asked about.
    group
        A property that makes groups: of categories `cross_table`; of a figure `welch_t` for two groups, `anova` for
        more.
    against
        A second column of the same units. Two measurements, named alike (``score_before``, ``score_after``), are
        compared: of a figure `paired_t`, of true and false `mcnemar`. Two different figures are correlated.
    by, design, level
        As for `welch_t`.

    Returns
    -------
    Estimates
        Those of the test chosen.

    Raises
    ------
    MethodError
        When not exactly one of group and against is told, or no test fits.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("aaabbb"), "score": [1.0, 2.0, 3.0, 4.0, 6.0, 8.0]})
    >>> hypothesis_test(rows, of="score", group="sex").method
    'welch_t'

    References
    ----------
    Those of the test chosen.
    """
    if (group is None) == (against is None):
        raise MethodError(
            _("Not exactly one of group and against is told."),
            expected=_("group for groups of units, against for a second figure of the same units"),
        )
    by = several(by)
    _rows.columns(data, {"of": of, **({"group": group} if group else {"against": str(against)})})
    if group is not None:
        return _of_groups(data, of, group, by=by, design=design, level=level)
    return _of_pairs(data, of, str(against), by=by, design=design, level=level)


def _of_groups(
    data: pd.DataFrame, of: str, group: str, *, by: tuple[str, ...], design: SurveyDesign | None, level: float
) -> Estimates:
    if not _figure(data[of]):
        answer = cross_table(data, of=of, group=group, by=by, design=design, level=level)
        return _because(
            answer,
            Check("chosen", "info", "Both columns hold categories: their table is tested for independence."),
        )
    k = data[group].nunique()
    if k == 2:
        answer = welch_t(data, of=of, group=group, by=by, design=design, level=level)
        return _because(
            answer,
            Check(
                "chosen", "info", "A figure of two groups: their means are compared, without assuming equal variances."
            ),
        )
    if design is not None:
        raise MethodError(
            _("{column} has {n} groups.", column=group, n=k),
            expected=_("two groups, where a design is given"),
            remedy=_("compare the groups by regression(...) with the design"),
        )
    return _because(
        anova(data, of=of, group=group, by=by, level=level),
        Check(
            "chosen",
            "info",
            "A figure of {k} groups: their means are compared by Welch's analysis of variance.",
            {"k": k},
        ),
    )


def _of_pairs(
    data: pd.DataFrame, of: str, against: str, *, by: tuple[str, ...], design: SurveyDesign | None, level: float
) -> Estimates:
    if _alike(of, against) and design is None:
        if data[[of, against]].isin([0, 1]).all().all():
            return _because(
                mcnemar(data, of=of, against=against, by=by, level=level),
                Check(
                    "chosen", "info", "A property of the same units at two times: the change of its share is tested."
                ),
            )
        return _because(
            paired_t(data, of=of, against=against, by=by, level=level),
            Check("chosen", "info", "A figure of the same units at two times: its mean change is tested."),
        )
    if not (_figure(data[of]) and _figure(data[against])):
        raise MethodError(
            _("{of} and {against} are not both figures.", of=of, against=against),
            expected=_("two columns of numbers, or categories under group"),
        )
    return _because(
        correlation(data, of=of, against=against, by=by, design=design, level=level),
        Check("chosen", "info", "Two figures of the same units: their correlation is tested."),
    )


def _figure(values: pd.Series) -> bool:
    """Numbers that measure, rather than the codes of two categories."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values) and values.nunique() > 2


def _alike(of: str, against: str) -> bool:
    """Names that differ in their last part only are two measurements of one thing."""
    first, second = of.rpartition("_")[0], against.rpartition("_")[0]
    return bool(first) and first == second


def _because(answer: Estimates, check: Check) -> Estimates:
    return replace(answer, checks=(check, *answer.checks))
