"""`kesos data check` and `kesos data describe`: a file held against its codebook, or its first codebook."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import typer

from kesos_research.cli import screen
from kesos_research.data.describe import describe
from kesos_research.data.findings import Findings
from kesos_research.data.findings_html import as_html
from kesos_research.data.findings_text import as_json, as_text, verdict
from kesos_research.data.read import check, read_cells, read_codebook
from kesos_research.errors import KesosError, OutputError, Where
from kesos_research.language import _
from kesos_research.run.write import write_whole

BROKEN = 2
"""Exit code where a promise is broken."""

_FORMATS: dict[str, Callable[[Findings], str]] = {"text": as_text, "json": as_json, "html": as_html}


def check_file(
    file: Path, codebook: Path | None, form: str, *, output: Path | None, flags: Path | None, sheet: str | None
) -> int:
    """Hold a file against its codebook and tell what is broken; the exit code says whether anything is."""
    if form not in _FORMATS:
        raise KesosError(
            _("There is no format {name}.", name=repr(form)), expected=_("one of {names}", names=", ".join(_FORMATS))
        )
    book = codebook_of(file, codebook)
    found = check(
        file, read_codebook(book, name=typed(book)), folder=book.parent, name=typed(file), sheet=sheet, flags=flags
    )
    said = _FORMATS[form](found)
    if output is None:
        typer.echo(screen.harmless(said) if form == "text" else said, nl=False)
    else:
        write_whole(output.absolute(), said.encode(), output.absolute().parent)
        (screen.done if found.clean else screen.say)(verdict(found))
        screen.say(_("The findings are in {file}", file=screen.near(output)))
    return 0 if found.clean else BROKEN


def describe_file(file: Path, output: Path | None, *, sheet: str | None) -> None:
    """Draft the codebook of a file, on screen or where there is no file yet."""
    draft = describe(read_cells(file, name=typed(file), sheet=sheet))
    if output is None:
        typer.echo(draft, nl=False)
        return
    if os.path.lexists(output):
        raise OutputError(
            _("There is a file of this name already."),
            remedy=_("name another, or move it away: a codebook is never overwritten"),
            where=Where(typed(output)),
        )
    write_whole(output.absolute(), draft.encode(), output.absolute().parent)
    screen.done(_("The codebook is in {file}", file=screen.near(output)))
    screen.say(_("Read it and complete it, then:"))
    screen.say(f"  kesos data check {shell(file)} --codebook {shell(output)}")


def codebook_of(file: Path, given: Path | None) -> Path:
    """The codebook of a file: the one given, or the one beside it."""
    beside = file.parent / "codebook.yaml"
    if given is None and not beside.is_file():
        raise KesosError(
            _("No codebook is named, and there is none beside the file."),
            expected="--codebook codebook.yaml",
            remedy=f"kesos data describe {shell(file)} --output {shell(beside)}",
            where=Where(typed(file)),
        )
    return beside if given is None else given


def typed(path: Path) -> str:
    """A path as it was typed."""
    return path.as_posix()


def shell(path: Path) -> str:
    """A path as a command has it."""
    return f'"{path}"' if " " in str(path) else str(path)
