"""PDF files: what every page says, and what the file says beside its pages.

The text is read from the operators that show text alone, glyphs turned into characters by each font's own table. Where
on the page they stand is left aside, so that a page of drawings costs no more than one of words.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kesos_research.disclosure.scan_part import Batch, Part, Piece, Unreadable
from kesos_research.language import _

_BLOCK = re.compile(rb"(?<![A-Za-z0-9])BT(?=[\s/\[(<\d-])(.*?)(?<![A-Za-z0-9\\])ET(?![A-Za-z0-9])", re.DOTALL)
_STRING = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
_TOKEN = re.compile(
    rb"/(?P<font>[^\s/\[\]()<>{}%]+)\s+[-+.\d]+\s+Tf"
    rb"|(?P<marked>/[^\s/\[\]()<>{}%]+\s*<<.*?>>\s*(?:BDC|DP))"
    rb"|(?P<text>" + _STRING + rb"|<[0-9A-Fa-f\s]*>)"
    rb"|(?P<number>[-+]?\d*\.?\d+)"
    rb"|(?P<operator>BMC|EMC|T\*|T[dDmJj]|['\"\[\]]|[A-Za-z]+\*?)",
    re.DOTALL,
)
_ACTUAL = re.compile(rb"/ActualText\s*(" + _STRING + rb"|<[0-9A-Fa-f\s]*>)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_WIDE = -180
"""Thousandths of an em by which a gap inside a line is a space."""
_TABLE = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")
_NAMES = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
_NAMES |= {"eight": "8", "nine": "9", "space": " ", "hyphen": "-", "period": ".", "comma": ",", "slash": "/"}
_MOST = 1 << 16
_BREAKS = re.compile(r"\n+")


def pieces(part: Part) -> Iterator[Piece | Batch | Part]:
    """The text of each page, all texts of its objects, its metadata, and the files attached to it."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(part.raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(_("it is locked with a password"))
        for number, page in enumerate(reader.pages, 1):
            yield Piece(_("page {n}", n=number), "\n".join(_shown(page, set())))
        yield from _objects(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise Unreadable(_("it is damaged ({reason})", reason=type(error).__name__)) from None


# --- what is shown


def _shown(holder: Any, seen: set[int]) -> Iterator[str]:
    """The text of a page or a form, forms inside it included."""
    resources = _resolved(holder.get("/Resources")) or {}
    fonts = {name[1:]: _Font(_resolved(font)) for name, font in (_resolved(resources.get("/Font")) or {}).items()}
    yield _text(_stream(holder), fonts)
    for form in map(_resolved, (_resolved(resources.get("/XObject")) or {}).values()):
        if id(form) not in seen and form.get("/Subtype") == "/Form":
            seen.add(id(form))
            yield from _shown(form, seen)


def _stream(holder: Any) -> bytes:
    if hasattr(holder, "get_contents"):
        contents = holder.get_contents()
        return contents.get_data() if contents is not None else b""
    return holder.get_data()


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _text(stream: bytes, fonts: Mapping[str, _Font]) -> str:
    """The text of the blocks between BT and ET; a text given in place of glyphs stands for them."""
    out: list[str] = []
    font: _Font | None = None
    for block in _BLOCK.finditer(stream):
        numbers: list[float] = []
        inside = False
        instead: list[bool] = []
        for token in _TOKEN.finditer(block[1]):
            match token.lastgroup:
                case "number":
                    numbers.append(float(token["number"]))
                    if inside and numbers[-1] < _WIDE:
                        out.append(" ")
                    continue
                case "font":
                    font = fonts.get(token["font"].decode("latin-1"))
                case "marked":
                    told = _ACTUAL.search(token["marked"])
                    out.append(_utf16_or_latin(_bytes(told[1])) if told else "")
                    instead.append(told is not None)
                case "text":
                    if not any(instead):
                        out.append((font or _PLAIN).read(_bytes(token["text"])))
                case _:
                    operator = token["operator"]
                    inside = operator == b"["
                    if operator in (b"BMC", b"EMC"):
                        _mark(instead, begins=operator == b"BMC")
                    elif operator in (b"Td", b"TD", b"Tm", b"T*", b"'", b'"') and not any(instead):
                        out.append(_moved(operator, numbers))
            numbers = []
        out.append("\n")
    return _BREAKS.sub("\n", "".join(out))


def _mark(instead: list[bool], *, begins: bool) -> None:
    if begins:
        instead.append(False)
    elif instead:
        instead.pop()


def _utf16_or_latin(raw: bytes) -> str:
    return raw[2:].decode("utf-16-be", "replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")


def _moved(operator: bytes, numbers: list[float]) -> str:
    """A move to the right is a gap, any other a new line."""
    if operator in (b"Td", b"TD") and len(numbers) >= 2 and numbers[-1] == 0:
        return " "
    return "\n"


def _bytes(token: bytes) -> bytes:
    if token.startswith(b"<"):
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _ESCAPED.sub(_unescaped, token[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _LETTERS.get(code, code)


class _Font:
    """How a font's codes are read."""

    def __init__(self, font: Any = None) -> None:
        font = font or {}
        self._width = 2 if font.get("/Subtype") == "/Type0" else 1
        self._map: dict[int, str] = {}
        encoding = _resolved(font.get("/Encoding"))
        if isinstance(encoding, Mapping):
            self._differences(_resolved(encoding.get("/Differences")) or ())
        table = _resolved(font.get("/ToUnicode"))
        if hasattr(table, "get_data"):
            self._unicode(table.get_data())

    def read(self, raw: bytes) -> str:
        """The characters of a string of codes."""
        step = self._width
        codes = (int.from_bytes(raw[i : i + step], "big") for i in range(0, len(raw), step))
        # a code that no table explains is read as itself: in simple fonts that is the letter
        return "".join(self._map.get(c) or (bytes([c]).decode("cp1252", "ignore") if step == 1 else "") for c in codes)

    def _differences(self, told: Any) -> None:
        code = 0
        for entry in told:
            if isinstance(entry, str):
                name = entry.lstrip("/")
                self._map[code] = _NAMES.get(name, name if len(name) == 1 else "")
                code += 1
            else:
                code = int(entry)

    def _unicode(self, table: bytes) -> None:
        for found in _TABLE.finditer(table):
            values = [m[1] if m[1] is not None else m.group() for m in _HEX.finditer(found[2])]
            (self._characters if found[1] == b"bfchar" else self._ranges)(values)

    def _characters(self, values: list[bytes]) -> None:
        for code, text in zip(values[::2], values[1::2], strict=False):
            self._map[int(code, 16)] = _utf16(text)

    def _ranges(self, values: list[bytes]) -> None:
        rest = iter(values)
        for low in rest:
            first, last = int(low, 16), int(next(rest, low), 16)
            start = next(rest, b"")
            if start == b"[":
                texts = list(iter(lambda: next(rest, b"]"), b"]"))
            else:
                base = _utf16(start)
                span = min(last - first + 1, _MOST) if base else 0
                texts = [(base[:-1] + chr(ord(base[-1]) + i)).encode("utf-16-be").hex().encode() for i in range(span)]
            for i, text in enumerate(texts):
                self._map[first + i] = _utf16(text)


def _utf16(text: bytes) -> str:
    return bytes.fromhex("".join(text.decode("ascii").split())).decode("utf-16-be", "replace")


_PLAIN = _Font()


# --- what the file holds beside its pages


def _objects(reader: Any) -> Iterator[Piece | Batch | Part]:
    """Texts of all objects: titles, notes, form fields, bookmarks, alternative texts; attached files and metadata."""
    entries: list[tuple[str, str]] = []
    numbers = {n for table in reader.xref.values() for n in table} | set(reader.xref_objStm)
    objects = [(_("document information"), reader.metadata or {}), (_("trailer"), reader.trailer)]
    objects += [(_("object {n}", n=n), reader.get_object(n)) for n in sorted(numbers) if n]
    for place, held in objects:
        if hasattr(held, "get_data"):
            kind = held.get("/Type")
            if kind == "/EmbeddedFile" or held.get("/Subtype") == "/XML" or kind == "/Metadata":
                yield Part(place, "xmp.xml" if kind != "/EmbeddedFile" else "", held.get_data())
            elif held.get("/Subtype") == "/Image" and held.get("/Filter") == "/DCTDecode":
                yield Part(place, "picture.jpg", held.get_data())
        entries += [(place, text) for text in _strings(held)]
    yield Batch(entries)


def _strings(held: Any) -> Iterator[str]:
    """Strings of one object, not of those it refers to."""
    stack = [held]
    while stack:
        at = stack.pop()
        if isinstance(at, Mapping):
            stack += [dict.__getitem__(at, key) if isinstance(at, dict) else at[key] for key in at]
        elif isinstance(at, list):
            stack += list(list.__iter__(at))
        elif isinstance(at, bytes):
            yield at.decode("latin-1")
        elif isinstance(at, str) and not at.startswith("/"):
            yield str(at)
