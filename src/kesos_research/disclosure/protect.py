"""The guard's door: rows and estimates become `Protected` under a rule, or do not leave."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import overload

import pandas as pd

from kesos_research.disclosure.precision import BPS, Precision, marks
from kesos_research.disclosure.record import Record
from kesos_research.disclosure.rule import NotPersons, PersonRule, Published, Rule, SmallStudyRule
from kesos_research.errors import DisclosureError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _

_KEY = object()

MARK = "mark"
"""The column of marks: "", "withheld", "b" or "c"."""


@dataclass(frozen=True)
class Protected:
    """A table that may be shown. Made by `protect()` only.

    Attributes
    ----------
    table
        The rows; a withheld one has NaN, and `mark` says so. The column is there where a mark can be.
    rule
        The rule it passed.
    record
        What may be public about how it was protected.
    """

    table: pd.DataFrame
    rule: Rule
    method: str | None = None
    estimand: str | None = None
    level: float | None = None
    checks: tuple[Check, ...] = ()
    evidence: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    record: Record = field(default_factory=lambda: Record(""))
    _key: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._key is not _KEY:
            raise TypeError("Protected is made by disclosure.protect(), which applies the rule")
        object.__setattr__(self, "evidence", MappingProxyType(dict(self.evidence)))

    @property
    def public(self) -> bool:
        return self.rule.mark == "public"

    @property
    def marks(self) -> list[str]:
        """The mark of each row."""
        return [str(m) for m in self.table[MARK]] if self.marked else [""] * len(self.table)

    @property
    def marked(self) -> bool:
        """Whether the rows have marks of the guard's, not a column of the same name."""
        return bool(self.record.limits) or bool(self.record.precise)

    def only(self, **where: object) -> Protected:
        """The rows where each named column has the given value, or one of a list."""
        keep = pd.Series(True, index=self.table.index)
        for column, value in where.items():
            self._has(column)
            keep &= self.table[column].isin(list(value) if isinstance(value, list | tuple) else [value])
        return replace(self, table=self.table[keep].reset_index(drop=True))

    def renamed(self, **names: str) -> Protected:
        """With other names for columns, as a figure asks for them: `renamed(kab="code", estimate="value")`."""
        for column in names:
            self._has(column)
        return replace(self, table=self.table.rename(columns=names))

    def beside(self, other: Protected, *, on: str) -> Protected:
        """With the columns of a public table beside it, such as the places of regions on a map."""
        if not other.public:
            raise DisclosureError(
                _("Only a public table can stand beside another."),
                expected=_("one under the rule Published(source=...)"),
            )
        for table in (self, other):
            table._has(on)
        return replace(self, table=self.table.merge(other.table, on=on, how="left", validate="m:1"))

    def _has(self, column: str) -> None:
        if column not in self.table or (self.marked and column == MARK):
            raise DisclosureError(
                _("There is no column {name}.", name=column), expected=", ".join(map(str, self.table.columns))
            )

    def scaled(self, factor: float) -> Protected:
        """The same numbers in another unit, 100 for percent: after the guard, which reads shares as shares.

        Counts, p-values and degrees of freedom stay.
        """
        amounts = [c for c in ("estimate", "std_error", "conf_low", "conf_high") if c in self.table]
        return replace(self, table=self.table.assign(**{c: self.table[c] * factor for c in amounts}))

    def behind(self, name: str) -> Protected:
        """The evidence frame `name` as something that may be shown under the same rule."""
        if isinstance(self.rule, PersonRule | SmallStudyRule):
            raise DisclosureError(
                _("The evidence {name} is of persons, and has not passed the guard.", name=name),
                remedy=_("protect it as a table of its own: protect(evidence, by=…, n=…, rule=…)"),
            )
        if name not in self.evidence:
            raise DisclosureError(
                _("There is no evidence {name}.", name=name),
                expected=", ".join(self.evidence) or _("no evidence at all"),
            )
        return _passed(self.evidence[name], self.rule, BPS, method=self.method, level=self.level)


