"""A file held against its codebook, from opening it to the last broken promise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kesos_research.data.cells import Cells
from kesos_research.data.check import check_cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.findings import Findings, unreadable
from kesos_research.data.read.flags import flag_book, flags_of, without_excluded
from kesos_research.data.read.formats import read_cells
from kesos_research.data.read.reference import referred
from kesos_research.data.rules import Values, rules_of
from kesos_research.data.synthetic_mark import of_file
from kesos_research.data.typed import typed
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import _


def check(
    path: Path | str,
    codebook: Codebook,
    *,
    folder: Path | None = None,
    name: str | None = None,
    sheet: str | None = None,
    flags: Path | None = None,
) -> Findings:
    """Which promises of its codebook does a file break?

    Parameters
    ----------
    path
        The file, of any format that is read.
    codebook
        What it promises; where the name of the file says that its rows are invented, of the example register.
    folder
        Where the files lie that the codebook refers to: the folder of the codebook; that of the file when not given.
    name
        The file as a person of this workspace writes it.
    sheet
        Of a workbook.
    flags
        A table of flags: values they exclude are not held against each other.

    Returns
    -------
    Findings
        Also where the file cannot be read: then with all that keeps it from being read.
    """
    path = Path(path)
    name = name or path.as_posix()
    codebook = of_file(codebook, path.name)
    try:
        cells = read_cells(path, codebook=codebook, name=name, sheet=sheet)
        values = referred(codebook, folder or path.parent)
        if flags is None:
            return check_cells(cells, codebook, values=values)
        return _beside_flags(cells, codebook, values, flags)
    except KesosError as error:
        return unreadable(name, error)


def _beside_flags(cells: Cells, codebook: Codebook, values: Values, path: Path) -> Findings:
    """Cells are judged as they are, the columns of a row without what the flags exclude."""
    if codebook.key != ("wilayah", "tahun"):
        raise DataError(
            _("The rows are not told apart by region and year."),
            expected="kunci: [wilayah, tahun]",
            where=Where(path.as_posix()),
        )
    rules = rules_of(codebook, values)
    first = check_cells(cells, codebook, values=values, rules=[rule for rule in rules if rule.scope != "row"])
    if not first.clean:
        return first
    book = flag_book(codebook)
    flags = read_cells(path, codebook=book)
    check_cells(flags, book).refuse()
    judged = without_excluded(cells, flags_of(flags, book, typed(cells, codebook)), codebook)
    second = check_cells(judged, codebook, values=values, rules=[rule for rule in rules if rule.scope == "row"])
    return replace(second, found=(*first.found, *second.found))
