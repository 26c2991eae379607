"""One column of a codebook: what is written of it, and whether it fits together."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from kesos_research.data.codebook import (
    NUMBERS,
    Column,
    Disguise,
    Kind,
    Reference,
    Role,
    Sensitivity,
)
from kesos_research.data.codebook_distribution import distribution
from kesos_research.data.codebook_value import Path, Reading
from kesos_research.language import Words, _
from kesos_research.study.refusal import clean

KEYS = (
    "label",
    "jenis",
    "satuan",
    "rentang",
    "peran",
    "sensitivitas",
    "penerbit",
    "lisensi",
    "tahun",
    "wajib",
    "unik",
    "pola",
    "pilihan",
    "rujukan",
    "sebaran",
    "pertanyaan",
    "samaran",
)
NEEDS = ("label", "jenis", "peran", "sensitivitas")

_CHOICES = ("pilihan", "pilihan_ganda")
_BEYOND_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!]|P=)|\\[1-9]|[*+?}]\+")
"""Look-around, back-references, possessive and atomic groups: a matcher that never runs long has none."""


def column(reading: Reading, name: str, told: object) -> Column | None:
    """The column declared under `kolom`, or None with what is wrong in `reading`."""
    path: Path = ("kolom", name)
    if not isinstance(told, dict):
        reading.refuse(_("The column {name} is not described.", name=clean(name)), path)
        return None
    if not name.strip():
        reading.refuse(_("A column has no name."), path, expected=_("the name that the header of the file has"))
        return None
    if not reading.keys(told, KEYS, NEEDS, path):
        return None
    kind = reading.choice(
        told["jenis"],
        get_args(Kind),
        (*path, "jenis"),
        _("{value} is no kind of column.", value=repr(clean(told["jenis"]))),
    )
    if kind is None:
        return None
    return _described(_Entry(reading, path, told, cast("Kind", kind)), name)


@dataclass(frozen=True)
class _Entry:
    """What is written of one column, and where."""

    reading: Reading
    path: Path
    told: Mapping[str, Any]
    kind: Kind

    def at(self, key: str) -> tuple[Any, Path]:
        return self.told.get(key), (*self.path, key)


def _described(entry: _Entry, name: str) -> Column:
    reading, told = entry.reading, entry.told
    role = reading.choice(
        told["peran"],
        get_args(Role),
        (*entry.path, "peran"),
        _("{value} is no role.", value=repr(clean(told["peran"]))),
    )
    sensitivity = reading.choice(
        told["sensitivitas"],
        get_args(Sensitivity),
        (*entry.path, "sensitivitas"),
        _("{value} is no sensitivity.", value=repr(clean(told["sensitivitas"]))),
    )
    low, high, dates = _limits(entry)
    first, last = reading.range(*entry.at("tahun"))
    choices = _choices(entry)
    return Column(
        name=name,
        label=reading.words(*entry.at("label")),
        kind=entry.kind,
        role=role or "",
        sensitivity=sensitivity or "",
        unit=reading.words(*entry.at("satuan")),
        publisher=reading.words(*entry.at("penerbit")),
        licence=reading.text(*entry.at("lisensi")),
        low=low,
        high=high,
        years=None if first is None or last is None else (int(first), int(last)),
        required=reading.switch(*entry.at("wajib")),
        unique=reading.switch(*entry.at("unik")),
        pattern=_pattern(entry),
        choices=choices,
        dates=dates,
        reference=_reference(entry),
        distribution=distribution(entry.reading, *entry.at("sebaran"), entry.kind, choices),
        question=reading.words(*entry.at("pertanyaan")),
        disguise=_disguise(entry),
    )


def _disguise(entry: _Entry) -> Disguise | None:
    """What pseudonymising does with the column; only a date has a year."""
    told, path = entry.at("samaran")
    if told is None:
        return None
    known = [way for way in get_args(Disguise) if entry.kind == "tanggal" or way in ("buang", "nama_samaran")]
    found = _("{value} is no way to disguise a column of kind {kind}.", value=repr(clean(told)), kind=entry.kind)
    return cast("Disguise | None", entry.reading.choice(told, known, path, found))


def _limits(entry: _Entry) -> tuple[float | None, float | None, tuple[datetime.date, datetime.date] | None]:
    """The range: of numbers or of dates, and of nothing else."""
    told, path = entry.at("rentang")
    if told is not None and entry.kind not in (*NUMBERS, "tanggal"):
        entry.reading.refuse(
            _("A column of kind {kind} has no range.", kind=entry.kind),
            path,
            expected=_("a range for {names} only", names=", ".join((*NUMBERS, "tanggal"))),
        )
        return None, None, None
    if entry.kind == "tanggal":
        return None, None, entry.reading.dates(told, path)
    low, high = entry.reading.range(told, path)
    return low, high, None


def _pattern(entry: _Entry) -> str | None:
    told, path = entry.at("pola")
    pattern = entry.reading.text(told, path)
    if not pattern:
        return None
    try:
        re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        entry.reading.refuse(
            _("{value} is no pattern: {reason}.", value=repr(clean(pattern)), reason=str(error)),
            path,
            expected=_("a regular expression such as {example}", example="R[0-9]{6}"),
        )
        return None
    if _BEYOND_RE2.search(pattern) or len(pattern) > 500:
        entry.reading.refuse(
            _("The pattern {value} asks for more than a plain match.", value=repr(clean(pattern))),
            path,
            expected=_("a regular expression such as {example}", example="R[0-9]{6}"),
            remedy=_("write it without looking ahead or back"),
        )
        return None
    return pattern


def _choices(entry: _Entry) -> dict[str, Words]:
    told, path = entry.at("pilihan")
    if entry.kind not in _CHOICES:
        if told is not None:
            entry.reading.refuse(
                _("A column of kind {kind} has no choices.", kind=entry.kind),
                path,
                expected=_("{key}: one of {names}", key="jenis", names=", ".join(_CHOICES)),
            )
        return {}
    if not isinstance(told, dict) or not told:
        entry.reading.refuse(
            _("The column has no choices."), path, expected="pilihan: {1: {id: Laki-laki, en: Male}, …}"
        )
        return {}
    for code in told:
        if entry.kind == "pilihan_ganda" and len(code.split()) != 1:
            entry.reading.refuse(
                _("The code {code} holds a space, which parts codes here.", code=repr(clean(code))), (*path, code)
            )
    return {code: entry.reading.words(said, (*path, code)) for code, said in told.items()}


def _reference(entry: _Entry) -> Reference | None:
    told, path = entry.at("rujukan")
    if told is None:
        return None
    if not isinstance(told, dict):
        entry.reading.refuse(_("The reference is not understood."), path, expected="{berkas: desa.csv, kolom: kode}")
        return None
    if not entry.reading.keys(told, ("berkas", "kolom"), ("berkas", "kolom"), path):
        return None
    file = entry.reading.text(told["berkas"], (*path, "berkas"))
    name = entry.reading.text(told["kolom"], (*path, "kolom"))
    return Reference(file, name) if file and name else None
