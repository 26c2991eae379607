"""`kesos data synthesize` and `kesos data questionnaire`: rows and forms made from a codebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kesos_research.cli import screen
from kesos_research.data.read import read_cells, read_codebook
from kesos_research.data.read.reference import referred
from kesos_research.data.synthetic_mark import MARK, refuse_unmarked
from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _, current

if TYPE_CHECKING:
    import pandas as pd

    from kesos_research.data.codebook import Codebook


def synthesize_file(codebook: Path, n: int, seed: int, output: Path | None, within: Path | None) -> None:
    """Invent rows, write them under a name that says so, and say how to check them."""
    from dataclasses import replace

    from kesos_research.data.synthesize import synthesize
    from kesos_research.data.write import write_rows

    book = read_codebook(codebook, name=codebook.as_posix())
    output = codebook.parent / _named(book, codebook, ".csv") if output is None else output
    refuse_unmarked(output)
    known = referred(replace(book, synthetic=True), codebook.parent, but=() if within is None else _columns(within))
    parents = None if within is None else _rows(within)
    made = synthesize(book, n, seed=seed, within=parents, values=known, name=output.name)
    written = write_rows(made.rows, output, made.codebook, lang=current(), name=output.as_posix())
    screen.warn([KesosError(check.say(current())) for check in made.notices])
    screen.warn([KesosError(note) for note in written.notes])
    screen.done(_("{n} invented rows are in {file}; they keep every promise of their codebook.", n=n,
                  file=screen.near(output)))  # fmt: skip
    screen.say(_("Name them in study.yaml with synthetic: true. To check them again:"))
    screen.say(f"  kesos data check {_shell(output)} --codebook {_shell(codebook)}")


def questionnaire_file(codebook: Path, output: Path, kind: str) -> None:
    """Write the form that asks for what a codebook declares."""
    from kesos_research.data.instrument import KINDS, questionnaire

    if kind not in KINDS:
        raise KesosError(
            _("There is no questionnaire of the kind {name}.", name=repr(kind)),
            expected=_("one of {names}", names=", ".join(KINDS)),
        )
    if output.suffix.lower() != ".xlsx":
        raise OutputError(
            _("A questionnaire is an Excel workbook."),
            expected=_("a name that ends in .xlsx"),
            where=Where(output.as_posix()),
        )
    if os.path.lexists(output):
        raise OutputError(
            _("There is a file of this name already."),
            remedy=_("name another, or move it away: a form in use is never overwritten"),
            where=Where(output.as_posix()),
        )
    from kesos_research.run.write import write_whole

    book = read_codebook(codebook, name=codebook.as_posix())
    made = questionnaire(book, kind=kind, lang=current(), name=codebook.stem)
    write_whole(output.absolute(), made.data, output.absolute().parent)
    screen.warn([KesosError(note.say(current())) for note in made.notes])
    screen.done(_("The questionnaire is in {file}", file=screen.near(output)))


def _named(book: Codebook, codebook: Path, suffix: str) -> str:
    stem = Path(book.data_file or codebook.name).stem
    return f"{stem}{suffix}" if MARK in stem.casefold() else f"{stem}_{MARK}{suffix}"


def _columns(path: Path) -> tuple[str, ...]:
    return read_cells(path, name=path.as_posix()).columns


def _rows(path: Path) -> pd.DataFrame:
    """The cells of the rows within which others stand, as text."""
    return read_cells(path, name=path.as_posix()).table.to_pandas()


def _shell(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
