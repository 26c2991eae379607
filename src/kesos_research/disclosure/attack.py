"""What an attacker can work out: the range of each hidden cell, by linear programming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from kesos_research.disclosure.lattice import Key, Lattice, Matrix


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

    known: Matrix
    low: np.ndarray
    high: np.ndarray
    cells: Matrix
    printed: np.ndarray
    targets: Matrix
    slack: np.ndarray
    nonnegative: bool = True

    @cached_property
    def matrix(self) -> Matrix:
        """Every row: the cells, then what else is known."""
        return sparse.vstack([self.cells, self.known], format="csc")

    @cached_property
    def changing(self) -> Matrix:
        """The same with a change up and a change down of every cell."""
        unit = sparse.eye_array(self.cells.shape[0])
        nothing = sparse.csr_array((self.known.shape[0], 2 * self.cells.shape[0]))
        change = sparse.vstack([sparse.hstack([-unit, unit]), nothing])
        return sparse.hstack([self.matrix, change], format="csc")

    def sides(self, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The bounds of these rows where some cells are hidden."""
        low = np.concatenate([np.where(hidden, -np.inf, self.printed), self.low])
        return low, np.concatenate([np.where(hidden, np.inf, self.printed), self.high])

    @property
    def floor(self) -> float:
        return 0.0 if self.nonnegative else -np.inf

    def aim(self, target: int) -> np.ndarray:
        """The row of one target."""
        row = np.zeros(self.targets.shape[1])
        first, last = self.targets.indptr[target], self.targets.indptr[target + 1]
        row[self.targets.indices[first:last]] = self.targets.data[first:last]
        return row


@dataclass(frozen=True)
class Reached:
    """The end of an attack: how far it came, and at which point; `possible` is false where nothing fits."""

    value: float
    point: np.ndarray | None
    possible: bool = True


def reach(system: System, hidden: np.ndarray, objective: np.ndarray) -> Reached:
    """The largest value of `objective` · z that fits what is printed.

    Parameters
    ----------
    system
        What is known.
    hidden
        (c,) true where a cell is not printed.
    objective
        (z,)
    """
    low, high = system.sides(hidden)
    return _ended(_solved(-objective, system.matrix, low, high, least=np.full(len(objective), system.floor)))


