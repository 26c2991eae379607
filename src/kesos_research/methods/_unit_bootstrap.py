"""The parametric bootstrap of a unit-level model, from its means and cross-products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kesos_research.methods._unit_level import Fits, Outcomes, fit, predict
from kesos_research.methods._unit_model import UnitModel

Array = NDArray[np.float64]

_CELLS = 2**14


def bootstrap(model: UnitModel, fits: Fits, *, draws: int, seed: int) -> tuple[Array, Array]:
    """Mean squared error of every area's estimate, and its mean error: (k,) both.

    Units are not drawn one by one: of normal units the means, the cross-products with the covariates within areas, and
    the squares left within areas are independent, and their distributions known. Truths are the means of finite
    populations where sizes are told (González-Manteiga et al. 2008).
    """
    rng = np.random.default_rng(seed)
    sample, targets, m = model.sample, model.targets, model.m
    k, beta = len(model.names), fits.beta[0]
    v, e = np.sqrt(fits.between[0]), np.sqrt(fits.within[0])
    values, vectors = np.linalg.eigh(sample.S)
    kept = values > 1e-10 * max(values.max(), 1e-300)
    half = vectors[:, kept] * np.sqrt(values[kept])
    left = sample.units - m - int(kept.sum())
    squares, errors = np.zeros(k), np.zeros(k)
    block = max(1, _CELLS // k)
    for first in range(0, draws, block):
        b = min(block, draws - first)
        own = v * rng.standard_normal((b, k))
        y = sample.x @ beta + own[:, :m] + e / np.sqrt(sample.n) * rng.standard_normal((b, m))
        # half'β + noise: the covariates' part of the squares within areas, in its own axes
        part = half.T @ beta + e * rng.standard_normal((b, int(kept.sum())))
        s = np.einsum("bq,bq->b", part, part) + e**2 * rng.chisquare(max(left, 1.0), b) * (left > 0)
        truth = targets.X @ beta + own + e * np.sqrt(targets.noise) * rng.standard_normal((b, k))
        padded = np.concatenate([y, np.zeros((b, k - m))], axis=1)
        truth = targets.rest * truth + (1 - targets.rest) * padded
        outcomes = Outcomes(y, part @ half.T, s)
        start = np.maximum(fits.between / fits.within, 1e-3)
        wrong = predict(fit(sample, outcomes, model.fitting, start, close=1e-7), targets, padded) - truth
        squares += np.einsum("bk,bk->k", wrong, wrong)
        errors += wrong.sum(axis=0)
    return squares / draws, errors / draws
