"""Statistics that are functions of weighted totals, with their gradients: (J, D) → θ (K, D), ∂θ/∂T (K, J, D)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def means(T: Array) -> tuple[Array, Array]:
    """T_k/T_0 for k = 1 …: means when the first column is one."""
    K = len(T) - 1
    theta = T[1:] / T[0]
    G = np.zeros((K, *T.shape))
    G[:, 0] = -theta / T[0]
    G[np.arange(K), np.arange(1, K + 1)] = 1 / T[0]
    return theta, G


def totals(T: Array) -> tuple[Array, Array]:
    """The totals themselves."""
    K = len(T)
    G = np.zeros((K, *T.shape))
    G[np.arange(K), np.arange(K)] = 1.0
    return T, G


def pairs(T: Array) -> tuple[Array, Array]:
    """T_0/T_1, T_2/T_3 …"""
    K = len(T) // 2
    theta = T[::2] / T[1::2]
    G = np.zeros((K, *T.shape))
    at = np.arange(K)
    G[at, 2 * at] = 1 / T[1::2]
    G[at, 2 * at + 1] = -theta / T[1::2]
    return theta, G


def entropy(alpha: float) -> Callable[[Array], tuple[Array, Array]]:
    """Generalised entropy from T = Σ w (1, y, y^α), with log y for α = 0 and y log y for α = 1.

    GE(α) = [N^(α−1) Y^(−α) Y_α − 1]/(α(α − 1)); GE(0) = log(Y/N) − L/N; GE(1) = L/Y − log(Y/N).
    """

    def g(T: Array) -> tuple[Array, Array]:
        N, Y, S = T
        if alpha == 0:
            theta, G = np.log(Y / N) - S / N, np.stack([-1 / N + S / N**2, 1 / Y, -1 / N])
        elif alpha == 1:
            theta, G = S / Y - np.log(Y / N), np.stack([1 / N, -S / Y**2 - 1 / Y, 1 / Y])
        else:
            ratio = (Y / N) ** -alpha * S / N
            theta = (ratio - 1) / (alpha * (alpha - 1))
            G = np.stack([(alpha - 1) / N, -alpha / Y, 1 / S]) * ratio / (alpha * (alpha - 1))
        return theta[None], G[None]

    return g


def atkinson(epsilon: float) -> Callable[[Array], tuple[Array, Array]]:
    """Atkinson's index from T = Σ w (1, y, y^(1−ε)), with log y for ε = 1.

    A(ε) = 1 − (S/N)^(1/(1−ε)) N/Y; A(1) = 1 − exp(L/N) N/Y.
    """

    def g(T: Array) -> tuple[Array, Array]:
        N, Y, S = T
        if epsilon == 1:
            equal = np.exp(S / N) * N / Y
            G = -equal * np.stack([1 / N - S / N**2, -1 / Y, 1 / N])
        else:
            power = 1 / (1 - epsilon)
            equal = (S / N) ** power * N / Y
            G = -equal * np.stack([(1 - power) / N, -1 / Y, power / S])
        return (1 - equal)[None], G[None]

    return g


def power(y: Array, alpha: float) -> Array:
    """y^α, log y for α = 0."""
    return np.log(y) if alpha == 0 else y**alpha


def entropy_column(y: Array, alpha: float) -> Array:
    """y^α, log y for α = 0, y log y for α = 1 (0 where y is 0)."""
    if alpha == 1:
        return np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0)), 0.0)
    return power(y, alpha)


def entropy_between(alpha: float, groups: int) -> Callable[[Array], tuple[Array, Array]]:
    """Total, within and between groups from T = Σ w (1, y, S) of each group, three rows a group: (3G, D).

    Between: what is left where each has the mean of the group.
    """
    total = entropy(alpha)

    def g(T: Array) -> tuple[Array, Array]:
        N, Y = T[::3], T[1::3]
        whole, of_total = total(np.stack([N.sum(axis=0), Y.sum(axis=0), T[2::3].sum(axis=0)]))
        B, dN, dY = _between(alpha, N, Y)
        G = np.zeros((3, *T.shape))
        G[0] = np.tile(of_total[0], (groups, 1))
        G[2, ::3], G[2, 1::3] = dN, dY
        G[1] = G[0] - G[2]
        return np.stack([whole[0], whole[0] - B, B]), G

    return g


def _between(alpha: float, N: Array, Y: Array) -> tuple[Array, Array, Array]:
    """GE of group means: (D,), and its derivatives by the groups' N and Y: (G, D). Groups without rows add nothing."""
    n, y = N.sum(axis=0), Y.sum(axis=0)
    there = N > 0
    m = np.where(there, Y / np.where(there, N, 1.0), 1.0)
    mu = y / n
    if alpha == 0:
        mean_log = (N * np.log(m)).sum(axis=0) / n
        B = np.log(mu) - mean_log
        return B, -1 / n + mean_log / n - (np.log(m) - 1) / n, 1 / y - 1 / (m * n)
    if alpha == 1:
        mean_log = (Y * np.log(m)).sum(axis=0) / y
        B = mean_log - np.log(mu)
        return B, 1 / n - m / y, (np.log(m) + 1) / y - mean_log / y - 1 / y
    c = alpha * (alpha - 1)
    Q = np.where(there, N * m**alpha, 0.0).sum(axis=0)
    ratio = mu**-alpha * Q / n
    dN = ratio / c * ((alpha - 1) / n + (1 - alpha) * m**alpha / Q)
    dY = ratio / c * (-alpha / y + alpha * m ** (alpha - 1) / Q)
    return (ratio - 1) / c, dN, dY
