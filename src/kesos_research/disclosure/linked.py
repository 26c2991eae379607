"""Tables of one population taken together: which cells must be hidden in all of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kesos_research.disclosure.attack import Rounding, exact, rounded
from kesos_research.disclosure.cells import Sheet, Support
from kesos_research.disclosure.lattice import Key, Lattice, dims_of, key, lattice
from kesos_research.disclosure.record import Measure
from kesos_research.disclosure.rule import Guarding
from kesos_research.disclosure.suppress import Need, hide
from kesos_research.errors import DisclosureError
from kesos_research.language import _

REST = "…"
"""The category of those whom a table leaves out."""


@dataclass(frozen=True)
class Linked:
    """The cells of tables protected together.

    Attributes
    ----------
    cells
        Every cell that is shown in a table, once.
    n
        Persons in each.
    rest
        Persons whom a finer table leaves out of a coarser one's cell: cells that no table shows.
    lattice
        How they add up.
    """

    cells: tuple[Key, ...]
    n: Mapping[Key, float]
    rest: Mapping[Key, float]
    lattice: Lattice

    @property
    def all(self) -> dict[Key, float]:
        return {**self.n, **self.rest}

    def printed(self, base: int) -> dict[Key, float]:
        """Counts as printed: the finest cells rounded, every other the sum of rounded cells."""
        near = {part: base * math.floor(self.all[part] / base + 0.5) for parts in self.lattice.parts for part in parts}
        made = {}
        for cell in self.cells:
            parts = self.lattice.parts[self.lattice.home(cell)]
            made[cell] = float(sum(near[parts[i]] for i in self.lattice.children(cell)))
        return made

    def complete(self, dims: tuple[str, ...]) -> bool:
        """Whether a table of these dimensions leaves nobody out."""
        return not any(dims_of(cell) == dims for cell in self.rest)


def linked(support: Mapping[Key, Support]) -> Linked:
    """The tables' cells as one system.

    Raises
    ------
    DisclosureError
        When a coarser cell holds fewer persons than its parts: then they are not parts.
    """
    n = {cell: s.n for cell, s in support.items()}
    rest = _rest(n)
    return Linked(tuple(n), n, rest, lattice(_tables([*n, *rest])))


def _tables(cells: Sequence[Key]) -> list[list[Key]]:
    made: dict[tuple[str, ...], list[Key]] = {}
    for cell in cells:
        made.setdefault(dims_of(cell), []).append(cell)
    return list(made.values())


def _rest(n: Mapping[Key, float]) -> dict[Key, float]:
    tables = {dims_of(cells[0]): cells for cells in _tables(list(n))}
    finest = [d for d in tables if not any(set(d) < set(other) for other in tables)]
    rest: dict[Key, float] = {}
    for dims in finest:
        coarser = sorted((d for d in tables if set(d) < set(dims)), key=len, reverse=True)
        for margin in coarser:
            for cell in tables[margin]:
                _short(cell, n[cell], tables[dims], n, rest)
    for _again in finest:
        for one in finest:
            for other in finest:
                shared = tuple(sorted(set(one) & set(other)))
                if one != other and shared not in tables:
                    for cell, total in _margin(shared, tables[other], n, rest, other).items():
                        _short(cell, total, tables[one], n, rest, strict=False)
    return {cell: value for cell, value in rest.items() if value > 0}


def _margin(
    shared: tuple[str, ...],
    cells: Sequence[Key],
    n: Mapping[Key, float],
    rest: Mapping[Key, float],
    dims: tuple[str, ...],
) -> dict[Key, float]:
    made: dict[Key, float] = {}
    for cell in [*cells, *(r for r in rest if dims_of(r) == dims)]:
        known = dict(cell)
        margin = key({d: known[d] for d in shared})
        made[margin] = made.get(margin, 0.0) + n.get(cell, rest.get(cell, 0.0))
    return made


def _short(
    cell: Key,
    total: float,
    listed: Sequence[Key],
    n: Mapping[Key, float],
    rest: dict[Key, float],
    *,
    strict: bool = True,
) -> None:
    """What a finer table lacks of a cell becomes a part of its own."""
    wanted, dims = set(cell), dims_of(listed[0])
    parts = sum(n[c] for c in listed if wanted <= set(c))
    parts += sum(v for c, v in rest.items() if dims_of(c) == dims and wanted <= set(c))
    if total < parts and strict:
        raise DisclosureError(
            _("A cell tells of {n} persons, its parts of {m}.", n=int(total), m=int(parts)),
            expected=_("parts that count each person once"),
            remedy=_("name in repeated= the columns along which the same persons are counted again"),
        )
    if total > parts:
        known = dict(cell)
        left = key({d: known.get(d, REST) for d in dims})
        rest[left] = rest.get(left, 0.0) + total - parts


@dataclass(frozen=True)
class Additive:
    """A statistic that adds up over cells, after multiplication with another (`times`) where it is a mean.

    Attributes
    ----------
    values
        What adds up, in each cell that has it.
    share
        Whether it counts persons with an attribute.
    """

    measure: Measure
    values: Mapping[Key, float]
    share: bool = False
    lattice: Lattice = field(repr=False, default=None)  # type: ignore[assignment]


def statistics(sheets: Sequence[Sheet], tables: Linked) -> list[Additive | Measure]:
    """Each statistic of the tables, with the sums an attacker can make of it.

    A statistic is tried by itself, times the count, and times every total: what holds in all coarser cells adds up.
    """
    found: dict[str, dict[Key, float]] = {}
    for own in sheets:
        for name, values in own.statistics().items():
            cells = found.setdefault(name, {})
            for cell, value in values.items():
                if cell in cells and cells[cell] != value and math.isfinite(value) and math.isfinite(cells[cell]):
                    raise DisclosureError(
                        _("Two tables give the statistic {name} of one cell differently.", name=name),
                        remedy=_("protect tables of different variables in calls of their own"),
                    )
                cells[cell] = value
    counts = {column for own in sheets for column in own.counts}
    made: list[Additive | Measure] = []
    totals: dict[str, Mapping[Key, float]] = {"n": tables.n}
    for name, values in found.items():
        if (whole := _adding(name, values, "", {})) is not None:
            made.append(replace(whole, share=name in counts))
            totals[name] = whole.values
    for name, values in found.items():
        if name in totals:
            continue
        means = (_adding(name, values, times, weights) for times, weights in totals.items())
        made.append(next((m for m in means if m is not None), Measure(name, "other")))
    return made


def _adding(name: str, values: Mapping[Key, float], times: str, weights: Mapping[Key, float]) -> Additive | None:
    product = {
        cell: value * weights.get(cell, math.nan) if times else value
        for cell, value in values.items()
        if math.isfinite(value * (weights.get(cell, math.nan) if times else 1.0))
    }
    if len(_tables(list(product))) < 2:
        return None  # nothing to add up to
    own = lattice(_tables(list(product)))
    largest = max(abs(v) for v in product.values()) or 1.0
    coarse = [cell for cell in product if dims_of(cell) not in own.finest]
    for cell in coarse:
        parts = own.parts[own.home(cell)]
        total = sum(product[parts[i]] for i in own.children(cell))
        if abs(total - product[cell]) > 1e-6 * largest:
            return None
    if not coarse and not _agree(own, product, largest):
        return None
    share = times == "n" and all(-1e-9 <= v <= 1 + 1e-9 for v in values.values()) and _whole(product.values())
    nonnegative = min(product.values()) >= 0
    kind = "mean" if times else "total"
    return Additive(Measure(name, kind, times, nonnegative), product, share, own)


def _whole(values: object) -> bool:
    return all(abs(v - round(v)) < 1e-6 * max(1.0, abs(v)) for v in values)  # type: ignore[attr-defined]


def _agree(own: Lattice, product: Mapping[Key, float], largest: float) -> bool:
    """Whether two finest tables have the same sums over what they share."""
    for i, one in enumerate(own.finest):
        for j in range(i):
            shared = tuple(sorted(set(one) & set(own.finest[j])))
            left = _margin(shared, own.parts[i], product, {}, one)
            right = _margin(shared, own.parts[j], product, {}, own.finest[j])
            if any(abs(left.get(c, 0.0) - right.get(c, 0.0)) > 1e-6 * largest for c in {*left, *right}):
                return False
    return True


def pattern(
    tables: Linked,
    support: Mapping[Key, Support],
    adding: Sequence[Additive],
    rule: Guarding,
    found: Collection[Key] = (),
) -> tuple[set[Key], set[Key]]:
    """Cells below the rule, and all that must be hidden.

    The protection level: an attacker must not be able to rule out that a cell of fewer than `min_n` persons holds none,
    nor that it holds `min_n`; of every other hidden cell not anything within `min_n` / 2 or `p_percent` of the truth,
    and of every total in a hidden cell not anything within `p_percent`. The first part is what makes sums of hidden
    cells keep the rule, too: two cells of 3 and 4 persons beside a printed remainder would tell of 7. Cells in `found`,
    hidden for others and worked out by an audit, are protected, too.
    """
    primary = {cell for cell, s in support.items() if s.below(rule)}
    aimed = [
        *(c for c in tables.cells if c in primary or c in found),
        *(c for c, n in tables.rest.items() if 0 < n < rule.min_n),
    ]
    if not aimed:
        return primary, primary
    cells = list(tables.cells)
    place = {cell: i for i, cell in enumerate(cells)}
    needs = [*_counts(tables, cells, aimed, rule), *(_sums_of(a, place, aimed, rule) for a in adding)]
    n = np.array([tables.n[c] for c in cells])
    worth = 1.0 + n / max(n.max(), 1.0)
    hidden = hide([need for need in needs if len(need.high)], np.array([c in primary for c in cells]), worth)
    return primary, {cell for cell, gone in zip(cells, hidden, strict=True) if gone}


def _counts(tables: Linked, cells: Sequence[Key], aimed: Sequence[Key], rule: Guarding) -> list[Need]:
    """The counts as they are, which digits of a mean may tell, and as they are printed."""
    n = np.array([tables.all[c] for c in aimed])
    near = rule.p_percent / 100
    room = np.maximum(rule.min_n / 2, n * near)
    low = np.where(n < rule.min_n, 0.0, n - room)
    high = np.where(n < rule.min_n, float(rule.min_n), n + room)
    every = np.arange(len(cells))
    made = [Need(exact(tables.lattice, cells, np.array([tables.n[c] for c in cells]), aimed), every, low, high)]
    if rule.base > 1:
        printed = tables.printed(rule.base)
        roundings = [Rounding(parts, rule.base // 2) for parts in tables.lattice.parts]
        shown = [(c, tables.lattice.home(c)) for c in cells]
        system = rounded(tables.lattice, roundings, shown, np.array([printed[c] for c in cells]), aimed)
        made.append(Need(system, every, low, high))
    return made


def _sums_of(adding: Additive, place: Mapping[Key, int], aimed: Sequence[Key], rule: Guarding) -> Need:
    cells = list(adding.values)
    x = np.array([adding.values[c] for c in cells])
    largest = np.abs(x).max() or 1.0
    own = [c for c in aimed if c in adding.values and (adding.values[c] != 0 or adding.share)]
    at = np.array([adding.values[c] for c in own])
    near = rule.p_percent / 100 * np.abs(at)
    low, high = at - near, at + near
    if adding.share:
        low, high = np.where(at < rule.min_n, 0.0, low), np.where(at < rule.min_n, float(rule.min_n), high)
    system = exact(adding.lattice, cells, x / largest, own, nonnegative=adding.measure.nonnegative)
    return Need(system, np.array([place[c] for c in cells]), low / largest, high / largest)
