"""Variance from replicate weights, and replicate weights from a design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Replicates:
    """W: (R, n) weights; scale and rscales: (R,); mse: deviations from the estimate, not from the replicates' mean."""

    W: Array
    scale: float
    rscales: Array
    mse: bool

    def deviations(self, theta: Array, estimate: Callable[[Array], Array]) -> Array:
        """√(scale · rscales) · (θ_r − centre): (R, *theta.shape), whose squares sum to the variance."""
        thetas = np.stack([estimate(w) for w in self.W])
        centre = theta if self.mse else thetas[self.rscales > 0].mean(axis=0)
        root = np.sqrt(self.scale * self.rscales)
        return (thetas - centre) * root.reshape(-1, *[1] * theta.ndim)


def rank(W: Array, w: Array) -> int:
    """Rank of the replicate weights as ratios of the weight, which bounds the degrees of freedom."""
    return int(np.linalg.matrix_rank(W / w, tol=1e-5 * np.linalg.norm(W / w, 2)))


def jackknife(unit: Codes, stratum: Codes, fractions: Array) -> tuple[Array, Array]:
    """Multipliers of the weight, one unit left out in each: (R, n); and rscales (1 − f)(n_h − 1)/n_h: (R,).

    unit: (n,); stratum: (U,) of each unit; fractions: (H,) sampled.
    """
    n = np.bincount(stratum)[stratum].astype(float)
    M = np.ones((len(stratum), len(unit)))
    own = stratum[unit]
    for r, h in enumerate(stratum):
        M[r, own == h] = n[r] / (n[r] - 1)
        M[r, unit == r] = 0.0
    return M, (1 - fractions[stratum]) * (n - 1) / n


def balanced(unit: Codes, stratum: Codes, rho: float) -> Array:
    """Multipliers of balanced half-samples with Fay's ρ: (R, n), for two units in each stratum."""
    from scipy.linalg import hadamard

    H = int(stratum.max()) + 1
    R = 1 << int(H).bit_length()  # one column more than strata, so that the first, constant one is not used
    signs = hadamard(R)[:, 1 : H + 1]
    order = np.argsort(stratum, kind="stable")
    side = np.empty(len(stratum))
    side[order] = np.tile([1.0, -1.0], H)
    kept = signs[:, stratum] * side > 0
    return np.where(kept, 2 - rho, rho)[:, unit]


def resampled(unit: Codes, stratum: Codes, replicates: int, rng: np.random.Generator) -> Array:
    """Multipliers of the rescaled bootstrap: (R, n); n_h − 1 units of each stratum drawn with replacement.

    Rao, J. N. K., & Wu, C. F. J. (1988). Resampling inference with complex survey data. JASA 83(401), 231–241.
    """
    times = np.empty((replicates, len(stratum)))
    for h in range(int(stratum.max()) + 1):
        inside = np.flatnonzero(stratum == h)
        n = len(inside)
        drawn = rng.multinomial(n - 1, np.full(n, 1 / n), size=replicates)
        times[:, inside] = drawn * (n / (n - 1))
    return times[:, unit]
