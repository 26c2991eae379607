"""A study from its document to its drafts: notebooks, documents, claims, manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Semaphore
from typing import Any

from kesos_research.errors import KesosError, Problems
from kesos_research.language import LANGUAGES, Language, _, both, current
from kesos_research.run import claims, documents, names
from kesos_research.run.batch import AT_ONCE, executed
from kesos_research.run.cache import Cache
from kesos_research.run.inputs import (
    commit,
    digest,
    digest_of,
    file_digest,
    package_digest,
    pseudonym_keys,
    rows_and_plan,
    study_files,
    versions,
)
from kesos_research.run.jobs import Job, jobs
from kesos_research.run.kernel import World
from kesos_research.run.manifest import Manifest
from kesos_research.run.names import CLAIMS, MANIFEST, Sheet
from kesos_research.run.press import Press
from kesos_research.run.write import Drafts, Output, Placed, alone, as_json, write_whole
from kesos_research.study import FORMATS, Format, Study

Progress = Callable[[str, int, int], None]
"""Called with what is done now, how many steps are done, and how many there are."""


@dataclass(frozen=True)
class RunReport:
    """What a run left behind.

    Attributes
    ----------
    folder
        Where the drafts lie.
    outputs
        Every file that was asked for and is now there, whether written now or before.
    kept
        Files that a colleague had changed, each with the new edition beside it.
    failures
        What did not finish, and why; outputs of earlier runs are then still there.
    remarks
        What a careful editor would say of the documents made now.
    seconds
        How long it took.
    """

    folder: Path
    outputs: tuple[Path, ...]
    kept: tuple[tuple[Path, Path], ...] = ()
    failures: tuple[KesosError, ...] = ()
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        return KesosError.exit_code if self.failures else 0


def run_study(
    study: Study,
    *,
    only: str | None = None,
    languages: Sequence[Language] | None = None,
    formats: Sequence[Format] | None = None,
    reports: Path | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Run a study: its notebooks, and every document they tell. What is there already and still true stays.

    Parameters
    ----------
    study
        The study.
    only
        A treated region's code: just that region's notebooks and documents.
    languages, formats
        Just these; other outputs of earlier runs stay. By default what the study delivers.
    reports
        Another folder than the workspace's `reports/`, which then stays untouched; nothing there is known yet.
    progress
        Told what is done now.

    Returns
    -------
    RunReport
        With what failed: one failing region never stops the others.

    Raises
    ------
    KesosError
        When nothing could be begun: a parameter the notebook does not know, a folder that cannot be written.
    """
    began = time.monotonic()
    todo = jobs(study, only=only)
    folder, records = folders(study, reports)
    with alone(records, folder):
        asked = _Asked(
            tuple(languages or study.deliverables.languages), tuple(formats or study.deliverables.formats), only
        )
        run = _Run(study, todo, asked, folder, records, progress=progress or (lambda *_: None))
        return run.report(began)


def folders(study: Study, reports: Path | None = None) -> tuple[Path, Path]:
    """Where the drafts lie, and hidden beside them what runs remember; deleting that loses nothing but time."""
    drafts = (reports or study.root / "reports") / "drafts"
    return drafts / study.id, drafts / ".cache" / study.id


@dataclass(frozen=True)
class _Asked:
    languages: tuple[Language, ...]
    formats: tuple[Format, ...]
    only: str | None


@dataclass
class _Unit:
    """Notebooks that are told together, those of the study as a whole or one region's. All their files, or none."""

    label: str
    jobs: tuple[Job, ...]
    sheets: tuple[Sheet, ...]
    figures: tuple[Language, ...] = ()
    done: dict[Job, Path] = field(default_factory=dict)


