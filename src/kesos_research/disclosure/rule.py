"""Under which rule numbers may leave, and who decided it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kesos_research.errors import DisclosureError
from kesos_research.language import Words, _, words

if TYPE_CHECKING:
    from kesos_research.study import Study

PERSONS = ("person", "household")
"""Units of observation that the rules for persons guard."""

LEAST, LEAST_HOUSEHOLDS, LEAST_DF = 10, 3, 10
LEAST_APPROVED = 3


def _nothing() -> Words:
    return words(id="", en="")


@dataclass(frozen=True)
class Published:
    """The rule for aggregates a statistics office has already published: they pass, marked with their source."""

    source: Words
    decided_by: str = field(default="", kw_only=True)

    name = "public"

    @property
    def mark(self) -> str:
        return "public"


@dataclass(frozen=True, kw_only=True)
class PersonRule:
    """The rule for tables of persons or households. Its numbers may be made stricter, not weaker.

    Attributes
    ----------
    decided_by
        Who chose the rule for this study.
    population
        Id of the persons counted, such as ``"susenas-2026"``: tables of one population are attacked together.
    unit
        What one row is: ``"person"`` or ``"household"``.
    min_n, min_households, min_df
        A cell needs that many persons unweighted, households, and residual degrees of freedom where a method has them.
    dominance
        ``(N, K)``: the N largest may not hold more than the share K of a cell's total.
    p_percent
        Nobody may be able to tell another's contribution to within so many per cent (the second largest, knowing the
        own, the largest).
    base
        Counts are multiples of it.
    sensitive
        Columns that may not be shown, with their sensitivity.
    source
        What is printed as the source.

    References
    ----------
    Willenborg, L., & de Waal, T. (2001). Elements of statistical disclosure control. Springer, ch. 4.

    Hundepool, A., et al. (2012). Statistical disclosure control. Wiley, ch. 4–5.
    """

    decided_by: str
    population: str
    unit: Literal["person", "household"] = "person"
    min_n: int = LEAST
    min_households: int = LEAST_HOUSEHOLDS
    min_df: int = LEAST_DF
    dominance: tuple[int, float] = (2, 0.90)
    p_percent: float = 10.0
    base: int = 5
    sensitive: Mapping[str, str] = field(default_factory=dict)
    source: Words = field(default_factory=_nothing)

    name = "persons"
    approver = ""

    def __post_init__(self) -> None:
        _said(decided_by=self.decided_by, population=self.population)
        for key, least in (("min_n", LEAST), ("min_households", LEAST_HOUSEHOLDS), ("min_df", LEAST_DF)):
            if getattr(self, key) < least:
                raise DisclosureError(
                    _("{key} is {value}.", key=key, value=getattr(self, key)),
                    expected=_("{n} or more", n=least),
                    remedy=_("a study of few respondents takes the rule small_study, with an approver"),
                )
        if self.base < 1 or self.base % 2 == 0:
            raise DisclosureError(
                _("{key} is {value}.", key="base", value=self.base), expected=_("an odd number, such as 5")
            )

    @property
    def mark(self) -> str:
        return self.name

    @property
    def limits(self) -> dict[str, float]:
        """The rule's numbers, for the record."""
        return {
            "min_n": self.min_n,
            "min_households": self.min_households,
            "min_df": self.min_df,
            "dominance_n": self.dominance[0],
            "dominance_k": self.dominance[1],
            "p_percent": self.p_percent,
        }


