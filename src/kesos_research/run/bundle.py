"""Executed notebooks in one small archive: they resemble each other, so packed together they shrink thirtyfold."""

from __future__ import annotations

import io
import lzma
import tarfile
from collections.abc import Mapping

from kesos_research.errors import OutputError, Where
from kesos_research.language import _

SUFFIX = ".tar.xz"
LIMIT = 500 * 1024 * 1024
"""Bytes that an archive may unpack to."""


def packed(files: Mapping[str, bytes]) -> bytes:
    """A .tar.xz of the files, by their paths; no time, no owner, so that the same files give the same bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return lzma.compress(raw.getvalue(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC64, preset=6)


def unpacked(data: bytes, name: str) -> dict[str, bytes]:
    """The files of such an archive.

    Raises
    ------
    OutputError
        When it is no such archive, holds something else than files, or unpacks to more than `LIMIT`.
    """
    try:
        decompressor = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=256 * 1024 * 1024)
        raw = decompressor.decompress(data, LIMIT + 1)
        if len(raw) > LIMIT or not decompressor.eof or decompressor.unused_data:
            raise _unreadable(name)
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            members = archive.getmembers()
            if not all(member.isreg() for member in members):
                raise _unreadable(name)
            found = {}
            for member in members:
                content = archive.extractfile(member)
                found[member.name] = content.read() if content else b""
            return found
    except (lzma.LZMAError, tarfile.TarError, ValueError, EOFError, OSError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> OutputError:
    return OutputError(
        _("The archive cannot be unpacked."),
        expected=_("a whole .tar.xz of files, at most {n} MB", n=LIMIT // 1024**2),
        remedy=_("fetch the release again"),
        where=Where(file=name),
    )
