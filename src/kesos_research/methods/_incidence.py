"""Sums over groups between estimated quantiles, with the influence of each row and of the quantiles.

With q_k the p_k-quantile of a ranking y over all rows and G_dk(v) = Σ_{i∈d} w v 1(q_{k−1} < y ≤ q_k),

    ∂G_dk/∂q_k = Σ_{i∈d} w v δ(y − q_k),   ∂G_dk/∂q_{k−1} = −Σ_{i∈d} w v δ(y − q_{k−1}),

δ a Gaussian kernel; each quantile has the influence −(1(y ≤ q) − p)/(N f(q)).

References
----------
Beach, C. M., & Davidson, R. (1983). Distribution-free statistical inference with Lorenz curves and income shares.
Review of Economic Studies 50(4), 723–735. — Osier (2009), as in `_inequality`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods import _inequality, _quantiles
from kesos_research.methods._estimate import Influence
from kesos_research.methods._sample import Sample

Array = NDArray[np.float64]
Gradient = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Cuts:
    """p, q: (K−1,) inner quantiles of all rows; group: (n,) of each row, 0 … K−1; c: (K−1, n) their influence."""

    q: Array
    group: NDArray[np.intp]
    c: Array


def cuts(y: Array, w: Array, p: Array, *, linear: bool) -> Cuts:
    """Where the quantiles of all rows lie, and which group each row is in."""
    ordered = _quantiles.order(y, w, np.array([len(y)]))
    q = np.array([float(_quantiles.quantile(ordered, share)[0]) for share in p])
    group = np.searchsorted(q, y, side="left")
    if not linear:
        return Cuts(q, group, np.zeros((len(p), 0)))
    h = _inequality.bandwidths(ordered)
    c = np.stack([ordered.back(_inequality.quantile_influence(ordered, share, h)[1]) for share in p])
    return Cuts(q, group, c)


def statistic(sample: Sample, y: Array, V: Sequence[Array], p: Array, g: Gradient) -> Callable[..., Influence]:
    """A function g of the sums G_dk(v) for all groups k and columns v, in that order: totals (K·J, D) → θ.

    y: (n,) the ranking; V: J columns (n,); p: (K−1,) shares at the inner quantiles.
    """
    layout, K, J = sample.layout, len(p) + 1, len(V)

    def at(w: Array, *, linear: bool) -> Influence:
        cut = cuts(y, w, p, linear=linear)
        inside = [(cut.group == k).astype(float) for k in range(K)]
        T = np.stack([layout.totals(w * v * one) for one in inside for v in V])
        with np.errstate(divide="ignore", invalid="ignore"):
            theta, G = g(T)
        if not linear:
            return Influence(theta, np.zeros((len(theta), 0)))
        z = np.zeros((len(theta), len(w)))
        for i in range(len(theta)):
            for k, one in enumerate(inside):
                for j, v in enumerate(V):
                    z[i] += layout.spread(G[i, k * J + j]) * v * one
        return Influence(theta, z, cut.c, _moves(sample, (y, w), V, cut.q, G))

    return at


def _moves(sample: Sample, ranked: tuple[Array, Array], V: Sequence[Array], q: Array, G: Array) -> Array:
    """∂θ/∂q: (terms, K−1, D); ranked: y and w, (n,) each."""
    layout, J = sample.layout, len(V)
    ordered = _quantiles.order(*ranked, layout.rows)
    h = _inequality.bandwidths(ordered)
    out = np.zeros((len(G), len(q), layout.size))
    for k, cut in enumerate(q):
        for j, v in enumerate(V):
            near = _inequality.density(ordered, np.full(layout.size, cut), h, v[ordered.order])
            near = np.nan_to_num(near)  # a group whose rows are all alike has no density
            out[:, k] += (G[:, k * J + j] - G[:, (k + 1) * J + j]) * near
    return out
