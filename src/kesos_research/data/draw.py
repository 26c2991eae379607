"""Values of the columns of a codebook, drawn as it declares them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from kesos_research.data.codebook import NUMBERS, Codebook, Column
from kesos_research.data.copula import Copula
from kesos_research.data.pattern import Texts, texts_of
from kesos_research.data.rules import Values
from kesos_research.data.spread import Spread
from kesos_research.errors import DataError, Where
from kesos_research.language import _

Rows = dict[str, np.ndarray]
"""Columns by name: float64 with NaN for numbers, datetime64[D] with NaT for dates, object with None for texts."""

_TRIES = 200
_CHOSEN = 0.3
"""Share of rows with each of several answers, where none is declared."""


@dataclass
class Draw:
    """What chance gives for the columns of a codebook.

    Attributes
    ----------
    codebook
        The declaration.
    random
        The one generator of a call.
    values
        What the columns hold that the codebook refers to.
    """

    codebook: Codebook
    random: np.random.Generator
    values: Values = field(default_factory=dict)

    @cached_property
    def spreads(self) -> Mapping[str, Spread]:
        """The law of each column that has one."""
        kinds = (*NUMBERS, "tanggal", "pilihan", "pilihan_ganda", "wilayah", "teks")
        return {c.name: Spread(c) for c in self.codebook.columns.values() if c.kind in kinds}

    @cached_property
    def copula(self) -> Copula:
        """What hangs together."""
        return Copula(self.codebook.correlations, self.spreads)

    def rows(self, names: Iterable[str], n: int) -> Rows:
        """`n` values of each column, correlated as declared, missing as often as declared."""
        shares = self.copula.draw(n, self.random)
        found: Rows = {}
        for name in names:
            column = self.codebook.columns[name]
            values = self._valued(column, shares.get(name, self.random.random(n)))
            found[name] = self._some_missing(column, values)
        return found

    def present(self, name: str, n: int) -> np.ndarray:
        """`n` values of one column, none of them missing."""
        return self._valued(self.codebook.columns[name], self.random.random(n))

    def distinct(self, name: str, n: int) -> np.ndarray:
        """`n` different values of one column.

        Raises
        ------
        DataError
            When it has less.
        """
        column = self.codebook.columns[name]
        few = self._domain(column)
        if few is not None:
            if len(few) < n:
                raise self._too_few(column, len(few), n)
            return self.random.permutation(few)[:n]
        if column.kind in NUMBERS:
            return self._different_numbers(column, n)
        return self._different_texts(column, n)

    def groups(self, column: Column) -> int | None:
        """How many different values a column can have; None where it is many."""
        few = self._domain(column)
        return None if few is None else len(few)

    # --- one column

    def _valued(self, column: Column, share: np.ndarray) -> np.ndarray:
        if column.reference is not None:
            known = self._referred(column)
            return known[np.minimum((share * len(known)).astype(int), len(known) - 1)]
        if column.kind == "pilihan_ganda":
            return self._several(column, len(share))
        spread = self.spreads.get(column.name)
        if column.kind == "teks" and (spread is None or spread.codes is None):
            return self._texts(column, len(share))
        if spread is None:  # identifiers are made last
            return np.full(len(share), None, dtype=object)
        return spread.values(share)

    def _some_missing(self, column: Column, values: np.ndarray) -> np.ndarray:
        share = column.distribution.missing if column.distribution else 0.0
        if share == 0 or column.required or column.name in self.codebook.key:
            return values
        gone = self.random.random(len(values)) < share
        values = values.copy()
        values[gone] = missing_of(column)
        return values

    def _several(self, column: Column, n: int) -> np.ndarray:
        """Answers of which each is given or not, by itself; at least one where a value is required."""
        told = column.distribution.values if column.distribution else {}
        codes = list(column.choices)
        share = np.array([told.get(code, 0.0 if told else _CHOSEN) for code in codes])
        chosen = self.random.random((n, len(codes))) < share
        for _step in range(_TRIES):
            none = ~chosen.any(axis=1)
            if not (column.required and none.any()):
                break
            chosen[none] = self.random.random((int(none.sum()), len(codes))) < share
        none = ~chosen.any(axis=1)
        if column.required:
            chosen[none, int(share.argmax())] = True
        found = np.full(n, "", dtype=object)
        for code, given in zip(codes, chosen.T, strict=True):
            found[given] = [f"{before} {code}".lstrip() for before in found[given]]
        found[found == ""] = None
        return found

    @cached_property
    def _patterns(self) -> Mapping[str, Texts]:
        return {c.name: texts_of(c.pattern) for c in self.codebook.columns.values() if c.pattern}

    def _texts(self, column: Column, n: int) -> np.ndarray:
        if column.pattern is None:
            numbers = self.random.integers(1, 10_000, n)
            return _objects(f"Contoh {i}" for i in numbers)
        found = self._patterns[column.name].draw(n, self.random)
        for _step in range(_TRIES):
            void = self._void(found)
            if not void.any():
                return found
            found[void] = self._patterns[column.name].draw(int(void.sum()), self.random)
        raise DataError(
            _("The pattern {value} gives hardly any text that is not a missing value.", value=repr(column.pattern)),
            where=Where(key=f"kolom.{column.name}.pola"),
        )

    def _void(self, texts: np.ndarray) -> np.ndarray:
        """Texts that would be read as a missing value."""
        missing = self.codebook.missing
        return np.fromiter((t in missing or not t.strip() for t in texts), dtype=bool, count=len(texts))

    def _referred(self, column: Column) -> np.ndarray:
        assert column.reference is not None
        known = self.values.get(column.reference)
        if not known:
            raise DataError(
                _("{column} refers to {file}, whose values are not known.", column=column.name,
                  file=column.reference.file),
                remedy=_("put the file beside the codebook, or make its synthetic rows first"),
                where=Where(key=f"kolom.{column.name}.rujukan"),
            )  # fmt: skip
        return of_kind(column, known, self.codebook.decimal)

    # --- different values

    def _domain(self, column: Column) -> np.ndarray | None:
        """All values of a column that has not many, in order."""
        if column.reference is not None:
            return self._referred(column)
        spread = self.spreads.get(column.name)
        if spread is not None and spread.codes is not None:
            return spread.codes[0][spread.codes[1] > 0]
        if column.kind == "tanggal" and spread is not None:
            first, last = spread.values(np.array([0.0, 1.0]))
            return np.arange(first, last + 1)
        if column.kind in ("bilangan", "tahun") and spread is not None and spread.high - spread.low < 1e7:
            return np.arange(math.ceil(spread.low), math.floor(spread.high) + 1, dtype=float)
        texts = self._patterns.get(column.name)
        if texts is not None and texts.count <= 100_000:
            every = _objects(dict.fromkeys(texts.at(np.arange(texts.count))))
            return every[~self._void(every)]
        return None

    def _different_numbers(self, column: Column, n: int) -> np.ndarray:
        found = self.present(column.name, n)
        for _step in range(_TRIES):
            again = _repeated(found)
            if not again.any():
                return found
            found[again] = self.present(column.name, int(again.sum()))
        raise self._too_few(column, len(set(found)), n)

    def _different_texts(self, column: Column, n: int) -> np.ndarray:
        if column.pattern is None:
            width = len(str(n))
            return _objects(f"C{i:0{width}d}" for i in range(1, n + 1))
        found = self._texts(column, n)
        for _step in range(_TRIES):
            again = _repeated(found)
            if not again.any():
                return found
            found[again] = self._texts(column, int(again.sum()))
        raise self._too_few(column, len(set(found)), n)

    def _too_few(self, column: Column, there: int, n: int) -> DataError:
        return DataError(
            _("{column} has {there} different values, and {n} are needed.", column=column.name, there=there, n=n),
            remedy=_("widen its range, choices or pattern, or ask for fewer rows"),
            where=Where(key=f"kolom.{column.name}"),
        )


def missing_of(column: Column) -> object:
    """What stands for no value in a column of rows in memory."""
    if column.kind in NUMBERS:
        return np.nan
    return np.datetime64("NaT") if column.kind == "tanggal" else None


def of_kind(column: Column, texts: Sequence[object], decimal: str) -> np.ndarray:
    """Texts, or values, as the values of a column."""
    if column.kind in NUMBERS:
        return np.array([_number(text, decimal) for text in texts], dtype=float)
    if column.kind == "tanggal":
        return np.array([np.datetime64("NaT") if _absent(t) else np.datetime64(str(t)[:10], "D") for t in texts],
                        dtype="datetime64[D]")  # fmt: skip
    return _objects(None if _absent(t) else str(t) for t in texts)


def _number(told: object, decimal: str) -> float:
    if _absent(told):
        return np.nan
    return float(told.replace(decimal, ".") if isinstance(told, str) else told)  # type: ignore[arg-type]


def _absent(told: object) -> bool:
    return told == "" if isinstance(told, str) else bool(pd.isna(told))  # type: ignore[call-overload]


def _repeated(values: np.ndarray) -> np.ndarray:
    """Values that stand before already."""
    seen = np.ones(len(values), dtype=bool)
    order = values.astype(str) if values.dtype == object else values
    seen[np.unique(order, return_index=True)[1]] = False
    return seen


def _objects(values: Iterable[object]) -> np.ndarray:
    listed = list(values)
    found = np.empty(len(listed), dtype=object)
    found[:] = listed
    return found
