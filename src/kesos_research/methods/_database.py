"""The same sums from Parquet larger than memory: over units in the database, everything after them shared.

Terms w v are turned into whole numbers of 2^−k before they are summed, with k as large as the largest term allows. Sums
of such numbers are exact, and so do not depend on the order in which threads come to rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kesos_research.design import SurveyDesign
from kesos_research.errors import DataError, KesosError, MethodError, Problems, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.methods._columns import HELPER, Columns, Kind
from kesos_research.methods._estimate import Answer, answered, of_sums
from kesos_research.methods._linearize import Array
from kesos_research.methods._sample import Sample, arrange, label_codes

if TYPE_CHECKING:
    import duckdb

_BITS = 61
"""Terms are smaller than 2^61, so that they fit in 64 bits with their sign."""
_ROWS = "_rows"
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A Parquet file, or a folder of them, and what its columns are."""

    connection: duckdb.DuckDBPyConnection
    source: str
    name: str
    types: dict[str, str]

    def ask(self, sql: str) -> pd.DataFrame:
        found = self.connection.execute(sql).fetchnumpy()
        return pd.DataFrame({name: _filled(values) for name, values in found.items()})


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """The file, closed afterwards; nothing is fetched from elsewhere and nothing is written but what does not fit."""
    import duckdb

    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files or not all(f.is_file() for f in files):
        raise DataError(
            _("There is no Parquet file."), expected=_("a file or a folder of files"), where=Where(file=path.name)
        )
    listed = ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
    source = f"read_parquet([{listed}])"
    with _engine().cursor() as connection:
        try:
            told = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        except duckdb.Error as error:
            raise DataError(
                _("The file cannot be read as Parquet."), expected=_("a Parquet file"), where=Where(file=path.name)
            ) from error
        yield Table(connection, source, path.name, {row[0]: row[1] for row in told})


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """An empty database in memory: starting one takes as long as a question does."""
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "preserve_insertion_order": "false",
        "memory_limit": "400MB",
    }
    return duckdb.connect(":memory:", config=settings)


def assess(
    path: Path,
    columns: Sequence[Columns],
    g: Callable[[Array], tuple[Array, Array]],
    *,
    by: tuple[str, ...],
    design: SurveyDesign,
) -> Answer:
    """A function of totals in each domain, from sums over the units of each domain."""
    _supported(design)
    needs: dict[str, Kind] = {}
    for group in columns:
        needs.update(group.needs)
    with opened(path) as table:
        frame, T = _sums(table, columns, needs, by, design)
    sample = arrange(frame, by, replace(design, weight=_ROWS))
    rows = frame[_ROWS].to_numpy()[sample.order]
    counts = np.bincount(sample.domain, rows, sample.layout.size).astype(np.intp)
    sample = replace(
        sample,
        design=design,
        layout=replace(sample.layout, rows=counts),
        checks=(*sample.checks[:-1], *_counted(sample, int(rows.sum()))),
    )
    return answered(sample, of_sums(T[:, sample.order], g, sample))


def categories(path: Path, column: str) -> tuple[str, list[object]]:
    """Is the column a "number" of 0 and 1, a "float", or of a "category"; and the categories."""
    with opened(path) as table:
        _present(table, [column], [])
        type_ = table.types[column]
        if type_.startswith(("FLOAT", "DOUBLE", "DECIMAL")):
            return "float", []
        named = _quoted(column)
        sql = f"SELECT DISTINCT {named} AS v FROM {table.source} WHERE {named} IS NOT NULL LIMIT 1001"
        found = table.ask(sql)["v"]
    if type_ == "BOOLEAN" or (type_.startswith(_NUMBERS) and set(found) <= {0, 1}):
        return "number", []
    if len(found) > 1000:
        raise MethodError(
            _("The column {column} holds more than {n} categories.", column=column, n=1000), where=Where(column=column)
        )
    return "category", list(label_codes(found)[1])


