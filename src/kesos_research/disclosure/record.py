"""What may be public about how a table was protected: enough for an audit, never a hidden value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

RECORD_MIME = "application/vnd.kesos.guard+json"

Kind = Literal["count", "total", "mean", "other"]
"""How a measure adds up over cells: itself (count, total), times another measure (mean), or not at all."""
Mark = Literal["", "withheld", "b", "c"]
"""What stands beside a row: nothing, withheld, or BPS's marks of precision."""


@dataclass(frozen=True)
class Measure:
    """One published statistic.

    Attributes
    ----------
    name
        The same name in two tables of one population is the same measure: ``"n"`` is the unweighted count.
    kind
        How it adds up.
    times
        Of a mean, the measure that it must be multiplied with to add up.
    nonnegative
        Whether a reader knows that it cannot be below zero.
    """

    name: str
    kind: Kind
    times: str = ""
    nonnegative: bool = True


@dataclass(frozen=True)
class Row:
    """One published cell: where it stands, what is printed, and its mark. A withheld cell has only None.

    A dimension that `at` does not name is summed over.
    """

    at: Mapping[str, str]
    values: Mapping[str, float | None]
    mark: Mark = ""

    @property
    def hidden(self) -> bool:
        return self.mark == "withheld"


@dataclass(frozen=True)
class Record:
    """One table as the public sees it, and the rule it passed.

    Attributes
    ----------
    rule
        ``"public"``, ``"persons"``, ``"small_study"`` or ``"not_persons"``.
    decided_by, approver
        Who chose the rule; who approved a small-study rule.
    population
        Id of the persons counted. Tables of one population are linked, in this release and in earlier ones.
    unit
        Unit of observation: person, household, institution, region, village.
    source
        What is printed as the source.
    limits
        The rule's numbers: min_n, min_households, min_df, p_percent, dominance.
    dims
        Columns that classify the population.
    measures, rows
        What is published, in machine form; none for figures that were public before.
    summed_from
        Dimensions of the table whose rounded counts add up to the counts of this one; its own where it was rounded.
    complete
        Whether everybody in a coarser table protected with it is in one of its rows.
    primary, secondary, flagged
        Cells below the rule; cells hidden to protect them; cells where all or none have an attribute.
    precise
        Bounds of BPS's marks of precision, where rows carry them.
    base
        Counts are multiples of it; 1 where they are exact.
    audit
        ``{"outcome": "pass" | "not needed", "hidden": …, "narrowest": …}``.
    table
        sha256 of the protected table, as the claims drawn from it have it in `inputs`.
    together
        sha256 of what was protected in one call: tables that share it share one pattern.
    """

    rule: str
    decided_by: str = ""
    population: str = ""
    unit: str = ""
    approver: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    dims: Sequence[str] = ()
    measures: Sequence[Measure] = ()
    rows: Sequence[Row] = ()
    summed_from: Sequence[str] = ()
    complete: bool = True
    primary: int = 0
    secondary: int = 0
    flagged: int = 0
    precise: Sequence[float] = ()
    base: int = 1
    audit: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    together: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it, with its digest."""
        return {**_plain(self), "digest": self.digest}

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Record:
        """The record a notebook or a release tells. What its digest does not fit is refused.

        Raises
        ------
        ValueError, KeyError, TypeError
            When it is no record, or was changed.
        """
        fields = {key: value for key, value in said.items() if key != "digest"}
        made = cls(
            **{
                **fields,
                "dims": tuple(fields["dims"]),
                "summed_from": tuple(fields["summed_from"]),
                "precise": tuple(fields["precise"]),
                "measures": tuple(Measure(**m) for m in fields["measures"]),
                "rows": tuple(Row(**r) for r in fields["rows"]),
            }
        )
        if said.get("digest") != made.digest:
            raise ValueError("the digest of the guard's record does not fit")
        return made

    @classmethod
    def from_json(cls, text: str) -> Record:
        return cls.from_dict(json.loads(text))

    @cached_property
    def digest(self) -> str:
        """sha256 of everything else."""
        told = json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
        return hashlib.sha256(told.encode("utf-8")).hexdigest()

    @property
    def hidden(self) -> int:
        return sum(row.hidden for row in self.rows)


def _plain(record: Record) -> dict[str, Any]:
    """Python's own containers, as JSON gives them back."""
    return json.loads(json.dumps(asdict(record), ensure_ascii=False, allow_nan=False))
