"""The window about a cut-off in which the sides are taken as drawn by lot.

Cattaneo, Frandsen and Titiunik (2015): windows grow from the cut-off; the last one before a covariate differs is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kesos_research.methods._randomize import randomise
from kesos_research.methods.discontinuity._running import Running

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST = 10
"""Units on each side in the smallest window."""
ALIKE = 0.15
"""A window is taken while the smallest p-value of its covariates is at least this."""
_WINDOWS = 20
_DRAWS = 999


@dataclass(frozen=True)
class Window:
    """Half-width; reach on both sides: which rows are inside."""

    width: float
    inside: Mask


def inside(r: Running, width: float) -> Mask:
    """The score of the other side is open at the cut-off: a window of width w holds −w ≤ u ≤ w."""
    return np.abs(r.u) <= width * (1 + 1e-12)


def candidates(r: Running) -> list[float]:
    """Half-widths, each the distance of some unit, from the smallest with ten units a side to half of all."""
    u = np.unique(np.abs(r.u))
    treated, others = (np.searchsorted(np.sort(np.abs(r.u[a])), u, side="right") for a in (r.treated, ~r.treated))
    enough = u[np.minimum(treated, others) >= LEAST]
    enough = enough[enough <= np.quantile(np.abs(r.u), 0.5)] if len(enough) else enough
    if len(enough) <= _WINDOWS:
        return [float(w) for w in enough]
    return [float(w) for w in enough[np.linspace(0, len(enough) - 1, _WINDOWS).astype(int)]]


def table(r: Running, widths: list[float], seed: int) -> pd.DataFrame:
    """Each window with the smallest p of its covariates, by exchange of sides."""
    rows = []
    for width in widths:
        at = inside(r, width)
        p, covariate = 1.0, ""
        for j, term in enumerate(r.terms):
            x = r.X[at, j]
            if np.ptp(x) == 0:
                continue
            own = randomise(x, r.treated[at], np.zeros(at.sum(), np.intp), _DRAWS, seed).p_value
            if own < p:
                p, covariate = own, term
        rows.append(
            {
                "window": width,
                "n_treated": int((at & r.treated).sum()),
                "n_comparison": int((at & ~r.treated).sum()),
                "least_p": p if r.terms else np.nan,
                "covariate": covariate,
            }
        )
    return pd.DataFrame(rows, columns=["window", "n_treated", "n_comparison", "least_p", "covariate"])


def chosen(windows: pd.DataFrame) -> float | None:
    """The last window before the first in which a covariate differs."""
    alike = (windows["least_p"] >= ALIKE).to_numpy()
    if not len(alike) or not alike[0]:
        return None
    stop = int(np.argmin(alike)) if not alike.all() else len(alike)
    return float(windows["window"].iloc[stop - 1])
