"""What is summed over units, said once for rows in memory and for a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from kesos_research.methods._estimate import Some
from kesos_research.methods._linearize import Array
from kesos_research.methods._poverty import foster_greer_thorbecke
from kesos_research.methods._sample import Sample, label_codes

Kind = Literal["number", "amount", "line", "any"]
"""What a column must hold: finite numbers, amounts of 0 or more, amounts larger than 0, anything but nothing."""
HELPER = "_helper"
Quote = Callable[[str], str]
"""The number a column holds, as an expression of the database."""


class Columns(Protocol):
    """Columns v of Σ w v."""

    @property
    def needs(self) -> Mapping[str, Kind]:
        """The columns of the rows that they are made of."""
        ...

    def arrays(self, sample: Sample) -> list[Array | Some | None]:
        """On rows in memory; None for ones."""
        ...

    def helper(self, quote: Quote) -> str:
        """In the database: an expression that the columns share, called `HELPER` in them; or nothing."""
        ...

    def expressions(self, quote: Quote) -> list[str]:
        """In the database."""
        ...

    def bounds(self, largest: Mapping[str, float]) -> list[float]:
        """What no value exceeds, in absolute terms, when those of the columns of the rows do not exceed the largest."""
        ...


@dataclass(frozen=True)
class Ones:
    """1 on every row."""

    @property
    def needs(self) -> dict[str, Kind]:
        return {}

    def arrays(self, sample: Sample) -> list[Array | Some | None]:  # noqa: ARG002
        return [None]

    def helper(self, quote: Quote) -> str:  # noqa: ARG002
        return ""

    def expressions(self, quote: Quote) -> list[str]:  # noqa: ARG002
        return ["1.0"]

    def bounds(self, largest: Mapping[str, float]) -> list[float]:  # noqa: ARG002
        return [1.0]


@dataclass(frozen=True)
class Numbers:
    """Columns of numbers as they are."""

    columns: tuple[str, ...]

    @property
    def needs(self) -> dict[str, Kind]:
        return dict.fromkeys(self.columns, "number")

    def arrays(self, sample: Sample) -> list[Array | Some | None]:
        return [sample.number(c) for c in self.columns]

    def helper(self, quote: Quote) -> str:  # noqa: ARG002
        return ""

    def expressions(self, quote: Quote) -> list[str]:
        return [quote(c) for c in self.columns]

    def bounds(self, largest: Mapping[str, float]) -> list[float]:
        return [largest[c] for c in self.columns]


@dataclass(frozen=True)
class Categories:
    """1 where a column has the value, one for each value."""

    column: str
    values: tuple[object, ...]

    @property
    def needs(self) -> dict[str, Kind]:
        return {self.column: "any"}

    def arrays(self, sample: Sample) -> list[Array | Some | None]:
        codes, labels = label_codes(sample.frame[self.column])
        places = [np.flatnonzero(codes == labels.get_loc(v)) for v in self.values]
        return [Some(rows, np.ones(len(rows))) for rows in places]

    def helper(self, quote: Quote) -> str:  # noqa: ARG002
        return ""

    def expressions(self, quote: Quote) -> list[str]:  # noqa: ARG002
        name = self.column.replace('"', '""')
        texts = [str(v).replace("'", "''") for v in self.values]
        return [f"CASE WHEN CAST(\"{name}\" AS VARCHAR) = '{text}' THEN 1.0 ELSE 0.0 END" for text in texts]

    def bounds(self, largest: Mapping[str, float]) -> list[float]:  # noqa: ARG002
        return [1.0] * len(self.values)


@dataclass(frozen=True)
class Gaps:
    """(1 − y/z)^a where y < z, else 0, one for each power a."""

    column: str
    line: float | str
    orders: Sequence[float]

    @property
    def needs(self) -> dict[str, Kind]:
        own: dict[str, Kind] = {self.column: "amount"}
        if isinstance(self.line, str):
            own[self.line] = "line"
        return own

    def arrays(self, sample: Sample) -> list[Array | Some | None]:
        y = sample.amount(self.column)
        z = sample.amount(self.line, positive=True) if isinstance(self.line, str) else self.line
        poor = np.flatnonzero(y < z)
        below, lines = y[poor], z[poor] if isinstance(z, np.ndarray) else z
        return [Some(poor, foster_greer_thorbecke(a).phi(below, lines)) for a in self.orders]

    def helper(self, quote: Quote) -> str:
        """max(1 − y/z, 0), exactly and without a branch, which takes the database longer than the arithmetic."""
        y, z = quote(self.column), quote(self.line) if isinstance(self.line, str) else repr(float(self.line))
        gap = f"(1.0 - {y} / {z})"
        return f"({gap} + abs({gap})) * 0.5"

    def expressions(self, quote: Quote) -> list[str]:  # noqa: ARG002
        # 1 − y/z is larger than 0 whenever y < z, also when rounded, and at most 1
        powers = {0.0: f"ceil({HELPER})", 1.0: HELPER, 2.0: f"({HELPER} * {HELPER})"}
        return [powers.get(float(a), f"pow({HELPER}, {float(a)!r})") for a in self.orders]

    def bounds(self, largest: Mapping[str, float]) -> list[float]:  # noqa: ARG002
        return [1.0] * len(self.orders)
