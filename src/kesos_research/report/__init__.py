"""From protected numbers to pages."""

from importlib import import_module
from types import ModuleType

from kesos_research.report.claim import claim, claims, claims_json, together
from kesos_research.report.collect import Results, collect
from kesos_research.report.document import compose
from kesos_research.report.exhibit import Claim, Claims, Column, Exhibit, Figure, Glance, Table
from kesos_research.report.glance import glance
from kesos_research.report.reading import reading
from kesos_research.report.table import TidyTable, checks, table

__all__ = [
    "Claim",
    "Claims",
    "Column",
    "Exhibit",
    "Figure",
    "Glance",
    "Results",
    "Table",
    "TidyTable",
    "checks",
    "claim",
    "claims",
    "claims_json",
    "collect",
    "compose",
    "glance",
    "reading",
    "table",
    "together",
]


def __getattr__(name: str) -> ModuleType:
    # matplotlib is slow to import: only who draws waits for it
    if name == "figure":
        return import_module("kesos_research.report.figure")
    raise AttributeError(name)
