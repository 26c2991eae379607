"""Tables from protected rows, made with small verbs that return new tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.errors import DisclosureError, DocumentError
from kesos_research.language import LANGUAGES, Words, _, both, words
from kesos_research.report import marks
from kesos_research.report.exhibit import Column, Exhibit, Table

Kind = Literal["text", "number", "integer", "interval", "p"]
_NOTHING = words(id="", en="")
_YEARS = frozenset({"year", "period", "since", "tahun"})
_HIDDEN = frozenset({"df", "conf_low", "conf_high"})


def guarded(protected: Protected) -> Protected:
    """What `report` accepts: protected rows, and nothing else."""
    if not isinstance(protected, Protected):
        raise DisclosureError(
            _("A {type} is not protected.", type=type(protected).__name__),
            expected=_("what disclosure.protect() gives"),
            remedy=_("write protect(…, rule=…) around it"),
        )
    return protected


def table(protected: Protected, *, id: str) -> TidyTable:
    """A table of protected rows, one row each. What it shows is chosen by verbs:

    >>> shown = (                                                        # doctest: +SKIP
    ...     report.table(effects, id="tbl-did")
    ...     .with_columns("window", "estimate", "interval", "p_value", "n")
    ...     .with_groups("outcome")
    ...     .with_names(outcome=short_names, window=windows)
    ...     .with_caption(id="…", en="…")
    ... )

    Parameters
    ----------
    protected
        Estimates, or tidy rows, that may be shown. `conf_low` and `conf_high` become the column `interval`.
    id
        ``"tbl-"`` and a name, by which narratives place it and refer to it.
    """
    rows = [_record(row) for row in marks.records(guarded(protected))]
    _identified(id, "tbl-")
    return TidyTable(
        id,
        columns=_columns(rows, [str(c) for c in protected.table.columns], protected.level),
        rows=tuple(rows),
        source=_source(protected),
        public=protected.public,
        guards=(protected.record.digest,),
        records=(protected.record,),
        precise=tuple(protected.record.precise),
    )


def checks(
    *protected: Protected, id: str, names: Sequence[Words] = (), columns: Mapping[str, Words] | None = None
) -> TidyTable:
    """The assumptions that were looked at, and what was seen.

    Parameters
    ----------
    protected
        Estimates whose checks are told; a check said twice is shown once.
    id
        ``"tbl-"`` and a name.
    names
        One heading for each of `protected`; none where the checks need no grouping.
    columns
        Words for columns that a check names, as they stand within a sentence.
    """
    _identified(id, "tbl-")
    status = {
        "pass": both("holds"),
        "info": both("for information"),
        "warn": both("with care"),
        "fail": both("does not hold"),
    }
    headings = names or [_NOTHING] * len(protected)
    if len(headings) != len(protected):
        raise DocumentError(_("{n} names are given for {m} sets of checks.", n=len(headings), m=len(protected)))
    rows: list[dict[str, Any]] = []
    for part, heading in zip(protected, headings, strict=True):
        for check in guarded(part).checks:
            spoken = replace(check, evidence={k: _spoken(v, columns or {}) for k, v in check.evidence.items()})
            said = {lang: spoken.say(lang) for lang in LANGUAGES}
            row = {"of": heading, "check": said, "status": status[check.status]}
            if row not in rows:
                rows.append(row)
    shown = (
        Column("check", both("What was looked at"), "text", weight=3.0),
        Column("status", both("Finding"), "text", weight=1.0),
    )
    records = tuple({p.record.digest: p.record for p in protected}.values())
    made = TidyTable(
        id,
        columns=shown,
        rows=tuple(rows),
        public=all(p.public for p in protected),
        guards=tuple(r.digest for r in records),
        records=records,
    )
    return made.with_groups("of") if names else made


@dataclass(frozen=True)
class TidyTable(Exhibit):
    """Rows, and what of them is shown and how. Verbs may come in any order; each gives a new table."""

    columns: tuple[Column, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()
    names: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    groups: str = ""
    spread: tuple[str, str] | None = None
    decimals: tuple[tuple[str, Mapping[str, int]], ...] = ()
    precise: tuple[float, ...] = ()
    """Bounds of the marks of precision."""

    def with_columns(self, *columns: str | Column) -> Self:
        """Show these columns, in this order. A `Column` says everything about itself; a name keeps what is known."""
        made = [c if isinstance(c, Column) else self._column(c) for c in columns]
        for column in made:
            self._known(column.key)
        return replace(self, columns=tuple(made))

    def with_labels(self, **labels: Words) -> Self:
        """Words for the heads of columns."""
        return self._changed({key: {"label": label} for key, label in labels.items()})

    def with_units(self, **units: Words) -> Self:
        """Units, printed in the heads of columns."""
        return self._changed({key: {"unit": unit} for key, unit in units.items()})

    def with_weights(self, **weights: float) -> Self:
        """How the free width is shared among text columns."""
        return self._changed({key: {"weight": weight} for key, weight in weights.items()})

    def with_decimals(self, **decimals: int | Mapping[str, int]) -> Self:
        """Decimals of a column (`estimate=2`), or of the rows with a value in a column (`outcome={"p0": 2}`)."""
        for key in decimals:
            self._known(key)
        plain = {key: {"decimals": n} for key, n in decimals.items() if isinstance(n, int)}
        by_row = tuple((key, n) for key, n in decimals.items() if not isinstance(n, int))
        return replace(self._changed(plain), decimals=(*self.decimals, *by_row))

    def with_names(self, **names: Mapping[Any, Words | str]) -> Self:
        """Words for the values of a column: `term={"33.14": "Kab. Sragen", "pooled": words(id=…, en=…)}`."""
        for key in names:
            self._known(key)
        said = {key: {str(v): _words(w) for v, w in known.items()} for key, known in names.items()}
        return replace(self, names={**self.names, **said})

    def with_rows(self, **wanted: Sequence[Any]) -> Self:
        """Keep the rows whose column has one of these values, in this order."""
        kept = self
        for key, values in wanted.items():
            kept = kept._ordered(key, [str(value) for value in values])
        return kept

    def with_groups(self, column: str) -> Self:
        """A heading row for each value of this column, instead of the same word in every row."""
        self._known(column)
        return replace(self, groups=column)

    def with_spread(self, across: str, *, of: str = "estimate") -> Self:
        """One column for each value of `across`, filled with `of`: characteristics beside each other."""
        self._known(across)
        self._known(of)
        return replace(self, spread=(across, of))

    def laid_out(self) -> Table:
        """The table as documents are given it: only what is shown, codes replaced by words."""
        columns, rows = self._spread() if self.spread else (self.columns, list(self.rows))
        keys = [c.key for c in columns if c.key != self.groups]
        made: list[dict[str, Any]] = []
        heading = None
        ordered = self._grouped(rows) if self.groups else rows
        for row in ordered:
            if self.groups and (said := self._named(self.groups, row[self.groups])) != heading:
                heading = said
                made.append({"group": _words(said)})
            shown = {key: self._named(key, row.get(key)) for key in keys}
            if (places := self._places(row)) is not None:
                shown["decimals"] = places
            if beside := {key: mark for key, mark in _marks(row).items() if key in keys and mark in marks.LETTERS}:
                shown["marks"] = beside
            made.append(shown)
        used = {mark for row in ordered for mark in _marks(row).values()}
        return Table(
            self.id,
            caption=self.caption,
            note=marks.joined(self.note, marks.note(used, self.precise)),
            source=self.source,
            width=self.width,
            public=self.public,
            guards=self.guards,
            records=self.records,
            columns=tuple(c for c in columns if c.key != self.groups),
            rows=tuple(made),
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return self.laid_out()._repr_mimebundle_()

    def _spread(self) -> tuple[tuple[Column, ...], list[dict[str, Any]]]:
        across, of = self.spread or ("", "")
        value = self._column(of)
        fixed = [c for c in self.columns if c.kind == "text" and c.key not in (across, of)]
        by = [c.key for c in fixed] + [key for key, _n in self.decimals] + ([self.groups] if self.groups else [])
        wide: dict[str, dict[str, Any]] = {}
        for row in self.rows:
            same = wide.setdefault(repr([row.get(key) for key in by]), {key: row.get(key) for key in by})
            if (place := f"{of}:{row[across]}") in same:
                raise DocumentError(
                    _("Two rows of {table} would stand in one cell.", table=self.id),
                    remedy=_("show the columns that tell them apart, or choose rows"),
                )
            same[place] = row.get(of)
            if marks.MARK in row:
                same.setdefault("marks", {})[place] = row[marks.MARK]
        spread = [
            replace(value, key=f"{of}:{v}", label=_words(self._named(across, v)))
            for v in dict.fromkeys(row[across] for row in self.rows)
        ]
        return (*fixed, *spread), list(wide.values())

    def _grouped(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Rows of one group stand together, groups in the order of their first row."""
        order = list(dict.fromkeys(str(row[self.groups]) for row in rows))
        return sorted(rows, key=lambda row: order.index(str(row[self.groups])))

    def _ordered(self, key: str, wanted: Sequence[str]) -> Self:
        self._known(key)
        there = {str(row[key]) for row in self.rows}
        for value in wanted:
            if value not in there:
                raise DocumentError(
                    _("No row of {table} has {value} in {column}.", table=self.id, value=repr(value), column=key),
                    expected=", ".join(sorted(there)),
                )
        kept = (row for row in self.rows if str(row[key]) in wanted)
        return replace(self, rows=tuple(sorted(kept, key=lambda row: wanted.index(str(row[key])))))

    def _named(self, key: str, value: Any) -> Any:
        return self.names.get(key, {}).get(str(value), value)

    def _places(self, row: Mapping[str, Any]) -> int | None:
        for key, known in self.decimals:
            if str(row.get(key)) in known:
                return known[str(row[key])]
        return None

    def _known(self, key: str) -> None:
        if not self.rows or key in self.rows[0] or any(c.key == key for c in self.columns):
            return
        raise DocumentError(
            _("{table} has no column {name}.", table=self.id, name=key),
            expected=", ".join(key for key in self.rows[0] if key != marks.MARK),
        )

    def _column(self, key: str) -> Column:
        known = {c.key: c for c in self.columns}
        return known.get(key) or _described(key, [row.get(key) for row in self.rows], None)

    def _changed(self, changes: Mapping[str, Mapping[str, Any]]) -> Self:
        for key in changes:
            self._known(key)
        missing = [self._column(key) for key in changes if key not in {c.key for c in self.columns}]
        if missing and not self.spread:
            raise DocumentError(
                _("{table} does not show the column {name}.", table=self.id, name=missing[0].key),
                remedy=_("name it in with_columns first"),
            )
        made = [replace(c, **changes.get(c.key, {})) for c in self.columns]
        return replace(self, columns=tuple(made))


