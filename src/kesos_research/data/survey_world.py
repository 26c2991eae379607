"""A country that does not exist, with the law by which its households live: what a synthetic survey is drawn from.

In stratum h a household of size s in block (PSU) i spends per head and month ::

    log y = mu_h + slope (s - 3.61) + u_i + e,      u ~ N(0, block_sd²),  e ~ N(0, home_sd²)

Blocks were listed once and have grown since: the listing gives the chance of being drawn, the growth the weight. Growth
is correlated with u, so that an estimate without weights is wrong in every stratum, not only across strata. In the
population, where a block counts by its households of today, u has mean ``drift`` (Pfeffermann and Sverchkov, 1999).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kesos_research.domain import Region, example_regions
from kesos_research.errors import DataError
from kesos_research.language import _

SIZES = np.arange(1, 11)
MEAN_SIZE = 3.61
_HOUSEHOLDS = 70_000_000
_BLOCK = 100
"""Households of a block when it was listed."""


@dataclass(frozen=True)
class Law:
    """What is the same everywhere: spreads, slopes, and how programmes choose."""

    slope: float = -0.09
    block_sd: float = 0.24
    home_sd: float = 0.42
    growth_sd: float = 0.35
    growth_corr: float = -0.6
    score_sd: float = 0.45
    """Noise of the register's score around log spending per head."""
    food_level: float = 0.05
    food_slope: float = -0.45
    food_noise: float = 0.30
    area_coefficients: tuple[float, float, float] = (13.75, 0.11, 0.16)
    """Intercept and slopes of a district's mean log spending on its two covariates."""
    area_sd: float = 0.10
    urban: float = 0.28
    exclusion: tuple[float, float] = (0.35, 0.25)
    """Share of the eligible whom PKH and BPNT do not reach."""
    inclusion: tuple[float, float] = (0.05, 0.08)
    """Share of the others whom they reach."""
    cutoff: tuple[int, int] = (3, 4)
    """Last decile that is eligible."""

    @property
    def sd(self) -> float:
        """Spread of log spending within a stratum, at one household size."""
        return math.hypot(self.block_sd, self.home_sd)

    @property
    def drift(self) -> float:
        """Mean of a block's effect in the population."""
        return self.growth_corr * self.growth_sd * self.block_sd


@dataclass(frozen=True)
class World:
    """Districts and strata; arrays have one entry a stratum unless said otherwise.

    Attributes
    ----------
    regions
        The districts, of the example register.
    covariates
        One row a district: what a small-area model may use.
    line
        Poverty line of each district, rupiah per head and month; shape (districts,).
    disability
        Share of persons with a disability; shape (districts,).
    district, urban
        District of each stratum, and whether it is its towns (1) or villages (0).
    mean
        mu of the module's formula.
    larger
        Probability p of the law of household sizes, 1 + Binomial(9, p).
    households
        Households of the population.
    blocks, drawn
        Blocks of the population and of the sample.
    homes
        Households of the sample.
    """

    law: Law
    seed: int
    regions: tuple[Region, ...]
    covariates: pd.DataFrame
    line: np.ndarray
    disability: np.ndarray
    district: np.ndarray
    urban: np.ndarray
    mean: np.ndarray
    larger: np.ndarray
    households: np.ndarray
    blocks: np.ndarray
    drawn: np.ndarray
    homes: np.ndarray

    @cached_property
    def cuts(self) -> np.ndarray:
        """Deciles of the register's score over the households of the population; shape (9,)."""
        from scipy.special import ndtr

        spread = math.hypot(self.law.sd, self.law.score_sd)
        mean = (self.mean[:, None] + self.law.slope * (SIZES - MEAN_SIZE) + self.law.drift).ravel()
        share = (self.households[:, None] * size_law(self.larger)).ravel()
        share /= share.sum()
        wanted = np.arange(1, 10) / 10
        low, high = np.full(9, mean.min() - 9 * spread), np.full(9, mean.max() + 9 * spread)
        for _step in range(42):
            middle = (low + high) / 2
            below = np.array([share @ ndtr((cut - mean) / spread) for cut in middle]) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return (low + high) / 2


