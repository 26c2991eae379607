"""What an attacker can work out: the range of each hidden cell, by linear programming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from kesos_research.disclosure.lattice import Key, Lattice


@dataclass(frozen=True)
class System:
    r"""What is known of one measure, as an attacker writes it down.

    Unknown :math:`z`, with :math:`low \le A z \le high`, :math:`C_i z = v_i` for every printed cell, :math:`z \ge 0`
    where the measure is known not to be negative. The truth about target :math:`k` lies within `slack[k]` of
    :math:`T_k z`.

    Attributes
    ----------
    known, low, high
        (m, z) matrix :math:`A` and its bounds.
    cells, printed
        (c, z) matrix :math:`C` and the value :math:`v` of each cell, hidden ones too.
    targets, slack
        (k, z) matrix :math:`T`, and the distance rounding leaves.
    nonnegative
        Whether :math:`z \ge 0`.
    """

    known: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    cells: sparse.csr_array
    printed: np.ndarray
    targets: sparse.csr_array
    slack: np.ndarray
    nonnegative: bool = True

    @cached_property
    def fixed(self) -> np.ndarray:
        return self.low == self.high


@dataclass(frozen=True)
class Reached:
    """The end of an attack: how far it came, at which point, and the price of each printed cell."""

    value: float
    point: np.ndarray | None
    prices: np.ndarray
    """How much farther it would come if the cell's value were one larger; zero for hidden cells."""
    possible: bool = True


Extra = tuple[sparse.csr_array, np.ndarray, np.ndarray]
"""``(matrix, bound, tops)``: more unknowns s, between zero and `tops`, and rows `matrix` (·, z + s) ≤ `bound`."""


def reach(system: System, hidden: np.ndarray, objective: np.ndarray, extra: Extra | None = None) -> Reached:
    """The largest value of `objective` · z that fits what is printed.

    Parameters
    ----------
    system
        What is known.
    hidden
        (c,) true where a cell is not printed.
    objective
        (z,) or, with `extra`, (z + s,).
    """
    shown = ~hidden
    equal = sparse.vstack([system.cells[shown], system.known[system.fixed]], format="csr")
    b_equal = np.concatenate([system.printed[shown], system.low[system.fixed]])
    found = _solved(system, -objective, equal, b_equal, extra)
    prices = np.zeros(len(hidden))
    if found.status == _UNBOUNDED:
        return Reached(np.inf, None, prices)
    if found.status != 0:
        return Reached(-np.inf, None, prices, possible=False)
    prices[shown] = -found.eqlin.marginals[: shown.sum()]
    return Reached(-found.fun, found.x[: system.cells.shape[1]], prices)


def carry(system: System, hidden: np.ndarray, row: np.ndarray, goal: float, worth: np.ndarray) -> np.ndarray | None:
    """The cells' values where `row` · z reaches `goal` and the printed cells of least worth change least.

    None where nothing reaches it.
    """
    shown, width = np.flatnonzero(~hidden), system.cells.shape[1]
    more = len(shown)
    change = sparse.hstack([system.cells[shown], -sparse.eye_array(more), sparse.eye_array(more)], format="csr")
    fixed = _wider(system.known[system.fixed], 2 * more)
    cost = np.concatenate([np.zeros(width), worth[shown], worth[shown]])
    aim = sparse.csr_array(np.concatenate([-row, np.zeros(2 * more)])[None])
    found = _solved(
        system,
        cost,
        sparse.vstack([change, fixed], format="csr"),
        np.concatenate([system.printed[shown], system.low[system.fixed]]),
        (aim, np.array([-goal]), np.full(2 * more, np.inf)),
    )
    return system.cells @ found.x[:width] if found.status == 0 else None


_UNBOUNDED = 3


