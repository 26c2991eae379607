"""The one way into a data file: the reader is chosen by what the file is called, and gives text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.read.content import refused
from kesos_research.data.read.place import LIMIT, named, present

__all__ = ["LIMIT", "READERS", "read_cells"]

Reader = Callable[[Path, str, Codebook | None, str | None], Cells]
"""``reader(path, name, codebook, sheet)``."""

READERS: dict[str, str] = {
    ".csv": "text:read_text",
    ".tsv": "text:read_text",
    ".txt": "text:read_text",
    ".xlsx": "excel:read_xlsx",
    ".xlsm": "excel:read_xlsx",
    ".parquet": "parquet:read_parquet",
    ".dta": "statistical:read_dta",
    ".sav": "statistical:read_sav",
    ".zsav": "statistical:read_sav",
    ".dbf": "dbase:read_dbf",
}
"""Module of this package and its function, by suffix; opened when asked for."""


def read_cells(
    path: Path | str, *, codebook: Codebook | None = None, name: str | None = None, sheet: str | None = None
) -> Cells:
    """Which cells does a file hold, as text?

    Parameters
    ----------
    path
        The file; its suffix says which reader is used.
    codebook
        Says how a text file is written; without one that is found out and told in `Cells.detected`.
    name
        The file as a person of this workspace writes it.
    sheet
        Of a workbook; needed where it has more than one with data.

    Raises
    ------
    KesosError
        When the file is not there, is too large, is of no known format, or is damaged: all problems at once.
    """
    path = Path(path)
    name = named(path, name)
    with present(path, name):
        suffix = path.suffix.lower()
        if suffix not in READERS:
            raise refused(path, name, sorted(READERS))
        return _reader(suffix)(path, name, codebook, sheet)


def _reader(suffix: str) -> Reader:
    module, function = READERS[suffix].split(":")
    return cast("Reader", getattr(import_module(f"kesos_research.data.read.{module}"), function))
