"""The mark of invented rows: the word "sintetis" in the name of their file, and `sintetis: ya` in their codebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kesos_research.data.codebook import Codebook
from kesos_research.errors import OutputError, Where
from kesos_research.language import _

MARK = "sintetis"


def marked(name: str) -> bool:
    """Whether the name of a file says that its rows are invented.

    Examples
    --------
    >>> marked("data/ruta_sintetis.csv"), marked("sintetis/ruta.csv")
    (True, False)
    """
    return MARK in Path(name).name.casefold()


def of_file(codebook: Codebook, name: str) -> Codebook:
    """The codebook of a file of this name: of invented rows, where the name says so."""
    return replace(codebook, synthetic=True) if marked(name) else codebook


def refuse_unmarked(path: Path) -> None:
    """Refuse a file for invented rows whose name does not say that they are.

    Raises
    ------
    OutputError
        When the name does not hold "sintetis".
    """
    if not marked(path.name):
        raise OutputError(
            _("The name of a file of invented rows says that they are invented."),
            expected=_("a name with “{mark}”", mark=MARK),
            remedy=_("write {name}", name=f"{path.stem}_{MARK}{path.suffix}"),
            where=Where(path.name),
        )
