"""The parametric bootstrap of an area-level model, many sets of outcomes at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods import _scale
from kesos_research.methods._area_model import AreaModel
from kesos_research.methods._fay_herriot import Fits, fit

Array = NDArray[np.float64]

_CELLS = 2**14
"""Outcomes handled at once: so many fit into a processor's own memory, and more only wait for it."""


def bootstrap(model: AreaModel, fits: Fits, *, draws: int, seed: int) -> tuple[Array, Array]:
    """Mean squared error of every area's estimate, and its mean error: (m,) both.

    Truths z* = x'β̂ + v*, direct estimates z* + e*, and the whole estimation again; errors on the scale of θ
    (Butar & Lahiri 2003).
    """
    rng = np.random.default_rng(seed)
    m = len(model.z)
    line = model.X @ fits.beta[0]
    sigma, error = np.sqrt(fits.sigma2[0]), np.sqrt(np.where(model.sampled, model.D, 0.0))
    start = np.maximum(fits.sigma2, 1e-3 * np.median(model.areas.D))
    squares, errors = np.zeros(m), np.zeros(m)
    block = max(1, _CELLS // m)
    for first in range(0, draws, block):
        b = min(block, draws - first)
        truth = line + sigma * rng.standard_normal((b, m))
        Z = truth + error * rng.standard_normal((b, m))
        again = fit(model.areas, np.ascontiguousarray(Z[:, model.sampled]), model.fitting, start, close=1e-7)
        wrong = _estimates(model, again, Z) - _scale.curve(truth, model.transform)
        squares += np.einsum("bm,bm->m", wrong, wrong)
        errors += wrong.sum(axis=0)
    return squares / draws, errors / draws


def _estimates(model: AreaModel, fits: Fits, Z: Array) -> Array:
    """θ̂ of all areas, (B, m), with the correction of the curve only where there is one."""
    s2 = fits.sigma2[:, None]
    gamma = s2 / (s2 + model.D)
    line = fits.beta @ model.X.T
    z = line + gamma * (Z - line)
    if model.transform == "none":
        return z
    p = model.X.shape[1]
    outer = (model.X[:, :, None] * model.X[:, None, :]).reshape(-1, p * p)
    h = fits.vcov.reshape(-1, p * p) @ outer.T
    return _scale.back(z, s2 * (1 - gamma) - (1 - gamma**2) * h, model.transform)
