"""How the texts of a study document become values: one spelling each, refused with what was expected."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from kesos_research.domain import example_regions, indicator, programme, region
from kesos_research.language import LANGUAGES, Words, _, words
from kesos_research.study.refusal import Refused, asked, clean, listed, nearest, shown

STUDY_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 4000


def text_of(value: Any) -> str:
    """A single text, trimmed, not empty."""
    if not isinstance(value, str):
        raise Refused(_("A single value is expected here, not a list or a group of keys."))
    value = value.strip()
    if not value:
        raise Refused(_("The value is empty."))
    if len(value) > _LONGEST:
        raise Refused(_("The text is longer than {n} characters.", n=_LONGEST))
    return value


def study_id(value: Any) -> str:
    value = text_of(value)
    if not STUDY_ID.fullmatch(value) or value in _RESERVED:
        raise Refused(
            _("{value} cannot be the name of a study.", value=shown(value)),
            expected=_("small letters a–z, digits, - and _, at most 64, beginning with a letter or digit"),
            remedy=_example_id(value),
        )
    return value


def _example_id(value: str) -> str | None:
    slug = re.sub(r"[^a-z0-9_]+", "-", value.lower()).strip("-_")[:64]
    slug = f"{slug}-1" if slug in _RESERVED else slug
    return _("write {name}", name=slug) if slug else None


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number between `low` and `high`."""

    def read(value: Any) -> int:
        if isinstance(value, int):
            return value
        value = text_of(value)
        if not re.fullmatch(r"-?\d{1,18}", value, re.ASCII) or not low <= int(value) <= high:
            raise Refused(
                _("{value} is not accepted.", value=shown(value)),
                expected=_("a whole number from {low} to {high}", low=low, high=high),
            )
        return int(value)

    return BeforeValidator(read)


def decimal(low: float, high: float) -> BeforeValidator:
    """A number between `low` and `high`, written with a decimal point."""

    def read(value: Any) -> float:
        if isinstance(value, int | float):
            return float(value)
        value = text_of(value)
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?|\.\d{1,15}", value, re.ASCII) or not low <= float(value) <= high:
            comma = value.replace(",", ".")
            raise Refused(
                _("{value} is not accepted.", value=shown(value)),
                expected=_("a number from {low} to {high}, with a decimal point", low=f"{low:g}", high=f"{high:g}"),
                remedy=_("write {name}", name=comma) if re.fullmatch(r"-?\d*\.\d+", comma) and comma != value else None,
            )
        return float(value)

    return BeforeValidator(read)


def choice(*known: str) -> BeforeValidator:
    """One of a few words."""

    def read(value: Any) -> str:
        value = text_of(value)
        if value not in known:
            raise Refused(
                _("{value} is not known.", value=shown(value)),
                expected=_("one of {names}", names=listed(known)),
                remedy=nearest(value, known),
            )
        return value

    return BeforeValidator(read)


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    answer = {"ya": True, "yes": True, "true": True, "tidak": False, "no": False, "false": False}.get(
        text_of(value).lower()
    )
    if answer is None:
        raise Refused(_("{value} is not known.", value=shown(value)), expected=_("true or false"))
    return answer


def _date(value: Any) -> str:
    value = text_of(value)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError(value)
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise Refused(
            _("{value} is not a date.", value=shown(value)), expected=_("year-month-day, such as 2014-11-25")
        ) from error


def _orcid(value: Any) -> str:
    """An ORCID iD with a right check digit (ISO 7064 mod 11-2), without its address."""
    value = re.sub(r"^https?://orcid\.org/", "", text_of(value))
    if re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", value, re.ASCII):
        total = 0
        for digit in value.replace("-", "")[:-1]:
            total = (total + int(digit)) * 2
        if "0123456789X"[(12 - total % 11) % 11] == value[-1]:
            return value
    raise Refused(_("{value} is not an ORCID iD.", value=shown(value)), expected="0000-0002-1825-0097")


def _email(value: Any) -> str:
    value = text_of(value)
    if not re.fullmatch(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+\.[^@\s<>\"',;]+", value):
        raise Refused(_("{value} is not an e-mail address.", value=shown(value)), expected="nama@instansi.go.id")
    return value


def _words(value: Any) -> Words:
    if not isinstance(value, Mapping):
        raise Refused(_("The text is needed in both languages."), expected=_("two keys beneath this one, id: and en:"))
    for key in value:
        if key not in LANGUAGES:
            raise Refused(
                _("The key {key} is not known here.", key=shown(key)), expected=_("id: and en:"), at=(str(key),)
            )
    for lang in LANGUAGES:
        if lang not in value:
            raise Refused(_("The text in language {lang} is missing.", lang=lang), expected=_("id: and en:"))
    return words(id=text_of(value["id"]), en=text_of(value["en"]))


def distinct(name: Callable[[Any], str] = str) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """A list in which nothing stands twice."""

    def read(values: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [name(v) for v in values]
        for position, one in enumerate(names):
            if one in names[:position]:
                raise Refused(
                    _("{value} is there twice.", value=shown(one)), remedy=_("keep one of them"), at=(position,)
                )
        return values

    return read


def _some(value: Any) -> Any:
    if value in ([], ()):
        raise Refused(_("The list is empty."))
    return _list(value)


def _list(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value

    remedy = _("write [{value}]", value=clean(value)[:40]) if isinstance(value, str) else None
    raise Refused(_("A list is expected here."), remedy=remedy)


def _region_code(value: Any) -> str:
    """A code of either register; which of the two a study may name hangs on its sources."""
    if isinstance(value, str) and any(value == one.code for one in example_regions()):
        return value
    return asked(region, value).code


def _outcome(value: Any) -> str:
    return asked(indicator, value).code


def _programme(value: Any) -> str:
    return asked(programme, value).code


Text = Annotated[str, BeforeValidator(text_of)]
StudyId = Annotated[str, BeforeValidator(study_id)]
Bilingual = Annotated[Words, BeforeValidator(_words)]
"""A text in both languages."""
Flag = Annotated[bool, BeforeValidator(_yes_or_no)]
Date = Annotated[str, BeforeValidator(_date)]
Orcid = Annotated[str, BeforeValidator(_orcid)]
Email = Annotated[str, BeforeValidator(_email)]
RegionCode = Annotated[str, BeforeValidator(_region_code)]
Outcome = Annotated[str, BeforeValidator(_outcome)]
ProgrammeCode = Annotated[str, BeforeValidator(_programme)]
a_list = BeforeValidator(_some)
maybe_empty = BeforeValidator(_list)
