"""Write the synthetic panel of the study `perluasan-slrt`, and its truth.

    python data/synthetic/susun_perluasan.py

No row is about a place that exists: 514 regions of the example register, 2010 to 2021. Same seed, same rows. Beside
this script are written `perluasan_sintetis.csv` (a row a region and year) and `kebenaran_perluasan_sintetis.csv` (what
the programme did to the regions of that file, by the law they were drawn from).

The law: outcome = region + year + effect + noise. Regions that are ready adopt earlier and stand higher from the
start, so levels differ by cohort; years move all regions alike, so trends do not. Effects grow with the years since
adoption, earlier cohorts gain more, and so do regions that are ready. Noise is autoregressive.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kesos_research.domain import example_regions

HERE = Path(__file__).resolve().parent
SEED = 3
"""The first with which no outcome departs before adoption at 5 %: an example should be typical (decision 066)."""
YEARS = tuple(range(2010, 2022))
COHORTS = {2016: 60, 2017: 75, 2018: 85, 2019: 95, 2020: 85}
"""Regions that adopt in each year; the rest never do."""
COHORT_GAIN = {2016: 1.40, 2017: 1.20, 2018: 1.00, 2019: 0.80, 2020: 0.65}
READY_GAIN = {1: 1.25, 0: 0.80}


@dataclass(frozen=True)
class Law:
    """How one outcome comes about.

    Attributes
    ----------
    level, ready, kota, poor, spread
        Mean of the regions, what readiness, being a kota and a standard deviation of poverty add, and what is left.
    trend, wave
        What a year adds everywhere, and how far years stray from that line.
    noise, memory
        Standard deviation of the noise and its correlation with the year before.
    effect
        What the programme adds in its first year, its second, …
    uneven
        Whether cohorts and readiness change the effect.
    """

    level: float
    ready: float
    kota: float
    poor: float
    spread: float
    trend: float
    wave: float
    noise: float
    memory: float
    effect: tuple[float, ...]
    uneven: bool = False


LAWS = {
    "pengaduan_selesai": Law(42, 6, 3, -2.5, 4.0, 0.6, 0.8, 3.0, 0.5, (1.5, 4.0, 6.5, 8.5, 10.0, 11.0), uneven=True),
    "jangkauan": Law(38, 3, 5, -2.0, 4.5, 0.9, 0.6, 3.0, 0.6, (0.3, 1.0, 1.7, 2.2, 2.5, 2.6)),
    "p0": Law(17, -0.8, -2.0, 2.0, 1.2, -0.25, 0.2, 0.9, 0.6, (0.0, 0.0, -0.04, -0.08, -0.12, -0.15)),
    "lama_sekolah": Law(7.6, 0.2, 1.3, -0.4, 0.6, 0.09, 0.02, 0.12, 0.7, (0.0,) * 6),
}


def invent(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The panel and its truth.

    Returns
    -------
    panel, truth
        `panel`: ``wilayah, tahun, tahun_slrt, jenis, kesiapan`` and the outcomes of `LAWS`. `truth`: ``butir,
        hasil, ukuran, kohor, tahun, jarak, kelompok, nilai``.
    """
    rng = np.random.default_rng(seed)
    regions = _regions(rng)
    panel = regions.merge(pd.DataFrame({"tahun": YEARS}), how="cross").sort_values(["wilayah", "tahun"])
    panel = panel.reset_index(drop=True)
    effects = {}
    for outcome, law in LAWS.items():
        effects[outcome] = _effect(panel, law)
        panel[outcome] = _untreated(rng, panel, regions, law) + effects[outcome]
    truth = pd.concat([_truth(panel, name, effect) for name, effect in effects.items()], ignore_index=True)
    columns = ["wilayah", "tahun", "tahun_slrt", "jenis", "kesiapan", *LAWS]
    return panel[columns].round(dict.fromkeys(LAWS, 2)), truth


def _regions(rng: np.random.Generator) -> pd.DataFrame:
    """Fixed traits, and the year of adoption that hangs on them."""
    register = example_regions()
    kota = np.array([r.type == "kota" for r in register])
    n = len(register)
    poverty = rng.standard_normal(n) - 0.5 * kota
    ready = (rng.standard_normal(n) + 0.6 * kota - 0.3 * poverty > 0.2).astype(int)
    wish = 1.0 * ready + 0.4 * kota - 0.4 * poverty + rng.logistic(0, 0.9, n)
    since = np.full(n, np.nan)
    since[np.argsort(-wish)[: sum(COHORTS.values())]] = np.repeat(list(COHORTS), list(COHORTS.values()))
    return pd.DataFrame(
        {
            "wilayah": [r.code for r in register],
            "jenis": np.where(kota, "kota", "kabupaten"),
            "kesiapan": ready,
            "poverty": poverty,
            "tahun_slrt": since,
        }
    )


