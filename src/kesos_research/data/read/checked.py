"""A file held against its codebook, from opening it to the last broken promise."""

from __future__ import annotations

from pathlib import Path

from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.findings import Findings, unreadable
from kesos_research.data.read.formats import read_cells
from kesos_research.data.read.reference import referred
from kesos_research.errors import KesosError


def check(
    path: Path | str,
    codebook: Codebook,
    *,
    folder: Path | None = None,
    name: str | None = None,
    sheet: str | None = None,
) -> Findings:
    """Which promises of its codebook does a file break?

    Parameters
    ----------
    path
        The file, of any format that is read.
    codebook
        What it promises.
    folder
        Where the files lie that the codebook refers to: the folder of the codebook; that of the file when not given.
    name
        The file as a person of this workspace writes it.
    sheet
        Of a workbook.

    Returns
    -------
    Findings
        Also where the file cannot be read: then with all that keeps it from being read.
    """
    path = Path(path)
    name = name or path.as_posix()
    try:
        cells = read_cells(path, codebook=codebook, name=name, sheet=sheet)
        values = referred(codebook, folder or path.parent)
    except KesosError as error:
        return unreadable(name, error)
    return check_cells(cells, codebook, values=values)
