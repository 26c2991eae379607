"""A codebook from its file."""

from __future__ import annotations

from pathlib import Path

from kesos_research.data.codebook import Codebook
from kesos_research.data.codebook_text import parse_codebook
from kesos_research.data.read.encoding import utf8
from kesos_research.data.read.place import named, present
from kesos_research.errors import DataError, Where
from kesos_research.language import _

LIMIT = 2 * 1024 * 1024
"""Bytes a codebook may have."""


def read_codebook(path: Path, *, name: str | None = None) -> Codebook:
    """What does a codebook declare?

    Parameters
    ----------
    path
        A YAML file.
    name
        The file as a person of this workspace writes it.

    Raises
    ------
    KesosError
        When the file is not there, is not clean text, or is not understood: all problems at once.
    """
    name = named(path, name)
    with present(path, name):
        if path.stat().st_size > LIMIT:
            raise DataError(
                _("The file is larger than {n} kilobytes.", n=LIMIT // 1024),
                remedy=_("look whether this is the codebook"),
                where=Where(name),
            )
        raw = path.read_bytes()
    text, _encoding = utf8(raw, name, "utf-8")
    return parse_codebook(text.decode("utf-8").replace("\r\n", "\n"), name)
