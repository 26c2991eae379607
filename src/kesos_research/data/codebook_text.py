"""The YAML of a codebook, read into a `Codebook`; everything that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from kesos_research.data._problems import together
from kesos_research.data.codebook import DELIMITERS, NUMBERS, ORDERED, Codebook, Column, Promise, Unit
from kesos_research.data.codebook_column import column
from kesos_research.data.codebook_value import Reading
from kesos_research.data.condition import ConditionError, condition
from kesos_research.errors import DataError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean
from kesos_research.study.tree import parse

ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16")

KEYS = (
    "berkas",
    "sumber",
    "pengodean",
    "pemisah",
    "desimal",
    "satuan_pengamatan",
    "kunci",
    "kosong",
    "urutan",
    "kolom",
    "aturan",
    "korelasi",
    "sintetis",
)
NEEDS = ("satuan_pengamatan", "kunci", "kolom")


def parse_codebook(text: str, file: str) -> Codebook:
    """The codebook written in `text`; `file` is its name in error messages.

    Raises
    ------
    KesosError
        When the YAML is not understood, a key is unknown or missing, or a value is not of its kind.
    """
    tree = parse(text, name=file)
    entry = tree.plain()
    if not isinstance(entry, dict) or not isinstance(entry.get("kolom"), dict) or not entry["kolom"]:
        raise DataError(
            _("The codebook declares no columns."),
            expected=_("a key `kolom` with one entry a column"),
            remedy=_("draft one with `kesos data describe`"),
            where=Where(file),
        )
    reading = Reading(file, tree)
    reading.keys(entry, KEYS, NEEDS, ())
    columns = {name: made for name, told in entry["kolom"].items() if (made := column(reading, name, told))}
    unit = entry.get("satuan_pengamatan")
    if unit is not None:
        reading.choice(
            unit,
            get_args(Unit),
            ("satuan_pengamatan",),
            _("{value} is no unit of observation.", value=repr(clean(unit))),
        )
    key = reading.names(entry.get("kunci"), ("kunci",), entry["kolom"])
    order = reading.names(entry.get("urutan"), ("urutan",), entry["kolom"])
    _numbers_only(reading, order, columns)
    encoding, delimiter, decimal = _written(reading, entry)
    missing = _missing(reading, entry.get("kosong"))
    promises = _promises(reading, entry.get("aturan"))
    if len(columns) == len(entry["kolom"]):
        _understood(reading, promises, columns)
    correlations = _correlations(reading, entry.get("korelasi"), columns)
    synthetic = reading.switch(entry.get("sintetis"), ("sintetis",))
    if reading.problems:
        raise together(reading.problems)
    return Codebook(
        columns=columns,
        unit_of_observation=cast("Unit", unit),
        key=key,
        encoding=encoding,
        delimiter=delimiter,
        missing=missing,
        order=order,
        sources=reading.text(entry.get("sumber"), ("sumber",)) or None,
        decimal=decimal,
        promises=promises,
        correlations=correlations,
        data_file=reading.text(entry.get("berkas"), ("berkas",)) or None,
        synthetic=synthetic,
    )


def _written(reading: Reading, entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """Encoding, delimiter and decimal mark."""
    encoding = entry.get("pengodean", "utf-8")
    reading.choice(
        encoding, ENCODINGS, ("pengodean",), _("{value} is no encoding that is read.", value=repr(clean(encoding)))
    )
    delimiter = {"tab": "\t"}.get(str(entry.get("pemisah")), entry.get("pemisah", ","))
    if delimiter not in DELIMITERS:
        reading.refuse(
            _("{value} cannot separate cells.", value=repr(entry["pemisah"])),
            ("pemisah",),
            expected=_("one of {names}", names=" ".join(map(repr, DELIMITERS))),
        )
    decimal = entry.get("desimal", ".")
    if decimal not in (".", ","):
        reading.refuse(_("{value} is no decimal mark.", value=repr(decimal)), ("desimal",), expected='".", ","')
    return str(encoding), str(delimiter), str(decimal)


def _missing(reading: Reading, told: Any) -> tuple[str, ...]:
    if told is None or isinstance(told, str):
        return (told or "",)
    if isinstance(told, list) and told and all(isinstance(text, str) for text in told):
        return tuple(dict.fromkeys(told))
    reading.refuse(_("A text or a list of texts is expected here."), ("kosong",), expected='["", "."]')
    return ("",)


def _numbers_only(reading: Reading, order: tuple[str, ...], columns: Mapping[str, Column]) -> None:
    for name in order:
        if name in columns and columns[name].kind not in NUMBERS:
            reading.refuse(_("The column {name} holds no numbers.", name=name), ("urutan",))


def _promises(reading: Reading, told: Any) -> tuple[Promise, ...]:
    if told is None:
        return ()
    if not isinstance(told, list):
        reading.refuse(_("A list is expected here."), ("aturan",), expected='[{nama: …, syarat: "a <= b"}]')
        return ()
    made: dict[str, Promise] = {}
    for position, entry in enumerate(told):
        path = ("aturan", position)
        if not isinstance(entry, dict):
            reading.refuse(_("The rule is not described."), path, expected='{nama: …, syarat: "a <= b"}')
            continue
        if not reading.keys(entry, ("nama", "syarat", "pesan"), ("nama", "syarat"), path):
            continue
        name = reading.text(entry["nama"], (*path, "nama"))
        if name in made:
            reading.refuse(_("The rule {name} is there twice.", name=repr(clean(name))), (*path, "nama"))
        made[name] = Promise(
            name,
            reading.text(entry["syarat"], (*path, "syarat")),
            reading.words(entry.get("pesan"), (*path, "pesan")),
            reading.tree.line_of((*path, "syarat")),
        )
    return tuple(made.values())


def _understood(reading: Reading, promises: tuple[Promise, ...], columns: Mapping[str, Column]) -> None:
    """Refuse conditions that say nothing of these columns; the place in the text is told."""
    for position, promise in enumerate(promises):
        try:
            condition(promise.condition, columns)
        except ConditionError as error:
            reading.refuse(error.found, ("aturan", position, "syarat"), expected=error.expected)


def _correlations(reading: Reading, told: Any, columns: Mapping[str, Column]) -> tuple[tuple[str, str, float], ...]:
    if told is None:
        return ()
    found: list[tuple[str, str, float]] = []
    for position, entry in enumerate(told if isinstance(told, list) else [told]):
        path = ("korelasi", position)
        value = reading.number(entry[2]) if isinstance(entry, list) and len(entry) == 3 else None
        if value is None or not -1 < value < 1:
            reading.refuse(
                _("{value} is no correlation of two columns.", value=repr(entry)),
                path,
                expected="[umur, pengeluaran, 0.3]",
            )
            continue
        pair = reading.names(entry[:2], path, columns)
        for name in pair:
            if name in columns and columns[name].kind not in ORDERED:
                reading.refuse(
                    _("The values of the column {name} have no order.", name=clean(name)),
                    path,
                    expected=_("one of {names}", names=", ".join(ORDERED)),
                )
        if len(pair) == 2:
            found.append((pair[0], pair[1], value))
    return tuple(found)
