"""Microdata: a file and its codebook in, typed rows and what was found out; nothing half-read goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kesos_research.data.cells import Cells
from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.findings import Findings
from kesos_research.data.read.encoding import utf8
from kesos_research.data.read.formats import read_cells
from kesos_research.data.read.place import present
from kesos_research.data.read.reference import referred
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
    book, folder = (codebook, path.parent) if isinstance(codebook, Codebook) else read_codebook(Path(codebook))
    cells = read_cells(path, codebook=book, name=name, sheet=sheet)
    return microdata(cells, book, folder)


def microdata(cells: Cells, codebook: Codebook, folder: Path) -> Microdata:
    """Cells that keep the promises of their codebook, as rows; `folder` is where files lie that it refers to.

    Raises
    ------
    KesosError
        When a promise is broken.
    """
    written = as_written(codebook, cells)
    findings = check_cells(cells, written, values=referred(written, folder))
    findings.refuse()
    frame = typed(cells, written)
    for column in codebook.columns.values():
        if column.kind == "pilihan":
            frame[column.name] = pd.Categorical(frame[column.name], categories=list(column.choices))
    return Microdata(frame, codebook, findings, cells.labels, cells.value_labels)


def read_codebook(path: Path) -> tuple[Codebook, Path]:
    """A codebook and the folder it lies in.

    Raises
    ------
    KesosError
        When it is not there, is no text, or is not understood.
    """
    file = path.as_posix()
    with present(path, file):
        text, _encoding = utf8(path.read_bytes(), file, "utf-8")
    return parse_codebook(text.decode("utf-8"), file), path.parent


def as_written(codebook: Codebook, cells: Cells) -> Codebook:
    """The codebook for cells that come from no text: their numbers have a decimal point, whatever a CSV file has."""
    return codebook if cells.counted == "line" else replace(codebook, decimal=".")
