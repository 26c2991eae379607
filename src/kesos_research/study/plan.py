"""How the question will be answered: which years are compared, with whom, by which methods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from kesos_research.language import _
from kesos_research.study.method import Method
from kesos_research.study.refusal import Refused, listed, nearest, shown
from kesos_research.study.scalar import (
    Bilingual,
    RegionCode,
    a_list,
    choice,
    decimal,
    distinct,
    maybe_empty,
    text_of,
    whole,
)

Pool = Literal["all", "same_island", "similar_level"]
Scale = Literal["level", "log"]


class Part(BaseModel):
    """A part of a study document: unknown keys refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Years(Part):
    """A span of calendar years, both ends included; written 2010-2012, or 2012 for one year."""

    first: int
    last: int

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, dict) and all(isinstance(v, int) for v in value.values()):
            return value
        text = text_of(value)
        match = re.fullmatch(r"((?:19|20)\d\d)(?:\s*[-–]\s*((?:19|20)\d\d))?", text, re.ASCII)
        if not match:
            raise Refused(
                _("{value} is not a span of years.", value=shown(text)),
                expected=_("first and last year, such as 2010-2012"),
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise Refused(
                _("{value} ends before it begins.", value=shown(text)), remedy=_("write {name}", name=f"{last}-{first}")
            )
        return {"first": first, "last": last}

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(range(self.first, self.last + 1))

    @property
    def name(self) -> str:
        """As it stands in names of claims: `2014_2015`."""
        return f"{self.first}_{self.last}" if self.last > self.first else str(self.first)

    @property
    def label(self) -> str:
        """As it stands in texts: `2014–2015`."""
        return f"{self.first}–{self.last}" if self.last > self.first else str(self.first)

    def __str__(self) -> str:
        return self.label


class Windows(Part):
    """The years that are compared. The first of `after` is the headline."""

    before: Years
    after: Annotated[tuple[Years, ...], a_list, AfterValidator(distinct())]
    placebo_before: Years
    placebo_after: Years
    synthetic_before: Years


class Donors(Part):
    """Who may stand for what would have been: rules, not names. Treated regions never do."""

    pools: Annotated[tuple[Annotated[Pool, choice(*get_args(Pool))], ...], a_list, AfterValidator(distinct())] = (
        get_args(Pool)
    )
    exclude: Annotated[tuple[RegionCode, ...], maybe_empty, AfterValidator(distinct())] = ()
    similar_level: Annotated[float, decimal(1, 100)] = 30.0
    """For the pool of that name: within this many percent of the treated region's mean before."""


SETTINGS = ("draws", "level")
"""Settings of the plan that a run is held against."""


def _reasons(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(_("Reasons are written as keys beneath this one."), expected=_("a method, and why: id: and en:"))
    known = (*get_args(Method), *SETTINGS)
    for name in value:
        if name not in known:
            raise Refused(
                _("{value} is no method and no setting of the plan.", value=shown(name)),
                expected=_("a method as plan: methods: names it, or {names}", names=listed(SETTINGS)),
                remedy=nearest(str(name), known),
                at=(str(name),),
            )
    return value


class Plan(Part):
    """Methods and their settings, written before a result is seen.

    Attributes
    ----------
    methods
        The methods that will be used; what is run is held against them. None named: what the chooser takes.
    reasons
        Why a method stands in the plan although the chooser refuses it, or why a run departs from the plan: by the
        name of the method or setting, in both languages. Printed in the appendix.
    """

    methods: Annotated[
        tuple[Annotated[Method, choice(*get_args(Method))], ...], a_list, AfterValidator(distinct())
    ] = ()
    reasons: Annotated[Mapping[str, Bilingual], BeforeValidator(_reasons)] = Field(default_factory=dict)
    draws: Annotated[int, whole(9_999, 1_000_000)] = 9_999
    level: Annotated[float, decimal(0.5, 0.999)] = 0.95
    penalty: Annotated[float, decimal(0, 1000)] = 0.1
    penalties: Annotated[tuple[Annotated[float, decimal(0, 1000)], ...], a_list, AfterValidator(distinct())] = (
        0.0,
        0.01,
        0.1,
        1.0,
    )
    scales: Annotated[tuple[Annotated[Scale, choice(*get_args(Scale))], ...], a_list, AfterValidator(distinct())] = (
        get_args(Scale)
    )
    power: Annotated[float, decimal(0.5, 0.999)] = 0.8
