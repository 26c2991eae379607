"""The guard's door: rows and estimates become `Protected` under a rule, or do not leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from kesos_research.errors import DisclosureError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import Words, _

_KEY = object()


@dataclass(frozen=True)
class Published:
    """The rule for aggregates a statistics office has already published: they pass, marked with their source."""

    source: Words

    @property
    def mark(self) -> str:
        return "public"


@dataclass(frozen=True)
class Protected:
    """A table that may be shown. Made by `protect()` only."""

    table: pd.DataFrame
    rule: Published
    method: str | None = None
    estimand: str | None = None
    level: float | None = None
    checks: tuple[Check, ...] = ()
    evidence: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    _key: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._key is not _KEY:
            raise TypeError("Protected is made by disclosure.protect(), which applies the rule")
        object.__setattr__(self, "evidence", MappingProxyType(dict(self.evidence)))

    @property
    def public(self) -> bool:
        return self.rule.mark == "public"

    def behind(self, name: str) -> Protected:
        """The evidence frame `name` as something that may be shown under the same rule."""
        if name not in self.evidence:
            raise DisclosureError(
                _("There is no evidence {name}.", name=name),
                expected=", ".join(self.evidence) or _("no evidence at all"),
            )
        return Protected(self.evidence[name], self.rule, self.method, level=self.level, _key=_KEY)


def protect(what: Estimates | pd.DataFrame, *, rule: Published) -> Protected:
    """May these numbers leave, and under which rule?

    Parameters
    ----------
    what
        Estimates of a method, or tidy rows of figures.
    rule
        `Published(source=...)`: the figures are aggregates already published by the named office.

    Raises
    ------
    DisclosureError
        When no rule is given: numbers without a rule do not leave.
    """
    if not isinstance(rule, Published):
        raise DisclosureError(
            _("No rule says that these numbers may leave."),
            expected=_("a disclosure rule, such as Published(source=...)"),
            remedy=_("name the rule under `disclosure:` in study.yaml"),
        )
    if isinstance(what, Estimates):
        return Protected(
            what.table, rule, what.method, what.estimand, what.level, what.checks, what.evidence, _key=_KEY
        )
    return Protected(what.copy(), rule, _key=_KEY)
