r"""Which further cells must be hidden so that no hidden cell can be worked out.

The problem of complementary cell suppression: hide cells of the least worth :math:`\sum_i w_i y_i` so that for every
protected cell :math:`k` the attacker's range reaches from :math:`L_k` to :math:`U_k`. First a plan by linear programs,
one protected cell after the other: the cheapest change of printed values that carries cell :math:`k` to its goal,

.. math:: \min \sum_{i \text{ shown}} w_i (p_i + m_i), \quad C z = v + p - m, \quad T_k z \ge U_k, \quad z, p, m \ge 0,

hides the cells it touches; then cells are shown again, the most worth first, as long as all goals stay in reach. Small
tables are solved exactly afterwards, by cuts: an attack that falls short has dual prices :math:`\pi`, and hiding helps
only if

.. math:: \sum_{\pi_i > 0} M y_i + \sum_{\pi_i < 0} |\pi_i| v_i y_i \ge U_k - \max T_k z,

every coefficient cut down to the right-hand side.

References
----------
Kelly, J. P., Golden, B. L., & Assad, A. A. (1992). Cell suppression: disclosure protection for sensitive tabular data.
Networks, 22(4), 397–417.

Fischetti, M., & Salazar-González, J. J. (2001). Solving the cell suppression problem on tabular data with linear
constraints. Management Science, 47(7), 1008–1027.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from kesos_research.disclosure.attack import Reached, System, carry, prices, reach, together
from kesos_research.errors import DisclosureError
from kesos_research.language import _

CLOSE = 1e-6
_EXACT_CELLS = 60
_ROUNDS = 12
_NODES = 400
_BATCH = 8
"""Goals planned for one by one before all that are left are tried together again."""


@dataclass(frozen=True)
class Need:
    """One measure, and how wide an attacker's range of each protected cell must stay.

    Attributes
    ----------
    system
        What is known of the measure.
    cells
        (c,) place of each of the system's cells among all cells that can be hidden.
    low, high
        (k,) the range of each of the system's targets must hold both.
    """

    system: System
    cells: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def goals(self) -> Iterable[Goal]:
        for k in range(len(self.high)):
            yield Goal(k, 1.0, float(self.high[k] - self.system.slack[k]))
            yield Goal(k, -1.0, float(-self.low[k] - self.system.slack[k]))


@dataclass(frozen=True)
class Goal:
    """`sign` · target must be able to reach `value`."""

    target: int
    sign: float
    value: float

    @property
    def enough(self) -> float:
        return self.value - CLOSE * max(1.0, abs(self.value))


@dataclass
class _Proof:
    """For each goal, one point that reaches it: the value every cell would have there."""

    need: Need
    points: dict[Goal, np.ndarray] = field(default_factory=dict)

    def leaning(self, cell: int) -> list[Goal]:
        """Goals whose point needs this cell to be hidden."""
        places = np.flatnonzero(self.need.cells == cell)
        printed = self.need.system.printed[places]
        room = CLOSE * np.maximum(1.0, np.abs(printed))
        return [g for g, at in self.points.items() if (np.abs(at[places] - printed) > room).any()]


def hide(needs: Sequence[Need], primary: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """The cells to hide: those in `primary`, and as few others as protect them.

    Parameters
    ----------
    needs
        Every measure that an attacker can add up.
    primary
        (cells,) true where a cell is below the rule.
    worth
        (cells,) what is lost by hiding each; positive.

    Returns
    -------
    ndarray
        (cells,) true where hidden. The same input gives the same pattern.

    Raises
    ------
    DisclosureError
        When even hiding everything else leaves a cell in reach.
    """
    proofs = [_Proof(need) for need in needs]
    planned = _planned(proofs, primary, worth)
    spared = _spared(proofs, primary, worth, planned)
    if len(primary) > _EXACT_CELLS or (spared == primary).all():
        return spared
    better = _exact(needs, primary, worth)
    return spared if better is None or worth[better].sum() > worth[spared].sum() - CLOSE else better


def short(need: Need, hidden: np.ndarray) -> list[tuple[Goal, float]]:
    """The goals that an attacker can rule out, and how far short they fall."""
    own = hidden[need.cells]
    left, _points = _unreached(need.system, own, need.goals)
    lacking: list[tuple[Goal, float]] = []
    while left:
        ended = _attack(need.system, own, left[0])
        if ended.value < left[0].enough:
            lacking.append((left[0], left[0].value - ended.value))
        reached = _reached_at(need.system, ended, left)
        left = [goal for goal in left if goal not in reached]
    return lacking


def _attack(system: System, own: np.ndarray, goal: Goal) -> Reached:
    return reach(system, own, goal.sign * system.aim(goal.target))


def _unreached(system: System, own: np.ndarray, goals: Iterable[Goal]) -> tuple[list[Goal], dict[Goal, np.ndarray]]:
    """Goals that no common point reaches yet, and the cells' values where the others are reached.

    One point answers for many goals of one direction.
    """
    asked = list(goals)
    reached: dict[Goal, np.ndarray] = {}
    for sign in (1.0, -1.0):
        left = [g for g in asked if g.sign == sign]
        while len(left) > 1:
            rows = sign * system.targets[[g.target for g in left]]
            ended = together(system, own, rows, np.array([g.value for g in left]))
            if ended is None:
                break
            now = [g for g, value in zip(left, ended[0], strict=True) if value >= g.enough]
            if not now:
                break
            reached |= dict.fromkeys(now, ended[1])
            left = [g for g in left if g not in reached]
    return [g for g in asked if g not in reached], reached


def _planned(proofs: Sequence[_Proof], primary: np.ndarray, worth: np.ndarray) -> np.ndarray:
    hidden = primary.copy()
    for proof in proofs:
        system, cells = proof.need.system, proof.need.cells
        left = list(proof.need.goals)
        while left:
            left, points = _unreached(system, hidden[cells], left)
            proof.points |= points
            left.sort(key=lambda g: (-g.value, g.target, g.sign))
            for goal in left[:_BATCH]:
                at = carry(system, hidden[cells], goal.sign * system.aim(goal.target), goal.value, worth[cells])
                if at is None:
                    raise DisclosureError(
                        _("The hidden cells of these tables cannot be protected."),
                        remedy=_("show fewer dimensions, coarser categories, or fewer tables of one population"),
                    )
                moved = np.abs(at - system.printed) > CLOSE * np.maximum(1.0, np.abs(system.printed))
                hidden[cells[moved]] = True
                proof.points[goal] = at
            left = left[_BATCH:]
    return hidden


def _spared(proofs: Sequence[_Proof], primary: np.ndarray, worth: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Show again what need not be hidden, the most worth first."""
    hidden = hidden.copy()
    extra = np.flatnonzero(hidden & ~primary)
    for cell in extra[np.argsort(-worth[extra], kind="stable")]:
        hidden[cell] = False
        found: list[dict[Goal, np.ndarray]] = []
        for proof in proofs:
            points = _without(proof, cell, hidden)
            if points is None:
                hidden[cell] = True
                break
            found.append(points)
        else:
            for proof, points in zip(proofs, found, strict=True):
                proof.points |= points
    return hidden