@dataclass(frozen=True, kw_only=True)
class SmallStudyRule:
    """The documented rule for studies of few respondents: three persons a cell, exact counts, no sensitive column.

    Attributes
    ----------
    approver
        Who approved it; somebody else than who decided.
    decided_by, population, unit, min_n, sensitive, source
        As for `PersonRule`. Columns in `sensitive` that are ``"terbatas"`` or ``"rahasia"`` are refused.
    """

    approver: str
    decided_by: str
    population: str
    unit: Literal["person", "household"] = "person"
    min_n: int = LEAST_APPROVED
    sensitive: Mapping[str, str] = field(default_factory=dict)
    source: Words = field(default_factory=_nothing)

    name = "small_study"
    min_households = 1
    min_df = 1
    dominance = (1, 1.0)
    p_percent = 10.0
    base = 1

    def __post_init__(self) -> None:
        _said(decided_by=self.decided_by, population=self.population, approver=self.approver)
        if self.approver.strip().casefold() == self.decided_by.strip().casefold():
            raise DisclosureError(
                _("The rule for small studies is approved by who decided it."),
                expected=_("somebody else as approver"),
            )
        if self.min_n < LEAST_APPROVED:
            raise DisclosureError(
                _("{key} is {value}.", key="min_n", value=self.min_n), expected=_("{n} or more", n=LEAST_APPROVED)
            )

    @property
    def mark(self) -> str:
        return self.name

    @property
    def limits(self) -> dict[str, float]:
        """The rule's numbers, for the record."""
        return {"min_n": self.min_n, "p_percent": self.p_percent}


@dataclass(frozen=True, kw_only=True)
class NotPersons:
    """The rule for scores of what is no person: institutions, regions, villages, raters' means. They pass, marked.

    Attributes
    ----------
    unit
        What one row is.
    """

    unit: str
    decided_by: str
    population: str
    source: Words = field(default_factory=_nothing)

    name = "not_persons"

    def __post_init__(self) -> None:
        _said(decided_by=self.decided_by, population=self.population, unit=self.unit)
        if self.unit in PERSONS:
            raise DisclosureError(
                _("The rule for what is no person is asked for rows of {unit}.", unit=self.unit),
                expected=_("a unit such as institution, region or village"),
                remedy=_("take the rule persons"),
            )

    @property
    def mark(self) -> str:
        return self.name


Guarding = PersonRule | SmallStudyRule
Rule = Published | PersonRule | SmallStudyRule | NotPersons


def rule_of(study: Study, *, source: str | None = None, population: str | None = None) -> Rule:
    """The rule that study.yaml names under `disclosure:`.

    Parameters
    ----------
    study
        The study as read.
    source
        Id of the source the rows are of; the first one when not given. A source that is public passes as published.
    population
        Id of the persons counted, where a study counts several; by default `disclosure.population`, else the study's
        id and the source's.

    Raises
    ------
    DisclosureError
        When the study has no such source.
    """
    known = {s.id: s for s in study.sources}
    if source is not None and source not in known:
        raise DisclosureError(_("The study has no source {name}.", name=source), expected=", ".join(known))
    chosen = known[source] if source else study.sources[0]
    asked = study.disclosure
    if asked.rule == "public" or chosen.public:
        return Published(chosen.publisher, decided_by=asked.decided_by)
    population = population or asked.population or f"{study.id}.{chosen.id}"
    if asked.rule == "not_persons":
        return NotPersons(
            unit=asked.unit or "", decided_by=asked.decided_by, population=population, source=chosen.publisher
        )
    sensitive = _sensitive(chosen.codebook)
    unit: Literal["person", "household"] = "household" if asked.unit == "household" else "person"
    if asked.rule == "small_study":
        return SmallStudyRule(
            approver=asked.approver,
            decided_by=asked.decided_by,
            population=population,
            unit=unit,
            min_n=asked.min_n or LEAST_APPROVED,
            sensitive=sensitive,
            source=chosen.publisher,
        )
    return PersonRule(
        decided_by=asked.decided_by,
        population=population,
        unit=unit,
        min_n=asked.min_n or LEAST,
        min_households=asked.min_households or LEAST_HOUSEHOLDS,
        min_df=asked.min_df or LEAST_DF,
        sensitive=sensitive,
        source=chosen.publisher,
    )


def _sensitive(codebook: Path) -> dict[str, str]:
    from kesos_research.data.read import read_codebook

    columns = read_codebook(codebook).columns
    return {name: column.sensitivity for name, column in columns.items() if column.sensitivity != "publik"}


def _said(**texts: str) -> None:
    for key, text in texts.items():
        if not text.strip():
            raise DisclosureError(
                _("The rule does not say {key}.", key=key), remedy=_("name it under `disclosure:` in study.yaml")
            )
