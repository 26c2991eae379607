"""Stata and SPSS files as cells, with the labels of columns and codes and the values declared missing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import NUMBERS, Codebook
from kesos_research.data.damage import Damage
from kesos_research.data.read import statistical_room as room
from kesos_research.data.read.content import expect
from kesos_research.data.read.header import unnamed
from kesos_research.data.read.number import texts
from kesos_research.data.read.parquet import lost_digits
from kesos_research.data.read.statistical_date import dated
from kesos_research.errors import KesosError, Where
from kesos_research.language import _
from kesos_research.study.refusal import clean

if TYPE_CHECKING:
    import pyarrow as pa

PATIENCE = 60
"""Seconds a file may take, and one more for each megabyte."""

_SINGLE = 2**24
"""Whole numbers of four bytes keep all their digits up to here."""


def read_dta(path: Path, file: str, codebook: Codebook | None = None, sheet: str | None = None) -> Cells:
    """The rows of a Stata file. Missing values with a letter stay, written `.a` to `.z`; see `_read`."""
    del sheet
    expect(path, file, "dta")
    return _read("dta", path, file, codebook)


def read_sav(path: Path, file: str, codebook: Codebook | None = None, sheet: str | None = None) -> Cells:
    """The rows of an SPSS file. Values declared missing stay as they are and are told; see `_read`."""
    del sheet
    expect(path, file, "sav")
    return _read("sav", path, file, codebook)


@dataclass(frozen=True)
class _Told:
    """What the file says of its columns."""

    names: list[str]
    labels: list[str | None]
    rows: int | None
    encoding: str | None
    formats: Mapping[str, str]
    types: Mapping[str, str]
    codes: Mapping[str, list[tuple[Any, str]]]
    missing: Mapping[str, list[Any]]


def _read(kind: str, path: Path, file: str, codebook: Codebook | None) -> Cells:
    """The rows, in a process of their own.

    Raises
    ------
    KesosError
        When the file is damaged, its text is not in the encoding told, or numbers have lost digits.
    """
    import pyarrow as pa

    stream = _asked(kind, path, file, codebook)
    try:
        table = pa.ipc.open_stream(stream).read_all()
        told = _Told(**json.loads(table.schema.metadata[b"about"]))
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(file) from error
    problems: list[KesosError] = list(unnamed(told.names, lambda i: Where(file, column=str(i + 1))))
    if not table.num_rows or not told.names:
        problems.append(
            Damage(
                "no_rows",
                _("The file has columns and no rows."),
                remedy=_("look whether this is the right file"),
                where=Where(file),
            )
        )
    if problems:
        raise together(problems)
    return _cells(table, told, file, codebook)


def _asked(kind: str, path: Path, file: str, codebook: Codebook | None) -> bytes:
    """What the process that reads the file hands over."""
    encoding = [] if codebook is None or codebook.encoding == "utf-8" else [codebook.encoding]
    patience = PATIENCE + path.stat().st_size / 2**20
    command = [sys.executable, "-I", room.__file__, kind, str(path.absolute()), *encoding]
    try:
        done = subprocess.run(command, capture_output=True, timeout=patience, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise _damaged(file, _("Reading does not come to an end.")) from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace") if done.returncode == room.REFUSED else ""
    if "convert string" in said or said.startswith("Unicode"):
        raise Damage(
            "encoding",
            _("The text of the file is not in the encoding that it tells."),
            remedy=_("write `pengodean` in the codebook, such as {name}", name="cp1252"),
            where=Where(file),
        )
    raise _damaged(file)


def _damaged(file: str, found: str | None = None) -> Damage:
    return Damage(
        "damaged",
        found or _("The file is cut or damaged."),
        expected=_("a file as its program saved it"),
        remedy=_("fetch the file again from its source, or open it in its program and save it again"),
        where=Where(file),
    )


def _cells(table: pa.Table, told: _Told, file: str, codebook: Codebook | None) -> Cells:
    import pyarrow as pa

    columns, problems, rounded = [], [], []
    lettered: dict[str, list[str]] = {}
    for i, name in enumerate(told.names):
        column, wrong = _column(table, i, told.formats.get(name) or "", short=told.types.get(name) == "float")
        columns.append(pa.array(column, pa.string()))
        if wrong is not None:
            problems.append(_no_date(file, name, wrong))
        if told.types.get(name) == "float" and _rounded(table, i):
            rounded.append(name)
        if {f"n{i}", f"t{i}"} <= set(table.column_names):
            lettered[name] = sorted({text for text in column if text and text.startswith(".")})
    cells = Cells(
        pa.Table.from_arrays(columns, names=told.names),
        file,
        first=1,
        counted="row",
        labels={name: said for name, said in zip(told.names, told.labels, strict=True) if said},
        value_labels={name: {_code(code): label for code, label in codes} for name, codes in told.codes.items()},
        detected=_detected(told, rounded, lettered),
    )
    for i, name in enumerate(told.names):
        counted = codebook is not None and name in codebook.columns and codebook.columns[name].kind in NUMBERS
        if f"n{i}" in table.column_names and not counted:
            problems += lost_digits(cells, name)
            problems += _kept_short(cells, name, rounded, codebook)
    if problems:
        raise together(problems)
    return cells


def _column(table: pa.Table, i: int, format_: str, *, short: bool) -> tuple[list[str | None], int | None]:
    """A column as text, and the first row whose date is none."""
    import numpy as np

    said = table.column(f"t{i}").to_pylist() if f"t{i}" in table.column_names else None
    if f"n{i}" not in table.column_names:
        return [text or None for text in said or []], None
    values = table.column(f"n{i}").to_numpy().astype(np.float64)
    days = dated(values, format_)
    numbers = texts(values, short=short) if days is None else days
    wrong = None
    if days is not None:
        lost = np.flatnonzero(np.isfinite(values) & np.array([day is None for day in days]))
        wrong = int(lost[0]) + 1 if len(lost) else None
    if said is None:
        return numbers, wrong
    return [f".{letter}" if letter else number for letter, number in zip(said, numbers, strict=True)], wrong


def _rounded(table: pa.Table, i: int) -> bool:
    """Whether whole numbers of four bytes are so large that their last digits are not their own."""
    import numpy as np

    if f"n{i}" not in table.column_names:
        return False
    values = table.column(f"n{i}").to_numpy().astype(np.float64)
    values = values[np.isfinite(values)]
    return bool(len(values)) and bool((values == np.floor(values)).all()) and float(np.abs(values).max()) > _SINGLE


def _kept_short(cells: Cells, name: str, rounded: list[str], codebook: Codebook | None) -> Iterator[KesosError]:
    """Refuse identifiers that Stata kept in four bytes; of sums of money it is told."""
    if name in rounded and codebook is not None and name in codebook.columns:
        yield Damage(
            "long",
            _("The column is kept as `float`, which has seven digits: the last ones are lost."),
            expected=_("identifiers as text"),
            remedy=_(
                "write the column again as text where the file was made; a sum of money is declared as `jenis: angka`"
            ),
            where=Where(cells.file, column=clean(name)),
        )


def _no_date(file: str, name: str, row: int) -> Damage:
    return Damage(
        "date",
        _("A number is shown as a date and is none."),
        expected=_("days between the years 1583 and 9999"),
        remedy=_("look at the column in the program the file comes from"),
        where=Where(file, row=row, column=clean(name)),
    )


def _code(code: Any) -> str:
    """A code as its cells say it."""
    if isinstance(code, str):
        return f".{code}" if len(code) == 1 and code.isalpha() and code.islower() else code
    import numpy as np

    return texts(np.array([float(code)]))[0] or ""


def _detected(told: _Told, rounded: list[str], lettered: Mapping[str, list[str]]) -> Mapping[str, str]:
    missing = [f"{name}: {', '.join(said)}" for name, said in lettered.items()]
    for name, ranges in told.missing.items():
        said = [_code(r["lo"]) if r["lo"] == r["hi"] else f"{_code(r['lo'])}–{_code(r['hi'])}" for r in ranges]
        missing.append(f"{name}: {', '.join(said)}")
    found = {
        "encoding": told.encoding or "",
        "declared_missing": "; ".join(missing),
        "kept_in_seven_digits": ", ".join(rounded),
    }
    return {key: clean(text) for key, text in found.items() if text}
