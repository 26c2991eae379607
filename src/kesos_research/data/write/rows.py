"""Rows and their codebook as one file: labels, codes and missing values kept, identifiers as text, no clock in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from math import isnan
from pathlib import Path
from typing import cast

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.codebook import NUMBERS, Codebook, Column
from kesos_research.errors import DataError, KesosError, OutputError, Where
from kesos_research.language import Language, _
from kesos_research.mask import mask_text
from kesos_research.study.refusal import clean

Writer = Callable[["Rows"], tuple[bytes, tuple[str, ...]]]

WRITERS: dict[str, str] = {
    ".csv": "text:csv_bytes",
    ".xlsx": "excel:xlsx_bytes",
    ".parquet": "arrow:parquet_bytes",
    ".dta": "statistical:dta_bytes",
    ".sav": "statistical:sav_bytes",
}
"""Module of this package and its function, by suffix."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Written:
    """A file that was written, and what it does not keep or holds in another form."""

    path: Path
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """What a writer is given: rows whose columns are those of the codebook, in its order."""

    frame: pd.DataFrame
    codebook: Codebook
    lang: Language
    file: str

    @property
    def columns(self) -> list[Column]:
        """The columns, in order."""
        return [self.codebook.columns[str(name)] for name in self.frame.columns]

    def label(self, column: Column) -> str:
        """The label of a column."""
        return column.label[self.lang]

    def codes(self, column: Column) -> dict[str, str]:
        """Codes and their labels, of a choice."""
        return {code: label[self.lang] for code, label in column.choices.items()}

    def texts(self, column: Column) -> list[str | None]:
        """The values of a column as text, None where there is none."""
        values = self.frame[column.name]
        if column.kind == "tanggal":
            values = values.dt.strftime("%Y-%m-%d")
        return [None if missing else str(v) for v, missing in zip(values, values.isna(), strict=True)]

    def numbers(self, column: Column) -> list[int | float | None]:
        """The values of a column of numbers: whole ones as such, None where there is none."""
        values = self.frame[column.name].astype("float64").tolist()
        return [None if isnan(v) else int(v) if v.is_integer() and abs(v) < 1e15 else v for v in values]

    def numeric(self, column: Column) -> bool:
        """Whether the codes of a choice are whole numbers, written as such."""
        return column.kind == "pilihan" and all(code == str(_whole(code)) for code in column.choices)


def write_rows(
    frame: pd.DataFrame, path: Path | str, codebook: Codebook, *, lang: Language = "id", name: str | None = None
) -> Written:
    """Write rows for another program, with the labels of their codebook.

    Parameters
    ----------
    frame
        Rows as `read_microdata` gives them; its columns are columns of the codebook, some or all.
    path
        The suffix says the format: .csv, .xlsx, .parquet, .dta or .sav. What is there is replaced in one step.
    codebook
        Gives labels, codes and kinds. Choices with whole numbers as codes become numbers with value labels in .dta and
        .sav; identifiers, regions and all other text stay text everywhere.
    lang
        The language of labels.
    name
        The file as a person of this workspace writes it.

    Returns
    -------
    Written
        With notes on what the format does not keep.

    Raises
    ------
    KesosError
        What the format cannot hold (long names, labels or texts, control characters, values of another kind than the
        codebook's): all at once, nothing written. `OutputError` where the file cannot be placed.
    """
    path = Path(path)
    rows = Rows(frame, codebook, lang, path.as_posix() if name is None else name)
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise DataError(
            _("Files of the kind {suffix} are not written.", suffix=repr(clean(path.suffix))),
            expected=_("one of {names}", names=", ".join(sorted(WRITERS))),
            remedy=_("choose one of these endings"),
            where=Where(rows.file),
        )
    if problems := list(_wrong(rows)):
        raise together(problems)
    module, function = WRITERS[suffix].split(":")
    writer = cast("Writer", getattr(import_module(f"kesos_research.data.write.{module}"), function))
    raw, notes = writer(rows)
    _place(raw, path, rows.file)
    return Written(path, notes)


def refused(rows: Rows, column: str, found: str, expected: str, remedy: str, *, row: int | None = None) -> DataError:
    """What a format cannot hold; `row` counts from 1."""
    where = Where(rows.file, row=row, column=clean(column))
    return DataError(found, expected=expected, remedy=remedy, where=where)


def _wrong(rows: Rows) -> Iterator[KesosError]:
    names = [str(name) for name in rows.frame.columns]
    unknown = [name for name in dict.fromkeys(names) if name not in rows.codebook.columns or names.count(name) > 1]
    for name in unknown:
        yield refused(
            rows,
            name,
            _("The column {name} is not in the codebook, or there twice.", name=repr(clean(name))),
            _("one of {names}", names=", ".join(rows.codebook.columns)),
            _("declare it in the codebook, or drop it"),
        )
    if unknown:
        return
    if not names:
        yield refused(rows, "", _("There are no columns."), _("at least one column"), _("choose columns to write"))
    for column in rows.columns:
        yield from _of_kind(rows, column)


def _of_kind(rows: Rows, column: Column) -> Iterator[KesosError]:
    """Values of another kind than the codebook's, and text that no file can hold."""
    values = rows.frame[column.name]
    number, date = pd.api.types.is_numeric_dtype(values), pd.api.types.is_datetime64_any_dtype(values)
    wanted = "number" if column.kind in NUMBERS else "date" if column.kind == "tanggal" else "text"
    there = "number" if number else "date" if date else "text"
    if wanted != there and not values.isna().all():
        yield refused(
            rows,
            column.name,
            _("The column holds {there} and not {wanted}.", there=_called(there), wanted=_called(wanted)),
            _("what the codebook says: {kind}", kind=column.kind),
            _("read the rows with read_microdata, which types them so"),
        )
    elif wanted == "text":
        bad = [row for row, text in enumerate(rows.texts(column), 1) if text and _CONTROL.search(text)]
        if bad:
            yield refused(
                rows,
                column.name,
                _("{n} texts hold control characters.", n=len(bad)),
                _("text that a person can read"),
                _("take them out of the text"),
                row=bad[0],
            )
    elif number and not values.dropna().map(abs).lt(float("inf")).all():
        yield refused(rows, column.name, _("A number has no end."), _("finite numbers"), _("set it missing"))


def _called(kind: str) -> str:
    return {"number": _("numbers"), "date": _("dates"), "text": _("text")}[kind]


def _place(raw: bytes, path: Path, file: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(raw)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            _("The file cannot be written: {reason}.", reason=mask_text(clean(error.strerror or error))),
            remedy=_("look whether it is open in another program and whether you may write there"),
            where=Where(file),
        ) from error


def _whole(code: str) -> int | None:
    return int(code) if code.lstrip("-").isascii() and code.lstrip("-").isdecimal() and len(code) < 10 else None
