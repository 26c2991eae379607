"""Several tests looked at together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import pandas as pd

from kesos_research.errors import MethodError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _
from kesos_research.methods._checks import spoken
from kesos_research.methods.hypothesis import _adjust
from kesos_research.methods.small_area import one_of

Method = Literal["holm", "benjamini_hochberg", "bonferroni"]


def adjust_p_values(data: Mapping[str, Estimates], *, method: Method = "holm") -> Estimates:
    """Which of several tests still say something, once it is counted that several were made?

    Estimand: the p-value of each test, such that the chance of one or more false rejections (``"holm"``,
    ``"bonferroni"``), or the expected share of false ones among the rejections (``"benjamini_hochberg"``), is at most
    the level at which it is read.

    Parameters
    ----------
    data
        For each name the answer of a test, with one p-value in each row that counts.
    method
        ``"holm"`` is never worse than ``"bonferroni"``.

    Returns
    -------
    Estimates
        One row for each p-value, ``term`` its own, by ``test``, its effect and interval unchanged, `p_value` adjusted.
        Evidence ``p_values``: before and after.

    Raises
    ------
    MethodError
        When nothing has a p-value.

    Examples
    --------
    >>> rows = pd.DataFrame({"sex": list("ababab") * 3, "a": range(18), "b": [1.0, 5, 2, 6, 3, 7] * 3})
    >>> from kesos_research.methods.hypothesis import welch_t
    >>> tests = {of: welch_t(rows, of=of, group="sex") for of in ("a", "b")}
    >>> adjust_p_values(tests).table.test.tolist()
    ['a', 'b']

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6,
    65–70. — Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57(1), 289–300.
    """
    one_of(method, "method", get_args(Method))
    rows = [
        part.table.loc[part.table["p_value"].notna(), ["term", *_NUMBERS]].assign(test=name)
        for name, part in data.items()
    ]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    if table.empty:
        raise MethodError(_("There is no p-value to adjust."), expected=_("answers of tests"))
    before = table["p_value"].to_numpy(float)
    rule = {"holm": _adjust.holm, "bonferroni": _adjust.bonferroni, "benjamini_hochberg": _adjust.benjamini_hochberg}
    after = rule[method](before)
    return Estimates(
        table.assign(p_value=after),
        "adjust_p_values",
        "The effects of several tests, with p-values adjusted for looking at all of them",
        level=next(iter(data.values())).level,
        by=("test",),
        checks=(_several(len(table)),),
        evidence={"p_values": table[["test", "term"]].assign(p_value=before, adjusted=after)},
    )


_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df", "n")


def _several(k: int) -> Check:
    return Check(
        "several_tests",
        "info",
        "{k} tests are looked at together; without adjustment {expected} of them would come out below 5 % by chance "
        "alone. Intervals are not adjusted.",
        {"k": k, "expected": spoken(0.05 * k, 1)},
    )
