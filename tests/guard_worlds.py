"""Random tables of persons, and an attacker who knows nothing of the guard but what is printed.

The attacker writes down one dense linear program over the full cross of all printed categories, with scipy's linprog:
it shares no code with the guard's own lattice, systems or audit.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from kesos_research.disclosure import PersonRule, Protected, SmallStudyRule, protect
from kesos_research.estimates import Estimates

RULE = PersonRule(decided_by="A", population="world")
SMALL = SmallStudyRule(decided_by="A", approver="B", population="world")
KINDS = ("count", "total", "mean", "share")
Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class World:
    """Rows of persons, and the tables that somebody wants to show of them."""

    rows: pd.DataFrame
    tables: tuple[tuple[str, ...], ...]
    kind: str
    rule: PersonRule | SmallStudyRule

    @property
    def of(self) -> tuple[str, ...]:
        return {"count": (), "total": ("y",), "mean": ("y",), "share": ("poor",)}[self.kind]

    def estimates(self) -> list[Estimates]:
        return [_estimates(self.rows, table, self.kind) for table in self.tables]

    def protected(self) -> tuple[Protected, ...]:
        shown = protect(
            *self.estimates(),
            rule=self.rule,
            rows=self.rows,
            household="ruta",
            of=self.of,
            weight="w" if self.kind == "total" else None,
        )
        return shown if isinstance(shown, tuple) else (shown,)


def world(seed: int, *, most: int = 4) -> World:
    """One to four dimensions; counts, weighted totals, means or shares; whole or linked tables, with margins or not."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, most + 1))
    shape = [int(rng.integers(2, (9, 6, 4, 3)[d - 1] + 1)) for _ in range(d)]
    mean = float(rng.choice([6.0, 15.0, 40.0]))
    n = rng.poisson(rng.gamma(1.2, mean / 1.2, size=shape))
    n.flat[0] += 12
    places = np.repeat(np.arange(n.size), n.ravel())
    rows = pd.DataFrame(np.column_stack(np.unravel_index(places, shape)), columns=[f"d{i}" for i in range(d)])
    rows = rows.astype(str)
    size = len(rows)
    rows = rows.assign(
        ruta=np.arange(size) // 3,
        w=rng.uniform(50, 200, size).round(1),
        y=rng.lognormal(13, 0.7, size).round(),
        poor=(rng.random(size) < rng.choice([0.2, 0.5])).astype(int),
    )
    return World(
        rows,
        _tables(rng, tuple(rows.columns[:d])),
        str(rng.choice(KINDS)),
        SMALL if rng.random() < 0.2 else RULE,
    )


def _tables(rng: np.random.Generator, dims: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    every = [s for r in range(len(dims) + 1) for s in itertools.combinations(dims, r)]
    if len(dims) < 2 or rng.random() < 0.5:
        return tuple(reversed(every))  # the whole cube with all margins
    if rng.random() < 0.5:
        return tuple(s for s in reversed(every) if len(s) < len(dims))  # linked: no table of all dimensions
    kept = [s for s in every if rng.random() < 0.6] or [dims]
    return tuple(reversed(kept))


def _estimates(rows: pd.DataFrame, by: tuple[str, ...], kind: str) -> Estimates:
    grouped = rows.groupby(list(by)) if by else [((), rows)]
    made = []
    for values, part in grouped:
        value = {
            "count": float(len(part)),
            "total": float((part["w"] * part["y"]).sum()),
            "mean": float(part["y"].mean()),
            "share": float(part["poor"].mean()),
        }[kind]
        made.append({**dict(zip(by, values, strict=True)), "term": kind, "estimate": value, "n": len(part)})
    table = pd.DataFrame(made)
    if kind == "count":
        table["estimate"] = np.nan
    method = {"count": "count", "total": "total", "mean": "mean", "share": "proportion"}[kind]
    return Estimates(table, method, "x", by=by)


def printed(shown: Sequence[Protected], tables: Sequence[tuple[str, ...]], column: str) -> dict[Cell, float | None]:
    """What a reader reads: the number in each cell, None where there is a dash."""
    made: dict[Cell, float | None] = {}
    for one, by in zip(shown, tables, strict=True):
        for row in one.table.to_dict("records"):
            value = row[column]
            made[tuple((d, str(row[d])) for d in sorted(by))] = None if pd.isna(value) else float(value)
    return made


@dataclass
class Attacker:
    """Ranges of hidden cells from printed ones.

    Attributes
    ----------
    cells
        What is printed.
    half
        How far rounding may have moved a finest cell; every other is known to be the sum of the finest table that
        refines it and comes first.
    """

    cells: Mapping[Cell, float | None]
    half: float = 0.0

    def __post_init__(self) -> None:
        self.names = list(self.cells)
        dims = sorted({d for cell in self.names for d, _v in cell})
        values = [sorted({v for cell in self.names for e, v in cell if e == d}) for d in dims]
        self.base = [dict(zip(dims, point, strict=True)) for point in itertools.product(*values)]
        groups = list(dict.fromkeys(frozenset(d for d, _v in cell) for cell in self.names))
        self.finest = [g for g in groups if not any(g < other for other in groups)]
        self.parts = [cell for cell in self.names if frozenset(d for d, _v in cell) in self.finest]
        listed = {g: {frozenset(c) for c in self.names if frozenset(d for d, _v in c) == g} for g in self.finest}
        # a combination that its table does not list holds nobody
        self.base = [b for b in self.base if all(frozenset((d, b[d]) for d in g) in listed[g] for g in self.finest)]

    def range(self, cell: Cell) -> tuple[float, float]:
        """The smallest and largest true value of a cell."""
        known, right, near, bound = self._system()
        aim = np.concatenate([self._over_base(cell), np.zeros(len(self.parts))])
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * aim, A_ub=near, b_ub=bound, A_eq=known, b_eq=right, method="highs")
            ends.append(sign * np.inf * -1 if found.status == 3 else sign * found.fun)
            assert found.status in (0, 3), found.message
        return ends[0], ends[1]

    def _system(self) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray, np.ndarray]:
        base, parts = len(self.base), len(self.parts)
        known, right = [], []
        for cell, value in self.cells.items():
            if value is not None:
                row = np.zeros(base + parts)
                home = next(g for g in self.finest if {d for d, _v in cell} <= g)
                for j, part in enumerate(self.parts):
                    if {d for d, _v in part} == home and set(cell) <= set(part):
                        row[base + j] = 1.0
                known.append(row)
                right.append(value)
        tie = np.array([np.concatenate([self._over_base(p), -np.eye(parts)[j]]) for j, p in enumerate(self.parts)])
        near = np.vstack([tie, -tie])
        return (
            np.array(known) if known else None,
            np.array(right) if known else None,
            near,
            np.full(2 * parts, self.half),
        )

    def _over_base(self, cell: Cell) -> np.ndarray:
        return np.array([float(all(b[d] == v for d, v in cell)) for b in self.base])


def hidden(cells: Mapping[Cell, float | None]) -> Iterator[Cell]:
    yield from (cell for cell, value in cells.items() if value is None)
