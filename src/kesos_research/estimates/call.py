"""One call of a public method, as a run remembers it: enough to hold what was done against what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CALLS_MIME = "application/vnd.kesos.calls+json"


@dataclass(frozen=True)
class Call:
    """What was called, and how.

    Attributes
    ----------
    method
        The public method's name.
    outcome
        Its outcome column, or several joined by commas; empty where it has none.
    level, draws
        As they were in force; None where the method has none.
    times
        How often it was called just so in one cell.
    answered
        False where it refused the rows.
    verdicts
        Of the chooser: used, open or refused, by design; the best of a design's variants.
    """

    method: str
    outcome: str = ""
    level: float | None = None
    draws: int | None = None
    times: int = 1
    answered: bool = True
    verdicts: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {**vars(self), "verdicts": dict(self.verdicts)}
