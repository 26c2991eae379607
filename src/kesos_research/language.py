"""One catalogue for every word on screen or page, and numbers as the reader writes them.

English texts are the keys; Indonesian comes from `locale/id/LC_MESSAGES/kesos.mo`. `_()` speaks the language in force
now; `both()` gives every language at once, for results that are rendered later in each.
"""

from __future__ import annotations

import gettext
import locale
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, TypeGuard, get_args

Language = Literal["id", "en"]
Words = Mapping[str, str]
"""The same text in each language: `{"id": "…", "en": "…"}`."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
_MINUS = "\N{MINUS SIGN}"
_current: ContextVar[Language | None] = ContextVar("language", default=None)


@cache
def _catalogue(lang: Language) -> gettext.NullTranslations:
    return gettext.translation("kesos", Path(__file__).parent / "locale", [lang], fallback=lang == "en")


def is_language(text: str) -> TypeGuard[Language]:
    return text in LANGUAGES


def reader_language() -> Language:
    """The language of the person at this machine: Indonesian where the locale says so, else English."""
    code = (locale.getlocale()[0] or "").lower()
    return "id" if code.startswith(("id", "indonesian")) else "en"


def current() -> Language:
    """The language in force."""
    return _current.get() or reader_language()


@contextmanager
def use(lang: Language) -> Iterator[None]:
    """Speak `lang` inside the block."""
    token = _current.set(lang)
    try:
        yield
    finally:
        _current.reset(token)


def set_language(lang: Language) -> None:
    """Speak `lang` from now on in this context (the command line does this once)."""
    _current.set(lang)


def translate(text: str, lang: Language, values: Mapping[str, object] | None = None) -> str:
    """`text` in `lang`, its `{fields}` filled; numbers are written as that language writes them."""
    said = _catalogue(lang).gettext(text) if text else ""
    if not values:
        return said
    return said.format(**{k: _say(v, lang) for k, v in values.items()})


def _(text: str, /, **values: object) -> str:
    """`text` in the language in force."""
    return translate(text, current(), values)


def both(text: str, /, **values: object) -> Words:
    """`text` in every language."""
    return {lang: translate(text, lang, values) for lang in LANGUAGES}


def words(*, id: str, en: str) -> Words:
    """A text written by hand in both languages."""
    return {"id": id, "en": en}


def number(value: float, decimals: int, lang: Language | None = None) -> str:
    """`value` with `decimals` places: decimal comma in Indonesian, a true minus sign, never a negative zero."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    if (lang or current()) == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return text.replace("-", _MINUS)


def _say(value: object, lang: Language) -> object:
    if isinstance(value, Mapping) and lang in value:
        return value[lang]
    if isinstance(value, float):
        return number(value, 2, lang)
    return value
