"""What a codebook promises of the cells of one column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kesos_research.data.codebook import NUMBERS, Codebook, Column, Kind
from kesos_research.data.identity import IdentityKind, fault_in, region_unknown, rounded, well_formed
from kesos_research.data.rules import Rule, Values
from kesos_research.data.terms import Terms, literal
from kesos_research.domain import register
from kesos_research.language import LANGUAGES, Words, both, words

_NOTHING = words(id="", en="")
_MOST = 12
"""Choices that are written out in words."""


def of_column(column: Column, codebook: Codebook, values: Values) -> Iterator[Rule]:
    """The rules of one column, in the order in which a reader mends them."""
    name = column.name
    if column.required or name in codebook.key:
        yield Rule(
            "required",
            (name,),
            both("a value in every row"),
            both("no value where one is needed"),
            lambda terms: f"{terms.value(name)} is null",
        )
    yield from _kind(column, codebook)
    yield from _limits(column)
    if column.pattern is not None:
        yield Rule(
            "pattern",
            (name,),
            both("written as {pattern}", pattern=column.pattern),
            both("not written as {pattern}", pattern=column.pattern),
            lambda terms: f"not regexp_full_match({terms.value(name)}, {literal(column.pattern or '')})",
        )
    if column.unique and codebook.key != (name,):
        yield Rule(
            "unique", (name,), both("each value once"), both("a value that is there already"), None, scope="file"
        )
    if column.reference is not None:
        yield _reference(column, values)


def _kind(column: Column, codebook: Codebook) -> Iterator[Rule]:
    name = column.name
    if column.kind in _WORDED:
        rule, wording, broken = _worded(column.kind)
        yield Rule(rule, (name,), wording, broken, _shape(column))
        if column.kind in ("angka", "bilangan"):
            yield Rule(
                "size",
                (name,),
                _NOTHING,
                both("too large a number"),
                lambda terms: f"{terms.shaped(name)} and {terms.sound(name)} is null",
            )
    elif column.kind == "wilayah":
        yield _region(name, synthetic=codebook.synthetic)
    elif column.kind in ("pilihan", "pilihan_ganda"):
        yield _choice(column)
    elif column.kind in ("nik", "nomor_kk"):
        yield from _identity(name, column.kind)  # type: ignore[arg-type]


_WORDED = ("angka", "bilangan", "tahun", "tanggal")


def _worded(kind: Kind) -> tuple[str, Words, Words]:
    return {
        "angka": ("number", both("a number"), both("not a number")),
        "bilangan": ("whole", both("a whole number"), both("not a whole number")),
        "tahun": ("year", both("a year"), both("not a year")),
        "tanggal": ("date", both("a date, such as 2014-11-25"), both("not a date written as 2014-11-25")),
    }[kind]


def _shape(column: Column) -> Callable[[Terms], str]:
    def violated(terms: Terms) -> str:
        if column.kind == "tanggal":
            return f"{terms.value(column.name)} is not null and {terms.date(column.name)} is null"
        return f"not {terms.shaped(column.name)}"

    return violated


def _limits(column: Column) -> Iterator[Rule]:
    name, low, high = column.name, column.low, column.high
    if column.kind in NUMBERS and low is not None and high is not None:
        said = {"low": f"{low:.15g}", "high": f"{high:.15g}"}
        yield Rule(
            "range",
            (name,),
            both("from {low} to {high}", **said),
            both("not within {low} and {high}", **said),
            lambda terms: f"{terms.sound(name)} not between {low!r}::double and {high!r}::double",
        )
    if column.dates:
        first, last = (day.isoformat() for day in column.dates)
        yield Rule(
            "range",
            (name,),
            both("from {low} to {high}", low=first, high=last),
            both("not within {low} and {high}", low=first, high=last),
            lambda terms: f"{terms.date(name)} not between date '{first}' and date '{last}'",
        )


def _region(name: str, *, synthetic: bool) -> Rule:
    codes = [r.code for r in register(synthetic=synthetic)]
    return Rule(
        "region",
        (name,),
        both("a code of the example register") if synthetic else both("Kemendagri code of a kabupaten or kota"),
        both("no kabupaten or kota"),
        lambda terms: f"not {terms.among(terms.value(name), codes)}",
    )


def _choice(column: Column) -> Rule:
    codes, name = list(column.choices), column.name
    if column.kind == "pilihan":
        return Rule(
            "choice",
            (name,),
            both("one of {choices}", choices=_choices(column)),
            both("none of the choices"),
            lambda terms: f"not {terms.among(terms.value(name), codes)}",
        )
    one = "(?:" + "|".join(re.escape(code) for code in codes) + ")"
    pattern = literal(f"{one}(?: {one})*")

    def violated(terms: Terms) -> str:
        text = terms.value(name)
        twice = f"len(list_distinct(string_split({text}, ' '))) < len(string_split({text}, ' '))"
        return f"not regexp_full_match({text}, {pattern}) or {twice}"

    return Rule(
        "choices",
        (name,),
        both("one or more of {choices}, parted by spaces", choices=_choices(column)),
        both("not codes of the choices, each once, parted by single spaces"),
        violated,
    )


def _choices(column: Column) -> Words:
    shown = list(column.choices.items())[:_MOST]
    more = ", …" if len(column.choices) > _MOST else ""
    return {
        lang: ", ".join(f"{code} ({said[lang]})" if said[lang] else code for code, said in shown) + more
        for lang in LANGUAGES
    }


def _identity(name: str, kind: IdentityKind) -> Iterator[Rule]:
    yield Rule(
        kind,
        (name,),
        both("a NIK of sixteen digits") if kind == "nik" else both("a family-card number of sixteen digits"),
        both("no NIK") if kind == "nik" else both("no family-card number"),
        lambda terms: f"not {well_formed(kind, terms.value(name))}",
    )

    def ends_in_zero(terms: Terms) -> str:
        return f"{terms.value(name)} like '%0' and {well_formed(kind, terms.value(name))}"

    yield Rule(
        "rounded",
        (name,),
        _NOTHING,
        both("last digits that a spreadsheet has set to zero"),
        ends_in_zero,
        both("take the column from its source again and import it as text, not as a number"),
        scope="file",
        told=lambda count, of: rounded(of, count),
    )
    yield Rule(
        "region_unknown",
        (name,),
        _NOTHING,
        both("a number of a kabupaten or kota that is not in the register"),
        lambda terms: f"{well_formed(kind, terms.value(name))} and {region_unknown(terms.value(name))}",
        both("it may be an old region; compare with the card"),
        severity="warning",
    )


def faults(name: str, kind: IdentityKind, terms: Terms) -> str:
    """SQL that names what is wrong with each identifier of a column."""
    return fault_in(kind, terms.value(name))


def _reference(column: Column, values: Values) -> Rule:
    target, name = column.reference, column.name
    assert target is not None
    said = {"column": target.column, "file": target.file}
    known: Sequence[str] = values.get(target, ())
    return Rule(
        "reference",
        (name,),
        both("a value of {column} in {file}", **said),
        both("not among {column} of {file}", **said),
        lambda terms: f"not {terms.among(terms.value(name), known)}",
    )
