"""Which of a study's drafts are published, and as which version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator

from kesos_research.language import LANGUAGES, Language, _
from kesos_research.study.plan import Part
from kesos_research.study.refusal import Refused, shown
from kesos_research.study.scalar import Flag, choice, distinct, maybe_empty, text_of

Document = Literal["paper", "docx", "slides", "page", "annex"]
Profile = Literal["paper", "docx", "page"]
Picture = Literal["svg", "png"]

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,7}", re.ASCII)


def version_of(value: Any) -> str:
    """A version as a folder is called: numbers parted by points."""
    value = text_of(value)
    if not VERSION.fullmatch(value):
        raise Refused(
            _("{value} is no version.", value=shown(value)), expected=_("numbers parted by points, such as 1 or 1.0")
        )
    return value


def _by_language(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or any(key not in LANGUAGES for key in value):
        raise Refused(_("Documents are lists beneath the keys id: and en:."))
    return value


Documents = Annotated[tuple[Annotated[Document, choice(*get_args(Document))], ...], maybe_empty,
                      AfterValidator(distinct())]  # fmt: skip


class Publication(Part):
    """What `kesos release` publishes.

    Attributes
    ----------
    version
        Of the next release; where it is empty, releases are counted.
    documents
        For each language the documents of the study; all that are delivered where nothing is said.
    profiles
        The documents of each region; their papers where nothing is said.
    figures
        Kinds of files for every figure.
    notebooks
        Whether the executed notebooks go along, packed into one archive.
    """

    version: Annotated[str, BeforeValidator(version_of)] = ""
    documents: Annotated[Mapping[Language, Documents] | None, BeforeValidator(_by_language)] = None
    profiles: (
        Annotated[tuple[Annotated[Profile, choice(*get_args(Profile))], ...], maybe_empty, AfterValidator(distinct())]
        | None
    ) = None
    figures: Annotated[
        tuple[Annotated[Picture, choice(*get_args(Picture))], ...], maybe_empty, AfterValidator(distinct())
    ] = ("svg",)
    notebooks: Flag = True

    def documents_of(self, deliverables: Any) -> Mapping[Language, tuple[Document, ...]]:
        """For each language the documents of the study that are published."""
        if self.documents is not None:
            return self.documents
        return {lang: tuple(deliverables.formats) for lang in deliverables.languages}

    def profiles_of(self, deliverables: Any) -> tuple[Profile, ...]:
        """The documents of each region that are published."""
        kinds: tuple[Profile, ...] = ("paper",) if self.profiles is None else self.profiles
        return tuple(kind for kind in kinds if kind in deliverables.formats)


def undelivered(said: Mapping[str, Any]) -> Iterator[Refused]:
    """Documents that would be published and are never made, or lead to one that is not published.

    Parameters
    ----------
    said
        The fields of a study that were read.
    """
    publication, deliverables = said.get("release"), said.get("deliverables")
    languages, formats = getattr(deliverables, "languages", LANGUAGES), getattr(deliverables, "formats", None)
    for lang, kinds in (getattr(publication, "documents", None) or {}).items():
        if kinds and lang not in languages:
            yield Refused(
                _("Documents in language {lang} are released and not delivered.", lang=lang),
                remedy=_("add it under deliverables, or take it out here"),
                at=("release", "documents", lang),
            )
        for position, kind in enumerate(kinds):
            if formats is not None and kind not in formats:
                yield _not_made(kind, ("release", "documents", lang, position))
    pages = [lang for lang, kinds in (getattr(publication, "documents", None) or {}).items() if "page" in kinds]
    if len(pages) == 1 and len(languages) > 1:
        yield Refused(
            _("The page in language {lang} has a link to the page in the other language.", lang=pages[0]),
            expected=_("both pages, or none"),
            at=("release", "documents", pages[0]),
        )
    for position, kind in enumerate(getattr(publication, "profiles", None) or ()):
        if formats is not None and kind not in formats:
            yield _not_made(kind, ("release", "profiles", position))


def _not_made(kind: str, at: tuple[str | int, ...]) -> Refused:
    return Refused(
        _("The document {kind} is released and not delivered.", kind=kind),
        remedy=_("add it under deliverables, or take it out here"),
        at=at,
    )
