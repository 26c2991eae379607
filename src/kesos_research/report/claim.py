"""Numbers that documents may state: taken from protected rows, given a name, and written to claims.json."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from kesos_research.disclosure import Protected
from kesos_research.disclosure.protect import digest
from kesos_research.errors import DocumentError
from kesos_research.language import Words, _
from kesos_research.report.collect import Results
from kesos_research.report.exhibit import Claim, Claims
from kesos_research.report.table import guarded

_KEYS = (
    "name", "estimate", "std_error", "conf_low", "conf_high", "p_value", "n", "unit", "method", "public", "quality",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")

Unit = Words | str
"""A unit by its catalogue words (the English one is kept in claims.json) or as it stands."""


def claim(protected: Protected, name: str, *, unit: Unit, of: str = "estimate", **where: object) -> Claims:
    """One number, under the name by which every text will look it up.

    Parameters
    ----------
    protected
        Estimates, or tidy rows, that may be shown.
    name
        Letters, digits and underscores, parted by dots: ``"p0.did.2014_2015"``, ``"p0.sc.33.14"``.
    unit
        Unit of the number; empty where it has none.
    of
        The column that holds the number.
    where
        Columns and the values that tell the one row: ``term="pooled"``. Not needed where there is one row.

    Raises
    ------
    DocumentError
        When the name cannot be looked up by a narrative, or not exactly one row fits.
    """
    table = guarded(protected).table
    row = _one(table, where, name, of)
    return Claims((_made(protected, row, name, unit=unit, of=of, inputs=digest(table)),), (protected.record,))


def claims(
    protected: Protected, names: str, *, unit: Unit | Mapping[str, Unit], of: str = "estimate", **where: object
) -> Claims:
    """One claim for each row, named from the row's own columns.

    Parameters
    ----------
    protected
        Estimates, or tidy rows, that may be shown.
    names
        A name with columns in braces, filled from each row: ``"{outcome}.sc.{term}"``.
    unit
        One unit for all, or a unit for each value of the first column named in `names`.
    of
        The column that holds the number.
    where
        Columns and the value, or list of values, of the rows that become claims.
    """
    table = _chosen(guarded(protected).table, where)
    fields = [f for _text, f, _spec, _conversion in Formatter().parse(names) if f]
    _known(table, fields)
    inputs = digest(protected.table)
    made = []
    for record in table.to_dict("records"):
        row = {str(key): value for key, value in record.items()}
        name = names.format(**{f: row[f] for f in fields})
        made.append(_made(protected, row, name, unit=_unit_of(unit, row, fields), of=of, inputs=inputs))
    repeated = {c.name for c in made if sum(c.name == other.name for other in made) > 1}
    if repeated:
        raise DocumentError(
            _("Several rows would be the claim {name}.", name=sorted(repeated)[0]),
            remedy=_("name another column in {names}, or choose rows", names=names),
        )
    if not made:
        raise DocumentError(_("No row becomes a claim {names}.", names=names), expected=_("at least one row"))
    return Claims(tuple(made), (protected.record,))


def together(*shown: Claims) -> Claims:
    """The claims of several calls, to be shown by one cell."""
    records = {r.digest: r for claims in shown for r in claims.records}
    return Claims(tuple(c for claims in shown for c in claims.claims), tuple(records.values()))


def claims_json(results: Results, used_in: Mapping[str, Iterable[str]]) -> str:
    """The claims as JSON; the same results give the same text.

    Parameters
    ----------
    results
        What the notebooks gave.
    used_in
        For each document (such as ``"makalah_id"``), the names of the claims it looked up: `Document.claims`.
    """
    users: dict[str, set[str]] = {}
    for document, names in used_in.items():
        for name in names:
            users.setdefault(name, set()).add(document)
    told = [
        {**{key: getattr(claim, key) for key in _KEYS}, "used_in": sorted(users.get(claim.name, ()))}
        for claim in sorted(results.claims.values(), key=lambda c: c.name)
    ]
    return json.dumps({"claims": told}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _made(protected: Protected, row: Mapping[str, Any], name: str, *, unit: Unit, of: str, inputs: str) -> Claim:
    if not _NAME.fullmatch(name):
        raise DocumentError(
            _("{name} cannot be the name of a claim.", name=repr(name)),
            expected=_("letters, digits and underscores, parted by dots"),
        )
    n = _float(row.get("n"))
    return Claim(
        name=name,
        estimate=_float(row[of]),
        std_error=_float(row.get("std_error")),
        conf_low=_float(row.get("conf_low")),
        conf_high=_float(row.get("conf_high")),
        p_value=_float(row.get("p_value")),
        n=None if n is None else int(n),
        unit=unit if isinstance(unit, str) else unit["en"],
        method=protected.method or "",
        public=protected.public,
        level=protected.level,
        inputs=inputs,
        quality=str(row["mark"]) if protected.marked else "",
        guard=protected.record.digest,
    )


def _one(table: pd.DataFrame, where: Mapping[str, object], name: str, of: str) -> dict[str, Any]:
    _known(table, [of])
    rows = _chosen(table, where).to_dict("records")
    if len(rows) != 1:
        raise DocumentError(
            _("{n} rows fit the claim {name}.", n=len(rows), name=name),
            expected=_("exactly one row"),
            remedy=_("choose it by its columns: {columns}", columns=", ".join(map(str, table.columns))),
        )
    return {str(k): v for k, v in rows[0].items()}


def _chosen(table: pd.DataFrame, where: Mapping[str, object]) -> pd.DataFrame:
    _known(table, list(where))
    keep = np.ones(len(table), bool)
    for column, value in where.items():
        wanted = list(value) if isinstance(value, list | tuple) else [value]
        keep &= table[column].isin(wanted).to_numpy()
    return table.loc[keep]


def _known(table: pd.DataFrame, columns: list[str]) -> None:
    unknown = [c for c in columns if c not in table.columns]
    if unknown:
        raise DocumentError(
            _("There is no column {name}.", name=unknown[0]), expected=", ".join(map(str, table.columns))
        )


def _unit_of(unit: Unit | Mapping[str, Unit], row: Mapping[Any, Any], fields: list[str]) -> Unit:
    if isinstance(unit, str) or set(unit) == {"id", "en"}:
        return unit  # type: ignore[return-value]
    key = str(row[fields[0]]) if fields else ""
    if key not in unit:
        raise DocumentError(_("No unit is given for {name}.", name=repr(key)), expected=", ".join(unit))
    return unit[key]


def _float(value: object) -> float | None:
    """A plain number; None where there is none (an infinite one is none, too)."""
    if value is None or value is pd.NA:
        return None
    plain = float(value)  # type: ignore[arg-type]
    return plain if math.isfinite(plain) else None
