"""Synthetic rows from a codebook: they pass their own check, and are spread and correlated as it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.arrange import Arranged, arrange, arrange_within
from kesos_research.data.cells import Cells
from kesos_research.data.check import check_cells
from kesos_research.data.codebook import IDENTIFIERS, NUMBERS, Codebook, Column
from kesos_research.data.draw import Draw, Rows, of_kind
from kesos_research.data.findings import Findings
from kesos_research.data.invented_identity import identify
from kesos_research.data.keep import Keeper, blank_years
from kesos_research.data.rules import Values
from kesos_research.data.typed import typed
from kesos_research.data.write.rows import Rows as Written
from kesos_research.data.write.text import csv_bytes
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.estimates import Check
from kesos_research.language import _

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 5_000_000
"""Rows that are made in memory at once; more in several calls, or by `synthesize_survey`."""
_GROUPED = ("wilayah",)


@dataclass(frozen=True)
class Synthetic:
    """Invented rows.

    Attributes
    ----------
    rows
        As `read_rows` would give them: numbers, dates, text.
    cells
        The same as text, as a file holds them.
    codebook
        The codebook, with `synthetic` set: its regions are those of the example register.
    notices
        What could not be had as declared.
    """

    rows: pd.DataFrame
    cells: Cells
    codebook: Codebook
    notices: tuple[Check, ...] = ()

    def csv(self) -> bytes:
        """The file as the codebook says it is written: delimiter, decimal mark, encoding."""
        return csv_bytes(Written(self.rows, self.codebook, "id", self.cells.file))[0]


def synthesize(
    codebook: Codebook,
    n: int,
    *,
    seed: int,
    within: pd.DataFrame | None = None,
    values: Values | None = None,
    name: str = "sintetis.csv",
) -> Synthetic:
    """Which rows could stand in a file with this codebook?

    Parameters
    ----------
    codebook
        The declaration: kinds, ranges, choices, keys, conditions; `sebaran` and `korelasi` say how values are spread.
    n
        Number of rows.
    seed
        The same seed gives the same rows.
    within
        Rows of another table, such as households, within which these rows stand. Columns of the same name are taken
        over, and those that a column refers to; each of them has a row before any has two.
    values
        What the columns hold that the codebook refers to; see `read.reference.referred`.
    name
        The name of the file, for messages.

    Returns
    -------
    Synthetic
        Rows that keep every promise of the codebook. Where a condition binds, the distributions are the declared ones
        given the condition.

    Raises
    ------
    KesosError
        When a promise cannot be kept by `n` rows: the condition, column or key is named.

    Examples
    --------
    >>> from kesos_research.data.codebook_text import parse_codebook
    >>> book = parse_codebook('''
    ... satuan_pengamatan: person
    ... kunci: [no]
    ... kolom:
    ...   no: {label: {id: No., en: No.}, jenis: bilangan, rentang: [1, 99], peran: id, sensitivitas: publik}
    ...   umur: {label: {id: Umur, en: Age}, jenis: bilangan, rentang: [0, 120], peran: covariate, sensitivitas: publik,
    ...          sebaran: {bentuk: normal, rerata: 40, simpangan: 10}}
    ... ''', "buku.yaml")
    >>> rows = synthesize(book, 5, seed=1).rows
    >>> len(rows), bool(rows["umur"].between(0, 120).all())
    (5, True)
    """
    if not 1 <= n <= MOST:
        raise DataError(
            _("{n} rows cannot be made.", n=n), expected=_("a whole number from 1 to {n}", n=MOST), where=Where("-n")
        )
    book = replace(codebook, synthetic=True)
    known = dict(values or {})
    if within is not None:
        known |= _referred(book, within)
    draw = Draw(book, np.random.default_rng(seed), known)
    arranged = arrange(draw, n) if within is None else arrange_within(draw, _taken(book, within), n)
    rows = _drawn(draw, arranged, n)
    cells = Cells(as_text(book, rows), name)
    _keeps(check_cells(cells, book, values=known))
    return Synthetic(typed(cells, book), cells, book, draw.copula.notices)


def _keeps(findings: Findings) -> None:
    """Refuse rows that break a promise: what the codebook declares does not fit together."""
    problems: list[KesosError] = [
        DataError(
            _("The rows drawn do not keep the codebook: {found}", found=finding.text),
            remedy=_(
                "look at what it declares for {columns}: kind, range, choices, pattern and distribution",
                columns=", ".join(finding.columns),
            ),
            where=Where(key=f"kolom.{finding.columns[0]}" if finding.columns else "kolom"),
        )
        for finding in findings.errors
    ]
    if problems:
        raise together(problems)


def _drawn(draw: Draw, arranged: Arranged, n: int) -> Rows:
    """Every column of the codebook."""
    book, rows = draw.codebook, arranged.rows
    alone = [c.name for c in book.columns.values() if c.name not in rows and c.kind not in IDENTIFIERS]
    if arranged.groups < n:  # a household lies in one region
        for name in [name for name in alone if book.columns[name].kind in _GROUPED]:
            rows[name] = draw.rows([name], arranged.groups)[name][arranged.group]
            alone.remove(name)
    for name in [name for name in alone if book.columns[name].unique]:
        rows[name] = draw.distinct(name, n)
        alone.remove(name)
    rows |= draw.rows(alone, n)
    blank_years(book, rows, np.arange(n))
    Keeper(draw, tuple(alone)).keep(rows)
    identify(draw, rows, arranged.group)
    return {name: rows[name] for name in book.columns}


def _taken(book: Codebook, parents: pd.DataFrame) -> Rows:
    """Columns that rows take over from those they stand within."""
    found: Rows = {}
    for column in book.columns.values():
        name = column.name
        if name not in parents.columns and column.reference and column.reference.column in parents.columns:
            name = column.reference.column
        if name in parents.columns:
            found[column.name] = of_kind(column, parents[name].to_list(), book.decimal)
    if not found or parents.empty:
        raise DataError(
            _("The rows within which these should stand share no column with them."),
            expected=_("one of {names}", names=", ".join(book.columns)),
        )
    return found


def _referred(book: Codebook, parents: pd.DataFrame) -> Mapping:
    """What the columns refer to that the rows within which they stand hold."""
    return {
        column.reference: tuple(
            text
            for text in _texts(column, of_kind(column, parents[column.reference.column].to_list(), book.decimal), book)
            if text is not None
        )
        for column in book.columns.values()
        if column.reference is not None and column.reference.column in parents.columns
    }


# --- text


def as_text(book: Codebook, rows: Rows) -> pa.Table:
    """The rows as a file of this codebook holds them; null where there is no value."""
    import pyarrow as pa

    columns = {name: pa.array(_texts(column, rows[name], book), pa.string()) for name, column in book.columns.items()}
    return pa.table(columns)


def _texts(column: Column, values: np.ndarray, book: Codebook) -> list[str | None]:
    if column.kind == "tanggal":
        return [None if text == "NaT" else text for text in values.astype(str).tolist()]
    if column.kind not in NUMBERS:
        return values.tolist()
    if column.kind in ("bilangan", "tahun"):
        wide = "04d" if column.kind == "tahun" else "d"
        return [None if value != value else f"{int(value):{wide}}" for value in values.tolist()]  # noqa: PLR0124
    from kesos_research.data.spread import Spread

    places = Spread(column).decimals
    return [None if value != value else _decimal(value, places, book.decimal) for value in values.tolist()]  # noqa: PLR0124


def _decimal(value: float, places: int, mark: str) -> str:
    """A number with so many places, or with all it has where these are more."""
    text = f"{value:.{places}f}"
    if float(text) != value:
        text = np.format_float_positional(value, trim="0")
    return text.replace(".", mark)
