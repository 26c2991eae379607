"""What is wrong with a file: every broken promise with its count, its place, a few values and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kesos_research.data._problems import together
from kesos_research.data.damage import Damage
from kesos_research.errors import DataError, KesosError, Problems, Where
from kesos_research.language import _


@dataclass(frozen=True)
class Example:
    """A value that breaks a rule, as a message may show it, and its line or row."""

    place: int
    value: str


@dataclass(frozen=True)
class Finding:
    """One promise that a file breaks, in the reader's language.

    Attributes
    ----------
    rule
        Stable name: that of a `Rule`, of a `Damage`, or ``"file"``.
    columns
        What it is about; empty for the file as a whole.
    found, expected, remedy
        As an error tells them; `found` without count and examples.
    count
        How many cells or rows break it; exact.
    examples
        A few different values, those of identifiers masked.
    where
        The first place.
    """

    rule: str
    columns: tuple[str, ...]
    found: str
    count: int
    counted: Literal["cells", "rows", "file"]
    where: Where
    expected: str | None = None
    remedy: str | None = None
    examples: tuple[Example, ...] = ()
    severity: Literal["error", "warning"] = "error"

    @property
    def text(self) -> str:
        """What was found, with count and examples."""
        shown = ", ".join(dict.fromkeys(repr(e.value) for e in self.examples))
        match self.counted:
            case "cells":
                return _("{n} cells: {rule} ({examples}).", n=self.count, rule=self.found, examples=shown)
            case "rows" if shown:
                return _("{n} rows: {rule} ({examples}).", n=self.count, rule=self.found, examples=shown)
            case "rows":
                return _("{n} rows: {rule}.", n=self.count, rule=self.found)
        return self.found

    @property
    def error(self) -> DataError:
        """The same as an error."""
        return DataError(self.text, expected=self.expected, remedy=self.remedy, where=self.where)


@dataclass(frozen=True)
class Findings:
    """All that a check found in one file.

    Attributes
    ----------
    file
        As a person of this workspace writes it.
    rows, columns
        How many were read; zero where the file could not be read.
    detected
        What was found out about how the file is written.
    found
        Broken promises, then warnings.
    """

    file: str
    rows: int = 0
    columns: int = 0
    detected: Mapping[str, str] = field(default_factory=dict)
    found: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Broken promises: rows with these cannot be trusted."""
        return tuple(f for f in self.found if f.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What may be a mistake and need not be."""
        return tuple(f for f in self.found if f.severity == "warning")

    @property
    def clean(self) -> bool:
        """Whether no promise is broken."""
        return not self.errors

    @property
    def problems(self) -> list[KesosError]:
        """The broken promises as errors."""
        return [finding.error for finding in self.errors]

    def refuse(self) -> None:
        """Go on only with a clean file.

        Raises
        ------
        KesosError
            With every broken promise at once.
        """
        if problems := self.problems:
            raise together(problems)


def unreadable(file: str, error: KesosError) -> Findings:
    """The findings of a file that could not be read."""
    errors: Iterable[KesosError] = error.problems if isinstance(error, Problems) else (error,)
    return Findings(file, found=tuple(_of_error(one, file) for one in errors))


def _of_error(error: KesosError, file: str) -> Finding:
    where = error.where or Where(file)
    return Finding(
        rule=error.kind if isinstance(error, Damage) else "file",
        columns=(where.column,) if where.column else (),
        found=error.found,
        count=error.count if isinstance(error, Damage) else 1,
        counted="file",
        where=where,
        expected=error.expected,
        remedy=error.remedy,
    )
