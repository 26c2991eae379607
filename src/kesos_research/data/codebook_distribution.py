"""How synthetic values of a column are spread, as a codebook declares it under `sebaran`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from kesos_research.data.codebook import NUMBERS, Distribution, Kind, Shape
from kesos_research.data.codebook_value import Path, Reading
from kesos_research.language import Words, _
from kesos_research.study.refusal import clean

_CHOICES = ("pilihan", "pilihan_ganda")
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "lognormal": ("median", "rasio"),
    "normal": ("rerata", "simpangan"),
    "gamma": ("rerata", "simpangan"),
    "eksponensial": ("rerata",),
    "beta": ("alfa", "beta"),
    "poisson": ("rerata",),
    "seragam": (),
    "peluang": (),
}
_FITTING = {
    "lognormal": NUMBERS,
    "normal": NUMBERS,
    "gamma": NUMBERS,
    "eksponensial": NUMBERS,
    "beta": NUMBERS,
    "poisson": NUMBERS,
    "seragam": (*NUMBERS, "tanggal"),
    "peluang": (*_CHOICES, "wilayah", "tahun", "bilangan", "teks"),
}


def distribution(
    reading: Reading, told: Any, path: Path, kind: Kind, choices: Mapping[str, Words]
) -> Distribution | None:
    """The distribution declared, or None where there is none or it does not fit; see `reading`."""
    if told is None:
        return None
    shape = _shape(reading, told, path, kind)
    if shape is None:
        return None
    if shape == "peluang":
        return _shares(reading, told, path, kind, choices)
    needed = _PARAMETERS[shape]
    if not reading.keys(told, ("bentuk", "kosong", *needed), needed, path):
        return None
    values = {key: _value(reading, told[key], (*path, key)) for key in needed}
    for key, value in values.items():
        least = 1 if key == "rasio" else None if shape == "normal" and key == "rerata" else 0
        if least is not None and not value > least:
            reading.refuse(
                _("{value} is not accepted.", value=repr(clean(told[key]))),
                (*path, key),
                expected=_("a number above {low}", low=least),
            )
    return Distribution(shape, values, _missing(reading, told, path))


def _shape(reading: Reading, told: Any, path: Path, kind: Kind) -> Shape | None:
    if not isinstance(told, dict) or "bentuk" not in told:
        reading.refuse(
            _("The distribution is not understood."), path, expected="{bentuk: normal, rerata: …, simpangan: …}"
        )
        return None
    path = (*path, "bentuk")
    found = _("{value} is no distribution.", value=repr(clean(told["bentuk"])))
    shape = reading.choice(told["bentuk"], get_args(Shape), path, found)
    if shape is not None and kind not in _FITTING[shape]:
        reading.refuse(_("A column of kind {kind} cannot be spread as {shape}.", kind=kind, shape=shape), path)
        return None
    return cast("Shape | None", shape)


def _shares(
    reading: Reading, told: Mapping[str, Any], path: Path, kind: Kind, choices: Mapping[str, Words]
) -> Distribution | None:
    """`{bentuk: peluang, nilai: {1: 0.4, 2: 0.6}}`."""
    if not reading.keys(told, ("bentuk", "kosong", "nilai"), ("nilai",), path):
        return None
    if not isinstance(told["nilai"], dict) or not told["nilai"]:
        reading.refuse(_("The distribution is not understood."), path, expected="nilai: {1: 0.4, 2: 0.6}")
        return None
    values = {code: _value(reading, share, (*path, "nilai", code)) for code, share in told["nilai"].items()}
    for code in values:
        if choices and code not in choices:
            reading.refuse(
                _("{value} is none of the choices.", value=repr(clean(code))),
                (*path, "nilai", code),
                expected=_("one of {names}", names=", ".join(choices)),
            )
    single = kind != "pilihan_ganda"  # of several answers each has its own share
    if min(values.values()) < 0 or max(values.values()) > 1 or (single and abs(sum(values.values()) - 1) > 1e-6):
        reading.refuse(
            _("The shares do not fit together."),
            (*path, "nilai"),
            expected=_("shares between 0 and 1 that sum to 1") if single else _("shares between 0 and 1"),
        )
    return Distribution("peluang", values, _missing(reading, told, path))


def _missing(reading: Reading, told: Mapping[str, Any], path: Path) -> float:
    share = _value(reading, told.get("kosong", "0"), (*path, "kosong"))
    if not 0 <= share < 1:
        reading.refuse(_("{value} is no share.", value=repr(told["kosong"])), (*path, "kosong"), expected="0.05")
        return 0.0
    return share


def _value(reading: Reading, told: object, path: Path) -> float:
    value = reading.number(told)
    if value is None:
        reading.refuse(
            _("{value} is not a number.", value=repr(clean(told))), path, expected=_("a number with a decimal point")
        )
        return 0.0
    return value
