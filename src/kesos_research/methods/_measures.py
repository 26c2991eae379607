"""Measures by name, for methods that ask the same of any of them: differences between groups, changes over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from kesos_research.methods import _inequality, _lines, _moments, _poverty
from kesos_research.methods._estimate import Moments, Statistic
from kesos_research.methods._lines import RelativeLine
from kesos_research.methods._sample import Sample
from kesos_research.methods.inequality import ranked

Name = Literal["mean", "total", "p0", "p1", "p2", "watts", "gini", "mld", "theil", "quintile_share_ratio", "palma"]

WITH_LINE = ("p0", "p1", "p2", "watts")


def statistic(name: Name, sample: Sample, of: str, line: float | str | None) -> Statistic | Moments:
    """The statistic of one measure, K = 1."""
    if name == "mean":
        return Moments([None, sample.number(of)], _moments.means)
    if name == "total":
        return Moments([sample.number(of)], _moments.totals)
    if name in WITH_LINE:
        y = sample.amount(of, positive=name == "watts")
        measure = _poverty.watts() if name == "watts" else _poverty.foster_greer_thorbecke(int(name[1]))
        assert line is not None
        return _poverty.statistic(sample, y, line, [measure])  # type: ignore[return-value]
    if name in ("mld", "theil"):
        y = sample.amount(of, positive=name == "mld")
        alpha = 0 if name == "mld" else 1
        y = y / float(y.mean()) if y.any() else y
        return Moments([None, y, _moments.entropy_column(y, alpha)], _moments.entropy(alpha))
    y = sample.amount(of)
    orders: dict[str, Callable] = {
        "gini": lambda o, linear: _inequality.concentration(o, y, linear=linear),
        "quintile_share_ratio": lambda o, _linear: _inequality.share_ratio(o, 0.2, 0.8),
        "palma": lambda o, _linear: _inequality.share_ratio(o, 0.4, 0.9),
    }
    return ranked(sample, y, orders[name])


def needs_line(name: Name, line: object) -> bool:
    """Is a line asked for and not given, or given and not asked for, or itself estimated?"""
    return (name in WITH_LINE) != (line is not None) or isinstance(line, RelativeLine)


def roles(line: float | str | None) -> dict[str, str]:
    """The column a line is read from."""
    return {} if line is None else _lines.roles(line)
