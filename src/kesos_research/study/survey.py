"""The statistical activity behind a study's rows, as the law on statistics asks it to be described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self, get_args

from pydantic import model_validator

from kesos_research.errors import StudyError, Where
from kesos_research.language import Words, _, words
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused
from kesos_research.study.scalar import Bilingual, Date, Text, choice, whole

if TYPE_CHECKING:
    from kesos_research.study.study import Study

Activity = Literal["sektoral", "khusus", "secondary"]
"""A survey of a government body, one of anybody else, or rows that another body has collected."""
SYNOPSIS = ("area", "population", "respondents", "begins", "ends", "method", "organiser", "address", "abstract")
"""What a synopsis holds besides its title (UU 16/1997, article 14)."""
_NOTHING = words(id="", en="")


class Survey(Part):
    """Who collected the rows, where, from whom, when and how.

    Attributes
    ----------
    kind
        `sektoral` (a ministry or agency), `khusus` (a campus, a foundation, a researcher), or `secondary` for rows
        that others have collected and the study only uses.
    recommendation
        Number of the Rekomendasi Statistik of BPS; a sektoral survey follows one.
    title
        Of the survey, where it is not the study's.
    area, population, method, abstract
        The region covered, the objects of the population, the statistical method, and a summary.
    respondents
        How many answered.
    begins, ends
        First and last day of collection.
    organiser, address
        Who carried it out.
    """

    kind: Annotated[Activity, choice(*get_args(Activity))]
    recommendation: Text = ""
    title: Bilingual = _NOTHING
    area: Bilingual = _NOTHING
    population: Bilingual = _NOTHING
    respondents: Annotated[int, whole(1, 10**9)] | None = None
    begins: Date = ""
    ends: Date = ""
    method: Bilingual = _NOTHING
    organiser: Text = ""
    address: Text = ""
    abstract: Bilingual = _NOTHING

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.begins and self.ends and self.ends < self.begins:
            raise Refused(
                _("The survey ends on {ends}, before it begins on {begins}.", ends=self.ends, begins=self.begins),
                at=("ends",),
            )
        return self

    def lacks(self) -> tuple[str, ...]:
        """Keys of the synopsis that say nothing yet."""
        return tuple(key for key in SYNOPSIS if not _said(getattr(self, key)))


def owed(study: Study) -> Iterator[StudyError]:
    """What the law on statistics asks for before results leave, and study.yaml does not say yet.

    A run needs none of it: a number is often still awaited while drafts are written. `kesos release` refuses without.
    """
    file = (study.folder / "study.yaml").relative_to(study.root).as_posix()
    survey = study.survey
    if all(source.synthetic for source in study.sources):
        return  # nobody was asked anything
    if survey is None:
        for source in study.sources:
            if not (source.public or source.synthetic):
                yield StudyError(
                    _("Nothing says how the rows of source {name} were collected.", name=source.id),
                    expected=_("a section survey: with kind: sektoral, khusus or secondary"),
                    where=Where(file=file, key="survey"),
                )
        return
    if survey.kind == "sektoral" and not survey.recommendation:
        yield StudyError(
            _("A survey of a government body follows a Rekomendasi Statistik of BPS, and its number is missing."),
            expected=_("the number that BPS has given"),
            remedy=_("ask BPS for it (romantik.web.bps.go.id), then write it under survey: recommendation:"),
            where=Where(file=file, key="survey.recommendation"),
        )
    if survey.kind == "secondary":
        return
    for key in survey.lacks():
        yield StudyError(
            _("The description of the survey lacks {key}.", key=key),
            expected=_("what UU 16/1997, article 14, asks of a synopsis"),
            where=Where(file=file, key=f"survey.{key}"),
        )


def _said(value: Words | str | int | None) -> bool:
    return bool(value["id"] and value["en"] if isinstance(value, dict) else value)
