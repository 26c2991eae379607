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


@dataclass(frozen=True)
class Rounding:
    """Cells that were rounded one by one, each by at most `half`: a finest table."""

    parts: Sequence[Key]
    half: int


def rounded(
    lattice: Lattice,
    roundings: Sequence[Rounding],
    cells: Sequence[tuple[Key, int]],
    values: np.ndarray,
    targets: Sequence[Key],
) -> System:
    r"""What is known where finest cells were rounded and every other printed count is a sum of rounded cells.

    The unknowns are the rounded cells :math:`r` of each rounding and the true base cells :math:`t`, which bind them:
    :math:`|\sum t - r| \le half`. With one rounding of the lattice's only finest table, :math:`r` alone says the same:
    the truth of a sum of m of them lies within :math:`m \cdot half`.

    Parameters
    ----------
    roundings
        The finest tables.
    cells
        Each printed cell, and the rounding whose parts add up to it.
    """
    own = [_sums(rounding.parts, cells, place) for place, rounding in enumerate(roundings)]
    if len(lattice.finest) == 1 and len(roundings) == 1 and set(roundings[0].parts) == set(lattice.parts[0]):
        sums = _sums(roundings[0].parts, [(target, 0) for target in targets], 0)
        nothing, known = np.zeros(0), sparse.csr_array((0, sums.shape[1]))
        slack = roundings[0].half * np.asarray(sums.sum(axis=1)).ravel()
        return System(known, nothing, nothing, own[0], values, sums, slack)
    width = sum(len(rounding.parts) for rounding in roundings)
    parts = sparse.vstack([lattice.sums(rounding.parts) for rounding in roundings], format="csr")
    near = np.concatenate([np.full(len(rounding.parts), float(rounding.half)) for rounding in roundings])
    tie = sparse.hstack([parts, -sparse.eye_array(width)], format="csr")
    zero = np.zeros(lattice.links.shape[0])
    return System(
        known=sparse.vstack([_wider(lattice.links, width), tie], format="csr"),
        low=np.concatenate([zero, -near]),
        high=np.concatenate([zero, near]),
        cells=sparse.hstack([sparse.csr_array((len(cells), lattice.base)), *own], format="csr"),
        printed=values,
        targets=_wider(lattice.sums(targets), width),
        slack=np.zeros(len(targets)),
    )


def _sums(parts: Sequence[Key], cells: Sequence[tuple[Key, int]], place: int) -> sparse.csr_array:
    """(cells, parts): a one where a printed cell is summed from a part of the rounding at `place`."""
    sets = [frozenset(part) for part in parts]
    made = [[i for i, part in enumerate(sets) if home == place and part.issuperset(cell)] for cell, home in cells]
    pointer = np.concatenate([[0], np.cumsum([len(found) for found in made])]).astype(int)
    columns = np.array([i for found in made for i in found], int)
    return sparse.csr_array((np.ones(len(columns)), columns, pointer), shape=(len(cells), len(parts)))
