"""The release as an attacker sees it: from published records only, what can be worked out of the hidden cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import sparse

from kesos_research.disclosure.attack import Rounding, System, exact, interval, rounded
from kesos_research.disclosure.lattice import Key, dims_of, key, lattice
from kesos_research.disclosure.linked import REST
from kesos_research.disclosure.record import Measure, Record
from kesos_research.errors import DisclosureError
from kesos_research.language import Words, _, both

GUARDED = ("persons", "small_study")
"""Rules whose tables are attacked."""

_CLOSE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What an attacker can say of one hidden value.

    Attributes
    ----------
    population, at, measure
        Which value.
    low, high
        The values that fit all that is published.
    outcome
        ``"exact"`` where it can be worked out (a count to within fewer persons than the rule asks for), ``"below"``
        where it is known that fewer than those are in the cell, else ``"safe"``.
    """

    population: str
    at: Mapping[str, str]
    measure: str
    low: float
    high: float
    outcome: Literal["safe", "exact", "below"]

    def say(self) -> Words:
        """The finding, without the value."""
        where = ", ".join(f"{d} = {v}" for d, v in self.at.items()) or "Σ"
        if self.outcome == "exact":
            return both("{measure} of the withheld cell {where} can be worked out.", measure=self.measure, where=where)
        return both("The withheld cell {where} is known to hold fewer persons than the rule asks for.", where=where)


@dataclass(frozen=True)
class Difference:
    """Two tables whose difference isolates few persons.

    Attributes
    ----------
    population, earlier
        Populations of the two tables.
    at
        The cell.
    change
        Difference of the two printed counts.
    """

    population: str
    earlier: str
    at: Mapping[str, str]
    change: float

    def say(self) -> Words:
        where = ", ".join(f"{d} = {v}" for d, v in self.at.items()) or "Σ"
        return both(
            "The difference between {population} and {earlier} in the cell {where} isolates few persons.",
            population=self.population,
            earlier=self.earlier,
            where=where,
        )


@dataclass(frozen=True)
class Audit:
    """What the attack found.

    Attributes
    ----------
    verdicts
        One for each hidden value that an attacker can try.
    differences
        Differences that isolate few persons.
    contradictions
        Populations whose tables contradict each other, so that nothing can be said of them together.
    """

    verdicts: tuple[Verdict, ...] = ()
    differences: tuple[Difference, ...] = ()
    contradictions: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Words, ...]:
        """What stops a release, in both languages."""
        told = [v.say() for v in self.verdicts if v.outcome != "safe"]
        told += [d.say() for d in self.differences]
        told += [both("The tables of {name} contradict each other.", name=name) for name in self.contradictions]
        return tuple({words["en"]: words for words in told}.values())

    @property
    def outcome(self) -> Literal["pass", "fail", "not needed"]:
        if self.failures:
            return "fail"
        return "pass" if self.verdicts else "not needed"

    @property
    def narrowest(self) -> float | None:
        """The smallest range of a hidden count."""
        widths = [v.high - v.low for v in self.verdicts if v.measure == "n"]
        return float(round(min(widths), 6)) if widths and np.isfinite(min(widths)) else None


@dataclass
class _Tables:
    """Tables of one population, put together."""

    population: str
    records: list[Record] = field(default_factory=list)

    @property
    def limit(self) -> float:
        return max(r.limits.get("min_n", 0.0) for r in self.records)

    def values(self, measure: str) -> dict[Key, float | None]:
        """What is printed of each cell anywhere; None where it is hidden everywhere."""
        made: dict[Key, float | None] = {}
        for record in self.records:
            for row in record.rows:
                if measure in row.values:
                    value = None if row.hidden else row.values[measure]
                    made[key(row.at)] = made.get(key(row.at)) if value is None else value
        return made


def audit(records: Iterable[Record], *, earlier: Iterable[Record] = ()) -> Audit:
    """Can hidden values be worked out from these tables and those published before?

    Parameters
    ----------
    records
        Of everything in a release.
    earlier
        Of earlier releases; those of the same populations are attacked together with the new ones, and their
        differences are looked at.

    Returns
    -------
    Audit
        From published numbers only: the truth is not known here.

    Notes
    -----
    For every population the range of each hidden value is found by two linear programs over all its tables at once
    (Hundepool et al. 2012, section 4.3: the audit problem): counts with their rounding, totals as they are printed, and
    means through the total that they make with a printed count or total.
    """
    new, old = _distinct(records), _distinct(earlier)
    parts = _parts([*new, *old])
    pairs = ((record, before) for record in new for before in old if record.population == before.population)
    differences = tuple(d for pair in pairs for d in _isolated(*pair, parts))
    apart = {d.population for d in differences}
    verdicts: list[Verdict] = []
    contradictions: list[str] = []
    for population in dict.fromkeys(r.population for r in new):
        own = [r for r in new if r.population == population]
        before = [r for r in old if r.population == population] if population not in apart else []
        try:
            verdicts += _attacked(_Tables(population, [*own, *before]))
        except ValueError:
            contradictions.append(population)
    return Audit(tuple(verdicts), differences, tuple(contradictions))