@overload
def protect(
    what: Estimates | pd.DataFrame,
    /,
    *,
    rule: Rule,
    rows: pd.DataFrame | None = ...,
    household: str | None = ...,
    of: str | Sequence[str] = ...,
    weight: str | None = ...,
    by: str | Sequence[str] | None = ...,
    n: str | Sequence[str] = ...,
    repeated: str | Sequence[str] = ...,
    earlier: Sequence[Record] = ...,
    precision: Precision = ...,
) -> Protected: ...
@overload
def protect(
    what: Estimates | pd.DataFrame,
    more: Estimates | pd.DataFrame,
    /,
    *others: Estimates | pd.DataFrame,
    rule: Rule,
    rows: pd.DataFrame | None = ...,
    household: str | None = ...,
    of: str | Sequence[str] = ...,
    weight: str | None = ...,
    by: str | Sequence[str] | None = ...,
    n: str | Sequence[str] = ...,
    repeated: str | Sequence[str] = ...,
    earlier: Sequence[Record] = ...,
    precision: Precision = ...,
) -> tuple[Protected, ...]: ...
def protect(
    *what: Estimates | pd.DataFrame,
    rule: Rule,
    rows: pd.DataFrame | None = None,
    household: str | None = None,
    of: str | Sequence[str] = (),
    weight: str | None = None,
    by: str | Sequence[str] | None = None,
    n: str | Sequence[str] = (),
    repeated: str | Sequence[str] = (),
    earlier: Sequence[Record] = (),
    precision: Precision = BPS,
) -> Protected | tuple[Protected, ...]:
    """May these numbers leave, and what of them?

    Parameters
    ----------
    what
        Estimates of a method, or tidy frames. Tables of one population that share dimensions, such as a cross-table and
        its margins, are given together: then one pattern protects them all.
    rule
        `Published`, `PersonRule`, `SmallStudyRule` or `NotPersons`; `rule_of(study)` gives the study's own.
    rows
        Rows of persons (or households) behind the tables, with their by-columns: the guard counts for itself.
    household
        Column of `rows` that tells households apart; needed where rows are persons.
    of
        Columns of `rows` whose totals, means or shares are shown: contributions that dominate a cell are found, and
        cells where all, none, or few have an attribute.
    weight
        Column of `rows` with the weight of each.
    by, n
        Of a frame: the columns that classify persons; the column that counts them, and further columns of counts. Of
        several frames one that lacks a column of `by` is a margin.
    repeated
        By-columns along which the same persons are counted again, such as the outcome or the year of a panel.
    earlier
        Records of what was published before, to see that no difference isolates few persons.
    precision
        Bounds of BPS's marks.

    Returns
    -------
    Protected, or a tuple of them
        In the order given. Withheld rows are NaN; counts are rounded, totals are sums of rounded counts.

    Raises
    ------
    DisclosureError
        When no rule is given, when nothing says who is behind the cells, when a column is too sensitive for the rule,
        or when the hidden cells cannot be protected.

    Examples
    --------
    >>> from kesos_research.language import words
    >>> shown = protect(pd.DataFrame({"p0": [9.5]}), rule=Published(words(id="BPS", en="BPS")))
    >>> shown.public
    True
    """
    if not isinstance(rule, Published | PersonRule | SmallStudyRule | NotPersons):
        raise DisclosureError(
            _("No rule says that these numbers may leave."),
            expected=_("a disclosure rule, such as Published(source=...)"),
            remedy=_("name the rule under `disclosure:` in study.yaml"),
        )
    if not what:
        raise DisclosureError(_("Nothing is given to protect."), expected=_("estimates of a method, or tidy rows"))
    if isinstance(rule, Published | NotPersons):
        made = tuple(_whole(w, rule, precision) for w in what)
    else:
        from kesos_research.disclosure.guard import guard

        shown = guard(
            what,
            rule=rule,
            rows=rows,
            household=household,
            of=_names(of),
            weight=weight,
            by=None if by is None else _names(by),
            n=_names(n),
            repeated=_names(repeated),
            earlier=earlier,
            precision=precision,
        )
        made = tuple(_guarded(w, rule, s.table, s.record, s.checks) for w, s in zip(what, shown, strict=True))
    return made[0] if len(made) == 1 else made


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _guarded(
    what: Estimates | pd.DataFrame, rule: Rule, table: pd.DataFrame, record: Record, checks: tuple[Check, ...]
) -> Protected:
    if isinstance(what, Estimates):
        return Protected(
            table, rule, what.method, what.estimand, what.level, (*what.checks, *checks), record=record, _key=_KEY
        )
    return Protected(table, rule, checks=checks, record=record, _key=_KEY)


def _whole(what: Estimates | pd.DataFrame, rule: Published | NotPersons, precision: Precision) -> Protected:
    if isinstance(what, Estimates):
        made = _passed(what.table, rule, precision, method=what.method, level=what.level)
        return replace(made, estimand=what.estimand, checks=what.checks, evidence=what.evidence)
    return _passed(what.copy(), rule, precision)


def _passed(
    table: pd.DataFrame, rule: Rule, precision: Precision, *, method: str | None = None, level: float | None = None
) -> Protected:
    """A table that passes whole; its estimates are marked where they are imprecise."""
    own = marks(table, method, precision)
    precise = any(own)
    if precise:
        table = table.assign(**{MARK: own})
    record = Record(
        rule=rule.mark,
        decided_by=rule.decided_by,
        population=getattr(rule, "population", ""),
        unit=getattr(rule, "unit", ""),
        source=dict(rule.source),
        precise=(precision.good, precision.fair) if precise else (),
        audit={"outcome": "not needed"},
        table=digest(table),
    )
    return Protected(table, rule, method, level=level, record=record, _key=_KEY)


def digest(table: pd.DataFrame) -> str:
    """sha256 of rows that may be shown, of twelve digits, so that the last bit of another machine changes nothing."""
    text = table.to_csv(index=False, float_format="%.12g", lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
