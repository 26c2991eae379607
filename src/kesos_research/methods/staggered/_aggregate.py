"""From group-time effects to their means: by time since treatment, by date of start, by calendar, over all.

Weights are shares of the cohorts, which are estimates too: their part of the influence is added (Callaway & Sant'Anna
2021, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kesos_research.methods.staggered._cells import Cells
from kesos_research.methods.staggered._panel import Array, Mask


@dataclass(frozen=True)
class Means:
    """at: (K,) what each is of; theta: (K,); psi: (N, K); and their own mean: total, total_psi (N,)."""

    at: Array
    theta: Array
    psi: Array
    total: float
    total_psi: Array


@dataclass(frozen=True)
class Shares:
    """G: (N,) date of each unit; w: (N,) weights of mean one."""

    G: Array
    w: Array

    def of(self, g: Array) -> tuple[Array, Array]:
        """Share of the cohorts g: (C,), and the influence of each unit on it: (N, C)."""
        inside = self.w[:, None] * (self.G[:, None] == g[None, :])
        pg = inside.mean(axis=0)
        return pg, inside - pg


def weighted(cells: Cells, shares: Shares, which: Mask) -> tuple[float, Array]:
    """Mean of the cells, weighted by the size of their cohorts."""
    pg, z = shares.of(cells.g[which])
    att, s = cells.att[which], pg.sum()
    theta = float(att @ pg / s)
    return theta, cells.psi[:, which] @ (pg / s) + z @ (att - theta) / s


def after(cells: Cells) -> Mask:
    return cells.t >= cells.g


def simple(cells: Cells, shares: Shares) -> tuple[float, Array]:
    """All effects from the date on, large cohorts and long exposure counting more."""
    return weighted(cells, shares, after(cells))


def dynamic(
    cells: Cells,
    shares: Shares,
    *,
    window: tuple[float, float] | None = None,
    balance: float | None = None,
    last: float = np.inf,
    first: float = -np.inf,
) -> Means:
    """By periods since treatment; `total` is the mean over those from 0 on.

    balance: only cohorts seen at least so long, so that each time since treatment is of the same cohorts.
    """
    e = cells.t - cells.g
    use = np.ones(len(e), bool)
    if balance is not None:
        use &= (last - cells.g >= balance) & (e <= balance) & (e >= balance - last + first)
    if window is not None:
        use &= (window[0] <= e) & (e <= window[1])
    at = np.unique(e[use])
    parts = [weighted(cells, shares, use & (e == k)) for k in at]
    return _mean_of(at, parts, at >= 0, len(shares.G))


def group(cells: Cells, shares: Shares) -> Means:
    """By date of start; `total` weights cohorts by their size."""
    at = np.unique(cells.g[after(cells)])
    theta, psi = [], []
    for g in at:
        which = after(cells) & (cells.g == g)
        theta.append(float(cells.att[which].mean()))
        psi.append(cells.psi[:, which].mean(axis=1))
    pg, z = shares.of(at)
    theta_, psi_, s = np.array(theta), np.column_stack(psi), pg.sum()
    total = float(theta_ @ pg / s)
    return Means(at, theta_, psi_, total, psi_ @ (pg / s) + z @ (theta_ - total) / s)


def calendar(cells: Cells, shares: Shares) -> Means:
    """By period, over the cohorts treated by then; `total` is the mean over periods."""
    at = np.unique(cells.t[after(cells)])
    parts = [weighted(cells, shares, after(cells) & (cells.t == t)) for t in at]
    return _mean_of(at, parts, np.ones(len(at), bool), len(shares.G))


def _mean_of(at: Array, parts: list[tuple[float, Array]], counted: Mask, N: int) -> Means:
    theta = np.array([p[0] for p in parts])
    psi = np.column_stack([p[1] for p in parts]) if parts else np.zeros((N, 0))
    if not counted.any():
        return Means(at, theta, psi, float("nan"), np.full(N, np.nan))
    return Means(at, theta, psi, float(theta[counted].mean()), psi[:, counted].mean(axis=1))
