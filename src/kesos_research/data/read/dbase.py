"""A dBase table, as Susenas and Podes come: each field as text, in the encoding the file or codebook tells."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read.content import expect
from kesos_research.data.read.header import unnamed
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

if TYPE_CHECKING:
    from dbfread import DBF

_DAY = re.compile(rb"(\d{4})(\d{2})(\d{2})")
_MEMO = "MGP"
_SWITCH = {"T": "1", "Y": "1", "F": "0", "N": "0", "?": None, " ": None, "\x00": None}
_DAMAGED = (ValueError, struct.error, TypeError, LookupError, OSError, OverflowError)
"""What dbfread raises on a damaged file: it has no error of its own for one."""


@dataclass(frozen=True)
class _Field:
    name: str
    type: str
    length: int


@dataclass
class _Reading:
    """What is wrong with the fields of a table, by column: rows and what was found."""

    encoding: str
    memo: Any
    missing: bool = False

    def text(self, raw: bytes, kind: str) -> str | None:
        """The text of a field, None where it holds none; ValueError where it is no value of its kind."""
        if kind in "CV\x00":
            return raw.rstrip(b" \x00").decode(self.encoding) or None
        if kind == "D":
            return self._day(raw)
        if kind == "L":
            return _SWITCH[raw.decode("ascii").upper()]
        if kind in "NF":
            return self._number(raw)
        if kind in _MEMO:
            return self._note(raw)
        return _binary(raw, kind)

    @staticmethod
    def _day(raw: bytes) -> str | None:
        bare = raw.strip(b" \x00")
        if not bare or bare == b"00000000":
            return None
        found = _DAY.fullmatch(bare)
        if not found:
            raise ValueError(raw)
        return "-".join(part.decode("ascii") for part in found.groups())

    @staticmethod
    def _number(raw: bytes) -> str | None:
        bare = raw.strip(b" \x00")
        if bare and not bare.strip(b"*"):
            raise ValueError(raw)
        return bare.decode("ascii") or None

    def _note(self, raw: bytes) -> str | None:
        bare = raw.strip(b" \x00")
        at = struct.unpack("<I", raw)[0] if len(raw) == 4 else int(bare) if bare else 0
        if not at or self.memo is None:
            self.missing |= bool(at)
            return None
        note = self.memo[at]
        return bytes(note).decode(self.encoding).rstrip("\x00\x1a ") or None if note is not None else None


def read_dbf(path: Path, file: str, codebook: Codebook | None = None, sheet: str | None = None) -> Cells:
    """The records of a dBase table; deleted ones are left out and told.

    Parameters
    ----------
    path, file
        The table, and its name in messages.
    codebook
        Its `pengodean` is used where the file does not say in which encoding its text is.

    Raises
    ------
    KesosError
        When the table is cut or damaged, encrypted, its notes lie in a file that is not there, its text is not in the
        encoding told, or a number did not fit its field.
    """
    from dbfread import DBF
    from dbfread.memo import open_memofile

    del sheet
    expect(path, file, "dbf")
    told, encoding = _encoding(path, codebook)
    try:
        table = DBF(str(path), encoding="latin-1", ignorecase=False, raw=True, ignore_missing_memofile=True)
        fields = [_Field(f.name.strip(), f.type, f.length) for f in table.fields]
        _whole(table, fields, path, file)
        notes: AbstractContextManager[Any] = nullcontext()
        if table.memofilename:
            header: Any = table.header
            notes = open_memofile(table.memofilename, header.dbversion)
        with notes as memo:
            records, places, count = _records(path, table)
            if not records:
                raise _no_rows(file)
            columns = _columns(fields, records, _Reading(encoding, memo), lambda row: places[row], file)
    except _DAMAGED as error:
        raise _damaged(file) from error
    deleted = {"deleted_records": str(count - len(places))} if count > len(places) else {}
    return replace(_cells(fields, columns, places, file), detected={"encoding": f"{encoding} ({told})", **deleted})


def _encoding(path: Path, codebook: Codebook | None) -> tuple[str, str]:
    """The encoding and who told it: the file's language driver, a .cpg file beside it, or the codebook."""
    from dbfread.codepages import codepages

    driver = path.read_bytes()[29:30]
    if driver and driver[0] and driver[0] in codepages:
        return "file", codepages[driver[0]][0]
    beside = path.with_suffix(".cpg")
    if beside.is_file():
        name = re.sub(r"[^A-Za-z0-9]", "", beside.read_text(encoding="ascii", errors="replace"))[:20].lower()
        known = {"utf8": "utf-8", "65001": "utf-8", "1252": "cp1252", "cp1252": "cp1252", "ansi1252": "cp1252"}
        if name in known:
            return "cpg", known[name]
    if codebook is not None and codebook.encoding != "utf-8":
        return "codebook", codebook.encoding
    return "plain", "ascii"


