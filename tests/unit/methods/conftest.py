"""Small panels whose answers can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest

ROLES = {"outcome": "poor", "unit": "place", "period": "year", "treated": "pilot"}


def tidy(Y, treated, first=2010, names=None) -> pd.DataFrame:
    """Rows of a panel Y: (units, years)."""
    Y = np.asarray(Y, float)
    names = names or [f"u{i:03d}" for i in range(len(Y))]
    return pd.DataFrame(
        {
            "place": np.repeat(names, Y.shape[1]),
            "year": list(range(first, first + Y.shape[1])) * len(Y),
            "poor": Y.ravel(),
            "pilot": np.repeat(np.asarray(treated, bool), Y.shape[1]),
        }
    )


@pytest.fixture
def roles():
    return dict(ROLES)


@pytest.fixture
def make():
    return tidy


@pytest.fixture
def noisy_panel():
    """30 units, 4 years before 2014 and 2 from it; the first three are treated and fall by 3."""
    rng = np.random.default_rng(7)
    Y = rng.normal(15, 5, (30, 1)) + rng.normal(size=(30, 6))
    Y[:3, 4:] -= 3
    return tidy(Y, np.arange(30) < 3)