def together(
    system: System, hidden: np.ndarray, rows: Matrix, goals: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """One point where as many `rows` · z as possible come near their goals: the rows' values, and the cells'.

    The largest sum of what lies between a start beneath all goals and each. None where there is no end to it.
    """
    more, width = rows.shape[0], rows.shape[1]
    start = np.minimum(goals, 0.0) - 1.0
    low, high = system.sides(hidden)
    # s ≤ rows · z − start, 0 ≤ s ≤ goal − start
    nothing = sparse.csr_array((system.matrix.shape[0], more))
    matrix = sparse.block_array([[system.matrix, nothing], [rows, -sparse.eye_array(more)]], format="csc")
    ended = _solved(
        np.concatenate([np.zeros(width), -np.ones(more)]),
        matrix,
        np.concatenate([low, start]),
        np.concatenate([high, np.full(more, np.inf)]),
        least=np.concatenate([np.full(width, system.floor), np.zeros(more)]),
        most=np.concatenate([np.full(width, np.inf), goals - start]),
    )
    if ended.x is None:
        return None
    return rows @ ended.x[:width], system.cells @ ended.x[:width]


def carry(system: System, hidden: np.ndarray, row: np.ndarray, goal: float, worth: np.ndarray) -> np.ndarray | None:
    """The cells' values where `row` · z reaches `goal` and the printed cells of least worth change least.

    None where nothing reaches it.
    """
    cells, width = len(hidden), len(row)
    cost = np.concatenate([np.zeros(width), *[np.where(hidden, 0.0, worth)] * 2])
    low, high = system.sides(np.zeros(cells, bool))
    aim = sparse.csr_array(np.concatenate([row, np.zeros(2 * cells)])[None])
    found = _solved(
        cost,
        sparse.vstack([system.changing, aim], format="csc"),
        np.append(low, goal),
        np.append(high, np.inf),
        least=np.concatenate([np.full(width, system.floor), np.zeros(2 * cells)]),
    )
    return None if found.x is None else system.cells @ found.x[:width]


def prices(system: System, hidden: np.ndarray, objective: np.ndarray) -> np.ndarray:
    """How much farther `reach` would come if the value of each printed cell were one larger; 0 for hidden cells."""
    from scipy.optimize import linprog

    shown, equal = ~hidden, system.low == system.high
    made = np.zeros(len(hidden))
    loose = system.known[~equal]
    found = linprog(
        -objective,
        A_eq=sparse.vstack([system.cells[shown], system.known[equal]], format="csr"),
        b_eq=np.concatenate([system.printed[shown], system.low[equal]]),
        A_ub=sparse.vstack([loose, -loose], format="csr") if loose.shape[0] else None,
        b_ub=np.concatenate([system.high[~equal], -system.low[~equal]]) if loose.shape[0] else None,
        bounds=(system.floor, None),
        method="highs",
    )
    if found.status == 0:
        made[shown] = -found.eqlin.marginals[: shown.sum()]
    return made


_UNBOUNDED, _EITHER = 3, 4


def _solved(
    cost: np.ndarray,
    matrix: Matrix,
    low: np.ndarray,
    high: np.ndarray,
    *,
    least: np.ndarray,
    most: np.ndarray | float = np.inf,
) -> Any:
    # a linear program: `milp` takes rows with two sides, and hiding a cell is then a change of sides only
    import scipy.optimize

    tools: Any = scipy.optimize  # its stubs take no arrays as bounds

    limits, bounds = tools.LinearConstraint(matrix, low, high), tools.Bounds(least, most)
    found = tools.milp(cost, constraints=limits, bounds=bounds)
    if found.status == _EITHER:
        feasible = tools.milp(np.zeros(len(cost)), constraints=limits, bounds=bounds)
        found.status = _UNBOUNDED if feasible.status == 0 else 2
    return found


def _ended(found: Any) -> Reached:
    if found.status == _UNBOUNDED:
        return Reached(np.inf, None)
    return Reached(-np.inf, None, possible=False) if found.x is None else Reached(-found.fun, found.x)


def interval(system: System, hidden: np.ndarray, target: int) -> tuple[float, float]:
    """The values that target may have, for all that is printed.

    Raises
    ------
    ValueError
        When what is printed contradicts itself: these are not tables of one population.
    """
    row = system.aim(target)
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
    :math:`|\sum t - r| \le half`. Where only cells of the one finest table are asked for, :math:`r` alone says the
    same: the truth lies within `half` of it.

    Parameters
    ----------
    roundings
        The finest tables.
    cells
        Each printed cell, and the rounding whose parts add up to it.
    """
    own = [_sums(rounding.parts, cells, place) for place, rounding in enumerate(roundings)]
    finest = set(lattice.parts[0]) if len(lattice.finest) == 1 else set()
    if len(roundings) == 1 and finest == set(roundings[0].parts) and finest.issuperset(targets):
        sums = _sums(roundings[0].parts, [(target, 0) for target in targets], 0)
        nothing, known = np.zeros(0), sparse.csr_array((0, sums.shape[1]))
        return System(known, nothing, nothing, own[0], values, sums, np.full(len(targets), float(roundings[0].half)))
    width = sum(len(rounding.parts) for rounding in roundings)
    parts = sparse.vstack([lattice.sums(rounding.parts) for rounding in roundings], format="csr")
    near = np.concatenate([np.full(len(rounding.parts), float(rounding.half)) for rounding in roundings])
    tie = sparse.hstack([parts, -sparse.eye_array(width)], format="csr")
    links, alike = lattice.links, _alike(roundings)
    zero, same = np.zeros(links.shape[0]), np.zeros(alike.shape[0])
    links = sparse.hstack([links, sparse.csr_array((links.shape[0], width))])
    alike = sparse.hstack([sparse.csr_array((alike.shape[0], lattice.base)), alike])
    return System(
        known=sparse.csr_array(sparse.vstack([links, tie, alike])),
        low=np.concatenate([zero, -near, same]),
        high=np.concatenate([zero, near, same]),
        cells=sparse.csr_array(sparse.hstack([sparse.csr_array((len(cells), lattice.base)), *own])),
        printed=values,
        targets=sparse.csr_array(sparse.hstack([lattice.sums(targets), sparse.csr_array((len(targets), width))])),
        slack=np.zeros(len(targets)),
    )


def _alike(roundings: Sequence[Rounding]) -> Matrix:
    """Rows that are zero where one cell was rounded to the same in two tables."""
    width = sum(len(rounding.parts) for rounding in roundings)
    first: dict[tuple[Key, int], int] = {}
    pairs: list[tuple[int, int]] = []
    place = 0
    for rounding in roundings:
        for part in rounding.parts:
            known = first.setdefault((part, rounding.half), place)
            if known != place:
                pairs.append((known, place))
            place += 1
    at = np.array(pairs, int).reshape(-1, 2)
    rows = np.repeat(np.arange(len(at)), 2)
    return sparse.csr_array((np.tile([1.0, -1.0], len(at)), (rows, at.ravel())), shape=(len(at), width))


def _sums(parts: Sequence[Key], cells: Sequence[tuple[Key, int]], place: int) -> Matrix:
    """(cells, parts): a one where a printed cell is summed from a part of the rounding at `place`."""
    sets = [frozenset(part) for part in parts]
    made = [[i for i, part in enumerate(sets) if home == place and part.issuperset(cell)] for cell, home in cells]
    pointer = np.concatenate([[0], np.cumsum([len(found) for found in made])]).astype(int)
    columns = np.array([i for found in made for i in found], int)
    return sparse.csr_array((np.ones(len(columns)), columns, pointer), shape=(len(cells), len(parts)))
