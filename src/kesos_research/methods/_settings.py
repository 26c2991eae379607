"""Settings of a method: each is read once, and refused with what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kesos_research.errors import MethodError, Where
from kesos_research.language import _

LARGEST = 1e75
"""Products of four such numbers can still be held."""
MOST_DRAWS = 1_000_000
"""As many as a study may ask for: more find nothing and fill the memory."""
_SHOWN = 5
"""How many values of a list a message shows."""


def said(value: object) -> str:
    """A value that was given, as a message shows it."""
    if value is None:
        return _("empty")
    if isinstance(value, str):
        return f"“{_clean(value)}”"
    if isinstance(value, bool | int | float | np.number | np.bool_):
        return _clean(str(value))
    if isinstance(value, list | tuple):
        return ", ".join(said(v) for v in value[:_SHOWN]) + (" …" if len(value) > _SHOWN else "") or _("an empty list")
    return _("a value of type {type}", type=type(value).__name__)


def _clean(text: str) -> str:
    """A text as a message may hold it: short, on one line, without control characters."""
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))
    return line if len(line) <= 60 else f"{line[:59]}…"


def whole(value: object, name: str, *, least: int) -> int:
    """A setting that is a whole number."""
    most = MOST_DRAWS if name == "draws" else np.iinfo(np.int64).max
    integer = int(value) if isinstance(value, int | np.integer) and not isinstance(value, bool) else None
    if integer is None or not least <= integer <= most:
        raise MethodError(
            _("{name} is {value}.", name=name, value=said(value)),
            expected=_("a whole number of at most {most}", most=most)
            if integer is not None and integer > most
            else _("a whole number of at least {least}", least=least),
            where=Where(key=name),
        )
    return integer


def choice(value: object, name: str, known: Sequence[str]) -> Any:
    """A setting that is one of a few names."""
    if not isinstance(value, str) or value not in known:
        raise MethodError(
            _("{name} is {value}.", name=name, value=said(value)),
            expected=_("one of {names}", names=", ".join(known)),
            where=Where(key=name),
        )
    return value


def fraction(value: object, name: str) -> float:
    """A setting strictly between nought and one."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not 0.0 < value < 1.0:
        raise MethodError(
            _("{name} is {value}.", name=name, value=said(value)),
            expected=_("a number between 0 and 1"),
            where=Where(key=name),
        )
    return float(value)


def nonnegative(value: object, name: str) -> float:
    """A setting of zero or more."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not 0.0 <= value <= LARGEST:
        raise MethodError(
            _("{name} is {value}.", name=name, value=said(value)),
            expected=_("a finite number of 0 or more"),
            where=Where(key=name),
        )
    return float(value)


def finite(value: object, name: str) -> float:
    """A setting that is a number."""
    if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not -LARGEST <= value <= LARGEST:
        raise MethodError(
            _("{name} is {value}.", name=name, value=said(value)),
            expected=_("a finite number"),
            where=Where(key=name),
        )
    return float(value)
