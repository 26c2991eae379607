"""Rows without names: identifiers become pseudonyms under a key, what only names a person is dropped.

A pseudonym is HMAC-SHA256 under the study's key, cut to 128 bits: the same person has the same one in every file of the
study, and nobody without the key can tell whose it is. An unkeyed hash would not do: the numbers of a region and birth
date that are known can be tried out in milliseconds.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import IDENTIFIERS, Codebook, Column
from kesos_research.data.condition import all_names, condition
from kesos_research.data.key import key_id
from kesos_research.data.typed import typed
from kesos_research.errors import DataError, KesosError
from kesos_research.language import LANGUAGES, Words, _, both
from kesos_research.mask import mask_text

Way = Literal["keep", "drop", "pseudonym", "year", "years"]

PATTERN = "[0-9a-f]{32}"
_BYTES = 16
_DOMAINS = {"nik": "nik", "nomor_kk": "kk"}
_DISGUISES: dict[str, Way] = {"buang": "drop", "nama_samaran": "pseudonym", "tahun": "year", "lima_tahun": "years"}


@dataclass(frozen=True)
class Pseudonymised:
    """Rows that name nobody directly.

    Attributes
    ----------
    frame
        Typed rows, sorted by their pseudonyms, so that the order of the file tells nothing.
    codebook
        Of these rows.
    key_id
        Of the key under which the pseudonyms were made.
    replaced, dropped, coarsened
        Columns, by what became of them.
    texts
        Columns of free text that were kept: nobody but a reader can tell whether they name anybody.
    lost
        Promises of the codebook that speak of columns that are no more.
    """

    frame: pd.DataFrame
    codebook: Codebook
    key_id: str
    replaced: tuple[str, ...]
    dropped: tuple[str, ...]
    coarsened: tuple[str, ...]
    texts: tuple[str, ...]
    lost: tuple[str, ...]


def pseudonym(value: str, key: bytes, *, of: str) -> str:
    """The pseudonym of one identifier.

    Parameters
    ----------
    of
        What it is: ``"nik"``, ``"kk"``, or ``"id:"`` and the name of a column. Equal values of different kinds have
        different pseudonyms.

    Examples
    --------
    >>> pseudonym("3314055501900001", bytes(32), of="nik")
    'bf5c21c2d2e329a00322b9407a3875c8'
    """
    return hmac.digest(key, f"{of}|v1|{value}".encode(), "sha256")[:_BYTES].hex()


def pseudonymised(cells: Cells, codebook: Codebook, key: bytes) -> Pseudonymised:
    """Which rows are these, without saying whose?

    Parameters
    ----------
    cells
        Without a broken promise; see `check_cells`.
    codebook
        NIK and family-card numbers, and other columns that are `rahasia` and an id, a key or a reference, become
        pseudonyms. Other columns that are `rahasia` are dropped, unless `samaran` says otherwise.
    key
        32 bytes; see `read_key`.

    Raises
    ------
    KesosError
        When a column that stays holds something that looks like a NIK.
    """
    ways: dict[str, Way] = {name: way_of(column, codebook) for name, column in codebook.columns.items()}
    rows = typed(cells, codebook)
    kept = rows[[name for name, way in ways.items() if way != "drop"]]
    names = [str(name) for name in kept.columns]
    frame = pd.DataFrame({name: _disguised(kept[name], ways[name], codebook.columns[name], key) for name in names})
    if problems := list(_left(frame, cells, ways)):
        raise together(problems)
    book, lost = _codebook(codebook, ways, names)
    first = [name for name in frame.columns if ways[name] == "pseudonym"]
    order = [*first, *(name for name in frame.columns if name not in first)]
    frame = frame.sort_values(order, kind="stable", ignore_index=True) if order else frame

    def of(*wanted: Way) -> tuple[str, ...]:
        return tuple(name for name, way in ways.items() if way in wanted)

    texts = tuple(n for n in of("keep") if codebook.columns[n].kind == "teks" and codebook.columns[n].pattern is None)
    return Pseudonymised(frame, book, key_id(key), of("pseudonym"), of("drop"), of("year", "years"), texts, lost)


def way_of(column: Column, codebook: Codebook) -> Way:
    """What becomes of a column."""
    if column.kind in IDENTIFIERS:
        return "drop" if column.disguise == "buang" else "pseudonym"
    if column.disguise:
        return _DISGUISES[column.disguise]
    if column.sensitivity != "rahasia":
        return "keep"
    linked = column.role in ("id", "unit") or column.name in codebook.key or column.reference is not None
    return "pseudonym" if linked else "drop"


def domain_of(column: Column) -> str:
    """What the identifiers of a column are, so that the same one has the same pseudonym wherever it stands."""
    if column.kind in _DOMAINS:
        return _DOMAINS[column.kind]
    return f"id:{column.reference.column if column.reference else column.name}"


def _disguised(values: pd.Series, way: Way, column: Column, key: bytes) -> pd.Series:
    if way == "pseudonym":
        texts = values.astype("str") if values.dtype != "str" else values
        domain = domain_of(column)
        made = {v: pseudonym(v, key, of=domain) for v in texts[values.notna()].unique()}
        return texts.where(values.notna()).map(made).astype("str")
    if way == "year":
        years = values.dt.year
        return years if years.isna().any() else years.astype("int64")
    if way == "years":
        begin = values.dt.year // 5 * 5
        said = {b: f"{int(b)}-{int(b) + 4}" for b in begin.dropna().unique()}
        return begin.map(said).astype("str")
    return values


def _left(frame: pd.DataFrame, cells: Cells, ways: Mapping[str, Way]) -> Iterable[KesosError]:
    """Columns that stay and hold something like a NIK."""
    for name in frame.columns:
        if ways[name] != "keep" or not pd.api.types.is_string_dtype(frame[name]):
            continue
        texts = frame[name].dropna()
        long = texts[texts.str.count(r"\d") >= 15]
        wrong = long[[mask_text(text) != text for text in long]]
        if len(wrong):
            yield DataError(
                _("{n} cells hold what looks like a NIK.", n=len(wrong)),
                expected=_("no identifier in a column that stays"),
                remedy=_("declare the column `sensitivitas: rahasia`, or take the number out of its text"),
                where=cells.where(int(wrong.index[0]), str(name)),
            )


# --- the codebook of the new file


def _codebook(codebook: Codebook, ways: Mapping[str, Way], names: Iterable[str]) -> tuple[Codebook, tuple[str, ...]]:
    columns = {name: _column(codebook.columns[name], ways[name]) for name in names}
    same = {name for name in columns if ways[name] == "keep"}
    promises, lost = [], []
    for promise in codebook.promises:
        spoken_of = set(all_names(condition(promise.condition, codebook.columns)))
        (promises if spoken_of <= same else lost).append(promise)
    book = replace(
        codebook,
        columns=columns,
        key=tuple(name for name in codebook.key if name in columns),
        order=codebook.order if set(codebook.order) <= same else (),
        promises=tuple(promises),
        correlations=tuple(c for c in codebook.correlations if {c[0], c[1]} <= same),
        data_file=None,
        encoding="utf-8",
    )
    return book, tuple(p.name for p in lost)


def _column(column: Column, way: Way) -> Column:
    if way == "keep":
        return column
    plain = replace(
        column, low=None, high=None, dates=None, choices={}, reference=None, distribution=None, disguise=None,
        pattern=None, sensitivity="terbatas",
    )  # fmt: skip
    if way == "pseudonym":
        return replace(plain, kind="teks", pattern=PATTERN, label=_said(column.label, both("pseudonym")))
    if way == "years":
        return replace(plain, kind="teks", pattern="[0-9]{4}-[0-9]{4}", label=_said(column.label, both("five years")))
    return replace(plain, kind="bilangan", label=_said(column.label, both("year")))


def _said(label: Words, more: Words) -> Words:
    return {lang: f"{label[lang]} ({more[lang]})" for lang in LANGUAGES}
