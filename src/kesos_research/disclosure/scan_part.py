"""What a file is taken apart into, and what kind of file some bytes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

Kind = Literal[
    "pdf", "zip", "xml", "html", "svg", "picture", "json", "text", "table", "gzip", "font", "closed", "strings"
]

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"RIFF", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "table"),
    (b"$FL2", "table"),
    (b"$FL3", "table"),
    (b"<stata_dta>", "table"),
    (b"ARROW1", "table"),
    *(
        (magic, "closed")
        for magic in (b"\xd0\xcf\x11\xe0", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"SQLite ", b"\x89HDF")
    ),
    *((magic, "font") for magic in (b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00", b"true", b"ttcf")),
)
_SUFFIX: dict[str, Kind] = {
    **dict.fromkeys((".htm", ".html", ".xhtml"), "html"),
    **dict.fromkeys((".svg",), "svg"),
    **dict.fromkeys((".xml", ".rels", ".xmp", ".vml", ".opf"), "xml"),
    **dict.fromkeys((".json", ".ipynb", ".geojson"), "json"),
    **dict.fromkeys((".dta", ".sav", ".zsav", ".dbf"), "table"),
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Piece:
    """A text, and where in its file it stands."""

    place: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Batch:
    """Many short texts, each with its place.

    Attributes
    ----------
    entries
        Place and text.
    together
        Whether what stands at the end of one goes on in the next, as in the lines of a file.
    """

    entries: Sequence[tuple[str, str]] = field(repr=False)
    together: bool = False


@dataclass(frozen=True)
class Part:
    """A file, or a file inside it."""

    place: str
    name: str
    raw: bytes = field(repr=False)


class Unreadable(Exception):
    """A file that cannot be opened; its text says why."""


def kind_of(raw: bytes, name: str) -> Kind:
    """What kind of file this is: by its first bytes, then by its name, then by whether it is text.

    Examples
    --------
    >>> kind_of(b"%PDF-1.7", "x.txt"), kind_of(b"a,b", "x.csv"), kind_of(b"<svg/>", "data"), kind_of(bytes(9), "x")
    ('pdf', 'text', 'svg', 'strings')
    """
    if kind := packed(raw):
        return kind
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in _SUFFIX:
        return _SUFFIX[suffix]
    head = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "html"
    if head.startswith((b"<?xml", b"<svg")):
        return "svg" if b"<svg" in head else "xml"
    text = text_of(raw)
    if text is None:
        return "strings"
    return "json" if head[:1] in (b"{", b"[") and _closed(raw) else "text"


def packed(raw: bytes) -> Kind | None:
    """The kind that the first bytes tell; None where they tell none."""
    return next((kind for magic, kind in _MAGIC if raw.startswith(magic)), None)


def text_of(raw: bytes) -> str | None:
    """The bytes as text; None where they are none."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if b"\x00" in raw[:4096]:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        odd = sum(b < 9 or 13 < b < 32 for b in raw[:4096])
        return raw.decode("cp1252", "replace") if odd * 50 < len(raw[:4096]) else None


def _closed(raw: bytes) -> bool:
    return raw.rstrip()[-1:] in (b"}", b"]")
