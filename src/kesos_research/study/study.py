"""A study: what is asked, of which regions and programme, with which data, by which plan, delivered as what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kesos_research.language import LANGUAGES, Language, _
from kesos_research.study.adoption import Adoption
from kesos_research.study.contradiction import contradictions
from kesos_research.study.evaluation import Evaluation
from kesos_research.study.plan import Donors, Part, Plan, Windows
from kesos_research.study.publication import Publication
from kesos_research.study.refusal import Refused, shown
from kesos_research.study.sample import Sample
from kesos_research.study.scalar import (
    Bilingual,
    Date,
    Email,
    Flag,
    Orcid,
    Outcome,
    ProgrammeCode,
    RegionCode,
    StudyId,
    Text,
    a_list,
    choice,
    distinct,
    text_of,
    whole,
)
from kesos_research.study.source import Disclosure, Source, in_use
from kesos_research.study.survey import Survey
from kesos_research.study.venue import VenueName, venue

Format = Literal["paper", "docx", "slides", "page", "annex"]
FORMATS: tuple[Format, ...] = get_args(Format)
PILOT = ("programme", "treated", "since", "outcomes", "headline", "windows")
"""Keys without which regions cannot be compared; a study with a `sample` or an `adoption` does without."""
Layout = Literal["proceedings", "manuscript"]


class Author(Part):
    """One author, in the order of the paper."""

    name: Text
    affiliation: Text
    email: Email = ""
    orcid: Orcid = ""


def _parameters(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Refused(_("Parameters are written as name: value, one a line."))
    for name in value:
        # a name is pasted into the notebook as code: only a plain Python name is harmless
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", str(name)):
            raise Refused(
                _("{value} cannot be the name of a parameter.", value=shown(name)),
                expected=_("letters a–z, digits and _, as in the notebook's parameter cell"),
                at=(str(name),),
            )
    return value


def _notebook_name(value: Any) -> str:
    value = text_of(value).removesuffix(".ipynb")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}", value):
        raise Refused(
            _("{value} cannot be the name of a notebook.", value=shown(value)),
            expected=_("its file name without folder and without .ipynb"),
        )
    return value


class NotebookUse(Part):
    """A notebook the study runs: once, or once for each treated region."""

    notebook: Annotated[str, BeforeValidator(_notebook_name)]
    per: Annotated[Literal["", "treated"], choice("", "treated")] = ""
    parameters: Annotated[Mapping[str, Any], BeforeValidator(_parameters)] = Field(default_factory=dict)
    """Values as text (or lists of text); they are typed by the notebook's own parameters."""


class Deliverables(Part):
    """The documents that are made."""

    languages: Annotated[tuple[Annotated[Language, choice(*LANGUAGES)], ...], a_list, AfterValidator(distinct())] = (
        LANGUAGES
    )
    formats: Annotated[tuple[Annotated[Format, choice(*FORMATS)], ...], a_list, AfterValidator(distinct())] = FORMATS


def _by_language(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or any(key not in LANGUAGES for key in value):
        raise Refused(_("Keywords are lists beneath the keys id: and en:."))
    return value


class Study(Part):
    """What study.yaml says, read and checked, and where it lies.

    A study compares regions with and without a programme over years (`PILOT` names the keys it needs then), follows a
    programme that regions take up one after the other (`adoption`), or describes a population from a sample (`sample`).

    Attributes
    ----------
    folder, root
        The folder of the study, and the workspace it lies in (with `notebooks/`, `data/` and `reports/`).
    sample
        How the rows of a household study were drawn; None where regions are compared.
    evaluation
        What a programme for families was and should change; None where no such programme is evaluated.
    adoption
        Which columns say where and when a programme was taken up; None where it began everywhere at once.
    since
        First year of the programme; windows before end earlier, windows after begin then or later.
    treated
        Kemendagri codes of the regions with the programme.
    headline
        The outcome whose first window is the study's main answer.
    """

    folder: Path
    root: Path
    id: StudyId
    title: Bilingual
    short_title: Bilingual
    question: Bilingual
    authors: Annotated[tuple[Author, ...], a_list]
    date: Date
    keywords: Annotated[Mapping[Language, Annotated[tuple[Text, ...], a_list]], BeforeValidator(_by_language)] = Field(
        default_factory=dict
    )
    sample: Sample | None = None
    evaluation: Evaluation | None = None
    adoption: Adoption | None = None
    programme: ProgrammeCode = ""
    treated: Annotated[tuple[RegionCode, ...], a_list, AfterValidator(distinct())] = ()
    since: Annotated[int | None, whole(1945, 2100)] = None
    outcomes: Annotated[tuple[Outcome, ...], a_list, AfterValidator(distinct())] = ()
    headline: Outcome = ""
    windows: Windows | None = None
    donors: Donors = Donors()
    plan: Plan = Plan()
    seed: Annotated[int, whole(0, 2**32 - 1)]
    sources: Annotated[
        tuple[Source, ...], a_list, AfterValidator(distinct(lambda source: source.id)), AfterValidator(in_use)
    ]
    survey: Survey | None = None
    disclosure: Disclosure
    notebooks: Annotated[tuple[NotebookUse, ...], a_list]
    deliverables: Deliverables = Deliverables()
    release: Publication = Publication()
    venue: VenueName = Field(default_factory=lambda: venue("konferensi-kesos"))
    layout: Annotated[Layout, choice(*get_args(Layout))] = "proceedings"
    anonymous: Flag = False

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for refused in contradictions(dict(self)):
            raise refused
        return self

    def notebook(self, name: str) -> Path:
        """The file of a notebook: the study's own, else the workspace's."""
        own = self.folder / f"{name}.ipynb"
        return own if own.is_file() else self.root / "notebooks" / f"{name}.ipynb"

    def narrative(self, lang: Language) -> Path:
        """The prose of the paper in one language; the file need not be there."""
        return self.folder / f"narrative.{lang}.md"

    @property
    def references(self) -> Path:
        """The BibTeX file of the study; the file need not be there."""
        return self.folder / "references.bib"

    @property
    def evidence(self) -> Path:
        """The evidence matrix; the file need not be there."""
        return self.folder / "bukti.csv"

    @property
    def synthetic(self) -> bool:
        """True when any source holds invented rows."""
        return any(source.synthetic for source in self.sources)

    @property
    def invented(self) -> bool:
        """True when all sources hold invented rows: regions are then those of the example register."""
        return all(source.synthetic for source in self.sources)
