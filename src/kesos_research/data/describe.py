"""A first codebook of a file, guessed from its names and its values; no identifier and no rare value is in it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import replace

from kesos_research.data._problems import together
from kesos_research.data.cells import Cells
from kesos_research.data.codebook import Codebook, Column, Kind, Unit
from kesos_research.data.codebook_yaml import codebook_yaml
from kesos_research.data.describe_counts import FEW, RARE, Counts, counted, decimal_mark
from kesos_research.data.describe_words import numbers_rows, role, says, secret, unit
from kesos_research.data.header import header_findings
from kesos_research.data.terms import EXACT
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import Words, _, words
from kesos_research.mask import mask_text

_NOTHING = words(id="", en="")
_CODES = 10
"""Different whole numbers a choice may have."""
_LONGEST = 40
_NUMBERED = ("wilayah", "tahun", "nik", "nomor_kk")


def describe(cells: Cells) -> str:
    """What is each column of this file? A draft to be read and completed.

    Parameters
    ----------
    cells
        A file as text.

    Returns
    -------
    str
        YAML that `parse_codebook` reads and the file itself passes. Choices are written out where every value stands in
        at least ten rows; ranges are rounded outward; columns that may name a person are ``rahasia`` and show nothing.

    Raises
    ------
    KesosError
        When columns have no name, or the same.
    """
    book = drafted(cells)
    secret_ones = [c.name for c in book.columns.values() if c.sensitivity == "rahasia"]
    comments = [
        _("A draft, guessed from the names and values of {file}: read it, complete labels and units.", file=cells.file),
        _("{n} rows.", n=cells.rows),
    ]
    if secret_ones:
        comments.append(_("May name people, and is kept secret: {names}.", names=mask_text(", ".join(secret_ones))))
    return codebook_yaml(book, comments=comments)


def drafted(cells: Cells) -> Codebook:
    """The draft as a codebook; see `describe`."""
    problems: list[KesosError] = [finding.error for finding in header_findings(cells)]
    if any(not name.strip() for name in cells.columns) and not problems:
        problems.append(DataError(_("{n} columns have no name.", n=1), where=Where(cells.file)))
    if not cells.rows:
        problems.append(DataError(_("The file has a header and no rows."), where=Where(cells.file)))
    if problems:
        raise together(problems)
    decimal = decimal_mark(cells) if "delimiter" in cells.detected else "."
    counts, missing = counted(cells, decimal)
    columns = {name: _column(name, told, cells, decimal) for name, told in counts.items()}
    key = _key(columns, counts, cells)
    of: Unit = "region" if any(columns[name].kind == "wilayah" for name in key) else unit(list(cells.columns))
    columns = {name: _in_file(column, key, of) for name, column in columns.items()}
    return Codebook(
        columns,
        of,
        key,
        encoding=cells.detected.get("encoding", "utf-8"),
        delimiter={"tab": "\t"}.get(cells.detected.get("delimiter", ","), cells.detected.get("delimiter", ",")),
        missing=missing,
        decimal=decimal,
        data_file=cells.file.rsplit("/", 1)[-1],
    )


def _column(name: str, told: Counts, cells: Cells, decimal: str) -> Column:
    label = mask_text(cells.labels.get(name, "") or _said(name))
    hidden = secret(name, cells.labels.get(name, "")) or _names_people(told)
    kind, choices = _kind(name, told, cells, decimal, hidden=hidden)
    hidden = hidden or kind in ("nik", "nomor_kk")
    identifies = kind == "teks" and numbers_rows(name)
    low, high = _range(told, kind) if not hidden else (None, None)
    return Column(
        name=name,
        label=words(id=label, en=label),
        kind=kind,
        role=_role(name, kind, hidden or identifies),
        sensitivity="rahasia" if hidden else "terbatas",
        unit=_NOTHING,
        publisher=_NOTHING,
        licence="",
        low=low,
        high=high,
        required=told.n == cells.rows,
        choices=choices,
        dates=_decades(told, cells, name) if kind == "tanggal" and not hidden else None,
    )


def _said(name: str) -> str:
    text = " ".join(name.replace("_", " ").split()) or name
    return text[:1].upper() + text[1:]


def _names_people(told: Counts) -> bool:
    """Whether values look like numbers of people, addresses of mail, or telephones."""
    like = told.like
    return like["sixteen"] > 0 or like["email"] > 0 or told.all("phone")


def _kind(name: str, told: Counts, cells: Cells, decimal: str, *, hidden: bool) -> tuple[Kind, Mapping[str, Words]]:
    """The kind of a column, and its choices."""
    if told.all("nik") or told.all("nomor_kk"):
        return _identity(name, told), {}
    if hidden or told.n == 0:
        return "teks", {}
    if choices := _labelled(name, told, cells):
        return "pilihan", choices
    if plain := _plain(name, told):
        return plain, {}
    if choices := _few(told):
        return "pilihan", choices
    return _number(name, told, decimal), {}


def _plain(name: str, told: Counts) -> Kind | None:
    """A region, a year or a date."""
    if told.all("region"):
        return "wilayah"
    if told.all("year") and (says(name, "tahun|thn|year") or (told.low >= 1990 and told.high <= 2035)):
        return "tahun"
    return "tanggal" if told.all("day") else None


def _identity(name: str, told: Counts) -> Kind:
    """A family card shows no woman's day of birth."""
    if not told.all("nik"):
        return "nomor_kk"
    if not told.all("nomor_kk"):
        return "nik"
    return "nomor_kk" if says(name, "kk|nokk|keluarga") else "nik"


