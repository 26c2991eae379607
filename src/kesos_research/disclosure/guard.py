"""Rows of persons: cells below the rule and those that betray them are hidden, counts rounded, and all attacked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kesos_research.disclosure import cells as sheets_of
from kesos_research.disclosure.audit import Audit, audit, refuse_differences
from kesos_research.disclosure.cells import Sheet, Support
from kesos_research.disclosure.lattice import Key, key
from kesos_research.disclosure.linked import Additive, Linked, linked, pattern, statistics
from kesos_research.disclosure.precision import Precision, marks
from kesos_research.disclosure.protect import MARK, digest
from kesos_research.disclosure.record import Mark, Measure, Record, Row
from kesos_research.disclosure.rule import Guarding
from kesos_research.errors import DisclosureError
from kesos_research.estimates import Check, Estimates
from kesos_research.language import _

_TRIES = 4


@dataclass(frozen=True)
class Shown:
    """A table as it may leave, its record, and what is said of it."""

    table: pd.DataFrame
    record: Record
    checks: tuple[Check, ...]


def guard(
    what: Sequence[Estimates | pd.DataFrame],
    *,
    rule: Guarding,
    rows: pd.DataFrame | None,
    household: str | None,
    of: Sequence[str],
    weight: str | None,
    by: Sequence[str] | None,
    n: Sequence[str],
    repeated: Sequence[str],
    earlier: Sequence[Record],
    precision: Precision,
) -> tuple[Shown, ...]:
    """Tables of one population, protected together; parameters as `protect` explains them."""
    frames = [w for w in what if isinstance(w, pd.DataFrame)]
    sheets = [sheets_of.sheet(w, by=_of(by, w, frames), n=n, repeated=repeated) for w in what]
    _bearable(sheets, of, rule)
    support = sheets_of.behind(sheets, rule, rows=rows, household=household, of=of, weight=weight)
    tables = linked(support)
    told = statistics(sheets, tables)
    adding = [t for t in told if isinstance(t, Additive)]
    measures = {m.name: m for m in (t.measure if isinstance(t, Additive) else t for t in told)}
    found: set[Key] = set()
    attacked, shown = Audit(), ()
    for _try in range(_TRIES):
        primary, hidden = pattern(tables, support, adding, rule, found)
        made = _Publication(tables, support, primary, hidden, measures, rule, precision)
        shown = made.all(sheets)
        attacked = audit([s.record for s in shown])
        if attacked.outcome != "fail":
            break
        worked_out = {key(v.at) for v in attacked.verdicts if v.outcome != "safe"}
        if worked_out <= found:
            raise _unprotected(attacked)
        found |= worked_out
    else:
        raise _unprotected(attacked)
    shown = tuple(_attested(s, attacked) for s in shown)
    refuse_differences([s.record for s in shown], earlier)
    return shown


def _of(
    by: Sequence[str] | None, what: Estimates | pd.DataFrame, frames: Sequence[pd.DataFrame]
) -> Sequence[str] | None:
    """The by-columns of one frame: of a margin, those that it has; one that no frame has stays, to be refused."""
    if by is None or isinstance(what, Estimates):
        return by
    return [c for c in by if c in what.columns or not any(c in frame.columns for frame in frames)]


def _unprotected(attacked: Audit) -> DisclosureError:
    from kesos_research.language import current

    return DisclosureError(
        attacked.failures[0][current()],
        expected=_("tables whose withheld cells nobody can work out"),
        remedy=_("show fewer dimensions, coarser categories, or fewer tables of one population"),
    )


def _bearable(sheets: Sequence[Sheet], of: Sequence[str], rule: Guarding) -> None:
    """Refuse identifiers always, and under the rule for small studies every sensitive column."""
    refused = ("rahasia",) if rule.name == "persons" else ("rahasia", "terbatas")
    for column in [*(d for s in sheets for d in s.dims), *of]:
        if rule.sensitive.get(column) in refused:
            raise DisclosureError(
                _("The column {name} is {sensitivity}.", name=column, sensitivity=rule.sensitive[column]),
                expected=_("columns that the rule {rule} lets be shown", rule=rule.name),
                remedy=_("leave it out, or show it in coarser categories under a name of its own"),
            )


def _attested(shown: Shown, attacked: Audit) -> Shown:
    told: dict[str, Any] = {"outcome": attacked.outcome, "hidden": len(attacked.verdicts)}
    if attacked.narrowest is not None:
        told["narrowest"] = attacked.narrowest
    return replace(shown, record=replace(shown.record, audit=told))


@dataclass(frozen=True)
class _Publication:
    """What is decided for all tables, to be carried out in each."""

    tables: Linked
    support: Mapping[Key, Support]
    primary: Collection[Key]
    hidden: Collection[Key]
    measures: Mapping[str, Measure]
    rule: Guarding
    precision: Precision

    def all(self, sheets: Sequence[Sheet]) -> tuple[Shown, ...]:
        printed = self.tables.printed(self.rule.base)
        tables = [self._table(own, printed) for own in sheets]
        together = hashlib.sha256("".join(digest(t) for t in tables).encode()).hexdigest()
        return tuple(
            Shown(table, self._record(own, table, together), self._checks(own))
            for own, table in zip(sheets, tables, strict=True)
        )

    def _table(self, own: Sheet, printed: Mapping[Key, float]) -> pd.DataFrame:
        table = own.frame.copy()
        for column in own.values:
            table[column] = table[column].astype(float)
        if own.n_column in own.values:
            table[own.n_column] = [printed[cell] for cell in own.keys]
        if self.rule.base > 1:
            _coarsened(table, own, printed, self.rule.base)
        alone = sheets_of.single(own)
        gone = np.array([cell in self.hidden or one for cell, one in zip(own.keys, alone, strict=True)], bool)
        said = np.array(marks(own.frame, own.method, self.precision), object)
        said[gone] = "withheld"
        table.loc[gone, list(own.values)] = math.nan
        return table.assign(**{MARK: [str(m) for m in said]})

    def _record(self, own: Sheet, table: pd.DataFrame, together: str) -> Record:
        names = list(dict.fromkeys(own.measures)) or [c for c in own.values if c != own.n_column]
        dims = tuple(own.dims)
        home = self.tables.lattice.finest[self.tables.lattice.home(own.keys[0])] if own.keys else ()
        cells = dict.fromkeys(own.keys)
        return Record(
            rule=self.rule.name,
            decided_by=self.rule.decided_by,
            approver=self.rule.approver,
            population=self.rule.population,
            unit=self.rule.unit,
            source=dict(self.rule.source),
            limits=self.rule.limits,
            dims=dims,
            measures=(Measure("n", "count"), *(self.measures.get(m, Measure(m, "other")) for m in names)),
            rows=_rows(own, table),
            summed_from=home,
            complete=self.tables.complete(tuple(sorted(dims))),
            primary=sum(c in self.primary for c in cells),
            secondary=sum(c in self.hidden and c not in self.primary for c in cells),
            flagged=sum(self.support[c].flagged and c not in self.hidden for c in cells),
            precise=(self.precision.good, self.precision.fair),
            base=self.rule.base,
            table=digest(table),
            together=together,
        )

    def _checks(self, own: Sheet) -> tuple[Check, ...]:
        cells = dict.fromkeys(own.keys)
        few = sum(c in self.primary for c in cells)
        more = sum(c in self.hidden and c not in self.primary for c in cells)
        flagged = sum(self.support[c].flagged and c not in self.hidden for c in cells)
        made = [
            Check(
                "disclosure",
                "info",
                "{few} cells with too few persons are withheld, and {more} more that would betray them.",
                {"few": few, "more": more},
            )
        ]
        if flagged:
            made.append(
                Check(
                    "all_or_none",
                    "warn",
                    "In {n} cells all or none have an attribute: everybody's answer there is known.",
                    {"n": flagged},
                )
            )
        return tuple(made)


def _coarsened(table: pd.DataFrame, own: Sheet, printed: Mapping[Key, float], base: int) -> None:
    """Counts to the base; shares of whole persons from rounded counts; degrees of freedom, which tell n, left out."""
    for column in own.counts:
        table[column] = base * np.floor(table[column] / base + 0.5)
    if own.method is None:
        return
    table["df"] = math.nan
    for i, cell in enumerate(own.keys):
        share, n = float(own.frame["estimate"].iloc[i]), float(own.n[i])
        if own.method in sheets_of.SHARES and printed[cell] > 0 and _whole(share * n):
            k = base * math.floor(share * n / base + 0.5)
            table.loc[table.index[i], "estimate"] = min(1.0, k / printed[cell])
            step = base / printed[cell]
            low, high = own.frame["conf_low"].iloc[i], own.frame["conf_high"].iloc[i]
            table.loc[table.index[i], "conf_low"] = (
                max(0.0, math.floor(low / step) * step) if math.isfinite(low) else low
            )
            table.loc[table.index[i], "conf_high"] = (
                min(1.0, math.ceil(high / step) * step) if math.isfinite(high) else high
            )
            table.loc[table.index[i], "std_error"] = _two_digits(float(own.frame["std_error"].iloc[i]))


def _whole(k: float) -> bool:
    return math.isfinite(k) and abs(k - round(k)) < 1e-6


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}") if math.isfinite(value) else value


def _rows(own: Sheet, table: pd.DataFrame) -> tuple[Row, ...]:
    """The cells as they are printed."""
    made: dict[Key, dict[str, float | None]] = {}
    said: dict[Key, list[str]] = {}
    columns = [own.n_column] if own.method else list(own.values)
    for i, cell in enumerate(own.keys):
        row = table.iloc[i]
        values = made.setdefault(cell, {"n": _number(row.get(own.n_column))})
        if values["n"] is None:
            values["n"] = _number(row.get(own.n_column))
        if own.method:
            values[own.measures[i]] = _number(row["estimate"])
        else:
            values |= {c: _number(row[c]) for c in columns if c != own.n_column}
        said.setdefault(cell, []).append(str(row[MARK]))
    return tuple(Row(dict(cell), values, _mark(values, said[cell])) for cell, values in made.items())


def _mark(values: Mapping[str, float | None], said: Sequence[str]) -> Mark:
    if all(v is None for v in values.values()):
        return "withheld"
    return "c" if "c" in said else "b" if "b" in said else ""


def _number(value: object) -> float | None:
    number = float(value) if value is not None else math.nan  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
