"""Poverty measures as means of a function of each row, and how they move with the line.

A measure is P_d = Σ w φ(y, z)/N_d over domain d; with an estimated line its influence has the further part
(∂P_d/∂z)·c, c the influence on the line. For the head count ∂P_d/∂z is the density of d at the line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.errors import MethodError, Where
from kesos_research.language import _
from kesos_research.methods import _inequality, _lines, _moments, _quantiles, _rows
from kesos_research.methods._estimate import Influence, Moments
from kesos_research.methods._lines import Line, RelativeLine
from kesos_research.methods._sample import Sample

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """φ(y, z): (n,) and ∂φ/∂z: (n,), or None where φ jumps at the line and its density takes that place."""

    phi: Callable[[Array, Array | float], Array]
    slope: Callable[[Array, Array | float], Array] | None


def foster_greer_thorbecke(order: float) -> Measure:
    """φ = (1 − y/z)^a for y < z: 0 the head count, 1 the gap, 2 its square."""
    if order == 0:
        return Measure(lambda y, z: (y < z).astype(float), None)
    if order == 1:
        return Measure(lambda y, z: np.maximum(1 - y / z, 0.0), lambda y, z: np.where(y < z, y / z**2, 0.0))
    return Measure(
        lambda y, z: np.maximum(1 - y / z, 0.0) ** order,
        lambda y, z: order * np.maximum(1 - y / z, 0.0) ** (order - 1) * np.where(y < z, y / z**2, 0.0),
    )


def orders(told: float | Sequence[float]) -> list[float]:
    """The powers a ≥ 0 that are asked for, one or several.

    Raises
    ------
    MethodError
        When there is none, or one is negative.
    """
    found = [_rows.nonnegative(a, "order") for a in ([told] if isinstance(told, int | float) else told)]
    if not found:
        raise MethodError(_("No order is given."), expected=_("0, 1, 2 or several of them"), where=Where(key="order"))
    return found


def watts() -> Measure:
    """φ = log(z/y) for y < z."""
    return Measure(lambda y, z: np.maximum(np.log(z / y), 0.0), lambda y, z: np.where(y < z, 1 / z, 0.0))


def statistic(
    sample: Sample, y: Array, line: float | str | RelativeLine, measures: Sequence[Measure]
) -> Moments | Callable[..., Influence]:
    """The measures in every domain, with the line's own error where it is estimated."""
    if not isinstance(line, RelativeLine):
        z = _lines.given(sample, line).z
        return Moments([None, *(m.phi(y, z) for m in measures)], _moments.means)
    layout = sample.layout

    def at(w: Array, *, linear: bool) -> Influence:
        found = _lines.estimated(y, w, line, linear=linear)
        phi = np.stack([m.phi(y, found.z) for m in measures])
        N = layout.totals(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            P = layout.totals(w * phi) / N
            if not linear or found.c is None:
                return Influence(P, np.empty((0, 0)))
            z = (phi - layout.spread(P)) / layout.spread(N)
            moves = np.stack([line_derivative(sample, y, w, m, found) for m in measures])
        return Influence(P, z, found.c[None], moves[:, None])

    return at


def line_derivative(sample: Sample, y: Array, w: Array, measure: Measure, line: Line) -> Array:
    """∂P_d/∂z of each domain: (D,)."""
    layout = sample.layout
    if measure.slope is not None:
        return layout.totals(w * measure.slope(y, line.z)) / layout.totals(w)
    ordered = _quantiles.order(y, w, layout.rows)
    z = np.full(layout.size, float(np.asarray(line.z)))
    return _inequality.density(ordered, z, _inequality.bandwidths(ordered))
