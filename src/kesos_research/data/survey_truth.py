"""What is true of the country that a synthetic survey is drawn from: the numbers its estimates should cover.

Spending is a mixture of lognormals over strata and household sizes, so every figure has a closed form or is one
integral away from it: no sample, and none of the code under test, is needed to know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kesos_research.data.survey_world import MEAN_SIZE, SIZES, Law, World, size_law

_GRID = 800
_NODES = 80
_FAR = 9.0
"""Standard deviations beyond which nothing is left to sum."""
PROGRAMMES = ("pkh", "bpnt")


@dataclass(frozen=True)
class Truth:
    """The population's own figures.

    Attributes
    ----------
    districts
        One row a district: ``kab, nama, ruta, penduduk, garis_kemiskinan``, the covariates, and

        - ``p0, p1, p2``: poverty of persons, as shares;
        - ``mean, gini``: of monthly spending per head, over persons;
        - ``food_share``: mean share of food in a household's spending, over households;
        - ``disability``: share of persons;
        - ``pkh_coverage, pkh_exclusion, pkh_inclusion`` and the same of ``bpnt``: share of all persons reached, of the
          poor not reached, and of those reached who are not poor.
    national
        The same figures of the whole country.
    cuts
        Upper ends of the deciles 1 to 9 of the register's score, over households.
    law
        The parameters behind them.
    """

    districts: pd.DataFrame
    national: pd.Series
    cuts: np.ndarray
    law: Law


@dataclass(frozen=True)
class _Mixture:
    """Cells of stratum and size, flattened: district, persons, households, and mean of log spending."""

    district: np.ndarray
    persons: np.ndarray
    homes: np.ndarray
    mean: np.ndarray


def truth(world: World) -> Truth:
    """The figures of `world`."""
    mixture = _mixture(world)
    cuts = world.cuts
    cells = _cells(world, mixture, cuts)
    regions = world.regions
    sums = cells.groupby(mixture.district, sort=True).sum()
    districts = pd.DataFrame({"kab": [r.code for r in regions], "nama": [r.label for r in regions]})
    districts["garis_kemiskinan"] = world.line
    districts = pd.concat([districts, world.covariates, _figures(sums)], axis=1)
    places = [np.flatnonzero(mixture.district == d) for d in range(len(regions))]
    districts["gini"] = [_gini(mixture, rows, world.law.sd) for rows in places]
    national = _figures(cells.sum().to_frame().T).iloc[0]
    national["gini"] = _gini(mixture, np.arange(len(mixture.mean)), world.law.sd)
    return Truth(districts, national, cuts, world.law)


def _mixture(world: World) -> _Mixture:
    sizes = size_law(world.larger)
    homes = world.households[:, None] * sizes
    mean = world.mean[:, None] + world.law.slope * (SIZES - MEAN_SIZE) + world.law.drift
    district = np.repeat(world.district, len(SIZES))
    return _Mixture(district, (homes * SIZES).ravel(), homes.ravel(), mean.ravel())


def _cells(world: World, mixture: _Mixture, cuts: np.ndarray) -> pd.DataFrame:
    """Sums of each cell, so that a figure is a ratio of sums over cells."""
    from scipy.special import ndtr

    law, sd, n = world.law, world.law.sd, mixture.persons
    line = np.log(world.line[mixture.district])
    a = (line - mixture.mean) / sd
    once = np.exp(mixture.mean + sd**2 / 2 - line)
    twice = np.exp(2 * mixture.mean + 2 * sd**2 - 2 * line)
    p0 = ndtr(a)
    sums = {
        "ruta": mixture.homes,
        "penduduk": n,
        "p0": n * p0,
        "p1": n * (p0 - once * ndtr(a - sd)),
        "p2": n * (p0 - 2 * once * ndtr(a - sd) + twice * ndtr(a - 2 * sd)),
        "mean": n * np.exp(mixture.mean + sd**2 / 2),
        "food_share": mixture.homes * _food(law, mixture.mean),
        "disability": n * world.disability[mixture.district],
    }
    for name, last, missed, wrong in zip(PROGRAMMES, law.cutoff, law.exclusion, law.inclusion, strict=True):
        chosen = ndtr((cuts[last - 1] - mixture.mean) / np.hypot(sd, law.score_sd))
        both = _poor_and_chosen(mixture.mean, line, cuts[last - 1], law)
        sums[f"{name}_reached"] = n * (chosen * (1 - missed) + (1 - chosen) * wrong)
        sums[f"{name}_poor"] = n * (both * (1 - missed) + (p0 - both) * wrong)
    return pd.DataFrame(sums)


def _figures(sums: pd.DataFrame) -> pd.DataFrame:
    homes, persons = sums["ruta"], sums["penduduk"]
    made = {"ruta": homes, "penduduk": persons, "food_share": sums["food_share"] / homes}
    made |= {name: sums[name] / persons for name in ("p0", "p1", "p2", "mean", "disability")}
    for name in PROGRAMMES:
        reached, poor = sums[f"{name}_reached"], sums[f"{name}_poor"]
        made[f"{name}_coverage"] = reached / persons
        made[f"{name}_exclusion"] = 1 - poor / sums["p0"]
        made[f"{name}_inclusion"] = 1 - poor / reached
    return pd.DataFrame(made)


def _food(law: Law, mean: np.ndarray) -> np.ndarray:
    """E Φ(a + b t + c e) for t ~ N(mean - centre, sd²): Φ of the mean over the spread with one added."""
    from scipy.special import ndtr

    centre = law.area_coefficients[0]
    return ndtr(
        (law.food_level + law.food_slope * (mean - centre))
        / np.sqrt(1 + law.food_noise**2 + (law.food_slope * law.sd) ** 2)
    )


def _poor_and_chosen(mean: np.ndarray, line: np.ndarray, cut: float, law: Law) -> np.ndarray:
    """P(y < line, y + noise < cut), by Gauss–Legendre over y."""
    from scipy.special import ndtr

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low = mean - _FAR * law.sd
    high = np.maximum(np.minimum(line, mean + _FAR * law.sd), low)
    half = (high - low)[:, None] / 2
    y = low[:, None] + half * (nodes + 1)
    density = np.exp(-(((y - mean[:, None]) / law.sd) ** 2) / 2) / (law.sd * np.sqrt(2 * np.pi))
    return (half * weights * density * ndtr((cut - y) / law.score_sd)).sum(axis=1)


def _gini(mixture: _Mixture, rows: np.ndarray, sd: float) -> float:
    """1 - ∫(1 - F)² / mean, over persons, on a grid of log spending."""
    from scipy.special import ndtr

    mean, share = mixture.mean[rows], mixture.persons[rows] / mixture.persons[rows].sum()
    grid = np.linspace(mean.min() - _FAR * sd, mean.max() + _FAR * sd, _GRID)
    above = np.concatenate([share @ ndtr((mean[:, None] - part) / sd) for part in _parts(grid)])
    under = np.exp(grid[0]) + np.trapezoid(above**2 * np.exp(grid), grid)
    return float(1 - under / (share @ np.exp(mean + sd**2 / 2)))


def _parts(grid: np.ndarray) -> Sequence[np.ndarray]:
    """The grid in pieces, so that many cells times many points do not fill the memory."""
    return np.array_split(grid, 24)
