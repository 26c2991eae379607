"""`kesos data pseudonymise` and `kesos data key`: rows without names, and the key that alone can name them again."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kesos_research.cli import screen
from kesos_research.cli.data_file import codebook_of, shell, typed
from kesos_research.data.codebook_yaml import codebook_yaml
from kesos_research.data.identity_set import IdentitySet
from kesos_research.data.key import new_key, read_key
from kesos_research.data.pseudonym import Pseudonymised, pseudonymised
from kesos_research.data.read import check, read_cells, read_codebook
from kesos_research.data.write import WRITERS, write_rows
from kesos_research.errors import DataError, OutputError, Where
from kesos_research.language import _, current
from kesos_research.run.write import write_whole

if TYPE_CHECKING:
    from kesos_research.data.codebook import Codebook

MARK = "samaran"


def make_key(path: Path) -> None:
    """Make a key, and say what it is for."""
    name = new_key(path)
    screen.done(_("The key {id} is in {file}", id=name, file=screen.near(path)))
    screen.say(_("Keep a copy in a safe place: without it new rows cannot be joined to these. Never share it."))
    if sys.platform == "win32":
        screen.say(_("On Windows let nobody but you open its folder (Properties, Security)."))


def pseudonymise_file(file: Path, codebook: Path | None, key: Path, output: Path | None, *, sheet: str | None) -> None:
    """Write the rows of a file without names, and their codebook."""
    secret = read_key(key, data=file)
    book_file = codebook_of(file, codebook)
    book = read_codebook(book_file, name=typed(book_file))
    target, target_book = _targets(file, output)
    _sound(file, book, book_file, sheet)
    cells = read_cells(file, codebook=book, name=typed(file), sheet=sheet)
    made = pseudonymised(cells, book, secret)
    if not made.replaced and not made.dropped:
        raise DataError(
            _("The codebook calls no column secret."),
            expected=_("`jenis: nik`, or `sensitivitas: rahasia`, where a column tells who it is"),
            where=Where(typed(book_file), key="kolom"),
        )
    notes = _write(made, target, IdentitySet.of_cells(cells, book))
    write_whole(target_book.absolute(), _codebook(made).encode(), target_book.absolute().parent)
    screen.done(_("{n} rows without names are in {file}", n=len(made.frame), file=screen.near(target)))
    screen.say(_("Their codebook is in {file}", file=screen.near(target_book)))
    for line in (*_told(made), *notes):
        screen.say(line)


def _targets(file: Path, output: Path | None) -> tuple[Path, Path]:
    """Where the rows and their codebook go; nothing that is there is overwritten."""
    suffix = file.suffix.lower() if file.suffix.lower() in WRITERS else ".csv"
    target = output or file.with_name(f"{file.stem}.{MARK}{suffix}")
    book = target.with_name(f"{target.stem}.codebook.yaml")
    for path in (target, book):
        if os.path.lexists(path):
            raise OutputError(
                _("There is a file of this name already."),
                remedy=_("name another with --output, or move it away"),
                where=Where(typed(path)),
            )
    return target, book


def _sound(file: Path, book: Codebook, book_file: Path, sheet: str | None) -> None:
    found = check(file, book, folder=book_file.parent, name=typed(file), sheet=sheet)
    if not found.clean:
        raise DataError(
            _("{n} promises of the codebook are broken.", n=len(found.errors)),
            expected=_("a file that keeps its codebook: a mistyped NIK would get a pseudonym of nobody"),
            remedy=f"kesos data check {shell(file)} --codebook {shell(book_file)}",
            where=Where(typed(file)),
        )


def _write(made: Pseudonymised, target: Path, known: IdentitySet) -> tuple[str, ...]:
    """Write the rows, once a search of the finished file has found nobody."""
    from kesos_research.disclosure.scan import scan

    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / target.name
        written = write_rows(made.frame, draft, made.codebook, lang=current(), name=typed(target))
        found = scan(draft, typed(target), known)
        if not found.clean:
            raise _found(found.problems()[0], len(found.findings))
        write_whole(target.absolute(), draft.read_bytes(), target.absolute().parent)
    return written.notes


def _found(first: DataError | Exception, n: int) -> DataError:
    return DataError(
        _("{n} identifiers would still be in the file; the first: {first}", n=n, first=getattr(first, "found", "")),
        remedy=_("declare the column that holds it `sensitivitas: rahasia`, or take it out of its text"),
        where=getattr(first, "where", None),
    )


def _codebook(made: Pseudonymised) -> str:
    return codebook_yaml(
        made.codebook,
        comments=(
            _("Pseudonyms: HMAC-SHA256, 128 bits, under the key {id}.", id=made.key_id),
            _("Rows are sorted by pseudonym: their order tells nothing."),
        ),
    )


def _told(made: Pseudonymised) -> Iterator[str]:
    for names, text in (
        (made.replaced, _("Pseudonyms under the key {id}: {names}")),
        (made.dropped, _("Dropped, for they only name people: {names}")),
        (made.coarsened, _("Coarsened: {names}")),
        (made.texts, _("Free text that stays, look it through for names: {names}")),
        (made.lost, _("Promises that speak of columns that are no more: {names}")),
    ):
        if names:
            yield text.format(names=", ".join(names), id=made.key_id)
    yield _("Rows are sorted by pseudonym: their order tells nothing.")