def _marks(row: Mapping[str, Any]) -> Mapping[str, str]:
    """The mark of each column of a row: of its estimate, or of the values spread beside each other."""
    return row.get("marks") or ({"estimate": row[marks.MARK]} if marks.MARK in row else {})


def _columns(records: Sequence[Mapping[str, Any]], keys: list[str], level: float | None) -> tuple[Column, ...]:
    keys = [key for key in keys if not records or key in records[0]]
    if {"conf_low", "conf_high"} <= set(keys):
        keys.insert(keys.index("conf_low"), "interval")
    made = []
    for key in keys:
        values = [row.get(key) for row in records]
        if key not in _HIDDEN and any(v not in (None, [None, None]) for v in values):
            made.append(_described(key, values, level))
    return tuple(made)


def _described(key: str, values: Sequence[Any], level: float | None) -> Column:
    """What a column most likely is, from its name and its values."""
    kind: Kind = "text"
    if key in _YEARS:
        kind = "text"  # 2014, never 2.014
    elif key == "interval":
        kind = "interval"
    elif key == "p_value":
        kind = "p"
    elif all(v is None or isinstance(v, int) for v in values) and any(v is not None for v in values):
        kind = "integer"
    elif all(v is None or isinstance(v, int | float) for v in values):
        kind = "number"
    if key == "n" and kind == "number":
        kind = "integer"
    return Column(key, _label(key, level), kind)