def _without(proof: _Proof, cell: int, hidden: np.ndarray) -> dict[Goal, np.ndarray] | None:
    """New points for the goals whose old ones need the cell hidden; None where a goal is out of reach now."""
    system, own = proof.need.system, hidden[proof.need.cells]
    left, points = _unreached(system, own, proof.leaning(cell))
    while left:
        ended = _attack(system, own, left[0])
        if ended.value < left[0].enough:
            return None
        points |= _reached_at(system, ended, left)
        left = [goal for goal in left if goal not in points]
    return points


def _reached_at(system: System, ended: Reached, left: Sequence[Goal]) -> dict[Goal, np.ndarray]:
    """The first goal, and those that the same point reaches."""
    if ended.point is None:
        return {left[0]: np.full(system.cells.shape[0], np.inf)}
    cells: np.ndarray = system.cells @ ended.point
    at = system.targets @ ended.point
    return dict.fromkeys([left[0], *(g for g in left[1:] if g.sign * at[g.target] >= g.enough)], cells)


@dataclass(frozen=True)
class _Cut:
    """coefficients · y ≥ 1."""

    places: np.ndarray
    coefficients: np.ndarray


def _exact(needs: Sequence[Need], primary: np.ndarray, worth: np.ndarray) -> np.ndarray | None:
    """The pattern of least worth, or None where it was not found within the limits of rounds and nodes."""
    cuts: list[_Cut] = []
    hidden: np.ndarray | None = primary
    for _round in range(_ROUNDS):
        found = [_cut(need, hidden[need.cells], *lacking) for need in needs for lacking in short(need, hidden)]
        if not found:
            return hidden
        cuts += found
        hidden = _least(cuts, primary, worth)
        if hidden is None:
            return None
    return None


def _cut(need: Need, own: np.ndarray, goal: Goal, lacking: float) -> _Cut:
    price = prices(need.system, own, goal.sign * need.system.aim(goal.target))
    room = np.abs(need.system.printed) if need.system.nonnegative else np.full(len(price), np.inf)
    with np.errstate(invalid="ignore"):
        gain = np.where(price > CLOSE, np.inf, np.where(price < -CLOSE, -price * room, 0.0))
    gain = np.minimum(np.nan_to_num(gain, nan=0.0, posinf=np.inf), lacking) / lacking
    used = (gain > CLOSE) & ~own
    # where two of the system's cells are one cell, the larger gain counts
    places, where = np.unique(need.cells[used], return_inverse=True)
    best = np.zeros(len(places))
    np.maximum.at(best, where, gain[used])
    return _Cut(places, best)


def _least(cuts: Sequence[_Cut], primary: np.ndarray, worth: np.ndarray) -> np.ndarray | None:
    """The cheapest pattern that keeps all cuts; None where it was not found within the limit of nodes."""
    import scipy.optimize

    tools: Any = scipy.optimize  # its stubs take no arrays as bounds

    matrix = sparse.csr_array(
        (
            np.concatenate([c.coefficients for c in cuts]),
            np.concatenate([c.places for c in cuts]),
            np.concatenate([[0], np.cumsum([len(c.places) for c in cuts])]),
        ),
        shape=(len(cuts), len(primary)),
    )
    found = tools.milp(
        worth,
        constraints=tools.LinearConstraint(matrix, lb=np.full(len(cuts), 1.0 - 1e-9)),
        bounds=tools.Bounds(primary.astype(float), np.ones(len(primary))),
        integrality=np.ones(len(primary)),
        options={"node_limit": _NODES},  # never a limit of time: the same pattern every time
    )
    return found.x > 0.5 if found.status == 0 else None
