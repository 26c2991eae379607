"""Word, PowerPoint and Excel files, and other archives: every part, and every file packed in them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from kesos_research.disclosure.scan_markup import parsed, texts
from kesos_research.disclosure.scan_part import Batch, Part, Piece, Unreadable
from kesos_research.disclosure.scan_text import speaks_of_numbers
from kesos_research.language import _

_TOTAL = 500 * 1024 * 1024
_RATIO = 100
_SMALL = 1024 * 1024
"""What small files shrink by says nothing of a bomb."""
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def members(part: Part) -> Iterator[Piece | Batch | Part]:
    """The files of an archive; the sheets of a workbook cell by cell."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(part.raw))
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Unreadable(_("the archive is damaged")) from None
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if sum(i.file_size for i in infos) > _TOTAL or any(
            i.file_size > _SMALL and i.file_size > _RATIO * max(i.compress_size, 1) for i in infos
        ):
            raise Unreadable(_("it would unpack to far more than it is"))
        if any(info.flag_bits & 1 for info in infos):
            raise Unreadable(_("it is locked with a password"))
        if archive.comment:
            yield Piece(_("comment"), archive.comment.decode("utf-8", "replace"))
        yield Piece(_("file names"), "\n\n\n\n".join(i.filename for i in infos))
        contents = {info.filename: _taken(archive, info) for info in infos}
    sheets = _sheet_names(contents)
    for name, raw in contents.items():
        if name in sheets:
            yield from _cells(raw, sheets[name], _shared(contents))
        elif raw:
            yield Part(name, name, raw)


def _taken(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError):
        raise Unreadable(_("the archive is damaged")) from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Unreadable(_("the archive is damaged")) from None
        raise


def document(part: Part) -> Iterator[Piece]:
    """An XML part."""
    yield from texts(_tree(part.raw))


def _tree(raw: bytes) -> Any:
    from lxml import etree

    try:
        return parsed(raw)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(_("it is damaged ({reason})", reason=type(error).__name__)) from None


# --- workbooks


def _sheet_names(contents: Mapping[str, bytes]) -> dict[str, str]:
    """The parts that are sheets, each with the name on its tab."""
    sheets = {name: name.rsplit("/", 1)[-1].removesuffix(".xml") for name in contents if _SHEET.fullmatch(name)}
    book, links = contents.get("xl/workbook.xml"), contents.get("xl/_rels/workbook.xml.rels")
    if not (book and links):
        return sheets
    target = {link.get("Id"): str(link.get("Target")).removeprefix("/xl/") for link in _tree(links)}
    for sheet in _tree(book).iter("{*}sheet"):
        path = f"xl/{target.get(sheet.get(_RELATED), '')}"
        if path in sheets:
            sheets[path] = sheet.get("name", sheets[path])
    return sheets


def _shared(contents: Mapping[str, bytes]) -> list[str]:
    raw = contents.get("xl/sharedStrings.xml")
    return ["".join(si.itertext("{*}t")) for si in _tree(raw).iter("{*}si")] if raw else []


def _cells(raw: bytes, sheet: str, shared: list[str]) -> Iterator[Piece | Batch]:
    """Every cell, the heading of its column before it where that speaks of a number of a person."""
    root = _tree(raw)
    entries, headings = [], {}
    rows = list(root.iter("{*}row"))
    for row in rows:
        for cell in row.iter("{*}c"):
            if text := _cell(cell, shared):
                at = cell.get("r", "?")
                column = at.rstrip("0123456789")
                if speaks_of_numbers(text):
                    headings[column] = text
                entries.append((f"{sheet}!{at}", f"{headings[column]} {text}" if column in headings else text))
        row.getparent().remove(row)
    yield Batch(entries)
    for rest in texts(root):
        yield Piece(" ".join(filter(None, (sheet, rest.place))), rest.text)


def _cell(cell: Any, shared: list[str]) -> str:
    """What a cell holds: its value, its own text, its formula."""
    texts = []
    for child in cell:
        name = child.tag.rsplit("}", 1)[-1]
        text = child.text if name in ("v", "f") else "".join(child.itertext())
        if name == "v" and text and cell.get("t") == "s" and text.isdecimal() and int(text) < len(shared):
            text = shared[int(text)]
        texts.append(text or "")
    return " ".join(texts)
