"""What a conference or journal asks of a manuscript, as data: `<name>.yaml` beside this file."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from kesos_research.language import _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, listed, nearest, shown
from kesos_research.study.scalar import Bilingual, Flag, Text, a_list, choice, text_of, whole
from kesos_research.study.tree import parse, read_text

_Count = Annotated[int, whole(0, 100_000)]


class Span(Part):
    """From `low` to `high`, both allowed; written 200-250."""

    low: _Count
    high: _Count

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, str):
            low, _dash, high = value.partition("-")
            return {"low": low, "high": high or low}
        return value

    def __contains__(self, count: int) -> bool:
        return self.low <= count <= self.high

    def __str__(self) -> str:
        return f"{self.low}–{self.high}"


class Section(Part):
    """A section that must be there, by the words its heading may hold in each language."""

    name: Bilingual
    id: Annotated[tuple[Text, ...], a_list]
    en: Annotated[tuple[Text, ...], a_list]


class Venue(Part):
    """The profile of a conference or journal. What it does not limit is absent."""

    id: Text
    name: Bilingual
    kind: Annotated[Literal["conference", "journal"], choice("conference", "journal")]
    layout: Annotated[Literal["proceedings", "manuscript"], choice("proceedings", "manuscript")]
    """Two columns, or one with line numbers."""
    columns: Annotated[int, whole(1, 2)]
    page: Annotated[Literal["A4"], choice("A4")] = "A4"
    citations: Annotated[Literal["apa"], choice("apa")] = "apa"
    blind: Flag = False
    title_words: _Count | None = None
    abstract_words: Span | None = None
    keywords: Span | None = None
    words: Span | None = None
    pages: Span | None = None
    slides: Span | None = None
    primary_references: _Count | None = None
    """Least share of primary works among the references, in percent."""
    similarity: _Count | None = None
    """Greatest similarity with other texts, in percent."""
    sections: tuple[Section, ...] = ()
    note: Bilingual
    """Where the profile comes from, and how sure it is."""


def venues() -> tuple[str, ...]:
    """The names of the profiles we have."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files(__name__).iterdir() if f.name.endswith(".yaml")))


@cache
def venue(name: str) -> Venue:
    """The profile called `name`.

    Raises
    ------
    Refused
        When there is none of that name.
    """
    if name not in venues():
        raise Refused(
            _("The venue {name} is not known.", name=shown(name)),
            expected=_("one of {names}", names=listed(venues())),
            remedy=nearest(name, venues()),
        )
    with as_file(files(__name__) / f"{name}.yaml") as path:
        return Venue.model_validate({"id": name, **parse(read_text(path, name=path.name), name=path.name).plain()})


def _named(value: Any) -> Venue:
    return value if isinstance(value, Venue) else venue(text_of(value))


VenueName = Annotated[Venue, BeforeValidator(_named)]
"""A venue, written by its name."""
