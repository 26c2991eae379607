"""A zip looked at before anything in it is unpacked: how many parts, how large, how densely packed, and named how."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from kesos_research.errors import DataError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

LIMIT = 500 * 1024 * 1024
"""Bytes that all parts together may unpack to."""
RATIO = 100
"""Unpacked bytes a packed byte may stand for, in parts of at least a megabyte and in all."""
PARTS = 5000
"""Parts an archive may have."""

_SMALL = 2**20
_CHUNK = 2**16
_UNSAFE = re.compile(r"^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)|\x00")
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What `zipfile` raises on a damaged archive: its own error, and those of what it calls."""

Handler = Callable[[str, Mapping[str, str]], None]


class Archive:
    """An archive whose parts may be opened."""

    def __init__(self, unpacked: zipfile.ZipFile, file: str) -> None:
        self._zip, self.file = unpacked, file
        self.names = tuple(part.filename for part in unpacked.infolist() if not part.is_dir())

    def read(self, name: str) -> bytes:
        """The bytes of a part.

        Raises
        ------
        DataError
            When the part is not there or damaged.
        """
        return b"".join(self._chunks(name))

    def stream(self, name: str, *, start: Handler, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        """Tell the elements of an XML part, by their local names, to `start`, `end` and `text`.

        Raises
        ------
        DataError
            When the part is not there, is damaged or no XML, or declares entities, which no data file needs.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = lambda *_told: self._entities(name)
        try:
            for chunk in self._chunks(name):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeError, ValueError) as error:
            raise self.damaged(name) from error

    def damaged(self, name: str) -> DataError:
        """What to raise where a part does not say what it should."""
        return DataError(
            _("The part {name} of the file is damaged.", name=repr(clean(name))),
            expected=_("a file as its program saved it"),
            remedy=_("fetch the file again from its source, or open it and save it again"),
            where=Where(self.file),
        )

    def _entities(self, name: str) -> None:
        raise DataError(
            _("The part {name} of the file declares entities.", name=repr(clean(name))),
            expected=_("XML without a document type, as spreadsheet programs write it"),
            remedy=_("open the file in a spreadsheet program, save it again, and ask where it came from"),
            where=Where(self.file),
        )

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except _DAMAGED as error:
            raise self.damaged(name) from error


@contextmanager
def opened(path: Path, file: str) -> Iterator[Archive]:
    """The archive at `path`, looked at.

    Raises
    ------
    DataError
        When it is no archive or a damaged one, encrypted, unpacks to too much, or names parts outside itself.
    """
    try:
        unpacked = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise DataError(
            _("The file is no whole workbook or archive: it is cut or damaged."),
            expected=_("a file as its program saved it"),
            remedy=_("fetch the file again from its source, or open it and save it again"),
            where=Where(file),
        ) from error
    with unpacked:
        _look(unpacked.infolist(), file)
        yield Archive(unpacked, file)


def _look(parts: list[zipfile.ZipInfo], file: str) -> None:
    where = Where(file)
    if len(parts) > PARTS:
        raise DataError(
            _("The file holds {n} parts.", n=len(parts)),
            expected=_("at most {n}", n=PARTS),
            remedy=_("save only the sheets with data in a new workbook"),
            where=where,
        )
    total, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    dense = [p for p in parts if p.file_size >= _SMALL and p.file_size > RATIO * p.compress_size]
    if total > LIMIT or dense or (total >= _SMALL and total > RATIO * packed):
        raise DataError(
            _(
                "Unpacked, the file would be {n} megabytes, {ratio} times its size.",
                n=-(-total // 2**20),
                ratio=total // max(1, packed),
            ),
            expected=_(
                "at most {n} megabytes, and at most {ratio} times its packed size", n=LIMIT // 2**20, ratio=RATIO
            ),
            remedy=_("save only the rows and columns with data, or save the sheet as CSV UTF-8"),
            where=where,
        )
    seen: set[str] = set()
    for part in parts:
        if part.flag_bits & 0x1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                _("The part {name} is encrypted or packed in an unusual way.", name=repr(clean(part.filename))),
                remedy=_("remove the password and save the file again"),
                where=where,
            )
        if _UNSAFE.search(part.orig_filename) or part.filename in seen:
            raise DataError(
                _("The part {name} is named as no program names its parts.", name=repr(clean(part.orig_filename))),
                expected=_("each part once, inside the archive"),
                remedy=_("open the file in a spreadsheet program, save it again, and ask where it came from"),
                where=where,
            )
        seen.add(part.filename)
