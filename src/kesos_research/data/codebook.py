"""A codebook: what each column of a file is, declared once; it documents, checks, and makes synthetic rows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kesos_research.language import Words, words

Kind = Literal[
    "wilayah", "tahun", "angka", "teks", "bilangan", "pilihan", "pilihan_ganda", "tanggal", "nik", "nomor_kk"
]
Unit = Literal["region", "institution", "household", "person"]
Role = Literal[
    "weight",
    "strata",
    "cluster",
    "fpc",
    "id",
    "unit",
    "period",
    "outcome",
    "covariate",
    "flag",
    "note",
]
Sensitivity = Literal["publik", "terbatas", "rahasia"]
Disguise = Literal["buang", "nama_samaran", "tahun", "lima_tahun"]
"""What pseudonymising does with a column: drop it, put pseudonyms, keep of a date the year or its five years."""
Shape = Literal["lognormal", "normal", "gamma", "eksponensial", "beta", "seragam", "poisson", "peluang"]

DELIMITERS = (",", ";", "\t", "|")
NUMBERS = ("angka", "bilangan", "tahun")
"""Kinds whose values are numbers."""
ORDERED = (*NUMBERS, "tanggal", "pilihan")
"""Kinds whose values have an order: choices have that in which they are declared."""
IDENTIFIERS = ("nik", "nomor_kk")
"""Kinds whose values name a person or a family."""

_NOTHING = words(id="", en="")


@dataclass(frozen=True)
class Reference:
    """A foreign key: the values of a column are among those of a column of another file."""

    file: str
    column: str


@dataclass(frozen=True)
class Distribution:
    """How synthetic values of a column are spread.

    Attributes
    ----------
    shape
        ``lognormal`` (median, rasio: the ratio of the 84th percentile to the median), ``normal`` (rerata, simpangan),
        ``gamma`` (rerata, simpangan), ``eksponensial`` (rerata), ``poisson`` (rerata), ``beta`` (alfa, beta: over the
        range), ``seragam`` (over the range), ``peluang`` (a share for each code).
    values
        Parameters of the shape by name, or shares by code.
    missing
        Share of rows without a value.
    """

    shape: Shape
    values: Mapping[str, float] = field(default_factory=dict)
    missing: float = 0.0


@dataclass(frozen=True)
class Promise:
    """What must hold between the columns of one row, in the words of `aturan.syarat`.

    Attributes
    ----------
    line
        Where it stands in the codebook.
    """

    name: str
    condition: str
    message: Words = field(default_factory=lambda: _NOTHING)
    line: int | None = None


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
        ``"publik"`` for figures already published, ``"terbatas"``, ``"rahasia"`` for what names a person.
    required, unique
        Whether every row has a value, and no value is there twice.
    pattern
        Regular expression that the whole value matches.
    choices
        Codes and their labels, of a choice.
    dates
        First and last date allowed.
    reference
        Where the values must be found.
    distribution
        How synthetic values are spread.
    question
        The question as an interviewer reads it.
    disguise
        What pseudonymising does with it, where its kind and sensitivity do not say.
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
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    choices: Mapping[str, Words] = field(default_factory=dict)
    dates: tuple[datetime.date, datetime.date] | None = None
    reference: Reference | None = None
    distribution: Distribution | None = None
    question: Words = field(default_factory=lambda: _NOTHING)
    disguise: Disguise | None = None

    @property
    def masked(self) -> bool:
        """Whether its values may not be shown in a message."""
        return (
            self.kind in IDENTIFIERS
            or self.sensitivity == "rahasia"
            or (self.sensitivity == "terbatas" and self.role in ("id", "unit"))
        )


@dataclass(frozen=True)
class Codebook:
    """The columns of one data file and how the file is written.

    Attributes
    ----------
    encoding, delimiter, decimal
        How a text file is written; they play no part in other formats.
    missing
        Texts that stand for a missing value. A cell that a file does not hold is always missing.
    order
        Columns whose values are never larger from left to right.
    promises
        What must hold between the columns of one row.
    correlations
        Spearman's rank correlations of synthetic rows, as ``(column, column, value)``.
    data_file
        The file it describes.
    synthetic
        Whether its rows are invented: they name example regions, and no study takes them for real.
    """

    columns: Mapping[str, Column]
    unit_of_observation: Unit
    key: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    missing: tuple[str, ...] = ("",)
    order: tuple[str, ...] = ()
    sources: str | None = None
    decimal: str = "."
    promises: tuple[Promise, ...] = ()
    correlations: tuple[tuple[str, str, float], ...] = ()
    data_file: str | None = None
    synthetic: bool = False

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Columns that can be an outcome."""
        return tuple(c.name for c in self.columns.values() if c.role == "outcome")


def plain_column(name: str, kind: Kind = "teks") -> Column:
    """A column without a label of its own, of a file whose columns we laid down."""
    return Column(name, _NOTHING, kind, "note", "publik", _NOTHING, _NOTHING, "")
