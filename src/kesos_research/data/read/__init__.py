"""The only place where data files are opened: text first, checked, then typed."""

from kesos_research.data.read.checked import check
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.flags import FLAG_USES
from kesos_research.data.read.formats import LIMIT, READERS, read_cells
from kesos_research.data.read.study import read_evidence, read_panel, read_rows, source_findings

__all__ = [
    "FLAG_USES",
    "LIMIT",
    "READERS",
    "check",
    "read_cells",
    "read_codebook",
    "read_evidence",
    "read_panel",
    "read_rows",
    "source_findings",
]