def _untreated(rng: np.random.Generator, panel: pd.DataFrame, regions: pd.DataFrame, law: Law) -> np.ndarray:
    """Region + year + noise: what would have been without the programme."""
    level = (
        law.level
        + law.ready * regions["kesiapan"]
        + law.kota * (regions["jenis"] == "kota")
        + law.poor * regions["poverty"]
        + law.spread * rng.standard_normal(len(regions))
    )
    steps = np.arange(len(YEARS))
    year = law.trend * steps + law.wave * rng.standard_normal(len(YEARS))
    shocks = law.noise * rng.standard_normal((len(regions), len(YEARS)))
    noise = shocks.copy()
    for t in steps[1:]:
        noise[:, t] = law.memory * noise[:, t - 1] + np.sqrt(1 - law.memory**2) * shocks[:, t]
    return (level.to_numpy()[:, None] + year + noise).reshape(len(panel))


def _effect(panel: pd.DataFrame, law: Law) -> pd.Series:
    """What the programme adds to each region and year: nothing before it, and nothing without it."""
    age = panel["tahun"] - panel["tahun_slrt"]
    gain = age.where(age >= 0).map(dict(enumerate(law.effect))).fillna(0.0)
    if law.uneven:
        gain = gain * panel["tahun_slrt"].map(COHORT_GAIN).fillna(0.0) * panel["kesiapan"].map(READY_GAIN)
    return gain


def _truth(panel: pd.DataFrame, outcome: str, effect: pd.Series) -> pd.DataFrame:
    """Averages of the effect over the regions of the file, as estimators of staggered adoption define them."""
    treated = panel.assign(nilai=effect, jarak=panel["tahun"] - panel["tahun_slrt"]).query("jarak >= 0")
    treated = treated.astype({"tahun_slrt": int, "jarak": int}).rename(columns={"tahun_slrt": "kohor"})
    cells = treated.groupby(["kohor", "tahun"], as_index=False)["nilai"].mean()
    event = treated.groupby("jarak", as_index=False)["nilai"].mean()
    cohort = cells.groupby("kohor", as_index=False)["nilai"].mean()
    calendar = treated.groupby("tahun", as_index=False)["nilai"].mean()
    sizes = treated.drop_duplicates("wilayah")["kohor"].value_counts()
    whole = {
        "simple": treated["nilai"].mean(),
        "dynamic": event["nilai"].mean(),
        "group": np.average(cohort["nilai"], weights=cohort["kohor"].map(sizes)),
        "calendar": calendar["nilai"].mean(),
    }
    parts = [
        pd.DataFrame({"ukuran": list(whole), "nilai": list(whole.values())}),
        cells.assign(ukuran="att_gt"),
        event.assign(ukuran="event_time"),
        cohort.assign(ukuran="cohort"),
    ]
    for trait in ("kesiapan", "jenis"):
        means = treated.groupby(trait)["nilai"].mean()
        parts.append(
            pd.DataFrame({"kelompok": [f"{trait}={v}" for v in means.index], "nilai": means.to_numpy()}).assign(
                ukuran="simple"
            )
        )
    found = pd.concat(parts, ignore_index=True).assign(hasil=outcome)
    own = ["hasil", "ukuran", "kohor", "tahun", "jarak", "kelompok"]
    found[["kohor", "tahun", "jarak"]] = found[["kohor", "tahun", "jarak"]].astype("Int64")
    item = found[own].apply(lambda row: ".".join(str(v) for v in row.dropna()), axis=1)
    return found[own].assign(butir=item, nilai=found["nilai"])[["butir", *own, "nilai"]]


def main() -> None:
    panel, truth = invent(SEED)
    panel = panel.astype({"tahun_slrt": "Int64"})
    for frame, file in ((panel, "perluasan_sintetis.csv"), (truth, "kebenaran_perluasan_sintetis.csv")):
        frame.to_csv(HERE / file, index=False, float_format="%.8g", lineterminator="\n")


if __name__ == "__main__":
    main()