def _solved(system: System, cost: np.ndarray, equal: sparse.csr_array, b_equal: np.ndarray, extra: Extra | None) -> Any:
    from scipy.optimize import linprog

    width = system.cells.shape[1]
    wide = len(cost) - width
    loose = ~system.fixed
    upper = _wider(sparse.vstack([system.known[loose], -system.known[loose]], format="csr"), wide)
    b_upper = np.concatenate([system.high[loose], -system.low[loose]])
    low = np.concatenate([np.full(width, 0.0 if system.nonnegative else -np.inf), np.zeros(wide)])
    high = np.full(width + wide, np.inf)
    if extra is not None:
        matrix, bound, high[width:] = extra
        upper, b_upper = sparse.vstack([upper, matrix], format="csr"), np.concatenate([b_upper, bound])
    return linprog(
        cost,
        A_ub=upper if upper.shape[0] else None,
        b_ub=b_upper if upper.shape[0] else None,
        A_eq=_wider(equal, len(cost) - equal.shape[1]),
        b_eq=b_equal,
        bounds=np.column_stack([low, high]),
        method="highs",
    )


def _wider(matrix: sparse.csr_array, more: int) -> sparse.csr_array:
    if not more:
        return matrix
    return sparse.hstack([matrix, sparse.csr_array((matrix.shape[0], more))], format="csr")


def interval(system: System, hidden: np.ndarray, target: int) -> tuple[float, float]:
    """The values that target may have, for all that is printed.

    Raises
    ------
    ValueError
        When what is printed contradicts itself: these are not tables of one population.
    """
    row = system.targets[[target]].toarray()[0]
    high, low = reach(system, hidden, row), reach(system, hidden, -row)
    if not (high.possible and low.possible):
        raise ValueError("the printed cells contradict each other")
    slack = system.slack[target]
    return -low.value - slack, high.value + slack


def exact(
    lattice: Lattice, cells: Sequence[Key], values: np.ndarray, targets: Sequence[Key], *, nonnegative: bool = True
) -> System:
    """What is known where cells are printed as they are."""
    links = lattice.links
    zero = np.zeros(links.shape[0])
    return System(
        known=links,
        low=zero,
        high=zero,
        cells=lattice.sums(cells),
        printed=values,
        targets=lattice.sums(targets),
        slack=np.zeros(len(targets)),
        nonnegative=nonnegative,
    )


def rounded(lattice: Lattice, cells: Sequence[Key], values: np.ndarray, targets: Sequence[Key], base: int) -> System:
    r"""What is known where the finest cells were rounded and every other is a sum of rounded cells.

    With one finest table the unknowns are its rounded cells :math:`r`, and the truth of a sum of m of them lies within
    :math:`m \lfloor base/2 \rfloor`. With several, each has its own :math:`r`, and the true base cells :math:`t` bind
    them: :math:`|\sum t - r| \le \lfloor base/2 \rfloor`.
    """
    half = base // 2
    own = [_own(lattice, cells, i) for i in range(len(lattice.finest))]
    if len(lattice.finest) == 1:
        sums = _of_parts(lattice, targets)
        nothing = np.zeros(0)
        known = sparse.csr_array((0, sums.shape[1]))
        return System(known, nothing, nothing, own[0], values, sums, half * np.asarray(sums.sum(axis=1)).ravel())
    widths = [len(part) for part in lattice.parts]
    parts = sparse.vstack([lattice.sums(part) for part in lattice.parts], format="csr")
    tie = sparse.hstack([parts, -sparse.eye_array(sum(widths))], format="csr")
    links = sparse.hstack([lattice.links, sparse.csr_array((lattice.links.shape[0], sum(widths)))], format="csr")
    zero, near = np.zeros(links.shape[0]), np.full(tie.shape[0], float(half))
    blank = sparse.csr_array((len(cells), lattice.base))
    return System(
        known=sparse.vstack([links, tie], format="csr"),
        low=np.concatenate([zero, -near]),
        high=np.concatenate([zero, near]),
        cells=sparse.hstack([blank, *own], format="csr"),
        printed=values,
        targets=sparse.hstack([lattice.sums(targets), sparse.csr_array((len(targets), sum(widths)))], format="csr"),
        slack=np.zeros(len(targets)),
    )


def _own(lattice: Lattice, cells: Sequence[Key], table: int) -> sparse.csr_array:
    """(cells, parts of the table): a one where a printed cell is summed from a part of this table."""
    made = sparse.lil_array((len(cells), len(lattice.parts[table])))
    for i, cell in enumerate(cells):
        if lattice.home(cell) == table:
            for child in lattice.children(cell):
                made[i, child] = 1.0
    return made.tocsr()


def _of_parts(lattice: Lattice, targets: Sequence[Key]) -> sparse.csr_array:
    return _own(lattice, targets, 0)
