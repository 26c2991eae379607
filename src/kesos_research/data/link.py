"""Two tables joined as declared, 1:1 or m:1, and what did not match told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from kesos_research.data._problems import together
from kesos_research.errors import DataError, KesosError, Where
from kesos_research.estimates import Check
from kesos_research.language import _
from kesos_research.mask import mask

How = Literal["1:1", "m:1"]

_SHOWN = 3
_EXACT = 2**53
"""Whole numbers up to here are exact as float64."""
_SPREADSHEET = 10**15
"""From here on a spreadsheet has lost digits."""
_SHORT = 6


@dataclass(frozen=True)
class Joined:
    """Rows of two tables side by side.

    Attributes
    ----------
    rows
        Every row of the left table, once, in its order and with its index; where nothing matched, the columns of the
        right one are missing.
    matched
        By row: whether the right table had a partner. ``joined.rows[joined.matched]`` drops the others, visibly.
    unused
        Keys of the right table that no row of the left asked for.
    report
        What was verified and what did not match, for the page and the annex.
    """

    rows: pd.DataFrame
    matched: pd.Series
    unused: pd.DataFrame
    report: tuple[Check, ...]


def join(left: pd.DataFrame, right: pd.DataFrame, *, on: str | Sequence[str], how: How = "1:1") -> Joined:
    """Which row of `right` belongs to each row of `left`?

    Parameters
    ----------
    left
        The rows that are kept: as many come out as went in.
    right
        What is put beside them. Besides the key it has no column of the left's.
    on
        The columns that are the same on both sides, by name and by kind: text, whole number, date, or true/false.
    how
        ``"1:1"``: a key stands once on either side. ``"m:1"``: a key may stand many times on the left (persons of a
        household) and once on the right.

    Returns
    -------
    Joined
        The rows, and the report: pairs found, rows without a partner on either side, and keys that would match were
        they written alike.

    Raises
    ------
    KesosError
        When a key is missing, stands more often than declared, is of another kind on the other side, or cannot be
        trusted: decimals, or numbers so large that a spreadsheet has cut them. All problems at once.

    Examples
    --------
    >>> people = pd.DataFrame({"ruta": ["R1", "R1", "R2", "R9"], "umur": [40, 12, 33, 8]})
    >>> homes = pd.DataFrame({"ruta": ["R1", "R2", "R3"], "lantai": ["tanah", "semen", "semen"]})
    >>> joined = join(people, homes, on="ruta", how="m:1")
    >>> len(joined.rows), int(joined.matched.sum()), joined.unused["ruta"].tolist()
    (4, 3, ['R3'])
    """
    keys = (on,) if isinstance(on, str) else tuple(on)
    _asked(left, right, keys, how)
    sides = {"left": left, "right": right}
    problems: list[KesosError] = []
    for name, side in sides.items():
        problems += [p for key in keys for p in _untrusted(side[key], key, name)]
    if not problems:
        problems += [p for key in keys for p in _unlike(left[key], right[key], key)]
    if not problems:
        problems += _several(right, keys, "right", how)
        problems += _several(left, keys, "left", how) if how == "1:1" else ()
    if problems:
        raise together(problems)
    return _joined(left, right, keys, how)


def _joined(left: pd.DataFrame, right: pd.DataFrame, keys: tuple[str, ...], how: How) -> Joined:
    ours, theirs = (_index(side, keys) for side in (left, right))
    place = theirs.get_indexer(ours)
    found = place >= 0
    more = [name for name in right.columns if name not in keys]
    beside = {name: _taken(right[name], place, found) for name in more}
    rows = pd.concat([left, pd.DataFrame(beside, index=left.index)], axis=1) if more else left.copy()
    used = np.zeros(len(right), dtype=bool)
    used[place[found]] = True
    unused = right.loc[~used, list(keys)].reset_index(drop=True)
    report = (
        Check(
            "join.cardinality",
            "pass",
            "Joined {how} on {keys}: {left} rows on the left, {right} on the right, {pairs} pairs; none twice.",
            {"how": how, "keys": ", ".join(keys), "left": len(left), "right": len(right), "pairs": int(found.sum())},
        ),
        *_alone(found, used),
        *_nearly(left[~found], right[~used], keys),
    )
    return Joined(rows, pd.Series(found, index=left.index, name="matched"), unused, report)


def _index(side: pd.DataFrame, keys: tuple[str, ...]) -> pd.Index:
    columns = [_plain(side[key]) for key in keys]
    return pd.Index(columns[0]) if len(columns) == 1 else pd.MultiIndex.from_arrays(columns)


def _plain(key: pd.Series) -> pd.Series:
    """A key in one dress: whole numbers as int64, text as str."""
    key = _undressed(key)
    match _kind(key):
        case "number":
            key = key.astype("int64")
        case "text":
            key = key.astype("str")
        case "truth":
            key = key.astype("bool")
    return key.reset_index(drop=True)


def _undressed(key: pd.Series) -> pd.Series:
    """Categories as their values."""
    if not isinstance(key.dtype, pd.CategoricalDtype):
        return key
    codes = key.cat.codes.to_numpy()
    return pd.Series(key.cat.categories).reindex(codes if len(codes) else []).set_axis(key.index)


def _taken(column: pd.Series, place: np.ndarray, found: np.ndarray) -> np.ndarray | pd.api.extensions.ExtensionArray:
    """The values at `place`, missing where nothing was found; no whole number loses digits on the way."""
    if not found.all():
        if pd.api.types.is_bool_dtype(column.dtype):
            column = column.astype("boolean")
        elif pd.api.types.is_integer_dtype(column.dtype) and len(column) and _largest(column) > _EXACT:
            column = column.astype("Int64")
    return column.reset_index(drop=True).reindex(place if found.all() else np.where(found, place, -1)).array


def _largest(column: pd.Series) -> int:
    return max(abs(int(column.min())), abs(int(column.max())))


# --- what is refused


def _asked(left: pd.DataFrame, right: pd.DataFrame, keys: tuple[str, ...], how: str) -> None:
    problems: list[KesosError] = []
    if how not in get_args(How):
        problems.append(
            DataError(
                _("{value} is no kind of join.", value=repr(how)),
                expected=_("one of {names}", names=", ".join(get_args(How))),
                remedy=_("put the table with one row a key on the right"),
            )
        )
    if not keys:
        problems.append(DataError(_("No column to join on is named."), expected='on="id_ruta"'))
    for name, side in (("left", left), ("right", right)):
        for column in dict.fromkeys(side.columns[side.columns.duplicated()]):
            problems.append(DataError(_("The column {name} is there twice.", name=repr(column)), where=Where(name)))
        for key in keys:
            if key not in side.columns:
                problems.append(
                    DataError(
                        _("The column {name} is missing.", name=repr(key)),
                        expected=_("one of {names}", names=", ".join(map(str, side.columns))),
                        where=Where(name),
                    )
                )
    same = [str(c) for c in left.columns if c in right.columns and c not in keys]
    if same and keys:
        problems.append(
            DataError(
                _("Both tables have a column {names}.", names=", ".join(same)),
                expected=_("only the key has the same name on both sides"),
                remedy=_("rename or drop it on one side"),
            )
        )
    if problems:
        raise together(problems)


def _kind(key: pd.Series) -> str:
    """What the values of a key are: text, number, decimal, date, moment (with its zone), day, truth, or mixed."""
    key = _undressed(key)
    dtype, types = key.dtype, pd.api.types
    if types.is_bool_dtype(dtype):
        return "truth"
    if types.is_integer_dtype(dtype):
        return "number"
    if types.is_float_dtype(dtype):
        values = key.dropna().astype("float64").to_numpy()
        return "number" if bool(np.all(np.isfinite(values) & (values == np.floor(values)))) else "decimal"
    if types.is_datetime64_any_dtype(dtype):
        return "date" if getattr(dtype, "tz", None) is None else "moment"
    found = types.infer_dtype(key, skipna=True)
    return {"string": "text", "empty": "text", "integer": "number", "date": "day", "boolean": "truth"}.get(
        found
    ) or found


def _called(kind: str) -> str:
    """A kind of key in the reader's language."""
    said = {
        "text": _("text"),
        "number": _("number"),
        "decimal": _("number with decimals"),
        "date": _("date"),
        "day": _("date"),
        "moment": _("date with a time zone"),
        "truth": _("true or false"),
    }
    return said.get(kind) or _("mixed values")


