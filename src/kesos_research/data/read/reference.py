"""What the columns hold that a codebook refers to."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from kesos_research.data._problems import together
from kesos_research.data.codebook import Codebook, Reference
from kesos_research.data.read.formats import read_cells
from kesos_research.data.synthetic_mark import MARK, marked
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean


def referred(codebook: Codebook, folder: Path, *, but: Collection[str] = ()) -> dict[Reference, tuple[str, ...]]:
    """Which values may the columns of a codebook take, that refer to other files?

    Parameters
    ----------
    folder
        Where these files lie; none outside it is opened. Invented rows refer to an invented file beside it where there
        is one: to `desa_sintetis.csv` for `desa.csv`.
    but
        Columns referred to that are known already.

    Raises
    ------
    KesosError
        When a file is not there, is damaged, or lacks the column.
    """
    found: dict[Reference, tuple[str, ...]] = {}
    problems: list[KesosError] = []
    for column in codebook.columns.values():
        reference = column.reference
        if reference is not None and reference not in found and reference.column not in but:
            try:
                found[reference] = _values(reference, folder, column.name, synthetic=codebook.synthetic)
            except KesosError as error:
                problems.append(error)
    if problems:
        raise together(problems)
    return found


def _values(reference: Reference, folder: Path, column: str, *, synthetic: bool) -> tuple[str, ...]:
    if not reference.file.isprintable():
        raise DataError(
            _("{path} is not a path we can use.", path=repr(clean(reference.file))),
            where=Where(key=f"kolom.{column}.rujukan"),
        )
    path = (folder / reference.file).resolve()
    invented = path.with_name(f"{path.stem}_{MARK}{path.suffix}")
    path = invented if synthetic and not marked(path.name) and invented.is_file() else path
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
