"""Values of a codebook as they are written, each refused with its line and key; all refusals are kept."""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Iterable, Sequence

from kesos_research.errors import DataError, KesosError, Where
from kesos_research.language import LANGUAGES, Words, _, words
from kesos_research.study.refusal import clean
from kesos_research.study.tree import Node

Path = tuple[str | int, ...]

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_SWITCH = {"ya": True, "tidak": False}


class Reading:
    """What is wrong in a codebook, collected so that all of it is told at once."""

    def __init__(self, file: str, tree: Node) -> None:
        self.file, self.tree = file, tree
        self.problems: list[KesosError] = []

    def refuse(self, found: str, path: Path, *, expected: str | None = None, remedy: str | None = None) -> None:
        where = Where(self.file, line=self.tree.line_of(path), key=".".join(map(clean, path)))
        remedy = remedy or _("mend this place in the codebook")
        self.problems.append(DataError(found, expected=expected, remedy=remedy, where=where))

    def keys(self, told: Iterable[str], known: Sequence[str], needed: Sequence[str], above: Path) -> bool:
        """Whether all keys are known and the needed ones are there."""
        before = len(self.problems)
        for key in told:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                self.refuse(
                    _("The key {key} is unknown.", key=repr(key)),
                    (*above, key),
                    expected=_("one of {names}", names=", ".join(known)),
                    remedy=_("did you mean {names}?", names=near[0]) if near else None,
                )
        for key in needed:
            if key not in told:
                self.refuse(_("The key {key} is missing.", key=repr(key)), above)
        return len(self.problems) == before

    def text(self, told: object, path: Path, otherwise: str = "") -> str:
        """A single text."""
        if told is None or isinstance(told, str):
            return otherwise if told is None else told
        self.refuse(_("A single value is expected here, not a list or a group of keys."), path)
        return otherwise

    def choice(self, told: object, known: Sequence[str], path: Path, found: str) -> str | None:
        """One of a few words; `found` says what the other word is not."""
        if isinstance(told, str) and told in known:
            return told
        near = difflib.get_close_matches(str(told), known, n=1)
        self.refuse(
            found,
            path,
            expected=_("one of {names}", names=", ".join(known)),
            remedy=_("did you mean {names}?", names=near[0]) if near else None,
        )
        return None

    def switch(self, told: object, path: Path) -> bool:
        """Yes or no; no where nothing is said."""
        if told is None or (isinstance(told, str) and told in _SWITCH):
            return _SWITCH.get(str(told), False)
        self.refuse(_("{value} is neither yes nor no.", value=repr(clean(told))), path, expected="ya, tidak")
        return False

    def names(self, told: object, path: Path, known: Iterable[str]) -> tuple[str, ...]:
        """A list of columns, each declared and there once."""
        if told is None:
            return ()
        if not isinstance(told, list) or not all(isinstance(name, str) for name in told):
            self.refuse(_("A list is expected here."), path, expected="[a, b]")
            return ()
        declared = set(known)
        for name in dict.fromkeys(told):
            if name not in declared:
                self.refuse(_("The column {name} is not declared.", name=clean(name)), path)
            if told.count(name) > 1:
                self.refuse(_("The column {name} is there twice.", name=repr(clean(name))), path)
        return tuple(told)

    def words(self, told: object, path: Path) -> Words:
        """A text in both languages; empty where nothing is said."""
        if told is None:
            return words(id="", en="")
        if isinstance(told, dict) and set(told) == set(LANGUAGES) and all(isinstance(t, str) for t in told.values()):
            return words(id=told["id"], en=told["en"])
        self.refuse(_("The text is not given in both languages."), path, expected="{id: …, en: …}")
        return words(id="", en="")

    def number(self, told: object) -> float | None:
        """A number written with a decimal point, or None."""
        return float(told) if isinstance(told, str) and _NUMBER.fullmatch(told) else None

    def range(self, told: object, path: Path) -> tuple[float, float] | tuple[None, None]:
        """Two numbers, the smaller first."""
        if told is None:
            return None, None
        ends = [self.number(end) for end in told] if isinstance(told, list) else []
        first, last = ends if len(ends) == 2 else (None, None)
        if first is None or last is None or not first <= last or not math.isfinite(first + last):
            self.refuse(
                _("{value} is no range.", value=repr(told)),
                path,
                expected=_("two numbers, the smaller first, such as [0, 100]"),
            )
            return None, None
        return first, last

    def dates(self, told: object, path: Path) -> tuple[datetime.date, datetime.date] | None:
        """Two dates, the earlier first."""
        if told is None:
            return None
        ends = [_date(end) for end in told] if isinstance(told, list) else []
        first, last = ends if len(ends) == 2 else (None, None)
        if first is None or last is None or first > last:
            self.refuse(
                _("{value} is no range.", value=repr(told)),
                path,
                expected=_("two dates, the earlier first, such as [1920-01-01, 2026-12-31]"),
            )
            return None
        return first, last


def _date(told: object) -> datetime.date | None:
    if not isinstance(told, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told, re.ASCII):
        return None
    try:
        return datetime.date.fromisoformat(told)
    except ValueError:
        return None
