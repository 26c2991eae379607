"""Statistics that are functions of weighted totals, with their gradients: (J, D) → θ (K, D), ∂θ/∂T (K, J, D)."""

from __future__ import annotations

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