def _supported(design: SurveyDesign) -> None:
    wrong = None
    if design.replicate_weights or design.adjustments:
        wrong = _("Replicate weights and adjusted weights are not read from Parquet.")
    elif not design.weight:
        wrong = _("The design has no weight.")
    elif not design.cluster:
        wrong = _("The design names no cluster.")
    if wrong:
        raise MethodError(
            wrong,
            expected=_("a design with weight and cluster: sums are made over sampled units"),
            remedy=_("read the columns that are needed into memory"),
            where=Where(key="design"),
        )


def _sums(
    table: Table, columns: Sequence[Columns], needs: dict[str, Kind], by: tuple[str, ...], design: SurveyDesign
) -> tuple[pd.DataFrame, Array]:
    """The units of each domain with their rows, and their sums: (J, units)."""
    import duckdb

    weight = str(design.weight)
    keys = tuple(dict.fromkeys([*by, *design.of("strata"), *design.of("cluster"), *design.of("fpc")]))
    _present(table, [weight, *needs, *keys], [weight, *(c for c, kind in needs.items() if kind != "any")])
    largest = _looked_at(table, weight, needs)
    terms = [e for group in columns for e in group.expressions(_number)]
    bounds = [b for group in columns for b in group.bounds(largest)]
    powers = [_BITS - int(np.ceil(np.log2(max(b * largest[weight], 1e-300)))) for b in bounds]
    made = [
        f"CAST(sum(CAST({_number(weight)} * {_two_to(k)} * ({term}) AS BIGINT)) AS DOUBLE) * {_two_to(-k)} AS _t{j}"
        for j, (term, k) in enumerate(zip(terms, powers, strict=True))
    ]
    helper = next((h for group in columns if (h := group.helper(_number))), "0.0")
    named = ", ".join(_quoted(key) for key in keys)
    sql = (
        f"SELECT {named}, count(*) AS {_ROWS}, {', '.join(made)} "
        f"FROM (SELECT *, {helper} AS {HELPER} FROM {table.source}) GROUP BY {named}"
    )
    try:
        frame = table.ask(sql)
    except duckdb.Error as error:
        _looked_at(table, weight, needs, scan=True)  # what is not a number is found in the rows only
        raise DataError(
            _("The sums could not be made in the database."),
            expected=_("finite numbers in every row"),
            where=Where(file=table.name),
        ) from error
    if frame.empty:
        raise DataError(_("There are no rows."), where=Where(file=table.name))
    T = frame[[f"_t{j}" for j in range(len(made))]].to_numpy(dtype=float).T
    frame = frame[[*keys, _ROWS]]
    missing = [_missing(table, key, int(frame.loc[frame[key].isna(), _ROWS].sum())) for key in keys]
    _raise([m for m in missing if m is not None])
    replace(design, weight=None).check(frame)
    return frame.astype({_ROWS: float}), T


def _present(table: Table, named: Sequence[str], numbers: Sequence[str]) -> None:
    problems: list[KesosError] = [
        DataError(
            _("There is no column {name}.", name=repr(c)),
            expected=_("one of {names}", names=", ".join(table.types)),
            where=Where(file=table.name, column=c),
        )
        for c in named
        if c not in table.types
    ]
    problems += [
        DataError(
            _("The column {column} holds {type}.", column=c, type=table.types[c]),
            expected=_("numbers"),
            where=Where(file=table.name, column=c),
        )
        for c in numbers
        if c in table.types and not table.types[c].startswith((*_NUMBERS, "BOOLEAN"))
    ]
    _raise(problems)


