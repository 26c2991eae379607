"""Every error a user can meet: what was found, what was expected, what to try, and where.

KesosError                 exit code 2, one clear message, nothing lost
├── StudyError             study.yaml or its companions are not understood
├── RegionError            a region code or name is not one we can act on
├── DataError              rows that cannot be trusted
├── MethodError            a method is asked for what it cannot honestly answer
├── DisclosureError        a number may not leave the room
├── DocumentError          a page cannot be made: missing claim, citation, exhibit
├── ParameterError         a notebook parameter is unknown or of the wrong type
├── RunError               a notebook stopped, its kernel died, time ran out
├── OutputError            a file or folder cannot be written
└── Problems               several of the above, all reported at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kesos_research.language import _
from kesos_research.mask import mask_text


@dataclass(frozen=True)
class Where:
    """A place a person can go to: file, line (or row), column (or key)."""

    file: str | None = None
    line: int | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        for name in ("file", "column", "key"):
            if told := getattr(self, name):
                object.__setattr__(self, name, mask_text(_plain(told)))

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        for value, label in (
            (self.line, _("line")),
            (self.row, _("row")),
            (self.column, _("column")),
            (self.key, _("key")),
        ):
            if value is not None:
                parts.append(f"{label} {value}")
        return ", ".join(parts)


def _plain(text: str) -> str:
    """A name as a message may hold it: on one line, without control characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


class KesosError(Exception):
    """A problem told as found, expected, try, and where. Texts are already in the reader's language.

    What may be a NIK or a family-card number is hidden as the error is made, so that none can hold one.
    """

    exit_code = 2

    def __init__(
        self,
        found: str,
        *,
        expected: str | None = None,
        remedy: str | None = None,
        where: Where | None = None,
    ) -> None:
        self.found = mask_text(found)
        self.expected = expected and mask_text(expected)
        self.remedy = remedy and mask_text(remedy)
        self.where = where
        super().__init__(self.found, self.expected, self.remedy, where)

    def __str__(self) -> str:
        place = str(self.where) if self.where else ""
        lines = [f"{place}: {self.found}" if place else self.found]
        if self.expected:
            lines.append(_("Expected: {text}", text=self.expected))
        if self.remedy:
            lines.append(_("Try: {text}", text=self.remedy))
        return "\n  ".join(lines)


class StudyError(KesosError):
    """study.yaml, the narrative, the evidence matrix or the references are not understood."""


class RegionError(KesosError):
    """A region code or name is unknown, ambiguous, or of another code system."""


class DataError(KesosError):
    """A data file, column or row breaks a promise."""


class MethodError(KesosError):
    """A method was asked for what the data cannot answer."""


class DisclosureError(KesosError):
    """A number has no rule under which it may leave."""


class DocumentError(KesosError):
    """A document refers to something that is not there."""


class ParameterError(KesosError):
    """A notebook was given a parameter it does not declare, or a value of the wrong type."""


class RunError(KesosError):
    """A notebook did not finish."""


class OutputError(KesosError):
    """A file or folder cannot be written."""


class Problems(KesosError):
    """Several problems, reported at once so that they are mended at once."""

    def __init__(self, problems: Sequence[KesosError]) -> None:
        self.problems = tuple(problems)
        super().__init__(_("{n} problems were found.", n=len(self.problems)))

    def __str__(self) -> str:
        numbered = [f"{i}. {p}" for i, p in enumerate(self.problems, 1)]
        return "\n".join([self.found, *numbered])