def _untrusted(key: pd.Series, name: str, side: str) -> Iterator[DataError]:
    """Keys by which nothing can be joined, whatever the other side holds."""
    where, kind = Where(side, column=name), _kind(key)
    missing = key.isna()
    if kind == "text":
        missing |= key.astype("str").str.strip().eq("").fillna(True)
    if missing.any():
        yield DataError(
            _("{n} rows have no key.", n=int(missing.sum())),
            expected=_("a value in every row; the first without is row {row}", row=_first(missing.to_numpy())),
            remedy=_("drop these rows, or find their key"),
            where=where,
        )
    if kind not in ("text", "number", "date", "moment", "day", "truth"):
        yield DataError(
            _("A key of kind {kind} cannot be compared safely.", kind=_called(kind)),
            expected=_("text, whole numbers or dates"),
            remedy=_("read the column as text on both sides"),
            where=where,
        )
    elif kind == "number" and len(key.dropna()) and float(key.dropna().astype("float64").abs().max()) >= _SPREADSHEET:
        yield DataError(
            _("The key is a number of 16 digits or more."),
            expected=_("text: a spreadsheet keeps 15 digits and sets the others to zero"),
            remedy=_("take the column from its source again and import it as text, not as a number"),
            where=where,
        )


def _unlike(left: pd.Series, right: pd.Series, name: str) -> Iterator[DataError]:
    kinds = _kind(left), _kind(right)
    if kinds[0] != kinds[1] and len(left) and len(right):
        yield DataError(
            _(
                "The key is {left} on the left and {right} on the right.",
                left=_called(kinds[0]),
                right=_called(kinds[1]),
            ),
            expected=_("the same kind on both sides: as a number, 0071 is 71 and 33.10 is 33.1"),
            remedy=_("read the column as text on both sides"),
            where=Where(column=name),
        )


