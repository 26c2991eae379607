"""How numbers are spelled in a file, whatever its codebook says of the CSV it describes."""

from __future__ import annotations

from dataclasses import replace

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook


def as_written(codebook: Codebook, cells: Cells) -> Codebook:
    """The codebook for these cells: those of a workbook or a statistical file have a decimal point."""
    return codebook if cells.counted == "line" else replace(codebook, decimal=".")
