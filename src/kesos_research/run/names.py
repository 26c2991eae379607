"""What the outputs of a study are called. Names survive being e-mailed: they say study, kind and language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kesos_research.errors import DocumentError
from kesos_research.language import Language, _
from kesos_research.run.jobs import Job
from kesos_research.study import Format, Study

KINDS: Mapping[Language, Mapping[str, str]] = {
    "id": {"paper": "makalah", "slides": "paparan", "page": "laman", "annex": "lampiran"},
    "en": {"paper": "paper", "slides": "slides", "page": "page", "annex": "annex"},
}
MARK = "sintetis"
"""Stands in the name of every file of a study with invented rows."""
CLAIMS, MANIFEST = "claims.json", "manifest.json"
SUMS, NOTEBOOKS, GUARD = "SHA256SUMS", "notebooks.tar.xz", "pengungkapan.json"
"""Of a release: hashes of its files, its executed notebooks, the guard's records."""
LOG: Mapping[Language, str] = {"id": "catatan-pengungkapan.id.md", "en": "disclosure-log.en.md"}
SHEET: Mapping[Language, str] = {"id": "lembar-statistik.id.md", "en": "statistical-sheet.en.md"}


@dataclass(frozen=True)
class Sheet:
    """One document file to be made: where it goes, and how."""

    path: str
    kind: str
    """`paper`, `slides`, `page`, `annex` or `profile`."""
    lang: Language
    suffix: str


_OF_STUDY: Mapping[Format, tuple[str, str]] = {
    "paper": ("paper", "pdf"),
    "docx": ("paper", "docx"),
    "slides": ("slides", "pptx"),
    "page": ("page", "html"),
    "annex": ("annex", "xlsx"),
}
_OF_PROFILE: Mapping[Format, str] = {"paper": "pdf", "docx": "docx", "page": "html"}


def study_sheets(study: Study, languages: Sequence[Language], formats: Sequence[Format]) -> tuple[Sheet, ...]:
    """The documents that tell the whole study."""
    made = []
    for lang in languages:
        for kind, suffix in (_OF_STUDY[f] for f in formats):
            path = f"{lang}/{marked(study, study.id, KINDS[lang][kind])}_{lang}.{suffix}"
            made.append(Sheet(path, kind, lang, suffix))
    return tuple(made)


def profile_sheets(
    study: Study, job: Job, languages: Sequence[Language], formats: Sequence[Format]
) -> tuple[Sheet, ...]:
    """The documents that tell one region's notebook."""
    assert job.region is not None
    code = job.region.code
    stem = _stem(job).removesuffix("_wilayah")
    name = marked(study, stem, code, job.region.slug)
    return tuple(
        Sheet(f"wilayah/{code}/{name}_{lang}.{_OF_PROFILE[f]}", "profile", lang, _OF_PROFILE[f])
        for lang in languages
        for f in formats
        if f in _OF_PROFILE
    )


def notebook(study: Study, job: Job) -> str:
    """The executed notebook."""
    return f"notebooks/{marked(study, job.name)}.ipynb"


def figure(study: Study, id: str, lang: Language, suffix: str) -> str:
    """A figure as a file of its own; an id that is no plain name would lead elsewhere."""
    if not re.fullmatch(r"[\w-]+", id):
        raise DocumentError(
            _("{id} cannot be the id of this exhibit.", id=repr(id)),
            expected=_("{prefix} and letters, digits, hyphens", prefix="'fig-'"),
        )
    return f"figures/{marked(study, id)}_{lang}.{suffix}"


def of_release(study: Study, name: str) -> str:
    """One of the files that a release has besides its documents: `claims.json`, or `claims_sintetis.json`."""
    stem, point, rest = name.partition(".")
    return f"{marked(study, stem)}{point}{rest}"


def other_language(study: Study, sheet: Sheet) -> str:
    """The same document in the other language, as a link from this one; empty where it is not delivered."""
    other: Language = "en" if sheet.lang == "id" else "id"
    if other not in study.deliverables.languages:
        return ""
    if sheet.kind == "profile":
        return sheet.path.rsplit("/", 1)[-1].removesuffix(f"_{sheet.lang}.{sheet.suffix}") + f"_{other}.{sheet.suffix}"
    return f"../{other}/{marked(study, study.id, KINDS[other][sheet.kind])}_{other}.{sheet.suffix}"


def marked(study: Study, *parts: str) -> str:
    """Parts of a name, with the mark of invented rows where the study has any."""
    return "_".join([*parts, *([MARK] if study.synthetic else [])])


def _stem(job: Job) -> str:
    return f"{job.notebook.stem}_{job.nth}" if job.nth > 1 else job.notebook.stem
