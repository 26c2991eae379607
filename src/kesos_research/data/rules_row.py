"""What a codebook promises of whole rows: told apart by a key, within their years, in order, and more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kesos_research.data.codebook import Codebook, Promise
from kesos_research.data.condition import all_names, condition
from kesos_research.data.condition_sql import broken
from kesos_research.data.identity import birth_disagrees, well_formed
from kesos_research.data.rules import Rule
from kesos_research.language import Words, both, words

_NOTHING = words(id="", en="")
_BIRTH = ("tanggal_lahir", "tgl_lahir")


def of_rows(codebook: Codebook) -> Iterator[Rule]:
    """The rules between columns and between rows."""
    yield from _years(codebook)
    for left, right in pairwise(codebook.order):
        yield _order(left, right)
    for promise in codebook.promises:
        yield _promise(promise, codebook)
    yield from _birthdays(codebook)
    if codebook.key:
        said = " + ".join(codebook.key)
        yield Rule(
            "key",
            codebook.key,
            both("told apart by {key}", key=said),
            both("the same {key} twice", key=said),
            None,
            counted="rows",
            scope="file",
        )


def _years(codebook: Codebook) -> Iterator[Rule]:
    """A column with years of its own has values in these years only."""
    period = next((c.name for c in codebook.columns.values() if c.kind == "tahun"), None)
    if period is None:
        return
    for column in codebook.columns.values():
        if column.years:
            first, last = column.years
            yield Rule(
                "years",
                (column.name, period),
                both("values in the years {first}–{last} only", first=first, last=last),
                both("a value outside the years {first}–{last}", first=first, last=last),
                lambda terms, name=column.name, first=first, last=last: (
                    f"{terms.value(name)} is not null and {terms.number(period)} not between {first} and {last}"
                ),
                between=", ",
            )


def _order(left: str, right: str) -> Rule:
    return Rule(
        "order",
        (left, right),
        both("{left} not larger than {right}", left=left, right=right),
        both("{left} larger than {right}", left=left, right=right),
        lambda terms: f"{terms.sound(left)} > {terms.sound(right)}",
        scope="row",
        between=" > ",
    )


def _promise(promise: Promise, codebook: Codebook) -> Rule:
    tree = condition(promise.condition, codebook.columns)
    told: Words = promise.message
    if not any(told.values()):
        told = words(id=promise.condition, en=promise.condition)
    return Rule(
        promise.name,
        tuple(dict.fromkeys(all_names(tree))),
        told,
        both("not so: {promise}", promise=told),
        lambda terms: broken(tree, terms),
        counted="rows",
        scope="row",
        between=", ",
    )


def _birthdays(codebook: Codebook) -> Iterator[Rule]:
    """Where a row has one NIK and a birthday, both should tell the same day."""
    niks = [c.name for c in codebook.columns.values() if c.kind == "nik"]
    birth = next(
        (name for name in _BIRTH if name in codebook.columns and codebook.columns[name].kind == "tanggal"), None
    )
    if len(niks) != 1 or birth is None:
        return
    nik = niks[0]
    yield Rule(
        "birthday",
        (nik, birth),
        _NOTHING,
        both("a NIK that tells another birthday than {column}", column=birth),
        lambda terms: (
            f"case when {well_formed('nik', terms.value(nik))} and {terms.date(birth)} is not null"
            f" then {birth_disagrees(terms.value(nik), terms.value(birth))} end"
        ),
        both("compare with the card: either may be wrong"),
        counted="rows",
        scope="row",
        between=", ",
        severity="warning",
    )
