"""A study's drafts, looked at as strictly as a release needs: whole, made from what is there now, unchanged since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kesos_research.errors import KesosError, OutputError, Problems, Where
from kesos_research.language import LANGUAGES, Language, _
from kesos_research.run import names
from kesos_research.run.inputs import digest, file_digest, package_digest, study_files, versions
from kesos_research.run.jobs import Job, jobs
from kesos_research.run.manifest import Manifest
from kesos_research.run.names import CLAIMS, Sheet
from kesos_research.study import Study


@dataclass(frozen=True)
class Unit:
    """Notebooks that are told together, and the documents of theirs that are published.

    Attributes
    ----------
    results
        `report.Results` of the notebooks.
    sheets
        The documents to be published.
    notebook
        The one notebook that a profile tells; None for those of the study as a whole.
    """

    results: Any
    sheets: tuple[Sheet, ...]
    notebook: Path | None = None


@dataclass(frozen=True)
class Drafted:
    """What is to be published.

    Attributes
    ----------
    manifest
        What the last run said.
    files
        Bytes of documents and figures by their path.
    notebooks
        Bytes of every executed notebook by its path.
    claims
        Bytes of claims.json.
    units
        Who tells what.
    """

    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    notebooks: Mapping[str, bytes]
    claims: bytes
    units: tuple[Unit, ...]


def drafted(study: Study, folder: Path) -> Drafted:
    """The drafts of a study that are published, just as its manifest has them.

    Parameters
    ----------
    study
        The study.
    folder
        Where its drafts lie.

    Raises
    ------
    OutputError, Problems
        For drafts that are not there, not whole, changed by hand, or made from something else: all of it at once.
    """
    from kesos_research.report.collect import collect

    manifest, todo = Manifest.read(folder), jobs(study)
    books = {job: names.notebook(study, job) for job in todo}
    problems = [*_not_whole(manifest), *_other_inputs(study, manifest)]
    read = _Reader(folder, manifest)
    notebooks = {path: read(path) for path in books.values()}
    claims = read(CLAIMS)
    _together([*problems, *read.problems])
    units = []
    for told in _told_together(todo):
        paths = [folder / books[job] for job in told]
        units.append(Unit(collect(paths), _published(study, told[0]), paths[0] if told[0].region else None))
    wanted = [path for unit in units for path in (*(s.path for s in unit.sheets), *_figures(study, unit))]
    files = {path: read(path) for path in wanted}
    _together(read.problems)
    return Drafted(manifest.said, files, notebooks, claims, tuple(units))


def languages(study: Study) -> tuple[Language, ...]:
    """Languages in which anything is published."""
    documents = study.release.documents_of(study.deliverables)
    return tuple(lang for lang in LANGUAGES if documents.get(lang))


def _told_together(todo: tuple[Job, ...]) -> Iterator[tuple[Job, ...]]:
    whole = tuple(job for job in todo if job.region is None)
    if whole:
        yield whole
    yield from ((job,) for job in todo if job.region is not None)


def _published(study: Study, job: Job) -> tuple[Sheet, ...]:
    if job.region is not None:
        return names.profile_sheets(study, job, languages(study), study.release.profiles_of(study.deliverables))
    documents = study.release.documents_of(study.deliverables)
    return tuple(s for lang in languages(study) for s in names.study_sheets(study, [lang], documents[lang]))


def _figures(study: Study, unit: Unit) -> Iterator[str]:
    from kesos_research.run.documents import figure_paths

    if unit.notebook is None:
        for path in figure_paths(study, unit.results, languages(study)):
            if path.rpartition(".")[2] in study.release.figures:
                yield path


class _Reader:
    """Reads drafts and holds them against their manifest; what does not fit is kept in `problems`."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder, self._manifest = folder, manifest
        self._edited = {entry["beside"] for entry in manifest.outputs.values() if entry.get("beside")}
        self.problems: list[KesosError] = []

    def __call__(self, path: str) -> bytes:
        where = Where(file=f"reports/drafts/{self._folder.name}/{path}")
        try:
            data = (self._folder / path).read_bytes()
        except OSError:
            data = None
        known = self._manifest.outputs.get(path, {}).get("sha256")
        if path in self._edited or (data is not None and known is not None and digest(data) != known):
            self.problems.append(
                OutputError(
                    _("The draft was changed by hand, and nobody has checked its numbers."),
                    expected=_("the document as it was made from the study"),
                    remedy=_("bring the change into the narrative, move this file away, and release again"),
                    where=where,
                )
            )
        elif data is None or known is None:
            self.problems.append(
                OutputError(
                    _("The draft is missing."), remedy=_("make it: {command}", command="kesos run"), where=where
                )
            )
        return data or b""


def _not_whole(manifest: Manifest) -> Iterator[KesosError]:
    if not manifest.said:
        yield OutputError(_("There is no whole manifest of the drafts."), remedy=_("run the study again"))
        return
    for check in manifest.said.get("checks", ()):
        if check.get("name") == "notebooks" and check.get("status") != "pass":
            failed = ", ".join(map(str, check.get("failed", ())))
            yield OutputError(_("Notebooks have failed: {names}.", names=failed), remedy=_("run the study again"))


def _other_inputs(study: Study, manifest: Manifest) -> Iterator[KesosError]:
    """What the drafts were made from and is no longer so."""
    if not manifest.said:
        return
    books = dict.fromkeys(study.notebook(use.notebook) for use in study.notebooks)
    now = {**study_files(study), **{b.relative_to(study.root).as_posix(): file_digest(b, study) for b in books}}
    made_from = manifest.said.get("inputs", {})
    for path in sorted({*now, *made_from}):
        if now.get(path) != made_from.get(path):
            yield OutputError(
                _("The drafts were made from another edition of this file."),
                remedy=_("run the study again"),
                where=Where(file=path),
            )
    if manifest.said.get("package") != package_digest() or manifest.said.get("versions") != versions():
        yield OutputError(
            _("The drafts were made by another edition of kesos or its libraries."), remedy=_("run the study again")
        )


def _together(problems: list[KesosError]) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else Problems(problems)
