"""What is wrong with a file as a whole: it is found before any cell is looked at."""

from __future__ import annotations

from kesos_research.errors import DataError, Where


class Damage(DataError):
    """A file that cannot be read as rows of cells.

    Attributes
    ----------
    kind
        A stable name of what is wrong, such as ``"ragged"``.
    count
        How often.
    """

    def __init__(
        self,
        kind: str,
        found: str,
        *,
        expected: str | None = None,
        remedy: str | None = None,
        where: Where | None = None,
        count: int = 1,
    ) -> None:
        self.kind, self.count = kind, count
        super().__init__(found, expected=expected, remedy=remedy, where=where)
