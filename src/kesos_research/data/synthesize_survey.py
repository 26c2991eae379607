"""A synthetic household survey of Susenas' shape, with the truth it was drawn from.

Strata are the towns and the villages of each district; in each, blocks (PSUs) are drawn with probability proportional
to their households when listed, and the same number of households in each. Every district is made by itself, from a
seed of its own: a hundred million rows pass through the memory of one district, and no row is a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from kesos_research.data.survey_truth import PROGRAMMES, Truth, truth
from kesos_research.data.survey_world import MEAN_SIZE, World, world
from kesos_research.data.synthetic_mark import MARK, refuse_unmarked
from kesos_research.design import SurveyDesign
from kesos_research.errors import DataError, OutputError, Where
from kesos_research.language import _

if TYPE_CHECKING:
    import pyarrow as pa

Level = Literal["household", "person"]
Block = dict[str, np.ndarray]

DESIGN = SurveyDesign(weight="penimbang", strata="strata", cluster="psu")
"""How the rows came to us. Without `fpc`: the truth is that of the law behind the population, not of one population."""

_TRANSFER = {"pkh": 225_000, "bpnt": 200_000}
# what a visit to the house shows: threshold and loading on log spending per head
_SIGNS = {
    "lantai_tanah": (-1.20, -0.55),
    "sanitasi_layak": (0.80, 0.50),
    "air_layak": (1.00, 0.35),
    "kulkas": (0.15, 0.65),
    "sepeda_motor": (0.75, 0.45),
}
_SHARED = ("strata", "psu", "ruta", "perkotaan", "penimbang", "fpc", "garis_kemiskinan", "pengeluaran_kapita", "desil")


@dataclass(frozen=True)
class Survey:
    """A sample and the truth.

    Attributes
    ----------
    households
        One row a household: ``kab, strata, psu, ruta, perkotaan, penimbang, fpc, anggota, pengeluaran,
        pengeluaran_makanan`` (rupiah a month), ``pengeluaran_kapita``, signs of the house (0 or 1), ``skor, desil`` of
        the register, ``pkh, bpnt`` (0 or 1), ``bantuan`` (rupiah a month), ``garis_kemiskinan`` (rupiah per head).
    persons
        One row a person, with the design and the spending of the household, and ``urut, hubungan, jk, umur,
        lama_sekolah, bekerja, disabilitas``.
    truth
        What the estimates should cover.
    design
        Weight, strata and cluster.
    """

    households: pd.DataFrame
    persons: pd.DataFrame
    truth: Truth
    design: SurveyDesign = DESIGN


def susenas_like(
    *, seed: int, n_households: int = 345_000, n_districts: int = 514, n_psus: int | None = None
) -> Survey:
    """A sample of households and persons, in memory, with the figures of the population it was drawn from.

    Parameters
    ----------
    seed
        The same seed gives the same rows.
    n_households
        Households of the sample; persons are 3.6 times as many.
    n_districts
        Districts, of the example register; each has two strata, its towns and its villages.
    n_psus
        Blocks of the sample; a tenth of the households when not given.

    Raises
    ------
    DataError
        When a stratum would have less than two blocks, or a block no household.

    Examples
    --------
    >>> survey = susenas_like(seed=1, n_households=400, n_districts=4)
    >>> len(survey.households), survey.households["psu"].nunique(), survey.truth.districts["kab"].tolist()
    (400, 40, ['01.01', '03.79', '06.79', '09.79'])
    """
    made = world(seed=seed, n_households=n_households, n_districts=n_districts, n_psus=n_psus or n_households // 10)
    homes: list[Block] = []
    people: list[Block] = []
    for district in range(n_districts):
        homes.append(_homes(made, district))
        people.append(_people(made, district, homes[-1]))
    return Survey(_frame(made, homes), _frame(made, people), truth(made))


def write_survey(
    path: Path,
    *,
    level: Level,
    seed: int,
    n_households: int = 345_000,
    n_districts: int = 514,
    n_psus: int | None = None,
) -> Truth:
    """Write the same rows to a Parquet file, a district at a time, and return the truth.

    Parameters
    ----------
    path
        Its name says that the rows are invented: it holds "sintetis".
    level
        Rows of households or of persons.
    seed, n_households, n_districts, n_psus
        As in `susenas_like`.

    Raises
    ------
    OutputError
        When the name does not say so, or the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    refuse_unmarked(path)
    made = world(seed=seed, n_households=n_households, n_districts=n_districts, n_psus=n_psus or n_households // 10)
    writer: pq.ParquetWriter | None = None
    try:
        for district in range(n_districts):
            block = _homes(made, district)
            block = block if level == "household" else _people(made, district, block)
            batch = _batch(made, district, block)
            if writer is None:
                writer = pq.ParquetWriter(path, batch.schema, compression="zstd")
            writer.write_table(pa.table(batch))
    except OSError as error:
        raise OutputError(
            _("The file cannot be written: {reason}.", reason=error.strerror or str(error)), where=Where(path.name)
        ) from error
    finally:
        if writer is not None:
            writer.close()
    return truth(made)


def replicate_weights(
    rows: pd.DataFrame,
    *,
    n: int,
    seed: int,
    weight: str = "penimbang",
    strata: str = "strata",
    cluster: str = "psu",
) -> pd.DataFrame:
    """Which weights does a bootstrap of the blocks give each row?

    Parameters
    ----------
    rows
        Rows of a sample.
    n
        Number of replicates.
    seed
        The same seed gives the same weights, in whatever order the rows stand.
    weight, strata, cluster
        Columns of the design; every stratum has two blocks or more.

    Returns
    -------
    DataFrame
        Columns ``rep_1 … rep_n`` with the index of `rows`. In each, m - 1 of the m blocks of a stratum are drawn with
        replacement, and the weight is multiplied by m / (m - 1) and by how often its block was drawn.

    Raises
    ------
    DataError
        When a stratum has one block.

    References
    ----------
    Rao and Wu (1988), Resampling inference with complex survey data, JASA 83: 231-241, with m_h = n_h - 1.
    """
    random = np.random.default_rng(seed)
    blocks = pd.MultiIndex.from_frame(rows[[strata, cluster]])
    each = blocks.unique().sort_values()
    _stratum, first, counts = np.unique(each.get_level_values(0), return_index=True, return_counts=True)
    if (counts < 2).any():
        raise DataError(
            _("{n} strata have one block: nothing can be drawn again there.", n=int((counts < 2).sum())),
            expected=_("two blocks or more in every stratum"),
            remedy=_("merge these strata with their neighbours"),
            where=Where(column=strata),
        )
    factor = np.empty((len(each), n))
    for start, m in zip(first, counts, strict=True):
        times = random.multinomial(m - 1, np.full(m, 1 / m), size=n)
        factor[start : start + m] = times.T * (m / (m - 1))
    names = [f"rep_{i}" for i in range(1, n + 1)]
    return pd.DataFrame(
        rows[[weight]].to_numpy(dtype=float) * factor[each.get_indexer(blocks)], index=rows.index, columns=names
    )


# --- one district


def _homes(made: World, district: int) -> Block:
    """Households of one district, in order of stratum and block."""
    law, random = made.law, _random(made, district, 0)
    strata = np.flatnonzero(made.district == district)
    drawn = made.drawn[strata]
    stratum_of_block = np.repeat(strata, drawn)
    n_blocks = len(stratum_of_block)
    # growth and the block's own level, correlated
    v, w = random.normal(size=(2, n_blocks))
    effect = law.block_sd * (law.growth_corr * v + np.sqrt(1 - law.growth_corr**2) * w)
    growth = np.exp(law.growth_sd * v - law.growth_sd**2 / 2)
    per_block = _per_block(made.homes[strata], drawn)
    block = np.repeat(np.arange(n_blocks), per_block)
    stratum = stratum_of_block[block]
    n = len(block)
    size = 1 + random.binomial(9, made.larger[stratum])
    expected = made.mean[stratum] + law.slope * (size - MEAN_SIZE) + effect[block]
    log_spending = expected + random.normal(0, law.home_sd, n)
    spending = np.round(np.exp(log_spending) * size)
    score = log_spending + random.normal(0, law.score_sd, n)
    decile = 1 + np.searchsorted(made.cuts, score)
    block_before, home_before = int(made.drawn[: strata[0]].sum()), int(made.homes[: strata[0]].sum())
    return {
        "strata": stratum + 1,
        "psu": block_before + block + 1,
        "ruta": home_before + np.arange(n) + 1,
        "perkotaan": made.urban[stratum],
        "penimbang": made.households[stratum] / made.homes[stratum] * growth[block],
        "fpc": made.blocks[stratum],
        "anggota": size,
        "pengeluaran": spending,
        "pengeluaran_makanan": np.round(spending * _food_share(made, log_spending, random)),
        "pengeluaran_kapita": spending / size,
        "garis_kemiskinan": np.full(n, made.line[district]),
        **_signs(made, log_spending, random),
        "skor": np.round(score, 6),
        "desil": decile,
        **_aid(made, decile, random),
    }


def _random(made: World, district: int, level: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(made.seed, spawn_key=(district, level)))


def _per_block(homes: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Households of each block: as many as the others of its stratum, or one more."""
    parts = [np.full(m, h // m) + (np.arange(m) < h % m) for h, m in zip(homes, drawn, strict=True)]
    return np.concatenate(parts)


def _food_share(made: World, log_spending: np.ndarray, random: np.random.Generator) -> np.ndarray:
    from scipy.special import ndtr

    law = made.law
    centred = log_spending - law.area_coefficients[0]
    noise = random.normal(0, law.food_noise, len(centred))
    return ndtr(law.food_level + law.food_slope * centred + noise)


def _signs(made: World, log_spending: np.ndarray, random: np.random.Generator) -> Block:
    standing = (log_spending - made.law.area_coefficients[0]) / made.law.sd
    found: Block = {}
    for name, (level, loading) in _SIGNS.items():
        found[name] = (level + loading * standing + random.normal(size=len(standing)) > 0).astype(np.int64)
    return found


def _aid(made: World, decile: np.ndarray, random: np.random.Generator) -> Block:
    law, found = made.law, {}
    for name, last, missed, wrong in zip(PROGRAMMES, law.cutoff, law.exclusion, law.inclusion, strict=True):
        chance = np.where(decile <= last, 1 - missed, wrong)
        found[name] = (random.random(len(decile)) < chance).astype(np.int64)
    found["bantuan"] = sum(found[name] * _TRANSFER[name] for name in PROGRAMMES)
    return found


def _people(made: World, district: int, homes: Block) -> Block:
    """Persons of one district: a head, often a spouse, then children and others."""
    random = _random(made, district, 1)
    size = homes["anggota"]
    home = np.repeat(np.arange(len(size)), size)
    n = len(home)
    order = np.arange(n) - np.repeat(np.cumsum(size) - size, size) + 1
    wed = np.repeat(random.random(len(size)) < 0.8, size)
    relation = np.where(order == 1, 1, np.where((order == 2) & wed, 2, np.where(random.random(n) < 0.85, 3, 4)))
    head_age = np.repeat(np.round(random.triangular(22, 42, 85, len(size))), size)
    age = np.select(
        [relation == 1, relation == 2, relation == 3],
        [head_age, np.maximum(head_age - random.integers(-3, 9, n), 18), random.integers(0, 26, n)],
        random.integers(0, 80, n),
    ).astype(np.int64)
    head_woman = np.repeat(random.random(len(size)) < 0.15, size)
    woman = np.select([relation == 1, relation == 2], [head_woman, ~head_woman], random.random(n) < 0.5)
    standing = (np.log(homes["pengeluaran_kapita"]) - made.law.area_coefficients[0])[home]
    school = np.clip(np.round(9 + 3 * standing + random.normal(0, 3, n)), 0, np.clip(age - 6, 0, 18))
    works = (age >= 15) & (age < 75) & (random.random(n) < np.where(woman, 0.53, 0.82))
    shared = {name: homes[name][home] for name in _SHARED}
    return {
        **shared,
        "urut": order,
        "hubungan": relation,
        "jk": np.where(woman, 2, 1),
        "umur": age,
        "lama_sekolah": school.astype(np.int64),
        "bekerja": works.astype(np.int64),
        "disabilitas": (random.random(n) < made.disability[district]).astype(np.int64),
    }


# --- blocks to tables


def _frame(made: World, blocks: list[Block]) -> pd.DataFrame:
    code = np.repeat(np.arange(len(blocks)), [len(block["strata"]) for block in blocks])
    region = pd.Categorical.from_codes(code, categories=pd.Index([r.code for r in made.regions]))
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    return pd.DataFrame({"kab": region, **columns})


def _batch(made: World, district: int, block: Block) -> pa.RecordBatch:
    import pyarrow as pa

    codes = pa.array([r.code for r in made.regions])
    region = pa.DictionaryArray.from_arrays(pa.array(np.full(len(block["strata"]), district), pa.int16()), codes)
    arrays = [region, *(pa.array(values) for values in block.values())]
    schema = pa.schema(
        [pa.field(name, array.type) for name, array in zip(["kab", *block], arrays, strict=True)],
        metadata={MARK: "ya"},
    )
    return pa.record_batch(arrays, schema=schema)
