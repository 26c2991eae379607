"""Microdata: a file and its codebook in, typed rows and what was found out; nothing half-read goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kesos_research.data.cells import Cells
from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.findings import Findings
from kesos_research.data.read.codebook import read_codebook
from kesos_research.data.read.formats import read_cells
from kesos_research.data.read.reference import referred
from kesos_research.data.synthetic_mark import of_file
from kesos_research.data.typed import typed


@dataclass(frozen=True)
class Microdata:
    """Rows of persons, households or institutions that keep their codebook's promises.

    Attributes
    ----------
    frame
        One column a column of the codebook: numbers as float64 (int64 where whole and none missing), dates as datetime,
        choices as categories in the order of the codebook, everything else as text.
    codebook
        What the columns are.
    findings
        Warnings, and what was found out about the file.
    labels, value_labels
        As the file itself tells them, where it does.
    """

    frame: pd.DataFrame
    codebook: Codebook
    findings: Findings
    labels: Mapping[str, str]
    value_labels: Mapping[str, Mapping[str, str]]


def read_microdata(
    path: Path | str, codebook: Codebook | Path | str, *, sheet: str | None = None, name: str | None = None
) -> Microdata:
    """Which rows does this file hold, as its codebook says they are?

    Parameters
    ----------
    path
        CSV, XLSX, Parquet, Stata, SPSS or dBase.
    codebook
        A codebook, or the path of its YAML.
    sheet
        Of a workbook with more than one.
    name
        The file as a person of this workspace writes it.

    Raises
    ------
    KesosError
        When the file or the codebook is not understood, or any promise is broken: all problems at once.
    """
    path = Path(path)
    book, folder = opened_codebook(codebook, path)
    book = of_file(book, path.name)
    cells = read_cells(path, codebook=book, name=name, sheet=sheet)
    return microdata(cells, book, folder)


def microdata(cells: Cells, codebook: Codebook, folder: Path) -> Microdata:
    """Cells that keep the promises of their codebook, as rows; `folder` is where files lie that it refers to.

    Raises
    ------
    KesosError
        When a promise is broken.
    """
    findings = check_cells(cells, codebook, values=referred(codebook, folder))
    findings.refuse()
    frame = typed(cells, codebook)
    for column in codebook.columns.values():
        if column.kind == "pilihan":
            frame[column.name] = pd.Categorical(frame[column.name], categories=list(column.choices))
    return Microdata(frame, codebook, findings, cells.labels, cells.value_labels)


def opened_codebook(codebook: Codebook | Path | str, path: Path) -> tuple[Codebook, Path]:
    """A codebook, and the folder of the files it refers to: its own, or that of the data where it comes without one.

    Raises
    ------
    KesosError
        When it is not there or not understood.
    """
    if isinstance(codebook, Codebook):
        return codebook, path.parent
    return read_codebook(Path(codebook)), Path(codebook).parent