def _label(key: str, level: float | None) -> Words:
    if key == "interval" and level:
        return both("{percent} percent interval", percent=round(100 * level))
    known = {
        "term": both("Term"),
        "estimate": both("Estimate"),
        "std_error": both("Standard error"),
        "interval": both("Interval"),
        "p_value": words(id="p", en="p"),
        "n": words(id="n", en="n"),
        "outcome": both("Indicator"),
    }
    return known.get(key) or words(id=key, en=key)


def _record(row: Mapping[Any, Any]) -> dict[str, Any]:
    made = {str(key): _plain(value) for key, value in row.items()}
    if "conf_low" in made and "conf_high" in made:
        made["interval"] = [made["conf_low"], made["conf_high"]]
    return made


def _plain(value: Any) -> Any:
    """Python's own values, as JSON keeps them; NaN becomes None."""
    if isinstance(value, bool | np.bool_):
        return both("yes") if value else both("no")
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(v) for v in value]
    return None if value is None or pd.isna(value) else str(value)


def _words(value: Any) -> Words:
    if isinstance(value, Mapping):
        return dict(value)
    return words(id=str(value), en=str(value))


def _spoken(value: object, columns: Mapping[str, Words]) -> object:
    """A column, or several with commas between, in words; anything else as it is."""
    if not isinstance(value, str):
        return value
    names = value.split(", ")
    if not any(name in columns for name in names):
        return value
    return {lang: ", ".join(columns[n][lang] if n in columns else n for n in names) for lang in LANGUAGES}


def _source(protected: Protected) -> Words:
    return dict(protected.rule.source)


def _identified(id: str, prefix: str) -> None:
    if not (id.startswith(prefix) and id.removeprefix(prefix).replace("-", "").replace("_", "").isalnum()):
        raise DocumentError(
            _("{id} cannot be the id of this exhibit.", id=repr(id)),
            expected=_("{prefix} and letters, digits, hyphens", prefix=repr(prefix)),
        )
