"""What a file is by its first bytes, whatever it is called; what we do not read is refused with a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kesos_research.data.damage import Damage
from kesos_research.errors import Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

_STARTS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PAR1", "parquet"),
    (b"PARE", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
    (b"%PDF", "pdf"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"RDX", "r"),
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = (b"<html", b"<table", b"<!doctype html", b"<?xml")
_OLD_DTA = range(0x68, 0x74)
_DBF = (0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB)


def kind_of(head: bytes) -> str:
    """A short name of what the first bytes of a file are; ``"text"`` or ``"unknown"`` where nothing else fits."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if bare.startswith(_MARKUP):
        return "html"
    if len(head) >= 4 and head[0] in _OLD_DTA and head[1] in (1, 2) and head[2] in (0, 1) and head[3] == 0:
        return "dta"
    if len(head) >= 32 and head[0] in _DBF and 1 <= head[2] <= 12 and 1 <= head[3] <= 31:
        return "dbf"
    return "unknown" if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else "text"


def expect(path: Path, file: str, kind: str) -> None:
    """Refuse a file that is not what its name says.

    Raises
    ------
    Damage
        With what it is, where that can be told, and what to do.
    """
    with path.open("rb") as source:
        head = source.read(2048)
    found = kind_of(head)
    if found == kind:
        return
    if found == "ole":
        raise _ole(path, file)
    raise Damage(
        "wrong_type",
        _("The file is not what its name says: {found}.", found=_called(found)),
        expected=_called(kind),
        remedy=_("give the file the ending of what it is, or fetch it again from its source"),
        where=Where(file),
    )


def refused(path: Path, file: str, known: Sequence[str]) -> Damage:
    """What to do with a file of a kind that is not read; `known` are the endings that are."""
    with path.open("rb") as source:
        found = kind_of(source.read(2048))
    if found == "ole":
        return _ole(path, file)
    remedies = {
        ".xls": _("open it in a spreadsheet program and save it as .xlsx"),
        ".xlsb": _("open it in a spreadsheet program and save it as .xlsx"),
        ".ods": _("open it in a spreadsheet program and save it as .xlsx"),
        ".zip": _("unpack the archive and read the file in it"),
        ".por": _("open it in SPSS or PSPP and save it as .sav"),
        ".sas7bdat": _("save it as Parquet or CSV UTF-8"),
        ".rds": _("write it as Parquet or CSV UTF-8 from R"),
        ".rdata": _("write it as Parquet or CSV UTF-8 from R"),
        ".pdf": _("ask for the table as a workbook or a CSV file: a page cannot be checked cell by cell"),
    }
    remedy = remedies.get(path.suffix.lower(), _("save it as .xlsx or as CSV UTF-8"))
    if found == "html":
        remedy = _("it is {found}: open it in a spreadsheet program and save it as .xlsx", found=_called(found))
    return Damage(
        "not_read",
        _("Files of the kind {suffix} are not read.", suffix=repr(clean(path.suffix))),
        expected=_("one of {names}", names=", ".join(known)),
        remedy=remedy,
        where=Where(file),
    )


def _ole(path: Path, file: str) -> Damage:
    """An old workbook, or a new one behind a password: both lie in the same kind of container."""
    raw = path.read_bytes()
    if _ENCRYPTED in raw:
        return Damage(
            "encrypted",
            _("The workbook is protected by a password."),
            remedy=_("open it with its password and save it without one, in a place that only you can read"),
            where=Where(file),
        )
    return Damage(
        "not_read",
        _("The file is a workbook of before 2007 (.xls)."),
        expected=_("a workbook saved as .xlsx"),
        remedy=_("open it in a spreadsheet program and save it as .xlsx"),
        where=Where(file),
    )


def _called(kind: str) -> str:
    return {
        "zip": _("a workbook or another zip archive"),
        "parquet": _("a Parquet file"),
        "sav": _("an SPSS file"),
        "dta": _("a Stata file"),
        "dbf": _("a dBase file"),
        "html": _("a web page or XML text"),
        "gzip": _("a packed file"),
        "7z": _("a packed file"),
        "rar": _("a packed file"),
        "pdf": _("a PDF document"),
        "sqlite": _("a database"),
        "r": _("a file of R"),
        "text": _("plain text"),
    }.get(kind, _("bytes of no kind we know"))