def _whole(table: DBF, fields: Sequence[_Field], path: Path, file: str) -> None:
    """Refuse a table whose header and size do not agree."""
    header: Any = table.header
    if header.encryption_flag:
        raise Damage(
            "encrypted",
            _("The table is encrypted."),
            remedy=_("open it in its program and save it without a password"),
            where=Where(file),
        )
    problems = [*unnamed([f.name for f in fields], lambda i: Where(file, column=str(i + 1)))]
    if problems:
        raise together(problems)
    if not fields or sum(f.length for f in fields) + 1 != header.recordlen or header.headerlen < 32 * len(fields) + 33:
        raise _damaged(file)
    there = (path.stat().st_size - header.headerlen) // header.recordlen
    if there < header.numrecords:
        raise Damage(
            "cut",
            _("The table says it has {n} records and holds {there}.", n=header.numrecords, there=max(0, there)),
            expected=_("a file as its program saved it"),
            remedy=_("fetch the file again from its source"),
            where=Where(file, row=max(0, there) + 1),
        )


def _records(path: Path, table: DBF) -> tuple[list[bytes], list[int], int]:
    """The records that are not deleted, the number of each, and how many there are with the deleted ones."""
    header: Any = table.header
    raw = path.read_bytes()[header.headerlen : header.headerlen + header.numrecords * header.recordlen]
    records, places = [], []
    for number in range(header.numrecords):
        record = raw[number * header.recordlen : (number + 1) * header.recordlen]
        if record[:1] not in (b" ", b"*"):
            raise ValueError(number)
        if record[:1] == b" ":
            records.append(record)
            places.append(number + 1)
    return records, places, header.numrecords


def _columns(
    fields: Sequence[_Field], records: Sequence[bytes], reading: _Reading, place: Callable[[int], int], file: str
) -> list[list[str | None]]:
    columns: list[list[str | None]] = []
    problems: list[KesosError] = []
    start = 1
    for field in fields:
        column: list[str | None] = []
        wrong: list[int] = []
        for row, record in enumerate(records):
            try:
                column.append(reading.text(record[start : start + field.length], field.type))
            except (ValueError, OverflowError, KeyError, struct.error):
                wrong.append(row)
                column.append(None)
        columns.append(column)
        problems += _refused(field, wrong, reading, place, file)
        reading.missing = False
        start += field.length
    if problems:
        raise together(problems)
    return columns


def _refused(
    field: _Field, wrong: Sequence[int], reading: _Reading, place: Callable[[int], int], file: str
) -> Iterator[KesosError]:
    if reading.missing:
        yield Damage(
            "memo",
            _("The notes of the column lie in a file that is not there."),
            expected=_("a file with the ending .dbt or .fpt beside the table"),
            remedy=_("put it beside the table, under the same name"),
            where=Where(file, column=clean(field.name)),
        )
    if not wrong:
        return
    remedy = _("look at these cells in the program the table comes from")
    found = _("{n} cells hold no value of their kind ({kind}).", n=len(wrong), kind=clean(field.type))
    if field.type in "NF":
        found = _("{n} cells hold no number, or one that did not fit.", n=len(wrong))
    elif field.type in "CVM\x00":
        found = _("{n} cells are not in the encoding {name}.", n=len(wrong), name=reading.encoding)
        remedy = _("write `pengodean` in the codebook, such as {name}", name="cp1252")
    where = Where(file, row=place(wrong[0]), column=clean(field.name))
    yield Damage("field", found, remedy=remedy, where=where, count=len(wrong))


def _binary(raw: bytes, kind: str) -> str | None:
    """Fields that Visual FoxPro keeps as bytes."""
    if kind in "I+":
        return str(struct.unpack("<i" if kind == "I" else ">i", raw)[0])
    if kind in "OB":
        from kesos_research.data.read.number import plain

        return plain(repr(struct.unpack("<d", raw)[0]))
    if kind == "Y":
        from decimal import Decimal

        return format(Decimal(struct.unpack("<q", raw)[0]).scaleb(-4).normalize(), "f")
    if kind in "T@":
        return _moment(raw)
    raise ValueError(kind)


def _moment(raw: bytes) -> str | None:
    """A day counted as astronomers do, and milliseconds."""
    import datetime

    days, milliseconds = struct.unpack("<ii", raw)
    if not days:
        return None
    day = datetime.datetime.fromordinal(days - 1721425) + datetime.timedelta(milliseconds=milliseconds)
    return day.date().isoformat() if day.time() == datetime.time() else day.isoformat()


def _cells(
    fields: Sequence[_Field], columns: Sequence[Sequence[str | None]], places: Sequence[int], file: str
) -> Cells:
    import numpy as np
    import pyarrow as pa

    arrays = [pa.array(column, pa.string()) for column in columns]
    table = pa.Table.from_arrays(arrays, names=[field.name for field in fields])
    return Cells(table, file, first=1, lines=np.array(places), counted="row")


def _no_rows(file: str) -> Damage:
    return Damage(
        "no_rows",
        _("The table has columns and no rows."),
        remedy=_("look whether this is the right file"),
        where=Where(file),
    )


def _damaged(file: str) -> Damage:
    return Damage(
        "damaged",
        _("The dBase table is damaged."),
        expected=_("a file as its program saved it"),
        remedy=_("fetch the file again from its source"),
        where=Where(file),
    )
