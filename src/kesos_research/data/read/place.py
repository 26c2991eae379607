"""A path that leads to an ordinary file of a size we read, or a refusal that says what stands there instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kesos_research.data.damage import Damage
from kesos_research.errors import DataError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

LIMIT = 500 * 1024 * 1024
"""Bytes a data file may have."""


@contextmanager
def present(path: Path, file: str) -> Iterator[Path]:
    """The file at `path`, there and not empty; what the system refuses while it is read is told too.

    Raises
    ------
    DataError
        When it is not there, is a folder or no ordinary file, may not be opened, is empty or too large.
    """
    where = Where(file)
    try:
        if path.is_dir():
            raise DataError(
                _("{name} is a folder.", name=clean(file)),
                expected=_("a file"),
                remedy=_("name one of the files in it"),
                where=where,
            )
        if not path.is_file():
            raise DataError(_("There is no file {name}.", name=clean(file)), remedy=_nearest(path), where=where)
        size = path.stat().st_size
        if size > LIMIT:
            raise Damage(
                "too_large",
                _("The file is larger than {n} megabytes.", n=LIMIT // 2**20),
                remedy=_("keep the columns and rows the study needs"),
                where=where,
            )
        if not size:
            raise Damage(
                "empty", _("The file is empty."), remedy=_("fetch the file again from its source"), where=where
            )
        yield path
    except OSError as error:
        raise DataError(
            _("The file cannot be opened: {reason}.", reason=clean(error.strerror or error)),
            remedy=_("look whether it is open in another program and whether you may read it"),
            where=where,
        ) from error


def named(path: Path, name: str | None) -> str:
    """What a file is called in messages: `name`, or its path; without characters that a terminal would obey."""
    text = path.as_posix() if name is None else name
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _nearest(path: Path) -> str:
    """A file of nearly this name in the same folder."""
    try:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.iterdir() if p.is_file()], n=1)
    except (OSError, ValueError):
        near = []
    return _("did you mean {name}?", name=clean(near[0])) if near else _("look at the name and the folder of the file")
