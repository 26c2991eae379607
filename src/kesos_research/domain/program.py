"""Programmes and their dated facts, each with its source (`kebijakan/*.yaml`)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from babel.dates import format_date

from kesos_research.domain import _package
from kesos_research.errors import DocumentError, StudyError
from kesos_research.language import Language, Words, _, current, number, words


@dataclass(frozen=True)
class ScopeItem:
    """One thing a programme sets out to do."""

    id: str
    name: Words


@dataclass(frozen=True)
class Phase:
    """Years in which a programme was one thing; `last` is None where it goes on."""

    code: str
    name: Words
    first: int
    last: int | None
    note: Words


@dataclass(frozen=True)
class Fact:
    """One number, date or text about a programme, with its source.

    Attributes
    ----------
    since, until
        First and last year the fact speaks of; `until` is None where it still holds.
    source
        Where it is written, for people.
    citation
        Its key in references.bib.
    note
        What to beware of; empty where nothing.
    """

    programme: str
    key: str
    name: Words
    value: Decimal | date | str
    unit: Words
    since: int
    until: int | None
    source: Words
    citation: str
    note: Words

    def say(self, lang: Language) -> str:
        """The value as that language writes it: 8.282 or 8,282; 1 Mei 2013 or 1 May 2013."""
        if isinstance(self.value, date):
            return format_date(self.value, "d MMMM y", locale=lang)
        if isinstance(self.value, Decimal):
            return number(float(self.value), max(0, -int(self.value.as_tuple().exponent)), lang)
        return self.value

    def __str__(self) -> str:
        return self.say(current())


@dataclass(frozen=True)
class Programme:
    """A programme, a target or an event: its scope and the parts it falls into, its phases, its regions, its facts."""

    code: str
    kind: str
    name: Words
    regions: tuple[str, ...]
    scope: tuple[ScopeItem, ...]
    parts: Mapping[str, Words]
    """Parts of the scope, by the letter with which the ids of their items begin."""
    phases: tuple[Phase, ...]
    facts: Mapping[str, Fact]

    def phase(self, year: int) -> Phase | None:
        """The phase a year belongs to; None before the first."""
        return next((p for p in self.phases if p.first <= year <= (p.last or year)), None)


def programmes() -> tuple[Programme, ...]:
    """Every programme known to the package."""
    return tuple(_register().values())


def programme(code: str) -> Programme:
    """Which programme has this code?

    Raises
    ------
    StudyError
        When none has; the error names those known and the nearest.

    Examples
    --------
    >>> pkst = programme("PKST")
    >>> [item.id for item in pkst.scope][:3], pkst.phase(2015).name["en"]
    (['A1', 'A2', 'A3'], 'PKST and Pandu Gempita')
    """
    register = _register()
    if code in register:
        return register[code]
    raise StudyError(
        _("There is no programme {code}.", code=repr(code)),
        expected=_("one of {names}", names=", ".join(register)),
        remedy=_nearest(code, register),
    )


def fact(programme_code: str, key: str, *, year: int | None = None) -> Fact:
    """What is known, and from where, about this side of a programme?

    Parameters
    ----------
    programme_code
        Code of the programme.
    key
        Key of the fact, such as ``"launch_date"``.
    year
        When given, the fact must speak of this year.

    Raises
    ------
    DocumentError
        When the programme has no such fact, or none for that year.

    Examples
    --------
    >>> fact("PKST", "launch_date").say("en"), fact("ProKUS", "kpm_2020_hdn").say("id")
    ('1 May 2013', '8.282')
    """
    known = programme(programme_code).facts
    found = known.get(key)
    if found is None:
        raise DocumentError(
            _("There is no fact {key} about {programme}.", key=repr(key), programme=programme_code),
            expected=_("one of {names}", names=", ".join(known)),
            remedy=_nearest(key, known),
        )
    if year is not None and not found.since <= year <= (found.until or year):
        raise DocumentError(
            _(
                "The fact {key} about {programme} does not speak of {year}.",
                key=key,
                programme=programme_code,
                year=year,
            ),
            expected=_("a year from {first} to {last}", first=found.since, last=found.until or _("now")),
        )
    return found


@cache
def _register() -> dict[str, Programme]:
    found = (_programme(_package.document(name)) for name in _package.names("kebijakan"))
    return {p.code: p for p in found}


def _programme(entry: Mapping[str, Any]) -> Programme:
    return Programme(
        code=entry["kode"],
        kind=entry["jenis"],
        name=_package.said(entry["nama"]),
        regions=tuple(entry.get("wilayah", ())),
        scope=tuple(ScopeItem(item["id"], _package.said(item["nama"])) for item in entry.get("lingkup", ())),
        parts={letter: _package.said(name) for letter, name in entry.get("bagian", {}).items()},
        phases=tuple(
            Phase(
                code=p["kode"],
                name=_package.said(p["nama"]),
                first=int(p["sejak"]),
                last=int(p["sampai"]) if p["sampai"] else None,
                note=_package.said(p["catatan"]),
            )
            for p in entry.get("fase", ())
        ),
        facts={f["kunci"]: _fact(entry["kode"], f) for f in entry["fakta"]},
    )


def _fact(programme_code: str, entry: Mapping[str, Any]) -> Fact:
    nothing = words(id="", en="")
    return Fact(
        programme=programme_code,
        key=entry["kunci"],
        name=_package.said(entry["nama"]),
        value=_value(entry["jenis"], entry["nilai"]),
        unit=_package.said(entry["satuan"]) if "satuan" in entry else nothing,
        since=int(entry["sejak"]),
        until=int(entry["sampai"]) if entry.get("sampai") else None,
        source=_package.said(entry["sumber"]),
        citation=entry["pustaka"],
        note=_package.said(entry["catatan"]) if "catatan" in entry else nothing,
    )


def _value(kind: str, text: str) -> Decimal | date | str:
    if kind == "angka":
        return Decimal(text)
    if kind == "tanggal":
        return date.fromisoformat(text)
    return text  # a year or a name is written as it stands


def _nearest(wanted: str, known: Mapping[str, object]) -> str | None:
    lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(str(wanted).lower(), lower, n=2, cutoff=0.5)
    return _("did you mean {names}?", names=", ".join(lower[k] for k in near)) if near else None
