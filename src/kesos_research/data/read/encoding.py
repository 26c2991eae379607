"""Bytes of a text file as clean UTF-8: the encoding is declared, or found out and told."""

from __future__ import annotations

import codecs

from kesos_research.data.damage import Damage
from kesos_research.errors import Where
from kesos_research.language import _

_CHUNK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BINARY = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"<stata_dta>", "dta"),
)


def utf8(raw: bytes, file: str, declared: str | None = None) -> tuple[bytes, str]:
    """The text of a file as UTF-8 without byte-order mark, and the encoding it had.

    Parameters
    ----------
    raw
        The bytes of the file.
    declared
        One of `codebook_text.ENCODINGS`; None to find out.

    Raises
    ------
    Damage
        On an empty file, a file that is no text, NUL bytes, or text in another encoding.
    """
    where = Where(file)
    if not raw:
        raise Damage("empty", _("The file is empty."), where=where)
    if raw.startswith(tuple(start for start, _kind in _BINARY)):
        raise Damage(
            "not_text",
            _("The file is a workbook, not a CSV file.")
            if raw.startswith((b"PK", b"\xd0"))
            else _("The file is not text."),
            remedy=_("save the sheet as CSV UTF-8"),
            where=where,
        )
    encoding = declared or _found(raw, file)
    _agrees(raw, encoding, file)
    text = _transcoded(raw, encoding, file)
    if (at := text.find(b"\x00")) >= 0:
        raise Damage(
            "nul",
            _("The file holds NUL bytes: it is damaged or not text."),
            remedy=_("fetch the file again from its source"),
            where=Where(file, line=text.count(b"\n", 0, at) + 1),
            count=text.count(b"\x00"),
        )
    return text, encoding


def _found(raw: bytes, file: str) -> str:
    """The encoding told by a byte-order mark, or the first of UTF-8 and cp1252 that fits."""
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return encoding
    for encoding in ("utf-8", "cp1252"):
        if _wrong(raw, encoding) is None:
            return encoding
    raise Damage(
        "encoding",
        _("The encoding of the text cannot be told."),
        expected=_("a text file saved as UTF-8"),
        remedy=_("save it again as CSV UTF-8"),
        where=Where(file, line=_line(raw, _wrong(raw, "cp1252") or 0)),
    )


def _agrees(raw: bytes, encoding: str, file: str) -> None:
    """Refuse text that is plainly in another encoding than the one declared."""
    marked = next((told for mark, told in _BOMS if raw.startswith(mark)), None)
    foreign = encoding in ("cp1252", "latin-1") and not raw.isascii() and _wrong(raw, "utf-8") is None
    unmarked = encoding == "utf-16" and marked is None  # without its mark any text of even length would pass
    if (marked and marked != encoding) or foreign or unmarked:
        raise _refused(encoding, marked or ("utf-8" if _wrong(raw, "utf-8") is None else None), file, 1)


def _transcoded(raw: bytes, encoding: str, file: str) -> bytes:
    if encoding == "utf-8":
        at = _wrong(raw, encoding)
        if at is not None:
            other = "cp1252" if _wrong(raw, "cp1252") is None and b"\x00" not in raw else None
            raise _refused(encoding, other, file, _line(raw, at))
        return raw.removeprefix(codecs.BOM_UTF8)
    try:
        return raw.decode(encoding).removeprefix("\ufeff").encode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(encoding, None, file, _line(raw, error.start)) from None
    except UnicodeEncodeError:
        raise _refused(encoding, None, file, 1) from None


def _refused(encoding: str, other: str | None, file: str, line: int) -> Damage:
    remedy = _("save it again as CSV UTF-8")
    if other and other != encoding:
        remedy = _("write `pengodean: {name}` in the codebook, or save the file again as CSV UTF-8", name=other)
    return Damage(
        "encoding",
        _("The text is not in {encoding}.", encoding=encoding),
        expected=_("a text file saved as UTF-8") if encoding == "utf-8" else None,
        remedy=remedy,
        where=Where(file, line=line),
    )


def _wrong(raw: bytes, encoding: str) -> int | None:
    """Position of the first byte that is not in `encoding`; a piece at a time, so that memory stays small."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(raw), _CHUNK):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(raw[start : start + _CHUNK], final=start + _CHUNK >= len(raw))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _line(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1
