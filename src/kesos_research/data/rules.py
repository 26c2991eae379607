"""Rules: one declaration of a codebook as words for a reader and as SQL that finds what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kesos_research.data.codebook import Codebook, Reference
from kesos_research.data.terms import Terms
from kesos_research.language import Words

Values = Mapping[Reference, Sequence[str]]
"""What the columns that are referred to hold, by reference."""


Scope = Literal["cell", "row", "file"]


def _any(count: int, _of: int) -> bool:
    return count > 0


@dataclass(frozen=True)
class Rule:
    """One promise of a codebook.

    Attributes
    ----------
    name
        A stable name, such as ``"range"``.
    columns
        What it speaks of; it is judged where the file has all of them.
    wording
        The promise, as documents tell it: "from 0 to 120".
    broken
        What is wrong with a value that breaks it: "not within 0 and 120".
    violated
        Gives SQL that is true where it is broken, null or false elsewhere; None for a rule of the file as a whole:
        the values of `columns` together are there once.
    remedy
        What to do; where there is nothing to add to "mend these cells", None.
    counted
        Whether cells or rows are counted.
    scope
        What it looks at: a cell (and the year of its row), the columns of a row, or the file as a whole.
    between
        What stands between the values of an example; the names of the columns are told where it is ``", "``.
    severity
        A ``"warning"`` may be a mistake and need not be; it stops nothing.
    told
        Whether so many violations, of so many values of its first column, are told.
    """

    name: str
    columns: tuple[str, ...]
    wording: Words
    broken: Words
    violated: Callable[[Terms], str] | None
    remedy: Words | None = None
    counted: Literal["cells", "rows"] = "cells"
    scope: Scope = "cell"
    between: str = " "
    severity: Literal["error", "warning"] = "error"
    told: Callable[[int, int], bool] = _any


def rules_of(codebook: Codebook, values: Values | None = None) -> tuple[Rule, ...]:
    """Which promises does a codebook make?

    Parameters
    ----------
    codebook
        The declaration.
    values
        What the columns referred to hold. Without them references are described and cannot be checked.

    Examples
    --------
    >>> from kesos_research.data.codebook import plain_column
    >>> book = Codebook({"tahun": plain_column("tahun", "tahun")}, "region", ("tahun",))
    >>> [rule.name for rule in rules_of(book)]
    ['required', 'year', 'key']
    """
    return tuple(_each(codebook, values or {}))


def _each(codebook: Codebook, values: Values) -> Iterator[Rule]:
    from kesos_research.data.rules_column import of_column
    from kesos_research.data.rules_row import of_rows

    for column in codebook.columns.values():
        yield from of_column(column, codebook, values)
    yield from of_rows(codebook)


def wordings(codebook: Codebook) -> dict[str, tuple[Words, ...]]:
    """What a codebook promises of each column, as an operational definition tells it."""
    said: dict[str, list[Words]] = {name: [] for name in codebook.columns}
    for rule in rules_of(codebook):
        if rule.severity == "error" and any(rule.wording.values()):
            for name in rule.columns:
                said[name].append(rule.wording)
    return {name: tuple(words) for name, words in said.items()}