def world(*, seed: int, n_households: int, n_districts: int, n_psus: int, law: Law | None = None) -> World:
    """Make the country and allot the sample.

    Raises
    ------
    DataError
        When a stratum would have less than two blocks, or a block no household.
    """
    law = law or Law()
    _possible(n_households, n_districts, n_psus)
    random = np.random.default_rng(np.random.SeedSequence(seed))
    n = n_districts
    light, schooling = random.normal(size=n), random.normal(size=n)
    b0, b1, b2 = law.area_coefficients
    level = b0 + b1 * light + b2 * schooling + random.normal(0, law.area_sd, n)
    share = np.clip(random.normal(0.45, 0.16, n) + 0.1 * light, 0.08, 0.92)
    total = np.exp(random.normal(0, 0.7, n))
    total *= _HOUSEHOLDS * n / len(example_regions()) / total.sum()
    district, urban = np.repeat(np.arange(n), 2), np.tile([0, 1], n)
    held = np.where(urban == 1, share[district], 1 - share[district])
    households = np.maximum(total[district] * held, 2 * _BLOCK)
    drawn = _allot(np.sqrt(households), n_psus, least=2)
    homes = _homes(drawn, n_households)
    blocks = np.maximum(np.ceil(households / _BLOCK), np.ceil(1.25 * drawn)).astype(np.int64)
    return World(
        law=law,
        seed=seed,
        regions=_spread(n),
        covariates=pd.DataFrame({"cahaya_malam": light, "lama_sekolah": 8.5 + 1.2 * schooling}),
        line=np.round(np.exp(b0 - 0.72 + 0.45 * (level - b0) + random.normal(0, 0.05, n)), -1),
        disability=random.beta(4, 156, n),
        district=district,
        urban=urban,
        mean=level[district] + law.urban * (urban - 0.45),
        larger=np.clip(random.normal(0.29, 0.02, 2 * n) - 0.01 * urban, 0.2, 0.4),
        households=np.maximum(np.round(households), 3 * homes).astype(np.int64),
        blocks=blocks,
        drawn=drawn,
        homes=homes,
    )


def size_law(larger: np.ndarray) -> np.ndarray:
    """Probability of each household size, 1 to 10; shape (strata, sizes)."""
    choose = np.array([math.comb(9, k) for k in range(10)])
    p = np.asarray(larger)[:, None]
    k = np.arange(10)
    return choose * p**k * (1 - p) ** (9 - k)


def _possible(n_households: int, n_districts: int, n_psus: int) -> None:
    most = len(example_regions())
    if not 1 <= n_districts <= most:
        raise DataError(
            _("{n} districts cannot be made.", n=n_districts), expected=_("a whole number from 1 to {n}", n=most)
        )
    if n_psus < 4 * n_districts:
        raise DataError(
            _("{n} blocks are too few for {strata} strata.", n=n_psus, strata=2 * n_districts),
            expected=_("at least two blocks a stratum: {n}", n=4 * n_districts),
        )
    if n_households < n_psus:
        raise DataError(
            _("{n} households are too few for {blocks} blocks.", n=n_households, blocks=n_psus),
            expected=_("at least one household a block"),
        )


def _spread(n: int) -> tuple[Region, ...]:
    """`n` districts, evenly over the register, so that every kind of region is among them."""
    everyone = example_regions()
    return tuple(everyone[i] for i in np.linspace(0, len(everyone) - 1, n).round().astype(int))


def _allot(size: np.ndarray, total: int, *, least: int) -> np.ndarray:
    """Whole numbers that sum to `total`, each at least `least`, the rest as `size` (largest remainders)."""
    rest = total - least * len(size)
    ideal = rest * size / size.sum()
    given = np.floor(ideal).astype(np.int64)
    more = np.argsort(given - ideal, kind="stable")[: rest - int(given.sum())]
    given[more] += 1
    return given + least


def _homes(drawn: np.ndarray, n_households: int) -> np.ndarray:
    """Households of each stratum: every block has as many as the others, or one more."""
    each, over = divmod(n_households, int(drawn.sum()))
    before = np.cumsum(drawn) - drawn
    return each * drawn + np.clip(over - before, 0, drawn)