def _several(side: pd.DataFrame, keys: tuple[str, ...], name: str, how: How) -> Iterator[DataError]:
    index = _index(side, keys)
    again = index.duplicated(keep=False)
    if not again.any():
        return
    second = index.duplicated(keep="first")
    firsts = np.flatnonzero(again & ~second)
    said = _("the left") if name == "left" else _("the right")
    yield DataError(
        _(
            "{n} rows of {side} share {k} keys ({examples}).",
            n=int(again.sum()),
            side=said,
            k=len(firsts),
            examples=", ".join(_shown(index[i]) for i in firsts[:_SHOWN]),
        ),
        expected=_(
            "{how}: each key once on {side}; the first again is row {row}", how=how, side=said, row=_first(second)
        ),
        remedy=_('if one row of the right belongs to many of the left, say how="m:1"; else keep one of them')
        if name == "left"
        else _("keep one row a key, or add the column that tells them apart to the key"),
        where=Where(column=", ".join(keys)),
    )


def _shown(key: object) -> str:
    """A key as a message may show it: a region's code or a year as it is, what may name a person hidden."""
    parts = [str(part) for part in (key if isinstance(key, tuple) else (key,))]
    short = [len(part) <= _SHORT and not any(c.isalpha() for c in part) for part in parts]
    return " ".join(repr(part if ok else mask(part)) for part, ok in zip(parts, short, strict=True))


def _first(rows: np.ndarray) -> int:
    return int(np.flatnonzero(rows)[0]) + 1


# --- what is told


def _alone(found: np.ndarray, used: np.ndarray) -> Iterator[Check]:
    alone, unused = int((~found).sum()), int((~used).sum())
    yield Check(
        "join.left",
        "warn" if alone else "pass",
        "{n} of {all} rows on the left ({share} %) have no partner on the right.",
        {"n": alone, "all": len(found), "share": 100 * alone / max(len(found), 1)},
    )
    yield Check(
        "join.right",
        "info" if unused else "pass",
        "{n} of {all} rows on the right ({share} %) are asked for by no row on the left.",
        {"n": unused, "all": len(used), "share": 100 * unused / max(len(used), 1)},
    )


def _nearly(left: pd.DataFrame, right: pd.DataFrame, keys: tuple[str, ...]) -> Iterator[Check]:
    """Rows without a partner whose key differs only in how it is written; they are told, never matched."""
    if left.empty or right.empty or not any(_kind(left[key]) == "text" for key in keys):
        return
    ours, theirs = (_index(side.assign(**{k: _loose(side[k]) for k in keys}), keys) for side in (left, right))
    near = int(ours.isin(theirs).sum())
    if near:
        yield Check(
            "join.spelling",
            "warn",
            "{n} rows on the left would have a partner if spaces, capitals and leading zeros were written alike.",
            {"n": near},
        )


def _loose(key: pd.Series) -> pd.Series:
    if _kind(key) != "text":
        return key
    plain = key.astype("str").str.normalize("NFKC").str.casefold().str.replace(r"\s+", "", regex=True)
    return plain.str.lstrip("0").where(plain.str.fullmatch(r"[\d.]*").astype(bool), plain)
