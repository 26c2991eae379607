"""Series in which nothing changed: how often is a change of level or slope called significant?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kesos_research.methods.series import _segmented

METHODS = {
    "integrated": lambda X, y, C: _segmented.integrated(X, y, C, 0.95),
    "prais_winsten": lambda X, y, C: _segmented.prais_winsten(X, y, C, 0.95),
    "newey_west": lambda X, y, C: _segmented.newey_west(X, y, C, 0.95, _segmented.bandwidth(len(y))),
}


def noise(T: int, rho: float, rng: np.random.Generator) -> np.ndarray:
    """A stationary AR(1) series."""
    u = rng.normal(size=T)
    u[0] /= np.sqrt(1 - rho**2)
    for t in range(1, T):
        u[t] += rho * u[t - 1]
    return u


def lines(T: int) -> np.ndarray:
    """Level and slope, and their changes in the middle."""
    t = np.arange(T) - T // 2
    D = (t >= 0) * 1.0
    return np.column_stack([np.ones(T), t, D, D * t])


def sizes(T: int, rho: float, *, draws: int, seed: int) -> pd.DataFrame:
    """Share of 5 % tests that reject, by method, for level and slope."""
    rng, X, C = np.random.default_rng(seed), lines(T), np.eye(4)[2:]
    hits = {name: np.zeros(2) for name in METHODS}
    for _draw in range(draws):
        y = noise(T, rho, rng)
        for name, method in METHODS.items():
            hits[name] += method(X, y, C).p < 0.05
    rows = [{"T": T, "rho": rho, "method": m, "level": h[0] / draws, "slope": h[1] / draws} for m, h in hits.items()]
    return pd.DataFrame(rows)
