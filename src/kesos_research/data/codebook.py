"""A codebook: what each column of a file is, declared once; it documents, and the reader checks against it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from kesos_research.data._problems import together
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import Words, _, words
from kesos_research.study.tree import Node, parse

Kind = Literal["wilayah", "tahun", "angka", "teks"]
Unit = Literal["region", "institution", "household", "person"]

DELIMITERS = (",", ";", "\t", "|")

_FILE_KEYS = ("berkas", "sumber", "pengodean", "pemisah", "satuan_pengamatan", "kunci", "kosong", "urutan", "kolom")
_FILE_NEEDS = ("satuan_pengamatan", "kunci", "kolom")
_COLUMN_KEYS = ("label", "jenis", "satuan", "rentang", "peran", "sensitivitas", "penerbit", "lisensi", "tahun")
_COLUMN_NEEDS = ("label", "jenis", "peran", "sensitivitas")


@dataclass(frozen=True)
class Column:
    """One column of a data file.

    Attributes
    ----------
    low, high
        Smallest and largest value allowed; None where there is no limit.
    years
        First and last year with values; None where it does not apply.
    sensitivity
        ``"publik"`` for figures already published.
    """

    name: str
    label: Words
    kind: Kind
    role: str
    sensitivity: str
    unit: Words
    publisher: Words
    licence: str
    low: float | None = None
    high: float | None = None
    years: tuple[int, int] | None = None


@dataclass(frozen=True)
class Codebook:
    """The columns of one data file and how the file is written."""

    columns: Mapping[str, Column]
    unit_of_observation: Unit
    key: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    missing: str = ""
    order: tuple[str, ...] = ()
    sources: str | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Columns that can be an outcome."""
        return tuple(c.name for c in self.columns.values() if c.role == "outcome")


def parse_codebook(text: str, file: str) -> Codebook:
    """The codebook written in `text`; `file` is its name in error messages.

    Raises
    ------
    KesosError
        When the YAML is not understood, a key is unknown or missing, or a value is not of its kind.
    """
    tree = parse(text, name=file)
    entry = tree.plain()
    if not isinstance(entry, dict) or not isinstance(entry.get("kolom"), dict):
        raise DataError(
            _("The codebook declares no columns."),
            expected=_("a key `kolom` with one entry a column"),
            where=Where(file),
        )
    reading = _Reading(file, tree)
    reading.keys(entry, _FILE_KEYS, _FILE_NEEDS, ())
    columns = {name: column for name, told in entry["kolom"].items() if (column := reading.column(name, told))}
    for key in ("kunci", "urutan"):
        for name in _listed(entry.get(key)):
            if name not in entry["kolom"]:
                reading.refuse(_("The column {name} is not declared.", name=name), (key,))
    if entry.get("pemisah", ",") not in DELIMITERS:
        reading.refuse(
            _("{value} cannot separate cells.", value=repr(entry["pemisah"])),
            ("pemisah",),
            expected=_("one of {names}", names=" ".join(map(repr, DELIMITERS))),
        )
    unit = next((u for u in get_args(Unit) if u == entry.get("satuan_pengamatan")), None)
    if unit is None and "satuan_pengamatan" in entry:
        reading.refuse(
            _("{value} is no unit of observation.", value=repr(entry["satuan_pengamatan"])),
            ("satuan_pengamatan",),
            expected=_("one of {names}", names=", ".join(get_args(Unit))),
        )
    if reading.problems or unit is None:
        raise together(reading.problems)
    return Codebook(
        columns=columns,
        unit_of_observation=unit,
        key=_listed(entry["kunci"]),
        encoding=entry.get("pengodean", "utf-8"),
        delimiter=entry.get("pemisah", ","),
        missing=entry.get("kosong", ""),
        order=_listed(entry.get("urutan")),
        sources=entry.get("sumber"),
    )


class _Reading:
    """Collects what is wrong in a codebook, so that all of it is told at once."""

    def __init__(self, file: str, tree: Node) -> None:
        self.file, self.tree = file, tree
        self.problems: list[KesosError] = []

    def refuse(
        self, found: str, path: tuple[str, ...], *, expected: str | None = None, remedy: str | None = None
    ) -> None:
        where = Where(self.file, line=self.tree.line_of(path), key=".".join(path))
        self.problems.append(DataError(found, expected=expected, remedy=remedy, where=where))

    def keys(self, told: Iterable[str], known: Sequence[str], needed: Sequence[str], above: tuple[str, ...]) -> bool:
        """Whether all keys are known and the needed ones are there."""
        before = len(self.problems)
        for key in told:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                self.refuse(
                    _("The key {key} is unknown.", key=repr(key)),
                    (*above, key),
                    expected=_("one of {names}", names=", ".join(known)),
                    remedy=_("did you mean {names}?", names=near[0]) if near else None,
                )
        for key in needed:
            if key not in told:
                self.refuse(_("The key {key} is missing.", key=repr(key)), above)
        return len(self.problems) == before

    def column(self, name: str, told: object) -> Column | None:
        path = ("kolom", name)
        if not isinstance(told, dict):
            self.refuse(_("The column {name} is not described.", name=name), path)
            return None
        if not self.keys(told, _COLUMN_KEYS, _COLUMN_NEEDS, path):
            return None
        kind = next((k for k in get_args(Kind) if k == told["jenis"]), None)
        low, high = self._pair(told.get("rentang"), (*path, "rentang"))
        first, last = self._pair(told.get("tahun"), (*path, "tahun"))
        if kind is None:
            self.refuse(
                _("{value} is no kind of column.", value=repr(told["jenis"])),
                (*path, "jenis"),
                expected=_("one of {names}", names=", ".join(get_args(Kind))),
            )
            return None
        return Column(
            name=name,
            label=self._words(told["label"], (*path, "label")),
            kind=kind,
            role=told["peran"],
            sensitivity=told["sensitivitas"],
            unit=self._words(told.get("satuan"), (*path, "satuan")),
            publisher=self._words(told.get("penerbit"), (*path, "penerbit")),
            licence=told.get("lisensi", ""),
            low=low,
            high=high,
            years=None if first is None or last is None else (int(first), int(last)),
        )

    def _pair(self, told: object, path: tuple[str, ...]) -> tuple[float, float] | tuple[None, None]:
        if told is None:
            return None, None
        try:
            first, last = (float(x) for x in told)  # type: ignore[union-attr]
        except (TypeError, ValueError):
            first, last = 1.0, 0.0
        if not first <= last:
            self.refuse(
                _("{value} is no range.", value=repr(told)),
                path,
                expected=_("two numbers, the smaller first, such as [0, 100]"),
            )
            return None, None
        return first, last

    def _words(self, told: object, path: tuple[str, ...]) -> Words:
        if told is None:
            return words(id="", en="")
        if isinstance(told, dict) and set(told) == {"id", "en"}:
            return words(id=told["id"], en=told["en"])
        self.refuse(_("The text is not given in both languages."), path, expected="{id: …, en: …}")
        return words(id="", en="")


def _listed(told: object) -> tuple[str, ...]:
    return tuple(told) if isinstance(told, list) else ()
