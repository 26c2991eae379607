"""What to do about values that break a rule, told from how they are written; nothing is mended in silence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from kesos_research.data.codebook import Codebook, Column
from kesos_research.data.identity import fault, fault_words
from kesos_research.data.rules import Rule
from kesos_research.domain import region
from kesos_research.errors import RegionError
from kesos_research.language import _, current

_SHOWN = 3


def remedy(rule: Rule, codebook: Codebook, values: Sequence[str]) -> str:
    """A remedy for these values of the first column of `rule`."""
    known: dict[str, Callable[[Column, Codebook, Sequence[str]], str | None]] = {
        "number": _number,
        "whole": _number,
        "year": _year,
        "date": _date,
        "region": _region,
        "choice": _choice,
        "nik": _identity,
        "nomor_kk": _identity,
    }
    told = known[rule.name](codebook.columns[rule.columns[0]], codebook, values) if rule.name in known else None
    if told:
        return told
    if rule.counted == "rows" or rule.name in ("key", "order", "years"):
        return _("mend these rows in the file")
    return _("mend these cells in the file, or leave them empty where there is no value")


def _number(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    if column.kind == "bilangan" and any(re.fullmatch(r"[+-]?\d+[.,]\d{1,2}|[+-]?\d+[.,]\d{4,}", v) for v in values):
        return _("write whole numbers, or declare `jenis: angka` in the codebook")
    other = "," if codebook.decimal == "." else "."
    if column.kind == "angka" and any(re.fullmatch(rf"[+-]?\d+{re.escape(other)}\d+", v) for v in values):
        return _("write a decimal comma") if codebook.decimal == "," else _("write a decimal point")
    if any(re.fullmatch(r"[+-]?\d{1,3}(?:[.,\s]\d{3})+(?:[.,]\d+)?", v) for v in values):
        return _("write the number without marks between thousands")
    return _spaces(values)


def _spaces(values: Sequence[str]) -> str | None:
    return _("delete the spaces around the value") if any(v != v.strip() for v in values) else None


def _year(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    del column, codebook
    return _("write four digits, such as 2014") if values else None


def _date(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    del column, codebook
    if any(re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", v.strip()) for v in values):
        return _("write year-month-day; which of the two is the day cannot be told from the value")
    return None


def _region(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    """What each code may have meant, in the words of the register."""
    if column.masked or codebook.synthetic:
        return None
    told: list[str] = []
    for value in list(dict.fromkeys(values))[:_SHOWN]:
        try:
            region(value)
        except RegionError as error:
            told.append(f"{error.found.rstrip('.')}: {error.remedy}" if error.remedy else error.found)
    return "; ".join(told) or None


def _choice(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    del codebook
    by_label = {said.casefold(): code for code, label in column.choices.items() for said in label.values() if said}
    for value in values:
        if code := by_label.get(value.strip().casefold()):
            label = column.choices[code][current()]
            return _("write the code: {code} for {label}", code=code, label=label)
    if spaced := _spaces(values):
        return spaced
    near = [m for v in list(dict.fromkeys(values))[:_SHOWN] for m in difflib.get_close_matches(v, column.choices, 1)]
    if near and not column.masked:
        return _("did you mean {names}?", names=", ".join(dict.fromkeys(near)))
    return None


def _identity(column: Column, codebook: Codebook, values: Sequence[str]) -> str | None:
    del codebook
    kind = "nik" if column.kind == "nik" else "nomor_kk"
    faults = dict.fromkeys(name for v in values if (name := fault(kind, v)))
    return (
        "; ".join(f"{what}: {do}" for what, do in (fault_words(kind, name) for name in list(faults)[:_SHOWN])) or None
    )