def _number(name: str, told: Counts, decimal: str) -> Kind:
    row_number = numbers_rows(name) or (told.different == told.n == told.high - told.low + 1)
    if told.all("whole") and not told.like["padded"] and max(abs(told.low), abs(told.high)) <= EXACT:
        return "teks" if row_number and told.different * 2 > told.n else "bilangan"
    written = told.all("point" if decimal == "." else "comma")
    if written and not told.like["padded"] and math.isfinite(told.low + told.high):
        return "angka"
    return "teks"


def _labelled(name: str, told: Counts, cells: Cells) -> dict[str, Words]:
    """The choices that the file itself tells, where every value is one of them."""
    known = cells.value_labels.get(name, {})
    if not known or not told.values or not set(told.values) <= set(known):
        return {}
    return {code: words(id=mask_text(said), en=mask_text(said)) for code, said in known.items()}


def _few(told: Counts) -> dict[str, Words]:
    """The values as choices, where they are few and none is rare."""
    most = _CODES if told.all("whole") else FEW
    usable = 2 <= len(told.values) <= most and min(told.values.values()) >= RARE and told.longest <= _LONGEST
    if (
        not usable
        or (told.like["point"] == told.n and not told.all("whole"))
        or told.like["comma"] > told.like["whole"]
    ):
        return {}
    return {code: words(id=code, en=code) for code in told.values}


def _range(told: Counts, kind: Kind) -> tuple[float | None, float | None]:
    if kind not in ("bilangan", "angka", "tahun") or told.n < RARE:
        return None, None
    if kind == "tahun":
        return math.floor(told.low / 5) * 5.0, math.ceil(told.high / 5) * 5.0
    low, high = rounded(told.low, up=False), rounded(told.high, up=True)
    return (low, high) if max(abs(low), abs(high)) < 1e15 else (None, None)


def rounded(value: float, *, up: bool) -> float:
    """A limit rounded outward, so that it is nobody's value: two significant digits, one below 100, none below 1.

    Examples
    --------
    >>> rounded(73_512_345, up=True), rounded(97, up=True), rounded(3.2, up=False), rounded(-12, up=False)
    (74000000.0, 100.0, 3.0, -20.0)
    """
    if abs(value) < 1:
        return float(math.ceil(value) if up else math.floor(value))
    digits = 2 if abs(value) >= 100 else 1
    power = math.floor(math.log10(abs(value))) - digits + 1
    whole = math.ceil(value / 10**power) if up else math.floor(value / 10**power)
    return float(whole * 10**power)


def _decades(told: Counts, cells: Cells, name: str) -> tuple[datetime.date, datetime.date] | None:
    if told.n < RARE:
        return None
    years = sorted(
        {int(text[:4]) for text in cells.table.column(name).unique().to_pylist() if text and text[:4].isdigit()}
    )
    first, last = years[0] // 10 * 10, years[-1] // 10 * 10 + 9
    return datetime.date(max(first, 1), 1, 1), datetime.date(min(last, 9999), 12, 31)


def _role(name: str, kind: Kind, identifies: bool) -> str:
    if identifies:
        return "id"
    if kind == "tahun":
        return "period"
    return role(name) or ("note" if kind == "teks" else "covariate")


def _key(columns: Mapping[str, Column], counts: Mapping[str, Counts], cells: Cells) -> tuple[str, ...]:
    """What tells rows apart: one column that differs everywhere, regions by year, or nothing that is seen."""
    apart = [name for name, told in counts.items() if told.n == told.different == cells.rows]
    named = [name for name in apart if numbers_rows(name) or columns[name].kind in _NUMBERED]
    for name in (*named, *apart):
        if name in named or columns[name].kind == "teks":
            return (name,)
    places = [name for name, column in columns.items() if column.kind == "wilayah" and column.required]
    years = [name for name, column in columns.items() if column.kind == "tahun" and column.required]
    pair = [*places[:1], *years[:1]]
    if len(pair) == 2 and cells.table.group_by(pair).aggregate([]).num_rows == cells.rows:
        return tuple(pair)
    return ()


def _in_file(column: Column, key: tuple[str, ...], of: Unit) -> Column:
    """The column as part of its file: figures of regions are public, what tells rows apart is an id."""
    sensitivity = "publik" if of == "region" and column.sensitivity != "rahasia" else column.sensitivity
    in_key = column.name in key and column.kind != "tahun"
    return replace(column, role="id" if in_key else column.role, sensitivity=sensitivity)