class _Run:
    def __init__(
        self,
        study: Study,
        todo: Sequence[Job],
        asked: _Asked,
        folder: Path,
        records: Path,
        *,
        progress: Progress,
    ) -> None:
        self.study, self.asked = study, asked
        self.folder, self.records = folder, records
        self.progress = progress
        self.todo = tuple(todo)
        self.units = self._units()
        self.earlier = Manifest.read(self.folder)
        self.drafts = Drafts(self.folder, self.records, self.earlier.hashes)
        self.placed: list[Placed] = []
        self.states: dict[str, tuple[str, ...]] = {}
        self.failures: list[KesosError] = []
        self.remarks: list[str] = []
        self.finished: dict[Job, Path] = {}
        self.steps = 0

    def report(self, began: float) -> RunReport:
        """Do it all."""
        self.drafts.ready([*(s.path for u in self.units for s in u.sheets), CLAIMS, MANIFEST])
        self.files = study_files(self.study)
        # without the claims of earlier runs nothing tells which of them a finished document states
        self.trusted = self.earlier.finished(self.folder, [CLAIMS], "") is not None
        self.claims = claims.read(self.folder) if self.trusted else {}
        self._notebooks()
        if self.placed:
            self._finish()
        self._say(_("Done"), last=True)
        return RunReport(
            self.folder,
            tuple(self.folder / p.path for p in self.placed),
            tuple((self.folder / p.kept, self.folder / p.path) for p in self.placed if p.kept),
            tuple(self.failures),
            tuple(dict.fromkeys(self.remarks)),
            time.monotonic() - began,
        )

    def _units(self) -> tuple[_Unit, ...]:
        whole = tuple(job for job in self.todo if job.region is None)
        units = []
        if whole:
            sheets = names.study_sheets(self.study, self.asked.languages, self.asked.formats)
            units.append(_Unit(self.study.id, whole, sheets, self.asked.languages))
        for job in self.todo:
            if job.region is not None:
                sheets = names.profile_sheets(self.study, job, self.asked.languages, self.asked.formats)
                units.append(_Unit(job.label, (job,), sheets))
        return tuple(units)

    def _say(self, what: str, *, last: bool = False) -> None:
        total = len(self.todo) + len(self.units) + 1
        self.progress(what, total if last else self.steps, total)

    # --- notebooks, and the documents of each unit as soon as its notebooks are there

    def _notebooks(self) -> None:
        world = World(self.study.seed, self.study.date, current(), self.study.deliverables.languages[0])
        cache = Cache(self.records, self.study)
        unit_of = {job: unit for unit in self.units for job in unit.jobs}
        self._say(_("Notebooks"))
        lanes, left = Semaphore(AT_ONCE), len(self.todo)
        come = executed(self.todo, self.study, cache, rows_and_plan(self.files), world, lanes=lanes)
        # closed even when broken off, so that no kernel goes on
        with closing(come), Press(self.study, AT_ONCE) as press:
            for job, came in come:
                left -= 1
                unit = unit_of[job]
                self.steps += 1
                self._say(_("{name}: notebook", name=job.label))
                if isinstance(came, KesosError):
                    self._failed(came)
                    continue
                unit.done[job] = came
                if len(unit.done) == len(unit.jobs):
                    self._say(_("{name}: documents", name=unit.label))
                    with lanes:
                        self._documents(unit, press, alone=left > 0)
                    self.steps += 1

    def _documents(self, unit: _Unit, press: Press, *, alone: bool) -> None:
        from kesos_research.report.collect import collect

        paths = [unit.done[job] for job in unit.jobs]
        books = {names.notebook(self.study, job): unit.done[job].read_bytes() for job in unit.jobs}
        made_from = self._made_from(books)
        try:
            results = collect(paths)
            drawn = documents.figure_paths(self.study, results, unit.figures)
            there = {p: self._there([p], made_from) for p in (*(s.path for s in unit.sheets), *drawn)}
            order = documents.Order(
                tuple(paths),
                tuple(sheet for sheet in unit.sheets if not there[sheet.path]),
                () if all(there[path] for path in drawn) else unit.figures,
                profile=unit.jobs[0].region is not None,
            )
            made = press.make(results, order, alone=alone)
            files = {**made.files, **books}
            placed = self.drafts.place([Output(path, data, made_from) for path, data in files.items()])
        except KesosError as error:
            self._failed(error)
            return
        now = {p.kept or p.path for p in placed}
        self.placed += [*placed, *(p for found in there.values() for p in found or () if (p.kept or p.path) not in now)]
        at = {p.kept or p.path: p.path for p in placed}
        self.states |= {at[path]: stated for path, stated in made.states.items()}
        self.remarks += made.remarks
        self.finished |= {job: unit.done[job] for job in unit.jobs}

    def _there(self, paths: list[str], made_from: str) -> list[Placed] | None:
        """Where outputs of earlier runs lie that need not be made again."""
        return self.earlier.finished(self.folder, paths, made_from) if self.trusted else None

    def _made_from(self, books: dict[str, bytes]) -> str:
        return digest_of(
            {
                "files": self.files,
                "notebooks": {path: digest(data) for path, data in books.items()},
                # documents of the study tell what the notebooks of its regions call
                "sources": [file_digest(self.study.notebook(u.notebook), self.study) for u in self.study.notebooks],
                "package": package_digest(),
                "versions": versions(),
            }
        )

    def _failed(self, error: KesosError) -> None:
        self.failures += error.problems if isinstance(error, Problems) else [error]

    # --- what says that all is there

    def _finish(self) -> None:
        from kesos_research.report.collect import collect

        try:
            results = collect([self.finished[job] for job in self.todo if job in self.finished])
            whole = self.asked.only is None and len(self.finished) == len(self.todo)
            outputs = self.earlier.with_outputs(self.folder, self.placed)
            data = claims.document(self.study, results.claims, self.states, self.claims, there={*outputs}, whole=whole)
            self.placed += self.drafts.place([Output(CLAIMS, data, "")])
            manifest = as_json(self._manifest(results))
            write_whole(self.folder / MANIFEST, manifest, self.folder)
        except KesosError as error:
            self._failed(error)
            return
        self.placed.append(Placed(MANIFEST, "", ""))

    def _manifest(self, results: Any) -> dict[str, Any]:
        said = self.earlier.said
        study = self.study
        books = dict.fromkeys(study.notebook(use.notebook) for use in study.notebooks)
        inputs = {**self.files, **{b.relative_to(study.root).as_posix(): file_digest(b, study) for b in books}}
        parameters = {**said.get("parameters", {}), **{job.name: dict(job.parameters) for job in self.finished}}
        failed = [job.name for job in self.todo if job not in self.finished]
        return {
            "study": study.id,
            "synthetic": study.synthetic,
            "commit": commit(study.root),
            "versions": versions(),
            "package": package_digest(),
            "seeds": {"study": study.seed, "kernel": study.seed, "hash": 0},
            "languages": [x for x in LANGUAGES if x in {*said.get("languages", ()), *self.asked.languages}],
            "formats": [x for x in FORMATS if x in {*said.get("formats", ()), *self.asked.formats}],
            "parameters": dict(sorted(parameters.items())),
            "checks": self._checks(results, failed),
            "inputs": dict(sorted(inputs.items())),
            **({"pseudonym_keys": keys} if (keys := pseudonym_keys(study)) else {}),
            "outputs": self.earlier.with_outputs(self.folder, self.placed),
        }

    def _checks(self, results: Any, failed: list[str]) -> list[dict[str, Any]]:
        from kesos_research.report.exhibit import Table

        done = len(self.todo) - len(failed)
        checks: list[dict[str, Any]] = [
            {
                "name": "notebooks",
                "status": "fail" if failed else "pass",
                "text": both("{n} of {all} notebooks and their documents are done.", n=done, all=len(self.todo)),
                "failed": failed,
            }
        ]
        for told in results.sequences.values():
            for id, exhibit in told.exhibits.items():
                if isinstance(exhibit, Table) and {"check", "status"} <= {c.key for c in exhibit.columns}:
                    found = [row for row in exhibit.rows if "check" in row]
                    checks += [
                        {"name": f"{told.notebook}:{id}", "status": r["status"], "text": r["check"]} for r in found
                    ]
        return checks
