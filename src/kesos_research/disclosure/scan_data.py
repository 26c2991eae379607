"""Texts, JSON and notebooks, tables in binary form, and whatever else has letters in it."""

from __future__ import annotations

import base64
import binascii
import csv
import json
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kesos_research.disclosure.scan_part import Batch, Part, Piece, Unreadable, text_of
from kesos_research.disclosure.scan_text import speaks_of_numbers
from kesos_research.errors import KesosError
from kesos_research.language import _

_LARGEST = 500 * 1024 * 1024
_PRINTABLE = re.compile(rb"(?:[\x20-\x7e\t\r\n]|[\xc2-\xf4][\x80-\xbf]{1,3}){8,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e\r\n]\x00){8,}")
_DELIMITERS = (",", ";", "\t", "|")
_KEY = 40
_JOINED = ("source", "text")
"""Keys of a notebook whose lists are the lines of one text."""


def lines(part: Part) -> Iterator[Piece | Batch | Part]:
    """The lines of a text, and of a table in it the columns that speak of numbers of people."""
    text = text_of(part.raw) or ""
    yield Batch([(_("line {n}", n=n), line) for n, line in enumerate(text.splitlines(), 1)], together=True)
    yield from _columns(text)
    if "</" in text:
        yield Part("", "text.html", part.raw)


def _columns(text: str) -> Iterator[Batch]:
    head = text.split("\n", 1)[0]
    if not speaks_of_numbers(head[:79]) and not any(map(speaks_of_numbers, re.split(r"[,;\t|]", head))):
        return
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        rows = csv.reader(text.splitlines(), delimiter=delimiter)
        names = next(rows)
        about = [i for i, name in enumerate(names) if speaks_of_numbers(name)]
        entries = [
            (_("line {n}", n=rows.line_num), f"{names[i]}: {row[i]}") for row in rows for i in about if i < len(row)
        ]
    except (csv.Error, StopIteration):
        return  # no table: its lines have been read
    yield Batch(entries)


def json_values(part: Part) -> Iterator[Piece | Batch | Part]:
    """Every text and number of a JSON document; of a notebook also what its outputs hold in other forms."""
    text = text_of(part.raw) or ""
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        yield from lines(part)
        return
    notebook = isinstance(value, dict) and isinstance(value.get("cells"), list)
    found = list(_walk(value, "", notebook=notebook))
    yield Batch([(p.place, p.text) for p in found if isinstance(p, Piece)])
    yield from (p for p in found if isinstance(p, Part))


def _walk(value: Any, place: str, *, notebook: bool) -> Iterator[Piece | Part]:
    stack: list[tuple[Any, str, str]] = [(value, place, "")]
    while stack:
        at, where, key = stack.pop()
        if isinstance(at, Mapping):
            stack += [(v, _inside(where, str(k), notebook=notebook), str(k)) for k, v in reversed([*at.items()])]
            yield Piece(where, "\n\n\n\n\n".join(map(str, at)))
        elif isinstance(at, list) and at and all(isinstance(x, str) for x in at):
            joined = ("" if notebook and (key in _JOINED or "/" in key) else "\n").join(at)
            stack.append((joined, where, key))
        elif isinstance(at, list):
            stack += [(v, _nth(where, key, i, notebook=notebook), "") for i, v in reversed([*enumerate(at, 1)])]
        elif isinstance(at, str):
            yield from _string(at, where, key)


def _string(text: str, place: str, key: str) -> Iterator[Piece | Part]:
    major, _slash, minor = key.partition("/")
    if minor and (major in ("image", "audio", "video", "font") or key == "application/pdf") and "<" not in text[:200]:
        try:
            yield Part(place, f"output.{minor}", base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            yield Piece(place, text)
    else:
        if not text.lstrip().startswith("<"):
            yield Piece(place, f"{key}: {text}" if len(key) < _KEY else text)
        if "</" in text or text.lstrip().startswith("<"):
            yield Part(place, "text.svg" if text.lstrip().startswith(("<svg", "<?xml")) else "text.html", text.encode())


def _inside(where: str, key: str, *, notebook: bool) -> str:
    if notebook and (where == "" or key in ("outputs", "data")):
        return where
    return f"{where}, {key}" if notebook and where else f"{where}.{key}".lstrip(".")


def _nth(where: str, key: str, n: int, *, notebook: bool) -> str:
    if notebook and key == "cells":
        return _("cell {n}", n=n)
    if notebook and key == "outputs":
        return f"{where}, " + _("output {n}", n=n)
    return f"{where}[{n}]"


def cells(part: Part) -> Iterator[Batch]:
    """The cells of Parquet, Arrow, Stata, SPSS and dBase files, with their labels."""
    from kesos_research.data.read import read_cells

    name = f"table{PurePosixPath(part.name.lower()).suffix or '.parquet'}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(part.raw)
        try:
            held = read_cells(path, name=part.name)
        except KesosError as error:
            raise Unreadable(error.found) from None
    for column in held.columns:
        about = f"{column}: " if speaks_of_numbers(column) else ""
        values = held.table.column(column).to_pylist()
        yield Batch([(f"{column}, {held.counted} {held.place(i)}", about + v) for i, v in enumerate(values) if v])
    labels = [*held.labels.values(), *(v for told in held.value_labels.values() for v in told.values())]
    yield Batch([(_("labels"), text) for text in labels])
    yield from strings(part)


def unpacked(part: Part) -> Iterator[Part]:
    """What a gzip file holds."""
    engine = zlib.decompressobj(wbits=31)
    try:
        raw = engine.decompress(part.raw, _LARGEST)
    except zlib.error:
        raise Unreadable(_("the archive is damaged")) from None
    if engine.unconsumed_tail or len(raw) > 100 * max(len(part.raw), 10_000):
        raise Unreadable(_("it would unpack to far more than it is"))
    name = part.name.lower().removesuffix(".gz")
    yield Part(PurePosixPath(name).name, name, raw)


def strings(part: Part) -> Iterator[Batch]:
    """Whatever can be read in bytes of an unknown kind."""
    narrow = [("", m.group().decode("utf-8", "ignore")) for m in _PRINTABLE.finditer(part.raw)]
    wide = [("", m.group().decode("utf-16-le")) for m in _WIDE.finditer(part.raw)]
    yield Batch(narrow + wide)


def closed(_part: Part) -> tuple[Batch, ...]:
    """A file of a kind that nobody here can open."""
    raise Unreadable(_("files of this kind cannot be searched"))
