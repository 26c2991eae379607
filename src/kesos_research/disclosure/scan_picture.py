"""What pictures say beside the picture: text chunks of PNG, segments of JPEG, EXIF and XMP."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from kesos_research.disclosure.scan_data import strings
from kesos_research.disclosure.scan_part import Batch, Part, Piece

_LARGEST = 10 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_PIXELS = (b"IHDR", b"IDAT", b"PLTE", b"IEND", b"tRNS", b"fdAT")
_SCAN, _END = 0xDA, 0xD9
_ALONE = (0x01, *range(0xD0, 0xD8))


def pieces(part: Part) -> Iterator[Piece | Batch | Part]:
    """The words in a picture's file."""
    if part.raw.startswith(_PNG):
        yield from _png(part.raw)
    elif part.raw.startswith(b"\xff\xd8"):
        yield from _jpeg(part.raw)
    else:
        yield from strings(part)


def _png(raw: bytes) -> Iterator[Piece | Batch | Part]:
    at = len(_PNG)
    while at + 8 <= len(raw):
        size, name = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        body = raw[at + 8 : at + 8 + size]
        place = name.decode("latin-1")
        if name == b"tEXt":
            yield Piece(place, body.replace(b"\x00", b": ").decode("latin-1"))
        elif name == b"zTXt":
            key, _zero, packed = body.partition(b"\x00")
            yield Piece(place, f"{key.decode('latin-1')}: {_inflated(packed[1:]).decode('latin-1')}")
        elif name == b"iTXt":
            yield Piece(place, _international(body))
        elif name not in _PIXELS and body:
            yield from strings(Part(place, "", body))
        at += size + 12
        if name == b"IEND":
            break
    if at < len(raw):
        yield Part("IEND", "", raw[at:])


def _international(body: bytes) -> str:
    """keyword, NUL, is packed, method, language, NUL, translated keyword, NUL, text"""
    key, _zero, rest = body.partition(b"\x00")
    packed, rest = rest[:1] == b"\x01", rest[2:]
    _language, _zero, rest = rest.partition(b"\x00")
    other, _zero, text = rest.partition(b"\x00")
    told = _inflated(text) if packed else text
    return " ".join(x.decode("utf-8", "replace") for x in (key, other, told))


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST)
    except zlib.error:
        return packed


def _jpeg(raw: bytes) -> Iterator[Piece | Batch | Part]:
    at = 2
    while at + 4 <= len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker in (_SCAN, _END):
            break
        if marker in _ALONE:
            at += 2
            continue
        size = int.from_bytes(raw[at + 2 : at + 4], "big")
        body = raw[at + 4 : at + 2 + size]
        if marker == 0xFE or 0xE0 <= marker <= 0xEF:
            name = "COM" if marker == 0xFE else f"APP{marker - 0xE0}"
            if b"<x:xmpmeta" in body:
                yield Part(name, "xmp.xml", body[body.index(b"<x:xmpmeta") :].rstrip(b"\x00"))
            yield from strings(Part(name, "", body))
        at += 2 + max(size, 2)
    end = raw.rfind(b"\xff\xd9")
    if end >= 0 and end + 2 < len(raw):
        yield from strings(Part("EOI", "", raw[end + 2 :]))
