"""A study's drafts become a release: looked at from all sides, then written whole, never overwritten."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kesos_research.errors import DisclosureError, KesosError, OutputError, Problems, Where
from kesos_research.language import _
from kesos_research.run import claimed
from kesos_research.run.contents import Contents
from kesos_research.run.drafts import Drafted, drafted
from kesos_research.run.folder import there_already, write_folder
from kesos_research.run.guarded import guarded
from kesos_research.run.log import Approval
from kesos_research.run.pipeline import Progress, folders, run_study
from kesos_research.run.released import versions_of
from kesos_research.run.search import Search
from kesos_research.run.write import alone
from kesos_research.study import Study
from kesos_research.study.survey import owed
from kesos_research.study.workspace import leads_inside


def approval_of(reviewer: str, reason: str) -> Approval | None:
    """From what was typed; none where nothing was.

    Raises
    ------
    DisclosureError
        When there is a name without a reason, or a reason without a name.
    """
    reviewer, reason = " ".join(reviewer.split()), " ".join(reason.split())
    if bool(reviewer) != bool(reason):
        raise DisclosureError(_("An approval needs a name and a reason."), expected='--approve "…" --reason "…"')
    return Approval(reviewer, reason) if reviewer else None


@dataclass(frozen=True)
class ReleaseReport:
    """What was released.

    Attributes
    ----------
    folder
        `reports/released/<study>/<version>`.
    files
        Paths in it.
    size
        Bytes of all of them.
    remarks
        What should be known.
    seconds
        How long it took.
    """

    folder: Path
    files: tuple[str, ...]
    size: int
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What people call it: study and version."""
        return f"{self.folder.parent.name}/{self.folder.name}"


def release_study(
    study: Study,
    *,
    version: str | None = None,
    approval: Approval | None = None,
    progress: Progress | None = None,
) -> ReleaseReport:
    """Release a study: run it, look at everything that would leave, and write it whole.

    Parameters
    ----------
    study
        The study. `study.release` says which documents are published.
    version
        Of the release; by default the study's own, or the next number.
    approval
        Who answers for what the guard did not pass. Nothing else can be approved: neither an identifier found, nor a
        claim missing.
    progress
        Told what is done now.

    Returns
    -------
    ReleaseReport

    Raises
    ------
    KesosError, Problems
        Everything that stands in the way at once; nothing is written then.
    """
    began = time.monotonic()
    folder = _folder(study, version)
    if folder.exists():
        raise there_already(folder)
    if not leads_inside(study.root, folder):
        raise OutputError(
            _("The folder of releases is a link that leads out of the workspace."),
            remedy=_("take the link away"),
            where=Where(file=f"reports/released/{study.id}"),
        )
    _together([*owed(study)])
    run = run_study(study, progress=progress)
    _together([*run.failures])
    drafts_folder, records = folders(study)
    with alone(records, drafts_folder):
        drafts = drafted(study, drafts_folder)
        seen = guarded(study, drafts)
        problems = [*claimed.incomplete(study, drafts), *seen.refused, *(() if approval else seen.errors)]
        answered = approval if seen.failures else None
        contents = Contents(study, folder.name, drafts, seen, answered)
        search = Search(study)
        scans = {path: search(data, path) for path, data in contents.scanned.items()}
        files = contents.files(scans)
        scans |= {path: search(data, path) for path, data in files.items() if path not in (*scans, contents.archive)}
        _together([*problems, *(found for path in sorted(scans) for found in scans[path].problems())])
        write_folder(folder, files)
    return ReleaseReport(
        folder,
        tuple(sorted(files)),
        sum(map(len, files.values())),
        tuple(_remarks(drafts, unneeded=approval is not None and answered is None)),
        time.monotonic() - began,
    )


def _folder(study: Study, version: str | None) -> Path:
    released = study.root / "reports" / "released" / study.id
    if version := version or study.release.version:
        return released / version
    counted = [int(name) for name in versions_of(released) if name.isdecimal()]
    return released / str(max(counted, default=0) + 1)


def _remarks(drafts: Drafted, *, unneeded: bool) -> Iterator[str]:
    if unneeded:
        yield _("Nothing needed an approval, and none was written down.")
    if (drafts.manifest.get("commit") or {}).get("changed"):
        yield _("Files of the workspace differ from its last commit: nobody else can get back to just this state.")


def _together(problems: Sequence[KesosError]) -> None:
    """Raise what was found, each once; nothing where nothing was."""
    single = [one for error in problems for one in (error.problems if isinstance(error, Problems) else (error,))]
    distinct = list({str(error): error for error in single}.values())
    if distinct:
        raise distinct[0] if len(distinct) == 1 else Problems(distinct)
