"""Families with and without business support (ProKUS) in a country that does not exist, and what it does there.

Districts are funded by APBN or by domestic grants (HDN). Villages nearer to a market are served first; the others wait.
In served villages the facilitator offers the support to families with chances proportional to exp(b'x): the better
schooled, trained, better off. In the villages that wait all families of the list are comparison families. Given x
nothing else decides, so that the logit of being offered is linear in x and effects are identified by what is observed.
Of those offered some take the capital up; it works for them only. Coaching reaches all who were offered, and changes
how soon families come back to PKH.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from kesos_research.data.programme_law import COVARIATES, FUNDS, Law, Population, laws
from kesos_research.domain import example_regions

Arrays = dict[str, np.ndarray]

LASTING = 18
"""Months outside PKH after which a graduation counts as lasting: the shortest time anybody is followed."""
_LONGEST = 30
_DISTRICTS, _VILLAGES, _APBN = 20, 200, 8
_TRUTH_SEED = 20210405


@dataclass(frozen=True)
class Programme:
    """A drawn sample of families.

    Attributes
    ----------
    families
        One row a family, with the columns of `codebook_prokus.yaml`; choices are text, as a file holds them.
    law
        What it was drawn from, by population.
    """

    families: pd.DataFrame
    law: Mapping[str, Law]


def prokus_like(*, seed: int, villages: int = _VILLAGES) -> Programme:
    """Families of three populations, with baseline, endline, funding, comparison families and register spells.

    Parameters
    ----------
    seed
        The same seed gives the same rows.
    villages
        Villages of the sample, in 20 districts; each has families of every population.

    Examples
    --------
    >>> made = prokus_like(seed=1, villages=20)
    >>> made.families["kelompok"].unique().tolist(), sorted(made.families["dana"].unique())
    (['mandiri', 'alamiah', 'rintisan'], ['apbn', 'hdn'])
    """
    random = np.random.default_rng(np.random.SeedSequence(seed))
    places = _places(random, villages)
    parts = [_population(random, name, law, places) for name, law in laws().items()]
    rows = pd.concat(parts, ignore_index=True)
    rows.insert(0, "keluarga", [f"K{i:05d}" for i in range(1, len(rows) + 1)])
    return Programme(rows, MappingProxyType(laws()))


def programme_truth(*, villages: int = 60_000) -> pd.DataFrame:
    """What is true of the law: effects on those offered the support, whatever sample was drawn.

    Parameters
    ----------
    villages
        Villages over which is averaged; with the default the average's own error is below a hundredth of any sample's.

    Returns
    -------
    DataFrame
        Columns ``kelompok, term, estimate``. Terms: ``itt.<outcome>`` and ``takers.<outcome>``, shares from 0 to 1;
        ``itt.<outcome>.<column>.<value>`` in planned subgroups; ``hazard_ratio``; ``cost.<fund>``, thousand rupiah a
        family offered; ``cost_per.<fund>``, for one more lasting graduate or family that lives from its own earnings.
    """
    random = np.random.default_rng(_TRUTH_SEED)
    places = _places(random, villages)
    return pd.concat([_truth(random, name, law, places) for name, law in laws().items()], ignore_index=True)


def _places(random: np.random.Generator, villages: int) -> Arrays:
    """Villages: their district and its fund, distance to a market, and whether they are served."""
    codes = [r.code for r in example_regions() if r.type == "kabupaten"]
    chosen = np.array([codes[i] for i in np.linspace(0, len(codes) - 1, _DISTRICTS).round().astype(int)])
    district = np.arange(villages) % _DISTRICTS
    distance = np.round(np.exp(1.6 + 0.5 * np.clip(random.normal(size=villages), -2.2, 2.2)), 1)
    far = (distance - 5.6) / 2.7
    served = random.random(villages) < 1 / (1 + np.exp(-(0.1 - 0.5 * far)))
    # every other district until the grants of the state budget are spent
    apbn = np.isin(np.arange(_DISTRICTS), np.arange(0, 2 * _APBN, 2))
    return {
        "kab": chosen[district],
        "dana": np.where(apbn[district], *FUNDS),
        "distance": distance,
        "far": far,
        "served": served,
        "shock": random.normal(size=villages),
        "standing": random.normal(size=villages),
        "village": np.arange(1, villages + 1),
    }


def _population(random: np.random.Generator, name: str, law: Law, places: Arrays) -> pd.DataFrame:
    village = np.repeat(np.arange(len(places["village"])), law.families)
    own = _families(random, law, places, village)
    y0, effects, takes = _outcomes(random, law, own), _effects(law, own), own["takes"]
    answered = random.random(len(village)) < _answering(own)
    rows = {
        "kelompok": np.full(len(village), name),
        "kab": own["kab"],
        "desa": own["village"],
        "dana": own["dana"],
        "ditawari": _flag(own["offered"]),
        "menerima": _flag(takes),
        "kepala_perempuan": _flag(own["female"]),
        "umur_kepala": own["age"],
        "lama_sekolah": own["school"],
        "anggota": own["members"],
        "pernah_latihan": _flag(own["trained"]),
        "jarak_pasar": own["distance"],
        "penghasilan_lampau": own["earlier"],
        "penghasilan_awal": own["income"],
        "aset_awal": own["assets"],
        "terwawancara": _flag(answered),
    }
    for outcome, base in y0.items():
        after = base + takes * effects[outcome]
        if outcome == "swadaya":
            after = random.random(len(after)) < after
        rows[f"{outcome}_akhir"] = np.where(answered, np.round(after), np.nan)
    rows |= _spell(random, law, own) if law.leaves else {"bulan": np.nan, "kembali": np.nan}
    rows |= _costs(random, law, own)
    return pd.DataFrame(rows).astype(
        dict.fromkeys(("penghasilan_akhir", "aset_akhir", "swadaya_akhir", "bulan", "kembali"), "Int64")
    )


def _families(random: np.random.Generator, law: Law, places: Arrays, village: np.ndarray) -> Arrays:
    """Families of the list; those of served villages as the facilitators chose them."""
    served = places["served"][village]
    kept = {key: values[village] for key, values in places.items()}
    own = _drawn(random, law, kept)
    wanting = np.flatnonzero(served)
    ceiling = law.ceiling
    while wanting.size:
        again = _drawn(random, law, {key: values[wanting] for key, values in kept.items()})
        chosen = random.random(wanting.size) < np.exp(again["tilt"] - ceiling)
        for key in again:
            own[key][wanting[chosen]] = again[key][chosen]
        wanting = wanting[~chosen]
    own |= kept
    own["offered"] = served
    chance = 0.68 + 0.14 * own["trained"] - 0.09 * own["far"] + 0.06 * (own["dana"] == "hdn")
    own["takes"] = served & (random.random(len(village)) < np.clip(chance, 0.3, 0.97))
    return own


def _drawn(random: np.random.Generator, law: Law, kept: Arrays) -> Arrays:
    n = len(kept["far"])
    female = random.random(n) < law.female
    trained = random.random(n) < law.trained
    school = np.clip(np.round(random.normal(law.school, 2.8, n)), 0, 15)
    age = np.clip(np.round(random.normal(44, 9, n)), 22, 70)
    members = np.clip(1 + random.binomial(8, 0.36, n), 2, 9)
    level = np.log(law.income) + 0.03 * (school - law.school) - 0.10 * female + 0.10 * trained + 0.08 * kept["standing"]
    earlier = level + random.normal(0, 0.28, n)
    now = level + 0.7 * (earlier - level) + random.normal(0, 0.2, n)
    assets = np.exp(np.log(law.assets) + 0.6 * (now - np.log(law.income)) + random.normal(0, 0.4, n))
    own = {
        "female": female,
        "trained": trained,
        "school": school,
        "age": age,
        "members": members,
        "earlier": np.round(np.clip(np.exp(earlier), 100, 4 * law.income)),
        "income": np.round(np.clip(np.exp(now), 100, 2.5 * law.income)),
        "assets": np.round(np.clip(assets, 100, 4 * law.assets)),
    }
    own["tilt"] = sum(b * (own[c] - centre) / scale for c, b, centre, scale in law.tilted())
    return own


def _outcomes(random: np.random.Generator, law: Law, own: Arrays) -> Arrays:
    """Without the support: linear in what is observed, with a shock that a village shares; of `swadaya` the chance."""
    n = len(own["income"])
    x = {c: (own[c] - centre) / scale for c, centre, scale in law.scales()}
    income = law.income * 1.04 + law.income * (
        0.17 * x["income"] + 0.05 * x["school"] + 0.05 * own["trained"] - 0.06 * own["female"] - 0.05 * own["far"]
    )
    assets = law.assets * 1.1 + law.assets * (0.35 * x["assets"] + 0.10 * x["income"] + 0.06 * own["trained"])
    alone = law.alone + 0.07 * x["income"] + 0.03 * x["school"] + 0.04 * own["trained"] - 0.04 * own["female"]
    return {
        "penghasilan": np.maximum(income + law.income * (0.05 * own["shock"] + random.normal(0, 0.22, n)), 50),
        "aset": np.maximum(assets + law.assets * (0.05 * own["shock"] + random.normal(0, 0.3, n)), 0),
        "swadaya": np.clip(alone - 0.02 * own["far"] + 0.03 * own["shock"], 0.02, 0.80),
    }


def _effects(law: Law, own: Arrays) -> Arrays:
    """What the capital adds for those who take it."""
    female = own["female"].astype(float)
    return {
        "penghasilan": law.gains["penghasilan"] + law.more_for_women * female,
        "aset": np.full(len(female), law.gains["aset"]),
        "swadaya": np.full(len(female), law.gains["swadaya"]),
    }


def _answering(own: Arrays) -> np.ndarray:
    """Those who were served are found more often; the young and the better off move away."""
    logit = (
        1.75 + 0.55 * own["offered"] + 0.25 * (own["age"] - 44) / 9 - 0.2 * (own["income"] / own["income"].mean() - 1)
    )
    return 1 / (1 + np.exp(-logit))


def _hazard(law: Law, own: Arrays) -> np.ndarray:
    """Re-entries a month without the support."""
    x = {c: (own[c] - centre) / scale for c, centre, scale in law.scales()}
    return law.hazard * np.exp(-0.25 * x["income"] - 0.1 * x["school"] + 0.2 * own["female"] + 0.1 * own["far"])


def _spell(random: np.random.Generator, law: Law, own: Arrays) -> Arrays:
    """The month in which a family is in PKH again, or in which the register was read."""
    rate = _hazard(law, own) * np.where(own["offered"], law.hazard_ratio, 1.0)
    until = random.exponential(1 / rate)
    read = random.integers(LASTING, _LONGEST + 1, len(rate)).astype(float)
    return {"bulan": np.ceil(np.minimum(until, read)), "kembali": (until < read).astype(float)}


def _costs(random: np.random.Generator, law: Law, own: Arrays) -> Arrays:
    """Thousand rupiah a family; nothing where nothing was offered."""
    apbn = own["dana"] == "apbn"
    n = len(apbn)
    spread = np.exp(random.normal(0, 0.12, (3, n)))
    capital, training, coaching, office = (np.where(apbn, *law.costs[item]) for item in law.costs)
    return {
        "biaya_modal": np.round(own["takes"] * capital * spread[0]),
        "biaya_pelatihan": np.round(own["takes"] * training * spread[1]),
        "biaya_pendampingan": np.round(own["offered"] * coaching * spread[2]),
        "biaya_pengelolaan": np.round(own["offered"] * office),
    }


def _truth(random: np.random.Generator, name: str, law: Law, places: Arrays) -> pd.DataFrame:
    village = np.repeat(np.flatnonzero(places["served"]), law.families)
    own = _families(random, law, places, village)
    gains, takes, hazard = _effects(law, own), own["takes"], _hazard(law, own)
    # chances stay below .8 without the support: what it adds is added whole
    added = {outcome: takes * gain for outcome, gain in gains.items()}
    if law.leaves:
        added["bertahan"] = np.exp(-LASTING * hazard * law.hazard_ratio) - np.exp(-LASTING * hazard)
    found = {f"itt.{outcome}": gain.mean() for outcome, gain in added.items()}
    found |= {f"takers.{outcome}": gain[takes].mean() for outcome, gain in gains.items()}
    for value, who in (("0", ~own["female"]), ("1", own["female"])):
        found |= {f"itt.{o}.kepala_perempuan.{value}": gain[who].mean() for o, gain in added.items()}
    found["takers.share"] = takes.mean()
    counted = added["bertahan" if law.leaves else "swadaya"]
    cost = np.sum(list(_costs(random, law, own).values()), axis=0)
    for fund in FUNDS:
        who = own["dana"] == fund
        found |= {f"itt.{o}.dana.{fund}": gain[who].mean() for o, gain in added.items()}
        found |= {f"cost.{fund}": cost[who].mean(), f"cost_per.{fund}": cost[who].mean() / counted[who].mean()}
    if law.leaves:
        found["hazard_ratio"] = law.hazard_ratio
    return pd.DataFrame({"kelompok": name, "term": list(found), "estimate": list(map(float, found.values()))})


def _flag(values: np.ndarray) -> np.ndarray:
    return np.where(values, "1", "0")


__all__ = ["COVARIATES", "LASTING", "Population", "Programme", "programme_truth", "prokus_like"]