def _looked_at(table: Table, weight: str, needs: dict[str, Kind], *, scan: bool = False) -> dict[str, float]:
    """The largest absolute value of each column of numbers; a column that does not keep its promise is refused."""
    kinds: dict[str, Kind] = {**needs, weight: "line"}
    seen = (None if scan else _told(table, kinds)) or _scanned(table, kinds)
    problems: list[KesosError | None] = []
    largest: dict[str, float] = {}
    for c, kind in kinds.items():
        look = seen[c]
        problems.append(_missing(table, c, look.missing))
        if kind == "any" or look.missing:
            continue
        largest[c] = max(abs(look.low), abs(look.high))
        expected = None
        if not np.isfinite([look.low, look.high]).all():
            expected = _("finite numbers")
        elif kind == "line" and look.low <= 0:
            expected = _("amounts larger than 0")
        elif kind == "amount" and look.low < 0:
            expected = _("amounts of 0 or more")
        if expected:
            place = Where(file=table.name, column=c)
            problems.append(
                DataError(_("The column {column} holds other values.", column=c), expected=expected, where=place)
            )
    _raise([p for p in problems if p is not None])
    return largest


@dataclass(frozen=True)
class _Look:
    """How many values of a column are missing, and between which it lies."""

    missing: int
    low: float
    high: float


def _told(table: Table, kinds: dict[str, Kind]) -> dict[str, _Look] | None:
    """What the file's own statistics say of the columns, or nothing where they do not say it of every row group.

    They know nothing of values that are not a number: those stop the sums.
    """
    listed = ", ".join("'" + c.replace("'", "''") + "'" for c in kinds)
    source = table.source.replace("read_parquet(", "parquet_metadata(", 1)
    found = table.connection.execute(
        "SELECT path_in_schema, sum(stats_null_count), count(*) = count(stats_null_count), "
        "count(*) = count(stats_min_value) AND count(*) = count(stats_max_value), "
        "min(TRY_CAST(stats_min_value AS DOUBLE)), max(TRY_CAST(stats_max_value AS DOUBLE)) "
        f"FROM {source} WHERE path_in_schema IN ({listed}) GROUP BY path_in_schema"
    ).fetchall()
    looks: dict[str, _Look] = {}
    for name, missing, counted, bounded, low, high in found:
        if not counted or (kinds[name] != "any" and (not bounded or low is None or high is None)):
            return None
        looks[name] = _Look(int(missing), float(low or 0.0), float(high or 0.0))
    return looks if set(looks) == set(kinds) else None


def _scanned(table: Table, kinds: dict[str, Kind]) -> dict[str, _Look]:
    """The same from the rows."""
    parts = ["count(*) AS n"]
    for i, c in enumerate(kinds):
        x = "0.0" if kinds[c] == "any" else _number(c)
        parts += [f"count({_quoted(c)}) AS c{i}", f"min({x}) AS a{i}", f"max({x}) AS b{i}"]
    found = table.ask(f"SELECT {', '.join(parts)} FROM {table.source}").iloc[0]
    if not found["n"]:
        raise DataError(_("There are no rows."), where=Where(file=table.name))
    return {
        c: _Look(int(found["n"]) - int(found[f"c{i}"]), float(found[f"a{i}"]), float(found[f"b{i}"]))
        for i, c in enumerate(kinds)
    }


def _missing(table: Table, column: str, n: int) -> DataError | None:
    if n == 0:
        return None
    return DataError(
        _("{n} values are missing.", n=n),
        expected=_("no missing value"),
        remedy=_("drop those rows in a line of their own, so that the reader sees it"),
        where=Where(file=table.name, column=column),
    )


def _counted(sample: Sample, rows: int) -> tuple[Check, ...]:
    last = sample.checks[-1]
    return (Check(last.name, last.status, last.text, {**last.evidence, "rows": rows}),)


def _raise(problems: Sequence[KesosError]) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)


def _filled(values: Any) -> Any:
    """A column as the frame wants it: what is masked is missing."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    masked = np.ma.getmaskarray(values)
    return pd.Series(values.data).astype(object).mask(masked) if masked.any() else values.data


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _number(column: str) -> str:
    return f"CAST({_quoted(column)} AS DOUBLE)"


def _two_to(k: int) -> str:
    return repr(float(2.0**k)) + ("" if "e" in repr(float(2.0**k)) else "e0")
