"""The law by which the families of the synthetic study of ProKUS live: three populations, each with its own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Population = Literal["mandiri", "alamiah", "rintisan"]
FUNDS = ("apbn", "hdn")
COVARIATES = (
    "kepala_perempuan",
    "umur_kepala",
    "lama_sekolah",
    "anggota",
    "pernah_latihan",
    "jarak_pasar",
    "penghasilan_awal",
    "aset_awal",
)
"""All that decides who is offered the support: given these, nothing else does."""


@dataclass(frozen=True)
class Law:
    """One population. Money in thousand rupiah: income a head and month, assets and costs a family.

    Attributes
    ----------
    families
        Families drawn in each village.
    leaves
        Whether its families have left PKH, and can come back to it.
    income, assets, school, female, trained
        Medians and shares on the list, before the facilitators choose.
    alone
        Chance to live from one's own earnings without assistance, without the support.
    gains
        What the capital adds for those who take it, by outcome.
    more_for_women
        What it adds to income besides, where a woman heads the family.
    hazard, hazard_ratio
        Returns to PKH a month, and what the offer multiplies them with.
    costs
        Thousand rupiah a family by ingredient, under APBN and under HDN.
    """

    families: int
    leaves: bool
    income: float
    assets: float
    school: float
    female: float
    trained: float
    alone: float
    gains: Mapping[str, float]
    more_for_women: float
    hazard: float
    hazard_ratio: float
    costs: Mapping[str, tuple[float, float]]

    def scales(self) -> Iterator[tuple[str, float, float]]:
        """Centre and scale of the covariates that are amounts."""
        yield "income", self.income, 0.35 * self.income
        yield "assets", self.assets, 0.5 * self.assets
        yield "school", self.school, 2.8

    def tilted(self) -> Iterator[tuple[str, float, float, float]]:
        """How facilitators choose: log-odds for each scale of what they see."""
        weights = {"income": 0.32, "assets": 0.12, "school": 0.25}
        for column, centre, scale in self.scales():
            yield column, weights[column], centre, scale
        yield "trained", 0.40, 0.0, 1.0
        yield "female", 0.20, 0.0, 1.0

    @property
    def ceiling(self) -> float:
        """The largest log-odds there can be."""
        most = {"income": 2.5 * self.income, "assets": 4 * self.assets, "school": 15.0, "trained": 1.0, "female": 1.0}
        return sum(b * (most[c] - centre) / scale for c, b, centre, scale in self.tilted())


_COSTS = {
    "biaya_modal": (3000.0, 2500.0),
    "biaya_pelatihan": (450.0, 380.0),
    "biaya_pendampingan": (600.0, 520.0),
    "biaya_pengelolaan": (260.0, 310.0),
}


def laws() -> dict[str, Law]:
    """The three populations: two kinds of graduates, and families in PKH with a nascent business."""
    return {
        "mandiri": Law(
            families=8,
            leaves=True,
            income=900,
            assets=3200,
            school=8.2,
            female=0.26,
            trained=0.40,
            alone=0.46,
            gains={"penghasilan": 95.0, "aset": 900.0, "swadaya": 0.12},
            more_for_women=60.0,
            hazard=0.014,
            hazard_ratio=0.45,
            costs=_COSTS,
        ),
        "alamiah": Law(
            families=8,
            leaves=True,
            income=720,
            assets=2100,
            school=6.8,
            female=0.38,
            trained=0.28,
            alone=0.34,
            gains={"penghasilan": 45.0, "aset": 500.0, "swadaya": 0.05},
            more_for_women=30.0,
            hazard=0.026,
            hazard_ratio=0.65,
            costs=_COSTS,
        ),
        "rintisan": Law(
            families=8,
            leaves=False,
            income=640,
            assets=1700,
            school=7.1,
            female=0.30,
            trained=0.35,
            alone=0.20,
            gains={"penghasilan": 80.0, "aset": 1100.0, "swadaya": 0.16},
            more_for_women=0.0,
            hazard=0.0,
            hazard_ratio=1.0,
            costs={**_COSTS, "biaya_modal": (2400.0, 2100.0)},
        ),
    }
