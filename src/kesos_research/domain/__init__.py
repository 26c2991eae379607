"""What the words mean: regions, programmes, indicators, and who is served. Knows Indonesia and no statistics."""

from kesos_research.domain.indikator import Indicator, indicator, indicators
from kesos_research.domain.ppks import Category, ppks, psks
from kesos_research.domain.program import Fact, Phase, Programme, ScopeItem, fact, programme, programmes
from kesos_research.domain.wilayah import ISLANDS, Island, Region, region, regions
from kesos_research.domain.wilayah_contoh import example_region, example_regions, region_in, register

__all__ = [
    "ISLANDS",
    "Category",
    "Fact",
    "Indicator",
    "Island",
    "Phase",
    "Programme",
    "Region",
    "ScopeItem",
    "example_region",
    "example_regions",
    "fact",
    "indicator",
    "indicators",
    "ppks",
    "programme",
    "programmes",
    "psks",
    "region",
    "region_in",
    "regions",
    "register",
]
