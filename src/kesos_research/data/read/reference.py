"""What the columns hold that a codebook refers to."""

from __future__ import annotations

from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.codebook import Codebook, Reference
from kesos_research.data.read.formats import read_cells
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import _


def referred(codebook: Codebook, folder: Path) -> dict[Reference, tuple[str, ...]]:
    """Which values may the columns of a codebook take, that refer to other files?

    Parameters
    ----------
    folder
        Where these files lie; none outside it is opened.

    Raises
    ------
    KesosError
        When a file is not there, is damaged, or lacks the column.
    """
    found: dict[Reference, tuple[str, ...]] = {}
    problems: list[KesosError] = []
    for column in codebook.columns.values():
        if column.reference is not None and column.reference not in found:
            try:
                found[column.reference] = _values(column.reference, folder, column.name)
            except KesosError as error:
                problems.append(error)
    if problems:
        raise together(problems)
    return found


def _values(reference: Reference, folder: Path, column: str) -> tuple[str, ...]:
    path = (folder / reference.file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DataError(
            _("The file lies outside the folder of the codebook."),
            remedy=_("copy it beside the codebook"),
            where=Where(reference.file, key=f"kolom.{column}.rujukan"),
        )
    cells = read_cells(path, name=reference.file)
    if cells.columns.count(reference.column) != 1:
        raise DataError(
            _("The column {name} is missing.", name=repr(reference.column)),
            expected=_("one of {names}", names=", ".join(cells.columns[:40])),
            where=Where(reference.file, key=f"kolom.{column}.rujukan"),
        )
    return tuple(v for v in cells.table.column(reference.column).unique().to_pylist() if v)
