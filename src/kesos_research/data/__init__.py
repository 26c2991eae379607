"""Rows that may be trusted."""

from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.definitions import definitions
from kesos_research.data.evidence import ASPECTS, Evidence
from kesos_research.data.link import Joined, join
from kesos_research.data.panel import Balanced, Panel
from kesos_research.data.read import read_codebook, read_evidence, read_panel, read_rows
from kesos_research.data.remarks import remark, remarks, spans

__all__ = [
    "ASPECTS",
    "Balanced",
    "Codebook",
    "Column",
    "Evidence",
    "Joined",
    "Panel",
    "definitions",
    "join",
    "read_codebook",
    "read_evidence",
    "read_panel",
    "read_rows",
    "remark",
    "remarks",
    "spans",
]
