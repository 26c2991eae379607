"""Why a value of study.yaml is refused, said in the reader's language before its place in the file is known."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kesos_research.errors import KesosError, StudyError, Where
from kesos_research.language import _

T = TypeVar("T")

Path = tuple[str | int, ...]
"""Keys and positions from the top of the document: `("windows", "after", 0)`."""


class Refused(ValueError):
    """A value that is not accepted. A `ValueError`, so that pydantic collects it with the others."""

    def __init__(
        self, found: str, *, expected: str | None = None, remedy: str | None = None, at: Path | None = None
    ) -> None:
        self.found, self.expected, self.remedy, self.at = found, expected, remedy, at
        super().__init__(found)

    def placed(self, where: Where | None) -> StudyError:
        return StudyError(self.found, expected=self.expected, remedy=self.remedy, where=where)


def clean(value: object) -> str:
    """A value as a message may hold it: short, on one line, without control characters."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(str(value).split()))
    return text if len(text) <= 60 else text[:59] + "…"


def shown(value: object) -> str:
    """A value in quotation marks, as an error shows what was found."""
    return f"“{clean(value)}”"


def listed(names: Iterable[object]) -> str:
    """Names as a message lists them."""
    return ", ".join(clean(name) for name in names)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """A remedy that names what may have been meant, or None where nothing is near."""
    lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    return _("did you mean {name}?", name=clean(lower[near[0]])) if near else None


def asked(register: Callable[[str], T], key: Any) -> T:
    """What a register of the domain answers; its refusal becomes ours."""
    if not isinstance(key, str):
        raise Refused(_("A single value is expected here, not a list or a group of keys."))
    try:
        return register(key)
    except KesosError as error:
        raise Refused(error.found, expected=error.expected, remedy=error.remedy) from error
