"""Files about to be released, searched for the people behind them: every byte that can hold text.

A file is taken apart (`scan_office`, `scan_pdf`, `scan_markup`, `scan_data`, `scan_picture`), and what holds text is
searched (`scan_text`). What cannot be opened is told: it has not been searched.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from kesos_research.data.identity_set import IdentitySet
from kesos_research.disclosure.scan_part import Batch, Kind, Part, Piece, Unreadable, kind_of, packed
from kesos_research.disclosure.scan_text import Certainty, Hit, look
from kesos_research.errors import DisclosureError, Where
from kesos_research.language import _
from kesos_research.mask import mask_text

DEEPEST = 8
"""How many files inside files are opened."""
LARGEST = 500 * 1024 * 1024
"""Bytes that one file may have, all that is packed in it included."""

_BLOCK, _SHORTEST = 20_000, 20
_GOES_ON = 3
"""Lines over which a number may be broken."""
_APART = "\n" * 8

_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w-]+=[\w-]+)*(;base64)?,([^\"'\s)<>]*)", re.IGNORECASE)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/]{20,}|[A-Za-z0-9_-]{20,})={0,2}(?![A-Za-z0-9+/_-])")


_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")


@dataclass(frozen=True)
class Finding:
    """Something that leads to a person.

    Attributes
    ----------
    file
        The file that is to be released.
    place
        Page, part or cell.
    kind
        ``"nik"``, ``"nomor_kk"``, or the column whose value it is.
    shown
        The value, hidden.
    certainty
        ``"known"`` where it is in the study's rows, ``"suspect"`` where only its form tells.
    """

    file: str
    place: str
    kind: str
    shown: str
    certainty: Certainty

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        name = {"nik": "NIK", "nomor_kk": _("family-card number")}.get(self.kind, self.kind)
        told = (
            _("{name} of the study's rows: {value}", name=name, value=self.shown)
            if self.certainty == "known"
            else _("looks like a {name}: {value}", name=name, value=self.shown)
        )
        return f"{where}: {told}"


@dataclass(frozen=True)
class ScanReport:
    """What a search found.

    Attributes
    ----------
    findings
        In the order of files and places.
    unread
        Files, or parts of them, that could not be opened, each with the reason.
    files
        How many files were searched.
    """

    findings: tuple[Finding, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    files: int = 0

    @property
    def clean(self) -> bool:
        """Nothing found, and everything read."""
        return not self.findings and not self.unread

    @property
    def known(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.certainty == "known")

    @property
    def suspects(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.certainty == "suspect")

    def __add__(self, other: ScanReport) -> ScanReport:
        return ScanReport((*self.findings, *other.findings), {**self.unread, **other.unread}, self.files + other.files)

    def problems(self) -> list[DisclosureError]:
        """What to raise, one error for each finding and each file that was not read."""
        return [
            *(
                DisclosureError(
                    str(f).removeprefix(f"{f.file}: ").removeprefix(f"{f.file}, "),
                    remedy=_("take it out of what is shown and run again"),
                    where=Where(f.file),
                )
                for f in self.findings
            ),
            *(
                DisclosureError(
                    _("It could not be searched for identifiers: {reason}.", reason=reason),
                    remedy=_("leave it out, or save it in a form that can be read"),
                    where=Where(name),
                )
                for name, reason in self.unread.items()
            ),
        ]


def scan(what: Path | bytes, name: str | None = None, known: IdentitySet | None = None) -> ScanReport:
    """Does this file name anybody?

    Parameters
    ----------
    what
        The file, or its bytes.
    name
        What to call it; its suffix helps to know what it is.
    known
        Numbers and names of the study's rows. Without them a number is judged by its form.

    Returns
    -------
    ScanReport
    """
    raw = what if isinstance(what, bytes) else what.read_bytes()
    if name is None:
        name = "" if isinstance(what, bytes) else what.name
    return _searched(raw, name, known, set())


def scan_folder(folder: Path, known: IdentitySet | None = None) -> ScanReport:
    """Does any file below this folder name anybody? Links are not followed, and told."""
    report, clean = ScanReport(), set[bytes]()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            report += ScanReport((), {mask_text(name): _("it is a link")}, 1)
        elif path.is_file():
            report += _searched(path.read_bytes(), name, known, clean)
    return report


def _searched(raw: bytes, name: str, known: IdentitySet | None, clean: set[bytes]) -> ScanReport:
    search = _Search(name, known, clean)
    search.texts([(_("file name"), Path(name).name)], 0)
    search.part(Part("", name, raw), 0)
    return ScanReport(tuple(search.found.values()), search.unread, 1)


class _Search:
    """One file, taken apart as far as it goes."""

    def __init__(self, name: str, known: IdentitySet | None, clean: set[bytes]) -> None:
        self.name, self.known = mask_text(name), known
        self.clean = clean
        """Digests of files that were searched and have nothing: a figure is in many documents."""
        self.found: dict[tuple[str, ...], Finding] = {}
        self.unread: dict[str, str] = {}
        self.left = LARGEST

    def part(self, part: Part, depth: int) -> None:
        """Open a file, or a file inside it."""
        self.left -= len(part.raw)
        if depth > DEEPEST or self.left < 0:
            self._unread(part.place, _("too much is packed in it"))
            return
        digest = blake2b(part.raw, digest_size=16, person=kind_of(part.raw, part.name).encode()).digest()
        if digest in self.clean:
            return
        before = len(self.found), len(self.unread)
        try:
            for piece in _reader(part, depth)(part):
                match piece:
                    case Part():
                        self.part(Part(_within(part, piece.place), piece.name, piece.raw), depth + 1)
                    case Piece():
                        self.texts([(_within(part, piece.place), piece.text)], depth)
                    case Batch():
                        told = [(_within(part, place), text) for place, text in piece.entries]
                        self.texts(told, depth, together=piece.together)
        except Unreadable as problem:
            self._unread(part.place, str(problem))
        if before == (len(self.found), len(self.unread)):
            self.clean.add(digest)

    def texts(self, entries: Sequence[tuple[str, str]], depth: int, *, together: bool = False) -> None:
        """Search texts and what is written in them as base64: many at a time, one by one where there is something."""
        between, on = ("\n", _GOES_ON) if together else (_APART, 0)
        start = 0
        while start < len(entries):
            end, size = start, 0
            while end < len(entries) and size < _BLOCK:
                size += len(entries[end][1]) + 1
                end += 1
            block = [(place, self._opened(place, text, depth)) for place, text in entries[start : end + on]]
            if hits := look(between.join(text for _place, text in block), self.known):
                self._placed(block, hits)
            start = end

    def _opened(self, place: str, text: str, depth: int) -> str:
        """The text without the files that are written out in it; those are opened."""
        if len(text) < _SHORTEST:
            return text
        for raw, name in _written(text):
            self.part(Part(place, name, raw), depth + 1)
        return _DATA_URI.sub(" ", text) if "data:" in text else text

    def _placed(self, block: Sequence[tuple[str, str]], hits: Sequence[Hit]) -> None:
        """Note each hit where it stands; one that goes over several texts, where they begin."""
        alone: set[str] = set()
        for place, text in block:
            for hit in look(text, self.known) if len(block) > 1 else hits:
                alone.add(hit.value)
                self._add(place, hit)
        if over := {hit.value: (block[0][0], hit) for hit in hits if hit.value not in alone}:
            for i, (place, _text) in enumerate(block):
                on = "\n".join(text for _place, text in block[i : i + _GOES_ON + 1])
                over |= {hit.value: (place, hit) for hit in look(on, self.known) if hit.value in over}
        for place, hit in over.values():
            self._add(place, hit)

    def _add(self, place: str, hit: Hit) -> None:
        finding = Finding(self.name, mask_text(place), hit.kind, hit.shown, hit.certainty)
        self.found.setdefault((finding.place, hit.kind, hit.value), finding)

    def _unread(self, place: str, reason: str) -> None:
        self.unread[mask_text(f"{self.name}, {place}" if place else self.name)] = mask_text(reason)


def _within(part: Part, place: str) -> str:
    return " / ".join(filter(None, (part.place, place)))


def _written(text: str) -> Iterator[tuple[bytes, str]]:
    """Files written out in a text: data addresses, and base64 that says something."""
    if "data:" in text:
        for found in _DATA_URI.finditer(text):
            raw = _decoded(found[3]) if found[2] else found[3].encode()
            if raw:
                yield raw, f"data.{(found[1] or 'text/plain').split('/')[1].split('+')[0]}"
        text = _DATA_URI.sub(" ", text)
    for found in _BASE64.finditer(text):
        if _HEX.fullmatch(found.group()):
            continue
        raw = _decoded(found.group())
        if raw and (packed(raw) or _legible(raw)):
            yield raw, ""


def _decoded(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=").replace("%3D", "").replace("%3d", "")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _legible(raw: bytes) -> bool:
    """Whether bytes are a text, which bytes of chance hardly ever are."""
    if _CONTROL.search(raw):
        return False
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _reader(part: Part, depth: int) -> Callable[[Part], Iterable[Piece | Batch | Part]]:
    """What takes this kind of file apart."""
    from kesos_research.disclosure import scan_data, scan_markup, scan_office, scan_pdf, scan_picture

    readers: dict[Kind, Callable[[Part], Iterable[Piece | Batch | Part]]] = {
        "pdf": scan_pdf.pieces,
        "zip": scan_office.members,
        "xml": scan_office.document,
        "html": scan_markup.pieces,
        "svg": scan_markup.pieces,
        "picture": scan_picture.pieces,
        "json": scan_data.json_values,
        "text": scan_data.lines,
        "table": scan_data.cells,
        "gzip": scan_data.unpacked,
        "font": scan_data.strings,
        "closed": scan_data.closed,
        # an unknown kind may pack anything; inside a known file it is a font, a printer's settings, a thumbnail
        "strings": scan_data.strings if depth else scan_data.closed,
    }
    return readers[kind_of(part.raw, part.name)]


__all__ = ["Finding", "ScanReport", "scan", "scan_folder"]
