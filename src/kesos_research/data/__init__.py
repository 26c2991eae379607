"""Rows that may be trusted."""

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.definitions import definitions
from kesos_research.data.evidence import ASPECTS, Evidence
from kesos_research.data.link import Joined, join
from kesos_research.data.panel import Balanced, Panel
from kesos_research.data.read import (
    Microdata,
    read_adoption,
    read_bps_table,
    read_cells,
    read_codebook,
    read_evaluation,
    read_evidence,
    read_kobo,
    read_microdata,
    read_panel,
    read_rows,
    read_service_log,
)
from kesos_research.data.remarks import remark, remarks, spans
from kesos_research.data.write import Written, write_rows

__all__ = [
    "ASPECTS",
    "Balanced",
    "Cells",
    "Codebook",
    "Column",
    "Evidence",
    "Joined",
    "Microdata",
    "Panel",
    "Written",
    "definitions",
    "join",
    "read_adoption",
    "read_bps_table",
    "read_cells",
    "read_codebook",
    "read_evaluation",
    "read_evidence",
    "read_kobo",
    "read_microdata",
    "read_panel",
    "read_rows",
    "read_service_log",
    "remark",
    "remarks",
    "spans",
    "write_rows",
]
