"""Text of a CSV file against its codebook: every broken promise in one go, and only then numbers.

Readers accept silently a wrong delimiter, an unclosed quote, a cut last line, NUL bytes, duplicate headers. So the file
is taken as text, looked at, and typed when nothing is wrong.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pandas as pd

from kesos_research.data._problems import together
from kesos_research.data.codebook import DELIMITERS, Codebook, Column
from kesos_research.domain import region, regions
from kesos_research.errors import DataError, KesosError, RegionError, Where
from kesos_research.language import _

_SHOWN = 3
_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"


def decode(raw: bytes, file: str, encoding: str = "utf-8") -> str:
    """The text of a file, lines ended by ``\\n``; refused when it is not clean text.

    Raises
    ------
    DataError
        On NUL bytes, another encoding, an empty file, or a last line that does not end.
    """
    where = Where(file)
    if not raw:
        raise DataError(_("The file is empty."), where=where)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            _("The file is a workbook, not a CSV file."), remedy=_("save the sheet as CSV UTF-8"), where=where
        )
    if b"\x00" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            _("The file holds NUL bytes: it is damaged or not text."),
            remedy=_("fetch the file again from its source"),
            where=Where(file, line=raw.count(b"\n", 0, raw.index(b"\x00")) + 1),
        )
    try:
        text = raw.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise DataError(
            _("The text is not in {encoding}.", encoding=encoding),
            expected=_("a text file saved as UTF-8"),
            remedy=_("save it again as CSV UTF-8"),
            where=Where(file, line=raw.count(b"\n", 0, start) + 1),
        ) from None
    text = text.replace("\r\n", "\n")
    if not text.endswith("\n"):
        raise DataError(
            _("The last line does not end: the file may be cut."),
            expected=_("a line break after the last row"),
            remedy=_("fetch the file again, or add the line break after looking at the last row"),
            where=Where(file, line=text.count("\n") + 1),
        )
    return text


def split(text: str, file: str, columns: Sequence[str], delimiter: str = ",") -> pd.DataFrame:
    """The cells of `text` as text, one row a line; the index is the line in the file.

    Raises
    ------
    KesosError
        When the header is not the one declared, or lines are not one row each with as many cells.
    """
    header = next(csv.reader([text.split("\n", 1)[0]], delimiter=delimiter), [])
    problems: list[KesosError] = list(_header(header, columns, file, delimiter))
    if problems:
        raise together(problems)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _unclosed(text, file, str(error)) from None
    if len(rows) != text.count("\n"):
        raise _unclosed(text, file, _("a row runs over several lines"))
    wrong = [i for i, row in enumerate(rows, 1) if len(row) != len(header)]
    if wrong:
        raise DataError(
            _("{n} rows have more or fewer cells than the header.", n=len(wrong)),
            expected=_("{n} cells", n=len(header)),
            remedy=_("look for a missing or an extra comma, or for a decimal comma"),
            where=Where(file, line=wrong[0]),
        )
    if len(rows) == 1:
        raise DataError(_("The file has a header and no rows."), where=Where(file, line=2))
    return pd.DataFrame(rows[1:], columns=header, index=range(2, len(rows) + 1), dtype="str")[list(columns)]


def _header(header: Sequence[str], columns: Sequence[str], file: str, delimiter: str) -> Iterator[DataError]:
    where = Where(file, line=1)
    other = [d for d in DELIMITERS if d != delimiter and len(header) == 1 and d in header[0]]
    if other:
        yield DataError(
            _("The cells are separated by {found}.", found=repr(other[0])),
            expected=_("{wanted}, as the codebook says", wanted=repr(delimiter)),
            remedy=_("save the file with that separator, or change `pemisah` in the codebook"),
            where=where,
        )
        return
    for name in dict.fromkeys(h for h in header if list(header).count(h) > 1):
        yield DataError(_("The column {name} is there twice.", name=repr(name)), where=where)
    for name in header:
        if name not in columns:
            near = difflib.get_close_matches(name.strip().lower(), columns, n=1)
            yield DataError(
                _("The column {name} is not in the codebook.", name=repr(name)),
                expected=_("one of {names}", names=", ".join(columns)),
                remedy=_("did you mean {names}?", names=near[0])
                if near
                else _("declare it in the codebook, or drop it"),
                where=where,
            )
    for name in columns:
        if name not in header:
            yield DataError(_("The column {name} is missing.", name=repr(name)), where=where)


def _unclosed(text: str, file: str, reason: str) -> DataError:
    """The first line that is not whole by itself is where a quote was left open."""
    line = next((i for i, row in enumerate(text.split("\n"), 1) if row.count('"') % 2), 1)
    return DataError(
        _("A quotation mark is opened and not closed: {reason}.", reason=reason),
        expected=_("one row a line"),
        remedy=_("close the quotation mark, or delete it"),
        where=Where(file, line=line),
    )


def typed(cells: pd.DataFrame, codebook: Codebook, file: str) -> pd.DataFrame:
    """The cells as what the codebook says they are; all broken promises at once.

    Raises
    ------
    KesosError
        Codes that are no region, cells that are no number, values out of range or out of their years, rows there twice.
    """
    problems: list[KesosError] = []
    frame = pd.DataFrame(index=cells.index)
    for column in codebook.columns.values():
        text = cells[column.name]
        empty = text.isin(codebook.missing)
        if column.name in codebook.key:
            problems += _broken(text, empty, _("no value where one is needed"), file, column.name)
        if column.kind == "wilayah":
            problems += _codes(text[~empty], file, column.name)
            frame[column.name] = text
        elif column.kind == "teks":
            frame[column.name] = text.mask(empty)
        else:
            values, wrong = _numbers(text, empty, column, file)
            frame[column.name] = values
            problems += wrong
    if not problems:
        problems += _years(frame, codebook, file)
    keys = cells[list(codebook.key)]
    twice = keys.duplicated(keep="first")
    said = keys.iloc[:, 0].str.cat(keys.iloc[:, 1:], sep=" ")
    problems += _broken(
        said, twice, _("the same {key} twice", key=" + ".join(codebook.key)), file, ", ".join(codebook.key)
    )
    if problems:
        raise together(problems)
    return frame.astype({name: "int64" for name in codebook.key if codebook.columns[name].kind == "tahun"})


def ordered(frame: pd.DataFrame, names: Sequence[str], file: str) -> None:
    """Refuse rows where a value of `names` is larger than the one to its right.

    Raises
    ------
    KesosError
        With the number of rows and the first of them, a pair of columns at a time.
    """
    problems: list[KesosError] = []
    for left, right in pairwise(names):
        said = frame[left].astype("str") + " > " + frame[right].astype("str")
        rule = _("{left} larger than {right}", left=left, right=right)
        problems += _broken(said, frame[left] > frame[right], rule, file, left)
    if problems:
        raise together(problems)


def _numbers(text: pd.Series, empty: pd.Series, column: Column, file: str) -> tuple[pd.Series, list[KesosError]]:
    well = text.str.fullmatch(r"\d{4}" if column.kind == "tahun" else _NUMBER)
    comma = text.str.fullmatch(r"[+-]?\d+,\d+")
    remedy = _("write a decimal point") if (comma & ~well).any() else None
    rule = _("not a year") if column.kind == "tahun" else _("not a number")
    problems: list[KesosError] = list(_broken(text, ~well & ~empty, rule, file, column.name, remedy=remedy))
    values = pd.to_numeric(text.where(well & ~empty)).astype("float64")
    problems += _broken(text, values.abs() == float("inf"), _("too large a number"), file, column.name)
    if column.low is not None and column.high is not None:
        outside = (values < column.low) | (values > column.high)
        rule = _("not within {low} and {high}", low=f"{column.low:g}", high=f"{column.high:g}")
        problems += _broken(text, outside, rule, file, column.name)
    return values, problems


def _codes(text: pd.Series, file: str, name: str) -> Iterator[KesosError]:
    known = {r.code for r in regions()}
    for code, lines in text[~text.isin(known)].groupby(text):
        try:
            region(str(code))
        except RegionError as error:
            yield RegionError(
                error.found,
                expected=error.expected,
                remedy=error.remedy,
                where=Where(file, line=int(lines.index[0]), column=name),
            )


def _years(frame: pd.DataFrame, codebook: Codebook, file: str) -> Iterator[KesosError]:
    period = next((c.name for c in codebook.columns.values() if c.kind == "tahun"), None)
    if period is None:
        return
    for column in codebook.columns.values():
        if column.years:
            outside = frame[column.name].notna() & ~frame[period].between(*column.years)
            rule = _("a value outside the years {first}–{last}", first=column.years[0], last=column.years[1])
            yield from _broken(frame[period].astype("int64").astype("str"), outside, rule, file, column.name)


def _broken(
    text: pd.Series, wrong: pd.Series, rule: str, file: str, column: str, *, remedy: str | None = None
) -> Iterator[DataError]:
    """One message for all rows that break one rule: an exact count, a few examples, the first line."""
    where = wrong.fillna(False).astype(bool)
    if not where.any():
        return
    lines, shown = text.index[where], [repr(v) for v in text[where].unique()[:_SHOWN]]
    yield DataError(
        _("{n} cells: {rule} ({examples}).", n=len(lines), rule=rule, examples=", ".join(shown)),
        remedy=remedy or _("mend these cells in the file, or leave them empty where there is no value"),
        where=Where(file, line=int(lines[0]), column=column),
    )
