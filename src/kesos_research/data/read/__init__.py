"""The only place where data files are opened: text first, checked, then typed."""

from kesos_research.data.read.adoption import read_adoption
from kesos_research.data.read.bps import read_bps_table
from kesos_research.data.read.checked import check
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.evaluation import read_evaluation
from kesos_research.data.read.flags import FLAG_USES
from kesos_research.data.read.formats import LIMIT, READERS, read_cells
from kesos_research.data.read.kobo import read_kobo
from kesos_research.data.read.rows import Microdata, read_microdata
from kesos_research.data.read.service_log import read_service_log
from kesos_research.data.read.study import read_evidence, read_panel, read_rows, source_findings

__all__ = [
    "FLAG_USES",
    "LIMIT",
    "READERS",
    "Microdata",
    "check",
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
    "source_findings",
]
