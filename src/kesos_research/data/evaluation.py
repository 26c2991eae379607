"""Families of a programme held against what the study says of them: populations, offers, endline, spells, costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pandas as pd

from kesos_research.data.codebook import Codebook, Kind
from kesos_research.errors import DataError, Where
from kesos_research.language import _

_YES_NO = frozenset({"0", "1"})
_NAMES: tuple[Kind, ...] = ("teks", "pilihan", "wilayah")
_NUMBERS: tuple[Kind, ...] = ("angka", "bilangan")


class _Population(Protocol):
    @property
    def value(self) -> str: ...
    @property
    def spell(self) -> bool: ...


class _Measured(Protocol):
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


class _Spell(Protocol):
    @property
    def time(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def lasting(self) -> int: ...


class Asked(Protocol):
    """What reading needs to know of the study's `evaluation`."""

    @property
    def group(self) -> str: ...
    @property
    def populations(self) -> Sequence[_Population]: ...
    @property
    def treated(self) -> str: ...
    @property
    def assigned(self) -> str: ...
    @property
    def observed(self) -> str: ...
    @property
    def outcomes(self) -> Sequence[_Measured]: ...
    @property
    def covariates(self) -> Sequence[str]: ...
    @property
    def placebo(self) -> str: ...
    @property
    def subgroups(self) -> Sequence[str]: ...
    @property
    def spell(self) -> _Spell | None: ...
    @property
    def funding(self) -> str: ...
    @property
    def costs(self) -> Sequence[str]: ...
    @property
    def flags(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Sequence[str]: ...


def undeclared(asked: Asked, codebook: Codebook, *, more: Sequence[str], where: Where) -> Iterator[DataError]:
    """Columns the study names and the codebook does not, and yes-or-no columns that are none."""
    for column in dict.fromkeys((*asked.columns, *more)):
        if column not in codebook.columns:
            yield DataError(
                _("The codebook has no column {name}.", name=column),
                expected=", ".join(codebook.columns),
                where=where,
            )
    spell = (asked.spell.time,) if asked.spell else ()
    amounts = [c for o in asked.outcomes for c in (o.before, o.after) if c]
    for columns, kinds in (((asked.group,), _NAMES), ((*amounts, *asked.costs, *spell), _NUMBERS)):
        for column in dict.fromkeys(columns):
            if column in codebook.columns and codebook.columns[column].kind not in kinds:
                if set(codebook.columns[column].choices) == _YES_NO and column in amounts:
                    continue
                yield DataError(
                    _("The column {name} is of the kind {kind}.", name=column, kind=codebook.columns[column].kind),
                    expected=_("one of {names}", names=", ".join(kinds)),
                    where=where,
                )
    for column in asked.flags:
        if column in codebook.columns and set(codebook.columns[column].choices) != _YES_NO:
            yield DataError(
                _("The column {name} says no yes or no.", name=column),
                expected=_("jenis: pilihan with the codes 0 and 1"),
                where=where,
            )


def answers(rows: pd.DataFrame, asked: Asked, codebook: Codebook) -> pd.DataFrame:
    """The rows with yes and no as such: flags true or false, other columns of 0 and 1 as numbers."""
    event = asked.spell.event if asked.spell else ""
    made = {}
    for column in asked.columns:
        if set(codebook.columns[column].choices) != _YES_NO:
            continue
        values = pd.to_numeric(rows[column])
        if column in asked.flags and column != event:
            made[column] = values == 1
        else:
            made[column] = values if values.isna().any() else values.astype("int64")
    return rows.assign(**made)


def broken(rows: pd.DataFrame, asked: Asked, *, where: Where) -> Iterator[DataError]:
    """What the rows say that the study's evaluation cannot be true of."""
    known = [p.value for p in asked.populations]
    if strangers := sorted(set(rows[asked.group].dropna()) - set(known)):
        yield DataError(
            _(
                "There are families of {name}, a population the study does not name.",
                name=", ".join(map(str, strangers)),
            ),
            expected=", ".join(known),
            remedy=_("name it under evaluation.populations, or leave those rows out of the file"),
            where=_at(where, asked.group),
        )
    for population in known:
        own = rows[rows[asked.group] == population]
        for arm, n in ((True, int(own[asked.treated].sum())), (False, int((~own[asked.treated]).sum()))):
            if n == 0:
                yield DataError(
                    _("No family of {name} was offered the programme.", name=population)
                    if arm
                    else _(
                        "All families of {name} were offered the programme: nobody is left to compare.", name=population
                    ),
                    expected=_("families with and without the offer in each population"),
                    where=_at(where, asked.treated),
                )
    yield from _gaps(rows, asked, where)
    mixed = rows.groupby([asked.group, asked.assigned])[asked.treated].nunique() > 1
    if mixed.any():
        yield DataError(
            _("{n} units of {name} hold families with and without the offer.", n=int(mixed.sum()), name=asked.assigned),
            expected=_("the offer reached a unit as a whole, or not at all"),
            remedy=_("name under evaluation.assigned the unit to which it was offered, the family itself if need be"),
            where=_at(where, asked.assigned),
        )
    yield from _endline(rows, asked, where)
    yield from _spells(rows, asked, where)
    for column in asked.costs:
        if (rows[column] < 0).any():
            yield DataError(_("A cost is below nought."), expected=_("0 or more"), where=_at(where, column))


def _gaps(rows: pd.DataFrame, asked: Asked, where: Where) -> Iterator[DataError]:
    """Columns that must be known of everybody."""
    before = [o.before for o in asked.outcomes if o.before]
    needed = (
        asked.group, asked.assigned, *before, *asked.covariates, asked.placebo, *asked.subgroups, asked.funding,
        *asked.costs,
    )  # fmt: skip
    for column in dict.fromkeys(c for c in needed if c):
        if n := int(rows[column].isna().sum()):
            yield DataError(
                _("{n} families have no value in {column}.", n=n, column=column),
                expected=_("a value for everybody: it was known before the programme, or is nought"),
                where=_at(where, column),
            )


def _endline(rows: pd.DataFrame, asked: Asked, where: Where) -> Iterator[DataError]:
    seen = rows[asked.observed] if asked.observed else pd.Series(True, rows.index)
    yield from _reached(rows[seen], asked, where)
    for outcome in asked.outcomes:
        there = rows[outcome.after].notna()
        if n := int((seen & ~there).sum()):
            yield DataError(
                _("{n} families were reached and have no {column}.", n=n, column=outcome.after),
                expected=_("a value wherever the endline was taken"),
                where=_at(where, outcome.after),
            )
        if n := int((~seen & there).sum()):
            yield DataError(
                _("{n} families have {column} and were not reached.", n=n, column=outcome.after),
                expected=_("no value where the endline was not taken"),
                where=_at(where, asked.observed),
            )


def _reached(rows: pd.DataFrame, asked: Asked, where: Where) -> Iterator[DataError]:
    """Each arm of each population has an endline, and outcomes that differ."""
    for population in (p.value for p in asked.populations):
        own = rows[rows[asked.group] == population]
        if own[asked.treated].nunique() < 2:
            yield DataError(
                _("The endline reached no family of {name} in one of the arms.", name=population),
                expected=_("families that were reached, with and without the offer in each population"),
                where=_at(where, asked.observed or asked.treated),
            )
            continue
        for column in (o.after for o in asked.outcomes):
            if own[column].nunique(dropna=False) == 1:
                yield DataError(
                    _("The outcome {column} is the same for all families of {name}.", column=column, name=population),
                    expected=_("an outcome that varies"),
                    where=_at(where, column),
                )


def _spells(rows: pd.DataFrame, asked: Asked, where: Where) -> Iterator[DataError]:
    if asked.spell is None:
        return
    time, event, lasting = asked.spell.time, asked.spell.event, asked.spell.lasting
    own = rows[rows[asked.group].isin([p.value for p in asked.populations if p.spell])]
    if n := int((own[time].isna() | own[event].isna() | (own[time] <= 0)).sum()):
        yield DataError(
            _("{n} families have left, and no time since then is known.", n=n),
            expected=_("a time above nought, and whether they came back"),
            where=_at(where, time),
        )
    if n := int(((own[event] == 0) & (own[time] < lasting)).sum()):
        yield DataError(
            _("{n} families were followed for less than {time}.", n=n, time=lasting),
            expected=_("everybody who did not come back followed at least that long"),
            remedy=_("shorten evaluation.spell.lasting"),
            where=_at(where, time),
        )


def _at(where: Where, column: str) -> Where:
    return Where(file=where.file, column=column)
