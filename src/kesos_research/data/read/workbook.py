"""The sheets of an XLSX workbook as text, with the address of every cell that cannot be taken at its word.

The parts are read as they are written, because a number must be seen before it becomes one: Excel keeps fifteen digits,
so a NIK typed into a number cell is lost, and a formula is two things, what was written and what was last shown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kesos_research.data.read.archive import Archive, opened
from kesos_research.data.read.number import Style, style
from kesos_research.data.read.sheet import Sheet, SheetReader, unescaped
from kesos_research.errors import DataError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean


class Workbook:
    """A workbook whose sheets may be read."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.file = archive, archive.file
        self._book = _Book(archive)
        self._strings: list[str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Sheets with cells, in order, hidden ones too."""
        return tuple(self._book.sheets)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Sheets that a person does not see."""
        return tuple(name for name in self.names if name in self._book.hidden)

    def sheet(self, name: str, *, numbers: bool = False) -> Sheet:
        """The cells of a sheet; with `numbers`, which of them are no text.

        Raises
        ------
        DataError
            When a part is damaged, or a cell holds more than a cell can.
        """
        if self._strings is None:
            self._strings = _strings(self.archive, self._book.strings)
        reading = SheetReader(name, self.file, self._strings, _styles(self.archive, self._book.styles))
        reading.keeps_numbers, reading.since_1904 = numbers, self._book.since_1904
        self.archive.stream(self._book.sheets[name], start=reading.start, end=reading.end, text=reading.text)
        return reading.sheet


@contextmanager
def workbook(path: Path, file: str) -> Iterator[Workbook]:
    """The workbook at `path`, its zip looked at first.

    Raises
    ------
    DataError
        When it is no workbook.
    """
    with opened(path, file) as archive:
        yield Workbook(archive)


class _Book:
    """What the workbook part and its relations say: sheets by name and part, strings, styles, epoch."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        main = next(iter(_relations(archive, "", "_rels/.rels", "/officeDocument").values()), "")
        if main not in archive.names:
            raise self._no_workbook()
        self.hidden: set[str] = set()
        self.since_1904 = False
        self._told: list[tuple[str, str]] = []
        archive.stream(main, start=self._start, end=_nothing, text=_nothing)
        base, name = posixpath.split(main)
        beside = posixpath.join(base, "_rels", f"{name}.rels")
        parts = _relations(archive, base, beside, "/worksheet")
        self.sheets = {name: parts[at] for name, at in self._told if at in parts}
        self.strings = next(iter(_relations(archive, base, beside, "/sharedStrings").values()), None)
        self.styles = next(iter(_relations(archive, base, beside, "/styles").values()), None)
        if not self.sheets:
            raise self._no_workbook()

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "sheet":
            at = next((v for k, v in given.items() if k.rpartition(":")[2] == "id" and ":" in k), "")
            self._told.append((given.get("name", ""), at))
            if given.get("state", "visible") != "visible":
                self.hidden.add(given.get("name", ""))
        elif tag == "workbookPr":
            self.since_1904 = given.get("date1904", "0") in ("1", "true")

    def _no_workbook(self) -> DataError:
        inside = ", ".join(clean(name) for name in self.archive.names[:3])
        return DataError(
            _("The file is an archive and no workbook; it holds {names}.", names=inside or "–"),
            expected=_("a workbook saved as .xlsx, with a sheet"),
            remedy=_("unpack the archive and read the file in it"),
            where=Where(self.archive.file),
        )


def _relations(archive: Archive, base: str, part: str, kind: str) -> dict[str, str]:
    """Parts that another part refers to, by the id of the reference."""
    found: dict[str, str] = {}

    def start(tag: str, given: Mapping[str, str]) -> None:
        if tag == "Relationship" and given.get("Type", "").endswith(kind) and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(base, target))
            found[given.get("Id", "")] = whole

    if part in archive.names:
        archive.stream(part, start=start, end=_nothing, text=_nothing)
    return found


def _strings(archive: Archive, part: str | None) -> list[str]:
    """The shared strings; rich text without its looks, readings of characters left out."""
    found: list[str] = []
    pieces: list[str] = []
    open_: list[str] = []

    def start(tag: str, _given: Mapping[str, str]) -> None:
        open_.append(tag)
        if tag == "si":
            pieces.clear()

    def end(tag: str) -> None:
        open_.pop()
        if tag == "si":
            found.append(unescaped("".join(pieces)))

    def text(said: str) -> None:
        if open_[-1] == "t" and "rPh" not in open_:
            pieces.append(said)

    if part is not None:
        archive.stream(part, start=start, end=end, text=text)
    return found


def _styles(archive: Archive, part: str | None) -> list[Style]:
    """How each style shows a number."""
    formats: dict[str, str] = {}
    used: list[Style] = []
    inside: list[str] = []

    def start(tag: str, given: Mapping[str, str]) -> None:
        inside.append(tag)
        if tag == "numFmt":
            formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag == "xf" and inside[-2:-1] == ["cellXfs"]:
            number = given.get("numFmtId", "0")
            used.append(style(formats.get(number), number))

    def end(_tag: str) -> None:
        inside.pop()

    if part is not None:
        archive.stream(part, start=start, end=end, text=_nothing)
    return used


def _nothing(*_told: object) -> None:
    return None
