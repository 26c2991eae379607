"""The one way into a data file: the reader is chosen by what the file is called, and gives text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.damage import Damage
from kesos_research.errors import DataError, Where
from kesos_research.language import _

LIMIT = 500 * 1024 * 1024
"""Bytes a data file may have."""

Reader = Callable[[Path, str, Codebook | None, str | None], Cells]
"""``reader(path, name, codebook, sheet)``."""

READERS: dict[str, str] = {
    ".csv": "text:read_text",
    ".tsv": "text:read_text",
    ".txt": "text:read_text",
}
"""Module of this package and its function, by suffix; opened when asked for."""


def read_cells(
    path: Path, *, codebook: Codebook | None = None, name: str | None = None, sheet: str | None = None
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
    name = path.as_posix() if name is None else name
    suffix = path.suffix.lower()
    if suffix not in READERS:
        raise DataError(
            _("Files of the kind {suffix} are not read.", suffix=repr(path.suffix)),
            expected=_("one of {names}", names=", ".join(sorted(READERS))),
            where=Where(name),
        )
    try:
        if not path.is_file():
            raise DataError(_("There is no file {name}.", name=name), where=Where(name))
        size = path.stat().st_size
        if size > LIMIT:
            raise DataError(_("The file is larger than {n} megabytes.", n=LIMIT // 2**20), where=Where(name))
        if not size:
            raise Damage("empty", _("The file is empty."), where=Where(name))
        return _reader(suffix)(path, name, codebook, sheet)
    except OSError as error:
        raise DataError(
            _("The file cannot be opened: {reason}.", reason=error.strerror or str(error)), where=Where(name)
        ) from error


def _reader(suffix: str) -> Reader:
    module, function = READERS[suffix].split(":")
    return cast("Reader", getattr(import_module(f"kesos_research.data.read.{module}"), function))