def differencing(new: Iterable[Record], earlier: Iterable[Record]) -> tuple[Difference, ...]:
    """Which differences between two sets of tables isolate fewer persons than the rule asks for?

    The populations may be nested or overlap (all, and all but one group), or be two versions of one; cells are compared
    where both tables print them or their parts. A cell isolates persons when its printed counts differ by less than
    the rule's number and what rounding leaves open, and anything printed of it differs. Rounding leaves open base − 1
    for each rounded part, and fewer persons than the rule's number are in fewer parts than that.
    """
    now, old = _distinct(new), _distinct(earlier)
    parts = _parts([*now, *old])
    # a table that was published just so adds nothing to what could be told before
    published = {record.digest for record in old}
    now = [record for record in now if record.digest not in published]
    return tuple(d for record in now for before in old for d in _isolated(record, before, parts))


def refuse_differences(new: Sequence[Record], earlier: Sequence[Record]) -> None:
    """
    Raises
    ------
    DisclosureError
        When a difference isolates few persons.
    """
    if found := differencing(new, earlier):
        raise DisclosureError(
            found[0].say()[_language()],
            expected=_("tables that differ by no person, or by {n} and more", n=int(_limit(new))),
            remedy=_("show the same population as before, or categories in which the difference is larger"),
        )


def _language() -> str:
    from kesos_research.language import current

    return current()


def _limit(records: Sequence[Record]) -> float:
    return max((r.limits.get("min_n", 0.0) for r in records), default=0.0)


def _distinct(records: Iterable[Record]) -> list[Record]:
    return list({r.digest: r for r in records if r.rule in GUARDED}.values())


def _parts(records: Sequence[Record]) -> dict[tuple[str, tuple[str, ...]], list[Key]]:
    """The rounded cells behind the tables of each call of the guard."""
    made: dict[tuple[str, tuple[str, ...]], list[Key]] = {}
    for record in records:
        if set(record.dims) == set(record.summed_from):
            made.setdefault((record.together, tuple(record.summed_from)), []).extend(key(r.at) for r in record.rows)
    return made


def _isolated(
    new: Record, before: Record, parts: Mapping[tuple[str, tuple[str, ...]], Sequence[Key]]
) -> Iterator[Difference]:
    base = max(new.base, before.base)
    limit = max(new.limits.get("min_n", 0.0), before.limits.get("min_n", 0.0))
    for cell in dict.fromkeys([*(key(r.at) for r in new.rows), *(key(r.at) for r in before.rows)]):
        one, other = _printed(new, cell), _printed(before, cell)
        if one is None or other is None:
            continue
        change = one["n"] - other["n"]
        several = max(_summed(record, cell, parts) for record in (new, before))
        room = (base - 1) * min(several, limit - 1)
        common = set(one) & set(other) - {"n"}
        differs = change != 0 or any(abs(one[m] - other[m]) > 1e-9 * max(1.0, abs(one[m])) for m in common)
        if differs and abs(change) - room < limit:
            yield Difference(new.population, before.population, dict(cell), change)


def _summed(record: Record, cell: Key, parts: Mapping[tuple[str, tuple[str, ...]], Sequence[Key]]) -> int:
    """How many rounded cells add up to this one."""
    known = parts.get((record.together, tuple(record.summed_from)), ())
    return max(1, sum(set(cell) <= set(part) for part in known))


def _printed(record: Record, cell: Key) -> dict[str, float] | None:
    """What a table prints of a cell: its own row, or the sum of its parts where all are printed."""
    wanted = set(cell)
    own = set(dims_of(cell))
    if not own <= set(record.dims):
        return None
    rows = [row for row in record.rows if wanted <= set(row.at.items())]
    if not rows or any(row.hidden or row.values.get("n") is None for row in rows):
        return None
    if len(rows) == 1:
        return {m: v for m, v in rows[0].values.items() if v is not None}
    totals = [m.name for m in record.measures if m.kind in ("count", "total")]
    return {m: float(sum(row.values.get(m) or 0.0 for row in rows)) for m in totals}


def _attacked(tables: _Tables) -> list[Verdict]:
    verdicts = []
    for measure in dict.fromkeys(m for r in tables.records for m in r.measures):
        values = tables.values(measure.name)
        hidden = [cell for cell, value in values.items() if value is None]
        if not hidden or measure.kind == "other":
            continue
        system, unit = _system(tables, measure, values, hidden)
        if system is None:
            continue
        printed = np.zeros(system.cells.shape[0], bool)
        for place, cell in enumerate(hidden):
            if system.targets[[place]].nnz == 0:
                continue
            low, high = (unit * end for end in interval(system, printed, place))
            verdicts.append(_verdict(tables, measure, cell, max(low, 0.0) if measure.nonnegative else low, high))
    return verdicts


