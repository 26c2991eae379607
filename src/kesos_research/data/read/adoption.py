"""The panel of a programme that units take up one after the other: each unit with its own first period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from kesos_research.data.codebook import Codebook, Kind
from kesos_research.data.read.files import Files, StudyFiles
from kesos_research.data.read.study import read_rows, source_of
from kesos_research.errors import DataError, KesosError, Problems, Where
from kesos_research.language import _

if TYPE_CHECKING:
    from kesos_research.study import Adoption

_SHOWN = 3
_TIMES: tuple[Kind, ...] = ("tahun", "bilangan")
_VALUES: tuple[Kind, ...] = ("angka", "bilangan")
_NAMES: tuple[Kind, ...] = ("wilayah", "teks", "pilihan", "bilangan")


class AdoptionStudy(StudyFiles, Protocol):
    """What reading the panel needs to know besides."""

    @property
    def adoption(self) -> Adoption | None: ...


def read_adoption(study: AdoptionStudy) -> pd.DataFrame:
    """Which units took the programme up, when, and what did they have in each period?

    Parameters
    ----------
    study
        A study with an `adoption`.

    Returns
    -------
    DataFrame
        The rows of its source by unit and period: every unit in every period, without a missing outcome or trait. The
        first period with the programme is a number, missing where it never came.

    Raises
    ------
    KesosError
        When a column is not there or of another kind; when a row is missing or twice; when a unit has two first
        periods, or one with which the panel begins; when nobody adopts, or nobody is left to compare with. All that can
        be told at once is told at once.
    """
    if study.adoption is None:
        raise DataError(
            _("The study does not say where a programme was taken up."),
            expected=_("the key `adoption` in study.yaml"),
            where=Where(key="adoption"),
        )
    asked = study.adoption
    chosen = source_of(study, asked.source or None)
    files = Files(study)
    document = files.name(study.folder / "study.yaml")
    _together(_columns(asked, files.book(chosen), document))
    rows = read_rows(study, source=chosen.id)
    file = files.name(chosen.file)
    _together([*_lacking(rows, asked, file), *_grid(rows, asked, file), *_constant(rows, asked, file)])
    rows = rows.sort_values([asked.unit, asked.period]).reset_index(drop=True)
    rows[asked.since] = rows[asked.since].astype("float64")
    _together(_dates(rows, asked, file, document))
    return rows


def _together(problems: Iterable[KesosError]) -> None:
    found = list(problems)
    if found:
        raise found[0] if len(found) == 1 else Problems(found)


def _columns(asked: Adoption, book: Codebook, document: str) -> Iterable[KesosError]:
    """Columns that the codebook does not have, or has as another kind."""
    kinds: dict[str, tuple[tuple[str, ...], tuple[Kind, ...]]] = {
        "unit": ((asked.unit,), _NAMES),
        "period": ((asked.period,), _TIMES),
        "since": ((asked.since,), _TIMES),
        "outcomes": (asked.outcomes, _VALUES),
        "placebo": (asked.placebo, _VALUES),
        "by": (asked.by, _NAMES),
    }
    for key, (names, allowed) in kinds.items():
        for name in names:
            where = Where(document, key=f"adoption.{key}")
            if name not in book.columns:
                yield DataError(
                    _("The codebook has no column {name}.", name=repr(name)),
                    expected=_("one of {names}", names=", ".join(book.columns)),
                    where=where,
                )
            elif book.columns[name].kind not in allowed:
                yield DataError(
                    _("The column {name} is of the kind {kind}.", name=repr(name), kind=book.columns[name].kind),
                    expected=_("one of {names}", names=", ".join(allowed)),
                    where=where,
                )


def _lacking(rows: pd.DataFrame, asked: Adoption, file: str) -> Iterable[KesosError]:
    """Missing values where one is needed: everywhere but in `since`."""
    for name in (asked.unit, asked.period, *asked.outcomes, *asked.placebo, *asked.by):
        if n := int(rows[name].isna().sum()):
            yield DataError(
                _("{n} rows have no {name}.", n=n, name=repr(name)),
                expected=_("a value in every row"),
                remedy=_("leave units with gaps out of the file, or the outcome out of the study"),
                where=Where(file, column=name),
            )


def _grid(rows: pd.DataFrame, asked: Adoption, file: str) -> Iterable[KesosError]:
    """Unit-periods that are there twice, or not at all."""
    known = rows.dropna(subset=[asked.unit, asked.period])
    twice = known[known.duplicated([asked.unit, asked.period])]
    if len(twice):
        pairs = [f"{u} {p:g}" for u, p in zip(twice[asked.unit], twice[asked.period], strict=True)]
        yield DataError(
            _("{n} pairs of unit and period are there twice: {names}.", n=len(twice), names=_some(pairs)),
            expected=_("one row for each unit and period"),
            where=Where(file),
        )
    periods = known[asked.period].nunique()
    counts = known.drop_duplicates([asked.unit, asked.period])[asked.unit].value_counts()
    short = sorted(map(str, counts.index[counts < periods]))
    if short:
        yield DataError(
            _("{n} units lack a period: {names}.", n=len(short), names=_some(short)),
            expected=_("each unit in all {n} periods", n=periods),
            remedy=_("leave units with gaps out of the file, or the outcome out of the study"),
            where=Where(file),
        )


def _constant(rows: pd.DataFrame, asked: Adoption, file: str) -> Iterable[KesosError]:
    """Units whose first period, or whose fixed trait, is not the same in all rows."""
    for name in (asked.since, *asked.by):
        values = rows.groupby(asked.unit)[name].nunique(dropna=False)
        moving = sorted(map(str, values.index[values > 1]))
        if moving:
            yield DataError(
                _("{name} changes within {n} units: {names}.", name=repr(name), n=len(moving), names=_some(moving)),
                expected=_("the same value in all rows of a unit"),
                where=Where(file, column=name),
            )


def _dates(rows: pd.DataFrame, asked: Adoption, file: str, document: str) -> Iterable[KesosError]:
    """Whether there is a before for everyone, someone with the programme, and someone to compare with."""
    since = rows.groupby(asked.unit)[asked.since].first()
    first, last = rows[asked.period].min(), rows[asked.period].max()
    early = sorted(map(str, since.index[since <= first]))
    if early:
        yield DataError(
            _("{n} units have the programme from the first period on: {names}.", n=len(early), names=_some(early)),
            expected=_("a period before adoption for each unit"),
            remedy=_("leave them out: nothing can be learnt from them"),
            where=Where(file, column=asked.since),
        )
    if not (since <= last).any():
        yield DataError(
            _("No unit adopts within the periods {first}–{last}.", first=f"{first:g}", last=f"{last:g}"),
            where=Where(file, column=asked.since),
        )
    elif asked.comparison == "never_treated" and not (since.isna() | (since > last)).any():
        yield DataError(
            _("Every unit adopts in the end: none is left to compare with."),
            remedy=_("write comparison: not_yet_treated"),
            where=Where(document, key="adoption.comparison"),
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