def _verdict(tables: _Tables, measure: Measure, cell: Key, low: float, high: float) -> Verdict:
    wide = high - low
    known: Literal["safe", "exact", "below"] = "safe"
    if measure.kind == "count":
        known = "below" if high < tables.limit - _CLOSE else "exact" if wide < tables.limit - _CLOSE else "safe"
    elif np.isfinite(wide) and wide <= 1e-4 * max(abs(high), abs(low)):
        known = "exact"
    return Verdict(tables.population, dict(cell), measure.name, low, high, known)


def _system(
    tables: _Tables, measure: Measure, values: Mapping[Key, float | None], hidden: Sequence[Key]
) -> tuple[System | None, float]:
    """What an attacker writes down of a measure, and in which unit; hidden cells are not among the printed ones."""
    if measure.kind == "count":
        return _counts(tables, measure.name, hidden), 1.0
    shown = {cell: value for cell, value in values.items() if value is not None}
    room = dict.fromkeys(shown, 0.0)
    if measure.kind == "mean":
        weights = tables.values(measure.times)
        half = max(r.base for r in tables.records) // 2 if measure.times == "n" else 0
        shown = {c: v * w for c, v in shown.items() if (w := weights.get(c)) is not None}
        parts = _finest_below(list(values))
        room = {c: half * (1 + parts[c] * abs(values[c] or 0.0)) for c in shown}
    cells = list(shown)
    unit = max((abs(v) for v in shown.values()), default=0.0) or 1.0
    whole = lattice(_grouped(list(values)))
    if len(whole.finest) == len(_grouped(list(values))) == 1:
        return None, unit
    made = exact(whole, cells, np.array([shown[c] for c in cells]) / unit, hidden, nonnegative=measure.nonnegative)
    return _loosened(made, np.array([room[c] for c in cells]) / unit), unit


def _loosened(system: System, room: np.ndarray) -> System:
    """Printed cells that are known only to within `room`."""
    if not room.any():
        return system
    near = 1e-9 * np.maximum(1.0, np.abs(system.printed))
    return System(
        known=sparse.csr_array(sparse.vstack([system.known, system.cells])),
        low=np.concatenate([system.low, system.printed - room - near]),
        high=np.concatenate([system.high, system.printed + room + near]),
        cells=system.cells[:0],
        printed=system.printed[:0],
        targets=system.targets,
        slack=system.slack,
        nonnegative=system.nonnegative,
    )


def _finest_below(cells: Sequence[Key]) -> dict[Key, int]:
    """How many cells of a finest table add up to each."""
    whole = lattice(_grouped(cells))
    return {cell: len(whole.children(cell)) for cell in cells}


def _grouped(cells: Sequence[Key]) -> list[list[Key]]:
    made: dict[tuple[str, ...], list[Key]] = {}
    for cell in cells:
        made.setdefault(dims_of(cell), []).append(cell)
    return list(made.values())


def _counts(tables: _Tables, measure: str, hidden: Sequence[Key]) -> System | None:
    """Counts of all tables: each call of the guard has finest tables of its own, bound by the true cells."""
    finest: dict[tuple[str, tuple[str, ...]], dict[Key, None]] = {}
    margins: list[Key] = [key(row.at) for r in tables.records for row in r.rows]
    halves: dict[tuple[str, tuple[str, ...]], int] = {}
    for record in tables.records:
        if measure not in {m.name for m in record.measures}:
            continue
        home = (record.together, tuple(record.summed_from))
        halves[home] = record.base // 2
        if set(record.dims) == set(record.summed_from):
            parts = finest.setdefault(home, {})
            parts |= dict.fromkeys(key(row.at) for row in record.rows)
            if not record.complete:
                parts |= dict.fromkeys(_rests(tuple(sorted(record.dims)), margins))
    if not finest:
        return None
    everything = dict.fromkeys(c for parts in finest.values() for c in parts) | dict.fromkeys(margins)
    whole = lattice(_grouped(list(everything)))
    homes = list(finest)
    shown: dict[tuple[Key, int], float] = {}
    for record in tables.records:
        home = (record.together, tuple(record.summed_from))
        for row in record.rows:
            value = row.values.get(measure)
            if value is not None and not row.hidden and home in finest:
                shown[key(row.at), homes.index(home)] = value
    roundings = [Rounding(tuple(finest[h]), halves[h]) for h in homes]
    cells = list(shown)
    return rounded(whole, roundings, cells, np.array([shown[c] for c in cells]), hidden)


def _rests(dims: tuple[str, ...], margins: Iterable[Key]) -> Iterator[Key]:
    """Where persons may be whom a table leaves out."""
    for cell in margins:
        if set(dims_of(cell)) < set(dims):
            known = dict(cell)
            yield key({d: known.get(d, REST) for d in dims})
